/* SPDX-License-Identifier: MIT
 *
 * Equations against trying all small values: what is refused has no solution, what has none is refused where
 * the rules promise it (sums of parts of one sign, powers, divisibility), and what would take too long stays
 * open. */
#include "dim_support.h"
#include "shape/dim_table.h"

static bool refuted(gm__dims *dims, const char *a, const char *b) {
  bool out = false;
  dims->work = GM__DIM_WORK;
  ck_assert_int_eq(gm__differ(dims, dim_of(dims, a), dim_of(dims, b), &out, NULL), GM_OK);
  return out;
}

static int64_t power_of(int64_t base, uint32_t degree) {
  int64_t power = 1;
  for (uint32_t i = 0; i < degree; i++)
    if (!gm__mul_ok(power, base, &power)) return -1;
  return power;
}

START_TEST(roots_are_the_bases_of_exact_powers) {
  for (uint32_t degree = 1; degree <= 62; degree++)
    for (int64_t base = 0; base < 300; base++) {
      int64_t power = power_of(base, degree);
      if (power < 0) break;
      ck_assert_int_eq(gm__root(power, degree), base);
      if (degree > 1 && base > 1) ck_assert_int_eq(gm__root(power - 1, degree), -1);
      if (degree > 1 && base > 0 && power < INT64_MAX) ck_assert_int_eq(gm__root(power + 1, degree), -1);
    }
}
END_TEST

START_TEST(the_largest_roots_are_found) {
  static const struct largest {
    uint32_t degree;
    int64_t base;
  } cases[] = {{1, INT64_MAX}, {2, 3037000499}, {3, 2097151}, {4, 55108}, {5, 6208}, {7, 511}, {9, 127},
      {21, 7}, {31, 4}, {39, 3}, {62, 2}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int64_t power = power_of(cases[i].base, cases[i].degree);
    ck_assert_int_gt(power, 0);
    if (cases[i].degree > 1) ck_assert_int_eq(power_of(cases[i].base + 1, cases[i].degree), -1);
    ck_assert_int_eq(gm__root(power, cases[i].degree), cases[i].base);
    if (cases[i].degree > 1) ck_assert_int_eq(gm__root(power - 1, cases[i].degree), -1);
    if (cases[i].degree > 1) ck_assert_int_eq(gm__root(INT64_MAX, cases[i].degree), -1);
  }
}
END_TEST

START_TEST(the_greatest_common_divisor_is_positive) {
  for (int64_t a = -30; a <= 30; a++)
    for (int64_t b = -30; b <= 30; b++) {
      int64_t greatest = 0;
      for (int64_t d = 1; d <= 30; d++)
        if (a % d == 0 && b % d == 0 && (a != 0 || b != 0)) greatest = d;
      ck_assert_int_eq(gm__gcd(a, b), greatest);
    }
}
END_TEST

typedef struct equation {
  int64_t factor[3], constant;
} equation;

static gm__dim word_of(gm__dims *dims, const equation *e) {
  static const char *const names[] = {"n", "m", "k"};
  gm__dim sum = 0, part = 0;
  ck_assert_int_eq(gm__dim_integer(dims, e->constant, &sum, NULL), GM_OK);
  for (int i = 0; i < 3; i++) {
    ck_assert_int_eq(gm__dim_integer(dims, e->factor[i], &part, NULL), GM_OK);
    ck_assert_int_eq(gm__dim_mul(dims, part, dim_of(dims, names[i]), &part, NULL), GM_OK);
    ck_assert_int_eq(gm__dim_add(dims, sum, part, &sum, NULL), GM_OK);
  }
  return sum;
}

static bool has_solution(const equation *e, int64_t bound) {
  for (int64_t n = 0; n <= bound; n++)
    for (int64_t m = 0; m <= bound; m++)
      for (int64_t k = 0; k <= bound; k++)
        if (e->factor[0] * n + e->factor[1] * m + e->factor[2] * k + e->constant == 0) return true;
  return false;
}

static void check_equation(const equation *e) {
  gm__dims *dims = table();
  bool found = has_solution(e, 24), differ = false;
  bool one_sign = e->factor[0] >= 0 && e->factor[1] >= 0 && e->factor[2] >= 0;
  gm__dim word = word_of(dims, e);
  dims->work = GM__DIM_WORK;
  ck_assert_int_eq(gm__differ(dims, word, 0, &differ, NULL), GM_OK);
  const char *text = text_of(dims, word);
  ck_assert_msg(!found || !differ, "%s = 0 has a solution", text);
  ck_assert_msg(!one_sign || found == !differ, "%s = 0 has none", text);
  ck_assert_msg((equal(dims, word, 0, NULL) == GM_OK) == !differ, "%s = 0", text);
  gm__dims_free(dims);
}

START_TEST(linear_equations_are_refused_as_trying_says) {
  uint64_t state = 3;
  for (int round = 0; round < 600; round++) {
    equation e = {{0, 0, 0}, -random_below(&state, 24)};
    for (int i = 0; i < 3; i++) e.factor[i] = random_below(&state, 9);
    check_equation(&e);
    e.constant = -e.constant;
    for (int i = 0; i < 3; i++) e.factor[i] = random_below(&state, 9) - 4;
    check_equation(&e);
  }
}
END_TEST

START_TEST(bounds_divisors_parts_and_powers_refute) {
  static const char *const pairs[][2] = {{"n + 1", "0"}, {"min(n, 3)", "4"}, {"max(n, 4)", "3"},
      {"6*n", "25"}, {"6*n + 4*m", "2*k + 5"}, {"2*n + 3*m", "1"}, {"5*n + 7*m", "23"},
      {"6*n + 10*m + 15*k", "29"}, {"4*n*m + 6*k", "2"}, {"n*n", "5"}, {"3*n*n", "15"}, {"n*n*n", "9"},
      {"10 - n*n", "5"}, {"3*(n//2) + 5*(m//2)", "7"}, {"n*n + 7", "10"}, {"1", "2*n + 3*m"},
      {"23", "5*n + 7*m"}};
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    gm__dims *dims = table();
    dim_of(dims, "n + m + k");
    ck_assert_msg(refuted(dims, pairs[i][0], pairs[i][1]), "%s = %s", pairs[i][0], pairs[i][1]);
    ck_assert_int_eq(unify(dims, pairs[i][0], pairs[i][1]), GM_BAD_SHAPE);
    gm__dims_free(dims);
  }
}
END_TEST

START_TEST(equations_with_solutions_are_not_refuted) {
  static const char *const pairs[][2] = {{"n", "m + 7"}, {"6*n", "24"}, {"2*n + 3*m", "5"},
      {"5*n + 7*m", "24"}, {"6*n + 10*m + 15*k", "31"}, {"n*n", "49"}, {"3*n*n", "12"}, {"n*n*n", "27"},
      {"n*m", "5"}, {"n*n*m", "5"}, {"n*n", "m + 2"}, {"(n - 3)*(n - 3)", "4"}, {"2*n + 3*m", "k + 1"},
      {"min(n - 4, 3)*2 + 3*m", "1"}, {"n*n + n", "6"}, {"n*n + n*m", "5"}, {"n*n", "0"}};
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    gm__dims *dims = table();
    dim_of(dims, "n + m + k");
    ck_assert_msg(!refuted(dims, pairs[i][0], pairs[i][1]), "%s = %s", pairs[i][0], pairs[i][1]);
    gm__dims_free(dims);
  }
}
END_TEST

START_TEST(sums_of_up_to_eight_parts_are_tried) {
  gm__dims *dims = table();
  const char *eight = "3*a + 4*b + 5*c + 6*d + 7*e + 8*f + 9*g + 10*h";
  const char *nine = "3*a + 4*b + 5*c + 6*d + 7*e + 8*f + 9*g + 10*h + 11*i";
  dim_of(dims, nine);
  ck_assert(refuted(dims, eight, "2"));
  ck_assert(!refuted(dims, eight, "3"));
  ck_assert(!refuted(dims, eight, "11"));
  ck_assert(!refuted(dims, nine, "2"));
  ck_assert_int_eq(unify(dims, nine, "2"), GM_OK);
  ck_assert_uint_eq(gm__constraint_count(dims), 1);
  gm__dims_free(dims);
}
END_TEST

/* The largest number that is no sum of p's and q's is p*q - p - q; trying takes about its quotient by the
 * larger. */
START_TEST(equations_that_take_long_to_try_stay_open) {
  gm__dims *dims = table();
  dim_of(dims, "n + m");
  ck_assert(refuted(dims, "101*n + 103*m", "10199"));
  ck_assert(!refuted(dims, "101*n + 103*m", "10200"));
  ck_assert(refuted(dims, "9973*n + 10007*m", "99779831"));
  ck_assert(!refuted(dims, "9973*n + 10007*m", "99779832"));
  ck_assert(!refuted(dims, "30011*n + 30013*m", "900660119"));
  ck_assert_int_eq(unify(dims, "30011*n + 30013*m", "900660119"), GM_OK);
  ck_assert_uint_eq(gm__constraint_count(dims), 1);
  gm__dims_free(dims);
}
END_TEST

SUITE(dim_refute) {
  CASE(roots_are_the_bases_of_exact_powers);
  CASE(the_largest_roots_are_found);
  CASE(the_greatest_common_divisor_is_positive);
  CASE(linear_equations_are_refused_as_trying_says);
  CASE(bounds_divisors_parts_and_powers_refute);
  CASE(equations_with_solutions_are_not_refuted);
  CASE(sums_of_up_to_eight_parts_are_tried);
  CASE(equations_that_take_long_to_try_stay_open);
}
