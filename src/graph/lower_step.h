/* SPDX-License-Identifier: MIT
 *
 * What lower.c, lower_move.c and lower_product.c share: operands, loops and steps. */
#ifndef GM_GRAPH_LOWER_STEP_H
#define GM_GRAPH_LOWER_STEP_H

#include "graph/lower.h"

gm__operand gm__lower_operand(const gm__view *view);
gm_status gm__lower_loops(gm__lower *l, const gm__nest *nest, gm__loops *out);
/** Number of elements. */
int64_t gm__nest_count(const gm__nest *nest);
/** Bytes that an operand moves: an element that is repeated counts once. */
double gm__lower_bytes(const gm__view *view);
/** Appends a step; operands and descriptor are copied. */
gm_status gm__lower_step(gm__lower *l, const gm__kernel *kernel, const gm__operand *operands, int reads,
    int writes, const void *descriptor, size_t size, gm__step **out);

#endif
