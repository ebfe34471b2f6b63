/* SPDX-License-Identifier: MIT
 *
 * The graph as an object: making and freeing one, its first failure, handles, outputs. */
#include "graph/graph.h"

#include <string.h>

static atomic_uint next_tag;

/* ---- The object ---- */

static gm__body *body_new(void) {
  gm__body *body = gm__alloc_zero(1, sizeof *body);
  if (!body) return NULL;
  if (pthread_mutex_init(&body->lock, NULL) == 0) {
    atomic_init(&body->references, 1);
    return body;
  }
  gm__free(body);
  return NULL;
}

gm_graph *gm_graph_new(const gm_graph_options *options, gm_error *error) {
  gm_graph_options known = GM_GRAPH_OPTIONS_INIT;
  if (gm__options_read(&known, options, sizeof known, sizeof known, "gm_graph_options", error)) return NULL;
  gm_graph *graph = gm__alloc_zero(1, sizeof *graph);
  if (!graph) {
    gm__no_memory(error);
    return NULL;
  }
  graph->tag = 1 + atomic_fetch_add_explicit(&next_tag, 1, memory_order_relaxed) % 255;
  graph->max_nodes = known.max_nodes && known.max_nodes < GM__MAX_NODES ? known.max_nodes : GM__MAX_NODES;
  graph->body = body_new();
  graph->dims = gm__dims_new(error);
  graph->store = gm__store_new(error);
  bool grown = gm__grow((void **)&graph->nodes, &graph->capacity, 64, sizeof *graph->nodes);
  if (graph->body && graph->dims && graph->store && grown) return graph;
  gm_graph_free(graph);
  gm__no_memory(error);
  return NULL;
}

static void body_release(gm__body *body) {
  if (!body || atomic_fetch_sub_explicit(&body->references, 1, memory_order_acq_rel) != 1) return;
  body_release(body->parent);
  gm__arena_free(&body->arena);
  pthread_mutex_destroy(&body->lock);
  gm__free(body);
}

void gm__graph_share(gm_graph *graph, const gm_graph *from) {
  atomic_fetch_add_explicit(&from->body->references, 1, memory_order_relaxed);
  graph->body->parent = from->body;
  gm__store_release(graph->store);
  graph->store = gm__store_retain(from->store);
  graph->name = from->name;
  graph->doc = from->doc;
  graph->max_nodes = from->max_nodes;
}

void gm_graph_free(gm_graph *graph) {
  if (!graph) return;
  gm__names_free(&graph->names);
  gm__names_free(&graph->made_up);
  gm__dims_free(graph->dims);
  gm__store_release(graph->store);
  gm__free(graph->nodes);
  gm__free(graph->outputs);
  body_release(graph->body);
  gm__free(graph);
}

gm_status gm_graph_error(const gm_graph *graph, gm_error *error) {
  if (!graph) GM_FAIL(error, GM_BAD_ARGUMENT, "the graph is NULL");
  if (graph->error.status && error) *error = graph->error;
  return graph->error.status;
}

void gm_graph_clear_error(gm_graph *graph) {
  if (graph) memset(&graph->error, 0, sizeof graph->error);
}

gm_node gm__graph_failed(gm_graph *graph, const gm_error *error) {
  if (graph && graph->error.status == GM_OK) graph->error = *error;
  return (gm_node){0};
}

uint32_t gm__node_id(const gm_graph *graph, gm_node node) {
  if (!graph || node.id >> GM__INDEX_BITS != graph->tag) return 0;
  uint32_t id = node.id & GM__MAX_NODES;
  return id <= graph->count ? id : 0;
}

bool gm__node_copy(const gm_graph *graph, gm_node node, gm__node *out) {
  if (!graph) return false;
  pthread_mutex_lock(&graph->body->lock);
  uint32_t id = gm__node_id(graph, node);
  if (id) *out = graph->nodes[id];
  pthread_mutex_unlock(&graph->body->lock);
  return id != 0;
}

gm_status gm__graph_ids(
    const gm_graph *graph, const gm_node *nodes, size_t count, uint32_t *ids, gm_error *error) {
  for (size_t i = 0; i < count; i++) {
    if (nodes[i].id == 0) {
      if (gm_graph_error(graph, error)) return graph->error.status;
      GM_FAIL(error, GM_BAD_ARGUMENT, "node %zu is {0}: no node", i);
    }
    ids[i] = gm__node_id(graph, nodes[i]);
    if (!ids[i]) GM_FAIL(error, GM_BAD_ARGUMENT, "node %zu is not a node of this graph", i);
  }
  return GM_OK;
}

/* ---- Outputs ---- */

gm_status gm_graph_set_outputs(gm_graph *graph, const gm_node *outputs, size_t count, gm_error *error) {
  if (!graph) GM_FAIL(error, GM_BAD_ARGUMENT, "the graph is NULL");
  if (count && !outputs) GM_FAIL(error, GM_BAD_ARGUMENT, "the outputs are NULL");
  uint32_t *ids = gm__alloc(count, sizeof *ids);
  if (!ids) return gm__no_memory(error);
  gm_status status = gm__graph_ids(graph, outputs, count, ids, error);
  if (status) {
    gm__free(ids);
    return status;
  }
  gm__free(graph->outputs);
  graph->outputs = ids;
  graph->output_count = count;
  return GM_OK;
}

size_t gm_graph_outputs(const gm_graph *graph, gm_node *outputs, size_t capacity) {
  if (!graph) return 0;
  for (size_t i = 0; i < graph->output_count && i < capacity && outputs; i++) {
    outputs[i] = gm__handle(graph, graph->outputs[i]);
  }
  return graph->output_count;
}
