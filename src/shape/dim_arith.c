/* SPDX-License-Identifier: MIT
 *
 * Arithmetic on dims. Each public call checks its words, has its own budget of work, and takes back what it
 * made when it ends in an error. */
#include "shape/dim_table.h"

typedef gm_status binary(gm__dims *dims, gm__dim a, gm__dim b, gm__dim *out, gm_error *error);

static gm_status linear(gm__dims *dims, gm__dim a, int64_t by, gm__dim b, gm__dim *out, gm_error *error) {
  gm__poly sum = {NULL, 0, 0};
  gm_status status = gm__poly_load(dims, a, &sum, error);
  if (status == GM_OK) status = gm__poly_add_word(dims, &sum, by, b, error);
  if (status == GM_OK) status = gm__poly_word(dims, &sum, out, error);
  gm__poly_free(&sum);
  return status;
}

gm_status gm__sum(gm__dims *dims, gm__dim a, gm__dim b, gm__dim *out, gm_error *error) {
  return linear(dims, a, 1, b, out, error);
}

gm_status gm__difference(gm__dims *dims, gm__dim a, gm__dim b, gm__dim *out, gm_error *error) {
  return linear(dims, a, -1, b, out, error);
}

gm_status gm__times(gm__dims *dims, gm__dim a, gm__dim b, gm__dim *out, gm_error *error) {
  gm__poly x = {NULL, 0, 0}, y = {NULL, 0, 0}, product = {NULL, 0, 0};
  *out = a == 1 ? b : a;
  if (a == 1 || b == 1) return GM_OK;
  gm_status status = gm__poly_load(dims, a, &x, error);
  if (status == GM_OK) status = gm__poly_load(dims, b, &y, error);
  if (status == GM_OK) status = gm__poly_multiply(dims, &x, &y, &product, error);
  if (status == GM_OK) status = gm__poly_word(dims, &product, out, error);
  gm__poly_free(&x);
  gm__poly_free(&y);
  gm__poly_free(&product);
  return status;
}

static gm_status minimum(gm__dims *dims, gm__dim a, gm__dim b, gm__dim *out, gm_error *error) {
  return gm__extreme(dims, GM__ATOM_MIN, a, b, out, error);
}

static gm_status maximum(gm__dims *dims, gm__dim a, gm__dim b, gm__dim *out, gm_error *error) {
  return gm__extreme(dims, GM__ATOM_MAX, a, b, out, error);
}

static gm_status guarded(gm__dims *dims, binary *make, gm__dim a, gm__dim b, gm__dim *out, gm_error *error) {
  if (!gm__dim_valid(dims, a) || !gm__dim_valid(dims, b))
    GM_FAIL(error, GM_BAD_ARGUMENT, "-1 stands for no length that can be computed with");
  gm__dims_mark mark = gm__dims_now(dims);
  gm__dim result = 0;
  dims->work = GM__DIM_WORK;
  gm_status status = make(dims, a, b, &result, error);
  if (status == GM_OK)
    *out = result;
  else
    gm__dims_rewind(dims, mark);
  return status;
}

gm_status gm__dim_add(gm__dims *dims, gm__dim a, gm__dim b, gm__dim *out, gm_error *error) {
  return guarded(dims, gm__sum, a, b, out, error);
}

gm_status gm__dim_sub(gm__dims *dims, gm__dim a, gm__dim b, gm__dim *out, gm_error *error) {
  return guarded(dims, gm__difference, a, b, out, error);
}

gm_status gm__dim_mul(gm__dims *dims, gm__dim a, gm__dim b, gm__dim *out, gm_error *error) {
  return guarded(dims, gm__times, a, b, out, error);
}

gm_status gm__dim_div(gm__dims *dims, gm__dim a, gm__dim b, gm__dim *out, gm_error *error) {
  return guarded(dims, gm__quotient, a, b, out, error);
}

gm_status gm__dim_min(gm__dims *dims, gm__dim a, gm__dim b, gm__dim *out, gm_error *error) {
  return guarded(dims, minimum, a, b, out, error);
}

gm_status gm__dim_max(gm__dims *dims, gm__dim a, gm__dim b, gm__dim *out, gm_error *error) {
  return guarded(dims, maximum, a, b, out, error);
}

gm_status gm__dim_integer(gm__dims *dims, int64_t value, gm__dim *out, gm_error *error) {
  gm__term term = {value, 0};
  if (value == INT64_MIN) GM_FAIL(error, GM_LIMIT, "a number in a dimension does not fit 64 bits");
  return gm__expr_make(dims, &term, value != 0, out, error);
}

static gm_status multiply_all(
    gm__dims *dims, const gm__dim *factors, int count, gm__dim *out, gm_error *error) {
  *out = 1;
  for (int i = 0; i < count; i++) {
    if (!gm__dim_valid(dims, factors[i]))
      GM_FAIL(error, GM_BAD_ARGUMENT, "-1 stands for no length that can be computed with");
    GM_TRY(gm__times(dims, *out, factors[i], out, error));
  }
  return GM_OK;
}

gm_status gm__dim_product(gm__dims *dims, const gm__dim *factors, int count, gm__dim *out, gm_error *error) {
  gm__dims_mark mark = gm__dims_now(dims);
  gm__dim product = 1;
  for (int i = 0; i < count; i++) {
    if (factors[i] != 0) continue;
    *out = 0;
    return GM_OK;
  }
  dims->work = GM__DIM_WORK;
  gm_status status = multiply_all(dims, factors, count, &product, error);
  if (status == GM_OK)
    *out = product;
  else
    gm__dims_rewind(dims, mark);
  return status;
}
