/* SPDX-License-Identifier: MIT
 *
 * Choosing, repeating and batches: what is said when it goes wrong, the lengths of slices of unknown axes,
 * and views with odd strides as operands of products. */
#include "support/build.h"
#include "support/suite.h"

#include <stdio.h>
#include <string.h>

static gm_graph *graph;

static void begin(void) {
  graph = gm_graph_new(NULL, NULL);
}

static void end(void) {
  gm_graph_free(graph);
}

static gm_node input(const char *name, gm_dtype dtype, const char *shape) {
  return gm_placeholder(graph, name, dtype, shape);
}

static void refused(gm_node node, gm_status status, const char *message) {
  gm_error error = {0};
  ck_assert_uint_eq(node.id, 0);
  gm_graph_error(graph, &error);
  ck_assert_str_eq(error.message, message);
  ck_assert_int_eq(error.status, status);
  gm_graph_clear_error(graph);
}

static void has_shape(gm_node node, const char *shape) {
  char text[200];
  gm_node_shape_text(graph, node, text, sizeof text);
  ck_assert_str_eq(text, shape);
}

static gm_tensor *integers(int64_t count, const int32_t *values) {
  gm_tensor *made = gm_tensor_new(GM_INT32, 1, &count, NULL);
  memcpy(gm_tensor_data(made), values, (size_t)count * sizeof *values);
  return made;
}

/* ---- gather, one_hot ---- */

START_TEST(an_index_outside_is_named_and_never_read) {
  gm_error error = {0};
  gm_node node = apply2(graph, "gather", input("x", GM_FLOAT32, "4, 2"), input("i", GM_INT32, "k"), NULL);
  gm_tensor *x = ramp2(0, 4, 2), *high = integers(3, (int32_t[]){0, 3, 4}),
            *low = integers(1, (int32_t[]){-1});
  gm_executor *executor = executor_of(graph, &node, 1);
  feed(executor, "x", x);
  feed(executor, "i", high);
  ck_assert_int_eq(gm_executor_run(executor, &error), GM_BAD_ARGUMENT);
  ck_assert_str_eq(error.message, "gather: index 4, element 2 of the indices, is not in [0, 4)");
  ck_assert_str_eq(error.node, "gather");
  feed(executor, "i", low);
  ck_assert_int_eq(gm_executor_run(executor, &error), GM_BAD_ARGUMENT);
  ck_assert_str_eq(error.message, "gather: index -1, element 0 of the indices, is not in [0, 4)");
  gm_executor_free(executor);
  gm_tensor_free(x), gm_tensor_free(high), gm_tensor_free(low);
}
END_TEST

START_TEST(indices_are_integers) {
  gm_node x = input("x", GM_FLOAT32, "4, 2");
  refused(apply2(graph, "gather", x, x, NULL), GM_BAD_DTYPE,
      "gather: the indices 'x' are float32, but must be int16, int32 or int64: cast them, {cast: x, dtype: "
      "int32}");
  refused(apply1(graph, "one_hot", x, "{num_classes: 2}"), GM_BAD_DTYPE,
      "one_hot: the indices 'x' are float32, but must be uint8, int8, int32 or int64: cast them, "
      "{cast: x, dtype: int32}");
  has_shape(apply2(graph, "gather", x, gm_integer(graph, 3), NULL), "(2,)");
  has_shape(apply1(graph, "one_hot", gm_integer(graph, 3), "{num_classes: 5}"), "(5,)");
}
END_TEST

/* ---- index ---- */

START_TEST(lengths_of_slices_of_unknown_axes_are_expressions) {
  static const char *const cases[][2] = {{"1:4", "(max(0, min(n, 4) - 1),)"}, {":", "(n,)"}, {"::-1", "(n,)"},
      {"::2", "((n + 1)//2,)"}, {":-1", "(max(0, n - 1),)"}, {"-3:", "(min(n, 3),)"},
      {"1:", "(max(0, n - 1),)"}, {":4", "(min(n, 4),)"}, {"-3:-1", "(max(0, min(n, 3) - 1),)"},
      {"None, ...", "(1, n)"}, {"0", "()"}};
  gm_node x = input("x", GM_FLOAT32, "n");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char attributes[64];
    snprintf(attributes, sizeof attributes, "{at: '%s'}", cases[i][0]);
    has_shape(apply1(graph, "index", x, attributes), cases[i][1]);
  }
}
END_TEST

START_TEST(an_index_of_an_unknown_axis_is_checked_when_it_is_known) {
  gm_error error = {0};
  gm_node node = apply1(graph, "index", input("x", GM_FLOAT32, "n"), "{at: -3}");
  gm_executor *executor = executor_of(graph, &node, 1);
  gm_tensor *two = ramp1(0, 2), *three = ramp1(7, 3);
  feed(executor, "x", two);
  ck_assert_int_eq(gm_executor_run(executor, &error), GM_BAD_SHAPE);
  feed(executor, "x", three);
  run(executor);
  ck_assert_float_eq(floats(executor, 0)[0], 7);
  gm_executor_free(executor);
  gm_tensor_free(two), gm_tensor_free(three);
}
END_TEST

START_TEST(what_cannot_be_an_index_is_shown) {
  gm_node x = input("x", GM_FLOAT32, "4, 5");
  refused(apply1(graph, "index", x, "{at: '1, 7'}"), GM_BAD_SHAPE,
      "index: index 7 is out of range for 'x' (4, 5) axis 1: it is in [-5, 5)");
  refused(apply1(graph, "index", x, "{at: '0, 0, 0'}"), GM_BAD_SHAPE,
      "index: attribute 'at' has items for 3 axes, but 'x' (4, 5) has 2");
  refused(apply1(graph, "index", x, "{at: '1, x'}"), GM_BAD_ARGUMENT,
      "index: attribute 'at' is '1, x', where an integer, a slice, ... or None should be at column 4");
  refused(apply1(graph, "index", x, "{at: '::0'}"), GM_BAD_ARGUMENT,
      "index: attribute 'at' is '::0', which has a slice with step 0");
  refused(apply1(graph, "index", x, "{at: '..., ...'}"), GM_BAD_ARGUMENT,
      "index: attribute 'at' is '..., ...', which has more than one ...");
}
END_TEST

/* ---- Products ---- */

START_TEST(batches_are_equal_and_not_broadcast) {
  gm_error error = {0};
  gm_node known = input("k", GM_FLOAT32, "1, 3, 4"), three = input("l", GM_FLOAT32, "3, 4, 2");
  refused(apply2(graph, "batch_dot", known, three, NULL), GM_BAD_SHAPE,
      "batch_dot: Dimensions must be equal, but are 1 and 3: 'k' (1, 3, 4) axis 0, 'l' (3, 4, 2) axis 0");
  gm_node x = input("x", GM_FLOAT32, "?, 2"), y = input("y", GM_FLOAT32, "?, 2");
  gm_node node = apply2(graph, "batch_dot", x, y, NULL);
  gm_executor *executor = executor_of(graph, &node, 1);
  gm_tensor *one = ramp2(0, 1, 2), *four = ramp2(0, 4, 2);
  feed(executor, "x", one);
  feed(executor, "y", four);
  ck_assert_int_eq(gm_executor_run(executor, &error), GM_BAD_SHAPE);
  gm_executor_free(executor);
  gm_tensor_free(one), gm_tensor_free(four);
}
END_TEST

START_TEST(one_right_side_for_all_batches_is_one_product) {
  gm_node node =
      apply2(graph, "matmul", input("x", GM_FLOAT32, "8, 5, 3"), input("y", GM_FLOAT32, "3, 2"), NULL);
  gm_plan *plan = plan_of(graph, &node, 1);
  char *text = plan_text(plan, NULL, 0);
  ck_assert_ptr_nonnull(strstr(text, "m=40 n=2 k=3"));
  free(text);
  gm_plan_free(plan);
}
END_TEST

/** The product of views of x and y against that of copies of them, made by adding 0. */
static void same_product(const char *op, const char *x_at, const char *y_at) {
  char attributes[2][64];
  gm_node sides[2] = {input("x", GM_FLOAT32, "?, ?, ?"), input("y", GM_FLOAT32, "?, ?, ?")}, copies[2];
  snprintf(attributes[0], sizeof attributes[0], "{at: '%s'}", x_at);
  snprintf(attributes[1], sizeof attributes[1], "{at: '%s'}", y_at);
  for (int i = 0; i < 2; i++) {
    sides[i] = apply1(graph, "index", sides[i], attributes[i]);
    copies[i] = apply2(graph, "add", sides[i], gm_number(graph, 0), NULL);
  }
  gm_node outputs[2] = {
      apply2(graph, op, sides[0], sides[1], NULL), apply2(graph, op, copies[0], copies[1], NULL)};
  gm_executor *executor = executor_of(graph, outputs, 2);
  gm_tensor *x = ramp_like(1, 3, (int64_t[]){6, 8, 10}), *y = ramp_like(-9, 3, (int64_t[]){6, 10, 4});
  feed(executor, "x", x);
  feed(executor, "y", y);
  run(executor);
  ck_assert(tensors_agree(gm_executor_output(executor, 0), gm_executor_output(executor, 1)));
  gm_executor_free(executor);
  gm_tensor_free(x), gm_tensor_free(y);
}

START_TEST(reversed_and_stepped_operands_multiply) {
  static const char *const ats[][2] = {{"::-1, ::-1, ::-1", "..."}, {"::2, ::3, ::2", "::2, :5, ::-1"},
      {"..., ::-1", ":, ::-1, ::2"}, {"1:, 1:, 5:", "1:, 5:, 1:"}, {"-3:, :, :0", "-3:, :0, :"}};
  for (size_t i = 0; i < sizeof ats / sizeof *ats; i++) {
    same_product("matmul", ats[i][0], ats[i][1]);
    end(), begin();
    same_product("batch_dot", ats[i][0], ats[i][1]);
    end(), begin();
    same_product("dot", ats[i][0], ats[i][1]);
    end(), begin();
  }
}
END_TEST

/* ---- arange ---- */

static gm_node arange(const char *attributes) {
  return gm_apply(graph, "arange", NULL, 0, attributes);
}

START_TEST(a_range_is_read_as_keras_does) {
  has_shape(arange("{start: 5}"), "(5,)");
  has_shape(arange("{start: -3}"), "(0,)");
  has_shape(arange("{start: 0.1, stop: 0.4, step: 0.1}"), "(3,)");
  ck_assert_int_eq(gm_node_dtype(graph, arange("{start: 0, stop: 1, step: 0.25}")), GM_FLOAT32);
  ck_assert_int_eq(gm_node_dtype(graph, arange("{start: 7, dtype: int8}")), GM_INT8);
  refused(arange("{start: 5, stop: 0}"), GM_BAD_ARGUMENT,
      "arange: from 5.0 to 0.0 in steps of 1.0 leads away from the stop");
  refused(
      arange("{start: 5, step: 0}"), GM_BAD_ARGUMENT, "arange: attribute 'step' is 0, which leads nowhere");
  refused(arange("{start: 3000000000, stop: 3000000001}"), GM_BAD_ARGUMENT,
      "arange: from 3000000000.0 to 3000000001.0 in steps of 1.0 is beyond int32: give it another dtype, "
      "int64");
}
END_TEST

SUITE(choose) {
  tcase_add_checked_fixture(cases, begin, end);
  CASE(an_index_outside_is_named_and_never_read);
  CASE(indices_are_integers);
  CASE(lengths_of_slices_of_unknown_axes_are_expressions);
  CASE(an_index_of_an_unknown_axis_is_checked_when_it_is_known);
  CASE(what_cannot_be_an_index_is_shown);
  CASE(batches_are_equal_and_not_broadcast);
  CASE(one_right_side_for_all_batches_is_one_product);
  CASE(reversed_and_stepped_operands_multiply);
  CASE(a_range_is_read_as_keras_does);
}
