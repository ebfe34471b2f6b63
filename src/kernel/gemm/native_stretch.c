/* SPDX-License-Identifier: MIT
 *
 * Native products that wait for one large matrix in memory, which lies by rows and is read once: few rows
 * times it, and its transpose times one column. It is read in long stretches of a few rows at a time, the
 * sums of which stay in the first cache, instead of in panels, for which each row is another page. */
#include "kernel/gemm/native_work.h"
#include "kernel/strided.h"

/* The most rows; bytes of sums of a row, of a row of the matrix that other rows find in the first cache, and
 * of a matrix that is worth it. */
enum { ROWS = 4, SUMS = 16 * 1024, NEAR = 4 * 1024, WORTH = 128 * 1024 };

/* Whole vectors of a few steps of depth, one row of the result after the other while they are near. */
static void whole_vectors(const gm__native *native, const gm__tile *t, int64_t rows, int64_t columns) {
  int64_t size = native->size, most = rows == 1 ? columns : NEAR / size;
  for (int64_t j = 0; j < columns; j += most)
    for (int64_t i = 0; i < rows; i++)
      native->stretch(t->c + i * t->c_row + j * size,
          t->from == NULL ? NULL : t->from + i * t->from_row + j * size, t->a + i * t->a_row, t->b + j * size,
          t->b_row, gm__least(most, columns - j), t->adds);
}

void gm__native_stretch(const gm__native *native, const gm__tile *all, int64_t rows, int64_t columns,
    char *partial, int64_t partial_row) {
  int64_t whole = columns & -(GM__TILE_VECTORS * (int64_t)native->lanes);
  gm__tile t = *all;
  for (int64_t k = 0; k < all->depth; k += GM__STEPS) {
    bool last = k + GM__STEPS >= all->depth;
    t.a = all->a + k * native->size;
    t.b = all->b + k * t.b_row;
    t.depth = gm__least(GM__STEPS, all->depth - k);
    t.from = k > 0 ? partial : NULL;
    t.from_row = partial_row;
    t.c = last ? all->c : partial;
    t.c_row = last ? all->c_row : partial_row;
    t.adds = last && all->adds;
    int64_t done = t.depth == GM__STEPS ? whole : 0;
    if (done > 0) whole_vectors(native, &t, rows, done);
    if (done < columns) gm__native_line(native, &t, rows, done, columns);
  }
}

/* Some columns at all depths. */
static void columns(const gm__work *w, gm__block *b) {
  _Alignas(64) char room[ROWS * SUMS];
  for (b->k = 0; b->k < w->k; b->k += GM__DEEP) {
    b->depth = gm__least(GM__DEEP, w->k - b->k);
    gm__tile t = {.a = w->a + (b->row * w->a_row + b->k) * w->size,
        .a_row = w->a_row * w->size,
        .b = w->b + (b->k * w->b_row + b->column) * w->size,
        .b_row = w->b_row * w->size,
        .c = b->sums,
        .c_row = b->sums_row,
        .depth = b->depth,
        .adds = b->k > 0};
    gm__native_stretch(w->native, &t, b->rows, b->columns, room, SUMS);
  }
  gm__native_finish(w, b);
}

bool gm__native_stretched(const gm__work *w, const gm__gemm_part *p) {
  if (!w->a_lies || !w->b_lies || !w->direct || w->call->packed != NULL || p->rows > ROWS ||
      p->columns <= gm__panel_columns(w->native) || p->columns * w->k * w->size < WORTH)
    return false;
  int64_t most = SUMS / w->size;
  for (int64_t done = 0; done < p->columns; done += most) {
    gm__block b = {.row = p->row,
        .rows = p->rows,
        .column = p->column + done,
        .columns = gm__least(most, p->columns - done),
        .sums_row = w->c_row * w->size};
    b.sums = w->c + (b.row * w->c_row + b.column) * w->size;
    columns(w, &b);
  }
  return true;
}

/* The sums of each lane for all rows, at one range of depth: a lane is every `lanes`th column of A. */
static void lanes_at(const gm__work *w, const gm__block *b, char *sums, int64_t lanes) {
  _Alignas(64) char x[GM__DEEP * GM__NUMBER];
  for (int64_t l = 0; l < lanes; l++, sums += GM__LANE) {
    const char *a = w->a + (b->row + (b->k + l) * w->a_column) * w->size;
    int64_t depth = (b->depth - l + lanes - 1) / lanes;
    gm__tile t = {.a = x, .b = a, .b_row = lanes * w->a_column * w->size, .c = sums, .depth = depth};
    if (depth <= 0) {
      memset(sums, 0, GM__LANE);
      continue;
    }
    gm__strided_copy(
        x, 1, w->b + (b->k + l) * w->b_row * w->size, lanes * w->b_row, (size_t)depth, (size_t)w->size);
    gm__native_stretch(w->native, &t, 1, b->rows, sums, GM__LANE);
  }
}

void gm__native_lanes(const gm__work *w, const gm__block *all) {
  _Alignas(64) char sums[GM__LANES(4) * GM__LANE];
  int64_t lanes = GM__LANES(w->size);
  gm__block b = *all;
  for (b.k = 0; b.k < w->k; b.k += GM__DEEP) {
    b.depth = gm__least(GM__DEEP, w->k - b.k);
    lanes_at(w, &b, sums, lanes);
    for (int64_t half = lanes / 2; half > 0; half /= 2)
      for (int64_t l = 0; l < half; l++)
        gm__native_add(sums + l * GM__LANE, sums + (l + half) * GM__LANE, w->size, b.rows);
    if (b.k == 0)
      memcpy(b.sums, sums, (size_t)(b.rows * w->size));
    else
      gm__native_add(b.sums, sums, w->size, b.rows);
  }
}
