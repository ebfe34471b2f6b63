/* SPDX-License-Identifier: MIT
 *
 * The model's movements of one operand: orders of axes, other dims, rules axis by axis, slices, structures.
 */
#include "model/model.h"
#include "support/places.h"

#include <stdlib.h>
#include <string.h>

/* ---- transpose, permute_dimensions ---- */

bool model_permutation(const call *c, field *out) {
  const field *x = c->in[0];
  int64_t pattern[FIELD_RANK], dims[FIELD_RANK], index[FIELD_RANK] = {0}, from[FIELD_RANK], at = 0;
  int given = attribute_integers(c->attributes, "pattern", pattern, FIELD_RANK);
  if (given >= 0 && given != x->rank) return false;
  for (int a = 0; a < x->rank && given < 0; a++) pattern[a] = x->rank - 1 - a;
  for (int a = 0; a < x->rank; a++) {
    if (pattern[a] < 0) pattern[a] += x->rank;
    dims[a] = x->dims[pattern[a]];
  }
  *out = field_new(x->dtype, x->rank, dims);
  if (x->count == 0) return true;
  do {
    for (int a = 0; a < x->rank; a++) from[pattern[a]] = index[a];
    out->at[at++] = x->at[field_offset(x, from)];
  } while (next_index(x->rank, dims, index));
  return true;
}

/* ---- diag_part ---- */

bool model_diagonal(const call *c, field *out) {
  const field *x = c->in[0];
  int64_t dims[FIELD_RANK], at = 0;
  if (x->rank < 2) return false;
  int64_t rows = x->dims[x->rank - 2], columns = x->dims[x->rank - 1];
  int64_t length = rows < columns ? rows : columns;
  memcpy(dims, x->dims, sizeof dims);
  dims[x->rank - 2] = length;
  *out = field_new(x->dtype, x->rank - 1, dims);
  for (int64_t first = 0; at < out->count; first += rows * columns)
    for (int64_t i = 0; i < length; i++) out->at[at++] = x->at[first + i * (columns + 1)];
  return true;
}

/* ---- Other dims ---- */

static int64_t written_dims(const call *c, int64_t *dims, int *rank) {
  int64_t count = 1, open = -1;
  *rank = attribute_integers(c->attributes, "shape", dims, FIELD_RANK);
  for (int a = 0; a < *rank; a++) {
    if (dims[a] < 0) open = a;
    if (dims[a] >= 0) count *= dims[a];
  }
  if (open >= 0) dims[open] = count == 0 ? 0 : c->in[0]->count / count;
  return open >= 0 ? count * dims[open] : count;
}

static bool new_axis(const call *c, int64_t *dims, int *rank) {
  const field *x = c->in[0];
  int64_t axis = attribute_integer(c->attributes, "axis", -1);
  if (axis < 0) axis += x->rank + 1;
  if (axis < 0 || axis > x->rank) return false;
  memmove(&dims[axis + 1], &dims[axis], (size_t)(x->rank - axis) * sizeof *dims);
  dims[axis] = 1;
  *rank = x->rank + 1;
  return true;
}

static bool less_axis(const call *c, int64_t *dims, int *rank) {
  const field *x = c->in[0];
  int64_t axis = attribute_integer(c->attributes, "axis", 0);
  if (axis < 0) axis += x->rank;
  if (axis < 0 || axis >= x->rank || dims[axis] != 1) return false;
  memmove(&dims[axis], &dims[axis + 1], (size_t)(x->rank - axis - 1) * sizeof *dims);
  *rank = x->rank - 1;
  return true;
}

static void flat(const call *c, int64_t *dims, int *rank) {
  const field *x = c->in[0];
  bool batch = strcmp(c->op, "batch_flatten") == 0;
  int64_t rest = 1;
  for (int a = batch; a < x->rank; a++) rest *= x->dims[a];
  if (batch) dims[0] = x->rank > 0 ? x->dims[0] : 1;
  dims[batch] = rest;
  *rank = batch + 1;
}

bool model_reshape(const call *c, field *out) {
  const field *x = c->in[0];
  int64_t dims[FIELD_RANK + 1];
  int rank = x->rank;
  memcpy(dims, x->dims, sizeof x->dims);
  if (strcmp(c->op, "expand_dims") == 0) {
    if (rank == FIELD_RANK || !new_axis(c, dims, &rank)) return false;
  } else if (strcmp(c->op, "squeeze") == 0) {
    if (!less_axis(c, dims, &rank)) return false;
  } else if (strcmp(c->op, "reshape") == 0) {
    if (written_dims(c, dims, &rank) != x->count) return false;
  } else {
    flat(c, dims, &rank);
  }
  *out = field_new(x->dtype, rank, dims);
  memcpy(out->at, x->at, (size_t)x->count * sizeof *x->at);
  return true;
}

/* ---- By rules ---- */

/* The elements under `full` dims, one for each axis of x; the result's own dims may leave out or add some of
 * length 1. */
static void by_rules(
    const field *x, const rule *rules, const int64_t *full, int rank, const int64_t *dims, field *out) {
  int64_t index[FIELD_RANK] = {0}, at = 0;
  *out = field_new(x->dtype, rank, dims);
  if (out->count == 0) return;
  do out->at[at++] = x->at[rules_place(rules, x->rank, x->dims, index)];
  while (next_index(x->rank, full, index));
}

static bool tile_rules(const call *c, int64_t *dims) {
  int64_t times[FIELD_RANK];
  int given = attribute_integers(c->attributes, "n", times, FIELD_RANK);
  if (given != c->in[0]->rank) return false;
  for (int a = 0; a < given; a++) dims[a] *= times[a];
  return true;
}

static bool repeat_rules(const call *c, rule *rules, int64_t *dims) {
  int64_t times = attribute_integer(c->attributes, "rep", 1),
          axis = attribute_integer(c->attributes, "axis", 0);
  if (axis < 0) axis += c->in[0]->rank;
  if (axis < 0 || axis >= c->in[0]->rank) return false;
  dims[axis] *= times;
  rules[axis].each = times > 0 ? times : 1;
  return true;
}

static void reverse_rules(const call *c, rule *rules) {
  bool over[FIELD_RANK];
  call_axes(c, "axes", ALL_AXES, over);
  for (int a = 0; a < c->in[0]->rank; a++)
    if (over[a]) rules[a] = (rule){c->in[0]->dims[a] - 1, -1, 1};
}

bool model_rules(const call *c, field *out) {
  const field *x = c->in[0];
  rule rules[FIELD_RANK];
  int64_t dims[FIELD_RANK];
  bool fits = true;
  memcpy(dims, x->dims, sizeof dims);
  for (int a = 0; a < FIELD_RANK; a++) rules[a] = plain_rule;
  if (strcmp(c->op, "tile") == 0)
    fits = tile_rules(c, dims);
  else if (strcmp(c->op, "reverse") == 0)
    reverse_rules(c, rules);
  else
    fits = repeat_rules(c, rules, dims);
  if (fits) by_rules(x, rules, dims, x->rank, dims, out);
  return fits;
}

/* ---- index ---- */

#define INDEX_TEXT 256

/** Where the walk over an index's items stands; new axes may be more than an array's. */
typedef struct indexing {
  const field *x;
  rule rules[FIELD_RANK];
  int64_t full[FIELD_RANK], dims[FIELD_RANK + INDEX_TEXT];
  int axis, rank;
} indexing;

static void whole_axes(indexing *way, int until) {
  for (; way->axis < until; way->axis++) {
    way->rules[way->axis] = plain_rule;
    way->full[way->axis] = way->dims[way->rank++] = way->x->dims[way->axis];
  }
}

static int64_t bound_at(const char **at) {
  char *end;
  *at += strspn(*at, " ");
  int64_t value = strtoll(*at, &end, 10);
  if (end == *at) return SLICE_OPEN;
  *at = end;
  return value;
}

static bool take_item(indexing *way, const char *item) {
  int64_t first = bound_at(&item), axis_length = way->x->dims[way->axis];
  if (*item != ':') {
    if (first < 0) first += axis_length;
    way->full[way->axis] = 1;
    way->rules[way->axis++] = (rule){first, 1, 1};
    return first >= 0 && first < axis_length;
  }
  slice part = {first, SLICE_OPEN, 1};
  item++;
  part.stop = bound_at(&item);
  int64_t step = *item == ':' ? (item++, bound_at(&item)) : SLICE_OPEN;
  if (step != SLICE_OPEN) part.step = step;
  way->rules[way->axis] = slice_rule(&part, axis_length, &way->full[way->axis]);
  way->dims[way->rank++] = way->full[way->axis++];
  return true;
}

static int axes_after(const char *at) {
  int count = 0;
  for (at += strcspn(at, ","); *at != '\0'; at += strcspn(at, ",")) {
    at += 1 + strspn(at + 1, " ");
    count += *at != 'N' && *at != '\0';
  }
  return count;
}

static bool take_items(indexing *way, const char *at) {
  while (*at != '\0') {
    size_t length = strcspn(at, ",");
    if (*at == '.')
      whole_axes(way, way->x->rank - axes_after(at));
    else if (*at == 'N')
      way->dims[way->rank++] = 1;
    else if (way->axis >= way->x->rank || !take_item(way, at))
      return false;
    at += length;
    at += strspn(at, ", ");
  }
  whole_axes(way, way->x->rank);
  return true;
}

bool model_index(const call *c, field *out) {
  char text[INDEX_TEXT];
  indexing way = {.x = c->in[0]};
  attribute_word(c->attributes, "at", text, sizeof text);
  if (!take_items(&way, text) || way.rank > FIELD_RANK) return false;
  by_rules(way.x, way.rules, way.full, way.rank, way.dims, out);
  return true;
}

/* ---- assume ---- */

bool model_assume(const call *c, field *out) {
  const field *x = c->in[0];
  char structure[32];
  int64_t block = attribute_integer(c->attributes, "block", 1), n = x->rank == 2 ? x->dims[0] : -1;
  attribute_word(c->attributes, "structure", structure, sizeof structure);
  if (n < 0 || x->dims[1] != n) return false;
  *out = field_new(x->dtype, 2, x->dims);
  for (int64_t i = 0; i < x->count; i++) {
    int64_t place = structure_place(structure, block, n, i / n, i % n);
    if (place >= 0) out->at[i] = x->at[place];
  }
  return true;
}
