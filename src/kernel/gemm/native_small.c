/* SPDX-License-Identifier: MIT
 *
 * Small native products, of one panel that lies as it should: no more is made of them than their tiles. Of a
 * series of them, each fetches the next. */
#include "kernel/gemm/native_work.h"

/* It lies as it should and is of one panel: no more is made of it than its tiles. */
static bool is_small(const gm__native *native, const gm__gemm_call *call) {
  const gm__gemm *g = call->gemm;
  return g->n != 1 && g->n <= gm__panel_columns(native) && g->k <= GM__DEEP && g->a_column == 1 &&
         g->b_column == 1 && g->c_column == 1 && g->alpha == 1 && call->added == NULL && call->packed == NULL;
}

static gm__tile small_tile(const gm__native *native, const gm__gemm_call *call, const gm__gemm_part *part) {
  const gm__gemm *g = call->gemm;
  int64_t size = native->size, a_row = g->a_row * size, c_row = g->c_row * size;
  return (gm__tile){.a = call->a + part->row * a_row,
      .b = call->b,
      .ahead = call->a,
      .c = call->c + part->row * c_row,
      .a_row = a_row,
      .b_row = g->b_row * size,
      .c_row = c_row,
      .depth = g->k,
      .b_last = (int)((g->n - 1) & (native->lanes - 1)) + 1};
}

/* What the tiles of one product of a series fetch of the next one: first b, then a, then c; so many tiles
 * share each of these, and so many bytes are a tile's. */
typedef struct ahead {
  int64_t tiles, bytes[3], step[3];
} ahead;

static ahead ahead_of(const gm__gemm *g, const gm__tile *t, int64_t count) {
  ahead next = {.tiles = (count + 2) / 3, .bytes = {t->b_row * g->k, t->a_row * g->m, t->c_row * g->m}};
  for (int i = 0; i < 3; i++) {
    next.bytes[i] /= next.tiles;
    next.step[i] = next.bytes[i] / g->k;
  }
  return next;
}

bool gm__native_series(
    const gm__native *native, const gm__gemm_call *first, int64_t count, const int64_t steps[3]) {
  const gm__gemm *g = first->gemm;
  if (!is_small(native, first) || first->epilogue != NULL) return false;
  int64_t vectors = gm__vectors_of(native, g->n), most = native->rows[vectors - 1];
  void (*const *of)(const gm__tile *) = native->tiles[vectors - 1];
  gm__tile t = small_tile(native, first, &(const gm__gemm_part){0});
  const ahead next = ahead_of(g, &t, (g->m + most - 1) / most);
  t.last = (int)(g->n - (vectors - 1) * native->lanes);
  for (int64_t i = 0; i < count; i++) {
    const char *begin[3] = {first->b + i * steps[1], first->a + i * steps[0], first->c + i * steps[2]};
    int64_t tile = 0, what = 0;
    t.b = begin[0], t.a = begin[1], t.c = (char *)(uintptr_t)begin[2];
    for (int64_t row = 0; row < g->m; tile++) {
      int64_t some = gm__native_next_rows(g->m - row, most);
      if (tile == next.tiles && what < 2) tile = 0, what++;
      t.ahead = begin[what] + steps[what == 0 ? 1 : what == 1 ? 0 : 2] + tile * next.bytes[what];
      t.ahead_step = next.step[what];
      t.line = t.ahead_step / vectors;
      of[some - 1](&t);
      t.a += some * t.a_row;
      t.c += some * t.c_row;
      row += some;
    }
  }
  return true;
}

bool gm__native_small(const gm__native *native, const gm__gemm_call *call, const gm__gemm_part *part) {
  if (!is_small(native, call) || part->columns != call->gemm->n || gm__gemm_detached(call)) return false;
  gm__tile t = small_tile(native, call, part);
  gm__native_tiles(native, &t, part->rows, part->columns);
  if (call->epilogue != NULL) gm__gemm_finish(call, part, NULL, 0);
  return true;
}
