/* SPDX-License-Identifier: MIT
 *
 * Values of the recorded cases: JSON lists to plain arrays, and their comparison. */
#ifndef GM_TESTS_KERAS_VALUE_H
#define GM_TESTS_KERAS_VALUE_H

#include "support/cells.h"

#include <jansson.h>

/** A value of the given dtype and of `shape` (a JSON list of numbers; NULL: the lists' own lengths). False
 * when the number of elements is another. */
bool keras_cells(const json_t *value, const json_t *shape, gm_dtype dtype, cells *made);
/** "2, ?, 3" of a list whose unknown lengths are null. */
void keras_shape_text(const json_t *shape, char *text, size_t size);
/** abs(got - want) <= tolerance * (1 + abs(want)) everywhere, shapes and dtypes equal; otherwise says what
 * differs. */
bool keras_close(const cells *got, const cells *want, double tolerance, char *why, size_t size);

#endif
