/* SPDX-License-Identifier: MIT
 *
 * Arithmetic that says when it overflows, and the one function that turns dims into bytes. */
#ifndef GM_BASE_CHECKED_H
#define GM_BASE_CHECKED_H

#include "base/error.h"

/** true when the result fits. */
static inline bool gm__add_ok(int64_t a, int64_t b, int64_t *sum) {
  return !__builtin_add_overflow(a, b, sum);
}
static inline bool gm__sub_ok(int64_t a, int64_t b, int64_t *difference) {
  return !__builtin_sub_overflow(a, b, difference);
}
static inline bool gm__mul_ok(int64_t a, int64_t b, int64_t *product) {
  return !__builtin_mul_overflow(a, b, product);
}

/** The number of elements and of bytes of a tensor: every product of dims goes through here. GM_BAD_SHAPE for
 * a negative length, GM_LIMIT for a rank above GM_MAX_RANK or when the bytes, or the product of the lengths
 * that are not 0, exceed INT64_MAX / 2. `count` and `bytes` may be NULL. */
gm_status gm__shape_size(
    int rank, const int64_t *dims, size_t element, int64_t *count, size_t *bytes, gm_error *error);

/** floor(a / b) and its remainder with the sign of b; b != 0; INT64_MIN / -1 wraps. */
static inline int64_t gm__floor_div(int64_t a, int64_t b) {
  if (b == -1) return (int64_t)(0 - (uint64_t)a);
  int64_t q = a / b;
  return q - (a % b != 0 && (a % b < 0) != (b < 0));
}

#endif
