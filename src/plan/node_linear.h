/* SPDX-License-Identifier: MIT
 *
 * Operations that only the planner makes: a product that is scaled and added to, and linear combinations. */
#ifndef GM_PLAN_NODE_LINEAR_H
#define GM_PLAN_NODE_LINEAR_H

#include "graph/lower.h"

/** alpha · x · y + beta · z, with x and y as `dot` takes them for a y of rank 1 or 2, and z (there or not) of
 * the result's shape. Attributes: alpha, beta. */
extern const gm__op gm__op_gemm;
/** a · x, and a · x + b · y of one shape. Attributes: a, b. */
extern const gm__op gm__op_scale, gm__op_combine;

#endif
