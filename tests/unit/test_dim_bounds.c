/* SPDX-License-Identifier: MIT
 *
 * Bounds of dims: they hold whatever the symbols are, and are as narrow as the rules of min, max, quotients
 * and products let them be; what min, max and broadcast drop because of them. */
#include "dim_support.h"
#include "shape/dim_table.h"

#define ENDLESS INT64_MAX
#define BOTTOMLESS INT64_MIN

static void check_bounds(const char *text, int64_t low, int64_t high) {
  gm__dims *dims = table();
  gm__interval found = gm__word_interval(dims, dim_of(dims, text));
  ck_assert_msg(found.low == low && found.high == high, "%s: [%lld, %lld], not [%lld, %lld]", text,
      (long long)found.low, (long long)found.high, (long long)low, (long long)high);
  gm__dims_free(dims);
}

START_TEST(sums_and_multiples_have_the_bounds_of_their_parts) {
  check_bounds("7", 7, 7);
  check_bounds("n", 0, ENDLESS);
  check_bounds("n + 3", 3, ENDLESS);
  check_bounds("3 - n", BOTTOMLESS, 3);
  check_bounds("n - m + 5", BOTTOMLESS, ENDLESS);
  check_bounds("2*n + 3*m + 1", 1, ENDLESS);
  check_bounds("3*min(n, 4) - 2", -2, 10);
  check_bounds("10 - 3*min(n, 4)", -2, 10);
  check_bounds("min(n, 4) - min(m, 5)", -5, 4);
}
END_TEST

START_TEST(products_have_the_bounds_of_their_ends) {
  check_bounds("min(n, 4)*min(m, 5)", 0, 20);
  check_bounds("max(n, 2)*max(m, 3)", 6, ENDLESS);
  check_bounds("max(n, 2)*min(m, 3)", 0, ENDLESS);
  check_bounds("min(n - 2, 3)*min(m - 1, 7)", -14, 21);
  check_bounds("min(n - 2, 3)*m", BOTTOMLESS, ENDLESS);
  check_bounds("min(2 - n, 1)*m", BOTTOMLESS, ENDLESS);
  check_bounds("min(0 - n, 3)*m", BOTTOMLESS, 0);
}
END_TEST

START_TEST(even_powers_are_not_negative) {
  check_bounds("min(n - 2, 3)*min(n - 2, 3)", 0, 9);
  check_bounds("n*n*n", 0, ENDLESS);
  check_bounds("max(n, 2)*max(n, 2)*max(n, 2)", 8, ENDLESS);
  gm__dims *dims = table();
  gm__interval cube = gm__word_interval(dims, dim_of(dims, "min(n - 2, 3)*min(n - 2, 3)*min(n - 2, 3)"));
  ck_assert_int_le(cube.low, -8);
  ck_assert_int_ge(cube.high, 27);
  gm__dims_free(dims);
}
END_TEST

START_TEST(min_max_and_broadcast_have_the_bounds_of_their_ends) {
  check_bounds("min(n, 4)", 0, 4);
  check_bounds("max(n, 4)", 4, ENDLESS);
  check_bounds("max(min(n, 4), min(m, 6))", 0, 6);
  check_bounds("max(min(n, 4), min(m, 6) + 2)", 2, 8);
  check_bounds("min(max(n, 4), m + 2)", 2, ENDLESS);
  check_bounds("min(n - 9, 3 - m)", BOTTOMLESS, 3);
  gm__dims *dims = table();
  gm__dim word = 0;
  gm__dim a = dim_of(dims, "min(n, 4) - 2"), b = dim_of(dims, "min(m, 9)");
  ck_assert_int_eq(gm__extreme(dims, GM__ATOM_BROADCAST, a, b, &word, NULL), GM_OK);
  ck_assert_int_eq(gm__word_interval(dims, word).low, 0);
  ck_assert_int_eq(gm__word_interval(dims, word).high, 9);
  ck_assert_int_eq(gm__extreme(dims, GM__ATOM_BROADCAST, b, dim_of(dims, "k"), &word, NULL), GM_OK);
  ck_assert_int_eq(gm__word_interval(dims, word).high, ENDLESS);
  gm__dims_free(dims);
}
END_TEST

START_TEST(quotients_have_bounds_where_the_divisor_is_positive) {
  check_bounds("n//2", 0, ENDLESS);
  check_bounds("min(n, 5)//2", 0, 2);
  check_bounds("(min(n, 5) - 4)//2", -2, 0);
  check_bounds("(3 - n)//2", BOTTOMLESS, 1);
  check_bounds("(n + 7)//2", 3, ENDLESS);
  check_bounds("n//m", 0, ENDLESS);
  check_bounds("min(n, 4)//m", 0, 4);
  check_bounds("min(n, 4)//(m + 1)", 0, 4);
  check_bounds("(n - 3)//m", BOTTOMLESS, ENDLESS);
  check_bounds("n//(m - 3)", BOTTOMLESS, ENDLESS);
  check_bounds("(n - 3)//(m - 3)", BOTTOMLESS, ENDLESS);
}
END_TEST

START_TEST(ends_that_are_too_large_are_cut_to_ones_that_hold) {
  check_bounds("max(n, 4611686018427387904)*max(m, 2)", INT64_MAX - 1, ENDLESS);
  check_bounds("max(n, 4611686018427387904) + max(m, 4611686018427387904)", INT64_MAX - 1, ENDLESS);
  check_bounds("min(n, 4611686018427387904)*min(m, 2)", 0, ENDLESS);
  check_bounds("min(n, 4611686018427387904) + min(m, 4611686018427387904)", 0, ENDLESS);
  check_bounds("0 - min(n, 4611686018427387905)*min(m, 2)", BOTTOMLESS, 0);
  check_bounds("0 - min(n, 4611686018427387905) - min(m, 4611686018427387905)", BOTTOMLESS, 0);
  check_bounds("max(n, 9223372036854775806)", INT64_MAX - 1, ENDLESS);
  gm__dims *dims = table();
  gm__dim below = 0, sum = dim_of(dims, "max(n, 4611686018427387904) + max(m, 4611686018427387905)");
  ck_assert_int_eq(gm__dim_sub(dims, 0, sum, &below, NULL), GM_OK);
  ck_assert_int_eq(gm__word_interval(dims, below).low, BOTTOMLESS);
  ck_assert_int_eq(gm__word_interval(dims, below).high, INT64_MIN + 1);
  gm__dims_free(dims);
}
END_TEST

/* Only lengths are broadcast, and these are >= 0. */
static bool fits(const gm__dims *dims, int64_t op, gm__dim a, gm__dim b) {
  return op < 6 || (gm__word_interval(dims, a).low >= 0 && gm__word_interval(dims, b).low >= 0);
}

static gm__dim random_word(gm__dims *dims, uint64_t *state, int depth) {
  static const char *const leaves[] = {"n", "m", "k", "0", "1", "2", "3", "n + 1", "n - 2", "3 - m", "2*k"};
  typedef gm_status binary(gm__dims *, gm__dim, gm__dim, gm__dim *, gm_error *);
  static binary *const ops[] = {gm__sum, gm__difference, gm__times, gm__quotient};
  if (depth == 0) return dim_of(dims, leaves[random_below(state, (int64_t)(sizeof leaves / sizeof *leaves))]);
  gm__dim a = random_word(dims, state, depth - 1), b = random_word(dims, state, depth - 1), out = 0;
  int64_t op = random_below(state, 7);
  if (!fits(dims, op, a, b)) return a;
  dims->work = GM__DIM_WORK;
  gm_status status = op < 4 ? ops[op](dims, a, b, &out, NULL)
                            : gm__extreme(dims, (gm__atom_kind)(op - 4 + GM__ATOM_MIN), a, b, &out, NULL);
  return status == GM_OK ? out : a;
}

static void check_one(gm__dims *dims, gm__dim word, const gm__values *values) {
  gm__form form;
  gm__interval interval = gm__word_interval(dims, word);
  gm_status status = gm__dim_form(dims, values, word, &form, NULL);
  if (status != GM_OK) return;
  ck_assert(gm__form_known(&form));
  ck_assert_msg(interval.low <= form.constant && form.constant <= interval.high, "%s = %lld",
      text_of(dims, word), (long long)form.constant);
}

START_TEST(bounds_hold_for_all_small_symbols) {
  for (uint64_t seed = 0; seed < 300; seed++) {
    gm__dims *dims = table();
    gm__values values = {0};
    uint64_t state = seed * 5 + 2;
    dim_of(dims, "n + m + k");
    gm__dim words[12];
    for (int i = 0; i < 12; i++) words[i] = random_word(dims, &state, 3);
    ck_assert(gm__values_reserve(&values, dims));
    for (int point = 0; point < 64; point++) {
      gm__values_clear(&values, dims);
      const int64_t value[] = {point % 4, point / 4 % 4, point / 16};
      static const char *const names[] = {"n", "m", "k"};
      for (int i = 0; i < 3; i++)
        ck_assert_int_eq(gm__values_set(&values, dims, names[i], 1, value[i], NULL, NULL), GM_OK);
      for (int i = 0; i < 12; i++) check_one(dims, words[i], &values);
    }
    gm__values_free(&values);
    gm__dims_free(dims);
  }
}
END_TEST

START_TEST(only_what_may_be_the_greater_stays_in_a_max) {
  gm__dims *dims = table();
  check_text(dims, "max(0, n//m)", "n//m");
  check_text(dims, "max(0, (n - 3)//m)", "max(0, (n - 3)//m)");
  check_text(dims, "max(0, n//(m - 3))", "max(0, n//(m - 3))");
  check_text(dims, "max(min(n, 4), 4)", "4");
  check_text(dims, "max(min(n, 4), 3)", "max(3, min(n, 4))");
  check_text(dims, "min(max(n, 4), 4)", "4");
  check_text(dims, "min(max(n, 4), 5)", "min(max(4, n), 5)");
  check_text(dims, "max(n, n*m)", "max(n*m, n)");
  check_text(dims, "max(max(n, m), n + m)", "n + m");
  check_text(dims, "min(min(n + 1, m), n)", "min(n, m)");
  check_text(dims, "max(m, max(n, k))", "max(max(n, m), k)");
  gm__dims_free(dims);
}
END_TEST

SUITE(dim_bounds) {
  CASE(sums_and_multiples_have_the_bounds_of_their_parts);
  CASE(products_have_the_bounds_of_their_ends);
  CASE(even_powers_are_not_negative);
  CASE(min_max_and_broadcast_have_the_bounds_of_their_ends);
  CASE(quotients_have_bounds_where_the_divisor_is_positive);
  CASE(ends_that_are_too_large_are_cut_to_ones_that_hold);
  CASE(bounds_hold_for_all_small_symbols);
  CASE(only_what_may_be_the_greater_stays_in_a_max);
}
