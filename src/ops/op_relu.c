/* SPDX-License-Identifier: MIT
 *
 * relu with Keras's leak, ceiling and threshold. */
#include <math.h>
#include "graph/lower.h"

enum { ALPHA, MAX_VALUE, THRESHOLD };

static const gm__attr_row attrs[] = {
    {"alpha", GM__ATTR_NUMBER, "0.0", "the slope below the threshold", NULL},
    {"max_value", GM__ATTR_NUMBER, "null", "the ceiling; none when null", NULL},
    {"threshold", GM__ATTR_NUMBER, "0.0", "where the identity begins", NULL},
};

static gm_status infer(gm__infer *c) {
  gm__infer_like(c, 0);
  return GM_OK;
}

static gm_status lower(gm__lower *l) {
  const double parameters[3] = {l->attrs[ALPHA].given ? l->attrs[ALPHA].number : 0,
      l->attrs[MAX_VALUE].given ? l->attrs[MAX_VALUE].number : INFINITY,
      l->attrs[THRESHOLD].given ? l->attrs[THRESHOLD].number : 0};
  GM_TRY(gm__lower_new(l, &l->out[0]));
  return gm__lower_function(l, "relu", l->in[0].dtype, parameters, 3, l->in, 1, &l->out[0]);
}

const gm__op gm__op_relu = {
    .name = "relu",
    .doc = "The rectified linear unit.",
    .formula = "max_value if x >= max_value; x if threshold <= x < max_value; alpha * (x - threshold) otherwise",
    .source = "tf.keras.backend.relu",
    .inputs = "x",
    .kind = "map",
    .min_inputs = 1,
    .max_inputs = 1,
    .results = 1,
    .flags = GM__ELEMENTWISE,
    .kinds = GM__REAL_KINDS | 1u << GM__KIND_INT | 1u << GM__KIND_UINT,
    .attrs = attrs,
    .attr_count = 3,
    .example = "{relu: x, alpha: 0.1}",
    .map = "relu",
    .infer = infer,
    .lower = lower,
};
