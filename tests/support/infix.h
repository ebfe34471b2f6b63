/* SPDX-License-Identifier: MIT
 *
 * Expressions as people write them: "(A'*B)'*(A'*B) + 3*C". ' transposes, * is dot, or multiply where a side
 * is a number, [...] indexes, name(x, y) is an operation, name1(x) one along axis 1; I
 * is eye. */
#ifndef GM_TESTS_INFIX_H
#define GM_TESTS_INFIX_H

#include <gemmule/gemmule.h>

/** Adds the expression; names are the graph's nodes. dtype, side: of I. Aborts where the text is none; {0}
 * where the library refuses. */
gm_node infix(gm_graph *graph, const char *text, gm_dtype dtype, int side);

#endif
