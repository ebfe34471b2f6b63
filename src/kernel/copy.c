/* SPDX-License-Identifier: MIT
 *
 * copy: elements from one set of strides to another. Where the source is nearly contiguous along another axis
 * than the destination (a transpose), these two become the innermost; they are copied as a face (face.h),
 * with loops around it. Runs of a few elements are moved as one larger element. */
#include "kernel/face.h"
#include "kernel/walk.h"

static void swap(int64_t *a, int64_t *b) {
  int64_t kept = *a;
  *a = *b;
  *b = kept;
}

static int64_t magnitude(int64_t stride) {
  return stride < 0 ? -stride : stride;
}

/* The axis along which the source is denser than along the innermost one; -1 when there is none. */
static int denser_axis(const gm__loops *loops) {
  int last = loops->rank - 1, best = -1;
  int64_t least = loops->rank > 0 ? magnitude(gm__loops_stride(loops, 0, last)) : 0;
  for (int axis = 0; axis < last; axis++) {
    int64_t stride = magnitude(gm__loops_stride(loops, 0, axis));
    if (stride == 0 || stride >= least) continue;
    least = stride;
    best = axis;
  }
  return best;
}

/* Moves an axis to the last place but one; none for -1. */
static void put_inner(int axis, int rank, int64_t *dims, int64_t *strides) {
  for (int a = axis; a >= 0 && a < rank - 2; a++) {
    swap(&dims[a], &dims[a + 1]);
    swap(&strides[a], &strides[a + 1]);
    swap(&strides[rank + a], &strides[rank + a + 1]);
  }
}

/* Can the innermost axis, contiguous on both sides, be an element of `bytes`? */
static bool widens(const gm__loops *loops, size_t bytes) {
  int last = loops->rank - 1;
  if (bytes > 16 || (bytes & (bytes - 1)) != 0) return false;
  bool fits = gm__loops_stride(loops, 0, last) == 1 && gm__loops_stride(loops, 1, last) == 1;
  for (int i = 0; i < 2 && fits; i++)
    for (int axis = 0; axis < last && fits; axis++)
      fits = gm__loops_stride(loops, i, axis) % loops->dims[last] == 0;
  return fits;
}

/* A copy of the loops in `dims` and `strides`, short runs having become elements of a larger *size. */
static gm__loops widened(const gm__loops *loops, int64_t *dims, int64_t *strides, size_t *size) {
  int rank = loops->rank, last = rank - 1;
  int64_t length = rank > 1 ? loops->dims[last] : 0;
  bool wider = length > 0 && length <= 16 && widens(loops, (size_t)length * *size);
  int kept = wider ? last : rank;
  int64_t by = wider ? length : 1;
  for (int axis = 0; axis < kept; axis++) {
    dims[axis] = loops->dims[axis];
    for (int i = 0; i < 2; i++) strides[i * kept + axis] = gm__loops_stride(loops, i, axis) / by;
  }
  *size *= (size_t)by;
  return (gm__loops){kept, dims, strides};
}

static gm__face face_of(const gm__loops *loops) {
  int rank = loops->rank, row = rank - 2, column = rank - 1;
  gm__face f = {1, 1, 1, 1, 1, 1};
  if (rank > 0) f.columns = loops->dims[column];
  if (rank > 0) f.from_column = gm__loops_stride(loops, 0, column);
  if (rank > 0) f.to_column = gm__loops_stride(loops, 1, column);
  if (rank > 1) f.rows = loops->dims[row];
  if (rank > 1) f.from_row = gm__loops_stride(loops, 0, row);
  if (rank > 1) f.to_row = gm__loops_stride(loops, 1, row);
  return f;
}

static gm_status run(const gm__step *step, const gm__run *run) {
  const gm__copy *copy = step->descriptor;
  int64_t dims[GM__LOOPS_RANK], strides[2 * GM__LOOPS_RANK], index[GM__LOOPS_RANK], offsets[2];
  const char *from = gm__step_address(step, run, 0);
  char *to = gm__step_address(step, run, 1);
  size_t size = copy->size;
  if (gm__loops_empty(&copy->loops)) return GM_OK;
  gm__loops loops = widened(&copy->loops, dims, strides, &size);
  put_inner(denser_axis(&loops), loops.rank, dims, strides);
  int outer = loops.rank > 2 ? loops.rank - 2 : 0;
  gm__face f = face_of(&loops);
  gm__loops_begin(outer, 2, index, offsets);
  do gm__face_copy(&f, to + offsets[1] * (int64_t)size, from + offsets[0] * (int64_t)size, size);
  while (gm__loops_next(&loops, outer, 2, index, offsets));
  return GM_OK;
}

static void text(const gm__step *step, gm__text *text) {
  const gm__copy *copy = step->descriptor;
  gm__text_int(text, gm__loops_count(&copy->loops));
  gm__text_add(text, " elements");
}

const gm__kernel gm__kernel_copy = {"copy", run, NULL, text, GM__CUT(gm__copy, loops, 0, 2, 0)};
