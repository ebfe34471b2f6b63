/* SPDX-License-Identifier: MIT
 *
 * Rebuilding the private graph node by node. The graph holds the new nodes from the start, so that new nodes
 * are inferred like any others; the old array is kept beside it until all is done. */
#include "plan/rebuild.h"

#include <string.h>

extern const gm__op gm__op_index;

static gm_status reserve(gm__rebuild *r) {
  gm_graph *graph = r->plan->graph;
  bool grown = gm__grow((void **)&graph->nodes, &graph->capacity, graph->count + 2, sizeof *graph->nodes);
  return grown ? GM_OK : gm__no_memory(r->error);
}

static gm_status copy_node(gm__rebuild *r, uint32_t id) {
  gm_graph *graph = r->plan->graph;
  gm__node node = r->old[id];
  GM_TRY(reserve(r));
  uint32_t *inputs = gm__arena_alloc(&graph->body->arena, node.input_count, sizeof *inputs);
  if (!inputs) return gm__no_memory(r->error);
  for (uint32_t i = 0; i < node.input_count; i++) inputs[i] = r->fresh[node.inputs[i]];
  node.inputs = inputs;
  graph->nodes[++graph->count] = node;
  r->fresh[id] = (uint32_t)graph->count;
  return GM_OK;
}

gm__attr *gm__rebuild_attrs(gm__rebuild *r, int count) {
  return gm__arena_zero(&r->plan->graph->body->arena, (size_t)count, sizeof(gm__attr));
}

/** Flops that no polynomial holds are not known; only memory that runs out is a failure. */
static gm_status count_flops(gm__infer *c, gm__node *node) {
  gm_error *error = c->error, beyond;
  c->error = &beyond;
  gm_status status = gm__infer_flops(c, &node->flops);
  c->error = error;
  if (status == GM_NO_MEMORY) return gm__no_memory(error);
  if (status) node->flops = GM__DIM_AUTO;
  return GM_OK;
}

static gm_status infer(gm__rebuild *r, gm__node *node) {
  gm_graph *graph = r->plan->graph;
  gm__arena scratch = {0};
  gm__infer c;
  gm_status status = gm__node_infer(graph, graph->dims, (uint32_t)graph->count, &scratch, &c, r->error);
  if (status == GM_OK) status = node->op->infer(&c);
  if (status == GM_OK) status = count_flops(&c, node);
  if (status == GM_OK) {
    node->dims = gm__arena_copy(&graph->body->arena, c.out->dims, (size_t)c.out->rank * sizeof *node->dims);
    node->rank = (uint8_t)c.out->rank;
    node->dtype = (uint8_t)c.out->dtype;
    if (!node->dims) status = gm__no_memory(r->error);
  }
  gm__arena_free(&scratch);
  return status;
}

gm_status gm__rebuild_add(gm__rebuild *r, const gm__op *op, const uint32_t *inputs, uint32_t count,
    const gm__attr *attrs, uint32_t *out) {
  gm_graph *graph = r->plan->graph;
  const gm__node *origin = &r->old[r->at];
  GM_TRY(reserve(r));
  gm__node node = {
      .op = op, .name = origin->name, .attrs = attrs, .input_count = count, .place = origin->place};
  node.inputs = gm__arena_copy(&graph->body->arena, inputs, count * sizeof *inputs);
  if (!node.inputs) return gm__no_memory(r->error);
  for (uint32_t i = 0; i < count; i++) node.open = node.open || gm__node_of(graph, inputs[i])->open;
  graph->nodes[++graph->count] = node;
  *out = (uint32_t)graph->count;
  return infer(r, &graph->nodes[graph->count]);
}

gm_status gm__rebuild_index(gm__rebuild *r, uint32_t input, const char *at, uint32_t *out) {
  gm__attr *attrs = gm__rebuild_attrs(r, 1);
  char *text = gm__arena_copy(&r->plan->graph->body->arena, at, strlen(at) + 1);
  if (!attrs || !text) return gm__no_memory(r->error);
  *attrs = (gm__attr){.given = true, .text = text};
  return gm__rebuild_add(r, &gm__op_index, &input, 1, attrs, out);
}

gm_status gm__rebuild_log(
    gm__rebuild *r, const gm__pass *pass, const gm__node *old, const char *after, gm__dim flops) {
  const gm__dim both[2] = {old->flops, flops};
  char costs[2][128];
  for (int i = 0; i < 2; i++) {
    gm__text text = gm__text_into(costs[i], sizeof costs[i]);
    if (both[i] == GM__DIM_AUTO)
      gm__text_char(&text, '?');
    else
      gm__dim_text(r->plan->graph->dims, both[i], &text);
    gm__text_end(&text);
  }
  const gm__note note = {pass, old->name, old->name, after, "flops", costs[0], costs[1]};
  return gm__log_add(&r->plan->log, &note, r->error);
}

void gm__rebuild_replace(gm__rebuild *r, uint32_t fresh) {
  r->fresh[r->at] = fresh;
  r->plan->changed = true;
}

static gm_status visit_all(gm__rebuild *r, gm_status (*visit)(gm__rebuild *r, uint32_t id)) {
  for (uint32_t id = 1; id <= r->old_count; id++) {
    r->at = id;
    GM_TRY(visit(r, id));
    if (!r->fresh[id]) GM_TRY(copy_node(r, id));
  }
  return GM_OK;
}

static void renumber(gm__rebuild *r) {
  gm_plan *plan = r->plan;
  for (size_t i = 0; i < plan->output_count; i++) plan->outputs[i] = r->fresh[plan->outputs[i]];
  for (size_t i = 0; i < plan->feed_count; i++) plan->feeds[i].node = r->fresh[plan->feeds[i].node];
}

gm_status gm__rebuild_each(gm_plan *plan, const gm__pass *pass,
    gm_status (*visit)(gm__rebuild *r, uint32_t id), void *context, gm_error *error) {
  gm_graph *graph = plan->graph;
  gm__node *old = graph->nodes;
  size_t count = graph->count, capacity = graph->capacity;
  bool changed = plan->changed;
  gm__rebuild r = {
      .plan = plan, .pass = pass, .old = old, .old_count = count, .context = context, .error = error};
  r.fresh = gm__alloc_zero(count + 1, sizeof *r.fresh);
  graph->nodes = NULL;
  graph->count = graph->capacity = 0;
  plan->changed = false;
  gm_status status = r.fresh ? reserve(&r) : gm__no_memory(error);
  if (status == GM_OK) status = visit_all(&r, visit);
  if (status == GM_OK && plan->changed) {
    renumber(&r);
    gm__free(old);
  } else {
    gm__free(graph->nodes);
    graph->nodes = old;
    graph->count = count;
    graph->capacity = capacity;
  }
  plan->changed = plan->changed || changed;
  gm__free(r.fresh);
  return status;
}
