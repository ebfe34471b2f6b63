/* SPDX-License-Identifier: MIT
 *
 * The symmetric update of rank 2k, an operation that only the planner makes. */
#ifndef GM_PLAN_NODE_RANK_2K_H
#define GM_PLAN_NODE_RANK_2K_H

#include "graph/lower.h"

/** alpha · (x · yᵗ + y · xᵗ), with x and y of n × k and the same dtype. Attribute: alpha. */
extern const gm__op gm__op_rank_2k;

#endif
