/* SPDX-License-Identifier: MIT
 *
 * The forms that stand in several places of a graph file: mappings with known keys, texts, numbers, seeds,
 * dtypes and shapes. A wrong type, an unknown word and a malformed dim are GM_BAD_ARGUMENT at their own
 * place. */
#include "spec/reader.h"

#include <string.h>

static gm_status mistyped(
    const gm__reader *r, const gm__value *value, const char *key, const char *wanted, const char *node) {
  char shown[96];
  gm__shown(value, shown);
  return gm__reader_fail(
      r, value->line, value->column, node, GM_BAD_ARGUMENT, "'%s' is %s, not %s", key, wanted, shown);
}

gm_status gm__form_unknown_key(const gm__reader *r, const gm__entry *entry, const char *const *known,
    size_t count, const char *what, const char *node) {
  char near[160];
  gm__near_text(gm_closest(entry->key, known, count), near);
  return gm__reader_fail(r, entry->line, entry->column, node, GM_BAD_ARGUMENT, "unknown key '%.80s' of %s%s",
      entry->key, what, near);
}

static bool is_among(const char *word, const char *const *words, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (strcmp(word, words[i]) == 0) return true;
  }
  return false;
}

gm_status gm__form_keys(const gm__reader *r, const gm__value *map, const char *const *known, size_t count,
    const char *what, const char *node) {
  if (map->kind == GM__VALUE_NULL) return GM_OK;
  if (map->kind != GM__VALUE_MAP) {
    char shown[96];
    gm__shown(map, shown);
    return gm__reader_fail(
        r, map->line, map->column, node, GM_BAD_ARGUMENT, "%s is a mapping, not %s", what, shown);
  }
  for (size_t i = 0; i < map->count; i++) {
    if (is_among(map->entries[i].key, known, count)) continue;
    return gm__form_unknown_key(r, &map->entries[i], known, count, what, node);
  }
  return GM_OK;
}

gm_status gm__form_text(
    const gm__reader *r, const gm__value *value, const char *key, const char *node, const char **out) {
  *out = NULL;
  if (!value || value->kind == GM__VALUE_NULL) return GM_OK;
  if (value->kind != GM__VALUE_STRING) return mistyped(r, value, key, "a text", node);
  *out = value->text;
  return GM_OK;
}

gm_status gm__form_number(
    const gm__reader *r, const gm__value *value, const char *key, const char *node, double *out) {
  if (!value || value->kind == GM__VALUE_NULL) return GM_OK;
  if (value->unsigned64)
    *out = (double)(uint64_t)value->integer;
  else if (value->kind == GM__VALUE_INTEGER)
    *out = (double)value->integer;
  else if (gm__value_is_beyond(value))
    return gm__reader_fail(r, value->line, value->column, node, GM_BAD_ARGUMENT,
        "'%s' is %.60s, which no number can hold", key, value->text);
  else if (value->kind == GM__VALUE_REAL)
    *out = value->real;
  else
    return mistyped(r, value, key, "a number", node);
  return GM_OK;
}

gm_status gm__form_seed(const gm__reader *r, const gm__value *value, const char *node, uint64_t *out) {
  if (!value || value->kind == GM__VALUE_NULL) return GM_OK;
  bool good = value->kind == GM__VALUE_INTEGER && (value->integer >= 0 || value->unsigned64);
  if (!good) return mistyped(r, value, "seed", "an integer from 0 to 18446744073709551615", node);
  *out = (uint64_t)value->integer;
  return GM_OK;
}

gm_status gm__form_dtype(const gm__reader *r, const gm__value *value, const char *node, gm_dtype *out) {
  if (!value || value->kind == GM__VALUE_NULL) return GM_OK;
  if (value->kind != GM__VALUE_STRING) return mistyped(r, value, "dtype", "the name of a dtype", node);
  if (gm__dtype_named(value->text, value->count, out)) return GM_OK;
  const char *names[GM__DTYPES];
  char near[160];
  for (int i = 0; i < GM__DTYPES; i++) names[i] = gm_dtype_name((gm_dtype)i);
  gm__near_text(gm_closest(value->text, names, GM__DTYPES), near);
  return gm__reader_fail(
      r, value->line, value->column, node, GM_BAD_ARGUMENT, "unknown dtype '%.60s'%s", value->text, near);
}

/* ---- Shapes ---- */

/** A dim that cannot be read, also one that is too large, is the file's mistake. */
static gm_status dim_failed(const gm__reader *r, const gm__value *value, const char *node, gm_status status) {
  if (status == GM_OK || status == GM_NO_MEMORY) return status;
  r->error->line = 0;
  if (status == GM_LIMIT) r->error->status = GM_BAD_ARGUMENT;
  gm__reader_at(r, value, node, status);
  return r->error->status;
}

static gm_status check_dim(const gm__reader *r, const gm__value *item, const char *node) {
  bool scalar = item->kind == GM__VALUE_INTEGER || item->kind == GM__VALUE_STRING;
  if (!scalar)
    return mistyped(r, item, "shape", "a list of dims: integers >= 0, symbols, \"?\", arithmetic", node);
  gm__dims *dims = r->graph->dims;
  gm__dims_mark mark = gm__dims_now(dims);
  gm__dim unused;
  gm_status status = gm__dim_read(dims, item->text, strlen(item->text), &unused, r->error);
  gm__dims_rewind(dims, mark);
  return dim_failed(r, item, node, status);
}

static size_t count_commas(const char *text) {
  size_t count = 0;
  for (; *text; text++) count += *text == ',';
  return count;
}

static gm_status check_shape_text(const gm__reader *r, const gm__value *value, const char *node) {
  gm__dims *dims = r->graph->dims;
  gm__dims_mark mark = gm__dims_now(dims);
  gm__dim unused[GM_MAX_RANK];
  int rank;
  gm_status status = gm__shape_read(dims, value->text, false, &rank, unused, r->error);
  gm__dims_rewind(dims, mark);
  bool rank_limit = status == GM_LIMIT && count_commas(value->text) >= GM_MAX_RANK;
  return rank_limit ? gm__reader_at(r, value, node, status) : dim_failed(r, value, node, status);
}

/** A single dim in parentheses is followed by a comma, so that they are not taken for a tuple's. */
static gm_status join_dims(gm__reader *r, const gm__value *list, const char **out) {
  gm__text text = gm__text_growing();
  for (size_t i = 0; i < list->count; i++) {
    if (i) gm__text_add(&text, ", ");
    gm__text_add(&text, list->items[i]->text);
  }
  bool single = list->count == 1 && strchr(list->items[0]->text, '(');
  if (single) gm__text_char(&text, ',');
  size_t length = gm__text_end(&text);
  char *kept = text.failed ? NULL : gm__arena_text(&r->arena, text.data, length);
  gm__text_free(&text);
  *out = kept;
  return kept ? GM_OK : gm__no_memory(r->error);
}

gm_status gm__form_shape(gm__reader *r, const gm__value *value, const char *node, const char **out) {
  if (value->kind == GM__VALUE_STRING) {
    *out = value->text;
    return check_shape_text(r, value, node);
  }
  if (value->kind != GM__VALUE_LIST) return mistyped(r, value, "shape", "a list of dims", node);
  if (value->count > GM_MAX_RANK) {
    return gm__reader_fail(r, value->line, value->column, node, GM_LIMIT, "the rank is at most %d, not %zu",
        GM_MAX_RANK, value->count);
  }
  for (size_t i = 0; i < value->count; i++) GM_TRY(check_dim(r, value->items[i], node));
  return join_dims(r, value, out);
}
