/* SPDX-License-Identifier: MIT
 *
 * A part of a native product under way, and what the files that walk it share. */
#ifndef GM_KERNEL_GEMM_NATIVE_WORK_H
#define GM_KERNEL_GEMM_NATIVE_WORK_H

#include "kernel/gemm/native.h"

/** The most rows of a block; bytes of a column of A that is laid out, of a row of a panel, and of a
 * number.
 */
enum { GM__BLOCK_ROWS = 96, GM__LAID = 128, GM__PANEL = 256, GM__NUMBER = 8, GM__LANE = 2048 };

/** Strides in elements; `turned`: rows and columns have changed places. */
typedef struct gm__work {
  const gm__native *native;
  const gm__gemm_call *call;
  const char *a, *b, *added;
  char *c;
  int64_t n, k, size;
  int64_t a_row, a_column, b_row, b_column, c_row, c_column;
  bool turned, column; /* column: n is 1 */
  bool direct;         /* sums are kept in C */
  bool blends;         /* there is an alpha, or something is added */
  bool detached;       /* the epilogue reads sums elsewhere than in C */
  bool a_lies, b_lies; /* by rows, so that they are read in place */
} gm__work;

/** Rows and columns of C and a range of depth; where the sums are kept, rows so many bytes apart; how many
 * columns are done at this range of depth before the next. */
typedef struct gm__block {
  int64_t row, rows, column, columns, k, depth;
  char *sums;
  int64_t sums_row, across;
  bool unfinished; /* it is finished with others */
} gm__block;

/** What becomes of a block of sums: alpha, what is added, its place in C, the epilogue. */
void gm__native_finish(const gm__work *w, const gm__block *b);

/** Adds `count` numbers to others. */
void gm__native_add(void *to, const void *from, int64_t size, int64_t count);

/** A block of rows and one panel: tile after tile, each fetching its share of what comes next. */
void gm__native_tiles(const gm__native *native, gm__tile *t, int64_t rows, int64_t columns);
/** Rows of the next tile, of so many that there still are and at most so many at once. */
int64_t gm__native_next_rows(int64_t rows, int64_t most);

/** A row of tiles: columns from `done` on of so many, of b in place, c and from. */
void gm__native_line(
    const gm__native *native, const gm__tile *all, int64_t rows, int64_t done, int64_t columns);

/** The panels of a block at one range of depth; `a` is the first row there, rows so many bytes apart. */
void gm__native_panels(const gm__work *w, const gm__block *b, const char *a, int64_t a_row);

/** Few rows times a large matrix that lies by rows; false: it is not that. */
bool gm__native_stretched(const gm__work *w, const gm__gemm_part *part);
/** A tile of so many rows and of any width, a few steps of depth at a time; `partial` keeps the sums on the
 * way.
 */
void gm__native_stretch(const gm__native *native, const gm__tile *all, int64_t rows, int64_t columns,
    char *partial, int64_t partial_row);

/** One column: the sums of a block of rows, at most GM__LANE bytes of them, of A by columns. */
void gm__native_lanes(const gm__work *w, const gm__block *b);
/** A part of a product with one column. */
void gm__native_column(const gm__work *w, const gm__gemm_part *part);

/** A small part, done at once; false: it is not small. */
bool gm__native_small(const gm__native *native, const gm__gemm_call *call, const gm__gemm_part *part);

static inline int64_t gm__least(int64_t a, int64_t b) {
  return a < b ? a : b;
}
static inline int64_t gm__vectors_of(const gm__native *native, int64_t columns) {
  return columns > native->lanes ? (columns + native->lanes - 1) / native->lanes : 1;
}

#endif
