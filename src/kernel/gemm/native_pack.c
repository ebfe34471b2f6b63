/* SPDX-License-Identifier: MIT
 *
 * How native products want matrices to lie, and into which parts they are cut: the packed form of B, which is
 * panels one after the other (native.h), and rows for a stretch of depth where a matrix has none. */
#include "kernel/gemm/native.h"
#include "kernel/face.h"

/* Parts for a thread; the fewest rows of one, and multiplications that a part is worth. */
enum { PARTS = 4, FEW_ROWS = 48, UNIT = 64 };

static int64_t least(int64_t a, int64_t b) {
  return a < b ? a : b;
}
static int64_t rounded(int64_t value, int64_t to) {
  return (value + to - 1) / to * to;
}
static int64_t shares(int64_t value, int64_t by) {
  return (value + by - 1) / by;
}

const char *gm__native_refuses(const gm__gemm *g) {
  gm_dtype wider;
  switch (g->in) {
  case GM_FLOAT32:
  case GM_FLOAT64: wider = g->in; break;
  case GM_FLOAT16:
  case GM_BFLOAT16: wider = GM_FLOAT32; break;
  case GM_INT8:
  case GM_UINT8: wider = GM_INT32; break;
  default: return "native products are of real floats, or of integers of 8 bits";
  }
  if (g->out != g->in && g->out != wider) return "native products do not make this dtype of that one";
  if (g->a_form != NULL || g->b_form != NULL || g->symmetric) return "a factor or the result has a form";
  return NULL;
}

/* By rows where these are enough, else by columns, too. */
void gm__native_grain(
    const gm__native *native, const gm__gemm *g, int threads, int64_t *rows, int64_t *columns) {
  (void)native;
  int64_t parts = (int64_t)threads * PARTS, down = least(parts, shares(g->m, FEW_ROWS));
  if (g->n == 1) down = parts;
  *rows = shares(g->m, down);
  *columns = least(g->n, rounded(shares(g->n, shares(parts, down)), UNIT));
}

void gm__lay_rows(const gm__native *native, char *to, int64_t to_row, int64_t width, const char *from,
    int64_t row, int64_t column, int64_t rows, int64_t columns) {
  int64_t size = native->size;
  const gm__face face = {rows, columns, row, column, to_row / size, 1};
  gm__face_copy(&face, to, from, (size_t)size);
  for (int64_t i = 0; i < rows && width > columns; i++)
    memset(to + i * to_row + columns * size, 0, (size_t)((width - columns) * size));
}

size_t gm__native_packed_bytes(const gm__native *native, const gm__gemm *g) {
  if (g->n == 1 || (g->b_column == 1 && g->n <= gm__panel_columns(native))) return 0;
  return (size_t)rounded(gm__panel_width(native, g->n) * g->k * native->size, 64);
}

void gm__native_pack(
    const gm__native *native, const gm__gemm *g, const void *b, void *packed, int64_t column, int64_t end) {
  int64_t size = native->size, wide = gm__panel_columns(native);
  for (; column < end; column += wide) {
    int64_t columns = least(wide, g->n - column), width = gm__panel_width(native, columns);
    gm__lay_rows(native, (char *)packed + column * g->k * size, width * size, width,
        (const char *)b + column * g->b_column * size, g->b_row, g->b_column, g->k, columns);
  }
}
