/* SPDX-License-Identifier: MIT
 *
 * Who is named in what is told about dims, down to places without a node and nodes without a name; what is
 * called solvable against solving it. */
#include "base/alloc.h"
#include "dim_support.h"
#include "shape/dim_table.h"

static const gm__place nowhere = {0, 0};

static const char *said(const gm__source *source, bool user, const gm__namer *who) {
  static char buffer[256];
  gm__text text = gm__text_into(buffer, sizeof buffer);
  gm__say_source(source, "by ", user, who, &text);
  gm__text_end(&text);
  return buffer;
}

START_TEST(sources_name_what_there_is_of_them) {
  const gm__source full = {{1, 0}, {2, 1}, 3}, first = {{1, 0}, {0, 0}, 3}, second = {{0, 0}, {2, 1}, 3};
  const gm__source alone = {{0, 0}, {0, 0}, 3}, nobody = {{0, 0}, {0, 0}, 0}, unused = {{1, 2}, {0, 0}, 0};
  const gm__source whole = {{1, -1}, {2, -1}, 0};
  ck_assert_str_eq(said(&full, true, &namer), "by 'a' axis 0 and 'b' axis 1 in 'c'");
  ck_assert_str_eq(said(&full, false, &namer), "by 'a' axis 0 and 'b' axis 1");
  ck_assert_str_eq(said(&first, true, &namer), "by 'a' axis 0 in 'c'");
  ck_assert_str_eq(said(&first, false, &namer), "by 'a' axis 0");
  ck_assert_str_eq(said(&second, true, &namer), "by 'b' axis 1 in 'c'");
  ck_assert_str_eq(said(&second, false, &namer), "by 'b' axis 1");
  ck_assert_str_eq(said(&alone, true, &namer), "by 'c'");
  ck_assert_str_eq(said(&alone, false, &namer), "");
  ck_assert_str_eq(said(&nobody, true, &namer), "");
  ck_assert_str_eq(said(&nobody, false, &namer), "");
  ck_assert_str_eq(said(&unused, true, &namer), "by 'a' axis 2");
  ck_assert_str_eq(said(&whole, true, &namer), "by 'a' and 'b'");
}
END_TEST

START_TEST(nodes_without_a_name_have_numbers) {
  const gm__source full = {{1, 0}, {9, 1}, 20};
  const gm__namer dumb = {NULL, NULL};
  ck_assert_str_eq(said(&full, true, &namer), "by 'a' axis 0 and node 9 axis 1 in node 20");
  ck_assert_str_eq(said(&full, true, &dumb), "by node 1 axis 0 and node 9 axis 1 in node 20");
  ck_assert_str_eq(said(&full, true, NULL), "by node 1 axis 0 and node 9 axis 1 in node 20");
}
END_TEST

START_TEST(errors_carry_a_node_where_it_has_a_name) {
  const gm__namer dumb = {NULL, NULL};
  const gm__namer *const namers[] = {&namer, &dumb, NULL};
  for (int i = 0; i < 3; i++) {
    gm__dims *dims = table();
    gm__values values = {0};
    gm_error error = {0};
    gm__dim n = dim_of(dims, "n");
    const gm__bound bounds[] = {{n, 3, {1, 0}}, {n, 4, {2, 0}}}, lost[] = {{n, 3, {1, 0}}, {n, 4, {0, 0}}};
    ck_assert(gm__values_reserve(&values, dims));
    ck_assert_int_eq(gm__dims_solve(dims, &values, bounds, 2, namers[i], &error), GM_BAD_SHAPE);
    ck_assert_str_eq(error.node, i == 0 ? "b" : "");
    gm__values_clear(&values, dims);
    ck_assert_int_eq(gm__dims_solve(dims, &values, lost, 2, namers[i], &error), GM_BAD_SHAPE);
    ck_assert_str_eq(error.node, "");
    gm__values_free(&values);
    gm__dims_free(dims);
  }
}
END_TEST

static const char *solving(gm__dims *dims, const gm__bound *bounds, size_t count, gm_status expected) {
  static gm_error error;
  gm__values values = {0};
  ck_assert(gm__values_reserve(&values, dims));
  gm_status status = gm__dims_solve(dims, &values, bounds, count, &namer, &error);
  ck_assert_msg(status == expected, "%s: %s", gm_status_name(status), error.message);
  gm__values_free(&values);
  return error.message;
}

START_TEST(values_behind_what_was_learnt_are_told) {
  gm__dims *dims = table();
  dim_of(dims, "n + m");
  gm__dim sum = dim_of(dims, "m + 1");
  ck_assert_int_eq(unify(dims, "m", "2*n"), GM_OK);
  const gm__bound bounds[] = {{dim_of(dims, "n"), 3, {3, 0}}, {sum, 9, {4, 1}}};
  ck_assert_str_eq(solving(dims, bounds, 2, GM_BAD_SHAPE),
      "2*n + 1 = 7 with n = 3 from 'c' axis 0, but 9 from 'd' axis 1; m = 2*n was learnt from 'a' axis 0 and "
      "'b' axis 1");
  gm__dims_free(dims);
}
END_TEST

START_TEST(no_more_than_four_values_are_told) {
  gm__dims *dims = table();
  dim_of(dims, "a + b + c + d + e + f");
  ck_assert_int_eq(unify(dims, "f", "a + b + c + d + e"), GM_OK);
  gm__dim f = dim_of(dims, "f + 1");
  const gm__bound bounds[] = {{dim_of(dims, "a"), 1, {1, 0}}, {dim_of(dims, "b"), 2, {1, 1}},
      {dim_of(dims, "c"), 3, {1, 2}}, {dim_of(dims, "d"), 4, {1, 3}}, {dim_of(dims, "e"), 5, {1, 4}},
      {f, 9, {2, 0}}};
  ck_assert_str_eq(solving(dims, bounds, 6, GM_BAD_SHAPE),
      "a + b + c + d + e + 1 = 16 with a = 1 from 'a' axis 0 and b = 2 from 'a' axis 1 and c = 3 from 'a' "
      "axis 2 "
      "and d = 4 from 'a' axis 3, but 9 from 'b' axis 0; f = a + b + c + d + e was learnt from 'a' axis 0 "
      "and 'b' "
      "axis 1");
  gm__dims_free(dims);
}
END_TEST

START_TEST(a_value_stands_once_and_unknown_symbols_not_at_all) {
  gm__dims *dims = table();
  const gm__bound bounds[] = {{dim_of(dims, "n"), 4, {1, 0}}, {dim_of(dims, "n*n + n*m"), 13, {2, 0}}};
  ck_assert_str_eq(solving(dims, bounds, 2, GM_BAD_SHAPE),
      "'b' axis 0 is n*n + n*m, which no m >= 0 makes 13 with n = 4 from 'a' axis 0");
  gm__dims_free(dims);
}
END_TEST

START_TEST(a_difference_below_zero_is_told_by_its_constraint) {
  gm__dims *dims = table();
  ck_assert_int_eq(equal(dims, dim_of(dims, "?"), dim_of(dims, "n - 3"), NULL), GM_OK);
  const gm__bound bounds[] = {{dim_of(dims, "n"), 1, {3, 0}}};
  ck_assert_str_eq(solving(dims, bounds, 1, GM_BAD_SHAPE),
      "-2 must be at least 0: n - 3 >= 0, demanded of 'a' axis 0 and "
      "'b' axis 1 in 'h' with n = 1 from 'c' axis 0");
  gm__dims_free(dims);
}
END_TEST

START_TEST(constraints_of_symbols_that_stay_unknown_are_not_checked) {
  gm__dims *dims = table();
  dim_of(dims, "n + m");
  ck_assert_int_eq(
      gm__dims_at_least(dims, dim_of(dims, "n"), dim_of(dims, "m"), 8, nowhere, &namer, NULL), GM_OK);
  ck_assert_int_eq(gm__dims_at_least(dims, dim_of(dims, "m"), 5, 8, nowhere, &namer, NULL), GM_OK);
  const gm__bound bounds[] = {{dim_of(dims, "n"), 3, {1, 0}}};
  solving(dims, bounds, 1, GM_OK);
  const gm__bound both[] = {{dim_of(dims, "n"), 3, {1, 0}}, {dim_of(dims, "m"), 4, {1, 1}}};
  ck_assert_str_eq(solving(dims, both, 2, GM_BAD_SHAPE),
      "3 must be at least 4: n >= m, demanded of 'h' with n = 3 from 'a' axis 0 and m = 4 from 'a' axis 1");
  gm__dims_free(dims);
}
END_TEST

START_TEST(values_reserved_for_fewer_symbols_serve_those) {
  gm__dims *dims = table();
  gm__values values = {0};
  gm_error error = {0};
  gm__dim n = dim_of(dims, "n");
  ck_assert(gm__values_reserve(&values, dims));
  gm__dim m = dim_of(dims, "m");
  ck_assert_int_eq(unify(dims, "k", "m + 2"), GM_OK);
  const gm__bound first[] = {{n, 3, {1, 0}}}, second[] = {{m, 3, {1, 0}}};
  ck_assert_int_eq(gm__dims_solve(dims, &values, first, 1, &namer, &error), GM_OK);
  ck_assert_int_eq(gm__dims_solve(dims, &values, second, 1, &namer, &error), GM_BAD_ARGUMENT);
  ck_assert_str_eq(error.message, "values were reserved for 1 dims only");
  ck_assert_int_eq(gm__values_set(&values, dims, "m", 1, 4, &namer, &error), GM_BAD_ARGUMENT);
  ck_assert(gm__values_reserve(&values, dims));
  ck_assert_int_eq(gm__dims_solve(dims, &values, second, 1, &namer, &error), GM_OK);
  int64_t k = 0;
  ck_assert_int_eq(gm__dim_evaluate(dims, dim_of(dims, "k"), &values, &k, NULL), GM_OK);
  ck_assert_int_eq(k, 5);
  gm__values_free(&values);
  gm__dims_free(dims);
}
END_TEST

START_TEST(minus_one_is_no_operand_on_either_side) {
  gm__dims *dims = table();
  const char *symbol = "";
  gm_error error = {0};
  gm__dim n = dim_of(dims, "n");
  ck_assert_int_eq(equal(dims, n, GM__DIM_AUTO, &error), GM_BAD_ARGUMENT);
  ck_assert_str_eq(error.message, "-1 stands for no length that can be computed with");
  ck_assert_int_eq(equal(dims, n, -15, NULL), GM_BAD_ARGUMENT);
  ck_assert_int_eq(equal(dims, GM__DIM_AUTO, GM__DIM_AUTO, NULL), GM_BAD_ARGUMENT);
  bool *solved = gm__dims_solved(dims, NULL, 0);
  ck_assert(gm__dim_solvable(dims, solved, GM__DIM_AUTO, &symbol));
  ck_assert_ptr_null(symbol);
  gm__free(solved);
  gm__dims_free(dims);
}
END_TEST

START_TEST(anonymous_symbols_print_through_what_was_learnt) {
  gm__dims *dims = table();
  gm__dim a = dim_of(dims, "?"), b = dim_of(dims, "?"), both = 0;
  ck_assert_int_eq(gm__dim_max(dims, a, b, &both, NULL), GM_OK);
  ck_assert_int_eq(gm__dim_mul(dims, both, dim_of(dims, "n"), &both, NULL), GM_OK);
  ck_assert_int_eq(unify(dims, "n", "4"), GM_OK);
  ck_assert_str_eq(text_of(dims, both), "4*max(?, ?)");
  ck_assert_int_eq(gm__dim_value(dims, both), -1);
  ck_assert_int_eq(equal(dims, a, 2, NULL), GM_OK);
  ck_assert_str_eq(text_of(dims, both), "4*max(2, ?)");
  ck_assert_int_eq(equal(dims, b, 7, NULL), GM_OK);
  ck_assert_int_eq(gm__dim_value(dims, both), 28);
  gm__dims_free(dims);
}
END_TEST

static bool asks_nothing(gm__dims *dims, const char *const *given, size_t count, const char *wanted) {
  const char *symbol = NULL;
  gm__dim dim[8];
  for (size_t i = 0; i < count; i++) dim[i] = dim_of(dims, given[i]);
  bool *solved = gm__dims_solved(dims, dim, count);
  bool can = gm__dim_solvable(dims, solved, dim_of(dims, wanted), &symbol);
  gm__free(solved);
  return can;
}

START_TEST(sums_of_two_unknowns_give_neither) {
  gm__dims *dims = table();
  static const char *const two[] = {"n + m"}, *const square[] = {"n*n"}, *const mixed[] = {"n + n*m"};
  static const char *const product[] = {"n*m"}, *const three[] = {"n*n + m + k", "m", "k"};
  static const char *const cross[] = {"max(n, 2) + m"}, *const later[] = {"m + max(n, 2)"};
  ck_assert(!asks_nothing(dims, two, 1, "n"));
  ck_assert(!asks_nothing(dims, two, 1, "m"));
  ck_assert(!asks_nothing(dims, square, 1, "n"));
  ck_assert(!asks_nothing(dims, mixed, 1, "n"));
  ck_assert(!asks_nothing(dims, product, 1, "n"));
  ck_assert(!asks_nothing(dims, three, 3, "n"));
  ck_assert(asks_nothing(dims, three, 3, "m + k"));
  ck_assert(!asks_nothing(dims, cross, 1, "m"));
  ck_assert(!asks_nothing(dims, later, 1, "m"));
  gm__dims_free(dims);
}
END_TEST

START_TEST(unknowns_that_are_one_by_now_give_it) {
  gm__dims *dims = table();
  static const char *const two[] = {"n + m"}, *const wide[] = {"n*m + 2*n"};
  dim_of(dims, "n + m");
  gm__dim sum = dim_of(dims, "n + m"), square = dim_of(dims, "n*m");
  ck_assert_int_eq(unify(dims, "m", "n"), GM_OK);
  ck_assert(asks_nothing(dims, two, 1, "n"));
  ck_assert(asks_nothing(dims, two, 1, "m"));
  ck_assert(!asks_nothing(dims, wide, 1, "m"));
  const gm__bound bounds[] = {{sum, 8, {1, 0}}, {square, 16, {1, 1}}};
  solving(dims, bounds, 2, GM_OK);
  gm__dims_free(dims);
}
END_TEST

/* What solving needs lengths for is one set of dims, given in any order; solving them must agree. */
static void check_solvable(uint64_t seed) {
  static const char *const texts[] = {"n", "m + 1", "2*k + 3", "n*m", "n + m", "k*n", "max(n, m)", "m//2 + k",
      "n + m - k + 9", "n*n", "m*k + n", "2*n + 2*m", "min(k, 3) + n", "n*m*k", "j", "j + k*n"};
  static const char *const names[] = {"n", "m", "k", "j"};
  gm__dims *dims = table();
  gm__values truth = {0}, values = {0};
  uint64_t state = seed;
  gm__bound bounds[4];
  gm__dim given[4];
  dim_of(dims, "n + m + k + j");
  if (seed % 3 == 0) ck_assert_int_eq(unify(dims, "m", "k"), GM_OK);
  ck_assert(gm__values_reserve(&truth, dims) && gm__values_reserve(&values, dims));
  int64_t value[4] = {0};
  for (int i = 0; i < 4; i++) {
    value[i] = seed % 3 == 0 && i == 2 ? value[1] : 1 + random_below(&state, 5);
    ck_assert_int_eq(gm__values_set(&truth, dims, names[i], 1, value[i], NULL, NULL), GM_OK);
  }
  for (int i = 0; i < 4; i++) {
    given[i] = dim_of(dims, texts[random_below(&state, (int64_t)(sizeof texts / sizeof *texts))]);
    bounds[i] = (gm__bound){given[i], 0, {1, i}};
    ck_assert_int_eq(gm__dim_evaluate(dims, given[i], &truth, &bounds[i].length, NULL), GM_OK);
  }
  gm__dims *copy = gm__dims_copy(dims, NULL, NULL, NULL);
  gm__dims_free(dims);
  dims = copy;
  bool *solved = gm__dims_solved(dims, given, 4);
  gm_status status = gm__dims_solve(dims, &values, bounds, 4, NULL, NULL);
  ck_assert(status == GM_OK || status == GM_UNBOUND);
  for (int i = 0; i < 4; i++) {
    const char *symbol = NULL;
    int64_t found = -1;
    bool can = gm__dim_solvable(dims, solved, dim_of(dims, names[i]), &symbol);
    gm_status known = gm__dim_evaluate(dims, dim_of(dims, names[i]), &values, &found, NULL);
    ck_assert_msg(can == (known == GM_OK), "%s of %s, %s, %s, %s", names[i], text_of(dims, given[0]),
        text_of(dims, given[1]), text_of(dims, given[2]), text_of(dims, given[3]));
    if (can) ck_assert_int_eq(found, value[i]);
    if (!can) ck_assert_str_eq(symbol, text_of(dims, dim_of(dims, names[i])));
  }
  gm__free(solved);
  gm__values_free(&values);
  gm__values_free(&truth);
  gm__dims_free(dims);
}

START_TEST(what_is_called_solvable_is_solved_and_nothing_else) {
  for (uint64_t seed = 0; seed < 1500; seed++) check_solvable(seed);
}
END_TEST

SUITE(dim_says) {
  CASE(sources_name_what_there_is_of_them);
  CASE(nodes_without_a_name_have_numbers);
  CASE(errors_carry_a_node_where_it_has_a_name);
  CASE(values_behind_what_was_learnt_are_told);
  CASE(no_more_than_four_values_are_told);
  CASE(a_value_stands_once_and_unknown_symbols_not_at_all);
  CASE(a_difference_below_zero_is_told_by_its_constraint);
  CASE(constraints_of_symbols_that_stay_unknown_are_not_checked);
  CASE(values_reserved_for_fewer_symbols_serve_those);
  CASE(minus_one_is_no_operand_on_either_side);
  CASE(anonymous_symbols_print_through_what_was_learnt);
  CASE(sums_of_two_unknowns_give_neither);
  CASE(unknowns_that_are_one_by_now_give_it);
  CASE(what_is_called_solvable_is_solved_and_nothing_else);
}
