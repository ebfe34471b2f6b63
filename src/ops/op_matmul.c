/* SPDX-License-Identifier: MIT
 *
 * matmul: NumPy's product of stacks of matrices. The leading axes broadcast; an operand of rank 1 is a row on
 * the left, a column on the right, and its axis is not in the result. */
#include "graph/lower.h"

static gm_status ranks(const gm__infer *c) {
  for (int i = 0; i < 2; i++) {
    if (c->shape[i].rank > 0) continue;
    return gm__infer_fail(c, GM_BAD_SHAPE, "'%s' has rank 0, but must have rank 1 or more: multiply scales",
        c->namer.name(c->namer.context, c->nodes[i]));
  }
  return GM_OK;
}

static int y_axis(int rank) {
  return rank > 1 ? rank - 2 : 0;
}

static int batch_axes(int x_rank, int y_rank) {
  int rank = x_rank > y_rank ? x_rank : y_rank;
  return rank > 2 ? rank - 2 : 0;
}

static gm_status infer(gm__infer *c) {
  const gm__shape *x = &c->shape[0], *y = &c->shape[1];
  GM_TRY(gm__infer_broadcast_leading(c, 2));
  c->out[0].dtype = c->dtype[0];
  if (x->rank > 1) GM_TRY(gm__infer_push(c, x->dims[x->rank - 2]));
  if (y->rank > 1) GM_TRY(gm__infer_push(c, y->dims[y->rank - 1]));
  return gm__infer_equal(c, 0, x->rank - 1, 1, y_axis(y->rank));
}

static gm_status product(gm__infer *c, gm__dim mnkb[4]) {
  const gm__shape *x = &c->shape[0], *y = &c->shape[1];
  mnkb[0] = x->rank > 1 ? x->dims[x->rank - 2] : 1;
  mnkb[1] = y->rank > 1 ? y->dims[y->rank - 1] : 1;
  mnkb[2] = x->dims[x->rank - 1];
  return gm__dim_product(c->dims, c->out[0].dims, batch_axes(x->rank, y->rank), &mnkb[3], c->error);
}

/** The operand with the result's leading axes, broadcast, before its own. */
static gm__view stacked(const gm__view *in, const gm__view *out, int batch) {
  gm__view view = *in;
  int own = in->rank > 1 ? 2 : 1;
  int64_t dims[GM_MAX_RANK + 2];
  for (int a = 0; a < batch; a++) dims[a] = out->dims[a];
  for (int a = 0; a < own; a++) dims[batch + a] = in->dims[in->rank - own + a];
  gm__view_broadcast(&view, batch + own, dims);
  return view;
}

static gm_status lower(gm__lower *l) {
  int batch = batch_axes(l->in[0].rank, l->in[1].rank);
  GM_TRY(gm__lower_new(l, &l->out[0]));
  gm__product p = {.c = l->out[0], .batch_axes = batch, .row_axes = l->in[0].rank > 1, .alpha = 1};
  p.a = stacked(&l->in[0], &l->out[0], batch);
  p.b = stacked(&l->in[1], &l->out[0], batch);
  for (int i = 0; i < batch; i++) p.a_batch[i] = p.b_batch[i] = i;
  p.rows[0] = batch;
  p.a_inner = p.a.rank - 1;
  p.b_inner = batch;
  p.columns[0] = batch + 1;
  return gm__lower_product(l, &p);
}

static void along(const gm__axes *c, int *out) {
  int rank = c->in.rank, batch = batch_axes(rank, c->other.rank);
  for (int a = 0; a < rank - 2; a++) out[a] = a + batch - (rank - 2);
  int inner = c->input == 0 ? rank - 1 : y_axis(rank);
  if (rank > 1) out[2 * rank - 3 - inner] = c->input == 0 ? batch : c->out.rank - 1;
  out[inner] = -1;
}

const gm__op gm__op_matmul = {
    .name = "matmul",
    .doc = "The product of stacks of matrices, whose leading axes broadcast.",
    .formula = "out[b..., i, j] = sum_k x[b..., i, k] * y[b..., k, j]; rank 1 is a row on the left, a column "
               "on the right",
    .source = "numpy.matmul",
    .inputs = "x, y",
    .kind = "gemm",
    .min_inputs = 2,
    .max_inputs = 2,
    .results = 1,
    .laws = GM__CONTRACTS,
    .kinds = GM__NUMBER_KINDS,
    .example = "{matmul: [x, {transpose: x}]}",
    .ranks = ranks,
    .infer = infer,
    .product = product,
    .along = along,
    .lower = lower,
};
