/* SPDX-License-Identifier: MIT
 *
 * What plan_text.c and plan_json.c share. `special` is NULL while dims are symbols. */
#ifndef GM_PLAN_PLAN_PRINT_H
#define GM_PLAN_PLAN_PRINT_H

#include "plan/plan.h"

/** Does the node become steps (or a view)? */
bool gm__plan_runs(const gm_plan *plan, uint32_t id);
/** Calls `say` with each named symbol and its length under the dims given as text; -1 where it has none.
 * GM_OK or GM_NO_MEMORY. */
gm_status gm__plan_each_dim(const gm_plan *plan, const char *given,
    void (*say)(void *context, const char *name, int64_t length), void *context);
/** "feed", "value", "folded", "temporary", "output", "packed". */
const char *gm__buffer_kind_name(gm__buffer_kind kind);
/** The best kernel that did not take a step's product, and why; NULL: there is none. */
const char *gm__plan_refusal(const gm_plan *plan, const gm__step *step, const char **why);
/** Everything as one JSON object; without memory the text fails. `later`: the log behind the plan's own. */
void gm__plan_json(
    const gm_plan *plan, const char *dims, const gm__special *special, const gm__log *later, gm__text *text);

#endif
