/* SPDX-License-Identifier: MIT
 *
 * Packed factors: one memory for all who use the value, made anew when it is set, gone with the last who
 * holds it, limited; and the same bits with and without, whatever lies on which side. */
#include "support/suite.h"

#include <stdio.h>
#include "exec/executor.h"
#include "support/heap.h"
#include "threads_support.h"

/* ---- Graphs ---- */

/** The variable of a graph. */
static gm_node w;

/** y = x · w, x (n, 200), w (200, 130). */
static gm_graph *product_graph(gm_node *y) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  w = gm_random_uniform_variable(graph, "w", GM_FLOAT32, "200, 130", -1, 1, 5);
  *y = gm_dot(graph, gm_placeholder(graph, "x", GM_FLOAT32, "n, 200"), w);
  return graph;
}

static gm_plan *plan_with(const gm_graph *graph, gm_node y, const char *kernel, const char *without,
    bool exact, size_t most_packed) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  gm_error error = {0};
  options.kernel = kernel;
  options.without = without;
  options.exact = exact;
  options.max_packed_bytes = most_packed;
  gm_plan *plan = gm_plan_new(graph, &y, 1, &options, &error);
  ck_assert_msg(plan != NULL, "%s", error.message);
  return plan;
}

static gm_executor *vector_executor(const gm_graph *graph, gm_node y, size_t most_packed) {
  gm_plan *plan = plan_with(graph, y, "vector", NULL, false, most_packed);
  gm_executor *e = gm_executor_new(plan, NULL);
  gm_plan_free(plan);
  return e;
}

static gm_tensor *random_of(int rank, const int64_t *dims, gm_dtype dtype, uint64_t seed) {
  gm_tensor *made = gm_tensor_new(dtype, rank, dims, NULL);
  ck_assert_int_eq(gm_tensor_random_uniform(made, -1, 1, seed, NULL), GM_OK);
  return made;
}

static gm_tensor *rows(int64_t n) {
  return random_of(2, (int64_t[]){n, 200}, GM_FLOAT32, 3);
}

/** Where the first packed factor lies; NULL: nowhere. */
static const char *packed_at(const gm_executor *e) {
  const gm__program *program = &e->special->program;
  return program->packing_count ? e->bases[program->packings[0].buffer] : NULL;
}

/* ---- One memory ---- */

START_TEST(plans_executors_and_lengths_share_it) {
  gm_node y;
  gm_graph *graph = product_graph(&y);
  gm_executor *a = vector_executor(graph, y, 0), *b = vector_executor(graph, y, 0);
  gm_tensor *few = rows(1), *many = rows(70);
  feed(a, "x", few), feed(b, "x", many);
  run(a), run(b);
  ck_assert_ptr_nonnull(packed_at(a));
  ck_assert_ptr_eq(packed_at(a), packed_at(b));
  ck_assert_uint_eq((uintptr_t)packed_at(a) % 64, 0);
  const char *before = packed_at(a);
  feed(a, "x", many);
  run(a);
  ck_assert_ptr_eq(packed_at(a), before);
  ck_assert(tensors_agree(gm_executor_output(a, 0), gm_executor_output(b, 0)));
  gm_executor_free(a), gm_executor_free(b);
  gm_tensor_free(few), gm_tensor_free(many);
  gm_graph_free(graph);
}
END_TEST

/** The product with the variable as it is now, by the reference. */
static gm_tensor *expected(const gm_graph *graph, gm_node y, const gm_tensor *x) {
  gm_plan *plan = plan_with(graph, y, "vector", "pack", false, 0);
  gm_executor *e = gm_executor_new(plan, NULL);
  feed(e, "x", x);
  run(e);
  ck_assert_ptr_null(packed_at(e));
  gm_tensor *value = gm__tensor_copy(gm_executor_output(e, 0), NULL);
  gm_executor_free(e);
  gm_plan_free(plan);
  return value;
}

static void check_run(gm_executor *e, const gm_graph *graph, gm_node y, const gm_tensor *x) {
  gm_tensor *wanted = expected(graph, y, x);
  run(e);
  ck_assert(tensors_agree(gm_executor_output(e, 0), wanted));
  gm_tensor_free(wanted);
}

START_TEST(what_is_set_is_packed_again) {
  gm_node y;
  gm_graph *graph = product_graph(&y);
  gm_executor *a = vector_executor(graph, y, 0), *b = vector_executor(graph, y, 0);
  gm_tensor *x = rows(9), *fresh = random_of(2, (int64_t[]){200, 130}, GM_FLOAT32, 8);
  feed(a, "x", x), feed(b, "x", x);
  check_run(a, graph, y, x);
  run(b);
  const char *before = packed_at(b);
  ck_assert_int_eq(gm_variable_set(graph, w, fresh, NULL), GM_OK);
  check_run(a, graph, y, x);
  ck_assert_ptr_ne(packed_at(a), before);
  ck_assert_ptr_eq(packed_at(b), before);
  check_run(b, graph, y, x);
  ck_assert_ptr_eq(packed_at(a), packed_at(b));
  gm_executor_free(a), gm_executor_free(b);
  gm_tensor_free(x), gm_tensor_free(fresh);
  gm_graph_free(graph);
}
END_TEST

START_TEST(it_goes_with_the_last_who_holds_the_value) {
  gm_node y;
  gm_graph *graph = product_graph(&y);
  gm_tensor *x = rows(9), *fresh = random_of(2, (int64_t[]){200, 130}, GM_FLOAT32, 8);
  ck_assert_int_eq(gm_variable_set(graph, w, fresh, NULL), GM_OK);
  size_t before = heap_bytes();
  gm_executor *a = vector_executor(graph, y, 0);
  feed(a, "x", x);
  run(a);
  ck_assert_int_eq(gm_variable_set(graph, w, fresh, NULL), GM_OK);
  gm_executor_free(a);
  size_t after = heap_bytes();
  ck_assert_uint_eq(after, before);
  gm_graph_free(graph);
  gm_tensor_free(x), gm_tensor_free(fresh);
}
END_TEST

START_TEST(prepared_is_packed) {
  gm_node y;
  gm_graph *graph = product_graph(&y);
  gm_executor *e = vector_executor(graph, y, 0);
  gm_tensor *x = rows(9);
  feed(e, "x", x);
  ck_assert_int_eq(gm_executor_prepare(e, NULL), GM_OK);
  ck_assert_ptr_nonnull(packed_at(e));
  heap_mark();
  gm_status status = gm_executor_run(e, NULL);
  int calls = heap_calls();
  ck_assert_int_eq(status, GM_OK);
  ck_assert_int_eq(calls, 0);
  gm_executor_free(e);
  gm_tensor_free(x);
  gm_graph_free(graph);
}
END_TEST

/* ---- What plans say, and the limit ---- */

/** 130 columns are 2 panels of 64 and a vector or less. */
static size_t packed_size(const gm_plan *plan) {
  gm_plan_size sizes = {.struct_size = sizeof sizes};
  ck_assert_int_eq(gm_plan_sizes(plan, "n=9", &sizes, NULL), GM_OK);
  return sizes.packed;
}

static void says(const gm_plan *plan, const char *wanted) {
  char *text = plan_text(plan, "n=9", 0);
  ck_assert_msg(strstr(text, wanted) != NULL, "%s\n%s", wanted, text);
  free(text);
}

START_TEST(a_plan_tells_what_is_packed) {
  gm_node y;
  gm_graph *graph = product_graph(&y);
  gm_plan *plan = plan_with(graph, y, "vector", NULL, false, 0);
  size_t bytes = packed_size(plan);
  char sum[60], line[160];
  snprintf(sum, sizeof sum, "packed %zu\n", bytes);
  snprintf(line, sizeof line, "pack: w -> packed once in %zu bytes (", bytes);
  ck_assert_uint_ge(bytes, 200 * 130 * sizeof(float));
  ck_assert_uint_le(bytes, 200 * 144 * sizeof(float));
  says(plan, sum);
  says(plan, line);
  says(plan, "m=9 n=130 k=200 packed");
  says(plan, "  packed  w");
  gm_plan_free(plan);
  plan = plan_with(graph, y, "vector", "pack", false, 0);
  ck_assert_uint_eq(packed_size(plan), 0);
  gm_plan_free(plan);
  gm_graph_free(graph);
}
END_TEST

START_TEST(the_limit_refuses_and_says_so) {
  gm_node y;
  gm_graph *graph = product_graph(&y);
  gm_plan *whole = plan_with(graph, y, "vector", NULL, false, 0);
  size_t bytes = packed_size(whole);
  gm_plan *fits = plan_with(graph, y, "vector", NULL, false, bytes);
  gm_plan *exceeds = plan_with(graph, y, "vector", NULL, false, bytes - 1);
  char line[160];
  snprintf(line, sizeof line, "pack: w -> not packed: %zu bytes would exceed the limit of %zu (", bytes,
      bytes - 1);
  ck_assert_uint_eq(packed_size(fits), bytes);
  ck_assert_uint_eq(packed_size(exceeds), 0);
  says(exceeds, line);
  gm_tensor *x = rows(9);
  gm_executor *e = vector_executor(graph, y, bytes - 1);
  feed(e, "x", x);
  check_run(e, graph, y, x);
  gm_executor_free(e);
  gm_tensor_free(x);
  gm_plan_free(whole), gm_plan_free(fits), gm_plan_free(exceeds);
  gm_graph_free(graph);
}
END_TEST

/** The limit is for all of a plan: the first that exceeds it is refused, a smaller one behind it is not. */
START_TEST(the_limit_is_for_the_sum) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "n, 96");
  gm_node h = gm_dot(graph, x, gm_ones(graph, "a", GM_FLOAT32, "96, 128"));
  h = gm_dot(graph, h, gm_ones(graph, "b", GM_FLOAT32, "128, 128"));
  h = gm_dot(graph, h, gm_ones(graph, "c", GM_FLOAT32, "128, 80"));
  size_t a = 96 * 128 * 4, b = 128 * 128 * 4, c = 128 * 80 * 4;
  gm_plan *plan = plan_with(graph, h, "vector", "chain,fold,hoist", false, a + c);
  ck_assert_uint_eq(packed_size(plan), a + c);
  char line[160];
  snprintf(line, sizeof line, "pack: b -> not packed: %zu bytes would exceed the limit of %zu", a + b, a + c);
  says(plan, line);
  gm_plan_free(plan);
  gm_graph_free(graph);
}
END_TEST

START_TEST(without_memory_the_factor_is_read_where_it_lies) {
  gm_node y;
  gm_graph *graph = product_graph(&y);
  gm_tensor *x = rows(9), *wanted = expected(graph, y, x);
  int unpacked = 0;
  for (int i = 0; i < 6; i++) {
    gm_executor *e = vector_executor(graph, y, 0);
    feed(e, "x", x);
    heap_refuse_data(i);
    gm_status status = gm_executor_run(e, NULL);
    heap_refuse_data(-1);
    ck_assert(status == GM_OK || status == GM_NO_MEMORY);
    if (status == GM_OK) ck_assert(tensors_agree(gm_executor_output(e, 0), wanted));
    unpacked += status == GM_OK && !packed_at(e);
    gm_executor_free(e);
    if (unpacked) break;
  }
  ck_assert_int_eq(unpacked, 1);
  gm_tensor_free(x), gm_tensor_free(wanted);
  gm_graph_free(graph);
}
END_TEST

/* ---- The same bits ---- */

/** A product of a fed x and a variable w (or two that are fed), and the lengths. */
typedef struct shape {
  const char *x, *w, *op, *attributes;
  int x_rank, w_rank;
  int64_t x_dims[4], w_dims[4];
  bool left, turned_w, turned_x; /* left: w · x; transposed: which */
} shape;

static const shape shapes[] = {
    {"n, 200", "200, 130", "dot", NULL, 2, 2, {1, 200}, {200, 130}, false, false, false},
    {"n, 200", "200, 130", "dot", NULL, 2, 2, {77, 200}, {200, 130}, false, false, false},
    {"n, 200", "130, 200", "dot", NULL, 2, 2, {7, 200}, {130, 200}, false, true, false},
    {"200, n", "130, 200", "dot", NULL, 2, 2, {200, 2}, {130, 200}, true, false, false},
    {"200, n", "130, 200", "dot", NULL, 2, 2, {200, 4}, {130, 200}, true, false, false},
    {"200, n", "200, 130", "dot", NULL, 2, 2, {200, 3}, {200, 130}, true, true, false},
    {"200, n", "130, 200", "dot", NULL, 2, 2, {200, 1}, {130, 200}, true, false, false},
    {"200, n", "130, 200", "dot", NULL, 2, 2, {200, 90}, {130, 200}, true, false, false},
    {"n, 200", "130, 200", "dot", NULL, 2, 2, {90, 200}, {130, 200}, true, false, true},
    {"n, 9, 70", "5, 70, 66", "dot", NULL, 3, 3, {4, 9, 70}, {5, 70, 66}, false, false, false},
    {"n, 9, 70", "6, 70, 66", "matmul", NULL, 3, 3, {6, 9, 70}, {6, 70, 66}, false, false, false},
    {"n, 3, 9, 70", "2, 3, 70, 66", "matmul", NULL, 4, 4, {2, 3, 9, 70}, {2, 3, 70, 66}, false, false, false},
    {"n, 3, 9, 70", "2, 1, 70, 66", "matmul", NULL, 4, 4, {2, 3, 9, 70}, {2, 1, 70, 66}, false, false, false},
    {"n, 3, 9, 70", "3, 70, 66", "matmul", NULL, 4, 3, {2, 3, 9, 70}, {3, 70, 66}, false, false, false},
    {"n, 3, 9, 70", "66, 70, 3, 2", "matmul", NULL, 4, 4, {2, 3, 9, 70}, {66, 70, 3, 2}, false, true, false},
    {"n, 3, 9, 70", "66, 70, 3, 1", "matmul", NULL, 4, 4, {2, 3, 9, 70}, {66, 70, 3, 1}, false, true, false},
    {"9, n", "1, 70", "dot", NULL, 2, 2, {9, 1}, {1, 70}, false, false, false},
};

static gm_graph *graph_of(const shape *s, gm_dtype dtype, bool constant, gm_node *y) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node x = gm_placeholder(graph, "x", dtype, s->x), factor;
  if (constant)
    factor = gm_random_uniform_variable(graph, "w", dtype, s->w, -1, 1, 5);
  else
    factor = gm_placeholder(graph, "w", dtype, s->w);
  if (s->turned_x) x = apply1(graph, "transpose", x, NULL);
  if (s->turned_w) factor = apply1(graph, "transpose", factor, NULL);
  *y = s->left ? apply2(graph, s->op, factor, x, s->attributes)
               : apply2(graph, s->op, x, factor, s->attributes);
  *y = apply1(graph, "tanh", *y, NULL);
  return graph;
}

static gm_tensor *result_of(const gm_graph *graph, gm_node y, const char *kernel, const char *without,
    bool exact, const gm_tensor *x, const gm_tensor *other, int *packs) {
  gm_plan *plan = plan_with(graph, y, kernel, without, exact, 0);
  gm_executor *e = gm_executor_new(plan, NULL);
  feed(e, "x", x);
  if (other) feed(e, "w", other);
  run(e);
  const gm__program *program = &e->special->program;
  for (size_t s = 0; s < program->step_count; s++)
    if (program->steps[s].kernel == &gm__kernel_gemm)
      *packs += ((const gm__gemm *)program->steps[s].descriptor)->packs;
  gm_tensor *value = gm__tensor_copy(gm_executor_output(e, 0), NULL);
  gm_executor_free(e);
  gm_plan_free(plan);
  return value;
}

static int compare(const shape *s, gm_dtype dtype, const char *kernel, bool constant, bool exact) {
  gm_node y;
  gm_graph *graph = graph_of(s, dtype, constant, &y);
  gm_tensor *x = random_of(s->x_rank, s->x_dims, dtype, 1);
  gm_tensor *other = constant ? NULL : random_of(s->w_rank, s->w_dims, dtype, 5);
  int packs = 0, none = 0;
  gm_tensor *with = result_of(graph, y, kernel, NULL, exact, x, other, &packs);
  gm_tensor *without = result_of(graph, y, kernel, "pack", exact, x, other, &none);
  ck_assert_int_eq(none, 0);
  ck_assert_msg(tensors_agree(with, without), "%s: %s by %s", kernel, s->x, s->w);
  gm_tensor_free(with), gm_tensor_free(without), gm_tensor_free(x), gm_tensor_free(other);
  gm_graph_free(graph);
  return packs;
}

START_TEST(packed_or_not_the_bits_are_the_same) {
  int constants = 0, varying = 0;
  const gm__provider *provider;
  for (size_t k = 0; (provider = gm__provider_at(k)); k++)
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
      for (int how = 0; how < 4 && !(provider->lacks && provider->lacks()); how++) {
        gm_dtype dtype = how % 2 ? GM_FLOAT64 : GM_FLOAT32;
        constants += compare(&shapes[i], dtype, provider->name, true, how > 1);
        varying += compare(&shapes[i], dtype, provider->name, false, how > 1);
      }
  ck_assert_int_gt(constants, 40);
  ck_assert_int_gt(varying, 0);
}
END_TEST

/** What constants make is packed with them, before the first run, and again when one is set. */
START_TEST(what_is_computed_once_is_packed_once) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "n, 200");
  w = gm_random_uniform_variable(graph, "w", GM_FLOAT32, "200, 130", -1, 1, 5);
  gm_node y = gm_dot(graph, x, apply1(graph, "tanh", w, NULL));
  gm_plan *plan = plan_with(graph, y, "vector", NULL, false, 0);
  char *text = plan_text(plan, "n=9", 0);
  char steps[400];
  plan_steps(text, steps, sizeof steps);
  ck_assert_str_eq(steps, "map tanh once; pack n=130 k=200 once; gemm m=9 n=130 k=200 packed");
  free(text);
  gm_executor *e = gm_executor_new(plan, NULL);
  gm_tensor *fed = rows(9), *other = random_of(2, (int64_t[]){200, 130}, GM_FLOAT32, 8);
  feed(e, "x", fed);
  check_run(e, graph, y, fed);
  ck_assert_int_eq(gm_variable_set(graph, w, other, NULL), GM_OK);
  check_run(e, graph, y, fed);
  gm_executor_free(e);
  gm_plan_free(plan);
  gm_tensor_free(fed), gm_tensor_free(other);
  gm_graph_free(graph);
}
END_TEST

/* ---- Threads ---- */

static void *run_often(void *argument) {
  const task *t = argument;
  gm_tensor *x = filled(1, 3, 200);
  for (int i = 0; i < 20; i++) {
    gm_executor *e = gm_executor_new(t->common->plan, NULL);
    gm_executor_feed(e, "x", x, NULL);
    for (int k = 0; k < 5; k++) {
      bool ran = gm_executor_run(e, NULL) == GM_OK;
      const gm_tensor *y = gm_executor_output(e, 0);
      const float *at = gm_tensor_cdata(y);
      wrong_unless(t->common, ran && at && (at[0] == 200 || at[0] == 400) && all_are(y, 3 * 130, at[0]));
    }
    gm_executor_free(e);
  }
  gm_tensor_free(x);
  return NULL;
}

static void *set_often(void *argument) {
  const task *t = argument;
  gm_tensor *values[] = {filled(1, 200, 130), filled(2, 200, 130)};
  for (int i = 0; !atomic_load(&t->common->stop); i++)
    wrong_unless(t->common, gm_variable_set(t->common->graph, w, values[i % 2], NULL) == GM_OK);
  gm_tensor_free(values[0]), gm_tensor_free(values[1]);
  return NULL;
}

/** All begin at once, so that several want to pack; then while the variable is set again and again. */
START_TEST(threads_pack_while_others_set) {
  gm_node y;
  common c = {.graph = gm_graph_new(NULL, NULL)};
  w = gm_ones(c.graph, "w", GM_FLOAT32, "200, 130");
  y = gm_dot(c.graph, gm_placeholder(c.graph, "x", GM_FLOAT32, "n, 200"), w);
  c.plan = plan_with(c.graph, y, "vector", NULL, false, 0);
  all_threads(&c, run_often, NULL);
  all_threads(&c, run_often, set_often);
  gm_plan_free(c.plan);
  gm_graph_free(c.graph);
}
END_TEST

SUITE(pack) {
  CASE(plans_executors_and_lengths_share_it);
  CASE(what_is_set_is_packed_again);
  CASE(it_goes_with_the_last_who_holds_the_value);
  CASE(prepared_is_packed);
  CASE(a_plan_tells_what_is_packed);
  CASE(the_limit_refuses_and_says_so);
  CASE(the_limit_is_for_the_sum);
  CASE(without_memory_the_factor_is_read_where_it_lies);
  CASE(packed_or_not_the_bits_are_the_same);
  CASE(what_is_computed_once_is_packed_once);
  CASE(threads_pack_while_others_set);
}
