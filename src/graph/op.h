/* SPDX-License-Identifier: MIT
 *
 * The operation record: everything that is known of an operation, in one place. Parsing, validation,
 * inference, printing, lowering and help follow from it; adding one is one file (or a row) and one line in
 * ops.def. */
#ifndef GM_GRAPH_OP_H
#define GM_GRAPH_OP_H

#include "graph/attr.h"
#include "kernel/form.h"
#include "kernel/law.h"

#define GM__MAX_RESULTS 4
#define GM__ANY_COUNT 65535

/** Properties that passes ask for. */
enum {
  GM__ELEMENTWISE = 1, /* out[i] depends on in[i] alone, broadcast */
  GM__VIEW = 2,        /* moves no data by itself */
  GM__SOURCE = 4,      /* placeholder, variable, constant, number */
  GM__RANDOM = 8,
  GM__STATEFUL = 16,
  GM__READS_PHASE = 32,
  GM__MIXED_DTYPES = 64,    /* the inputs need not share one dtype; see same_dtype where some must */
  GM__FILL = 128,           /* made of nothing or of one element: cheaper to make than to keep */
  GM__DECLARES = 256,       /* its first input, entries outside the form counting as zero */
  GM__ACCUMULATES = 512,    /* an element is a sum, or the like, of several; products say so by `product` */
  GM__TAKES_DIAGONAL = 1024 /* out[..., i] is x[..., i, i] */
};

/** An input of an operation, the first of the others, and the result; dims that are not known are -1. */
typedef struct gm__axes {
  const gm__attr *attrs;
  int input;
  gm__shape in, other, out;
} gm__axes;
/** `count` places of an axis, `step` apart. `whole`: all of them, in order. */
typedef struct gm__part {
  bool whole;
  int64_t first, step, count;
} gm__part;

typedef struct gm__op gm__op;
typedef struct gm__infer gm__infer;
typedef struct gm__lower gm__lower;

struct gm__op {
  const char *name, *doc, *formula, *source; /* source: of the semantics */
  const char *inputs;                        /* their names for help: "x, y" */
  const char *kind;                          /* of its step, "gemm"; "view" for none */
  int min_inputs, max_inputs, results;       /* results: 1 */
  unsigned flags, laws;                      /* laws: of kernel/law.h */
  unsigned kinds;                            /* of the inputs' dtype: 1 << gm__kind; 0: all */
  unsigned same_dtype; /* 1 << input: those that share one dtype, which numbers take; 0: all */
  const gm__attr_row *attrs;
  int attr_count;
  const char *example; /* a YAML node that runs on inputs named in `inputs` */
  const char *map;     /* elementwise: the row of map.def */
  /** What is demanded of the inputs' ranks, whatever the attributes are, which are not read yet; NULL:
   * nothing. */
  gm_status (*ranks)(const gm__infer *call);
  /** Fills out[] (dtype, rank, dims), unifies what must be equal. */
  gm_status (*infer)(gm__infer *call);
  /** The product's M, N, K and batch as dims; NULL for operations that are none. */
  gm_status (*product)(gm__infer *call, gm__dim mnk[4]);
  /** Operations of one evaluation; NULL: 2 M N K of a product, else 1 an element of the result, 0 for views.
   */
  gm_status (*flops)(gm__infer *call, gm__dim *flops);
  /** Where only the order of axes changes: axis i of the result is axis order[i] of the input. NULL:
   * elsewhere. */
  void (*order)(const gm__attr *attrs, int rank, int *order);
  /** Which axis of the result runs along each axis of the input: a part of the one is made of the same part
   * of the other, where they are equally long. -1: none does, and the whole axis takes part in every element.
   * NULL: nothing that is known, but for elementwise operations and orders of axes. */
  void (*along)(const gm__axes *axes, int *along);
  /** The axis of a result of that rank along which the inputs lie one after the other, with their own axis of
   * that number, or a new one of length 1. NULL: they do not. */
  int (*joined)(const gm__attr *attrs, int rank);
  /** Where the result is a part of the input: the part of each axis, and for each axis of the result the one
   * of the input, or -1 for a new one; those that do not occur are gone, their parts being single places.
   * Does it follow from the lengths that are known? NULL: elsewhere. */
  bool (*select)(const gm__attr *attrs, gm__shape in, gm__part *parts, int *axes);
  /** What every element of the result is, whatever the inputs are. NULL: nothing that is known. */
  const double *everywhere;
  /** The form of the result's last two axes, given the inputs'. NULL: what follows from the rest. */
  gm__form (*form)(const gm__attr *attrs, const gm__form *inputs);
  /** To steps; dims are known. NULL for sources. */
  gm_status (*lower)(gm__lower *lower);
};

/** A result's dtype and shape. */
typedef struct gm__result {
  gm_dtype dtype;
  int rank;
  gm__dim dims[GM_MAX_RANK];
} gm__result;

/** What infer sees. Input shapes are resolved; `written` are the same as the inputs' nodes hold them, for
 * demands: their messages tell what was learnt on the way from one to the other. */
struct gm__infer {
  const gm__op *op;
  const gm__attr *attrs;
  int count;
  const gm__shape *shape, *written;
  const gm_dtype *dtype;
  gm__result *out;
  gm__dims *dims;
  const uint32_t *nodes; /* the inputs' places, for messages */
  uint32_t node;         /* the place that the new node will have, */
  const char *name;      /* and its name */
  gm__namer namer;
  gm_error *error;
};

/* ---- For infer (infer.c) ---- */
/** "op: sentence", with error.node the new node's. Returns the status. */
gm_status gm__infer_fail(const gm__infer *c, gm_status status, const char *format, ...) GM__PRINTF(3, 4);
/** out[0] has the dtype and shape of input i. */
void gm__infer_like(gm__infer *c, int input);
/** Does the dtype of input i belong to those that are the same? */
static inline bool gm__op_shares_dtype(const gm__op *op, size_t input) {
  return op->same_dtype == 0 || (input < 32 && (op->same_dtype >> input & 1u));
}
/** Those inputs have the same dtype; GM_BAD_DTYPE says what to cast. */
gm_status gm__infer_same_dtype(const gm__infer *c);
/** The dtype of input i is of the record's kinds; GM_BAD_DTYPE names the cast to use. */
gm_status gm__infer_kinds(const gm__infer *c, int input);
#define GM__REAL_KINDS (1u << GM__KIND_FLOAT)
#define GM__FLOAT_KINDS (1u << GM__KIND_FLOAT | 1u << GM__KIND_COMPLEX)
#define GM__NUMBER_KINDS (GM__FLOAT_KINDS | 1u << GM__KIND_INT | 1u << GM__KIND_UINT)
/** Input 0 has rank 2 or more. */
gm_status gm__infer_matrix(const gm__infer *c);
/** Axis a of input i and axis b of input j have the same length from now on. */
gm_status gm__infer_equal(gm__infer *c, int i, int a, int j, int b);
/** The part of a demand's message that says why: "; n = 3 was learnt …", ", while …"; "" where there is none.
 */
const char *gm__infer_reason(const gm_error *cause);
/** out[0].dims (rank too) is the broadcast of all inputs. */
gm_status gm__infer_broadcast(gm__infer *c);
/** The same of all axes but the last `own` of each input (all, where it has fewer). */
gm_status gm__infer_broadcast_leading(gm__infer *c, int own);
/** An axis in [-rank, rank) made >= 0; GM_BAD_SHAPE otherwise, naming attribute, axis, input and its shape.
 */
gm_status gm__infer_axis(const gm__infer *c, int input, int64_t axis, int rank, int *out);
/** The axes of an INTEGERS attribute (null: all), each once, as flags over the axes of input 0. */
gm_status gm__infer_axes(const gm__infer *c, int attr, bool axes[GM_MAX_RANK]);
/** out[0].dims[out[0].rank++]; GM_LIMIT above GM_MAX_RANK. */
gm_status gm__infer_push(gm__infer *c, gm__dim dim);
/** `along` of a reshape: the leading and the trailing axes that are the same on both sides, but for
 * those of length 1, which might be others. */
void gm__along_reshape(const gm__axes *axes, int *along);
/** The flops of operations that only move elements. */
gm_status gm__infer_no_flops(gm__infer *c, gm__dim *flops);
/** "'x' (2, 3)". */
void gm__infer_input_text(const gm__infer *c, int input, gm__text *text);

#endif
