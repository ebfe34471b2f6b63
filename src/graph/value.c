/* SPDX-License-Identifier: MIT
 *
 * Scalars as YAML's core schema reads them (less its odd booleans), and the small reader of attribute text:
 * one flow mapping, JSON or YAML. Depth and size are limited before anything is allocated for them. */
#include "graph/value.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/number.h"

#define MAX_DEPTH 32
#define MAX_BYTES ((size_t)1 << 20)
#define MAX_KEYS 1024

static bool word(const char *text, size_t length, const char *lower) {
  if (length != strlen(lower)) return false;
  char title[8] = {0}, upper[8] = {0};
  for (size_t i = 0; i < length; i++) upper[i] = (char)(lower[i] - 'a' + 'A');
  memcpy(title, lower, length);
  title[0] = upper[0];
  return memcmp(text, lower, length) == 0 || memcmp(text, title, length) == 0 ||
         memcmp(text, upper, length) == 0;
}

static bool is_null(const char *text, size_t length) {
  return length == 0 || (length == 1 && text[0] == '~') || word(text, length, "null");
}

static void plain(gm__value *value) {
  const char *text = value->text;
  size_t length = value->count;
  int64_t integer = 0;
  double real = 0;
  if (is_null(text, length)) {
    value->kind = GM__VALUE_NULL;
  } else if (word(text, length, "true") || word(text, length, "false")) {
    value->kind = GM__VALUE_BOOL;
    value->flag = length == 4;
  } else {
    gm__number_kind number = gm__number_read(text, length, &integer, &real);
    if (number == GM__INTEGER) {
      value->kind = GM__VALUE_INTEGER;
      value->integer = integer;
      value->unsigned64 = integer < 0 && text[0] != '-';
    } else if (number != GM__NOT_A_NUMBER) {
      value->kind = GM__VALUE_REAL;
      value->real = real;
      value->too_large = number == GM__TOO_LARGE;
    }
  }
}

gm__value *gm__value_scalar(
    gm__arena *arena, const char *text, size_t length, bool quoted, int line, int column) {
  gm__value *value = gm__arena_zero(arena, 1, sizeof *value);
  if (!value || !(value->text = gm__arena_text(arena, text, length))) return NULL;
  value->kind = GM__VALUE_STRING;
  value->quoted = quoted;
  value->line = line;
  value->column = column;
  value->count = length;
  if (!quoted) plain(value);
  return value;
}

/* ---- The reader of attribute text ---- */

typedef struct reader {
  gm__arena *arena;
  const char *start, *at, *end;
  int depth;
  gm_error *error;
} reader;

typedef struct list {
  gm__entry *entries;
  size_t count, capacity;
} list;

static gm_status read_value(reader *r, gm__value **out);

static int column(const reader *r) {
  return (int)(r->at - r->start) + 1;
}

static gm_status wrong(const reader *r, const char *what) {
  gm_status status =
      r->at < r->end
          ? gm__fail(r->error, GM_BAD_SYNTAX, "attributes, column %d: %s, not '%c'", column(r), what, *r->at)
          : gm__fail(r->error, GM_BAD_SYNTAX, "attributes, column %d: %s, not the end", column(r), what);
  gm__error_place(r->error, "", 1, column(r));
  return status;
}

static void skip(reader *r) {
  while (r->at < r->end && strchr(" \t\r\n", *r->at)) r->at++;
}

static bool take(reader *r, char c) {
  skip(r);
  if (r->at == r->end || *r->at != c) return false;
  r->at++;
  return true;
}

static size_t utf8(unsigned code, char out[4]) {
  if (code < 0x80) return (size_t)(out[0] = (char)code, 1);
  if (code < 0x800) {
    out[0] = (char)(0xC0 | code >> 6);
    out[1] = (char)(0x80 | (code & 63));
    return 2;
  }
  if (code < 0x10000) {
    out[0] = (char)(0xE0 | code >> 12);
    out[1] = (char)(0x80 | (code >> 6 & 63));
    out[2] = (char)(0x80 | (code & 63));
    return 3;
  }
  out[0] = (char)(0xF0 | code >> 18);
  out[1] = (char)(0x80 | (code >> 12 & 63));
  out[2] = (char)(0x80 | (code >> 6 & 63));
  out[3] = (char)(0x80 | (code & 63));
  return 4;
}

static gm_status read_unit(reader *r, unsigned *code) {
  *code = 0;
  for (int i = 0; i < 4; i++, r->at++) {
    const char *digits = "0123456789abcdef0123456789ABCDEF";
    const char *digit = r->at < r->end && *r->at ? strchr(digits, *r->at) : NULL;
    if (!digit) return wrong(r, "\\u needs four hexadecimal digits");
    *code = *code * 16 + (unsigned)(digit - digits) % 16;
  }
  return GM_OK;
}

/** What follows "\\u": one unit of UTF-16, or the two of a pair. */
static gm_status read_code(reader *r, gm__text *text) {
  unsigned code, low = 0;
  GM_TRY(read_unit(r, &code));
  if (code == 0) return wrong(r, "a string holds no \\u0000");
  if (code >> 11 == 0x1B) {
    bool pair = code < 0xDC00 && r->end - r->at >= 2 && r->at[0] == '\\' && r->at[1] == 'u';
    r->at += pair ? 2 : 0;
    if (pair) GM_TRY(read_unit(r, &low));
    if (low >> 10 != 0x37) return wrong(r, "a \\ud800 to \\udbff goes before a \\udc00 to \\udfff");
    code = 0x10000 + ((code & 0x3FF) << 10 | (low & 0x3FF));
  }
  char bytes[4];
  gm__text_bytes(text, bytes, utf8(code, bytes));
  return GM_OK;
}

static gm_status read_escape(reader *r, gm__text *text) {
  const char *names = "\"\\/bfnrt", *codes = "\"\\/\b\f\n\r\t";
  if (r->at == r->end) return wrong(r, "a string ends with \"");
  char c = *r->at;
  if (c == 'u') {
    r->at++;
    return read_code(r, text);
  }
  const char *name = c ? strchr(names, c) : NULL;
  if (!name) return wrong(r, "an escape is one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u");
  r->at++;
  gm__text_char(text, codes[name - names]);
  return GM_OK;
}

static gm_status read_quoted_text(reader *r, gm__text *text) {
  char quote = *r->at++;
  for (;;) {
    if (r->at == r->end) return wrong(r, quote == '"' ? "a string ends with \"" : "a string ends with '");
    char c = *r->at++;
    if (c == quote && quote == '\'' && r->at < r->end && *r->at == '\'') {
      gm__text_char(text, *r->at++);
    } else if (c == quote) {
      return GM_OK;
    } else if (c == '\\' && quote == '"') {
      GM_TRY(read_escape(r, text));
    } else {
      gm__text_char(text, c);
    }
  }
}

static gm_status read_quoted(reader *r, gm__value **out) {
  int at = column(r);
  gm__text text = gm__text_growing();
  gm_status status = read_quoted_text(r, &text);
  size_t length = gm__text_end(&text);
  if (status == GM_OK) {
    *out = text.failed ? NULL : gm__value_scalar(r->arena, length ? text.data : "", length, true, 1, at);
    if (!*out) status = gm__no_memory(r->error);
  }
  gm__text_free(&text);
  return status;
}

static bool ends_plain(const reader *r, const char *at) {
  if (strchr(",]}[{\"\n", *at)) return true;
  return *at == ':' && (at + 1 == r->end || strchr(" \t\r\n,]}[{\"'", at[1]));
}

static gm_status read_plain(reader *r, gm__value **out) {
  const char *from = r->at;
  int at = column(r);
  if (strchr("&*!|>%@`#", *r->at))
    return wrong(r, "a value is a number, a word, a string, a list or a mapping");
  while (r->at < r->end && !ends_plain(r, r->at)) r->at++;
  const char *to = r->at;
  while (to > from && strchr(" \t\r", to[-1])) to--;
  if (to == from) return wrong(r, "a value is missing");
  *out = gm__value_scalar(r->arena, from, (size_t)(to - from), false, 1, at);
  return *out ? GM_OK : gm__no_memory(r->error);
}

static gm_status read_scalar(reader *r, gm__value **out) {
  skip(r);
  if (r->at == r->end) return wrong(r, "a value is missing");
  return *r->at == '"' || *r->at == '\'' ? read_quoted(r, out) : read_plain(r, out);
}

static gm_status read_key(reader *r, const list *entries, gm__entry *entry) {
  gm__value *key;
  skip(r);
  entry->line = 1;
  entry->column = column(r);
  GM_TRY(read_scalar(r, &key));
  for (size_t i = 0; i < entries->count; i++) {
    if (strcmp(entries->entries[i].key, key->text) != 0) continue;
    gm_status status = gm__fail(
        r->error, GM_BAD_SYNTAX, "attributes, column %d: '%s' is given twice", entry->column, key->text);
    gm__error_place(r->error, "", 1, entry->column);
    return status;
  }
  entry->key = key->text;
  if (!take(r, ':')) return wrong(r, "':' follows a key");
  return GM_OK;
}

static gm_status read_items(reader *r, char close, list *entries) {
  if (take(r, close)) return GM_OK;
  do {
    skip(r);
    if (take(r, close)) return GM_OK;
    if (!gm__grow(
            (void **)&entries->entries, &entries->capacity, entries->count + 1, sizeof *entries->entries)) {
      return gm__no_memory(r->error);
    }
    if (close == '}' && entries->count == MAX_KEYS) {
      GM_FAIL(
          r->error, GM_LIMIT, "attributes, column %d: a mapping of more than %d keys", column(r), MAX_KEYS);
    }
    gm__entry *entry = &entries->entries[entries->count];
    if (close == '}') GM_TRY(read_key(r, entries, entry));
    GM_TRY(read_value(r, &entry->value));
    entries->count++;
  } while (take(r, ','));
  return take(r, close) ? GM_OK
                        : wrong(r, close == '}' ? "',' or '}' is expected" : "',' or ']' is expected");
}

static gm_status keep_list(reader *r, gm__value *value, const list *entries) {
  value->count = entries->count;
  if (value->kind == GM__VALUE_MAP) {
    value->entries = gm__arena_copy(r->arena, entries->entries, entries->count * sizeof *entries->entries);
    return value->entries ? GM_OK : gm__no_memory(r->error);
  }
  value->items = gm__arena_alloc(r->arena, entries->count, sizeof *value->items);
  if (!value->items) return gm__no_memory(r->error);
  for (size_t i = 0; i < entries->count; i++) value->items[i] = entries->entries[i].value;
  return GM_OK;
}

static gm_status read_nested(reader *r, gm__value **out) {
  if (++r->depth > MAX_DEPTH) {
    GM_FAIL(r->error, GM_LIMIT, "attributes, column %d: nested more than %d deep", column(r), MAX_DEPTH);
  }
  gm__value *value = gm__arena_zero(r->arena, 1, sizeof *value);
  if (!value) return gm__no_memory(r->error);
  value->line = 1;
  value->column = column(r);
  value->kind = *r->at == '{' ? GM__VALUE_MAP : GM__VALUE_LIST;
  r->at++;
  list entries = {NULL, 0, 0};
  gm_status status = read_items(r, value->kind == GM__VALUE_MAP ? '}' : ']', &entries);
  if (status == GM_OK) status = keep_list(r, value, &entries);
  gm__free(entries.entries);
  r->depth--;
  *out = value;
  return status;
}

static gm_status read_value(reader *r, gm__value **out) {
  skip(r);
  if (r->at == r->end) return wrong(r, "a value is missing");
  return *r->at == '{' || *r->at == '[' ? read_nested(r, out) : read_scalar(r, out);
}

static gm_status check_encoding(reader *r) {
  for (r->at = r->start; r->at < r->end;) {
    size_t length = gm__utf8_length(r->at);
    if (length == 0) {
      gm_status status =
          gm__fail(r->error, GM_BAD_SYNTAX, "attributes, column %d: the text is not UTF-8", column(r));
      gm__error_place(r->error, "", 1, column(r));
      return status;
    }
    r->at += length;
  }
  r->at = r->start;
  return GM_OK;
}

gm_status gm__value_read(gm__arena *arena, const char *text, gm__value **out, gm_error *error) {
  const char *from = text ? text : "";
  size_t length = strlen(from);
  if (length > MAX_BYTES) {
    GM_FAIL(error, GM_LIMIT, "attributes of %zu bytes: at most %zu are read", length, MAX_BYTES);
  }
  reader r = {arena, from, from, from + length, 0, error};
  GM_TRY(check_encoding(&r));
  skip(&r);
  if (r.at == r.end) {
    *out = gm__arena_zero(arena, 1, sizeof **out);
    if (!*out) return gm__no_memory(error);
    (*out)->kind = GM__VALUE_MAP;
    return GM_OK;
  }
  if (*r.at != '{') return wrong(&r, "attributes are one mapping, {name: value, …}");
  GM_TRY(read_value(&r, out));
  skip(&r);
  return r.at == r.end ? GM_OK : wrong(&r, "nothing may follow the mapping");
}

/* ---- Looking at values ---- */

const gm__value *gm__value_get(const gm__value *map, const char *key) {
  if (!map || map->kind != GM__VALUE_MAP) return NULL;
  for (size_t i = 0; i < map->count; i++) {
    if (strcmp(map->entries[i].key, key) == 0) return map->entries[i].value;
  }
  return NULL;
}

bool gm__value_is_beyond(const gm__value *value) {
  return value->too_large && isinf(value->real);
}

const char *gm__value_kind_name(const gm__value *value) {
  static const char *const names[] = {
      "null", "true or false", "an integer", "a number", "a string", "a list", "a mapping"};
  return names[value->kind];
}

void gm__value_text(const gm__value *value, gm__text *text) {
  if (value->kind == GM__VALUE_LIST || value->kind == GM__VALUE_MAP) {
    gm__text_add(text, gm__value_kind_name(value));
  } else {
    gm__text_format(text, "'%.60s'", value->text);
  }
}
