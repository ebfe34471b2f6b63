/* SPDX-License-Identifier: MIT
 *
 * Polynomials on the way to a word: lists of terms sorted by degree, then by the order of their atoms (graded
 * lexicographic order, which multiplication preserves; so a product is a few merges, and division works on
 * leading terms). Every coefficient lies in [-INT64_MAX, INT64_MAX], so that negating cannot overflow. */
#include "shape/dim_table.h"

#include <string.h>

void gm__poly_free(gm__poly *poly) {
  gm__free(poly->terms);
  *poly = (gm__poly){NULL, 0, 0};
}

static gm_status reserve(gm__poly *poly, size_t count, gm_error *error) {
  void *terms = poly->terms;
  if (!gm__grow(&terms, &poly->capacity, count, sizeof *poly->terms)) return gm__no_memory(error);
  poly->terms = terms;
  return GM_OK;
}

gm_status gm__poly_load(gm__dims *dims, gm__dim word, gm__poly *poly, gm_error *error) {
  poly->count = 0;
  if (word == 0) return GM_OK;
  const gm__expr *expr = gm__dim_known(word) ? NULL : gm__expr_at(dims, gm__dim_expr(word));
  GM_TRY(reserve(poly, expr == NULL ? 1 : expr->count, error));
  poly->count = expr == NULL ? 1 : expr->count;
  if (expr == NULL)
    poly->terms[0] = (gm__term){word, 0};
  else
    memcpy(poly->terms, gm__term_at(dims, expr->first), expr->count * sizeof *poly->terms);
  return GM_OK;
}

gm_status gm__poly_word(gm__dims *dims, const gm__poly *poly, gm__dim *out, gm_error *error) {
  return gm__expr_make(dims, poly->terms, poly->count, out, error);
}

/* Symbols stand before other atoms, in the order of their declaration. */
static int atom_order(const gm__dims *dims, uint32_t a, uint32_t b) {
  if (a == b) return 0;
  const gm__atom *x = gm__atom_at(dims, a), *y = gm__atom_at(dims, b);
  bool symbol_x = x->kind == GM__ATOM_SYMBOL, symbol_y = y->kind == GM__ATOM_SYMBOL;
  if (symbol_x != symbol_y) return symbol_x ? -1 : 1;
  if (!symbol_x) return a < b ? -1 : 1;
  return gm__symbol_at(dims, (size_t)x->a)->order < gm__symbol_at(dims, (size_t)y->a)->order ? -1 : 1;
}

/* Two of one degree differ in a factor before either ends. */
int gm__mono_order(const gm__dims *dims, uint64_t a, uint64_t b) {
  if (a == b) return 0;
  const gm__mono *x = gm__mono_at(dims, a), *y = gm__mono_at(dims, b);
  if (x->degree != y->degree) return x->degree > y->degree ? -1 : 1;
  const gm__factor *f = gm__factor_at(dims, x->first), *g = gm__factor_at(dims, y->first);
  for (; f->atom == g->atom && f->power == g->power; g++) f++;
  if (f->atom != g->atom) return atom_order(dims, f->atom, g->atom);
  return f->power > g->power ? -1 : 1;
}

int gm__word_order(const gm__dims *dims, gm__dim a, gm__dim b) {
  if (gm__dim_known(a) || gm__dim_known(b)) return gm__dim_known(a) ? 1 : -1;
  const gm__expr *x = gm__expr_at(dims, gm__dim_expr(a)), *y = gm__expr_at(dims, gm__dim_expr(b));
  for (uint32_t i = 0; i < x->count && i < y->count; i++) {
    const gm__term *s = gm__term_at(dims, x->first + i), *t = gm__term_at(dims, y->first + i);
    int order = gm__mono_order(dims, s->mono, t->mono);
    if (order != 0) return order;
    if (s->coefficient != t->coefficient) return s->coefficient > t->coefficient ? -1 : 1;
  }
  return x->count < y->count ? -1 : 1;
}

static gm_status spend(gm__dims *dims, size_t work, gm_error *error) {
  dims->work -= (int64_t)work;
  if (dims->allowance != GM__DIMS_NO_LIMIT) dims->allowance -= (int64_t)work;
  if (dims->work < 0) GM_FAIL(error, GM_LIMIT, "a dimension takes more work than is allowed");
  if (dims->allowance < 0) GM_FAIL(error, GM_LIMIT, "the dimensions together take more work than is allowed");
  return GM_OK;
}

static size_t merge_factors(const gm__dims *dims, const gm__mono *x, const gm__mono *y, gm__factor *out) {
  size_t count = 0;
  uint32_t i = 0, j = 0;
  while (i < x->count || j < y->count) {
    const gm__factor *f = i < x->count ? gm__factor_at(dims, x->first + i) : NULL;
    const gm__factor *g = j < y->count ? gm__factor_at(dims, y->first + j) : NULL;
    int order = f == NULL ? 1 : g == NULL ? -1 : atom_order(dims, f->atom, g->atom);
    out[count] = order <= 0 ? *f : *g;
    if (order == 0) out[count].power += g->power;
    i += order <= 0;
    j += order >= 0;
    count++;
  }
  return count;
}

static gm_status mono_times(gm__dims *dims, uint64_t a, uint64_t b, uint64_t *out, gm_error *error) {
  gm__factor factors[GM__DIM_DEGREE];
  *out = a == 0 ? b : a;
  if (a == 0 || b == 0) return GM_OK;
  const gm__mono *x = gm__mono_at(dims, a), *y = gm__mono_at(dims, b);
  if (x->degree + y->degree > GM__DIM_DEGREE)
    GM_FAIL(error, GM_LIMIT, "a dimension multiplies more than %d lengths", GM__DIM_DEGREE);
  size_t count = merge_factors(dims, x, y, factors);
  return gm__mono_make(dims, factors, count, out, error);
}

static gm_status overflow(gm_error *error) {
  GM_FAIL(error, GM_LIMIT, "a number in a dimension does not fit 64 bits");
}

static gm_status term_times(gm__dims *dims, gm__term a, gm__term b, gm__term *out, gm_error *error) {
  if (!gm__mul_ok(a.coefficient, b.coefficient, &out->coefficient) || out->coefficient == INT64_MIN)
    return overflow(error);
  return mono_times(dims, a.mono, b.mono, &out->mono, error);
}

/* Appends what of `sum` stands before the term, then the term, joined with its like. */
static gm_status merge_term(const gm__dims *dims, const gm__poly *sum, size_t *next, gm__term term,
    gm__poly *merged, gm_error *error) {
  int order = 1;
  while (*next < sum->count && (order = gm__mono_order(dims, sum->terms[*next].mono, term.mono)) < 0)
    merged->terms[merged->count++] = sum->terms[(*next)++];
  if (*next < sum->count && order == 0) {
    if (!gm__add_ok(sum->terms[*next].coefficient, term.coefficient, &term.coefficient))
      return overflow(error);
    if (term.coefficient == INT64_MIN) return overflow(error);
    (*next)++;
  }
  if (term.coefficient != 0) merged->terms[merged->count++] = term;
  return GM_OK;
}

static gm_status merge(
    gm__dims *dims, const gm__poly *sum, gm__term by, const gm__poly *q, gm__poly *merged, gm_error *error) {
  size_t next = 0;
  GM_TRY(spend(dims, sum->count + 4 * q->count, error));
  GM_TRY(reserve(merged, sum->count + q->count, error));
  for (size_t i = 0; i < q->count; i++) {
    gm__term term = {0, 0};
    GM_TRY(term_times(dims, by, q->terms[i], &term, error));
    GM_TRY(merge_term(dims, sum, &next, term, merged, error));
  }
  while (next < sum->count) merged->terms[merged->count++] = sum->terms[next++];
  if (merged->count > GM__DIM_TERMS)
    GM_FAIL(error, GM_LIMIT, "a dimension grows beyond %d terms", GM__DIM_TERMS);
  return GM_OK;
}

gm_status gm__poly_accumulate(
    gm__dims *dims, gm__poly *sum, gm__term by, const gm__poly *q, gm_error *error) {
  gm__poly merged = {NULL, 0, 0};
  if (q->count == 0) return GM_OK;
  gm_status status = merge(dims, sum, by, q, &merged, error);
  gm__poly_free(status == GM_OK ? sum : &merged);
  if (status == GM_OK) *sum = merged;
  return status;
}

gm_status gm__poly_add_word(gm__dims *dims, gm__poly *sum, int64_t by, gm__dim word, gm_error *error) {
  gm__poly poly = {NULL, 0, 0};
  gm_status status = gm__poly_load(dims, word, &poly, error);
  if (status == GM_OK) status = gm__poly_accumulate(dims, sum, (gm__term){by, 0}, &poly, error);
  gm__poly_free(&poly);
  return status;
}

gm_status gm__poly_multiply(
    gm__dims *dims, const gm__poly *a, const gm__poly *b, gm__poly *out, gm_error *error) {
  const gm__poly *outer = a->count <= b->count ? a : b, *inner = outer == a ? b : a;
  out->count = 0;
  for (size_t i = 0; i < outer->count; i++)
    GM_TRY(gm__poly_accumulate(dims, out, outer->terms[i], inner, error));
  return GM_OK;
}

/* a without the factors of b; false if b does not divide a. */
static bool take_factors(
    const gm__dims *dims, const gm__mono *x, const gm__mono *y, gm__factor *out, size_t *count) {
  uint32_t j = 0;
  for (uint32_t i = 0; i < x->count; i++) {
    gm__factor f = *gm__factor_at(dims, x->first + i);
    const gm__factor *g = j < y->count ? gm__factor_at(dims, y->first + j) : NULL;
    if (g != NULL && g->atom == f.atom) {
      if (g->power > f.power) return false;
      f.power -= g->power;
      j++;
    }
    if (f.power > 0) out[(*count)++] = f;
  }
  return j == y->count;
}

static gm_status term_over(
    gm__dims *dims, gm__term a, gm__term b, gm__term *out, bool *exact, gm_error *error) {
  gm__factor factors[GM__DIM_DEGREE];
  size_t count = 0;
  *exact = a.coefficient % b.coefficient == 0 &&
           take_factors(dims, gm__mono_at(dims, a.mono), gm__mono_at(dims, b.mono), factors, &count);
  if (!*exact) return GM_OK;
  out->coefficient = a.coefficient / b.coefficient;
  return gm__mono_make(dims, factors, count, &out->mono, error);
}

static gm_status divide_rest(
    gm__dims *dims, gm__poly *rest, const gm__poly *b, gm__poly *out, bool *exact, gm_error *error) {
  *exact = true;
  while (rest->count > 0) {
    gm__term term = {0, 0};
    GM_TRY(term_over(dims, rest->terms[0], b->terms[0], &term, exact, error));
    if (!*exact) return GM_OK;
    GM_TRY(reserve(out, out->count + 1, error));
    out->terms[out->count++] = term;
    term.coefficient = -term.coefficient;
    GM_TRY(gm__poly_accumulate(dims, rest, term, b, error));
  }
  return GM_OK;
}

gm_status gm__poly_divide(
    gm__dims *dims, const gm__poly *a, const gm__poly *b, gm__poly *out, bool *exact, gm_error *error) {
  gm__poly rest = {NULL, 0, 0};
  out->count = 0;
  *exact = a->count == 0;
  if (b->count == 0) return GM_OK;
  gm_status status = gm__poly_accumulate(dims, &rest, (gm__term){1, 0}, a, error);
  if (status == GM_OK) status = divide_rest(dims, &rest, b, out, exact, error);
  gm__poly_free(&rest);
  return status;
}

int64_t gm__poly_constant(const gm__poly *poly) {
  const gm__term *last = poly->count > 0 ? &poly->terms[poly->count - 1] : NULL;
  return last != NULL && last->mono == 0 ? last->coefficient : 0;
}

size_t gm__poly_open(const gm__poly *poly) {
  return poly->count - (gm__poly_constant(poly) != 0);
}

int64_t gm__gcd(int64_t a, int64_t b) {
  while (b != 0) {
    int64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a < 0 ? -a : a;
}

int64_t gm__poly_content(const gm__poly *poly) {
  int64_t content = 0;
  for (size_t i = 0; i < gm__poly_open(poly); i++) content = gm__gcd(content, poly->terms[i].coefficient);
  return content;
}
