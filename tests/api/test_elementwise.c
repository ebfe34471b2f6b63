/* SPDX-License-Identifier: MIT
 *
 * What the elementwise operations refuse, and when, and which dtype a number takes that stands as an input.
 */
#include <gemmule/gemmule.h>
#include <string.h>
#include "support/suite.h"

typedef struct bed {
  gm_graph *graph;
  gm_node x, y, whole, truth;
} bed;

static bed made(void) {
  bed b = {.graph = gm_graph_new(NULL, NULL)};
  b.x = gm_placeholder(b.graph, "x", GM_FLOAT32, "2, 3");
  b.y = gm_placeholder(b.graph, "y", GM_FLOAT32, "n, 3");
  b.whole = gm_placeholder(b.graph, "whole", GM_INT32, "3");
  b.truth = gm_placeholder(b.graph, "truth", GM_BOOL, "2, 3");
  return b;
}

static gm_node pair(const bed *b, const char *op, gm_node x, gm_node y) {
  return gm_apply(b->graph, op, (gm_node[]){x, y}, 2, NULL);
}

static gm_node choice(const bed *b, const char *op, gm_node condition, gm_node x, gm_node y) {
  return gm_apply(b->graph, op, (gm_node[]){condition, x, y}, 3, NULL);
}

static void refused(const bed *b, gm_node node, gm_status status, const char *part) {
  gm_error error = {0};
  ck_assert_uint_eq(node.id, 0);
  gm_graph_error(b->graph, &error);
  ck_assert_msg(error.status == status, "%s", error.message);
  ck_assert_msg(strstr(error.message, part) != NULL, "%s", error.message);
  gm_graph_clear_error(b->graph);
}

START_TEST(numbers_take_the_dtype_of_the_other_operand) {
  bed b = made();
  gm_node zero = gm_integer(b.graph, 0), half = gm_number(b.graph, 0.5);
  ck_assert_int_eq(gm_node_dtype(b.graph, pair(&b, "maximum", b.whole, zero)), GM_INT32);
  ck_assert_int_eq(gm_node_dtype(b.graph, pair(&b, "maximum", zero, b.x)), GM_FLOAT32);
  ck_assert_int_eq(gm_node_dtype(b.graph, pair(&b, "greater", b.x, half)), GM_BOOL);
  refused(&b, pair(&b, "maximum", b.whole, half), GM_BAD_ARGUMENT, "the number 0.5 cannot be held by int32");
  gm_graph_free(b.graph);
}
END_TEST

START_TEST(a_condition_does_not_decide_the_dtype_of_numbers) {
  bed b = made();
  gm_node zero = gm_integer(b.graph, 0), half = gm_number(b.graph, 0.5);
  ck_assert_int_eq(gm_node_dtype(b.graph, choice(&b, "where", b.truth, b.x, half)), GM_FLOAT32);
  ck_assert_int_eq(gm_node_dtype(b.graph, choice(&b, "where", b.truth, zero, b.whole)), GM_INT32);
  ck_assert_int_eq(gm_node_dtype(b.graph, choice(&b, "where", half, b.whole, zero)), GM_INT32);
  ck_assert_int_eq(gm_node_dtype(b.graph, choice(&b, "where", b.truth, half, zero)), GM_FLOAT32);
  ck_assert_int_eq(gm_node_dtype(b.graph, choice(&b, "where", b.whole, b.truth, zero)), GM_BOOL);
  ck_assert_int_eq(gm_node_dtype(b.graph, choice(&b, "switch", zero, b.x, half)), GM_FLOAT32);
  refused(&b, choice(&b, "where", b.truth, b.whole, half), GM_BAD_ARGUMENT, "0.5 cannot be held by int32");
  gm_graph_free(b.graph);
}
END_TEST

START_TEST(values_of_a_choice_share_a_dtype) {
  bed b = made();
  refused(
      &b, choice(&b, "where", b.truth, b.x, b.whole), GM_BAD_DTYPE, "'x' is float32 and 'whole' is int32");
  refused(
      &b, choice(&b, "switch", b.truth, b.whole, b.x), GM_BAD_DTYPE, "'whole' is int32 and 'x' is float32");
  gm_graph_free(b.graph);
}
END_TEST

START_TEST(a_condition_of_switch_has_no_more_axes_than_the_values) {
  bed b = made();
  refused(&b, choice(&b, "switch", b.truth, b.whole, b.whole), GM_BAD_SHAPE, "'truth' (2, 3) has more than");
  gm_node deep = gm_placeholder(b.graph, "deep", GM_FLOAT32, "2, 3, k");
  char shape[64];
  gm_node_shape_text(b.graph, choice(&b, "switch", b.truth, deep, deep), shape, sizeof shape);
  ck_assert_str_eq(shape, "(2, 3, k)");
  gm_graph_free(b.graph);
}
END_TEST

START_TEST(attributes_must_fit_integers) {
  bed b = made();
  refused(&b, gm_apply(b.graph, "clip", &b.whole, 1, "{min_value: -1.5}"), GM_BAD_ARGUMENT, "-1.5");
  refused(
      &b, gm_apply(b.graph, "clip", &b.whole, 1, "{max_value: inf}"), GM_BAD_ARGUMENT, "'max_value' is inf");
  refused(&b, gm_apply(b.graph, "pow", &b.whole, 1, "{a: 0.5}"), GM_BAD_ARGUMENT, "0.5");
  refused(&b, gm_apply(b.graph, "pow", &b.whole, 1, "{a: -1}"), GM_BAD_ARGUMENT, "'a' is -1");
  refused(&b, gm_apply(b.graph, "pow", &b.whole, 1, NULL), GM_BAD_ARGUMENT, "'a'");
  refused(&b, gm_apply(b.graph, "sqrt", &b.whole, 1, NULL), GM_BAD_DTYPE, "{cast: whole, dtype: float32}");
  refused(&b, gm_apply(b.graph, "abs", &b.truth, 1, NULL), GM_BAD_DTYPE, "'truth' is bool");
  refused(&b, gm_apply(b.graph, "gelu", &b.x, 1, "{approximate: 2}"), GM_BAD_ARGUMENT, "approximate");
  gm_graph_free(b.graph);
}
END_TEST

static gm_status power_of(const char *base, const char *exponent, char *text, size_t size, gm_error *error) {
  gm_graph *graph = gm_graph_new(NULL, error);
  gm_tensor *x = gm_tensor_parse(base, GM_INT32, error), *y = gm_tensor_parse(exponent, GM_INT32, error);
  gm_node inputs[] = {gm_constant(graph, "x", x), gm_constant(graph, "y", y)};
  gm_tensor *value = NULL;
  gm_status status = gm_eval(graph, gm_apply(graph, "power", inputs, 2, NULL), &value, error);
  if (value) gm_tensor_text(value, text, size);
  gm_tensor_free(value);
  gm_tensor_free(y);
  gm_tensor_free(x);
  gm_graph_free(graph);
  return status;
}

START_TEST(a_negative_power_of_integers_fails_the_run) {
  gm_error error = {0};
  char text[64] = "";
  ck_assert_int_eq(power_of("[2, 3]", "[1, -7]", text, sizeof text, &error), GM_BAD_ARGUMENT);
  ck_assert_msg(strstr(error.message, "-7") != NULL, "%s", error.message);
  ck_assert_int_eq(power_of("[2, -3, 46341, 2]", "[31, 3, 2, 32]", text, sizeof text, &error), GM_OK);
  ck_assert_str_eq(text, "[-2147483648         -27 -2147479015           0]");
}
END_TEST

SUITE(elementwise) {
  CASE(numbers_take_the_dtype_of_the_other_operand);
  CASE(a_condition_does_not_decide_the_dtype_of_numbers);
  CASE(values_of_a_choice_share_a_dtype);
  CASE(a_condition_of_switch_has_no_more_axes_than_the_values);
  CASE(attributes_must_fit_integers);
  CASE(a_negative_power_of_integers_fails_the_run);
}
