/* SPDX-License-Identifier: MIT
 *
 * floor(a / b) in canonical form. Exact division of polynomials comes first, where b cannot be 0. By a
 * constant c > 0, with every identity that holds for all integers: floor((c*p + q) / c) = p + floor(q / c)
 *   floor((g*p + r) / (g*d)) = floor((p + floor(r / g)) / d)
 *   floor(floor(p / d) / c) = floor(p / (d*c))
 * What remains is an atom. */
#include "shape/dim_table.h"

/* Moves the terms that c divides, but for the constant, from `rest` to `whole`. */
static void pull_whole(gm__poly *rest, int64_t c, gm__poly *whole) {
  size_t kept = 0;
  whole->count = 0;
  for (size_t i = 0; i < rest->count; i++) {
    gm__term term = rest->terms[i];
    if (term.mono != 0 && term.coefficient % c == 0)
      whole->terms[whole->count++] = (gm__term){term.coefficient / c, term.mono};
    else
      rest->terms[kept++] = term;
  }
  rest->count = kept;
}

/* Divides all by g, the constant downwards. */
static void shrink(gm__poly *poly, int64_t g) {
  size_t kept = 0;
  for (size_t i = 0; i < poly->count; i++) {
    gm__term term = poly->terms[i];
    term.coefficient = gm__floor_div(term.coefficient, g);
    if (term.coefficient != 0) poly->terms[kept++] = term;
  }
  poly->count = kept;
}

static gm_status by_constant(gm__dims *dims, gm__dim a, int64_t c, gm__dim *out, gm_error *error);

static gm_status rest_over(gm__dims *dims, gm__poly *rest, int64_t c, gm__dim *out, gm_error *error) {
  gm__dim a = 0;
  int64_t product = 0;
  if (gm__poly_open(rest) == 0)
    return gm__dim_integer(dims, gm__floor_div(gm__poly_constant(rest), c), out, error);
  int64_t g = gm__gcd(gm__poly_content(rest), c);
  shrink(rest, g);
  GM_TRY(gm__poly_word(dims, rest, &a, error));
  const gm__atom *atom = gm__word_atom(dims, a);
  bool nested =
      atom != NULL && atom->kind == GM__ATOM_DIV && atom->b > 0 && gm__mul_ok(atom->b, c / g, &product);
  if (nested) return by_constant(dims, atom->a, product, out, error);
  return gm__atom_word(dims, GM__ATOM_DIV, a, c / g, out, error);
}

static gm_status divide_by(
    gm__dims *dims, gm__poly *rest, gm__poly *whole, int64_t c, gm__dim *out, gm_error *error) {
  gm__dim quotient = 0;
  pull_whole(rest, c, whole);
  GM_TRY(rest_over(dims, rest, c, &quotient, error));
  GM_TRY(gm__poly_add_word(dims, whole, 1, quotient, error));
  return gm__poly_word(dims, whole, out, error);
}

static gm_status by_constant(gm__dims *dims, gm__dim a, int64_t c, gm__dim *out, gm_error *error) {
  gm__poly rest = {NULL, 0, 0}, whole = {NULL, 0, 0};
  gm_status status = gm__poly_add_word(dims, &rest, c < 0 ? -1 : 1, a, error);
  if (status == GM_OK) status = gm__poly_load(dims, a, &whole, error);
  if (status == GM_OK) status = divide_by(dims, &rest, &whole, c < 0 ? -c : c, out, error);
  gm__poly_free(&rest);
  gm__poly_free(&whole);
  return status;
}

/* What divides every coefficient of the poly, the constant included. */
static int64_t common(const gm__poly *poly) {
  return gm__gcd(gm__poly_content(poly), gm__poly_constant(poly));
}

static gm_status reduced(gm__dims *dims, gm__poly *x, gm__poly *y, gm__dim *out, gm_error *error) {
  gm__dim a = 0, b = 0;
  int64_t g = gm__gcd(common(x), common(y));
  shrink(x, g);
  shrink(y, g);
  GM_TRY(gm__poly_word(dims, x, &a, error));
  GM_TRY(gm__poly_word(dims, y, &b, error));
  return gm__atom_word(dims, GM__ATOM_DIV, a, b, out, error);
}

static gm_status by_poly(gm__dims *dims, gm__dim a, gm__dim b, gm__dim *out, gm_error *error) {
  gm__poly x = {NULL, 0, 0}, y = {NULL, 0, 0}, quotient = {NULL, 0, 0};
  gm__interval divisor = gm__word_interval(dims, b);
  bool exact = false;
  gm_status status = gm__poly_load(dims, a, &x, error);
  if (status == GM_OK) status = gm__poly_load(dims, b, &y, error);
  if (status == GM_OK && (divisor.low > 0 || divisor.high < 0))
    status = gm__poly_divide(dims, &x, &y, &quotient, &exact, error);
  if (status == GM_OK && exact) status = gm__poly_word(dims, &quotient, out, error);
  if (status == GM_OK && !exact) status = reduced(dims, &x, &y, out, error);
  gm__poly_free(&x);
  gm__poly_free(&y);
  gm__poly_free(&quotient);
  return status;
}

gm_status gm__quotient(gm__dims *dims, gm__dim a, gm__dim b, gm__dim *out, gm_error *error) {
  gm__interval divisor = gm__word_interval(dims, b);
  bool constant = divisor.low == divisor.high;
  *out = a;
  if (b == 0) GM_FAIL(error, GM_BAD_SHAPE, "a dimension is divided by 0");
  if (a == 0 || b == 1) return GM_OK;
  if (constant && divisor.low == 0) GM_FAIL(error, GM_BAD_SHAPE, "a dimension is divided by 0");
  return constant ? by_constant(dims, a, divisor.low, out, error) : by_poly(dims, a, b, out, error);
}
