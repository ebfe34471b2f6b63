/* SPDX-License-Identifier: MIT
 *
 * Attribute text: one flow mapping, JSON or YAML, and what its scalars are. */
#include "support/suite.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "graph/value.h"

static gm__arena arena;

static const gm__value *read_text(const char *text) {
  gm_error error = {0};
  gm__value *value = NULL;
  gm_status status = gm__value_read(&arena, text, &value, &error);
  ck_assert_msg(status == GM_OK, "%s: %s", text, error.message);
  ck_assert_int_eq(value->kind, GM__VALUE_MAP);
  return value;
}

/** The value of the key v in "{v: …}". */
static const gm__value *one(const char *scalar) {
  char text[256];
  snprintf(text, sizeof text, "{v: %s}", scalar);
  const gm__value *value = gm__value_get(read_text(text), "v");
  ck_assert_ptr_nonnull(value);
  return value;
}

static void check_refused(const char *text, gm_status status, const char *message) {
  gm_error error = {0};
  gm__value *value = NULL;
  ck_assert_int_eq(gm__value_read(&arena, text, &value, &error), status);
  ck_assert_int_eq(error.status, status);
  ck_assert_str_eq(error.message, message);
}

static void check_string(const char *scalar, const char *text, bool quoted) {
  const gm__value *value = one(scalar);
  ck_assert_msg(value->kind == GM__VALUE_STRING, "%s", scalar);
  ck_assert_str_eq(value->text, text);
  ck_assert_uint_eq(value->count, strlen(text));
  ck_assert_int_eq(value->quoted, quoted);
}

static void check_real(const char *scalar, double real) {
  const gm__value *value = one(scalar);
  ck_assert_msg(value->kind == GM__VALUE_REAL, "%s", scalar);
  ck_assert_msg(memcmp(&value->real, &real, sizeof real) == 0, "%s", scalar);
}

static void check_integer(const char *scalar, int64_t integer) {
  const gm__value *value = one(scalar);
  ck_assert_msg(value->kind == GM__VALUE_INTEGER, "%s", scalar);
  ck_assert_int_eq(value->integer, integer);
  ck_assert(!value->unsigned64);
}

START_TEST(nothing_is_an_empty_mapping) {
  ck_assert_uint_eq(read_text(NULL)->count, 0);
  ck_assert_uint_eq(read_text("")->count, 0);
  ck_assert_uint_eq(read_text(" \t\r\n ")->count, 0);
  ck_assert_uint_eq(read_text("{}")->count, 0);
  ck_assert_uint_eq(read_text(" { } ")->count, 0);
}
END_TEST

START_TEST(json_and_yaml_are_read_alike) {
  static const char *const texts[] = {"{axis: 1, keepdims: true, pattern: [1, 0]}",
      "{\"axis\":1,\"keepdims\":true,\"pattern\":[1,0]}",
      "{'axis': 1, \"keepdims\": True,\npattern: [ 1 ,0, ], }",
      "{axis : 1, keepdims : TRUE, pattern : [1,\t0]}"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    const gm__value *map = read_text(texts[i]), *pattern = gm__value_get(map, "pattern");
    ck_assert_uint_eq(map->count, 3);
    ck_assert_int_eq(gm__value_get(map, "axis")->integer, 1);
    ck_assert(gm__value_get(map, "keepdims")->flag);
    ck_assert_int_eq(pattern->kind, GM__VALUE_LIST);
    ck_assert_uint_eq(pattern->count, 2);
    ck_assert_int_eq(pattern->items[0]->integer, 1);
    ck_assert_int_eq(pattern->items[1]->integer, 0);
    ck_assert_ptr_null(gm__value_get(map, "axes"));
  }
}
END_TEST

START_TEST(integers_keep_64_bits) {
  check_integer("0", 0);
  check_integer("-0", 0);
  check_integer("+7", 7);
  check_integer("-9223372036854775808", INT64_MIN);
  check_integer("9223372036854775807", INT64_MAX);
}
END_TEST

START_TEST(integers_above_int64_are_marked) {
  const gm__value *value = one("18446744073709551615");
  ck_assert_int_eq(value->kind, GM__VALUE_INTEGER);
  ck_assert(value->unsigned64);
  ck_assert_uint_eq((uint64_t)value->integer, UINT64_MAX);
  ck_assert_int_eq(one("9223372036854775808")->integer, INT64_MIN);
  ck_assert_int_eq(one("18446744073709551616")->kind, GM__VALUE_REAL);
}
END_TEST

START_TEST(reals_are_read_exactly) {
  check_real("0.1", 0.1);
  check_real("-2.5e-3", -2.5e-3);
  check_real("1e3", 1000);
  check_real(".5", 0.5);
  check_real("5.", 5);
  check_real("-0.0", -0.0);
  check_real("1.7976931348623157e308", DBL_MAX);
}
END_TEST

START_TEST(nan_and_the_infinities_are_numbers) {
  static const char *const nans[] = {"nan", "NaN", ".nan"};
  for (size_t i = 0; i < 3; i++) {
    ck_assert_int_eq(one(nans[i])->kind, GM__VALUE_REAL);
    ck_assert(isnan(one(nans[i])->real));
  }
  check_real("inf", INFINITY);
  check_real("-inf", -INFINITY);
  check_real("Infinity", INFINITY);
  check_real("-Infinity", -INFINITY);
}
END_TEST

START_TEST(null_and_booleans_are_words) {
  static const char *const nulls[] = {"null", "Null", "NULL", "~"};
  for (size_t i = 0; i < 4; i++) ck_assert_int_eq(one(nulls[i])->kind, GM__VALUE_NULL);
  static const char *const truths[] = {"true", "True", "TRUE"};
  for (size_t i = 0; i < 3; i++) {
    ck_assert_int_eq(one(truths[i])->kind, GM__VALUE_BOOL);
    ck_assert(one(truths[i])->flag);
  }
  ck_assert_int_eq(one("false")->kind, GM__VALUE_BOOL);
  ck_assert(!one("false")->flag);
}
END_TEST

START_TEST(yamls_odd_booleans_are_strings) {
  static const char *const words[] = {"n", "y", "N", "Y", "no", "on", "yes", "off", "tRue", "nULL"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) check_string(words[i], words[i], false);
}
END_TEST

START_TEST(quoted_scalars_are_strings) {
  check_string("\"1\"", "1", true);
  check_string("'null'", "null", true);
  check_string("\"\"", "", true);
  check_string("'it''s'", "it's", true);
  check_string("'a\\n'", "a\\n", true);
  check_string("\"NaN\"", "NaN", true);
}
END_TEST

START_TEST(escapes_are_jsons) {
  check_string("\"a\\\"b\\\\c\\/d\\n\\t\\r\\b\\f\"", "a\"b\\c/d\n\t\r\b\f", true);
  check_string("\"\\u0041\\u00e9\\u20AC\"", "A\xc3\xa9\xe2\x82\xac", true);
  check_string("\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80", true);
}
END_TEST

START_TEST(half_a_pair_and_nul_are_refused) {
  check_refused(
      "{v: \"\\u0000\"}", GM_BAD_SYNTAX, "attributes, column 12: a string holds no \\u0000, not '\"'");
  static const char *const halves[] = {"{v: \"\\ud83d\"}", "{v: \"\\ude00\"}", "{v: \"\\ud83d\\u0041\"}"};
  for (size_t i = 0; i < 3; i++) {
    gm__value *value;
    ck_assert_int_eq(gm__value_read(&arena, halves[i], &value, NULL), GM_BAD_SYNTAX);
  }
}
END_TEST

START_TEST(plain_words_may_hold_spaces_and_colons) {
  check_string("2*n + 1", "2*n + 1", false);
  check_string("a:b", "a:b", false);
}
END_TEST

START_TEST(syntax_errors_say_where_and_what) {
  check_refused("axis: 1", GM_BAD_SYNTAX,
      "attributes, column 1: attributes are one mapping, {name: value, \xe2\x80\xa6}, not 'a'");
  check_refused("{axis: 1", GM_BAD_SYNTAX, "attributes, column 9: ',' or '}' is expected, not the end");
  check_refused("{axis 1}", GM_BAD_SYNTAX, "attributes, column 8: ':' follows a key, not '}'");
  check_refused("{axis: }", GM_BAD_SYNTAX, "attributes, column 8: a value is missing, not '}'");
  check_refused(
      "{axis: 1} x", GM_BAD_SYNTAX, "attributes, column 11: nothing may follow the mapping, not 'x'");
  check_refused("{axis: [1, 2}", GM_BAD_SYNTAX, "attributes, column 13: ',' or ']' is expected, not '}'");
  check_refused("{axis: \"1}", GM_BAD_SYNTAX, "attributes, column 11: a string ends with \", not the end");
  check_refused("{axis: '1}", GM_BAD_SYNTAX, "attributes, column 11: a string ends with ', not the end");
  check_refused("{a: \"\\x\"}", GM_BAD_SYNTAX,
      "attributes, column 7: an escape is one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u, not 'x'");
  check_refused(
      "{a: \"\\u12g4\"}", GM_BAD_SYNTAX, "attributes, column 10: \\u needs four hexadecimal digits, not 'g'");
  check_refused("{,}", GM_BAD_SYNTAX, "attributes, column 2: a value is missing, not ','");
}
END_TEST

START_TEST(yaml_beyond_plain_data_is_refused) {
  static const char *const texts[] = {
      "{a: &x 1}", "{a: *x}", "{a: !tag 1}", "{a: |}", "{a: >}", "{a: %}", "{a: @}"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    gm__value *value;
    gm_error error = {0};
    ck_assert_int_eq(gm__value_read(&arena, texts[i], &value, &error), GM_BAD_SYNTAX);
    ck_assert_int_eq(error.column, 5);
  }
}
END_TEST

START_TEST(a_key_given_twice_is_refused) {
  check_refused("{axis: 1, \"axis\": 2}", GM_BAD_SYNTAX, "attributes, column 11: 'axis' is given twice");
  read_text("{a: {axis: 1}, b: {axis: 2}}");
}
END_TEST

START_TEST(bytes_that_are_no_utf8_are_refused) {
  check_refused("{at: \":\xd4\xe3::2\"}", GM_BAD_SYNTAX, "attributes, column 8: the text is not UTF-8");
  check_refused("{axis: 1} \xff", GM_BAD_SYNTAX, "attributes, column 11: the text is not UTF-8");
  check_refused("{at: \xed\xa0\x80}", GM_BAD_SYNTAX, "attributes, column 6: the text is not UTF-8");
}
END_TEST

START_TEST(depth_is_limited_before_memory) {
  char text[256] = "{v: ";
  size_t length = 4;
  for (int i = 0; i < 31; i++) text[length++] = '[';
  for (int i = 0; i < 31; i++) text[length++] = ']';
  strcpy(text + length, "}");
  read_text(text);
  memmove(text + 5, text + 4, length - 3);
  text[length + 1] = ']';
  strcpy(text + length + 2, "}");
  check_refused(text, GM_LIMIT, "attributes, column 36: nested more than 32 deep");
}
END_TEST

static char *long_text(size_t length) {
  char *text = malloc(length + 1);
  memset(text, ' ', length);
  text[0] = '{';
  text[length - 1] = '}';
  text[length] = '\0';
  return text;
}

START_TEST(a_mebibyte_of_text_is_read_and_no_more) {
  char *text = long_text((size_t)1 << 20);
  read_text(text);
  free(text);
  text = long_text(((size_t)1 << 20) + 1);
  check_refused(text, GM_LIMIT, "attributes of 1048577 bytes: at most 1048576 are read");
  free(text);
}
END_TEST

START_TEST(a_mapping_has_at_most_1024_keys) {
  char *text = malloc(32768);
  size_t length = 1;
  text[0] = '{';
  for (int i = 0; i < 1024; i++) length += (size_t)sprintf(text + length, "k%d: 1,", i);
  strcpy(text + length, "}");
  ck_assert_uint_eq(read_text(text)->count, 1024);
  strcpy(text + length, "last: 1}");
  gm_error error = {0};
  gm__value *value;
  ck_assert_int_eq(gm__value_read(&arena, text, &value, &error), GM_LIMIT);
  free(text);
}
END_TEST

START_TEST(every_prefix_of_a_text_is_refused_cleanly) {
  const char *text = "{\"a\": [1, 'b''c', {d: nan}], e: \"\\u00e9\\n\", f: ~}";
  char cut[64];
  read_text(text);
  for (size_t length = 1; length < strlen(text); length++) {
    gm__value *value;
    gm_error error = {0};
    memcpy(cut, text, length);
    cut[length] = '\0';
    ck_assert_int_eq(gm__value_read(&arena, cut, &value, &error), GM_BAD_SYNTAX);
    ck_assert_int_gt(error.column, 0);
  }
}
END_TEST

START_TEST(messages_show_scalars_and_name_the_rest) {
  static const char *const scalars[] = {"null", "true", "1", "1.5", "word", "[1]", "{a: 1}"};
  static const char *const kinds[] = {
      "null", "true or false", "an integer", "a number", "a string", "a list", "a mapping"};
  static const char *const texts[] = {"'null'", "'true'", "'1'", "'1.5'", "'word'", "a list", "a mapping"};
  for (size_t i = 0; i < 7; i++) {
    char buffer[64];
    gm__text text = gm__text_into(buffer, sizeof buffer);
    gm__value_text(one(scalars[i]), &text);
    gm__text_end(&text);
    ck_assert_str_eq(buffer, texts[i]);
    ck_assert_str_eq(gm__value_kind_name(one(scalars[i])), kinds[i]);
  }
}
END_TEST

SUITE(value) {
  CASE(nothing_is_an_empty_mapping);
  CASE(json_and_yaml_are_read_alike);
  CASE(integers_keep_64_bits);
  CASE(integers_above_int64_are_marked);
  CASE(reals_are_read_exactly);
  CASE(nan_and_the_infinities_are_numbers);
  CASE(null_and_booleans_are_words);
  CASE(yamls_odd_booleans_are_strings);
  CASE(quoted_scalars_are_strings);
  CASE(escapes_are_jsons);
  CASE(half_a_pair_and_nul_are_refused);
  CASE(plain_words_may_hold_spaces_and_colons);
  CASE(syntax_errors_say_where_and_what);
  CASE(yaml_beyond_plain_data_is_refused);
  CASE(a_key_given_twice_is_refused);
  CASE(bytes_that_are_no_utf8_are_refused);
  CASE(depth_is_limited_before_memory);
  CASE(a_mebibyte_of_text_is_read_and_no_more);
  CASE(a_mapping_has_at_most_1024_keys);
  CASE(every_prefix_of_a_text_is_refused_cleanly);
  CASE(messages_show_scalars_and_name_the_rest);
}
