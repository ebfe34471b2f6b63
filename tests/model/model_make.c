/* SPDX-License-Identifier: MIT
 *
 * The model's operations that join operands, choose by indices, and make values from nothing. */
#include "model/model.h"

#include <string.h>

/* ---- concatenate, stack ---- */

static bool joins(const call *c, bool stacks, int axis) {
  for (int i = 1; i < c->count; i++) {
    if (c->in[i]->rank != c->in[0]->rank || c->in[i]->dtype != c->in[0]->dtype) return false;
    for (int a = 0; a < c->in[0]->rank; a++)
      if ((stacks || a != axis) && c->in[i]->dims[a] != c->in[0]->dims[a]) return false;
  }
  return true;
}

bool model_joined(const call *c, field *out) {
  const field *x = c->in[0];
  bool stacks = strcmp(c->op, "stack") == 0;
  int rank = x->rank + stacks, axis = (int)attribute_integer(c->attributes, "axis", stacks ? 0 : -1);
  int64_t dims[FIELD_RANK], inner = 1, at = 0;
  if (axis < 0) axis += rank;
  if (axis < 0 || axis >= rank || rank > FIELD_RANK || !joins(c, stacks, axis)) return false;
  for (int a = 0; a < rank; a++) dims[a] = a == axis ? 0 : x->dims[stacks && a > axis ? a - 1 : a];
  for (int i = 0; i < c->count; i++) dims[axis] += stacks ? 1 : c->in[i]->dims[axis];
  for (int a = axis + 1; a < rank; a++) inner *= dims[a];
  *out = field_new(x->dtype, rank, dims);
  for (int64_t outer = 0; at < out->count; outer++)
    for (int i = 0; i < c->count; i++) {
      int64_t count = (stacks ? 1 : c->in[i]->dims[axis]) * inner;
      memcpy(&out->at[at], c->in[i]->at + outer * count, (size_t)count * sizeof *out->at);
      at += count;
    }
  return true;
}

/* ---- repeat ---- */

bool model_repeat(const call *c, field *out) {
  const field *x = c->in[0];
  int64_t times = attribute_integer(c->attributes, "n", 1);
  if (x->rank != 2) return false;
  *out = field_new(x->dtype, 3, (int64_t[]){x->dims[0], times, x->dims[1]});
  for (int64_t i = 0; i < out->count; i++)
    out->at[i] = x->at[i / (times * x->dims[1]) * x->dims[1] + i % x->dims[1]];
  return true;
}

/* ---- gather, one_hot ---- */

static bool in_range(const field *indices, int64_t length) {
  for (int64_t i = 0; i < indices->count; i++)
    if (!is_known(indices->at[i]) || indices->at[i].whole < 0 || indices->at[i].whole >= length) return false;
  return true;
}

bool model_gather(const call *c, field *out) {
  const field *x = c->in[0], *indices = c->in[1];
  int64_t dims[2 * FIELD_RANK], row = 1;
  if (x->rank == 0 || !dtype_is_whole(indices->dtype) || indices->dtype == GM_BOOL) return false;
  if (!in_range(indices, x->dims[0]) || indices->rank + x->rank - 1 > FIELD_RANK) return false;
  memcpy(dims, indices->dims, sizeof indices->dims);
  for (int a = 1; a < x->rank; a++) row *= dims[indices->rank + a - 1] = x->dims[a];
  *out = field_new(x->dtype, indices->rank + x->rank - 1, dims);
  for (int64_t i = 0; i < out->count; i++) out->at[i] = x->at[indices->at[i / row].whole * row + i % row];
  return true;
}

bool model_one_hot(const call *c, field *out) {
  const field *indices = c->in[0];
  int64_t dims[FIELD_RANK], classes = attribute_integer(c->attributes, "num_classes", 0);
  if (indices->rank == FIELD_RANK || !dtype_is_whole(indices->dtype)) return false;
  memcpy(dims, indices->dims, sizeof dims);
  dims[indices->rank] = classes;
  *out = field_new(GM_FLOAT32, indices->rank + 1, dims);
  for (int64_t i = 0; i < out->count; i++) {
    known index = indices->at[i / classes];
    out->at[i] = is_known(index) ? known_real(index.whole == i % classes) : known_nothing();
  }
  return true;
}

/* ---- From nothing ---- */

static known constant(gm_dtype dtype, double value) {
  if (dtype == GM_BOOL) return known_whole(value != 0);
  return dtype_is_whole(dtype) ? known_whole((int64_t)value) : known_real(value);
}

static void fill_range(const call *c, field *out) {
  double start = attribute_number(c->attributes, "start", 0),
         step = attribute_number(c->attributes, "step", 1);
  bool lone = attribute_value(c->attributes, "stop") == NULL;
  double stop = attribute_number(c->attributes, "stop", fmax(start, 0));
  if (lone) start = 0;
  int64_t count = (int64_t)ceil((stop - start) / step);
  *out = field_new(attribute_dtype(c->attributes, "dtype", GM_INT32), 1, &count);
  for (int64_t i = 0; i < count; i++) out->at[i] = constant(out->dtype, start + (double)i * step);
}

static void fill_eye(const call *c, field *out) {
  int64_t n = attribute_integer(c->attributes, "size", 0);
  *out = field_new(attribute_dtype(c->attributes, "dtype", GM_FLOAT32), 2, (int64_t[]){n, n});
  for (int64_t i = 0; i < n; i++) out->at[i * (n + 1)] = constant(out->dtype, 1);
}

bool model_fill(const call *c, field *out) {
  if (strcmp(c->op, "arange") == 0) {
    fill_range(c, out);
  } else if (strcmp(c->op, "eye") == 0) {
    fill_eye(c, out);
  } else {
    const field *x = c->in[0];
    *out = field_new(attribute_dtype(c->attributes, "dtype", x->dtype), x->rank, x->dims);
    for (int64_t i = 0; i < out->count; i++)
      out->at[i] = constant(out->dtype, strcmp(c->op, "ones_like") == 0);
  }
  for (int64_t i = 0; i < out->count; i++) out->at[i] = known_settled(out->at[i], out->dtype);
  return !dtype_is_complex(out->dtype);
}
