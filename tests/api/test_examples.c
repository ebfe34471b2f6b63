/* SPDX-License-Identifier: MIT
 *
 * The three examples that Gemmule exists for, in the words of tf.keras.backend.dot, from C and from their
 * files: the text of each node, the int shapes, and the values of the third. */
#include "support/suite.h"

#include <gemmule/gemmule.h>
#include <stdio.h>
#include <math.h>
#include <string.h>

static void ck_text(const gm_graph *graph, gm_node node, const char *want) {
  char text[256];
  size_t length = gm_node_text(graph, node, text, sizeof text);
  ck_assert_str_eq(text, want);
  ck_assert_uint_eq(length, strlen(want));
}

static void ck_shape(const gm_graph *graph, gm_node node, int rank, const int64_t *dims) {
  ck_assert_int_eq(gm_node_rank(graph, node), rank);
  for (int axis = 0; axis < rank; axis++) {
    ck_assert_int_eq(gm_node_dim(graph, node, axis), dims[axis]);
    ck_assert_int_eq(gm_node_dim(graph, node, axis - rank), dims[axis]);
  }
}

static void ck_rows_are_summed(const gm_graph *graph, gm_node x, gm_node xy) {
  gm_tensor *rows = NULL, *value = NULL;
  ck_assert_int_eq(gm_variable_get(graph, x, &rows, NULL), GM_OK);
  ck_assert_int_eq(gm_eval(graph, xy, &value, NULL), GM_OK);
  const float *r = gm_tensor_cdata(rows), *v = gm_tensor_cdata(value);
  ck_assert_int_eq(gm_tensor_count(value), 40);
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 20; j++) {
      double sum = (double)r[3 * i] + (double)r[3 * i + 1] + (double)r[3 * i + 2];
      ck_assert(fabs((double)v[20 * i + j] - sum) <= 6 * ldexp(1, -24) * sum);
      ck_assert(r[3 * i] >= 0 && r[3 * i] < 1);
    }
  gm_tensor_free(rows);
  gm_tensor_free(value);
}

START_TEST(matrices_give_a_matrix) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "2, 3"),
          y = gm_placeholder(graph, "y", GM_FLOAT32, "3, 4");
  gm_node xy = gm_name(graph, gm_dot(graph, x, y), "xy");
  ck_text(graph, xy, "<gm_node 'xy' shape=(2, 4) dtype=float32>");
  ck_shape(graph, xy, 2, (int64_t[]){2, 4});
  gm_graph_free(graph);
}
END_TEST

START_TEST(leading_axes_are_rows) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "(32, 28, 3)"),
          y = gm_placeholder(graph, "y", GM_FLOAT32, "(3, 4)");
  gm_node xy = gm_name(graph, gm_dot(graph, x, y), "xy");
  ck_text(graph, xy, "<gm_node 'xy' shape=(32, 28, 4) dtype=float32>");
  ck_shape(graph, xy, 3, (int64_t[]){32, 28, 4});
  gm_graph_free(graph);
}
END_TEST

START_TEST(leading_axes_of_the_second_are_outer) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node x = gm_random_uniform_variable(graph, "x", GM_FLOAT32, "2, 3", 0, 1, 7);
  gm_node y = gm_ones(graph, "y", GM_FLOAT32, "4, 3, 5");
  gm_node xy = gm_name(graph, gm_dot(graph, x, y), "xy");
  ck_text(graph, xy, "<gm_node 'xy' shape=(2, 4, 5) dtype=float32>");
  ck_shape(graph, xy, 3, (int64_t[]){2, 4, 5});
  ck_rows_are_summed(graph, x, xy);
  gm_graph_free(graph);
}
END_TEST

static gm_graph *loaded(const char *name) {
  char path[512];
  gm_error error = {0};
  snprintf(path, sizeof path, "%s/graphs/%s.yaml", GM_SOURCE_DIR, name);
  gm_graph *graph = gm_graph_load(path, NULL, &error);
  ck_assert_msg(graph != NULL, "%s: %s", path, error.message);
  return graph;
}

START_TEST(the_first_file_says_the_same) {
  gm_graph *graph = loaded("dot_2d");
  ck_text(graph, gm_node_named(graph, "xy"), "<gm_node 'xy' shape=(2, 4) dtype=float32>");
  gm_graph_free(graph);
}
END_TEST

START_TEST(the_second_file_says_the_same) {
  gm_graph *graph = loaded("dot_nd");
  ck_text(graph, gm_node_named(graph, "xy"), "<gm_node 'xy' shape=(32, 28, 4) dtype=float32>");
  gm_graph_free(graph);
}
END_TEST

START_TEST(the_third_file_says_the_same) {
  gm_graph *graph = loaded("dot_outer");
  gm_node xy = gm_node_named(graph, "xy");
  ck_text(graph, xy, "<gm_node 'xy' shape=(2, 4, 5) dtype=float32>");
  ck_rows_are_summed(graph, gm_node_named(graph, "x"), xy);
  gm_graph_free(graph);
}
END_TEST

SUITE(examples) {
  CASE(matrices_give_a_matrix);
  CASE(leading_axes_are_rows);
  CASE(leading_axes_of_the_second_are_outer);
  CASE(the_first_file_says_the_same);
  CASE(the_second_file_says_the_same);
  CASE(the_third_file_says_the_same);
}
