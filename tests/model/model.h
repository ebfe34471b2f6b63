/* SPDX-License-Identifier: MIT
 *
 * The model: what a graph computes, node by node, with plain loops in double (wrapping integers), independent
 * of the library's planner and kernels, with the error that each element may have. A row of the table holds
 * an operation. On small integers operations that stay exact are modelled exactly: without any error. */
#ifndef GM_TESTS_MODEL_H
#define GM_TESTS_MODEL_H

#include "model/attributes.h"
#include "model/known.h"
#include "support/oracle.h"

#define MODEL_INPUTS 4

typedef struct call {
  const char *op;
  const field *in[MODEL_INPUTS];
  int count;
  const char *attributes;
  bool exact; /**< no rounding happens: leaves are small integers, and all values are */
} call;

/** Half the distance between numbers near 1 of the result's dtype, and what the model itself rounds; 0 when
 *  exact. */
double call_unit(const call *c, gm_dtype dtype);
/** The smallest number of the dtype; 0 when exact. */
double call_least(const call *c, gm_dtype dtype);
/** The greatest mass that is of use: every number up to here is exact in the dtype, or far from its greatest.
 */
double call_most(const call *c, gm_dtype dtype);
/** What a product loses that underflows: in another order a number as great as call_most may follow as a
 * factor. */
double call_lost(const call *c, gm_dtype dtype);

/** Makes `out`; false, with nothing made, where the operation does not take the inputs. */
typedef bool evaluator(const call *c, field *out);
/** Writes attributes that fit the inputs. */
typedef void chooser(draw *from, const field *const *in, int count, char *text, size_t size);

typedef struct model_row {
  const char *op;
  evaluator *evaluate;
  int least, most;  /**< inputs */
  bool stays_exact; /**< on small integers */
  chooser *choose;  /**< NULL: no attributes */
} model_row;

/** There are fewer operations. */
#define MODEL_MOST 256
/** NULL past the end, and for what is not there. */
const model_row *model_at(size_t index);
const model_row *model_named(const char *op);
size_t model_index_of(const char *op);

/* ---- Elements (model_element.c) ---- */
known known_sum(known a, known b, double unit);
known known_difference(known a, known b, double unit);
known known_product(known a, known b, double unit);
known known_quotient(known a, known b, double unit);
known known_cast(const call *c, known x, gm_dtype from, gm_dtype to);
/** An integer as a real number; others as they are. */
known known_as_real(known x, gm_dtype from);

/* ---- Families ---- */
evaluator model_function, model_pow, model_cast;    /* model_function.c */
evaluator model_pair, model_choice;                 /* model_pair.c */
evaluator model_reduction;                          /* model_reduce.c */
evaluator model_place, model_scan, model_softmax;   /* model_along.c */
evaluator model_normalization;                      /* model_normalise.c */
evaluator model_dot, model_matmul, model_batch_dot; /* model_product.c */
evaluator model_permutation, model_diagonal, model_reshape, model_rules, model_index, model_joined,
    model_assume, model_repeat, model_gather, model_one_hot, model_fill; /* model_move.c, model_make.c */

/** The axes of a call as flags over those of input 0, by its attribute; `absent` where there is none:
 *  ALL_AXES, or one axis. */
#define ALL_AXES 100
void call_axes(const call *c, const char *key, int absent, bool over[FIELD_RANK]);
/** The elements of x in the group of the place `index` (groups run over the axes `over`), in their order. */
#define GROUP_MOST FIELD_MOST
int group_of(const field *x, const bool *over, const int64_t *index, known *group);

/* ---- Attributes (choose.c) ---- */
chooser choose_axes, choose_groups, choose_axis, choose_new_axis, choose_permutation, choose_reshape,
    choose_index, choose_tile, choose_repeat, choose_repeat_elements, choose_reverse, choose_squeeze,
    choose_relu, choose_clip, choose_pow, choose_elu, choose_gelu, choose_cast, choose_assume, choose_one_hot,
    choose_eye, choose_arange, choose_batch_dot, choose_like;

#endif
