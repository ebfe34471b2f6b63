/* SPDX-License-Identifier: MIT
 *
 * range: start + i * step, each element by itself, so that no rounding adds up. */
#include "kernel/step.h"

enum { BLOCK = 256 };

static void write_wholes(const gm__range *range, int64_t first, size_t count, void *to, gm_dtype dtype) {
  int64_t values[BLOCK], start = (int64_t)range->start, step = (int64_t)range->step;
  for (size_t i = 0; i < count; i++) values[i] = start + (first + (int64_t)i) * step;
  gm__convert(to, dtype, values, GM_INT64, count);
}

static void write_reals(const gm__range *range, int64_t first, size_t count, void *to, gm_dtype dtype) {
  double values[BLOCK];
  for (size_t i = 0; i < count; i++) values[i] = range->start + (double)(first + (int64_t)i) * range->step;
  gm__convert(to, dtype, values, GM_FLOAT64, count);
}

static gm_status run(const gm__step *step, const gm__run *run) {
  const gm__range *range = step->descriptor;
  gm_dtype dtype = (gm_dtype)step->operands[0].dtype;
  char *to = gm__step_address(step, run, 0);
  for (int64_t at = 0; at < range->count; at += BLOCK) {
    size_t count = (size_t)(range->count - at < BLOCK ? range->count - at : BLOCK);
    (range->whole ? write_wholes : write_reals)(
        range, at, count, to + at * (int64_t)gm__dtype_bytes(dtype), dtype);
  }
  return GM_OK;
}

static void text(const gm__step *step, gm__text *text) {
  gm__text_int(text, ((const gm__range *)step->descriptor)->count);
  gm__text_add(text, " elements");
}

const gm__kernel gm__kernel_range = {"range", run, NULL, text, {0}};
