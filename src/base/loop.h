/* SPDX-License-Identifier: MIT
 *
 * What compilers are told about loops over elements, so that they make vectors of what is worth it and little
 * code of the rest. Loops of whole units (a multiple of GM__UNIT rounds, which the compiler can see) become
 * vectors without a remainder; gcc leaves others alone at -O2. */
#ifndef GM_BASE_LOOP_H
#define GM_BASE_LOOP_H

#include <stddef.h>

#define GM__UNIT 16

/** As many of `count` as whole units have. */
static inline size_t gm__whole_units(size_t count) {
  return count & ~(size_t)(GM__UNIT - 1);
}

/* GM__VECTORISE: one element after the other, independent of all others: `out` may be an argument itself,
 * which rules out restrict, but not vectors. GM__SIMPLE: few rounds, or what is no vector anyway. */
#if defined(__clang__)
#pragma clang diagnostic ignored "-Wpass-failed"
#define GM__VECTORISE _Pragma("clang loop vectorize(assume_safety) interleave(disable) unroll(disable)")
#define GM__SIMPLE _Pragma("clang loop vectorize(disable) interleave(disable) unroll(disable)")
#else
#define GM__VECTORISE _Pragma("GCC ivdep")
#define GM__SIMPLE
#endif

/* A statement for each i below `count`: `whole` units of them as vectors, and what exceeds them. In a loop
 * around it `whole` is computed before that loop. */
#define GM__EACH_OF(i, whole, count, statement)                                                              \
  do {                                                                                                       \
    GM__VECTORISE                                                                                            \
    for (size_t i = 0; i < (whole); i++) statement;                                                          \
    GM__SIMPLE                                                                                               \
    for (size_t i = (whole); i < (count); i++) statement;                                                    \
  } while (0)
#define GM__EACH(i, count, statement)                                                                        \
  do {                                                                                                       \
    size_t whole_ = gm__whole_units(count);                                                                  \
    GM__EACH_OF(i, whole_, count, statement);                                                                \
  } while (0)

#endif
