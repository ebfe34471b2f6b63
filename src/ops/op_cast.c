/* SPDX-License-Identifier: MIT
 *
 * cast: to another dtype. NaN becomes the integer 0, floats beyond an integer's range saturate, integers
 * wrap. */
#include "graph/lower.h"

enum { DTYPE };

static const gm__attr_row attrs[] = {{"dtype", GM__ATTR_DTYPE, NULL, "of the result", NULL}};

static gm_status infer(gm__infer *c) {
  gm__infer_like(c, 0);
  c->out[0].dtype = c->attrs[DTYPE].dtype;
  return GM_OK;
}

static gm_status lower(gm__lower *l) {
  gm__view view = l->in[0];
  GM_TRY(gm__lower_cast(l, &view, l->out[0].dtype));
  l->out[0] = view;
  return GM_OK;
}

const gm__op gm__op_cast = {
    .name = "cast",
    .doc = "To another dtype: floats toward zero and saturating, NaN to 0, integers wrapping, bool by != 0.",
    .formula = "out = (dtype)x",
    .source = "tf.keras.backend.cast",
    .inputs = "x",
    .kind = "map",
    .min_inputs = 1,
    .max_inputs = 1,
    .results = 1,
    .flags = GM__ELEMENTWISE,
    .laws = GM__KEEPS,
    .attrs = attrs,
    .attr_count = 1,
    .example = "{cast: x, dtype: float64}",
    .infer = infer,
    .lower = lower,
};
