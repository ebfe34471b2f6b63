/* SPDX-License-Identifier: MIT
 *
 * where and switch: one of two values by a condition, which is true where it is not 0. All three broadcast as
 * in NumPy; switch, as in Keras, aligns a condition of two axes or more with the first axes of the values,
 * not the last. */
#include "graph/lower.h"

enum { CONDITION, THEN, OTHERWISE };

static gm_status infer(gm__infer *c) {
  c->out[0].dtype = c->dtype[THEN];
  return gm__infer_broadcast(c);
}

/** Appends a cast of register `from`; returns the register of its result, `from` itself where nothing
 * changes. */
static uint8_t cast_to(
    gm__map_op program[3], int *count, int inputs, uint8_t from, gm_dtype from_dtype, gm_dtype to) {
  if (from_dtype == to) return from;
  program[*count] = (gm__map_op){.function = gm__map_cast(from_dtype, to),
      .name = "cast",
      .arity = 1,
      .args = {from},
      .dtype = (uint8_t)to};
  return (uint8_t)(inputs + (*count)++);
}

/** The condition becomes a truth value, and then of the dtype of the values, to meet them in one instruction.
 */
static gm_status select_from(gm__lower *l, const gm__view in[3]) {
  gm__map_op program[3];
  int count = 0;
  gm_dtype dtype = l->out[0].dtype;
  uint8_t truth = cast_to(program, &count, 3, CONDITION, in[CONDITION].dtype, GM_BOOL);
  uint8_t condition = cast_to(program, &count, 3, truth, GM_BOOL, dtype);
  program[count++] = (gm__map_op){.function = gm__map_find("select", dtype, NULL),
      .name = "select",
      .arity = 3,
      .args = {condition, THEN, OTHERWISE},
      .dtype = (uint8_t)dtype};
  GM_TRY(gm__lower_new(l, &l->out[0]));
  return gm__lower_map(l, program, count, in, 3, &l->out[0]);
}

static gm_status lower(gm__lower *l) {
  return select_from(l, l->in);
}

const gm__op gm__op_where = {
    .name = "where",
    .doc = "One of two values by a condition, element by element.",
    .formula = "out = x where condition is not 0, else y",
    .source = "numpy.where with three arguments, tf.where",
    .inputs = "condition, x, y",
    .kind = "map",
    .min_inputs = 3,
    .max_inputs = 3,
    .results = 1,
    .flags = GM__ELEMENTWISE,
    .same_dtype = 1u << THEN | 1u << OTHERWISE,
    .example = "{where: [{greater: [x, y]}, x, y]}",
    .infer = infer,
    .lower = lower,
};

/* ---- switch ---- */

static int rank_of_values(int then, int otherwise) {
  return then > otherwise ? then : otherwise;
}

static gm_status ranks(const gm__infer *c) {
  char texts[3][200];
  int values = rank_of_values(c->shape[THEN].rank, c->shape[OTHERWISE].rank);
  if (c->shape[CONDITION].rank <= values) return GM_OK;
  for (int i = 0; i < 3; i++) {
    gm__text text = gm__text_into(texts[i], sizeof texts[i]);
    gm__infer_input_text(c, i, &text);
    gm__text_end(&text);
  }
  return gm__infer_fail(c, GM_BAD_SHAPE,
      "the condition must not have more axes than the values, but %s has more than %s and %s",
      texts[CONDITION], texts[THEN], texts[OTHERWISE]);
}

/** The condition's axes first, then axes of length 1. */
static gm__shape leading(gm__shape shape, int rank, gm__dim dims[GM_MAX_RANK]) {
  if (shape.rank < 2) return shape;
  for (int a = 0; a < rank; a++) dims[a] = a < shape.rank ? shape.dims[a] : 1;
  return (gm__shape){rank, dims};
}

static gm_status infer_switch(gm__infer *c) {
  gm__dim dims[GM_MAX_RANK], written_dims[GM_MAX_RANK];
  gm__shape shape[3] = {c->shape[0], c->shape[1], c->shape[2]};
  gm__shape written[3] = {c->written[0], c->written[1], c->written[2]};
  int rank = rank_of_values(shape[THEN].rank, shape[OTHERWISE].rank);
  gm__infer aligned = *c;
  shape[CONDITION] = leading(shape[CONDITION], rank, dims);
  written[CONDITION] = leading(written[CONDITION], rank, written_dims);
  aligned.shape = shape;
  aligned.written = written;
  return infer(&aligned);
}

static gm_status lower_switch(gm__lower *l) {
  gm__view in[3] = {l->in[CONDITION], l->in[THEN], l->in[OTHERWISE]}, *condition = &in[CONDITION];
  int rank = condition->rank, wanted = rank_of_values(in[THEN].rank, in[OTHERWISE].rank);
  for (int a = rank; rank > 1 && a < wanted; a++) {
    condition->dims[a] = 1;
    condition->strides[a] = 0;
    condition->rank = a + 1;
  }
  return select_from(l, in);
}

/** The condition's axes are the first ones, but for one that is alone. */
static void along_switch(const gm__axes *c, int *out) {
  bool first = c->input == CONDITION && c->in.rank > 1;
  for (int a = 0; a < c->in.rank; a++) out[a] = first ? a : a + c->out.rank - c->in.rank;
}

const gm__op gm__op_switch = {
    .name = "switch",
    .doc = "One of two values by a condition, which may have fewer axes, the first ones.",
    .formula = "out[i..., j...] = x[i..., j...] where condition[i...] is not 0, else y[i..., j...]",
    .source = "tf.keras.backend.switch",
    .inputs = "condition, x, y",
    .kind = "map",
    .min_inputs = 3,
    .max_inputs = 3,
    .results = 1,
    .flags = GM__ELEMENTWISE,
    .same_dtype = 1u << THEN | 1u << OTHERWISE,
    .example = "{switch: [{greater: [x, y]}, x, y]}",
    .ranks = ranks,
    .infer = infer_switch,
    .along = along_switch,
    .lower = lower_switch,
};
