/* SPDX-License-Identifier: MIT
 *
 * The model's table: a row an operation. */
#include "model/model.h"

#include <string.h>

static const model_row rows[] = {
    {"abs", model_function, 1, 1, true, NULL},
    {"add", model_pair, 2, 2, true, NULL},
    {"all", model_reduction, 1, 1, true, choose_axes},
    {"any", model_reduction, 1, 1, true, choose_axes},
    {"arange", model_fill, 0, 0, true, choose_arange},
    {"argmax", model_place, 1, 1, true, choose_axis},
    {"argmin", model_place, 1, 1, true, choose_axis},
    {"assume", model_assume, 1, 1, true, choose_assume},
    {"batch_dot", model_batch_dot, 2, 2, true, choose_batch_dot},
    {"batch_flatten", model_reshape, 1, 1, true, NULL},
    {"bias_add", model_pair, 2, 2, true, NULL},
    {"cast", model_cast, 1, 1, true, choose_cast},
    {"clip", model_function, 1, 1, true, choose_clip},
    {"concatenate", model_joined, 1, 4, true, choose_axis},
    {"cos", model_function, 1, 1, false, NULL},
    {"cumprod", model_scan, 1, 1, true, choose_axis},
    {"cumsum", model_scan, 1, 1, true, choose_axis},
    {"diag_part", model_diagonal, 1, 1, true, NULL},
    {"divide", model_pair, 2, 2, false, NULL},
    {"dot", model_dot, 2, 2, true, NULL},
    {"elu", model_function, 1, 1, false, choose_elu},
    {"equal", model_pair, 2, 2, true, NULL},
    {"erf", model_function, 1, 1, false, NULL},
    {"exp", model_function, 1, 1, false, NULL},
    {"expand_dims", model_reshape, 1, 1, true, choose_new_axis},
    {"eye", model_fill, 0, 0, true, choose_eye},
    {"flatten", model_reshape, 1, 1, true, NULL},
    {"floor_divide", model_pair, 2, 2, true, NULL},
    {"gather", model_gather, 2, 2, true, NULL},
    {"gelu", model_function, 1, 1, false, choose_gelu},
    {"greater", model_pair, 2, 2, true, NULL},
    {"greater_equal", model_pair, 2, 2, true, NULL},
    {"hard_sigmoid", model_function, 1, 1, false, NULL},
    {"identity", model_function, 1, 1, true, NULL},
    {"index", model_index, 1, 1, true, choose_index},
    {"l2_normalize", model_normalization, 1, 1, false, choose_groups},
    {"layer_normalization", model_normalization, 1, 3, false, choose_groups},
    {"less", model_pair, 2, 2, true, NULL},
    {"less_equal", model_pair, 2, 2, true, NULL},
    {"log", model_function, 1, 1, false, NULL},
    {"logsumexp", model_reduction, 1, 1, false, choose_axes},
    {"matmul", model_matmul, 2, 2, true, NULL},
    {"max", model_reduction, 1, 1, true, choose_axes},
    {"maximum", model_pair, 2, 2, true, NULL},
    {"mean", model_reduction, 1, 1, false, choose_axes},
    {"min", model_reduction, 1, 1, true, choose_axes},
    {"minimum", model_pair, 2, 2, true, NULL},
    {"mod", model_pair, 2, 2, true, NULL},
    {"multiply", model_pair, 2, 2, true, NULL},
    {"negative", model_function, 1, 1, true, NULL},
    {"not_equal", model_pair, 2, 2, true, NULL},
    {"one_hot", model_one_hot, 1, 1, true, choose_one_hot},
    {"ones_like", model_fill, 1, 1, true, choose_like},
    {"permute_dimensions", model_permutation, 1, 1, true, choose_permutation},
    {"pow", model_pow, 1, 1, true, choose_pow},
    {"power", model_pair, 2, 2, true, NULL},
    {"prod", model_reduction, 1, 1, true, choose_axes},
    {"relu", model_function, 1, 1, true, choose_relu},
    {"repeat", model_repeat, 1, 1, true, choose_repeat},
    {"repeat_elements", model_rules, 1, 1, true, choose_repeat_elements},
    {"reshape", model_reshape, 1, 1, true, choose_reshape},
    {"reverse", model_rules, 1, 1, true, choose_reverse},
    {"rms_normalization", model_normalization, 1, 2, false, choose_groups},
    {"round", model_function, 1, 1, true, NULL},
    {"sigmoid", model_function, 1, 1, false, NULL},
    {"sign", model_function, 1, 1, true, NULL},
    {"sin", model_function, 1, 1, false, NULL},
    {"softmax", model_softmax, 1, 1, false, choose_axis},
    {"softplus", model_function, 1, 1, false, NULL},
    {"softsign", model_function, 1, 1, false, NULL},
    {"sqrt", model_function, 1, 1, false, NULL},
    {"square", model_function, 1, 1, true, NULL},
    {"squeeze", model_reshape, 1, 1, true, choose_squeeze},
    {"stack", model_joined, 1, 4, true, choose_new_axis},
    {"std", model_reduction, 1, 1, false, choose_axes},
    {"subtract", model_pair, 2, 2, true, NULL},
    {"sum", model_reduction, 1, 1, true, choose_axes},
    {"switch", model_choice, 3, 3, true, NULL},
    {"tanh", model_function, 1, 1, false, NULL},
    {"tile", model_rules, 1, 1, true, choose_tile},
    {"transpose", model_permutation, 1, 1, true, NULL},
    {"var", model_reduction, 1, 1, false, choose_axes},
    {"where", model_choice, 3, 3, true, NULL},
    {"zeros_like", model_fill, 1, 1, true, choose_like},
};

const model_row *model_at(size_t index) {
  return index < sizeof rows / sizeof *rows ? &rows[index] : NULL;
}

size_t model_index_of(const char *op) {
  size_t i = 0;
  while (i < sizeof rows / sizeof *rows && strcmp(rows[i].op, op) != 0) i++;
  return i;
}

const model_row *model_named(const char *op) {
  return model_at(model_index_of(op));
}

double call_unit(const call *c, gm_dtype dtype) {
  return c->exact || dtype_is_whole(dtype) ? 0 : dtype_unit(dtype) + dtype_unit(GM_FLOAT64);
}

/** What every number of a model is below. */
static double limit_of(gm_dtype dtype) {
  return dtype == GM_FLOAT16 ? 64 : 1e6;
}

double call_most(const call *c, gm_dtype dtype) {
  return c->exact && dtype != GM_FLOAT16 ? fmin(1 / dtype_unit(dtype), 1 << 24) : limit_of(dtype);
}

double call_lost(const call *c, gm_dtype dtype) {
  return call_least(c, dtype) * limit_of(dtype);
}

double call_least(const call *c, gm_dtype dtype) {
  return c->exact || dtype_is_whole(dtype) ? 0 : dtype_least(dtype);
}
