/* SPDX-License-Identifier: MIT
 *
 * trace. Law: Σ_j (X·Y)_ij D_ij is Σ_k X_ik (D·Yᵗ)_ik, and Σ_i of the same is Σ_k (D·X)ᵗ_kj Y_kj, for a
 * square X·Y and a diagonal D: of the product only its diagonal takes part, row by row an inner product. D is
 * what the product is multiplied by element by element, or the identity where the product is declared
 * diagonal. Done where nobody else reads what is no longer made. */
#include <stdio.h>
#include "plan/node_form.h"
#include "plan/rebuild.h"

extern const gm__op gm__op_dot, gm__op_transpose, gm__row_multiply;

/** A sum over `middle`, which is x·y and `weights` (0: the identity) element by element. by_rows: over the
 * columns at least. */
typedef struct weighed {
  uint32_t middle, product, weights;
  bool by_rows;
} weighed;

typedef struct tracing {
  gm__form *forms;   /* by node */
  uint32_t *readers; /* by node: how many times it is read */
  weighed *found;    /* by node: its middle is 0 for what is no such sum */
  bool waits;
} tracing;

static bool is_square(const gm_graph *graph, uint32_t id) {
  const gm__node *node = gm__node_of(graph, id);
  return node->rank == 2 && gm__dim_same(graph->dims, node->dims[0], node->dims[1]);
}

/** x · y as it is: not a multiple of it, nor of another dtype. */
static bool is_private_product(const gm_graph *graph, const tracing *t, uint32_t id) {
  const gm__node *node = gm__node_of(graph, id);
  bool plain = t->readers[id] == 1 && node->input_count == 2 && gm__node_is_matrix_product(graph, id);
  for (int i = 0; i < node->op->attr_count && plain; i++) plain = !node->attrs[i].given;
  return plain && is_square(graph, id);
}

/** Is the node diagonal, with the product's dims? While they are not known one may be repeated along the
 * other: then the pass waits. */
static bool weighs(const gm_graph *graph, tracing *t, uint32_t id, uint32_t product) {
  const gm__node *node = gm__node_of(graph, id), *other = gm__node_of(graph, product);
  if (!gm__form_is_diagonal(t->forms[id]) || !is_square(graph, id)) return false;
  bool same = gm__dim_same(graph->dims, node->dims[0], other->dims[0]);
  t->waits = t->waits || (!same && gm__dim_value(graph->dims, other->dims[0]) < 0);
  return same;
}

static bool find_weights(const gm_graph *graph, tracing *t, weighed *w) {
  const gm__node *node = gm__node_of(graph, w->middle);
  w->product = node->input_count ? node->inputs[0] : 0;
  w->weights = 0;
  if (node->op->flags & GM__DECLARES)
    return gm__form_is_diagonal(t->forms[w->middle]) && is_private_product(graph, t, w->product);
  if (!(node->op->flags & GM__ELEMENTWISE) || !(node->op->laws & GM__BILINEAR) || node->input_count != 2)
    return false;
  for (int i = 0; i < 2; i++) {
    w->product = node->inputs[i];
    w->weights = node->inputs[1 - i];
    if (is_private_product(graph, t, w->product) && weighs(graph, t, w->weights, w->product)) return true;
  }
  return false;
}

static bool find_axes(const gm_graph *graph, const gm__node *sum, weighed *w) {
  int64_t lengths[2], result[2] = {-1, -1};
  int along[2];
  const gm__node *middle = gm__node_of(graph, w->middle);
  if (middle->rank != 2 || sum->rank > 2) return false;
  for (int a = 0; a < 2; a++) lengths[a] = gm__dim_value(graph->dims, middle->dims[a]);
  const gm__shape in = {2, lengths}, out = {sum->rank, result};
  const gm__axes axes = {sum->attrs, 0, in, in, out};
  sum->op->along(&axes, along);
  w->by_rows = along[1] < 0;
  return along[0] < 0 || along[1] < 0;
}

static bool find(const gm_graph *graph, tracing *t, uint32_t id, weighed *w) {
  const gm__node *node = gm__node_of(graph, id);
  if (!(node->op->laws & GM__ADDS_UP) || t->readers[node->inputs[0]] != 1) return false;
  w->middle = node->inputs[0];
  return find_axes(graph, node, w) && find_weights(graph, t, w);
}

/* ---- Building ---- */

static gm_status add_pair(gm__rebuild *r, const gm__op *op, uint32_t x, uint32_t y, uint32_t *out) {
  gm__attr *attrs = op->attr_count ? gm__rebuild_attrs(r, op->attr_count) : NULL;
  if (op->attr_count && !attrs) return gm__no_memory(r->error);
  return gm__rebuild_add(r, op, (uint32_t[]){x, y}, 2, attrs, out);
}

/** What is summed: X ∘ (D·Yᵗ), or (D·X)ᵗ ∘ Y. */
static gm_status add_inner(gm__rebuild *r, const tracing *t, const weighed *w, uint32_t *out) {
  const gm__node *product = &r->old[w->product];
  uint32_t x = r->fresh[product->inputs[0]], y = r->fresh[product->inputs[1]], turned = w->by_rows ? y : x;
  bool scales = w->weights && !t->forms[w->weights].identity;
  if (scales && !w->by_rows) GM_TRY(add_pair(r, &gm__op_dot, r->fresh[w->weights], turned, &turned));
  GM_TRY(gm__rebuild_add(r, &gm__op_transpose, &turned, 1, NULL, &turned));
  if (scales && w->by_rows) GM_TRY(add_pair(r, &gm__op_dot, r->fresh[w->weights], turned, &turned));
  return w->by_rows ? add_pair(r, &gm__row_multiply, x, turned, out)
                    : add_pair(r, &gm__row_multiply, turned, y, out);
}

static void flops_text(const gm_graph *graph, gm__dim flops, char *buffer, size_t size) {
  gm__text text = gm__text_into(buffer, size);
  if (flops == GM__DIM_AUTO)
    gm__text_char(&text, '?');
  else
    gm__dim_text(graph->dims, flops, &text);
  gm__text_end(&text);
}

static gm_status log_trace(gm__rebuild *r, const weighed *w, uint32_t inner) {
  const gm_graph *graph = r->plan->graph;
  const gm__node *product = &r->old[w->product];
  char before[300], after[300], costs[2][128];
  const char *x = r->old[product->inputs[0]].name, *y = r->old[product->inputs[1]].name;
  snprintf(before, sizeof before, "the diagonal of %.100s·%.100s", x ? x : "?", y ? y : "?");
  snprintf(after, sizeof after, "inner products of rows and columns");
  flops_text(graph, product->flops, costs[0], sizeof costs[0]);
  flops_text(graph, gm__node_of(graph, inner)->flops, costs[1], sizeof costs[1]);
  const gm__note note = {r->pass, r->old[r->at].name, before, after, "flops", costs[0], costs[1]};
  return gm__log_add(&r->plan->log, &note, r->error);
}

static gm_status visit(gm__rebuild *r, uint32_t id) {
  const tracing *t = r->context;
  const gm__node *sum = &r->old[id];
  weighed w = t->found[id];
  uint32_t inner, fresh;
  if (!w.middle) return GM_OK;
  GM_TRY(add_inner(r, t, &w, &inner));
  GM_TRY(log_trace(r, &w, inner));
  GM_TRY(gm__rebuild_add(r, sum->op, &inner, 1, sum->attrs, &fresh));
  gm__rebuild_replace(r, fresh);
  return GM_OK;
}

/* ---- The pass ---- */

/** Readers of each node, outputs among them; is there a sum over something that is left out by its form? */
static bool survey(const gm_plan *plan, tracing *t) {
  const gm_graph *graph = plan->graph;
  bool some = false;
  for (size_t i = 0; i < plan->output_count; i++) t->readers[plan->outputs[i]]++;
  for (uint32_t id = 1; id <= graph->count; id++) {
    const gm__node *node = gm__node_of(graph, id);
    if (plan->unneeded && plan->unneeded[id]) continue;
    for (uint32_t i = 0; i < node->input_count; i++) t->readers[node->inputs[i]]++;
    t->forms[id] = gm__node_form(graph, id, t->forms);
    t->found[id] = (weighed){0};
  }
  for (uint32_t id = 1; id <= graph->count; id++) {
    weighed w = {0};
    if (plan->unneeded && plan->unneeded[id]) continue;
    if (!find(graph, t, id, &w)) continue;
    t->found[id] = w;
    some = true;
  }
  return some;
}

static bool any_sum(const gm_graph *graph) {
  bool any = false;
  for (uint32_t id = 1; id <= graph->count && !any; id++)
    any = gm__node_of(graph, id)->op->laws & GM__ADDS_UP;
  return any;
}

static gm_status run(gm_plan *plan, const gm__pass *pass, gm_error *error) {
  size_t count = plan->graph->count + 1;
  if (!any_sum(plan->graph)) return GM_OK;
  tracing t = {gm__alloc_zero(count, sizeof *t.forms), gm__alloc_zero(count, sizeof *t.readers),
      gm__alloc_zero(count, sizeof *t.found), false};
  gm_status status = t.forms && t.readers && t.found ? GM_OK : gm__no_memory(error);
  if (status == GM_OK && survey(plan, &t)) status = gm__rebuild_each(plan, pass, visit, &t, error);
  plan->waits = plan->waits || (t.waits && !plan->known);
  gm__free(t.forms);
  gm__free(t.readers);
  gm__free(t.found);
  return status;
}

const gm__pass gm__pass_trace = {
    .name = "trace", .law = "the diagonal of a product is inner products", .may_round = true, .graph = run};
