// The child of a fork sends nothing that its parent recorded.
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "core/registry.h"

using argus::core::Kind;
using argus::core::Registry;
using argus::core::Shard;
using argus::core::Window;

namespace {

void the_child_begins_anew_and_the_parent_goes_on() {
  Registry registry;
  const uint32_t counter = registry.resolve(Kind::counter, "c", nullptr, 0, true);
  const auto add = [&](double value) {
    Shard& shard = registry.shard();
    shard.add(shard.counter(counter), value);
  };
  add(5.0);
  const pid_t child = fork();
  if (child == 0) {
    registry.rebaseline();
    const bool nothing = registry.drain().counters.series.empty();
    add(2.0);
    const Window window = registry.drain();
    const bool own = window.counters.sum.size() == 1 && window.counters.sum[0] == 2.0;
    _exit(nothing && own ? 0 : 1);
  }
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  CHECK(registry.drain().counters.sum.at(0) == 5.0);
}

}  // namespace

TEST_MAIN(the_child_begins_anew_and_the_parent_goes_on())
