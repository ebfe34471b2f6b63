/* SPDX-License-Identifier: MIT
 *
 * What measuring programs share: the clock, and the median of times. */
#ifndef GM_BENCH_CLOCK_H
#define GM_BENCH_CLOCK_H

#include <stdlib.h>
#include <time.h>

/** Seconds. */
static inline double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static inline int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/** Sorts them. */
static inline double median(double *times, int count) {
  qsort(times, (size_t)count, sizeof *times, by_value);
  return times[count / 2];
}

#endif
