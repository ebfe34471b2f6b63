/* SPDX-License-Identifier: MIT
 *
 * Passes that choose by size wait, while dims are symbols, for a specialisation. It copies what the plan
 * computes, every dim a number, and lets the passes over graphs run again on the copy, which is given up when
 * it has been lowered. The plan itself is only read: other threads may be specialising too. */
#include <string.h>
#include "plan/plan.h"

static gm_status evaluate(const gm_graph *from, const gm__node *node, const gm__values *values, gm_graph *to,
    gm__node *fresh, gm_error *error) {
  gm__dim *dims = gm__arena_alloc(&to->body->arena, node->rank, sizeof *dims);
  int64_t flops = GM__DIM_AUTO;
  if (!dims) return gm__no_memory(error);
  for (int a = 0; a < node->rank; a++) {
    gm_status status = gm__dim_evaluate(from->dims, node->dims[a], values, &dims[a], error);
    if (status && node->name) gm__error_node(error, node->name);
    GM_TRY(status);
    fresh->open = fresh->open || gm__dim_value(from->dims, node->dims[a]) < 0;
  }
  fresh->dims = dims;
  if (node->flops != GM__DIM_AUTO && gm__dim_evaluate(from->dims, node->flops, values, &flops, NULL))
    flops = GM__DIM_AUTO;
  fresh->flops = flops;
  return GM_OK;
}

static gm_status copy_node(const gm_plan *plan, uint32_t id, const gm__values *values, const uint32_t *map,
    gm_graph *to, gm_error *error) {
  const gm__node *node = gm__node_of(plan->graph, id);
  gm__node fresh = *node;
  uint32_t *inputs = gm__arena_alloc(&to->body->arena, node->input_count, sizeof *inputs);
  if (!inputs) return gm__no_memory(error);
  for (uint32_t i = 0; i < node->input_count; i++) inputs[i] = map[node->inputs[i]];
  fresh.inputs = inputs;
  GM_TRY(evaluate(plan->graph, node, values, to, &fresh, error));
  to->nodes[map[id]] = fresh;
  return GM_OK;
}

static gm_status copy_nodes(
    const gm_plan *plan, const gm__values *values, uint32_t *map, gm_plan *known, gm_error *error) {
  gm_graph *to = known->graph;
  for (uint32_t id = 1; id <= plan->graph->count; id++) {
    if (gm__plan_computes(plan, id) || gm__node_of(plan->graph, id)->op == &gm__op_placeholder)
      map[id] = (uint32_t)++to->count;
  }
  if (!gm__grow((void **)&to->nodes, &to->capacity, to->count + 2, sizeof *to->nodes))
    return gm__no_memory(error);
  for (uint32_t id = 1; id <= plan->graph->count; id++) {
    if (map[id]) GM_TRY(copy_node(plan, id, values, map, to, error));
  }
  for (size_t i = 0; i < plan->output_count; i++) known->outputs[i] = map[plan->outputs[i]];
  for (size_t i = 0; i < plan->feed_count; i++) {
    known->feeds[i] = plan->feeds[i];
    known->feeds[i].node = map[plan->feeds[i].node];
  }
  return GM_OK;
}

static gm_status copy_plan(const gm_plan *plan, const gm__values *values, gm_plan *known, gm_error *error) {
  uint32_t *map = gm__alloc_zero(plan->graph->count + 1, sizeof *map);
  gm__dims *dims = gm__dims_copy(plan->graph->dims, NULL, NULL, error);
  known->graph = gm_graph_new(NULL, error);
  known->outputs = gm__alloc(plan->output_count, sizeof *known->outputs);
  known->feeds = gm__alloc(plan->feed_count, sizeof *known->feeds);
  bool held = map && dims && known->graph && known->outputs && known->feeds;
  gm_status status = held ? GM_OK : gm__no_memory(error);
  if (known->graph && dims) {
    gm__dims_free(known->graph->dims);
    known->graph->dims = dims;
  } else {
    gm__dims_free(dims);
  }
  if (status == GM_OK) gm__graph_share(known->graph, plan->graph);
  if (status == GM_OK) status = copy_nodes(plan, values, map, known, error);
  gm__free(map);
  return status;
}

gm_status gm__known_plan(
    const gm_plan *plan, const gm__values *values, gm__log *log, gm_plan *known, gm_error *error) {
  *known = (gm_plan){.known = true,
      .output_count = plan->output_count,
      .folded = plan->folded,
      .folded_count = plan->folded_count,
      .feed_count = plan->feed_count,
      .key_length = plan->key_length,
      .options = plan->options,
      .without = plan->without};
  GM_TRY(copy_plan(plan, values, known, error));
  gm_status status = gm__passes_run(known, error);
  for (size_t i = 0; log && status == GM_OK && i < known->log.count; i++)
    status = gm__log_add(log, &known->log.notes[i], error);
  return status;
}

void gm__known_free(gm_plan *known) {
  gm__free(known->unneeded);
  gm__free(known->outputs);
  gm__free(known->feeds);
  gm__log_free(&known->log);
  gm_graph_free(known->graph);
}

uint32_t gm__known_origin(const gm_plan *plan, const gm_plan *known, uint32_t id) {
  const gm_graph *graph = plan->graph;
  uint32_t place = id ? gm__node_of(known->graph, id)->place : 0, low = 1, high = (uint32_t)graph->count;
  while (low < high) {
    uint32_t middle = low + (high - low + 1) / 2;
    if (gm__node_of(graph, middle)->place <= place)
      low = middle;
    else
      high = middle - 1;
  }
  return id ? low : 0;
}
