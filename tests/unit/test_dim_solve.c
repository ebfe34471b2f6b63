/* SPDX-License-Identifier: MIT
 *
 * Solving at bind: what the fed lengths give, what is refused and with which words, values given beforehand,
 * and what can be said of solving before anything is fed. */
#include "base/alloc.h"
#include "dim_support.h"

typedef struct fed {
  const char *dim;
  int64_t length;
  uint32_t node;
  int axis;
} fed;

/* Solves as a plan would: in a copy. */
static gm_status solve_in(
    gm__dims *dims, gm__values *values, const fed *feeds, size_t count, gm_error *error) {
  gm__bound bounds[16];
  for (size_t i = 0; i < count; i++)
    bounds[i] = (gm__bound){dim_of(dims, feeds[i].dim), feeds[i].length, {feeds[i].node, feeds[i].axis}};
  ck_assert(gm__values_reserve(values, dims));
  return gm__dims_solve(dims, values, bounds, count, &namer, error);
}

static int64_t value_of(gm__dims *dims, const gm__values *values, const char *text) {
  int64_t value = -77;
  ck_assert_int_eq(gm__dim_evaluate(dims, dim_of(dims, text), values, &value, NULL), GM_OK);
  return value;
}

static void check_sides(const gm_error *error, int axis_a, int64_t a, int axis_b, int64_t b) {
  ck_assert_int_eq(error->axis[0], axis_a);
  ck_assert_int_eq(error->value[0], a);
  ck_assert_int_eq(error->axis[1], axis_b);
  ck_assert_int_eq(error->value[1], b);
}

static void check_refusal(
    gm__dims *dims, const fed *feeds, size_t count, gm_status expected, const char *message) {
  gm_error error = {0};
  gm__values values = {0};
  gm_status status = solve_in(dims, &values, feeds, count, &error);
  ck_assert_msg(status == expected, "%s: %s", gm_status_name(status), error.message);
  ck_assert_str_eq(error.message, message);
  const char *node = feeds[count - 1].node > 0 ? name_of(NULL, feeds[count - 1].node) : "";
  if (strstr(message, "demanded") == NULL) ck_assert_str_eq(error.node, node);
  gm__values_free(&values);
}

START_TEST(fed_lengths_give_the_symbols) {
  gm__dims *dims = table();
  gm__values values = {0};
  const fed feeds[] = {{"2*n + 1", 7, 1, 0}, {"n*m", 12, 2, 0}, {"m + k", 9, 3, 0}, {"4", 4, 3, 1}};
  ck_assert_int_eq(solve_in(dims, &values, feeds, 4, NULL), GM_OK);
  ck_assert_int_eq(value_of(dims, &values, "n"), 3);
  ck_assert_int_eq(value_of(dims, &values, "m"), 4);
  ck_assert_int_eq(value_of(dims, &values, "k"), 5);
  ck_assert_int_eq(value_of(dims, &values, "max(n, k)*m//3"), 6);
  gm__values_free(&values);
  gm__dims_free(dims);
}
END_TEST

START_TEST(the_order_of_the_feeds_does_not_matter) {
  gm__dims *dims = table();
  gm__values values = {0};
  const fed feeds[] = {{"m + k", 9, 3, 0}, {"k + j", 11, 4, 0}, {"n*m", 12, 2, 0}, {"2*n + 1", 7, 1, 0}};
  ck_assert_int_eq(solve_in(dims, &values, feeds, 4, NULL), GM_OK);
  ck_assert_int_eq(value_of(dims, &values, "j"), 6);
  gm__values_free(&values);
  gm__dims_free(dims);
}
END_TEST

START_TEST(disagreement_names_both_sides) {
  gm__dims *dims = table();
  gm_error error = {0};
  gm__values values = {0};
  const fed feeds[] = {{"n", 3, 1, 0}, {"n", 5, 2, 1}};
  check_refusal(dims, feeds, 2, GM_BAD_SHAPE, "n = 3 from 'a' axis 0, but 5 from 'b' axis 1");
  ck_assert_int_eq(solve_in(dims, &values, feeds, 2, &error), GM_BAD_SHAPE);
  ck_assert_str_eq(error.node, "b");
  ck_assert_int_eq(error.axis[0], 0);
  ck_assert_int_eq(error.value[0], 3);
  ck_assert_int_eq(error.axis[1], 1);
  ck_assert_int_eq(error.value[1], 5);
  gm__values_free(&values);
  gm__dims_free(dims);
}
END_TEST

START_TEST(expressions_that_disagree_tell_their_symbols) {
  gm__dims *dims = table();
  const fed feeds[] = {{"n", 3, 1, 0}, {"2*n + 1", 6, 2, 1}};
  check_refusal(
      dims, feeds, 2, GM_BAD_SHAPE, "2*n + 1 = 7 with n = 3 from 'a' axis 0, but 6 from 'b' axis 1");
  gm__dims_free(dims);
}
END_TEST

START_TEST(lengths_that_no_symbol_gives_are_refused) {
  gm__dims *dims = table();
  const fed odd[] = {{"2*n + 1", 6, 1, 1}}, small[] = {{"n + 3", 2, 1, 0}};
  const fed product[] = {{"n", 4, 1, 0}, {"n*m", 6, 2, 0}};
  check_refusal(dims, odd, 1, GM_BAD_SHAPE, "'a' axis 1 is 2*n + 1, which no n >= 0 makes 6");
  check_refusal(dims, small, 1, GM_BAD_SHAPE, "'a' axis 0 is n + 3, which no n >= 0 makes 2");
  check_refusal(dims, product, 2, GM_BAD_SHAPE,
      "'b' axis 0 is n*m, which no m >= 0 makes 6 with n = 4 from 'a' axis 0");
  gm__dims_free(dims);
}
END_TEST

START_TEST(known_lengths_are_checked) {
  gm__dims *dims = table();
  const fed plain[] = {{"3", 5, 1, 1}};
  check_refusal(dims, plain, 1, GM_BAD_SHAPE, "'a' axis 1 must be 3, but is 5");
  ck_assert_int_eq(unify(dims, "n", "3"), GM_OK);
  const fed learnt[] = {{"n", 5, 3, 1}};
  check_refusal(dims, learnt, 1, GM_BAD_SHAPE,
      "'c' axis 1 must be 3, but is 5; n = 3 was learnt from 'a' axis 0 and 'b' axis 1");
  gm__dims_free(dims);
}
END_TEST

START_TEST(learnt_equalities_solve_and_are_told) {
  gm__dims *dims = table();
  gm__values values = {0};
  dim_of(dims, "n + m");
  ck_assert_int_eq(unify(dims, "n", "m"), GM_OK);
  const fed feeds[] = {{"n", 3, 3, 0}, {"m", 5, 4, 0}};
  check_refusal(dims, feeds, 2, GM_BAD_SHAPE,
      "n = 3 from 'c' axis 0, but 5 from 'd' axis 0; m = n was learnt from 'a' axis 0 and 'b' axis 1");
  const fed good[] = {{"n + 2*m", 9, 3, 0}};
  ck_assert_int_eq(solve_in(dims, &values, good, 1, NULL), GM_OK);
  ck_assert_int_eq(value_of(dims, &values, "m"), 3);
  gm__values_free(&values);
  gm__dims_free(dims);
}
END_TEST

START_TEST(symbols_learnt_as_expressions_solve_backwards) {
  gm__dims *dims = table();
  gm__values values = {0};
  ck_assert_int_eq(unify(dims, "n", "2*m"), GM_OK);
  const fed feeds[] = {{"n", 8, 3, 0}};
  ck_assert_int_eq(solve_in(dims, &values, feeds, 1, NULL), GM_OK);
  ck_assert_int_eq(value_of(dims, &values, "m"), 4);
  const fed odd[] = {{"n", 7, 3, 0}};
  check_refusal(dims, odd, 1, GM_BAD_SHAPE,
      "'c' axis 0 is 2*m, which no m >= 0 makes 7; n = 2*m was learnt from 'a' axis 0 and 'b' axis 1");
  gm__values_free(&values);
  gm__dims_free(dims);
}
END_TEST

START_TEST(symbols_that_cancel_by_what_was_learnt_are_not_needed) {
  gm__dims *dims = table();
  gm__values values = {0};
  dim_of(dims, "n + m + k");
  gm__dim sum = dim_of(dims, "n + m - k"), none = dim_of(dims, "2*m - 2*k + 9");
  ck_assert_int_eq(unify(dims, "m", "k"), GM_OK);
  ck_assert(gm__values_reserve(&values, dims));
  const gm__bound bounds[] = {{none, 9, {1, 0}}, {sum, 7, {1, 1}}};
  ck_assert_int_eq(gm__dims_solve(dims, &values, bounds, 2, &namer, NULL), GM_OK);
  ck_assert_int_eq(value_of(dims, &values, "n"), 7);
  gm__values_free(&values);
  gm__dims_free(dims);
}
END_TEST

/* Nothing is solved from a sum of more than four unknowns, also where most of them cancel by now. */
START_TEST(sums_of_many_unknowns_are_not_taken_for_known) {
  gm__dims *dims = table();
  gm__values values = {0};
  dim_of(dims, "a + b + c + d + e + p + q + r + s");
  gm__dim sum = dim_of(dims, "a + b + c + d + e - p - q - r - s");
  static const char *const pairs[][2] = {{"p", "a"}, {"q", "b"}, {"r", "c"}, {"s", "d"}};
  for (int i = 0; i < 4; i++) ck_assert_int_eq(unify(dims, pairs[i][0], pairs[i][1]), GM_OK);
  ck_assert(gm__values_reserve(&values, dims));
  const gm__bound bounds[] = {{sum, 7, {1, 0}}};
  ck_assert_int_eq(gm__dims_solve(dims, &values, bounds, 1, &namer, NULL), GM_UNBOUND);
  gm__dim now = 0;
  ck_assert_int_eq(gm__dim_resolve(dims, sum, &now, NULL), GM_OK);
  ck_assert_int_eq(gm__dims_solve(dims, &values, bounds, 1, &namer, NULL), GM_OK);
  ck_assert_int_eq(value_of(dims, &values, "e"), 7);
  gm__values_free(&values);
  gm__dims_free(dims);
}
END_TEST

START_TEST(what_remains_unsolved_is_named) {
  gm__dims *dims = table();
  const fed feeds[] = {{"n*m", 12, 1, 0}};
  check_refusal(dims, feeds, 1, GM_UNBOUND, "'a' axis 0 is 12 and n*m, which does not give 'n'");
  const fed nested[] = {{"max(n, 3)", 12, 1, 0}};
  check_refusal(dims, nested, 1, GM_UNBOUND, "'a' axis 0 is 12 and max(3, n), which does not give 'n'");
  gm__values values = {0};
  gm_error error = {0};
  int64_t value = 0;
  ck_assert_int_eq(gm__dim_evaluate(dims, dim_of(dims, "n + 1"), &values, &value, &error), GM_UNBOUND);
  ck_assert_str_eq(error.message, "the dim 'n' is not known");
  gm__dims_free(dims);
}
END_TEST

START_TEST(constraints_are_checked_with_their_places) {
  gm__dims *dims = table();
  gm__dim out = 0;
  gm__dims_broadcast(dims, 5, dim_of(dims, "n"), 8, (gm__place){1, 0}, (gm__place){2, 1}, &out, &namer, NULL);
  const fed feeds[] = {{"n", 3, 3, 0}};
  check_refusal(dims, feeds, 1, GM_BAD_SHAPE,
      "Dimensions must be equal or 1, but are 5 and 3: n in {1, 5}, demanded "
      "of 'a' axis 0 and 'b' axis 1 in 'h' with n = 3 from 'c' axis 0");
  gm__values values = {0};
  const fed one[] = {{"n", 1, 3, 0}};
  ck_assert_int_eq(solve_in(dims, &values, one, 1, NULL), GM_OK);
  gm__values_free(&values);
  gm__dims_free(dims);
}
END_TEST

START_TEST(equalities_that_were_open_are_checked) {
  gm__dims *dims = table();
  ck_assert_int_eq(unify(dims, "n*m", "12"), GM_OK);
  const fed feeds[] = {{"n", 3, 3, 0}, {"m", 5, 4, 0}};
  check_refusal(dims, feeds, 2, GM_BAD_SHAPE,
      "Dimensions must be equal, but are 15 and 12: n*m = 12, demanded of 'a' "
      "axis 0 and 'b' axis 1 in 'h' with n = 3 from 'c' axis 0 and m = 5 from "
      "'d' axis 0");
  gm__dims_free(dims);
}
END_TEST

START_TEST(multiples_and_lower_bounds_are_checked) {
  gm__dims *dims = table();
  ck_assert_int_eq(gm__dims_multiple(dims, dim_of(dims, "n"), 4, 8, (gm__place){1, 0}, &namer, NULL), GM_OK);
  ck_assert_int_eq(
      gm__dims_at_least(dims, dim_of(dims, "m - 2"), 0, 8, (gm__place){1, 1}, &namer, NULL), GM_OK);
  const fed odd[] = {{"n", 6, 3, 0}}, small[] = {{"m", 1, 3, 0}};
  check_refusal(dims, odd, 1, GM_BAD_SHAPE,
      "6 is not a multiple of 4: n is a multiple of 4, demanded of 'a' axis 0 "
      "in 'h' with n = 6 from 'c' axis 0");
  check_refusal(dims, small, 1, GM_BAD_SHAPE,
      "-1 must be at least 0: m - 2 >= 0, demanded of 'a' axis 1 in 'h' with "
      "m = 1 from 'c' axis 0");
  gm__dims_free(dims);
}
END_TEST

static bool numbers_fit(int kind, int64_t a, int64_t b) {
  if (kind == 0) return a * b == 12;
  if (kind == 1) return a == b || a == 1 || b == 1;
  if (kind == 2) return a >= b;
  return b == 0 ? a == 0 : a % b == 0;
}

START_TEST(refusals_carry_axes_and_lengths_of_both_sides) {
  gm__dims *dims = table();
  gm_error error = {0};
  dim_of(dims, "n + m + k");
  ck_assert_int_eq(gm__dims_at_least(dims, dim_of(dims, "k"), 5, 8, (gm__place){3, 2}, &namer, NULL), GM_OK);
  const fed odd[] = {{"2*n + 1", 6, 1, 3}}, two[] = {{"n", 4, 1, 2}, {"n", 5, 2, 1}};
  const fed fixed[] = {{"3", 5, 1, 1}}, sum[] = {{"n", 4, 1, 2}, {"n + 1", 9, 2, 1}},
            small[] = {{"k", 4, 1, 0}};
  static const struct sides {
    int axis_a;
    int64_t a;
    int axis_b;
    int64_t b;
  } expected[] = {{-1, -1, 3, 6}, {2, 4, 1, 5}, {-1, 3, 1, 5}, {-1, 5, 1, 9}, {2, 4, 0, 5}};
  const fed *const feeds[] = {odd, two, fixed, sum, small};
  for (int i = 0; i < 5; i++) {
    gm__values values = {0};
    ck_assert_int_eq(solve_in(dims, &values, feeds[i], i % 2 == 1 ? 2 : 1, &error), GM_BAD_SHAPE);
    check_sides(&error, expected[i].axis_a, expected[i].a, expected[i].axis_b, expected[i].b);
    gm__values_free(&values);
  }
  gm__dims_free(dims);
}
END_TEST

START_TEST(constraints_hold_as_the_numbers_say) {
  const gm__place nowhere = {0, 0};
  for (int kind = 0; kind < 4; kind++) {
    gm__dims *dims = table();
    gm__dim n = dim_of(dims, "n"), m = dim_of(dims, "m"), out = 0;
    if (kind == 0) ck_assert_int_eq(unify(dims, "n*m", "12"), GM_OK);
    if (kind == 1) gm__dims_broadcast(dims, n, m, 1, nowhere, nowhere, &out, NULL, NULL);
    if (kind == 2) ck_assert_int_eq(gm__dims_at_least(dims, n, m, 1, nowhere, NULL, NULL), GM_OK);
    if (kind == 3) ck_assert_int_eq(gm__dims_multiple(dims, n, m, 1, nowhere, NULL, NULL), GM_OK);
    ck_assert_uint_eq(gm__constraint_count(dims), 1);
    for (int64_t point = 0; point < 169; point++) {
      gm__values values = {0};
      const fed feeds[] = {{"n", point / 13, 1, 0}, {"m", point % 13, 2, 0}};
      gm_status expected = numbers_fit(kind, point / 13, point % 13) ? GM_OK : GM_BAD_SHAPE;
      ck_assert_int_eq(solve_in(dims, &values, feeds, 2, NULL), expected);
      gm__values_free(&values);
    }
    gm__dims_free(dims);
  }
}
END_TEST

START_TEST(negative_lengths_and_failing_broadcasts_are_refused) {
  gm__dims *dims = table();
  gm__values values = {0};
  gm_error error = {0};
  int64_t value = 0;
  gm__dim both = 0, less = dim_of(dims, "n - 4"), big = dim_of(dims, "n*m*9223372036854775807");
  const fed feeds[] = {{"n", 3, 1, 0}, {"m", 5, 1, 1}};
  ck_assert_int_eq(solve_in(dims, &values, feeds, 2, NULL), GM_OK);
  ck_assert_int_eq(gm__dims_broadcast(dims, dim_of(dims, "n"), dim_of(dims, "m"), 1, (gm__place){0, 0},
                       (gm__place){0, 0}, &both, NULL, NULL),
      GM_OK);
  ck_assert_int_eq(gm__dim_evaluate(dims, less, &values, &value, &error), GM_BAD_SHAPE);
  ck_assert_str_eq(error.message, "the dim n - 4 is -1");
  ck_assert_int_eq(gm__dim_evaluate(dims, both, &values, &value, &error), GM_BAD_SHAPE);
  ck_assert_str_eq(error.message, "Dimensions must be equal or 1, but are 3 and 5");
  ck_assert_int_eq(gm__dim_evaluate(dims, big, &values, &value, &error), GM_LIMIT);
  ck_assert_int_eq(gm__dim_evaluate(dims, GM__DIM_AUTO, &values, &value, &error), GM_BAD_ARGUMENT);
  gm__values_free(&values);
  gm__dims_free(dims);
}
END_TEST

START_TEST(values_given_beforehand_count) {
  gm__dims *dims = table();
  gm__values values = {0};
  gm_error error = {0};
  dim_of(dims, "batch + n + m");
  ck_assert_int_eq(unify(dims, "m", "2*n"), GM_OK);
  ck_assert(gm__values_reserve(&values, dims));
  ck_assert_int_eq(gm__values_set(&values, dims, "bach", 4, 3, NULL, &error), GM_BAD_ARGUMENT);
  ck_assert_str_eq(error.message, "there is no dim 'bach'; did you mean 'batch'?");
  ck_assert_int_eq(gm__values_set(&values, dims, "batch", 5, -3, NULL, &error), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm__values_set(&values, dims, "batch", 5, 3, NULL, &error), GM_OK);
  ck_assert_int_eq(gm__values_set(&values, dims, "batch", 5, 4, NULL, &error), GM_BAD_SHAPE);
  ck_assert_int_eq(gm__values_set(&values, dims, "m", 1, 10, NULL, &error), GM_OK);
  ck_assert_int_eq(solve_in(dims, &values, NULL, 0, &error), GM_OK);
  ck_assert_int_eq(value_of(dims, &values, "n"), 5);
  const fed feeds[] = {{"batch", 4, 3, 0}};
  ck_assert_int_eq(solve_in(dims, &values, feeds, 1, &error), GM_BAD_SHAPE);
  ck_assert_str_eq(error.message, "batch = 3 as given, but 4 from 'c' axis 0");
  gm__values_clear(&values, dims);
  ck_assert_int_eq(solve_in(dims, &values, feeds, 1, &error), GM_OK);
  gm__values_free(&values);
  gm__dims_free(dims);
}
END_TEST

/* Names come out of longer texts, without an end of their own, and may be longer than any symbol's. */
START_TEST(names_without_a_dim_are_told_as_far_as_they_go) {
  gm__dims *dims = table();
  gm__values values = {0};
  gm_error error = {0};
  char longest[300], expected[160];
  dim_of(dims, "batch");
  ck_assert(gm__values_reserve(&values, dims));
  ck_assert_int_eq(
      gm__values_set(&values, dims, "bach=3,width=7,height=9", 4, 3, NULL, &error), GM_BAD_ARGUMENT);
  ck_assert_str_eq(error.message, "there is no dim 'bach'; did you mean 'batch'?");
  ck_assert_int_eq(gm__values_set(&values, dims, "width=7,height=9", 5, 3, NULL, &error), GM_BAD_ARGUMENT);
  ck_assert_str_eq(error.message, "there is no dim 'width'");
  for (size_t length = 126; length <= 300; length += 87) {
    memset(longest, 'x', sizeof longest);
    ck_assert_int_eq(gm__values_set(&values, dims, longest, length, 3, NULL, &error), GM_BAD_ARGUMENT);
    snprintf(
        expected, sizeof expected, "there is no dim '%.*s'", (int)(length < 127 ? length : 127), longest);
    ck_assert_str_eq(error.message, expected);
  }
  gm__values_free(&values);
  gm__dims_free(dims);
}
END_TEST

START_TEST(values_given_beforehand_must_agree_with_what_was_learnt) {
  gm__dims *dims = table();
  gm_error error = {0};
  dim_of(dims, "n + m");
  ck_assert_int_eq(unify(dims, "m", "2*n"), GM_OK);
  for (int64_t m = 7; m <= 9; m++) {
    gm__values values = {0};
    ck_assert(gm__values_reserve(&values, dims));
    ck_assert_int_eq(gm__values_set(&values, dims, "n", 1, 4, NULL, NULL), GM_OK);
    ck_assert_int_eq(gm__values_set(&values, dims, "m", 1, m, NULL, NULL), GM_OK);
    ck_assert_int_eq(solve_in(dims, &values, NULL, 0, &error), m == 8 ? GM_OK : GM_BAD_SHAPE);
    if (m != 8) ck_assert_ptr_nonnull(strstr(error.message, "2*n = 8 with n = 4 as given, but "));
    gm__values_free(&values);
  }
  gm__dims_free(dims);
}
END_TEST

START_TEST(values_that_are_known_to_be_others_are_refused) {
  gm__dims *dims = table();
  gm__values values = {0};
  gm_error error = {0};
  ck_assert_int_eq(unify(dims, "n", "3"), GM_OK);
  ck_assert(gm__values_reserve(&values, dims));
  ck_assert_int_eq(gm__values_set(&values, dims, "n", 1, 3, NULL, &error), GM_OK);
  ck_assert_int_eq(gm__values_set(&values, dims, "n", 1, 5, NULL, &error), GM_BAD_SHAPE);
  ck_assert_ptr_nonnull(strstr(error.message, "the dim 'n' is 3, not 5"));
  gm__values_free(&values);
  gm__dims_free(dims);
}
END_TEST

static bool solvable(
    gm__dims *dims, const char *const *given, size_t count, const char *wanted, const char **symbol) {
  gm__dim dim[8];
  for (size_t i = 0; i < count; i++) dim[i] = dim_of(dims, given[i]);
  gm__dim asked = dim_of(dims, wanted);
  bool *solved = gm__dims_solved(dims, dim, count);
  ck_assert_ptr_nonnull(solved);
  bool can = gm__dim_solvable(dims, solved, asked, symbol);
  gm__free(solved);
  return can;
}

START_TEST(what_feeds_can_give_is_known_beforehand) {
  gm__dims *dims = table();
  const char *symbol = NULL;
  const char *const given[] = {"k*n + j", "2*n + 1", "n*m", "max(p, 3)", "q*r"};
  ck_assert(solvable(dims, given, 5, "n + m", &symbol));
  ck_assert(solvable(dims, given, 5, "7", &symbol));
  ck_assert(!solvable(dims, given, 5, "n + p", &symbol));
  ck_assert_str_eq(symbol, "p");
  ck_assert(!solvable(dims, given, 5, "q + n", &symbol));
  ck_assert_str_eq(symbol, "q");
  ck_assert(!solvable(dims, given, 5, "k", &symbol));
  ck_assert(!solvable(dims, given, 5, "?", &symbol));
  ck_assert_str_eq(symbol, "?");
  ck_assert_int_eq(unify(dims, "k", "n"), GM_OK);
  ck_assert(!solvable(dims, given + 1, 4, "j + k", &symbol));
  ck_assert_str_eq(symbol, "j");
  gm__dims_free(dims);
}
END_TEST

START_TEST(solving_gives_back_the_values_that_were_fed) {
  static const char *const names[] = {"n", "m", "k"};
  static const char *const texts[] = {
      "n", "m + 1", "2*k + 3", "n*m", "n + m + k", "k*n", "max(n, m)", "m//2 + k"};
  for (uint64_t seed = 0; seed < 500; seed++) {
    gm__dims *dims = table();
    gm__values truth = {0}, values = {0};
    uint64_t state = seed + 99;
    gm__bound bounds[10];
    dim_of(dims, "n + m + k");
    ck_assert(gm__values_reserve(&truth, dims) && gm__values_reserve(&values, dims));
    for (int i = 0; i < 3; i++)
      gm__values_set(&truth, dims, names[i], 1, random_below(&state, 9), NULL, NULL);
    for (int i = 0; i < 10; i++) {
      int pick = i < 3 ? i : (int)random_below(&state, 8), at = (int)random_below(&state, i + 1);
      bounds[i] = bounds[at];
      bounds[at] = (gm__bound){dim_of(dims, texts[pick]), value_of(dims, &truth, texts[pick]), {1, i}};
    }
    gm_error error = {0};
    ck_assert_msg(gm__dims_solve(dims, &values, bounds, 10, NULL, &error) == GM_OK, "%s", error.message);
    for (int i = 0; i < 3; i++)
      ck_assert_int_eq(value_of(dims, &values, names[i]), value_of(dims, &truth, names[i]));
    gm__values_free(&values);
    gm__values_free(&truth);
    gm__dims_free(dims);
  }
}
END_TEST

START_TEST(nodes_without_names_are_numbered) {
  gm__dims *dims = table();
  gm__values values = {0};
  gm_error error = {0};
  gm__dim n = dim_of(dims, "n");
  const gm__bound bounds[] = {{n, 3, {41, 0}}, {n, 5, {42, 1}}};
  ck_assert(gm__values_reserve(&values, dims));
  ck_assert_int_eq(gm__dims_solve(dims, &values, bounds, 2, NULL, &error), GM_BAD_SHAPE);
  ck_assert_str_eq(error.message, "n = 3 from node 41 axis 0, but 5 from node 42 axis 1");
  gm__values_free(&values);
  gm__dims_free(dims);
}
END_TEST

SUITE(dim_solve) {
  CASE(fed_lengths_give_the_symbols);
  CASE(the_order_of_the_feeds_does_not_matter);
  CASE(disagreement_names_both_sides);
  CASE(expressions_that_disagree_tell_their_symbols);
  CASE(lengths_that_no_symbol_gives_are_refused);
  CASE(known_lengths_are_checked);
  CASE(learnt_equalities_solve_and_are_told);
  CASE(symbols_learnt_as_expressions_solve_backwards);
  CASE(symbols_that_cancel_by_what_was_learnt_are_not_needed);
  CASE(sums_of_many_unknowns_are_not_taken_for_known);
  CASE(what_remains_unsolved_is_named);
  CASE(constraints_are_checked_with_their_places);
  CASE(equalities_that_were_open_are_checked);
  CASE(multiples_and_lower_bounds_are_checked);
  CASE(refusals_carry_axes_and_lengths_of_both_sides);
  CASE(constraints_hold_as_the_numbers_say);
  CASE(negative_lengths_and_failing_broadcasts_are_refused);
  CASE(values_given_beforehand_count);
  CASE(names_without_a_dim_are_told_as_far_as_they_go);
  CASE(values_given_beforehand_must_agree_with_what_was_learnt);
  CASE(values_that_are_known_to_be_others_are_refused);
  CASE(what_feeds_can_give_is_known_beforehand);
  CASE(solving_gives_back_the_values_that_were_fed);
  CASE(nodes_without_names_are_numbered);
}
