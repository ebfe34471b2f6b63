/* SPDX-License-Identifier: MIT
 *
 * Each pass over the graph: where its laws apply and say so in the plan, where they must not, and that what
 * is computed stays the same, bit for bit where the pass says that it is exact. A row is a node in YAML. */
#include "support/suite.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "support/build.h"

static gm_error error;

/** The sources of every row: floats, integers, complex numbers, constants. */
static const char sources[] = "gemmule: 1\n"
                              "placeholders:\n"
                              "  x: {shape: [n, 3]}\n"
                              "  s: {shape: [3, 3]}\n"
                              "  r: {shape: []}\n"
                              "  i: {shape: [n], dtype: int32}\n"
                              "  z: {shape: [n], dtype: complex64}\n"
                              "variables:\n"
                              "  v: {value: [1, 2, 3]}\n"
                              "constants:\n"
                              "  c: [[1, 2, 3], [4, 5, 6]]\n"
                              "  d: [[1, -2], [0.5, 8], [-1, 1]]\n"
                              "  ones: [1, 1, 1]\n"
                              "  one: 1\n"
                              "  zeros: [0, 0, 0]\n"
                              "  minus_zeros: [-0.0, -0.0, -0.0]\n"
                              "  far: {value: [7], dtype: int32}\n"
                              "nodes:\n"
                              "  y: ";

static gm_graph *graph_of(const char *node) {
  char text[2000];
  snprintf(text, sizeof text, "%s%s\noutputs: [y]\n", sources, node);
  gm_graph *graph = gm_graph_parse(text, strlen(text), NULL, &error);
  ck_assert_msg(graph != NULL, "%s: %s", node, error.message);
  return graph;
}

static gm_plan *planned(const gm_graph *graph, const char *without, bool exact) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  options.without = without;
  options.exact = exact;
  gm_plan *plan = gm_plan_new(graph, NULL, 0, &options, &error);
  ck_assert_msg(plan != NULL, "%s", error.message);
  return plan;
}

/** What the plan of a node says for n = 4. */
static char *text_of(const char *node, const char *without, bool exact) {
  gm_graph *graph = graph_of(node);
  gm_plan *plan = planned(graph, without, exact);
  char *text =
      plan_text(plan, strstr(node, "x") || strstr(node, "i,") || strstr(node, "z") ? "n=4" : NULL, 0);
  gm_plan_free(plan);
  gm_graph_free(graph);
  return text;
}

/* ---- The same values ---- */

static void feed_one(gm_executor *e, const char *name, gm_tensor **made, gm_dtype dtype, const char *text) {
  *made = gm_tensor_parse(text, dtype, &error);
  ck_assert_msg(*made != NULL, "%s", error.message);
  feed(e, name, *made);
}

/** The value on feeds that hold NaN, infinities and zeros of both signs. */
static gm_tensor *value_of(const char *node, const char *without, bool exact) {
  gm_graph *graph = graph_of(node);
  gm_plan *plan = planned(graph, without, exact);
  gm_executor *e = gm_executor_new(plan, NULL);
  gm_tensor *fed[5], *value = NULL;
  feed_one(e, "x", &fed[0], GM_FLOAT32, "[[1, -0.0, 0], [nan, inf, -inf], [-2.5, 3, 1e-40], [7, -7, 0.5]]");
  feed_one(e, "s", &fed[1], GM_FLOAT32, "[[1, 2, -3], [-0.0, 5, 6], [7, 8, 0]]");
  feed_one(e, "r", &fed[2], GM_FLOAT32, "-0.0");
  feed_one(e, "i", &fed[3], GM_INT32, "[1, -2147483648, 0, 5]");
  fed[4] = gm_tensor_new(GM_COMPLEX64, 1, (int64_t[]){4}, NULL);
  ((float *)gm_tensor_data(fed[4]))[3] = 1.0f / 0.0f;
  feed(e, "z", fed[4]);
  run(e);
  const gm_tensor *output = gm_executor_output(e, 0);
  value = gm_tensor_new(gm_tensor_dtype(output), gm_tensor_rank(output), gm_tensor_dims(output), NULL);
  memcpy(gm_tensor_data(value), gm_tensor_cdata(output),
      (size_t)gm_tensor_count(output) * gm_dtype_size(gm_tensor_dtype(output)));
  for (int i = 0; i < 5; i++) gm_tensor_free(fed[i]);
  gm_executor_free(e);
  gm_plan_free(plan);
  gm_graph_free(graph);
  return value;
}

static void ck_same_value(const char *node, bool exact) {
  gm_tensor *with = value_of(node, NULL, exact), *without = value_of(node, every_pass(), exact);
  ck_assert_msg(tensors_agree(with, without), "%s", node);
  gm_tensor_free(with);
  gm_tensor_free(without);
}

/* ---- Rows ---- */

typedef struct row {
  const char *node, *says; /* a line of the log, or a part of it */
} row;

/** The pass says so under `exact` too, says nothing when it is switched off, and the value is the same. */
static void ck_applies(const row *rows, size_t count, const char *pass) {
  for (size_t i = 0; i < count; i++) {
    char *with = text_of(rows[i].node, NULL, true), *without = text_of(rows[i].node, pass, true), line[40];
    ck_assert_msg(strstr(with, rows[i].says) != NULL, "%s: no '%s' in\n%s", rows[i].node, rows[i].says, with);
    snprintf(line, sizeof line, "  %s: ", pass);
    ck_assert_msg(strstr(without, line) == NULL, "%s: '%s' in\n%s", rows[i].node, line, without);
    free(with);
    free(without);
    ck_same_value(rows[i].node, true);
  }
}

static void ck_never(const char *const *nodes, size_t count, const char *pass, bool exact) {
  for (size_t i = 0; i < count; i++) {
    char *text = text_of(nodes[i], NULL, exact), line[40];
    snprintf(line, sizeof line, "  %s: ", pass);
    ck_assert_msg(strstr(text, line) == NULL, "%s: '%s' in\n%s", nodes[i], line, text);
    free(text);
    ck_same_value(nodes[i], exact);
  }
}
#define COUNT(list) (sizeof(list) / sizeof *(list))

/* ---- identity ---- */

START_TEST(what_changes_nothing_is_left_out) {
  static const row rows[] = {
      {"{tanh: {negative: {negative: x}}}", "identity: negative_1 -> x "},
      {"{tanh: {multiply: [x, 1]}}", "identity: multiply -> x "},
      {"{tanh: {multiply: [1, x]}}", "identity: multiply -> x "},
      {"{tanh: {multiply: [x, ones]}}", "identity: multiply -> x "},
      {"{tanh: {multiply: [{ones_like: x}, x]}}", "identity: multiply -> x "},
      {"{tanh: {divide: [x, 1]}}", "identity: divide -> x "},
      {"{tanh: {subtract: [x, 0]}}", "identity: subtract -> x "},
      {"{tanh: {subtract: [x, zeros]}}", "identity: subtract -> x "},
      {"{square: {add: [i, 0]}}", "identity: add -> i "},
      {"{square: {add: [0, i]}}", "identity: add -> i "},
      {"{tanh: {maximum: [x, x]}}", "identity: maximum -> x "},
      {"{tanh: {minimum: [x, x]}}", "identity: minimum -> x "},
      {"{tanh: {abs: {abs: x}}}", "identity: abs_1 -> abs "},
      {"{tanh: {round: {round: x}}}", "identity: round_1 -> round "},
      {"{abs: {negative: {negative: i}}}", "identity: negative_1 -> i "},
      {"{tanh: {clip: {clip: x, min_value: 0, max_value: 1}, min_value: 0, max_value: 1}}",
          "identity: clip_1 -> clip "},
      {"{tanh: {cast: x, dtype: float32}}", "identity: cast -> x "},
      {"{tanh: {identity: x}}", "identity: identity -> x "},
      {"{tanh: {reshape: x, shape: [n, 3]}}", "identity: reshape -> x "},
      {"{tanh: {tile: x, n: [1, 1]}}", "identity: tile -> x "},
      {"{tanh: {repeat_elements: x, rep: 1, axis: 0}}", "identity: repeat_elements -> x "},
      {"{tanh: {concatenate: [x]}}", "identity: concatenate -> x "},
      {"{tanh: {reverse: {reverse: x, axes: 0}, axes: 0}}", "identity: reverse_1 -> x "},
      {"{tanh: {multiply: [x, {subtract: [3, 2]}]}}", "identity: multiply -> x "},
  };
  ck_applies(rows, COUNT(rows), "identity");
}
END_TEST

START_TEST(what_changes_something_stays) {
  static const char *const nodes[] = {
      "{tanh: {multiply: [x, 2]}}",
      "{tanh: {divide: [1, x]}}",
      "{tanh: {subtract: [0, x]}}",
      "{tanh: {subtract: [x, minus_zeros]}}",
      "{tanh: {subtract: [minus_zeros, x]}}",
      "{tanh: {multiply: [r, ones]}}",
      "{tanh: {maximum: [x, ones]}}",
      "{abs: {multiply: [z, 1]}}",
      "{tanh: {negative: {abs: {negative: x}}}}",
      "{tanh: {negative: {round: x}}}",
      "{tanh: {clip: {clip: x, min_value: 0, max_value: 1}, min_value: 0, max_value: 2}}",
      "{tanh: {cast: {cast: x, dtype: int32}, dtype: float32}}",
      "{tanh: {transpose: s}}",
      "{tanh: {reverse: s, axes: 0}}",
      "{tanh: {reverse: {reverse: x, axes: 0}, axes: 1}}",
      "{tanh: {concatenate: [x, x], axis: 0}}",
      "{tanh: {exp: {exp: x}}}",
      "{tanh: {relu: {relu: x}}}",
  };
  ck_never(nodes, COUNT(nodes) - 1, "identity", true);
  ck_same_value(nodes[COUNT(nodes) - 1], true);
}
END_TEST

/* ---- plus_zero ---- */

START_TEST(adding_zero_is_left_out_but_not_under_exact) {
  static const char *const nodes[] = {"{tanh: {add: [x, 0]}}", "{tanh: {add: [0, x]}}",
      "{tanh: {add: [zeros, x]}}", "{tanh: {add: [x, minus_zeros]}}", "{tanh: {add: [x, {zeros_like: x}]}}"};
  for (size_t i = 0; i < COUNT(nodes); i++) {
    char *text = text_of(nodes[i], NULL, false);
    ck_assert_msg(strstr(text, "plus_zero: add -> x ") && strstr(text, "; may round)"), "%s", text);
    free(text);
  }
  ck_never(nodes, COUNT(nodes), "plus_zero", true);
}
END_TEST

static float first_of(const char *node, bool exact) {
  gm_tensor *value = value_of(node, NULL, exact);
  float first = *(const float *)gm_tensor_cdata(value);
  gm_tensor_free(value);
  return first;
}

START_TEST(only_the_sign_of_a_zero_differs) {
  ck_assert_float_eq(1 / first_of("{add: [r, 0]}", true), INFINITY);
  ck_assert_float_eq(1 / first_of("{add: [r, 0]}", false), -INFINITY);
}
END_TEST

START_TEST(a_sum_that_is_larger_than_its_operand_stays) {
  static const char *const nodes[] = {"{tanh: {add: [r, zeros]}}", "{tanh: {add: [x, 1]}}"};
  ck_never(nodes, COUNT(nodes), "plus_zero", false);
}
END_TEST

/* ---- views ---- */

START_TEST(views_of_views_are_one) {
  static const row rows[] = {
      {"{tanh: {transpose: {transpose: s}}}", "views: transpose_1 -> s "},
      {"{tanh: {transpose: {permute_dimensions: x, pattern: [1, 0]}}}", "views: transpose -> x "},
      {"{tanh: {permute_dimensions: x, pattern: [0, 1]}}", "views: permute_dimensions -> x "},
      {"{tanh: {transpose: {permute_dimensions: {expand_dims: x}, pattern: [1, 0, 2]}}}",
          "views: transpose of permute_dimensions -> expand_dims "},
      {"{tanh: {reshape: {reshape: {transpose: x}, shape: [-1]}, shape: [3, n]}}",
          "views: reshape_1 of reshape -> transpose "},
      {"{tanh: {flatten: {expand_dims: x, axis: 0}}}", "views: flatten of expand_dims -> x "},
      {"{dot: [{transpose: x}, x]}", "views: transpose -> a view of x "},
      {"{tanh: {index: x, at: '1:, ::-1'}}", "views: index -> a view of x "},
  };
  ck_applies(rows, COUNT(rows), "views");
}
END_TEST

START_TEST(a_reshape_that_is_undone_copies_nothing) {
  const char *node = "{tanh: {reshape: {reshape: {transpose: x}, shape: [-1]}, shape: [3, n]}}";
  char *with = text_of(node, NULL, false), *without = text_of(node, "views", false);
  ck_assert_ptr_null(strstr(with, "  copy  "));
  ck_assert_ptr_nonnull(strstr(without, "  copy  "));
  free(with);
  free(without);
}
END_TEST

START_TEST(equal_orders_of_axes_are_shared) {
  char *text = text_of(
      "{add: [{tanh: {transpose: s}}, {tanh: {permute_dimensions: s, pattern: [1, 0]}}]}", NULL, false);
  ck_assert_ptr_nonnull(strstr(text, "views: "));
  free(text);
  ck_same_value("{add: [{tanh: {transpose: s}}, {tanh: {permute_dimensions: s, pattern: [1, 0]}}]}", true);
}
END_TEST

START_TEST(an_identity_of_a_reshape_keeps_its_shape) {
  gm_tensor *value = value_of("{identity: {reshape: {exp: s}, shape: [9, 1]}}", "identity", false);
  ck_assert_int_eq(gm_tensor_dims(value)[0], 9);
  gm_tensor_free(value);
}
END_TEST

START_TEST(reshapes_to_different_shapes_are_not_shared) {
  ck_same_value(
      "{dot: [{expand_dims: {expand_dims: r, axis: 0}, axis: 0}, {expand_dims: r, axis: 0}]}", true);
}
END_TEST

/** The sum over a transposed matrix has the same bits whether it is read in place or copied first. */
START_TEST(reductions_have_the_same_bits_over_any_strides) {
  static const char *const ops[] = {"sum", "mean", "prod", "var", "logsumexp", "softmax", "l2_normalize",
      "layer_normalization", "rms_normalization", "cumsum", "max", "argmax"};
  static const char *const attributes[] = {"", ", axis: 0", ", axis: -1", ", axis: [0, 1]", ", axis: [0, 2]"};
  gm_tensor *x = gm_tensor_new(GM_FLOAT32, 3, (int64_t[]){67, 43, 29}, NULL);
  ck_assert_int_eq(gm_tensor_random_uniform(x, 0.5, 1.5, 3, NULL), GM_OK);
  int compared = 0;
  for (size_t o = 0; o < COUNT(ops); o++) {
    for (size_t a = 0; a < COUNT(attributes); a++) {
      char text[300];
      snprintf(text, sizeof text,
          "{gemmule: 1, placeholders: {x: {shape: [67, 43, 29]}}, outputs: [y], nodes: {y: {%s: {index: "
          "{permute_dimensions: x, pattern: [2, 0, 1]}, at: '::2, 1:'}%s}}}",
          ops[o], attributes[a]);
      gm_graph *graph = gm_graph_parse(text, strlen(text), NULL, NULL);
      if (!graph) continue;
      gm_plan *plans[] = {planned(graph, NULL, true), planned(graph, "views", true)};
      gm_executor *e[] = {gm_executor_new(plans[0], NULL), gm_executor_new(plans[1], NULL)};
      for (int i = 0; i < 2; i++) {
        feed(e[i], "x", x);
        run(e[i]);
      }
      ck_assert_msg(tensors_agree(gm_executor_output(e[0], 0), gm_executor_output(e[1], 0)), "%s", text);
      for (int i = 0; i < 2; i++) {
        gm_executor_free(e[i]);
        gm_plan_free(plans[i]);
      }
      gm_graph_free(graph);
      compared++;
    }
  }
  gm_tensor_free(x);
  ck_assert_int_ge(compared, 45);
}
END_TEST

/* ---- fold ---- */

START_TEST(constants_are_computed_once) {
  static const row rows[] = {
      {"{tanh: {dot: [{multiply: [c, 2]}, d]}}", "fold: y -> a constant "},
      {"{add: [r, {dot: [c, d]}]}", "fold: dot -> a constant "},
      {"{add: [r, {transpose: {exp: d}}]}", "fold: exp -> a constant "},
      {"{dot: [x, {add: [{eye: [], size: 3}, ones]}]}", "fold: add -> a constant "},
      {"{cast: {sum: c}, dtype: int32}", "fold: y -> a constant "},
      {"{add: [x, {sum: {concatenate: [ones, zeros]}}]}", "fold: sum -> a constant "},
  };
  ck_applies(rows, COUNT(rows), "fold");
}
END_TEST

START_TEST(what_is_known_only_in_a_run_is_not_folded) {
  static const char *const nodes[] = {
      "{tanh: {multiply: [v, 2]}}",
      "{tanh: {multiply: [r, 2]}}",
      "{add: [s, {zeros_like: s}]}",
      "{eye: [], size: 3}",
      "{arange: [], start: 5}",
      "{dot: [x, {eye: [], size: 3}]}",
      "{dot: [x, d]}",
      "{dot: [x, {transpose: c}]}",
  };
  ck_never(nodes, COUNT(nodes), "fold", true);
}
END_TEST

START_TEST(only_what_is_read_is_kept) {
  char *text = text_of("{add: [r, {sum: {exp: {transpose: {exp: c}}}}]}", NULL, false);
  ck_assert_ptr_nonnull(strstr(text, "fold: sum -> "));
  ck_assert_ptr_null(strstr(text, "fold: exp"));
  free(text);
}
END_TEST

/** u · v for constants u (rows, 1) and v (1, columns), added to x. */
static char *outer_text(int64_t rows, int64_t columns, int64_t inner) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_tensor *u = gm_tensor_new(GM_FLOAT32, 2, (int64_t[]){rows, inner}, NULL);
  gm_tensor *v = gm_tensor_new(GM_FLOAT32, 2, (int64_t[]){inner, columns}, NULL);
  gm_node product = gm_dot(graph, gm_constant(graph, "u", u), gm_constant(graph, "v", v));
  gm_node y = apply2(graph, "add", gm_placeholder(graph, "x", GM_FLOAT32, ""), product, NULL);
  gm_plan *plan = plan_of(graph, &y, 1);
  char *text = plan_text(plan, NULL, 0);
  gm_plan_free(plan);
  gm_graph_free(graph);
  gm_tensor_free(u);
  gm_tensor_free(v);
  return text;
}

START_TEST(folding_makes_nothing_bigger_than_64_kib) {
  static const struct {
    int64_t rows, columns, inner;
    bool folds;
  } cases[] = {{128, 128, 1, true}, {128, 129, 1, false}, {200, 200, 100, true}, {200, 200, 99, false},
      {600, 600, 600, false}};
  for (size_t i = 0; i < COUNT(cases); i++) {
    char *text = outer_text(cases[i].rows, cases[i].columns, cases[i].inner);
    ck_assert_msg((strstr(text, "fold: dot -> ") != NULL) == cases[i].folds, "case %zu:\n%s", i, text);
    free(text);
  }
}
END_TEST

START_TEST(what_fails_is_left_to_fail_in_the_run) {
  gm_graph *graph = graph_of("{add: [r, {sum: {gather: [d, far]}}]}");
  gm_plan *plan = planned(graph, NULL, false);
  gm_executor *e = gm_executor_new(plan, NULL);
  gm_tensor *r = ramp0(1);
  feed(e, "r", r);
  ck_assert_int_eq(gm_executor_run(e, &error), GM_BAD_ARGUMENT);
  ck_assert_ptr_nonnull(strstr(error.message, "7"));
  ck_assert_str_eq(error.node, "gather");
  gm_executor_free(e);
  gm_plan_free(plan);
  gm_tensor_free(r);
  gm_graph_free(graph);
}
END_TEST

START_TEST(folded_outputs_are_the_callers_own) {
  gm_graph *graph = graph_of("{exp: c}");
  gm_plan *plan = planned(graph, NULL, false);
  gm_executor *e = gm_executor_new(plan, NULL), *other = gm_executor_new(plan, NULL);
  run(e);
  run(other);
  ck_assert_ptr_ne(gm_tensor_cdata(gm_executor_output(e, 0)), gm_tensor_cdata(gm_executor_output(other, 0)));
  gm_plan_free(plan);
  gm_graph_free(graph);
  run(e);
  ck_assert(tensors_agree(gm_executor_output(e, 0), gm_executor_output(other, 0)));
  gm_executor_free(e);
  gm_executor_free(other);
}
END_TEST

/* ---- share ---- */

START_TEST(equal_operations_are_shared) {
  static const row rows[] = {
      {"{dot: [{tanh: s}, {tanh: s}]}", "share: tanh_1 -> tanh "},
      {"{dot: [{add: [s, x]}, {exp: {add: [x, s]}}]}", "share: add_1 -> add "},
      {"{dot: [{multiply: [s, 2]}, {exp: {multiply: [2, s]}}]}", "share: multiply_1 -> multiply "},
      {"{add: [{sum: s, axis: [0, 1]}, {exp: {sum: s, axis: [0, 1]}}]}", "share: sum_1 -> sum "},
  };
  ck_applies(rows, 1, "share");
  ck_applies(rows + 2, 2, "share");
}
END_TEST

START_TEST(different_operations_are_not_shared) {
  static const char *const nodes[] = {
      "{add: [{subtract: [s, v]}, {subtract: [v, s]}]}",
      "{add: [{sum: s, axis: 0}, {sum: s, axis: 1}]}",
      "{add: [{multiply: [s, 2]}, {multiply: [s, 3]}]}",
      "{add: [{clip: s, min_value: 0}, {clip: s, max_value: 0}]}",
  };
  ck_never(nodes, COUNT(nodes), "share", true);
}
END_TEST

/* ---- prune, in_place, and the switches ---- */

START_TEST(without_prune_everything_is_computed) {
  const char *node = "{tanh: {negative: {negative: x}}}";
  char *with = text_of(node, NULL, false), *without = text_of(node, "prune,fuse", false);
  ck_assert_ptr_nonnull(strstr(with, "prune: 2 nodes without readers -> not computed"));
  ck_assert_ptr_null(strstr(with, "  map   negative"));
  ck_assert_ptr_nonnull(strstr(without, "  map   negative"));
  free(with);
  free(without);
}
END_TEST

START_TEST(a_pass_that_is_off_logs_nothing) {
  const char *node = "{add: [{tanh: {dot: [{transpose: x}, {exp: {negative: {negative: x}}}]}}, {sum: c}]}";
  for (size_t i = 0; gm_pass_name(i); i++) {
    char *text = text_of(node, gm_pass_name(i), false), line[40];
    snprintf(line, sizeof line, "\n  %s: ", gm_pass_name(i));
    ck_assert_msg(strstr(text, line) == NULL, "without %s:\n%s", gm_pass_name(i), text);
    free(text);
  }
  char *none = text_of(node, every_pass(), false);
  ck_assert_ptr_null(strstr(none, "rewrites:"));
  free(none);
}
END_TEST

START_TEST(rounds_find_what_other_passes_leave) {
  char *text = text_of("{add: [{tanh: {multiply: [x, {subtract: [{sum: ones}, 2]}]}}, {tanh: {negative: "
                       "{negative: x}}}]}",
      NULL, false);
  ck_assert_ptr_nonnull(strstr(text, "identity: multiply -> x "));
  ck_assert_ptr_nonnull(strstr(text, "share: tanh_1 -> tanh "));
  free(text);
}
END_TEST

START_TEST(exact_products_are_made_by_repeatable_kernels) {
  char *exact = text_of("{dot: [x, s]}", NULL, true);
  ck_assert_ptr_null(strstr(exact, "openblas"));
  free(exact);
}
END_TEST

SUITE(passes) {
  CASE(what_changes_nothing_is_left_out);
  CASE(what_changes_something_stays);
  CASE(adding_zero_is_left_out_but_not_under_exact);
  CASE(only_the_sign_of_a_zero_differs);
  CASE(a_sum_that_is_larger_than_its_operand_stays);
  CASE(views_of_views_are_one);
  CASE(a_reshape_that_is_undone_copies_nothing);
  CASE(equal_orders_of_axes_are_shared);
  CASE(an_identity_of_a_reshape_keeps_its_shape);
  CASE(reshapes_to_different_shapes_are_not_shared);
  CASE(reductions_have_the_same_bits_over_any_strides);
  CASE(constants_are_computed_once);
  CASE(what_is_known_only_in_a_run_is_not_folded);
  CASE(only_what_is_read_is_kept);
  CASE(folding_makes_nothing_bigger_than_64_kib);
  CASE(what_fails_is_left_to_fail_in_the_run);
  CASE(folded_outputs_are_the_callers_own);
  CASE(equal_operations_are_shared);
  CASE(different_operations_are_not_shared);
  CASE(without_prune_everything_is_computed);
  CASE(a_pass_that_is_off_logs_nothing);
  CASE(rounds_find_what_other_passes_leave);
  CASE(exact_products_are_made_by_repeatable_kernels);
}
