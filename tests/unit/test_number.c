/* SPDX-License-Identifier: MIT
 *
 * Numbers read and written, whatever the locale. */
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/number.h"
#include "support/suite.h"

typedef struct reading {
  gm__number_kind kind;
  int64_t integer;
  double real;
} reading;

static reading read(const char *text) {
  reading r = {.integer = 77, .real = 77};
  r.kind = gm__number_read(text, strlen(text), &r.integer, &r.real);
  return r;
}

static void is_integer(const char *text, int64_t value) {
  reading r = read(text);
  ck_assert_int_eq(r.kind, GM__INTEGER);
  ck_assert_int_eq(r.integer, value);
  ck_assert_double_eq(r.real, (double)value);
}

static void is_real(const char *text, double value) {
  reading r = read(text);
  ck_assert_int_eq(r.kind, GM__REAL);
  ck_assert_int_eq(memcmp(&r.real, &value, sizeof value), 0);
}

START_TEST(integers_are_read) {
  is_integer("0", 0);
  is_integer("-12", -12);
  is_integer("+007", 7);
  is_integer("9223372036854775807", INT64_MAX);
  is_integer("-9223372036854775808", INT64_MIN);
}
END_TEST

START_TEST(an_integer_may_be_unsigned) {
  reading r = read("18446744073709551615");
  ck_assert_int_eq(r.kind, GM__INTEGER);
  ck_assert_int_eq(r.integer, -1);
  ck_assert_double_eq(r.real, 0x1p64);
}
END_TEST

START_TEST(a_larger_integer_is_too_large) {
  ck_assert_int_eq(read("18446744073709551616").kind, GM__TOO_LARGE);
  ck_assert_int_eq(read("-9223372036854775809").kind, GM__TOO_LARGE);
  ck_assert_double_eq(read("100000000000000000000").real, 1e20);
}
END_TEST

START_TEST(reals_are_read) {
  is_real("1.5", 1.5);
  is_real(".5", 0.5);
  is_real("5.", 5);
  is_real("-1e3", -1000);
  is_real("1E-2", 0.01);
  is_real("-0.0", -0.0);
  is_real("2.4703282292062327e-324", 0);
  is_real("2.4703282292062328e-324", 5e-324);
  is_real("1e-99999999999999999999", 0);
  is_real("0e99999999999999999999", 0);
}
END_TEST

START_TEST(names_of_reals_are_read) {
  is_real("inf", INFINITY);
  is_real("-inf", -INFINITY);
  is_real("+.inf", INFINITY);
  is_real("Infinity", INFINITY);
  is_real("INF", INFINITY);
  ck_assert(isnan(read("nan").real));
  ck_assert(isnan(read(".NaN").real));
  ck_assert(isnan(read("NAN").real));
}
END_TEST

START_TEST(a_real_beyond_the_range_is_too_large) {
  ck_assert_int_eq(read("1e309").kind, GM__TOO_LARGE);
  ck_assert(isinf(read("-1e309").real));
  ck_assert_int_eq(read("1.7976931348623158e308").kind, GM__REAL);
}
END_TEST

START_TEST(what_is_no_number_is_refused) {
  static const char *const texts[] = {"", "+", "-", ".", "e5", "1e", "1e+", "1.2.3", "1 ", " 1", "0x10",
      "1_000", "--1", "1e5.0", "infinit", "n", "nano", "1f", "..inf", "+-1", "1e5x", ".e1"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    ck_assert_int_eq(read(texts[i]).kind, GM__NOT_A_NUMBER);
  ck_assert_int_eq(gm__number_read("1\0002", 3, &(int64_t){0}, &(double){0}), GM__NOT_A_NUMBER);
}
END_TEST

START_TEST(only_the_length_is_read) {
  int64_t integer;
  double value;
  ck_assert_int_eq(gm__number_read("123456", 3, &integer, &value), GM__INTEGER);
  ck_assert_int_eq(integer, 123);
}
END_TEST

START_TEST(long_numbers_are_read_exactly) {
  enum { LONG = 100000 };
  char *text = malloc(LONG + 10);
  memset(text, '0', LONG);
  memcpy(text, "1.", 2);
  text[LONG] = '\0';
  is_real(text, 1);
  memcpy(text, "9007199254740993.", 17);
  is_real(text, 9007199254740992);
  text[LONG - 1] = '1';
  is_real(text, 9007199254740994);
  memset(text, '0', LONG);
  memcpy(text + LONG, "e-99999", 8);
  text[0] = '7';
  is_real(text, 7);
  free(text);
}
END_TEST

START_TEST(the_locale_has_no_say) {
  if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL) setlocale(LC_ALL, "");
  is_real("1.5", 1.5);
  ck_assert_int_eq(read("1,5").kind, GM__NOT_A_NUMBER);
  setlocale(LC_ALL, "C");
}
END_TEST

static void has_digits(double value, int bits, int least, const char *digits, int exponent) {
  char got[33] = {0};
  int power;
  int count = gm__digits_shortest(value, bits, least, got, &power);
  ck_assert_int_eq(count, (int)strlen(digits));
  ck_assert_str_eq(got, digits);
  ck_assert_int_eq(power, exponent);
}

START_TEST(shortest_digits_tell_the_neighbours_apart) {
  has_digits(0.3, 53, -1074, "3", 0);
  has_digits(1.0 / 3, 53, -1074, "3333333333333333", 0);
  has_digits(5e-324, 53, -1074, "5", -323);
  has_digits(0x1p53, 53, -1074, "9007199254740992", 16);
  has_digits((double)0.1F, 24, -149, "1", 0);
  has_digits(0x1p-149, 24, -149, "1", -44);
  has_digits(0x1p-24, 11, -24, "6", -7);
  has_digits(65504, 11, -24, "655", 5);
  has_digits(0x1p-133, 8, -133, "9", -40);
  has_digits(0x1.FEp127, 8, -133, "339", 39);
}
END_TEST

static const char *exact(double value, int count) {
  static char digits[33];
  int exponent;
  memset(digits, 0, sizeof digits);
  gm__digits_limited(value, 53, -1074, (gm__digit_limits){count, count, false}, digits, &exponent);
  return digits;
}

START_TEST(digits_beyond_the_shortest_are_exact) {
  ck_assert_str_eq(exact(0.125, 2), "12");
  ck_assert_str_eq(exact(0.375, 2), "38");
  ck_assert_str_eq(exact(9.96, 2), "10");
  ck_assert_str_eq(exact(0.1, 30), "100000000000000005551115123126");
}
END_TEST

START_TEST(digits_are_limited_from_the_first_or_from_the_point) {
  char digits[33] = {0};
  int exponent;
  gm__digit_limits three = {1, 3, false}, five = {5, 5, false}, point = {0, 2, true};
  ck_assert_int_eq(gm__digits_limited(2.0 / 3, 53, -1074, three, digits, &exponent), 3);
  ck_assert_int_eq(memcmp(digits, "667", 3), 0);
  ck_assert_int_eq(gm__digits_limited(0.5, 53, -1074, five, digits, &exponent), 5);
  ck_assert_int_eq(memcmp(digits, "50000", 5), 0);
  ck_assert_int_eq(gm__digits_limited(1234.5678, 53, -1074, point, digits, &exponent), 6);
  ck_assert_int_eq(memcmp(digits, "123457", 6), 0);
}
END_TEST

static uint64_t next(uint64_t *state) {
  *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return *state ^ *state >> 29;
}

START_TEST(shortest_digits_read_back) {
  uint64_t state = 42;
  for (int i = 0; i < 20000; i++) {
    uint64_t bits = next(&state) & INT64_MAX;
    double value;
    memcpy(&value, &bits, sizeof value);
    if (!isfinite(value) || value == 0) continue;
    char text[48];
    int exponent, count = gm__digits_shortest(value, 53, -1074, text, &exponent);
    ck_assert_int_le(count, 17);
    snprintf(text + count, 16, "e%d", exponent - count);
    is_real(text, value);
  }
}
END_TEST

SUITE(number) {
  CASE(integers_are_read);
  CASE(an_integer_may_be_unsigned);
  CASE(a_larger_integer_is_too_large);
  CASE(reals_are_read);
  CASE(names_of_reals_are_read);
  CASE(a_real_beyond_the_range_is_too_large);
  CASE(what_is_no_number_is_refused);
  CASE(only_the_length_is_read);
  CASE(long_numbers_are_read_exactly);
  CASE(the_locale_has_no_say);
  CASE(shortest_digits_tell_the_neighbours_apart);
  CASE(digits_beyond_the_shortest_are_exact);
  CASE(digits_are_limited_from_the_first_or_from_the_point);
  CASE(shortest_digits_read_back);
}
