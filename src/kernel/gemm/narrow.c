/* SPDX-License-Identifier: MIT
 *
 * Walking products of narrow dtypes. A part of C goes by some panels' columns, each by blocks of rows, each
 * by ranges of depth; the sums of such a block are on the stack. There, the rows of A are brought into units
 * on the stack, a few at a time, and the panels go over them tile by tile: packed, or where B lies, or one
 * panel that is laid out on the stack for as many rows as there is room for sums. What is summed is finished
 * at once: what bytes had too much, alpha, what is added, the conversion, the epilogue. */
#include "kernel/clones.h"
#include "kernel/gemm/narrow.h"
#include "kernel/strided.h"

/* Columns of a block, and rows of A that are units at a time: what this takes, with more rows of fewer
 * columns where a panel is laid out for them. Bytes of a row of units, without those that keep rows apart in
 * the cache; of bytes, the depth that has a laid panel of the same size. */
enum { COLUMNS = 256, ROWS = 24, SUMS = COLUMNS * ROWS, MOST_ROWS_LAID = 96, FEW_ROWS = 6 };
enum { UNITS = GM__DEEP, UNITS_OF_BYTES = 256, APART = 16, LAID = 64 * 1024 };

/* A part under way. */
typedef struct work {
  const gm__narrow *narrow;
  const gm__gemm_call *call;
  const gm__gemm *gemm;
  int64_t in, out; /* bytes of elements of A and B, and of C */
  int64_t deepest; /* elements of a range of depth */
  const char *added;
  bool whole, puts_right, column, detached; /* whole: numbers are integers */
  bool few, streams; /* rows, so that a panel is read in one go; so that B is read once */
} work;

/* A block of C, with its sums in rows that are `width` apart, and what is to be added to them. */
typedef struct block {
  int64_t row, rows, column, columns, k, depth, width;
  uint32_t *sums;
  uint32_t of_rows[MOST_ROWS_LAID], of_columns[COLUMNS];
  bool laid;
} block;

static int64_t least(int64_t a, int64_t b) {
  return a < b ? a : b;
}
static int64_t rounded(int64_t value, int64_t to) {
  return (value + to - 1) / to * to;
}

/* ---- What becomes of sums ---- */

GM__CLONES_FEW(blend_floats)
static void blend_floats(void *sums_, const void *added_, const gm__gemm *g, size_t count) {
  float *restrict sums = sums_;
  const float *restrict added = added_;
  const float alpha = (float)g->alpha, beta = (float)g->beta;
  GM__EACH(i, count, sums[i] = alpha * sums[i]);
  if (added == NULL) return;
  GM__EACH(i, count, sums[i] += beta * added[i]);
}

static uint32_t wrapped(double factor) {
  int64_t out;
  gm__convert(&out, GM_INT64, &factor, GM_FLOAT64, 1);
  return (uint32_t)out;
}

static void blend_integers(void *sums_, const void *added_, const gm__gemm *g, size_t count) {
  uint32_t *restrict sums = sums_;
  const uint32_t *restrict added = added_;
  const uint32_t alpha = wrapped(g->alpha), beta = wrapped(g->beta);
  GM__EACH(i, count, sums[i] = alpha * sums[i]);
  if (added == NULL) return;
  GM__EACH(i, count, sums[i] += beta * added[i]);
}

/* What is added, `unit` apart, as numbers of sums. */
static void bring_added(const work *w, void *to, const char *from, int64_t unit, int64_t length) {
  _Alignas(64) char raw[COLUMNS * 4];
  if (unit != 1) {
    gm__strided_copy(raw, 1, from, unit, (size_t)length, (size_t)w->out);
    from = raw;
  }
  if (w->out == 4)
    memcpy(to, from, (size_t)length * 4);
  else if (w->whole)
    gm__convert(to, GM_INT32, from, w->gemm->out, (size_t)length);
  else
    w->narrow->bring_a(to, from, (size_t)length);
}

/* Sums to elements of the result. */
static void bring_result(const work *w, void *to, const void *sums, int64_t length) {
  if (w->out == 4)
    memcpy(to, sums, (size_t)length * 4);
  else if (w->whole)
    gm__convert(to, w->gemm->out, sums, GM_INT32, (size_t)length);
  else
    w->narrow->bring_c(to, sums, (size_t)length);
}

/* Sums of bytes, put right. */
GM__CLONES_FEW(put_right)
static void put_right(uint32_t *sums, const uint32_t *of_columns, uint32_t of_row, size_t count) {
  GM__EACH(j, count, sums[j] += of_columns[j] + of_row);
}

/* One line of sums, `at` bytes from the first element, the elements of which are `unit` apart. */
static void finish_line(const work *w, uint32_t *sums, int64_t at, int64_t unit, int64_t length) {
  _Alignas(64) char raw[COLUMNS * 4];
  const gm__gemm *g = w->gemm;
  if (w->added != NULL) bring_added(w, raw, w->added + at, unit, length);
  if (w->added != NULL || g->alpha != 1)
    (w->whole ? blend_integers : blend_floats)(sums, w->added == NULL ? NULL : raw, g, (size_t)length);
  if (unit == 1 && !w->detached) {
    bring_result(w, w->call->c + at, sums, length);
    return;
  }
  bring_result(w, raw, sums, length);
  if (w->detached)
    memcpy(sums, raw, (size_t)(length * w->out));
  else
    gm__strided_copy(w->call->c + at, unit, raw, 1, (size_t)length, (size_t)w->out);
}

/* One column of sums is contiguous, as a row of it is else. */
static void finish(const work *w, block *b) {
  const gm__gemm *g = w->gemm;
  int64_t lines = w->column ? 1 : b->rows, length = w->column ? b->rows : b->columns;
  int64_t unit = w->column ? g->c_row : g->c_column;
  for (int64_t i = 0; i < lines; i++) {
    uint32_t *sums = b->sums + i * b->width;
    if (w->puts_right) put_right(sums, b->of_columns, b->of_rows[i], (size_t)length);
    finish_line(w, sums, ((b->row + i) * g->c_row + b->column * g->c_column) * w->out, unit, length);
  }
  const gm__gemm_part part = {b->row, b->rows, b->column, b->columns};
  int64_t apart = w->column ? 1 : b->width * 4 / w->out;
  gm__gemm_finish(w->call, &part, w->detached ? b->sums : NULL, apart);
}

/* ---- Tiles ---- */

/* Columns of one panel over rows of units. */
static void tiles(const work *w, gm__tile *t, int64_t rows, int64_t columns) {
  const gm__narrow *of = w->narrow;
  int64_t vectors = (columns + of->lanes - 1) / of->lanes, at_once = vectors == of->vectors ? vectors : 1;
  int64_t most = of->rows[at_once > 1], count = (rows + most - 1) / most, each = rows / count,
          more = rows % count;
  for (int64_t i = 0; i < count; i++) {
    int64_t now = each + (i < more);
    for (int64_t v = 0; v < vectors; v += at_once) {
      gm__tile one = *t;
      one.b += v * of->lanes * of->group * of->size;
      one.c += v * of->lanes * 4;
      of->tiles[at_once - 1][now - 1](&one);
    }
    t->streams = false;
    t->a += now * t->a_row;
    t->c += now * t->c_row;
  }
}

/* The panels of a block over `rows` rows of units, which are `first` rows below its first. `laid`: the only
 * one, where it was laid out. */
static void panels(const work *w, const block *b, int64_t first, int64_t rows, const char *a, int64_t a_row,
    const char *laid) {
  const gm__narrow *of = w->narrow;
  const gm__gemm *g = w->gemm;
  int64_t wide = (int64_t)of->lanes * of->vectors, unit = (int64_t)of->group * of->size;
  int64_t all = rounded(g->k, of->group);
  for (int64_t done = 0; done < b->columns; done += wide) {
    int64_t column = b->column + done, columns = least(wide, b->columns - done);
    int64_t width = least(wide, rounded(g->n - column, of->lanes));
    gm__tile t = {.a = a,
        .a_row = a_row,
        .b = laid,
        .b_row = width * unit,
        .c = (char *)(b->sums + first * b->width + done),
        .c_row = b->width * 4,
        .depth = rounded(b->depth, of->group) / of->group,
        .last = of->lanes,
        .b_last = of->lanes,
        .adds = b->k > 0,
        .half = of->half,
        .streams = w->streams && laid == NULL};
    if (laid != NULL) {
      t.b_row = rounded(columns, of->lanes) * unit;
    } else if (w->call->packed != NULL) {
      t.b = w->call->packed + (column * all + b->k * width) * of->size;
    } else {
      t.b = w->call->b + (b->k * g->b_row + column) * w->in;
      t.b_row = g->b_row * w->in;
    }
    tiles(w, &t, rows, columns);
  }
}

/* A row of A from the block's depth as units. */
static void bring_row(const work *w, char *to, const char *from, int64_t depth) {
  char raw[UNITS * 4];
  const gm__narrow *of = w->narrow;
  size_t count = (size_t)depth;
  if (w->gemm->a_column != 1) {
    gm__strided_copy(raw, 1, from, w->gemm->a_column, count, (size_t)w->in);
    from = raw;
  }
  if (depth % of->group != 0) memset(to + depth / of->group * 4, 0, 4);
  if (of->bring_a != NULL)
    of->bring_a(to, from, count);
  else
    memcpy(to, from, count * (size_t)w->in);
}

/* A range of depth, a few rows of units at a time. */
static void rows_of_units(const work *w, block *b, const char *laid) {
  _Alignas(64) char units[ROWS * (UNITS + APART) * 4];
  const gm__gemm *g = w->gemm;
  int64_t a_row = (rounded(b->depth, w->narrow->group) / w->narrow->group + APART) * 4;
  for (int64_t first = 0; first < b->rows; first += ROWS) {
    int64_t rows = least(ROWS, b->rows - first);
    for (int64_t i = 0; i < rows; i++) {
      int64_t row = first + i;
      char *to = units + i * a_row;
      bring_row(w, to, w->call->a + ((b->row + row) * g->a_row + b->k * g->a_column) * w->in, b->depth);
      if (w->narrow->sum_a != NULL) b->of_rows[row] += 128 * w->narrow->sum_a(to, (size_t)b->depth);
    }
    if (w->column) {
      gm__tile t = {.a = units, .a_row = a_row, .b = laid, .c = (char *)(b->sums + first), .c_row = 4};
      t.depth = b->depth, t.adds = b->k > 0;
      w->narrow->column(&t, rows);
    } else {
      panels(w, b, first, rows, units, a_row, laid);
    }
  }
}

/* The same, for a panel that is laid out first, or a column. */
static __attribute__((noinline)) void laid_rows(const work *w, block *b) {
  _Alignas(64) char laid[LAID];
  if (w->column) {
    char raw[UNITS * 4];
    gm__strided_copy(
        raw, 1, w->call->b + b->k * w->gemm->b_row * w->in, w->gemm->b_row, (size_t)b->depth, (size_t)w->in);
    w->narrow->bring_a(laid, raw, (size_t)b->depth);
  } else {
    const gm__gemm_part of = {b->k, b->depth, b->column, b->columns};
    gm__narrow_lay(w->narrow, w->gemm, w->call->b, laid, &of, rounded(b->columns, w->narrow->lanes),
        w->narrow->sums_b ? b->of_columns : NULL);
  }
  rows_of_units(w, b, laid);
}

/* ---- Blocks ---- */

static __attribute__((noinline)) void sum_block(const work *w, block *b) {
  _Alignas(64) char sums[SUMS * 4];
  const uint32_t *known =
      w->call->packed == NULL ? NULL : gm__narrow_sums(w->narrow, w->gemm, w->call->packed);
  b->sums = (uint32_t *)sums;
  memset(b->of_rows, 0, (size_t)b->rows * sizeof *b->of_rows);
  if (known != NULL)
    memcpy(b->of_columns, known + b->column, (size_t)b->columns * sizeof *known);
  else
    memset(b->of_columns, 0, (size_t)b->columns * sizeof *b->of_columns);
  for (b->k = 0; b->k < w->gemm->k; b->k += w->deepest) {
    b->depth = least(w->deepest, w->gemm->k - b->k);
    if (b->laid)
      laid_rows(w, b);
    else
      rows_of_units(w, b, NULL);
  }
  finish(w, b);
}

/* How many of the columns are a block, and how they are read. */
static void next_columns(const work *w, block *b, int64_t columns) {
  const gm__narrow *of = w->narrow;
  int64_t wide = (int64_t)of->lanes * of->vectors, whole = columns / of->lanes * of->lanes;
  bool lies = of->bring_b == NULL && of->group == 1 && w->gemm->b_column == 1 && whole > 0;
  b->laid = w->column || (w->call->packed == NULL && !lies);
  b->columns = least(COLUMNS, w->call->packed == NULL && lies ? whole : columns);
  if (b->laid || (w->call->packed != NULL && w->few)) b->columns = least(wide, columns);
  b->width = w->column ? 1 : rounded(b->columns, of->lanes);
}

static void blocks(const work *w, const gm__gemm_part *p) {
  block b = {.column = p->column};
  for (int64_t end = p->column + p->columns; b.column < end; b.column += b.columns) {
    next_columns(w, &b, end - b.column);
    int64_t most = b.laid ? MOST_ROWS_LAID : ROWS;
    for (int64_t done = 0; done < p->rows; done += most) {
      b.row = p->row + done;
      b.rows = least(most, p->rows - done);
      sum_block(w, &b);
    }
  }
}

void gm__narrow_part(const gm__narrow *narrow, const gm__gemm_call *call, const gm__gemm_part *part) {
  const gm__gemm *g = call->gemm;
  const work w = {.narrow = narrow,
      .call = call,
      .gemm = g,
      .in = (int64_t)gm__dtype_bytes(g->in),
      .out = (int64_t)gm__dtype_bytes(g->out),
      .deepest = narrow->group == 4 ? 4 * UNITS_OF_BYTES : GM__DEEP,
      .added = g->beta != 0 ? call->added : NULL,
      .whole = g->in <= GM_INT64,
      .few = part->rows <= FEW_ROWS,
      .streams = part->rows <= ROWS,
      .puts_right = narrow->sums_b || narrow->sum_a != NULL,
      .column = g->n == 1 && narrow->column != NULL,
      .detached = call->epilogue != NULL && gm__gemm_detached(call)};
  blocks(&w, part);
}
