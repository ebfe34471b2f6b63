/* SPDX-License-Identifier: MIT
 *
 * Expressions as text, for the log: "(Aᵗ·B)·y". */
#ifndef GM_PLAN_ALGEBRA_TEXT_H
#define GM_PLAN_ALGEBRA_TEXT_H

#include "plan/algebra_state.h"

/** What was written at a node. */
void gm__written_text(const gm__algebra *a, uint32_t node, gm__text *text);
/** What a state computes for a definition. */
gm_status gm__chosen_text(
    gm__algebra *a, const gm__group *group, const gm__state *state, uint32_t def, gm__text *text);
/** ", with Aᵗ·B once": what it computes once for several. */
gm_status gm__shared_text(gm__algebra *a, const gm__group *group, const gm__state *state, gm__text *text);

#endif
