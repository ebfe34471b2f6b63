/* SPDX-License-Identifier: MIT
 *
 * Arrays as NumPy 1.24 prints them (the expected text is NumPy's), and JSON. */
#include <math.h>
#include <string.h>
#include "tensor/tensor.h"
#include "support/suite.h"

/* The text of a value given as text; static. */
static const char *printed(const char *value, gm_dtype dtype) {
  static char buffer[4096];
  gm_tensor *tensor = gm_tensor_parse(value, dtype, NULL);
  ck_assert_ptr_nonnull(tensor);
  size_t length = gm_tensor_text(tensor, buffer, sizeof buffer);
  ck_assert_uint_eq(length, strlen(buffer));
  gm_tensor_free(tensor);
  return buffer;
}

static const char *json(const char *value, gm_dtype dtype) {
  static char buffer[4096];
  gm_tensor *tensor = gm_tensor_parse(value, dtype, NULL);
  ck_assert_ptr_nonnull(tensor);
  gm_tensor_json(tensor, buffer, sizeof buffer);
  gm_tensor_free(tensor);
  return buffer;
}

/* 0, 1, 2 … in the shape. */
static const char *counted(int rank, const int64_t *dims) {
  static char buffer[8192];
  gm_tensor *tensor = gm_tensor_new(GM_INT32, rank, dims, NULL);
  for (int64_t i = 0; i < tensor->count; i++) ((int32_t *)tensor->data)[i] = (int32_t)i;
  gm_tensor_text(tensor, buffer, sizeof buffer);
  gm_tensor_free(tensor);
  return buffer;
}

START_TEST(rank_0_is_the_bare_number) {
  ck_assert_str_eq(printed("1", GM_FLOAT32), "1.0");
  ck_assert_str_eq(printed("0.3333333333333333", GM_FLOAT64), "0.3333333333333333");
  ck_assert_str_eq(printed("1e16", GM_FLOAT64), "1e+16");
  ck_assert_str_eq(printed("0.0001", GM_FLOAT32), "1e-04");
  ck_assert_str_eq(printed("7", GM_INT8), "7");
  ck_assert_str_eq(printed("true", GM_BOOL), "True");
  ck_assert_str_eq(printed("1+2j", GM_COMPLEX64), "(1+2j)");
  ck_assert_str_eq(printed("2j", GM_COMPLEX128), "2j");
  ck_assert_str_eq(printed("-0.0-0.5j", GM_COMPLEX128), "(-0-0.5j)");
  ck_assert_str_eq(printed("nan+infj", GM_COMPLEX128), "(nan+infj)");
  ck_assert_str_eq(printed("0.1", GM_FLOAT16), "0.1");
  ck_assert_str_eq(printed("0.1", GM_BFLOAT16), "0.1");
}
END_TEST

START_TEST(nothing_prints_as_brackets) {
  ck_assert_str_eq(printed("[]", GM_FLOAT32), "[]");
  ck_assert_str_eq(printed("[[], []]", GM_FLOAT32), "[]");
  ck_assert_uint_eq(gm_tensor_text(NULL, NULL, 0), 0);
}
END_TEST

START_TEST(integers_and_bools_align) {
  ck_assert_str_eq(printed("[[1, -20], [300, 4]]", GM_INT32), "[[  1 -20]\n [300   4]]");
  ck_assert_str_eq(printed("[true, false]", GM_BOOL), "[ True False]");
}
END_TEST

START_TEST(floats_align_at_the_point) {
  ck_assert_str_eq(printed("[1, 2.5, -10.125]", GM_FLOAT32), "[  1.      2.5   -10.125]");
  ck_assert_str_eq(printed("[1, 2]", GM_FLOAT64), "[1. 2.]");
  ck_assert_str_eq(printed("[-0.0, 0.0]", GM_FLOAT64), "[-0.  0.]");
  ck_assert_str_eq(printed("[0.1, 0.123456789]", GM_FLOAT64), "[0.1        0.12345679]");
}
END_TEST

START_TEST(wide_ranges_are_exponential) {
  ck_assert_str_eq(printed("[1, 1001]", GM_FLOAT64), "[1.000e+00 1.001e+03]");
  ck_assert_str_eq(printed("[1, 1000]", GM_FLOAT64), "[   1. 1000.]");
  ck_assert_str_eq(printed("[1e8]", GM_FLOAT64), "[1.e+08]");
  ck_assert_str_eq(printed("[0, 0.00005]", GM_FLOAT64), "[0.e+00 5.e-05]");
  ck_assert_str_eq(printed("[1e-5, 1.2345678e-5]", GM_FLOAT32), "[9.9999997e-06 1.2345678e-05]");
  ck_assert_str_eq(printed("[1e100, 1]", GM_FLOAT64), "[1.e+100 1.e+000]");
}
END_TEST

START_TEST(what_is_not_finite_is_padded) {
  ck_assert_str_eq(printed("[nan, inf, -inf, 1]", GM_FLOAT32), "[ nan  inf -inf   1.]");
  ck_assert_str_eq(printed("[nan, 1.5]", GM_FLOAT32), "[nan 1.5]");
  ck_assert_str_eq(printed("[nan, nan]", GM_FLOAT32), "[nan nan]");
  ck_assert_str_eq(printed("[1e-10, nan]", GM_FLOAT64), "[1.e-10    nan]");
}
END_TEST

START_TEST(complex_parts_have_their_own_formats) {
  ck_assert_str_eq(printed("[1+2j, -3.5-4j]", GM_COMPLEX64), "[ 1. +2.j -3.5-4.j]");
  ck_assert_str_eq(printed("[1+0.5j, 2j]", GM_COMPLEX128), "[1.+0.5j 0.+2.j ]");
  ck_assert_str_eq(printed("[nan+1j, 1-infj]", GM_COMPLEX128), "[nan +1.j  1.-infj]");
}
END_TEST

START_TEST(short_floats_have_short_digits) {
  ck_assert_str_eq(printed("[0.1, 3.140625]", GM_FLOAT16), "[0.1  3.14]");
  ck_assert_str_eq(printed("[0.1, 3.140625]", GM_BFLOAT16), "[0.1  3.14]");
  ck_assert_str_eq(printed("[65504, 1]", GM_FLOAT16), "[6.55e+04 1.00e+00]");
}
END_TEST

START_TEST(lines_are_cut_at_75_columns) {
  int64_t dims[] = {30};
  ck_assert_str_eq(counted(1, dims),
      "[ 0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23\n"
      " 24 25 26 27 28 29]");
}
END_TEST

START_TEST(blocks_are_parted_by_blank_lines) {
  int64_t dims[] = {2, 1, 2, 2};
  ck_assert_str_eq(counted(4, dims), "[[[[0 1]\n   [2 3]]]\n\n\n [[[4 5]\n   [6 7]]]]");
}
END_TEST

START_TEST(above_1000_elements_the_ends_are_shown) {
  int64_t line[] = {1001}, all[] = {1000}, square[] = {40, 40};
  ck_assert_str_eq(counted(1, line), "[   0    1    2 ...  998  999 1000]");
  ck_assert_ptr_null(strstr(counted(1, all), "..."));
  ck_assert_str_eq(counted(2, square), "[[   0    1    2 ...   37   38   39]\n"
                                       " [  40   41   42 ...   77   78   79]\n"
                                       " [  80   81   82 ...  117  118  119]\n"
                                       " ...\n"
                                       " [1480 1481 1482 ... 1517 1518 1519]\n"
                                       " [1520 1521 1522 ... 1557 1558 1559]\n"
                                       " [1560 1561 1562 ... 1597 1598 1599]]");
}
END_TEST

START_TEST(a_huge_tensor_is_measured_by_its_ends_only) {
  int64_t dims[] = {6000, 6000};
  gm_tensor *tensor = gm_tensor_new(GM_INT8, 2, dims, NULL);
  ((int8_t *)tensor->data)[6000 * 3000 + 3000] = 100;
  char buffer[200];
  gm_tensor_text(tensor, buffer, sizeof buffer);
  ck_assert_str_eq(buffer,
      "[[0 0 0 ... 0 0 0]\n [0 0 0 ... 0 0 0]\n [0 0 0 ... 0 0 0]\n ...\n [0 0 0 ... 0 0 0]\n"
      " [0 0 0 ... 0 0 0]\n [0 0 0 ... 0 0 0]]");
  gm_tensor_free(tensor);
}
END_TEST

START_TEST(a_short_buffer_is_cut_and_the_length_told) {
  char buffer[5];
  gm_tensor *tensor = gm_tensor_parse("[1, 2, 3]", GM_INT32, NULL);
  ck_assert_uint_eq(gm_tensor_text(tensor, buffer, sizeof buffer), 7);
  ck_assert_str_eq(buffer, "[1 2");
  ck_assert_uint_eq(gm_tensor_text(tensor, NULL, 0), 7);
  ck_assert_uint_eq(gm_tensor_json(tensor, buffer, sizeof buffer), 9);
  ck_assert_str_eq(buffer, "[1, ");
  gm_tensor_free(tensor);
}
END_TEST

START_TEST(json_is_nested_lists) {
  ck_assert_str_eq(json("[[1, 2], [3, 4]]", GM_INT64), "[[1, 2], [3, 4]]");
  ck_assert_str_eq(json("0.1", GM_FLOAT32), "0.1");
  ck_assert_str_eq(json("[1, 1e-7, 1e300]", GM_FLOAT64), "[1.0, 1e-07, 1e+300]");
  ck_assert_str_eq(json("[true, false]", GM_BOOL), "[true, false]");
  ck_assert_str_eq(json("[nan, inf, -inf]", GM_FLOAT16), "[\"nan\", \"inf\", \"-inf\"]");
  ck_assert_str_eq(json("[1-2j, infj]", GM_COMPLEX64), "[[1.0, -2.0], [0.0, \"inf\"]]");
  ck_assert_str_eq(json("[[], []]", GM_FLOAT32), "[[], []]");
}
END_TEST

START_TEST(endless_empty_lists_are_not_written) {
  int64_t dims[] = {INT64_MAX / 2, 0};
  gm_tensor *tensor = gm_tensor_new(GM_FLOAT32, 2, dims, NULL);
  char buffer[8];
  ck_assert_uint_eq(gm_tensor_json(tensor, buffer, sizeof buffer), 2);
  ck_assert_str_eq(buffer, "[]");
  ck_assert_uint_eq(gm_tensor_text(tensor, buffer, sizeof buffer), 2);
  gm_tensor_free(tensor);
}
END_TEST

SUITE(tensor_text) {
  CASE(rank_0_is_the_bare_number);
  CASE(nothing_prints_as_brackets);
  CASE(integers_and_bools_align);
  CASE(floats_align_at_the_point);
  CASE(wide_ranges_are_exponential);
  CASE(what_is_not_finite_is_padded);
  CASE(complex_parts_have_their_own_formats);
  CASE(short_floats_have_short_digits);
  CASE(lines_are_cut_at_75_columns);
  CASE(blocks_are_parted_by_blank_lines);
  CASE(above_1000_elements_the_ends_are_shown);
  CASE(a_huge_tensor_is_measured_by_its_ends_only);
  CASE(a_short_buffer_is_cut_and_the_length_told);
  CASE(json_is_nested_lists);
  CASE(endless_empty_lists_are_not_written);
}
