/* SPDX-License-Identifier: MIT
 *
 * Random numbers: NumPy's own, recorded (compare_random.py compares many more), and laws: any draw can be had
 * alone. */
#include "kernel/random.h"
#include "kernel_step.h"

START_TEST(float64_draws_are_those_of_numpy) {
  static const double want[] = {0x1.be80697053d3fp-1, 0x1.2e744337e3990p-2, 0x1.ae2e15f941aaap-2,
      0x1.9f1f2516c6e9ap-2, 0x1.5352da77ecee8p-4, 0x1.64ad11064fee5p-1, 0x1.2f785d5f65428p-2,
      0x1.3dba4dd0ab928p-1, 0x1.ce47ef2d93800p-7};
  double got[9];
  gm__random_double(7, 0, got, 9);
  for (int i = 0; i < 9; i++) ck_assert_double_eq(got[i], want[i]);
  gm__random_double(7, 1000000, got, 2);
  ck_assert_double_eq(got[0], 0x1.418c2a037489cp-2);
  ck_assert_double_eq(got[1], 0x1.b854c524f323ap-2);
}
END_TEST

START_TEST(float32_draws_take_the_low_half_first) {
  static const float want[] = {0x1.4f4fd8p-3f, 0x1.be8068p-1f, 0x1.f1cc8p-1f, 0x1.2e744p-2f, 0x1.41aabp-2f,
      0x1.ae2e14p-2f, 0x1.6374dcp-1f, 0x1.9f1f24p-2f, 0x1.fb3bap-2f};
  float got[9];
  gm__random_float(7, 0, got, 9);
  for (int i = 0; i < 9; i++) ck_assert_float_eq(got[i], want[i]);
}
END_TEST

START_TEST(every_bit_of_the_seed_counts) {
  double got[2];
  gm__random_double(UINT64_MAX, 0, got, 2);
  ck_assert_double_eq(got[0], 0x1.e1290e2c6ef2cp-3);
  ck_assert_double_eq(got[1], 0x1.6f435abb5c260p-1);
}
END_TEST

START_TEST(any_draw_can_be_had_alone) {
  double wide[100], one;
  float narrow[100], single;
  gm__random_double(3, 0, wide, 100);
  gm__random_float(3, 0, narrow, 100);
  for (uint64_t i = 0; i < 100; i++) {
    gm__random_double(3, i, &one, 1);
    gm__random_float(3, i, &single, 1);
    ck_assert_double_eq(one, wide[i]);
    ck_assert_float_eq(single, narrow[i]);
  }
}
END_TEST

static gm_tensor *new_tensor(gm_dtype dtype, int64_t count) {
  gm_tensor *tensor = gm_tensor_new(dtype, 1, &count, NULL);
  ck_assert_ptr_nonnull(tensor);
  return tensor;
}

START_TEST(uniform_numbers_are_rounded_twice) {
  enum { COUNT = 1000 };
  gm_tensor *tensor = new_tensor(GM_FLOAT32, COUNT);
  float draws[COUNT];
  ck_assert_int_eq(gm_tensor_random_uniform(tensor, -0.1, 0.3, 5, NULL), GM_OK);
  gm__random_float(5, 0, draws, COUNT);
  for (int i = 0; i < COUNT; i++) {
    volatile float product = (float)(0.3 - -0.1) * draws[i];
    ck_assert_float_eq(((const float *)gm_tensor_cdata(tensor))[i], (float)-0.1 + product);
  }
  gm_tensor_free(tensor);
}
END_TEST

START_TEST(complex_numbers_are_real) {
  gm_tensor *tensor = new_tensor(GM_COMPLEX64, 3);
  float draws[3];
  const float *got = gm_tensor_cdata(tensor);
  ck_assert_int_eq(gm_tensor_random_uniform(tensor, 0, 1, 5, NULL), GM_OK);
  gm__random_float(5, 0, draws, 3);
  for (int i = 0; i < 3; i++) ck_assert(got[2 * i] == draws[i] && got[2 * i + 1] == 0);
  gm_tensor_free(tensor);
}
END_TEST

START_TEST(normal_numbers_have_their_mean_and_scale) {
  enum { COUNT = 40000 };
  gm_tensor *tensor = new_tensor(GM_FLOAT64, COUNT);
  const double *x = gm_tensor_cdata(tensor);
  double sum = 0, squares = 0;
  ck_assert_int_eq(gm_tensor_random_normal(tensor, 3, 2, 11, NULL), GM_OK);
  for (int i = 0; i < COUNT; i++) sum += x[i], squares += (x[i] - 3) * (x[i] - 3);
  ck_assert(fabs(sum / COUNT - 3) < 0.05);
  ck_assert(fabs(squares / COUNT - 4) < 0.15);
  gm_tensor_free(tensor);
}
END_TEST

START_TEST(bounds_without_a_finite_distance_are_refused) {
  gm_error error;
  gm_tensor *wide = new_tensor(GM_FLOAT64, 3), *narrow = new_tensor(GM_FLOAT32, 3),
            *bytes = new_tensor(GM_INT8, 3);
  ck_assert_int_eq(gm_tensor_random_uniform(wide, 0, INFINITY, 0, &error), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm_tensor_random_uniform(wide, NAN, 1, 0, &error), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm_tensor_random_uniform(wide, -1.5e308, 1.5e308, 0, &error), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm_tensor_random_uniform(narrow, 0, 1e39, 0, &error), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm_tensor_random_uniform(narrow, -3e38, 3e38, 0, &error), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm_tensor_random_uniform(bytes, 0, 1e39, 0, &error), GM_BAD_ARGUMENT);
  ck_assert_str_eq(
      error.message, "random_uniform: the bounds 0.0 and 1e+39 are beyond float32, in which int8 is drawn");
  ck_assert_int_eq(gm_tensor_random_normal(wide, 0, INFINITY, 0, &error), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm_tensor_random_uniform(NULL, 0, 1, 0, &error), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm_tensor_random_normal(NULL, 0, 1, 0, &error), GM_BAD_ARGUMENT);
  gm_tensor_free(wide), gm_tensor_free(narrow), gm_tensor_free(bytes);
}
END_TEST

SUITE(random) {
  CASE(float64_draws_are_those_of_numpy);
  CASE(float32_draws_take_the_low_half_first);
  CASE(every_bit_of_the_seed_counts);
  CASE(any_draw_can_be_had_alone);
  CASE(uniform_numbers_are_rounded_twice);
  CASE(complex_numbers_are_real);
  CASE(normal_numbers_have_their_mean_and_scale);
  CASE(bounds_without_a_finite_distance_are_refused);
}
