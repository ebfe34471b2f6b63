/* SPDX-License-Identifier: MIT
 *
 * Parts pushed inward: what a part of each operation costs then, where it must not be pushed, and that a part
 * of an expression is that part of its value, bit for bit on small whole numbers. */
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
                              "  T: {shape: [3, n, n]}\n"
                              "  x: {shape: [n]}\n"
                              "  c: {shape: [n, 1]}\n"
                              "  i: {shape: [n], dtype: int32}\n"
                              "nodes:\n"
                              "  ab: {dot: [A, B]}\n"
                              "  aa: {exp: A}\n"
                              "  y: ";

static gm_graph *graph_of(const char *node, const char *outputs) {
  char text[2000];
  snprintf(text, sizeof text, "%s%s\noutputs: %s\n", sources, node, outputs);
  gm_graph *graph = gm_graph_parse(text, strlen(text), NULL, &error);
  ck_assert_msg(graph != NULL, "%s: %s", node, error.message);
  return graph;
}

static double flops_of(const char *node, const char *outputs, const char *without, bool exact) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  gm_plan_size sizes = {.struct_size = sizeof sizes};
  options.without = without;
  options.exact = exact;
  gm_graph *graph = graph_of(node, outputs);
  gm_plan *plan = gm_plan_new(graph, NULL, 0, &options, &error);
  ck_assert_msg(plan != NULL, "%s", error.message);
  ck_assert_msg(gm_plan_sizes(plan, "n=100", &sizes, &error) == GM_OK, "%s", error.message);
  gm_plan_free(plan);
  gm_graph_free(graph);
  return sizes.flops;
}

/* ---- What parts cost ---- */

/** flops: of a plan for n = 100. */
typedef struct row {
  const char *node;
  double flops;
} row;

static const row rows[] = {
    {"{index: ab, at: '2, 2'}", 2 * 100},
    {"{index: ab, at: ':, 2'}", 2 * 100 * 100},
    {"{index: ab, at: '-1'}", 2 * 100 * 100},
    {"{index: ab, at: '::50, 10:20'}", 2 * 2 * 10 * 100},
    {"{index: ab, at: 'None, 5, ..., 3'}", 2 * 100},
    {"{index: {index: ab, at: '5'}, at: '3'}", 2 * 100},
    {"{index: {transpose: ab}, at: '5, 2:4'}", 2 * 2 * 100},
    {"{index: {matmul: [A, B]}, at: '0, 0'}", 2 * 100},
    {"{index: {matmul: [T, B]}, at: '1, :, 0'}", 2 * 100 * 100},
    {"{index: {matmul: [A, T]}, at: '1, 0'}", 2 * 100 * 100},
    {"{index: {matmul: [T, x]}, at: '1, 5'}", 2 * 100},
    {"{index: {dot: [T, B]}, at: '1, 0, 0'}", 2 * 100},
    {"{index: {dot: [A, T]}, at: '7, 1, 0'}", 2 * 100},
    {"{index: {batch_dot: [T, T], axes: [2, 1]}, at: '1, 5, 6'}", 2 * 100},
    {"{index: {batch_dot: [T, T], axes: [1, 2]}, at: ':, 5, 6'}", 3 * 2 * 100},
    {"{index: aa, at: '5:7, ::-1'}", 2 * 100},
    {"{index: {add: [{exp: x}, aa]}, at: '4, 3'}", 3},
    {"{index: {add: [{exp: c}, aa]}, at: ':, 3'}", 300},
    {"{index: {add: [{exp: c}, {exp: x}]}, at: '3, :2'}", 1 + 2 + 2},
    {"{index: {where: [{greater: [x, 0]}, aa, A]}, at: '3, :2'}", 2 + 2 + 2},
    {"{index: {sum: aa, axis: 1}, at: '3'}", 200},
    {"{index: {max: aa, axis: 0, keepdims: true}, at: '0, 3'}", 200},
    {"{index: {argmax: aa, axis: 0}, at: '3'}", 200},
    {"{index: {softmax: aa}, at: '3'}", 200},
    {"{index: {cumsum: aa, axis: 1}, at: '3'}", 200},
    {"{index: {concatenate: [aa, {tanh: A}], axis: 0}, at: '3'}", 100},
    {"{index: {concatenate: [aa, {tanh: A}], axis: 0}, at: '103, 1'}", 1},
    {"{index: {concatenate: [aa, {tanh: A}], axis: 0}, at: '99:101, 1'}", 2},
    {"{index: {stack: [aa, {tanh: A}], axis: 1}, at: '3, 1, 2'}", 1},
    {"{index: {reshape: aa, shape: [n, n, 1]}, at: '3'}", 100},
    {"{index: {expand_dims: aa, axis: 1}, at: '3, 0, 2'}", 1},
    {"{index: {expand_dims: {expand_dims: aa, axis: 0}, axis: 2}, at: '0, 3, 0, 2'}", 1},
    {"{index: {repeat: aa, n: 4}, at: '3, 2, 1'}", 1},
    {"{index: {repeat_elements: aa, rep: 4, axis: 0}, at: ':, 1'}", 100},
    {"{index: {tile: aa, n: [2, 1]}, at: ':, 1'}", 100},
    {"{index: {reverse: aa, axes: 0}, at: ':, 1'}", 100},
    {"{index: {gather: [aa, i]}, at: '3, 1'}", 100},
    {"{sum: {index: {multiply: [ab, aa]}, at: ':, 0'}}", 2 * 100 * 100 + 100 + 100 + 100},
};

START_TEST(a_part_costs_its_part) {
  for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
    double flops = flops_of(rows[r].node, "[y]", NULL, false);
    ck_assert_msg(flops == rows[r].flops, "%s: %g flops, not %g", rows[r].node, flops, rows[r].flops);
    ck_assert_double_gt(flops_of(rows[r].node, "[y]", "slice", false), flops);
  }
}
END_TEST

START_TEST(what_is_needed_whole_is_not_computed_in_parts) {
  const double whole = 2e6;
  ck_assert_double_eq(flops_of("{index: ab, at: '2, 2'}", "[y, ab]", NULL, false), whole);
  ck_assert_double_eq(flops_of("{index: {relu: ab}, at: '2, 2'}", "[y, ab]", NULL, false), whole + 1);
}
END_TEST

START_TEST(several_parts_are_computed_apart_where_that_is_less) {
  ck_assert_double_eq(
      flops_of("{stack: [{index: ab, at: '1, 2'}, {index: ab, at: '3, 4'}, {index: ab, at: '1, 2'}]}", "[y]",
          NULL, false),
      2 * 2 * 100);
  ck_assert_double_eq(
      flops_of("{add: [{index: ab, at: ':99'}, {index: ab, at: '1:'}]}", "[y]", NULL, false), 2e6 + 99 * 100);
}
END_TEST

START_TEST(sums_are_whole_where_results_are_exact) {
  ck_assert_double_eq(flops_of("{index: ab, at: '2, 2'}", "[y]", NULL, true), 2e6);
  ck_assert_double_eq(flops_of("{index: {sum: aa, axis: 1}, at: '3'}", "[y]", NULL, true), 2e4);
  ck_assert_double_eq(flops_of("{index: aa, at: '3, 3'}", "[y]", NULL, true), 1);
  ck_assert_double_eq(flops_of("{index: {argmax: aa, axis: 0}, at: '3'}", "[y]", NULL, true), 200);
  ck_assert_double_eq(flops_of("{index: ab, at: '2, 2'}", "[y]", "slice_product", false), 2e6);
}
END_TEST

START_TEST(the_plan_tells_the_part_and_its_cost) {
  gm_graph *graph = graph_of("{index: ab, at: '2, 1:4'}", "[y]");
  gm_plan *plan = plan_of(graph, (gm_node[]){gm_node_named(graph, "y")}, 1);
  char *text = plan_text(plan, "n=10", 0);
  ck_assert_ptr_nonnull(strstr(text, "slice_product: ab -> ab[2:3, 1:4] (a part of a product is a product of "
                                     "parts; flops 2000 -> 60; may round)\n"));
  free(text);
  gm_plan_free(plan);
  gm_graph_free(graph);
}
END_TEST

/* ---- The values ---- */

enum { LEAVES = 3, STEPS = 6, SIDE = 5 };

static gm_tensor *whole_numbers(draw *from) {
  gm_tensor *made = gm_tensor_new(GM_INT32, 2, (int64_t[]){SIDE, SIDE}, NULL);
  for (int i = 0; i < SIDE * SIDE; i++) ((int32_t *)gm_tensor_data(made))[i] = (int)draw_below(from, 7) - 3;
  return made;
}

/** Square matrices all the way, so that anything goes with anything. */
static gm_node grow(gm_graph *graph, draw *from, gm_node *nodes, int count) {
  gm_node x = nodes[draw_below(from, count)], y = nodes[draw_below(from, count)];
  switch (draw_below(from, 10)) {
  case 0: return gm_dot(graph, x, y);
  case 1: return apply2(graph, "matmul", x, y, NULL);
  case 2: return apply2(graph, "add", x, y, NULL);
  case 3: return apply2(graph, "subtract", x, apply1(graph, "sum", y, "{axis: 1, keepdims: true}"), NULL);
  case 4: return apply1(graph, "transpose", x, NULL);
  case 5: return apply2(graph, "maximum", x, apply1(graph, "max", y, "{axis: 0}"), NULL);
  case 6: return apply1(graph, "index", apply2(graph, "concatenate", x, y, "{axis: 0}"), "{at: '2:7'}");
  case 7: return apply1(graph, "index", apply2(graph, "stack", x, y, "{axis: 1}"), "{at: ':, 1'}");
  case 8: return apply1(graph, "reverse", x, "{axes: 0}");
  default: return apply1(graph, "index", x, "{at: '::-1, ::-1'}");
  }
}

static void random_item(draw *from, char *out, size_t size) {
  int a = (int)draw_below(from, SIDE), b = (int)draw_below(from, SIDE + 1);
  switch (draw_below(from, 6)) {
  case 0: snprintf(out, size, "%d", a); break;
  case 1: snprintf(out, size, "-%d", a + 1); break;
  case 2: snprintf(out, size, "%d:%d", a, b); break;
  case 3: snprintf(out, size, "%d::-%d", a, 1 + b % 3); break;
  case 4: snprintf(out, size, "::%d", 1 + b); break;
  default: snprintf(out, size, ":");
  }
}

static void ck_random(uint64_t seed) {
  draw from = {seed};
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node nodes[LEAVES + STEPS], outputs[3];
  const char *const names[] = {"a", "b", "c"};
  gm_tensor *fed[LEAVES];
  char items[2][24], at[80];
  for (int i = 0; i < LEAVES; i++) {
    fed[i] = whole_numbers(&from);
    nodes[i] = gm_placeholder(graph, names[i], GM_INT32, seed % 2 ? "n, n" : "5, 5");
  }
  for (int i = 0; i < STEPS; i++) nodes[LEAVES + i] = grow(graph, &from, nodes, LEAVES + i);
  int count = 1 + (int)draw_below(&from, 3);
  for (int i = 0; i < count; i++) {
    random_item(&from, items[0], sizeof items[0]);
    random_item(&from, items[1], sizeof items[1]);
    snprintf(at, sizeof at, "{at: '%s, %s%s'}", items[0], draw_below(&from, 3) ? "" : "None, ", items[1]);
    outputs[i] = apply1(graph, "index", nodes[LEAVES + STEPS - 1 - (int)draw_below(&from, 2)], at);
  }
  gm_plan *plans[2] = {
      plan_of(graph, outputs, (size_t)count), plan_without(graph, outputs, (size_t)count, every_pass())};
  gm_executor *e[2] = {gm_executor_new(plans[0], NULL), gm_executor_new(plans[1], NULL)};
  for (int p = 0; p < 2; p++) {
    for (int i = 0; i < LEAVES; i++) feed(e[p], names[i], fed[i]);
    run(e[p]);
  }
  for (int i = 0; i < count; i++) {
    ck_assert_msg(tensors_agree(gm_executor_output(e[0], (size_t)i), gm_executor_output(e[1], (size_t)i)),
        "seed %d, %s", (int)seed, at);
  }
  for (int p = 0; p < 2; p++) {
    gm_executor_free(e[p]);
    gm_plan_free(plans[p]);
  }
  for (int i = 0; i < LEAVES; i++) gm_tensor_free(fed[i]);
  gm_graph_free(graph);
}

START_TEST(a_part_of_a_random_expression_is_that_part_of_its_value) {
  for (uint64_t seed = 1; seed <= 3000; seed++) ck_random(seed);
}
END_TEST

/** Nothing recurses, and a part goes all the way in one walk. */
START_TEST(a_part_of_a_deep_chain_goes_all_the_way) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "100, 100");
  for (int i = 0; i < 2000; i++) x = apply1(graph, i % 2 ? "tanh" : "transpose", x, NULL);
  x = apply1(graph, "index", x, "{at: '7, 8'}");
  gm_plan *plan = plan_of(graph, &x, 1);
  gm_plan_size sizes = {.struct_size = sizeof sizes};
  ck_assert_int_eq(gm_plan_sizes(plan, NULL, &sizes, &error), GM_OK);
  ck_assert_double_eq(sizes.flops, 1000);
  gm_plan_free(plan);
  gm_graph_free(graph);
}
END_TEST

SUITE(slice) {
  CASE(a_part_costs_its_part);
  CASE(what_is_needed_whole_is_not_computed_in_parts);
  CASE(several_parts_are_computed_apart_where_that_is_less);
  CASE(sums_are_whole_where_results_are_exact);
  CASE(the_plan_tells_the_part_and_its_cost);
  CASE(a_part_of_a_random_expression_is_that_part_of_its_value);
  CASE(a_part_of_a_deep_chain_goes_all_the_way);
}
