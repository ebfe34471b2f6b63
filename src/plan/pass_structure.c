/* SPDX-License-Identifier: MIT
 *
 * structure. Law: entries outside the form of a matrix take no part, and of a symmetric result one half is
 * enough. The pass itself leaves out products with the identity; the rest is done as products are lowered
 * (lowering_forms.c, graph/lower_form.c), which ask whether it is on. */
#include "plan/node_form.h"
#include "plan/plan.h"

/** Is a product with these attributes the product itself, and not a multiple of it? */
static bool is_plain(const gm__node *node) {
  bool plain = node->op->product && node->input_count == 2;
  for (int i = 0; i < node->op->attr_count && plain; i++) plain = node->op->attrs[i].type != GM__ATTR_NUMBER;
  return plain;
}

/** Is factor `at` the identity, and the other one of such a rank that its axes stay in their order? */
static bool is_identity(const gm_graph *graph, const gm__node *node, int at, const gm__form *forms) {
  const gm__node *factor = gm__node_of(graph, node->inputs[at]);
  int other = gm__node_of(graph, node->inputs[1 - at])->rank;
  return forms[node->inputs[at]].identity && factor->rank == 2 && (at == 1 || other <= 2);
}

static gm_status visit(gm__rewrite *r, uint32_t id) {
  gm_graph *graph = r->plan->graph;
  const gm__node *node = gm__node_of(graph, id);
  gm__form *forms = r->context;
  forms[id] = gm__node_form(graph, id, forms);
  if (!is_plain(node)) return GM_OK;
  for (int i = 0; i < 2; i++) {
    uint32_t other = node->inputs[1 - i];
    if (is_identity(graph, node, i, forms) && gm__rewrite_alike(r, id, other))
      return gm__rewrite_replace(r, id, other);
  }
  return GM_OK;
}

static gm_status run(gm_plan *plan, const gm__pass *pass, gm_error *error) {
  gm__form *forms = gm__alloc(plan->graph->count + 1, sizeof *forms);
  if (!forms) return gm__no_memory(error);
  gm_status status = gm__rewrite_each(plan, pass, visit, forms, error);
  gm__free(forms);
  return status;
}

const gm__pass gm__pass_structure = {.name = "structure",
    .law = "entries outside a matrix's structure take no part",
    .may_round = true,
    .graph = run};
