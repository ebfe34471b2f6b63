/* SPDX-License-Identifier: MIT
 *
 * gather and one_hot: operations on indices. gather's are checked when they are read. */
#include "graph/lower.h"

enum { NUM_CLASSES };

static const gm__attr_row one_hot_attrs[] = {
    {"num_classes", GM__ATTR_INTEGER, NULL, "the length of the new last axis", NULL}};

static gm_status check_dtype(const gm__infer *c, int input, unsigned dtypes, const char *names) {
  gm_dtype dtype = c->dtype[input];
  if (dtypes & 1u << dtype) return GM_OK;
  const char *name = c->namer.name(c->namer.context, c->nodes[input]);
  return gm__infer_fail(c, GM_BAD_DTYPE,
      "the indices '%s' are %s, but must be %s: cast them, {cast: %s, dtype: int32}", name,
      gm_dtype_name(dtype), names, name);
}

/* ---- gather ---- */

static gm_status ranks_gather(const gm__infer *c) {
  GM_TRY(check_dtype(c, 1, 1u << GM_INT16 | 1u << GM_INT32 | 1u << GM_INT64, "int16, int32 or int64"));
  if (c->shape[0].rank > 0) return GM_OK;
  return gm__infer_fail(c, GM_BAD_SHAPE,
      "the reference '%s' has rank 0, but must have an axis to choose from",
      c->namer.name(c->namer.context, c->nodes[0]));
}

static gm_status infer_gather(gm__infer *c) {
  const gm__shape *reference = &c->shape[0], *indices = &c->shape[1];
  c->out[0].dtype = c->dtype[0];
  c->out[0].rank = 0;
  for (int a = 0; a < indices->rank; a++) GM_TRY(gm__infer_push(c, indices->dims[a]));
  for (int a = 1; a < reference->rank; a++) GM_TRY(gm__infer_push(c, reference->dims[a]));
  return GM_OK;
}

static gm_status lower_gather(gm__lower *l) {
  GM_TRY(gm__lower_new(l, &l->out[0]));
  return gm__lower_gather(l, &l->in[0], &l->in[1], &l->out[0]);
}

static void along_gather(const gm__axes *c, int *out) {
  for (int a = 0; a < c->in.rank; a++) out[a] = c->input == 1 ? a : a + c->out.rank - c->in.rank;
  if (c->input == 0) out[0] = -1;
}

const gm__op gm__op_gather = {
    .name = "gather",
    .doc = "The slices of the reference's first axis that the indices name; none is negative.",
    .formula = "out[i..., j...] = reference[indices[i...], j...]",
    .source = "tf.keras.backend.gather",
    .inputs = "reference, indices",
    .kind = "gather",
    .min_inputs = 2,
    .max_inputs = 2,
    .results = 1,
    .flags = GM__MIXED_DTYPES,
    .same_dtype = 1,
    .example = "{gather: [reference, indices]}",
    .ranks = ranks_gather,
    .infer = infer_gather,
    .along = along_gather,
    .flops = gm__infer_no_flops,
    .lower = lower_gather,
};

/* ---- one_hot ---- */

static gm_status ranks_one_hot(const gm__infer *c) {
  unsigned dtypes = 1u << GM_UINT8 | 1u << GM_INT8 | 1u << GM_INT32 | 1u << GM_INT64;
  return check_dtype(c, 0, dtypes, "uint8, int8, int32 or int64");
}

static gm_status infer_one_hot(gm__infer *c) {
  if (c->attrs[NUM_CLASSES].integer < 0) {
    return gm__infer_fail(c, GM_BAD_ARGUMENT, "attribute 'num_classes' is %lld, but must be 0 or more",
        (long long)c->attrs[NUM_CLASSES].integer);
  }
  gm__infer_like(c, 0);
  c->out[0].dtype = GM_FLOAT32;
  return gm__infer_push(c, c->attrs[NUM_CLASSES].integer);
}

static gm_status lower_one_hot(gm__lower *l) {
  GM_TRY(gm__lower_new(l, &l->out[0]));
  return gm__lower_one_hot(l, &l->in[0], &l->out[0]);
}

static void along_one_hot(const gm__axes *c, int *out) {
  for (int a = 0; a < c->in.rank; a++) out[a] = a;
}

const gm__op gm__op_one_hot = {
    .name = "one_hot",
    .doc = "A row of zeros with a one at the index, as float32; only zeros for an index out of range.",
    .formula = "out[i..., j] = 1 if indices[i...] == j else 0",
    .source = "tf.keras.backend.one_hot",
    .inputs = "indices",
    .kind = "one_hot",
    .min_inputs = 1,
    .max_inputs = 1,
    .results = 1,
    .same_dtype = 1u << 1, /* a number is an integer */
    .attrs = one_hot_attrs,
    .attr_count = 1,
    .example = "{one_hot: indices, num_classes: 3}",
    .ranks = ranks_one_hot,
    .infer = infer_one_hot,
    .along = along_one_hot,
    .flops = gm__infer_no_flops,
    .lower = lower_one_hot,
};
