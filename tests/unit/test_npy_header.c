/* SPDX-License-Identifier: MIT
 *
 * The header of .npy files: every dtype in both byte orders, what a dict may look like, each refusal's
 * sentence, and the bytes that are written. */
#include <stdio.h>
#include <string.h>
#include "base/alloc.h"
#include "tensor/npy_header.h"
#include "support/suite.h"

static gm_error error;
static gm__npy_header header;

static gm_status parse(const char *text, size_t length) {
  char *copy = gm__alloc(length, 1); /* so that a sanitizer sees a byte too many */
  memcpy(copy, text, length);
  gm_status status = gm__npy_header_parse(copy, length, &header, &error);
  gm__free(copy);
  return status;
}

static void parses(const char *text) {
  if (parse(text, strlen(text)) != GM_OK) ck_abort_msg("%s: %s", text, error.message);
}

static void refuses(const char *text, gm_status status, const char *sentence) {
  ck_assert_int_eq(parse(text, strlen(text)), status);
  ck_assert_str_eq(error.message, sentence);
  ck_assert_int_eq(error.status, status);
}

#define SHAPE ", 'fortran_order': False, 'shape': (2,)}"

/* ---- descr ---- */

static void describes(const char *descr, gm_dtype dtype, bool swapped) {
  char text[100];
  snprintf(text, sizeof text, "{'descr': '%s'" SHAPE, descr);
  parses(text);
  ck_assert_int_eq(header.dtype, dtype);
  ck_assert_int_eq(header.swapped, swapped);
  ck_assert_int_eq(header.fortran, false);
  ck_assert_int_eq(header.rank, 1);
  ck_assert_int_eq(header.dims[0], 2);
}

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
enum { LITTLE_SWAPPED = true, BIG_SWAPPED = false };
#else
enum { LITTLE_SWAPPED = false, BIG_SWAPPED = true };
#endif

START_TEST(every_dtype_has_a_code_in_both_orders) {
  static const struct code {
    const char *code;
    gm_dtype dtype;
  } codes[] = {{"b1", GM_BOOL}, {"i1", GM_INT8}, {"u1", GM_UINT8}, {"i2", GM_INT16}, {"i4", GM_INT32},
      {"i8", GM_INT64}, {"f2", GM_FLOAT16}, {"V2", GM_BFLOAT16}, {"f4", GM_FLOAT32}, {"f8", GM_FLOAT64},
      {"c8", GM_COMPLEX64}, {"c16", GM_COMPLEX128}};
  ck_assert_uint_eq(sizeof codes / sizeof *codes, GM__DTYPES);
  for (size_t i = 0; i < GM__DTYPES; i++) {
    char descr[8];
    describes(codes[i].code, codes[i].dtype, false);
    for (const char *order = "<>=|"; *order; order++) {
      snprintf(descr, sizeof descr, "%c%s", *order, codes[i].code);
      describes(descr, codes[i].dtype, *order == '>' ? BIG_SWAPPED : *order == '<' ? LITTLE_SWAPPED : false);
    }
  }
}
END_TEST

START_TEST(other_descrs_are_not_supported) {
  static const char *const descrs[] = {
      "", "<", "f", "<f", "<f44", "<f3", "!f4", "<<f4", "u2", "|S1", "<U1", "|O", "f16"};
  for (size_t i = 0; i < sizeof descrs / sizeof *descrs; i++) {
    char text[100], sentence[100];
    snprintf(text, sizeof text, "{'descr': '%s'" SHAPE, descrs[i]);
    snprintf(sentence, sizeof sentence, "the .npy dtype '%s' is not supported", descrs[i]);
    refuses(text, GM_UNSUPPORTED, sentence);
  }
  refuses("{'descr': [('a', '<f4')]}", GM_UNSUPPORTED, "the .npy dtype [('a', '<f4')]} is not supported");
  refuses("{'descr': ('<f4', (2,))}", GM_UNSUPPORTED, "the .npy dtype ('<f4', (2,))} is not supported");
  refuses("{'descr': 4}", GM_BAD_SYNTAX, "the .npy header has '4}' where a string is expected");
  refuses("{'descr': ", GM_BAD_SYNTAX, "the .npy header ends where a string is expected");
}
END_TEST

START_TEST(a_long_descr_is_cut) {
  char text[200], sentence[200];
  char descr[80];
  memset(descr, 'x', 79);
  descr[79] = 0;
  snprintf(text, sizeof text, "{'descr': '%s'}", descr);
  snprintf(sentence, sizeof sentence, "the .npy dtype '%.59s is not supported", descr);
  refuses(text, GM_UNSUPPORTED, sentence);
}
END_TEST

/* ---- The dict ---- */

#define DICT "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"

static void is_2_by_3(const char *text) {
  parses(text);
  ck_assert_int_eq(header.dtype, GM_FLOAT32);
  ck_assert_int_eq(header.rank, 2);
  ck_assert_int_eq(header.dims[0], 2);
  ck_assert_int_eq(header.dims[1], 3);
}

START_TEST(a_dict_may_be_written_otherwise) {
  is_2_by_3(DICT);
  is_2_by_3(DICT "\n");
  is_2_by_3("\t\n\r " DICT " \t\r\n");
  is_2_by_3("{'shape':(2,3),\"fortran_order\":False,\"descr\":\"<f4\"}");
  is_2_by_3("{\n'descr'\t:\r'<f4' , 'shape' : ( 2L , 3L , ) , 'fortran_order' : False\n, }");
  is_2_by_3("{'descr': '<f4', 'shape': (0002, 3L), 'fortran_order': True}");
  ck_assert(header.fortran);
}
END_TEST

START_TEST(a_dict_has_exactly_its_keys) {
  refuses("{}", GM_BAD_SYNTAX, "the .npy header has no 'descr'");
  refuses("{'descr': '<f4'}", GM_BAD_SYNTAX, "the .npy header has no 'fortran_order'");
  refuses("{'descr': '<f4', 'fortran_order': True}", GM_BAD_SYNTAX, "the .npy header has no 'shape'");
  refuses("{'shape': (), 'fortran_order': True}", GM_BAD_SYNTAX, "the .npy header has no 'descr'");
  refuses("{'descr': '<f4', 'descr': '<f4'}", GM_BAD_SYNTAX, "the .npy header has the key 'descr' twice");
  refuses("{'shape': (), 'shape': ()}", GM_BAD_SYNTAX, "the .npy header has the key 'shape' twice");
  refuses("{'fortran_order': True, 'fortran_order': True}", GM_BAD_SYNTAX,
      "the .npy header has the key 'fortran_order' twice");
  refuses("{'color': 1}", GM_BAD_SYNTAX, "the .npy header has an unknown key 'color'");
  refuses("{'': 1}", GM_BAD_SYNTAX, "the .npy header has an unknown key ''");
  refuses("{'descs': 1}", GM_BAD_SYNTAX, "the .npy header has an unknown key 'descs'");
  refuses("{'descr ': 1}", GM_BAD_SYNTAX, "the .npy header has an unknown key 'descr '");
}
END_TEST

START_TEST(what_is_wrong_is_shown) {
  refuses("", GM_BAD_SYNTAX, "the .npy header ends where '{' is expected");
  refuses(" \n", GM_BAD_SYNTAX, "the .npy header ends where '{' is expected");
  refuses("[1]", GM_BAD_SYNTAX, "the .npy header has '[1]' where '{' is expected");
  refuses("{", GM_BAD_SYNTAX, "the .npy header ends where a string is expected");
  refuses("{,}", GM_BAD_SYNTAX, "the .npy header has ',}' where a string is expected");
  refuses("{descr: 1}", GM_BAD_SYNTAX, "the .npy header has 'descr: 1}' where a string is expected");
  refuses("{'descr", GM_BAD_SYNTAX, "the .npy header has ''descr' where a string is expected");
  refuses("{'descr\"", GM_BAD_SYNTAX, "the .npy header has ''descr\"' where a string is expected");
  refuses(
      "{'de\\x73cr': 1}", GM_BAD_SYNTAX, "the .npy header has ''de\\x73cr': 1}' where a string is expected");
  refuses("{'de\n': 1}", GM_BAD_SYNTAX, "the .npy header has ''de?': 1}' where a string is expected");
  refuses("{'descr' '<f4'}", GM_BAD_SYNTAX, "the .npy header has ''<f4'}' where ':' is expected");
  refuses("{'descr'", GM_BAD_SYNTAX, "the .npy header ends where ':' is expected");
  refuses("{'descr': '<f4' 'shape': ()}", GM_BAD_SYNTAX,
      "the .npy header has ''shape': ()}' where ',' or '}' is expected");
  refuses("{'descr': '<f4'", GM_BAD_SYNTAX, "the .npy header ends where ',' or '}' is expected");
  refuses("{'fortran_order': 1}", GM_BAD_SYNTAX, "the .npy header has '1}' where True or False is expected");
  refuses(
      "{'fortran_order': Tru", GM_BAD_SYNTAX, "the .npy header has 'Tru' where True or False is expected");
  refuses(
      "{'fortran_order': Fals", GM_BAD_SYNTAX, "the .npy header has 'Fals' where True or False is expected");
  refuses("{'fortran_order': ", GM_BAD_SYNTAX, "the .npy header ends where True or False is expected");
  refuses(DICT " x", GM_BAD_SYNTAX, "the .npy header has 'x' where the end is expected");
  refuses(DICT "}", GM_BAD_SYNTAX, "the .npy header has '}' where the end is expected");
  refuses("{abcdefghijklmnopqrstuvwxyz", GM_BAD_SYNTAX,
      "the .npy header has 'abcdefghijklmnopqrst' where a string is expected");
}
END_TEST

START_TEST(a_nul_is_no_end) {
  ck_assert_int_eq(parse("{\0}", 3), GM_BAD_SYNTAX);
  ck_assert_int_eq(parse(DICT "\0", sizeof DICT), GM_BAD_SYNTAX);
  ck_assert_int_eq(parse("{'descr\0'", 9), GM_BAD_SYNTAX);
}
END_TEST

START_TEST(any_cut_is_refused) {
  for (size_t length = 0; length < sizeof DICT - 1; length++) {
    ck_assert_int_eq(parse(DICT, length), GM_BAD_SYNTAX);
    ck_assert_ptr_nonnull(strstr(error.message, " is expected"));
  }
}
END_TEST

/* ---- The shape ---- */

static gm_status shape(const char *text) {
  char whole[400];
  snprintf(whole, sizeof whole, "{'descr': '<f4', 'fortran_order': False, 'shape': %s}", text);
  return parse(whole, strlen(whole));
}

static void refuses_shape(const char *text, gm_status status, const char *sentence) {
  ck_assert_int_eq(shape(text), status);
  ck_assert_str_eq(error.message, sentence);
}

START_TEST(a_shape_is_a_tuple) {
  ck_assert_int_eq(shape("()"), GM_OK);
  ck_assert_int_eq(header.rank, 0);
  ck_assert_int_eq(shape("( 7 , )"), GM_OK);
  ck_assert_int_eq(header.rank, 1);
  ck_assert_int_eq(header.dims[0], 7);
  ck_assert_int_eq(shape("(0,12,3)"), GM_OK);
  ck_assert_int_eq(header.rank, 3);
  ck_assert_int_eq(header.dims[0], 0);
  ck_assert_int_eq(header.dims[1], 12);
  ck_assert_int_eq(header.dims[2], 3);
  refuses_shape("[2]", GM_BAD_SYNTAX, "the .npy header has '[2]}' where a tuple of lengths is expected");
  refuses_shape("2", GM_BAD_SYNTAX, "the .npy header has '2}' where a tuple of lengths is expected");
  refuses_shape("(2)", GM_BAD_SYNTAX, "the .npy header has '}' where a tuple, (n,), is expected");
  refuses_shape("(2 3)", GM_BAD_SYNTAX, "the .npy header has '3)}' where ',' or ')' is expected");
  refuses_shape("(,)", GM_BAD_SYNTAX, "the .npy header has ',)}' where a length is expected");
  refuses_shape("(2,,)", GM_BAD_SYNTAX, "the .npy header has ',)}' where a length is expected");
  refuses_shape("(-2,)", GM_BAD_SYNTAX, "the .npy header has '-2,)}' where a length is expected");
  refuses_shape("(/,)", GM_BAD_SYNTAX, "the .npy header has '/,)}' where a length is expected");
  refuses_shape("(:,)", GM_BAD_SYNTAX, "the .npy header has ':,)}' where a length is expected");
  refuses_shape("(2.0,)", GM_BAD_SYNTAX, "the .npy header has '.0,)}' where ',' or ')' is expected");
  refuses_shape("(2LL,)", GM_BAD_SYNTAX, "the .npy header has 'L,)}' where ',' or ')' is expected");
  refuses_shape("(L,)", GM_BAD_SYNTAX, "the .npy header has 'L,)}' where a length is expected");
  refuses("{'shape': (12", GM_BAD_SYNTAX, "the .npy header ends where ',' or ')' is expected");
  refuses("{'shape': (12,", GM_BAD_SYNTAX, "the .npy header ends where a length is expected");
  refuses("{'shape': ", GM_BAD_SYNTAX, "the .npy header ends where a tuple of lengths is expected");
}
END_TEST

START_TEST(a_length_is_an_int64) {
  ck_assert_int_eq(shape("(9223372036854775807,)"), GM_OK);
  ck_assert_int_eq(header.dims[0], INT64_MAX);
  refuses_shape("(9223372036854775808,)", GM_LIMIT, "the length 9223372036854775808 exceeds int64");
  refuses_shape("(18446744073709551616,)", GM_LIMIT, "the length 18446744073709551616 exceeds int64");
  refuses_shape(
      "(92233720368547758080000001,)", GM_LIMIT, "the length 92233720368547758080000001 exceeds int64");
  refuses_shape("(1000000000000000000000000000000000000000000000000000000000000000,)", GM_LIMIT,
      "the length 100000000000000000000000000000000000000000000000000000000000 exceeds int64");
}
END_TEST

START_TEST(the_rank_is_at_most_32) {
  char text[200] = "(", *at = text + 1;
  for (int i = 0; i < 32; i++) at += sprintf(at, "%d,", i);
  strcpy(at, ")");
  ck_assert_int_eq(shape(text), GM_OK);
  ck_assert_int_eq(header.rank, 32);
  for (int i = 0; i < 32; i++) ck_assert_int_eq(header.dims[i], i);
  strcpy(at, "1)");
  refuses_shape(text, GM_LIMIT, "the .npy header has a rank above the limit of 32");
}
END_TEST

/* ---- Writing ---- */

/* The head of such a file, whose dict is `dict`, has `size` bytes and comes back. */
static void writes(gm_dtype dtype, int rank, const int64_t *dims, const char *dict, size_t size) {
  char head[2048];
  gm__text text = gm__text_into(head, sizeof head);
  gm__npy_header_write(&text, dtype, rank, dims);
  ck_assert_uint_eq(text.length, size);
  ck_assert_mem_eq(head, "\x93NUMPY\x01\x00", 8);
  ck_assert_uint_eq((unsigned char)head[8] + 256u * (unsigned char)head[9], size - 10);
  ck_assert_mem_eq(head + 10, dict, strlen(dict));
  for (size_t i = 10 + strlen(dict); i < size - 1; i++) ck_assert_int_eq(head[i], ' ');
  ck_assert_int_eq(head[size - 1], '\n');
  ck_assert_int_eq(parse(head + 10, size - 10), GM_OK);
  ck_assert_int_eq(header.dtype, dtype);
  ck_assert_int_eq(header.rank, rank);
  ck_assert(!header.swapped && !header.fortran);
  for (int axis = 0; axis < rank; axis++) ck_assert_int_eq(header.dims[axis], dims[axis]);
}

START_TEST(headers_are_written_as_numpy_does) {
  const int64_t dims[] = {2, 3}, ten[] = {10}, one[] = {9}, most[] = {INT64_MAX, 0};
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  writes(GM_FLOAT32, 2, dims, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 128);
  writes(GM_COMPLEX128, 1, ten, "{'descr': '<c16', 'fortran_order': False, 'shape': (10,), }", 128);
  writes(GM_BFLOAT16, 1, one, "{'descr': '|V2', 'fortran_order': False, 'shape': (9,), }", 128);
  writes(GM_FLOAT64, 2, most, "{'descr': '<f8', 'fortran_order': False, 'shape': (9223372036854775807, 0), }",
      128);
#endif
  writes(GM_BOOL, 0, NULL, "{'descr': '|b1', 'fortran_order': False, 'shape': (), }", 128);
  writes(GM_INT8, 2, dims, "{'descr': '|i1', 'fortran_order': False, 'shape': (2, 3), }", 128);
}
END_TEST

/* Room for 21 digits of the first length, then the next multiple of 64, one more when there is none to fill.
 */
START_TEST(heads_are_multiples_of_64) {
  int64_t dims[32];
  for (int rank = 0; rank <= 32; rank++) {
    char dict[400] = "{'descr': '|u1', 'fortran_order': False, 'shape': (", *at = dict + strlen(dict);
    for (int axis = 0; axis < rank; axis++) {
      dims[axis] = axis % 2 ? 1 : 10;
      at += sprintf(at, axis ? ", %d" : "%d", (int)dims[axis]);
    }
    sprintf(at, rank == 1 ? ",), }" : "), }");
    size_t length = 10 + strlen(dict) + (rank > 0 ? 19 : 0) + 1;
    writes(GM_UINT8, rank, dims, dict, length + 64 - length % 64);
  }
}
END_TEST

SUITE(npy_header) {
  CASE(every_dtype_has_a_code_in_both_orders);
  CASE(other_descrs_are_not_supported);
  CASE(a_long_descr_is_cut);
  CASE(a_dict_may_be_written_otherwise);
  CASE(a_dict_has_exactly_its_keys);
  CASE(what_is_wrong_is_shown);
  CASE(a_nul_is_no_end);
  CASE(any_cut_is_refused);
  CASE(a_shape_is_a_tuple);
  CASE(a_length_is_an_int64);
  CASE(the_rank_is_at_most_32);
  CASE(headers_are_written_as_numpy_does);
  CASE(heads_are_multiples_of_64);
}
