/* SPDX-License-Identifier: MIT
 *
 * What the oracle's elementwise operations share. */
#ifndef GM_TESTS_ORACLE_ELEMENTWISE_H
#define GM_TESTS_ORACLE_ELEMENTWISE_H

#include "support/oracle.h"

/** The element of an operand that NumPy's broadcasting puts at `index` of a result of `rank` axes. */
cell at_broadcast(const cells *array, int rank, const int64_t *index);
/** Two inputs that broadcast; returns the rank of their common dims. */
int drawn_pair(draw *from, gm_dtype dtype, sample *made, int64_t *dims);
/** The result, in `dtype`, of inputs 0 and 1 element by element, with a bound of four units. */
void pairwise(sample *made, gm_dtype dtype, int rank, const int64_t *dims, cell (*formula)(cell, cell));
/** Both. */
void binary(draw *from, gm_dtype dtype, sample *made, cell (*formula)(cell, cell));

/** Numbers that a formula of one operand may depend on. */
typedef struct ramp {
  double slope, most, threshold;
} ramp;
/** One input and its result, element by element, with a bound of `units`. */
void each(draw *from, gm_dtype dtype, sample *made, cell (*formula)(cell, const ramp *), const ramp *shape,
    double units);

#endif
