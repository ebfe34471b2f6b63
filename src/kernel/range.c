/* SPDX-License-Identifier: MIT
 *
 * range: start + i * step, each element by itself, so that no rounding adds up. */
#include "kernel/step.h"

enum { BLOCK = 128 };

static gm_status run(const gm__step *step, const gm__run *run) {
  const gm__range *range = step->descriptor;
  gm_dtype dtype = (gm_dtype)step->operands[0].dtype;
  char *to = gm__step_address(step, run, 0);
  double values[BLOCK];
  int64_t wholes[BLOCK];
  for (int64_t at = 0; at < range->count; at += BLOCK) {
    int64_t count = range->count - at < BLOCK ? range->count - at : BLOCK;
    for (int64_t i = 0; i < count; i++) values[i] = range->start + (double)(at + i) * range->step;
    if (range->whole) gm__convert(wholes, GM_INT64, values, GM_FLOAT64, (size_t)count);
    gm__convert(to + at * (int64_t)gm__dtype_bytes(dtype), dtype,
        range->whole ? (const void *)wholes : values, range->whole ? GM_INT64 : GM_FLOAT64, (size_t)count);
  }
  return GM_OK;
}

static void text(const gm__step *step, gm__text *text) {
  gm__text_int(text, ((const gm__range *)step->descriptor)->count);
  gm__text_add(text, " elements");
}

const gm__kernel gm__kernel_range = {"range", run, NULL, text};
