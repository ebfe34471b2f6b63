/* SPDX-License-Identifier: MIT
 *
 * The forms of nodes: what is known of the matrix in the last two axes of a value, from the records alone. */
#ifndef GM_PLAN_NODE_FORM_H
#define GM_PLAN_NODE_FORM_H

#include "graph/graph.h"

/** What follows for a node from its record and its inputs' forms (`forms` by node); general for a rank below
 * 2 and where nothing is known. */
gm__form gm__node_form(const gm_graph *graph, uint32_t id, const gm__form *forms);
/** Does the node swap the last two axes (`swaps`) or leave both where they are, whatever it does to others?
 */
bool gm__node_keeps_matrix(const gm__node *node, bool *swaps);
/** Is one of the two the other with its two axes swapped, or are both the same symmetric matrix? */
bool gm__nodes_transposed(const gm_graph *graph, uint32_t a, uint32_t b, const gm__form *forms);
/** Is it the product of two matrices, m × k and k × n, and nothing else that a record with `product` may be?
 */
bool gm__node_is_matrix_product(const gm_graph *graph, uint32_t id);

#endif
