/* SPDX-License-Identifier: MIT
 *
 * Walking native products. A part of C goes by blocks of rows whose rows of A stay in the second cache, each
 * by blocks of depth, each by panels of B, each by tiles. Sums are kept in C itself where it lies by rows and
 * nothing else is to be read there, else in a block on the stack that is as wide as a panel. A panel that is
 * summed is finished at once: alpha, what is added, the epilogue. A and B are read where they lie, or laid
 * out on the stack where their rows are not contiguous; or rows and columns change places. */
#include "kernel/clones.h"
#include "kernel/gemm/native.h"
#include "kernel/strided.h"

/* Rows of a block; bytes of a column of A that is laid out; of a panel's row, and of B's that is laid out. */
enum { BLOCK_ROWS = 96, LAID = 64, PANEL = 256, LAID_PANEL = 128, MOST_BYTES = 8 };

/* A part under way. Strides in elements; `turned`: rows and columns have changed places. */
typedef struct work {
  const gm__native *native;
  const gm__gemm_call *call;
  const char *a, *b, *added;
  char *c;
  int64_t n, k, size;
  int64_t a_row, a_column, b_row, b_column, c_row, c_column;
  bool turned, direct, blends, detached, a_lies, b_lies, column;
} work;

/* Rows and columns of C and a range of depth; where the sums are kept, rows so many bytes apart. */
typedef struct block {
  int64_t row, rows, column, columns, k, depth;
  char *sums;
  int64_t sums_row;
} block;

static int64_t least(int64_t a, int64_t b) {
  return a < b ? a : b;
}

/* ---- What becomes of sums ---- */

#define BLEND(T, CLONES)                                                                                     \
  CLONES(blend_##T)                                                                                          \
  static void blend_##T(void *sums_, const void *added_, const gm__gemm *g, size_t count) {                  \
    T *restrict sums = sums_;                                                                                \
    const T *restrict added = added_;                                                                        \
    const T alpha = (T)g->alpha, beta = (T)g->beta;                                                          \
    GM__EACH(i, count, sums[i] = alpha * sums[i]);                                                           \
    if (added == NULL) return;                                                                               \
    GM__EACH(i, count, sums[i] += beta * added[i]);                                                          \
  }
BLEND(float, GM__CLONES)
BLEND(double, GM__CLONES_FEW)

/* sums = alpha · sums + beta · added, of a line whose elements are `unit` apart in added. */
static void blend(const work *w, void *sums, const char *added, int64_t unit, int64_t length) {
  _Alignas(64) char raw[PANEL > BLOCK_ROWS * MOST_BYTES ? PANEL : BLOCK_ROWS * MOST_BYTES];
  if (added != NULL && unit != 1) {
    gm__strided_copy(raw, 1, added, unit, (size_t)length, (size_t)w->size);
    added = raw;
  }
  (w->size == sizeof(double) ? blend_double : blend_float)(sums, added, w->call->gemm, (size_t)length);
}

/* One column of sums is contiguous, as a row of it is else. */
static void finish(const work *w, const block *b) {
  int64_t lines = w->column ? 1 : b->rows, length = w->column ? b->rows : b->columns;
  int64_t unit = w->column ? w->c_row : w->c_column;
  int64_t at = (b->row * w->c_row + b->column * w->c_column) * w->size, step = w->c_row * w->size;
  for (int64_t i = 0; i < lines && (w->blends || !w->direct); i++, at += step) {
    char *sums = b->sums + i * b->sums_row;
    if (w->blends) blend(w, sums, w->added == NULL ? NULL : w->added + at, unit, length);
    if (!w->direct && !w->detached)
      gm__strided_copy(w->c + at, unit, sums, 1, (size_t)length, (size_t)w->size);
  }
  gm__gemm_part part = {b->row, b->rows, b->column, b->columns};
  if (w->turned) part = (gm__gemm_part){b->column, b->columns, b->row, b->rows};
  gm__gemm_finish(w->call, &part, w->detached ? b->sums : NULL, b->sums_row / w->size);
}

/* ---- Tiles ---- */

/* Rows of the block, as evenly as tiles of so many vectors go. */
static void tiles(const work *w, gm__tile *t, const block *b) {
  int64_t vectors = (b->columns + w->native->lanes - 1) / w->native->lanes,
          most = w->native->rows[vectors - 1];
  int64_t count = (b->rows + most - 1) / most, rows = b->rows / count, more = b->rows % count;
  t->last = (int)(b->columns - (vectors - 1) * w->native->lanes);
  for (int64_t i = 0; i < count; i++) {
    int64_t of = rows + (i < more);
    w->native->tiles[vectors - 1][of - 1](t);
    t->a += of * t->a_row;
    t->c += of * t->c_row;
  }
}

static __attribute__((noinline)) void laid_tiles(const work *w, gm__tile *t, const block *b) {
  _Alignas(64) char laid[GM__DEEP * LAID_PANEL];
  int64_t width = gm__panel_width(w->native, b->columns);
  gm__lay_rows(w->native, laid, width * w->size, width,
      w->b + (b->k * w->b_row + b->column * w->b_column) * w->size, w->b_row, w->b_column, b->depth,
      b->columns);
  t->b = laid;
  t->b_row = width * w->size;
  tiles(w, t, b);
}

/* The tile's view of B: a packed panel, or where it lies. */
static void find_b(const work *w, gm__tile *t, const block *b) {
  int64_t whole = gm__panel_columns(w->native),
          width = least(whole, gm__panel_width(w->native, w->n - b->column));
  t->b_last = w->native->lanes;
  if (w->call->packed != NULL) {
    t->b = w->call->packed + (b->column * w->k + b->k * width) * w->size;
    t->b_row = width * w->size;
    return;
  }
  int64_t over = b->columns % w->native->lanes;
  if (w->b_lies && over > 0) t->b_last = (int)over;
  t->b = w->b + (b->k * w->b_row + b->column) * w->size;
  t->b_row = w->b_row * w->size;
}

/* The panels of a block, at one range of depth; `a` is the first row there. */
static void panels(const work *w, const block *all, const char *a, int64_t a_row) {
  bool laid = !w->b_lies && w->call->packed == NULL;
  int64_t wide =
      laid ? least(LAID_PANEL / w->size, gm__panel_columns(w->native)) : gm__panel_columns(w->native);
  for (int64_t done = 0; done < all->columns; done += wide) {
    block b = *all;
    b.column += done;
    b.columns = least(wide, all->columns - done);
    b.sums += done * w->size;
    gm__tile t = {
        .a = a, .a_row = a_row, .c = b.sums, .c_row = b.sums_row, .depth = b.depth, .adds = b.k > 0};
    find_b(w, &t, &b);
    (laid ? laid_tiles : tiles)(w, &t, &b);
    if (b.k + b.depth == w->k) finish(w, &b);
  }
}

static __attribute__((noinline)) void laid_panels(const work *w, const block *b) {
  _Alignas(64) char laid[GM__DEEP * LAID];
  gm__lay_rows(w->native, laid, b->depth * w->size, b->depth,
      w->a + (b->row * w->a_row + b->k * w->a_column) * w->size, w->a_row, w->a_column, b->rows, b->depth);
  panels(w, b, laid, b->depth * w->size);
}

static void depths(const work *w, block *b) {
  for (b->k = 0; b->k < w->k; b->k += GM__DEEP) {
    b->depth = least(GM__DEEP, w->k - b->k);
    if (w->a_lies)
      panels(w, b, w->a + (b->row * w->a_row + b->k) * w->size, w->a_row * w->size);
    else
      laid_panels(w, b);
  }
}

/* ---- Blocks ---- */

static __attribute__((noinline)) void staged(const work *w, const block *all) {
  _Alignas(64) char sums[BLOCK_ROWS * PANEL];
  int64_t wide = gm__panel_columns(w->native);
  for (int64_t done = 0; done < all->columns; done += wide) {
    block b = *all;
    b.column += done;
    b.columns = least(wide, all->columns - done);
    b.sums = sums;
    b.sums_row = PANEL;
    depths(w, &b);
  }
}

static int64_t block_rows(const work *w, int64_t rows) {
  if (!w->a_lies) return LAID / w->size;
  return !w->b_lies && w->call->packed == NULL && w->direct ? rows : BLOCK_ROWS;
}

static void blocks(const work *w, const gm__gemm_part *p) {
  int64_t most = block_rows(w, p->rows);
  for (int64_t done = 0; done < p->rows; done += most) {
    block b = {.row = p->row + done,
        .rows = least(most, p->rows - done),
        .column = p->column,
        .columns = p->columns,
        .sums_row = w->c_row * w->size};
    b.sums = w->c + (b.row * w->c_row + b.column * w->c_column) * w->size;
    if (w->direct)
      depths(w, &b);
    else
      staged(w, &b);
  }
}

/* ---- One column ---- */

/* A few rows at one range of depth. */
static __attribute__((noinline)) void laid_column(const work *w, gm__tile *t, const block *b) {
  _Alignas(64) char laid[GM__DEEP * LAID];
  t->a_row = b->depth * w->size;
  for (int64_t i = 0; i < b->rows; i += LAID / w->size) {
    int64_t rows = least(LAID / w->size, b->rows - i);
    gm__lay_rows(w->native, laid, t->a_row, b->depth,
        w->a + ((b->row + i) * w->a_row + b->k * w->a_column) * w->size, w->a_row, w->a_column, rows,
        b->depth);
    t->a = laid;
    t->c = b->sums + i * b->sums_row;
    w->native->column(t, rows);
  }
}

static void column_depths(const work *w, block *b) {
  _Alignas(64) char laid[GM__DEEP * MOST_BYTES];
  for (b->k = 0; b->k < w->k; b->k += GM__DEEP) {
    b->depth = least(GM__DEEP, w->k - b->k);
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

static void column(const work *w, const gm__gemm_part *p) {
  _Alignas(64) char sums[BLOCK_ROWS * MOST_BYTES];
  for (int64_t done = 0; done < p->rows; done += BLOCK_ROWS) {
    block b = {
        .row = p->row + done, .rows = least(BLOCK_ROWS, p->rows - done), .columns = 1, .sums_row = w->size};
    b.sums = w->direct ? w->c + b.row * w->size : sums;
    column_depths(w, &b);
    finish(w, &b);
  }
}

/* ---- A part ---- */

static void settle(work *w) {
  w->a_lies = w->a_column == 1 || w->k == 1;
  w->b_lies = w->b_column == 1;
  w->direct = (w->column ? w->c_row : w->c_column) == 1 && !w->detached && w->added != w->c;
}

/* What would have to be laid out, and twice that for B, which is many times. */
static int burden(int64_t a_column, int64_t b_column, int64_t c_column) {
  return 2 * (a_column != 1) + 4 * (b_column != 1) + (c_column != 1);
}

static bool better_turned(const work *w, const gm__gemm *g) {
  if (w->column || w->detached || w->call->packed != NULL || g->m < w->native->lanes) return false;
  return burden(g->b_row, g->a_row, g->c_row) < burden(g->a_column, g->b_column, g->c_column);
}

static work work_of(const gm__native *native, const gm__gemm_call *call) {
  const gm__gemm *g = call->gemm;
  work w = {.native = native,
      .call = call,
      .a = call->a,
      .b = call->b,
      .c = call->c,
      .n = g->n,
      .k = g->k,
      .size = native->size,
      .a_row = g->a_row,
      .a_column = g->a_column,
      .b_row = g->b_row,
      .b_column = g->b_column,
      .c_row = g->c_row,
      .c_column = g->c_column,
      .column = g->n == 1};
  if (g->beta != 0) w.added = call->added;
  w.blends = g->alpha != 1 || w.added != NULL;
  w.detached = call->epilogue != NULL && gm__gemm_detached(call);
  if (better_turned(&w, g)) {
    w.turned = true;
    w.a = call->b, w.b = call->a, w.n = g->m;
    w.a_row = g->b_column, w.a_column = g->b_row, w.b_row = g->a_column, w.b_column = g->a_row;
    w.c_row = g->c_column, w.c_column = g->c_row;
  }
  settle(&w);
  return w;
}

void gm__native_part(const gm__native *native, const gm__gemm_call *call, const gm__gemm_part *part) {
  const work w = work_of(native, call);
  const gm__gemm_part turned = {part->column, part->columns, part->row, part->rows};
  if (w.column)
    column(&w, part);
  else
    blocks(&w, w.turned ? &turned : part);
}
