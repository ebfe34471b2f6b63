/* SPDX-License-Identifier: MIT
 *
 * Walking nested loops with an odometer: an index an axis, and one offset (in elements) an operand that
 * follows it. No recursion, no multiplication of all dims, any rank. */
#ifndef GM_KERNEL_WALK_H
#define GM_KERNEL_WALK_H

#include "kernel/step.h"

/** Is a dim 0? */
static inline bool gm__loops_empty(const gm__loops *loops) {
  for (int axis = 0; axis < loops->rank; axis++)
    if (loops->dims[axis] == 0) return true;
  return false;
}

/** The number of elements. */
static inline int64_t gm__loops_count(const gm__loops *loops) {
  int64_t count = 1;
  if (gm__loops_empty(loops)) return 0;
  for (int axis = 0; axis < loops->rank; axis++) count *= loops->dims[axis];
  return count;
}

/** The stride of an operand along an axis. */
static inline int64_t gm__loops_stride(const gm__loops *loops, int operand, int axis) {
  return loops->strides[operand * loops->rank + axis];
}

/** Zeroes the index of the first `axes` axes and the offsets. */
static inline void gm__loops_begin(int axes, int operands, int64_t *index, int64_t *offsets) {
  for (int axis = 0; axis < axes; axis++) index[axis] = 0;
  for (int o = 0; o < operands; o++) offsets[o] = 0;
}

/** Goes on by one over the first `axes` axes, the last of them fastest. false past the end: all is at the
 * start again then. */
static inline bool gm__loops_next(
    const gm__loops *loops, int axes, int operands, int64_t *index, int64_t *offsets) {
  for (int axis = axes - 1; axis >= 0; axis--) {
    bool wraps = ++index[axis] == loops->dims[axis];
    int64_t move = wraps ? 1 - loops->dims[axis] : 1;
    for (int o = 0; o < operands; o++) offsets[o] += move * gm__loops_stride(loops, o, axis);
    if (!wraps) return true;
    index[axis] = 0;
  }
  return false;
}

#endif
