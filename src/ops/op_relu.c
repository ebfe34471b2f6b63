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

static double number_of(const gm__attr *attr, double absent) {
  return attr->given ? attr->number : absent;
}

/** A leak alone makes floats of integers, as in TensorFlow; otherwise integers need whole parameters. */
static bool becomes_float(const gm__attr *given) {
  bool leaks = number_of(&given[ALPHA], 0) != 0;
  return leaks && !given[MAX_VALUE].given && number_of(&given[THRESHOLD], 0) == 0;
}

static gm_status infer(gm__infer *c) {
  gm__infer_like(c, 0);
  if (gm__dtype_is_float(c->dtype[0])) return GM_OK;
  if (becomes_float(c->attrs)) {
    c->out[0].dtype = GM_FLOAT32;
    return GM_OK;
  }
  for (int i = 0; i < 3; i++) {
    unsigned char element[16];
    double number = number_of(&c->attrs[i], 0);
    if (gm__element_from_double(element, c->dtype[0], number)) continue;
    return gm__infer_fail(c, GM_BAD_ARGUMENT, "attribute '%s' is %.9g, which %s cannot hold", attrs[i].name,
        number, gm_dtype_name(c->dtype[0]));
  }
  return GM_OK;
}

static bool is_plain(const double parameters[3]) {
  return parameters[ALPHA] == 0 && isinf(parameters[MAX_VALUE]) && parameters[MAX_VALUE] > 0 &&
         parameters[THRESHOLD] == 0;
}

static gm_status lower(gm__lower *l) {
  const double parameters[3] = {number_of(&l->attrs[ALPHA], 0), number_of(&l->attrs[MAX_VALUE], INFINITY),
      number_of(&l->attrs[THRESHOLD], 0)};
  gm__view in = l->in[0];
  GM_TRY(gm__lower_cast(l, &in, l->out[0].dtype));
  GM_TRY(gm__lower_new(l, &l->out[0]));
  if (is_plain(parameters)) return gm__lower_function(l, "relu", in.dtype, NULL, 0, &in, 1, &l->out[0]);
  return gm__lower_function(l, "relu_bent", in.dtype, parameters, 3, &in, 1, &l->out[0]);
}

const gm__op gm__op_relu = {
    .name = "relu",
    .doc = "The rectified linear unit.",
    .formula =
        "max_value if x >= max_value; x if threshold <= x < max_value; alpha * (x - threshold) otherwise",
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
