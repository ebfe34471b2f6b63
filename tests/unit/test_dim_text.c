/* SPDX-License-Identifier: MIT
 *
 * Dims and shapes as text: how they print, what reads back, and what is refused with which words. */
#include "dim_support.h"

#include <time.h>

static const char *complaint(const char *text, gm_status expected) {
  static gm_error error;
  gm__dims *dims = table();
  gm__dim dim = 77;
  gm_status status = gm__dim_read(dims, text, strlen(text), &dim, &error);
  ck_assert_msg(status == expected, "'%s': %s %s", text, gm_status_name(status), error.message);
  ck_assert_int_eq(dim, 77);
  ck_assert_uint_eq(gm__symbol_count(dims), 0);
  gm__dims_free(dims);
  return error.message;
}

static gm_status read_shape(gm__dims *dims, const char *text, char *out, size_t size) {
  int rank = 0;
  gm__dim dim[GM_MAX_RANK];
  GM_TRY(gm__shape_read(dims, text, false, &rank, dim, NULL));
  gm__text written = gm__text_into(out, size);
  gm__shape_text(dims, (gm__shape){rank, dim}, &written);
  gm__text_end(&written);
  return GM_OK;
}

static void check_shape(const char *text, const char *expected) {
  char buffer[1024];
  gm__dims *dims = table();
  ck_assert_int_eq(read_shape(dims, text, buffer, sizeof buffer), GM_OK);
  ck_assert_str_eq(buffer, expected);
  gm__dims_free(dims);
}

START_TEST(dims_print_canonically) {
  gm__dims *dims = table();
  check_text(dims, "28", "28");
  check_text(dims, "batch", "batch");
  check_text(dims, "?", "?");
  check_text(dims, "1 + n*2", "2*n + 1");
  check_text(dims, "m*n - 1 + n + n", "n*m + 2*n - 1");
  check_text(dims, "3 - n", "-n + 3");
  check_text(dims, "n*n*2", "2*n*n");
  check_text(dims, "n - n", "0");
  check_text(dims, "(n + 3)//2", "(n + 3)//2");
  check_text(dims, "max(0, min(n, 4) - 1)", "max(0, min(n, 4) - 1)");
  check_text(dims, "max(min(4, n) - 1, 0)", "max(0, min(n, 4) - 1)");
  check_text(dims, "m*(n//2)", "m*(n//2)");
  check_text(dims, "3*(n//2) - n//3", "3*(n//2) - n//3");
  check_text(dims, "n//m//2", "(n//m)//2");
  gm__dims_free(dims);
}
END_TEST

START_TEST(what_prints_reads_back_as_the_same_word) {
  static const char *const texts[] = {"2*n + 1", "-n + 3", "(-n)//2 + n", "5//n", "n//(m + 1)", "n//(2*m)",
      "n//(m//k)", "(n//m)//k", "(2*n*m)//3", "2*(n//3)//5", "n*n*n - 7*m", "min(n, m, ) ",
      "max(n - 3, 2*m)//4", "min(min(n, m), k)", "max(7, n)*max(7, n)", "3 - (n//2)*(n//2)", "-(n//2) + n",
      "(min(n, 4) - 9)//m + 40"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    gm__dims *dims = table();
    gm__dim dim = 0;
    if (gm__dim_read(dims, texts[i], strlen(texts[i]), &dim, NULL) == GM_OK) {
      const char *text = text_of(dims, dim);
      ck_assert_msg(
          dim_of(dims, text) == dim, "%s -> %s -> %s", texts[i], text, text_of(dims, dim_of(dims, text)));
    } else
      ck_assert_str_eq(texts[i], "min(n, m, ) ");
    gm__dims_free(dims);
  }
}
END_TEST

START_TEST(shapes_print_as_tuples) {
  check_shape("", "()");
  check_shape("  ", "()");
  check_shape("()", "()");
  check_shape("[ ]", "()");
  check_shape(" ( 3 , 4 ) ", "(3, 4)");
  check_shape("\t[n, 4]\n", "(n, 4)");
  check_shape(" n + 1 , 2 ", "(n + 1, 2)");
  check_shape("3", "(3,)");
  check_shape("3,", "(3,)");
  check_shape("(3,)", "(3,)");
  check_shape("batch, 28, 3", "(batch, 28, 3)");
  check_shape("[batch, ?, 4]", "(batch, ?, 4)");
  check_shape("2*n+1, ?", "(2*n + 1, ?)");
  check_shape("(n + 1)*2, 3", "(2*n + 2, 3)");
  check_shape("(n)*(m)", "(n*m,)");
  check_shape("(n + 1)", "(n + 1,)");
  check_shape("((n + 1), 2)", "(n + 1, 2)");
  check_shape("0, 0", "(0, 0)");
}
END_TEST

START_TEST(malformed_dims_name_character_and_column) {
  ck_assert_str_eq(complaint("2n", GM_BAD_ARGUMENT),
      "unexpected 'n' at column 2 of a dim, where an operator or the "
      "end is wanted");
  ck_assert_ptr_nonnull(strstr(complaint("1.5", GM_BAD_ARGUMENT), "'.' at column 2"));
  ck_assert_ptr_nonnull(strstr(complaint("n +", GM_BAD_ARGUMENT), "ends before column 4"));
  ck_assert_ptr_nonnull(strstr(complaint("n / 2", GM_BAD_ARGUMENT), "'2' at column 5"));
  ck_assert_ptr_nonnull(strstr(complaint("n**2", GM_BAD_ARGUMENT), "'*' at column 3"));
  ck_assert_ptr_nonnull(strstr(complaint("(n", GM_BAD_ARGUMENT), "')'"));
  ck_assert_ptr_nonnull(strstr(complaint("n)", GM_BAD_ARGUMENT), "')' at column 2"));
  ck_assert_ptr_nonnull(strstr(complaint("n\001", GM_BAD_ARGUMENT), "0x01 at column 2"));
  ck_assert_ptr_nonnull(strstr(complaint("", GM_BAD_ARGUMENT), "column 1"));
  ck_assert_ptr_nonnull(strstr(complaint("min(n)", GM_BAD_ARGUMENT), "column 6"));
  ck_assert_ptr_nonnull(strstr(complaint("-3", GM_BAD_ARGUMENT), "'-3', is below 0"));
  ck_assert_ptr_nonnull(strstr(complaint("2 - 5", GM_BAD_ARGUMENT), "below 0"));
  ck_assert_ptr_nonnull(strstr(complaint("-n - 1", GM_BAD_ARGUMENT), "below 0"));
  ck_assert_str_eq(complaint("  2 - 5 ", GM_BAD_ARGUMENT), "the dim at column 3, '2 - 5 ', is below 0");
  complaint("4//0", GM_BAD_SHAPE);
}
END_TEST

START_TEST(long_dims_below_0_are_cut_after_100_bytes) {
  for (int ones = 10; ones <= 60; ones++) {
    char text[256] = "0", expected[512];
    for (int i = 0; i < ones; i++) strcat(text, " - 1");
    int length = (int)strlen(text) < 100 ? (int)strlen(text) : 100;
    snprintf(expected, sizeof expected, "the dim at column 1, '%.*s', is below 0", length, text);
    ck_assert_str_eq(complaint(text, GM_BAD_ARGUMENT), expected);
  }
}
END_TEST

START_TEST(malformed_shapes_are_refused_and_leave_nothing) {
  static const char *const bad[] = {",", "(,)", "3,,", ",3", "3 4", "(3", "3)", "(3]", "[3)", "(())",
      "((n, m))", "-1", "n; m", "3,-1", "n m", "[n, [m]]"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    gm__dims *dims = table();
    char buffer[64];
    ck_assert_msg(read_shape(dims, bad[i], buffer, sizeof buffer) == GM_BAD_ARGUMENT, "%s", bad[i]);
    ck_assert_uint_eq(gm__symbol_count(dims), 0);
    gm__dims_free(dims);
  }
}
END_TEST

START_TEST(minus_one_stands_once_where_it_is_allowed) {
  gm__dims *dims = table();
  gm__dim out[GM_MAX_RANK];
  int rank = 0;
  ck_assert_int_eq(gm__shape_read(dims, "(-1, n, 3)", true, &rank, out, NULL), GM_OK);
  ck_assert_int_eq(rank, 3);
  ck_assert_int_eq(out[0], GM__DIM_AUTO);
  ck_assert_int_eq(gm__shape_read(dims, "-1", true, &rank, out, NULL), GM_OK);
  ck_assert_int_eq(gm__shape_read(dims, "-1, -1", true, &rank, out, NULL), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm__shape_read(dims, "-1 + n", true, &rank, out, NULL), GM_OK);
  ck_assert_str_eq(text_of(dims, out[0]), "n - 1");
  ck_assert_int_eq(gm__shape_read(dims, "-2", true, &rank, out, NULL), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm__shape_read(dims, "-1", false, &rank, out, NULL), GM_BAD_ARGUMENT);
  gm__dims_free(dims);
}
END_TEST

START_TEST(numbers_ranks_names_and_nesting_have_limits) {
  char text[1024] = "", buffer[1024];
  gm__dims *dims = table();
  check_shape("9223372036854775807", "(9223372036854775807,)");
  ck_assert_int_eq(read_shape(dims, "9223372036854775808", buffer, sizeof buffer), GM_LIMIT);
  ck_assert_int_eq(read_shape(dims, "9223372036854775807 + 1", buffer, sizeof buffer), GM_LIMIT);
  ck_assert_int_eq(read_shape(dims, "3037000500*3037000500*n", buffer, sizeof buffer), GM_LIMIT);
  for (int i = 0; i < 32; i++) strcat(text, "1,");
  ck_assert_int_eq(read_shape(dims, text, buffer, sizeof buffer), GM_OK);
  strcat(text, "1");
  ck_assert_int_eq(read_shape(dims, text, buffer, sizeof buffer), GM_LIMIT);
  memset(text, 'n', 127);
  text[127] = '\0';
  ck_assert_int_eq(read_shape(dims, text, buffer, sizeof buffer), GM_OK);
  strcat(text, "n");
  ck_assert_int_eq(read_shape(dims, text, buffer, sizeof buffer), GM_BAD_ARGUMENT);
  memset(text, '(', 100);
  strcpy(text + 100, "n");
  ck_assert_int_eq(read_shape(dims, text, buffer, sizeof buffer), GM_LIMIT);
  gm__dims_free(dims);
}
END_TEST

static double seconds_to_refuse(const char *text, gm_status expected) {
  gm__dims *dims = table();
  int rank = 0;
  gm__dim out[GM_MAX_RANK];
  clock_t start = clock();
  gm_status status = gm__shape_read(dims, text, false, &rank, out, NULL);
  double taken = (double)(clock() - start) / CLOCKS_PER_SEC;
  ck_assert_msg(status == expected, "%s", gm_status_name(status));
  gm__dims_free(dims);
  return taken;
}

static void repeat(char *out, const char *part, const char *glue, int count) {
  *out = '\0';
  for (int i = 0; i < count; i++) {
    if (i > 0) out += sprintf(out, "%s", glue);
    out += sprintf(out, "%s", part);
  }
}

START_TEST(hostile_texts_are_refused_quickly) {
  static char text[1 << 17];
  repeat(text, "(a+b+c+d)", "*", 40);
  ck_assert(seconds_to_refuse(text, GM_LIMIT) < 1);
  repeat(text, "(a+b*c+d*a+e-f+7)", "*", 900);
  ck_assert(seconds_to_refuse(text, GM_LIMIT) < 1);
  repeat(text, "a", "*", 8000);
  ck_assert(seconds_to_refuse(text, GM_LIMIT) < 1);
  repeat(text, "-", "", 60000);
  ck_assert(seconds_to_refuse(text, GM_LIMIT) < 1);
  repeat(text, "(", "", 16000);
  ck_assert(seconds_to_refuse(text, GM_LIMIT) < 1);
  repeat(text, "9", "", 16000);
  ck_assert(seconds_to_refuse(text, GM_LIMIT) < 1);
  repeat(text, "min(a,", "", 2000);
  ck_assert(seconds_to_refuse(text, GM_LIMIT) < 1);
  repeat(text, "(a+b)*(a-b)*(c+d+e+f+g)*(a+c+d)*(b+d)*(a+7)*(b+9)", "-", 300);
  ck_assert(seconds_to_refuse(text, GM_LIMIT) < 1);
}
END_TEST

START_TEST(min_and_max_are_names_too) {
  gm__dims *dims = table();
  check_text(dims, "min + max", "min + max");
  ck_assert_uint_eq(gm__symbol_count(dims), 2);
  gm__dims_free(dims);
}
END_TEST

START_TEST(random_bytes_never_break_the_reader) {
  static const char alphabet[] = "nm?019+-*/(),[] minax\t_";
  uint64_t state = 11;
  for (int round = 0; round < 20000; round++) {
    char text[24], again[4096];
    int length = (int)random_below(&state, 23);
    for (int i = 0; i < length; i++) text[i] = alphabet[random_below(&state, (int64_t)sizeof alphabet - 1)];
    text[length] = '\0';
    gm__dims *dims = table();
    gm_status status = read_shape(dims, text, again, sizeof again);
    ck_assert(status == GM_OK || status == GM_BAD_ARGUMENT || status == GM_LIMIT || status == GM_BAD_SHAPE);
    gm__dims_free(dims);
    if (status == GM_OK) check_shape(again, again);
  }
}
END_TEST

static bool is_word(int first, int c) {
  bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  return letter || (!first && c >= '0' && c <= '9');
}

static gm_status read_bytes(const char *text, size_t length, char *again, gm_error *error) {
  gm__dims *dims = table();
  gm__dim dim = 0;
  gm_status status = gm__dim_read(dims, text, length, &dim, error);
  if (status == GM_OK) strcpy(again, text_of(dims, dim));
  gm__dims_free(dims);
  return status;
}

static void check_byte(int c) {
  const char first[] = {(char)c}, second[] = {'n', (char)c};
  char again[8] = "", spelt[8];
  gm_error error = {0};
  bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r', digit = c >= '0' && c <= '9';
  snprintf(spelt, sizeof spelt, "%c", c);
  ck_assert_int_eq(read_bytes(first, 1, again, &error) == GM_OK, is_word(1, c) || digit || c == '?');
  if (error.status == GM_OK) ck_assert_str_eq(again, spelt);
  ck_assert_int_eq(read_bytes(second, 2, again, &error) == GM_OK, is_word(0, c) || blank);
  snprintf(spelt, sizeof spelt, blank ? "n" : "n%c", c);
  if (is_word(0, c) || blank) ck_assert_str_eq(again, spelt);
  snprintf(spelt, sizeof spelt, c < ' ' || c > '~' ? "0x%02x" : "'%c'", (unsigned)c);
  bool operator_follows = c != '\0' && strchr("+-*/", c) != NULL;
  if (!is_word(0, c) && !blank && !operator_follows) ck_assert_ptr_nonnull(strstr(error.message, spelt));
  gm__dims *dims = table();
  gm__dim dim = 0;
  ck_assert_int_eq(gm__dim_symbol(dims, first, 1, &dim, NULL) == GM_OK, is_word(1, c));
  ck_assert_int_eq(gm__dim_symbol(dims, second, 2, &dim, NULL) == GM_OK, is_word(0, c));
  gm__dims_free(dims);
}

START_TEST(every_byte_is_a_letter_a_blank_or_refused) {
  for (int c = 0; c < 256; c++) check_byte(c);
}
END_TEST

SUITE(dim_text) {
  CASE(dims_print_canonically);
  CASE(what_prints_reads_back_as_the_same_word);
  CASE(shapes_print_as_tuples);
  CASE(malformed_dims_name_character_and_column);
  CASE(long_dims_below_0_are_cut_after_100_bytes);
  CASE(malformed_shapes_are_refused_and_leave_nothing);
  CASE(minus_one_stands_once_where_it_is_allowed);
  CASE(numbers_ranks_names_and_nesting_have_limits);
  CASE(hostile_texts_are_refused_quickly);
  CASE(min_and_max_are_names_too);
  CASE(every_byte_is_a_letter_a_blank_or_refused);
  CASE(random_bytes_never_break_the_reader);
}
