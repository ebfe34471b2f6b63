/* SPDX-License-Identifier: MIT
 *
 * reshape, expand_dims, squeeze: the same elements in the same order under other dims. A view where strides
 * can say it, otherwise one copy. */
#include "graph/lower.h"

enum { SHAPE = 0, AXIS = 0 };

static const gm__attr_row reshape_attrs[] = {
    {"shape", GM__ATTR_SHAPE, NULL, "the dims of the result; one of them may be -1: what remains", NULL}};
static const gm__attr_row expand_attrs[] = {
    {"axis", GM__ATTR_INTEGER, "-1", "where the new axis will be in the result", NULL}};
static const gm__attr_row squeeze_attrs[] = {
    {"axis", GM__ATTR_INTEGER, NULL, "the axis of length 1 to drop", NULL}};

/* ---- reshape ---- */

/** The two lists of dims without the symbolic ones that stand in both. */
typedef struct sides {
  gm__dim in[GM_MAX_RANK], out[GM_MAX_RANK];
  int in_count, out_count, unknown; /* unknown: where -1 stands, or -1 */
} sides;

static gm_status targets(gm__infer *c, gm__dim *dims) {
  const gm__attr *shape = &c->attrs[SHAPE];
  for (int i = 0; i < shape->count; i++) {
    dims[i] = shape->items[i];
    if (dims[i] != GM__DIM_AUTO) GM_TRY(gm__dim_resolve(c->dims, dims[i], &dims[i], c->error));
  }
  return GM_OK;
}

static bool cancelled(sides *s, gm__dim dim) {
  for (int i = 0; i < s->in_count && !gm__dim_known(dim); i++) {
    if (s->in[i] != dim) continue;
    s->in[i] = s->in[--s->in_count];
    return true;
  }
  return false;
}

static sides cancel(const gm__shape *from, const gm__dim *to, int count) {
  sides s = {.unknown = -1};
  for (int i = 0; i < from->rank; i++) s.in[s.in_count++] = from->dims[i];
  for (int i = 0; i < count; i++) {
    if (to[i] == GM__DIM_AUTO)
      s.unknown = i;
    else if (!cancelled(&s, to[i]))
      s.out[s.out_count++] = to[i];
  }
  return s;
}

static gm_status does_not_fit(gm__infer *c, const gm__dim *dims, int count, const gm_error *cause) {
  char from[200], to[160];
  gm__text text = gm__text_into(from, sizeof from);
  gm__infer_input_text(c, 0, &text);
  gm__text_end(&text);
  text = gm__text_into(to, sizeof to);
  gm__text_char(&text, '(');
  for (int i = 0; i < count; i++) {
    gm__text_add(&text, i ? ", " : "");
    if (dims[i] == GM__DIM_AUTO)
      gm__text_add(&text, "-1");
    else
      gm__dim_text(c->dims, dims[i], &text);
  }
  gm__text_add(&text, count == 1 ? ",)" : ")");
  gm__text_end(&text);
  return gm__infer_fail(
      c, GM_BAD_SHAPE, "%s has another number of elements than %s%s", from, to, gm__infer_reason(cause));
}

/** The length where -1 stands: all elements over the others. Beside a 0, where anything would do, 0. */
static gm_status remaining(gm__infer *c, gm__dim all, gm__dim others, gm__dim *out, gm_error *cause) {
  const gm__place place = {c->nodes[0], -1};
  gm__dim rest = 0;
  if (others == 0) {
    GM_TRY(gm__dims_equal(c->dims, all, 0, c->node, place, (gm__place){0, 0}, &c->namer, cause));
  } else {
    GM_TRY(gm__dims_multiple(c->dims, all, others, c->node, place, &c->namer, cause));
    GM_TRY(gm__dim_div(c->dims, all, others, &rest, cause));
  }
  *out = rest;
  return GM_OK;
}

/** No length is below 0, whatever is learnt of its symbols. */
static gm_status demand_lengths(const gm__infer *c) {
  const gm__attr *shape = &c->attrs[SHAPE];
  for (int i = 0; i < shape->count; i++) {
    if (shape->items[i] == GM__DIM_AUTO || gm__dim_known(shape->items[i])) continue;
    GM_TRY(gm__dims_at_least(
        c->dims, shape->items[i], 0, c->node, (gm__place){c->node, i}, &c->namer, c->error));
  }
  return GM_OK;
}

static gm_status infer_reshape(gm__infer *c) {
  gm__dim dims[GM_MAX_RANK], all, others;
  int count = c->attrs[SHAPE].count;
  GM_TRY(targets(c, dims));
  sides s = cancel(&c->shape[0], dims, count);
  GM_TRY(gm__dim_product(c->dims, s.in, s.in_count, &all, c->error));
  GM_TRY(gm__dim_product(c->dims, s.out, s.out_count, &others, c->error));
  const gm__place place = {c->nodes[0], -1};
  gm_error cause = {0};
  gm_status status = s.unknown >= 0 ? remaining(c, all, others, &dims[s.unknown], &cause)
                                    : gm__dims_equal(c->dims, all, others, c->node, place, (gm__place){0, 0},
                                          &c->namer, &cause);
  if (status == GM_BAD_SHAPE) return does_not_fit(c, dims, count, &cause);
  if (status) *c->error = cause;
  GM_TRY(status);
  GM_TRY(demand_lengths(c));
  c->out[0].dtype = c->dtype[0];
  c->out[0].rank = 0;
  for (int i = 0; i < count; i++) GM_TRY(gm__infer_push(c, dims[i]));
  return GM_OK;
}

/* ---- expand_dims, squeeze ---- */

static gm_status infer_expand(gm__infer *c) {
  int axis, rank = c->shape[0].rank + 1;
  GM_TRY(gm__infer_axis(c, 0, c->attrs[AXIS].given ? c->attrs[AXIS].integer : -1, rank, &axis));
  c->out[0].dtype = c->dtype[0];
  c->out[0].rank = 0;
  for (int i = 0; i < rank; i++) GM_TRY(gm__infer_push(c, i == axis ? 1 : c->shape[0].dims[i - (i > axis)]));
  return GM_OK;
}

static gm_status not_one(const gm__infer *c, int axis, const gm_error *cause) {
  char text[200], length[96];
  gm__text input = gm__text_into(text, sizeof text), one = gm__text_into(length, sizeof length);
  gm__dim dim = c->shape[0].dims[axis];
  gm__infer_input_text(c, 0, &input);
  gm__text_end(&input);
  gm__dim_text(c->dims, dim, &one);
  gm__text_end(&one);
  gm__infer_fail(
      c, GM_BAD_SHAPE, "%s axis %d has length %s, not 1%s", text, axis, length, gm__infer_reason(cause));
  gm__error_axes(c->error, axis, gm__dim_value(c->dims, dim), -1, 1);
  return GM_BAD_SHAPE;
}

static gm_status infer_squeeze(gm__infer *c) {
  int axis, rank = c->shape[0].rank;
  GM_TRY(gm__infer_axis(c, 0, c->attrs[AXIS].integer, rank, &axis));
  gm__place place = {c->nodes[0], axis};
  gm__dim dim = c->shape[0].dims[axis];
  gm_error cause = {0};
  gm_status status = gm__dims_equal(c->dims, dim, 1, c->node, place, (gm__place){0, 0}, &c->namer, &cause);
  if (status == GM_BAD_SHAPE) return not_one(c, axis, &cause);
  if (status) *c->error = cause;
  GM_TRY(status);
  c->out[0].dtype = c->dtype[0];
  c->out[0].rank = 0;
  for (int i = 0; i < rank; i++) {
    if (i != axis) GM_TRY(gm__infer_push(c, c->shape[0].dims[i]));
  }
  return GM_OK;
}

/* ---- all three ---- */

static gm_status lower(gm__lower *l) {
  gm__view view = l->in[0];
  GM_TRY(gm__lower_reshape(l, &view, l->out[0].rank, l->out[0].dims));
  l->out[0] = view;
  return GM_OK;
}

const gm__op gm__op_reshape = {
    .name = "reshape",
    .doc = "The same elements in the same order under other dims.",
    .formula = "out.flat[i] = x.flat[i]",
    .source = "tf.keras.backend.reshape",
    .inputs = "x",
    .kind = "view",
    .min_inputs = 1,
    .max_inputs = 1,
    .results = 1,
    .flags = GM__VIEW,
    .laws = GM__KEEPS | GM__RESHAPES,
    .attrs = reshape_attrs,
    .attr_count = 1,
    .example = "{reshape: x, shape: [-1]}",
    .infer = infer_reshape,
    .along = gm__along_reshape,
    .lower = lower,
};

const gm__op gm__op_expand_dims = {
    .name = "expand_dims",
    .doc = "A new axis of length 1.",
    .formula = "out[..., 0, ...] = x[..., ...]",
    .source = "tf.keras.backend.expand_dims",
    .inputs = "x",
    .kind = "view",
    .min_inputs = 1,
    .max_inputs = 1,
    .results = 1,
    .flags = GM__VIEW,
    .laws = GM__KEEPS | GM__RESHAPES,
    .attrs = expand_attrs,
    .attr_count = 1,
    .infer = infer_expand,
    .along = gm__along_reshape,
    .lower = lower,
};

const gm__op gm__op_squeeze = {
    .name = "squeeze",
    .doc = "Drops an axis of length 1.",
    .formula = "out[..., ...] = x[..., 0, ...]",
    .source = "tf.keras.backend.squeeze",
    .inputs = "x",
    .kind = "view",
    .min_inputs = 1,
    .max_inputs = 1,
    .results = 1,
    .flags = GM__VIEW,
    .laws = GM__KEEPS | GM__RESHAPES,
    .attrs = squeeze_attrs,
    .attr_count = 1,
    .example = "{squeeze: {expand_dims: x, axis: 0}, axis: 0}",
    .infer = infer_squeeze,
    .along = gm__along_reshape,
    .lower = lower,
};
