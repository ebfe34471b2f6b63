/* SPDX-License-Identifier: MIT
 *
 * How native products want matrices to lie, and into which parts they are cut: the packed form of B, which is
 * panels one after the other (native.h), and rows for a stretch of depth where a matrix has none. */
#include "kernel/face.h"
#include "kernel/gemm/native.h"
#include "kernel/strided.h"

/* Parts for a thread; the fewest rows of one, and multiplications that a part is worth; rows with a form that
 * are laid out together. */
enum { PARTS = 4, FEW_ROWS = 48, UNIT = 64, STRETCH = 16 };

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
  if (g->in != GM_FLOAT32 && g->in != GM_FLOAT64 && gm__gemm_formed(g))
    return "a factor or the result has a form";
  if (g->a_raw && g->a_form != NULL && g->a_form->symmetric) return "the symmetric factor is on the left";
  if (g->symmetric && g->beta != 0) return "something is added to a symmetric result";
  return NULL;
}

/* By rows where these are enough, else by columns, too. */
void gm__native_grain(
    const gm__native *native, const gm__gemm *g, int threads, int64_t *rows, int64_t *columns) {
  (void)native;
  if (gm__gemm_formed(g)) {
    gm__native_form_grain(g, threads, rows, columns);
    return;
  }
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

/* Rows and columns of a matrix. */
typedef struct zone {
  int64_t row, rows, column, columns;
} zone;

/* What is inside [first, end) of row `i` of its columns; of a symmetric matrix what is above from below. */
static void lay_row(const gm__shaped *m, char *to, int64_t i, int64_t first, int64_t end, size_t size) {
  int64_t turn = end;
  if (m->form->symmetric && turn > i + 1) turn = first > i + 1 ? first : i + 1;
  if (first < turn)
    gm__strided_copy(to, 1, m->from + (i * m->row + first * m->column) * (int64_t)size, m->column,
        (size_t)(turn - first), size);
  if (turn < end)
    gm__strided_copy(to + (turn - first) * (int64_t)size, 1,
        m->from + (turn * m->row + i * m->column) * (int64_t)size, m->row, (size_t)(end - turn), size);
}

/* Rows over an edge of the form, one by one. */
static void lay_edge(size_t size, char *to, int64_t to_row, const gm__shaped *m, const zone *z) {
  for (int64_t i = 0; i < z->rows; i++, to += to_row) {
    int64_t first, end, least_column = z->column, most_column = z->column + z->columns;
    gm__form_row(*m->form, z->row + i, m->columns, &first, &end);
    first = first < least_column ? least_column : least(first, most_column);
    end = end < first ? first : least(end, most_column);
    memset(to, 0, (size_t)(first - least_column) * size);
    lay_row(m, to + (first - least_column) * (int64_t)size, z->row + i, first, end, size);
    memset(to + (end - least_column) * (int64_t)size, 0, (size_t)(most_column - end) * size);
  }
}

/* Is all of it inside as it lies (1), or the other way (-1)? */
static int lies(const gm__shaped *m, const zone *z) {
  int64_t first, end, last_first, last_end, most_column = z->column + z->columns;
  if (m->form == NULL) return 1;
  gm__form_row(*m->form, z->row, m->columns, &first, &end);
  gm__form_row(*m->form, z->row + z->rows - 1, m->columns, &last_first, &last_end);
  if (last_first > z->column || end < most_column) return 0;
  if (!m->form->symmetric || most_column <= z->row + 1) return 1;
  return z->column + 1 >= z->row + z->rows ? -1 : 0;
}

static void lay_zone(const gm__native *native, char *to, int64_t to_row, const gm__shaped *m, const zone *z) {
  int way = lies(m, z);
  if (way == 0) {
    lay_edge(native->size, to, to_row, m, z);
    return;
  }
  int64_t at = way > 0 ? z->row * m->row + z->column * m->column : z->column * m->row + z->row * m->column;
  gm__face face = {z->rows, z->columns, way > 0 ? m->row : m->column, way > 0 ? m->column : m->row,
      to_row / native->size, 1};
  gm__face_copy(&face, to, m->from + at * native->size, native->size);
}

/* Rows of a form: what is inside for all of them, and what is mirrored for all, by itself. */
static void lay_stretch(
    const gm__native *native, char *to, int64_t to_row, const gm__shaped *m, const zone *all) {
  int64_t first, end, last, cuts[5] = {0}, last_row = all->row + all->rows - 1,
                            stop = all->column + all->columns;
  gm__form_row(*m->form, all->row, m->columns, &first, &end);
  gm__form_row(*m->form, last_row, m->columns, &last, &first);
  cuts[0] = last;
  cuts[1] = m->form->symmetric ? all->row + 1 : end;
  cuts[2] = m->form->symmetric ? last_row : end;
  cuts[3] = end;
  cuts[4] = stop;
  zone z = *all;
  for (int i = 0; i < 5; i++) {
    z.columns = least(cuts[i], stop) - z.column;
    if (z.columns <= 0) continue;
    lay_zone(native, to + (z.column - all->column) * native->size, to_row, m, &z);
    z.column += z.columns;
  }
}

void gm__lay_shaped(const gm__native *native, char *to, int64_t to_row, int64_t width, const gm__shaped *m,
    int64_t row_at, int64_t column_at, int64_t rows, int64_t columns) {
  zone z = {row_at, rows, column_at, columns};
  int64_t rest = (width - columns) * native->size;
  for (int64_t i = 0; i < rows && rest > 0; i++)
    memset(to + i * to_row + columns * native->size, 0, (size_t)rest);
  if (m->form == NULL) {
    lay_zone(native, to, to_row, m, &z);
    return;
  }
  for (int64_t done = 0; done < rows; done += STRETCH) {
    z.row = row_at + done;
    z.rows = least(STRETCH, rows - done);
    lay_stretch(native, to + done * to_row, to_row, m, &z);
  }
}

size_t gm__native_packed_bytes(const gm__native *native, const gm__gemm *g) {
  bool lies = g->b_column == 1 && g->n <= gm__panel_columns(native);
  if (g->n == 1 || (lies && !(g->b_form != NULL && g->b_raw))) return 0;
  return (size_t)rounded(gm__panel_width(native, g->n) * g->k * native->size, 64);
}

void gm__native_pack(
    const gm__native *native, const gm__gemm *g, const void *b, void *packed, int64_t column, int64_t end) {
  int64_t size = native->size, wide = gm__panel_columns(native);
  const gm__shaped from = {b, g->b_row, g->b_column, g->n, g->b_raw ? g->b_form : NULL};
  for (; column < end; column += wide) {
    int64_t columns = least(wide, g->n - column), width = gm__panel_width(native, columns);
    gm__lay_shaped(
        native, (char *)packed + column * g->k * size, width * size, width, &from, 0, column, g->k, columns);
  }
}
