/* SPDX-License-Identifier: MIT
 *
 * What operations demand of lengths. A demand that can be decided is; equality learns; what is open becomes a
 * constraint. A demand that contradicts what is known, or an earlier constraint, takes back all that it did,
 * and the sentence is written then, in terms of what had been known before. */
#include "shape/dim_table.h"

static gm_status check_words(const gm__dims *dims, gm__dim a, gm__dim b, gm_error *error) {
  if (gm__dim_valid(dims, a) && gm__dim_valid(dims, b)) return GM_OK;
  GM_FAIL(error, GM_BAD_ARGUMENT, "-1 stands for no length that can be computed with");
}

static gm_status examine_compatible(gm__dims *dims, gm__dim a, gm__dim b, gm__verdict *out, gm_error *error) {
  bool apart = false, a_apart = false, b_apart = false;
  *out = GM__HOLDS;
  if (a == b || a == 1 || b == 1) return GM_OK;
  *out = GM__OPEN;
  GM_TRY(gm__differ(dims, a, b, &apart, error));
  if (apart) GM_TRY(gm__differ(dims, a, 1, &a_apart, error));
  if (a_apart) GM_TRY(gm__differ(dims, b, 1, &b_apart, error));
  if (b_apart) *out = GM__REFUTED;
  return GM_OK;
}

static gm_status examine_at_least(gm__dims *dims, gm__dim a, gm__dim b, gm__verdict *out, gm_error *error) {
  gm__dim difference = 0;
  GM_TRY(gm__difference(dims, a, b, &difference, error));
  gm__interval interval = gm__word_interval(dims, difference);
  *out = interval.low >= 0 ? GM__HOLDS : interval.high < 0 ? GM__REFUTED : GM__OPEN;
  return GM_OK;
}

/* By a constant: divisible whatever the symbols are, or by none of them. */
static gm__verdict multiple_of(const gm__poly *poly, int64_t divisor) {
  if (divisor == 0) return poly->count == 0 ? GM__HOLDS : gm__poly_open(poly) == 0 ? GM__REFUTED : GM__OPEN;
  int64_t content = gm__gcd(gm__poly_content(poly), divisor);
  if (gm__poly_constant(poly) % content != 0) return GM__REFUTED;
  return content == divisor || content == -divisor ? GM__HOLDS : GM__OPEN;
}

static gm_status examine_multiple(
    gm__dims *dims, gm__dim a, gm__dim divisor, gm__verdict *out, gm_error *error) {
  gm__poly x = {NULL, 0, 0}, y = {NULL, 0, 0}, quotient = {NULL, 0, 0};
  bool exact = false;
  gm_status status = gm__poly_load(dims, a, &x, error);
  if (status == GM_OK) status = gm__poly_load(dims, divisor, &y, error);
  bool constant = gm__poly_open(&y) == 0;
  if (status == GM_OK && !constant) status = gm__poly_divide(dims, &x, &y, &quotient, &exact, error);
  *out = constant ? multiple_of(&x, gm__poly_constant(&y)) : exact ? GM__HOLDS : GM__OPEN;
  gm__poly_free(&x);
  gm__poly_free(&y);
  gm__poly_free(&quotient);
  return status;
}

gm_status gm__examine(gm__dims *dims, const gm__constraint *constraint, gm__verdict *out, gm_error *error) {
  gm__dim a = 0, b = 0;
  if (constraint->kind == GM__EQUAL)
    return gm__unify(dims, constraint->a, constraint->b, &constraint->source, out, error);
  GM_TRY(gm__dim_move(dims, dims, constraint->a, &a, error));
  GM_TRY(gm__dim_move(dims, dims, constraint->b, &b, error));
  if (constraint->kind == GM__COMPATIBLE) return examine_compatible(dims, a, b, out, error);
  if (constraint->kind == GM__AT_LEAST) return examine_at_least(dims, a, b, out, error);
  return examine_multiple(dims, a, b, out, error);
}

static void say_demand(const gm__dims *dims, const gm__constraint *demand, gm__text *text) {
  const char *const *words = gm__demand_words(demand->kind);
  gm__text_add(text, words[0]);
  gm__say_dim(dims, demand->a, text);
  gm__text_add(text, words[1]);
  gm__say_dim(dims, demand->b, text);
}

/* Which earlier constraint stands against the demand, GM__NONE: what was learnt does. */
static gm_status refuse(const gm__dims *dims, const gm__constraint *demand, uint32_t culprit,
    const gm__namer *namer, gm_error *error) {
  char buffer[512];
  gm__text text = gm__text_into(buffer, sizeof buffer);
  say_demand(dims, demand, &text);
  if (culprit != GM__NONE) {
    const gm__constraint *other = gm__constraint_at(dims, culprit);
    gm__text_add(&text, ", while ");
    gm__say_constraint(dims, other, &text);
    gm__say_source(&other->source, " is demanded of ", true, namer, &text);
  }
  gm__say_learnt(dims, demand->a, namer, &text);
  if (demand->b != demand->a) gm__say_learnt(dims, demand->b, namer, &text);
  gm__text_end(&text);
  gm__fail(error, GM_BAD_SHAPE, "%s", buffer);
  gm__error_axes(error, demand->source.at_a.axis, gm__dim_value(dims, demand->a), demand->source.at_b.axis,
      gm__dim_value(dims, demand->b));
  return GM_BAD_SHAPE;
}

/* Decides the demand, or keeps it as a constraint, and follows what was learnt. */
static gm_status demand_now(
    gm__dims *dims, const gm__constraint *demand, gm__verdict *verdict, uint32_t *culprit, gm_error *error) {
  *culprit = GM__NONE;
  GM_TRY(gm__examine(dims, demand, verdict, error));
  if (*verdict == GM__REFUTED) return GM_OK;
  if (*verdict == GM__OPEN) GM_TRY(gm__constrain(dims, demand, error));
  GM_TRY(gm__settle(dims, culprit, error));
  if (*culprit != GM__NONE) *verdict = GM__REFUTED;
  return GM_OK;
}

static gm_status impose(
    gm__dims *dims, const gm__constraint *demand, const gm__namer *namer, gm_error *error) {
  gm__dims_mark mark = gm__dims_now(dims);
  gm__verdict verdict = GM__OPEN;
  uint32_t culprit = GM__NONE;
  GM_TRY(check_words(dims, demand->a, demand->b, error));
  dims->work = GM__DIM_WORK;
  gm_status status = demand_now(dims, demand, &verdict, &culprit, error);
  if (status == GM_OK && verdict != GM__REFUTED) return GM_OK;
  gm__dims_rewind(dims, mark);
  if (status != GM_OK) return status;
  return refuse(dims, demand, culprit < mark.field[5] ? culprit : GM__NONE, namer, error);
}

gm_status gm__dims_equal(gm__dims *dims, gm__dim a, gm__dim b, uint32_t user, gm__place at_a, gm__place at_b,
    const gm__namer *namer, gm_error *error) {
  gm__constraint demand = {GM__EQUAL, a, b, {at_a, at_b, user}};
  if (a == b && a >= 0) return GM_OK;
  return impose(dims, &demand, namer, error);
}

gm_status gm__dims_at_least(gm__dims *dims, gm__dim a, gm__dim b, uint32_t user, gm__place at_a,
    const gm__namer *namer, gm_error *error) {
  gm__constraint demand = {GM__AT_LEAST, a, b, {at_a, {0, 0}, user}};
  return impose(dims, &demand, namer, error);
}

gm_status gm__dims_multiple(gm__dims *dims, gm__dim a, gm__dim divisor, uint32_t user, gm__place at_a,
    const gm__namer *namer, gm_error *error) {
  gm__constraint demand = {GM__MULTIPLE, a, divisor, {at_a, {0, 0}, user}};
  return impose(dims, &demand, namer, error);
}

gm_status gm__dims_broadcast(gm__dims *dims, gm__dim a, gm__dim b, uint32_t user, gm__place at_a,
    gm__place at_b, gm__dim *out, const gm__namer *namer, gm_error *error) {
  gm__constraint demand = {GM__COMPATIBLE, a, b, {at_a, at_b, user}};
  gm__dims_mark mark = gm__dims_now(dims);
  gm__dim now_a = 0, now_b = 0, result = 0;
  GM_TRY(impose(dims, &demand, namer, error));
  gm_status status = gm__dim_move(dims, dims, a, &now_a, error);
  if (status == GM_OK) status = gm__dim_move(dims, dims, b, &now_b, error);
  if (status == GM_OK) status = gm__extreme(dims, GM__ATOM_BROADCAST, now_a, now_b, &result, error);
  if (status == GM_OK)
    *out = result;
  else
    gm__dims_rewind(dims, mark);
  return status;
}
