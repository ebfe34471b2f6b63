/* SPDX-License-Identifier: MIT
 *
 * Strided runs: one loop for each element size there is, so that the compiler knows the width of each move.
 * The elements go through memcpy, which is free and no aliasing rule forbids. */
#include "kernel/strided.h"

#include <string.h>

/* Elements of a dense run that are written one by one; and those that are copied at a time, at most. */
enum { FEW = 32, MOST = 512 };

#define LOOPS(bytes)                                                                                         \
  static void copy_##bytes(char *to, int64_t to_stride, const char *from, int64_t from_stride, size_t n) {   \
    for (size_t i = 0; i < n; i++) {                                                                         \
      memcpy(to, from, bytes);                                                                               \
      to += to_stride * bytes;                                                                               \
      from += from_stride * bytes;                                                                           \
    }                                                                                                        \
  }                                                                                                          \
  static void fill_##bytes(char *to, int64_t stride, const void *value, size_t n) {                          \
    char kept[bytes];                                                                                        \
    memcpy(kept, value, bytes);                                                                              \
    for (size_t i = 0; i < n; i++) memcpy(to + (int64_t)i * stride * bytes, kept, bytes);                    \
  }                                                                                                          \
  static void dense_##bytes(char *to, const void *value, size_t n) {                                         \
    char kept[bytes];                                                                                        \
    memcpy(kept, value, bytes);                                                                              \
    for (size_t i = 0; i < n; i++) memcpy(to + i * bytes, kept, bytes);                                      \
  }

LOOPS(1)
LOOPS(2)
LOOPS(4)
LOOPS(8)
LOOPS(16)

void gm__strided_copy(
    void *to, int64_t to_stride, const void *from, int64_t from_stride, size_t count, size_t size) {
  if (to_stride == 1 && from_stride == 1) {
    if (to != from && count > 0) memcpy(to, from, count * size);
    return;
  }
  if (from_stride == 0 && count > 0) {
    gm__strided_fill(to, to_stride, from, count, size);
    return;
  }
  switch (size) {
  case 1: copy_1(to, to_stride, from, from_stride, count); break;
  case 2: copy_2(to, to_stride, from, from_stride, count); break;
  case 4: copy_4(to, to_stride, from, from_stride, count); break;
  case 8: copy_8(to, to_stride, from, from_stride, count); break;
  default: copy_16(to, to_stride, from, from_stride, count); break;
  }
}

static void fill_few(char *to, const void *value, size_t count, size_t size) {
  switch (size) {
  case 1: dense_1(to, value, count); break;
  case 2: dense_2(to, value, count); break;
  case 4: dense_4(to, value, count); break;
  case 8: dense_8(to, value, count); break;
  default: dense_16(to, value, count); break;
  }
}

/* Many are copied from those that are there, as long as these are in the first cache. */
static void fill_dense(char *to, const void *value, size_t count, size_t size) {
  size_t done = count < FEW ? count : FEW;
  fill_few(to, value, done, size);
  for (size_t part; done < count; done += part) {
    part = done < MOST ? done : MOST;
    if (part > count - done) part = count - done;
    memcpy(to + done * size, to, part * size);
  }
}

void gm__strided_fill(void *to, int64_t stride, const void *value, size_t count, size_t size) {
  if (stride == 1) {
    fill_dense(to, value, count, size);
    return;
  }
  switch (size) {
  case 1: fill_1(to, stride, value, count); break;
  case 2: fill_2(to, stride, value, count); break;
  case 4: fill_4(to, stride, value, count); break;
  case 8: fill_8(to, stride, value, count); break;
  default: fill_16(to, stride, value, count); break;
  }
}
