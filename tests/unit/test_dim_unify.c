/* SPDX-License-Identifier: MIT
 *
 * Demands: what equality learns, what it refuses and with which words, broadcasting, and constraints that are
 * decided by what is learnt later. */
#include "dim_demands.h"

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
}
