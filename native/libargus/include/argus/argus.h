/* libargus, C interface, version 1.
 *
 * Conventions
 *  1. Handles are opaque. Each `…_new` has its `…_free`; freeing NULL does nothing.
 *  2. Strings are pointer + length, UTF-8, not terminated; libargus copies what it keeps. Strings it returns belong to
 *     the object they came from and live as long as that.
 *  3. Functions that can fail return ARGUS_OK or an error code (or NULL where they return a handle);
 *     argus_last_error() then says in words what was wrong, per thread.
 *  4. No exception crosses this interface.
 *  5. Recording (`argus_counter_add`, `argus_gauge_set`, `argus_timer_record`) may be called from any thread at any
 *     time. It takes no lock, does no I/O and cannot fail: values that are not finite, or negative where that makes
 *     no sense, are refused and counted in argus_stats.rejected.
 *  6. A series handle keeps its series, and its registry, alive until it is freed. Recording through one is also
 *     safe in a signal handler and while static objects are destroyed; through NULL it does nothing.
 *  7. Recording by name resolves the name first; a name new to the registry takes the registry's lock once.
 *  8. Drain, peek and rebaseline belong to one thread at a time.
 *  9. Times and timings are in seconds. Structs that may grow begin with their size; an older header's is understood.
 */
#ifndef ARGUS_ARGUS_H
#define ARGUS_ARGUS_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define ARGUS_API
#else
#define ARGUS_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define ARGUS_ABI_VERSION 1

/* The numbers are part of the interface: do not change them. */
typedef enum argus_status {
  ARGUS_OK = 0,
  ARGUS_INVALID = 1, /* a name, tag or option is wrong */
  ARGUS_NO_MEMORY = 2
} argus_status;

typedef enum argus_kind { ARGUS_COUNTER = 0, ARGUS_GAUGE = 1, ARGUS_TIMING = 2 } argus_kind;

typedef struct argus_registry argus_registry;
typedef struct argus_series argus_series;
typedef struct argus_window argus_window;

typedef struct argus_string {
  const char* data;
  size_t size;
} argus_string;

typedef struct argus_tag {
  argus_string key;
  argus_string value;
} argus_tag;

typedef struct argus_options {
  size_t size;           /* sizeof(argus_options) */
  uint32_t max_series;   /* 0: 10 000 */
  uint32_t idle_windows; /* 0: 360 */
} argus_options;

typedef struct argus_stats {
  uint64_t series;     /* held now */
  uint64_t rejected;   /* values refused */
  uint64_t overflowed; /* records over the series limit, kept in an overflow series */
  uint64_t expired;    /* series forgotten because they were idle */
  uint64_t bytes;      /* memory of all cells */
} argus_stats;

typedef struct argus_bin {
  uint32_t index;
  uint64_t count;
} argus_bin;

/* One row of a window; fields that a kind does not have are 0. `bins` is the sketch of a timing, ascending by index;
 * `count` less the counts of the bins is the zero bucket. */
typedef struct argus_summary {
  argus_string key; /* name{tag=value,…}, see wire-format.md */
  uint64_t count;
  double sum, min, max, last;
  const argus_bin* bins;
  size_t bin_count;
} argus_summary;

ARGUS_API int argus_abi_version(void);
ARGUS_API const char* argus_last_error(void);

/* `options` may be NULL. */
ARGUS_API argus_registry* argus_registry_new(const argus_options* options);
ARGUS_API void argus_registry_free(argus_registry* registry);
ARGUS_API argus_status argus_set_constant_tags(argus_registry* registry, const argus_tag* tags, size_t count);
ARGUS_API void argus_get_stats(argus_registry* registry, argus_stats* stats);

/* In the child of a fork: forget what was recorded and not drained. */
ARGUS_API void argus_rebaseline(argus_registry* registry);

ARGUS_API argus_series* argus_series_new(argus_registry* registry, argus_kind kind, argus_string name,
                                         const argus_tag* tags, size_t tag_count);
ARGUS_API void argus_series_free(argus_series* series);

/* Record by handle. The handle must be of the function's kind. */
ARGUS_API void argus_counter_add(argus_series* counter, double value);
ARGUS_API void argus_gauge_set(argus_series* gauge, double value);
ARGUS_API void argus_timer_record(argus_series* timer, double seconds);

/* A stretch of time: `argus_clock` at its begin, `argus_timer_record_since` with that at its end. The clock's unit is
 * its own: the CPU's time-stamp counter where that is invariant, else nanoseconds of the steady clock. Make the timer
 * first: that finds out which. */
ARGUS_API uint64_t argus_clock(void);
ARGUS_API void argus_timer_record_since(argus_series* timer, uint64_t began);

/* Record by name. */
ARGUS_API argus_status argus_increment(argus_registry* registry, argus_string name, double value, const argus_tag* tags,
                                       size_t tag_count);
ARGUS_API argus_status argus_gauge(argus_registry* registry, argus_string name, double value, const argus_tag* tags,
                                   size_t tag_count);
ARGUS_API argus_status argus_timing(argus_registry* registry, argus_string name, double seconds, const argus_tag* tags,
                                    size_t tag_count);

/* What was recorded since the last drain. Peek leaves it there. NULL when memory is exhausted. */
ARGUS_API argus_window* argus_drain(argus_registry* registry);
ARGUS_API argus_window* argus_peek(argus_registry* registry);
ARGUS_API void argus_window_free(argus_window* window);
ARGUS_API size_t argus_window_size(const argus_window* window, argus_kind kind);
ARGUS_API argus_status argus_window_row(const argus_window* window, argus_kind kind, size_t row,
                                        argus_summary* summary);

/* The sketch's arithmetic. */
ARGUS_API uint32_t argus_bin_index(double value);
ARGUS_API double argus_bin_midpoint(uint32_t index);
ARGUS_API double argus_quantile(const argus_bin* bins, size_t bin_count, uint64_t zeros, double q, double min,
                                double max);

#ifdef __cplusplus
}
#endif

#endif
