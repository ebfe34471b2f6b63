/* SPDX-License-Identifier: MIT
 *
 * Reads dims and shapes by recursive descent:
 *   shape = "" | dim {"," dim} [","], perhaps inside of () or []       dim = sum
 *   sum = product {("+" | "-") product}      product = factor {("*" | "//") factor}      factor = {"-"}
 * primary primary = integer | symbol | "?" | "(" sum ")" | ("min" | "max") "(" sum "," sum ")" One budget of
 * work serves the whole text; what was made is taken back on failure. */
#include "shape/dim_table.h"

#include <string.h>

typedef struct reader {
  gm__dims *dims;
  const char *text;
  size_t length, at;
  int depth;
  gm_error *error;
} reader;

static bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* The next character that is no space, not taken; '\0' at the end. */
static char peek(reader *r) {
  while (r->at < r->length && is_space(r->text[r->at])) r->at++;
  return r->at < r->length ? r->text[r->at] : '\0';
}

/* Takes `c`, which is not '\0', if it is next. */
static bool accept(reader *r, char c) {
  if (peek(r) != c) return false;
  r->at++;
  return true;
}

static gm_status unexpected(reader *r, const char *wanted) {
  char c = peek(r);
  if (r->at >= r->length)
    GM_FAIL(
        r->error, GM_BAD_ARGUMENT, "the dim ends before column %zu, where %s is wanted", r->at + 1, wanted);
  if (c < ' ' || c > '~')
    GM_FAIL(r->error, GM_BAD_ARGUMENT, "unexpected byte 0x%02x at column %zu of a dim, where %s is wanted",
        (unsigned)(unsigned char)c, r->at + 1, wanted);
  GM_FAIL(r->error, GM_BAD_ARGUMENT, "unexpected '%c' at column %zu of a dim, where %s is wanted", c,
      r->at + 1, wanted);
}

static gm_status expect(reader *r, char c, const char *wanted) {
  return accept(r, c) ? GM_OK : unexpected(r, wanted);
}

static gm_status read_sum(reader *r, gm__dim *out);

static gm_status read_integer(reader *r, gm__dim *out) {
  size_t start = r->at;
  bool fits = true;
  *out = 0;
  for (; r->at < r->length && is_digit(r->text[r->at]); r->at++)
    fits = fits && gm__mul_ok(*out, 10, out) && gm__add_ok(*out, r->text[r->at] - '0', out);
  if (!fits) GM_FAIL(r->error, GM_LIMIT, "the number at column %zu of a dim does not fit 64 bits", start + 1);
  return GM_OK;
}

static gm_status enter(reader *r) {
  if (r->depth >= GM__DIM_DEPTH)
    GM_FAIL(
        r->error, GM_LIMIT, "parentheses nest deeper than %d at column %zu of a dim", GM__DIM_DEPTH, r->at);
  r->depth++;
  return GM_OK;
}

static gm_status read_pair(reader *r, gm__atom_kind kind, gm__dim *out) {
  gm__dim a = 0, b = 0;
  GM_TRY(enter(r));
  GM_TRY(read_sum(r, &a));
  GM_TRY(expect(r, ',', "',' or an operator"));
  GM_TRY(read_sum(r, &b));
  GM_TRY(expect(r, ')', "')' or an operator"));
  r->depth--;
  return gm__extreme(r->dims, kind, a, b, out, r->error);
}

static gm_status read_word(reader *r, gm__dim *out) {
  size_t start = r->at;
  while (r->at < r->length && (is_letter(r->text[r->at]) || is_digit(r->text[r->at]))) r->at++;
  const char *name = r->text + start;
  size_t length = r->at - start;
  bool min = length == 3 && memcmp(name, "min", 3) == 0, max = length == 3 && memcmp(name, "max", 3) == 0;
  if ((min || max) && accept(r, '(')) return read_pair(r, min ? GM__ATOM_MIN : GM__ATOM_MAX, out);
  return gm__dim_symbol(r->dims, name, length, out, r->error);
}

static gm_status read_primary(reader *r, gm__dim *out) {
  char c = peek(r);
  if (is_digit(c)) return read_integer(r, out);
  if (is_letter(c)) return read_word(r, out);
  if (accept(r, '?')) return gm__dim_unknown(r->dims, out, r->error);
  if (!accept(r, '(')) return unexpected(r, "a number, a symbol, '?' or '('");
  GM_TRY(enter(r));
  GM_TRY(read_sum(r, out));
  GM_TRY(expect(r, ')', "')' or an operator"));
  r->depth--;
  return GM_OK;
}

static gm_status read_factor(reader *r, gm__dim *out) {
  bool negative = false;
  while (accept(r, '-')) negative = !negative;
  GM_TRY(read_primary(r, out));
  return negative ? gm__difference(r->dims, 0, *out, out, r->error) : GM_OK;
}

static gm_status read_product(reader *r, gm__dim *out) {
  gm__dim right = 0;
  GM_TRY(read_factor(r, out));
  for (;;) {
    bool times = accept(r, '*');
    if (!times && !accept(r, '/')) return GM_OK;
    if (!times && (r->at >= r->length || r->text[r->at] != '/')) return unexpected(r, "'//'");
    r->at += !times;
    GM_TRY(read_factor(r, &right));
    GM_TRY((times ? gm__times : gm__quotient)(r->dims, *out, right, out, r->error));
  }
}

static gm_status read_sum(reader *r, gm__dim *out) {
  gm__dim right = 0;
  GM_TRY(read_product(r, out));
  for (;;) {
    bool plus = accept(r, '+');
    if (!plus && !accept(r, '-')) return GM_OK;
    GM_TRY(read_product(r, &right));
    GM_TRY((plus ? gm__sum : gm__difference)(r->dims, *out, right, out, r->error));
  }
}

static gm_status read_length(reader *r, gm__dim *out) {
  (void)peek(r);
  size_t column = r->at + 1;
  GM_TRY(read_sum(r, out));
  if (gm__word_interval(r->dims, *out).high >= 0) return GM_OK;
  GM_FAIL(r->error, GM_BAD_ARGUMENT, "the dim at column %zu, '%.*s', is below 0", column,
      (int)(r->at - column + 1 < 100 ? r->at - column + 1 : 100), r->text + column - 1);
}

static gm_status check_length(size_t length, gm_error *error) {
  if (length <= GM__DIM_TEXT_BYTES) return GM_OK;
  GM_FAIL(error, GM_LIMIT, "a shape of %zu bytes is longer than %d", length, GM__DIM_TEXT_BYTES);
}

static gm_status read_all(reader *r, gm__dim *out) {
  GM_TRY(read_length(r, out));
  (void)peek(r);
  return r->at < r->length ? unexpected(r, "an operator or the end") : GM_OK;
}

gm_status gm__dim_read(gm__dims *dims, const char *text, size_t length, gm__dim *out, gm_error *error) {
  reader r = {dims, text, length, 0, 0, error};
  gm__dims_mark mark = gm__dims_now(dims);
  gm__dim dim = 0;
  GM_TRY(check_length(length, error));
  dims->work = GM__DIM_WORK;
  gm_status status = read_all(&r, &dim);
  if (status == GM_OK)
    *out = dim;
  else
    gm__dims_rewind(dims, mark);
  return status;
}

static bool is_pair(char open, char close) {
  return (open == '(' && close == ')') || (open == '[' && close == ']');
}

/* Does the parenthesis that opens the text close at its end? */
static bool enclosed(const char *text, size_t first, size_t last) {
  if (!is_pair(text[first], text[last])) return false;
  size_t depth = 0;
  for (size_t i = first; i <= last; i++) {
    depth += text[i] == '(' || text[i] == '[';
    depth -= text[i] == ')' || text[i] == ']';
    if (depth == 0) return i == last;
  }
  return false;
}

static void strip(reader *r) {
  (void)peek(r);
  while (r->length > r->at && is_space(r->text[r->length - 1])) r->length--;
  if (r->length == r->at || !enclosed(r->text, r->at, r->length - 1)) return;
  r->at++;
  r->length--;
}

/* "-1" and nothing more. */
static bool accept_auto(reader *r) {
  size_t at = r->at;
  if (accept(r, '-') && accept(r, '1') && (peek(r) == ',' || r->at >= r->length)) return true;
  r->at = at;
  return false;
}

static gm_status read_item(reader *r, bool allow_auto, int rank, gm__dim *out) {
  if (!allow_auto || !accept_auto(r)) return read_length(r, &out[rank]);
  for (int i = 0; i < rank; i++)
    if (out[i] == GM__DIM_AUTO) GM_FAIL(r->error, GM_BAD_ARGUMENT, "-1 stands twice in the shape");
  out[rank] = GM__DIM_AUTO;
  return GM_OK;
}

static gm_status read_items(reader *r, bool allow_auto, int *rank, gm__dim *out) {
  *rank = 0;
  strip(r);
  for (bool more = (peek(r), r->at < r->length); more; (*rank)++) {
    if (*rank == GM_MAX_RANK) GM_FAIL(r->error, GM_LIMIT, "a shape has more than %d dims", GM_MAX_RANK);
    GM_TRY(read_item(r, allow_auto, *rank, out));
    bool comma = accept(r, ',');
    more = (peek(r), r->at < r->length);
    if (more && !comma) return unexpected(r, "',' or an operator");
  }
  return GM_OK;
}

gm_status gm__shape_read(
    gm__dims *dims, const char *text, bool allow_auto, int *rank, gm__dim *out, gm_error *error) {
  if (text == NULL) GM_FAIL(error, GM_BAD_ARGUMENT, "the shape is missing");
  reader r = {dims, text, strlen(text), 0, 0, error};
  gm__dims_mark mark = gm__dims_now(dims);
  GM_TRY(check_length(r.length, error));
  dims->work = GM__DIM_WORK;
  gm_status status = read_items(&r, allow_auto, rank, out);
  if (status != GM_OK) gm__dims_rewind(dims, mark);
  return status;
}
