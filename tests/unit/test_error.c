/* SPDX-License-Identifier: MIT
 *
 * The error record, options structs and the nearest word. */
#include <errno.h>
#include <string.h>
#include "base/error.h"
#include "support/suite.h"

typedef struct options {
  size_t struct_size;
  int first, second, third;
} options;

START_TEST(version_is_made_of_the_macros) {
  ck_assert_str_eq(gm_version(), "0.1.0");
}
END_TEST

START_TEST(every_status_has_its_name) {
  ck_assert_str_eq(gm_status_name(GM_OK), "GM_OK");
  ck_assert_str_eq(gm_status_name(GM_BAD_SHAPE), "GM_BAD_SHAPE");
  ck_assert_str_eq(gm_status_name(GM_INTERNAL), "GM_INTERNAL");
  ck_assert_str_eq(gm_status_name((gm_status)99), "GM_UNKNOWN");
  ck_assert_str_eq(gm_status_name((gm_status)-1), "GM_UNKNOWN");
}
END_TEST

START_TEST(failing_fills_every_field) {
  gm_error error;
  memset(&error, 0x5A, sizeof error);
  ck_assert_int_eq(gm__fail(&error, GM_BAD_SHAPE, "%d and %s", 3, "four"), GM_BAD_SHAPE);
  ck_assert_int_eq(error.status, GM_BAD_SHAPE);
  ck_assert_str_eq(error.message, "3 and four");
  ck_assert_str_eq(error.file, "");
  ck_assert_str_eq(error.node, "");
  ck_assert_int_eq(error.line, 0);
  ck_assert_int_eq(error.axis[1], -1);
  ck_assert_int_eq(error.value[0], -1);
  ck_assert_uint_eq(error.reserved[3], 0);
}
END_TEST

START_TEST(no_record_is_fine) {
  ck_assert_int_eq(gm__fail(NULL, GM_IO, "%s", "x"), GM_IO);
  ck_assert_int_eq(gm__no_memory(NULL), GM_NO_MEMORY);
  gm__error_node(NULL, "x");
  gm__error_place(NULL, "x", 1, 1);
  gm__error_axes(NULL, 0, 1, 2, 3);
}
END_TEST

START_TEST(a_message_may_quote_the_record_it_replaces) {
  gm_error error;
  gm__fail(&error, GM_IO, "inner");
  gm__fail(&error, GM_IO, "outer: %s", error.message);
  ck_assert_str_eq(error.message, "outer: inner");
}
END_TEST

START_TEST(a_message_has_no_control_characters) {
  gm_error error;
  gm__fail(&error, GM_IO, "a%sb", "\n\x1b\x7f");
  ck_assert_str_eq(error.message, "a???b");
}
END_TEST

START_TEST(a_cut_splits_no_character) {
  char name[600];
  gm_error error;
  memset(name, 'a', sizeof name);
  memcpy(name + 508, "\xE2\x82\xAC\xE2\x82\xAC", 7);
  gm__fail(&error, GM_IO, "%s", name);
  ck_assert_uint_eq(strlen(error.message), 511);
  name[507] = '\0';
  strcat(name, "\xE2\x82\xAC\xE2\x82\xAC");
  gm__fail(&error, GM_IO, "%s", name);
  ck_assert_uint_eq(strlen(error.message), 510);
}
END_TEST

START_TEST(a_long_node_name_is_cut) {
  char name[600];
  gm_error error;
  memset(name, 'n', sizeof name);
  name[sizeof name - 1] = '\0';
  gm__fail(&error, GM_IO, "x");
  gm__error_node(&error, name);
  ck_assert_uint_eq(strlen(error.node), sizeof error.node - 1);
}
END_TEST

START_TEST(a_long_path_keeps_its_tail) {
  char path[1000];
  gm_error error;
  memset(path, 'p', sizeof path);
  strcpy(path + 990, "/x.yaml");
  gm__fail(&error, GM_IO, "x");
  gm__error_place(&error, path, 3, 4);
  ck_assert_uint_eq(strlen(error.file), sizeof error.file - 1);
  ck_assert_int_eq(memcmp(error.file, "...", 3), 0);
  ck_assert_str_eq(error.file + sizeof error.file - 1 - 7, "/x.yaml");
  ck_assert_int_eq(error.line, 3);
  ck_assert_int_eq(error.column, 4);
}
END_TEST

START_TEST(axes_and_lengths_are_recorded) {
  gm_error error;
  gm__fail(&error, GM_BAD_SHAPE, "x");
  gm__error_axes(&error, 1, 3, 0, 4);
  ck_assert_int_eq(error.axis[0], 1);
  ck_assert_int_eq(error.value[0], 3);
  ck_assert_int_eq(error.axis[1], 0);
  ck_assert_int_eq(error.value[1], 4);
}
END_TEST

START_TEST(errno_has_a_text) {
  char buffer[100];
  ck_assert_str_eq(gm__errno_text(ENOENT, buffer, sizeof buffer), "No such file or directory");
}
END_TEST

static const options defaults = {sizeof(options), 7, 8, 9};

START_TEST(missing_options_keep_the_defaults) {
  options out = defaults;
  ck_assert_int_eq(gm__options_read(&out, NULL, sizeof out, sizeof out, "options", NULL), GM_OK);
  ck_assert_int_eq(out.first, 7);
}
END_TEST

START_TEST(an_older_caller_sets_what_it_knows) {
  options out = defaults, given = {offsetof(options, third), 1, 2, 3};
  size_t first = offsetof(options, second);
  ck_assert_int_eq(gm__options_read(&out, &given, first, sizeof out, "options", NULL), GM_OK);
  ck_assert_int_eq(out.second, 2);
  ck_assert_int_eq(out.third, 9);
}
END_TEST

START_TEST(a_newer_caller_may_leave_zeros) {
  options out = defaults, given;
  size_t known = offsetof(options, third);
  gm_error error;
  memset(&given, 0, sizeof given);
  given.struct_size = sizeof given;
  ck_assert_int_eq(gm__options_read(&out, &given, known, known, "options", &error), GM_OK);
  given.third = 1;
  ck_assert_int_eq(gm__options_read(&out, &given, known, known, "options", &error), GM_UNSUPPORTED);
}
END_TEST

START_TEST(a_struct_size_that_cannot_be_is_refused) {
  options out = defaults, given = {0};
  gm_error error;
  ck_assert_int_eq(gm__options_read(&out, &given, 8, sizeof out, "options", &error), GM_BAD_ARGUMENT);
  given.struct_size = SIZE_MAX;
  ck_assert_int_eq(gm__options_read(&out, &given, 8, sizeof out, "options", &error), GM_BAD_ARGUMENT);
  ck_assert_ptr_nonnull(strstr(error.message, "sizeof(options)"));
}
END_TEST

static const char *closest(const char *word) {
  static const char *const words[] = {"relu", "softmax", "transpose", "dot", "add", "n"};
  return gm_closest(word, words, 6);
}

START_TEST(a_near_word_is_found) {
  ck_assert_str_eq(closest("reul"), "relu");
  ck_assert_str_eq(closest("SoftMax"), "softmax");
  ck_assert_str_eq(closest("transpsoe"), "transpose");
  ck_assert_str_eq(closest("dott"), "dot");
  ck_assert_str_eq(closest("dot"), "dot");
}
END_TEST

START_TEST(a_far_word_is_not_found) {
  ck_assert_ptr_null(closest("convolution"));
  ck_assert_ptr_null(closest("x"));
  ck_assert_ptr_null(closest(""));
  ck_assert_ptr_null(gm_closest(NULL, NULL, 0));
}
END_TEST

START_TEST(a_hostile_word_has_no_neighbours) {
  char *word = malloc(1000001);
  memset(word, 'a', 1000000);
  word[1000000] = '\0';
  const char *const words[] = {"add", word};
  ck_assert_ptr_null(gm_closest(word, words, 2));
  ck_assert_str_eq(gm_closest("ad", words, 2), "add");
  free(word);
}
END_TEST

SUITE(error) {
  CASE(version_is_made_of_the_macros);
  CASE(every_status_has_its_name);
  CASE(failing_fills_every_field);
  CASE(no_record_is_fine);
  CASE(a_message_may_quote_the_record_it_replaces);
  CASE(a_message_has_no_control_characters);
  CASE(a_cut_splits_no_character);
  CASE(a_long_node_name_is_cut);
  CASE(a_long_path_keeps_its_tail);
  CASE(axes_and_lengths_are_recorded);
  CASE(errno_has_a_text);
  CASE(missing_options_keep_the_defaults);
  CASE(an_older_caller_sets_what_it_knows);
  CASE(a_newer_caller_may_leave_zeros);
  CASE(a_struct_size_that_cannot_be_is_refused);
  CASE(a_near_word_is_found);
  CASE(a_far_word_is_not_found);
  CASE(a_hostile_word_has_no_neighbours);
}
