/* SPDX-License-Identifier: MIT
 *
 * The oracle's operations of two operands that compare, bound or divide, and the choices by a condition. */
#include "support/oracle_elementwise.h"
#include "support/places.h"

#include <math.h>

/* ---- Division ---- */

static cell remainder_of(cell a, cell b) {
  double rest = fmod(a.re, b.re);
  if (rest != 0 && (rest < 0) != (b.re < 0)) rest += b.re;
  return (cell){.re = rest, .whole = b.whole == 0 ? 0 : a.whole - floor_quotient(a.whole, b.whole) * b.whole};
}

void make_mod(draw *from, gm_dtype dtype, sample *made) {
  binary(from, dtype, made, remainder_of);
}

/* The quotient is rounded to the dtype before it is rounded down. */
void make_floor_divide(draw *from, gm_dtype dtype, sample *made) {
  int64_t dims[GM_MAX_RANK], index[GM_MAX_RANK] = {0}, at = 0;
  int rank = drawn_pair(from, dtype, made, dims);
  sample_want(made, dtype, rank, dims);
  if (made->want.count == 0) return;
  do {
    cell a = at_broadcast(&made->inputs[0], rank, index), b = at_broadcast(&made->inputs[1], rank, index);
    cell quotient = {.re = a.re / b.re, .whole = floor_quotient(a.whole, b.whole)};
    made->want.at[at] = cell_rounded(quotient, dtype);
    made->want.at[at].re = floor(made->want.at[at].re);
    at++;
  } while (next_index(rank, dims, index));
}

/* ---- Powers ---- */

static cell power_of(cell a, cell b) {
  cell result = {.re = pow(a.re, b.re), .whole = 1};
  for (int64_t i = 0; i < b.whole; i++) result.whole = (int64_t)((uint64_t)result.whole * (uint64_t)a.whole);
  return result;
}

void make_power(draw *from, gm_dtype dtype, sample *made) {
  int64_t dims[GM_MAX_RANK];
  int rank = drawn_pair(from, dtype, made, dims);
  cells *exponents = &made->inputs[1];
  for (int64_t i = 0; i < exponents->count; i++)
    if (exponents->at[i].whole < 0) exponents->at[i].whole *= -1;
  pairwise(made, dtype, rank, dims, power_of);
}

/* ---- Bounds and comparisons ---- */

static cell greater_one(cell a, cell b) {
  return (cell){.re = fmax(a.re, b.re), .whole = a.whole > b.whole ? a.whole : b.whole};
}

static cell smaller_one(cell a, cell b) {
  return (cell){.re = fmin(a.re, b.re), .whole = a.whole < b.whole ? a.whole : b.whole};
}

void make_maximum(draw *from, gm_dtype dtype, sample *made) {
  binary(from, dtype, made, greater_one);
}
void make_minimum(draw *from, gm_dtype dtype, sample *made) {
  binary(from, dtype, made, smaller_one);
}

/* Of few different values, so that many are equal. */
static void compare(draw *from, gm_dtype dtype, sample *made, cell (*formula)(cell, cell)) {
  int64_t dims[GM_MAX_RANK];
  int rank = drawn_pair(from, dtype, made, dims);
  for (int k = 0; k < 2; k++)
    for (int64_t i = 0; i < made->inputs[k].count; i++) {
      cell *it = &made->inputs[k].at[i];
      *it = cell_rounded((cell){nearbyint(it->re), nearbyint(it->im), it->whole / 4}, dtype);
    }
  pairwise(made, GM_BOOL, rank, dims, formula);
}

#define COMPARISON(name, truth)                                                                              \
  static cell is_##name(cell a, cell b) {                                                                    \
    return (cell){.whole = truth};                                                                           \
  }                                                                                                          \
  void make_##name(draw *from, gm_dtype dtype, sample *made) {                                               \
    compare(from, dtype, made, is_##name);                                                                   \
  }

COMPARISON(equal, a.re == b.re && a.im == b.im && a.whole == b.whole)
COMPARISON(not_equal, a.re != b.re || a.im != b.im || a.whole != b.whole)
COMPARISON(greater, a.re > b.re || a.whole > b.whole)
COMPARISON(greater_equal, a.re > b.re || a.whole > b.whole || (a.re == b.re && a.whole == b.whole))
COMPARISON(less, a.re < b.re || a.whole < b.whole)
COMPARISON(less_equal, a.re < b.re || a.whole < b.whole || (a.re == b.re && a.whole == b.whole))

/* ---- Choices ---- */

static bool is_true(cell x) {
  return x.re != 0 || x.im != 0 || x.whole != 0;
}

/* Each input has some of the last axes, and length 1 here and there; input 1 has all. */
static void broadcast_input(draw *from, gm_dtype dtype, sample *made, int rank, const int64_t *dims) {
  int64_t own[GM_MAX_RANK];
  bool whole = made->count == 1;
  int kept = whole ? rank : (int)draw_below(from, rank + 1);
  for (int a = 0; a < kept; a++) own[a] = !whole && draw_below(from, 4) == 0 ? 1 : dims[rank - kept + a];
  sample_input(made, from, dtype, kept, own);
}

static void choose(sample *made, gm_dtype dtype, int rank, const int64_t *dims, const cells *condition) {
  int64_t index[GM_MAX_RANK] = {0}, at = 0;
  sample_want(made, dtype, rank, dims);
  if (made->want.count == 0) return;
  do {
    int which = is_true(at_broadcast(condition, rank, index)) ? 1 : 2;
    made->want.at[at++] = at_broadcast(&made->inputs[which], rank, index);
  } while (next_index(rank, dims, index));
}

static gm_dtype drawn_condition(draw *from) {
  static const gm_dtype dtypes[] = {GM_BOOL, GM_BOOL, GM_INT8, GM_FLOAT32, GM_COMPLEX64};
  return dtypes[draw_below(from, 5)];
}

void make_where(draw *from, gm_dtype dtype, sample *made) {
  int64_t dims[GM_MAX_RANK];
  int rank = drawn_dims(from, 0, 4, dims);
  broadcast_input(from, drawn_condition(from), made, rank, dims);
  broadcast_input(from, dtype, made, rank, dims);
  broadcast_input(from, dtype, made, rank, dims);
  choose(made, dtype, rank, dims, &made->inputs[0]);
}

/* A condition of two axes or more has the first axes of the values. */
void make_switch(draw *from, gm_dtype dtype, sample *made) {
  int64_t dims[GM_MAX_RANK];
  int rank = drawn_dims(from, 0, 4, dims), own = (int)draw_below(from, rank + 1);
  sample_input(made, from, drawn_condition(from), own, own == 1 ? &dims[rank - 1] : dims);
  broadcast_input(from, dtype, made, rank, dims);
  broadcast_input(from, dtype, made, rank, dims);
  cells condition = made->inputs[0];
  for (; own > 1 && condition.rank < rank; condition.rank++) condition.dims[condition.rank] = 1;
  choose(made, dtype, rank, dims, &condition);
}
