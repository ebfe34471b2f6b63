/* SPDX-License-Identifier: MIT
 *
 * power, and pow with one exponent as an attribute. Integers are multiplied, wrapping; a negative exponent of
 * theirs is an error: at construction where it is an attribute, else in a step of its own before the powers.
 */
#include "graph/lower.h"
#include "graph/lower_step.h"
#include "kernel/check.h"

/* ---- power ---- */

static gm_status infer(gm__infer *c) {
  c->out[0].dtype = c->dtype[0];
  return gm__infer_broadcast(c);
}

static gm_status check_exponents(gm__lower *l, const gm__view *exponents) {
  gm__check check = {.least = 0, .rule = "power: the exponents of integers must be 0 or more"};
  gm__nest nest = {.operands = 1};
  gm__operand operand = gm__lower_operand(exponents);
  gm__step *step;
  for (int a = 0; a < exponents->rank; a++) gm__nest_push(&nest, exponents->dims[a], &exponents->strides[a]);
  GM_TRY(gm__lower_loops(l, &nest, &check.loops));
  GM_TRY(gm__lower_step(l, &gm__kernel_check, &operand, 1, 0, &check, sizeof check, &step));
  step->bytes = (double)gm__view_count(exponents) * (double)gm__dtype_bytes(exponents->dtype);
  return GM_OK;
}

static gm_status lower(gm__lower *l) {
  bool negatives = gm__dtype_row(l->in[1].dtype)->kind == GM__KIND_INT;
  if (negatives && gm__view_count(&l->out[0]) > 0) GM_TRY(check_exponents(l, &l->in[1]));
  GM_TRY(gm__lower_new(l, &l->out[0]));
  return gm__lower_function(l, "power", l->in[0].dtype, NULL, 0, l->in, 2, &l->out[0]);
}

const gm__op gm__op_power = {
    .name = "power",
    .doc = "The power, element by element; integers wrap, and their exponents must be 0 or more.",
    .formula = "out = x ** y",
    .source = "Python's ** on tf.keras tensors",
    .inputs = "x, y",
    .kind = "map",
    .min_inputs = 2,
    .max_inputs = 2,
    .results = 1,
    .flags = GM__ELEMENTWISE,
    .kinds = GM__NUMBER_KINDS,
    .example = "{power: [x, 2]}",
    .map = "power",
    .infer = infer,
    .lower = lower,
};

/* ---- pow ---- */

enum { EXPONENT };

static const gm__attr_row attrs[] = {{"a", GM__ATTR_NUMBER, NULL, "the exponent", NULL}};

static gm_status infer_pow(gm__infer *c) {
  unsigned char element[16];
  double exponent = c->attrs[EXPONENT].number;
  gm__infer_like(c, 0);
  if (!gm__dtype_is_integer(c->dtype[0])) return GM_OK;
  if (exponent < 0) {
    return gm__infer_fail(
        c, GM_BAD_ARGUMENT, "the exponent of integers must be 0 or more, but 'a' is %.9g", exponent);
  }
  if (gm__element_from_double(element, c->dtype[0], exponent)) return GM_OK;
  return gm__infer_fail(c, GM_BAD_ARGUMENT, "attribute 'a' is %.9g, which %s cannot hold", exponent,
      gm_dtype_name(c->dtype[0]));
}

static gm_status lower_pow(gm__lower *l) {
  double exponent = l->attrs[EXPONENT].number;
  GM_TRY(gm__lower_new(l, &l->out[0]));
  if (exponent == 2) return gm__lower_function(l, "square", l->in[0].dtype, NULL, 0, l->in, 1, &l->out[0]);
  return gm__lower_function(l, "pow", l->in[0].dtype, &exponent, 1, l->in, 1, &l->out[0]);
}

const gm__op gm__op_pow = {
    .name = "pow",
    .doc = "A power with one exponent for all elements.",
    .formula = "out = x ** a",
    .source = "tf.keras.backend.pow",
    .inputs = "x",
    .kind = "map",
    .min_inputs = 1,
    .max_inputs = 1,
    .results = 1,
    .flags = GM__ELEMENTWISE,
    .kinds = GM__NUMBER_KINDS,
    .attrs = attrs,
    .attr_count = 1,
    .example = "{pow: x, a: 3}",
    .map = "pow",
    .infer = infer_pow,
    .lower = lower_pow,
};
