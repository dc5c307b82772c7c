// The few macros our tests need: a failed check says where and what, and the program exits with 1 at its end.
#pragma once

#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace argus::testing {

inline int failures = 0;

inline void report(const char* file, int line, const char* what) {
  std::fprintf(stderr, "%s:%d: failed: %s\n", file, line, what);
  ++failures;
}

}  // namespace argus::testing

#define CHECK(condition)                                                      \
  do {                                                                        \
    if (!(condition)) argus::testing::report(__FILE__, __LINE__, #condition); \
  } while (false)
#define CHECK_NEAR(a, b, tolerance) CHECK(std::fabs((a) - (b)) <= (tolerance))

#define TEST_MAIN(...)                                                    \
  int main() {                                                            \
    __VA_ARGS__;                                                          \
    std::printf("%s\n", argus::testing::failures == 0 ? "ok" : "FAILED"); \
    return argus::testing::failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;   \
  }
