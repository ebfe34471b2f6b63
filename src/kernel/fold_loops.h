/* SPDX-License-Identifier: MIT
 *
 * The loops of a fold, made from two expressions: STEP(a, x, p) takes the element x, with the pivot p, into
 * the accumulator a; JOIN(a, b, 0) adds two accumulators. A STEP may note in `found`, a WORD as wide as the
 * element, what FINALLY has to attend to. CLONES is GM__CLONES_FEW or GM__CLONES_NONE, and for leaves alone:
 * rows wait for memory. */
#ifndef GM_KERNEL_FOLD_LOOPS_H
#define GM_KERNEL_FOLD_LOOPS_H

#include "kernel/clones.h"
#include "kernel/fold.h"

enum { GM__AHEAD = 8 };

#define GM__FOLD_MERGE(name, ACC, JOIN)                                                                      \
  static void name##_merge(void *into_, const void *from_, size_t count) {                                   \
    ACC *restrict into = into_;                                                                              \
    const ACC *restrict from = from_;                                                                        \
    GM__EACH(i, count, into[i] = JOIN(into[i], from[i], 0));                                                 \
  }

#define GM__FOLD_HALF(half, JOIN)                                                                            \
  for (size_t j = 0; j < (half); j++) lanes[j] = JOIN(lanes[j], lanes[j + (half)], 0);

/* The lanes are kept in registers. Fewer elements than there are lanes are added up in the same pairs. */
#define GM__FOLD_LEAF(CLONES, name, IN, ACC, PIVOT, STEP, JOIN)                                              \
  CLONES(name##_leaf)                                                                                        \
  static bool name##_leaf(                                                                                   \
      void *acc, const void *data_, size_t count, const void *neutral, const void *pivot) {                  \
    const PIVOT *const p = pivot;                                                                            \
    const IN *data = data_;                                                                                  \
    size_t whole = count / GM__LANES * GM__LANES, kept = count;                                              \
    ACC lanes[GM__LANES], first;                                                                             \
    (void)p;                                                                                                 \
    memcpy(&first, neutral, sizeof first);                                                                   \
    for (size_t j = 0; j < GM__LANES; j++) lanes[j] = first;                                                 \
    for (size_t i = 0; i < whole; i += GM__LANES)                                                            \
      for (size_t j = 0; j < GM__LANES; j++) lanes[j] = STEP(lanes[j], data[i + j], p[0]);                   \
    GM__SIMPLE                                                                                               \
    for (size_t j = 0; j < count - whole; j++) lanes[j] = STEP(lanes[j], data[whole + j], p[0]);             \
    if (whole > 0) {                                                                                         \
      GM__FOLD_HALF(8, JOIN) GM__FOLD_HALF(4, JOIN) GM__FOLD_HALF(2, JOIN) GM__FOLD_HALF(1, JOIN)            \
    } else {                                                                                                 \
      for (size_t half = GM__LANES / 2; half > 0; half /= 2) {                                               \
        GM__SIMPLE                                                                                           \
        for (size_t j = 0; j + half < kept; j++) lanes[j] = JOIN(lanes[j], lanes[j + half], 0);              \
        kept = kept < half ? kept : half;                                                                    \
      }                                                                                                      \
    }                                                                                                        \
    memcpy(acc, lanes, sizeof *lanes);                                                                       \
    return true;                                                                                             \
  }

/* Asks for a row of `bytes` that will be read soon; beyond the end of the data it does no harm. */
static inline void gm__prefetch(uintptr_t row, size_t bytes) {
  for (size_t at = 0; at < bytes; at += 64) __builtin_prefetch((const void *)(row + at));
}

/* Rows that follow one another without a gap are one long row, LANES of them at a time; of others the one
 * AHEAD rows further is asked for, since no processor foresees strides beyond a page. */
#define GM__FOLD_ROWS(CLONES, name, IN, ACC, PIVOT, STEP, WORD, FINALLY)                                     \
  CLONES(name##_rows)                                                                                        \
  static void name##_rows(                                                                                   \
      void *acc_, const void *data_, int64_t stride, size_t rows, size_t width, const void *pivot) {         \
    ACC *acc = acc_;                                                                                         \
    const IN *data = data_;                                                                                  \
    const PIVOT *const restrict p = pivot;                                                                   \
    bool dense = pivot == NULL && stride == (int64_t)width && rows % GM__LANES == 0;                         \
    size_t length = dense ? GM__LANES * width : width, lanes = dense ? 1 : GM__LANES;                        \
    size_t whole = gm__whole_units(length);                                                                  \
    uintptr_t ahead = (uintptr_t)data + GM__AHEAD * (uintptr_t)stride * sizeof(IN);                          \
    WORD found = 0;                                                                                          \
    (void)p, (void)found;                                                                                    \
    rows = dense ? rows / GM__LANES : rows;                                                                  \
    stride = dense ? (int64_t)length : stride;                                                               \
    for (size_t row = 0; row < rows; row++) {                                                                \
      ACC *restrict lane = acc + row % lanes * width;                                                        \
      const IN *restrict from = data + (int64_t)row * stride;                                                \
      if (width > 1 && !dense)                                                                               \
        gm__prefetch(ahead + row * (uintptr_t)stride * sizeof(IN), width * sizeof(IN));                      \
      GM__EACH_OF(i, whole, length, lane[i] = STEP(lane[i], from[i], p[i]));                                 \
    }                                                                                                        \
    FINALLY;                                                                                                 \
  }

/* Without a leaf of its own: for numbers that are seldom added up. */
#define GM__FOLD_SELDOM(name, IN, ACC, PIVOT, STEP, JOIN)                                                    \
  GM__FOLD_MERGE(name, ACC, JOIN)                                                                            \
  GM__FOLD_ROWS(GM__CLONES_NONE, name, IN, ACC, PIVOT, STEP, int, (void)0)

#define GM__FOLD(CLONES, name, IN, ACC, PIVOT, STEP, JOIN)                                                   \
  GM__FOLD_MERGE(name, ACC, JOIN)                                                                            \
  GM__FOLD_LEAF(CLONES, name, IN, ACC, PIVOT, STEP, JOIN)                                                    \
  GM__FOLD_ROWS(CLONES, name, IN, ACC, PIVOT, STEP, int, (void)0)

#endif
