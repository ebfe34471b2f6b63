/* SPDX-License-Identifier: MIT
 *
 * Demands: what equality learns, what it refuses and with which words, broadcasting, constraints that are
 * decided by what is learnt later, and that a failed demand leaves no trace. */
#include "dim_support.h"

#include <time.h>

static const gm__place nowhere = {0, 0};

static void check_now(gm__dims *dims, const char *text, const char *expected) {
  gm__dim dim = dim_of(dims, text), now = 0;
  ck_assert_str_eq(text_of(dims, dim), expected);
  ck_assert_int_eq(gm__dim_resolve(dims, dim, &now, NULL), GM_OK);
  ck_assert_str_eq(text_of(dims, now), expected);
  ck_assert_str_eq(text_of(dims, dim), expected);
}

static const char *learnt(gm__dims *dims, size_t index) {
  static char buffer[512];
  gm__text text = gm__text_into(buffer, sizeof buffer);
  gm__symbol_text(dims, index, &namer, &text);
  gm__text_end(&text);
  return buffer;
}

static const char *constraint(gm__dims *dims, size_t index) {
  static char buffer[512];
  gm__text text = gm__text_into(buffer, sizeof buffer);
  gm__constraint_text(dims, index, &namer, &text);
  gm__text_end(&text);
  return buffer;
}

static gm_status broadcast(gm__dims *dims, const char *a, const char *b, gm__dim *out, gm_error *error) {
  return gm__dims_broadcast(
      dims, dim_of(dims, a), dim_of(dims, b), 8, (gm__place){1, 0}, (gm__place){2, 1}, out, &namer, error);
}

static const char *broadcast_text(gm__dims *dims, const char *a, const char *b) {
  gm__dim out = 0;
  ck_assert_int_eq(broadcast(dims, a, b, &out, NULL), GM_OK);
  return text_of(dims, out);
}

START_TEST(constants_compare) {
  gm__dims *dims = table();
  ck_assert_int_eq(unify(dims, "3", "3"), GM_OK);
  ck_assert_str_eq(refusal(dims, "3", "4"), "Dimensions must be equal, but are 3 and 4");
  gm__dims_free(dims);
}
END_TEST

START_TEST(refusals_carry_axes_and_lengths) {
  gm__dims *dims = table();
  gm_error error = {0};
  ck_assert_int_eq(equal(dims, 3, 4, &error), GM_BAD_SHAPE);
  ck_assert_int_eq(error.axis[0], 0);
  ck_assert_int_eq(error.axis[1], 1);
  ck_assert_int_eq(error.value[0], 3);
  ck_assert_int_eq(error.value[1], 4);
  gm__dims_free(dims);
}
END_TEST

START_TEST(the_later_symbol_becomes_the_earlier) {
  gm__dims *dims = table();
  dim_of(dims, "n + m + k");
  ck_assert_int_eq(unify(dims, "k", "m"), GM_OK);
  check_now(dims, "k", "m");
  ck_assert_int_eq(unify(dims, "n", "k"), GM_OK);
  check_now(dims, "k", "n");
  check_now(dims, "m + k", "2*n");
  check_now(dims, "n - m", "0");
  ck_assert_str_eq(learnt(dims, 0), "");
  ck_assert_str_eq(learnt(dims, 1), "m = n, from 'a' axis 0 and 'b' axis 1 in 'h'");
  gm__dims_free(dims);
}
END_TEST

START_TEST(an_anonymous_becomes_the_named) {
  gm__dims *dims = table();
  gm__dim unknown = dim_of(dims, "?");
  dim_of(dims, "n");
  ck_assert_int_eq(equal(dims, unknown, dim_of(dims, "n"), NULL), GM_OK);
  ck_assert_str_eq(text_of(dims, unknown), "n");
  gm__dim other = dim_of(dims, "?");
  ck_assert_int_eq(equal(dims, dim_of(dims, "n"), other, NULL), GM_OK);
  ck_assert_str_eq(text_of(dims, other), "n");
  gm__dims_free(dims);
}
END_TEST

START_TEST(a_symbol_becomes_an_expression_without_it) {
  gm__dims *dims = table();
  dim_of(dims, "n + m + k");
  ck_assert_int_eq(unify(dims, "n", "2*m"), GM_OK);
  check_now(dims, "n", "2*m");
  ck_assert_int_eq(unify(dims, "k", "m + 3"), GM_OK);
  check_now(dims, "k + n", "3*m + 3");
  ck_assert_int_eq(unify(dims, "m", "5"), GM_OK);
  check_now(dims, "n", "10");
  check_now(dims, "k", "8");
  ck_assert_int_eq(gm__dim_value(dims, dim_of(dims, "n*k")), 80);
  gm__dims_free(dims);
}
END_TEST

START_TEST(sums_are_learnt_whichever_side_was_declared_first) {
  gm__dims *dims = table();
  dim_of(dims, "out + a + b");
  ck_assert_int_eq(unify(dims, "out", "a + b"), GM_OK);
  check_now(dims, "out", "a + b");
  gm__dims_free(dims);
  dims = table();
  dim_of(dims, "a + b + out");
  ck_assert_int_eq(unify(dims, "out", "a + b"), GM_OK);
  check_now(dims, "out", "a + b");
  gm__dims_free(dims);
}
END_TEST

START_TEST(linear_equations_are_solved) {
  gm__dims *dims = table();
  dim_of(dims, "n + m + k");
  ck_assert_int_eq(unify(dims, "2*n + 1", "7"), GM_OK);
  check_now(dims, "n", "3");
  ck_assert_int_eq(unify(dims, "2*m", "2*k"), GM_OK);
  check_now(dims, "k", "m");
  ck_assert_str_eq(learnt(dims, 0), "n = 3, from 'a' axis 0 and 'b' axis 1 in 'h'");
  gm__dims_free(dims);
}
END_TEST

START_TEST(zero_sums_are_zero_each) {
  gm__dims *dims = table();
  dim_of(dims, "n + m");
  ck_assert_int_eq(unify(dims, "n + 2*m*m", "0"), GM_OK);
  check_now(dims, "n", "0");
  check_now(dims, "m", "0");
  ck_assert_int_eq(unify(dims, "j*k", "0"), GM_OK);
  ck_assert_uint_eq(gm__constraint_count(dims), 1);
  check_now(dims, "j", "j");
  gm__dims_free(dims);
}
END_TEST

START_TEST(powers_of_one_symbol_give_their_root) {
  gm__dims *dims = table();
  ck_assert_int_eq(unify(dims, "n*n", "4"), GM_OK);
  check_now(dims, "n", "2");
  ck_assert_int_eq(unify(dims, "2*m*m*m", "54"), GM_OK);
  check_now(dims, "m", "3");
  ck_assert_int_eq(unify(dims, "k*k", "5"), GM_BAD_SHAPE);
  gm__dims_free(dims);
}
END_TEST

START_TEST(contradictions_are_refused) {
  static const char *const pairs[][2] = {{"n", "n + 1"}, {"6*n", "25"}, {"2*n", "2*n + 1"},
      {"2*n + 4*m", "7"}, {"2*n + 3*m", "1"}, {"n + 1", "0"}, {"n*n + 1", "0"}, {"n*m + 2", "1"},
      {"max(n, 5)", "4"}, {"min(n, 3)", "4"}, {"5*n + 7*m", "23"}, {"4*(n//2)", "2"}, {"3*n*m", "4"},
      {"n*n", "3"}};
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    gm__dims *dims = table();
    dim_of(dims, "n + m");
    gm_status status = unify(dims, pairs[i][0], pairs[i][1]);
    ck_assert_msg(status == GM_BAD_SHAPE, "%s == %s: %s", pairs[i][0], pairs[i][1], gm_status_name(status));
    ck_assert_uint_eq(gm__constraint_count(dims), 0);
    check_now(dims, "n + m", "n + m");
    gm__dims_free(dims);
  }
}
END_TEST

START_TEST(what_cannot_be_decided_becomes_a_constraint) {
  static const char *const pairs[][2] = {
      {"n*m", "12"}, {"n*m", "n*k"}, {"max(n, 3)", "n"}, {"5*n + 7*m", "24"}, {"2*n", "3*m"}, {"n*m", "0"}};
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    gm__dims *dims = table();
    ck_assert_msg(unify(dims, pairs[i][0], pairs[i][1]) == GM_OK, "%s", pairs[i][0]);
    ck_assert_uint_eq(gm__constraint_count(dims), 1);
    ck_assert_int_eq(unify(dims, pairs[i][0], pairs[i][1]), GM_OK);
    ck_assert_uint_eq(gm__constraint_count(dims), 1);
    gm__dims_free(dims);
  }
}
END_TEST

START_TEST(refusals_tell_what_was_learnt_and_where) {
  gm__dims *dims = table();
  gm__dim n = dim_of(dims, "n");
  ck_assert_int_eq(equal(dims, n, 3, NULL), GM_OK);
  ck_assert_str_eq(refusal(dims, "n", "4"),
      "Dimensions must be equal, but are 3 and 4; n = 3 was learnt from 'a' axis 0 and 'b' axis 1");
  gm__dims_free(dims);
}
END_TEST

START_TEST(chains_of_learning_are_told_step_by_step) {
  gm__dims *dims = table();
  dim_of(dims, "n + m");
  ck_assert_int_eq(gm__dims_equal(dims, dim_of(dims, "m"), dim_of(dims, "n"), 7, (gm__place){3, 2},
                       (gm__place){4, 0}, &namer, NULL),
      GM_OK);
  ck_assert_int_eq(unify(dims, "n", "3"), GM_OK);
  ck_assert_str_eq(refusal(dims, "m", "4"), "Dimensions must be equal, but are 3 and 4; m = n was learnt "
                                            "from 'c' axis 2 and 'd' axis 0; n = 3 was learnt "
                                            "from 'a' axis 0 and 'b' axis 1");
  gm__dims_free(dims);
}
END_TEST

START_TEST(a_difference_that_might_be_negative_is_watched) {
  gm__dims *dims = table();
  gm__dim unknown = dim_of(dims, "?");
  ck_assert_int_eq(equal(dims, unknown, dim_of(dims, "n - 3"), NULL), GM_OK);
  ck_assert_str_eq(text_of(dims, unknown), "n - 3");
  ck_assert_uint_eq(gm__constraint_count(dims), 1);
  ck_assert_str_eq(constraint(dims, 0), "n - 3 >= 0: 'a' axis 0 and 'b' axis 1 in 'h'");
  ck_assert_str_eq(refusal(dims, "n", "2"),
      "Dimensions must be equal, but are n and 2, while n - 3 >= 0 is demanded "
      "of 'a' axis 0 and 'b' axis 1 in 'h'");
  ck_assert_int_eq(unify(dims, "n", "5"), GM_OK);
  ck_assert_int_eq(gm__dim_value(dims, unknown), 2);
  gm__dims_free(dims);
}
END_TEST

START_TEST(constraints_are_examined_again_when_something_is_learnt) {
  gm__dims *dims = table();
  dim_of(dims, "n + m + k");
  ck_assert_int_eq(unify(dims, "n*m", "12"), GM_OK);
  ck_assert_int_eq(unify(dims, "m*k", "8"), GM_OK);
  ck_assert_int_eq(unify(dims, "n", "5"), GM_BAD_SHAPE);
  check_now(dims, "n", "n");
  ck_assert_int_eq(unify(dims, "n", "3"), GM_OK);
  check_now(dims, "m", "4");
  check_now(dims, "k", "2");
  gm__dims_free(dims);
}
END_TEST

START_TEST(an_earlier_constraint_through_several_steps_is_named) {
  gm__dims *dims = table();
  dim_of(dims, "n + m + k");
  gm__dim out = 0;
  ck_assert_int_eq(gm__dims_broadcast(dims, 5, dim_of(dims, "k"), 7, (gm__place){3, 0}, (gm__place){4, 0},
                       &out, &namer, NULL),
      GM_OK);
  ck_assert_int_eq(unify(dims, "k", "m + 1"), GM_OK);
  ck_assert_int_eq(unify(dims, "m", "n"), GM_OK);
  ck_assert_str_eq(refusal(dims, "n", "3"),
      "Dimensions must be equal, but are n and 3, while n + 1 in {1, 5} is "
      "demanded of 'c' axis 0 and 'd' axis 0 in 'g'");
  check_now(dims, "k", "n + 1");
  ck_assert_int_eq(unify(dims, "n", "4"), GM_OK);
  gm__dims_free(dims);
}
END_TEST

START_TEST(broadcasting_never_unifies) {
  gm__dims *dims = table();
  ck_assert_str_eq(broadcast_text(dims, "3", "3"), "3");
  ck_assert_str_eq(broadcast_text(dims, "1", "n"), "n");
  ck_assert_str_eq(broadcast_text(dims, "n", "n"), "n");
  ck_assert_str_eq(broadcast_text(dims, "0", "1"), "0");
  ck_assert_uint_eq(gm__constraint_count(dims), 0);
  ck_assert_str_eq(broadcast_text(dims, "5", "n"), "5");
  ck_assert_str_eq(constraint(dims, 0), "n in {1, 5}: 'a' axis 0 and 'b' axis 1 in 'h'");
  ck_assert_str_eq(broadcast_text(dims, "n", "m"), "broadcast(n, m)");
  ck_assert_str_eq(constraint(dims, 1), "n and m equal or 1: 'a' axis 0 and 'b' axis 1 in 'h'");
  ck_assert_str_eq(broadcast_text(dims, "m", "n"), "broadcast(n, m)");
  ck_assert_str_eq(broadcast_text(dims, "n + m", "n"), "broadcast(n, n + m)");
  ck_assert_str_eq(broadcast_text(dims, "n", "n + m"), "broadcast(n, n + m)");
  ck_assert_str_eq(broadcast_text(dims, "n", "2*n"), "broadcast(2*n, n)");
  ck_assert_str_eq(broadcast_text(dims, "n", "0"), "0");
  ck_assert_str_eq(broadcast_text(dims, "n + 2", "m"), "n + 2");
  check_now(dims, "n", "n");
  gm__dims_free(dims);
}
END_TEST

START_TEST(the_shorter_of_two_sums_stands_first) {
  gm__dims *dims = table();
  dim_of(dims, "n + z");
  gm__dim shorter = dim_of(dims, "n*n");
  dim_of(dims, "z + 5");
  gm__dim longer = dim_of(dims, "n*n + n"), out = 0;
  for (int turn = 0; turn < 2; turn++) {
    ck_assert_int_eq(gm__dims_broadcast(dims, turn ? longer : shorter, turn ? shorter : longer, 8, nowhere,
                         nowhere, &out, NULL, NULL),
        GM_OK);
    ck_assert_str_eq(text_of(dims, out), "broadcast(n*n, n*n + n)");
  }
  gm__dims_free(dims);
}
END_TEST

START_TEST(lengths_that_cannot_broadcast_are_refused) {
  gm__dims *dims = table();
  gm_error error = {0};
  gm__dim out = 77;
  ck_assert_int_eq(broadcast(dims, "5", "7", &out, &error), GM_BAD_SHAPE);
  ck_assert_str_eq(error.message, "Dimensions must be equal or 1, but are 5 and 7");
  ck_assert_int_eq(broadcast(dims, "0", "2", &out, &error), GM_BAD_SHAPE);
  ck_assert_int_eq(broadcast(dims, "2*n", "5", &out, &error), GM_BAD_SHAPE);
  ck_assert_int_eq(broadcast(dims, "n + 2", "n + 3", &out, &error), GM_BAD_SHAPE);
  ck_assert_int_eq(out, 77);
  gm__dims_free(dims);
}
END_TEST

START_TEST(a_broadcast_follows_what_is_learnt) {
  gm__dims *dims = table();
  gm__dim out = 0;
  ck_assert_int_eq(broadcast(dims, "n", "m", &out, NULL), GM_OK);
  ck_assert_int_eq(unify(dims, "n", "5"), GM_OK);
  ck_assert_str_eq(text_of(dims, out), "5");
  ck_assert_int_eq(unify(dims, "m", "7"), GM_BAD_SHAPE);
  ck_assert_int_eq(unify(dims, "m", "1"), GM_OK);
  ck_assert_int_eq(gm__dim_value(dims, out), 5);
  gm__dims_free(dims);
}
END_TEST

START_TEST(at_least_is_decided_or_kept) {
  gm__dims *dims = table();
  gm_error error = {0};
  ck_assert_int_eq(gm__dims_at_least(dims, dim_of(dims, "n + 1"), 1, 8, nowhere, &namer, NULL), GM_OK);
  ck_assert_uint_eq(gm__constraint_count(dims), 0);
  ck_assert_int_eq(
      gm__dims_at_least(dims, dim_of(dims, "min(n, 2)"), 3, 8, nowhere, &namer, &error), GM_BAD_SHAPE);
  ck_assert_str_eq(error.message, "min(n, 2) must be at least 3");
  ck_assert_int_eq(gm__dims_at_least(dims, dim_of(dims, "n - 1"), 0, 8, nowhere, &namer, &error), GM_OK);
  ck_assert_str_eq(constraint(dims, 0), "n - 1 >= 0: 'h'");
  ck_assert_int_eq(unify(dims, "n", "0"), GM_BAD_SHAPE);
  ck_assert_int_eq(unify(dims, "n", "1"), GM_OK);
  gm__dims_free(dims);
}
END_TEST

static gm_status multiple(gm__dims *dims, const char *a, const char *b, gm_error *error) {
  return gm__dims_multiple(dims, dim_of(dims, a), dim_of(dims, b), 8, (gm__place){1, 0}, &namer, error);
}

START_TEST(multiples_are_decided_or_kept) {
  gm__dims *dims = table();
  gm_error error = {0};
  ck_assert_int_eq(multiple(dims, "4*n + 8", "4", NULL), GM_OK);
  ck_assert_int_eq(multiple(dims, "n", "1", NULL), GM_OK);
  ck_assert_int_eq(multiple(dims, "n*m + m", "m", NULL), GM_OK);
  ck_assert_int_eq(multiple(dims, "0", "n", NULL), GM_OK);
  ck_assert_int_eq(multiple(dims, "0", "0", NULL), GM_OK);
  ck_assert_uint_eq(gm__constraint_count(dims), 0);
  ck_assert_int_eq(multiple(dims, "2*n + 1", "4", &error), GM_BAD_SHAPE);
  ck_assert_str_eq(error.message, "2*n + 1 is not a multiple of 4");
  ck_assert_int_eq(multiple(dims, "5", "0", &error), GM_BAD_SHAPE);
  ck_assert_int_eq(multiple(dims, "n", "4", NULL), GM_OK);
  ck_assert_str_eq(constraint(dims, 0), "n is a multiple of 4: 'a' axis 0 in 'h'");
  ck_assert_int_eq(unify(dims, "n", "6"), GM_BAD_SHAPE);
  ck_assert_int_eq(unify(dims, "n", "8"), GM_OK);
  gm__dims_free(dims);
}
END_TEST

START_TEST(multiples_of_a_number_below_zero_are_those_of_its_size) {
  gm__dims *dims = table();
  gm__dim minus = 0;
  ck_assert_int_eq(gm__dim_integer(dims, -4, &minus, NULL), GM_OK);
  ck_assert_int_eq(gm__dims_multiple(dims, dim_of(dims, "4*n + 8"), minus, 8, nowhere, &namer, NULL), GM_OK);
  ck_assert_uint_eq(gm__constraint_count(dims), 0);
  ck_assert_int_eq(
      gm__dims_multiple(dims, dim_of(dims, "2*n + 1"), minus, 8, nowhere, &namer, NULL), GM_BAD_SHAPE);
  ck_assert_int_eq(gm__dims_multiple(dims, dim_of(dims, "n"), minus, 8, nowhere, &namer, NULL), GM_OK);
  ck_assert_uint_eq(gm__constraint_count(dims), 1);
  gm__dims_free(dims);
}
END_TEST

/* Whichever of the two symbols has more constraints, and so is the root. */
START_TEST(constraints_are_examined_again_when_symbols_become_one) {
  for (int heavy = 0; heavy < 3; heavy++) {
    gm__dims *dims = table();
    gm__dim n = dim_of(dims, "n"), m = dim_of(dims, "m"), k = dim_of(dims, "k"), j = dim_of(dims, "j");
    for (uint32_t user = 1; user < 9 && heavy > 0; user++)
      gm__dims_multiple(dims, heavy == 1 ? n : m, 2, user, nowhere, NULL, NULL);
    ck_assert_int_eq(gm__dims_at_least(dims, n, dim_of(dims, "m + 2"), 8, nowhere, NULL, NULL), GM_OK);
    ck_assert_int_eq(equal(dims, n, m, NULL), GM_BAD_SHAPE);
    ck_assert_int_eq(equal(dims, m, n, NULL), GM_BAD_SHAPE);
    ck_assert_int_eq(unify(dims, "k*j", "12"), GM_OK);
    ck_assert_int_eq(equal(dims, k, j, NULL), GM_BAD_SHAPE);
    ck_assert_int_eq(unify(dims, "n*k", "16"), GM_OK);
    ck_assert_int_eq(equal(dims, n, k, NULL), GM_OK);
    check_now(dims, "n", "4");
    check_now(dims, "j", "3");
    gm__dims_free(dims);
  }
}
END_TEST

START_TEST(parts_that_may_be_negative_need_not_be_zero) {
  gm__dims *dims = table();
  dim_of(dims, "m + n");
  ck_assert_int_eq(unify(dims, "m + min(n - 5, 3)", "0"), GM_OK);
  check_now(dims, "m", "-min(n - 5, 3)");
  ck_assert_int_eq(unify(dims, "n", "2"), GM_OK);
  check_now(dims, "m", "3");
  gm__dims_free(dims);
}
END_TEST

START_TEST(constraints_stay_once_each_after_refusals) {
  gm__dims *dims = table();
  gm__dim n = dim_of(dims, "n"), m = dim_of(dims, "m"), k = dim_of(dims, "k");
  ck_assert_int_eq(gm__dims_multiple(dims, k, 2, 50, nowhere, NULL, NULL), GM_OK);
  for (uint32_t user = 1; user <= 40; user++) {
    for (int twice = 0; twice < 2; twice++) {
      ck_assert_int_eq(gm__dims_multiple(dims, n, 2, user, nowhere, NULL, NULL), GM_OK);
      ck_assert_int_eq(gm__dims_at_least(dims, m, 2, user, nowhere, NULL, NULL), GM_OK);
      ck_assert_int_eq(equal(dims, n, 7, NULL), GM_BAD_SHAPE);
      ck_assert_int_eq(unify(dims, "n*m + 1", "0"), GM_BAD_SHAPE);
      if (user == 20) ck_assert_int_eq(equal(dims, k, 4, NULL), GM_OK);
      ck_assert_uint_eq(gm__constraint_count(dims), 2 * user + 1);
    }
  }
  gm__dims_free(dims);
}
END_TEST

static void print_all(gm__dims *dims, const gm__dim *dim, int count, gm__text *text) {
  for (int i = 0; i < count; i++) {
    gm__dim_text(dims, dim[i], text);
    gm__text_char(text, ';');
  }
  for (size_t i = 0; i < gm__symbol_count(dims); i++) gm__symbol_text(dims, i, &namer, text);
  for (size_t i = 0; i < gm__constraint_count(dims); i++) gm__constraint_text(dims, i, &namer, text);
  gm__text_end(text);
}

static gm__dim random_dim(gm__dims *dims, uint64_t *state) {
  static const char *const texts[] = {"n", "m", "k", "j", "2*n", "n + m", "n*m", "3", "6", "k + 1", "2*j + 2",
      "max(n, m)", "min(k, 4)", "j//2", "n + m + k + j", "0", "1", "m*k"};
  return dim_of(dims, texts[random_below(state, (int64_t)(sizeof texts / sizeof *texts))]);
}

static void random_demand(gm__dims *dims, uint64_t *state) {
  gm__dim a = random_dim(dims, state), b = random_dim(dims, state), out = 0;
  int64_t kind = random_below(state, 6);
  gm_error error = {0};
  uint32_t user = (uint32_t)random_below(state, 8);
  if (kind < 3)
    equal(dims, a, b, &error);
  else if (kind == 3)
    gm__dims_broadcast(dims, a, b, user, nowhere, (gm__place){2, 1}, &out, &namer, &error);
  else if (kind == 4)
    gm__dims_at_least(dims, a, b, user, (gm__place){3, 0}, NULL, &error);
  else
    gm__dims_multiple(dims, a, b, user, (gm__place){3, 0}, &namer, &error);
  ck_assert(error.status == GM_OK || error.status == GM_BAD_SHAPE || error.status == GM_LIMIT);
}

START_TEST(rewinding_restores_the_text_of_everything) {
  for (uint64_t seed = 0; seed < 300; seed++) {
    gm__dims *dims = table();
    uint64_t state = seed;
    gm__dim dim[20];
    for (int i = 0; i < 20; i++) dim[i] = random_dim(dims, &state);
    for (int64_t i = random_below(&state, 4); i > 0; i--) random_demand(dims, &state);
    gm__text before = gm__text_growing(), after = gm__text_growing();
    print_all(dims, dim, 20, &before);
    gm__dims_mark mark = gm__dims_now(dims);
    for (int i = 0; i < 8; i++) random_demand(dims, &state);
    gm__dims_rewind(dims, mark);
    print_all(dims, dim, 20, &after);
    ck_assert_str_eq(before.data, after.data);
    gm__text_free(&before);
    gm__text_free(&after);
    gm__dims_free(dims);
  }
}
END_TEST

START_TEST(copies_keep_words_and_what_was_learnt) {
  for (uint64_t seed = 0; seed < 100; seed++) {
    gm__dims *dims = table();
    uint64_t state = seed * 3 + 1;
    gm__dim dim[20];
    for (int i = 0; i < 20; i++) dim[i] = random_dim(dims, &state);
    for (int i = 0; i < 5; i++) random_demand(dims, &state);
    gm__text first = gm__text_growing(), second = gm__text_growing();
    print_all(dims, dim, 20, &first);
    gm__dims *copy = gm__dims_copy(dims, NULL, NULL, NULL);
    ck_assert_ptr_nonnull(copy);
    gm__dims_free(dims);
    print_all(copy, dim, 20, &second);
    ck_assert_str_eq(first.data, second.data);
    for (int i = 0; i < 5; i++) random_demand(copy, &state);
    gm__text_free(&first);
    gm__text_free(&second);
    gm__dims_free(copy);
  }
}
END_TEST

START_TEST(empty_and_nameless_tables_are_copied) {
  gm__dims *dims = table();
  gm__dims *empty = gm__dims_copy(dims, NULL, NULL, NULL);
  ck_assert_ptr_nonnull(empty);
  check_now(empty, "n + 1", "n + 1");
  gm__dim unknown = dim_of(dims, "?");
  gm__dims *nameless = gm__dims_copy(dims, NULL, NULL, NULL);
  ck_assert_ptr_nonnull(nameless);
  ck_assert_str_eq(text_of(nameless, unknown), "?");
  ck_assert_uint_eq(gm__symbol_count(nameless), 0);
  gm__dims_free(nameless);
  gm__dims_free(empty);
  gm__dims_free(dims);
}
END_TEST

static bool is_seven(const void *context, uint32_t user) {
  (void)context;
  return user == 7;
}

START_TEST(copies_keep_the_constraints_of_users_that_stay) {
  gm__dims *dims = table();
  gm__dim n = dim_of(dims, "n"), out = 0;
  gm__dims_broadcast(dims, n, 5, 6, nowhere, nowhere, &out, NULL, NULL);
  gm__dims_broadcast(dims, n, 5, 7, nowhere, nowhere, &out, NULL, NULL);
  ck_assert_uint_eq(gm__constraint_count(dims), 2);
  gm__dims *copy = gm__dims_copy(dims, is_seven, NULL, NULL);
  ck_assert_uint_eq(gm__constraint_count(copy), 1);
  ck_assert_str_eq(constraint(copy, 0), "n in {1, 5}: 'g'");
  ck_assert_int_eq(unify(copy, "n", "4"), GM_BAD_SHAPE);
  gm__dims_free(copy);
  gm__dims_free(dims);
}
END_TEST

/* Whatever was accepted holds for some values, if it holds for those that made the demands true. */
START_TEST(true_demands_are_never_refused) {
  for (uint64_t seed = 0; seed < 2000; seed++) {
    gm__dims *dims = table();
    gm__values values = {0};
    uint64_t state = seed * 7 + 3;
    dim_of(dims, "n + m + k + j");
    ck_assert(gm__values_reserve(&values, dims));
    static const char *const names[] = {"n", "m", "k", "j"};
    for (int i = 0; i < 4; i++)
      gm__values_set(&values, dims, names[i], 1, random_below(&state, 7), NULL, NULL);
    gm__dim dim[12];
    int64_t value[12];
    for (int i = 0; i < 12; i++) {
      dim[i] = random_dim(dims, &state);
      ck_assert_int_eq(gm__dim_evaluate(dims, dim[i], &values, &value[i], NULL), GM_OK);
    }
    for (int i = 0; i < 12; i++)
      for (int k = 0; k < i; k++) {
        gm_error error = {0};
        if (value[i] == value[k])
          ck_assert_msg(equal(dims, dim[i], dim[k], &error) == GM_OK, "%s", error.message);
      }
    for (int i = 0; i < 12; i++) {
      gm__dim now = 0;
      int64_t found = -1;
      ck_assert_int_eq(gm__dim_resolve(dims, dim[i], &now, NULL), GM_OK);
      ck_assert_int_eq(gm__dim_evaluate(dims, now, &values, &found, NULL), GM_OK);
      ck_assert_int_eq(found, value[i]);
    }
    gm__values_free(&values);
    gm__dims_free(dims);
  }
}
END_TEST

START_TEST(long_chains_of_symbols_stay_shallow) {
  gm__dims *dims = table();
  enum { COUNT = 20000 };
  static gm__dim dim[COUNT];
  clock_t start = clock();
  for (int i = 0; i < COUNT; i++) {
    char name[16];
    int length = snprintf(name, sizeof name, "s%d", i);
    ck_assert_int_eq(gm__dim_symbol(dims, name, (size_t)length, &dim[i], NULL), GM_OK);
  }
  for (int i = COUNT - 1; i > 0; i--) ck_assert_int_eq(equal(dims, dim[i], dim[i - 1], NULL), GM_OK);
  for (int i = 0; i < COUNT; i++) ck_assert_str_eq(text_of(dims, dim[i]), "s0");
  ck_assert_int_eq(equal(dims, dim[COUNT / 2], 9, NULL), GM_OK);
  for (int i = 0; i < COUNT; i++) ck_assert_int_eq(gm__dim_value(dims, dim[i]), 9);
  ck_assert((double)(clock() - start) / CLOCKS_PER_SEC < 10);
  gm__dims_free(dims);
}
END_TEST

START_TEST(long_chains_of_expressions_end_in_constraints_or_limits) {
  gm__dims *dims = table();
  gm__dim dim[300];
  for (int i = 0; i < 300; i++) ck_assert_int_eq(gm__dim_unknown(dims, &dim[i], NULL), GM_OK);
  for (int i = 0; i + 1 < 300; i++) {
    gm__dim next = 0;
    ck_assert_int_eq(gm__dim_max(dims, dim[i + 1], 3 + i, &next, NULL), GM_OK);
    gm_status status = equal(dims, dim[i], next, NULL);
    ck_assert(status == GM_OK || status == GM_LIMIT);
  }
  for (int i = 0; i < 300; i++) {
    gm__dim now = 0;
    gm_status status = gm__dim_resolve(dims, dim[i], &now, NULL);
    ck_assert(status == GM_OK || status == GM_LIMIT);
    ck_assert(strlen(text_of(dims, dim[i])) > 0);
  }
  gm__dims_free(dims);
}
END_TEST

START_TEST(many_constraints_and_few_learnings_are_quick) {
  gm__dims *dims = table();
  gm__dim n = dim_of(dims, "n"), out = 0;
  clock_t start = clock();
  for (uint32_t user = 1; user <= 100000; user++)
    ck_assert_int_eq(gm__dims_broadcast(dims, n, 5, user, nowhere, nowhere, &out, NULL, NULL), GM_OK);
  for (int i = 0; i < 1000; i++) ck_assert_int_eq(equal(dims, dim_of(dims, "?"), n, NULL), GM_OK);
  ck_assert_int_eq(unify(dims, "n", "6"), GM_BAD_SHAPE);
  ck_assert_int_eq(unify(dims, "n", "5"), GM_OK);
  ck_assert((double)(clock() - start) / CLOCKS_PER_SEC < 10);
  gm__dims_free(dims);
}
END_TEST

SUITE(dim_unify) {
  CASE(constants_compare);
  CASE(refusals_carry_axes_and_lengths);
  CASE(the_later_symbol_becomes_the_earlier);
  CASE(an_anonymous_becomes_the_named);
  CASE(a_symbol_becomes_an_expression_without_it);
  CASE(sums_are_learnt_whichever_side_was_declared_first);
  CASE(linear_equations_are_solved);
  CASE(zero_sums_are_zero_each);
  CASE(powers_of_one_symbol_give_their_root);
  CASE(contradictions_are_refused);
  CASE(what_cannot_be_decided_becomes_a_constraint);
  CASE(refusals_tell_what_was_learnt_and_where);
  CASE(chains_of_learning_are_told_step_by_step);
  CASE(a_difference_that_might_be_negative_is_watched);
  CASE(constraints_are_examined_again_when_something_is_learnt);
  CASE(an_earlier_constraint_through_several_steps_is_named);
  CASE(broadcasting_never_unifies);
  CASE(the_shorter_of_two_sums_stands_first);
  CASE(lengths_that_cannot_broadcast_are_refused);
  CASE(a_broadcast_follows_what_is_learnt);
  CASE(at_least_is_decided_or_kept);
  CASE(multiples_are_decided_or_kept);
  CASE(multiples_of_a_number_below_zero_are_those_of_its_size);
  CASE(constraints_are_examined_again_when_symbols_become_one);
  CASE(parts_that_may_be_negative_need_not_be_zero);
  CASE(constraints_stay_once_each_after_refusals);
  CASE(rewinding_restores_the_text_of_everything);
  CASE(copies_keep_words_and_what_was_learnt);
  CASE(empty_and_nameless_tables_are_copied);
  CASE(copies_keep_the_constraints_of_users_that_stay);
  CASE(true_demands_are_never_refused);
  CASE(long_chains_of_symbols_stay_shallow);
  CASE(long_chains_of_expressions_end_in_constraints_or_limits);
  CASE(many_constraints_and_few_learnings_are_quick);
}
