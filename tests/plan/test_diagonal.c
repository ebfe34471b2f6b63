/* SPDX-License-Identifier: MIT
 *
 * Diagonals, however they are written: what they cost, where more than they is needed, and that they have the
 * same values, bit for bit on small whole numbers, as those of the whole. */
#include "support/suite.h"

#include <stdio.h>
#include <string.h>
#include "support/build.h"
#include "support/cells.h"

static gm_error error;

static const char sources[] = "gemmule: 1\n"
                              "placeholders:\n"
                              "  A: {shape: [n, n]}\n"
                              "  B: {shape: [n, n]}\n"
                              "  P: {shape: [n, k]}\n"
                              "  Q: {shape: [k, m]}\n"
                              "  H: {shape: [n, n], dtype: float16}\n"
                              "  T: {shape: [3, n, n]}\n"
                              "  x: {shape: [n]}\n"
                              "  c: {shape: [n, 1]}\n"
                              "nodes:\n"
                              "  ab: {dot: [A, B]}\n"
                              "  pq: {dot: [P, Q]}\n"
                              "  I: {eye: [], size: 100}\n"
                              "  y: ";

static gm_plan *planned(const char *node, const char *outputs, const gm_plan_options *options) {
  char text[2000];
  snprintf(text, sizeof text, "%s%s\noutputs: %s\n", sources, node, outputs);
  gm_graph *graph = gm_graph_parse(text, strlen(text), NULL, &error);
  ck_assert_msg(graph != NULL, "%s: %s", node, error.message);
  gm_plan *plan = gm_plan_new(graph, NULL, 0, options, &error);
  ck_assert_msg(plan != NULL, "%s: %s", node, error.message);
  gm_graph_free(graph);
  return plan;
}

static gm_plan_size sizes_of(const char *node, const char *outputs, const gm_plan_options *options) {
  gm_plan *plan = planned(node, outputs, options);
  gm_plan_size sizes = {.struct_size = sizeof sizes};
  ck_assert_msg(
      gm_plan_sizes(plan, "n=100, k=10, m=60", &sizes, &error) == GM_OK, "%s: %s", node, error.message);
  gm_plan_free(plan);
  return sizes;
}

static double flops_of(const char *node, const char *outputs, const char *without, bool exact) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  options.without = without;
  options.exact = exact;
  return sizes_of(node, outputs, &options).flops;
}

/* ---- What they cost ---- */

typedef struct row {
  const char *node;
  double flops;
} row;

/** The inner products of rows and columns. */
#define AB (2.0 * 100 * 100)

static const row rows[] = {
    {"{diag_part: ab}", AB},
    {"{diag_part: {matmul: [A, B]}}", AB},
    {"{diag_part: {transpose: ab}}", AB},
    {"{diag_part: {dot: [{transpose: A}, B]}}", AB},
    {"{diag_part: {relu: ab}}", AB + 100},
    {"{diag_part: {multiply: [ab, 3]}}", AB + 100},
    {"{diag_part: {add: [ab, x]}}", AB + 100},
    {"{diag_part: {add: [c, ab]}}", AB + 100},
    {"{diag_part: {subtract: [ab, {transpose: c}]}}", AB + 100},
    {"{diag_part: {add: [ab, {exp: B}]}}", AB + 200},
    {"{diag_part: {assume: ab, structure: symmetric}}", AB},
    {"{diag_part: {exp: {add: [c, x]}}}", 200},
    {"{diag_part: {exp: T}}", 300},
    {"{diag_part: {exp: {permute_dimensions: T, pattern: [0, 2, 1]}}}", 300},
    {"{diag_part: pq}", 2 * 60 * 10},
    {"{diag_part: {relu: {transpose: pq}}}", 2 * 60 * 10 + 60},
    {"{sum: {multiply: [ab, I]}, axis: 1}", AB},
    {"{sum: {multiply: [I, ab]}, axis: 0}", AB},
    {"{sum: {multiply: [I, ab]}, axis: 1, keepdims: true}", AB},
    {"{sum: {multiply: [ab, I]}}", AB + 100},
    {"{sum: {multiply: [ab, I]}, axis: [0, 1], keepdims: true}", AB + 100},
    {"{sum: {multiply: [{multiply: [{relu: ab}, 2]}, I]}, axis: -1}", AB + 200},
    {"{sum: {multiply: [{assume: A, structure: diagonal}, ab]}, axis: 0}", AB + 100},
    {"{sum: {assume: A, structure: diagonal}, axis: 1}", 0},
    {"{sum: {transpose: {assume: ab, structure: diagonal}}}", AB + 100},
    {"{sum: {multiply: [{exp: T}, I]}, axis: -1}", 300},
    {"{sum: {multiply: [{exp: T}, I]}, axis: [0, 2]}", 600},
    {"{sum: {multiply: [{exp: T}, I]}, axis: [0, 1, 2], keepdims: true}", 600},
};
enum { ROWS = sizeof rows / sizeof *rows };

START_TEST(a_diagonal_costs_its_entries) {
  for (int r = 0; r < ROWS; r++) {
    double flops = flops_of(rows[r].node, "[y]", NULL, false);
    ck_assert_msg(flops == rows[r].flops, "%s: %g flops, not %g", rows[r].node, flops, rows[r].flops);
    ck_assert_double_gt(flops_of(rows[r].node, "[y]", "diagonal", false), flops);
  }
}
END_TEST

START_TEST(a_part_of_a_diagonal_is_the_diagonal_of_a_part) {
  ck_assert_double_eq(flops_of("{index: {diag_part: {exp: A}}, at: '3:5'}", "[y]", "diagonal", false), 4);
  ck_assert_double_eq(flops_of("{index: {diag_part: {exp: A}}, at: '3:5'}", "[y]", NULL, false), 2);
  ck_assert_double_eq(flops_of("{index: {diag_part: ab}, at: '3'}", "[y]", NULL, false), 2 * 100);
}
END_TEST

START_TEST(nothing_as_large_as_the_product_is_kept) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  ck_assert_uint_le(sizes_of("{diag_part: ab}", "[y]", &options).workspace, 34000);
  ck_assert_uint_le(
      sizes_of("{sum: {multiply: [{relu: ab}, I]}, axis: 1}", "[y]", &options).workspace, 34000);
}
END_TEST

/* ---- Where it must not be ---- */

START_TEST(what_is_needed_whole_is_computed) {
  ck_assert_double_eq(flops_of("{diag_part: ab}", "[y, ab]", NULL, false), 2e6);
  ck_assert_double_eq(flops_of("{diag_part: {relu: ab}}", "[y, ab]", NULL, false), 2e6 + 100);
  ck_assert_double_eq(
      flops_of("{add: [{diag_part: ab}, {sum: ab, axis: 0}]}", "[y]", "chain", false), 2e6 + 1e4 + 100);
  ck_assert_double_eq(flops_of("{diag_part: {dot: [H, H]}}", "[y]", NULL, false), 2e6);
}
END_TEST

START_TEST(where_results_are_exact_the_product_is_computed) {
  ck_assert_double_eq(flops_of("{diag_part: ab}", "[y]", NULL, true), 2e6);
  ck_assert_double_eq(flops_of("{sum: {multiply: [ab, I]}, axis: 1}", "[y]", NULL, true), 2e6 + 1e4 + 1e4);
}
END_TEST

/** Sums over other axes, of other forms, and maxima. */
START_TEST(other_sums_stay) {
  static const char *const nodes[] = {"{sum: {exp: A}, axis: 1}", "{sum: {multiply: [{exp: T}, I]}, axis: 0}",
      "{max: {multiply: [A, I]}, axis: 1}", "{mean: {multiply: [A, I]}, axis: 1}",
      "{sum: {assume: A, structure: tridiagonal}, axis: 1}", "{sum: {add: [A, I]}, axis: 1}"};
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++) {
    gm_plan *plan = planned(nodes[i], "[y]", &options);
    char *text = plan_text(plan, "n=100", 0);
    ck_assert_msg(strstr(text, "  diagonal: ") == NULL, "%s", text);
    free(text);
    gm_plan_free(plan);
  }
}
END_TEST

START_TEST(a_structure_that_is_checked_is_still_read) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  options.check_structure = true;
  gm_plan *plan = planned("{diag_part: {assume: A, structure: diagonal}}", "[y]", &options);
  gm_executor *e = gm_executor_new(plan, &error);
  gm_tensor *fed = gm_tensor_parse("[[1, 0], [5, 1]]", GM_FLOAT32, &error);
  feed(e, "A", fed);
  ck_assert_int_ne(gm_executor_run(e, &error), GM_OK);
  gm_tensor_free(fed);
  gm_executor_free(e);
  gm_plan_free(plan);
}
END_TEST

START_TEST(the_plan_tells_it_and_its_cost) {
  static const char *const says[] = {"y -> the diagonal of multiply", "flops 10000 -> 0; may round)\n",
      "multiply -> the diagonal of multiply", "flops 10000 -> 0; may round)\n", "ab -> the diagonal of ab",
      "flops 2000000 -> 20000; may round)\n"};
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  gm_plan *plan = planned("{sum: {multiply: [ab, I]}, axis: 1}", "[y]", &options);
  char *text = plan_text(plan, "n=100", 0);
  for (int i = 0; i < 6; i += 2) {
    char line[300];
    snprintf(line, sizeof line, "  diagonal: %s (the diagonal of A·B is the sums of the rows of A ∘ Bᵀ; %s",
        says[i], says[i + 1]);
    ck_assert_msg(strstr(text, line) != NULL, "no %s in %s", line, text);
  }
  free(text);
  gm_plan_free(plan);
}
END_TEST

/* ---- The values ---- */

enum { LEAVES = 6, STEPS = 5, SQUARES = 2, SIDE = 5 };

static const char *const names[] = {"a", "b", "p", "q", "v", "c"};
static const int64_t shapes[][2] = {{5, 5}, {5, 5}, {5, 3}, {3, 7}, {5, 0}, {5, 1}};
static const char *const texts[] = {"n, n", "n, n", "n, k", "k, m", "n", "n, 1"};

static gm_tensor *whole_numbers(draw *from, int leaf) {
  gm_tensor *made = gm_tensor_new(GM_INT32, shapes[leaf][1] ? 2 : 1, shapes[leaf], NULL);
  for (int64_t i = 0; i < gm_tensor_count(made); i++)
    ((int32_t *)gm_tensor_data(made))[i] = (int)draw_below(from, 7) - 3;
  return made;
}

/** Square matrices from square matrices. */
static gm_node grow(gm_graph *g, draw *from, const gm_node *leaves, const gm_node *nodes, int count) {
  gm_node x = nodes[draw_below(from, count)], y = nodes[draw_below(from, count)];
  switch (draw_below(from, 9)) {
  case 0: return gm_dot(g, x, y);
  case 1: return apply2(g, "matmul", x, apply1(g, "transpose", y, NULL), NULL);
  case 2: return apply2(g, "add", x, y, NULL);
  case 3: return apply2(g, "multiply", x, leaves[4], NULL);
  case 4: return apply2(g, "subtract", leaves[5], x, NULL);
  case 5: return apply2(g, "maximum", x, apply1(g, "transpose", leaves[5], NULL), NULL);
  case 6: return apply1(g, "transpose", x, NULL);
  case 7: return apply2(g, "multiply", x, gm_number(g, 2), NULL);
  default: return gm_dot(g, apply1(g, "transpose", x, NULL), y);
  }
}

static gm_node take(gm_graph *g, draw *from, const gm_node *leaves, gm_node x) {
  static const char *const sums[] = {"{axis: 0}", "{axis: 1}", NULL, "{axis: -1, keepdims: true}",
      "{axis: 0, keepdims: true}", "{keepdims: true}"};
  const char *attributes = sums[draw_below(from, 6)];
  gm_node pq = gm_dot(g, leaves[2], leaves[3]), eye = gm_apply(g, "eye", NULL, 0, "{size: 5, dtype: int32}");
  switch (draw_below(from, 5)) {
  case 0: return apply1(g, "sum", apply2(g, "multiply", eye, x, NULL), attributes);
  case 1: return apply1(g, "sum", apply1(g, "assume", x, "{structure: diagonal}"), attributes);
  case 2: return apply1(g, "diag_part", draw_below(from, 2) ? pq : apply1(g, "transpose", pq, NULL), NULL);
  case 3: return apply1(g, "diag_part", apply2(g, "stack", x, x, "{axis: 0}"), NULL);
  default: return apply1(g, "diag_part", x, NULL);
  }
}

static void ck_random(uint64_t seed) {
  draw from = {seed};
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node leaves[LEAVES], nodes[SQUARES + STEPS], outputs[2];
  gm_tensor *fed[LEAVES];
  for (int i = 0; i < LEAVES; i++) {
    char text[24];
    fed[i] = whole_numbers(&from, i);
    snprintf(text, sizeof text, shapes[i][1] ? "%d, %d" : "%d", (int)shapes[i][0], (int)shapes[i][1]);
    leaves[i] = gm_placeholder(graph, names[i], GM_INT32, seed % 2 ? texts[i] : text);
  }
  memcpy(nodes, leaves, SQUARES * sizeof *nodes);
  for (int i = 0; i < STEPS; i++) nodes[SQUARES + i] = grow(graph, &from, leaves, nodes, SQUARES + i);
  size_t count = 1 + draw_below(&from, 2);
  for (size_t i = 0; i < count; i++)
    outputs[i] = take(graph, &from, leaves, nodes[SQUARES + STEPS - 1 - (int)draw_below(&from, 2)]);
  gm_plan *plans[2] = {plan_of(graph, outputs, count), plan_without(graph, outputs, count, every_pass())};
  gm_executor *e[2] = {gm_executor_new(plans[0], NULL), gm_executor_new(plans[1], NULL)};
  for (int p = 0; p < 2; p++) {
    for (int i = 0; i < LEAVES; i++) gm_executor_feed(e[p], names[i], fed[i], NULL);
    run(e[p]);
  }
  for (size_t i = 0; i < count; i++)
    ck_assert_msg(
        tensors_agree(gm_executor_output(e[0], i), gm_executor_output(e[1], i)), "seed %d", (int)seed);
  for (int p = 0; p < 2; p++) {
    gm_executor_free(e[p]);
    gm_plan_free(plans[p]);
  }
  for (int i = 0; i < LEAVES; i++) gm_tensor_free(fed[i]);
  gm_graph_free(graph);
}

START_TEST(diagonals_of_random_expressions_are_those_of_their_values) {
  for (uint64_t seed = 1; seed <= 3000; seed++) ck_random(seed);
}
END_TEST

/** Nothing recurses, and one walk goes all the way. */
START_TEST(a_diagonal_of_a_deep_chain_goes_all_the_way) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "100, 100");
  for (int i = 0; i < 2000; i++) x = apply1(graph, i % 2 ? "tanh" : "transpose", x, NULL);
  x = apply1(graph, "diag_part", x, NULL);
  gm_plan *plan = plan_of(graph, &x, 1);
  gm_plan_size sizes = {.struct_size = sizeof sizes};
  ck_assert_int_eq(gm_plan_sizes(plan, NULL, &sizes, &error), GM_OK);
  ck_assert_double_eq(sizes.flops, 1000 * 100);
  gm_plan_free(plan);
  gm_graph_free(graph);
}
END_TEST

SUITE(diagonal) {
  CASE(a_diagonal_costs_its_entries);
  CASE(a_part_of_a_diagonal_is_the_diagonal_of_a_part);
  CASE(nothing_as_large_as_the_product_is_kept);
  CASE(what_is_needed_whole_is_computed);
  CASE(where_results_are_exact_the_product_is_computed);
  CASE(other_sums_stay);
  CASE(a_structure_that_is_checked_is_still_read);
  CASE(the_plan_tells_it_and_its_cost);
  CASE(diagonals_of_random_expressions_are_those_of_their_values);
  CASE(a_diagonal_of_a_deep_chain_goes_all_the_way);
}
