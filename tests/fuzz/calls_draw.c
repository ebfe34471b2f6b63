/* SPDX-License-Identifier: MIT
 *
 * What sequences of calls are made of: names, dtypes, shapes, values and attributes, mostly ones that fit. */
#include <stdio.h>
#include "calls.h"

static const char *const names[] = {NULL, NULL, NULL, "a", "b", "c", "n", "x", "x-1", "1x", "", "add",
    "add_1", "y z",
    "a_name_of_128_bytes_"
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123"
    "456789012"};
static const char *const dims[] = {"n", "3", "2", "1", "4", "m", "n", "3", "0", "?", "2*n", "n + 1", "n*m",
    "(n + 1)//2", "min(n, 3)", "max(n, 2)", "n - 1", "5", "6", "8", "k", "2*n + 1", "n//2", "m + n", "n*n",
    "7", "100000", "4611686018427387904", "9223372036854775807", "9223372036854775808", "-1", "n*", "(",
    "n - m", "k*3", "16"};
static const gm_dtype dtypes[] = {GM_FLOAT32, GM_FLOAT32, GM_FLOAT32, GM_FLOAT32, GM_FLOAT32, GM_FLOAT64,
    GM_INT32, GM_INT32, GM_BOOL, GM_INT8, GM_UINT8, GM_INT16, GM_INT64, GM_FLOAT16, GM_BFLOAT16, GM_COMPLEX64,
    GM_COMPLEX128, (gm_dtype)99, (gm_dtype)-1};
enum { DTYPES = sizeof dtypes / sizeof *dtypes };

const char *take_name(bytes *from) {
  return TAKE_WORD(from, names);
}

gm_dtype take_dtype(bytes *from) {
  return dtypes[take_below(from, DTYPES)];
}

void take_shape(bytes *from, char text[SHAPE_TEXT]) {
  unsigned rank = take_below(from, 16);
  text[0] = 0;
  rank = rank < 12 ? rank % 4 : rank == 15 ? 33 : rank - 8;
  for (unsigned i = 0; i < rank; i++) {
    snprintf(text + strlen(text), SHAPE_TEXT - strlen(text), "%s%s", i ? ", " : "",
        rank > 8 ? "1" : take_word(from, dims, sizeof dims / sizeof *dims));
  }
}

gm_tensor *take_tensor(bytes *from) {
  static const int64_t choices[] = {3, 2, 1, 4, 3, 2, 5, 0};
  int64_t shape[4];
  int rank = (int)take_below(from, 5);
  for (int i = 0; i < rank; i++) shape[i] = choices[take_below(from, 8)];
  return fuzz_tensor(take_dtype(from) % 12, rank, shape, take(from));
}

/* ---- Attributes ---- */

static const char *const numbers[] = {
    "0", "1", "0.5", "-1", "2", "3", "nan", "inf", "-inf", "1e300", "1e-30", "null"};
static const char *const integers[] = {"0", "-1", "1", "2", "3", "-2", "4", "-3", "null",
    "9223372036854775807", "-9223372036854775808", "100000"};
static const char *const indices[] = {"\"0\"", "\"::-1\"", "\"..., 1:\"", "\"-1, :2\"", "\"None, ...\"",
    "\":, ::2\"", "\"1:1\"", "\"-5:9223372036854775807\"", "\"::-9223372036854775808\"", "\"...\"",
    "\"0, 0, 0\"", "\"2:0:-1\""};

/** The word number `index` of a list with commas; the first where there is none. */
static void add_choice(char *text, size_t size, const char *choices, unsigned index) {
  const char *at = choices;
  for (; index && strchr(at, ','); index--) at = strchr(at, ',') + 1;
  snprintf(text, size, "%.*s", (int)strcspn(at, ","), at);
}

static void add_list(
    bytes *from, char *text, size_t size, const char *const *words, unsigned count, const char *quote) {
  unsigned length = take_below(from, 5);
  if (length == 0) {
    snprintf(text, size, "%s%s%s", quote, take_word(from, words, count), quote);
    return;
  }
  snprintf(text, size, "[");
  for (unsigned i = 1; i < length; i++) {
    size_t used = strlen(text);
    snprintf(
        text + used, size - used, "%s%s%s%s", i > 1 ? ", " : "", quote, take_word(from, words, count), quote);
  }
  size_t used = strlen(text);
  snprintf(text + used, size - used, "]");
}

static void add_value(bytes *from, const gm__attr_row *row, char *text, size_t size) {
  static const char *const flags[] = {"true", "false", "null"};
  switch (row->type) {
  case GM__ATTR_BOOL: snprintf(text, size, "%s", TAKE_WORD(from, flags)); break;
  case GM__ATTR_INTEGER: snprintf(text, size, "%s", TAKE_WORD(from, integers)); break;
  case GM__ATTR_NUMBER: snprintf(text, size, "%s", TAKE_WORD(from, numbers)); break;
  case GM__ATTR_CHOICE: add_choice(text, size, row->choices, take_below(from, 8)); break;
  case GM__ATTR_DTYPE: snprintf(text, size, "%s", gm_dtype_name((gm_dtype)take_below(from, 12))); break;
  case GM__ATTR_INTEGERS: add_list(from, text, size, integers, 8, ""); break;
  case GM__ATTR_SHAPE: add_list(from, text, size, take(from) & 1 ? dims : integers, 8, "\""); break;
  case GM__ATTR_TEXT: snprintf(text, size, "%s", TAKE_WORD(from, indices)); break;
  }
}

void take_attributes(bytes *from, const gm__op *op, char text[ATTRIBUTES_TEXT]) {
  unsigned wanted = take(from);
  bool any = false;
  snprintf(text, ATTRIBUTES_TEXT, "{");
  for (int i = 0; i < op->attr_count; i++) {
    if (op->attrs[i].initial && !(wanted >> i & 1)) continue;
    size_t used = strlen(text);
    snprintf(text + used, ATTRIBUTES_TEXT - used, "%s%s: ", any ? ", " : "", op->attrs[i].name);
    used = strlen(text);
    add_value(from, &op->attrs[i], text + used, ATTRIBUTES_TEXT - used);
    any = true;
  }
  size_t used = strlen(text);
  snprintf(text + used, ATTRIBUTES_TEXT - used, wanted == 255 ? "%saxes_: 1}" : "}", any ? ", " : "");
}
