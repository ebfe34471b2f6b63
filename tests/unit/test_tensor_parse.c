/* SPDX-License-Identifier: MIT
 *
 * Tensors read from text: what is taken, and what each refusal says. */
#include <math.h>
#include <string.h>
#include "tensor/tensor.h"
#include "support/suite.h"

static gm_error error;

static gm_tensor *parse(const char *text, gm_dtype dtype) {
  gm_tensor *tensor = gm_tensor_parse(text, dtype, &error);
  if (tensor == NULL) ck_abort_msg("%s", error.message);
  return tensor;
}

static void has_shape(const char *text, const char *shape) {
  gm_tensor *tensor = parse(text, GM_FLOAT32);
  char buffer[200];
  gm__text got = gm__text_into(buffer, sizeof buffer);
  gm__text_dims(&got, tensor->rank, tensor->dims);
  gm__text_end(&got);
  ck_assert_str_eq(buffer, shape);
  gm_tensor_free(tensor);
}

static void is_refused(const char *text, gm_dtype dtype, gm_status status, const char *words) {
  ck_assert_ptr_null(gm_tensor_parse(text, dtype, &error));
  ck_assert_int_eq(error.status, status);
  if (strstr(error.message, words) == NULL) ck_abort_msg("'%s' is not in '%s'", words, error.message);
}

START_TEST(lists_give_the_shape) {
  has_shape("5", "()");
  has_shape(" [1,2 , 3] ", "(3,)");
  has_shape("[[1, 2], [3, 4]]", "(2, 2)");
  has_shape("[[[1],[2]],\n\t[[3],[4]],[[5],[6]]]", "(3, 2, 1)");
  has_shape("[]", "(0,)");
  has_shape("[[], []]", "(2, 0)");
  has_shape("[[[], []]]", "(1, 2, 0)");
}
END_TEST

START_TEST(values_are_in_order) {
  gm_tensor *tensor = parse("[[1, -2], [3.5, 1e2]]", GM_FLOAT64);
  double expected[] = {1, -2, 3.5, 100};
  ck_assert_int_eq(memcmp(tensor->data, expected, sizeof expected), 0);
  gm_tensor_free(tensor);
}
END_TEST

START_TEST(special_values_are_read) {
  gm_tensor *tensor = parse("[nan, inf, -inf, true, False, -0]", GM_FLOAT32);
  const float *v = tensor->data;
  ck_assert(isnan(v[0]) && isinf(v[1]) && v[2] < 0 && v[3] > 0 && v[5] == 0 && signbit(v[5]));
  gm_tensor_free(tensor);
}
END_TEST

START_TEST(integers_reach_both_ends) {
  gm_tensor *tensor = parse("[9223372036854775807, -9223372036854775808, 1e3, 2.0]", GM_INT64);
  int64_t expected[] = {INT64_MAX, INT64_MIN, 1000, 2};
  ck_assert_int_eq(memcmp(tensor->data, expected, sizeof expected), 0);
  gm_tensor_free(tensor);
}
END_TEST

START_TEST(large_integers_become_floats) {
  gm_tensor *tensor =
      parse("[18446744073709551615, 100000000000000000000, -9223372036854775809]", GM_FLOAT64);
  double expected[] = {0x1p64, 1e20, -0x1p63};
  ck_assert_int_eq(memcmp(tensor->data, expected, sizeof expected), 0);
  gm_tensor_free(tensor);
}
END_TEST

START_TEST(complex_numbers_are_read) {
  gm_tensor *tensor = parse("[1+2j, 2j, (1-2j), 3, -1e-2-1e+2j, nan-infj, true]", GM_COMPLEX128);
  double expected[] = {1, 2, 0, 2, 1, -2, 3, 0, -0.01, -100};
  ck_assert_int_eq(memcmp(tensor->data, expected, sizeof expected), 0);
  ck_assert(isnan(((double *)tensor->data)[10]) && ((double *)tensor->data)[11] < 0);
  gm_tensor_free(tensor);
}
END_TEST

START_TEST(ragged_lists_are_refused) {
  is_refused("[[1, 2], [3]]", GM_FLOAT32, GM_BAD_SYNTAX,
      "the one that ends at column 12 has length 1, but others of its depth have 2");
  is_refused("[[1], [2, 3]]", GM_FLOAT32, GM_BAD_SYNTAX, "has length 2, but others of its depth have 1");
  is_refused(
      "[1, [2]]", GM_FLOAT32, GM_BAD_SYNTAX, "a list at column 5, where others of this depth are numbers");
  is_refused(
      "[[1], 2]", GM_FLOAT32, GM_BAD_SYNTAX, "a number at column 7, where others of this depth are lists");
  is_refused("[[], 2]", GM_FLOAT32, GM_BAD_SYNTAX, "a number at column 6");
  is_refused("[[], [[]]]", GM_FLOAT32, GM_BAD_SYNTAX, "ragged");
  is_refused("[[[]], []]", GM_FLOAT32, GM_BAD_SYNTAX, "ragged");
  is_refused("[[], [1]]", GM_FLOAT32, GM_BAD_SYNTAX, "ragged");
}
END_TEST

START_TEST(broken_text_is_refused_with_its_column) {
  is_refused("", GM_FLOAT32, GM_BAD_SYNTAX, "ends at column 1, where a number or '['");
  is_refused("[1, 2", GM_FLOAT32, GM_BAD_SYNTAX, "ends at column 6, where ',' or ']'");
  is_refused("[1, 2]]", GM_FLOAT32, GM_BAD_SYNTAX, "']' at column 7, where the end");
  is_refused("[1 2]", GM_FLOAT32, GM_BAD_SYNTAX, "'2' at column 4, where ',' or ']'");
  is_refused("[1,]", GM_FLOAT32, GM_BAD_SYNTAX, "']' at column 4, where a number");
  is_refused("[,1]", GM_FLOAT32, GM_BAD_SYNTAX, "',' at column 2");
  is_refused("1, 2", GM_FLOAT32, GM_BAD_SYNTAX, "',' at column 2, where the end");
  is_refused("[1, abc]", GM_FLOAT32, GM_BAD_SYNTAX, "'abc' at column 5 is no number");
  is_refused("1+2j", GM_FLOAT32, GM_BAD_SYNTAX, "'1+2j' at column 1 is no number");
  is_refused("[1+j]", GM_COMPLEX64, GM_BAD_SYNTAX, "'1+j' at column 2 is no number");
  is_refused("j", GM_COMPLEX64, GM_BAD_SYNTAX, "no number");
  is_refused("()", GM_COMPLEX64, GM_BAD_SYNTAX, "no number");
  is_refused("(", GM_COMPLEX64, GM_BAD_SYNTAX, "no number");
}
END_TEST

START_TEST(values_that_the_dtype_cannot_hold_are_refused) {
  is_refused("[1, 300]", GM_INT8, GM_BAD_ARGUMENT, "300 at column 5 cannot be held by int8");
  is_refused("1.5", GM_INT32, GM_BAD_ARGUMENT, "1.5 at column 1 cannot be held by int32");
  is_refused("nan", GM_INT32, GM_BAD_ARGUMENT, "nan");
  is_refused("-1", GM_UINT8, GM_BAD_ARGUMENT, "uint8");
  is_refused("9223372036854775808", GM_INT64, GM_BAD_ARGUMENT, "int64");
  is_refused("18446744073709551615", GM_INT8, GM_BAD_ARGUMENT, "int8");
  is_refused("-9223372036854775809", GM_INT64, GM_BAD_ARGUMENT, "int64");
  is_refused("1e999", GM_FLOAT64, GM_BAD_ARGUMENT, "float64");
  is_refused("1e39", GM_FLOAT32, GM_BAD_ARGUMENT, "float32");
  is_refused("65520", GM_FLOAT16, GM_BAD_ARGUMENT, "float16");
  is_refused("2", GM_BOOL, GM_BAD_ARGUMENT, "bool");
  is_refused("1e39j", GM_COMPLEX64, GM_BAD_ARGUMENT, "complex64");
  is_refused("1+1e999j", GM_COMPLEX128, GM_BAD_ARGUMENT, "complex128");
}
END_TEST

START_TEST(a_text_and_a_dtype_must_be_given) {
  is_refused(NULL, GM_INT8, GM_BAD_ARGUMENT, "no text");
  is_refused("1", (gm_dtype)12, GM_BAD_DTYPE, "12 is no dtype");
}
END_TEST

static char *repeated(const char *unit, size_t count, const char *tail) {
  size_t length = strlen(unit);
  char *text = malloc(count * length + strlen(tail) + 1);
  for (size_t i = 0; i < count; i++) memcpy(text + i * length, unit, length);
  strcpy(text + count * length, tail);
  return text;
}

START_TEST(nesting_is_limited) {
  char *open = repeated("[", 32, "1");
  char *close = repeated("]", 32, "");
  char *text = malloc(200);
  strcpy(text, open);
  strcat(text, close);
  gm_tensor *tensor = parse(text, GM_INT8);
  ck_assert_int_eq(gm_tensor_rank(tensor), 32);
  gm_tensor_free(tensor);
  char *deep = repeated("[", 1000000, "");
  is_refused(deep, GM_INT8, GM_LIMIT, "deeper than the limit of 32 at column 33");
  free(deep);
  free(text);
  free(close);
  free(open);
}
END_TEST

START_TEST(long_texts_take_linear_time) {
  enum { MANY = 300000 };
  char *text = repeated("1,", MANY, "1]");
  text = realloc(text, strlen(text) + 2);
  memmove(text + 1, text, strlen(text) + 1);
  text[0] = '[';
  gm_tensor *tensor = parse(text, GM_BFLOAT16);
  ck_assert_int_eq(gm_tensor_count(tensor), MANY + 1);
  gm_tensor_free(tensor);
  free(text);
  char *number = repeated("1", 3 * MANY, "");
  is_refused(number, GM_FLOAT64, GM_BAD_ARGUMENT, "1111111111 at column 1 cannot be held by float64");
  is_refused(number, GM_COMPLEX64, GM_BAD_ARGUMENT, "complex64");
  free(number);
}
END_TEST

SUITE(tensor_parse) {
  CASE(lists_give_the_shape);
  CASE(values_are_in_order);
  CASE(special_values_are_read);
  CASE(integers_reach_both_ends);
  CASE(large_integers_become_floats);
  CASE(complex_numbers_are_read);
  CASE(ragged_lists_are_refused);
  CASE(broken_text_is_refused_with_its_column);
  CASE(values_that_the_dtype_cannot_hold_are_refused);
  CASE(a_text_and_a_dtype_must_be_given);
  CASE(nesting_is_limited);
  CASE(long_texts_take_linear_time);
}
