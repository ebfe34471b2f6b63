/* SPDX-License-Identifier: MIT
 *
 * flatten and batch_flatten: the same elements in the same order, with one axis, or two of which the first
 * stays. */
#include "graph/lower.h"

/** out[0]'s dims: `kept` leading axes, and one for all others. */
static gm_status infer_from(gm__infer *c, int kept) {
  const gm__shape *x = &c->shape[0];
  gm__dim rest;
  c->out[0].dtype = c->dtype[0];
  c->out[0].rank = 0;
  if (kept) GM_TRY(gm__infer_push(c, x->rank > 0 ? x->dims[0] : 1));
  int first = x->rank < kept ? x->rank : kept;
  GM_TRY(gm__dim_product(c->dims, x->dims + first, x->rank - first, &rest, c->error));
  return gm__infer_push(c, rest);
}

static gm_status infer_flatten(gm__infer *c) {
  return infer_from(c, 0);
}

static gm_status infer_batch_flatten(gm__infer *c) {
  return infer_from(c, 1);
}

static gm_status lower(gm__lower *l) {
  gm__view view = l->in[0];
  GM_TRY(gm__lower_reshape(l, &view, l->out[0].rank, l->out[0].dims));
  l->out[0] = view;
  return GM_OK;
}

const gm__op gm__op_flatten = {
    .name = "flatten",
    .doc = "The elements in one axis.",
    .formula = "out[i] = x.flat[i]",
    .source = "tf.keras.backend.flatten",
    .inputs = "x",
    .kind = "view",
    .min_inputs = 1,
    .max_inputs = 1,
    .results = 1,
    .flags = GM__VIEW,
    .laws = GM__KEEPS | GM__RESHAPES,
    .example = "{flatten: x}",
    .infer = infer_flatten,
    .along = gm__along_reshape,
    .lower = lower,
};

const gm__op gm__op_batch_flatten = {
    .name = "batch_flatten",
    .doc = "All axes but the first joined to one.",
    .formula = "out[b, i] = x[b].flat[i]",
    .source = "tf.keras.backend.batch_flatten",
    .inputs = "x",
    .kind = "view",
    .min_inputs = 1,
    .max_inputs = 1,
    .results = 1,
    .flags = GM__VIEW,
    .laws = GM__KEEPS | GM__RESHAPES,
    .example = "{batch_flatten: x}",
    .infer = infer_batch_flatten,
    .along = gm__along_reshape,
    .lower = lower,
};
