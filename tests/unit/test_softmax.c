/* SPDX-License-Identifier: MIT
 *
 * softmax against plain loops in double: rows shorter and longer than a block, any strides, the halves, the
 * tails. */
#include "kernel_step.h"

/* `rows` rows of `length`, the input and the output laid out freely. */
static void check_softmax(generator *g, gm_dtype dtype, int64_t rows, int64_t length) {
  int64_t dims[] = {rows, length}, strides[2];
  layout in = make_layout(g, 2, dims, (int)pick(g, BROADCAST)),
         out = make_layout(g, 2, dims, (int)pick(g, BROADCAST));
  char *x = random_buffer(g, in.extent, dtype), *y = new_buffer(out.extent, dtype);
  void *buffers[] = {at_element(x, in.origin, dtype), at_element(y, out.origin, dtype)};
  gm_dtype dtypes[] = {dtype, dtype};
  strides[0] = in.strides[0], strides[1] = out.strides[0];
  gm__normalise how = {{1, dims, strides}, length, in.strides[1], out.strides[1]};
  ck_assert_int_eq(run_kernel(&gm__kernel_softmax, &how, 1, 1, buffers, dtypes, NULL), GM_OK);
  for (int64_t row = 0; row < rows; row++) {
    double sum = 0;
    for (int64_t i = 0; i < length; i++)
      sum += exp(creal(get_number(x, element_of(&in, 2, dims, row * length + i), dtype)));
    for (int64_t i = 0; i < length; i++) {
      double want = exp(creal(get_number(x, element_of(&in, 2, dims, row * length + i), dtype))) / sum;
      double got = creal(get_number(y, element_of(&out, 2, dims, row * length + i), dtype));
      double unit = unit_of(dtype == GM_FLOAT64 ? dtype : GM_FLOAT32);
      if (!(fabs(got - want) <=
              (8 * unit + unit_of(dtype)) * want + (double)length * unit * want + tiny_of(dtype)))
        ck_abort_msg("%s, %d of %d: %g, not %g", gm_dtype_name(dtype), (int)i, (int)length, got, want);
    }
  }
  free(x), free(y);
}

START_TEST(rows_agree_with_the_formula) {
  generator g = {1};
  for (gm_dtype dtype = GM_FLOAT16; dtype <= GM_FLOAT64; dtype++)
    for (int round = 0; round < 60; round++)
      check_softmax(&g, dtype, pick(&g, 6), pick(&g, 8) == 0 ? pick(&g, 3000) : pick(&g, 40));
}
END_TEST

static void softmax(const float *x, float *y, int64_t length) {
  int64_t none[1];
  gm_dtype dtypes[] = {GM_FLOAT32, GM_FLOAT32};
  gm__normalise how = {{0, none, none}, length, 1, 1};
  void *buffers[] = {(void *)x, y};
  ck_assert_int_eq(run_kernel(&gm__kernel_softmax, &how, 1, 1, buffers, dtypes, NULL), GM_OK);
}

START_TEST(large_values_do_not_overflow) {
  float x[] = {1000, 1000, -1000}, y[3];
  softmax(x, y, 3);
  ck_assert_float_eq(y[0], 0.5f);
  ck_assert_float_eq(y[1], 0.5f);
  ck_assert_float_eq(y[2], 0);
}
END_TEST

START_TEST(minus_infinity_has_no_weight) {
  float x[] = {0, -INFINITY}, y[2];
  softmax(x, y, 2);
  ck_assert_float_eq(y[0], 1);
  ck_assert_float_eq(y[1], 0);
}
END_TEST

START_TEST(nan_fills_its_row) {
  static float x[2000], y[2000];
  x[1500] = NAN;
  softmax(x, y, 2000);
  for (int i = 0; i < 2000; i++) ck_assert(isnan(y[i]));
}
END_TEST

START_TEST(the_result_may_replace_the_operand) {
  static float x[3000], y[3000];
  for (int i = 0; i < 3000; i++) x[i] = (float)(i % 17);
  softmax(x, y, 3000);
  softmax(x, x, 3000);
  ck_assert(memcmp(x, y, sizeof x) == 0);
}
END_TEST

START_TEST(a_row_has_the_same_bits_however_it_lies) {
  enum { LONGEST = 2500 };
  static float x[LONGEST], together[LONGEST], apart[2 * LONGEST], result[3 * LONGEST];
  gm_dtype dtypes[] = {GM_FLOAT32, GM_FLOAT32};
  int64_t none[1];
  generator g = {11};
  for (int64_t length = 1; length <= LONGEST; length += length / 3 + 1) {
    for (int64_t i = 0; i < length; i++) apart[2 * i] = x[i] = (float)pick(&g, 4000) / 100 - 20;
    gm__normalise how = {{0, none, none}, length, 2, 3};
    void *buffers[] = {apart, result};
    softmax(x, together, length);
    ck_assert_int_eq(run_kernel(&gm__kernel_softmax, &how, 1, 1, buffers, dtypes, NULL), GM_OK);
    for (int64_t i = 0; i < length; i++) ck_assert(memcmp(&together[i], &result[3 * i], sizeof *result) == 0);
  }
}
END_TEST

START_TEST(integers_are_refused) {
  gm_error error;
  int64_t none[1];
  int32_t x[1] = {0};
  gm_dtype dtypes[] = {GM_INT32, GM_INT32};
  gm__normalise how = {{0, none, none}, 1, 1, 1};
  ck_assert_int_eq(
      run_kernel(&gm__kernel_softmax, &how, 1, 1, (void *[]){x, x}, dtypes, &error), GM_BAD_DTYPE);
  ck_assert_str_eq(
      error.message, "softmax is of floats, but the operand is int32: cast it to float32 or float64");
}
END_TEST

START_TEST(the_text_gives_rows_and_length) {
  char buffer[64];
  int64_t dims[] = {64}, strides[] = {10, 10};
  gm__normalise how = {{1, dims, strides}, 10, 1, 1};
  ck_assert_str_eq(kernel_text(&gm__kernel_softmax, &how, buffer, sizeof buffer), "64 rows of 10");
}
END_TEST

SUITE(softmax) {
  CASE(rows_agree_with_the_formula);
  CASE(large_values_do_not_overflow);
  CASE(minus_infinity_has_no_weight);
  CASE(nan_fills_its_row);
  CASE(the_result_may_replace_the_operand);
  CASE(a_row_has_the_same_bits_however_it_lies);
  CASE(integers_are_refused);
  CASE(the_text_gives_rows_and_length);
}
