/* SPDX-License-Identifier: MIT
 *
 * Walking native products. A part of C goes by blocks of rows whose rows of A stay in the second cache, each
 * by blocks of depth, each by panels of B, each by tiles. Sums are kept in C itself where it lies by rows and
 * nothing else is to be read there, else in a block on the stack that is as wide as a panel. A panel that is
 * summed is finished at once: alpha, what is added, the epilogue. A and B are read where they lie, or laid
 * out on the stack where their rows are not contiguous; or rows and columns change places. */
#include "kernel/gemm/native_work.h"

/* Bytes of A's rows with which panels go one after the other over all depth, of what is finished together,
 * and of a page. */
enum { NEAR = 512 * 1024, TOGETHER = 256 * 1024, PAGE = 4096 };

/* ---- Blocks ---- */

static __attribute__((noinline)) void laid_panels(const gm__work *w, const gm__block *b) {
  _Alignas(64) char laid[GM__DEEP * GM__LAID];
  gm__lay_rows(w->native, laid, b->depth * w->size, b->depth,
      w->a + (b->row * w->a_row + b->k * w->a_column) * w->size, w->a_row, w->a_column, b->rows, b->depth);
  gm__native_panels(w, b, laid, b->depth * w->size);
}

static void depths(const gm__work *w, gm__block *b) {
  for (b->k = 0; b->k < w->k; b->k += GM__DEEP) {
    b->depth = gm__least(GM__DEEP, w->k - b->k);
    if (w->a_lies)
      gm__native_panels(w, b, w->a + (b->row * w->a_row + b->k) * w->size, w->a_row * w->size);
    else
      laid_panels(w, b);
  }
}

/* The columns of a block, panel by panel. */
static void across(const gm__work *w, const gm__block *all, char *sums) {
  int64_t wide = gm__panel_columns(w->native);
  for (int64_t done = 0; done < all->columns; done += wide) {
    gm__block b = *all;
    b.column += done;
    b.columns = gm__least(wide, all->columns - done);
    if (sums != NULL)
      b.sums = sums, b.sums_row = GM__PANEL;
    else
      b.sums += done * w->size;
    depths(w, &b);
  }
}

/* The same, several panels being finished together, in long rows, while they are in the second cache. */
static void across_together(const gm__work *w, const gm__block *all) {
  int64_t panel = gm__panel_columns(w->native), most = TOGETHER / (all->rows * w->size) / panel * panel;
  if (most < panel) most = panel;
  for (int64_t done = 0; done < all->columns; done += most) {
    gm__block b = *all;
    b.column += done;
    b.columns = gm__least(most, all->columns - done);
    b.sums += done * w->size;
    b.unfinished = true;
    across(w, &b, NULL);
    gm__native_finish(w, &b);
  }
}

static __attribute__((noinline)) void staged(const gm__work *w, const gm__block *all) {
  _Alignas(64) char sums[GM__BLOCK_ROWS * GM__PANEL];
  across(w, all, sums);
}

/* Rows of A that are a multiple of pages apart get into each other's way in the caches. */
static int64_t block_rows(const gm__work *w, int64_t rows) {
  if (!w->a_lies) return GM__LAID / w->size;
  if (!w->b_lies && w->call->packed == NULL && w->direct) return rows;
  return w->a_row * w->size % PAGE == 0 ? GM__BLOCK_ROWS / 2 : GM__BLOCK_ROWS;
}

static void blocks(const gm__work *w, const gm__gemm_part *p) {
  int64_t most = block_rows(w, p->rows);
  if (gm__native_stretched(w, p)) return;
  for (int64_t done = 0; done < p->rows; done += most) {
    gm__block b = {.row = p->row + done,
        .rows = gm__least(most, p->rows - done),
        .column = p->column,
        .columns = p->columns,
        .sums_row = w->c_row * w->size};
    b.sums = w->c + (b.row * w->c_row + b.column * w->c_column) * w->size;
    if (!w->direct)
      staged(w, &b);
    else if (w->a_lies && b.rows * w->k * w->size <= NEAR)
      across_together(w, &b);
    else
      depths(w, &b);
  }
}

/* ---- How a product is taken ---- */

static void settle(gm__work *w) {
  w->a_lies = w->a_column == 1 || w->k == 1;
  w->b_lies = w->b_column == 1;
  w->direct = (w->column ? w->c_row : w->c_column) == 1 && !w->detached && w->added != w->c;
}

/* What would have to be laid out, and twice that for B, which is many times. */
static int burden(int64_t a_column, int64_t b_column, int64_t c_column) {
  return 2 * (a_column != 1) + 4 * (b_column != 1) + (c_column != 1);
}

/* A vector times a matrix goes as the matrix lies, where the bits may depend on that. */
static bool vector_turned(const gm__gemm *g) {
  if (!g->loose || g->m == g->n) return false;
  return g->n == 1 ? g->a_column != 1 && g->a_row == 1 : g->b_column != 1 && g->b_row == 1;
}

static bool better_turned(const gm__work *w, const gm__gemm *g) {
  if (w->detached || w->call->packed != NULL) return false;
  if (g->m == 1 || g->n == 1) return vector_turned(g);
  if (g->m < w->native->lanes) return false;
  return burden(g->b_row, g->a_row, g->c_row) < burden(g->a_column, g->b_column, g->c_column);
}

static gm__work work_of(const gm__native *native, const gm__gemm_call *call) {
  const gm__gemm *g = call->gemm;
  gm__work w = {.native = native,
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
    w.column = g->m == 1;
  }
  settle(&w);
  return w;
}

void gm__native_part(const gm__native *native, const gm__gemm_call *call, const gm__gemm_part *part) {
  if (gm__native_small(native, call, part)) return;
  const gm__work w = work_of(native, call);
  const gm__gemm_part turned = {part->column, part->columns, part->row, part->rows};
  if (w.turned) part = &turned;
  if (w.column)
    gm__native_column(&w, part);
  else
    blocks(&w, part);
}
