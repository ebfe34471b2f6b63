/* SPDX-License-Identifier: MIT
 *
 * Lengths that change from run to run: none at all, ten thousand of them, and what the plan keeps of each. */
#include "support/suite.h"

#include "exec/executor.h"
#include "executor_support.h"

START_TEST(zero_rows_give_zero_rows) {
  gm_executor *e = small(2);
  gm_tensor *none = ramp2(0, 0, 3), *some = ramp2(0, 2, 3);
  for (int i = 0; i < 3; i++) {
    feed(e, "x", none);
    run(e);
    ck_assert_int_eq(gm_tensor_dims(gm_executor_output(e, 0))[0], 0);
    ck_assert_int_eq(gm_tensor_count(gm_executor_output(e, 1)), 0);
    feed(e, "x", some);
    run(e);
    ck_assert_float_eq(floats(e, 0)[7], 12);
  }
  gm_executor_free(e);
  gm_tensor_free(none);
  gm_tensor_free(some);
}
END_TEST

START_TEST(an_inner_length_of_zero_gives_zeros) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "2, k"),
          y = gm_placeholder(graph, "y", GM_FLOAT32, "k, 3");
  gm_node xy = gm_dot(graph, x, y);
  gm_executor *e = executor_of(graph, &xy, 1);
  gm_tensor *a = ramp2(0, 2, 0), *b = ramp2(0, 0, 3), *out = ramp2(5, 2, 3);
  feed(e, "x", a);
  feed(e, "y", b);
  ck_assert_int_eq(gm_executor_bind_output(e, 0, out, NULL), GM_OK);
  run(e);
  for (int i = 0; i < 6; i++) ck_assert_float_eq(floats(e, 0)[i], 0);
  gm_executor_free(e);
  gm_tensor_free(a);
  gm_tensor_free(b);
  gm_tensor_free(out);
  gm_graph_free(graph);
}
END_TEST

START_TEST(an_empty_permuted_value_is_reshaped) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "n, 2, 3");
  gm_node turned = apply1(graph, "permute_dimensions", x, "{pattern: [0, 2, 1]}");
  gm_node flat = apply1(graph, "reshape", turned, "{shape: \"6, n\"}");
  gm_executor *e = executor_of(graph, &flat, 1);
  gm_tensor *none = ramp_like(0, 3, (int64_t[]){0, 2, 3}), *some = ramp_like(0, 3, (int64_t[]){1, 2, 3});
  feed(e, "x", none);
  run(e);
  ck_assert_int_eq(gm_tensor_dims(gm_executor_output(e, 0))[0], 6);
  feed(e, "x", some);
  run(e);
  ck_assert_float_eq(floats(e, 0)[1], 3);
  gm_executor_free(e);
  gm_tensor_free(none);
  gm_tensor_free(some);
  gm_graph_free(graph);
}
END_TEST

/** One run with `rows` rows of ones. */
static bool run_rows(gm_executor *e, float *memory, int64_t rows) {
  const int64_t dims[] = {rows, 3};
  gm_tensor *x = gm_tensor_wrap(GM_FLOAT32, 2, dims, memory, NULL, NULL, NULL);
  bool fine = gm_executor_feed(e, "x", x, NULL) == GM_OK && gm_executor_run(e, NULL) == GM_OK;
  const gm_tensor *y = gm_executor_output(e, 0);
  fine = fine && gm_tensor_dims(y)[0] == rows && gm_tensor_dims(y)[1] == 4;
  const float *at = gm_tensor_cdata(y);
  for (int64_t i = 0; fine && i < 4 * rows; i++) fine = at[i] == 3;
  gm_executor_feed(e, "x", NULL, NULL);
  gm_tensor_free(x);
  return fine;
}

START_TEST(ten_thousand_sizes_keep_sixteen) {
  gm_executor *e = small(2);
  float *memory = calloc(3 * 1000, sizeof *memory);
  for (int i = 0; i < 3000; i++) memory[i] = 1;
  bool fine = run_rows(e, memory, 1000);
  for (int64_t n = 0; n < 1000; n++) fine = fine && run_rows(e, memory, n);
  for (int64_t n = 0; n < 10000; n++) fine = fine && run_rows(e, memory, n * 7 % 1000);
  ck_assert(fine);
  ck_assert_uint_le(e->plan->cached, 16);
  gm_executor_free(e);
  free(memory);
}
END_TEST

START_TEST(as_many_specialisations_are_kept_as_wanted) {
  gm_node outputs[2];
  gm_graph *graph = graph_of(outputs);
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  options.max_specialisations = 2;
  gm_plan *plan = gm_plan_new(graph, outputs, 1, &options, NULL);
  gm_executor *e = gm_executor_new(plan, NULL);
  float memory[30];
  for (int i = 0; i < 30; i++) memory[i] = 1;
  for (int64_t n = 0; n < 100; n++) {
    ck_assert(run_rows(e, memory, n * n % 10));
    ck_assert_uint_le(plan->cached, 2);
  }
  gm_executor_free(e);
  gm_plan_free(plan);
  gm_graph_free(graph);
}
END_TEST

START_TEST(the_least_recently_used_size_is_dropped) {
  gm_node outputs[2];
  gm_graph *graph = graph_of(outputs);
  gm_plan *plan = plan_of(graph, outputs, 1);
  gm_executor *e = gm_executor_new(plan, NULL);
  float memory[60];
  for (int i = 0; i < 60; i++) memory[i] = 1;
  for (int64_t n = 1; n <= 16; n++) ck_assert(run_rows(e, memory, n));
  ck_assert(run_rows(e, memory, 1));
  ck_assert(run_rows(e, memory, 17));
  int64_t kept[] = {1, 3}, dropped[] = {2, 3};
  gm__special *found = gm__plan_find(plan, kept);
  ck_assert_ptr_nonnull(found);
  gm__special_release(found);
  ck_assert_ptr_null(gm__plan_find(plan, dropped));
  gm_executor_free(e);
  gm_plan_free(plan);
  gm_graph_free(graph);
}
END_TEST

START_TEST(two_executors_make_one_specialisation) {
  gm_node outputs[2];
  gm_graph *graph = graph_of(outputs);
  gm_plan *plan = plan_of(graph, outputs, 1);
  gm_executor *a = gm_executor_new(plan, NULL), *b = gm_executor_new(plan, NULL);
  gm_tensor *x = ramp2(0, 2, 3);
  feed(a, "x", x);
  feed(b, "x", x);
  run(a);
  run(b);
  ck_assert_uint_eq(plan->cached, 1);
  ck_assert_ptr_eq(a->special, b->special);
  ck_assert_ptr_ne(gm_executor_output(a, 0), gm_executor_output(b, 0));
  gm_executor_free(a);
  gm_executor_free(b);
  gm_plan_free(plan);
  gm_tensor_free(x);
  gm_graph_free(graph);
}
END_TEST

START_TEST(trimmed_executors_run_again) {
  gm_executor *e = small(2);
  gm_tensor *x = ramp2(0, 2, 3);
  gm_executor_trim(e);
  feed(e, "x", x);
  run(e);
  gm_executor_trim(e);
  ck_assert_ptr_null(gm_executor_output(e, 0));
  gm_executor_trim(e);
  run(e);
  ck_assert_float_eq(floats(e, 0)[7], 12);
  gm_executor_free(e);
  gm_tensor_free(x);
}
END_TEST

SUITE(lengths) {
  CASE(an_empty_permuted_value_is_reshaped);
  CASE(zero_rows_give_zero_rows);
  CASE(an_inner_length_of_zero_gives_zeros);
  CASE(ten_thousand_sizes_keep_sixteen);
  CASE(as_many_specialisations_are_kept_as_wanted);
  CASE(the_least_recently_used_size_is_dropped);
  CASE(two_executors_make_one_specialisation);
  CASE(trimmed_executors_run_again);
}
