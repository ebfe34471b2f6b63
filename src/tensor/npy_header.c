/* SPDX-License-Identifier: MIT
 *
 * The header of a .npy file (numpy/lib/format.py): exactly the keys descr, fortran_order and shape, in any
 * order, as Python writes a dict. The parser takes literals only; Python 2's "3L" is read too. */
#include "base/checked.h"
#include "tensor/npy_header.h"

enum { SHOWN = 60, ALIGN = 64, PREFIX = 10, GROWTH_DIGITS = 21, HEADER_MOST = 1024 };

enum { DESCR = 1, FORTRAN = 2, SHAPE = 4, ALL = 7 };

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
static const char swapped_order = '<', native_order = '>';
#else
static const char swapped_order = '>', native_order = '<';
#endif

typedef struct parser {
  const char *at, *end;
  gm__npy_header *header;
  gm_error *error;
} parser;

typedef struct span {
  const char *text;
  size_t length;
} span;

static void skip_blanks(parser *p) {
  while (p->at < p->end && (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r')) p->at++;
}

static bool accept(parser *p, char c) {
  skip_blanks(p);
  if (p->at == p->end || *p->at != c) return false;
  p->at++;
  return true;
}

static bool accept_word(parser *p, const char *word) {
  size_t length = strlen(word);
  skip_blanks(p);
  if ((size_t)(p->end - p->at) < length || memcmp(p->at, word, length) != 0) return false;
  p->at += length;
  return true;
}

static int shown(size_t length) {
  return length < SHOWN ? (int)length : SHOWN;
}

static gm_status unexpected(parser *p, const char *wanted) {
  skip_blanks(p);
  if (p->at == p->end) GM_FAIL(p->error, GM_BAD_SYNTAX, "the .npy header ends where %s is expected", wanted);
  int rest = shown((size_t)(p->end - p->at));
  GM_FAIL(p->error, GM_BAD_SYNTAX, "the .npy header has '%.*s' where %s is expected", rest < 20 ? rest : 20,
      p->at, wanted);
}

static gm_status read_string(parser *p, span *string) {
  skip_blanks(p);
  char quote = p->at < p->end ? *p->at : '\0';
  if (quote != '\'' && quote != '"') return unexpected(p, "a string");
  const char *start = p->at + 1;
  const char *end = start;
  while (end < p->end && *end != quote && *end != '\\' && *end != '\n') end++;
  if (end == p->end || *end != quote) return unexpected(p, "a string");
  *string = (span){start, (size_t)(end - start)};
  p->at = end + 1;
  return GM_OK;
}

static gm_status unsupported(parser *p, const char *text, size_t length) {
  GM_FAIL(p->error, GM_UNSUPPORTED, "the .npy dtype %.*s is not supported", shown(length), text);
}

/* The part of `descr` behind the byte order, "f4"; |V2 is bfloat16. */
static bool find_dtype(span code, gm_dtype *dtype) {
  for (int i = 0; i < GM__DTYPES; i++) {
    const char *known = gm__dtype_row((gm_dtype)i)->npy + 1;
    if (strlen(known) != code.length || memcmp(known, code.text, code.length) != 0) continue;
    *dtype = (gm_dtype)i;
    return true;
  }
  return false;
}

static gm_status read_descr(parser *p) {
  span descr;
  skip_blanks(p);
  if (p->at < p->end && (*p->at == '[' || *p->at == '('))
    return unsupported(p, p->at, (size_t)(p->end - p->at));
  GM_TRY(read_string(p, &descr));
  span code = descr;
  bool ordered = descr.length > 0 && memchr("<>=|", descr.text[0], 4) != NULL;
  if (ordered) code = (span){descr.text + 1, descr.length - 1};
  if (!find_dtype(code, &p->header->dtype)) return unsupported(p, descr.text - 1, descr.length + 2);
  p->header->swapped = ordered && descr.text[0] == swapped_order;
  return GM_OK;
}

static gm_status read_fortran(parser *p) {
  p->header->fortran = accept_word(p, "True");
  if (p->header->fortran || accept_word(p, "False")) return GM_OK;
  return unexpected(p, "True or False");
}

static bool at_digit(const parser *p) {
  return p->at < p->end && *p->at >= '0' && *p->at <= '9';
}

static gm_status read_length(parser *p, int64_t *length) {
  skip_blanks(p);
  if (!at_digit(p)) return unexpected(p, "a length");
  const char *start = p->at;
  bool fits = true;
  for (*length = 0; at_digit(p); p->at++)
    fits = fits && gm__mul_ok(*length, 10, length) && gm__add_ok(*length, *p->at - '0', length);
  if (!fits)
    GM_FAIL(p->error, GM_LIMIT, "the length %.*s exceeds int64", shown((size_t)(p->at - start)), start);
  if (p->at < p->end && *p->at == 'L') p->at++;
  return GM_OK;
}

static gm_status read_shape(parser *p) {
  gm__npy_header *header = p->header;
  bool comma = true;
  if (!accept(p, '(')) return unexpected(p, "a tuple of lengths");
  for (header->rank = 0; !accept(p, ')'); header->rank++) {
    if (!comma) return unexpected(p, "',' or ')'");
    if (header->rank == GM_MAX_RANK)
      GM_FAIL(p->error, GM_LIMIT, "the .npy header has a rank above the limit of %d", GM_MAX_RANK);
    GM_TRY(read_length(p, &header->dims[header->rank]));
    comma = accept(p, ',');
  }
  if (header->rank == 1 && !comma) return unexpected(p, "a tuple, (n,),");
  return GM_OK;
}

static gm_status read_value(parser *p, int key) {
  return key == DESCR ? read_descr(p) : key == FORTRAN ? read_fortran(p) : read_shape(p);
}

static bool is_key(span name, const char *key) {
  return name.length == strlen(key) && memcmp(name.text, key, name.length) == 0;
}

static gm_status read_entry(parser *p, int *seen) {
  span name;
  GM_TRY(read_string(p, &name));
  int key = is_key(name, "descr")           ? DESCR
            : is_key(name, "fortran_order") ? FORTRAN
            : is_key(name, "shape")         ? SHAPE
                                            : 0;
  if (key == 0)
    GM_FAIL(
        p->error, GM_BAD_SYNTAX, "the .npy header has an unknown key '%.*s'", shown(name.length), name.text);
  if ((*seen & key) != 0)
    GM_FAIL(
        p->error, GM_BAD_SYNTAX, "the .npy header has the key '%.*s' twice", shown(name.length), name.text);
  *seen |= key;
  if (!accept(p, ':')) return unexpected(p, "':'");
  return read_value(p, key);
}

static gm_status check_complete(parser *p, int seen) {
  if (seen == ALL) return GM_OK;
  const char *missing = (seen & DESCR) == 0 ? "descr" : (seen & FORTRAN) == 0 ? "fortran_order" : "shape";
  GM_FAIL(p->error, GM_BAD_SYNTAX, "the .npy header has no '%s'", missing);
}

gm_status gm__npy_header_parse(const char *text, size_t length, gm__npy_header *header, gm_error *error) {
  parser p = {text, text + length, header, error};
  int seen = 0;
  bool comma = true;
  *header = (gm__npy_header){.rank = 0};
  if (!accept(&p, '{')) return unexpected(&p, "'{'");
  while (!accept(&p, '}')) {
    if (!comma) return unexpected(&p, "',' or '}'");
    GM_TRY(read_entry(&p, &seen));
    comma = accept(&p, ',');
  }
  skip_blanks(&p);
  if (p.at < p.end) return unexpected(&p, "the end");
  return check_complete(&p, seen);
}

static size_t digits_of(int64_t value) {
  size_t digits = 1;
  for (; value >= 10; value /= 10) digits++;
  return digits;
}

void gm__npy_header_write(gm__text *text, gm_dtype dtype, int rank, const int64_t *dims) {
  char buffer[HEADER_MOST];
  gm__text dict = gm__text_into(buffer, sizeof buffer);
  const char *descr = gm__dtype_row(dtype)->npy;
  char order = descr[0] == '<' ? native_order : descr[0];
  gm__text_format(&dict, "{'descr': '%c%s', 'fortran_order': False, 'shape': ", order, descr + 1);
  gm__text_dims(&dict, rank, dims);
  gm__text_add(&dict, ", }");
  if (rank > 0) gm__text_repeat(&dict, ' ', GROWTH_DIGITS - digits_of(dims[0]));
  gm__text_repeat(&dict, ' ', ALIGN - (PREFIX + dict.length + 1) % ALIGN);
  gm__text_char(&dict, '\n');
  gm__text_bytes(text, "\x93NUMPY\x01\x00", 8);
  gm__text_char(text, (char)(dict.length & 0xFF));
  gm__text_char(text, (char)(dict.length >> 8));
  gm__text_bytes(text, buffer, dict.length);
}
