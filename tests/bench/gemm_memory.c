/* SPDX-License-Identifier: MIT
 *
 * The benchmark's memory: operands on huge pages, and the program's own malloc, which counts calls (glibc's
 * functions behind names that count). */
#include "gemm.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGE = 1 << 21, LINE = 64, MOST_TAKEN = 256 };

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
static atomic_ulong allocations;

void *malloc(size_t size) {
  atomic_fetch_add(&allocations, 1);
  return __libc_malloc(size);
}
void *calloc(size_t count, size_t size) {
  atomic_fetch_add(&allocations, 1);
  return __libc_calloc(count, size);
}
void *realloc(void *old, size_t size) {
  atomic_fetch_add(&allocations, 1);
  return __libc_realloc(old, size);
}
void *aligned_alloc(size_t alignment, size_t size) {
  atomic_fetch_add(&allocations, 1);
  return __libc_memalign(alignment, size);
}
int posix_memalign(void **out, size_t alignment, size_t size) {
  atomic_fetch_add(&allocations, 1);
  *out = __libc_memalign(alignment, size);
  return *out ? 0 : ENOMEM;
}

unsigned long memory_allocations(void) {
  return allocations;
}

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
