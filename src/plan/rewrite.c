/* SPDX-License-Identifier: MIT
 *
 * What the passes over the private graph share: the walk, stand-ins, the log, and questions about nodes. */
#include <math.h>
#include "plan/plan.h"

/** More elements than this are not looked at to see whether they are all alike. */
#define LOOKED_AT 4096

static gm_status visit_all(gm__rewrite *r, gm_status (*visit)(gm__rewrite *r, uint32_t id)) {
  const gm_plan *plan = r->plan;
  for (uint32_t id = 1; id <= plan->graph->count; id++) {
    const gm__node *node = gm__node_of(plan->graph, id);
    uint32_t *inputs = (uint32_t *)(uintptr_t)node->inputs;
    r->stand_in[id] = id;
    for (uint32_t i = 0; i < node->input_count; i++) inputs[i] = r->stand_in[inputs[i]];
    if (!plan->unneeded || !plan->unneeded[id]) GM_TRY(visit(r, id));
    GM_TRY(r->status);
  }
  for (size_t i = 0; i < plan->output_count; i++) plan->outputs[i] = r->stand_in[plan->outputs[i]];
  return GM_OK;
}

gm_status gm__rewrite_each(gm_plan *plan, const gm__pass *pass,
    gm_status (*visit)(gm__rewrite *r, uint32_t id), void *context, gm_error *error) {
  gm__rewrite r = {plan, pass, gm__alloc(plan->graph->count + 1, sizeof *r.stand_in), context, GM_OK, error};
  gm_status status = r.stand_in ? visit_all(&r, visit) : gm__no_memory(error);
  gm__free(r.stand_in);
  return status;
}

gm_status gm__rewrite_replace(gm__rewrite *r, uint32_t id, uint32_t other) {
  gm_graph *graph = r->plan->graph;
  char cost[128];
  r->stand_in[id] = other;
  r->plan->changed = true;
  const char *label = gm__node_label(graph, id);
  if (!gm__node_of(graph, id)->name) return GM_OK;
  gm_node_flops_text(graph, gm__handle(graph, id), cost, sizeof cost);
  const gm__note note = {r->pass, label, label, gm__node_label(graph, other), "flops", cost, "0"};
  return gm__log_add(&r->plan->log, &note, r->error);
}

static bool same_dim(gm__rewrite *r, gm__dim a, gm__dim b) {
  gm__dims *dims = r->plan->graph->dims;
  if (a == b) return true;
  if (r->status == GM_OK) r->status = gm__dim_resolve(dims, a, &a, r->error);
  if (r->status == GM_OK) r->status = gm__dim_resolve(dims, b, &b, r->error);
  return r->status == GM_OK && a == b;
}

bool gm__rewrite_alike(gm__rewrite *r, uint32_t id, uint32_t other) {
  const gm__node *a = gm__node_of(r->plan->graph, id), *b = gm__node_of(r->plan->graph, other);
  bool alike = a->dtype == b->dtype && a->rank == b->rank;
  for (int i = 0; i < a->rank && alike; i++) alike = same_dim(r, a->dims[i], b->dims[i]);
  return alike;
}

bool gm__rewrite_same_attrs(const gm__node *node, const gm__node *other) {
  for (int i = 0; i < node->op->attr_count; i++) {
    if (!gm__attr_equal(&node->op->attrs[i], &node->attrs[i], &other->attrs[i])) return false;
  }
  return true;
}

static bool same_number(double a, double b) {
  return a == b && signbit(a) == signbit(b);
}

static bool uniform_tensor(const gm_tensor *value, double *out) {
  int64_t count = gm_tensor_count(value);
  size_t size = gm__dtype_bytes(value->dtype);
  if (count < 1 || count > LOOKED_AT || gm__dtype_is_complex(value->dtype)) return false;
  const char *data = value->data;
  *out = gm__element_to_double(data, value->dtype);
  for (int64_t i = 1; i < count; i++) {
    if (!same_number(gm__element_to_double(data + (size_t)i * size, value->dtype), *out)) return false;
  }
  return true;
}

bool gm__rewrite_uniform(const gm_plan *plan, uint32_t id, double *value) {
  const gm__node *node = gm__node_of(plan->graph, id);
  if (node->op->everywhere) *value = *node->op->everywhere;
  if (node->op->everywhere) return true;
  if (node->op == &gm__op_folded) return uniform_tensor(plan->folded[node->slot], value);
  if (node->op != &gm__op_constant && node->op != &gm__op_number) return false;
  gm_tensor *held = gm__store_get(plan->graph->store, node->slot);
  bool uniform = uniform_tensor(held, value);
  gm_tensor_free(held);
  return uniform;
}
