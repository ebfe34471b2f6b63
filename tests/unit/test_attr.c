/* SPDX-License-Identifier: MIT
 *
 * Attributes: every type as it is written, refused and printed; null and absent are the same; what is printed
 * reads back the same. */
#include "support/suite.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/hash.h"
#include "graph/attr.h"

enum { FLAG, COUNT, SLOPE, MODE, DTYPE, AXES, SHAPE, WORDS, NEEDED, ROWS };

static const gm__attr_row rows[] = {
    {"flag", GM__ATTR_BOOL, "true", "", NULL},
    {"count", GM__ATTR_INTEGER, "-1", "", NULL},
    {"slope", GM__ATTR_NUMBER, "0.0", "", NULL},
    {"mode", GM__ATTR_CHOICE, "same", "", "valid,same,full"},
    {"dtype", GM__ATTR_DTYPE, "null", "", NULL},
    {"axes", GM__ATTR_INTEGERS, "null", "", NULL},
    {"shape", GM__ATTR_SHAPE, "null", "", NULL},
    {"words", GM__ATTR_TEXT, "null", "", NULL},
    {"needed", GM__ATTR_INTEGER, NULL, "", NULL},
};

static gm__arena arena;
static gm__dims *dims;

static gm_status read_rows(const char *text, int count, gm__attr *attrs, gm_error *error) {
  gm__value *values = NULL;
  if (!dims) dims = gm__dims_new(NULL);
  ck_assert_int_eq(gm__value_read(&arena, text, &values, error), GM_OK);
  return gm__attrs_read("op", rows, count, values, dims, &arena, attrs, error);
}

/** All rows but the needed one. */
static const gm__attr *read_text(const char *text) {
  gm_error error = {0};
  gm__attr *attrs = gm__arena_zero(&arena, ROWS, sizeof *attrs);
  gm_status status = read_rows(text, NEEDED, attrs, &error);
  ck_assert_msg(status == GM_OK, "%s: %s", text, error.message);
  return attrs;
}

static void check_refused(const char *text, gm_status status, int column, const char *message) {
  gm_error error = {0};
  gm__attr attrs[ROWS];
  ck_assert_int_eq(read_rows(text, NEEDED, attrs, &error), status);
  ck_assert_int_eq(error.status, status);
  ck_assert_str_eq(error.message, message);
  ck_assert_int_eq(error.column, column);
}

static const char *text_of(int row, const gm__attr *attr, bool json) {
  static char buffers[4][512];
  static int next;
  char *buffer = buffers[next++ % 4];
  gm__text text = gm__text_into(buffer, sizeof buffers[0]);
  gm__attr_text(&rows[row], attr, dims, json, &text);
  gm__text_end(&text);
  return buffer;
}

START_TEST(absent_attributes_have_their_defaults) {
  const gm__attr *attrs = read_text("{}");
  ck_assert(attrs[FLAG].given && attrs[FLAG].flag);
  ck_assert_int_eq(attrs[COUNT].integer, -1);
  ck_assert(attrs[SLOPE].number == 0);
  ck_assert_int_eq(attrs[MODE].integer, 1);
  for (int i = DTYPE; i < NEEDED; i++) ck_assert(!attrs[i].given);
  for (int i = 0; i < NEEDED; i++) ck_assert(gm__attr_is_initial(&rows[i], &attrs[i]));
}
END_TEST

START_TEST(null_and_absent_are_the_same) {
  const gm__attr *absent = read_text("{}");
  const gm__attr *null = read_text(
      "{flag: null, count: null, slope: ~, mode: Null, dtype: NULL, axes: null, shape: null, words: null}");
  for (int i = 0; i < NEEDED; i++) {
    ck_assert(gm__attr_equal(&rows[i], &absent[i], &null[i]));
    ck_assert_uint_eq(gm__attr_hash(1, &rows[i], &absent[i]), gm__attr_hash(1, &rows[i], &null[i]));
    ck_assert(gm__attr_is_initial(&rows[i], &null[i]));
  }
}
END_TEST

START_TEST(a_needed_attribute_cannot_be_absent_or_null) {
  static const char *const texts[] = {"{}", "{needed: null}"};
  for (int i = 0; i < 2; i++) {
    gm_error error = {0};
    gm__attr attrs[ROWS];
    ck_assert_int_eq(read_rows(texts[i], ROWS, attrs, &error), GM_BAD_ARGUMENT);
    ck_assert_str_eq(error.message, "op: attribute 'needed' is missing: it is an integer");
  }
}
END_TEST

START_TEST(unknown_names_are_refused_with_the_nearest) {
  check_refused(
      "{count: 1, slop: 1}", GM_BAD_ARGUMENT, 12, "op: there is no attribute 'slop': did you mean 'slope'?");
  check_refused("{zzzzzz: 1}", GM_BAD_ARGUMENT, 2, "op: there is no attribute 'zzzzzz'");
  check_refused("{zzzzzz: null}", GM_BAD_ARGUMENT, 2, "op: there is no attribute 'zzzzzz'");
}
END_TEST

START_TEST(booleans_are_true_and_false) {
  ck_assert(!read_text("{flag: False}")[FLAG].flag);
  check_refused("{flag: 1}", GM_BAD_ARGUMENT, 8, "op: attribute 'flag' is true or false, not '1'");
  check_refused("{flag: yes}", GM_BAD_ARGUMENT, 8, "op: attribute 'flag' is true or false, not 'yes'");
  check_refused("{flag: \"true\"}", GM_BAD_ARGUMENT, 8, "op: attribute 'flag' is true or false, not 'true'");
}
END_TEST

START_TEST(integers_may_be_written_as_whole_reals) {
  ck_assert_int_eq(read_text("{count: 2.0}")[COUNT].integer, 2);
  ck_assert_int_eq(read_text("{count: 1e3}")[COUNT].integer, 1000);
  ck_assert_int_eq(read_text("{count: -9223372036854775808}")[COUNT].integer, INT64_MIN);
  static const char *const wrong[] = {
      "1.5", "nan", "inf", "1e300", "9223372036854775808", "99999999999999999999", "true", "one"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    char text[64], message[128];
    snprintf(text, sizeof text, "{count: %s}", wrong[i]);
    snprintf(message, sizeof message, "op: attribute 'count' is an integer, not '%s'", wrong[i]);
    check_refused(text, GM_BAD_ARGUMENT, 9, message);
  }
}
END_TEST

START_TEST(numbers_may_be_integers_and_jsons_words) {
  ck_assert(read_text("{slope: 3}")[SLOPE].number == 3);
  ck_assert(read_text("{slope: 18446744073709551615}")[SLOPE].number == 18446744073709551616.0);
  ck_assert(isnan(read_text("{slope: \"NaN\"}")[SLOPE].number));
  ck_assert(read_text("{slope: \"Infinity\"}")[SLOPE].number == INFINITY);
  ck_assert(read_text("{slope: \"-Infinity\"}")[SLOPE].number == -INFINITY);
  ck_assert(read_text("{slope: -inf}")[SLOPE].number == -INFINITY);
  check_refused("{slope: \"1\"}", GM_BAD_ARGUMENT, 9, "op: attribute 'slope' is a number, not '1'");
  check_refused("{slope: []}", GM_BAD_ARGUMENT, 9, "op: attribute 'slope' is a number, not a list");
}
END_TEST

START_TEST(numbers_beyond_float64_are_refused) {
  check_refused(
      "{slope: 1e999}", GM_BAD_ARGUMENT, 9, "op: attribute 'slope' is 1e999, which no number can hold");
  check_refused(
      "{slope: -1e999}", GM_BAD_ARGUMENT, 9, "op: attribute 'slope' is -1e999, which no number can hold");
}
END_TEST

START_TEST(choices_are_words) {
  ck_assert_int_eq(read_text("{mode: valid}")[MODE].integer, 0);
  ck_assert_int_eq(read_text("{mode: \"full\"}")[MODE].integer, 2);
  check_refused(
      "{mode: ful}", GM_BAD_ARGUMENT, 8, "op: attribute 'mode' is one of valid,same,full, not 'ful'");
  check_refused("{mode: \"valid,same\"}", GM_BAD_ARGUMENT, 8,
      "op: attribute 'mode' is one of valid,same,full, not 'valid,same'");
  check_refused("{mode: \"\"}", GM_BAD_ARGUMENT, 8, "op: attribute 'mode' is one of valid,same,full, not ''");
  check_refused("{mode: 1}", GM_BAD_ARGUMENT, 8, "op: attribute 'mode' is one of the words, not '1'");
}
END_TEST

START_TEST(dtypes_are_names) {
  for (int i = 0; i < GM__DTYPES; i++) {
    char text[64];
    snprintf(text, sizeof text, "{dtype: %s}", gm_dtype_name((gm_dtype)i));
    ck_assert_int_eq((int)read_text(text)[DTYPE].dtype, i);
  }
  check_refused("{dtype: folat32}", GM_BAD_ARGUMENT, 9,
      "op: attribute 'dtype' is the name of a dtype, not 'folat32': did you mean 'float32'?");
  check_refused(
      "{dtype: [float32]}", GM_BAD_ARGUMENT, 9, "op: attribute 'dtype' is the name of a dtype, not a list");
}
END_TEST

START_TEST(one_integer_is_a_list_of_one) {
  const gm__attr *one = read_text("{axes: -2}"), *list = read_text("{axes: [-2]}");
  ck_assert(gm__attr_equal(&rows[AXES], &one[AXES], &list[AXES]));
  ck_assert_int_eq(read_text("{axes: []}")[AXES].count, 0);
  ck_assert(read_text("{axes: []}")[AXES].given);
  check_refused("{axes: [1, a]}", GM_BAD_ARGUMENT, 12,
      "op: attribute 'axes' is an integer or a list of integers, but its item 1 is 'a'");
  check_refused(
      "{axes: a}", GM_BAD_ARGUMENT, 8, "op: attribute 'axes' is an integer or a list of integers, not 'a'");
}
END_TEST

START_TEST(shapes_are_lists_or_text) {
  static const char *const same[] = {"{shape: [n, 2, -1]}", "{shape: \"n, 2, -1\"}",
      "{shape: \"(n, 2, -1)\"}", "{shape: [\"n\", 2, \"-1\"]}"};
  const gm__attr first = read_text(same[0])[SHAPE];
  ck_assert_int_eq(first.count, 3);
  ck_assert_int_eq(first.items[1], 2);
  ck_assert_int_eq(first.items[2], GM__DIM_AUTO);
  for (int i = 1; i < 4; i++) ck_assert(gm__attr_equal(&rows[SHAPE], &first, &read_text(same[i])[SHAPE]));
  ck_assert_int_eq(read_text("{shape: 6}")[SHAPE].count, 1);
  ck_assert_int_eq(read_text("{shape: []}")[SHAPE].count, 0);
  ck_assert_int_eq(read_text("{shape: \"\"}")[SHAPE].count, 0);
}
END_TEST

START_TEST(a_dim_of_a_list_is_one_dim) {
  ck_assert_int_eq(read_text("{shape: [\"min(7, 6)\"]}")[SHAPE].items[0], 6);
  check_refused("{shape: [\"(2\", \"3)\"]}", GM_BAD_ARGUMENT, 10,
      "op: attribute 'shape': the dim ends before column 3, where ')' or an operator is wanted");
  check_refused("{shape: [2, \"\"]}", GM_BAD_ARGUMENT, 13,
      "op: attribute 'shape': the dim ends before column 1, where a number, a symbol, '?' or '(' is wanted");
  check_refused("{shape: [\"2, 3\"]}", GM_BAD_ARGUMENT, 10,
      "op: attribute 'shape': unexpected ',' at column 2 of a dim, where an operator or the end is wanted");
  check_refused(
      "{shape: [null]}", GM_BAD_ARGUMENT, 10, "op: attribute 'shape' is a shape, but its item 0 is 'null'");
  check_refused(
      "{shape: [2, [2]]}", GM_BAD_ARGUMENT, 13, "op: attribute 'shape' is a shape, but its item 1 is a list");
  check_refused("{shape: 2.5}", GM_BAD_ARGUMENT, 9, "op: attribute 'shape' is a shape, not '2.5'");
  check_refused("{shape: {}}", GM_BAD_ARGUMENT, 9, "op: attribute 'shape' is a shape, not a mapping");
}
END_TEST

START_TEST(shapes_have_limits) {
  char text[256] = "{shape: [1", *end = text + 10;
  for (int i = 1; i < 32; i++) end += sprintf(end, ",1");
  strcpy(end, "]}");
  ck_assert_int_eq(read_text(text)[SHAPE].count, 32);
  strcpy(end, ",1]}");
  check_refused(text, GM_LIMIT, 9, "op: attribute 'shape' has 33 dims: at most 32 are allowed");
  check_refused(
      "{shape: [-1, -1]}", GM_BAD_ARGUMENT, 9, "op: attribute 'shape': -1 stands twice in the shape");
  check_refused(
      "{shape: [-2]}", GM_BAD_ARGUMENT, 10, "op: attribute 'shape': the dim at column 1, '-2', is below 0");
  check_refused("{shape: [9223372036854775808]}", GM_LIMIT, 10,
      "op: attribute 'shape': the number at column 1 of a dim does not fit 64 bits");
}
END_TEST

START_TEST(texts_are_any_scalar) {
  ck_assert_str_eq(read_text("{words: \"a, b\"}")[WORDS].text, "a, b");
  ck_assert_str_eq(read_text("{words: 12}")[WORDS].text, "12");
  ck_assert_str_eq(read_text("{words: true}")[WORDS].text, "true");
  check_refused("{words: [a]}", GM_BAD_ARGUMENT, 9, "op: attribute 'words' is a text, not a list");
}
END_TEST

START_TEST(what_is_printed_reads_back_the_same) {
  static const char *const texts[] = {"{flag: false}", "{count: -9223372036854775808}", "{slope: 0.1}",
      "{slope: -0.0}", "{slope: nan}", "{slope: -inf}", "{mode: full}", "{dtype: bfloat16}",
      "{axes: [0, -1]}", "{axes: []}", "{shape: [n, 2*n + 1, -1, 3]}",
      "{shape: [\"min(n, 4)\", \"n//2\", y, null_]}", "{shape: [\"null\", \"nan\", \"true\"]}",
      "{words: \"say \\\"x\\\": 1, é\"}", "{words: \"null\"}"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    const gm__attr *attrs = read_text(texts[i]);
    for (int json = 0; json < 2; json++) {
      for (int row = 0; row < NEEDED; row++) {
        char again[600];
        snprintf(again, sizeof again, "{%s: %s}", rows[row].name, text_of(row, &attrs[row], json));
        const gm__attr *read = read_text(again);
        ck_assert_msg(gm__attr_equal(&rows[row], &attrs[row], &read[row]), "%s", again);
        ck_assert_uint_eq(
            gm__attr_hash(7, &rows[row], &attrs[row]), gm__attr_hash(7, &rows[row], &read[row]));
      }
    }
  }
}
END_TEST

START_TEST(long_dims_are_printed_whole) {
  char written[600];
  gm__text text = gm__text_into(written, sizeof written);
  gm__text_add(&text, "[\"a_symbol_of_twenty_01");
  for (int i = 2; i < 20; i++) gm__text_format(&text, " + a_symbol_of_twenty_%02d", i);
  gm__text_add(&text, "\"]");
  gm__text_end(&text);
  gm__text request = gm__text_growing(), got = gm__text_growing();
  gm__text_format(&request, "{shape: %s}", written);
  gm__text_end(&request);
  const gm__attr *attrs = read_text(request.data);
  gm__attr_text(&rows[SHAPE], &attrs[SHAPE], dims, true, &got);
  gm__text_end(&got);
  ck_assert_str_eq(got.data, written);
  gm__text_free(&request);
  gm__text_free(&got);
}
END_TEST

START_TEST(text_is_yaml_or_json) {
  const gm__attr *attrs = read_text("{slope: nan, mode: full, dtype: int8, shape: [n, -1], flag: false}");
  ck_assert_str_eq(text_of(SLOPE, &attrs[SLOPE], false), "nan");
  ck_assert_str_eq(text_of(SLOPE, &attrs[SLOPE], true), "\"nan\"");
  ck_assert_str_eq(text_of(MODE, &attrs[MODE], false), "full");
  ck_assert_str_eq(text_of(MODE, &attrs[MODE], true), "\"full\"");
  ck_assert_str_eq(text_of(DTYPE, &attrs[DTYPE], true), "\"int8\"");
  ck_assert_str_eq(text_of(SHAPE, &attrs[SHAPE], false), "[\"n\", -1]");
  ck_assert_str_eq(text_of(FLAG, &attrs[FLAG], true), "false");
  ck_assert_str_eq(text_of(AXES, &attrs[AXES], true), "null");
}
END_TEST

START_TEST(different_values_differ) {
  static const char *const pairs[][2] = {{"{flag: true}", "{flag: false}"}, {"{count: 1}", "{count: 2}"},
      {"{slope: 0.0}", "{slope: -0.0}"}, {"{mode: same}", "{mode: full}"}, {"{dtype: int8}", "{dtype: null}"},
      {"{axes: [0, 1]}", "{axes: [1, 0]}"}, {"{axes: []}", "{axes: null}"}, {"{shape: [n]}", "{shape: [m]}"},
      {"{words: a}", "{words: b}"}};
  static const int row[] = {FLAG, COUNT, SLOPE, MODE, DTYPE, AXES, AXES, SHAPE, WORDS};
  for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
    const gm__attr *a = read_text(pairs[i][0]), *b = read_text(pairs[i][1]);
    ck_assert_msg(!gm__attr_equal(&rows[row[i]], &a[row[i]], &b[row[i]]), "%s", pairs[i][0]);
  }
}
END_TEST

SUITE(attr) {
  CASE(absent_attributes_have_their_defaults);
  CASE(null_and_absent_are_the_same);
  CASE(a_needed_attribute_cannot_be_absent_or_null);
  CASE(unknown_names_are_refused_with_the_nearest);
  CASE(booleans_are_true_and_false);
  CASE(integers_may_be_written_as_whole_reals);
  CASE(numbers_may_be_integers_and_jsons_words);
  CASE(numbers_beyond_float64_are_refused);
  CASE(choices_are_words);
  CASE(dtypes_are_names);
  CASE(one_integer_is_a_list_of_one);
  CASE(shapes_are_lists_or_text);
  CASE(a_dim_of_a_list_is_one_dim);
  CASE(shapes_have_limits);
  CASE(texts_are_any_scalar);
  CASE(what_is_printed_reads_back_the_same);
  CASE(long_dims_are_printed_whole);
  CASE(text_is_yaml_or_json);
  CASE(different_values_differ);
}
