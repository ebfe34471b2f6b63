/* SPDX-License-Identifier: MIT
 *
 * one_hot: for each index a row of zeros with a one at its place; no one where the index is outside. */
#include "kernel/indices.h"
#include "kernel/walk.h"

#include <string.h>

typedef struct line {
  const char *indices;
  float *to;
  int64_t stride, to_stride, count;
  gm_dtype dtype;
} line;

static void write_line(const line *of, int64_t classes) {
  int64_t index[GM__INDEX_BLOCK], size = (int64_t)gm__dtype_bytes(of->dtype);
  for (int64_t at = 0; at < of->count; at += GM__INDEX_BLOCK) {
    int64_t count = of->count - at < GM__INDEX_BLOCK ? of->count - at : GM__INDEX_BLOCK;
    gm__indices_read(index, of->indices + at * of->stride * size, of->dtype, of->stride, count);
    for (int64_t i = 0; i < count; i++) {
      float *row = of->to + (at + i) * of->to_stride;
      memset(row, 0, (size_t)classes * sizeof *row);
      if (index[i] >= 0 && index[i] < classes) row[index[i]] = 1;
    }
  }
}

static gm_status run(const gm__step *step, const gm__run *run) {
  const gm__one_hot *how = step->descriptor;
  const gm__loops *loops = &how->positions;
  int last = loops->rank > 0 ? loops->rank - 1 : 0;
  int64_t index[GM__LOOPS_RANK], offsets[2];
  line of = {.count = 1, .dtype = (gm_dtype)step->operands[0].dtype};
  const char *indices = gm__step_address(step, run, 0);
  float *to = gm__step_address(step, run, 1);
  if (loops->rank > 0) {
    of.count = loops->dims[last];
    of.stride = gm__loops_stride(loops, 0, last);
    of.to_stride = gm__loops_stride(loops, 1, last);
  }
  gm__loops_begin(last, 2, index, offsets);
  do {
    of.indices = indices + offsets[0] * (int64_t)gm__dtype_bytes(of.dtype);
    of.to = to + offsets[1];
    write_line(&of, how->classes);
  } while (gm__loops_next(loops, last, 2, index, offsets));
  return GM_OK;
}

static void text(const gm__step *step, gm__text *text) {
  const gm__one_hot *how = step->descriptor;
  gm__text_format(
      text, "%lld of %lld classes", (long long)gm__loops_count(&how->positions), (long long)how->classes);
}

const gm__kernel gm__kernel_one_hot = {"one_hot", run, NULL, text, GM__CUT(gm__one_hot, positions, 0, 2, 0)};
