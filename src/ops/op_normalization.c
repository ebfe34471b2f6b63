/* SPDX-License-Identifier: MIT
 *
 * l2_normalize, layer_normalization, rms_normalization: x divided by a statistic of its groups, the elements
 * over `axis`; where the operation takes weights, those have the shape of a group, or are one number. */
#include "graph/lower.h"
#include "kernel/map_row.h"

enum { AXIS, EPSILON };

static const gm__attr_row l2_attrs[] = {
    {"axis", GM__ATTR_INTEGERS, "null", "the axes of a group; all of them when null", NULL},
    {"epsilon", GM__ATTR_NUMBER, "1e-12", "what the sum of squares is at least", NULL},
};
static const gm__attr_row layer_attrs[] = {
    {"axis", GM__ATTR_INTEGERS, "-1", "the axes of a group", NULL},
    {"epsilon", GM__ATTR_NUMBER, "0.001", "added to the variance", NULL},
};
static const gm__attr_row rms_attrs[] = {
    {"axis", GM__ATTR_INTEGERS, "-1", "the axes of a group", NULL},
    {"epsilon", GM__ATTR_NUMBER, "1e-6", "added to the mean of squares", NULL},
};

/** The axes of the weights of input i are those of a group, in the order of x's. */
static gm_status demand_weights(gm__infer *c, int input, const bool *axes) {
  int rank = c->shape[input].rank, wanted = 0;
  for (int a = 0; a < c->shape[0].rank; a++) wanted += axes[a];
  if (rank == 0) return GM_OK;
  if (rank != wanted) {
    char weights[200], x[200];
    gm__text first = gm__text_into(weights, sizeof weights), other = gm__text_into(x, sizeof x);
    gm__infer_input_text(c, input, &first);
    gm__infer_input_text(c, 0, &other);
    gm__text_end(&first);
    gm__text_end(&other);
    return gm__infer_fail(c, GM_BAD_SHAPE,
        "%s must have rank %d, one axis for each of 'axis' of %s, but has rank %d", weights, wanted, x, rank);
  }
  for (int a = 0, w = 0; a < c->shape[0].rank; a++) {
    if (axes[a]) GM_TRY(gm__infer_equal(c, 0, a, input, w++));
  }
  return GM_OK;
}

static gm_status infer(gm__infer *c) {
  bool axes[GM_MAX_RANK];
  GM_TRY(gm__infer_axes(c, AXIS, axes));
  for (int i = 1; i < c->count; i++) GM_TRY(demand_weights(c, i, axes));
  gm__infer_like(c, 0);
  return GM_OK;
}

/** Weights with x's axes. */
static gm__view spread(const gm__view *weights, const gm__view *x, const bool *axes) {
  gm__view out = *weights;
  out.rank = x->rank;
  for (int a = 0, w = 0; a < x->rank; a++) {
    out.dims[a] = x->dims[a];
    out.strides[a] = axes[a] && weights->rank > 0 ? weights->strides[w++] : 0;
  }
  return out;
}

static gm_status lower(gm__lower *l, gm__reduction statistic) {
  bool axes[GM_MAX_RANK] = {false};
  const gm__attr *list = &l->attrs[AXIS];
  const gm__view *x = &l->in[0];
  gm__view weights[2];
  for (int a = 0; a < x->rank; a++) axes[a] = !list->given;
  for (int i = 0; list->given && i < list->count; i++) {
    axes[list->items[i] < 0 ? list->items[i] + x->rank : list->items[i]] = true;
  }
  for (int i = 1; i < l->count; i++) weights[i - 1] = spread(&l->in[i], x, axes);
  GM_TRY(gm__lower_new(l, &l->out[0]));
  return gm__lower_standardise(l, statistic, l->attrs[EPSILON].number, axes, x,
      l->count > 1 ? &weights[0] : NULL, l->count > 2 ? &weights[1] : NULL, &l->out[0]);
}

#define NORMALIZATION(word, statistic, names, most, accepted, rows, about, formula_text, semantics)          \
  static gm_status lower_##word(gm__lower *l) {                                                              \
    return lower(l, statistic);                                                                              \
  }                                                                                                          \
  const gm__op gm__op_##word = {.name = #word,                                                               \
      .doc = about,                                                                                          \
      .formula = formula_text,                                                                               \
      .source = semantics,                                                                                   \
      .inputs = names,                                                                                       \
      .kind = "normalise",                                                                                   \
      .min_inputs = 1,                                                                                       \
      .max_inputs = most,                                                                                    \
      .results = 1,                                                                                          \
      .kinds = accepted,                                                                                     \
      .attrs = rows,                                                                                         \
      .attr_count = 2,                                                                                       \
      .example = "{" #word ": x, axis: -1}",                                                                 \
      .infer = infer,                                                                                        \
      .lower = lower_##word};

NORMALIZATION(l2_normalize, GM__SUM_SQUARE, "x", 1, GM__REALS | GM__COMPLEXES, l2_attrs,
    "Each group of x divided by its Euclidean norm.", "out = x / sqrt(max(sum |x|^2, epsilon))",
    "tf.keras.backend.l2_normalize; epsilon as tf.nn.l2_normalize")
NORMALIZATION(layer_normalization, GM__VAR, "x, gamma, beta", 3, GM__REALS, layer_attrs,
    "Each group of x with mean 0 and variance 1, then scaled and shifted; gamma and beta may be left out.",
    "out = (x - mean(x)) / sqrt(var(x) + epsilon) * gamma + beta", "tf.keras.layers.LayerNormalization")
NORMALIZATION(rms_normalization, GM__MEAN_SQUARE, "x, gamma", 2, GM__REALS, rms_attrs,
    "Each group of x divided by its root mean square, then scaled; gamma may be left out.",
    "out = x / sqrt(mean(x^2) + epsilon) * gamma", "keras.layers.RMSNormalization")
