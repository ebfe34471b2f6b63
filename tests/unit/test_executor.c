/* SPDX-License-Identifier: MIT
 *
 * Executors: feeding, binding, preparing, running, outputs, cancelling, trimming, and lengths that change
 * from run to run. The words of the contract, one case each. */
#include "support/suite.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>
#include "executor_support.h"

static gm_error error;

static void ck_says(const char *part) {
  ck_assert_msg(strstr(error.message, part) != NULL, "'%s' is not in '%s'", part, error.message);
}

/* ---- Feeding ---- */

START_TEST(a_null_plan_has_no_executor) {
  ck_assert_ptr_null(gm_executor_new(NULL, &error));
  ck_assert_int_eq(error.status, GM_BAD_ARGUMENT);
  gm_executor_free(NULL);
}
END_TEST

START_TEST(nulls_are_refused) {
  gm_executor *e = small(1);
  ck_assert_int_eq(gm_executor_feed(NULL, "x", NULL, NULL), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm_executor_feed(e, NULL, NULL, NULL), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm_executor_bind_output(NULL, 0, NULL, NULL), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm_executor_prepare(NULL, NULL), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm_executor_run(NULL, NULL), GM_BAD_ARGUMENT);
  ck_assert_ptr_null(gm_executor_output(NULL, 0));
  ck_assert_ptr_null(gm_executor_output_dims(NULL, 0, NULL));
  gm_executor_cancel(NULL);
  gm_executor_trim(NULL);
  gm_executor_free(e);
}
END_TEST

START_TEST(what_is_not_fed_is_named_with_its_shape) {
  gm_executor *e = small(1);
  ck_assert_int_eq(gm_executor_run(e, &error), GM_UNBOUND);
  ck_says("'x' (n, 3)");
  ck_assert_ptr_null(strstr(error.message, "spare"));
  ck_assert_str_eq(error.node, "x");
  ck_assert_int_eq(gm_executor_prepare(e, &error), GM_UNBOUND);
  gm_executor_free(e);
}
END_TEST

START_TEST(an_unknown_name_is_refused) {
  gm_executor *e = small(1);
  gm_tensor *x = ramp2(0, 2, 3);
  ck_assert_int_eq(gm_executor_feed(e, "nobody", x, &error), GM_BAD_ARGUMENT);
  ck_says("'nobody'");
  ck_assert_int_eq(gm_executor_feed(e, "w", x, &error), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm_executor_feed(e, "", x, &error), GM_BAD_ARGUMENT);
  gm_executor_free(e);
  gm_tensor_free(x);
}
END_TEST

START_TEST(feeding_what_is_not_needed_has_no_effect) {
  gm_executor *e = small(1);
  gm_tensor *x = ramp2(0, 2, 3);
  ck_assert_int_eq(gm_executor_feed(e, "spare", x, NULL), GM_OK);
  ck_assert_int_eq(gm_executor_feed(e, "spare", NULL, NULL), GM_OK);
  feed(e, "x", x);
  run(e);
  gm_executor_free(e);
  gm_tensor_free(x);
}
END_TEST

START_TEST(another_dtype_is_refused_and_the_feed_stays) {
  gm_executor *e = small(1);
  gm_tensor *x = ramp2(0, 2, 3), *wide = gm_tensor_new(GM_FLOAT64, 2, (int64_t[]){2, 3}, NULL);
  feed(e, "x", x);
  ck_assert_int_eq(gm_executor_feed(e, "x", wide, &error), GM_BAD_DTYPE);
  ck_says("float32");
  ck_says("float64");
  ck_assert_str_eq(error.node, "x");
  run(e);
  gm_executor_free(e);
  gm_tensor_free(x);
  gm_tensor_free(wide);
}
END_TEST

START_TEST(another_rank_is_refused) {
  gm_executor *e = small(1);
  gm_tensor *x = ramp1(0, 3);
  ck_assert_int_eq(gm_executor_feed(e, "x", x, &error), GM_BAD_SHAPE);
  ck_says("(n, 3)");
  ck_says("(3,)");
  gm_executor_free(e);
  gm_tensor_free(x);
}
END_TEST

START_TEST(other_dims_are_refused_before_anything_is_computed) {
  gm_executor *e = small(1);
  gm_tensor *x = ramp2(0, 2, 4), *fine = ramp2(0, 2, 3);
  gm_status fed = gm_executor_feed(e, "x", x, &error);
  if (fed == GM_OK) fed = gm_executor_run(e, &error);
  ck_assert_int_eq(fed, GM_BAD_SHAPE);
  ck_says("'x'");
  ck_assert_ptr_null(gm_executor_output(e, 0));
  feed(e, "x", fine);
  run(e);
  gm_executor_free(e);
  gm_tensor_free(x);
  gm_tensor_free(fine);
}
END_TEST

START_TEST(lengths_that_disagree_name_both_sides) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "n, 2"),
          z = gm_placeholder(graph, "z", GM_FLOAT32, "n, 4");
  gm_node outputs[] = {x, z};
  gm_executor *e = executor_of(graph, outputs, 2);
  gm_tensor *a = ramp2(0, 3, 2), *b = ramp2(0, 5, 4);
  feed(e, "x", a);
  feed(e, "z", b);
  ck_assert_int_eq(gm_executor_run(e, &error), GM_BAD_SHAPE);
  ck_says("n = 3 from 'x' axis 0, but 5 from 'z' axis 0");
  ck_assert_int_eq(error.axis[0], 0);
  ck_assert_int_eq(error.axis[1], 0);
  ck_assert_int_eq(error.value[0], 3);
  ck_assert_int_eq(error.value[1], 5);
  gm_executor_free(e);
  gm_tensor_free(a);
  gm_tensor_free(b);
  gm_graph_free(graph);
}
END_TEST

START_TEST(a_symbol_on_both_sides_is_told_once) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "n"), y = gm_placeholder(graph, "y", GM_FLOAT32, "2*n");
  gm_node sum = apply2(graph, "add", x, y, NULL);
  gm_executor *e = executor_of(graph, &sum, 1);
  gm_tensor *a = ramp1(0, 3), *b = ramp1(0, 6);
  feed(e, "x", a);
  feed(e, "y", b);
  ck_assert_int_eq(gm_executor_run(e, &error), GM_BAD_SHAPE);
  const char *told = strstr(error.message, "n = 3 from 'x' axis 0");
  ck_assert_ptr_nonnull(told);
  ck_assert_ptr_null(strstr(told + 1, "n = 3"));
  gm_executor_free(e);
  gm_tensor_free(a);
  gm_tensor_free(b);
  gm_graph_free(graph);
}
END_TEST

START_TEST(data_may_change_between_runs) {
  gm_executor *e = small(1);
  gm_tensor *x = ramp2(0, 2, 3);
  feed(e, "x", x);
  run(e);
  ck_assert_float_eq(floats(e, 0)[0], 3);
  ((float *)gm_tensor_data(x))[0] = 100;
  run(e);
  ck_assert_float_eq(floats(e, 0)[0], 103);
  gm_executor_free(e);
  gm_tensor_free(x);
}
END_TEST

START_TEST(a_tensor_fed_before_may_be_freed_once_another_is_fed) {
  gm_executor *e = small(1);
  for (int i = 0; i < 4; i++) {
    gm_tensor *x = ramp2((float)i, 2 + i / 2, 3), *next = ramp2((float)(i + 1), 2 + i / 2, 3);
    feed(e, "x", x);
    run(e);
    feed(e, "x", next);
    gm_tensor_free(x);
    run(e);
    ck_assert_float_eq(floats(e, 0)[0], (float)(3 * (i + 1) + 3));
    feed(e, "x", NULL);
    gm_tensor_free(next);
  }
  gm_executor_free(e);
}
END_TEST

START_TEST(unfeeding_leaves_the_placeholder_unbound) {
  gm_executor *e = small(1);
  gm_tensor *x = ramp2(0, 2, 3);
  feed(e, "x", x);
  run(e);
  feed(e, "x", NULL);
  gm_tensor_free(x);
  ck_assert_int_eq(gm_executor_run(e, &error), GM_UNBOUND);
  ck_assert_ptr_null(gm_executor_output(e, 0));
  feed(e, "x", NULL);
  gm_executor_free(e);
}
END_TEST

START_TEST(one_tensor_may_feed_two_placeholders) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "n"), y = gm_placeholder(graph, "y", GM_FLOAT32, "n");
  gm_node sum = apply2(graph, "add", x, y, NULL);
  gm_executor *e = executor_of(graph, &sum, 1);
  gm_tensor *value = ramp1(1, 3);
  feed(e, "x", value);
  feed(e, "y", value);
  run(e);
  ck_assert_float_eq(floats(e, 0)[2], 6);
  gm_executor_free(e);
  gm_tensor_free(value);
  gm_graph_free(graph);
}
END_TEST

/* ---- Outputs ---- */

START_TEST(there_is_no_output_before_the_first_run) {
  gm_executor *e = small(1);
  gm_tensor *x = ramp2(0, 2, 3);
  ck_assert_ptr_null(gm_executor_output(e, 0));
  feed(e, "x", x);
  ck_assert_ptr_null(gm_executor_output(e, 0));
  ck_assert_int_eq(gm_executor_prepare(e, NULL), GM_OK);
  ck_assert_ptr_null(gm_executor_output(e, 0));
  run(e);
  ck_assert_ptr_nonnull(gm_executor_output(e, 0));
  ck_assert_ptr_null(gm_executor_output(e, 1));
  ck_assert_ptr_null(gm_executor_output(e, SIZE_MAX));
  gm_executor_free(e);
  gm_tensor_free(x);
}
END_TEST

START_TEST(an_output_outlives_the_feeding_of_the_next_run) {
  gm_executor *e = small(1);
  gm_tensor *x = ramp2(0, 2, 3), *larger = ramp2(0, 5, 3);
  feed(e, "x", x);
  run(e);
  const gm_tensor *output = gm_executor_output(e, 0);
  feed(e, "x", larger);
  ck_assert_ptr_eq(gm_executor_output(e, 0), output);
  ck_assert_int_eq(gm_tensor_dims(output)[0], 2);
  ck_assert_float_eq(floats(e, 0)[0], 3);
  gm_executor_free(e);
  gm_tensor_free(x);
  gm_tensor_free(larger);
}
END_TEST

START_TEST(outputs_have_the_dims_of_the_run) {
  gm_executor *e = small(2);
  gm_tensor *x = ramp2(0, 6, 3);
  feed(e, "x", x);
  run(e);
  for (size_t i = 0; i < 2; i++) {
    const gm_tensor *output = gm_executor_output(e, i);
    ck_assert_int_eq(gm_tensor_rank(output), 2);
    ck_assert_int_eq(gm_tensor_dims(output)[0], 6);
    ck_assert_int_eq(gm_tensor_dims(output)[1], 4);
    ck_assert_int_eq(gm_tensor_count(output), 24);
  }
  gm_executor_free(e);
  gm_tensor_free(x);
}
END_TEST

START_TEST(output_dims_are_known_after_prepare) {
  gm_executor *e = small(2);
  gm_tensor *x = ramp2(0, 6, 3);
  int rank = 7;
  ck_assert_ptr_null(gm_executor_output_dims(e, 0, &rank));
  feed(e, "x", x);
  ck_assert_ptr_null(gm_executor_output_dims(e, 0, &rank));
  ck_assert_int_eq(gm_executor_prepare(e, NULL), GM_OK);
  const int64_t *dims = gm_executor_output_dims(e, 1, &rank);
  ck_assert_ptr_nonnull(dims);
  ck_assert_int_eq(rank, 2);
  ck_assert_int_eq(dims[0], 6);
  ck_assert_int_eq(dims[1], 4);
  ck_assert_ptr_nonnull(gm_executor_output_dims(e, 0, NULL));
  ck_assert_ptr_null(gm_executor_output_dims(e, 2, &rank));
  gm_executor_free(e);
  gm_tensor_free(x);
}
END_TEST

START_TEST(output_dims_stay_until_the_next_prepare_or_run) {
  gm_executor *e = small(2);
  gm_tensor *x = ramp2(0, 6, 3), *larger = ramp2(0, 9, 3), *bound = ramp2(0, 6, 4);
  feed(e, "x", x);
  ck_assert_int_eq(gm_executor_prepare(e, NULL), GM_OK);
  ck_assert_int_eq(gm_executor_bind_output(e, 0, bound, NULL), GM_OK);
  const int64_t *dims = gm_executor_output_dims(e, 1, NULL);
  ck_assert_ptr_nonnull(dims);
  ck_assert_int_eq(dims[0], 6);
  ck_assert_int_eq(gm_executor_bind_output(e, 0, NULL, NULL), GM_OK);
  feed(e, "x", larger);
  dims = gm_executor_output_dims(e, 0, NULL);
  ck_assert_ptr_nonnull(dims);
  ck_assert_int_eq(dims[0], 6);
  run(e);
  ck_assert_int_eq(gm_executor_output_dims(e, 0, NULL)[0], 9);
  feed(e, "x", NULL);
  ck_assert_int_eq(gm_executor_run(e, NULL), GM_UNBOUND);
  ck_assert_ptr_null(gm_executor_output_dims(e, 0, NULL));
  gm_executor_free(e);
  gm_tensor_free(x);
  gm_tensor_free(larger);
  gm_tensor_free(bound);
}
END_TEST

/* ---- Cancelling ---- */

START_TEST(cancelled_before_the_run_the_next_one_ends) {
  gm_executor *e = small(2);
  gm_tensor *x = ramp2(0, 2, 3);
  feed(e, "x", x);
  gm_executor_cancel(e);
  ck_assert_int_eq(gm_executor_run(e, &error), GM_CANCELLED);
  ck_assert_int_eq(error.status, GM_CANCELLED);
  ck_assert_ptr_null(gm_executor_output(e, 0));
  run(e);
  ck_assert_float_eq(floats(e, 0)[0], 3);
  gm_executor_free(e);
  gm_tensor_free(x);
}
END_TEST

START_TEST(a_run_without_steps_is_cancelled_too) {
  gm_executor *e = small(1);
  gm_tensor *x = ramp2(0, 0, 3);
  feed(e, "x", x);
  run(e);
  gm_executor_cancel(e);
  ck_assert_int_eq(gm_executor_run(e, NULL), GM_CANCELLED);
  run(e);
  gm_executor_free(e);
  gm_tensor_free(x);
}
END_TEST

static void *cancel_soon(void *executor) {
  usleep(30000);
  gm_executor_cancel(executor);
  return NULL;
}

START_TEST(another_thread_cancels_a_long_run) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "200, 200"), y = x;
  for (int i = 0; i < 20000; i++) y = apply1(graph, "tanh", y, NULL);
  gm_executor *e = executor_of(graph, &y, 1);
  gm_tensor *value = ramp2(0, 200, 200);
  pthread_t thread;
  feed(e, "x", value);
  ck_assert_int_eq(gm_executor_prepare(e, NULL), GM_OK);
  ck_assert_int_eq(pthread_create(&thread, NULL, cancel_soon, e), 0);
  ck_assert_int_eq(gm_executor_run(e, &error), GM_CANCELLED);
  ck_assert_ptr_null(gm_executor_output(e, 0));
  pthread_join(thread, NULL);
  gm_executor_free(e);
  gm_tensor_free(value);
  gm_graph_free(graph);
}
END_TEST

/* ---- Variables ---- */

START_TEST(a_run_uses_the_variables_as_they_are_at_its_start) {
  gm_node outputs[2];
  gm_graph *graph = graph_of(outputs);
  gm_executor *e = executor_of(graph, outputs, 1);
  gm_tensor *x = ramp2(0, 2, 3), *w = ramp2(0, 3, 4);
  feed(e, "x", x);
  ck_assert_int_eq(gm_executor_prepare(e, NULL), GM_OK);
  ck_assert_int_eq(gm_variable_set(graph, gm_node_named(graph, "w"), w, NULL), GM_OK);
  run(e);
  ck_assert_float_eq(floats(e, 0)[0], 4 + 2 * 8);
  ((float *)gm_tensor_data(w))[4] = 100;
  run(e);
  ck_assert_float_eq(floats(e, 0)[0], 4 + 2 * 8);
  ck_assert_int_eq(gm_variable_set(graph, gm_node_named(graph, "w"), w, NULL), GM_OK);
  ck_assert_float_eq(floats(e, 0)[0], 4 + 2 * 8);
  run(e);
  ck_assert_float_eq(floats(e, 0)[0], 100 + 2 * 8);
  gm_graph_free(graph);
  run(e);
  gm_executor_free(e);
  gm_tensor_free(x);
  gm_tensor_free(w);
}
END_TEST

START_TEST(a_broken_structure_fails_the_run) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  options.check_structure = true;
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "3, 3");
  gm_node y = gm_name(graph, apply1(graph, "assume", x, "{structure: diagonal}"), "d");
  gm_plan *plan = gm_plan_new(graph, &y, 1, &options, NULL);
  gm_executor *e = gm_executor_new(plan, NULL);
  gm_tensor *full = ramp2(1, 3, 3), *zero = gm_tensor_new(GM_FLOAT32, 2, (int64_t[]){3, 3}, NULL);
  feed(e, "x", zero);
  run(e);
  feed(e, "x", full);
  ck_assert_int_eq(gm_executor_run(e, &error), GM_BAD_SHAPE);
  ck_assert_str_eq(error.node, "d");
  ck_assert_ptr_null(gm_executor_output(e, 0));
  gm_executor_free(e);
  gm_plan_free(plan);
  gm_tensor_free(full);
  gm_tensor_free(zero);
  gm_graph_free(graph);
}
END_TEST

SUITE(executor) {
  CASE(a_null_plan_has_no_executor);
  CASE(nulls_are_refused);
  CASE(what_is_not_fed_is_named_with_its_shape);
  CASE(an_unknown_name_is_refused);
  CASE(feeding_what_is_not_needed_has_no_effect);
  CASE(another_dtype_is_refused_and_the_feed_stays);
  CASE(another_rank_is_refused);
  CASE(other_dims_are_refused_before_anything_is_computed);
  CASE(lengths_that_disagree_name_both_sides);
  CASE(a_symbol_on_both_sides_is_told_once);
  CASE(data_may_change_between_runs);
  CASE(a_tensor_fed_before_may_be_freed_once_another_is_fed);
  CASE(unfeeding_leaves_the_placeholder_unbound);
  CASE(one_tensor_may_feed_two_placeholders);
  CASE(there_is_no_output_before_the_first_run);
  CASE(an_output_outlives_the_feeding_of_the_next_run);
  CASE(outputs_have_the_dims_of_the_run);
  CASE(output_dims_are_known_after_prepare);
  CASE(output_dims_stay_until_the_next_prepare_or_run);
  CASE(cancelled_before_the_run_the_next_one_ends);
  CASE(a_run_without_steps_is_cancelled_too);
  CASE(another_thread_cancels_a_long_run);
  CASE(a_run_uses_the_variables_as_they_are_at_its_start);
  CASE(a_broken_structure_fails_the_run);
}
