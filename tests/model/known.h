/* SPDX-License-Identifier: MIT
 *
 * What the model knows of an element, and arrays of that. A number stands with two more: its error, how far
 * what the library computes may be away by rounding, and its mass, the value of the same expression with
 * every number and every operation's sign taken positive, as far back as only sums and products made it. A
 * sum of products may be formed in any order, be multiplied out or be factored: each way its error is within
 * a few units of the mass, which the value itself, after cancellation, does not bound. */
#ifndef GM_TESTS_KNOWN_H
#define GM_TESTS_KNOWN_H

#include <math.h>
#include "support/cells.h"

typedef struct known {
  double value, error, mass; /**< error INFINITY: nothing is known */
  int64_t whole;             /**< the value of integers and bool; their error is 0 or INFINITY */
} known;

#define FIELD_RANK 8
/** Elements of an array that is modelled. */
#define FIELD_MOST 5000

typedef struct field {
  gm_dtype dtype;
  int rank;
  int64_t dims[FIELD_RANK];
  int64_t count;
  known *at;
} field;

known known_real(double value);
known known_whole(int64_t value);
known known_nothing(void);
/** Rounded (wrapped) to the dtype as far as the error does not say it; nothing where the value is not finite
 *  or the error is not a number. */
known known_settled(known x, gm_dtype dtype);
static inline bool is_known(known x) {
  return x.error < (double)INFINITY;
}
/** 1: surely not 0, 0: surely 0, -1: either. */
int known_truth(known x, gm_dtype dtype);

/** All zero. Freed by field_free. */
field field_new(gm_dtype dtype, int rank, const int64_t *dims);
field field_of(const cells *array);
void field_free(field *array);
int64_t field_offset(const field *array, const int64_t *index);
/** The element that NumPy's broadcasting puts at `index` of a result of `rank` axes. */
known field_broadcast(const field *array, int rank, const int64_t *index);
bool field_same_shape(const field *array, int rank, const int64_t *dims);

#endif
