/* SPDX-License-Identifier: MIT
 *
 * The workbench of lowering: a record's lower function sees the views of its inputs and either returns a view
 * of one (no step) or makes buffers and steps. The steps of one set of dims form a program; its buffers are
 * placed afterwards. Loops are coalesced here, and steps without elements never made. */
#ifndef GM_GRAPH_LOWER_H
#define GM_GRAPH_LOWER_H

#include "graph/op.h"
#include "graph/view.h"
#include "kernel/step.h"

typedef enum gm__buffer_kind {
  GM__BUFFER_FEED,
  GM__BUFFER_VALUE,
  GM__BUFFER_FOLDED,
  GM__BUFFER_TEMPORARY,
  GM__BUFFER_OUTPUT,
  GM__BUFFER_PACKED
} gm__buffer_kind;

/** index: which placeholder of the plan, which slot of the store, which value that the plan folded, which
 * output, which packing of the program. */
typedef struct gm__buffer {
  gm__buffer_kind kind;
  uint32_t index;
  uint32_t same;        /* placed in the memory of this buffer: its own number, or a higher one */
  uint32_t node;        /* whose value it holds, at last */
  bool kept;            /* temporaries: from one run to the next; values: steps that run once read it */
  size_t bytes, offset; /* offset: temporaries and outputs, in the workspace */
  uint32_t first, last; /* the steps that first write and last touch it */
} gm__buffer;

/** A constant factor that is packed once: its memory is the value's, where all who have the same `key` find
 * it. */
typedef struct gm__packing {
  uint32_t value, buffer; /* the buffers of the value and of what is packed */
  int64_t offset;         /* bytes into the value */
  gm__pack pack;
  size_t bytes, key_bytes;
  const void *key;
} gm__packing;

/** Steps and buffers of one specialisation. Zero-initialise. */
typedef struct gm__program {
  gm__arena arena;
  gm__step *steps;
  gm__buffer *buffers;
  gm__packing *packings;
  size_t step_count, step_capacity, buffer_count, buffer_capacity, packing_count, packing_capacity;
} gm__program;

void gm__program_free(gm__program *program);
gm_status gm__program_buffer(
    gm__program *program, gm__buffer_kind kind, uint32_t index, size_t bytes, uint32_t *out, gm_error *error);

/** What is known of an input's last two axes. `raw`: the entries outside its form are not zero in memory, and
 * take no part. */
typedef struct gm__known {
  gm__form form;
  bool raw;
} gm__known;

/** How a product with a form was lowered, for the log; "": as any other. */
typedef struct gm__formed {
  char how[100];
  double flops_before, flops_after;
} gm__formed;

struct gm__lower {
  const gm__op *op;
  const gm__attr *attrs;
  const gm__view *in;
  int count;
  gm__view *out; /* results, with dtype and dims */
  gm__program *program;
  const char *kernel; /* the provider asked for; NULL: the best */
  bool exact, check_structure, keep_blas_threads;
  const gm__known *known; /* by input, of products; NULL: no form is to be used, and none is raw */
  uint32_t wanted;        /* bit i: no steps were made, since input i must not be raw */
  gm__formed formed;
  uint32_t open; /* bit i: input i has a dim that was not known when the plan was made */
  uint32_t node;
  gm_error *error;
};

/** The most inputs of one map step. */
#define GM__MAP_INPUTS 8

/** A new contiguous buffer for a view with dtype and dims. */
gm_status gm__lower_new(gm__lower *l, gm__view *view);
/** A program over broadcast inputs (they are broadcast here); `out` is a buffer of its own. */
gm_status gm__lower_map(
    gm__lower *l, const gm__map_op *ops, int count, const gm__view *in, int inputs, const gm__view *out);
/** One function of map.def on all inputs, in `dtype`, with parameters (NULL: none; copied). */
gm_status gm__lower_function(gm__lower *l, const char *name, gm_dtype dtype, const double *parameters,
    int parameter_count, const gm__view *in, int inputs, const gm__view *out);
/** A view converted to `dtype`, a buffer of its own; the view itself when it has the dtype. */
gm_status gm__lower_cast(gm__lower *l, gm__view *view, gm_dtype dtype);
gm_status gm__lower_copy(gm__lower *l, const gm__view *from, const gm__view *to);
/** Copies unless the view is contiguous. */
gm_status gm__lower_contiguous(gm__lower *l, gm__view *view);
/** The same elements in the same order under other dims; copies where no strides can say it. */
gm_status gm__lower_reshape(gm__lower *l, gm__view *view, int rank, const int64_t *dims);
/** Every byte zero. */
gm_status gm__lower_zero(gm__lower *l, const gm__view *to);
/** Every element `value`, which the dtype must be able to hold. */
gm_status gm__lower_fill(gm__lower *l, const gm__view *to, double value);
/** A view of l->out[0]'s dims and dtype on a single element that holds `value`. */
gm_status gm__lower_broadcast(gm__lower *l, double value);
/** `to` is `from` with the elements along axis a each repeated each[a] times, or all of them whole[a] times:
 * one of the two is 1. */
gm_status gm__lower_repeat(
    gm__lower *l, const int64_t *whole, const int64_t *each, const gm__view *from, const gm__view *to);
/** to[i..., j...] = from[indices[i...], j...]. */
gm_status gm__lower_gather(gm__lower *l, const gm__view *from, const gm__view *indices, const gm__view *to);
/** to[i..., j] = indices[i...] == j, as float32 0 and 1. */
gm_status gm__lower_one_hot(gm__lower *l, const gm__view *indices, const gm__view *to);
/** to[i] = start + i * step, converted to its dtype; whole numbers wrap. */
gm_status gm__lower_range(gm__lower *l, double start, double step, const gm__view *to);
/** Reduces the axes of `in` that are flagged; `out` has the others, in order. */
gm_status gm__lower_reduce(
    gm__lower *l, gm__reduction op, const bool *axes, const gm__view *in, const gm__view *out);
/** The places, int64, of the greatest (GM__MAX) or least (GM__MIN) along an axis; `out` has the other axes.
 */
gm_status gm__lower_arg(gm__lower *l, gm__reduction which, int axis, const gm__view *in, const gm__view *out);
/** Running sums (GM__SUM) or products (GM__PROD) along an axis. */
gm_status gm__lower_scan(gm__lower *l, gm__reduction how, int axis, const gm__view *in, const gm__view *out);
/** The normalisations of gm__standardise, over the axes that are flagged; gamma and beta (NULL: none) have
 * x's axes, with stride 0 where they repeat. */
gm_status gm__lower_standardise(gm__lower *l, gm__reduction statistic, double epsilon, const bool *axes,
    const gm__view *in, const gm__view *gamma, const gm__view *beta, const gm__view *out);
gm_status gm__lower_softmax(gm__lower *l, int axis, const gm__view *in, const gm__view *out);
/** Entries outside the form become zero. `declared`: what a check's message says; `out` NULL: it is only
 * checked. */
gm_status gm__lower_structure(
    gm__lower *l, gm__form form, gm__structure declared, bool check, const gm__view *in, const gm__view *out);
/** C[batch…, rows…, columns…] = alpha · Σ_k A[batch…, rows…, k] · B[batch…, k, columns…] + beta ·
 * added[batch…, rows…, columns…], the axes in c's order, those of a and b in any; added (NULL: nothing, and
 * beta is 0) broadcasts to c. An operand that is the same in all batches has stride 0 there. What fits no
 * single product becomes batch loops, or is copied first where that is cheaper. */
typedef struct gm__product {
  gm__view a, b, c;
  int batch_axes, row_axes; /* c's leading axes; the others are columns */
  int a_batch[GM_MAX_RANK]; /* the axes of a, */
  int b_batch[GM_MAX_RANK]; /* and of b, that the batches are */
  int rows[GM_MAX_RANK];    /* the axes of a that they are */
  int columns[GM_MAX_RANK]; /* the axes of b that the columns are */
  int a_inner, b_inner;     /* the axis of a and b that is summed over */
  double alpha, beta;
  const gm__view *added;
} gm__product;
gm_status gm__lower_product(gm__lower *l, gm__product *product);

#endif
