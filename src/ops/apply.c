/* SPDX-License-Identifier: MIT
 *
 * The public builders of operations: sugar over one generic call. */
#include <string.h>
#include <gemmule/ops.h>
#include "graph/graph.h"
#include "ops/registry.h"

static bool has_none(const gm_node *inputs, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (inputs[i].id == 0) return true;
  }
  return false;
}

static gm_status checked_inputs(const gm_graph *graph, const gm__op *op, const gm_node *inputs, size_t count,
    uint32_t *ids, gm_error *error) {
  for (size_t i = 0; i < count; i++) {
    ids[i] = gm__node_id(graph, inputs[i]);
    if (!ids[i]) GM_FAIL(error, GM_BAD_ARGUMENT, "%s: input %zu is not a node of this graph", op->name, i);
  }
  return GM_OK;
}

static gm_status apply(gm_graph *graph, const char *name, const gm_node *inputs, size_t count,
    const char *attributes, uint32_t *out, gm_error *error) {
  const gm__op *op = name ? gm__op_named(name) : NULL;
  if (!op) return gm__op_unknown(name ? name : "(NULL)", error);
  if (count && !inputs) GM_FAIL(error, GM_BAD_ARGUMENT, "%s: the inputs are NULL", op->name);
  uint32_t *ids = gm__alloc(count, sizeof *ids);
  if (!ids) return gm__no_memory(error);
  gm_status status = checked_inputs(graph, op, inputs, count, ids, error);
  if (status == GM_OK) status = gm__graph_apply_text(graph, op, ids, count, attributes, out, error);
  if (status) gm__error_place(error, "", 0, 0);
  gm__free(ids);
  return status;
}

gm_node gm_apply(
    gm_graph *graph, const char *op, const gm_node *inputs, size_t count, const char *attributes) {
  gm_error error = {0};
  uint32_t id = 0;
  if (!graph || (inputs && has_none(inputs, count))) return (gm_node){0};
  if (apply(graph, op, inputs, count, attributes, &id, &error)) return gm__graph_failed(graph, &error);
  return gm__handle(graph, id);
}

gm_node gm_dot(gm_graph *graph, gm_node x, gm_node y) {
  return gm_apply(graph, "dot", (gm_node[]){x, y}, 2, NULL);
}

gm_node gm_result(gm_graph *graph, gm_node handle, size_t index) {
  gm_error error = {0};
  if (!graph || handle.id == 0) return (gm_node){0};
  uint32_t id = gm__node_id(graph, handle);
  const gm__node *node = id ? gm__node_of(graph, id) : NULL;
  if (!node) {
    gm__fail(&error, GM_BAD_ARGUMENT, "not a node of this graph");
  } else if (node->result != 0 || index >= (size_t)node->op->results) {
    gm__fail(&error, GM_BAD_ARGUMENT, "'%s' has no result %zu", gm__node_label(graph, id), index);
  } else {
    return gm__handle(graph, id + (uint32_t)index);
  }
  return gm__graph_failed(graph, &error);
}

gm_node gm_name(gm_graph *graph, gm_node handle, const char *name) {
  gm_error error = {0};
  if (!graph || handle.id == 0) return (gm_node){0};
  uint32_t id = gm__node_id(graph, handle);
  gm_status status = id ? gm__graph_set_node_name(graph, id, name, &error)
                        : gm__fail(&error, GM_BAD_ARGUMENT, "not a node of this graph");
  return status ? gm__graph_failed(graph, &error) : handle;
}
