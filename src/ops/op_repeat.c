/* SPDX-License-Identifier: MIT
 *
 * tile, repeat, repeat_elements, reverse: elements again, by strides where these can say it (an axis of
 * length 1, a new axis, a reversed one), otherwise by one copy. */
#include "graph/lower.h"

enum { N = 0, REP = 0, AXIS = 1, AXES = 0 };

static const gm__attr_row tile_attrs[] = {{"n", GM__ATTR_INTEGERS, NULL, "how often, for each axis", NULL}};
static const gm__attr_row repeat_attrs[] = {{"n", GM__ATTR_INTEGER, NULL, "how often", NULL}};
static const gm__attr_row elements_attrs[] = {
    {"rep", GM__ATTR_INTEGER, NULL, "how often each element", NULL},
    {"axis", GM__ATTR_INTEGER, NULL, "the axis along which to repeat", NULL},
};
static const gm__attr_row reverse_attrs[] = {{"axes", GM__ATTR_INTEGERS, NULL, "the axes to reverse", NULL}};

static gm_status check_times(const gm__infer *c, const char *attribute, int64_t times) {
  if (times >= 0) return GM_OK;
  return gm__infer_fail(
      c, GM_BAD_ARGUMENT, "attribute '%s' has %lld, but must be 0 or more", attribute, (long long)times);
}

/** As gm__lower_repeat, to a new buffer; a view where only axes of length 1 are repeated. */
static gm_status repeat(gm__lower *l, const int64_t *whole, const int64_t *each) {
  gm__view view = l->in[0];
  bool strided = true;
  for (int a = 0; a < view.rank; a++) strided = strided && (whole[a] * each[a] == 1 || view.dims[a] == 1);
  if (strided) {
    gm__view_broadcast(&view, l->out[0].rank, l->out[0].dims);
    l->out[0] = view;
    return GM_OK;
  }
  GM_TRY(gm__lower_new(l, &l->out[0]));
  return gm__lower_repeat(l, whole, each, &l->in[0], &l->out[0]);
}

/* ---- tile ---- */

static gm_status infer_tile(gm__infer *c) {
  const gm__attr *times = &c->attrs[N];
  if (times->count != c->shape[0].rank) {
    char text[200];
    gm__text one = gm__text_into(text, sizeof text);
    gm__infer_input_text(c, 0, &one);
    gm__text_end(&one);
    return gm__infer_fail(c, GM_BAD_SHAPE, "attribute 'n' has %d numbers, but %s has rank %d", times->count,
        text, c->shape[0].rank);
  }
  gm__infer_like(c, 0);
  for (int a = 0; a < times->count; a++) {
    gm__dim *dim = &c->out[0].dims[a];
    GM_TRY(check_times(c, "n", times->items[a]));
    GM_TRY(gm__dim_mul(c->dims, *dim, times->items[a], dim, c->error));
  }
  return GM_OK;
}

static gm_status lower_tile(gm__lower *l) {
  int64_t each[GM_MAX_RANK];
  for (int a = 0; a < GM_MAX_RANK; a++) each[a] = 1;
  return repeat(l, l->attrs[N].items, each);
}

static void along_tile(const gm__axes *c, int *out) {
  for (int a = 0; a < c->in.rank; a++) out[a] = c->attrs[N].items[a] == 1 ? a : -1;
}

const gm__op gm__op_tile = {
    .name = "tile",
    .doc = "The whole again and again, along each axis.",
    .formula = "out[i, j, ...] = x[i % x.shape[0], j % x.shape[1], ...]",
    .source = "tf.keras.backend.tile",
    .inputs = "x",
    .kind = "copy",
    .min_inputs = 1,
    .max_inputs = 1,
    .results = 1,
    .laws = GM__KEEPS,
    .attrs = tile_attrs,
    .attr_count = 1,
    .example = "{tile: x, n: [2, 1]}",
    .infer = infer_tile,
    .along = along_tile,
    .flops = gm__infer_no_flops,
    .lower = lower_tile,
};

/* ---- repeat ---- */

static gm_status ranks_repeat(const gm__infer *c) {
  if (c->shape[0].rank == 2) return GM_OK;
  return gm__infer_fail(c, GM_BAD_SHAPE, "'%s' has rank %d, but must have rank 2",
      c->namer.name(c->namer.context, c->nodes[0]), c->shape[0].rank);
}

static gm_status infer_repeat(gm__infer *c) {
  const gm__dim *x = c->shape[0].dims;
  GM_TRY(check_times(c, "n", c->attrs[N].integer));
  c->out[0] = (gm__result){c->dtype[0], 3, {x[0], c->attrs[N].integer, x[1]}};
  return GM_OK;
}

static gm_status lower_repeat(gm__lower *l) {
  const gm__view *x = &l->in[0];
  gm__view *out = &l->out[0];
  out->buffer = x->buffer;
  out->offset = x->offset;
  out->strides[0] = x->strides[0];
  out->strides[1] = 0;
  out->strides[2] = x->strides[1];
  return GM_OK;
}

static void along_repeat(const gm__axes *c, int *out) {
  (void)c;
  out[0] = 0;
  out[1] = 2;
}

const gm__op gm__op_repeat = {
    .name = "repeat",
    .doc = "Each row of a matrix n times.",
    .formula = "out[b, i, j] = x[b, j], i in [0, n)",
    .source = "tf.keras.backend.repeat",
    .inputs = "x",
    .kind = "view",
    .min_inputs = 1,
    .max_inputs = 1,
    .results = 1,
    .flags = GM__VIEW,
    .attrs = repeat_attrs,
    .attr_count = 1,
    .example = "{repeat: x, n: 3}",
    .ranks = ranks_repeat,
    .infer = infer_repeat,
    .along = along_repeat,
    .lower = lower_repeat,
};

/* ---- repeat_elements ---- */

static gm_status infer_elements(gm__infer *c) {
  int axis;
  GM_TRY(gm__infer_axis(c, 0, c->attrs[AXIS].integer, c->shape[0].rank, &axis));
  GM_TRY(check_times(c, "rep", c->attrs[REP].integer));
  gm__infer_like(c, 0);
  return gm__dim_mul(c->dims, c->out[0].dims[axis], c->attrs[REP].integer, &c->out[0].dims[axis], c->error);
}

static gm_status lower_elements(gm__lower *l) {
  int64_t whole[GM_MAX_RANK], each[GM_MAX_RANK], axis = l->attrs[AXIS].integer;
  for (int a = 0; a < GM_MAX_RANK; a++) whole[a] = each[a] = 1;
  each[axis < 0 ? axis + l->in[0].rank : axis] = l->attrs[REP].integer;
  return repeat(l, whole, each);
}

static void along_elements(const gm__axes *c, int *out) {
  int64_t axis = c->attrs[AXIS].integer;
  for (int a = 0; a < c->in.rank; a++) out[a] = a == axis || a == axis + c->in.rank ? -1 : a;
}

const gm__op gm__op_repeat_elements = {
    .name = "repeat_elements",
    .doc = "Each element along an axis several times.",
    .formula = "out[..., i, ...] = x[..., i // rep, ...]",
    .source = "tf.keras.backend.repeat_elements",
    .inputs = "x",
    .kind = "copy",
    .min_inputs = 1,
    .max_inputs = 1,
    .results = 1,
    .laws = GM__KEEPS,
    .attrs = elements_attrs,
    .attr_count = 2,
    .example = "{repeat_elements: x, rep: 2, axis: 0}",
    .infer = infer_elements,
    .along = along_elements,
    .flops = gm__infer_no_flops,
    .lower = lower_elements,
};

/* ---- reverse ---- */

static gm_status infer_reverse(gm__infer *c) {
  bool reversed[GM_MAX_RANK];
  GM_TRY(gm__infer_axes(c, AXES, reversed));
  gm__infer_like(c, 0);
  return GM_OK;
}

static gm_status lower_reverse(gm__lower *l) {
  gm__view view = l->in[0];
  for (int i = 0; i < l->attrs[AXES].count; i++) {
    int64_t item = l->attrs[AXES].items[i], axis = item < 0 ? item + view.rank : item;
    if (view.dims[axis] > 0) view.offset += (view.dims[axis] - 1) * view.strides[axis];
    view.strides[axis] = -view.strides[axis];
  }
  l->out[0] = view;
  return GM_OK;
}

static void along_reverse(const gm__axes *c, int *out) {
  for (int a = 0; a < c->in.rank; a++) out[a] = a;
  for (int i = 0; i < c->attrs[AXES].count; i++) {
    int64_t item = c->attrs[AXES].items[i];
    out[item < 0 ? item + c->in.rank : item] = -1;
  }
}

const gm__op gm__op_reverse = {
    .name = "reverse",
    .doc = "The elements along axes in the opposite order.",
    .formula = "out[..., i, ...] = x[..., x.shape[axis] - 1 - i, ...]",
    .source = "tf.keras.backend.reverse",
    .inputs = "x",
    .kind = "view",
    .min_inputs = 1,
    .max_inputs = 1,
    .results = 1,
    .flags = GM__VIEW,
    .laws = GM__INVOLUTORY,
    .attrs = reverse_attrs,
    .attr_count = 1,
    .example = "{reverse: x, axes: 0}",
    .infer = infer_reverse,
    .along = along_reverse,
    .lower = lower_reverse,
};
