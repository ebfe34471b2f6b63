/* SPDX-License-Identifier: MIT
 *
 * Operations that only the planner makes. */
#include "plan/node_linear.h"

enum { FIRST, SECOND };

static const gm__attr_row product_attrs[] = {
    {"alpha", GM__ATTR_NUMBER, "1", "of the product", NULL}, {"beta", GM__ATTR_NUMBER, "1", "of z", NULL}};
static const gm__attr_row sum_attrs[] = {
    {"a", GM__ATTR_NUMBER, "1", "of x", NULL}, {"b", GM__ATTR_NUMBER, "1", "of y", NULL}};

/* ---- Products ---- */

static gm_status infer_product(gm__infer *c) {
  const gm__shape *x = &c->shape[0], *y = &c->shape[1];
  c->out[0].dtype = c->dtype[0];
  c->out[0].rank = 0;
  for (int a = 0; a < x->rank - 1; a++) GM_TRY(gm__infer_push(c, x->dims[a]));
  return y->rank > 1 ? gm__infer_push(c, y->dims[1]) : GM_OK;
}

static gm_status product(gm__infer *c, gm__dim mnkb[4]) {
  const gm__shape *x = &c->shape[0], *y = &c->shape[1];
  mnkb[1] = y->rank > 1 ? y->dims[1] : 1;
  mnkb[2] = x->dims[x->rank - 1];
  mnkb[3] = 1;
  return gm__dim_product(c->dims, x->dims, x->rank - 1, &mnkb[0], c->error);
}

static gm_status lower_product(gm__lower *l) {
  GM_TRY(gm__lower_new(l, &l->out[0]));
  gm__product p = {.a = l->in[0],
      .b = l->in[1],
      .c = l->out[0],
      .row_axes = l->in[0].rank - 1,
      .alpha = l->attrs[FIRST].number,
      .beta = l->count > 2 ? l->attrs[SECOND].number : 0,
      .added = l->count > 2 ? &l->in[2] : NULL};
  p.a_inner = p.a.rank - 1;
  p.columns[0] = 1;
  for (int i = 0; i < p.row_axes; i++) p.rows[i] = i;
  return gm__lower_product(l, &p);
}

const gm__op gm__op_gemm = {.name = "gemm",
    .kind = "gemm",
    .min_inputs = 2,
    .max_inputs = 3,
    .results = 1,
    .attrs = product_attrs,
    .attr_count = 2,
    .infer = infer_product,
    .product = product,
    .lower = lower_product};

/* ---- Sums ---- */

static gm_status infer_sum(gm__infer *c) {
  gm__infer_like(c, 0);
  return GM_OK;
}

static gm_status lower_sum(gm__lower *l) {
  const double coefficients[2] = {l->attrs[FIRST].number, l->attrs[SECOND].number};
  GM_TRY(gm__lower_new(l, &l->out[0]));
  return gm__lower_function(l, l->op->map, l->out[0].dtype, coefficients, 2, l->in, l->count, &l->out[0]);
}

#define SUM(word, takes)                                                                                     \
  const gm__op gm__op_##word = {.name = #word,                                                               \
      .kind = "map",                                                                                         \
      .min_inputs = takes,                                                                                   \
      .max_inputs = takes,                                                                                   \
      .results = 1,                                                                                          \
      .flags = GM__ELEMENTWISE,                                                                              \
      .laws = GM__LINEAR,                                                                                    \
      .attrs = sum_attrs,                                                                                    \
      .attr_count = 2,                                                                                       \
      .map = #word,                                                                                          \
      .infer = infer_sum,                                                                                    \
      .lower = lower_sum}

SUM(scale, 1);
SUM(combine, 2);
