/* SPDX-License-Identifier: MIT
 *
 * Refuting equations: is there no choice of integers >= 0 that makes a polynomial 0? The tests are those that
 * cost little and never err: bounds, divisibility (6*n = 25), sums of nonnegative parts (2*n + 3*m = 1),
 * powers (n*n = 5). "No" only means that none of them speaks against it. */
#include "shape/dim_table.h"

#define PARTS 8

/* Numbers of 1..63 bits: the root lies below 2^(63/degree) + 1. */
int64_t gm__root(int64_t value, uint32_t degree) {
  int64_t low = 0, high = degree == 1 ? value : INT64_C(1) << (63 / degree + 1 < 62 ? 63 / degree + 1 : 62);
  while (low < high) {
    int64_t middle = low + (high - low) / 2 + 1, power = 1;
    bool fits = true;
    for (uint32_t i = 0; i < degree && fits; i++) fits = gm__mul_ok(power, middle, &power) && power <= value;
    if (fits)
      low = middle;
    else
      high = middle - 1;
  }
  int64_t power = 1;
  for (uint32_t i = 0; i < degree; i++) power *= low;
  return power == value ? low : -1;
}

/* Does a sum of multiples >= 0 of parts[0..count), the smallest last, give `total`? true when it takes too
 * long. */
static bool reachable(const int64_t *parts, size_t count, int64_t total, int *budget) {
  if (count == 1) return total % parts[0] == 0;
  for (int64_t rest = total; rest >= 0; rest -= parts[0])
    if (--*budget < 0 || reachable(parts + 1, count - 1, rest, budget)) return true;
  return false;
}

/* All terms but the constant are >= 0 times a coefficient of one sign. */
static bool one_sign(const gm__dims *dims, const gm__poly *poly) {
  for (size_t i = 0; i < gm__poly_open(poly); i++) {
    if ((poly->terms[i].coefficient < 0) != (poly->terms[0].coefficient < 0)) return false;
    if (gm__mono_interval(dims, poly->terms[i].mono).low < 0) return false;
  }
  return true;
}

static size_t sorted_parts(const gm__poly *poly, int64_t *parts) {
  size_t count = 0;
  for (size_t i = 0; i < gm__poly_open(poly); i++) {
    int64_t part = poly->terms[i].coefficient;
    size_t at = count++;
    part = part < 0 ? -part : part;
    for (; at > 0 && parts[at - 1] < part; at--) parts[at] = parts[at - 1];
    parts[at] = part;
  }
  return count;
}

static bool refuted_by_parts(const gm__dims *dims, const gm__poly *poly) {
  int64_t parts[PARTS], constant = gm__poly_constant(poly);
  int budget = 20000;
  if (gm__poly_open(poly) > PARTS || constant == 0 || !one_sign(dims, poly)) return false;
  size_t count = sorted_parts(poly, parts);
  return !reachable(parts, count, constant < 0 ? -constant : constant, &budget);
}

static bool refuted_by_power(const gm__dims *dims, const gm__poly *poly) {
  const gm__mono *mono = gm__mono_at(dims, poly->terms[0].mono);
  if (gm__poly_open(poly) != 1 || mono->count != 1 || mono->degree < 2) return false;
  int64_t quotient = -(gm__poly_constant(poly) / poly->terms[0].coefficient);
  return quotient > 0 && gm__root(quotient, mono->degree) < 0;
}

bool gm__refuted(const gm__dims *dims, const gm__poly *poly) {
  gm__interval interval = gm__terms_interval(dims, poly->terms, poly->count);
  if (poly->count == 0) return false;
  if (interval.low > 0 || interval.high < 0) return true;
  if (gm__poly_constant(poly) % gm__poly_content(poly) != 0) return true;
  return refuted_by_parts(dims, poly) || refuted_by_power(dims, poly);
}

gm_status gm__differ(gm__dims *dims, gm__dim a, gm__dim b, bool *out, gm_error *error) {
  gm__poly difference = {NULL, 0, 0};
  gm_status status = gm__poly_load(dims, a, &difference, error);
  if (status == GM_OK) status = gm__poly_add_word(dims, &difference, -1, b, error);
  *out = status == GM_OK && gm__refuted(dims, &difference);
  gm__poly_free(&difference);
  return status;
}
