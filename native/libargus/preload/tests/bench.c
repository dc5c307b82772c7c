// What a hooked call costs in processor time, with the function behind it doing next to nothing: run with and without
// the library preloaded.
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include "gl_double.h"

enum { CALLS = 2000000 };

int main(void) {
  struct timespec began, ended;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &began);
  for (int i = 0; i < CALLS; ++i) glXSwapBuffers(NULL, 1);
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ended);
  const double seconds = (double)(ended.tv_sec - began.tv_sec) + 1e-9 * (double)(ended.tv_nsec - began.tv_nsec);
  printf("%.2f\n", 1e9 * seconds / CALLS);
  return 0;
}
