/* SPDX-License-Identifier: MIT
 *
 * What the suites about graphs and operations share: short builders, what a graph's first failure says, and
 * shapes as text. Whatever must succeed ends the test with the library's own sentence. */
#ifndef GM_TESTS_GRAPH_SUPPORT_H
#define GM_TESTS_GRAPH_SUPPORT_H

#include <gemmule/gemmule.h>
#include <stdio.h>
#include <string.h>

#include "support/suite.h"

static const gm_node none = {0};

static inline gm_graph *new_graph(void) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  ck_assert_ptr_nonnull(graph);
  return graph;
}

/** The node itself, which must be there. */
static inline gm_node made(gm_graph *graph, gm_node node) {
  gm_error error = {0};
  ck_assert_msg(gm_graph_error(graph, &error) == GM_OK, "%s", error.message);
  ck_assert_uint_ne(node.id, 0);
  return node;
}

static inline gm_node input(gm_graph *graph, const char *name, const char *shape) {
  return made(graph, gm_placeholder(graph, name, GM_FLOAT32, shape));
}

static inline gm_node input_of(gm_graph *graph, const char *name, gm_dtype dtype, const char *shape) {
  return made(graph, gm_placeholder(graph, name, dtype, shape));
}

static inline gm_node op1(gm_graph *graph, const char *op, gm_node x, const char *attributes) {
  return gm_apply(graph, op, &x, 1, attributes);
}

static inline gm_node op2(gm_graph *graph, const char *op, gm_node x, gm_node y, const char *attributes) {
  return gm_apply(graph, op, (gm_node[]){x, y}, 2, attributes);
}

static inline const char *shape_of(const gm_graph *graph, gm_node node) {
  static char buffers[4][1024];
  static int next;
  char *buffer = buffers[next++ % 4];
  gm_node_shape_text(graph, node, buffer, sizeof buffers[0]);
  return buffer;
}

/** The builder must have failed so; the graph's error is cleared. */
static inline gm_error refused(gm_graph *graph, gm_node node, gm_status status, const char *message) {
  gm_error error = {0};
  ck_assert_uint_eq(node.id, 0);
  ck_assert_int_eq(gm_graph_error(graph, &error), error.status);
  ck_assert_str_eq(error.message, message);
  ck_assert_str_eq(gm_status_name(error.status), gm_status_name(status));
  gm_graph_clear_error(graph);
  return error;
}

static inline void check_axes(gm_error error, int axis0, int64_t value0, int axis1, int64_t value1) {
  ck_assert_int_eq(error.axis[0], axis0);
  ck_assert_int_eq(error.axis[1], axis1);
  ck_assert_int_eq(error.value[0], value0);
  ck_assert_int_eq(error.value[1], value1);
}

#endif
