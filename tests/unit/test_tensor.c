/* SPDX-License-Identifier: MIT
 *
 * Tensors: making, lending, sharing, copying. */
#include <string.h>
#include "tensor/tensor.h"
#include "support/suite.h"

START_TEST(a_new_tensor_is_zeroed_and_aligned) {
  int64_t dims[] = {3, 5};
  gm_tensor *tensor = gm_tensor_new(GM_FLOAT32, 2, dims, NULL);
  ck_assert_int_eq(gm_tensor_dtype(tensor), GM_FLOAT32);
  ck_assert_int_eq(gm_tensor_rank(tensor), 2);
  ck_assert_int_eq(gm_tensor_dims(tensor)[1], 5);
  ck_assert_int_eq(gm_tensor_count(tensor), 15);
  ck_assert_uint_eq((uintptr_t)gm_tensor_data(tensor) % 64, 0);
  for (int i = 0; i < 15; i++) ck_assert_float_eq(((const float *)gm_tensor_cdata(tensor))[i], 0);
  gm_tensor_free(tensor);
}
END_TEST

START_TEST(rank_0_has_one_element) {
  gm_tensor *tensor = gm_tensor_new(GM_COMPLEX128, 0, NULL, NULL);
  ck_assert_int_eq(gm_tensor_count(tensor), 1);
  gm_tensor_free(tensor);
}
END_TEST

START_TEST(a_zero_length_gives_no_elements) {
  int64_t dims[] = {4, 0, 2};
  gm_tensor *tensor = gm_tensor_new(GM_INT8, 3, dims, NULL);
  ck_assert_int_eq(gm_tensor_count(tensor), 0);
  ck_assert_ptr_nonnull(gm_tensor_data(tensor));
  gm_tensor_free(tensor);
}
END_TEST

START_TEST(what_cannot_be_made_says_why) {
  int64_t dims[33] = {-1}, huge[] = {INT64_MAX, INT64_MAX};
  gm_error error;
  ck_assert_ptr_null(gm_tensor_new((gm_dtype)12, 0, NULL, &error));
  ck_assert_int_eq(error.status, GM_BAD_DTYPE);
  ck_assert_ptr_null(gm_tensor_new(GM_FLOAT32, 1, dims, &error));
  ck_assert_int_eq(error.status, GM_BAD_SHAPE);
  ck_assert_ptr_null(gm_tensor_new(GM_FLOAT32, 33, dims, &error));
  ck_assert_int_eq(error.status, GM_LIMIT);
  ck_assert_ptr_null(gm_tensor_new(GM_FLOAT32, 2, huge, &error));
  ck_assert_int_eq(error.status, GM_LIMIT);
}
END_TEST

START_TEST(nothing_is_freed_and_asked_safely) {
  gm_tensor_free(NULL);
  ck_assert_int_eq(gm_tensor_rank(NULL), 0);
  ck_assert_int_eq(gm_tensor_count(NULL), 0);
  ck_assert_ptr_null(gm_tensor_dims(NULL));
  ck_assert_ptr_null(gm_tensor_data(NULL));
  ck_assert_ptr_null(gm_tensor_cdata(NULL));
}
END_TEST

static void count_release(void *arg, void *data) {
  *(int *)arg += 1;
  *(float *)data = -1;
}

START_TEST(lent_data_are_released_by_the_last_holder) {
  float data[] = {1, 2};
  int64_t dims[] = {2};
  int released = 0;
  gm_tensor *tensor = gm_tensor_wrap(GM_FLOAT32, 1, dims, data, count_release, &released, NULL);
  ck_assert_ptr_eq(gm_tensor_data(tensor), data);
  gm_tensor *other = gm__tensor_retain(tensor);
  ck_assert_ptr_eq(other, tensor);
  gm_tensor_free(tensor);
  ck_assert_int_eq(released, 0);
  gm_tensor_free(other);
  ck_assert_int_eq(released, 1);
  ck_assert_float_eq(data[0], -1);
}
END_TEST

START_TEST(borrowed_data_are_left_alone) {
  float data[] = {1, 2};
  int64_t dims[] = {2};
  gm_tensor_free(gm_tensor_wrap(GM_FLOAT32, 1, dims, data, NULL, NULL, NULL));
  ck_assert_float_eq(data[1], 2);
}
END_TEST

START_TEST(a_failed_wrap_never_releases) {
  float data[2] = {0};
  int64_t dims[] = {-2}, good[] = {1};
  int released = 0;
  gm_error error;
  ck_assert_ptr_null(gm_tensor_wrap(GM_FLOAT32, 1, dims, data, count_release, &released, &error));
  ck_assert_ptr_null(gm_tensor_wrap(GM_FLOAT32, 1, good, NULL, count_release, &released, &error));
  ck_assert_int_eq(error.status, GM_BAD_ARGUMENT);
  ck_assert_ptr_null(gm_tensor_wrap(GM_FLOAT32, 1, good, (char *)data + 1, count_release, &released, &error));
  ck_assert_str_eq(error.message, "float32 data must be aligned to 4 bytes");
  ck_assert_int_eq(released, 0);
}
END_TEST

START_TEST(no_elements_need_no_data) {
  int64_t dims[] = {0};
  gm_tensor *tensor = gm_tensor_wrap(GM_FLOAT32, 1, dims, NULL, NULL, NULL, NULL);
  ck_assert_ptr_nonnull(tensor);
  gm_tensor *copy = gm__tensor_copy(tensor, NULL);
  ck_assert_int_eq(gm_tensor_count(copy), 0);
  gm_tensor_free(copy);
  gm_tensor_free(tensor);
}
END_TEST

START_TEST(copies_are_apart_and_casts_convert) {
  float data[] = {1.5F, -2};
  int64_t dims[] = {1, 2};
  gm_tensor *tensor = gm_tensor_wrap(GM_FLOAT32, 2, dims, data, NULL, NULL, NULL);
  gm_tensor *copy = gm__tensor_copy(tensor, NULL), *cast = gm__tensor_cast(tensor, GM_INT64, NULL);
  data[0] = 9;
  ck_assert_float_eq(((const float *)gm_tensor_cdata(copy))[0], 1.5F);
  ck_assert_int_eq(((const int64_t *)gm_tensor_cdata(cast))[1], -2);
  ck_assert_int_eq(gm_tensor_dims(cast)[1], 2);
  gm_tensor_free(cast);
  gm_tensor_free(copy);
  gm_tensor_free(tensor);
}
END_TEST

SUITE(tensor) {
  CASE(a_new_tensor_is_zeroed_and_aligned);
  CASE(rank_0_has_one_element);
  CASE(a_zero_length_gives_no_elements);
  CASE(what_cannot_be_made_says_why);
  CASE(nothing_is_freed_and_asked_safely);
  CASE(lent_data_are_released_by_the_last_holder);
  CASE(borrowed_data_are_left_alone);
  CASE(a_failed_wrap_never_releases);
  CASE(no_elements_need_no_data);
  CASE(copies_are_apart_and_casts_convert);
}
