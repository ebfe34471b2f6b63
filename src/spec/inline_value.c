/* SPDX-License-Identifier: MIT
 *
 * Values that stand in the graph file: a number, or lists of equal lengths, nested as deep as the rank. The
 * lists are compared before memory is taken, so that it stays proportional to the text. They are written only
 * where reading them back gives the same bits, which leaves out NaNs with a payload. */
#include "spec/reader.h"

#include <string.h>

typedef struct reading {
  const gm__reader *r;
  const char *node;
  gm_dtype dtype;
  int rank;
  int64_t dims[GM_MAX_RANK];
  char *at; /* where the next element goes */
} reading;

/** The shape by the first element of each list. */
static gm_status read_shape(reading *c, const gm__value *value) {
  for (const gm__value *inner = value; inner && inner->kind == GM__VALUE_LIST;) {
    if (c->rank == GM_MAX_RANK) {
      return gm__reader_fail(c->r, inner->line, inner->column, c->node, GM_LIMIT,
          "lists are nested more than %d deep, the greatest rank", GM_MAX_RANK);
    }
    c->dims[c->rank++] = (int64_t)inner->count;
    inner = inner->count ? inner->items[0] : NULL;
  }
  return GM_OK;
}

static gm_status not_held(const reading *c, const gm__value *value) {
  char shown[96];
  gm__shown(value, shown);
  return gm__reader_fail(c->r, value->line, value->column, c->node, GM_BAD_ARGUMENT,
      "the value %s cannot be held by %s", shown, gm_dtype_name(c->dtype));
}

/** "1+2j": the one value that YAML has no number for. */
static gm_status read_complex(const reading *c, const gm__value *value) {
  gm_error unused;
  gm_tensor *element = gm_tensor_parse(value->text, c->dtype, &unused);
  bool good = element && element->rank == 0;
  if (good) memcpy(c->at, element->data, gm__dtype_bytes(c->dtype));
  gm_tensor_free(element);
  if (!element && unused.status == GM_NO_MEMORY) return gm__no_memory(c->r->error);
  return good ? GM_OK : not_held(c, value);
}

static bool read_scalar(const reading *c, const gm__value *value) {
  bool exact = gm__dtype_is_integer(c->dtype) || c->dtype == GM_BOOL;
  bool rounded = value->unsigned64 || value->too_large;
  if (gm__value_is_beyond(value) || (rounded && exact)) return false;
  if (value->kind == GM__VALUE_REAL) return gm__element_from_double(c->at, c->dtype, value->real);
  if (value->unsigned64) return gm__element_from_double(c->at, c->dtype, (double)(uint64_t)value->integer);
  if (value->kind == GM__VALUE_INTEGER) return gm__element_from_integer(c->at, c->dtype, value->integer);
  if (value->kind != GM__VALUE_BOOL || c->dtype != GM_BOOL) return false;
  return gm__element_from_integer(c->at, c->dtype, value->flag);
}

static gm_status read_element(reading *c, const gm__value *value) {
  bool complex = value->kind == GM__VALUE_STRING && gm__dtype_is_complex(c->dtype);
  gm_status status = complex ? read_complex(c, value) : read_scalar(c, value) ? GM_OK : not_held(c, value);
  c->at += gm__dtype_bytes(c->dtype);
  return status;
}

static gm_status ragged(const reading *c, const gm__value *value, int axis) {
  if (axis == c->rank) {
    return gm__reader_fail(c->r, value->line, value->column, c->node, GM_BAD_SYNTAX,
        "lists are nested unevenly: a list stands where a number is expected");
  }
  if (value->kind != GM__VALUE_LIST) {
    char shown[96];
    gm__shown(value, shown);
    return gm__reader_fail(c->r, value->line, value->column, c->node, GM_BAD_SYNTAX,
        "lists are nested unevenly: %s stands where a list of %lld is expected", shown,
        (long long)c->dims[axis]);
  }
  return gm__reader_fail(c->r, value->line, value->column, c->node, GM_BAD_SYNTAX,
      "lists are of unequal lengths: %zu, but the first of axis %d has %lld", value->count, axis,
      (long long)c->dims[axis]);
}

/** Are all lists as long as the first of their axis? Recursion is as deep as the rank. */
static gm_status check_lists(const reading *c, const gm__value *value, int axis) {
  bool list = value->kind == GM__VALUE_LIST;
  if (axis == c->rank) return list ? ragged(c, value, axis) : GM_OK;
  if (!list || (int64_t)value->count != c->dims[axis]) return ragged(c, value, axis);
  for (size_t i = 0; i < value->count; i++) GM_TRY(check_lists(c, value->items[i], axis + 1));
  return GM_OK;
}

static gm_status read_values(reading *c, const gm__value *value) {
  if (value->kind != GM__VALUE_LIST) return read_element(c, value);
  for (size_t i = 0; i < value->count; i++) GM_TRY(read_values(c, value->items[i]));
  return GM_OK;
}

gm_status gm__inline_read(
    const gm__reader *r, const gm__value *value, gm_dtype dtype, const char *node, gm_tensor **out) {
  reading c = {.r = r, .node = node, .dtype = dtype};
  GM_TRY(read_shape(&c, value));
  GM_TRY(check_lists(&c, value, 0));
  gm_tensor *tensor = gm__tensor_blank(dtype, c.rank, c.dims, r->error);
  if (!tensor) return gm__reader_at(r, value, node, r->error->status);
  c.at = tensor->data;
  gm_status status = read_values(&c, value);
  if (status)
    gm_tensor_free(tensor);
  else
    *out = tensor;
  return status;
}

/* ---- Writing ---- */

/** One element as it stands in a file: Python's form, but for truth values and complex numbers. */
static void element_form(gm__text *text, const char *element, gm_dtype dtype) {
  if (dtype == GM_BOOL) {
    gm__text_add(text, *element ? "true" : "false");
    return;
  }
  if (gm__dtype_is_complex(dtype)) gm__text_char(text, '"');
  gm__element_text(text, element, dtype);
  if (gm__dtype_is_complex(dtype)) gm__text_char(text, '"');
}

/** Reads the form of one element and compares bits; without memory for that the text fails. */
static bool comes_back(const char *form, const char *element, gm_dtype dtype, gm__text *text) {
  gm_error error = {.status = GM_OK};
  gm__reader r = {.error = &error};
  bool quoted = form[0] == '"';
  size_t length = strlen(form) - (quoted ? 2 : 0);
  const gm__value *value = gm__value_scalar(&r.arena, form + quoted, length, quoted, 1, 1);
  gm_tensor *tensor = NULL;
  gm_status status = value ? gm__inline_read(&r, value, dtype, NULL, &tensor) : GM_NO_MEMORY;
  bool same = status == GM_OK && memcmp(tensor->data, element, gm__dtype_bytes(dtype)) == 0;
  if (status == GM_NO_MEMORY) text->failed = true;
  gm_tensor_free(tensor);
  gm__arena_free(&r.arena);
  return same;
}

static bool write_element(const gm_tensor *tensor, int64_t index, gm__text *text) {
  char form[128];
  const char *element = (const char *)tensor->data + (size_t)index * gm__dtype_bytes(tensor->dtype);
  gm__text one = gm__text_into(form, sizeof form);
  element_form(&one, element, tensor->dtype);
  gm__text_end(&one);
  if (!comes_back(form, element, tensor->dtype, text)) return false;
  gm__text_add(text, form);
  return true;
}

/** The lists that begin, or end, at an element: one for each trailing axis that starts, or is full, there. */
static int edges_at(const gm_tensor *tensor, int64_t index) {
  int edges = 0;
  for (int axis = tensor->rank - 1; axis >= 0 && index % tensor->dims[axis] == 0; axis--) {
    index /= tensor->dims[axis];
    edges++;
  }
  return edges;
}

bool gm__inline_write(const gm_tensor *tensor, gm__text *text) {
  if (tensor->count == 0 || tensor->count > GM__INLINE_MOST) return false;
  for (int64_t i = 0; i < tensor->count; i++) {
    if (i) gm__text_add(text, ", ");
    gm__text_repeat(text, '[', (size_t)edges_at(tensor, i));
    if (!write_element(tensor, i, text)) return false;
    gm__text_repeat(text, ']', (size_t)edges_at(tensor, i + 1));
  }
  return true;
}
