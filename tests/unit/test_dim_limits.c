/* SPDX-License-Identifier: MIT
 *
 * Dims at the ends of 64 bits, and those that grow: what overflows is refused, what is too large to work out
 * is refused in bounded time, and nothing is changed by it. */
#include "dim_support.h"
#include "shape/dim_table.h"

#include <time.h>

static gm_status value_under(gm__dims *dims, const char *text, int64_t n, int64_t m, int64_t *out) {
  gm__values values = {0};
  gm__dim dim = dim_of(dims, text);
  dim_of(dims, "n + m");
  ck_assert(gm__values_reserve(&values, dims));
  ck_assert_int_eq(gm__values_set(&values, dims, "n", 1, n, NULL, NULL), GM_OK);
  ck_assert_int_eq(gm__values_set(&values, dims, "m", 1, m, NULL, NULL), GM_OK);
  gm_status status = gm__dim_evaluate(dims, dim, &values, out, NULL);
  gm__values_free(&values);
  return status;
}

START_TEST(values_beyond_64_bits_are_limits) {
  gm__dims *dims = table();
  int64_t value = -5;
  ck_assert_int_eq(value_under(dims, "n + 9223372036854775806", 1, 0, &value), GM_OK);
  ck_assert_int_eq(value, INT64_MAX);
  ck_assert_int_eq(value_under(dims, "n + 9223372036854775806", 2, 0, &value), GM_LIMIT);
  ck_assert_int_eq(value_under(dims, "4611686018427387904*n", 1, 0, &value), GM_OK);
  ck_assert_int_eq(value, INT64_C(1) << 62);
  ck_assert_int_eq(value_under(dims, "4611686018427387904*n", 2, 0, &value), GM_LIMIT);
  ck_assert_int_eq(value_under(dims, "n*m", 3037000500, 3037000500, &value), GM_LIMIT);
  ck_assert_int_eq(value_under(dims, "n*m", 3037000499, 3037000499, &value), GM_OK);
  ck_assert_int_eq(value_under(dims, "n*m*0 + n*m", INT64_MAX, 2, &value), GM_LIMIT);
  ck_assert_int_eq(value_under(dims, "n*m", INT64_MAX, 0, &value), GM_OK);
  ck_assert_int_eq(value, 0);
  gm__dims_free(dims);
}
END_TEST

START_TEST(the_smallest_integer_is_no_coefficient) {
  gm__dims *dims = table();
  gm__dim n = dim_of(dims, "n"), minus = 0, out = 77, half = 0, least = 0, most = 0;
  ck_assert_int_eq(gm__dim_integer(dims, -2, &minus, NULL), GM_OK);
  ck_assert_int_eq(gm__dim_mul(dims, n, INT64_C(1) << 62, &half, NULL), GM_OK);
  ck_assert_int_eq(gm__dim_mul(dims, half, minus, &out, NULL), GM_LIMIT);
  ck_assert_int_eq(gm__dim_integer(dims, -INT64_MAX, &least, NULL), GM_OK);
  ck_assert_int_eq(gm__dim_sub(dims, least, 1, &out, NULL), GM_LIMIT);
  ck_assert_int_eq(out, 77);
  ck_assert_int_eq(gm__dim_sub(dims, 0, least, &most, NULL), GM_OK);
  ck_assert_int_eq(most, INT64_MAX);
  ck_assert_int_eq(gm__dim_mul(dims, least, n, &out, NULL), GM_OK);
  ck_assert_str_eq(text_of(dims, out), "-9223372036854775807*n");
  gm__dims_free(dims);
}
END_TEST

START_TEST(nested_quotients_join_where_the_divisor_fits) {
  gm__dims *dims = table();
  check_text(dims, "n//2147483648//4294967295", "n//9223372034707292160");
  check_text(dims, "n//4294967296//4294967296", "(n//4294967296)//4294967296");
  check_text(dims, "(n//3 + m)//2", "(m + n//3)//2");
  check_text(dims, "2*(n//3)//4", "n//6");
  check_text(dims, "(n//m)//2", "(n//m)//2");
  check_text(dims, "min(n, 5)//2", "min(n, 5)//2");
  gm__dims_free(dims);
}
END_TEST

START_TEST(what_can_only_be_zero_is_no_divisor) {
  gm__dims *dims = table();
  gm__dim zero = dim_of(dims, "min(n, 1)//2"), n = dim_of(dims, "n"), out = 77;
  gm_error error = {0};
  ck_assert_int_eq(gm__dim_div(dims, n, zero, &out, &error), GM_BAD_SHAPE);
  ck_assert_str_eq(error.message, "a dimension is divided by 0");
  ck_assert_int_eq(out, 77);
  ck_assert_int_eq(gm__dim_div(dims, n, 0, &out, &error), GM_BAD_SHAPE);
  ck_assert_int_eq(gm__dim_div(dims, 0, zero, &out, NULL), GM_OK);
  ck_assert_int_eq(out, 0);
  gm__dims_free(dims);
}
END_TEST

START_TEST(what_can_only_be_one_number_divides_as_that) {
  gm__dims *dims = table();
  check_text(dims, "(7 - n)//(0 - 2)", "(n - 7)//2");
  check_text(dims, "(2*n*m + 4)//(2*m + 4)", "(n*m + 2)//(m + 2)");
  check_text(dims, "(6*n + 3)//(9*m + 6)", "(2*n + 1)//(3*m + 2)");
  check_text(dims, "n*m//(n*n + 1)", "n*m//(n*n + 1)");
  check_text(dims, "(n*n*m + n)//(n*m*m + 2)", "(n*n*m + n)//(n*m*m + 2)");
  check_text(dims, "(n*n*m + 2*n)//(n*m + 2)", "n");
  check_text(dims, "n*(m + 1)//(m + 1)", "n");
  check_text(dims, "n*(m - 1)//(m - 1)", "(n*m - n)//(m - 1)");
  check_text(dims, "(n*(0 - m) - n)//(0 - m - 1)", "n");
  gm__dims_free(dims);
}
END_TEST

START_TEST(factors_that_sum_to_the_smallest_integer_still_solve) {
  gm__dims *dims = table();
  gm__values values = {0};
  dim_of(dims, "n + m + k");
  gm__dim sum = 0, both = dim_of(dims, "k + m"), many = 0;
  ck_assert_int_eq(gm__dim_mul(dims, dim_of(dims, "n"), INT64_MAX, &many, NULL), GM_OK);
  ck_assert_int_eq(gm__dim_sub(dims, 0, many, &many, NULL), GM_OK);
  ck_assert_int_eq(gm__dim_sub(dims, many, both, &sum, NULL), GM_OK);
  ck_assert_int_eq(gm__dim_add(dims, sum, 7, &sum, NULL), GM_OK);
  ck_assert_int_eq(unify(dims, "m", "n"), GM_OK);
  ck_assert(gm__values_reserve(&values, dims));
  ck_assert_int_eq(gm__values_set(&values, dims, "k", 1, 7, NULL, NULL), GM_OK);
  const gm__bound bounds[] = {{sum, 0, {1, 0}}};
  ck_assert_int_eq(gm__dims_solve(dims, &values, bounds, 1, NULL, NULL), GM_OK);
  int64_t n = -1;
  ck_assert_int_eq(gm__dim_evaluate(dims, dim_of(dims, "n"), &values, &n, NULL), GM_OK);
  ck_assert_int_eq(n, 0);
  gm__values_free(&values);
  gm__dims_free(dims);
}
END_TEST

START_TEST(lengths_too_far_from_a_constant_are_refused) {
  gm__dims *dims = table();
  gm__values values = {0};
  gm_error error = {0};
  const gm__bound bounds[] = {{dim_of(dims, "n - 9223372036854775807"), 1, {1, 0}}};
  ck_assert(gm__values_reserve(&values, dims));
  ck_assert_int_eq(gm__dims_solve(dims, &values, bounds, 1, &namer, &error), GM_BAD_SHAPE);
  ck_assert_str_eq(error.message, "'a' axis 0 is n - 9223372036854775807, which no n >= 0 makes 1");
  gm__values_free(&values);
  gm__dims_free(dims);
}
END_TEST

START_TEST(lengths_near_the_end_are_divided) {
  static const struct large {
    const char *dim;
    int64_t length, n;
  } cases[] = {{"2*n", INT64_C(1) << 62, INT64_C(1) << 61}, {"3*n", INT64_MAX / 3 * 3, INT64_MAX / 3},
      {"9223372036854775807 - n", 1, INT64_MAX - 1}, {"9223372036854775807 - 2*n", 1, INT64_MAX / 2},
      {"n", INT64_MAX, INT64_MAX}, {"n + 9223372036854775807", INT64_MAX, 0}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gm__dims *dims = table();
    gm__values values = {0};
    int64_t n = -1;
    const gm__bound bounds[] = {{dim_of(dims, cases[i].dim), cases[i].length, {1, 0}}};
    ck_assert(gm__values_reserve(&values, dims));
    ck_assert_int_eq(gm__dims_solve(dims, &values, bounds, 1, &namer, NULL), GM_OK);
    ck_assert_int_eq(gm__dim_evaluate(dims, dim_of(dims, "n"), &values, &n, NULL), GM_OK);
    ck_assert_int_eq(n, cases[i].n);
    gm__values_free(&values);
    gm__dims_free(dims);
  }
}
END_TEST

/* The smallest integer, which only evaluating gives, is a multiple of -1, which only evaluating gives. */
START_TEST(everything_is_a_multiple_of_minus_one) {
  gm__dims *dims = table();
  gm__values values = {0};
  dim_of(dims, "n + m + k");
  gm__dim least = 0, minus = dim_of(dims, "k - 1");
  ck_assert_int_eq(gm__dim_mul(dims, dim_of(dims, "n"), INT64_MAX, &least, NULL), GM_OK);
  ck_assert_int_eq(gm__dim_add(dims, least, dim_of(dims, "m"), &least, NULL), GM_OK);
  ck_assert_int_eq(gm__dim_sub(dims, 0, least, &least, NULL), GM_OK);
  ck_assert_int_eq(gm__dims_multiple(dims, least, minus, 8, (gm__place){1, 0}, &namer, NULL), GM_OK);
  ck_assert_uint_eq(gm__constraint_count(dims), 1);
  ck_assert(gm__values_reserve(&values, dims));
  static const char *const names[] = {"n", "m", "k"};
  for (int i = 0; i < 3; i++)
    ck_assert_int_eq(gm__values_set(&values, dims, names[i], 1, i < 2, NULL, NULL), GM_OK);
  ck_assert_int_eq(gm__dims_solve(dims, &values, NULL, 0, NULL, NULL), GM_OK);
  gm__values_free(&values);
  gm__dims_free(dims);
}
END_TEST

enum { STEPS = 30 };

/* y1 = y0 + min(y0, 3), y2 = y1 + min(y1, 4), …, the last learnt first: each step doubles what there is to
 * walk. */
static gm__dim doubling(gm__dims *dims, gm__dim leaf, int steps) {
  gm__dim y[STEPS + 1] = {leaf}, twice = 0;
  for (int i = 1; i <= steps; i++) ck_assert_int_eq(gm__dim_unknown(dims, &y[i], NULL), GM_OK);
  for (int i = steps; i > 0; i--) {
    ck_assert_int_eq(gm__dim_min(dims, y[i - 1], 2 + i, &twice, NULL), GM_OK);
    ck_assert_int_eq(gm__dim_add(dims, y[i - 1], twice, &twice, NULL), GM_OK);
    ck_assert_int_eq(equal(dims, y[i], twice, NULL), GM_OK);
  }
  return y[steps];
}

START_TEST(dims_that_double_are_refused_quickly) {
  gm__dims *dims = table();
  clock_t start = clock();
  gm__dim leaf = dim_of(dims, "n"), top = doubling(dims, leaf, STEPS), now = 0;
  const char *symbol = NULL;
  gm__values values = {0};
  int64_t value = 0;
  ck_assert_int_eq(gm__dim_resolve(dims, top, &now, NULL), GM_LIMIT);
  ck_assert_int_eq(gm__dim_value(dims, top), -1);
  ck_assert(gm__values_reserve(&values, dims));
  ck_assert_int_eq(gm__dim_evaluate(dims, top, &values, &value, NULL), GM_LIMIT);
  bool *solved = gm__dims_solved(dims, &leaf, 1);
  ck_assert_ptr_nonnull(solved);
  ck_assert(!gm__dim_solvable(dims, solved, top, &symbol));
  ck_assert_str_eq(symbol, "?");
  ck_assert((double)(clock() - start) / CLOCKS_PER_SEC < 5);
  gm__free(solved);
  gm__values_free(&values);
  gm__dims_free(dims);
}
END_TEST

/* What is worked out twice a step is found once a step when something is wanted: a value, a symbol. */
START_TEST(dims_that_double_a_little_are_worked_out) {
  gm__dims *dims = table();
  gm__dim leaf = dim_of(dims, "n"), top = doubling(dims, leaf, 10), missing = 0;
  const char *symbol = NULL;
  gm__values values = {0};
  gm_error error = {0};
  int64_t value = 0, expected = 5;
  for (int i = 1; i <= 10; i++) expected += expected < 2 + i ? expected : 2 + i;
  ck_assert_int_eq(gm__dim_add(dims, top, dim_of(dims, "m"), &missing, NULL), GM_OK);
  ck_assert(gm__values_reserve(&values, dims));
  ck_assert_int_eq(gm__dim_evaluate(dims, top, &values, &value, &error), GM_UNBOUND);
  ck_assert_str_eq(error.message, "the dim 'n' is not known");
  ck_assert_int_eq(gm__values_set(&values, dims, "n", 1, 5, NULL, NULL), GM_OK);
  ck_assert_int_eq(gm__dim_evaluate(dims, top, &values, &value, NULL), GM_OK);
  ck_assert_int_eq(value, expected);
  ck_assert_int_eq(gm__dim_evaluate(dims, missing, &values, &value, &error), GM_UNBOUND);
  ck_assert_str_eq(error.message, "the dim 'm' is not known");
  bool *solved = gm__dims_solved(dims, &leaf, 1);
  ck_assert_ptr_nonnull(solved);
  ck_assert(gm__dim_solvable(dims, solved, top, &symbol));
  ck_assert(!gm__dim_solvable(dims, solved, missing, &symbol));
  ck_assert_str_eq(symbol, "m");
  gm__free(solved);
  gm__values_free(&values);
  gm__dims_free(dims);
}
END_TEST

/* The name of what is missing is searched for in a bounded number of steps. */
START_TEST(a_missing_symbol_behind_too_many_is_not_named) {
  gm__dims *dims = table();
  gm__dim leaf = dim_of(dims, "n"), top = doubling(dims, leaf, 13), sum = 0;
  gm__values values = {0};
  gm_error error = {0};
  int64_t value = 0;
  ck_assert_int_eq(gm__dim_add(dims, dim_of(dims, "m"), top, &sum, NULL), GM_OK);
  ck_assert(gm__values_reserve(&values, dims));
  ck_assert_int_eq(gm__values_set(&values, dims, "n", 1, 5, NULL, NULL), GM_OK);
  ck_assert_int_eq(gm__dim_evaluate(dims, sum, &values, &value, &error), GM_UNBOUND);
  ck_assert_str_eq(error.message, "the dim '?' is not known");
  gm__values_free(&values);
  gm__dims_free(dims);
}
END_TEST

/* x under quotients and sums. */
static gm__dim buried(gm__dims *dims, gm__dim x, int layers) {
  for (int i = 0; i < layers; i++) {
    ck_assert_int_eq(gm__dim_add(dims, x, 1, &x, NULL), GM_OK);
    ck_assert_int_eq(gm__dim_div(dims, x, 2, &x, NULL), GM_OK);
  }
  return x;
}

/* A dim of four links with 60 layers each and one of `layers` leads through 246 + layers others. */
static void check_links(int layers) {
  gm__dims *dims = table();
  gm__dim y[6] = {dim_of(dims, "n")}, now = 0;
  const char *symbol = NULL;
  gm__values values = {0};
  int64_t value = 0;
  for (int i = 1; i <= 5; i++) ck_assert_int_eq(gm__dim_unknown(dims, &y[i], NULL), GM_OK);
  for (int i = 5; i > 0; i--)
    ck_assert_int_eq(equal(dims, y[i], buried(dims, y[i - 1], i == 5 ? layers : 60), NULL), GM_OK);
  ck_assert(gm__values_reserve(&values, dims));
  ck_assert_int_eq(gm__values_set(&values, dims, "n", 1, 1, NULL, NULL), GM_OK);
  bool *solved = gm__dims_solved(dims, y, 1);
  ck_assert_int_eq(gm__dim_solvable(dims, solved, y[5], &symbol), layers <= 10);
  ck_assert_int_eq(gm__dim_evaluate(dims, y[5], &values, &value, NULL), layers <= 10 ? GM_OK : GM_LIMIT);
  if (layers <= 10) ck_assert_int_eq(value, 1);
  ck_assert_int_eq(gm__dim_resolve(dims, y[5], &now, NULL), GM_LIMIT);
  gm__free(solved);
  gm__values_free(&values);
  gm__dims_free(dims);
}

START_TEST(what_is_known_through_too_many_others_is_a_limit) {
  check_links(1);
  check_links(10);
  check_links(11);
  check_links(60);
}
END_TEST

/* y39 is learnt first. The 33rd that would lead through all before it stays a constraint. */
START_TEST(symbols_lead_through_at_most_32_others) {
  gm__dims *dims = table();
  gm__dim y[40], larger = 0;
  char buffer[256], name[8];
  for (int i = 0; i < 40; i++) {
    snprintf(name, sizeof name, "y%d", i);
    y[i] = dim_of(dims, name);
  }
  for (int i = 39; i > 0; i--) {
    ck_assert_int_eq(gm__dim_max(dims, y[i - 1], 100 + i, &larger, NULL), GM_OK);
    ck_assert_int_eq(equal(dims, y[i], larger, NULL), GM_OK);
    if (i == 8) ck_assert_uint_eq(gm__constraint_count(dims), 0);
  }
  ck_assert_uint_eq(gm__constraint_count(dims), 1);
  gm__text text = gm__text_into(buffer, sizeof buffer);
  gm__constraint_text(dims, 0, NULL, &text);
  gm__text_end(&text);
  ck_assert_ptr_nonnull(strstr(buffer, "max(107, "));
  gm__dims_free(dims);
}
END_TEST

START_TEST(resolving_that_fails_leaves_the_dim_as_written) {
  gm__dims *dims = table();
  dim_of(dims, "n + a + b + k");
  gm__dim n = dim_of(dims, "n"), k = dim_of(dims, "k"), high = 1, sum = 0, now = 0;
  for (int i = 0; i < 40; i++) ck_assert_int_eq(gm__dim_mul(dims, high, n, &high, NULL), GM_OK);
  ck_assert_int_eq(gm__dim_add(dims, high, k, &sum, NULL), GM_OK);
  ck_assert_int_eq(unify(dims, "n", "a*b"), GM_OK);
  ck_assert_int_eq(gm__dim_resolve(dims, sum, &now, NULL), GM_LIMIT);
  ck_assert_int_eq(gm__dim_value(dims, sum), -1);
  gm__place at = {1, 0};
  size_t constraints = gm__constraint_count(dims);
  ck_assert_int_eq(equal(dims, sum, k, NULL), GM_LIMIT);
  ck_assert_int_eq(gm__dims_at_least(dims, sum, 3, 8, at, &namer, NULL), GM_LIMIT);
  ck_assert_int_eq(gm__dims_multiple(dims, sum, 3, 8, at, &namer, NULL), GM_LIMIT);
  ck_assert_int_eq(gm__dims_broadcast(dims, sum, 3, 8, at, at, &now, &namer, NULL), GM_LIMIT);
  ck_assert_uint_eq(gm__constraint_count(dims), constraints);
  ck_assert(!gm__dim_same(dims, sum, k));
  ck_assert(!gm__dim_same(dims, k, sum));
  ck_assert(!gm__dim_same(dims, k, n));
  ck_assert(gm__dim_same(dims, n, dim_of(dims, "a*b")));
  ck_assert_ptr_nonnull(strstr(text_of(dims, sum), "n*n*n*"));
  gm__dims_free(dims);
}
END_TEST

static gm__dim sum_of_symbols(gm__dims *dims, int count) {
  gm__dim sum = 0;
  for (int i = 0; i < count; i++) {
    gm__dim next = 0;
    ck_assert_int_eq(gm__dim_unknown(dims, &next, NULL), GM_OK);
    ck_assert_int_eq(gm__dim_add(dims, sum, next, &sum, NULL), GM_OK);
  }
  return sum;
}

START_TEST(terms_inside_of_terms_count) {
  gm__dims *dims = table();
  gm__dim sum = sum_of_symbols(dims, 2040), wide = 0, out = 77, n = dim_of(dims, "n");
  ck_assert_int_eq(gm__dim_max(dims, sum, 4, &wide, NULL), GM_OK);
  ck_assert_int_eq(gm__dim_add(dims, wide, n, &out, NULL), GM_OK);
  ck_assert_int_eq(gm__dim_mul(dims, wide, wide, &out, NULL), GM_OK);
  gm__dim before = out;
  gm__dim cube = 0;
  ck_assert_int_eq(gm__dim_mul(dims, out, wide, &cube, NULL), GM_LIMIT);
  ck_assert_int_eq(gm__dim_add(dims, sum, sum_of_symbols(dims, 2000), &out, NULL), GM_OK);
  ck_assert_int_eq(gm__dim_add(dims, out, sum_of_symbols(dims, 56), &out, NULL), GM_OK);
  ck_assert_int_eq(gm__dim_add(dims, out, n, &cube, NULL), GM_LIMIT);
  ck_assert_int_eq(gm__dim_add(dims, before, n, &out, NULL), GM_OK);
  gm__dims_free(dims);
}
END_TEST

SUITE(dim_limits) {
  CASE(values_beyond_64_bits_are_limits);
  CASE(the_smallest_integer_is_no_coefficient);
  CASE(nested_quotients_join_where_the_divisor_fits);
  CASE(what_can_only_be_zero_is_no_divisor);
  CASE(what_can_only_be_one_number_divides_as_that);
  CASE(factors_that_sum_to_the_smallest_integer_still_solve);
  CASE(lengths_too_far_from_a_constant_are_refused);
  CASE(lengths_near_the_end_are_divided);
  CASE(everything_is_a_multiple_of_minus_one);
  CASE(dims_that_double_are_refused_quickly);
  CASE(dims_that_double_a_little_are_worked_out);
  CASE(a_missing_symbol_behind_too_many_is_not_named);
  CASE(what_is_known_through_too_many_others_is_a_limit);
  CASE(symbols_lead_through_at_most_32_others);
  CASE(resolving_that_fails_leaves_the_dim_as_written);
  CASE(terms_inside_of_terms_count);
}
