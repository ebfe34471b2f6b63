/* SPDX-License-Identifier: MIT
 *
 * The symmetric update of rank 2k. The second product is the first one's transpose, so there is one product
 * and a sum with its own transpose; BLAS's own routine does as many operations as that product, and leaves a
 * triangle to mirror besides. Where the inner length is short, adding the second product takes less. */
#include "plan/node_rank_2k.h"

enum { ALPHA };

/** Up to this inner length a product is cheaper than reading a matrix across its rows. */
#define SHORT 128

static const gm__attr_row attrs[] = {{"alpha", GM__ATTR_NUMBER, "1", "of the whole", NULL}};

static gm_status infer(gm__infer *c) {
  const gm__shape *x = &c->shape[0];
  c->out[0] = (gm__result){c->dtype[0], 2, {x->dims[0], x->dims[0]}};
  return gm__infer_equal(c, 0, 1, 1, 1);
}

static gm_status flops(gm__infer *c, gm__dim *out) {
  const gm__dim *dims = c->shape[0].dims;
  const gm__dim product[4] = {2, dims[0], dims[0], dims[1]};
  gm__dim sum;
  GM_TRY(gm__dim_mul(c->dims, dims[0], dims[0], &sum, c->error));
  GM_TRY(gm__dim_product(c->dims, product, 4, out, c->error));
  return gm__dim_add(c->dims, *out, sum, out, c->error);
}

static gm__form form(const gm__attr *given, const gm__form *inputs) {
  (void)given, (void)inputs;
  return gm__form_declared(GM__SYMMETRIC, 0);
}

static gm_status multiply(gm__lower *l, int first, const gm__view *out, const gm__view *added) {
  gm__product p = {.a = l->in[first],
      .b = l->in[1 - first],
      .c = *out,
      .row_axes = 1,
      .a_inner = 1,
      .b_inner = 1,
      .alpha = l->attrs[ALPHA].number,
      .beta = added ? 1 : 0,
      .added = added};
  return gm__lower_product(l, &p);
}

static gm_status lower(gm__lower *l) {
  gm__view halves[2] = {l->out[0], l->out[0]};
  l->known = NULL;
  GM_TRY(gm__lower_new(l, &halves[0]));
  GM_TRY(multiply(l, 0, &halves[0], NULL));
  GM_TRY(gm__lower_new(l, &l->out[0]));
  if (l->in[0].dims[1] <= SHORT) return multiply(l, 1, &l->out[0], &halves[0]);
  halves[1] = halves[0];
  gm__view_permute(&halves[1], (const int[]){1, 0});
  return gm__lower_function(l, "add", l->out[0].dtype, NULL, 0, halves, 2, &l->out[0]);
}

const gm__op gm__op_rank_2k = {.name = "rank_2k",
    .kind = "gemm",
    .min_inputs = 2,
    .max_inputs = 2,
    .results = 1,
    .attrs = attrs,
    .attr_count = 1,
    .infer = infer,
    .flops = flops,
    .form = form,
    .lower = lower};
