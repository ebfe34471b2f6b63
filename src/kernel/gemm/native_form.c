/* SPDX-License-Identifier: MIT
 *
 * Native products with a form. Each tile is summed over the depths at which its rows of A and its panel of B
 * have anything inside; where that reaches over an edge whose outside is not zero in memory, or a symmetric
 * matrix has one triangle only, the factor is laid out: B packed or on the stack, A on the stack, by blocks
 * of a few rows. Of a symmetric result the columns up to the diagonal are computed, and mirrored block by
 * block; then the epilogue goes over both. Blocks begin at multiples of BLOCK_ROWS, whatever the parts. */
#include "kernel/face.h"
#include "kernel/gemm/native_work.h"
#include "kernel/strided.h"

/* Rows of a block, and what parts begin at multiples of; the most columns that edges of a block reach over;
 * bytes of A that is laid out, of a row of the sums of a block and panel, and of a row of B that is laid out.
 */
enum { BLOCK_ROWS = 48, STEP = 96, EDGE = 64, LAID_BYTES = 64 * 1024, PANEL = 256, LAID_PANEL = 128 };

/* A part under way. */
typedef struct work {
  const gm__native *native;
  const gm__gemm_call *call;
  const gm__gemm *gemm;
  const gm__gemm_part *part;
  int64_t size;
  bool edged, lays_a, lays_b, direct, column;
} work;

/* Depths from `first` to `end`. */
typedef struct span {
  int64_t first, end;
} span;

/* Rows of a factor, or of its stretch of depth that begins at `k`. */
typedef struct lines {
  const char *at;
  int64_t row, k;
} lines;

/* Rows and columns of C, the depths at hand and all that matter to them; A there, and left and right of it,
 * from depths cut[0] and cut[1] on; where the sums are kept, rows so many bytes apart. */
typedef struct block {
  int64_t row, rows, column, columns;
  span depth, all;
  lines a[3];
  int64_t cut[2];
  char *sums;
  int64_t sums_row;
} block;

static int64_t least(int64_t a, int64_t b) {
  return a < b ? a : b;
}
static int64_t most(int64_t a, int64_t b) {
  return a > b ? a : b;
}
static span both(span a, span b) {
  return (span){most(a.first, b.first), least(a.end, b.end)};
}

/* ---- What is inside ---- */

/* The columns at which some rows of a matrix have anything. */
static span of_rows(const gm__form *form, int64_t row, int64_t count, int64_t columns) {
  span s = {0, columns};
  int64_t end;
  if (form == NULL) return s;
  gm__form_row(*form, row, columns, &s.first, &end);
  gm__form_row(*form, row + count - 1, columns, &end, &s.end);
  return s;
}

static span of_columns(const gm__form *form, int64_t column, int64_t count, int64_t rows) {
  if (form == NULL) return (span){0, rows};
  gm__form turned = gm__form_transposed(*form);
  return of_rows(&turned, column, count, rows);
}

/* ---- Tiles ---- */

/* A tile over depths that may be in several places of A: the sums of one go on in the next. */
static void pieces(const work *w, const block *b, const lines *of_b, gm__tile *t, int64_t i, int64_t some,
    int64_t vectors, span s) {
  _Alignas(64) char sums[GM__TILE_ROWS * PANEL];
  gm__tile piece = *t;
  for (int p = 0; p < 3; p++) {
    span at = both(s, (span){p > 0 ? b->cut[p - 1] : s.first, p < 2 ? b->cut[p] : s.end});
    if (at.first >= at.end) continue;
    bool done = at.end >= s.end;
    piece.a = b->a[p].at + i * b->a[p].row + (at.first - b->a[p].k) * w->size;
    piece.a_row = b->a[p].row;
    piece.b = of_b->at + (at.first - of_b->k) * of_b->row;
    piece.c = done ? t->c : sums;
    piece.c_row = done ? t->c_row : PANEL;
    piece.depth = at.end - at.first;
    piece.adds = done && t->adds;
    w->native->tiles[vectors - 1][some - 1](&piece);
    piece.from = sums;
    piece.from_row = PANEL;
  }
}

/* One tile, `columns` of the panel from its first on; `inside`: what the panel has. Lanes of one column are
 * counted from a multiple of their number. */
static void tile(const work *w, const block *b, const lines *of_b, gm__tile *t, int64_t i, int64_t some,
    int64_t columns, span inside) {
  const gm__native *native = w->native;
  int64_t vectors = (columns + native->lanes - 1) / native->lanes;
  span all = both(of_rows(w->gemm->a_form, b->row + i, some, w->gemm->k), inside);
  bool empty = all.first >= all.end;
  if (w->column) all.first -= all.first % GM__LANES(w->size);
  span s = empty ? (span){b->depth.first, b->depth.first} : both(all, b->depth);
  if (empty ? b->depth.first > b->all.first : s.first >= s.end) return;
  t->c = b->sums + i * b->sums_row;
  t->adds = !empty && all.first < b->depth.first;
  t->last = (int)(columns - (vectors - 1) * native->lanes);
  if (w->edged && !empty) {
    pieces(w, b, of_b, t, i, some, vectors, s);
    return;
  }
  t->a = b->a[1].at + i * t->a_row + (s.first - b->a[1].k) * w->size;
  t->b = of_b->at + (s.first - of_b->k) * of_b->row;
  t->depth = s.end - s.first;
  if (w->column)
    native->column(t, some);
  else
    native->tiles[vectors - 1][some - 1](t);
}

/* A block of rows and one panel: all its tiles. */
static void tiles(const work *w, const block *b, lines of_b, int b_last) {
  int64_t vectors = (b->columns + w->native->lanes - 1) / w->native->lanes;
  int64_t tallest = w->native->rows[vectors - 1], some;
  span inside = of_columns(w->gemm->b_form, b->column, b->columns, w->gemm->k);
  gm__tile t = {.ahead = of_b.at, .a_row = b->a[1].row, .b_row = of_b.row, .c_row = b->sums_row};
  for (int64_t i = 0; i < b->rows; i += some) {
    some = gm__native_next_rows(b->rows - i, tallest);
    int64_t columns = w->gemm->symmetric ? least(b->columns, b->row + i + some - b->column) : b->columns;
    t.b_last = columns == b->columns ? b_last : w->native->lanes;
    if (columns > 0) tile(w, b, &of_b, &t, i, some, columns, inside);
  }
}

/* ---- Panels ---- */

/* The factor's matrix, with its form where that is not what lies there. */
static gm__shaped a_of(const work *w) {
  const gm__gemm *g = w->gemm;
  return (gm__shaped){w->call->a, g->a_row, g->a_column, g->k, g->a_raw ? g->a_form : NULL};
}
static gm__shaped b_of(const work *w) {
  const gm__gemm *g = w->gemm;
  return (gm__shaped){w->call->b, g->b_row, g->b_column, g->n, g->b_raw ? g->b_form : NULL};
}

static __attribute__((noinline)) void laid_panel(const work *w, const block *b) {
  _Alignas(64) char laid[GM__DEEP * LAID_PANEL];
  gm__shaped from = b_of(w);
  int64_t width = w->column ? 1 : gm__panel_width(w->native, b->columns);
  gm__lay_shaped(w->native, laid, width * w->size, width, &from, b->depth.first, b->column,
      b->depth.end - b->depth.first, b->columns);
  tiles(w, b, (lines){laid, width * w->size, b->depth.first}, w->native->lanes);
}

static void panel(const work *w, const block *b) {
  const gm__gemm *g = w->gemm;
  int64_t lanes = w->native->lanes, over = b->columns % lanes;
  int64_t width = least(gm__panel_columns(w->native), gm__panel_width(w->native, g->n - b->column));
  lines packed = {w->call->packed + b->column * g->k * w->size, width * w->size, 0},
        there = {w->call->b + b->column * w->size, g->b_row * w->size, 0};
  if (w->lays_b)
    laid_panel(w, b);
  else if (w->call->packed != NULL)
    tiles(w, b, packed, (int)lanes);
  else
    tiles(w, b, there, (int)(over > 0 ? over : lanes));
}

/* ---- What becomes of sums ---- */

static void finish(const work *w, const block *b) {
  const gm__gemm *g = w->gemm;
  const char *added = g->beta != 0 ? w->call->added : NULL;
  bool detached = gm__gemm_detached(w->call), blends = g->alpha != 1 || added != NULL;
  int64_t at = (b->row * g->c_row + b->column * g->c_column) * w->size, step = g->c_row * w->size;
  for (int64_t i = 0; i < b->rows && (blends || !w->direct); i++, at += step) {
    char *sums = b->sums + i * b->sums_row;
    if (blends)
      gm__native_blend(w->native, g, sums, added == NULL ? NULL : added + at, g->c_column, b->columns);
    if (!w->direct && !detached)
      gm__strided_copy(w->call->c + at, g->c_column, sums, 1, (size_t)b->columns, (size_t)w->size);
  }
  gm__gemm_part part = {b->row, b->rows, b->column, b->columns};
  if (!g->symmetric) gm__gemm_finish(w->call, &part, detached ? b->sums : NULL, b->sums_row / w->size);
}

/* What is below the diagonal in a block of rows to its place above; then the epilogue of both. */
static void mirror(const work *w, int64_t row, int64_t count) {
  const gm__gemm *g = w->gemm;
  gm__face below = {row, count, g->c_column, g->c_row, g->c_row, g->c_column};
  char *lower = w->call->c + row * g->c_row * w->size, *upper = w->call->c + row * g->c_column * w->size;
  if (row > 0) gm__face_copy(&below, upper, lower, (size_t)w->size);
  lower += row * g->c_column * w->size;
  upper += row * g->c_row * w->size;
  for (int64_t i = 1; i < count; i++)
    gm__strided_copy(upper + i * g->c_column * w->size, g->c_row, lower + i * g->c_row * w->size, g->c_column,
        (size_t)i, (size_t)w->size);
  gm__gemm_finish(w->call, &(gm__gemm_part){row, count, 0, row + count}, NULL, 0);
  if (row > 0) gm__gemm_finish(w->call, &(gm__gemm_part){0, row, row, count}, NULL, 0);
}

/* ---- Blocks ---- */

static void panels(const work *w, const block *all) {
  int64_t wide = gm__panel_columns(w->native);
  if (w->lays_b) wide = least(wide, LAID_PANEL / w->size);
  for (int64_t done = 0; done < all->columns; done += wide) {
    block b = *all;
    b.column += done;
    b.columns = least(wide, all->columns - done);
    b.sums += done * w->size;
    panel(w, &b);
    if (b.depth.end >= b.all.end) finish(w, &b);
  }
}

static __attribute__((noinline)) void laid_panels(const work *w, block *b) {
  _Alignas(64) char laid[LAID_BYTES];
  gm__shaped from = a_of(w);
  span s = both(b->all, b->depth);
  int64_t depth = most(0, s.end - s.first);
  b->a[1] = (lines){laid, depth * w->size, s.first};
  gm__lay_shaped(w->native, laid, b->a[1].row, depth, &from, b->row, s.first, b->rows, depth);
  panels(w, b);
}

/* All depths that matter, at least one. */
static void depths(const work *w, block *b) {
  int64_t k = b->all.first / GM__DEEP * GM__DEEP;
  do {
    b->depth = (span){k, least(w->gemm->k, k + GM__DEEP)};
    b->a[1] = (lines){w->call->a + b->row * w->gemm->a_row * w->size, w->gemm->a_row * w->size, 0};
    if (w->lays_a)
      laid_panels(w, b);
    else
      panels(w, b);
    k += GM__DEEP;
  } while (k < b->all.end);
}

/* Columns of sums on the stack at a time. */
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

static void sum(const work *w, block *b) {
  if (w->direct)
    depths(w, b);
  else
    staged(w, b);
}

/* Rows whose ends are inside the form for all of them between the cuts; what is beyond is laid out. */
static __attribute__((noinline)) void edged(const work *w, block *b) {
  _Alignas(64) char laid[2][BLOCK_ROWS * EDGE * 8];
  gm__shaped from = a_of(w);
  span last = of_rows(from.form, b->row + b->rows - 1, 1, w->gemm->k);
  int64_t at[3] = {b->all.first, most(last.first, of_rows(from.form, b->row, 1, w->gemm->k).end), b->all.end};
  b->cut[0] = last.first;
  b->cut[1] = at[1];
  for (int i = 0; i < 2; i++) {
    int64_t end = i == 0 ? last.first : at[2];
    b->a[2 * i] = (lines){laid[i], EDGE * w->size, at[i]};
    gm__lay_shaped(
        w->native, laid[i], EDGE * w->size, end - at[i], &from, b->row, at[i], b->rows, end - at[i]);
  }
  sum(w, b);
}

/* Rows of the block at `row`, whose sums are kept in C, or on the stack. B that has to be laid out is for all
 * rows; edges end with the form's blocks. */
static int64_t block_rows(const work *w, int64_t row) {
  int64_t end = w->part->row + w->part->rows, rows = BLOCK_ROWS;
  const gm__form *form = w->gemm->a_form;
  if (w->lays_a) rows = LAID_BYTES / (GM__DEEP * w->size);
  if (w->lays_b && w->direct && !w->lays_a && !w->edged) rows = end - row;
  rows = least(end, row / rows * rows + rows) - row;
  return w->edged && form->block >= EDGE - BLOCK_ROWS ? least(rows, form->block - row % form->block) : rows;
}

static void one_block(const work *w, int64_t row, int64_t count) {
  const gm__gemm *g = w->gemm;
  block b = {.row = row, .rows = count, .column = w->part->column, .columns = w->part->columns};
  b.sums_row = g->c_row * w->size;
  b.sums = w->call->c + (row * g->c_row + b.column * g->c_column) * w->size;
  b.all = of_rows(g->a_form, row, count, g->k);
  if (w->column) b.all.first -= b.all.first % GM__LANES(w->size);
  if (g->symmetric) b.columns = least(b.columns, row + count - b.column);
  (w->edged ? edged : sum)(w, &b);
  if (g->symmetric) mirror(w, row, count);
}

/* A form whose outside is read, if the matrix is read as it lies. */
static bool hides(const gm__form *form, bool raw) {
  return form != NULL && raw;
}

void gm__native_form_part(const gm__native *native, const gm__gemm_call *call, const gm__gemm_part *part) {
  const gm__gemm *g = call->gemm;
  work w = {
      .native = native, .call = call, .gemm = g, .part = part, .size = native->size, .column = g->n == 1};
  bool raw = hides(g->a_form, g->a_raw);
  w.lays_a = (g->a_column != 1 && g->k > 1) || (raw && w.column);
  w.edged = raw && !w.lays_a;
  w.lays_b = call->packed == NULL && (hides(g->b_form, g->b_raw) || (w.column ? g->b_row : g->b_column) != 1);
  w.direct =
      (w.column || g->c_column == 1) && !gm__gemm_detached(call) && (g->beta == 0 || call->added != call->c);
  for (int64_t row = part->row, rows; row < part->row + part->rows; row += rows) {
    rows = block_rows(&w, row);
    one_block(&w, row, rows);
  }
}

void gm__native_form_grain(const gm__gemm *g, int threads, int64_t *rows, int64_t *columns) {
  enum { PARTS = 4 };
  int64_t parts = (int64_t)threads * PARTS * (g->symmetric ? 2 : 1);
  *rows = ((g->m - 1) / (parts * STEP) + 1) * STEP;
  *columns = g->n;
}
