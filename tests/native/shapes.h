/* SPDX-License-Identifier: MIT
 *
 * Which products are tried: numbered, so that a number and a group say which. */
#ifndef GM_TESTS_SHAPES_H
#define GM_TESTS_SHAPES_H

#include "native/product.h"

/** small: 1 to 70 in each of M, N and K, each pair of M and N once in 4,900. deep: K around the ends of
 * blocks, few rows and columns. large: up to some hundreds. far: few rows times some megabytes. empty: K is
 * 0. */
typedef struct group {
  const char *name;
  wish (*wish)(uint64_t number);
} group;
extern const group groups[];
enum { SMALL, DEEP, LARGE, FAR, EMPTY, GROUPS };
enum { MOST_LENGTH = 70 };

/** Tries the products `first` … `first + count - 1`, prints those that are wrong, at most three, and returns
 * how many. */
int shapes_try(const group *g, uint64_t first, uint64_t count);
/** Each length from 1 to 70 of M, N and K, densely in each of four layouts, for float32 and float64: `part`
 * of `parts` (by M). */
int shapes_try_all(int64_t part, int64_t parts);

#endif
