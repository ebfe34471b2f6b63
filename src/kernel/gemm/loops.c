/* SPDX-License-Identifier: MIT
 *
 * The reference product: any dtype, any strides, no memory but the stack. Square tiles of A, B and C are
 * converted to the number that is computed with (float32 for float16 and bfloat16, unsigned integers that
 * wrap for the signed ones), so every element of C is the sum over k = 0, 1, 2, … in this order, whatever the
 * sizes, rounded once at the end. A factor's form is applied as its tiles are converted, and tiles that lie
 * outside are left out; of a symmetric result, those above the diagonal are mirrored. */
#include "kernel/gemm/provider.h"
#include "kernel/strided.h"

enum { TILE_BYTES = 16 * 1024, ROWS = 4, COLUMNS = 8, MOST_EDGE = 64 };

/* A number to compute with. `edge` is that of the tiles, a multiple of ROWS and COLUMNS. */
typedef struct number {
  gm_dtype dtype;
  size_t size, edge;
  /* c += a · b; rows and columns are multiples of ROWS and COLUMNS. */
  void (*multiply)(void *c, const void *a, const void *b, size_t rows, size_t columns, size_t depth);
  /* sums = alpha · sums + beta · c. */
  void (*blend)(void *sums, const void *c, size_t count, double alpha, double beta);
} number;

/* ROWS × COLUMNS sums stay in registers over the whole depth. */
#define MULTIPLY(name, T, EDGE)                                                                              \
  static void name##_block(T *restrict c, const T *restrict a, const T *restrict b, size_t depth) {          \
    T sums[ROWS][COLUMNS];                                                                                   \
    for (size_t i = 0; i < ROWS; i++)                                                                        \
      for (size_t j = 0; j < COLUMNS; j++) sums[i][j] = c[i * (EDGE) + j];                                   \
    for (size_t k = 0; k < depth; k++)                                                                       \
      for (size_t i = 0; i < ROWS; i++)                                                                      \
        for (size_t j = 0; j < COLUMNS; j++) sums[i][j] += a[i * (EDGE) + k] * b[k * (EDGE) + j];            \
    for (size_t i = 0; i < ROWS; i++)                                                                        \
      for (size_t j = 0; j < COLUMNS; j++) c[i * (EDGE) + j] = sums[i][j];                                   \
  }                                                                                                          \
  static void name##_multiply(                                                                               \
      void *c, const void *a, const void *b, size_t rows, size_t columns, size_t depth) {                    \
    for (size_t i = 0; i < rows; i += ROWS)                                                                  \
      for (size_t j = 0; j < columns; j += COLUMNS)                                                          \
        name##_block((T *)c + i * (EDGE) + j, (const T *)a + i * (EDGE), (const T *)b + j, depth);           \
  }

/* S: the type of the factors. */
#define BLEND(name, T, S, SCALAR)                                                                            \
  static void name##_blend(void *sums_, const void *c_, size_t count, double alpha, double beta) {           \
    const S scale = SCALAR(S, alpha), keep = SCALAR(S, beta);                                                \
    T *restrict sums = sums_;                                                                                \
    const T *restrict c = c_;                                                                                \
    for (size_t i = 0; i < count; i++) sums[i] = scale * sums[i];                                            \
    for (size_t i = 0; beta != 0 && i < count; i++) sums[i] += keep * c[i];                                  \
  }

/* Real and imaginary parts side by side, so that no infinity is looked for: a plain product of four. */
#define COMPLEX(name, T, EDGE)                                                                               \
  static void name##_row(                                                                                    \
      T *restrict c, const T *restrict a, const T *restrict b, size_t columns, size_t depth) {               \
    for (size_t k = 0; k < depth; k++) {                                                                     \
      T re = a[2 * k], im = a[2 * k + 1];                                                                    \
      const T *restrict x = b + k * 2 * (EDGE);                                                              \
      for (size_t j = 0; j < 2 * columns; j += 2) {                                                          \
        c[j] += re * x[j] - im * x[j + 1];                                                                   \
        c[j + 1] += re * x[j + 1] + im * x[j];                                                               \
      }                                                                                                      \
    }                                                                                                        \
  }                                                                                                          \
  static void name##_multiply(                                                                               \
      void *c, const void *a, const void *b, size_t rows, size_t columns, size_t depth) {                    \
    for (size_t i = 0; i < rows; i++)                                                                        \
      name##_row((T *)c + i * 2 * (EDGE), (const T *)a + i * 2 * (EDGE), b, columns, depth);                 \
  }

#define AS_REAL(T, value) ((T)(value))
#define AS_INTEGER(T, value) ((T)saturated(value))

static int64_t saturated(double value) {
  int64_t out;
  gm__convert(&out, GM_INT64, &value, GM_FLOAT64, 1);
  return out;
}

MULTIPLY(float32, float, 64)
BLEND(float32, float, float, AS_REAL)
MULTIPLY(float64, double, 40)
BLEND(float64, double, double, AS_REAL)
MULTIPLY(int32, uint32_t, 64)
BLEND(int32, uint32_t, uint32_t, AS_INTEGER)
MULTIPLY(int64, uint64_t, 40)
BLEND(int64, uint64_t, uint64_t, AS_INTEGER)
COMPLEX(complex64, float, 40)
BLEND(complex64, float _Complex, float, AS_REAL)
COMPLEX(complex128, double, 32)
BLEND(complex128, double _Complex, double, AS_REAL)

static const number float32 = {GM_FLOAT32, 4, 64, float32_multiply, float32_blend};
static const number float64 = {GM_FLOAT64, 8, 40, float64_multiply, float64_blend};
static const number int32 = {GM_INT32, 4, 64, int32_multiply, int32_blend};
static const number int64 = {GM_INT64, 8, 40, int64_multiply, int64_blend};
static const number complex64 = {GM_COMPLEX64, 8, 40, complex64_multiply, complex64_blend};
static const number complex128 = {GM_COMPLEX128, 16, 32, complex128_multiply, complex128_blend};

static const number *number_for(const gm__gemm *gemm) {
  gm_dtype wider = gemm->out > gemm->in ? gemm->out : gemm->in;
  switch (wider) {
  case GM_INT64: return &int64;
  case GM_FLOAT16:
  case GM_BFLOAT16:
  case GM_FLOAT32: return &float32;
  case GM_FLOAT64: return &float64;
  case GM_COMPLEX64: return &complex64;
  case GM_COMPLEX128: return &complex128;
  default: return &int32;
  }
}

/* The tiles at work. */
typedef struct tiles {
  const gm__gemm *gemm;
  const number *number;
  const char *a, *b;
  char *c;
  _Alignas(64) char of_a[TILE_BYTES];
  _Alignas(64) char of_b[TILE_BYTES];
  _Alignas(64) char of_c[TILE_BYTES];
} tiles;

/* `count` numbers from memory, converted. */
static void read_run(
    const number *as, void *to, const char *from, gm_dtype dtype, int64_t stride, size_t count) {
  char raw[MOST_EDGE * 16];
  if (stride != 1) {
    gm__strided_copy(raw, 1, from, stride, count, gm__dtype_bytes(dtype));
    from = raw;
  }
  gm__convert(to, as->dtype, from, dtype, count);
}

static size_t rounded(size_t count, size_t to) {
  return (count + to - 1) / to * to;
}

/* Part of a matrix to a tile, with zeros up to `rows_full` and `columns_full`. It begins at (row_at,
 * column_at) of a matrix with `all_columns`. */
typedef struct part {
  const char *from;
  int64_t row, column;
  size_t rows, columns, rows_full, columns_full;
  const gm__form *form;
  int64_t row_at, column_at, all_columns;
} part;

static int64_t between(int64_t value, int64_t least, int64_t most) {
  return value < least ? least : value > most ? most : value;
}

/* Row `i` of a part whose matrix has a form: what is inside, the upper part of a symmetric one from below. */
static void pack_shaped(const tiles *t, char *to, const part *p, int64_t i) {
  int64_t bytes = (int64_t)gm__dtype_bytes(t->gemm->in), size = (int64_t)t->number->size, row = p->row_at + i;
  int64_t first, end, least = p->column_at, most = p->column_at + (int64_t)p->columns;
  gm__form_row(*p->form, row, p->all_columns, &first, &end);
  first = between(first, least, most);
  end = between(end, first, most);
  int64_t turn = p->form->symmetric ? between(row + 1, first, end) : end;
  const char *origin = p->from - (p->row_at * p->row + p->column_at * p->column) * bytes;
  memset(to, 0, p->columns_full * t->number->size);
  read_run(t->number, to + (first - least) * size, origin + (row * p->row + first * p->column) * bytes,
      t->gemm->in, p->column, (size_t)(turn - first));
  read_run(t->number, to + (turn - least) * size, origin + (turn * p->row + row * p->column) * bytes,
      t->gemm->in, p->row, (size_t)(end - turn));
}

static void pack(const tiles *t, char *tile, const part *p) {
  size_t size = t->number->size, line = t->number->edge * size;
  int64_t bytes = (int64_t)gm__dtype_bytes(t->gemm->in);
  for (size_t i = 0; i < p->rows; i++) {
    char *to = tile + i * line;
    if (p->form != NULL) {
      pack_shaped(t, to, p, (int64_t)i);
      continue;
    }
    read_run(t->number, to, p->from + (int64_t)i * p->row * bytes, t->gemm->in, p->column, p->columns);
    memset(to + p->columns * size, 0, (p->columns_full - p->columns) * size);
  }
  for (size_t i = p->rows; i < p->rows_full; i++) memset(tile + i * line, 0, p->columns_full * size);
}

static size_t edge_at(int64_t length, int64_t at, size_t edge) {
  return length - at < (int64_t)edge ? (size_t)(length - at) : edge;
}

/* The inner indices at which the rows of A and the columns of B have anything inside. */
static void inner_range(
    const gm__gemm *g, int64_t i, int64_t j, size_t rows, size_t columns, int64_t *first, int64_t *end) {
  int64_t from, to;
  *first = 0;
  *end = g->k;
  if (g->a_form != NULL) {
    gm__form_row(*g->a_form, i, g->k, first, &to);
    gm__form_row(*g->a_form, i + (int64_t)rows - 1, g->k, &from, end);
  }
  if (g->b_form != NULL) {
    gm__form turned = gm__form_transposed(*g->b_form);
    gm__form_row(turned, j, g->k, &from, &to);
    if (from > *first) *first = from;
    gm__form_row(turned, j + (int64_t)columns - 1, g->k, &from, &to);
    if (to < *end) *end = to;
  }
}

/* Adds all products that make the tile of C at (i, j). */
static void sum_tile(tiles *t, int64_t i, int64_t j, size_t rows, size_t columns) {
  const gm__gemm *g = t->gemm;
  size_t edge = t->number->edge, rows_full = rounded(rows, ROWS), columns_full = rounded(columns, COLUMNS);
  int64_t bytes = (int64_t)gm__dtype_bytes(g->in);
  int64_t first, end;
  memset(t->of_c, 0, rows_full * edge * t->number->size);
  inner_range(g, i, j, rows, columns, &first, &end);
  for (int64_t k = first; k < end; k += (int64_t)edge) {
    size_t depth = edge_at(end, k, edge);
    part a = {t->a + (i * g->a_row + k * g->a_column) * bytes, g->a_row, g->a_column, rows, depth, rows_full,
        depth, g->a_form, i, k, g->k};
    part b = {t->b + (k * g->b_row + j * g->b_column) * bytes, g->b_row, g->b_column, depth, columns, depth,
        columns_full, g->b_form, k, j, g->n};
    pack(t, t->of_a, &a);
    pack(t, t->of_b, &b);
    t->number->multiply(t->of_c, t->of_a, t->of_b, rows_full, columns_full, depth);
  }
}

/* Writes a row of sums to C. */
static void write_run(const tiles *t, char *sums, char *to, size_t count) {
  const gm__gemm *g = t->gemm;
  _Alignas(64) char before[MOST_EDGE * 16], raw[MOST_EDGE * 16];
  if (g->beta != 0) read_run(t->number, before, to, g->out, g->c_column, count);
  if (g->beta != 0 || g->alpha != 1) t->number->blend(sums, before, count, g->alpha, g->beta);
  gm__convert(g->c_column == 1 ? to : raw, g->out, sums, t->number->dtype, count);
  if (g->c_column != 1) gm__strided_copy(to, g->c_column, raw, 1, count, gm__dtype_bytes(g->out));
}

/* A row of sums, which are done, once more as a column. */
static void write_mirror(const tiles *t, const char *sums, char *to, size_t count) {
  const gm__gemm *g = t->gemm;
  _Alignas(64) char raw[MOST_EDGE * 16];
  gm__convert(raw, g->out, sums, t->number->dtype, count);
  gm__strided_copy(to, g->c_row, raw, 1, count, gm__dtype_bytes(g->out));
}

static void run(const gm__gemm *gemm, const void *a, const void *b, void *c) {
  tiles t;
  t.gemm = gemm;
  t.number = number_for(gemm);
  t.a = a;
  t.b = b;
  t.c = c;
  size_t edge = t.number->edge, line = edge * t.number->size;
  int64_t bytes = (int64_t)gm__dtype_bytes(gemm->out);
  for (int64_t j = 0; j < gemm->n; j += (int64_t)edge)
    for (int64_t i = gemm->symmetric ? j : 0; i < gemm->m; i += (int64_t)edge) {
      size_t rows = edge_at(gemm->m, i, edge), columns = edge_at(gemm->n, j, edge);
      char *to = t.c + (i * gemm->c_row + j * gemm->c_column) * bytes;
      char *mirror = t.c + (j * gemm->c_row + i * gemm->c_column) * bytes;
      sum_tile(&t, i, j, rows, columns);
      for (size_t row = 0; row < rows; row++)
        write_run(&t, t.of_c + row * line, to + (int64_t)row * gemm->c_row * bytes, columns);
      for (size_t row = 0; row < rows && gemm->symmetric && i > j; row++)
        write_mirror(&t, t.of_c + row * line, mirror + (int64_t)row * gemm->c_column * bytes, columns);
    }
}

static const char *refuses(const gm__gemm *gemm) {
  (void)gemm;
  return NULL;
}

const gm__provider gm__provider_loops = {.name = "loops",
    .refuses = refuses,
    .run = run,
    .repeatable = true,
    .last = true,
    .share = gm__gemm_share};
