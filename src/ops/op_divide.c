/* SPDX-License-Identifier: MIT
 *
 * divide: true division. Integers are divided as floats, as TensorFlow does: int32 and int64 in float64,
 * narrower ones in float32. */
#include "graph/lower.h"

static gm_dtype quotient(gm_dtype dtype) {
  if (!gm__dtype_is_integer(dtype)) return dtype;
  return gm__dtype_bytes(dtype) >= 4 ? GM_FLOAT64 : GM_FLOAT32;
}

static gm_status infer(gm__infer *c) {
  c->out[0].dtype = quotient(c->dtype[0]);
  return gm__infer_broadcast(c);
}

static gm_status lower(gm__lower *l) {
  gm_dtype from = l->in[0].dtype, to = l->out[0].dtype, result;
  GM_TRY(gm__lower_new(l, &l->out[0]));
  if (from == to) return gm__lower_function(l, "divide", to, NULL, 0, l->in, 2, &l->out[0]);
  const gm__map_op program[3] = {
      {.function = gm__map_cast(from, to), .name = "cast", .arity = 1, .args = {0}, .dtype = (uint8_t)to},
      {.function = gm__map_cast(from, to), .name = "cast", .arity = 1, .args = {1}, .dtype = (uint8_t)to},
      {.function = gm__map_find("divide", to, &result),
          .name = "divide",
          .arity = 2,
          .args = {2, 3},
          .dtype = (uint8_t)to},
  };
  return gm__lower_map(l, program, 3, l->in, 2, &l->out[0]);
}

const gm__op gm__op_divide = {
    .name = "divide",
    .doc = "The quotient, element by element; integers are divided as floats.",
    .formula = "out = x / y",
    .source = "Python's / on tf.keras tensors: int32 and int64 give float64, narrower integers float32",
    .inputs = "x, y",
    .kind = "map",
    .min_inputs = 2,
    .max_inputs = 2,
    .results = 1,
    .flags = GM__ELEMENTWISE,
    .laws = GM__OVER_ONE | GM__HOMOGENEOUS,
    .kinds = GM__NUMBER_KINDS,
    .map = "divide",
    .infer = infer,
    .lower = lower,
};
