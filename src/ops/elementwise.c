/* SPDX-License-Identifier: MIT
 *
 * The simple elementwise operations: every row of kernel/map.def is a record. Operands broadcast as NumPy's
 * do; the dtype is the operands' unless the row says otherwise. */
#include "graph/lower.h"
#include "kernel/map_row.h"

static gm_status infer(gm__infer *c) {
  gm_dtype dtype;
  if (!gm__map_find(c->op->map, c->dtype[0], &dtype)) {
    return gm__infer_fail(c, GM_BAD_DTYPE, "there is none for %s", gm_dtype_name(c->dtype[0]));
  }
  c->out[0].dtype = dtype;
  return gm__infer_broadcast(c);
}

static gm_status lower(gm__lower *l) {
  GM_TRY(gm__lower_new(l, &l->out[0]));
  return gm__lower_function(l, l->op->map, l->in[0].dtype, NULL, 0, l->in, l->count, &l->out[0]);
}

#define GM_MAP(                                                                                              \
    word, arity, accepted, result, properties, about, formula_text, semantics, real, integer, complex, sets) \
  const gm__op gm__row_##word = {.name = #word,                                                              \
      .doc = about,                                                                                          \
      .formula = formula_text,                                                                               \
      .source = semantics,                                                                                   \
      .inputs = (arity) == 1   ? "x"                                                                         \
                : (arity) == 2 ? "x, y"                                                                      \
                               : "x, y, z",                                                                  \
      .kind = "map",                                                                                         \
      .min_inputs = arity,                                                                                   \
      .max_inputs = arity,                                                                                   \
      .results = 1,                                                                                          \
      .flags = GM__ELEMENTWISE,                                                                              \
      .laws = properties,                                                                                    \
      .kinds = accepted,                                                                                     \
      .map = #word,                                                                                          \
      .infer = infer,                                                                                        \
      .lower = lower};
#include "kernel/map.def"
