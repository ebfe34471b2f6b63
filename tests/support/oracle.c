/* SPDX-License-Identifier: MIT
 *
 * The oracle's table, what its rows share, and the product. */
#include "support/oracle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const oracle_row rows[] = {
    {"abs", takes_real_numbers, make_abs},
    {"add", takes_numbers, make_add},
    {"all", takes_all, make_all},
    {"any", takes_all, make_any},
    {"arange", takes_all, make_arange},
    {"argmax", takes_ordered, make_argmax},
    {"argmin", takes_ordered, make_argmin},
    {"assume", takes_numbers, make_assume},
    {"batch_dot", takes_numbers, make_batch_dot},
    {"batch_flatten", takes_all, make_batch_flatten},
    {"bias_add", takes_real_numbers, make_bias_add},
    {"cast", takes_all, make_cast},
    {"clip", takes_real_numbers, make_clip},
    {"concatenate", takes_all, make_concatenate},
    {"cos", takes_floats, make_cos},
    {"cumprod", takes_numbers, make_cumprod},
    {"cumsum", takes_numbers, make_cumsum},
    {"diag_part", takes_all, make_diag_part},
    {"divide", takes_numbers, make_divide},
    {"dot", takes_numbers, make_dot},
    {"elu", takes_floats, make_elu},
    {"equal", takes_all, make_equal},
    {"erf", takes_floats, make_erf},
    {"exp", takes_floats, make_exp},
    {"expand_dims", takes_all, make_expand_dims},
    {"eye", takes_all, make_eye},
    {"flatten", takes_all, make_flatten},
    {"floor_divide", takes_real_numbers, make_floor_divide},
    {"gather", takes_all, make_gather},
    {"gelu", takes_floats, make_gelu},
    {"greater", takes_real_numbers, make_greater},
    {"greater_equal", takes_real_numbers, make_greater_equal},
    {"hard_sigmoid", takes_floats, make_hard_sigmoid},
    {"identity", takes_all, make_identity},
    {"index", takes_all, make_index},
    {"l2_normalize", takes_inexact, make_l2_normalize},
    {"layer_normalization", takes_floats, make_layer_normalization},
    {"less", takes_real_numbers, make_less},
    {"less_equal", takes_real_numbers, make_less_equal},
    {"log", takes_floats, make_log},
    {"logsumexp", takes_floats, make_logsumexp},
    {"matmul", takes_numbers, make_matmul},
    {"max", takes_real_numbers, make_max},
    {"maximum", takes_real_numbers, make_maximum},
    {"mean", takes_numbers, make_mean},
    {"min", takes_real_numbers, make_min},
    {"minimum", takes_real_numbers, make_minimum},
    {"mod", takes_real_numbers, make_mod},
    {"multiply", takes_numbers, make_multiply},
    {"negative", takes_numbers, make_negative},
    {"not_equal", takes_all, make_not_equal},
    {"one_hot", takes_classes, make_one_hot},
    {"ones_like", takes_all, make_ones_like},
    {"permute_dimensions", takes_all, make_permute_dimensions},
    {"pow", takes_real_numbers, make_pow},
    {"power", takes_real_numbers, make_power},
    {"prod", takes_numbers, make_prod},
    {"relu", takes_real_numbers, make_relu},
    {"repeat", takes_all, make_repeat},
    {"repeat_elements", takes_all, make_repeat_elements},
    {"reshape", takes_all, make_reshape},
    {"reverse", takes_all, make_reverse},
    {"rms_normalization", takes_floats, make_rms_normalization},
    {"round", takes_real_numbers, make_round},
    {"sigmoid", takes_floats, make_sigmoid},
    {"sign", takes_real_numbers, make_sign},
    {"sin", takes_floats, make_sin},
    {"softmax", takes_floats, make_softmax},
    {"softplus", takes_floats, make_softplus},
    {"softsign", takes_floats, make_softsign},
    {"sqrt", takes_floats, make_sqrt},
    {"square", takes_numbers, make_square},
    {"squeeze", takes_all, make_squeeze},
    {"stack", takes_all, make_stack},
    {"std", takes_inexact_or_bool, make_std},
    {"subtract", takes_numbers, make_subtract},
    {"sum", takes_numbers, make_sum},
    {"switch", takes_all, make_switch},
    {"tanh", takes_floats, make_tanh},
    {"tile", takes_all, make_tile},
    {"transpose", takes_all, make_transpose},
    {"var", takes_inexact_or_bool, make_var},
    {"where", takes_all, make_where},
    {"zeros_like", takes_all, make_zeros_like},
};

const oracle_row *oracle_at(size_t index) {
  return index < sizeof rows / sizeof *rows ? &rows[index] : NULL;
}

const oracle_row *oracle_named(const char *op) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (strcmp(rows[i].op, op) == 0) return &rows[i];
  return NULL;
}

bool takes_all(gm_dtype dtype) {
  return dtype <= GM_COMPLEX128;
}
bool takes_ordered(gm_dtype dtype) {
  return !dtype_is_complex(dtype);
}
bool takes_inexact(gm_dtype dtype) {
  return !dtype_is_whole(dtype);
}
bool takes_inexact_or_bool(gm_dtype dtype) {
  return takes_inexact(dtype) || dtype == GM_BOOL;
}
bool takes_numbers(gm_dtype dtype) {
  return dtype != GM_BOOL;
}
bool takes_real_numbers(gm_dtype dtype) {
  return dtype != GM_BOOL && !dtype_is_complex(dtype);
}
bool takes_floats(gm_dtype dtype) {
  return !dtype_is_whole(dtype) && !dtype_is_complex(dtype);
}

void sample_want(sample *made, gm_dtype dtype, int rank, const int64_t *dims) {
  made->want = cells_new(dtype, rank, dims);
  made->bound = calloc((size_t)made->want.count + 1, sizeof *made->bound);
  if (made->bound == NULL) abort();
}

cells *sample_input(sample *made, draw *from, gm_dtype dtype, int rank, const int64_t *dims) {
  cells *input = &made->inputs[made->count++];
  *input = cells_new(dtype, rank, dims);
  draw_fill(from, input);
  return input;
}

void sample_free(sample *made) {
  for (size_t i = 0; i < made->count; i++) cells_free(&made->inputs[i]);
  cells_free(&made->want);
  free(made->bound);
  *made = (sample){.op = made->op};
}

int drawn_dims(draw *from, int least, int most, int64_t *dims) {
  int rank = least + (int)draw_below(from, most - least + 1);
  for (int axis = 0; axis < rank; axis++)
    dims[axis] = draw_below(from, 24) == 0 ? 0 : 1 + draw_below(from, 4);
  return rank;
}

double dtype_least(gm_dtype dtype) {
  static const int exponents[GM_COMPLEX128 + 1] = {[GM_FLOAT16] = -24,
      [GM_BFLOAT16] = -133,
      [GM_FLOAT32] = -149,
      [GM_FLOAT64] = -1074,
      [GM_COMPLEX64] = -149,
      [GM_COMPLEX128] = -1074};
  return dtype_is_whole(dtype) ? 0 : ldexp(1, exponents[dtype]);
}

/* ---- Arithmetic on one element ---- */

static int64_t wrap(uint64_t value) {
  return (int64_t)value;
}

cell cell_add(cell a, cell b) {
  return (cell){a.re + b.re, a.im + b.im, wrap((uint64_t)a.whole + (uint64_t)b.whole)};
}

cell cell_subtract(cell a, cell b) {
  return (cell){a.re - b.re, a.im - b.im, wrap((uint64_t)a.whole - (uint64_t)b.whole)};
}

cell cell_multiply(cell a, cell b) {
  return (cell){
      a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re, wrap((uint64_t)a.whole * (uint64_t)b.whole)};
}

double cell_size(cell a) {
  return hypot(a.re, a.im);
}

/* ---- dot ---- */

typedef struct inner {
  int x_axis, y_axis; /**< -1 where that side is a scalar, and nothing is summed */
  int64_t length;
} inner;

static inner contraction(const cells *x, const cells *y) {
  if (x->rank == 0 || y->rank == 0) return (inner){-1, -1, 1};
  return (inner){x->rank - 1, y->rank > 1 ? y->rank - 2 : 0, x->dims[x->rank - 1]};
}

static int without_axis(const cells *array, int axis, int64_t *dims) {
  int rank = 0;
  for (int i = 0; i < array->rank; i++)
    if (i != axis) dims[rank++] = array->dims[i];
  return rank;
}

static void with_axis(const cells *array, int axis, const int64_t *outer, int64_t k, int64_t *index) {
  for (int i = 0, next = 0; i < array->rank; i++) index[i] = i == axis ? k : outer[next++];
}

static void sum_products(sample *made, inner along, int x_outer, const int64_t *index, int64_t at) {
  const cells *x = &made->inputs[0], *y = &made->inputs[1];
  int64_t x_index[GM_MAX_RANK], y_index[GM_MAX_RANK];
  cell sum = {0};
  double size = 0;
  for (int64_t k = 0; k < along.length; k++) {
    with_axis(x, along.x_axis, index, k, x_index);
    with_axis(y, along.y_axis, index + x_outer, k, y_index);
    cell a = x->at[cells_offset(x, x_index)], b = y->at[cells_offset(y, y_index)];
    sum = cell_add(sum, cell_multiply(a, b));
    size += cell_size(a) * cell_size(b);
  }
  double factor = dtype_is_complex(x->dtype) ? 4 : 2;
  made->want.at[at] = cell_rounded(sum, x->dtype);
  made->bound[at] = factor * (double)along.length * dtype_unit(x->dtype) * size + dtype_least(x->dtype);
}

void oracle_dot(sample *made) {
  const cells *x = &made->inputs[0], *y = &made->inputs[1];
  inner along = contraction(x, y);
  int64_t dims[2 * GM_MAX_RANK], index[2 * GM_MAX_RANK] = {0}, at = 0;
  int x_outer = without_axis(x, along.x_axis, dims);
  int rank = x_outer + without_axis(y, along.y_axis, dims + x_outer);
  sample_want(made, x->dtype, rank, dims);
  if (made->want.count == 0) return;
  do sum_products(made, along, x_outer, index, at++);
  while (next_index(rank, dims, index));
}

void make_dot(draw *from, gm_dtype dtype, sample *made) {
  int64_t x_dims[GM_MAX_RANK], y_dims[GM_MAX_RANK];
  int x_rank = drawn_dims(from, 0, 4, x_dims), y_rank = drawn_dims(from, 0, 4, y_dims);
  if (x_rank > 0 && y_rank > 0) y_dims[y_rank > 1 ? y_rank - 2 : 0] = x_dims[x_rank - 1];
  sample_input(made, from, dtype, x_rank, x_dims);
  sample_input(made, from, dtype, y_rank, y_dims);
  oracle_dot(made);
}
