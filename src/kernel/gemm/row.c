/* SPDX-License-Identifier: MIT
 *
 * One row times a small matrix that lies by rows, of float32 or float64: WIDE columns at a time, or NARROW
 * ones, stay in registers over the whole depth, so that nothing has to be set up or called. A block that is
 * wider than what is left of the columns reads on into the next row of the matrix; in the last rows, which
 * have no next, it begins in the row before. The order of the additions depends on the lengths and b's stride
 * alone. */
#include "kernel/clones.h"
#include "kernel/gemm/provider.h"

enum { WIDE = 32, NARROW = 16, MOST_BYTES = 32 * 1024 };

/* Four sums in turn, or both halves of a wide block and two sums, in loops that become single vectors, so
 * that one addition does not wait for the other. */
#define ADD(sums, factor, row)                                                                               \
  for (size_t j = 0; j < NARROW; j++) (sums)[j] += (factor) * (row)[j];
#define BLOCKS(CLONES, T)                                                                                    \
  CLONES(narrow_##T)                                                                                         \
  static void narrow_##T(T *out, const T *a, int64_t a_step, const T *b, int64_t b_row, int64_t depth) {     \
    T first[NARROW] = {0}, second[NARROW] = {0}, third[NARROW] = {0}, fourth[NARROW] = {0};                  \
    for (; depth > 3; depth -= 4, a += 4 * a_step, b += 4 * b_row) {                                         \
      ADD(first, *a, b)                                                                                      \
      ADD(second, a[a_step], b + b_row)                                                                      \
      ADD(third, a[2 * a_step], b + 2 * b_row)                                                               \
      ADD(fourth, a[3 * a_step], b + 3 * b_row)                                                              \
    }                                                                                                        \
    for (; depth > 0; depth--, a += a_step, b += b_row) ADD(first, *a, b)                                    \
    for (size_t j = 0; j < NARROW; j++) out[j] = first[j] + second[j] + (third[j] + fourth[j]);              \
  }                                                                                                          \
  CLONES(wide_##T)                                                                                           \
  static void wide_##T(T *out, const T *a, int64_t a_step, const T *b, int64_t b_row, int64_t depth) {       \
    T even[NARROW] = {0}, odd[NARROW] = {0}, right_even[NARROW] = {0}, right_odd[NARROW] = {0};              \
    for (; depth > 1; depth -= 2, a += 2 * a_step, b += 2 * b_row) {                                         \
      ADD(even, *a, b)                                                                                       \
      ADD(right_even, *a, b + NARROW)                                                                        \
      ADD(odd, a[a_step], b + b_row)                                                                         \
      ADD(right_odd, a[a_step], b + b_row + NARROW)                                                          \
    }                                                                                                        \
    if (depth > 0) {                                                                                         \
      ADD(even, *a, b)                                                                                       \
      ADD(right_even, *a, b + NARROW)                                                                        \
    }                                                                                                        \
    for (size_t j = 0; j < NARROW; j++) out[j] = even[j] + odd[j];                                           \
    for (size_t j = 0; j < NARROW; j++) out[NARROW + j] = right_even[j] + right_odd[j];                      \
  }

/* `columns` of them from b on. The last rows, from which a block would reach beyond the end, are read by
 * blocks that end where the row ends, `shift` columns early; or, in a matrix too small for that, by single
 * columns. */
#define ROW(CLONES, T)                                                                                       \
  BLOCKS(CLONES, T)                                                                                          \
  static void last_rows_##T(                                                                                 \
      const gm__gemm *g, const T *a, const T *b, T *c, int64_t columns, int64_t whole, T *sums) {            \
    _Alignas(64) T tail[WIDE] = {0};                                                                         \
    int64_t k = whole, shift = (columns > NARROW ? WIDE : NARROW) - columns;                                 \
    for (; k < g->k && k * g->b_row < shift; k++) {                                                          \
      GM__SIMPLE                                                                                             \
      for (int64_t j = 0; j < columns; j++) sums[j] += a[k * g->a_column] * b[k * g->b_row + j];             \
    }                                                                                                        \
    if (k < g->k)                                                                                            \
      (columns > NARROW ? wide_##T : narrow_##T)(                                                            \
          tail, a + k * g->a_column, g->a_column, b + k * g->b_row - shift, g->b_row, g->k - k);             \
    GM__SIMPLE                                                                                               \
    for (int64_t j = 0; j < columns; j++) c[j] = sums[j] + tail[j + shift];                                  \
  }                                                                                                          \
  static void columns_##T(const gm__gemm *g, const T *a, const T *b, T *c, int64_t columns) {                \
    int64_t width = columns > NARROW ? WIDE : NARROW, whole = g->k;                                          \
    _Alignas(64) T sums[WIDE];                                                                               \
    while (whole > 0 && (g->k - whole) * g->b_row < width - columns) whole--;                                \
    (columns > NARROW ? wide_##T : narrow_##T)(sums, a, g->a_column, b, g->b_row, whole);                    \
    if (columns == WIDE)                                                                                     \
      memcpy(c, sums, sizeof sums);                                                                          \
    else                                                                                                     \
      last_rows_##T(g, a, b, c, columns, whole, sums);                                                       \
  }                                                                                                          \
  static void row_##T(const gm__gemm *g, const T *a, const T *b, T *c) {                                     \
    for (int64_t j = 0; j < g->n; j += WIDE)                                                                 \
      columns_##T(g, a, b + j, c + j, g->n - j < WIDE ? g->n - j : WIDE);                                    \
  }
ROW(GM__CLONES, float)
ROW(GM__CLONES_FEW, double)

static void run(const gm__gemm *gemm, const void *a, const void *b, void *c) {
  if (gemm->in == GM_FLOAT32)
    row_float(gemm, a, b, c);
  else
    row_double(gemm, a, b, c);
}

static const char *refuses(const gm__gemm *g) {
  if (g->in != g->out || (g->in != GM_FLOAT32 && g->in != GM_FLOAT64))
    return "rows are of float32 or float64";
  if (g->a_form != NULL || g->b_form != NULL) return "a factor has a form";
  if (g->m != 1) return "there are more rows than one";
  if (g->b_row < g->n || (g->n > 1 && (g->b_column != 1 || g->c_column != 1)))
    return "the matrix or the result does not lie by rows";
  if (g->alpha != 1 || g->beta != 0) return "the product is scaled or added to";
  if (g->k > MOST_BYTES / 4 || g->n > MOST_BYTES / 4 ||
      g->k * g->n * (int64_t)gm__dtype_bytes(g->in) > MOST_BYTES)
    return "the matrix is not small";
  return NULL;
}

const gm__provider gm__provider_row = {.name = "row", .refuses = refuses, .run = run};
