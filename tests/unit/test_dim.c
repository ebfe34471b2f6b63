/* SPDX-License-Identifier: MIT
 *
 * Arithmetic on dims: canonical forms, and the law that evaluating an expression is computing with its
 * values. */
#include "dim_support.h"

#include "base/checked.h"

#include <time.h>

typedef gm_status binary(gm__dims *dims, gm__dim a, gm__dim b, gm__dim *out, gm_error *error);

static bool same(gm__dims *dims, const char *a, const char *b) {
  return dim_of(dims, a) == dim_of(dims, b);
}

START_TEST(constants_are_computed) {
  gm__dims *dims = table();
  ck_assert_int_eq(dim_of(dims, "2 + 3*4 - 5"), 9);
  ck_assert_int_eq(dim_of(dims, "7//2"), 3);
  ck_assert_int_eq(dim_of(dims, "(0 - 7)//2 + 10"), 6);
  ck_assert_int_eq(dim_of(dims, "7//(-2) + 10"), 6);
  ck_assert_int_eq(dim_of(dims, "min(3, max(1, 2))"), 2);
  gm__dims_free(dims);
}
END_TEST

START_TEST(equal_expressions_are_equal_words) {
  gm__dims *dims = table();
  ck_assert(same(dims, "(n + m)*(n - m)", "n*n - m*m"));
  ck_assert(same(dims, "2*(n + 1) - n", "n + 2"));
  ck_assert(same(dims, "min(n, m)", "min(m, n)"));
  ck_assert(same(dims, "max(max(n, m), k)", "max(k, max(m, n))"));
  ck_assert(same(dims, "min(n, n)", "n"));
  ck_assert(!same(dims, "n", "m"));
  ck_assert_int_eq(dim_of(dims, "n*0"), 0);
  gm__dims_free(dims);
}
END_TEST

START_TEST(quotients_simplify_where_that_is_exact) {
  gm__dims *dims = table();
  check_text(dims, "4*n//2", "2*n");
  check_text(dims, "n//1", "n");
  check_text(dims, "(2*n + 3)//2", "n + 1");
  check_text(dims, "(2*n + 1)//4", "n//2");
  check_text(dims, "(4*n + m)//4", "n + m//4");
  check_text(dims, "2*n//6", "n//3");
  check_text(dims, "(n//2)//3", "n//6");
  check_text(dims, "46*n//96671//68", "23*n//3286814");
  check_text(dims, "(2*(n//3))//3//2", "n//9");
  check_text(dims, "n*m//m", "n*m//m");
  check_text(dims, "n//n", "n//n");
  check_text(dims, "0//n", "0");
  check_text(dims, "5//9223372036854775807", "0");
  check_text(dims, "n//9223372036854775807", "n//9223372036854775807");
  check_text(dims, "(n*m + m)//(n + 1)", "m");
  check_text(dims, "4*n//(2*m)", "2*n//m");
  check_text(dims, "(n + 3)//2", "(n + 3)//2");
  gm__dims_free(dims);
}
END_TEST

START_TEST(min_and_max_use_that_symbols_are_not_negative) {
  gm__dims *dims = table();
  check_text(dims, "max(0, n)", "n");
  check_text(dims, "max(n + 1, n)", "n + 1");
  check_text(dims, "min(n + m, n)", "n");
  check_text(dims, "max(1, n)", "max(1, n)");
  check_text(dims, "min(0, n)", "0");
  check_text(dims, "max(0, n//2)", "n//2");
  check_text(dims, "min(max(n, 5), 3)", "3");
  check_text(dims, "max(0, n - 1)", "max(0, n - 1)");
  check_text(dims, "max(3, max(n, 5))", "max(5, n)");
  gm__dims_free(dims);
}
END_TEST

START_TEST(bounds_that_overflow_are_no_bounds) {
  gm__dims *dims = table();
  const char *huge = "max(n, 4611686018427387904)*max(m, 2) - 9223372036854775800";
  ck_assert(!gm__dim_known(dim_of(dims, huge)));
  ck_assert_int_eq(unify(dims, huge, "7"), GM_OK);
  ck_assert_int_eq(unify(dims, "max(n, 9223372036854775807)", "9223372036854775807"), GM_OK);
  gm__dims_free(dims);
}
END_TEST

START_TEST(anonymous_symbols_are_distinct) {
  gm__dims *dims = table();
  gm__dim a = 0, b = 0;
  ck_assert_int_eq(gm__dim_unknown(dims, &a, NULL), GM_OK);
  ck_assert_int_eq(gm__dim_unknown(dims, &b, NULL), GM_OK);
  ck_assert_int_ne(a, b);
  ck_assert(!gm__dim_same(dims, a, b));
  ck_assert_uint_eq(gm__symbol_count(dims), 0);
  ck_assert_int_eq(gm__dim_value(dims, a), -1);
  gm__dims_free(dims);
}
END_TEST

START_TEST(symbols_keep_the_order_of_declaration) {
  gm__dims *dims = table();
  dim_of(dims, "z + a");
  dim_of(dims, "?");
  dim_of(dims, "m");
  ck_assert_uint_eq(gm__symbol_count(dims), 3);
  ck_assert_str_eq(gm__symbol_name(dims, 0), "z");
  ck_assert_str_eq(gm__symbol_name(dims, 2), "m");
  ck_assert_ptr_null(gm__symbol_name(dims, 3));
  check_text(dims, "a + z", "z + a");
  gm__dims_free(dims);
}
END_TEST

START_TEST(bad_symbol_names_are_refused) {
  gm__dims *dims = table();
  gm__dim dim = 0;
  ck_assert_int_eq(gm__dim_symbol(dims, "2n", 2, &dim, NULL), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm__dim_symbol(dims, "", 0, &dim, NULL), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm__dim_symbol(dims, "a-b", 3, &dim, NULL), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm__dim_symbol(dims, "_9", 2, &dim, NULL), GM_OK);
  gm__dims_free(dims);
}
END_TEST

START_TEST(minus_one_is_no_operand) {
  gm__dims *dims = table();
  gm__dim out = 5;
  ck_assert_int_eq(gm__dim_add(dims, GM__DIM_AUTO, 1, &out, NULL), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm__dim_mul(dims, 1, -2, &out, NULL), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm__dim_add(dims, -100, 1, &out, NULL), GM_BAD_ARGUMENT);
  ck_assert_int_eq(equal(dims, GM__DIM_AUTO, 1, NULL), GM_BAD_ARGUMENT);
  ck_assert_int_eq(out, 5);
  ck_assert_int_eq(gm__dim_value(dims, GM__DIM_AUTO), -1);
  ck_assert_str_eq(text_of(dims, GM__DIM_AUTO), "-1");
  gm__dims_free(dims);
}
END_TEST

START_TEST(overflow_and_size_are_limits) {
  gm__dims *dims = table();
  gm__dim out = 5, n = dim_of(dims, "n"), big = 0, power = n;
  ck_assert_int_eq(gm__dim_add(dims, INT64_MAX, 1, &out, NULL), GM_LIMIT);
  ck_assert_int_eq(gm__dim_mul(dims, INT64_MAX, 2, &out, NULL), GM_LIMIT);
  ck_assert_int_eq(gm__dim_integer(dims, INT64_MIN, &out, NULL), GM_LIMIT);
  ck_assert_int_eq(gm__dim_mul(dims, n, INT64_MAX, &big, NULL), GM_OK);
  ck_assert_int_eq(gm__dim_add(dims, big, n, &out, NULL), GM_LIMIT);
  for (int i = 0; i < 6; i++) ck_assert_int_eq(gm__dim_mul(dims, power, power, &power, NULL), GM_OK);
  ck_assert_int_eq(gm__dim_mul(dims, power, n, &out, NULL), GM_LIMIT);
  ck_assert_int_eq(gm__dim_div(dims, n, 0, &out, NULL), GM_BAD_SHAPE);
  ck_assert_int_eq(out, 5);
  gm__dims_free(dims);
}
END_TEST

START_TEST(nesting_of_terms_is_limited) {
  gm__dims *dims = table();
  gm__dim dim = dim_of(dims, "n"), two = 2;
  gm_status status = GM_OK;
  int depth = 0;
  for (; depth < 10000 && status == GM_OK; depth++) {
    gm__dim sum = 0;
    status = gm__dim_add(dims, dim, 1, &sum, NULL);
    if (status == GM_OK) status = gm__dim_div(dims, sum, two, &dim, NULL);
    if (status == GM_OK) status = gm__dim_max(dims, dim, 3, &dim, NULL);
  }
  ck_assert_int_eq(status, GM_LIMIT);
  ck_assert_int_lt(depth, 100);
  gm__dims_free(dims);
}
END_TEST

START_TEST(shared_terms_do_not_grow_without_bound) {
  gm__dims *dims = table();
  gm__dim dim = dim_of(dims, "n");
  gm_status status = GM_OK;
  for (int i = 0; i < 200 && status == GM_OK; i++) {
    gm__dim tail = 0;
    status = gm__dim_min(dims, dim, 4 + i, &tail, NULL);
    if (status == GM_OK) status = gm__dim_add(dims, dim, tail, &dim, NULL);
  }
  ck_assert_int_eq(status, GM_LIMIT);
  gm__dims_free(dims);
}
END_TEST

START_TEST(all_calls_together_have_an_allowance) {
  gm__dims *dims = table();
  gm__dim dim = dim_of(dims, "n + 1"), out = 0;
  gm_error error = {0};
  gm_status status = GM_OK;
  int calls = 0;
  gm__dims_allow(dims, 1000);
  for (; calls < 10000 && status == GM_OK; calls++) status = gm__dim_mul(dims, dim, dim, &out, &error);
  ck_assert_int_eq(status, GM_LIMIT);
  ck_assert_str_eq(error.message, "the dimensions together take more work than is allowed");
  ck_assert_int_gt(calls, 50);
  gm__dims_allow(dims, GM__DIMS_NO_LIMIT);
  for (calls = 0; calls < 10000; calls++) ck_assert_int_eq(gm__dim_mul(dims, dim, dim, &out, NULL), GM_OK);
  gm__dims_free(dims);
}
END_TEST

START_TEST(products_multiply_all) {
  gm__dims *dims = table();
  gm__dim factors[] = {dim_of(dims, "n"), 3, dim_of(dims, "m + 1"), 0}, out = 0;
  ck_assert_int_eq(gm__dim_product(dims, factors, 3, &out, NULL), GM_OK);
  ck_assert_str_eq(text_of(dims, out), "3*n*m + 3*n");
  ck_assert_int_eq(gm__dim_product(dims, factors, 4, &out, NULL), GM_OK);
  ck_assert_int_eq(out, 0);
  ck_assert_int_eq(gm__dim_product(dims, NULL, 0, &out, NULL), GM_OK);
  ck_assert_int_eq(out, 1);
  gm__dims_free(dims);
}
END_TEST

/* A pool of random expressions with the values that they must have. */
typedef struct pool {
  gm__dims *dims;
  gm__dim dim[64];
  int64_t value[64];
  int count;
  uint64_t state;
} pool;

static int64_t compute(int op, int64_t a, int64_t b) {
  if (op == 0) return a + b;
  if (op == 1) return a - b;
  if (op == 2) return a * b;
  if (op == 3) return b == 0 ? 0 : gm__floor_div(a, b);
  return (op == 4) == (a < b) ? a : b;
}

static void grow(pool *p) {
  static binary *const ops[] = {gm__dim_add, gm__dim_sub, gm__dim_mul, gm__dim_div, gm__dim_min, gm__dim_max};
  int i = (int)random_below(&p->state, p->count), k = (int)random_below(&p->state, p->count);
  int op = (int)random_below(&p->state, 6);
  gm__dim out = 0;
  if (op == 3 && (p->value[k] == 0 || p->dim[k] == 0)) return;
  if (llabs(p->value[i]) > 100000 || llabs(p->value[k]) > 100000) return;
  gm_status status = ops[op](p->dims, p->dim[i], p->dim[k], &out, NULL);
  ck_assert(status == GM_OK || status == GM_LIMIT);
  if (status != GM_OK) return;
  p->dim[p->count] = out;
  p->value[p->count++] = compute(op, p->value[i], p->value[k]);
}

static void fill(pool *p, gm__values *values) {
  static const char *const names[] = {"n", "m", "k"};
  for (int i = 0; i < 3; i++) {
    p->dim[p->count] = dim_of(p->dims, names[i]);
    p->value[p->count] = random_below(&p->state, 12);
    ck_assert(gm__values_reserve(values, p->dims));
    ck_assert_int_eq(gm__values_set(values, p->dims, names[i], 1, p->value[p->count], NULL, NULL), GM_OK);
    p->count++;
  }
  for (int i = 0; i < 3; i++) {
    p->value[p->count] = random_below(&p->state, 9) - 4;
    ck_assert_int_eq(gm__dim_integer(p->dims, p->value[p->count], &p->dim[p->count], NULL), GM_OK);
    p->count++;
  }
  for (int i = 0; i < 60 && p->count < 60; i++) grow(p);
}

static void check_values(pool *p, const gm__values *values) {
  for (int i = 0; i < p->count; i++) {
    int64_t value = -77;
    gm_error error = {0};
    gm_status status = gm__dim_evaluate(p->dims, p->dim[i], values, &value, &error);
    if (p->value[i] < 0)
      ck_assert_int_eq(status, GM_BAD_SHAPE);
    else
      ck_assert_msg(status == GM_OK && value == p->value[i], "%s: %lld, not %lld: %s",
          text_of(p->dims, p->dim[i]), (long long)value, (long long)p->value[i], error.message);
  }
}

START_TEST(evaluating_is_computing_with_values) {
  for (uint64_t seed = 0; seed < 400; seed++) {
    pool p = {table(), {0}, {0}, 0, seed * 77 + 5};
    gm__values values = {0};
    fill(&p, &values);
    check_values(&p, &values);
    gm__values_free(&values);
    gm__dims_free(p.dims);
  }
}
END_TEST

START_TEST(random_expressions_read_back_as_the_same_word) {
  for (uint64_t seed = 0; seed < 200; seed++) {
    pool p = {table(), {0}, {0}, 0, seed * 31 + 1};
    gm__values values = {0};
    fill(&p, &values);
    for (int i = 0; i < p.count; i++) {
      const char *text = text_of(p.dims, p.dim[i]);
      gm__dim again = 0;
      gm_status status = gm__dim_read(p.dims, text, strlen(text), &again, NULL);
      if (status == GM_OK)
        ck_assert_msg(again == p.dim[i], "%s -> %s", text, text_of(p.dims, again));
      else
        ck_assert_msg(status == GM_LIMIT || p.value[i] < 0, "%s", text);
    }
    gm__values_free(&values);
    gm__dims_free(p.dims);
  }
}
END_TEST

START_TEST(resolving_agrees_with_evaluating) {
  for (uint64_t seed = 0; seed < 200; seed++) {
    pool p = {table(), {0}, {0}, 0, seed * 13 + 3};
    gm__values values = {0};
    fill(&p, &values);
    gm_status learnt = GM_OK;
    for (int i = 0; i < 3; i++)
      if (learnt == GM_OK)
        learnt = gm__dims_equal(
            p.dims, p.dim[i], p.value[i], 1, (gm__place){1, 0}, (gm__place){2, 0}, &namer, NULL);
    ck_assert_int_eq(learnt, GM_OK);
    for (int i = 0; i < p.count; i++) {
      gm__dim now = 0;
      int64_t expected = p.value[i] < 0 ? -1 : p.value[i];
      ck_assert_int_eq(gm__dim_value(p.dims, p.dim[i]), expected);
      ck_assert_int_eq(gm__dim_resolve(p.dims, p.dim[i], &now, NULL), GM_OK);
      if (p.value[i] >= 0) ck_assert_int_eq(now, p.value[i]);
    }
    gm__values_free(&values);
    gm__dims_free(p.dims);
  }
}
END_TEST

START_TEST(rewinding_takes_back_symbols_and_expressions) {
  gm__dims *dims = table();
  gm__dim before = dim_of(dims, "2*n + 1");
  gm__dims_mark mark = gm__dims_now(dims);
  for (int round = 0; round < 3; round++) {
    dim_of(dims, "m*n + max(k, 3)//2");
    ck_assert_uint_eq(gm__symbol_count(dims), 3);
    gm__dims_rewind(dims, mark);
    ck_assert_uint_eq(gm__symbol_count(dims), 1);
  }
  ck_assert_int_eq(dim_of(dims, "1 + n + n"), before);
  static const char *const texts[] = {"j*n + max(j, 3)//2", "i", "max(3, i)//2", "i*j*n", "i//j + 7"};
  for (int i = 0; i < 5; i++) {
    gm__dim word = dim_of(dims, texts[i]);
    ck_assert_int_eq(dim_of(dims, texts[i]), word);
    ck_assert_int_eq(dim_of(dims, text_of(dims, word)), word);
  }
  check_text(dims, "k + m", "k + m");
  gm__dims_free(dims);
}
END_TEST

START_TEST(a_hundred_thousand_dims_take_no_time) {
  gm__dims *dims = table();
  clock_t start = clock();
  for (int i = 0; i < 100000; i++) {
    gm__dim unknown = 0, sum = 0, now = 0;
    ck_assert_int_eq(gm__dim_unknown(dims, &unknown, NULL), GM_OK);
    ck_assert_int_eq(gm__dim_add(dims, unknown, dim_of(dims, "2*n + 1"), &sum, NULL), GM_OK);
    ck_assert_int_eq(equal(dims, unknown, dim_of(dims, "n"), NULL), GM_OK);
    ck_assert_int_eq(gm__dim_resolve(dims, sum, &now, NULL), GM_OK);
    ck_assert_int_eq(now, dim_of(dims, "3*n + 1"));
  }
  ck_assert((double)(clock() - start) / CLOCKS_PER_SEC < 10);
  gm__dims_free(dims);
}
END_TEST

SUITE(dim) {
  CASE(constants_are_computed);
  CASE(equal_expressions_are_equal_words);
  CASE(quotients_simplify_where_that_is_exact);
  CASE(min_and_max_use_that_symbols_are_not_negative);
  CASE(bounds_that_overflow_are_no_bounds);
  CASE(anonymous_symbols_are_distinct);
  CASE(symbols_keep_the_order_of_declaration);
  CASE(bad_symbol_names_are_refused);
  CASE(minus_one_is_no_operand);
  CASE(overflow_and_size_are_limits);
  CASE(nesting_of_terms_is_limited);
  CASE(shared_terms_do_not_grow_without_bound);
  CASE(all_calls_together_have_an_allowance);
  CASE(products_multiply_all);
  CASE(evaluating_is_computing_with_values);
  CASE(random_expressions_read_back_as_the_same_word);
  CASE(resolving_agrees_with_evaluating);
  CASE(rewinding_takes_back_symbols_and_expressions);
  CASE(a_hundred_thousand_dims_take_no_time);
}
