/* SPDX-License-Identifier: MIT
 *
 * diagonal. Law: (A·B)[i, i] is the sum over k of A[i, k]·B[k, i]; the diagonal of f(X, Y), element by
 * element, is f of the diagonals, and that of Xᵀ is that of X; the sum over a row or a column of a diagonal
 * matrix is its entry on the diagonal. From the outputs back, every node learns whether more than its
 * diagonal is wanted; where not, only that is computed. */
#include <stdio.h>
#include <string.h>
#include "plan/node_form.h"
#include "plan/rebuild.h"

extern const gm__op gm__op_transpose, gm__op_diag_part, gm__op_sum, gm__row_multiply;

/** How the diagonal of a node is computed without the node: from that of one input, those of all, the rows
 * and columns that are multiplied. */
typedef enum way { WHOLE, ONE, ALL, PRODUCT } way;

/** Of one node. */
typedef struct place {
  bool whole, wanted, sums; /* sums: it adds up what is a diagonal matrix */
  uint8_t way, input;       /* input: which one, of ONE */
  uint32_t built;           /* the new node of its diagonal; 0: not yet */
} place;

typedef struct diagonals {
  gm_plan *plan;
  gm__form *forms;
  place *at; /* by node */
} diagonals;

/* ---- What is wanted, users before inputs ---- */

static bool last_same(const gm_graph *graph, const gm__node *a, int i, const gm__node *b, int j) {
  return gm__dim_same(graph->dims, a->dims[a->rank - i], b->dims[b->rank - j]);
}

static bool is_square(const gm_graph *graph, const gm__node *node) {
  return node->rank >= 2 && last_same(graph, node, 1, node, 2);
}

/** Flags over the axes of the input: those that are gone. */
static void find_reduced(const gm_graph *graph, const gm__node *node, const gm__node *in, bool *reduced) {
  int64_t lengths[GM_MAX_RANK], out[GM_MAX_RANK];
  int along[GM_MAX_RANK];
  for (int a = 0; a < in->rank; a++) lengths[a] = gm__dim_value(graph->dims, in->dims[a]);
  for (int a = 0; a < node->rank; a++) out[a] = gm__dim_value(graph->dims, node->dims[a]);
  const gm__axes axes = {node->attrs, 0, {in->rank, lengths}, {in->rank, lengths}, {node->rank, out}};
  node->op->along(&axes, along);
  for (int a = 0; a < in->rank; a++) reduced[a] = along[a] < 0;
}

static bool sums_diagonal(const diagonals *d, const gm__node *node) {
  const gm_graph *graph = d->plan->graph;
  bool reduced[GM_MAX_RANK];
  if (!(node->op->laws & GM__ADDS_UP)) return false;
  const gm__node *in = gm__node_of(graph, node->inputs[0]);
  if (!is_square(graph, in) || !gm__form_is_diagonal(d->forms[node->inputs[0]])) return false;
  find_reduced(graph, node, in, reduced);
  return reduced[in->rank - 1] || reduced[in->rank - 2];
}

static bool is_one(const gm_graph *graph, const gm__node *node, int i) {
  return gm__dim_value(graph->dims, node->dims[node->rank - i]) == 1;
}

/** Has an operand of an elementwise node a diagonal that goes along that of the node? */
static bool has_own(const gm_graph *graph, const gm__node *node, const gm__node *in) {
  if (in->rank < 2) return false;
  bool single = is_one(graph, in, 1) && is_one(graph, in, 2);
  return single || (last_same(graph, node, 1, in, 1) && last_same(graph, node, 2, in, 2));
}

/** Or is it the same all along the rows, or the columns, of a square matrix? */
static bool goes_along(const gm_graph *graph, const gm__node *node, const gm__node *in) {
  if (in->rank == 0 || has_own(graph, node, in)) return true;
  bool row = last_same(graph, node, 1, in, 1) && (in->rank < 2 || is_one(graph, in, 2));
  bool column = is_one(graph, in, 1) && (in->rank < 2 || last_same(graph, node, 2, in, 2));
  return (row || column) && is_square(graph, node);
}

static way way_of_elements(const diagonals *d, const gm__node *node) {
  const gm_graph *graph = d->plan->graph;
  const unsigned refused = GM__RANDOM | GM__STATEFUL | GM__READS_PHASE;
  bool all = !(node->op->flags & refused) && node->op->results == 1;
  for (uint32_t i = 0; i < node->input_count && all; i++)
    all = goes_along(graph, node, gm__node_of(graph, node->inputs[i]));
  d->plan->waits = d->plan->waits || (!all && !d->plan->known);
  return all ? ALL : WHOLE;
}

/** The factor that the identity multiplies, element by element; WHOLE where there is none. */
static way way_beside_identity(diagonals *d, uint32_t id) {
  const gm_graph *graph = d->plan->graph;
  const gm__node *node = gm__node_of(graph, id);
  if (!(node->op->laws & GM__TIMES_ONE)) return WHOLE;
  for (uint8_t i = 0; i < 2; i++) {
    const gm__node *in = gm__node_of(graph, node->inputs[i]);
    bool alike =
        in->rank == node->rank && last_same(graph, node, 1, in, 1) && last_same(graph, node, 2, in, 2);
    for (int a = 0; a < in->rank - 2 && alike; a++)
      alike = gm__dim_same(graph->dims, node->dims[a], in->dims[a]);
    if (!alike || !d->forms[node->inputs[1 - i]].identity) continue;
    d->at[id].input = i;
    return ONE;
  }
  return WHOLE;
}

/** Half floats are left to products, which add them up as float32. */
static way way_of_product(const diagonals *d, uint32_t id) {
  gm_graph *graph = d->plan->graph;
  const gm__node *node = gm__node_of(graph, id), *x = gm__node_of(graph, node->inputs[0]);
  bool half = gm__dtype_is_float((gm_dtype)node->dtype) && gm__dtype_bytes((gm_dtype)node->dtype) == 2;
  if (node->input_count != 2 || node->dtype != x->dtype || half) return WHOLE;
  for (int i = 0; i < node->op->attr_count; i++)
    if (node->op->attrs[i].type == GM__ATTR_NUMBER) return WHOLE;
  bool known =
      gm__dim_value(graph->dims, node->dims[0]) >= 0 && gm__dim_value(graph->dims, node->dims[1]) >= 0;
  if (known || is_square(graph, node)) return PRODUCT;
  d->plan->waits = d->plan->waits || !d->plan->known;
  return WHOLE;
}

static bool keeps_diagonal(const gm__node *node) {
  int order[GM_MAX_RANK];
  bool swaps, keeps = gm__node_keeps_matrix(node, &swaps);
  if (keeps) node->op->order(node->attrs, node->rank, order);
  for (int a = 0; a < node->rank - 2 && keeps; a++) keeps = order[a] == a;
  return keeps;
}

static way way_of(diagonals *d, uint32_t id) {
  const gm__node *node = gm__node_of(d->plan->graph, id);
  bool declares = node->op->flags & GM__DECLARES && !d->plan->options.check_structure;
  d->at[id].input = 0;
  if (declares || keeps_diagonal(node)) return ONE;
  if (gm__node_is_matrix_product(d->plan->graph, id)) return way_of_product(d, id);
  if (!(node->op->flags & GM__ELEMENTWISE)) return WHOLE;
  return way_beside_identity(d, id) == ONE ? ONE : way_of_elements(d, node);
}

static void ask(diagonals *d, uint32_t id) {
  const gm_graph *graph = d->plan->graph;
  const gm__node *node = gm__node_of(graph, id);
  place *p = &d->at[id];
  bool takes = node->op->flags & GM__TAKES_DIAGONAL;
  p->sums = sums_diagonal(d, node);
  if (p->wanted && !p->whole) p->way = (uint8_t)way_of(d, id);
  for (uint32_t i = 0; i < node->input_count; i++) {
    place *in = &d->at[node->inputs[i]];
    if (p->way == ONE && i != p->input) continue;
    bool diagonal = takes || p->sums || p->way == ONE ||
                    (p->way == ALL && has_own(graph, node, gm__node_of(graph, node->inputs[i])));
    in->wanted = in->wanted || diagonal;
    in->whole = in->whole || !diagonal;
  }
}

/** Is there anything to do? */
static bool ask_all(diagonals *d) {
  const gm_plan *plan = d->plan;
  bool some = false;
  for (size_t i = 0; i < plan->output_count; i++) d->at[plan->outputs[i]].whole = true;
  for (uint32_t id = 1; id <= plan->graph->count; id++)
    d->forms[id] = gm__node_form(plan->graph, id, d->forms);
  for (uint32_t id = (uint32_t)plan->graph->count; id > 0; id--) {
    if (plan->unneeded && plan->unneeded[id]) continue;
    ask(d, id);
    some = some || d->at[id].sums || d->at[id].way != WHOLE;
  }
  return some;
}

/* ---- Building ---- */

/** The sum over flagged axes. */
static gm_status add_sum(
    gm__rebuild *r, uint32_t input, const bool *axes, int rank, bool keep, uint32_t *out) {
  gm__attr *attrs = gm__rebuild_attrs(r, 2);
  int64_t *items = gm__arena_alloc(&r->plan->graph->body->arena, GM_MAX_RANK, sizeof *items);
  if (!attrs || !items) return gm__no_memory(r->error);
  attrs[0] = (gm__attr){.given = true, .items = items};
  attrs[1] = (gm__attr){.given = true, .flag = keep};
  for (int a = 0; a < rank; a++)
    if (axes[a]) items[attrs[0].count++] = a;
  *out = input;
  return attrs[0].count ? gm__rebuild_add(r, &gm__op_sum, &input, 1, attrs, out) : GM_OK;
}

/** The new node of the diagonal of an old one. */
static gm_status diagonal_of(gm__rebuild *r, uint32_t id, uint32_t *out) {
  diagonals *d = r->context;
  place *p = &d->at[id];
  if (!p->built) GM_TRY(gm__rebuild_add(r, &gm__op_diag_part, &r->fresh[id], 1, NULL, &p->built));
  *out = p->built;
  return GM_OK;
}

/** Of an operand of an elementwise node. */
static gm_status operand_of(gm__rebuild *r, const gm__node *node, uint32_t id, uint32_t *out) {
  const gm__node *in = &r->old[id];
  *out = r->fresh[id];
  if (in->rank < 2) return GM_OK;
  if (has_own(r->plan->graph, node, in)) return diagonal_of(r, id, out);
  return gm__rebuild_index(r, *out, is_one(r->plan->graph, in, 1) ? "..., 0" : "..., 0, :", out);
}

static gm_status build_elements(gm__rebuild *r, const gm__node *node, uint32_t *out) {
  uint32_t *inputs = gm__alloc(node->input_count, sizeof *inputs);
  gm_status status = inputs ? GM_OK : gm__no_memory(r->error);
  for (uint32_t i = 0; i < node->input_count && status == GM_OK; i++)
    status = operand_of(r, node, node->inputs[i], &inputs[i]);
  if (status == GM_OK) status = gm__rebuild_add(r, node->op, inputs, node->input_count, node->attrs, out);
  gm__free(inputs);
  return status;
}

/** Σ_k A[i, k]·Bᵀ[i, k], or Σ_k Aᵀ[k, i]·B[k, i] where Aᵀ is what was there. */
static gm_status build_product(gm__rebuild *r, const gm__node *node, uint32_t *out) {
  const gm__dims *dims = r->plan->graph->dims;
  int64_t rows = gm__dim_value(dims, node->dims[0]), columns = gm__dim_value(dims, node->dims[1]);
  uint32_t in[2] = {r->fresh[node->inputs[0]], r->fresh[node->inputs[1]]};
  bool turned = false;
  char at[40];
  gm__node_keeps_matrix(gm__node_of(r->plan->graph, in[0]), &turned);
  GM_TRY(gm__rebuild_add(r, &gm__op_transpose, &in[!turned], 1, NULL, &in[!turned]));
  snprintf(at, sizeof at, "%s:%lld", turned ? ":, " : "", (long long)(rows < columns ? rows : columns));
  if (rows != columns) GM_TRY(gm__rebuild_index(r, in[rows < columns], at, &in[rows < columns]));
  GM_TRY(gm__rebuild_add(r, &gm__row_multiply, in, 2, NULL, out));
  return add_sum(r, *out, (bool[]){turned, !turned}, 2, false, out);
}

/** The sum of the diagonal, where its axis is gone, and over the others that are. */
static gm_status build_sum(gm__rebuild *r, const gm__node *node, uint32_t *out) {
  const gm__node *in = &r->old[node->inputs[0]];
  bool reduced[GM_MAX_RANK], keep = node->rank == in->rank;
  int last = in->rank - 1;
  find_reduced(r->plan->graph, node, in, reduced);
  GM_TRY(diagonal_of(r, node->inputs[0], out));
  if (keep) GM_TRY(gm__rebuild_index(r, *out, reduced[last] ? "..., None" : "..., None, :", out));
  reduced[last - 1] = reduced[last - 1] && reduced[last];
  reduced[last] = false;
  return add_sum(r, *out, reduced, in->rank, keep, out);
}

/** `whole`: whose diagonal is read instead; it costs so many times the last of its nodes. */
static gm_status log_one(gm__rebuild *r, const gm__node *node, const char *whole, uint32_t fresh, int times) {
  gm__dim flops = gm__node_of(r->plan->graph, fresh)->flops;
  char after[160];
  if (node->flops == 0 || !node->name || !whole) return GM_OK;
  gm_status status = GM_OK;
  if (flops != GM__DIM_AUTO) status = gm__dim_mul(r->plan->graph->dims, flops, times, &flops, NULL);
  if (status == GM_NO_MEMORY) return gm__no_memory(r->error);
  if (status) flops = GM__DIM_AUTO;
  snprintf(after, sizeof after, "the diagonal of %.120s", whole);
  return gm__rebuild_log(r, r->pass, node, after, flops);
}

static gm_status visit_sum(gm__rebuild *r, const gm__node *node) {
  const diagonals *d = r->context;
  uint32_t fresh;
  GM_TRY(build_sum(r, node, &fresh));
  gm__rebuild_replace(r, fresh);
  return log_one(r, node, r->old[node->inputs[0]].name, fresh, fresh != d->at[node->inputs[0]].built);
}

static gm_status visit(gm__rebuild *r, uint32_t id) {
  diagonals *d = r->context;
  const gm__node *node = &r->old[id];
  place *p = &d->at[id];
  if (p->sums) return visit_sum(r, node);
  if (p->way == ONE) GM_TRY(diagonal_of(r, node->inputs[p->input], &p->built));
  if (p->way == ALL) GM_TRY(build_elements(r, node, &p->built));
  if (p->way == PRODUCT) GM_TRY(build_product(r, node, &p->built));
  if (p->way != WHOLE) return log_one(r, node, node->name, p->built, p->way - ONE);
  if (node->op->flags & GM__TAKES_DIAGONAL && d->at[node->inputs[0]].built)
    gm__rebuild_replace(r, d->at[node->inputs[0]].built);
  return GM_OK;
}

/* ---- The pass ---- */

static bool may_apply(const gm_plan *plan) {
  bool some = false;
  for (size_t id = 1; id <= plan->graph->count && !some; id++) {
    const gm__op *op = plan->graph->nodes[id].op;
    some = op->flags & GM__TAKES_DIAGONAL || op->laws & GM__ADDS_UP;
  }
  return some;
}

static gm_status run(gm_plan *plan, const gm__pass *pass, gm_error *error) {
  size_t count = plan->graph->count + 1;
  if (!may_apply(plan)) return GM_OK;
  diagonals d = {plan, gm__alloc(count, sizeof *d.forms), gm__alloc_zero(count, sizeof *d.at)};
  gm_status status = d.forms && d.at ? GM_OK : gm__no_memory(error);
  if (status == GM_OK && ask_all(&d)) status = gm__rebuild_each(plan, pass, visit, &d, error);
  gm__free(d.at);
  gm__free(d.forms);
  return status;
}

const gm__pass gm__pass_diagonal = {.name = "diagonal",
    .law = "the diagonal of A·B is the sums of the rows of A ∘ Bᵀ",
    .may_round = true,
    .graph = run};
