/* SPDX-License-Identifier: MIT
 *
 * Every attribute of every operation with values of every type and of every size: an operation takes one, or
 * refuses it with a sentence that begins with its name; nothing is added by a refusal, and what is taken
 * plans, and runs or fails with a status. The sanitizers watch. */
#include <gemmule/gemmule.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include "support/suite.h"

#define LONG                                                                                                 \
  "[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]"

static const char *const values[] = {"null", "true", "0", "1", "-1", "2", "7", "-7", "0.5", "1e300", "-1e300",
    "nan", "inf", "-inf", "9223372036854775807", "-9223372036854775808", "18446744073709551615", "1e30", "''",
    "word", "float32", "int8", "n", "'2, n'", "'::-1'", "'0, 5:, ...'", "'::0'", "[]", "[0]", "[-1]",
    "[1, 1]", "[0, 1]", "[1, 0]", "[-1, -1]", "[9223372036854775807, 9223372036854775807]", "[1.5]", "[[1]]",
    "[null]", "[word]", "[-9223372036854775808]", LONG, "{}", "{a: 1}"};

typedef struct bed {
  gm_graph *graph;
  gm_node inputs[4];
  size_t count;
  int taken, refused;
} bed;

/* Operands of two kinds: floats, or booleans and integers for conditions and indices. */
static void sow(bed *b, int kind) {
  static const char *const shapes[] = {"2, 3", "n, 3", "2, 3, 3"};
  const gm_dtype dtypes[] = {GM_FLOAT32, GM_INT32, GM_BOOL};
  b->graph = gm_graph_new(NULL, NULL);
  for (int i = 0; i < 4; i++) {
    gm_dtype dtype = kind == 3 ? (i == 0 ? GM_FLOAT32 : GM_INT32) : dtypes[kind];
    b->inputs[i] = gm_placeholder(b->graph, NULL, dtype, shapes[kind < 3 ? kind : 0]);
  }
}

/* Plans and runs for n = 2, if that is not too large. */
static void reap(bed *b, gm_node node) {
  gm_error error = {0};
  gm_plan_size sizes = {sizeof sizes, 0, 0, 0, 0, 0, 0};
  gm_plan *plan = gm_plan_new(b->graph, &node, 1, NULL, &error);
  if (!plan || gm_plan_sizes(plan, "n=2", &sizes, &error) != GM_OK || sizes.workspace > 1 << 20) {
    gm_plan_free(plan);
    return;
  }
  gm_executor *executor = gm_executor_new(plan, &error);
  gm_tensor *held[4] = {NULL};
  for (int i = 0; i < 4; i++) {
    const int64_t dims[3] = {2, 3, 3};
    held[i] = gm_tensor_new(
        gm_node_dtype(b->graph, b->inputs[i]), gm_node_rank(b->graph, b->inputs[i]), dims, NULL);
    gm_executor_feed(executor, gm_node_name(b->graph, b->inputs[i]), held[i], NULL);
  }
  gm_status status = gm_executor_run(executor, &error);
  ck_assert_msg(status != GM_INTERNAL, "%s", error.message);
  gm_executor_free(executor);
  gm_plan_free(plan);
  for (int i = 0; i < 4; i++) gm_tensor_free(held[i]);
}

static void try_one(bed *b, const char *op, size_t count, const char *attributes) {
  gm_error error = {0};
  size_t before = gm_graph_node_count(b->graph);
  gm_node node = gm_apply(b->graph, op, b->inputs, count, attributes);
  if (node.id) {
    b->taken++;
    reap(b, node);
    return;
  }
  b->refused++;
  ck_assert_msg(gm_graph_error(b->graph, &error) != GM_OK, "%s %s: refused without an error", op, attributes);
  bool named = strncmp(error.message, op, strlen(op)) == 0 || strncmp(error.message, "attributes", 10) == 0;
  ck_assert_msg(named, "%s %s: %s", op, attributes, error.message);
  ck_assert_msg(
      error.status != GM_INTERNAL && error.status != GM_IO, "%s %s: %s", op, attributes, error.message);
  ck_assert_uint_eq(gm_graph_node_count(b->graph), before);
  gm_graph_clear_error(b->graph);
}

/* The other attributes that must be given get the ones of the example where it is of use; two values are
 * tried together so that pairs of required attributes are reached too. */
static void try_values(bed *b, const char *op, const char *one, const char *other) {
  char attributes[600];
  for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
    for (size_t count = 0; count <= 3; count++) {
      if (other) {
        snprintf(attributes, sizeof attributes, "{%s: %s, %s: %s}", one, values[v], other,
            values[(v * 7 + count) % 30]);
      } else {
        snprintf(attributes, sizeof attributes, "{%s: %s}", one, values[v]);
      }
      try_one(b, op, count, attributes);
    }
  }
}

static int walk(const char *op, int kind) {
  char text[8192];
  bed b = {0};
  ck_assert_uint_lt(gm_op_text(op, GM_TEXT_JSON, text, sizeof text), sizeof text);
  json_t *record = json_loads(text, 0, NULL), *rows = json_object_get(record, "attributes");
  ck_assert_ptr_nonnull(rows);
  sow(&b, kind);
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const char *one = json_string_value(json_object_get(json_array_get(rows, i), "name"));
    try_values(&b, op, one, NULL);
    for (size_t j = 0; j < json_array_size(rows); j++) {
      if (j != i)
        try_values(&b, op, one, json_string_value(json_object_get(json_array_get(rows, j), "name")));
    }
  }
  for (size_t count = 0; count <= 4; count++) try_one(&b, op, count, "{there_is_none: 1}");
  gm_graph_free(b.graph);
  json_decref(record);
  return b.taken;
}

START_TEST(every_attribute_takes_or_refuses_every_value) {
  int taken = 0;
  for (size_t i = 0; i < gm_op_count(); i++) {
    for (int kind = 0; kind < 4; kind++) taken += walk(gm_op_name(i), kind);
  }
  ck_assert_int_gt(taken, 1000);
}
END_TEST

SUITE(attribute_walk) {
  CASE(every_attribute_takes_or_refuses_every_value);
}
