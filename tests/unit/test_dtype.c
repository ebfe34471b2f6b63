/* SPDX-License-Identifier: MIT
 *
 * The dtypes, the two 16-bit floats against every one of their values, and the conversions. */
#include <math.h>
#include <stdint.h>
#include <string.h>
#include "tensor/dtype.h"
#include "support/suite.h"

START_TEST(every_dtype_has_name_size_and_descr) {
  static const char *const names[] = {"bool", "int8", "uint8", "int16", "int32", "int64", "float16",
      "bfloat16", "float32", "float64", "complex64", "complex128"};
  static const size_t sizes[] = {1, 1, 1, 2, 4, 8, 2, 2, 4, 8, 8, 16};
  for (int i = 0; i < GM__DTYPES; i++) {
    gm_dtype found;
    ck_assert_str_eq(gm_dtype_name((gm_dtype)i), names[i]);
    ck_assert_uint_eq(gm_dtype_size((gm_dtype)i), sizes[i]);
    ck_assert(gm__dtype_named(names[i], strlen(names[i]), &found));
    ck_assert_int_eq(found, i);
  }
}
END_TEST

START_TEST(what_is_no_dtype_has_no_name) {
  gm_dtype found;
  ck_assert_ptr_null(gm_dtype_name((gm_dtype)12));
  ck_assert_ptr_null(gm_dtype_name((gm_dtype)-1));
  ck_assert_uint_eq(gm_dtype_size((gm_dtype)99), 0);
  ck_assert(!gm__dtype_named("float", 5, &found));
  ck_assert(!gm__dtype_named("float321", 8, &found));
  ck_assert(!gm__dtype_named("", 0, &found));
}
END_TEST

typedef struct format {
  float (*widen)(uint16_t bits);
  uint16_t (*from_float)(float value);
  uint16_t (*from_double)(double value);
  uint16_t infinity;
} format;

static const format formats[] = {
    {gm__half_to_float, gm__float_to_half, gm__double_to_half, 0x7C00},
    {gm__bfloat_to_float, gm__float_to_bfloat, gm__double_to_bfloat, 0x7F80},
};

START_TEST(every_short_float_comes_back) {
  const format *f = &formats[_i];
  for (uint32_t bits = 0; bits <= UINT16_MAX; bits++) {
    float value = f->widen((uint16_t)bits);
    if ((bits & 0x7FFF) > f->infinity) {
      ck_assert(isnan(value));
      ck_assert(isnan(f->widen(f->from_float(value))));
      ck_assert(isnan(f->widen(f->from_double((double)value))));
      continue;
    }
    ck_assert_uint_eq(f->from_float(value), bits);
    ck_assert_uint_eq(f->from_double((double)value), bits);
  }
}
END_TEST

/* Between two neighbours the middle goes to the even one, and what is beside it to the nearer. */
START_TEST(rounding_is_to_nearest_even) {
  const format *f = &formats[_i];
  for (uint32_t low = 0; low + 1 < f->infinity; low++) {
    double a = (double)f->widen((uint16_t)low), b = (double)f->widen((uint16_t)(low + 1));
    double middle = (a + b) / 2;
    uint32_t even = low % 2 == 0 ? low : low + 1;
    ck_assert_uint_eq(f->from_double(middle), even);
    ck_assert_uint_eq(f->from_double(-middle), even | 0x8000);
    ck_assert_uint_eq(f->from_double(nextafter(middle, 0)), low);
    ck_assert_uint_eq(f->from_double(nextafter(middle, INFINITY)), low + 1);
    if (middle < 1e-40) continue;
    ck_assert_uint_eq(f->from_float((float)middle), even);
    ck_assert_uint_eq(f->from_float(nextafterf((float)middle, 0)), low);
    ck_assert_uint_eq(f->from_float(nextafterf((float)middle, INFINITY)), low + 1);
  }
}
END_TEST

START_TEST(the_ends_of_short_floats) {
  ck_assert_uint_eq(gm__double_to_half(65519.99), 0x7BFF);
  ck_assert_uint_eq(gm__double_to_half(65520), 0x7C00);
  ck_assert_uint_eq(gm__double_to_half(-1e300), 0xFC00);
  ck_assert_uint_eq(gm__double_to_half(0x1p-25), 0);
  ck_assert_uint_eq(gm__double_to_half(nextafter(0x1p-25, 1)), 1);
  ck_assert_uint_eq(gm__double_to_half(-5e-324), 0x8000);
  ck_assert_uint_eq(gm__float_to_bfloat(3.4e38F), 0x7F80);
  ck_assert_uint_eq(gm__double_to_bfloat(1e39), 0x7F80);
  ck_assert_uint_eq(gm__double_to_bfloat(0x1p-134), 0);
}
END_TEST

START_TEST(doubles_are_rounded_once) {
  double value = 1 + 0x1p-11 + 0x1p-40;
  ck_assert_uint_eq(gm__double_to_half(value), 0x3C01);
  ck_assert_uint_eq(gm__float_to_half((float)value), 0x3C00);
  int64_t integer = (INT64_C(257) << 54) + 1;
  uint16_t bits;
  gm__convert(&bits, GM_BFLOAT16, &integer, GM_INT64, 1);
  ck_assert_float_eq(gm__bfloat_to_float(bits), 0x1.02p62F);
  integer--;
  gm__convert(&bits, GM_BFLOAT16, &integer, GM_INT64, 1);
  ck_assert_float_eq(gm__bfloat_to_float(bits), 0x1p62F);
}
END_TEST

START_TEST(floats_become_integers_toward_zero_and_saturate) {
  double from[] = {1.9, -1.9, 300, -300, NAN, INFINITY, -INFINITY, 1e30};
  int8_t bytes[8];
  uint8_t unsigned_bytes[8];
  int32_t words[8];
  int64_t longs[8];
  gm__convert(bytes, GM_INT8, from, GM_FLOAT64, 8);
  gm__convert(unsigned_bytes, GM_UINT8, from, GM_FLOAT64, 8);
  gm__convert(words, GM_INT32, from, GM_FLOAT64, 8);
  gm__convert(longs, GM_INT64, from, GM_FLOAT64, 8);
  ck_assert_int_eq(memcmp(bytes, (int8_t[]){1, -1, 127, -128, 0, 127, -128, 127}, sizeof bytes), 0);
  ck_assert_int_eq(memcmp(unsigned_bytes, (uint8_t[]){1, 0, 255, 0, 0, 255, 0, 255}, sizeof bytes), 0);
  ck_assert_int_eq(
      memcmp(words, (int32_t[]){1, -1, 300, -300, 0, INT32_MAX, INT32_MIN, INT32_MAX}, sizeof words), 0);
  ck_assert_int_eq(
      memcmp(longs, (int64_t[]){1, -1, 300, -300, 0, INT64_MAX, INT64_MIN, INT64_MAX}, sizeof longs), 0);
}
END_TEST

START_TEST(integers_wrap) {
  int64_t from[] = {255, 256, -1, INT64_MIN};
  uint8_t to[4];
  gm__convert(to, GM_UINT8, from, GM_INT64, 4);
  ck_assert_int_eq(memcmp(to, (uint8_t[]){255, 0, 255, 0}, 4), 0);
}
END_TEST

START_TEST(anything_but_zero_is_true) {
  float from[] = {0, -0.0F, 0.5F, NAN};
  float pairs[] = {0, 0, 0, 1, 1, 0, NAN, 0};
  unsigned char to[4];
  gm__convert(to, GM_BOOL, from, GM_FLOAT32, 4);
  ck_assert_int_eq(memcmp(to, (unsigned char[]){0, 0, 1, 1}, 4), 0);
  gm__convert(to, GM_BOOL, pairs, GM_COMPLEX64, 4);
  ck_assert_int_eq(memcmp(to, (unsigned char[]){0, 1, 1, 1}, 4), 0);
}
END_TEST

START_TEST(complex_numbers_gain_and_lose_their_imaginary_part) {
  enum { COUNT = 1000 };
  static int32_t integers[COUNT], back[COUNT];
  static double wide[2 * COUNT];
  static float narrow[2 * COUNT];
  for (int i = 0; i < COUNT; i++) integers[i] = i - 500;
  gm__convert(wide, GM_COMPLEX128, integers, GM_INT32, COUNT);
  for (int i = 0; i < COUNT; i++) ck_assert_double_eq(wide[2 * i + 1], 0);
  for (int i = 0; i < COUNT; i++) wide[2 * i + 1] = i;
  gm__convert(narrow, GM_COMPLEX64, wide, GM_COMPLEX128, COUNT);
  ck_assert_float_eq(narrow[2 * 999 + 1], 999);
  gm__convert(back, GM_INT32, narrow, GM_COMPLEX64, COUNT);
  ck_assert_int_eq(memcmp(integers, back, sizeof back), 0);
}
END_TEST

/* Small integers pass through every pair of dtypes unharmed. */
START_TEST(every_pair_of_dtypes_converts) {
  int8_t values[5] = {0, 1, 2, 3, 100}, back[5];
  _Alignas(16) unsigned char first[5 * 16], second[5 * 16];
  gm_dtype a = (gm_dtype)(_i / GM__DTYPES), b = (gm_dtype)(_i % GM__DTYPES);
  bool boolean = a == GM_BOOL || b == GM_BOOL;
  gm__convert(first, a, values, GM_INT8, 5);
  gm__convert(second, b, first, a, 5);
  gm__convert(back, GM_INT8, second, b, 5);
  for (int i = 0; i < 5; i++) ck_assert_int_eq(back[i], boolean ? values[i] != 0 : values[i]);
}
END_TEST

START_TEST(a_conversion_may_be_in_place) {
  enum { COUNT = 100 };
  float data[COUNT];
  for (int i = 0; i < COUNT; i++) data[i] = (float)i + 0.5F;
  gm__convert(data, GM_INT32, data, GM_FLOAT32, COUNT);
  int32_t integers[COUNT];
  memcpy(integers, data, sizeof integers);
  for (int i = 0; i < COUNT; i++) ck_assert_int_eq(integers[i], i);
  gm__convert(integers, GM_INT8, integers, GM_INT32, COUNT);
  ck_assert_int_eq(((signed char *)integers)[99], 99);
}
END_TEST

START_TEST(elements_take_only_what_they_hold) {
  _Alignas(16) unsigned char element[16];
  ck_assert(gm__element_from_double(element, GM_INT8, -128));
  ck_assert(!gm__element_from_double(element, GM_INT8, 128));
  ck_assert(!gm__element_from_double(element, GM_INT32, 0.5));
  ck_assert(!gm__element_from_double(element, GM_INT64, 0x1p63));
  ck_assert(!gm__element_from_double(element, GM_INT64, NAN));
  ck_assert(!gm__element_from_double(element, GM_INT64, INFINITY));
  ck_assert(gm__element_from_double(element, GM_BOOL, 1));
  ck_assert(!gm__element_from_double(element, GM_BOOL, 2));
  ck_assert(gm__element_from_double(element, GM_FLOAT16, 65519));
  ck_assert(!gm__element_from_double(element, GM_FLOAT16, 65520));
  ck_assert(!gm__element_from_double(element, GM_FLOAT32, 1e39));
  ck_assert(!gm__element_from_double(element, GM_COMPLEX64, 1e39));
  ck_assert(gm__element_from_double(element, GM_FLOAT16, INFINITY));
  ck_assert(gm__element_from_double(element, GM_FLOAT32, NAN));
  ck_assert(!gm__element_from_integer(element, GM_UINT8, -1));
  ck_assert(!gm__element_from_integer(element, GM_UINT8, 256));
  ck_assert(gm__element_from_integer(element, GM_INT64, INT64_MIN));
  ck_assert(!gm__element_from_integer(element, GM_FLOAT16, 65520));
  ck_assert(gm__element_from_integer(element, GM_BFLOAT16, INT64_MAX));
}
END_TEST

START_TEST(elements_become_doubles) {
  double pair[] = {1.5, 2};
  uint16_t half = 0x3E00;
  ck_assert_double_eq(gm__element_to_double(pair, GM_COMPLEX128), 1.5);
  ck_assert_double_eq(gm__element_to_double(&half, GM_FLOAT16), 1.5);
  ck_assert_double_eq(gm__element_to_double(&(int64_t){-3}, GM_INT64), -3);
}
END_TEST

SUITE(dtype) {
  CASE(every_dtype_has_name_size_and_descr);
  CASE(what_is_no_dtype_has_no_name);
  tcase_add_loop_test(cases, every_short_float_comes_back, 0, 2);
  tcase_add_loop_test(cases, rounding_is_to_nearest_even, 0, 2);
  CASE(the_ends_of_short_floats);
  CASE(doubles_are_rounded_once);
  CASE(floats_become_integers_toward_zero_and_saturate);
  CASE(integers_wrap);
  CASE(anything_but_zero_is_true);
  CASE(complex_numbers_gain_and_lose_their_imaginary_part);
  tcase_add_loop_test(cases, every_pair_of_dtypes_converts, 0, GM__DTYPES * GM__DTYPES);
  CASE(a_conversion_may_be_in_place);
  CASE(elements_take_only_what_they_hold);
  CASE(elements_become_doubles);
}
