/* SPDX-License-Identifier: MIT
 *
 * Where an element comes from, by the rules of operations that move or choose, and how single elements are
 * converted: what the oracle and the model of whole graphs share. */
#ifndef GM_TESTS_PLACES_H
#define GM_TESTS_PLACES_H

#include "support/cells.h"

/** Element i of the result's axis is element (first + i / each * step) mod length of the operand's. */
typedef struct rule {
  int64_t first, step, each;
} rule;
static const rule plain_rule = {0, 1, 1};
/** The offset in an operand of `dims` of the element that the rules, one an axis, put at `index`. */
int64_t rules_place(const rule *rules, int rank, const int64_t *dims, const int64_t *index);

/** A slice as it is written; an absent bound is SLICE_OPEN. */
#define SLICE_OPEN INT64_MAX
typedef struct slice {
  int64_t start, stop, step;
} slice;
/** The rule of the slice of an axis, as Python's slice.indices computes it, and in *count its length. */
rule slice_rule(const slice *part, int64_t length, int64_t *count);

/** The offset in an n by n matrix of the element that stands at (i, j) under `assume`; -1 for zero. `block`
 * is read for block_diagonal only. */
int64_t structure_place(const char *structure, int64_t block, int64_t n, int64_t i, int64_t j);

/** The value cast to another dtype: floats saturate, NaN is 0, integers wrap, bool is != 0. */
cell cell_cast(cell x, gm_dtype from, gm_dtype to);
/** The quotient rounded toward minus infinity; by 0, 0. */
int64_t floor_quotient(int64_t a, int64_t b);
/** The greatest, or the least, integer of a dtype. */
int64_t dtype_limit(gm_dtype dtype, bool least);

#endif
