// What watches over the frames: their rate, and reports that must not become a flood.
#include <cmath>

#include "program/frame_rate.h"
#include "program/rate_limit.h"
#include "tests/check.h"

namespace {

void the_frame_rate_is_said_once_a_second() {
  terrain::FrameRate rate;
  int said = 0;
  for (int frame = 0; frame <= 250; ++frame) {
    const auto answer = rate.frame(100.0 + frame * 0.02);
    if (!answer) continue;
    ++said;
    CHECK(std::fabs(*answer - 50.0) < 0.5);
  }
  CHECK(said >= 4 && said <= 5);
}

void one_report_passes_and_the_others_are_counted() {
  terrain::RateLimit limit(10.0);
  CHECK(limit.admit(5.0) == 0U);
  CHECK(!limit.admit(6.0));
  CHECK(!limit.admit(14.9));
  CHECK(limit.admit(15.0) == 2U);
  CHECK(limit.admit(99.0) == 0U);
}

}  // namespace

int main() {
  the_frame_rate_is_said_once_a_second();
  one_report_passes_and_the_others_are_counted();
}
