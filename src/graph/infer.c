/* SPDX-License-Identifier: MIT
 *
 * What the infer functions of operations share: messages that name operation, inputs, shapes and axes, and
 * the demands on dtypes, axes and lengths. */
#include "graph/op.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SENTENCE 448

gm_status gm__infer_fail(const gm__infer *c, gm_status status, const char *format, ...) {
  char sentence[SENTENCE];
  va_list args;
  va_start(args, format);
  vsnprintf(sentence, sizeof sentence, format, args);
  va_end(args);
  gm__fail(c->error, status, "%s: %s", c->op->name, sentence);
  gm__error_node(c->error, c->name);
  return status;
}

void gm__infer_like(gm__infer *c, int input) {
  c->out[0].dtype = c->dtype[input];
  c->out[0].rank = c->shape[input].rank;
  memcpy(c->out[0].dims, c->shape[input].dims, (size_t)c->shape[input].rank * sizeof(gm__dim));
}

void gm__infer_input_text(const gm__infer *c, int input, gm__text *text) {
  gm__text_format(text, "'%s' ", c->namer.name(c->namer.context, c->nodes[input]));
  gm__shape_text(c->dims, c->shape[input], text);
}

static const char *input_text(const gm__infer *c, int input, char buffer[200]) {
  gm__text text = gm__text_into(buffer, 200);
  gm__infer_input_text(c, input, &text);
  gm__text_end(&text);
  return buffer;
}

static const char *name_of(const gm__infer *c, int input) {
  return c->namer.name(c->namer.context, c->nodes[input]);
}

gm_status gm__infer_same_dtype(const gm__infer *c) {
  int first = 0;
  while (first < c->count && !gm__op_shares_dtype(c->op, (size_t)first)) first++;
  for (int i = first + 1; i < c->count; i++) {
    if (c->dtype[i] == c->dtype[first] || !gm__op_shares_dtype(c->op, (size_t)i)) continue;
    const char *a = gm_dtype_name(c->dtype[first]), *b = gm_dtype_name(c->dtype[i]);
    return gm__infer_fail(c, GM_BAD_DTYPE,
        "the dtypes must be the same, but '%s' is %s and '%s' is %s: cast one of them, {cast: %s, dtype: %s}",
        name_of(c, first), a, name_of(c, i), b, name_of(c, i), a);
  }
  return GM_OK;
}

/** bool is told only when it is all: what is refused is no bool otherwise. */
static const char *kinds_name(unsigned kinds) {
  static const char *const names[] = {"bool", "an integer dtype", "a float dtype",
      "an integer or float dtype", "a complex dtype", "an integer or complex dtype",
      "a float or complex dtype", "an integer, float or complex dtype"};
  int integers = (kinds & (1u << GM__KIND_INT | 1u << GM__KIND_UINT)) ? 1 : 0;
  int floats = (kinds & 1u << GM__KIND_FLOAT) ? 2 : 0;
  int complexes = (kinds & 1u << GM__KIND_COMPLEX) ? 4 : 0;
  return names[integers + floats + complexes];
}

gm_status gm__infer_kinds(const gm__infer *c, int input) {
  gm_dtype dtype = c->dtype[input];
  if (!c->op->kinds || c->op->kinds & 1u << gm__dtype_row(dtype)->kind) return GM_OK;
  const char *to = c->op->kinds & GM__REAL_KINDS ? "float32" : "bool";
  return gm__infer_fail(c, GM_BAD_DTYPE, "'%s' is %s, but must be of %s: cast it, {cast: %s, dtype: %s}",
      name_of(c, input), gm_dtype_name(dtype), kinds_name(c->op->kinds), name_of(c, input), to);
}

static gm__place place(const gm__infer *c, int input, int axis) {
  return (gm__place){c->nodes[input], axis};
}

const char *gm__infer_reason(const gm_error *cause) {
  const char *whose = strstr(cause->message, ", while "), *learnt = strchr(cause->message, ';');
  return whose ? whose : learnt ? learnt : "";
}

/** Completes a message about two lengths with the operation and both inputs. */
static gm_status disagree(const gm__infer *c, const gm_error *cause, int i, int a, int j, int b) {
  char left[200], right[200];
  const char *reason = gm__infer_reason(cause);
  int head = (int)(strlen(cause->message) - strlen(reason));
  if (cause->status != GM_BAD_SHAPE) return gm__infer_fail(c, cause->status, "%s", cause->message);
  gm__infer_fail(c, GM_BAD_SHAPE, "%.*s: %s axis %d, %s axis %d%s", head, cause->message,
      input_text(c, i, left), a, input_text(c, j, right), b, reason);
  gm__error_axes(c->error, a, gm__dim_value(c->dims, c->shape[i].dims[a]), b,
      gm__dim_value(c->dims, c->shape[j].dims[b]));
  return GM_BAD_SHAPE;
}

gm_status gm__infer_matrix(const gm__infer *c) {
  char text[200];
  if (c->shape[0].rank >= 2) return GM_OK;
  gm__text input = gm__text_into(text, sizeof text);
  gm__infer_input_text(c, 0, &input);
  gm__text_end(&input);
  return gm__infer_fail(
      c, GM_BAD_SHAPE, "a matrix has rank 2 or more, but %s has rank %d", text, c->shape[0].rank);
}

gm_status gm__infer_equal(gm__infer *c, int i, int a, int j, int b) {
  gm_error cause = {0};
  gm_status status = gm__dims_equal(c->dims, c->written[i].dims[a], c->written[j].dims[b], c->node,
      place(c, i, a), place(c, j, b), &c->namer, &cause);
  return status ? disagree(c, &cause, i, a, j, b) : GM_OK;
}

static gm_status broadcast_axis(gm__infer *c, int input, int axis, int owner, int owner_axis, gm__dim *dim) {
  gm_error cause = {0};
  gm_status status = gm__dims_broadcast(c->dims, *dim, c->written[input].dims[axis], c->node,
      place(c, owner, owner_axis), place(c, input, axis), dim, &c->namer, &cause);
  return status ? disagree(c, &cause, owner, owner_axis, input, axis) : GM_OK;
}

static int leading_axes(const gm__infer *c, int input, int own) {
  return c->shape[input].rank > own ? c->shape[input].rank - own : 0;
}

gm_status gm__infer_broadcast_leading(gm__infer *c, int own) {
  gm__result *out = &c->out[0];
  int owner[GM_MAX_RANK];
  out->rank = 0;
  for (int i = 0; i < c->count; i++) {
    if (leading_axes(c, i, own) > out->rank) out->rank = leading_axes(c, i, own);
  }
  for (int a = 0; a < out->rank; a++) {
    owner[a] = -1;
    for (int i = 0; i < c->count; i++) {
      int axis = a - (out->rank - leading_axes(c, i, own));
      if (axis < 0) continue;
      gm__dim dim = c->shape[i].dims[axis];
      if (owner[a] < 0) {
        out->dims[a] = c->written[i].dims[axis];
      } else {
        int before = owner[a], owner_axis = a - (out->rank - leading_axes(c, before, own));
        GM_TRY(broadcast_axis(c, i, axis, before, owner_axis, &out->dims[a]));
      }
      if (owner[a] < 0 || (out->dims[a] == dim && dim != 1)) owner[a] = i;
    }
  }
  return GM_OK;
}

gm_status gm__infer_broadcast(gm__infer *c) {
  return gm__infer_broadcast_leading(c, 0);
}

gm_status gm__infer_axis(const gm__infer *c, int input, int64_t axis, int rank, int *out) {
  if (axis >= -rank && axis < rank) {
    *out = (int)(axis < 0 ? axis + rank : axis);
    return GM_OK;
  }
  char text[200];
  gm__infer_fail(c, GM_BAD_SHAPE, "axis %lld is out of range for %s: it is in [%d, %d)", (long long)axis,
      input_text(c, input, text), -rank, rank);
  gm__error_axes(c->error, axis >= INT32_MIN && axis <= INT32_MAX ? (int)axis : -1, -1, -1, -1);
  return GM_BAD_SHAPE;
}

gm_status gm__infer_axes(const gm__infer *c, int attr, bool axes[GM_MAX_RANK]) {
  const gm__attr *list = &c->attrs[attr];
  int rank = c->shape[0].rank;
  for (int a = 0; a < rank; a++) axes[a] = !list->given;
  for (int i = 0; list->given && i < list->count; i++) {
    int axis;
    GM_TRY(gm__infer_axis(c, 0, list->items[i], rank, &axis));
    if (axes[axis]) {
      return gm__infer_fail(
          c, GM_BAD_SHAPE, "attribute '%s' names axis %d twice", c->op->attrs[attr].name, axis);
    }
    axes[axis] = true;
  }
  return GM_OK;
}

gm_status gm__infer_push(gm__infer *c, gm__dim dim) {
  if (c->out[0].rank == GM_MAX_RANK) {
    return gm__infer_fail(c, GM_LIMIT, "the result's rank would exceed %d", GM_MAX_RANK);
  }
  c->out[0].dims[c->out[0].rank++] = dim;
  return GM_OK;
}

gm_status gm__infer_no_flops(gm__infer *c, gm__dim *flops) {
  (void)c;
  *flops = 0;
  return GM_OK;
}

/** From `at` on, in steps, the next axis that is not of length 1. */
static int next_axis(gm__shape shape, int at, int step) {
  while (at >= 0 && at < shape.rank && shape.dims[at] == 1) at += step;
  return at;
}

void gm__along_reshape(const gm__axes *c, int *along) {
  for (int a = 0; a < c->in.rank; a++) along[a] = -1;
  for (int step = 1; step >= -1; step -= 2) {
    int in = step > 0 ? 0 : c->in.rank - 1, out = step > 0 ? 0 : c->out.rank - 1;
    for (;; in += step, out += step) {
      in = next_axis(c->in, in, step);
      out = next_axis(c->out, out, step);
      bool there = in >= 0 && in < c->in.rank && out >= 0 && out < c->out.rank && along[in] < 0;
      if (!there || c->in.dims[in] < 0 || c->in.dims[in] != c->out.dims[out]) break;
      along[in] = out;
    }
  }
}
