/* SPDX-License-Identifier: MIT
 *
 * A warm run allocates nothing and frees nothing, seen by the watched heap. Warm is: these dims run before,
 * or prepared. */
#include "support/suite.h"

#include <gemmule/gemmule.h>
#include "process_support.h"
#include "support/heap.h"

/* ---- Graphs to run ---- */

typedef gm_node builder(gm_graph *graph, gm_node x);

static gm_node layers(gm_graph *graph, gm_node x) {
  gm_node w1 = gm_random_uniform_variable(graph, "w1", GM_FLOAT32, "64, 32", -1, 1, 1);
  gm_node w2 = gm_random_uniform_variable(graph, "w2", GM_FLOAT32, "32, 10", -1, 1, 2);
  gm_node hidden[] = {gm_dot(graph, x, w1), gm_ones(graph, "b1", GM_FLOAT32, "32")};
  gm_node added = gm_apply(graph, "bias_add", hidden, 2, NULL);
  gm_node output = gm_dot(graph, gm_apply(graph, "relu", &added, 1, NULL), w2);
  return gm_apply(graph, "softmax", &output, 1, "{axis: -1}");
}

static gm_node outer(gm_graph *graph, gm_node x) {
  return gm_dot(graph, x, gm_random_uniform_variable(graph, "y", GM_FLOAT32, "3, 64, 5", -1, 1, 3));
}

static gm_node whole(gm_graph *graph, gm_node x) {
  gm_node integers = gm_apply(graph, "cast", &x, 1, "{dtype: int32}");
  return gm_dot(graph, integers, gm_ones(graph, "y", GM_INT32, "64, 5"));
}

/** Constants on the right and on the left, both packed. */
static gm_node packed(gm_graph *graph, gm_node x) {
  gm_node w = gm_random_uniform_variable(graph, "w", GM_FLOAT32, "64, 100", -1, 1, 3);
  gm_node y = gm_dot(graph, x, w);
  return gm_dot(graph, w, gm_apply(graph, "transpose", &y, 1, NULL));
}

static gm_node elementwise(gm_graph *graph, gm_node x) {
  gm_node pair[] = {gm_apply(graph, "tanh", &x, 1, NULL), gm_number(graph, 0.5)};
  gm_node sum[] = {gm_apply(graph, "multiply", pair, 2, NULL), gm_apply(graph, "exp", &x, 1, NULL)};
  return gm_apply(graph, "add", sum, 2, NULL);
}

static gm_node moved(gm_graph *graph, gm_node x) {
  gm_node turned = gm_apply(graph, "transpose", &x, 1, NULL);
  gm_node pair[] = {turned, turned};
  gm_node joined = gm_apply(graph, "concatenate", pair, 2, "{axis: 0}");
  return gm_apply(graph, "mean", &joined, 1, "{axis: 1}");
}

static gm_executor *executor_of(builder *build, int threads) {
  gm_error error = {0};
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  options.threads = threads;
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node result = build(graph, gm_placeholder(graph, "x", GM_FLOAT32, "n, 64"));
  gm_plan *plan = gm_plan_new(graph, &result, 1, &options, &error);
  ck_assert_msg(plan != NULL, "%s", error.message);
  gm_executor *made = gm_executor_new(plan, &error);
  gm_plan_free(plan);
  gm_graph_free(graph);
  return made;
}

static int counted_run(gm_executor *executor) {
  heap_mark();
  gm_status status = gm_executor_run(executor, NULL);
  int calls = heap_calls();
  ck_assert_int_eq(status, GM_OK);
  return calls;
}

static gm_tensor *rows(int64_t count) {
  gm_tensor *made = gm_tensor_new(GM_FLOAT32, 2, (int64_t[]){count, 64}, NULL);
  ck_assert_int_eq(gm_tensor_random_uniform(made, -1, 1, 5, NULL), GM_OK);
  return made;
}

static void second_run_is_free(builder *build, int threads) {
  gm_executor *executor = executor_of(build, threads);
  gm_tensor *x = rows(50), *other = rows(50);
  ck_assert_int_eq(gm_executor_feed(executor, "x", x, NULL), GM_OK);
  ck_assert_int_gt(counted_run(executor), 0);
  ck_assert_int_eq(counted_run(executor), 0);
  ck_assert_int_eq(gm_executor_feed(executor, "x", other, NULL), GM_OK);
  ck_assert_int_eq(counted_run(executor), 0);
  gm_executor_free(executor);
  gm_tensor_free(x);
  gm_tensor_free(other);
}

START_TEST(layers_run_without_allocating) {
  second_run_is_free(layers, 0);
}
END_TEST

START_TEST(one_thread_runs_without_allocating) {
  second_run_is_free(layers, 1);
}
END_TEST

START_TEST(products_above_rank_2_run_without_allocating) {
  second_run_is_free(outer, 0);
}
END_TEST

START_TEST(integer_products_run_without_allocating) {
  second_run_is_free(whole, 0);
}
END_TEST

START_TEST(packed_products_run_without_allocating) {
  second_run_is_free(packed, 1);
  second_run_is_free(packed, 2);
}
END_TEST

START_TEST(elementwise_runs_without_allocating) {
  second_run_is_free(elementwise, 0);
}
END_TEST

START_TEST(movements_and_means_run_without_allocating) {
  second_run_is_free(moved, 0);
}
END_TEST

START_TEST(threads_run_without_allocating) {
  static builder *const builders[] = {layers, whole, elementwise, moved};
  gm_tensor *x = rows(20000);
  for (size_t i = 0; i < sizeof builders / sizeof *builders; i++) {
    gm_executor *executor = executor_of(builders[i], 3);
    int before = threads_of_process();
    ck_assert_int_eq(gm_executor_feed(executor, "x", x, NULL), GM_OK);
    ck_assert_int_eq(gm_executor_prepare(executor, NULL), GM_OK);
    ck_assert_int_gt(threads_of_process(), before);
    for (int again = 0; again < 3; again++) ck_assert_int_eq(counted_run(executor), 0);
    gm_executor_free(executor);
  }
  gm_tensor_free(x);
}
END_TEST

START_TEST(the_first_run_after_prepare_allocates_nothing) {
  static builder *const builders[] = {layers, outer, whole, packed, elementwise, moved};
  for (size_t i = 0; i < sizeof builders / sizeof *builders; i++) {
    gm_executor *executor = executor_of(builders[i], 0);
    gm_tensor *x = rows(20);
    ck_assert_int_eq(gm_executor_feed(executor, "x", x, NULL), GM_OK);
    ck_assert_int_eq(gm_executor_prepare(executor, NULL), GM_OK);
    ck_assert_int_eq(counted_run(executor), 0);
    gm_executor_free(executor);
    gm_tensor_free(x);
  }
}
END_TEST

START_TEST(feeding_again_allocates_nothing) {
  gm_executor *executor = executor_of(layers, 0);
  gm_tensor *x = rows(20), *other = rows(20);
  ck_assert_int_eq(gm_executor_feed(executor, "x", x, NULL), GM_OK);
  heap_mark();
  gm_status status = gm_executor_feed(executor, "x", other, NULL);
  int calls = heap_calls();
  ck_assert_int_eq(status, GM_OK);
  ck_assert_int_eq(calls, 0);
  gm_executor_free(executor);
  gm_tensor_free(x);
  gm_tensor_free(other);
}
END_TEST

/** Calls counted while `executor` is fed each of the tensors in turn, and run, `rounds` times. */
static int counted_rounds(gm_executor *executor, gm_tensor *const *fed, size_t count, int rounds) {
  bool fine = true;
  heap_mark();
  for (size_t i = 0; i < count * (size_t)rounds; i++) {
    fine = fine && gm_executor_feed(executor, "x", fed[i % count], NULL) == GM_OK;
    fine = fine && gm_executor_run(executor, NULL) == GM_OK;
  }
  int calls = heap_calls();
  ck_assert(fine);
  return calls;
}

START_TEST(changing_between_cached_lengths_allocates_nothing) {
  static builder *const builders[] = {layers, outer, whole, packed, elementwise, moved};
  gm_tensor *fed[8];
  for (int64_t i = 0; i < 8; i++) fed[i] = rows(3 + 5 * i);
  for (size_t i = 0; i < sizeof builders / sizeof *builders; i++) {
    gm_executor *executor = executor_of(builders[i], 0);
    ck_assert_int_gt(counted_rounds(executor, fed, 8, 1), 0);
    ck_assert_int_eq(counted_rounds(executor, fed, 8, 3), 0);
    gm_executor_free(executor);
  }
  for (int i = 0; i < 8; i++) gm_tensor_free(fed[i]);
}
END_TEST

START_TEST(a_bound_output_is_warm_too) {
  gm_executor *executor = executor_of(layers, 0);
  gm_tensor *fed[] = {rows(20), rows(20)}, *bound = gm_tensor_new(GM_FLOAT32, 2, (int64_t[]){20, 10}, NULL);
  ck_assert_int_eq(gm_executor_bind_output(executor, 0, bound, NULL), GM_OK);
  ck_assert_int_gt(counted_rounds(executor, fed, 2, 1), 0);
  ck_assert_int_eq(counted_rounds(executor, fed, 2, 3), 0);
  gm_executor_free(executor);
  gm_tensor_free(fed[0]);
  gm_tensor_free(fed[1]);
  gm_tensor_free(bound);
}
END_TEST

SUITE(warm_run) {
  CASE(changing_between_cached_lengths_allocates_nothing);
  CASE(a_bound_output_is_warm_too);
  CASE(layers_run_without_allocating);
  CASE(one_thread_runs_without_allocating);
  CASE(products_above_rank_2_run_without_allocating);
  CASE(integer_products_run_without_allocating);
  CASE(packed_products_run_without_allocating);
  CASE(elementwise_runs_without_allocating);
  CASE(movements_and_means_run_without_allocating);
  CASE(threads_run_without_allocating);
  CASE(the_first_run_after_prepare_allocates_nothing);
  CASE(feeding_again_allocates_nothing);
}
