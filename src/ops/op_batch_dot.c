/* SPDX-License-Identifier: MIT
 *
 * batch_dot: a product for each index of the first axis, over one axis of x and one of y. The other axes
 * follow in their order; two matrices give (batch, 1). A batch of 1 is not broadcast. */
#include "graph/lower.h"

enum { AXES };

static const gm__attr_row attrs[] = {{"axes", GM__ATTR_INTEGERS, "null",
    "the axis of x and that of y to sum over, or one for both; x's last and y's last but one (last of rank "
    "2) when null",
    NULL}};

static gm_status ranks(const gm__infer *c) {
  for (int i = 0; i < 2; i++) {
    if (c->shape[i].rank >= 2) continue;
    char text[200];
    gm__text one = gm__text_into(text, sizeof text);
    gm__infer_input_text(c, i, &one);
    gm__text_end(&one);
    return gm__infer_fail(
        c, GM_BAD_SHAPE, "%s has rank %d, but must have rank 2 or more", text, c->shape[i].rank);
  }
  return GM_OK;
}

/** The axis of input i that is summed over, as written. */
static int64_t chosen(const gm__attr *axes, int i, int rank) {
  if (axes->given) return axes->items[axes->count == 2 ? i : 0];
  return i == 0 || rank == 2 ? rank - 1 : rank - 2;
}

static int inner_axis(const gm__attr *axes, int i, int rank) {
  int64_t axis = chosen(axes, i, rank);
  return (int)(axis < 0 ? axis + rank : axis);
}

static gm_status check_axis(const gm__infer *c, int i) {
  int axis, rank = c->shape[i].rank;
  GM_TRY(gm__infer_axis(c, i, chosen(&c->attrs[AXES], i, rank), rank, &axis));
  if (axis > 0) return GM_OK;
  return gm__infer_fail(c, GM_BAD_SHAPE,
      "attribute 'axes' names axis 0 of %s, which is the batch: expand_dims with axis 0 "
      "adds one",
      i == 0 ? "x" : "y");
}

static gm_status push_others(gm__infer *c, int i) {
  const gm__shape *shape = &c->shape[i];
  int inner = inner_axis(&c->attrs[AXES], i, shape->rank);
  for (int a = 1; a < shape->rank; a++) {
    if (a != inner) GM_TRY(gm__infer_push(c, shape->dims[a]));
  }
  return GM_OK;
}

static gm_status infer(gm__infer *c) {
  const gm__attr *axes = &c->attrs[AXES];
  if (axes->given && axes->count != 1 && axes->count != 2) {
    return gm__infer_fail(c, GM_BAD_ARGUMENT,
        "attribute 'axes' is one axis or one of x and one of y, not %d of them", axes->count);
  }
  GM_TRY(check_axis(c, 0));
  GM_TRY(check_axis(c, 1));
  int x = c->shape[0].rank, y = c->shape[1].rank;
  c->out[0].dtype = c->dtype[0];
  c->out[0].rank = 0;
  GM_TRY(gm__infer_push(c, c->shape[0].dims[0]));
  GM_TRY(push_others(c, 0));
  GM_TRY(push_others(c, 1));
  if (c->out[0].rank == 1) GM_TRY(gm__infer_push(c, 1));
  GM_TRY(gm__infer_equal(c, 0, 0, 1, 0));
  return gm__infer_equal(c, 0, inner_axis(axes, 0, x), 1, inner_axis(axes, 1, y));
}

static gm_status others(gm__infer *c, int i, gm__dim *out) {
  const gm__shape *shape = &c->shape[i];
  int inner = inner_axis(&c->attrs[AXES], i, shape->rank);
  *out = 1;
  for (int a = 1; a < shape->rank; a++) {
    if (a != inner) GM_TRY(gm__dim_mul(c->dims, *out, shape->dims[a], out, c->error));
  }
  return GM_OK;
}

static gm_status product(gm__infer *c, gm__dim mnkb[4]) {
  const gm__shape *x = &c->shape[0];
  mnkb[2] = x->dims[inner_axis(&c->attrs[AXES], 0, x->rank)];
  mnkb[3] = x->dims[0];
  GM_TRY(others(c, 0, &mnkb[0]));
  return others(c, 1, &mnkb[1]);
}

static int list_others(const gm__view *view, int inner, int *axes) {
  int count = 0;
  for (int a = 1; a < view->rank; a++) {
    if (a != inner) axes[count++] = a;
  }
  return count;
}

static gm_status lower(gm__lower *l) {
  GM_TRY(gm__lower_new(l, &l->out[0]));
  gm__product p = {.a = l->in[0], .b = l->in[1], .c = l->out[0], .batch_axes = 1, .alpha = 1};
  p.a_inner = inner_axis(&l->attrs[AXES], 0, p.a.rank);
  p.b_inner = inner_axis(&l->attrs[AXES], 1, p.b.rank);
  p.row_axes = list_others(&p.a, p.a_inner, p.rows);
  p.c.rank = 1 + p.row_axes + list_others(&p.b, p.b_inner, p.columns);
  return gm__lower_product(l, &p);
}

static void along(const gm__axes *c, int *out) {
  int inner = inner_axis(&c->attrs[AXES], c->input, c->in.rank);
  int at = c->input == 0 ? 1 : c->other.rank - 1;
  out[0] = 0;
  for (int a = 1; a < c->in.rank; a++) out[a] = a == inner ? -1 : at++;
}

const gm__op gm__op_batch_dot = {
    .name = "batch_dot",
    .doc = "A product for each index of the first axis.",
    .formula = "out[b, i..., j...] = sum_k x[b, i..., k] * y[b, k, j...], k at the axes given; (b, 1) of two "
               "matrices",
    .source = "tf.keras.backend.batch_dot",
    .inputs = "x, y",
    .kind = "gemm",
    .min_inputs = 2,
    .max_inputs = 2,
    .results = 1,
    .kinds = GM__NUMBER_KINDS,
    .attrs = attrs,
    .attr_count = 1,
    .example = "{batch_dot: [x, x], axes: 1}",
    .ranks = ranks,
    .infer = infer,
    .product = product,
    .along = along,
    .lower = lower,
};
