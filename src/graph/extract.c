/* SPDX-License-Identifier: MIT
 *
 * A plan's private graph: the nodes that outputs need, numbered anew, over the same memory and values. The
 * dims are copied with the constraints of the kept nodes, so that later building changes nothing here. */
#include "graph/graph.h"

#include <string.h>

typedef struct keeping {
  const gm_graph *graph;
  const bool *needed;
} keeping;

static bool keeps(const void *context, uint32_t user) {
  const keeping *k = context;
  uint32_t id = user - k->graph->place_shift;
  return id == 0 || id > k->graph->count || k->needed[id];
}

static gm_status copy_node(
    const gm_graph *from, uint32_t id, const uint32_t *map, gm_graph *to, gm_error *error) {
  gm__node node = *gm__node_of(from, id);
  uint32_t *inputs = gm__arena_alloc(&to->body->arena, node.input_count, sizeof *inputs);
  if (!inputs) return gm__no_memory(error);
  for (uint32_t i = 0; i < node.input_count; i++) inputs[i] = map[node.inputs[i]];
  node.inputs = inputs;
  if (node.name && !gm__names_put(&to->names, node.name, map[id])) return gm__no_memory(error);
  to->nodes[map[id]] = node;
  return GM_OK;
}

static gm_status copy_nodes(
    const gm_graph *from, const bool *needed, uint32_t *map, gm_graph *to, gm_error *error) {
  for (uint32_t id = 1; id <= from->count; id++) {
    bool keep = needed[id - gm__node_of(from, id)->result];
    if (keep) map[id] = (uint32_t)++to->count;
  }
  if (!gm__grow((void **)&to->nodes, &to->capacity, to->count + 1, sizeof *to->nodes))
    return gm__no_memory(error);
  for (uint32_t id = 1; id <= from->count; id++) {
    if (map[id]) GM_TRY(copy_node(from, id, map, to, error));
  }
  to->place_shift = (uint32_t)(from->count + from->place_shift - to->count);
  return GM_OK;
}

static gm_status extract(const gm_graph *from, const uint32_t *outputs, size_t count, const bool *needed,
    uint32_t *map, gm_graph *to, uint32_t *fresh, gm_error *error) {
  const keeping kept = {from, needed};
  gm__dims *dims = gm__dims_copy(from->dims, keeps, &kept, error);
  if (!dims) return GM_NO_MEMORY;
  gm__dims_free(to->dims);
  to->dims = dims;
  GM_TRY(copy_nodes(from, needed, map, to, error));
  for (size_t i = 0; i < count; i++) fresh[i] = map[outputs[i]];
  return GM_OK;
}

gm_status gm__graph_extract(const gm_graph *graph, const uint32_t *outputs, size_t count, gm_graph **out,
    uint32_t *fresh, gm_error *error) {
  gm_graph *to = gm_graph_new(NULL, error);
  bool *needed = gm__graph_needed(graph, outputs, count);
  uint32_t *map = gm__alloc_zero(graph->count + 1, sizeof *map);
  gm_status status = to && needed && map ? GM_OK : gm__no_memory(error);
  if (status == GM_OK) gm__graph_share(to, graph);
  if (status == GM_OK) status = extract(graph, outputs, count, needed, map, to, fresh, error);
  gm__free(map);
  gm__free(needed);
  if (status) gm_graph_free(to);
  *out = status ? NULL : to;
  return status;
}
