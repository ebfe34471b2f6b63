/* SPDX-License-Identifier: MIT
 *
 * Values of symbols: one slot a symbol, of which the root of its class counts; -1 where there is none. */
#include "shape/dim_table.h"

#include <string.h>

bool gm__values_reserve(gm__values *values, const gm__dims *dims) {
  size_t count = dims->symbols.count > 0 ? dims->symbols.count : 1;
  if (values->capacity >= count) return true;
  int64_t *value = gm__realloc(values->value, count, sizeof *value);
  if (value == NULL) return false;
  values->value = value;
  gm__place *place = gm__realloc(values->place, count, sizeof *place);
  if (place == NULL) return false;
  values->place = place;
  for (size_t i = values->capacity; i < count; i++) {
    value[i] = -1;
    place[i] = (gm__place){0, -1};
  }
  values->capacity = count;
  return true;
}

void gm__values_free(gm__values *values) {
  gm__free(values->value);
  gm__free(values->place);
  *values = (gm__values){NULL, NULL, 0};
}

void gm__values_clear(gm__values *values, const gm__dims *dims) {
  (void)dims;
  for (size_t i = 0; i < values->capacity; i++) {
    values->value[i] = -1;
    values->place[i] = (gm__place){0, -1};
  }
}

static const char *nearest(const gm__dims *dims, const char *name, size_t length) {
  char word[GM__DIM_NAME + 1];
  size_t count = dims->named.count;
  const char **names = gm__alloc(count + 1, sizeof *names);
  if (names == NULL) return NULL;
  for (size_t i = 0; i < count; i++) names[i] = gm__symbol_name(dims, i);
  length = length < GM__DIM_NAME ? length : GM__DIM_NAME;
  memcpy(word, name, length);
  word[length] = '\0';
  const char *near = gm_closest(word, names, count);
  gm__free(names);
  return near;
}

static gm_status no_such(const gm__dims *dims, const char *name, size_t length, gm_error *error) {
  const char *near = nearest(dims, name, length);
  int shown = length < GM__DIM_NAME ? (int)length : GM__DIM_NAME;
  if (near == NULL) GM_FAIL(error, GM_BAD_ARGUMENT, "there is no dim '%.*s'", shown, name);
  GM_FAIL(error, GM_BAD_ARGUMENT, "there is no dim '%.*s'; did you mean '%s'?", shown, name, near);
}

static gm_status known_other(const gm__dims *dims, uint32_t symbol, int64_t known, int64_t value,
    const gm__namer *namer, gm_error *error) {
  char buffer[512];
  gm__text text = gm__text_into(buffer, sizeof buffer);
  gm__text_format(&text, "the dim '%s' is %lld, not %lld", gm__say_symbol(dims, symbol), (long long)known,
      (long long)value);
  gm__say_learnt(dims, gm__symbol_at(dims, symbol)->word, namer, &text);
  gm__text_end(&text);
  GM_FAIL(error, GM_BAD_SHAPE, "%s", buffer);
}

gm_status gm__values_set(gm__values *values, const gm__dims *dims, const char *name, size_t length,
    int64_t value, const gm__namer *namer, gm_error *error) {
  uint32_t symbol = gm__symbol_find(dims, name, length);
  if (symbol == GM__NONE) return no_such(dims, name, length, error);
  if (value < 0)
    GM_FAIL(error, GM_BAD_ARGUMENT, "the dim '%s' cannot be %lld", gm__say_symbol(dims, symbol),
        (long long)value);
  uint32_t root = gm__symbol_root(dims, symbol);
  int64_t known = gm__dim_value(dims, gm__symbol_at(dims, symbol)->word);
  if (known < 0) known = gm__values_at(values, root);
  if (known >= 0 && known != value) return known_other(dims, symbol, known, value, namer, error);
  if (root >= values->capacity)
    GM_FAIL(error, GM_BAD_ARGUMENT, "values were reserved for %zu dims only", values->capacity);
  values->value[root] = value;
  values->place[root] = (gm__place){0, -1};
  return GM_OK;
}
