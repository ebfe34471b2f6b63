/* SPDX-License-Identifier: MIT
 *
 * floor_divide: floor(x / y) with the quotient rounded to the dtype first, as TensorFlow computes it: for the
 * narrow floats, whose functions work in float32, that is a step of its own. */
#include "graph/lower.h"

static gm_status infer(gm__infer *c) {
  c->out[0].dtype = c->dtype[0];
  return gm__infer_broadcast(c);
}

static gm_status lower(gm__lower *l) {
  gm_dtype dtype = l->in[0].dtype;
  GM_TRY(gm__lower_new(l, &l->out[0]));
  if (dtype != GM_FLOAT16 && dtype != GM_BFLOAT16)
    return gm__lower_function(l, "floor_divide", dtype, NULL, 0, l->in, 2, &l->out[0]);
  const gm__map_op program[2] = {
      {.function = gm__map_find("divide", dtype, NULL),
          .name = "divide",
          .arity = 2,
          .args = {0, 1},
          .dtype = (uint8_t)dtype},
      {.function = gm__map_find("floor", dtype, NULL),
          .name = "floor",
          .arity = 1,
          .args = {2},
          .dtype = (uint8_t)dtype},
  };
  return gm__lower_map(l, program, 2, l->in, 2, &l->out[0]);
}

const gm__op gm__op_floor_divide = {
    .name = "floor_divide",
    .doc = "The quotient rounded toward minus infinity; of an integer by 0, 0.",
    .formula = "out = floor(x / y)",
    .source = "Python's // on tf.keras tensors; integers by 0 as in NumPy",
    .inputs = "x, y",
    .kind = "map",
    .min_inputs = 2,
    .max_inputs = 2,
    .results = 1,
    .flags = GM__ELEMENTWISE,
    .kinds = GM__REAL_KINDS | 1u << GM__KIND_INT | 1u << GM__KIND_UINT,
    .map = "floor_divide",
    .infer = infer,
    .lower = lower,
};
