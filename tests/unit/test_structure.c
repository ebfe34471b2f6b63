/* SPDX-License-Identifier: MIT
 *
 * What `assume` promises: applied against the definition, entry by entry, and checked. */
#include "kernel_step.h"

static bool is_inside(gm__structure structure, int64_t i, int64_t j, int64_t block) {
  switch (structure) {
  case GM__LOWER_TRIANGULAR: return j <= i;
  case GM__UPPER_TRIANGULAR: return j >= i;
  case GM__DIAGONAL: return i == j;
  case GM__TRIDIAGONAL: return i - j <= 1 && j - i <= 1;
  case GM__BLOCK_DIAGONAL: return i / block == j / block;
  default: return true;
  }
}

static void check_apply(generator *g, gm__structure structure, gm_dtype dtype) {
  int64_t dims[] = {pick(g, 3), pick(g, 9), pick(g, 9)}, zero = 0, strides[2];
  if (structure == GM__SYMMETRIC) dims[2] = dims[1];
  layout from = make_layout(g, 3, dims, (int)pick(g, BROADCAST)),
         to = make_layout(g, 3, dims, (int)pick(g, BROADCAST));
  char *x = random_buffer(g, from.extent, dtype), *y = new_buffer(to.extent, dtype), want[16];
  strides[0] = from.strides[0], strides[1] = to.strides[0];
  int64_t block = pick(g, 4) + 1;
  gm__structured how = {{1, dims, strides}, gm__form_declared(structure, block), structure, dims[1], dims[2],
      from.strides[1], from.strides[2], to.strides[1], to.strides[2], false};
  void *buffers[] = {at_element(x, from.origin, dtype), at_element(y, to.origin, dtype)};
  gm_dtype dtypes[] = {dtype, dtype};
  ck_assert_int_eq(run_kernel(&gm__kernel_structure, &how, 1, 1, buffers, dtypes, NULL), GM_OK);
  for (int64_t n = 0; n < count_of(3, dims); n++) {
    int64_t i = n / dims[2] % dims[1], j = n % dims[2], source = n;
    if (structure == GM__SYMMETRIC && j > i)
      source = n / (dims[1] * dims[2]) * dims[1] * dims[2] + j * dims[2] + i;
    memcpy(want, at_element(x, element_of(&from, 3, dims, source), dtype), gm__dtype_bytes(dtype));
    if (!is_inside(structure, i, j, block)) gm__convert(want, dtype, &zero, GM_INT64, 1);
    if (memcmp(want, at_element(y, element_of(&to, 3, dims, n), dtype), gm__dtype_bytes(dtype)) != 0)
      ck_abort_msg("%s: entry [%d, %d] is wrong", gm__structure_name(structure), (int)i, (int)j);
  }
  free(x), free(y);
}

START_TEST(entries_outside_become_zero) {
  generator g = {1};
  for (gm__structure structure = GM__GENERAL; structure <= GM__BLOCK_DIAGONAL; structure++)
    for (int round = 0; round < 200; round++)
      check_apply(&g, structure, round % 2 == 0 ? GM_FLOAT32 : GM_COMPLEX128);
}
END_TEST

static gm_status check_matrix(gm__structure structure, gm_dtype dtype, const void *matrix, gm_error *error) {
  int64_t none[1];
  char out[9 * 16];
  gm__structured how = {{0, none, none}, gm__form_declared(structure, 2), structure, 3, 3, 3, 1, 3, 1, true};
  void *buffers[] = {(void *)matrix, out};
  gm_dtype dtypes[] = {dtype, dtype};
  return run_kernel(&gm__kernel_structure, &how, 1, 1, buffers, dtypes, error);
}

START_TEST(a_check_may_be_all_that_is_done) {
  int64_t none[1];
  float x[] = {1, 0, 2, 3}, upper[] = {1, 5, 0, 2};
  gm__structured how = {{0, none, none}, gm__form_declared(GM__LOWER_TRIANGULAR, 0), GM__LOWER_TRIANGULAR, 2,
      2, 2, 1, 2, 1, true};
  gm_dtype dtypes[] = {GM_FLOAT32};
  ck_assert_int_eq(run_kernel(&gm__kernel_structure, &how, 1, 0, (void *[]){x}, dtypes, NULL), GM_OK);
  ck_assert_int_eq(
      run_kernel(&gm__kernel_structure, &how, 1, 0, (void *[]){upper}, dtypes, NULL), GM_BAD_SHAPE);
}
END_TEST

/* Several declarations meet: a symmetric matrix with a band, or in blocks. */
START_TEST(forms_may_be_several_at_once) {
  int64_t none[1];
  double x[16], y[16];
  gm_dtype dtypes[] = {GM_FLOAT64, GM_FLOAT64};
  for (int i = 0; i < 16; i++) x[i] = i + 1;
  for (int band = 0; band < 2; band++) {
    gm__form form =
        gm__form_assumed(gm__form_declared(band ? GM__TRIDIAGONAL : GM__BLOCK_DIAGONAL, 2), GM__SYMMETRIC, 0);
    gm__structured how = {{0, none, none}, form, GM__GENERAL, 4, 4, 4, 1, 4, 1, false};
    ck_assert_int_eq(run_kernel(&gm__kernel_structure, &how, 1, 1, (void *[]){x, y}, dtypes, NULL), GM_OK);
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) {
        bool inside = band ? abs(i - j) <= 1 : i / 2 == j / 2;
        ck_assert(y[i * 4 + j] == (!inside ? 0 : x[j > i ? j * 4 + i : i * 4 + j]));
      }
    }
  }
}
END_TEST

START_TEST(a_broken_promise_names_the_first_entry) {
  gm_error error;
  int32_t x[] = {1, 0, 5, 0, 1, 7, 0, 0, 1};
  ck_assert_int_eq(check_matrix(GM__LOWER_TRIANGULAR, GM_INT32, x, &error), GM_BAD_SHAPE);
  ck_assert_str_eq(error.message, "entry [0, 2] is 5, but the matrix is declared lower_triangular");
  ck_assert_int_eq(check_matrix(GM__TRIDIAGONAL, GM_INT32, x, &error), GM_BAD_SHAPE);
  ck_assert_str_eq(error.message, "entry [0, 2] is 5, but the matrix is declared tridiagonal");
  ck_assert_int_eq(check_matrix(GM__SYMMETRIC, GM_INT32, x, &error), GM_BAD_SHAPE);
  ck_assert_str_eq(error.message, "entry [0, 2] is 5 and [2, 0] is 0, but the matrix is declared symmetric");
}
END_TEST

START_TEST(a_kept_promise_passes) {
  double lower[] = {1, 0, -0.0, 2, 3, 0, 4, 5, 6}, symmetric[] = {1, NAN, 0.0, NAN, 2, 3, -0.0, 3, 4};
  double blocks[] = {1, 2, 0, 3, 4, 0, 0, 0, 5};
  ck_assert_int_eq(check_matrix(GM__LOWER_TRIANGULAR, GM_FLOAT64, lower, NULL), GM_OK);
  ck_assert_int_eq(check_matrix(GM__SYMMETRIC, GM_FLOAT64, symmetric, NULL), GM_OK);
  ck_assert_int_eq(check_matrix(GM__BLOCK_DIAGONAL, GM_FLOAT64, blocks, NULL), GM_OK);
}
END_TEST

START_TEST(nan_outside_breaks_a_promise_only_when_checked) {
  double upper[] = {1, 2, 3, NAN, 4, 5, 0, 0, 6};
  ck_assert_int_eq(check_matrix(GM__UPPER_TRIANGULAR, GM_FLOAT64, upper, NULL), GM_BAD_SHAPE);
}
END_TEST

START_TEST(a_symmetric_matrix_is_square) {
  gm_error error;
  int64_t none[1];
  gm__structured how = {
      {0, none, none}, gm__form_declared(GM__SYMMETRIC, 0), GM__SYMMETRIC, 2, 3, 3, 1, 3, 1, false};
  float x[6] = {0}, y[6];
  gm_dtype dtypes[] = {GM_FLOAT32, GM_FLOAT32};
  ck_assert_int_eq(
      run_kernel(&gm__kernel_structure, &how, 1, 1, (void *[]){x, y}, dtypes, &error), GM_BAD_SHAPE);
}
END_TEST

START_TEST(the_text_names_structure_and_size) {
  char buffer[64];
  gm__structured how = {.form = gm__form_declared(GM__DIAGONAL, 0), .rows = 4, .columns = 5};
  ck_assert_str_eq(kernel_text(&gm__kernel_structure, &how, buffer, sizeof buffer), "diagonal 4x5");
  ck_assert_str_eq(gm__structure_name((gm__structure)99), "unknown");
}
END_TEST

SUITE(structure) {
  CASE(entries_outside_become_zero);
  CASE(a_check_may_be_all_that_is_done);
  CASE(forms_may_be_several_at_once);
  CASE(a_broken_promise_names_the_first_entry);
  CASE(a_kept_promise_passes);
  CASE(nan_outside_breaks_a_promise_only_when_checked);
  CASE(a_symmetric_matrix_is_square);
  CASE(the_text_names_structure_and_size);
}
