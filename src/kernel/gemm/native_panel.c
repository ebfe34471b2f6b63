/* SPDX-License-Identifier: MIT
 *
 * The panels of B in a native product: tile after tile of rows for each, with what is to be fetched on the
 * way. Few rows wait for B, so the steps ahead of them are fetched; a panel that comes from memory for
 * several tiles goes by pieces of depth that stay in the first cache, each tile fetching its share of the
 * next piece; with many rows, its share of the next panel. */
#include "kernel/gemm/native_work.h"

/* Bytes that few rows fetch ahead; of a piece; the most rows that go by pieces; a matrix B that is not
 * expected to be in a cache; the most rows of tiles that there are of every number of rows; bytes of a row of
 * a panel that is laid out. */
enum {
  AHEAD = 8 * 1024,
  PIECE = 16 * 1024,
  PIECE_ROWS = 24,
  FAR = 8 * 1024 * 1024,
  FEW_ROWS = 8,
  LAID_PANEL = 128
};

/* Rows for the next tile: as many as there may be, but no few that are left over. Between 8 and 16 there are
 * no tiles. */
int64_t gm__native_next_rows(int64_t rows, int64_t most) {
  if (rows >= most && most > FEW_ROWS) return most;
  if (most > FEW_ROWS) most = FEW_ROWS;
  return rows <= most ? rows : rows < 2 * most ? (rows + 1) / 2 : most;
}

/* A block of rows and one panel: tile after tile, each fetching its share of the panel that comes next. */
void gm__native_tiles(const gm__native *native, gm__tile *t, int64_t rows, int64_t columns) {
  int64_t vectors = gm__vectors_of(native, columns), most = native->rows[vectors - 1];
  void (*const *of)(const gm__tile *) = native->tiles[vectors - 1];
  t->last = (int)(columns - (vectors - 1) * native->lanes);
  while (rows > 0) {
    int64_t some = gm__native_next_rows(rows, most);
    of[some - 1](t);
    t->a += some * t->a_row;
    t->c += some * t->c_row;
    if (t->from != NULL) t->from += some * t->from_row;
    t->ahead += t->ahead_step * t->depth;
    rows -= some;
  }
}

void gm__native_line(
    const gm__native *native, const gm__tile *all, int64_t rows, int64_t done, int64_t columns) {
  int64_t wide = gm__panel_columns(native), size = native->size;
  for (; done < columns; done += wide) {
    int64_t some = gm__least(wide, columns - done);
    gm__tile t = {.a = all->a,
        .b = all->b + done * size,
        .from = all->from == NULL ? NULL : all->from + done * size,
        .c = all->c + done * size,
        .ahead = all->a,
        .a_row = all->a_row,
        .b_row = all->b_row,
        .from_row = all->from_row,
        .c_row = all->c_row,
        .depth = all->depth,
        .b_last = (int)((some - 1) & (native->lanes - 1)) + 1,
        .adds = all->adds};
    gm__native_tiles(native, &t, rows, some);
  }
}

/* What the tile is to fetch on the way: its share of whole rows of the panel from `ahead` on. */
static void fetch(const gm__work *w, gm__tile *t, const char *ahead, int64_t shares) {
  t->ahead = ahead;
  t->ahead_step = t->b_row / shares;
  t->line = t->ahead_step / w->native->vectors;
}

/* Fields of a tile are set one by one: copies of what has just been written would wait for all stores before.
 */

/* Panels that come from memory, and several tiles of rows for each of them: the depth goes by pieces that
 * stay in the first cache, and each tile fetches its share of the next. */
static void piece_tiles(const gm__work *w, gm__tile *t, const gm__block *b, int64_t pieces) {
  _Alignas(64) char room[PIECE_ROWS * GM__PANEL];
  const gm__tile all = *t;
  char *partial = b->k == 0 ? all.c : room;
  int64_t row = b->k == 0 ? all.c_row : GM__PANEL, share = w->native->rows[w->native->vectors - 1];
  for (int64_t k = 0; k < b->depth; k += pieces) {
    bool last = k + pieces >= b->depth;
    t->a = all.a + k * w->size;
    t->b = all.b + k * t->b_row;
    t->depth = gm__least(pieces, b->depth - k);
    t->from = k > 0 ? partial : NULL;
    t->from_row = row;
    t->c = last ? all.c : partial;
    t->c_row = last ? all.c_row : row;
    t->adds = last && all.adds;
    fetch(w, t, t->b + t->depth * t->b_row, (b->rows + share - 1) / share);
    gm__native_tiles(w->native, t, b->rows, b->columns);
  }
}

/* Somewhat too many rows for one tile: more of them with half the vectors. */
static void half_tiles(const gm__work *w, gm__tile *t, const gm__block *b) {
  int64_t left = (int64_t)w->native->vectors / 2 * w->native->lanes;
  const char *a = t->a, *ahead = t->ahead;
  char *c = t->c;
  gm__native_tiles(w->native, t, b->rows, left);
  t->a = a;
  t->b += left * w->size;
  t->c = c + left * w->size;
  t->ahead = ahead + left * w->size;
  gm__native_tiles(w->native, t, b->rows, b->columns - left);
}

/* A whole panel of the packed matrix, which comes from afar when that is large. */
static void panel_tiles(const gm__work *w, gm__tile *t, const gm__block *b) {
  const gm__native *native = w->native;
  int64_t most = native->rows[native->vectors - 1], count = (b->rows + most - 1) / most;
  bool far = w->n * w->k * w->size > FAR;
  if (count == 1 || b->rows <= native->rows[1])
    fetch(w, t, t->b + AHEAD, 1);
  else if (far)
    fetch(w, t, t->b + (b->columns == b->across ? b->depth : w->k) * t->b_row, count);
  if (far && count > 1 && b->rows <= PIECE_ROWS)
    piece_tiles(w, t, b, (b->rows <= FEW_ROWS ? PIECE : 2 * PIECE) / t->b_row);
  else if (count > 1 && b->rows <= native->rows[1] && native->vectors > 2)
    half_tiles(w, t, b);
  else
    gm__native_tiles(native, t, b->rows, b->columns);
}

static __attribute__((noinline)) void laid_tiles(const gm__work *w, gm__tile *t, const gm__block *b) {
  _Alignas(64) char laid[GM__DEEP * LAID_PANEL];
  int64_t width = gm__panel_width(w->native, b->columns);
  gm__lay_rows(w->native, laid, width * w->size, width,
      w->b + (b->k * w->b_row + b->column * w->b_column) * w->size, w->b_row, w->b_column, b->depth,
      b->columns);
  t->b = laid;
  t->b_row = width * w->size;
  gm__native_tiles(w->native, t, b->rows, b->columns);
}

/* The tile's view of B: a packed panel, or where it lies. */
static void find_b(const gm__work *w, gm__tile *t, const gm__block *b) {
  int64_t whole = gm__panel_columns(w->native),
          width = gm__least(whole, gm__panel_width(w->native, w->n - b->column));
  t->b_last = w->native->lanes;
  t->ahead = w->a;
  t->ahead_step = 0;
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
void gm__native_panels(const gm__work *w, const gm__block *all, const char *a, int64_t a_row) {
  bool laid = !w->b_lies && w->call->packed == NULL;
  int64_t wide =
      laid ? gm__least(LAID_PANEL / w->size, gm__panel_columns(w->native)) : gm__panel_columns(w->native);
  for (int64_t done = 0; done < all->columns; done += wide) {
    gm__block b = *all;
    b.column += done;
    b.columns = gm__least(wide, all->columns - done);
    b.across = all->columns;
    b.sums += done * w->size;
    gm__tile t = {
        .a = a, .a_row = a_row, .c = b.sums, .c_row = b.sums_row, .depth = b.depth, .adds = b.k > 0};
    find_b(w, &t, &b);
    if (laid)
      laid_tiles(w, &t, &b);
    else if (w->call->packed != NULL && b.columns == wide)
      panel_tiles(w, &t, &b);
    else
      gm__native_tiles(w->native, &t, b.rows, b.columns);
    if (b.k + b.depth == w->k && !b.unfinished) gm__native_finish(w, &b);
  }
}
