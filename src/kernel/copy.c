/* SPDX-License-Identifier: MIT
 *
 * copy: elements from one set of strides to another. Rows that are contiguous on both sides go by memcpy;
 * where the source is nearly contiguous along another axis than the destination (a transpose), these two axes
 * are walked in square tiles, so that every cache line that is read is used up before it leaves the cache. */
#include "kernel/strided.h"
#include "kernel/walk.h"

enum { TILE = 32 };

/* The innermost two axes: `rows` of `columns`, strides in elements. */
typedef struct face {
  int64_t rows, columns, from_row, from_column, to_row, to_column;
} face;

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

/* Copies the loops to `dims` and `strides` (of both operands) with `axis` moved to the last place but one. */
static gm__loops with_axis_inner(const gm__loops *loops, int axis, int64_t *dims, int64_t *strides) {
  int rank = loops->rank;
  for (int to = 0; to < rank; to++) {
    int from = to == rank - 1 || to < axis ? to : to == rank - 2 ? axis : to + 1;
    dims[to] = loops->dims[from];
    for (int o = 0; o < 2; o++) strides[o * rank + to] = gm__loops_stride(loops, o, from);
  }
  return (gm__loops){rank, dims, strides};
}

static face face_of(const gm__loops *loops) {
  int rank = loops->rank, row = rank - 2, column = rank - 1;
  face f = {1, 1, 1, 1, 1, 1};
  if (rank > 0) f.columns = loops->dims[column];
  if (rank > 0) f.from_column = gm__loops_stride(loops, 0, column);
  if (rank > 0) f.to_column = gm__loops_stride(loops, 1, column);
  if (rank > 1) f.rows = loops->dims[row];
  if (rank > 1) f.from_row = gm__loops_stride(loops, 0, row);
  if (rank > 1) f.to_row = gm__loops_stride(loops, 1, row);
  return f;
}

static void copy_rows(const face *f, char *to, const char *from, size_t size) {
  int64_t bytes = (int64_t)size;
  for (int64_t row = 0; row < f->rows; row++)
    gm__strided_copy(to + row * f->to_row * bytes, f->to_column, from + row * f->from_row * bytes,
        f->from_column, (size_t)f->columns, size);
}

static void copy_tiles(const face *f, char *to, const char *from, size_t size) {
  int64_t bytes = (int64_t)size;
  for (int64_t row = 0; row < f->rows; row += TILE)
    for (int64_t column = 0; column < f->columns; column += TILE) {
      face part = *f;
      part.rows = f->rows - row < TILE ? f->rows - row : TILE;
      part.columns = f->columns - column < TILE ? f->columns - column : TILE;
      copy_rows(&part, to + (row * f->to_row + column * f->to_column) * bytes,
          from + (row * f->from_row + column * f->from_column) * bytes, size);
    }
}

static gm_status run(const gm__step *step, const gm__run *run) {
  const gm__copy *copy = step->descriptor;
  int64_t dims[GM__LOOPS_RANK], strides[2 * GM__LOOPS_RANK], index[GM__LOOPS_RANK], offsets[2];
  const char *from = gm__step_address(step, run, 0);
  char *to = gm__step_address(step, run, 1);
  int64_t bytes = (int64_t)copy->size;
  int axis = denser_axis(&copy->loops);
  gm__loops loops = axis < 0 ? copy->loops : with_axis_inner(&copy->loops, axis, dims, strides);
  int outer = loops.rank > 2 ? loops.rank - 2 : 0;
  face f = face_of(&loops);
  if (gm__loops_empty(&loops)) return GM_OK;
  gm__loops_begin(outer, 2, index, offsets);
  do (axis < 0 ? copy_rows : copy_tiles)(&f, to + offsets[1] * bytes, from + offsets[0] * bytes, copy->size);
  while (gm__loops_next(&loops, outer, 2, index, offsets));
  return GM_OK;
}

static void text(const gm__step *step, gm__text *text) {
  const gm__copy *copy = step->descriptor;
  gm__text_int(text, gm__loops_count(&copy->loops));
  gm__text_add(text, " elements");
}

const gm__kernel gm__kernel_copy = {"copy", run, NULL, text};
