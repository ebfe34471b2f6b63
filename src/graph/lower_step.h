/* SPDX-License-Identifier: MIT
 *
 * What lower.c and lower_product.c share: operands, loops and steps. */
#ifndef GM_GRAPH_LOWER_STEP_H
#define GM_GRAPH_LOWER_STEP_H

#include "graph/lower.h"

gm__operand gm__lower_operand(const gm__view *view);
gm_status gm__lower_loops(gm__lower *l, const gm__nest *nest, gm__loops *out);
/** Appends a step; operands and descriptor are copied. */
gm_status gm__lower_step(gm__lower *l, const gm__kernel *kernel, const gm__operand *operands, int reads, int writes,
    const void *descriptor, size_t size, gm__step **out);

#endif
