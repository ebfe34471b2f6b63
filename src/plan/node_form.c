/* SPDX-License-Identifier: MIT
 *
 * The forms of nodes. A record says what it makes or declares; a change of the order of axes transposes; sums
 * of zeros are zero, and so are products with one; the product of a matrix with its own transpose is
 * symmetric. Anything else is general. */
#include "plan/node_form.h"

bool gm__node_keeps_matrix(const gm__node *node, bool *swaps) {
  int order[GM_MAX_RANK], rank = node->rank;
  if (!node->op->order || rank < 2) return false;
  node->op->order(node->attrs, rank, order);
  *swaps = order[rank - 1] == rank - 2 && order[rank - 2] == rank - 1;
  return *swaps || (order[rank - 1] == rank - 1 && order[rank - 2] == rank - 2);
}

static bool same_dim(const gm_graph *graph, const gm__node *a, int i, const gm__node *b, int j) {
  return gm__dim_same(graph->dims, a->dims[i], b->dims[j]);
}

bool gm__node_is_matrix_product(const gm_graph *graph, uint32_t id) {
  const gm__node *node = gm__node_of(graph, id);
  if (!node->op->product || node->rank != 2 || node->input_count < 2) return false;
  const gm__node *x = gm__node_of(graph, node->inputs[0]), *y = gm__node_of(graph, node->inputs[1]);
  return x->rank == 2 && y->rank == 2 && same_dim(graph, x, 1, y, 0) && same_dim(graph, node, 0, x, 0) &&
         same_dim(graph, node, 1, y, 1);
}

static bool is_transpose_of(const gm_graph *graph, uint32_t id, uint32_t other) {
  const gm__node *node = gm__node_of(graph, id);
  bool swaps;
  return gm__node_keeps_matrix(node, &swaps) && swaps && node->inputs[0] == other;
}

bool gm__nodes_transposed(const gm_graph *graph, uint32_t a, uint32_t b, const gm__form *forms) {
  if (gm__node_of(graph, a)->rank != 2) return false;
  return (a == b && forms[a].symmetric) || is_transpose_of(graph, a, b) || is_transpose_of(graph, b, a);
}

/* ---- Rules ---- */

/** What is added after the product of the first two counts as one more sum. */
static gm__form form_of_product(const gm_graph *graph, const gm__node *node, const gm__form *forms) {
  const uint32_t *in = node->inputs;
  gm__form form = gm__form_product(forms[in[0]], forms[in[1]]);
  form.symmetric = form.symmetric || gm__nodes_transposed(graph, in[0], in[1], forms);
  if (node->input_count > 2 || node->op->attr_count > 0) form.identity = false;
  for (uint32_t i = 2; i < node->input_count; i++) {
    bool whole = gm__node_of(graph, in[i])->rank == 2 &&
                 same_dim(graph, node, 0, gm__node_of(graph, in[i]), 0) &&
                 same_dim(graph, node, 1, gm__node_of(graph, in[i]), 1);
    form = gm__form_sum(form, whole ? forms[in[i]] : gm__form_general());
  }
  return form;
}

/** The form of an input as it is seen in the result: one that repeats along the matrix has none. */
static gm__form seen_form(
    const gm_graph *graph, const gm__node *node, uint32_t input, const gm__form *forms) {
  const gm__node *in = gm__node_of(graph, input);
  gm__form form = forms[input];
  if (gm__form_is_general(form) || gm__form_is_zero(form)) return form;
  bool whole = same_dim(graph, node, node->rank - 1, in, in->rank - 1) &&
               same_dim(graph, node, node->rank - 2, in, in->rank - 2);
  return whole ? form : gm__form_general();
}

static bool is_scalar(const gm_graph *graph, uint32_t id) {
  const gm__node *node = gm__node_of(graph, id);
  bool single = true;
  for (int a = 0; a < node->rank; a++) single = single && gm__dim_value(graph->dims, node->dims[a]) == 1;
  return single;
}

static gm__form form_of_elements(const gm_graph *graph, const gm__node *node, const gm__form *forms) {
  bool sums = node->op->laws & GM__LINEAR;
  gm__form form = gm__form_general();
  int seen = 0;
  for (uint32_t i = 0; i < node->input_count; i++) {
    uint32_t in = node->inputs[i];
    if (!sums && is_scalar(graph, in) && !gm__form_is_zero(forms[in])) continue;
    gm__form next = seen_form(graph, node, in, forms);
    if (seen++ == 0)
      form = next;
    else
      form = sums ? gm__form_sum(form, next) : gm__form_both(form, next);
  }
  form.identity = false;
  return form;
}

static bool any_form(const gm__node *node, const gm__form *forms) {
  bool any = false;
  for (uint32_t i = 0; i < node->input_count && !any; i++) any = !gm__form_is_general(forms[node->inputs[i]]);
  return any;
}

gm__form gm__node_form(const gm_graph *graph, uint32_t id, const gm__form *forms) {
  const gm__node *node = gm__node_of(graph, id);
  const gm__op *op = node->op;
  bool swaps;
  if (op->everywhere && *op->everywhere == 0) return gm__form_zero();
  if (node->rank < 2 || node->result > 0) return gm__form_general();
  if (op->form) return op->form(node->attrs, node->input_count ? &forms[node->inputs[0]] : NULL);
  if (gm__node_is_matrix_product(graph, id)) return form_of_product(graph, node, forms);
  if (!any_form(node, forms)) return gm__form_general();
  if (gm__node_keeps_matrix(node, &swaps))
    return swaps ? gm__form_transposed(forms[node->inputs[0]]) : forms[node->inputs[0]];
  if (op->flags & GM__ELEMENTWISE && op->laws & (GM__LINEAR | GM__BILINEAR))
    return form_of_elements(graph, node, forms);
  return gm__form_general();
}
