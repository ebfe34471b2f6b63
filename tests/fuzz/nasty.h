/* SPDX-License-Identifier: MIT
 *
 * Texts that hurt readers, as a rule to make them by. */
#ifndef GM_TESTS_NASTY_H
#define GM_TESTS_NASTY_H

#include <stddef.h>

/** head, then `unit` again and again, then between, then `other` again and again, then tail: 64 KB together.
 *  In units, # is their number and @ the one before. */
typedef struct nasty {
  const char *name, *head, *unit, *between, *other, *tail;
} nasty;

/* A short text, and a long polynomial. */
#define POLYNOMIAL                                                                                           \
  "(a + b + c + d + e + f + g)*(a + b + c + d + e + f + g)*(h + i + j + k + l + m + o)*(p + q + r + s)"

extern const nasty nasty_graphs[];
extern const size_t nasty_graph_count;

#endif
