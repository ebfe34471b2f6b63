/* SPDX-License-Identifier: MIT
 *
 * clip: within bounds; null is no bound. As in Keras, max_value counts as min_value where it is below it. */
#include <math.h>
#include "graph/lower.h"

enum { MIN_VALUE, MAX_VALUE };

static const gm__attr_row attrs[] = {
    {"min_value", GM__ATTR_NUMBER, "null", "the least value; none when null", NULL},
    {"max_value", GM__ATTR_NUMBER, "null", "the greatest value; none when null", NULL},
};

static gm_status infer(gm__infer *c) {
  gm__infer_like(c, 0);
  if (gm__dtype_is_float(c->dtype[0])) return GM_OK;
  for (int i = 0; i < 2; i++) {
    unsigned char element[16];
    if (!c->attrs[i].given || gm__element_from_double(element, c->dtype[0], c->attrs[i].number)) continue;
    return gm__infer_fail(c, GM_BAD_ARGUMENT, "attribute '%s' is %.9g, which %s cannot hold", attrs[i].name,
        c->attrs[i].number, gm_dtype_name(c->dtype[0]));
  }
  return GM_OK;
}

static gm_status lower(gm__lower *l) {
  double least = l->attrs[MIN_VALUE].given ? l->attrs[MIN_VALUE].number : -INFINITY;
  double most = l->attrs[MAX_VALUE].given ? l->attrs[MAX_VALUE].number : INFINITY;
  const double parameters[2] = {least, most < least ? least : most};
  GM_TRY(gm__lower_new(l, &l->out[0]));
  return gm__lower_function(l, "clip", l->in[0].dtype, parameters, 2, l->in, 1, &l->out[0]);
}

const gm__op gm__op_clip = {
    .name = "clip",
    .doc = "The value within bounds.",
    .formula = "out = max(min(x, max(max_value, min_value)), min_value)",
    .source = "tf.keras.backend.clip; integers too may have one bound",
    .inputs = "x",
    .kind = "map",
    .min_inputs = 1,
    .max_inputs = 1,
    .results = 1,
    .flags = GM__ELEMENTWISE,
    .laws = GM__IDEMPOTENT,
    .kinds = GM__REAL_KINDS | 1u << GM__KIND_INT | 1u << GM__KIND_UINT,
    .attrs = attrs,
    .attr_count = 2,
    .example = "{clip: x, min_value: 0, max_value: 1}",
    .map = "clip",
    .infer = infer,
    .lower = lower,
};
