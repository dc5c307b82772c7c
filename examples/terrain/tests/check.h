// A failed check says where and what, and the test ends.
#pragma once

#include <cstdio>
#include <cstdlib>

#define CHECK(condition)                                                                     \
  do {                                                                                       \
    if (condition) break;                                                                    \
    std::fprintf(stderr, "%s:%d: this does not hold: %s\n", __FILE__, __LINE__, #condition); \
    std::exit(EXIT_FAILURE);                                                                 \
  } while (false)
