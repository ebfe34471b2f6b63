/* SPDX-License-Identifier: MIT
 *
 * Strings as YAML: which stand plain, which in quotes, what is escaped, and that libyaml reads them back. */
#include "spec_support.h"

#include "spec/document.h"

typedef void writer(gm__text *text, const char *string);

static void is_written(writer *write, const char *string, const char *expected) {
  gm__text text = gm__text_growing();
  write(&text, string);
  ck_assert_uint_eq(gm__text_end(&text), strlen(expected));
  ck_assert_str_eq(text.data, expected);
  gm__text_free(&text);
}

/** The one string that the written form of `string` is read as, also when it is a key. */
static void comes_back_as(const char *string, const char *expected) {
  gm_error error;
  gm__repeated repeated;
  gm__arena arena = {0};
  gm__value *document = NULL;
  gm__text text = gm__text_growing();
  gm__text_add(&text, "{a: [");
  gm__yaml_string(&text, string);
  gm__text_add(&text, "], ");
  gm__yaml_string(&text, string);
  gm__text_add(&text, ": b}\n");
  gm_status status = gm__document_read(&arena, text.data, text.length, 64, &document, &repeated, &error);
  ck_assert_msg(status == GM_OK, "%s: %s", string, error.message);
  const gm__value *item = document->entries[0].value->items[0];
  ck_assert_msg(item->kind == GM__VALUE_STRING, "%s", string);
  ck_assert_str_eq(item->text, expected);
  ck_assert_str_eq(document->entries[1].key, expected);
  gm__text_free(&text);
  gm__arena_free(&arena);
}

static void is_plain(const char *string) {
  is_written(gm__yaml_string, string, string);
  comes_back_as(string, string);
}

/** In quotes, and nothing in it is escaped. */
static void is_quoted(const char *string) {
  char expected[2000];
  snprintf(expected, sizeof expected, "\"%s\"", string);
  is_written(gm__yaml_string, string, expected);
  comes_back_as(string, string);
}

static void is_escaped(const char *string, const char *expected) {
  is_written(gm__yaml_string, string, expected);
  comes_back_as(string, string);
}

START_TEST(words_and_arithmetic_stand_plain) {
  static const char *const strings[] = {"a", "z", "A", "Z", "_", "batch", "x-1", "a.b/c_d", "w.data/w.npy",
      "2*n", "2*n + 1", "(n + 1)*2", "(", "9 (", "0 0", "1)", "a b", "a*", "a+", "a(b)", "a0", "a9", "no1",
      "nulls", "nul", "tru", "truex", "of", "offf", "infinit", "e5", "x1e5", "nan1"};
  for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) is_plain(strings[i]);
}
END_TEST

START_TEST(what_some_reader_takes_for_something_else_is_quoted) {
  static const char *const strings[] = {"", "null", "Null", "NULL", "true", "True", "false", "FALSE", "yes",
      "YES", "no", "No", "on", "oN", "off", "OFF", "y", "Y", "n", "N", "nan", "NaN", "inf", "Inf", "infinity",
      "Infinity", "1", "0", "12", "1.5", "1e5", ".5", ".inf", "-1", "+1", "1_000", "0x1F", "0o17", "0b101",
      "2020-01-01", "1_0.5e+3", "09", "1+n", "5x", "/", ":", "9/", "~"};
  for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) is_quoted(strings[i]);
}
END_TEST

START_TEST(what_means_something_to_yaml_is_quoted) {
  static const char *const strings[] = {"a:", "a: b", "a #b", "a ", " a", "a, b", "a]", "{a", "[", "`a", "@a",
      "a{", "&a", "*a", "!a", "%a", "-a", "- a", "a'", "'a'", "a?", "?", "a|", ">", "a=", "a;", "a^", "a@b",
      "a[", "a\xC3\xA9", "\xC3\xA9", "a~"};
  for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) is_quoted(strings[i]);
}
END_TEST

START_TEST(prose_has_commas_and_signs_and_begins_with_a_letter) {
  is_written(gm__yaml_prose, "A line, (of) prose; x = 2*y+1 < 3 > 2 - 1.",
      "A line, (of) prose; x = 2*y+1 < 3 > 2 - 1.");
  is_written(gm__yaml_prose, "5% isn't ~ 5^2", "\"5% isn't ~ 5^2\"");
  is_written(gm__yaml_prose, "It's 5% ~ 5^2/_", "It's 5% ~ 5^2/_");
  is_written(gm__yaml_prose, "(n + 1)", "\"(n + 1)\"");
  is_written(gm__yaml_prose, "2*n", "\"2*n\"");
  is_written(gm__yaml_prose, "no", "\"no\"");
  is_written(gm__yaml_prose, "", "\"\"");
  is_written(gm__yaml_prose, "a: b", "\"a: b\"");
  is_written(gm__yaml_prose, "a #1", "\"a #1\"");
  is_written(gm__yaml_prose, "a & b", "\"a & b\"");
  is_written(gm__yaml_prose, "a ", "\"a \"");
}
END_TEST

START_TEST(long_strings_are_quoted) {
  char string[1100];
  memset(string, 'a', sizeof string);
  string[1024] = 0;
  is_written(gm__yaml_string, string, string);
  string[1024] = 'a';
  string[1025] = 0;
  char expected[1200];
  snprintf(expected, sizeof expected, "\"%s\"", string);
  is_written(gm__yaml_string, string, expected);
}
END_TEST

START_TEST(what_cannot_stand_between_quotes_is_escaped) {
  is_escaped("\"", "\"\\\"\"");
  is_escaped("a\\b", "\"a\\\\b\"");
  is_escaped("a\nb\tc\rd", "\"a\\nb\\tc\\x0Dd\"");
  is_escaped("\x01\x1F \x7E\x7F", "\"\\x01\\x1F ~\\x7F\"");
  is_escaped("\xC2\x80\xC2\x85\xC2\x9F\xC2\xA0", "\"\\x80\\x85\\x9F\xC2\xA0\"");
  is_escaped("\xC3\xBF\xC4\x80", "\"\xC3\xBF\xC4\x80\"");
  is_escaped(
      "\xE2\x80\xA7\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAA", "\"\xE2\x80\xA7\\u2028\\u2029\xE2\x80\xAA\"");
  is_escaped("\xEF\xBB\xBE\xEF\xBB\xBF\xEF\xBC\x80", "\"\xEF\xBB\xBE\\uFEFF\xEF\xBC\x80\"");
  is_escaped("\xEF\xBF\xBD\xEF\xBF\xBE\xEF\xBF\xBF", "\"\xEF\xBF\xBD\\uFFFE\\uFFFF\"");
}
END_TEST

START_TEST(codes_at_the_ends_of_their_ranges_stand) {
  is_quoted("\xDF\xBF\xE0\xA0\x80");             /* U+07FF, U+0800 */
  is_quoted("\xED\x9F\xBF\xEE\x80\x80");         /* U+D7FF, U+E000 */
  is_quoted("\xF0\x90\x80\x80\xF4\x8F\xBF\xBD"); /* U+10000, U+10FFFD */
  is_quoted("\xF0\x9F\x8C\xB1\xF3\xB0\x80\x80 \xE2\x82\xAC");
}
END_TEST

#define X "\xEF\xBF\xBD"

static void is_replaced(const char *string, const char *expected) {
  char quoted[200];
  snprintf(quoted, sizeof quoted, "\"%s\"", expected);
  is_written(gm__yaml_string, string, quoted);
  comes_back_as(string, expected);
}

START_TEST(bytes_that_are_no_utf8_become_one_mark_each) {
  is_replaced("a\x80z", "a" X "z");
  is_replaced("\xBF", X);
  is_replaced("\xC1\xBF", X X); /* U+007F in two bytes */
  is_replaced("\xC0\x80", X X);
  is_replaced("\xC3", X);
  is_replaced("\xC3z", X "z");
  is_replaced("\xC3\xC3\xA9", X "\xC3\xA9");
  is_replaced("\xE0\x9F\xBF", X X X); /* U+07FF in three */
  is_replaced("\xE2\x82", X X);
  is_replaced("\xE2\x82z", X X "z");
  is_replaced("\xED\xA0\x80", X X X);       /* U+D800 */
  is_replaced("\xED\xBF\xBF", X X X);       /* U+DFFF */
  is_replaced("\xF0\x8F\xBF\xBF", X X X X); /* U+FFFF in four */
  is_replaced("\xF4\x90\x80\x80", X X X X); /* U+110000 */
  is_replaced("\xF7\xBF\xBF\xBF", X X X X);
  is_replaced("\xF0\x9F\x8C", X X X);
  is_replaced("\xF8\x88\x80\x80\x80", X X X X X);
  is_replaced("\xFF\xFE", X X);
}
END_TEST

SUITE(yaml_string) {
  CASE(words_and_arithmetic_stand_plain);
  CASE(what_some_reader_takes_for_something_else_is_quoted);
  CASE(what_means_something_to_yaml_is_quoted);
  CASE(prose_has_commas_and_signs_and_begins_with_a_letter);
  CASE(long_strings_are_quoted);
  CASE(what_cannot_stand_between_quotes_is_escaped);
  CASE(codes_at_the_ends_of_their_ranges_stand);
  CASE(bytes_that_are_no_utf8_become_one_mark_each);
}
