/* SPDX-License-Identifier: MIT
 *
 * OpenBLAS's kernels for factors and results with a form. A triangular factor works in place, so the other
 * one is brought to the result first; a symmetric one is read in its lower triangle alone; of a product of a
 * matrix with its own transpose one triangle is computed, and mirrored. What is on the right is the same on
 * the left, transposed. */
#include "kernel/face.h"
#include "kernel/gemm/openblas.h"
#include "kernel/strided.h"

static bool by_columns(const gm__gemm *g) {
  return gm__blas_matrix_of(g->m, g->n, g->c_row, g->c_column).turned;
}

/* Is the lower triangle stored, given which one the matrix has? */
static bool stored_lower(gm__blas_matrix x, bool lower) {
  return lower != x.turned;
}

static double all_share(const gm__gemm *g) {
  (void)g;
  return 1;
}
static double half_share(const gm__gemm *g) {
  (void)g;
  return 0.5;
}

/* Is it a triangle that may be read by itself: without a band inside that is narrower, unless zeros are
 * there? */
static bool is_triangle(const gm__form *form, bool raw) {
  if (form == NULL) return false;
  if (!raw) return form->upper <= 0 || form->lower <= 0;
  return (form->upper == 0 && form->lower == GM__FORM_FULL) ||
         (form->lower == 0 && form->upper == GM__FORM_FULL);
}

static bool is_symmetric(const gm__form *form) {
  return form != NULL && form->symmetric && form->lower == GM__FORM_FULL && form->block == 0;
}

/* The form is that of A, square, and B is whole: the other side is the same product transposed. */
static bool on_left(const gm__gemm *g, bool (*is)(const gm__gemm *g)) {
  return g->a_form != NULL && g->m == g->k && !g->b_raw && is(g);
}

static bool a_is_triangle(const gm__gemm *g) {
  return is_triangle(g->a_form, g->a_raw);
}
static bool a_is_symmetric(const gm__gemm *g) {
  return is_symmetric(g->a_form);
}

/* Why a product with a factor of that form is not taken, if it is not. */
static const char *refuses_form(const gm__gemm *g, bool (*is)(const gm__gemm *g)) {
  gm__form forms[2];
  gm__gemm t = gm__gemm_transposed(g, forms);
  const char *why = gm__blas_refuses_dtype(g);
  if (why != NULL) return why;
  if (g->symmetric) return "the result is symmetric";
  if (!on_left(g, is) && !on_left(&t, is)) return "no factor is square and has that form, the other whole";
  return gm__blas_refuses_matrix(g);
}

static const char *refuses_triangle(const gm__gemm *g) {
  return g->beta != 0 ? "something is added" : refuses_form(g, a_is_triangle);
}

/* The result by rows, with the form on whatever side. */
static void run_triangle_rows(const gm__gemm *g, const void *a, const void *b, void *c) {
  bool left = on_left(g, a_is_triangle);
  const gm__form *form = left ? g->a_form : g->b_form;
  const void *triangle = left ? a : b, *from = left ? b : a;
  gm__blas_matrix x = left ? gm__blas_matrix_of(g->m, g->k, g->a_row, g->a_column)
                           : gm__blas_matrix_of(g->k, g->n, g->b_row, g->b_column);
  gm__blas_matrix z = gm__blas_matrix_of(g->m, g->n, g->c_row, g->c_column);
  gm__face face = {
      g->m, g->n, left ? g->b_row : g->a_row, left ? g->b_column : g->a_column, g->c_row, g->c_column};
  bool lower = stored_lower(x, form->upper <= 0);
  gm__face_copy(&face, c, from, gm__dtype_bytes(g->out));
  if (left && g->n == 1 && g->alpha == 1)
    gm__blas_calls_of(g->in)->trmv(lower, x.turned, gm__blas_int(g->m), triangle, x.leading, c, z.leading);
  else
    gm__blas_calls_of(g->in)->trmm(left, lower, x.turned, gm__blas_int(g->m), gm__blas_int(g->n), g->alpha,
        triangle, x.leading, c, z.leading);
}

static void run_triangle(const gm__gemm *g, const void *a, const void *b, void *c) {
  gm__form forms[2];
  gm__gemm t = gm__gemm_transposed(g, forms);
  int flavour = gm__blas_enter();
  if (by_columns(g) || (g->m == 1 && g->n > 1))
    run_triangle_rows(&t, b, a, c);
  else
    run_triangle_rows(g, a, b, c);
  gm__blas_leave(flavour);
}

const gm__provider gm__provider_trmm = {.name = "trmm",
    .refuses = refuses_triangle,
    .run = run_triangle,
    .prepare = gm__blas_prepare,
    .share = half_share};

static bool same_order(const gm__gemm *g, int64_t rows, int64_t columns, int64_t row, int64_t column) {
  gm__blas_matrix other = gm__blas_matrix_of(rows, columns, row, column);
  return other.leading > 0 && other.turned == gm__blas_matrix_of(g->m, g->n, g->c_row, g->c_column).turned;
}

static const char *refuses_symmetric(const gm__gemm *g) {
  const char *why = refuses_form(g, a_is_symmetric);
  if (why != NULL) return why;
  bool alike = on_left(g, a_is_symmetric) ? same_order(g, g->k, g->n, g->b_row, g->b_column)
                                          : same_order(g, g->m, g->k, g->a_row, g->a_column);
  return alike ? NULL : "the other factor and the result do not lie alike";
}

static void run_symmetric_rows(const gm__gemm *g, const void *a, const void *b, void *c) {
  bool left = on_left(g, a_is_symmetric);
  gm__blas_matrix x = gm__blas_matrix_of(g->m, g->k, g->a_row, g->a_column),
                  y = gm__blas_matrix_of(g->k, g->n, g->b_row, g->b_column);
  gm__blas_matrix s = left ? x : y, other = left ? y : x,
                  z = gm__blas_matrix_of(g->m, g->n, g->c_row, g->c_column);
  const double factors[2] = {g->alpha, g->beta};
  const gm__blas_calls *of = gm__blas_calls_of(g->in);
  if (left && g->n == 1 && of->symv != NULL)
    of->symv(
        stored_lower(s, true), gm__blas_int(g->m), factors, a, s.leading, b, other.leading, c, z.leading);
  else
    of->symm(left, stored_lower(s, true), gm__blas_int(g->m), gm__blas_int(g->n), factors, left ? a : b,
        s.leading, left ? b : a, other.leading, c, z.leading);
}

static void run_symmetric(const gm__gemm *g, const void *a, const void *b, void *c) {
  gm__form forms[2];
  gm__gemm t = gm__gemm_transposed(g, forms);
  int flavour = gm__blas_enter();
  if (by_columns(g) || (g->m == 1 && g->n > 1))
    run_symmetric_rows(&t, b, a, c);
  else
    run_symmetric_rows(g, a, b, c);
  gm__blas_leave(flavour);
}

const gm__provider gm__provider_symm = {.name = "symm",
    .refuses = refuses_symmetric,
    .run = run_symmetric,
    .prepare = gm__blas_prepare,
    .share = all_share,
    .by_rows = true};

/* ---- A · Aᵗ ---- */

static const char *refuses_square(const gm__gemm *g) {
  const char *why = gm__blas_refuses_dtype(g);
  if (why != NULL) return why;
  if (!g->symmetric) return "the result is not known to be symmetric";
  if (g->beta != 0) return "something is added";
  if (g->a_form != NULL || g->b_form != NULL) return "the factor has a form";
  return gm__blas_refuses_matrix(g);
}

/* The lower triangle to the upper one, a strip of columns at a time; in a strip's own square, one by one. */
static void mirror(char *c, int64_t n, int64_t row, size_t size) {
  enum { STRIP = 64 };
  for (int64_t at = 0; at < n; at += STRIP) {
    int64_t width = n - at < STRIP ? n - at : STRIP, below = n - at - width;
    char *square = c + at * (row + 1) * (int64_t)size;
    for (int64_t i = 1; i < width; i++)
      gm__strided_copy(square + i * (int64_t)size, row, square + i * row * (int64_t)size, 1, (size_t)i, size);
    gm__face strip = {width, below, 1, row, row, 1};
    if (below > 0)
      gm__face_copy(&strip, square + width * (int64_t)size, square + width * row * (int64_t)size, size);
  }
}

static void run_square(const gm__gemm *g, const void *a, const void *b, void *c) {
  gm__blas_matrix x = gm__blas_matrix_of(g->m, g->k, g->a_row, g->a_column),
                  z = gm__blas_matrix_of(g->m, g->n, g->c_row, g->c_column);
  (void)b;
  int flavour = gm__blas_enter();
  gm__blas_calls_of(g->in)->syrk(
      x.turned, gm__blas_int(g->m), gm__blas_int(g->k), g->alpha, a, x.leading, c, z.leading);
  gm__blas_leave(flavour);
  mirror(c, g->m, z.leading, gm__dtype_bytes(g->out));
}

const gm__provider gm__provider_syrk = {.name = "syrk",
    .refuses = refuses_square,
    .run = run_square,
    .prepare = gm__blas_prepare,
    .share = half_share};
