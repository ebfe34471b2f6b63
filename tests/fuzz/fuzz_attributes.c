/* SPDX-License-Identifier: MIT
 *
 * Attribute text, "{axis: 1}". Two bytes choose an operation and its inputs, the rest is the text. What is
 * read prints, as YAML and as JSON, and reads back as equal attributes with equal hashes; a node that is made
 * prints attributes that make it again. */
#include "fuzz.h"

#include <stdio.h>
#include "base/hash.h"
#include "graph/graph.h"
#include "ops/registry.h"

enum { ROWS = 32 };

static void write_all(
    const gm__op *op, const gm__attr *attrs, const gm__dims *dims, bool json, gm__text *text) {
  gm__text_char(text, '{');
  for (int i = 0; i < op->attr_count; i++) {
    if (i) gm__text_add(text, ", ");
    gm__text_format(text, json ? "\"%s\": " : "%s: ", op->attrs[i].name);
    gm__attr_text(&op->attrs[i], &attrs[i], dims, json, text);
  }
  gm__text_char(text, '}');
  gm__text_end(text);
  NEED(!text->failed);
}

static gm_status read_all(
    const gm__op *op, const char *text, gm__dims *dims, gm__arena *arena, gm__attr *attrs, gm_error *error) {
  gm__value *values = NULL;
  GM_TRY(gm__value_read(arena, text, &values, error));
  return gm__attrs_read(op->name, op->attrs, op->attr_count, values, dims, arena, attrs, error);
}

/** Each "?" is another symbol. */
static bool has_unknowns(const gm__op *op, const char *text) {
  bool shape = false;
  for (int i = 0; i < op->attr_count; i++) shape = shape || op->attrs[i].type == GM__ATTR_SHAPE;
  return shape && strchr(text, '?');
}

static void comes_back(const gm__op *op, const gm__attr *attrs, gm__dims *dims, gm__arena *arena, bool json) {
  gm__attr again[ROWS];
  gm_error error = {0};
  gm__text text = gm__text_growing();
  write_all(op, attrs, dims, json, &text);
  gm_status status = read_all(op, text.data, dims, arena, again, &error);
  if (status) fprintf(stderr, "%s: %s\n", text.data, error.message);
  NEED(status == GM_OK);
  for (int i = 0; i < op->attr_count && !has_unknowns(op, text.data); i++) {
    const gm__attr_row *row = &op->attrs[i];
    NEED(gm__attr_equal(row, &attrs[i], &again[i]));
    NEED(gm__attr_hash(GM__HASH_SEED, row, &attrs[i]) == gm__attr_hash(GM__HASH_SEED, row, &again[i]));
    NEED(gm__attr_is_initial(row, &attrs[i]) == gm__attr_is_initial(row, &again[i]));
  }
  gm__text_free(&text);
}

static void read_typed(const gm__op *op, const char *text) {
  gm__attr attrs[ROWS];
  gm__arena arena = {0};
  gm_error error = {0};
  gm__dims *dims = gm__dims_new(NULL);
  NEED(dims != NULL && op->attr_count <= ROWS);
  gm_status status = read_all(op, text, dims, &arena, attrs, &error);
  if (status) {
    fuzz_placed(&error, text, strlen(text));
  } else {
    comes_back(op, attrs, dims, &arena, false);
    comes_back(op, attrs, dims, &arena, true);
  }
  gm__dims_free(dims);
  gm__arena_free(&arena);
}

/** The same node, made with the attributes that it prints; there each "?" is another symbol, and other sums
 * may be too long. */
static void makes_again(gm_graph *graph, const char *op, const gm_node *inputs, size_t count, gm_node node) {
  char shape[4096], other[4096];
  gm_error error = {0};
  for (unsigned flags = 0; flags <= GM_TEXT_JSON; flags++) {
    size_t length = gm_node_attributes_text(graph, node, flags, NULL, 0);
    char *text = malloc(length + 1);
    NEED(text != NULL && gm_node_attributes_text(graph, node, flags, text, length + 1) == length);
    gm_node again = gm_apply(graph, op, inputs, count, text);
    if (again.id == 0) gm_graph_error(graph, &error);
    if (again.id == 0 && error.status != GM_LIMIT) fprintf(stderr, "%s %s: %s\n", op, text, error.message);
    NEED(again.id != 0 || error.status == GM_LIMIT);
    gm_node_shape_text(graph, node, shape, sizeof shape);
    gm_node_shape_text(graph, again, other, sizeof other);
    NEED(strcmp(shape, other) == 0 || again.id == 0 || strchr(text, '?'));
    free(text);
  }
}

static void make_node(const gm__op *op, unsigned shapes, const char *text) {
  static const char *const choices[][3] = {{"n, 3", "n, 3", "n, 3"}, {"3, n", "n, 4", "4"},
      {"2, 3, 4", "2, 4, 3", ""}, {"b, 2, n", "b, n, m", "n"}, {"n", "n", "n"}, {"?, 1, 6", "1, 6", "6"},
      {"", "", ""}, {"1, n, 1, 2", "2", "1"}};
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node inputs[3];
  gm_error error = {0};
  size_t count = (size_t)op->min_inputs;
  if ((shapes & 0x40) && (int)count < op->max_inputs) count++;
  if (count > 3) count = 3;
  NEED(graph != NULL);
  for (size_t i = 0; i < count; i++) {
    gm_dtype dtype = shapes & 0x80 && i + 1 == count ? GM_INT32 : GM_FLOAT32;
    inputs[i] = gm_placeholder(graph, NULL, dtype, choices[shapes % 8][i]);
  }
  gm_node node = gm_apply(graph, op->name, inputs, count, text);
  if (node.id) {
    makes_again(graph, op->name, inputs, count, node);
  } else {
    gm_graph_error(graph, &error);
    fuzz_refused(&error);
    NEED(gm_graph_node_count(graph) == count);
  }
  gm_graph_free(graph);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 2) return 0;
  const gm__op *op = gm__op_named(gm_op_name(data[0] % gm_op_count()));
  char *text = fuzz_text(data + 2, size - 2);
  read_typed(op, text);
  make_node(op, data[1], text);
  free(text);
  return 0;
}
