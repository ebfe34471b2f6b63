/* SPDX-License-Identifier: MIT
 *
 * Forms: every law is checked on all small matrices of a family of forms, entry by entry, with random values
 * inside and zeros outside. */
#include <string.h>
#include "kernel/form.h"
#include "kernel_step.h"

enum { MOST = 7 };

typedef struct matrix {
  int64_t rows, columns;
  int64_t at[MOST][MOST];
} matrix;

static bool is_inside(gm__form f, int64_t i, int64_t j) {
  if (f.lower != GM__FORM_FULL && i - j > f.lower) return false;
  if (f.upper != GM__FORM_FULL && j - i > f.upper) return false;
  return f.block == 0 || i / f.block == j / f.block;
}

static matrix random_matrix(generator *g, gm__form f, int64_t rows, int64_t columns) {
  matrix m = {rows, columns, {{0}}};
  for (int64_t i = 0; i < rows; i++) {
    for (int64_t j = 0; j < columns; j++) {
      int64_t value = f.identity ? 1 : pick(g, 9) + 1;
      if (is_inside(f, i, j)) m.at[i][j] = f.symmetric && j < i ? m.at[j][i] : value;
    }
  }
  return m;
}

/** Forms of a rows × columns matrix; symmetric ones are square. */
static gm__form random_form(generator *g, bool square) {
  switch (pick(g, square ? 9 : 7)) {
  case 0: return gm__form_general();
  case 1: return gm__form_zero();
  case 2: return gm__form_declared(GM__LOWER_TRIANGULAR + pick(g, 2), 0);
  case 3: return gm__form_declared(GM__DIAGONAL + pick(g, 2), 0);
  case 4: return gm__form_declared(GM__BLOCK_DIAGONAL, pick(g, 4) + 1);
  case 5: return gm__form_sum((gm__form){.lower = pick(g, 5) - 2, .upper = pick(g, 5) - 2}, gm__form_zero());
  case 6: return (gm__form){.lower = GM__FORM_FULL, .upper = pick(g, 7) - 3};
  case 7: return gm__form_identity();
  default:
    return gm__form_both(gm__form_declared(GM__SYMMETRIC, 0), gm__form_declared(GM__BLOCK_DIAGONAL, 3));
  }
}

static void has_form(const matrix *m, gm__form f) {
  for (int64_t i = 0; i < m->rows; i++) {
    for (int64_t j = 0; j < m->columns; j++) {
      ck_assert_msg(is_inside(f, i, j) || m->at[i][j] == 0, "[%d, %d] is outside", (int)i, (int)j);
      if (f.symmetric) ck_assert_int_eq(m->at[i][j], m->at[j][i]);
      if (f.identity) ck_assert_int_eq(m->at[i][j], i == j);
    }
  }
}

START_TEST(sums_and_elementwise_products_have_the_form) {
  generator g = {1};
  for (int round = 0; round < 4000; round++) {
    int64_t rows = pick(&g, MOST) + 1, columns = pick(&g, 2) ? rows : pick(&g, MOST) + 1;
    gm__form fa = random_form(&g, rows == columns), fb = random_form(&g, rows == columns);
    matrix a = random_matrix(&g, fa, rows, columns), b = random_matrix(&g, fb, rows, columns), sum = a,
           both = a;
    for (int64_t i = 0; i < rows; i++) {
      for (int64_t j = 0; j < columns; j++) {
        sum.at[i][j] = 3 * a.at[i][j] - b.at[i][j];
        both.at[i][j] = a.at[i][j] * b.at[i][j];
      }
    }
    has_form(&sum, gm__form_sum(fa, fb));
    has_form(&both, gm__form_both(fa, fb));
  }
}
END_TEST

START_TEST(products_have_the_form) {
  generator g = {2};
  for (int round = 0; round < 4000; round++) {
    int64_t m = pick(&g, MOST) + 1, k = pick(&g, 2) ? m : pick(&g, MOST) + 1, n = pick(&g, 2) ? k : 3;
    gm__form fa = random_form(&g, m == k), fb = random_form(&g, k == n);
    matrix a = random_matrix(&g, fa, m, k), b = random_matrix(&g, fb, k, n), c = {m, n, {{0}}};
    for (int64_t i = 0; i < m; i++)
      for (int64_t j = 0; j < n; j++)
        for (int64_t x = 0; x < k; x++) c.at[i][j] += a.at[i][x] * b.at[x][j];
    has_form(&c, gm__form_product(fa, fb));
  }
}
END_TEST

START_TEST(transposes_have_the_form) {
  generator g = {3};
  for (int round = 0; round < 1000; round++) {
    int64_t rows = pick(&g, MOST) + 1, columns = pick(&g, 2) ? rows : pick(&g, MOST) + 1;
    gm__form f = random_form(&g, rows == columns);
    matrix a = random_matrix(&g, f, rows, columns), t = {columns, rows, {{0}}};
    for (int64_t i = 0; i < rows; i++)
      for (int64_t j = 0; j < columns; j++) t.at[j][i] = a.at[i][j];
    has_form(&t, gm__form_transposed(f));
    ck_assert(gm__form_equal(gm__form_transposed(gm__form_transposed(f)), f));
  }
}
END_TEST

START_TEST(rows_and_entries_are_those_inside) {
  generator g = {4};
  for (int round = 0; round < 2000; round++) {
    int64_t rows = pick(&g, MOST) + 1, columns = pick(&g, MOST) + 1, first, end;
    gm__form f = random_form(&g, rows == columns);
    double count = 0;
    for (int64_t i = 0; i < rows; i++) {
      gm__form_row(f, i, columns, &first, &end);
      for (int64_t j = 0; j < columns; j++) ck_assert((j >= first && j < end) == is_inside(f, i, j));
      count += (double)(end - first);
    }
    bool half = rows == columns && gm__form_entries(f, rows, columns) == (double)(rows * columns) / 2;
    bool banded_blocks = f.block > 1 && (f.symmetric || f.lower != f.block - 1 || f.upper != f.block - 1);
    if (!half && !banded_blocks) ck_assert_double_eq(gm__form_entries(f, rows, columns), count);
    ck_assert(gm__form_entries(f, rows, columns) >= count - (double)rows / 2);
  }
}
END_TEST

START_TEST(a_triangle_counts_half) {
  gm__form lower = gm__form_declared(GM__LOWER_TRIANGULAR, 0);
  ck_assert_double_eq(gm__form_entries(lower, 9, 9), 40.5);
  ck_assert_double_eq(gm__form_entries(gm__form_transposed(lower), 9, 9), 40.5);
  ck_assert_double_eq(gm__form_entries(lower, 2, 4), 3);
  ck_assert_double_eq(gm__form_entries(gm__form_declared(GM__TRIDIAGONAL, 0), 5, 5), 13);
}
END_TEST

START_TEST(forms_follow_exactly) {
  gm__form lower = gm__form_declared(GM__LOWER_TRIANGULAR, 0), upper = gm__form_transposed(lower);
  gm__form three = gm__form_declared(GM__TRIDIAGONAL, 0), diagonal = gm__form_declared(GM__DIAGONAL, 0);
  gm__form symmetric = gm__form_declared(GM__SYMMETRIC, 0), general = gm__form_general();
  gm__form blocks = gm__form_declared(GM__BLOCK_DIAGONAL, 4), zero = gm__form_zero();
  ck_assert(gm__form_equal(gm__form_product(lower, lower), lower));
  ck_assert(gm__form_is_general(gm__form_product(lower, upper)));
  ck_assert(gm__form_equal(gm__form_both(lower, upper), diagonal));
  ck_assert(gm__form_equal(gm__form_product(diagonal, three), three));
  ck_assert_int_eq(gm__form_product(three, three).lower, 2);
  ck_assert(gm__form_equal(gm__form_sum(symmetric, diagonal), symmetric));
  ck_assert(gm__form_is_general(gm__form_product(symmetric, symmetric)));
  ck_assert(gm__form_equal(gm__form_product(blocks, gm__form_declared(GM__BLOCK_DIAGONAL, 2)), blocks));
  ck_assert(gm__form_equal(gm__form_product(blocks, diagonal), blocks));
  ck_assert_int_eq(gm__form_sum(blocks, gm__form_declared(GM__BLOCK_DIAGONAL, 3)).block, 0);
  ck_assert(gm__form_is_zero(gm__form_product(general, zero)));
  ck_assert(gm__form_equal(gm__form_sum(zero, lower), lower));
  ck_assert(gm__form_equal(gm__form_product(gm__form_identity(), symmetric), symmetric));
  ck_assert(gm__form_equal(gm__form_declared(GM__BLOCK_DIAGONAL, 1), diagonal));
}
END_TEST

START_TEST(bandwidths_without_bound_stay_so) {
  gm__form huge = {.lower = INT64_MAX - 1, .upper = 3},
           strict = {.lower = -INT64_MAX, .upper = GM__FORM_FULL};
  int64_t first, end;
  ck_assert(gm__form_product(huge, huge).lower == GM__FORM_FULL);
  ck_assert_int_eq(gm__form_product(huge, huge).upper, 6);
  ck_assert(!gm__form_is_zero(strict));
  ck_assert(gm__form_product(strict, strict).lower == -GM__FORM_FULL);
  gm__form_row(strict, 5, 9, &first, &end);
  ck_assert_int_eq(first, end);
  gm__form_row((gm__form){.lower = 0, .upper = GM__FORM_FULL, .block = INT64_MAX}, 5, 9, &first, &end);
  ck_assert_int_eq(first, 5);
  ck_assert_int_eq(end, 9);
}
END_TEST

START_TEST(names_are_for_people) {
  char text[64];
  ck_assert_str_eq(gm__form_name(gm__form_general(), text), "general");
  ck_assert_str_eq(gm__form_name(gm__form_declared(GM__LOWER_TRIANGULAR, 0), text), "lower_triangular");
  ck_assert_str_eq(gm__form_name(gm__form_declared(GM__BLOCK_DIAGONAL, 3), text), "block_diagonal 3");
  ck_assert_str_eq(gm__form_name((gm__form){.lower = 2, .upper = 3}, text), "band -2..3");
  ck_assert_str_eq(gm__form_name((gm__form){.lower = 2, .upper = -1}, text), "lower_triangular");
  ck_assert_str_eq(gm__form_name((gm__form){.lower = -1, .upper = 2}, text), "upper_triangular");
  ck_assert_str_eq(gm__form_name(gm__form_identity(), text), "identity");
  ck_assert_str_eq(gm__form_name(gm__form_zero(), text), "zero");
  ck_assert_str_eq(gm__form_name((gm__form){.symmetric = true}, text), "diagonal");
}
END_TEST

SUITE(form) {
  CASE(sums_and_elementwise_products_have_the_form);
  CASE(products_have_the_form);
  CASE(transposes_have_the_form);
  CASE(rows_and_entries_are_those_inside);
  CASE(a_triangle_counts_half);
  CASE(forms_follow_exactly);
  CASE(bandwidths_without_bound_stay_so);
  CASE(names_are_for_people);
}
