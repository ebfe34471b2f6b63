/* SPDX-License-Identifier: MIT
 *
 * diag_part: the diagonal of a matrix, or of each matrix in a stack, by a stride that goes down and right. */
#include "graph/lower.h"

static gm_status infer(gm__infer *c) {
  int last = c->shape[0].rank - 1;
  gm__infer_like(c, 0);
  c->out[0].rank = last;
  return gm__dim_min(
      c->dims, c->shape[0].dims[last - 1], c->shape[0].dims[last], &c->out[0].dims[last - 1], c->error);
}

static void along(const gm__axes *c, int *out) {
  for (int a = 0; a < c->in.rank; a++) out[a] = a < c->out.rank ? a : c->out.rank - 1;
}

static gm_status lower(gm__lower *l) {
  gm__view view = l->in[0];
  int last = view.rank - 1;
  view.rank = last;
  view.dims[last - 1] = l->out[0].dims[last - 1];
  view.strides[last - 1] = view.dims[last - 1] > 1 ? view.strides[last - 1] + view.strides[last] : 1;
  l->out[0] = view;
  return GM_OK;
}

const gm__op gm__op_diag_part = {
    .name = "diag_part",
    .doc = "The diagonal of the last two axes.",
    .formula = "out[..., i] = x[..., i, i]",
    .source = "tf.linalg.diag_part",
    .inputs = "x",
    .kind = "view",
    .min_inputs = 1,
    .max_inputs = 1,
    .results = 1,
    .flags = GM__VIEW | GM__TAKES_DIAGONAL,
    .example = "{diag_part: x}",
    .ranks = gm__infer_matrix,
    .infer = infer,
    .along = along,
    .lower = lower,
};
