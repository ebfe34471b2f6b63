/* SPDX-License-Identifier: MIT
 *
 * From written values to typed attributes, by the rows of a record; and back to text. */
#include "graph/attr.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/hash.h"
#include "base/number.h"

#define MAX_ROWS 32

typedef struct reading {
  const char *op;
  const gm__attr_row *row;
  const gm__value *value;
  gm__dims *dims;
  gm__arena *arena;
  gm_error *error;
} reading;

typedef gm_status read_function(const reading *r, gm__attr *attr);

const char *gm__attr_type_name(gm__attr_type type) {
  static const char *const names[] = {"true or false", "an integer", "a number", "one of the words",
      "the name of a dtype", "an integer or a list of integers", "a shape", "a text"};
  return names[type];
}

static gm_status placed(const reading *r, const gm__value *at, gm_status status) {
  gm__error_place(r->error, "", at->line, at->column);
  return status;
}

static const char *value_text(const gm__value *value, char buffer[96]) {
  gm__text text = gm__text_into(buffer, 96);
  gm__value_text(value, &text);
  gm__text_end(&text);
  return buffer;
}

static gm_status mistyped(const reading *r) {
  char given[96];
  return placed(r, r->value,
      gm__fail(r->error, GM_BAD_ARGUMENT, "%s: attribute '%s' is %s, not %s", r->op, r->row->name,
          gm__attr_type_name(r->row->type), value_text(r->value, given)));
}

static gm_status mistyped_item(const reading *r, size_t index) {
  char given[96];
  const gm__value *item = r->value->items[index];
  return placed(r, item,
      gm__fail(r->error, GM_BAD_ARGUMENT, "%s: attribute '%s' is %s, but its item %zu is %s", r->op,
          r->row->name, gm__attr_type_name(r->row->type), index, value_text(item, given)));
}

static gm_status read_bool(const reading *r, gm__attr *attr) {
  if (r->value->kind != GM__VALUE_BOOL) return mistyped(r);
  attr->flag = r->value->flag;
  return GM_OK;
}

static bool whole(const gm__value *value, int64_t *out) {
  if (value->kind == GM__VALUE_INTEGER) {
    *out = value->integer;
    return !value->unsigned64;
  }
  if (value->kind != GM__VALUE_REAL || !(fabs(value->real) < 9007199254740992.0)) return false;
  if (value->real != floor(value->real)) return false;
  *out = (int64_t)value->real;
  return true;
}

static gm_status read_integer(const reading *r, gm__attr *attr) {
  return whole(r->value, &attr->integer) ? GM_OK : mistyped(r);
}

/** Numbers that JSON has as strings only: its users' words, and ours. */
static bool spelled_number(const char *text, double *out) {
  static const char *const words[] = {"NaN", "Infinity", "-Infinity", "nan", "inf", "-inf"};
  const double values[] = {NAN, INFINITY, -INFINITY, NAN, INFINITY, -INFINITY};
  for (int i = 0; i < 6; i++) {
    if (strcmp(text, words[i]) != 0) continue;
    *out = values[i];
    return true;
  }
  return false;
}

static gm_status beyond(const reading *r) {
  return placed(r, r->value,
      gm__fail(r->error, GM_BAD_ARGUMENT, "%s: attribute '%s' is %.60s, which no number can hold", r->op,
          r->row->name, r->value->text));
}

static gm_status read_number(const reading *r, gm__attr *attr) {
  const gm__value *v = r->value;
  if (v->kind == GM__VALUE_INTEGER) {
    attr->number = v->unsigned64 ? (double)(uint64_t)v->integer : (double)v->integer;
  } else if (v->kind == GM__VALUE_REAL) {
    if (gm__value_is_beyond(v)) return beyond(r);
    attr->number = v->real;
  } else if (v->kind != GM__VALUE_STRING || !spelled_number(v->text, &attr->number)) {
    return mistyped(r);
  }
  return GM_OK;
}

static const char *next_choice(const char *at, size_t *length) {
  *length = strcspn(at, ",");
  return at + *length + (at[*length] == ',' ? 1 : 0);
}

static gm_status read_choice(const reading *r, gm__attr *attr) {
  if (r->value->kind != GM__VALUE_STRING) return mistyped(r);
  size_t length;
  int index = 0;
  for (const char *at = r->row->choices; *at; index++) {
    const char *next = next_choice(at, &length);
    if (strlen(r->value->text) == length && memcmp(at, r->value->text, length) == 0) {
      attr->integer = index;
      return GM_OK;
    }
    at = next;
  }
  return placed(r, r->value,
      gm__fail(r->error, GM_BAD_ARGUMENT, "%s: attribute '%s' is one of %s, not '%.60s'", r->op, r->row->name,
          r->row->choices, r->value->text));
}

static gm_status read_dtype(const reading *r, gm__attr *attr) {
  if (r->value->kind != GM__VALUE_STRING) return mistyped(r);
  if (gm__dtype_named(r->value->text, r->value->count, &attr->dtype)) return GM_OK;
  const char *names[GM__DTYPES];
  for (int i = 0; i < GM__DTYPES; i++) names[i] = gm_dtype_name((gm_dtype)i);
  const char *near = gm_closest(r->value->text, names, GM__DTYPES);
  return placed(r, r->value,
      gm__fail(r->error, GM_BAD_ARGUMENT, "%s: attribute '%s' is the name of a dtype, not '%.60s'%s%s%s",
          r->op, r->row->name, r->value->text, near ? ": did you mean '" : "", near ? near : "",
          near ? "'?" : ""));
}

static gm_status read_integers(const reading *r, gm__attr *attr) {
  bool list = r->value->kind == GM__VALUE_LIST;
  size_t count = list ? r->value->count : 1;
  if (count > INT32_MAX / 2)
    return placed(
        r, r->value, gm__fail(r->error, GM_LIMIT, "%s: attribute '%s' is too long", r->op, r->row->name));
  int64_t *items = gm__arena_alloc(r->arena, count, sizeof *items);
  if (!items) return gm__no_memory(r->error);
  for (size_t i = 0; i < count; i++) {
    if (whole(list ? r->value->items[i] : r->value, &items[i])) continue;
    return list ? mistyped_item(r, i) : mistyped(r);
  }
  attr->items = items;
  attr->count = (int)count;
  return GM_OK;
}

/** The dims of a text: one dim of a list when `one` is set, otherwise a whole shape. */
static gm_status read_dims(const reading *r, const gm__value *from, bool one, int *rank, gm__dim *dims) {
  gm_error cause = {0};
  bool remains = one && strcmp(from->text, "-1") == 0;
  gm_status status = GM_OK;
  if (remains)
    dims[0] = GM__DIM_AUTO;
  else if (one)
    status = gm__dim_read(r->dims, from->text, from->count, &dims[0], &cause);
  else
    status = gm__shape_read(r->dims, from->text, true, rank, dims, &cause);
  if (status == GM_OK || status == GM_NO_MEMORY) return status ? gm__no_memory(r->error) : GM_OK;
  return placed(
      r, from, gm__fail(r->error, status, "%s: attribute '%s': %s", r->op, r->row->name, cause.message));
}

static gm_status read_list_of_dims(const reading *r, int *rank, gm__dim *dims) {
  bool remains = false;
  if (r->value->count > GM_MAX_RANK) {
    return placed(r, r->value,
        gm__fail(r->error, GM_LIMIT, "%s: attribute '%s' has %zu dims: at most %d are allowed", r->op,
            r->row->name, r->value->count, GM_MAX_RANK));
  }
  for (*rank = 0; *rank < (int)r->value->count; (*rank)++) {
    const gm__value *item = r->value->items[*rank];
    if (item->kind != GM__VALUE_INTEGER && item->kind != GM__VALUE_REAL && item->kind != GM__VALUE_STRING) {
      return mistyped_item(r, (size_t)*rank);
    }
    GM_TRY(read_dims(r, item, true, NULL, &dims[*rank]));
    bool again = remains && dims[*rank] == GM__DIM_AUTO;
    remains = remains || dims[*rank] == GM__DIM_AUTO;
    if (again)
      return placed(r, r->value,
          gm__fail(r->error, GM_BAD_ARGUMENT, "%s: attribute '%s': -1 stands twice in the shape", r->op,
              r->row->name));
  }
  return GM_OK;
}

static gm_status read_shape(const reading *r, gm__attr *attr) {
  gm__dim dims[GM_MAX_RANK];
  gm__value_kind kind = r->value->kind;
  if (kind == GM__VALUE_LIST)
    GM_TRY(read_list_of_dims(r, &attr->count, dims));
  else if (kind != GM__VALUE_STRING && kind != GM__VALUE_INTEGER)
    return mistyped(r);
  else
    GM_TRY(read_dims(r, r->value, false, &attr->count, dims));
  attr->items = gm__arena_copy(r->arena, dims, (size_t)attr->count * sizeof *dims);
  return attr->items ? GM_OK : gm__no_memory(r->error);
}

static gm_status read_text(const reading *r, gm__attr *attr) {
  if (r->value->kind == GM__VALUE_LIST || r->value->kind == GM__VALUE_MAP) return mistyped(r);
  attr->text = gm__arena_text(r->arena, r->value->text, r->value->count);
  return attr->text ? GM_OK : gm__no_memory(r->error);
}

static gm_status read_one(const reading *r, gm__attr *attr) {
  static read_function *const functions[] = {
      read_bool, read_integer, read_number, read_choice, read_dtype, read_integers, read_shape, read_text};
  if (r->value->kind == GM__VALUE_NULL) return GM_OK;
  GM_TRY(functions[r->row->type](r, attr));
  attr->given = true;
  return GM_OK;
}

static gm_status read_initial(reading *r, gm__attr *attr) {
  if (!r->row->initial) {
    GM_FAIL(r->error, GM_BAD_ARGUMENT, "%s: attribute '%s' is missing: it is %s%s", r->op, r->row->name,
        r->row->choices ? "one of " : "",
        r->row->choices ? r->row->choices : gm__attr_type_name(r->row->type));
  }
  if (strcmp(r->row->initial, "null") == 0) return GM_OK;
  char text[96];
  gm__value *map;
  snprintf(text, sizeof text, "{v: %s}", r->row->initial);
  GM_TRY(gm__value_read(r->arena, text, &map, r->error));
  r->value = map->entries[0].value;
  return read_one(r, attr);
}

static gm_status check_names(
    const char *op, const gm__attr_row *rows, int count, const gm__value *values, gm_error *error) {
  const char *names[MAX_ROWS];
  for (int i = 0; i < count; i++) names[i] = rows[i].name;
  for (size_t e = 0; e < values->count; e++) {
    const gm__entry *entry = &values->entries[e];
    int i = 0;
    while (i < count && strcmp(names[i], entry->key) != 0) i++;
    if (i < count) continue;
    const char *near = gm_closest(entry->key, names, (size_t)count);
    gm_status status = gm__fail(error, GM_BAD_ARGUMENT, "%s: there is no attribute '%.60s'%s%s%s", op,
        entry->key, near ? ": did you mean '" : "", near ? near : "", near ? "'?" : "");
    gm__error_place(error, "", entry->line, entry->column);
    return status;
  }
  return GM_OK;
}

gm_status gm__attrs_read(const char *op, const gm__attr_row *rows, int count, const gm__value *values,
    gm__dims *dims, gm__arena *arena, gm__attr *attrs, gm_error *error) {
  if (values) GM_TRY(check_names(op, rows, count, values, error));
  for (int i = 0; i < count; i++) {
    reading r = {op, &rows[i], gm__value_get(values, rows[i].name), dims, arena, error};
    memset(&attrs[i], 0, sizeof attrs[i]);
    if (r.value && r.value->kind != GM__VALUE_NULL) {
      GM_TRY(read_one(&r, &attrs[i]));
    } else {
      GM_TRY(read_initial(&r, &attrs[i]));
    }
  }
  return GM_OK;
}

bool gm__attr_equal(const gm__attr_row *row, const gm__attr *a, const gm__attr *b) {
  if (a->given != b->given || !a->given) return a->given == b->given;
  switch (row->type) {
  case GM__ATTR_BOOL: return a->flag == b->flag;
  case GM__ATTR_INTEGER:
  case GM__ATTR_CHOICE: return a->integer == b->integer;
  case GM__ATTR_NUMBER: return memcmp(&a->number, &b->number, sizeof a->number) == 0;
  case GM__ATTR_DTYPE: return a->dtype == b->dtype;
  case GM__ATTR_INTEGERS:
  case GM__ATTR_SHAPE:
    return a->count == b->count && memcmp(a->items, b->items, (size_t)a->count * sizeof *a->items) == 0;
  case GM__ATTR_TEXT: return strcmp(a->text, b->text) == 0;
  }
  return false;
}

uint64_t gm__attr_hash(uint64_t hash, const gm__attr_row *row, const gm__attr *attr) {
  hash = gm__hash(hash, &attr->given, sizeof attr->given);
  if (!attr->given) return hash;
  switch (row->type) {
  case GM__ATTR_BOOL: return gm__hash(hash, &attr->flag, sizeof attr->flag);
  case GM__ATTR_INTEGER:
  case GM__ATTR_CHOICE: return gm__hash(hash, &attr->integer, sizeof attr->integer);
  case GM__ATTR_NUMBER: return gm__hash(hash, &attr->number, sizeof attr->number);
  case GM__ATTR_DTYPE: return gm__hash(hash, &attr->dtype, sizeof attr->dtype);
  case GM__ATTR_INTEGERS:
  case GM__ATTR_SHAPE: return gm__hash(hash, attr->items, (size_t)attr->count * sizeof *attr->items);
  case GM__ATTR_TEXT: return gm__hash(hash, attr->text, strlen(attr->text));
  }
  return hash;
}

static void write_number(double number, bool json, gm__text *text) {
  if (isfinite(number)) {
    gm__text_double(text, number);
  } else {
    const char *name = isnan(number) ? "nan" : number > 0 ? "inf" : "-inf";
    gm__text_format(text, json ? "\"%s\"" : "%s", name);
  }
}

static void write_choice(const gm__attr_row *row, const gm__attr *attr, bool json, gm__text *text) {
  const char *at = row->choices;
  size_t length = 0;
  for (int64_t i = 0; i <= attr->integer; i++) {
    const char *next = next_choice(at, &length);
    if (i == attr->integer) break;
    at = next;
  }
  if (json) gm__text_char(text, '"');
  gm__text_bytes(text, at, length);
  if (json) gm__text_char(text, '"');
}

/** Would a reader take the plain word for something else than a string? */
static bool needs_quotes(const char *word) {
  static const char *const words[] = {"null", "Null", "NULL", "true", "True", "TRUE", "false", "False",
      "FALSE", "nan", "NaN", "inf", "Inf", "Infinity", "y", "Y", "n", "N", "yes", "no", "on", "off"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (strcmp(word, words[i]) == 0) return true;
  }
  return strpbrk(word, "?,") != NULL;
}

static void write_dim(const gm__dims *dims, gm__dim dim, bool json, gm__text *text) {
  gm__text inner = gm__text_growing();
  if (dim == GM__DIM_AUTO || gm__dim_known(dim)) {
    gm__text_int(text, dim);
    return;
  }
  gm__dim_text(dims, dim, &inner);
  gm__text_end(&inner);
  bool quoted = inner.data && (json || needs_quotes(inner.data));
  if (quoted) gm__text_char(text, '"');
  gm__text_add(text, inner.data ? inner.data : "");
  if (quoted) gm__text_char(text, '"');
  text->failed = text->failed || inner.failed;
  gm__text_free(&inner);
}

static void write_items(
    const gm__attr_row *row, const gm__attr *attr, const gm__dims *dims, bool json, gm__text *text) {
  gm__text_char(text, '[');
  for (int i = 0; i < attr->count; i++) {
    if (i) gm__text_add(text, ", ");
    if (row->type == GM__ATTR_SHAPE) {
      write_dim(dims, attr->items[i], json, text);
    } else {
      gm__text_int(text, attr->items[i]);
    }
  }
  gm__text_char(text, ']');
}

void gm__attr_text(
    const gm__attr_row *row, const gm__attr *attr, const gm__dims *dims, bool json, gm__text *text) {
  if (!attr->given) {
    gm__text_add(text, "null");
    return;
  }
  switch (row->type) {
  case GM__ATTR_BOOL: gm__text_add(text, attr->flag ? "true" : "false"); break;
  case GM__ATTR_INTEGER: gm__text_int(text, attr->integer); break;
  case GM__ATTR_NUMBER: write_number(attr->number, json, text); break;
  case GM__ATTR_CHOICE: write_choice(row, attr, json, text); break;
  case GM__ATTR_DTYPE: gm__text_format(text, json ? "\"%s\"" : "%s", gm_dtype_name(attr->dtype)); break;
  case GM__ATTR_INTEGERS:
  case GM__ATTR_SHAPE: write_items(row, attr, dims, json, text); break;
  case GM__ATTR_TEXT: gm__text_json(text, attr->text); break;
  }
}

bool gm__attr_is_initial(const gm__attr_row *row, const gm__attr *attr) {
  if (!row->initial) return false;
  if (strcmp(row->initial, "null") == 0) return !attr->given;
  if (!attr->given) return false;
  char one[128];
  gm__text text = gm__text_into(one, sizeof one);
  gm__attr_text(row, attr, NULL, false, &text);
  size_t length = gm__text_end(&text);
  double initial, value;
  int64_t integer;
  if (row->type == GM__ATTR_NUMBER &&
      gm__number_read(row->initial, strlen(row->initial), &integer, &initial)) {
    value = attr->number;
    return memcmp(&initial, &value, sizeof value) == 0;
  }
  return length < sizeof one && strcmp(one, row->initial) == 0;
}
