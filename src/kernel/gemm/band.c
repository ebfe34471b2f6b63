/* SPDX-License-Identifier: MIT
 *
 * A factor that is a narrow band about the diagonal (a diagonal, too), of float32 or float64. On the left,
 * each row of the result is a combination of a few rows of B; on the right, the diagonals are gathered for a
 * block of columns, and each row of A is multiplied by them shifted against each other. Memory is read and
 * written once. */
#include "base/loop.h"
#include "kernel/gemm/provider.h"

/* The most diagonals, and elements of them that are gathered; a product's rate against a band's. */
enum { MOST_BANDS = 16, MOST_GATHERED = 4096, RATE = 8 };

/* Where an entry inside the band of A, or of B, lies: a symmetric one below the diagonal. */
static int64_t entry_of_a(const gm__gemm *g, int64_t i, int64_t k) {
  bool above = g->a_form->symmetric && k > i;
  return above ? k * g->a_row + i * g->a_column : i * g->a_row + k * g->a_column;
}
static int64_t entry_of_b(const gm__gemm *g, int64_t k, int64_t j) {
  bool above = g->b_form->symmetric && j > k;
  return above ? j * g->b_row + k * g->b_column : k * g->b_row + j * g->b_column;
}

static int64_t within(int64_t value, int64_t most) {
  return value < 0 ? 0 : value > most ? most : value;
}

/* Loops over rows of n elements that do not overlap. */
#define BAND(T)                                                                                              \
  static void scale_##T(T *restrict c, const T *restrict x, T s, int64_t n) {                                \
    GM__EACH(j, (size_t)n, c[j] = s * x[j]);                                                                 \
  }                                                                                                          \
  static void add_##T(T *restrict c, const T *restrict x, T s, int64_t n) {                                  \
    GM__EACH(j, (size_t)n, c[j] += s * x[j]);                                                                \
  }                                                                                                          \
  static void three_##T(T *restrict c, const T *restrict x, const T *restrict y, const T *restrict z,        \
      const T s[3], int64_t n) {                                                                             \
    const T s0 = s[0], s1 = s[1], s2 = s[2];                                                                 \
    GM__EACH(j, (size_t)n, c[j] = s0 * x[j] + s1 * y[j] + s2 * z[j]);                                        \
  }                                                                                                          \
  static void row_##T(const gm__gemm *g, const T *s, int64_t count, const T *b, T *c) {                      \
    int64_t done = count < 3 ? 1 : 3;                                                                        \
    if (count == 0)                                                                                          \
      memset(c, 0, (size_t)g->n * sizeof *c);                                                                \
    else if (done == 3)                                                                                      \
      three_##T(c, b, b + g->b_row, b + 2 * g->b_row, s, g->n);                                              \
    else                                                                                                     \
      scale_##T(c, b, *s, g->n);                                                                             \
    for (; done < count; done++) add_##T(c, b + done * g->b_row, s[done], g->n);                             \
  }                                                                                                          \
  static void left_##T(const gm__gemm *g, const T *a, const T *b, T *c) {                                    \
    T s[MOST_BANDS];                                                                                         \
    for (int64_t i = 0; i < g->m; i++) {                                                                     \
      int64_t first, end;                                                                                    \
      gm__form_row(*g->a_form, i, g->k, &first, &end);                                                       \
      for (int64_t k = first; k < end; k++) s[k - first] = (T)g->alpha * a[entry_of_a(g, i, k)];             \
      row_##T(g, s, end - first, b + first * g->b_row, c + i * g->c_row);                                    \
    }                                                                                                        \
  }                                                                                                          \
  static void each_##T(T *restrict c, const T *restrict x, const T *restrict s, int64_t n) {                 \
    GM__EACH(j, (size_t)n, c[j] = x[j] * s[j]);                                                              \
  }                                                                                                          \
  static void add_each_##T(T *restrict c, const T *restrict x, const T *restrict s, int64_t n) {             \
    GM__EACH(j, (size_t)n, c[j] += x[j] * s[j]);                                                             \
  }                                                                                                          \
  static void three_each_##T(                                                                                \
      T *restrict c, const T *restrict x, const T *restrict s, int64_t width, int64_t n) {                   \
    const T *restrict t = s + width, *restrict u = t + width;                                                \
    GM__EACH(j, (size_t)n, c[j] = x[j] * s[j] + x[j + 1] * t[j] + x[j + 2] * u[j]);                          \
  }                                                                                                          \
  /* Columns at … of a row; x: A's row where the first diagonal meets them, all of it inside. */           \
  static void inside_##T(T *c, const T *x, const T *diagonals, int64_t bands, int64_t width, int64_t n) {    \
    int64_t done = bands < 3 ? 1 : 3;                                                                        \
    if (done == 3)                                                                                           \
      three_each_##T(c, x, diagonals, width, n);                                                             \
    else                                                                                                     \
      each_##T(c, x, diagonals, n);                                                                          \
    for (; done < bands; done++) add_each_##T(c, x + done, diagonals + done * width, n);                     \
  }                                                                                                          \
  /* One column near an end of A's row, where not all diagonals are. */                                      \
  static T edge_##T(const gm__gemm *g, const T *a, const T *b, int64_t j) {                                  \
    int64_t first, end;                                                                                      \
    T sum = 0;                                                                                               \
    gm__form_row(gm__form_transposed(*g->b_form), j, g->k, &first, &end);                                    \
    for (int64_t k = first; k < end; k++) sum += a[k] * ((T)g->alpha * b[entry_of_b(g, k, j)]);              \
    return sum;                                                                                              \
  }                                                                                                          \
  static void block_##T(const gm__gemm *g, const T *a, const T *b, T *c, int64_t at, int64_t width) {        \
    T diagonals[MOST_GATHERED];                                                                              \
    int64_t upper = g->b_form->upper, bands = upper + g->b_form->lower + 1;                                  \
    int64_t first = within(upper - at, width), end = within(g->k - g->b_form->lower - at, width);            \
    for (int64_t d = 0; d < bands; d++)                                                                      \
      for (int64_t j = first; j < end; j++)                                                                  \
        diagonals[d * width + j] = (T)g->alpha * b[entry_of_b(g, at + j + d - upper, at + j)];               \
    for (int64_t i = 0; i < g->m; i++) {                                                                     \
      const T *x = a + i * g->a_row;                                                                         \
      T *to = c + i * g->c_row + at;                                                                         \
      if (first < end)                                                                                       \
        inside_##T(to + first, x + at + first - upper, diagonals + first, bands, width, end - first);        \
      for (int64_t j = 0; j < width; j++) {                                                                  \
        if (j == first && end > first) j = end;                                                              \
        if (j < width) to[j] = edge_##T(g, x, b, at + j);                                                    \
      }                                                                                                      \
    }                                                                                                        \
  }

BAND(float)
BAND(double)

/* A narrow band, and no blocks that leave out more. */
static bool is_band(const gm__form *form, int64_t k) {
  if (form == NULL || form->lower >= MOST_BANDS || form->upper >= MOST_BANDS) return false;
  int64_t bands = form->lower + form->upper + 1;
  return form->block <= 1 && bands > 0 && bands <= MOST_BANDS && bands * RATE <= k + 2 * RATE;
}

/* The band is A's, and B and the result lie by rows; or it is B's, and A does. */
static bool takes_left(const gm__gemm *g) {
  return is_band(g->a_form, g->k) && !g->b_raw && g->n > 1 && g->b_column == 1 && g->c_column == 1;
}
static bool takes_right(const gm__gemm *g) {
  return is_band(g->b_form, g->k) && !g->a_raw && (g->k == 1 || g->a_column == 1) &&
         (g->n == 1 || g->c_column == 1);
}

static bool takes(const gm__gemm *g) {
  return takes_left(g) || takes_right(g);
}

static const char *refuses(const gm__gemm *g) {
  gm__form forms[2];
  gm__gemm t = gm__gemm_transposed(g, forms);
  if (g->in != g->out || (g->in != GM_FLOAT32 && g->in != GM_FLOAT64))
    return "bands are of float32 or float64";
  if (g->beta != 0 || g->symmetric) return "something is added, or the result is symmetric";
  return takes(g) || takes(&t) ? NULL : "no factor is a narrow band, the other whole and by rows";
}

static void run_left(const gm__gemm *g, const void *a, const void *b, void *c) {
  if (g->in == GM_FLOAT32)
    left_float(g, a, b, c);
  else
    left_double(g, a, b, c);
}

static void run_right(const gm__gemm *g, const void *a, const void *b, void *c) {
  int64_t most = MOST_GATHERED / (g->b_form->upper + g->b_form->lower + 1);
  for (int64_t at = 0; at < g->n; at += most) {
    int64_t width = g->n - at < most ? g->n - at : most;
    if (g->in == GM_FLOAT32)
      block_float(g, a, b, c, at, width);
    else
      block_double(g, a, b, c, at, width);
  }
}

static void run(const gm__gemm *gemm, const void *a, const void *b, void *c) {
  gm__form forms[2];
  gm__gemm t = gm__gemm_transposed(gemm, forms);
  if (takes_left(gemm))
    run_left(gemm, a, b, c);
  else if (takes_right(gemm))
    run_right(gemm, a, b, c);
  else if (takes_left(&t))
    run_left(&t, b, a, c);
  else
    run_right(&t, b, a, c);
}

static double share(const gm__gemm *g) {
  double all = (double)g->m * (double)g->k, other = (double)g->k * (double)g->n;
  gm__form forms[2];
  gm__gemm t = gm__gemm_transposed(g, forms);
  bool left = takes_left(g) || takes_right(&t);
  return left ? gm__form_entries(*g->a_form, g->m, g->k) / all
              : gm__form_entries(*g->b_form, g->k, g->n) / other;
}

const gm__provider gm__provider_band = {
    .name = "band", .refuses = refuses, .run = run, .share = share, .by_rows = true};
