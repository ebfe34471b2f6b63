/* SPDX-License-Identifier: MIT
 *
 * Rebuilding the private graph: for passes that need nodes which were not written. Every node in turn, inputs
 * before users, is copied as it is or replaced by others, which are made just before the place where it
 * stood, so that the order stays what it was. */
#ifndef GM_PLAN_REBUILD_H
#define GM_PLAN_REBUILD_H

#include "plan/plan.h"

typedef struct gm__rebuild {
  gm_plan *plan; /* plan->graph is the new graph, as far as it has been made */
  const gm__pass *pass;
  const gm__node *old; /* the nodes as they were, [1, old_count]; their inputs are old numbers */
  size_t old_count;
  uint32_t *fresh; /* by old number: the new one; 0 while it has not been visited */
  uint32_t at;     /* the old number that is being visited: new nodes take its name and place */
  void *context;
  gm_error *error;
} gm__rebuild;

/** Visits every node; one that the visit has not replaced is copied. When a visit fails the graph is as it
 * was. */
gm_status gm__rebuild_each(gm_plan *plan, const gm__pass *pass,
    gm_status (*visit)(gm__rebuild *r, uint32_t id), void *context, gm_error *error);
/** Adds a node; `inputs` are new numbers, copied; `attrs` (typed, op->attr_count of them, NULL where there
 * are none) must live as long as the graph's memory: gm__rebuild_attrs. The shape is inferred. One result
 * only. */
gm_status gm__rebuild_add(gm__rebuild *r, const gm__op *op, const uint32_t *inputs, uint32_t count,
    const gm__attr *attrs, uint32_t *out);
/** An index, as text, of a new node. */
gm_status gm__rebuild_index(gm__rebuild *r, uint32_t input, const char *at, uint32_t *out);
/** Logs that `after`, which costs `flops`, is computed in place of an old node. */
gm_status gm__rebuild_log(
    gm__rebuild *r, const gm__pass *pass, const gm__node *old, const char *after, gm__dim flops);
/** Zeroed attributes in the graph's memory; NULL: out of memory. */
gm__attr *gm__rebuild_attrs(gm__rebuild *r, int count);
/** The node under visit is `fresh`, a new node, from here on. */
void gm__rebuild_replace(gm__rebuild *r, uint32_t fresh);

#endif
