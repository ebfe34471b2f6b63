/* SPDX-License-Identifier: MIT
 *
 * Building by calls. A builder that fails leaves the number of nodes, every shape and what was learnt of
 * symbols as they were. */
#include <stdio.h>
#include "calls.h"
#include "graph/graph.h"
#include "ops/registry.h"

/** Recent nodes more often; sometimes none, or one of another graph. */
static gm_node take_node(state *s) {
  unsigned byte = take(&s->from);
  if (byte == 255) return (gm_node){0};
  if (byte == 254) return s->foreign;
  if (s->count == 0) return (gm_node){byte};
  if (byte < 96) return s->nodes[byte % s->count];
  return s->nodes[s->count - 1 - byte % (s->count < 6 ? s->count : 6)];
}

/** What a failed call must leave alone: the number of nodes, their shapes and the symbols. */
static uint64_t print_of(const gm_graph *graph) {
  uint64_t hash = gm__hash(GM__HASH_SEED, &graph->count, sizeof graph->count);
  char text[1024];
  for (size_t i = 0; i < gm_graph_node_count(graph); i++) {
    gm_node_shape_text(graph, gm_graph_node_at(graph, i), text, sizeof text);
    hash = gm__hash(hash, text, strlen(text));
  }
  for (size_t i = 0; i < gm_graph_symbol_count(graph); i++) {
    gm_graph_symbol_text(graph, i, text, sizeof text);
    hash = gm__hash(hash, text, strlen(text));
  }
  return hash;
}

void start_graph(state *s) {
  gm_graph_options options = GM_GRAPH_OPTIONS_INIT;
  options.max_nodes = 64;
  gm_graph_free(s->graph);
  s->graph = gm_graph_new(&options, NULL);
  NEED(s->graph != NULL);
  s->count = 0;
  s->print = print_of(s->graph);
}

static gm_node apply(state *s) {
  const gm__op *op = gm__op_named(gm_op_name(take(&s->from) % gm_op_count()));
  char attributes[ATTRIBUTES_TEXT];
  gm_node inputs[4];
  unsigned extra = take_below(&s->from, 16);
  int count = op->min_inputs + (extra == 15                                       ? 1
                                   : extra > 9 && op->max_inputs > op->min_inputs ? 1 + (extra == 12)
                                                                                  : 0);
  if (extra == 14 && count) count--;
  if (count > 4) count = 4;
  for (int i = 0; i < count; i++) inputs[i] = take_node(s);
  take_attributes(&s->from, op, attributes);
  return gm_apply(s->graph, op->name, inputs, (size_t)count, attributes);
}

static gm_node value_node(state *s, bool variable) {
  gm_tensor *value = take_tensor(&s->from);
  const char *name = take_name(&s->from);
  gm_node node = variable ? gm_variable(s->graph, name, value) : gm_constant(s->graph, name, value);
  gm_tensor_free(value);
  return node;
}

static gm_node initialised(state *s) {
  char shape[SHAPE_TEXT];
  const char *name = take_name(&s->from);
  unsigned kind = take_below(&s->from, 5);
  gm_dtype dtype = take_dtype(&s->from);
  take_shape(&s->from, shape);
  switch (kind) {
  case 0: return gm_zeros(s->graph, name, dtype, shape);
  case 1: return gm_ones(s->graph, name, dtype, shape);
  case 2: return gm_full(s->graph, name, dtype, shape, (double)take(&s->from) / 4);
  case 3: return gm_random_uniform_variable(s->graph, name, dtype, shape, 0, 2, take(&s->from));
  default: return gm_random_normal_variable(s->graph, name, dtype, shape, 0, 1, take(&s->from));
  }
}

static gm_node placeholder(state *s) {
  char shape[SHAPE_TEXT];
  const char *name = take_name(&s->from);
  gm_dtype dtype = take_dtype(&s->from);
  take_shape(&s->from, shape);
  return gm_placeholder(s->graph, name, dtype, shape);
}

static gm_node build(state *s, unsigned kind) {
  gm_node x, y;
  switch (kind) {
  case 0: return placeholder(s);
  case 1: return value_node(s, true);
  case 2: return value_node(s, false);
  case 3: return initialised(s);
  case 4: return gm_number(s->graph, (double)take(&s->from) / 8 - 16);
  case 5: return gm_integer(s->graph, (int64_t)take(&s->from) - 128);
  case 6:
    x = take_node(s);
    y = take_node(s);
    return gm_dot(s->graph, x, y);
  case 7: return gm_result(s->graph, take_node(s), take_below(&s->from, 4));
  case 8: x = take_node(s); return gm_name(s->graph, x, take_name(&s->from));
  default: return apply(s);
  }
}

static void check_node(const gm_graph *graph, gm_node node) {
  char text[2048];
  int rank = gm_node_rank(graph, node);
  NEED(rank >= 0 && rank <= GM_MAX_RANK && gm_dtype_name(gm_node_dtype(graph, node)) != NULL);
  NEED(gm_node_dim(graph, node, rank) == -2 && gm_node_dim(graph, node, -rank - 1) == -2);
  NEED(gm_node_shape_text(graph, node, text, sizeof text) >= 2);
  NEED(gm_node_attributes_text(graph, node, GM_TEXT_JSON, text, sizeof text) > 0);
  NEED(gm_node_flops_text(graph, node, text, sizeof text) > 0);
  for (int axis = 0; axis < rank; axis++) NEED(gm_node_dim(graph, node, axis) >= -1);
}

void add_node(state *s, unsigned kind) {
  if (s->count == NODES) return;
  size_t count = gm_graph_node_count(s->graph);
  gm_error error = {0};
  gm_node node = build(s, kind);
  if (node.id) {
    check_node(s->graph, node);
    s->nodes[s->count++] = node;
    s->print = print_of(s->graph);
    return;
  }
  gm_status status = gm_graph_error(s->graph, &error);
  fuzz_status(status, &error);
  NEED(gm_graph_node_count(s->graph) == count && print_of(s->graph) == s->print);
  gm_graph_clear_error(s->graph);
}

/* ---- Variables, outputs, values at once ---- */

void set_variable(state *s) {
  gm_node node = take_node(s);
  gm_error error = {0};
  gm_tensor *value = NULL, *other = NULL;
  gm_status status = gm_variable_get(s->graph, node, &value, &error);
  fuzz_status(status, &error);
  if (status) return;
  unsigned seed = take(&s->from);
  other = fuzz_tensor(gm_tensor_dtype(value), gm_tensor_rank(value), gm_tensor_dims(value), seed);
  if (seed == 7) {
    gm_tensor_free(other);
    other = take_tensor(&s->from);
  }
  if (other) {
    status = gm_variable_set(s->graph, node, other, &error);
    fuzz_status(status, &error);
    gm_tensor_free(value);
    value = NULL;
    NEED(gm_variable_get(s->graph, node, &value, NULL) == GM_OK);
    if (status == GM_OK) NEED(fuzz_same(value, other));
  }
  gm_tensor_free(value);
  gm_tensor_free(other);
}

size_t take_outputs(state *s, gm_node *outputs) {
  size_t count = 1 + take_below(&s->from, OUTPUTS);
  for (size_t i = 0; i < count; i++) outputs[i] = take_node(s);
  return count;
}

void set_outputs(state *s) {
  gm_node outputs[OUTPUTS], declared[OUTPUTS];
  gm_error error = {0};
  size_t count = take_outputs(s, outputs);
  gm_status status = gm_graph_set_outputs(s->graph, outputs, count, &error);
  fuzz_status(status, &error);
  if (status) return;
  NEED(gm_graph_outputs(s->graph, declared, OUTPUTS) == count);
  NEED(memcmp(declared, outputs, count * sizeof *outputs) == 0);
}

bool affordable(const gm_graph *graph) {
  lengths *of = fuzz_lengths(graph, 2);
  bool fine = of && fuzz_cost(graph, of) <= FUZZ_COST;
  fuzz_lengths_free(of);
  return fine;
}

void evaluate(state *s) {
  gm_tensor *value = NULL;
  gm_error error = {0};
  gm_node node = take_node(s);
  if (!affordable(s->graph)) return;
  gm_status status = gm_eval(s->graph, node, &value, &error);
  fuzz_status(status, &error);
  NEED((status == GM_OK) == (value != NULL));
  if (value) NEED(gm_tensor_rank(value) == gm_node_rank(s->graph, node));
  gm_tensor_free(value);
}
