/* SPDX-License-Identifier: MIT
 *
 * A native product with one column: dot products of rows of A, a few side by side (native.h tells the order
 * of the additions). */
#include "kernel/gemm/native_work.h"
#include "kernel/strided.h"

/* Dot products that go side by side; a multiple of those of native_tile.h. */
enum { ROWS = 4 };

/* A few rows at one range of depth. */
static __attribute__((noinline)) void laid_column(const gm__work *w, gm__tile *t, const gm__block *b) {
  _Alignas(64) char laid[GM__DEEP * GM__LAID];
  t->a_row = b->depth * w->size;
  for (int64_t i = 0; i < b->rows; i += GM__LAID / w->size) {
    int64_t rows = gm__least(GM__LAID / w->size, b->rows - i);
    gm__lay_rows(w->native, laid, t->a_row, b->depth,
        w->a + ((b->row + i) * w->a_row + b->k * w->a_column) * w->size, w->a_row, w->a_column, rows,
        b->depth);
    t->a = laid;
    t->c = b->sums + i * b->sums_row;
    w->native->column(t, rows);
  }
}

static void column_depths(const gm__work *w, gm__block *b) {
  _Alignas(64) char laid[GM__DEEP * GM__NUMBER];
  bool whole = w->a_lies && w->b_row == 1;
  for (b->k = 0; b->k < w->k; b->k += b->depth) {
    b->depth = whole ? w->k : gm__least(GM__DEEP, w->k - b->k);
    gm__tile t = {.a = w->a + (b->row * w->a_row + b->k) * w->size,
        .a_row = w->a_row * w->size,
        .b = w->b + b->k * w->b_row * w->size,
        .c = b->sums,
        .c_row = b->sums_row,
        .depth = b->depth,
        .adds = b->k > 0};
    if (w->b_row != 1) {
      gm__strided_copy(laid, 1, t.b, w->b_row, (size_t)b->depth, (size_t)w->size);
      t.b = laid;
    }
    if (w->a_lies)
      w->native->column(&t, b->rows);
    else
      laid_column(w, &t, b);
  }
}

/* How many rows go together: all depth of a few that lie by rows, so that memory is read in order. */
static int64_t rows_of(const gm__work *w) {
  if (w->a_lies && w->b_row == 1) return ROWS;
  return !w->a_lies && w->a_row == 1 && w->direct ? GM__LANE / w->size : GM__BLOCK_ROWS;
}

void gm__native_column(const gm__work *w, const gm__gemm_part *p) {
  _Alignas(64) char sums[GM__BLOCK_ROWS * GM__NUMBER];
  int64_t most = rows_of(w);
  for (int64_t done = 0; done < p->rows; done += most) {
    gm__block b = {
        .row = p->row + done, .rows = gm__least(most, p->rows - done), .columns = 1, .sums_row = w->size};
    b.sums = w->direct ? w->c + b.row * w->size : sums;
    if (!w->a_lies && w->a_row == 1)
      gm__native_lanes(w, &b);
    else
      column_depths(w, &b);
    gm__native_finish(w, &b);
  }
}
