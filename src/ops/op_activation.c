/* SPDX-License-Identifier: MIT
 *
 * Activations with attributes: elu and gelu. Those without are rows of kernel/map.def. */
#include "graph/lower.h"

static gm_status infer(gm__infer *c) {
  gm__infer_like(c, 0);
  return GM_OK;
}

/* ---- elu ---- */

enum { ALPHA };

static const gm__attr_row elu_attrs[] = {
    {"alpha", GM__ATTR_NUMBER, "1.0", "minus the limit at minus infinity", NULL}};

static gm_status lower_elu(gm__lower *l) {
  double alpha = l->attrs[ALPHA].given ? l->attrs[ALPHA].number : 1;
  GM_TRY(gm__lower_new(l, &l->out[0]));
  return gm__lower_function(l, "elu", l->in[0].dtype, &alpha, 1, l->in, 1, &l->out[0]);
}

const gm__op gm__op_elu = {
    .name = "elu",
    .doc = "The exponential linear unit.",
    .formula = "out = x if x > 0, else alpha * (exp(x) - 1)",
    .source = "tf.keras.backend.elu",
    .inputs = "x",
    .kind = "map",
    .min_inputs = 1,
    .max_inputs = 1,
    .results = 1,
    .flags = GM__ELEMENTWISE,
    .kinds = GM__REAL_KINDS,
    .attrs = elu_attrs,
    .attr_count = 1,
    .example = "{elu: x, alpha: 0.5}",
    .map = "elu",
    .infer = infer,
    .lower = lower_elu,
};

/* ---- gelu ---- */

enum { APPROXIMATE };

static const gm__attr_row gelu_attrs[] = {
    {"approximate", GM__ATTR_BOOL, "false", "by the hyperbolic tangent", NULL}};

static gm_status lower_gelu(gm__lower *l) {
  bool approximate = l->attrs[APPROXIMATE].given && l->attrs[APPROXIMATE].flag;
  const char *row = approximate ? "gelu_tanh" : "gelu";
  GM_TRY(gm__lower_new(l, &l->out[0]));
  return gm__lower_function(l, row, l->in[0].dtype, NULL, 0, l->in, 1, &l->out[0]);
}

const gm__op gm__op_gelu = {
    .name = "gelu",
    .doc = "The Gaussian error linear unit.",
    .formula = "out = 0.5 * x * (1 + erf(x / sqrt(2))); "
               "approximate: 0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3)))",
    .source = "tf.keras.activations.gelu",
    .inputs = "x",
    .kind = "map",
    .min_inputs = 1,
    .max_inputs = 1,
    .results = 1,
    .flags = GM__ELEMENTWISE,
    .kinds = GM__REAL_KINDS,
    .attrs = gelu_attrs,
    .attr_count = 1,
    .example = "{gelu: x, approximate: true}",
    .map = "gelu",
    .infer = infer,
    .lower = lower_gelu,
};
