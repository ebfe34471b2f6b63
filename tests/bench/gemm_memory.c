/* SPDX-License-Identifier: MIT
 *
 * The benchmark's memory: operands on huge pages. */
#include "gemm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGE = 1 << 21, LINE = 64, MOST_TAKEN = 256 };

static void *taken[MOST_TAKEN];
static int taken_count;

/** Each begins at another line of its page, so that operands do not meet in one set of a cache. */
void *memory_take(size_t bytes) {
  size_t offset = (size_t)(taken_count * 5 % 32) * LINE, size = (bytes + offset + PAGE - 1) / PAGE * PAGE;
  void *base = taken_count < MOST_TAKEN ? aligned_alloc(PAGE, size) : NULL;
  if (!base) {
    fprintf(stderr, "no memory for %zu bytes\n", bytes);
    exit(1);
  }
  madvise(base, size, MADV_HUGEPAGE);
  memset(base, 0, size);
  taken[taken_count++] = base;
  return (char *)base + offset;
}

void memory_drop(void) {
  while (taken_count) free(taken[--taken_count]);
}
