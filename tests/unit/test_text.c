/* SPDX-License-Identifier: MIT
 *
 * The text being written: cut, counted, grown; numbers and JSON strings in it. */
#include <math.h>
#include <string.h>
#include "base/text.h"
#include "support/suite.h"

START_TEST(a_cut_text_is_terminated_and_counted) {
  char buffer[6] = "xxxxx";
  gm__text text = gm__text_into(buffer, 5);
  gm__text_add(&text, "abc");
  gm__text_add(&text, "defg");
  gm__text_char(&text, 'h');
  ck_assert_uint_eq(gm__text_end(&text), 8);
  ck_assert_str_eq(buffer, "abcd");
}
END_TEST

START_TEST(no_buffer_only_counts) {
  gm__text text = gm__text_into(NULL, 0);
  gm__text_format(&text, "%d-%s", 12, "abc");
  gm__text_repeat(&text, ' ', 1000);
  ck_assert_uint_eq(gm__text_end(&text), 1006);
}
END_TEST

START_TEST(a_buffer_of_one_holds_the_end) {
  char buffer[1] = {'x'};
  gm__text text = gm__text_into(buffer, 1);
  gm__text_add(&text, "abc");
  ck_assert_uint_eq(gm__text_end(&text), 3);
  ck_assert_int_eq(buffer[0], '\0');
}
END_TEST

START_TEST(a_format_is_cut_too) {
  char buffer[5];
  gm__text text = gm__text_into(buffer, sizeof buffer);
  gm__text_format(&text, "%s", "ab");
  gm__text_format(&text, "%s", "cdefgh");
  ck_assert_uint_eq(gm__text_end(&text), 8);
  ck_assert_str_eq(buffer, "abcd");
}
END_TEST

START_TEST(a_growing_text_grows) {
  gm__text text = gm__text_growing();
  ck_assert_uint_eq(gm__text_end(&text), 0);
  ck_assert_str_eq(text.data, "");
  for (int i = 0; i < 10000; i++) gm__text_format(&text, "%04d", i);
  ck_assert_uint_eq(gm__text_end(&text), 40000);
  ck_assert_uint_eq(strlen(text.data), 40000);
  ck_assert_str_eq(text.data + 39996, "9999");
  ck_assert(!text.failed);
  gm__text_free(&text);
  ck_assert_ptr_null(text.data);
}
END_TEST

START_TEST(what_cannot_grow_is_remembered) {
  gm__text text = gm__text_growing();
  gm__text_add(&text, "abc");
  gm__text_repeat(&text, ' ', SIZE_MAX / 2);
  ck_assert(text.failed);
  gm__text_add(&text, "def");
  ck_assert_uint_eq(gm__text_end(&text), 3);
  ck_assert_str_eq(text.data, "abc");
  gm__text_free(&text);
}
END_TEST

static const char *integer(int64_t value) {
  static char buffer[32];
  gm__text text = gm__text_into(buffer, sizeof buffer);
  gm__text_int(&text, value);
  gm__text_end(&text);
  return buffer;
}

START_TEST(integers_reach_both_ends) {
  ck_assert_str_eq(integer(0), "0");
  ck_assert_str_eq(integer(-10), "-10");
  ck_assert_str_eq(integer(INT64_MAX), "9223372036854775807");
  ck_assert_str_eq(integer(INT64_MIN), "-9223372036854775808");
}
END_TEST

static const char *real(double value) {
  static char buffer[400];
  gm__text text = gm__text_into(buffer, sizeof buffer);
  gm__text_double(&text, value);
  gm__text_end(&text);
  return buffer;
}

START_TEST(doubles_print_as_pythons_repr) {
  ck_assert_str_eq(real(0.1), "0.1");
  ck_assert_str_eq(real(1), "1.0");
  ck_assert_str_eq(real(-0.0), "-0.0");
  ck_assert_str_eq(real(1e-7), "1e-07");
  ck_assert_str_eq(real(0.0001), "0.0001");
  ck_assert_str_eq(real(1e15), "1000000000000000.0");
  ck_assert_str_eq(real(1e16), "1e+16");
  ck_assert_str_eq(real(0x1p53), "9007199254740992.0");
  ck_assert_str_eq(real(5e-324), "5e-324");
  ck_assert_str_eq(real(1.7976931348623157e308), "1.7976931348623157e+308");
  ck_assert_str_eq(real(2.2250738585072014e-308), "2.2250738585072014e-308");
  ck_assert_str_eq(real(0x1p-44), "5.684341886080802e-14");
  ck_assert_str_eq(real(NAN), "nan");
  ck_assert_str_eq(real(-INFINITY), "-inf");
}
END_TEST

START_TEST(floats_have_their_own_shortest_digits) {
  char buffer[64];
  gm__text text = gm__text_into(buffer, sizeof buffer);
  gm__text_float(&text, 0.1F);
  gm__text_char(&text, ' ');
  gm__text_float(&text, 16777216);
  gm__text_char(&text, ' ');
  gm__text_real(&text, 65504, 11, -24);
  gm__text_char(&text, ' ');
  gm__text_real(&text, 3.140625, 8, -133);
  gm__text_end(&text);
  ck_assert_str_eq(buffer, "0.1 16777216.0 65500.0 3.14");
}
END_TEST

START_TEST(dims_print_as_a_tuple) {
  char buffer[64];
  int64_t dims[] = {2, 3};
  gm__text text = gm__text_into(buffer, sizeof buffer);
  for (int rank = 0; rank < 3; rank++) gm__text_dims(&text, rank, dims);
  gm__text_end(&text);
  ck_assert_str_eq(buffer, "()(2,)(2, 3)");
}
END_TEST

static const char *json(const char *string) {
  static char buffer[200];
  gm__text text = gm__text_into(buffer, sizeof buffer);
  gm__text_json(&text, string);
  gm__text_end(&text);
  return buffer;
}

START_TEST(json_escapes_what_it_must) {
  ck_assert_str_eq(json("a\"\\\n\t\b\f\r/"), "\"a\\\"\\\\\\n\\t\\b\\f\\r/\"");
  ck_assert_str_eq(json("\x01\x1f\x7f"), "\"\\u0001\\u001f\\u007f\"");
  ck_assert_str_eq(
      json("\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80"), "\"\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80\"");
}
END_TEST

#define UNKNOWN "\xEF\xBF\xBD"

START_TEST(json_replaces_what_is_no_utf8) {
  ck_assert_str_eq(json("a\xFFz"), "\"a" UNKNOWN "z\"");
  ck_assert_str_eq(json("\xC3"), "\"" UNKNOWN "\"");
  ck_assert_str_eq(json("\xE2\x82"), "\"" UNKNOWN UNKNOWN "\"");
  ck_assert_str_eq(json("\xC0\x80"), "\"" UNKNOWN UNKNOWN "\"");
  ck_assert_str_eq(json("\xED\xA0\x80"), "\"" UNKNOWN UNKNOWN UNKNOWN "\"");
  ck_assert_str_eq(json("\xF4\x90\x80\x80"), "\"" UNKNOWN UNKNOWN UNKNOWN UNKNOWN "\"");
}
END_TEST

SUITE(text) {
  CASE(a_cut_text_is_terminated_and_counted);
  CASE(no_buffer_only_counts);
  CASE(a_buffer_of_one_holds_the_end);
  CASE(a_format_is_cut_too);
  CASE(a_growing_text_grows);
  CASE(what_cannot_grow_is_remembered);
  CASE(integers_reach_both_ends);
  CASE(doubles_print_as_pythons_repr);
  CASE(floats_have_their_own_shortest_digits);
  CASE(dims_print_as_a_tuple);
  CASE(json_escapes_what_it_must);
  CASE(json_replaces_what_is_no_utf8);
}
