/* SPDX-License-Identifier: MIT
 *
 * Intervals: what can be said of a value when all that is known of symbols is that they are >= 0. They decide
 * which of two lengths is the smaller (min, max), and refute equations (n + 1 = 0). A low end of INT64_MIN
 * and a high end of INT64_MAX mean that there is no bound; other ends that are too large to write are cut to
 * ones that hold. */
#include "shape/dim_table.h"

static const gm__interval anything = {INT64_MIN, INT64_MAX};

static bool endless(int64_t end) {
  return end == INT64_MIN || end == INT64_MAX;
}

static int64_t end_times(int64_t a, int64_t b) {
  int64_t product = 0;
  if (a == 0 || b == 0) return 0;
  if (!endless(a) && !endless(b) && gm__mul_ok(a, b, &product)) return product;
  return (a < 0) == (b < 0) ? INT64_MAX : INT64_MIN;
}

static int64_t low_plus(int64_t a, int64_t b) {
  int64_t sum = 0;
  if (a == INT64_MIN || b == INT64_MIN) return INT64_MIN;
  if (!gm__add_ok(a, b, &sum)) return a < 0 ? INT64_MIN : INT64_MAX - 1;
  return sum;
}

static int64_t high_plus(int64_t a, int64_t b) {
  int64_t sum = 0;
  if (a == INT64_MAX || b == INT64_MAX) return INT64_MAX;
  if (!gm__add_ok(a, b, &sum)) return a < 0 ? INT64_MIN + 1 : INT64_MAX;
  return sum;
}

static int64_t least(int64_t a, int64_t b) {
  return a < b ? a : b;
}
static int64_t most(int64_t a, int64_t b) {
  return a > b ? a : b;
}

static gm__interval times(gm__interval a, gm__interval b) {
  int64_t ll = end_times(a.low, b.low), lh = end_times(a.low, b.high);
  int64_t hl = end_times(a.high, b.low), hh = end_times(a.high, b.high);
  int64_t low = least(least(ll, lh), least(hl, hh)), high = most(most(ll, lh), most(hl, hh));
  return (gm__interval){least(low, INT64_MAX - 1), most(high, INT64_MIN + 1)};
}

gm__interval gm__word_interval(const gm__dims *dims, gm__dim word) {
  if (gm__dim_known(word)) return (gm__interval){word, word};
  return gm__expr_at(dims, gm__dim_expr(word))->interval;
}

/* A divisor that can be one number only is > 0: others are not written. */
static gm__interval quotient(gm__interval a, gm__interval b) {
  if (b.low == b.high) {
    int64_t low = endless(a.low) ? a.low : gm__floor_div(a.low, b.low);
    return (gm__interval){low, endless(a.high) ? a.high : gm__floor_div(a.high, b.low)};
  }
  if (a.low >= 0 && b.low >= 0) return (gm__interval){0, a.high};
  return anything;
}

static gm__interval atom_interval(const gm__dims *dims, const gm__atom *atom) {
  if (atom->kind == GM__ATOM_SYMBOL) return (gm__interval){0, INT64_MAX};
  gm__interval a = gm__word_interval(dims, atom->a), b = gm__word_interval(dims, atom->b);
  if (atom->kind == GM__ATOM_DIV) return quotient(a, b);
  if (atom->kind == GM__ATOM_MIN) return (gm__interval){least(a.low, b.low), least(a.high, b.high)};
  if (atom->kind == GM__ATOM_MAX) return (gm__interval){most(a.low, b.low), most(a.high, b.high)};
  return (gm__interval){most(0, least(a.low, b.low)), most(a.high, b.high)};
}

static gm__interval power(gm__interval base, uint32_t exponent) {
  gm__interval result = {1, 1};
  for (uint32_t i = 0; i < exponent; i++) result = times(result, base);
  if (exponent % 2 == 0) result.low = most(result.low, 0);
  return result;
}

gm__interval gm__mono_interval(const gm__dims *dims, uint64_t index) {
  const gm__mono *mono = gm__mono_at(dims, index);
  gm__interval result = {1, 1};
  for (uint32_t i = 0; i < mono->count; i++) {
    const gm__factor *factor = gm__factor_at(dims, mono->first + i);
    result = times(result, power(atom_interval(dims, gm__atom_at(dims, factor->atom)), factor->power));
  }
  return result;
}

gm__interval gm__terms_interval(const gm__dims *dims, const gm__term *terms, size_t count) {
  gm__interval sum = {0, 0};
  for (size_t i = 0; i < count; i++) {
    gm__interval by = {terms[i].coefficient, terms[i].coefficient};
    gm__interval term = times(by, gm__mono_interval(dims, terms[i].mono));
    sum = (gm__interval){low_plus(sum.low, term.low), high_plus(sum.high, term.high)};
  }
  return sum;
}
