/* SPDX-License-Identifier: MIT
 *
 * The oracle: each operation once more, written from its formula with plain loops over plain arrays, in
 * double, int64 or wrapping integers, and with it the bound that the theory of rounding gives for each
 * element. A row of the table makes generated samples of one operation; a walk fails when an operation has no
 * row. */
#ifndef GM_TESTS_ORACLE_H
#define GM_TESTS_ORACLE_H

#include "support/cells.h"

#define SAMPLE_INPUTS 4

typedef struct sample {
  const char *op;
  cells inputs[SAMPLE_INPUTS];
  size_t count;
  char attributes[256];
  cells want;
  double *bound; /**< of each element of `want`: |got - want| <= bound; NULL: equal */
} sample;

typedef struct oracle_row {
  const char *op;
  bool (*takes)(gm_dtype dtype);
  void (*make)(draw *from, gm_dtype dtype, sample *made);
} oracle_row;

/** The table; NULL past the end. */
const oracle_row *oracle_at(size_t index);
const oracle_row *oracle_named(const char *op);

/** Empties the sample; its operation stays. */
void sample_free(sample *made);

/** How the placeholders of a trial are declared. */
typedef enum declared { WITH_LENGTHS, WITH_UNKNOWNS, WITH_SYMBOLS } declared;

/** The sample on placeholders, which have these names. */
extern const char *const sample_names[SAMPLE_INPUTS];
gm_node sample_build(const sample *made, declared how, gm_graph *graph);
/** Builds, plans and runs the sample, and compares; what differs, in a sentence, otherwise. */
bool sample_agrees(const sample *made, declared how, char *why, size_t size);

/* ---- What the rows are made of ---- */

bool takes_numbers(gm_dtype dtype);
bool takes_real_numbers(gm_dtype dtype);
bool takes_floats(gm_dtype dtype);
bool takes_all(gm_dtype dtype);
/** Everything that has an order. */
bool takes_ordered(gm_dtype dtype);
/** Floats and complex numbers; and bool, which counts as float32. */
bool takes_inexact(gm_dtype dtype);
bool takes_inexact_or_bool(gm_dtype dtype);
bool takes_classes(gm_dtype dtype);

/** Makes `want` and `bound`, all zero. */
void sample_want(sample *made, gm_dtype dtype, int rank, const int64_t *dims);
/** A generated input; returned for reading. */
cells *sample_input(sample *made, draw *from, gm_dtype dtype, int rank, const int64_t *dims);
/** Attributes {key: [values…]}. */
void sample_list(sample *made, const char *key, const int64_t *values, int count);
/** Rank up to `most`; lengths 1 to 4, now and then 0. */
int drawn_dims(draw *from, int least, int most, int64_t *dims);
/** The smallest distance between numbers of the dtype: what a bound must allow besides. */
double dtype_least(gm_dtype dtype);

cell cell_add(cell a, cell b);
cell cell_subtract(cell a, cell b);
cell cell_multiply(cell a, cell b);
double cell_size(cell a);

/** out[i…, j…, n] = Σ_k x[i…, k] · y[j…, k, n], with the bound 2·K·u·(|A||B|). */
void oracle_dot(sample *made);

void make_dot(draw *from, gm_dtype dtype, sample *made);
void make_add(draw *from, gm_dtype dtype, sample *made);
void make_subtract(draw *from, gm_dtype dtype, sample *made);
void make_multiply(draw *from, gm_dtype dtype, sample *made);
void make_divide(draw *from, gm_dtype dtype, sample *made);
void make_negative(draw *from, gm_dtype dtype, sample *made);
void make_relu(draw *from, gm_dtype dtype, sample *made);
void make_exp(draw *from, gm_dtype dtype, sample *made);
void make_tanh(draw *from, gm_dtype dtype, sample *made);
void make_sigmoid(draw *from, gm_dtype dtype, sample *made);
void make_bias_add(draw *from, gm_dtype dtype, sample *made);
void make_softmax(draw *from, gm_dtype dtype, sample *made);
void make_sum(draw *from, gm_dtype dtype, sample *made);
void make_mean(draw *from, gm_dtype dtype, sample *made);
void make_prod(draw *from, gm_dtype dtype, sample *made);
void make_max(draw *from, gm_dtype dtype, sample *made);
void make_min(draw *from, gm_dtype dtype, sample *made);
void make_var(draw *from, gm_dtype dtype, sample *made);
void make_std(draw *from, gm_dtype dtype, sample *made);
void make_logsumexp(draw *from, gm_dtype dtype, sample *made);
void make_any(draw *from, gm_dtype dtype, sample *made);
void make_all(draw *from, gm_dtype dtype, sample *made);
void make_argmax(draw *from, gm_dtype dtype, sample *made);
void make_argmin(draw *from, gm_dtype dtype, sample *made);
void make_cumsum(draw *from, gm_dtype dtype, sample *made);
void make_cumprod(draw *from, gm_dtype dtype, sample *made);
void make_l2_normalize(draw *from, gm_dtype dtype, sample *made);
void make_layer_normalization(draw *from, gm_dtype dtype, sample *made);
void make_rms_normalization(draw *from, gm_dtype dtype, sample *made);
void make_transpose(draw *from, gm_dtype dtype, sample *made);
void make_permute_dimensions(draw *from, gm_dtype dtype, sample *made);
void make_reshape(draw *from, gm_dtype dtype, sample *made);
void make_expand_dims(draw *from, gm_dtype dtype, sample *made);
void make_squeeze(draw *from, gm_dtype dtype, sample *made);
void make_diag_part(draw *from, gm_dtype dtype, sample *made);
void make_concatenate(draw *from, gm_dtype dtype, sample *made);
void make_cast(draw *from, gm_dtype dtype, sample *made);
void make_assume(draw *from, gm_dtype dtype, sample *made);
void make_floor_divide(draw *from, gm_dtype dtype, sample *made);
void make_mod(draw *from, gm_dtype dtype, sample *made);
void make_power(draw *from, gm_dtype dtype, sample *made);
void make_pow(draw *from, gm_dtype dtype, sample *made);
void make_maximum(draw *from, gm_dtype dtype, sample *made);
void make_minimum(draw *from, gm_dtype dtype, sample *made);
void make_abs(draw *from, gm_dtype dtype, sample *made);
void make_sqrt(draw *from, gm_dtype dtype, sample *made);
void make_square(draw *from, gm_dtype dtype, sample *made);
void make_log(draw *from, gm_dtype dtype, sample *made);
void make_sign(draw *from, gm_dtype dtype, sample *made);
void make_round(draw *from, gm_dtype dtype, sample *made);
void make_sin(draw *from, gm_dtype dtype, sample *made);
void make_cos(draw *from, gm_dtype dtype, sample *made);
void make_elu(draw *from, gm_dtype dtype, sample *made);
void make_softplus(draw *from, gm_dtype dtype, sample *made);
void make_softsign(draw *from, gm_dtype dtype, sample *made);
void make_hard_sigmoid(draw *from, gm_dtype dtype, sample *made);
void make_clip(draw *from, gm_dtype dtype, sample *made);
void make_gelu(draw *from, gm_dtype dtype, sample *made);
void make_erf(draw *from, gm_dtype dtype, sample *made);
void make_equal(draw *from, gm_dtype dtype, sample *made);
void make_not_equal(draw *from, gm_dtype dtype, sample *made);
void make_greater(draw *from, gm_dtype dtype, sample *made);
void make_greater_equal(draw *from, gm_dtype dtype, sample *made);
void make_less(draw *from, gm_dtype dtype, sample *made);
void make_less_equal(draw *from, gm_dtype dtype, sample *made);
void make_switch(draw *from, gm_dtype dtype, sample *made);
void make_where(draw *from, gm_dtype dtype, sample *made);
void make_identity(draw *from, gm_dtype dtype, sample *made);
void make_arange(draw *from, gm_dtype dtype, sample *made);
void make_batch_dot(draw *from, gm_dtype dtype, sample *made);
void make_batch_flatten(draw *from, gm_dtype dtype, sample *made);
void make_eye(draw *from, gm_dtype dtype, sample *made);
void make_flatten(draw *from, gm_dtype dtype, sample *made);
void make_gather(draw *from, gm_dtype dtype, sample *made);
void make_index(draw *from, gm_dtype dtype, sample *made);
void make_matmul(draw *from, gm_dtype dtype, sample *made);
void make_one_hot(draw *from, gm_dtype dtype, sample *made);
void make_ones_like(draw *from, gm_dtype dtype, sample *made);
void make_repeat(draw *from, gm_dtype dtype, sample *made);
void make_repeat_elements(draw *from, gm_dtype dtype, sample *made);
void make_reverse(draw *from, gm_dtype dtype, sample *made);
void make_stack(draw *from, gm_dtype dtype, sample *made);
void make_tile(draw *from, gm_dtype dtype, sample *made);
void make_zeros_like(draw *from, gm_dtype dtype, sample *made);

#endif
