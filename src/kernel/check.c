/* SPDX-License-Identifier: MIT
 *
 * The check of an operand of integers, one row after the other. */
#include "kernel/check.h"

#include "kernel/strided.h"
#include "kernel/walk.h"

enum { BLOCK = 512 };

static gm_status check_block(
    const gm__check *how, const char *from, int64_t stride, gm_dtype dtype, size_t n, gm_error *error) {
  char packed[BLOCK * sizeof(int64_t)];
  int64_t values[BLOCK];
  gm__strided_copy(packed, 1, from, stride, n, gm__dtype_bytes(dtype));
  gm__convert(values, GM_INT64, packed, dtype, n);
  for (size_t i = 0; i < n; i++)
    if (values[i] < how->least)
      GM_FAIL(error, GM_BAD_ARGUMENT, "%s, but one is %lld", how->rule, (long long)values[i]);
  return GM_OK;
}

static gm_status check_row(
    const gm__check *how, const char *from, int64_t stride, gm_dtype dtype, int64_t length, gm_error *error) {
  for (int64_t done = 0; done < length; done += BLOCK) {
    size_t n = (size_t)(length - done < BLOCK ? length - done : BLOCK);
    const char *at = from + done * stride * (int64_t)gm__dtype_bytes(dtype);
    GM_TRY(check_block(how, at, stride, dtype, n, error));
  }
  return GM_OK;
}

static gm_status run(const gm__step *step, const gm__run *run) {
  const gm__check *how = step->descriptor;
  const gm__loops *loops = &how->loops;
  gm_dtype dtype = (gm_dtype)step->operands[0].dtype;
  int64_t index[GM__LOOPS_RANK], offset, size = (int64_t)gm__dtype_bytes(dtype);
  int outer = loops->rank > 0 ? loops->rank - 1 : 0;
  int64_t length = loops->rank > 0 ? loops->dims[outer] : 1;
  int64_t stride = loops->rank > 0 ? gm__loops_stride(loops, 0, outer) : 1;
  if (gm__loops_empty(loops)) return GM_OK;
  gm__loops_begin(outer, 1, index, &offset);
  do {
    const char *from = (const char *)gm__step_address(step, run, 0) + offset * size;
    GM_TRY(check_row(how, from, stride, dtype, length, run->error));
  } while (gm__loops_next(loops, outer, 1, index, &offset));
  return GM_OK;
}

static void text(const gm__step *step, gm__text *text) {
  const gm__check *how = step->descriptor;
  gm__text_add(text, ">= ");
  gm__text_int(text, how->least);
}

const gm__kernel gm__kernel_check = {"check", run, NULL, text, {0}};
