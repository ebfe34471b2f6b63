/* SPDX-License-Identifier: MIT
 *
 * Reading of indices: one loop for each integer type. */
#include "kernel/indices.h"

#define READ(T)                                                                                              \
  static void read_##T(int64_t *to, const void *from, int64_t stride, int64_t count) {                       \
    const T##_t *at = from;                                                                                  \
    for (int64_t i = 0; i < count; i++) to[i] = at[i * stride];                                              \
  }
READ(int8)
READ(uint8)
READ(int16)
READ(int32)
READ(int64)

void gm__indices_read(int64_t *to, const void *from, gm_dtype dtype, int64_t stride, int64_t count) {
  switch (dtype) {
  case GM_INT8: read_int8(to, from, stride, count); break;
  case GM_UINT8: read_uint8(to, from, stride, count); break;
  case GM_INT16: read_int16(to, from, stride, count); break;
  case GM_INT32: read_int32(to, from, stride, count); break;
  default: read_int64(to, from, stride, count); break;
  }
}
