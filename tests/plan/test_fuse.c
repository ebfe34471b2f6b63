/* SPDX-License-Identifier: MIT
 *
 * Fused steps: random graphs of elementwise operations with broadcasting, views and mixed dtypes, alone and
 * around products and reductions, have the same bits with and without; what is fused and what must not be;
 * what the plan says. */
#include "support/suite.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "support/build.h"
#include "support/cells.h"

static gm_error error;

/* MANY rows are more than one block of them. */
enum { MOST = 48, SOURCES = 7, MANY = 2003 };

/* ---- Random graphs ---- */

/** Nodes to draw from: floats of one dtype, masks, integers. */
typedef struct pool {
  gm_node nodes[MOST];
  int count;
} pool;

typedef struct world {
  gm_graph *graph;
  gm_dtype dtype;
  pool numbers, masks, integers;
  draw from;
} world;

static const char *const shapes[SOURCES] = {"n, 5", "5, n", "5", "n, 1", "", "n, 5", "1, 5"};

static void keep(world *w, pool *p, gm_node node) {
  if (p->count < MOST) p->nodes[p->count++] = node;
  ck_assert_msg(gm_graph_error(w->graph, &error) == GM_OK, "%s", error.message);
}

static gm_node pick(world *w, const pool *p) {
  int back = (int)draw_below(&w->from, 3) == 0 ? p->count : p->count < 4 ? p->count : 4;
  return p->nodes[p->count - 1 - (int)draw_below(&w->from, (uint64_t)back)];
}

/** A number of shape (n, 5) or one that broadcasts to it. */
static gm_node pick_number(world *w) {
  gm_node node = pick(w, &w->numbers);
  if (draw_below(&w->from, 6) == 0)
    node = apply1(w->graph, "transpose", apply1(w->graph, "transpose", node, NULL), NULL);
  return node;
}

static void add_sources(world *w) {
  for (int i = 0; i < SOURCES; i++) {
    char name[8];
    snprintf(name, sizeof name, "x%d", i);
    gm_node x = gm_placeholder(w->graph, name, w->dtype, shapes[i]);
    keep(w, &w->numbers, i == 1 ? apply1(w->graph, "transpose", x, NULL) : x);
  }
  gm_node i = gm_placeholder(w->graph, "i", GM_INT32, "n, 5");
  keep(w, &w->integers, i);
  keep(w, &w->masks, apply2(w->graph, "greater", w->numbers.nodes[0], w->numbers.nodes[2], NULL));
}

static gm_node apply3(gm_graph *graph, const char *op, gm_node x, gm_node y, gm_node z) {
  return gm_apply(graph, op, (gm_node[]){x, y, z}, 3, NULL);
}

static void grow(world *w) {
  static const char *const two[] = {"add", "subtract", "multiply", "divide", "maximum", "minimum"};
  static const char *const one[] = {"relu", "tanh", "exp", "negative", "abs", "square", "sigmoid", "sqrt"};
  static const char *const test[] = {"greater", "less", "equal"};
  static const char *const whole[] = {"add", "multiply", "subtract", "maximum"};
  gm_graph *g = w->graph;
  const char *dtype = gm_dtype_name(w->dtype);
  char cast[40];
  snprintf(cast, sizeof cast, "{dtype: %s}", dtype);
  switch (draw_below(&w->from, 10)) {
  case 0:
    keep(w, &w->masks, apply2(g, test[draw_below(&w->from, 3)], pick_number(w), pick_number(w), NULL));
    return;
  case 1:
    keep(w, &w->numbers, apply3(g, "where", pick(w, &w->masks), pick_number(w), pick_number(w)));
    return;
  case 2:
    keep(w, &w->integers,
        apply2(g, whole[draw_below(&w->from, 4)], pick(w, &w->integers), pick(w, &w->integers), NULL));
    return;
  case 3:
    keep(
        w, &w->numbers, apply1(g, "cast", pick(w, draw_below(&w->from, 2) ? &w->integers : &w->masks), cast));
    return;
  case 4:
  case 5:
  case 6: keep(w, &w->numbers, apply1(g, one[draw_below(&w->from, 8)], pick_number(w), NULL)); return;
  default:
    keep(w, &w->numbers, apply2(g, two[draw_below(&w->from, 6)], pick_number(w), pick_number(w), NULL));
    return;
  }
}

/** What hangs on the last ones: themselves, sums of them, slices, a product of them. */
static size_t add_outputs(world *w, gm_node *outputs) {
  gm_graph *g = w->graph;
  gm_node last = w->numbers.nodes[w->numbers.count - 1];
  gm_node full = apply2(g, "add", last, w->numbers.nodes[0], NULL);
  outputs[0] = full;
  outputs[1] = apply1(g, "sum", apply2(g, "multiply", full, full, NULL), "{axis: -1}");
  outputs[2] = apply1(g, "tanh", apply1(g, "transpose", apply1(g, "negative", full, NULL), NULL), NULL);
  outputs[3] = apply2(g, "add", gm_dot(g, apply1(g, "exp", full, NULL), apply1(g, "transpose", full, NULL)),
      apply1(g, "sum", full, "{axis: -1}"), NULL);
  outputs[4] = apply1(g, "max", apply1(g, "abs", full, NULL), "{axis: 0}");
  size_t count = 1 + draw_below(&w->from, 5);
  ck_assert_msg(gm_graph_error(g, &error) == GM_OK, "%s", error.message);
  return count;
}

/** Small numbers, among them zeros of both signs, NaN and infinities. */
static gm_tensor *values(draw *from, gm_dtype dtype, const gm_graph *graph, const char *name, int64_t n) {
  gm_node node = gm_node_named(graph, name);
  int rank = gm_node_rank(graph, node);
  int64_t dims[2];
  for (int a = 0; a < rank; a++) {
    int64_t dim = gm_node_dim(graph, node, a);
    dims[a] = dim < 0 ? n : dim;
  }
  cells made = cells_new(dtype, rank, dims);
  for (int64_t i = 0; i < made.count; i++) {
    static const double odd[] = {0.0, -0.0, INFINITY, -INFINITY, NAN};
    uint64_t kind = draw_below(from, 20);
    made.at[i].whole = (int64_t)draw_below(from, 9) - 4;
    made.at[i].re = kind < 5 ? odd[kind] : ((double)draw_below(from, 65) - 32) / 8;
  }
  gm_tensor *tensor = cells_tensor(&made);
  cells_free(&made);
  return tensor;
}

typedef struct trial {
  gm_plan *plan;
  gm_executor *executor;
} trial;

static trial run_without(
    const world *w, const gm_node *outputs, size_t count, const char *passes, gm_tensor *const *fed) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  trial t;
  options.without = passes;
  options.exact = true;
  t.plan = gm_plan_new(w->graph, outputs, count, &options, &error);
  ck_assert_msg(t.plan != NULL, "%s", error.message);
  t.executor = gm_executor_new(t.plan, &error);
  for (int i = 0; i <= SOURCES; i++) {
    char name[8];
    snprintf(name, sizeof name, i < SOURCES ? "x%d" : "i", i);
    feed(t.executor, name, fed[i]);
  }
  run(t.executor);
  return t;
}

static void ck_same_bits(uint64_t seed, gm_dtype dtype, int64_t n, int steps) {
  static const char *const without[] = {
      "fuse,epilogue,rows", "rows", "fuse", "epilogue", "in_place,order,memory", "views"};
  world w = {.graph = gm_graph_new(NULL, NULL), .dtype = dtype, .from = {seed}};
  gm_node outputs[5];
  gm_tensor *fed[SOURCES + 1];
  add_sources(&w);
  for (int i = 0; i < steps; i++) grow(&w);
  size_t count = add_outputs(&w, outputs);
  for (int i = 0; i <= SOURCES; i++) {
    char name[8];
    snprintf(name, sizeof name, i < SOURCES ? "x%d" : "i", i);
    fed[i] = values(&w.from, i < SOURCES ? dtype : GM_INT32, w.graph, name, n);
  }
  trial with = run_without(&w, outputs, count, NULL, fed);
  for (size_t i = 0; i < sizeof without / sizeof *without; i++) {
    trial other = run_without(&w, outputs, count, without[i], fed);
    for (size_t o = 0; o < count; o++)
      ck_assert_msg(
          tensors_agree(gm_executor_output(with.executor, o), gm_executor_output(other.executor, o)),
          "seed %llu, %s, n = %lld: output %zu without %s", (unsigned long long)seed, gm_dtype_name(dtype),
          (long long)n, o, without[i]);
    gm_executor_free(other.executor);
    gm_plan_free(other.plan);
  }
  for (int i = 0; i <= SOURCES; i++) gm_tensor_free(fed[i]);
  gm_executor_free(with.executor);
  gm_plan_free(with.plan);
  gm_graph_free(w.graph);
}

START_TEST(fused_steps_have_the_same_bits) {
  static const gm_dtype dtypes[] = {GM_FLOAT32, GM_FLOAT64, GM_FLOAT16, GM_BFLOAT16};
  static const int64_t lengths[] = {3, 1, 17, 70, 400, 5};
  for (uint64_t seed = 1; seed <= 600; seed++)
    ck_same_bits(seed, dtypes[seed % 4], seed % 50 ? lengths[seed % 6] : MANY, 2 + (int)(seed % 40));
}
END_TEST

/* ---- Plans ---- */

static const char sources[] = "gemmule: 1\n"
                              "placeholders:\n"
                              "  x: {shape: [40, 30]}\n"
                              "  y: {shape: [40, 30]}\n"
                              "  t: {shape: [30, 40]}\n"
                              "  b: {shape: [30]}\n"
                              "  c: {shape: [40, 1]}\n"
                              "  s: {shape: []}\n"
                              "  i: {shape: [40, 30], dtype: int8}\n"
                              "nodes:\n";

static char *text_of(const char *nodes, const char *without) {
  char text[2000];
  snprintf(text, sizeof text, "%s%s", sources, nodes);
  gm_graph *graph = gm_graph_parse(text, strlen(text), NULL, &error);
  ck_assert_msg(graph != NULL, "%s: %s", nodes, error.message);
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  options.without = without;
  options.kernel = "loops";
  options.exact = true;
  gm_plan *plan = gm_plan_new(graph, NULL, 0, &options, &error);
  ck_assert_msg(plan != NULL, "%s", error.message);
  char *out = plan_text(plan, NULL, 0);
  gm_plan_free(plan);
  gm_graph_free(graph);
  return out;
}

typedef struct row {
  const char *nodes, *steps;
} row;

static void ck_rows(const row *rows, size_t count) {
  for (size_t i = 0; i < count; i++) {
    char steps[1000], *text = text_of(rows[i].nodes, NULL);
    plan_steps(text, steps, sizeof steps);
    ck_assert_msg(strcmp(steps, rows[i].steps) == 0, "%s\n  has   %s\n  wants %s\n%s", rows[i].nodes, steps,
        rows[i].steps, text);
    free(text);
  }
}
#define CK_ROWS(...)                                                                                         \
  static const row rows[] = {__VA_ARGS__};                                                                   \
  ck_rows(rows, sizeof rows / sizeof *rows)
#define R(expression) "  r: " expression "\noutputs: [r]\n"

START_TEST(chains_and_trees_become_one_map) {
  CK_ROWS({R("{tanh: {exp: {negative: x}}}"), "map negative exp tanh"},
      {R("{relu: {add: [{multiply: [x, s]}, b]}}"), "map multiply add relu"},
      {R("{add: [{exp: x}, {tanh: y}]}"), "map exp tanh add"},
      {R("{multiply: [{add: [x, b]}, {subtract: [x, c]}]}"), "map add subtract multiply"},
      {"  a: {add: [x, y]}\n  r: {multiply: [{relu: a}, {tanh: a}]}\noutputs: [r]\n",
          "map add relu tanh multiply"});
}
END_TEST

START_TEST(views_between_maps_are_walked_through) {
  CK_ROWS({R("{tanh: {transpose: {exp: x}}}"), "map exp tanh"},
      {R("{add: [{transpose: {exp: t}}, x]}"), "map exp add"},
      {R("{relu: {reshape: {add: [x, b]}, shape: [1200]}}"), "map add relu"},
      {R("{relu: {reshape: {add: [x, b]}, shape: [8, 5, 30]}}"), "map add relu"},
      {R("{tanh: {index: {exp: x}, at: '3:20, ::2'}}"), "map exp tanh"});
}
END_TEST

START_TEST(what_would_be_computed_twice_is_not_fused) {
  CK_ROWS({R("{add: [x, {exp: b}]}"), "map exp; map add"},
      {R("{multiply: [x, {add: [s, s]}]}"), "map add; map multiply"},
      {"  a: {exp: x}\n  r: {tanh: a}\noutputs: [a, r]\n", "map exp; map tanh"},
      {"  a: {exp: x}\n  p: {sum: a}\n  r: {tanh: a}\noutputs: [p, r]\n",
          "map exp; reduce sum over 1200; map tanh"},
      {"  a: {exp: {dot: [x, t]}}\n  r: {add: [a, {transpose: a}]}\noutputs: [r]\n",
          "gemm m=40 n=40 k=30 then exp; map add"});
}
END_TEST

START_TEST(dtypes_may_differ_within_a_map) {
  CK_ROWS({R("{multiply: [{cast: i, dtype: float32}, x]}"), "map cast multiply"},
      {R("{where: [{greater: [x, y]}, x, {negative: y}]}"), "map greater negative cast select"});
}
END_TEST

START_TEST(what_alone_reads_a_product_is_done_with_it) {
  CK_ROWS({R("{relu: {add: [{dot: [x, t]}, c]}}"), "gemm m=40 n=40 k=30 then add relu"},
      {R("{add: [{tanh: {dot: [x, t]}}, {dot: [y, t]}]}"),
          "gemm m=40 n=40 k=30; gemm m=40 n=40 k=30 then tanh add"},
      {R("{tanh: {transpose: {dot: [x, t]}}}"), "gemm m=40 n=40 k=30; map tanh"},
      {"  a: {dot: [x, t]}\n  r: {tanh: a}\noutputs: [a, r]\n", "gemm m=40 n=40 k=30; map tanh"});
}
END_TEST

#define MAX "{max: x, axis: -1, keepdims: true}"
#define MEAN(x) "{mean: " x ", axis: -1, keepdims: true}"

START_TEST(steps_over_the_same_rows_run_by_blocks) {
  CK_ROWS({"  e: {exp: {subtract: [x, " MAX "]}}\n  r: {divide: [e, {sum: e, axis: -1, keepdims: true}]}\n"
           "outputs: [r]\n",
              "rows 40 rows by 40: reduce max over 30; map subtract exp; reduce sum over 30; map divide"},
      {R("{sum: {square: x}, axis: -1}"), "rows 40 rows by 40: map square; reduce sum over 30"},
      {R("{divide: [x, {sqrt: {sum: {square: x}, axis: -1, keepdims: true}}]}"),
          "rows 40 rows by 40: map square; reduce sum over 30; map sqrt; map divide"},
      {"  d: {subtract: [x, " MEAN("x") "]}\n"
                                        "  r: {divide: [d, {sqrt: {add: [" MEAN(
                                            "{square: d}") ", 1]}}]}\noutputs: [r]\n",
          "rows 40 rows by 40: reduce mean over 30; map subtract; map square; reduce mean over 30; map add "
          "sqrt; "
          "map divide"},
      {R("{sum: {square: x}, axis: 0}"), "map square; reduce sum over 40"},
      {R("{sum: {square: x}}"), "map square; reduce sum over 1200"});
}
END_TEST

static gm_executor *run_of(gm_plan *plan, const gm_tensor *fed) {
  gm_executor *executor = gm_executor_new(plan, &error);
  feed(executor, "h", fed);
  run(executor);
  run(executor);
  gm_plan_free(plan);
  return executor;
}

static void ck_blocks(gm_graph *graph, const gm_node *outputs, size_t count, const gm_tensor *fed) {
  gm_executor *with = run_of(plan_of(graph, outputs, count), fed);
  gm_executor *without = run_of(plan_without(graph, outputs, count, "rows,fuse"), fed);
  for (size_t o = 0; o < count; o++)
    ck_assert_msg(tensors_agree(gm_executor_output(with, o), gm_executor_output(without, o)),
        "output %zu of %zu of %lld elements", o, count, (long long)gm_tensor_count(fed));
  gm_executor_free(with);
  gm_executor_free(without);
}

/** Normalisations written out. */
static void ck_blocks_of(int rank, const int64_t *dims, const char *shape) {
  gm_graph *g = gm_graph_new(NULL, NULL);
  gm_node x = gm_random_normal_variable(g, "x", GM_FLOAT32, shape, 0, 2, 7);
  gm_node h = apply1(g, "negative", gm_placeholder(g, "h", GM_FLOAT32, shape), NULL);
  gm_node y = apply2(g, "add", apply1(g, "relu", h, NULL), x, NULL);
  gm_node most = apply1(g, "max", y, "{axis: -1, keepdims: true}");
  gm_node e = apply1(g, "exp", apply2(g, "subtract", y, most, NULL), NULL);
  gm_node softmax = apply2(g, "divide", e, apply1(g, "sum", e, "{axis: -1, keepdims: true}"), NULL);
  gm_node mean = apply1(g, "mean", softmax, "{axis: -1, keepdims: true}");
  gm_node outputs[] = {apply2(g, "subtract", softmax, mean, NULL), apply1(g, "sum", e, "{axis: -1}"), y};
  gm_tensor *fed = ramp_like(-3, rank, dims);
  for (size_t count = 1; count <= 3; count++) ck_blocks(g, outputs, count, fed);
  gm_tensor_free(fed);
  gm_graph_free(g);
}

/* Rows narrower and wider than a block is. */
START_TEST(blocks_of_rows_have_the_same_bits) {
  ck_blocks_of(2, (int64_t[]){3, 7}, "3, 7");
  ck_blocks_of(2, (int64_t[]){1000, 100}, "1000, 100");
  ck_blocks_of(2, (int64_t[]){37, 5000}, "37, 5000");
  ck_blocks_of(2, (int64_t[]){5, 9000}, "5, 9000");
  ck_blocks_of(2, (int64_t[]){2, 70000}, "2, 70000");
  ck_blocks_of(4, (int64_t[]){3, 5, 90, 11}, "3, 5, 90, 11");
}
END_TEST

START_TEST(long_chains_are_cut_at_the_limits) {
  char nodes[4000] = "  r: ", *text;
  for (int i = 0; i < 40; i++) strcat(nodes, "{tanh: ");
  strcat(nodes, "x");
  for (int i = 0; i < 40; i++) strcat(nodes, "}");
  strcat(nodes, "\noutputs: [r]\n");
  text = text_of(nodes, NULL);
  ck_assert_ptr_nonnull(strstr(text, "   1  map "));
  ck_assert_ptr_null(strstr(text, "   2  map "));
  free(text);
}
END_TEST

START_TEST(the_plan_says_what_was_fused) {
  char *with = text_of(R("{relu: {add: [{dot: [x, t]}, c]}}"), NULL);
  ck_assert_ptr_nonnull(strstr(with, "  fuse: add, r -> one map ("));
  ck_assert_ptr_nonnull(strstr(with, "  epilogue: dot, r -> one product, then add relu ("));
  free(with);
  char *off = text_of(R("{relu: {add: [{dot: [x, t]}, c]}}"), "fuse,epilogue"), steps[200];
  plan_steps(off, steps, sizeof steps);
  ck_assert_str_eq(steps, "gemm m=40 n=40 k=30; map add; map relu");
  ck_assert_ptr_null(strstr(off, "fuse:"));
  free(off);
}
END_TEST

SUITE(fuse) {
  CASE(fused_steps_have_the_same_bits);
  CASE(chains_and_trees_become_one_map);
  CASE(views_between_maps_are_walked_through);
  CASE(what_would_be_computed_twice_is_not_fused);
  CASE(dtypes_may_differ_within_a_map);
  CASE(what_alone_reads_a_product_is_done_with_it);
  CASE(steps_over_the_same_rows_run_by_blocks);
  CASE(blocks_of_rows_have_the_same_bits);
  CASE(long_chains_are_cut_at_the_limits);
  CASE(the_plan_says_what_was_fused);
}
