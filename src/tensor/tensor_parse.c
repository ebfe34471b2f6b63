/* SPDX-License-Identifier: MIT
 *
 * Tensors from text, "[[1, 2], [3, 4]]", in one pass: elements go into a growing buffer, and each list that
 * closes is compared with the first of its depth. Memory stays proportional to the text. */
#include "base/checked.h"
#include "base/number.h"
#include "tensor/tensor.h"

enum { SHOWN = 40 };

typedef struct parser {
  const char *text, *at;
  gm_dtype dtype;
  gm_error *error;
  int depth, rank; /* lists that are open; -1 while the rank is not known */
  int64_t dims[GM_MAX_RANK], counts[GM_MAX_RANK];
  void *elements;
  size_t size, capacity, used; /* of an element in bytes, and of the buffer in elements */
} parser;

typedef struct span {
  const char *text;
  size_t length;
} span;

static bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_blanks(parser *p) {
  while (is_blank(*p->at)) p->at++;
}

static long long column(const parser *p, const char *at) {
  return (long long)(at - p->text) + 1;
}

static size_t word_length(const char *word) {
  return strcspn(word, " \t\n\r,[]");
}

static int shown(size_t length) {
  return length < SHOWN ? (int)length : SHOWN;
}

static gm_status unexpected(const parser *p, const char *wanted) {
  if (*p->at == '\0')
    GM_FAIL(p->error, GM_BAD_SYNTAX, "the value ends at column %lld, where %s is expected", column(p, p->at),
        wanted);
  size_t length = word_length(p->at);
  GM_FAIL(p->error, GM_BAD_SYNTAX, "the value has '%.*s' at column %lld, where %s is expected",
      shown(length == 0 ? 1 : length), p->at, column(p, p->at), wanted);
}

static gm_status not_held(const parser *p, span word) {
  GM_FAIL(p->error, GM_BAD_ARGUMENT, "%.*s at column %lld cannot be held by %s", shown(word.length),
      word.text, column(p, word.text), gm_dtype_name(p->dtype));
}

static gm_status no_number(const parser *p, span word) {
  GM_FAIL(p->error, GM_BAD_SYNTAX, "'%.*s' at column %lld is no number", shown(word.length), word.text,
      column(p, word.text));
}

static bool is_word(span word, const char *name) {
  return strlen(name) == word.length && memcmp(name, word.text, word.length) == 0;
}

static bool read_bool(span word, int64_t *value) {
  *value = is_word(word, "true") || is_word(word, "True");
  return *value != 0 || is_word(word, "false") || is_word(word, "False");
}

/* Where the imaginary part begins: at the last sign that is not an exponent's. */
static size_t imaginary_start(span s) {
  for (size_t i = s.length; i-- > 1;) {
    bool exponent = s.text[i - 1] == 'e' || s.text[i - 1] == 'E';
    if ((s.text[i] == '+' || s.text[i] == '-') && !exponent) return i;
  }
  return 0;
}

/* A part of the complex number `word`. */
static gm_status read_part(const parser *p, span word, span part, double *value) {
  int64_t integer;
  gm__number_kind kind = gm__number_read(part.text, part.length, &integer, value);
  if (kind == GM__NOT_A_NUMBER) return no_number(p, word);
  return kind == GM__TOO_LARGE && __builtin_isinf(*value) ? not_held(p, word) : GM_OK;
}

static gm_status split_complex(const parser *p, span word, double *parts) {
  span inner = word;
  if (word.length > 2 && word.text[0] == '(' && word.text[word.length - 1] == ')')
    inner = (span){word.text + 1, word.length - 2};
  if (inner.text[inner.length - 1] != 'j') return read_part(p, word, inner, &parts[0]);
  inner.length--;
  size_t start = imaginary_start(inner);
  if (start > 0) GM_TRY(read_part(p, word, (span){inner.text, start}, &parts[0]));
  return read_part(p, word, (span){inner.text + start, inner.length - start}, &parts[1]);
}

/* "1+2j", "2j", "(1+2j)", or a real number. */
static gm_status read_complex(const parser *p, void *element, span word) {
  double parts[2] = {0, 0};
  gm_dtype part = p->dtype == GM_COMPLEX64 ? GM_FLOAT32 : GM_FLOAT64;
  GM_TRY(split_complex(p, word, parts));
  bool held = gm__element_from_double(element, part, parts[0]) &&
              gm__element_from_double((char *)element + gm__dtype_bytes(part), part, parts[1]);
  return held ? GM_OK : not_held(p, word);
}

/* Zero goes by the real, which has its sign, and so does what only uint64 holds. */
static bool store_integer(void *element, gm_dtype dtype, int64_t integer, double real) {
  bool wrapped = integer < 0 && real > 0;
  if (!gm__dtype_is_float(dtype)) return !wrapped && gm__element_from_integer(element, dtype, integer);
  if (wrapped || integer == 0) return gm__element_from_double(element, dtype, real);
  return gm__element_from_integer(element, dtype, integer);
}

static bool store_large(void *element, gm_dtype dtype, double real) {
  return gm__dtype_is_float(dtype) && !__builtin_isinf(real) && gm__element_from_double(element, dtype, real);
}

static gm_status read_real(const parser *p, void *element, span word) {
  int64_t integer = 0;
  double real = 0;
  bool held = false;
  switch (gm__number_read(word.text, word.length, &integer, &real)) {
  case GM__NOT_A_NUMBER: return no_number(p, word);
  case GM__INTEGER: held = store_integer(element, p->dtype, integer, real); break;
  case GM__TOO_LARGE: held = store_large(element, p->dtype, real); break;
  case GM__REAL: held = gm__element_from_double(element, p->dtype, real); break;
  }
  return held ? GM_OK : not_held(p, word);
}

static gm_status read_element(const parser *p, void *element, span word) {
  int64_t truth;
  if (read_bool(word, &truth)) {
    gm__element_from_integer(element, p->dtype, truth);
    return GM_OK;
  }
  if (gm__dtype_is_complex(p->dtype)) return read_complex(p, element, word);
  return read_real(p, element, word);
}

static gm_status parse_number(parser *p) {
  size_t length = word_length(p->at);
  if (length == 0) return unexpected(p, "a number or '['");
  if (p->rank < 0) p->rank = p->depth;
  if (p->depth < p->rank)
    GM_FAIL(p->error, GM_BAD_SYNTAX,
        "the lists are ragged: a number at column %lld, where others of this depth are lists",
        column(p, p->at));
  if (!gm__grow(&p->elements, &p->capacity, p->used + 1, p->size)) return gm__no_memory(p->error);
  char *element = (char *)p->elements + p->used * p->size;
  GM_TRY(read_element(p, element, (span){p->at, length}));
  p->used++;
  p->at += length;
  return GM_OK;
}

static gm_status open_list(parser *p) {
  if (p->rank >= 0 && p->depth == p->rank)
    GM_FAIL(p->error, GM_BAD_SYNTAX,
        "the lists are ragged: a list at column %lld, where others of this depth are %s", column(p, p->at),
        p->used > 0 ? "numbers" : "empty");
  if (p->depth == GM_MAX_RANK)
    GM_FAIL(p->error, GM_LIMIT, "the value has lists deeper than the limit of %d at column %lld", GM_MAX_RANK,
        column(p, p->at));
  p->counts[p->depth++] = 0;
  p->at++;
  return GM_OK;
}

/* The list that ends here must be as long as the first of its depth. */
static gm_status close_list(parser *p) {
  int axis = --p->depth;
  int64_t count = p->counts[axis];
  if (p->rank < 0) p->rank = axis + 1;
  if (p->dims[axis] < 0) p->dims[axis] = count;
  if (p->dims[axis] != count)
    GM_FAIL(p->error, GM_BAD_SYNTAX,
        "the lists are ragged: the one that ends at column %lld has length %lld, but others of its depth "
        "have %lld",
        column(p, p->at), (long long)count, (long long)p->dims[axis]);
  p->at++;
  return GM_OK;
}

/* A number, or a list opened and, if it is empty, closed. */
static gm_status parse_item(parser *p) {
  for (;;) {
    skip_blanks(p);
    if (*p->at != '[') return parse_number(p);
    GM_TRY(open_list(p));
    skip_blanks(p);
    if (*p->at == ']') return close_list(p);
  }
}

/* What stands behind an item: the ends of lists, then perhaps a comma, which promises another item. */
static gm_status parse_ends(parser *p, bool *more) {
  *more = false;
  while (p->depth > 0) {
    skip_blanks(p);
    p->counts[p->depth - 1]++;
    *more = *p->at == ',';
    if (*more) {
      p->at++;
      return GM_OK;
    }
    if (*p->at != ']') return unexpected(p, "',' or ']'");
    GM_TRY(close_list(p));
  }
  return GM_OK;
}

static gm_status parse_all(parser *p) {
  bool more = true;
  while (more) {
    GM_TRY(parse_item(p));
    GM_TRY(parse_ends(p, &more));
  }
  skip_blanks(p);
  return *p->at == '\0' ? GM_OK : unexpected(p, "the end");
}

static gm_tensor *finish(const parser *p) {
  gm_tensor *tensor = gm__tensor_blank(p->dtype, p->rank, p->dims, p->error);
  if (tensor != NULL && p->used > 0) memcpy(tensor->data, p->elements, p->used * p->size);
  return tensor;
}

gm_tensor *gm_tensor_parse(const char *text, gm_dtype dtype, gm_error *error) {
  if (text == NULL)
    gm__fail(error, GM_BAD_ARGUMENT, "no text is given");
  else if (!gm__dtype_valid(dtype))
    gm__fail(error, GM_BAD_DTYPE, "%d is no dtype", (int)dtype);
  if (text == NULL || !gm__dtype_valid(dtype)) return NULL;
  parser p = {.text = text, .at = text, .dtype = dtype, .error = error, .rank = -1};
  p.size = gm__dtype_bytes(dtype);
  for (int axis = 0; axis < GM_MAX_RANK; axis++) p.dims[axis] = -1;
  gm_tensor *tensor = parse_all(&p) == GM_OK ? finish(&p) : NULL;
  gm__free(p.elements);
  return tensor;
}
