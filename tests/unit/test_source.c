/* SPDX-License-Identifier: MIT
 *
 * What has no inputs: dtypes, ranks and lengths of placeholders and variables; numbers; values that are read
 * and set, also while another thread builds. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>

#include "graph_support.h"

/* ---- Dtypes and shapes ---- */

START_TEST(sources_check_dtype_and_shape) {
  gm_graph *g = new_graph();
  static const int wrong[] = {-1, 12, 1000, INT32_MIN};
  for (size_t i = 0; i < 4; i++) {
    char message[64];
    snprintf(message, sizeof message, "%d is not a dtype", wrong[i]);
    refused(g, gm_placeholder(g, "x", (gm_dtype)wrong[i], "2"), GM_BAD_DTYPE, message);
    refused(g, gm_zeros(g, "x", (gm_dtype)wrong[i], "2"), GM_BAD_DTYPE, message);
  }
  gm_error error = refused(
      g, gm_placeholder(g, "x", GM_FLOAT32, "-1"), GM_BAD_ARGUMENT, "the dim at column 1, '-1', is below 0");
  ck_assert_str_eq(error.node, "x");
  error = refused(g, gm_zeros(g, "w", GM_FLOAT32, "n, 2"), GM_BAD_SHAPE,
      "a variable's shape must be known, but is (n, 2)");
  ck_assert_str_eq(error.node, "w");
  refused(g, gm_variable(g, "w", NULL), GM_BAD_ARGUMENT, "variable: the value is NULL");
  refused(g, gm_full(g, "w", GM_INT8, "2", 300), GM_BAD_ARGUMENT, "the value 300 cannot be held by int8");
  refused(g, gm_full(g, "w", GM_INT8, "2", 0.5), GM_BAD_ARGUMENT, "the value 0.5 cannot be held by int8");
  ck_assert_uint_eq(gm_graph_node_count(g), 0);
  gm_graph_free(g);
}
END_TEST

START_TEST(ranks_up_to_32_are_taken) {
  char shape[128] = "1", text[256];
  gm_graph *g = new_graph();
  for (int i = 1; i < 32; i++) strcat(shape, ",1");
  gm_node x = input(g, "x", shape);
  ck_assert_int_eq(gm_node_rank(g, x), 32);
  ck_assert_int_eq(gm_node_dim(g, x, -32), 1);
  ck_assert_int_eq(gm_node_dim(g, x, 32), -2);
  ck_assert_int_eq(gm_node_dim(g, x, -33), -2);
  ck_assert_int_eq(gm_node_dim(g, x, INT32_MIN), -2);
  refused(g, op1(g, "expand_dims", x, NULL), GM_LIMIT, "expand_dims: the result's rank would exceed 32");
  refused(g, gm_dot(g, x, x), GM_LIMIT, "dot: the result's rank would exceed 32");
  ck_assert_uint_eq(gm_node_shape_text(g, made(g, op2(g, "add", x, x, NULL)), text, sizeof text), 96);
  strcat(shape, ",1");
  refused(g, gm_placeholder(g, "y", GM_FLOAT32, shape), GM_LIMIT, "a shape has more than 32 dims");
  refused(g, gm_zeros(g, "y", GM_FLOAT32, shape), GM_LIMIT, "a shape has more than 32 dims");
  gm_graph_free(g);
}
END_TEST

START_TEST(lengths_may_be_huge_until_they_are_needed) {
  gm_graph *g = new_graph();
  gm_node x = input(g, "x", "9223372036854775807, 2"), y = input(g, "y", "2, 9223372036854775807");
  char text[128];
  ck_assert_str_eq(shape_of(g, made(g, gm_dot(g, x, y))), "(9223372036854775807, 9223372036854775807)");
  gm_node_flops_text(g, gm_node_named(g, "dot"), text, sizeof text);
  ck_assert_str_eq(text, "?");
  refused(g, op2(g, "concatenate", x, x, "{axis: 0}"), GM_LIMIT,
      "concatenate: a number in a dimension does not fit 64 bits");
  gm_error error = {0};
  gm_node dot = gm_node_named(g, "dot");
  gm_plan *plan = gm_plan_new(g, &dot, 1, NULL, &error);
  if (plan)
    ck_assert_int_eq(
        gm_plan_sizes(plan, NULL, &(gm_plan_size){.struct_size = sizeof(gm_plan_size)}, &error), GM_LIMIT);
  ck_assert_int_eq(error.status, GM_LIMIT);
  gm_plan_free(plan);
  gm_graph_free(g);
}
END_TEST

START_TEST(nothing_may_be_repeated_any_number_of_times) {
  gm_graph *g = new_graph();
  gm_tensor *value = NULL;
  gm_error error = {0};
  gm_node w = made(g, gm_zeros(g, "w", GM_FLOAT32, "0, 3"));
  gm_node many = made(g, op1(g, "repeat_elements", w, "{rep: 9223372036854775807, axis: 0}"));
  ck_assert_str_eq(shape_of(g, many), "(0, 3)");
  ck_assert_msg(gm_eval(g, many, &value, &error) == GM_OK, "%s", error.message);
  ck_assert_int_eq(gm_tensor_count(value), 0);
  gm_tensor_free(value);
  gm_graph_free(g);
}
END_TEST

START_TEST(zero_is_a_length) {
  gm_graph *g = new_graph();
  gm_node x = input(g, "x", "2, 0"), w = made(g, gm_zeros(g, "w", GM_FLOAT32, "0, 3"));
  ck_assert_str_eq(shape_of(g, made(g, gm_dot(g, x, w))), "(2, 3)");
  ck_assert_str_eq(shape_of(g, made(g, op2(g, "concatenate", w, w, "{axis: 0}"))), "(0, 3)");
  ck_assert_str_eq(shape_of(g, made(g, op1(g, "reshape", x, "{shape: [0, 7]}"))), "(0, 7)");
  ck_assert_str_eq(shape_of(g, made(g, op1(g, "reshape", x, "{shape: [5, -1]}"))), "(5, 0)");
  ck_assert_str_eq(shape_of(g, made(g, op1(g, "reshape", x, "{shape: [0, -1]}"))), "(0, 0)");
  ck_assert_str_eq(shape_of(g, made(g, op1(g, "sum", x, NULL))), "()");
  gm_graph_free(g);
}
END_TEST

/* ---- Numbers ---- */

static const void *data_of(const gm_tensor *tensor) {
  return gm_tensor_cdata(tensor);
}

START_TEST(numbers_take_the_dtype_of_their_user) {
  gm_graph *g = new_graph();
  gm_node two = made(g, gm_integer(g, 2));
  for (int i = GM_INT8; i <= GM_COMPLEX128; i++) {
    gm_node x = input_of(g, NULL, (gm_dtype)i, "3");
    ck_assert_int_eq((int)gm_node_dtype(g, made(g, op2(g, "multiply", x, two, NULL))), i);
    ck_assert_int_eq((int)gm_node_dtype(g, made(g, op2(g, "subtract", two, x, NULL))), i);
  }
  ck_assert_int_eq(gm_node_dtype(g, made(g, op2(g, "add", two, two, NULL))), GM_FLOAT32);
  ck_assert_str_eq(gm_node_op(g, two), "number");
  ck_assert_ptr_null(gm_node_name(g, two));
  gm_graph_free(g);
}
END_TEST

START_TEST(numbers_must_fit) {
  gm_graph *g = new_graph();
  gm_node bytes = input_of(g, "b", GM_UINT8, "3"), floats = input(g, "f", "3"),
          longs = input_of(g, "l", GM_INT64, "3");
  gm_error error = refused(g, op2(g, "add", bytes, gm_number(g, 0.5), NULL), GM_BAD_ARGUMENT,
      "add: the number 0.5 cannot be held by uint8");
  ck_assert_str_eq(error.node, "add");
  refused(g, op2(g, "add", bytes, gm_integer(g, 256), NULL), GM_BAD_ARGUMENT,
      "add: the number 256 cannot be held by uint8");
  refused(g, op2(g, "add", bytes, gm_integer(g, -1), NULL), GM_BAD_ARGUMENT,
      "add: the number -1 cannot be held by uint8");
  refused(g, op2(g, "add", floats, gm_number(g, 1e300), NULL), GM_BAD_ARGUMENT,
      "add: the number 1e+300 cannot be held by float32");
  refused(g, op2(g, "add", longs, gm_number(g, NAN), NULL), GM_BAD_ARGUMENT,
      "add: the number nan cannot be held by int64");
  made(g, op2(g, "add", floats, gm_number(g, NAN), NULL));
  made(g, op2(g, "add", floats, gm_number(g, INFINITY), NULL));
  made(g, op2(g, "add", bytes, gm_number(g, 3.0), NULL));
  made(g, op2(g, "add", longs, gm_integer(g, INT64_MIN), NULL));
  gm_graph_free(g);
}
END_TEST

START_TEST(integers_reach_their_user_exactly) {
  gm_graph *g = new_graph();
  gm_tensor *value = NULL;
  gm_node zero = made(g, gm_zeros(g, "z", GM_INT64, ""));
  gm_node sum = made(g, op2(g, "add", zero, gm_integer(g, INT64_C(9007199254740993)), NULL));
  ck_assert_int_eq(gm_eval(g, sum, &value, NULL), GM_OK);
  ck_assert_int_eq(*(const int64_t *)data_of(value), INT64_C(9007199254740993));
  gm_tensor_free(value);
  gm_graph_free(g);
}
END_TEST

START_TEST(numbers_among_themselves_agree) {
  gm_graph *g = new_graph();
  gm_node wide = made(g, op2(g, "add", gm_number(g, 1), gm_number(g, 1e300), NULL));
  ck_assert_int_eq(gm_node_dtype(g, wide), GM_FLOAT64);
  gm_tensor *value = NULL;
  ck_assert_int_eq(gm_eval(g, wide, &value, NULL), GM_OK);
  ck_assert(*(const double *)data_of(value) == 1e300);
  gm_tensor_free(value);
  gm_graph_free(g);
}
END_TEST

/* ---- Variables ---- */

static gm_tensor *pair(gm_dtype dtype, float a, float b) {
  gm_tensor *tensor = gm_tensor_new(dtype, 1, (int64_t[]){2}, NULL);
  if (dtype == GM_FLOAT32) memcpy(gm_tensor_data(tensor), (float[]){a, b}, 8);
  return tensor;
}

static void check_pair(const gm_graph *graph, gm_node variable, float a, float b) {
  gm_tensor *value = NULL;
  ck_assert_int_eq(gm_variable_get(graph, variable, &value, NULL), GM_OK);
  ck_assert_mem_eq(data_of(value), ((float[]){a, b}), 8);
  gm_tensor_free(value);
}

START_TEST(values_are_copied_in_and_out) {
  gm_graph *g = new_graph();
  gm_tensor *value = pair(GM_FLOAT32, 1, 2), *got = NULL;
  gm_node v = made(g, gm_variable(g, "v", value)), c = made(g, gm_constant(g, "c", value));
  memset(gm_tensor_data(value), 0, 8);
  check_pair(g, v, 1, 2);
  check_pair(g, c, 1, 2);
  ck_assert_int_eq(gm_variable_get(g, v, &got, NULL), GM_OK);
  memset(gm_tensor_data(got), 0, 8);
  check_pair(g, v, 1, 2);
  ck_assert_int_eq(gm_variable_set(g, v, value, NULL), GM_OK);
  check_pair(g, v, 0, 0);
  gm_tensor_free(got);
  gm_tensor_free(value);
  gm_graph_free(g);
}
END_TEST

START_TEST(a_set_value_has_the_variables_type) {
  gm_graph *g = new_graph();
  gm_error error = {0};
  gm_tensor *ints = pair(GM_INT32, 0, 0), *right = pair(GM_FLOAT32, 3, 4),
            *scalar = gm_tensor_new(GM_FLOAT32, 0, NULL, NULL);
  gm_node v = made(g, gm_ones(g, "v", GM_FLOAT32, "2")), x = input(g, "x", "2"),
          c = made(g, gm_constant(g, "c", right));
  ck_assert_int_eq(gm_variable_set(g, v, ints, &error), GM_BAD_DTYPE);
  ck_assert_str_eq(error.message, "the variable 'v' is float32, but the value is int32");
  ck_assert_str_eq(error.node, "v");
  ck_assert_int_eq(gm_variable_set(g, v, scalar, &error), GM_BAD_SHAPE);
  ck_assert_str_eq(error.message, "the variable 'v' has shape (2,), but the value ()");
  ck_assert_int_eq(gm_variable_set(g, v, NULL, &error), GM_BAD_ARGUMENT);
  ck_assert_str_eq(error.message, "the value is NULL");
  ck_assert_int_eq(gm_variable_set(g, x, right, &error), GM_BAD_ARGUMENT);
  ck_assert_str_eq(error.message, "'x' is no variable, but a node 'placeholder'");
  ck_assert_int_eq(gm_variable_set(g, c, right, &error), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm_variable_get(g, v, NULL, &error), GM_BAD_ARGUMENT);
  gm_tensor *value = right;
  ck_assert_int_eq(gm_variable_get(g, gm_number(g, 2), &value, &error), GM_BAD_ARGUMENT);
  ck_assert_ptr_null(value);
  check_pair(g, v, 1, 1);
  ck_assert_int_eq(gm_graph_error(g, NULL), GM_OK);
  gm_tensor_free(scalar);
  gm_tensor_free(right);
  gm_tensor_free(ints);
  gm_graph_free(g);
}
END_TEST

typedef struct setter {
  gm_graph *graph;
  gm_node variable;
  atomic_bool stop;
  int wrong;
} setter;

static void *get_and_set(void *argument) {
  setter *s = argument;
  while (!atomic_load(&s->stop)) {
    gm_tensor *value = NULL;
    s->wrong += gm_variable_get(s->graph, s->variable, &value, NULL) != GM_OK;
    s->wrong += gm_variable_set(s->graph, s->variable, value, NULL) != GM_OK;
    gm_tensor_free(value);
  }
  return NULL;
}

START_TEST(values_are_got_and_set_while_another_thread_builds) {
  setter s = {.graph = new_graph()};
  s.variable = made(s.graph, gm_ones(s.graph, "v", GM_FLOAT32, "2"));
  pthread_t thread;
  ck_assert_int_eq(pthread_create(&thread, NULL, get_and_set, &s), 0);
  gm_node node = s.variable;
  for (int i = 0; i < 20000; i++) {
    node = op1(s.graph, "negative", node, NULL);
    if (i % 64 == 0) op1(s.graph, "reshape", node, "{shape: [3]}");
    if (i % 256 == 0) gm_ones(s.graph, NULL, GM_FLOAT32, "2");
  }
  atomic_store(&s.stop, true);
  pthread_join(thread, NULL);
  ck_assert_int_eq(s.wrong, 0);
  ck_assert_uint_ne(node.id, 0);
  gm_graph_free(s.graph);
}
END_TEST

SUITE(source) {
  CASE(sources_check_dtype_and_shape);
  CASE(ranks_up_to_32_are_taken);
  CASE(lengths_may_be_huge_until_they_are_needed);
  CASE(nothing_may_be_repeated_any_number_of_times);
  CASE(zero_is_a_length);
  CASE(numbers_take_the_dtype_of_their_user);
  CASE(numbers_must_fit);
  CASE(integers_reach_their_user_exactly);
  CASE(numbers_among_themselves_agree);
  CASE(values_are_copied_in_and_out);
  CASE(a_set_value_has_the_variables_type);
  CASE(values_are_got_and_set_while_another_thread_builds);
}
