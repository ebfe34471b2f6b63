/* SPDX-License-Identifier: MIT
 *
 * Lines, through a buffer on the stack where they are neither contiguous nor of the right dtype. */
#include "kernel/line.h"
#include "kernel/strided.h"

gm_dtype gm__line_wide(gm_dtype dtype) {
  if (dtype == GM_FLOAT16 || dtype == GM_BFLOAT16) return GM_FLOAT32;
  return gm__dtype_is_float(dtype) || gm__dtype_is_complex(dtype) ? dtype : GM_INT64;
}

void gm__line_load(void *room, gm_dtype wide, const gm__line *line, size_t count) {
  char raw[GM__LINE_BYTES];
  size_t size = gm__dtype_bytes(line->dtype);
  if (line->dtype == wide) {
    gm__strided_copy(room, 1, line->at, line->stride, count, size);
    return;
  }
  if (line->stride != 1) gm__strided_copy(raw, 1, line->at, line->stride, count, size);
  gm__convert(room, wide, line->stride != 1 ? raw : line->at, line->dtype, count);
}

const void *gm__line_see(void *room, gm_dtype wide, const gm__line *line, size_t count) {
  if (line->dtype == wide && (line->stride == 1 || count == 1)) return line->at;
  gm__line_load(room, wide, line, count);
  return room;
}

void gm__line_store(const gm__line *line, const void *values, gm_dtype wide, size_t count) {
  char raw[GM__LINE_BYTES];
  size_t size = gm__dtype_bytes(line->dtype);
  if (line->dtype == wide) {
    gm__strided_copy(line->at, line->stride, values, 1, count, size);
    return;
  }
  gm__convert(line->stride != 1 ? raw : line->at, line->dtype, values, wide, count);
  if (line->stride != 1) gm__strided_copy(line->at, line->stride, raw, 1, count, size);
}
