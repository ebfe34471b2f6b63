/* SPDX-License-Identifier: MIT
 *
 * fill: every element becomes one value. */
#include "kernel/strided.h"
#include "kernel/walk.h"

static gm_status run(const gm__step *step, const gm__run *run) {
  const gm__fill *fill = step->descriptor;
  const gm__loops *loops = &fill->loops;
  char *to = gm__step_address(step, run, 0);
  int outer = loops->rank > 0 ? loops->rank - 1 : 0;
  int64_t row = loops->rank > 0 ? loops->dims[outer] : 1;
  int64_t stride = loops->rank > 0 ? gm__loops_stride(loops, 0, outer) : 1;
  int64_t index[GM__LOOPS_RANK], offset;
  if (gm__loops_empty(loops)) return GM_OK;
  gm__loops_begin(outer, 1, index, &offset);
  do gm__strided_fill(to + offset * (int64_t)fill->size, stride, fill->value, (size_t)row, fill->size);
  while (gm__loops_next(loops, outer, 1, index, &offset));
  return GM_OK;
}

static void text(const gm__step *step, gm__text *text) {
  const gm__fill *fill = step->descriptor;
  gm__text_int(text, gm__loops_count(&fill->loops));
  gm__text_add(text, " elements");
}

const gm__kernel gm__kernel_fill = {"fill", run, NULL, text, GM__CUT(gm__fill, loops, 0, 1, 0)};
