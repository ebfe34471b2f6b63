/* SPDX-License-Identifier: MIT
 *
 * identity: the same value under another name. */
#include "graph/lower.h"

static gm_status infer(gm__infer *c) {
  gm__infer_like(c, 0);
  return GM_OK;
}

static gm_status lower(gm__lower *l) {
  l->out[0] = l->in[0];
  return GM_OK;
}

const gm__op gm__op_identity = {
    .name = "identity",
    .doc = "The same value.",
    .formula = "out = x",
    .source = "tf.keras.backend.identity",
    .inputs = "x",
    .kind = "view",
    .min_inputs = 1,
    .max_inputs = 1,
    .results = 1,
    .flags = GM__VIEW,
    .laws = GM__KEEPS,
    .infer = infer,
    .lower = lower,
};
