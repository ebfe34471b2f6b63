/* SPDX-License-Identifier: MIT
 *
 * What a plan will choose once its dims are known. */
#ifndef GM_PLAN_ALGEBRA_OPEN_H
#define GM_PLAN_ALGEBRA_OPEN_H

#include "plan/algebra_state.h"

/** Logs, for each choice that waits for dims, the candidates with their flops as polynomials. */
gm_status gm__algebra_candidates(const gm_plan *plan, gm__log *log, gm_error *error);

#endif
