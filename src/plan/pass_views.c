/* SPDX-License-Identifier: MIT
 *
 * views. Law: a transpose, reshape or slice moves nothing, since who reads it can walk by other strides: a
 * transpose becomes a flag of a product, a slice an offset of a movement. Views of views are one: the order
 * of axes of an order of axes, and only the last reshape of several counts, so that equal ones are found to
 * be equal and what was undone costs nothing. Without the pass every view is copied where it is made. */
#include "plan/lowering.h"

#include <stdio.h>

extern const gm__op gm__op_permute_dimensions, gm__op_reshape;

/* ---- Over the graph: views of views ---- */

/** The node reads its input's input; what it is, is said by `op` and `attrs` from here on. */
static gm_status skip_input(gm__rewrite *r, uint32_t id, const gm__op *op, const gm__attr *attrs) {
  gm_graph *graph = r->plan->graph;
  gm__node *node = &graph->nodes[id];
  const gm__node *inner = gm__node_of(graph, node->inputs[0]);
  const char *label = gm__node_label(graph, id);
  char before[300];
  snprintf(before, sizeof before, "%.120s of %.120s", label, gm__node_label(graph, node->inputs[0]));
  *(uint32_t *)(uintptr_t)node->inputs = inner->inputs[0];
  node->op = op;
  node->attrs = attrs;
  r->plan->changed = true;
  const gm__note note = {r->pass, label, before, gm__node_label(graph, inner->inputs[0]), NULL, NULL, NULL};
  return gm__log_add(&r->plan->log, &note, r->error);
}

static bool is_in_order(const int *order, int rank) {
  bool same = true;
  for (int i = 0; i < rank; i++) same = same && order[i] == i;
  return same;
}

/** An order of axes of an order of axes is one of them, or nothing at all. */
static gm_status join_orders(gm__rewrite *r, uint32_t id) {
  const gm__node *node = gm__node_of(r->plan->graph, id);
  const gm__node *inner = gm__node_of(r->plan->graph, node->inputs[0]);
  int outer[GM_MAX_RANK], first[GM_MAX_RANK], both[GM_MAX_RANK], rank = node->rank;
  gm__arena *arena = &r->plan->graph->body->arena;
  int64_t *joined = gm__arena_alloc(arena, (size_t)rank, sizeof *joined);
  gm__attr *attrs = gm__arena_zero(arena, 1, sizeof *attrs);
  if (!joined || !attrs) return gm__no_memory(r->error);
  node->op->order(node->attrs, rank, outer);
  inner->op->order(inner->attrs, rank, first);
  for (int i = 0; i < rank; i++) joined[i] = both[i] = first[outer[i]];
  if (is_in_order(both, rank)) return gm__rewrite_replace(r, id, inner->inputs[0]);
  *attrs = (gm__attr){.given = true, .count = rank, .items = joined};
  return skip_input(r, id, &gm__op_permute_dimensions, attrs);
}

/** A reshape of a reshape is one to the dims that the last one has. */
static gm_status join_reshapes(gm__rewrite *r, uint32_t id) {
  const gm__node *node = gm__node_of(r->plan->graph, id);
  gm__attr *attrs = gm__arena_zero(&r->plan->graph->body->arena, 1, sizeof *attrs);
  if (!attrs) return gm__no_memory(r->error);
  *attrs = (gm__attr){.given = true, .count = node->rank, .items = node->dims};
  return skip_input(r, id, &gm__op_reshape, attrs);
}

static bool keeps_order(const gm__node *node) {
  int order[GM_MAX_RANK];
  if (!node->op->order) return false;
  node->op->order(node->attrs, node->rank, order);
  return is_in_order(order, node->rank);
}

static gm_status visit(gm__rewrite *r, uint32_t id) {
  const gm__node *node = gm__node_of(r->plan->graph, id);
  if (!(node->op->flags & GM__VIEW)) return GM_OK;
  const gm__node *inner = gm__node_of(r->plan->graph, node->inputs[0]);
  if (keeps_order(node)) return gm__rewrite_replace(r, id, node->inputs[0]);
  if (node->op->order && inner->op->order) return join_orders(r, id);
  if (node->op->laws & inner->op->laws & GM__RESHAPES) return join_reshapes(r, id);
  return GM_OK;
}

static gm_status run(gm_plan *plan, const gm__pass *pass, gm_error *error) {
  return gm__rewrite_each(plan, pass, visit, NULL, error);
}

/* ---- While lowering: views are kept, or copied ---- */

static gm_status log_view(const gm__lowering *s, const gm__lower *l) {
  const gm_graph *graph = s->plan->graph;
  char cost[40], after[160];
  double bytes = 2 * (double)gm__view_count(&l->out[0]) * (double)gm__dtype_bytes(l->out[0].dtype);
  const char *label = gm__node_label(graph, l->node);
  snprintf(cost, sizeof cost, "%.0f", bytes);
  snprintf(
      after, sizeof after, "a view of %.128s", gm__node_label(graph, gm__node_of(graph, l->node)->inputs[0]));
  const gm__note note = {&gm__pass_views, label, label, after, "bytes", cost, "0"};
  return gm__log_add(s->log, &note, s->error);
}

gm_status gm__views_settle(gm__lowering *s, gm__lower *l, size_t before) {
  bool moved = s->program->step_count != before;
  if (gm__pass_enabled(s->plan, &gm__pass_views)) return s->log && !moved ? log_view(s, l) : GM_OK;
  gm__view from = l->out[0];
  if (moved) return GM_OK;
  GM_TRY(gm__lower_new(l, &l->out[0]));
  return gm__lower_copy(l, &from, &l->out[0]);
}

const gm__pass gm__pass_views = {
    .name = "views", .law = "a transpose, reshape or slice is read where it lies", .graph = run};
