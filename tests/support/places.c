/* SPDX-License-Identifier: MIT
 *
 * Places of elements and conversions of single ones, each from its definition. */
#include "support/places.h"

#include <math.h>
#include <string.h>

int64_t rules_place(const rule *rules, int rank, const int64_t *dims, const int64_t *index) {
  int64_t offset = 0;
  for (int a = 0; a < rank; a++)
    offset = offset * dims[a] + (rules[a].first + index[a] / rules[a].each * rules[a].step) % dims[a];
  return offset;
}

static int64_t bound_in(int64_t bound, int64_t length, int64_t step) {
  int64_t low = step < 0 ? -1 : 0, high = step < 0 ? length - 1 : length;
  if (bound < 0) bound += length;
  return bound < low ? low : bound > high ? high : bound;
}

rule slice_rule(const slice *part, int64_t length, int64_t *count) {
  int64_t step = part->step, first = step < 0 ? length - 1 : 0, last = step < 0 ? -1 : length;
  if (part->start != SLICE_OPEN) first = bound_in(part->start, length, step);
  if (part->stop != SLICE_OPEN) last = bound_in(part->stop, length, step);
  *count = 0;
  for (int64_t i = first; step < 0 ? i > last : i < last; i += step) ++*count;
  return (rule){first, step, 1};
}

static bool is(const char *structure, const char *name) {
  return strcmp(structure, name) == 0;
}

int64_t structure_place(const char *structure, int64_t block, int64_t n, int64_t i, int64_t j) {
  bool kept = is(structure, "lower_triangular")   ? j <= i
              : is(structure, "upper_triangular") ? j >= i
              : is(structure, "diagonal")         ? i == j
              : is(structure, "tridiagonal")      ? i - j <= 1 && j - i <= 1
              : is(structure, "block_diagonal")   ? i / block == j / block
                                                  : true;
  bool mirrored = is(structure, "symmetric") && j > i;
  return !kept ? -1 : mirrored ? j * n + i : i * n + j;
}

static int64_t saturated(double value, gm_dtype to) {
  if (isnan(value)) return 0;
  if (value >= ldexp(1, 63)) return dtype_limit(to, false);
  if (value < -ldexp(1, 63)) return dtype_limit(to, true);
  int64_t whole = (int64_t)value, most = dtype_limit(to, false), least = dtype_limit(to, true);
  return whole > most ? most : whole < least ? least : whole;
}

cell cell_cast(cell x, gm_dtype from, gm_dtype to) {
  bool whole = dtype_is_whole(from);
  if (to == GM_BOOL) return (cell){.whole = whole ? x.whole != 0 : x.re != 0 || x.im != 0};
  if (dtype_is_whole(to)) return cell_rounded((cell){.whole = whole ? x.whole : saturated(x.re, to)}, to);
  return cell_rounded((cell){.re = whole ? (double)x.whole : x.re, .im = x.im}, to);
}

int64_t floor_quotient(int64_t a, int64_t b) {
  if (b == -1) return (int64_t)(0 - (uint64_t)a);
  return b == 0 ? 0 : a / b - (a % b != 0 && (a < 0) != (b < 0));
}

int64_t dtype_limit(gm_dtype dtype, bool least) {
  static const int bits[] = {
      [GM_INT8] = 7, [GM_UINT8] = 8, [GM_INT16] = 15, [GM_INT32] = 31, [GM_INT64] = 63};
  int wide = dtype <= GM_INT64 && bits[dtype] > 0 ? bits[dtype] : 63;
  int64_t most = (int64_t)((UINT64_C(1) << wide) - 1);
  return !least ? most : dtype == GM_UINT8 ? 0 : -most - 1;
}
