/* SPDX-License-Identifier: MIT
 *
 * share. Law: the same operation with the same attributes on the same inputs has the same value; the inputs
 * of a commutative operation may stand in any order. Equal nodes are found by hashing, inputs before users,
 * so that equal trees fold from the leaves up. Their shapes are compared too: a reshape that reads through
 * another is the same operation with another result. Random and stateful nodes are never shared. */
#include <string.h>
#include "plan/plan.h"

/** The table of nodes by hash: open addressing, 0 for nobody. */
typedef struct table {
  uint32_t *ids;
  size_t mask;
} table;

static bool shareable(const gm__node *node) {
  if (node->op == &gm__op_number) return true;
  return !(node->op->flags & (GM__SOURCE | GM__RANDOM | GM__STATEFUL)) && node->op->results == 1;
}

static bool same_number(const gm__node *a, const gm__node *b) {
  return a->dtype == b->dtype && memcmp(&a->init->a, &b->init->a, sizeof a->init->a) == 0 &&
         a->init->b == b->init->b && a->init->seed == b->init->seed;
}

static bool swapped(const gm__node *a, const gm__node *b) {
  return (a->op->laws & GM__COMMUTATIVE) && a->input_count == 2 && a->inputs[0] == b->inputs[1] &&
         a->inputs[1] == b->inputs[0];
}

static bool same(const gm__node *a, const gm__node *b) {
  if (a->op != b->op || a->input_count != b->input_count || a->dtype != b->dtype) return false;
  if (a->op == &gm__op_number) return same_number(a, b);
  if (memcmp(a->inputs, b->inputs, a->input_count * sizeof *a->inputs) != 0 && !swapped(a, b)) return false;
  return gm__rewrite_same_attrs(a, b);
}

static uint64_t hash_of(const gm__node *node) {
  uint64_t hash = gm__hash(GM__HASH_SEED, &node->op, sizeof node->op);
  if (node->op == &gm__op_number) return gm__hash(hash, &node->init->a, sizeof node->init->a);
  uint64_t inputs = 0;
  for (uint32_t i = 0; i < node->input_count; i++) {
    bool ordered = !(node->op->laws & GM__COMMUTATIVE);
    inputs += gm__hash(ordered ? GM__HASH_SEED + i : GM__HASH_SEED, &node->inputs[i], sizeof node->inputs[i]);
  }
  hash = gm__hash(hash, &inputs, sizeof inputs);
  for (int i = 0; i < node->op->attr_count; i++) {
    hash = gm__attr_hash(hash, &node->op->attrs[i], &node->attrs[i]);
  }
  return hash;
}

/** Enters a node, or finds the earlier one that equals it. */
static gm_status visit(gm__rewrite *r, uint32_t id) {
  const gm_graph *graph = r->plan->graph;
  const gm__node *node = gm__node_of(graph, id);
  const table *t = r->context;
  if (!shareable(node)) return GM_OK;
  size_t at = (size_t)hash_of(node) & t->mask;
  for (; t->ids[at]; at = (at + 1) & t->mask) {
    bool equal = same(gm__node_of(graph, t->ids[at]), node) && gm__rewrite_alike(r, id, t->ids[at]);
    if (equal) return gm__rewrite_replace(r, id, t->ids[at]);
  }
  t->ids[at] = id;
  return GM_OK;
}

static gm_status run(gm_plan *plan, const gm__pass *pass, gm_error *error) {
  size_t size = 16;
  while (size < 2 * (plan->graph->count + 1)) size *= 2;
  table t = {gm__alloc_zero(size, sizeof *t.ids), size - 1};
  gm_status status = t.ids ? gm__rewrite_each(plan, pass, visit, &t, error) : gm__no_memory(error);
  gm__free(t.ids);
  return status;
}

const gm__pass gm__pass_share = {
    .name = "share", .law = "equal operations on equal inputs have one value", .graph = run};
