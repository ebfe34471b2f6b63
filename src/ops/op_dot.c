/* SPDX-License-Identifier: MIT
 *
 * dot: x's last axis with y's last but one. Keras's rule for ranks of 2 and more, NumPy's elsewhere: rank 0
 * scales, a y of rank 1 gives up its only axis. y's leading axes are outer, never batch. */
#include "graph/lower.h"

enum { DTYPE };

static const gm__attr_row attrs[] = {{"dtype", GM__ATTR_DTYPE, "null",
    "of the result: int32 for int8 and uint8, float32 for float16 and bfloat16", NULL}};

static bool widens(gm_dtype from, gm_dtype to) {
  bool narrow_integer = from == GM_INT8 || from == GM_UINT8, half = from == GM_FLOAT16 || from == GM_BFLOAT16;
  return from == to || (narrow_integer && to == GM_INT32) || (half && to == GM_FLOAT32);
}

static bool scales(const gm__infer *c) {
  return c->shape[0].rank == 0 || c->shape[1].rank == 0;
}

static int y_axis(const gm__infer *c) {
  return c->shape[1].rank > 1 ? c->shape[1].rank - 2 : 0;
}

static gm_status result_dtype(gm__infer *c) {
  c->out[0].dtype = c->attrs[DTYPE].given ? c->attrs[DTYPE].dtype : c->dtype[0];
  if (widens(c->dtype[0], c->out[0].dtype)) return GM_OK;
  return gm__infer_fail(c, GM_BAD_DTYPE, "a product of %s cannot be %s: cast the result",
      gm_dtype_name(c->dtype[0]), gm_dtype_name(c->out[0].dtype));
}

static gm_status infer(gm__infer *c) {
  const gm__shape *x = &c->shape[0], *y = &c->shape[1];
  GM_TRY(result_dtype(c));
  if (scales(c)) {
    gm_dtype dtype = c->out[0].dtype;
    gm__infer_like(c, x->rank == 0 ? 1 : 0);
    c->out[0].dtype = dtype;
    return GM_OK;
  }
  c->out[0].rank = 0;
  for (int a = 0; a < x->rank - 1; a++) GM_TRY(gm__infer_push(c, x->dims[a]));
  for (int a = 0; a < y->rank; a++) {
    if (a != y_axis(c)) GM_TRY(gm__infer_push(c, y->dims[a]));
  }
  return gm__infer_equal(c, 0, x->rank - 1, 1, y_axis(c));
}

static gm_status product(gm__infer *c, gm__dim mnkb[4]) {
  const gm__shape *x = &c->shape[0], *y = &c->shape[1];
  if (scales(c)) {
    mnkb[1] = mnkb[2] = mnkb[3] = 1;
    return gm__dim_product(c->dims, c->out[0].dims, c->out[0].rank, &mnkb[0], c->error);
  }
  mnkb[1] = y->rank > 1 ? y->dims[y->rank - 1] : 1;
  mnkb[2] = x->dims[x->rank - 1];
  GM_TRY(gm__dim_product(c->dims, x->dims, x->rank - 1, &mnkb[0], c->error));
  return gm__dim_product(c->dims, y->dims, y_axis(c), &mnkb[3], c->error);
}

static gm_status flops(gm__infer *c, gm__dim *out) {
  gm__dim mnkb[4];
  GM_TRY(product(c, mnkb));
  GM_TRY(gm__dim_product(c->dims, mnkb, 4, out, c->error));
  return scales(c) ? GM_OK : gm__dim_mul(c->dims, 2, *out, out, c->error);
}

static gm_status lower_scale(gm__lower *l) {
  gm__view in[2] = {l->in[0], l->in[1]};
  GM_TRY(gm__lower_cast(l, &in[0], l->out[0].dtype));
  GM_TRY(gm__lower_cast(l, &in[1], l->out[0].dtype));
  GM_TRY(gm__lower_new(l, &l->out[0]));
  return gm__lower_function(l, "multiply", l->out[0].dtype, NULL, 0, in, 2, &l->out[0]);
}

static gm_status lower(gm__lower *l) {
  if (l->in[0].rank == 0 || l->in[1].rank == 0) return lower_scale(l);
  GM_TRY(gm__lower_new(l, &l->out[0]));
  gm__product p = {.a = l->in[0], .b = l->in[1], .c = l->out[0], .row_axes = l->in[0].rank - 1, .alpha = 1};
  p.a_inner = p.a.rank - 1;
  p.b_inner = p.b.rank > 1 ? p.b.rank - 2 : 0;
  for (int i = 0; i < p.row_axes; i++) p.rows[i] = i;
  for (int a = 0, i = 0; a < p.b.rank; a++) {
    if (a != p.b_inner) p.columns[i++] = a;
  }
  return gm__lower_product(l, &p);
}

static void along(const gm__axes *c, int *out) {
  int rank = c->in.rank, inner = c->input == 0 ? rank - 1 : rank > 1 ? rank - 2 : 0;
  int at = c->input == 1 && c->other.rank > 1 ? c->other.rank - 1 : 0;
  for (int a = 0; a < rank; a++) out[a] = a == inner && c->other.rank > 0 ? -1 : at++;
}

const gm__op gm__op_dot = {
    .name = "dot",
    .doc = "The product over x's last axis and y's last but one.",
    .formula = "out[i..., j..., n] = sum_k x[i..., k] * y[j..., k, n]; shape x[:-1] + y[:-2] + y[-1:]",
    .source = "tf.keras.backend.dot for ranks >= 2, numpy.dot's rule for ranks 0 and 1",
    .inputs = "x, y",
    .kind = "gemm",
    .min_inputs = 2,
    .max_inputs = 2,
    .results = 1,
    .laws = GM__CONTRACTS,
    .kinds = GM__NUMBER_KINDS,
    .attrs = attrs,
    .attr_count = 1,
    .infer = infer,
    .product = product,
    .flops = flops,
    .along = along,
    .lower = lower,
};
