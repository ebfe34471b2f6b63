/* SPDX-License-Identifier: MIT
 *
 * Lowering the nodes of a plan's private graph to the steps of a program, one node after the other: for a
 * specialisation, and for folding constants. */
#ifndef GM_PLAN_LOWERING_H
#define GM_PLAN_LOWERING_H

#include "plan/plan.h"

typedef struct gm__held gm__held;

typedef struct gm__lowering {
  gm_plan *plan;
  const gm__values *values; /* of the symbols; NULL: only nodes whose dims are known are lowered */
  gm__program *program;
  gm__log *log; /* of the passes that act while lowering; NULL: none is kept */
  gm_error *error;
  gm__arena scratch;
  gm__held *held;  /* by node */
  gm__form *forms; /* by node; NULL: none is used */
  bool *raw;       /* by node: entries outside its form are not zero in memory */
} gm__lowering;

/** Room for every node. gm__lowering_end in any case. */
gm_status gm__lowering_begin(gm__lowering *s);
void gm__lowering_end(gm__lowering *s);
/** Lowers one node; its inputs have been. */
gm_status gm__lowering_node(gm__lowering *s, uint32_t id);
gm_status gm__lowering_hold(gm__lowering *s, uint32_t id, const gm__view *view);
/** Where a node's value lies; it has been lowered. */
void gm__lowering_view(const gm__lowering *s, uint32_t id, gm__view *view);
/** Is the view the whole of a temporary, element after element? *bytes: its size. */
bool gm__lowering_whole(const gm__lowering *s, const gm__view *view, size_t bytes);
/** What becomes of a view that has just been lowered, by steps from `before` on: it stays one, or, without
 * the pass, is copied (pass_views.c). */
gm_status gm__views_settle(gm__lowering *s, gm__lower *l, size_t before);

/* ---- Forms (lowering_forms.c); nothing happens without the pass ---- */
gm_status gm__forms_begin(gm__lowering *s);
/** A raw value is copied, entries outside its form becoming zero. */
gm_status gm__forms_apply(gm__lowering *s, uint32_t id);
/** Applies the forms of inputs of which a node cannot make use. */
gm_status gm__forms_prepare(gm__lowering *s, uint32_t id);
/** Calls the record's lower, once more when it wants a raw input whole. */
gm_status gm__forms_lower(gm__lowering *s, gm__lower *l, gm__view *in);
/** What is known of a node that has been lowered; its result's view may become another of the same value. */
void gm__forms_settle(gm__lowering *s, uint32_t id, gm__view *out);

/** A length of a node under the values. */
gm_status gm__lowering_length(const gm__lowering *s, const gm__node *node, int axis, int64_t *out);

#endif
