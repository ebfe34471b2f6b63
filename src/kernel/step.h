/* SPDX-License-Identifier: MIT
 *
 * Steps: what the machine does. A step is a kernel, its operands, and a descriptor of loops and strides; it
 * knows buffers, never graphs. Lowering makes steps, the planner places their buffers and may run them to
 * fold constants, the executor runs them. Running allocates nothing. */
#ifndef GM_KERNEL_STEP_H
#define GM_KERNEL_STEP_H

#include "base/alloc.h"
#include "base/loop.h"
#include "base/text.h"
#include "kernel/form.h"
#include "tensor/dtype.h"

/** Where an operand begins: a buffer of the run's table and a byte offset into it. */
typedef struct gm__operand {
  uint32_t buffer;
  uint32_t dtype;
  int64_t offset;
} gm__operand;

/** One run under way. */
typedef struct gm__run {
  char *const *bases;  /* one address a buffer */
  const gm_pool *pool; /* NULL: this thread alone */
  gm_error *error;
} gm__run;

typedef struct gm__step gm__step;

/** How a step is cut for threads: along an axis of the loops at this offset of its descriptor, which has
 * `size` bytes. Their operands are so many of the step's, from `first` on, the last of them what it writes;
 * 0: all. size 0: it is not cut, or cuts itself. */
typedef struct gm__cut {
  uint16_t size, loops;
  uint8_t first, operands;
  float time; /* nanoseconds that one of its flops takes, about */
} gm__cut;
#define GM__CUT(descriptor, member, first, operands, time)                                                   \
  { sizeof(descriptor), offsetof(descriptor, member), first, operands, time }

/** A kernel: one kind of step. */
typedef struct gm__kernel {
  const char *kind; /* "gemm", "map", "reduce", … */
  gm_status (*run)(const gm__step *step, const gm__run *run);
  const char *(*variant)(const gm__step *step); /* which implementation: "openblas"; NULL: none to tell */
  void (*text)(const gm__step *step, gm__text *text); /* the descriptor for people: "m=2 n=4 k=3" */
  gm__cut cut;
} gm__kernel;

/** Operands: those read first, then those written. A temporary for the kernel alone counts as written. */
struct gm__step {
  const gm__kernel *kernel;
  const gm__operand *operands;
  const void *descriptor; /* gm__gemm, gm__map, … by kernel */
  uint16_t reads, writes;
  uint32_t in_place; /* bit i: the output may be the very buffer of read i, which has the same access */
  uint32_t node;     /* the node that it computes */
  bool once;         /* variables and constants alone decide it: not every run needs it */
  double flops, bytes;
};

/* NULL for an operand of no bytes whose buffer has no address. */
static inline void *gm__step_address(const gm__step *step, const gm__run *run, int operand) {
  const gm__operand *o = &step->operands[operand];
  char *base = run->bases[o->buffer];
  return base == NULL ? NULL : base + o->offset;
}

/** Runs a step, on several threads where it gains by them. What it fails with is what one thread would. */
gm_status gm__step_run(const gm__step *step, const gm__run *run);
/** About how many nanoseconds it takes on one thread. */
double gm__step_time(const gm__step *step);
/** Does it gain by more threads that are awake? */
bool gm__step_gains(const gm__step *step);
/** Into about how many parts it is cut for the pool; 1: it does not gain. */
int64_t gm__step_parts(const gm__step *step, const gm_pool *pool);

/* Nested loops with one element stride an operand and axis: strides[operand * rank + axis]. Axes are
 * coalesced where all operands allow it, axes of length 1 are gone, the last is the innermost. */
typedef struct gm__loops {
  int rank;
  const int64_t *dims;
  const int64_t *strides;
} gm__loops;
/* The greatest rank of loops. */
#define GM__LOOPS_RANK 64

/* ---- map: a fused elementwise program over broadcast operands ---- */

/** The loop of an elementwise function over contiguous elements: `n` of each argument, a multiple of
 * GM__UNIT, so that it is made of whole vectors. `out` may be one of the args. `parameters` are the
 * instruction's numbers. */
typedef void gm__map_loop(void *out, const void *const *args, size_t n, const double *parameters);
/** An elementwise function: its loop, the dtypes of its arguments and its result, and their bytes. A narrow
 * float's loop is that of float32; NULL: a conversion. */
typedef struct gm__map_function {
  gm__map_loop *loop;
  uint8_t from, to, arity, in, out;
} gm__map_function;

/** One instruction. Registers: 0 … inputs - 1 are the operands, inputs + i the result of instruction i; the
 * last result is stored. */
typedef struct gm__map_op {
  const gm__map_function *function;
  const char *name;
  uint8_t arity, args[3];
  uint8_t dtype; /* of the result */
  const double *parameters;
  uint8_t slot; /* the block that the result stays in, by gm__map_allot */
} gm__map_op;

/** The limits of a program: its registers (inputs + count) and its instructions. */
#define GM__MAP_REGISTERS 64
#define GM__MAP_PROGRAM 32

/** Operands: `inputs` reads, one write. A stride of 0 broadcasts. */
typedef struct gm__map {
  gm__loops loops;
  int inputs, count;
  const gm__map_op *program;
  uint8_t slots, width; /* blocks for results between instructions, and bytes of their elements */
} gm__map;
/** Makes `program`, of map->count instructions, the map's, with places for its results. */
void gm__map_allot(gm__map *map, gm__map_op *program);
/** Where the operands of a map are, the output last, and the bytes of their elements. */
typedef struct gm__map_bases {
  char *at[GM__MAP_REGISTERS];
  uint8_t size[GM__MAP_REGISTERS];
} gm__map_bases;
/** Runs a map of at least one element. */
void gm__map_run(const gm__map *map, const gm__map_bases *bases);
/** The names of its instructions: "add relu". */
void gm__map_text(const gm__map *map, gm__text *text);
extern const gm__kernel gm__kernel_map;

/* ---- reduce ---- */
typedef enum gm__reduction {
  GM__SUM,
  GM__MEAN,
  GM__PROD,
  GM__MAX,
  GM__MIN,
  GM__ANY,
  GM__ALL,
  GM__VAR,
  GM__STD,
  GM__LOGSUMEXP,
  GM__SUM_SQUARE,
  GM__MEAN_SQUARE,
  GM__REDUCTIONS
} gm__reduction;
/** outer: operands {input, output}; inner: operand {input}, the axes reduced. float16 and bfloat16 accumulate
 * in float32, float32 in blocked pairwise sums; the order of additions depends on the inner dims only (never
 * on the outer ones or on threads). The mean of integers truncates toward zero (the sum does not wrap
 * before); of nothing, NaN (0 for integers). bool counts as float32 where that is the result; var and std
 * take the mean off first, logsumexp the maximum; of complex numbers, var and std are real. The sum and the
 * mean of squares are of floats. */
/** With a prologue the elements are what that map makes of its inputs, which are what the step reads instead:
 * so many at a time as it has (a multiple of 256, up to 1,024), `rest` the last ones. All are one result, and
 * the reduction takes no mean or maximum off. */
typedef struct gm__reduce {
  gm__reduction op;
  gm__loops outer, inner;
  int64_t inner_count;
  const gm__map *prologue, *rest;
} gm__reduce;
#define GM__REDUCE_CHUNK 1024
/** Does the reduction go over its elements once? */
bool gm__reduces_once(gm__reduction op, gm_dtype dtype);
extern const gm__kernel gm__kernel_reduce;

/* ---- rows: several steps over the same rows, a block of rows at a time ---- */
/** What an operand of the steps within is: operand `operand` of the whole, `shift` bytes further a row; where
 * it is kept for a block alone, so many bytes. */
typedef struct gm__rows_slot {
  uint32_t operand;
  int64_t shift, kept;
} gm__rows_slot;
/** The operands' buffers of the steps within are slots. They are made for `block` rows, those of `rest` for
 * what is left after whole blocks. */
typedef struct gm__rows {
  int64_t rows, block;
  int count, slots;
  const gm__rows_slot *slot;
  const gm__step *steps, *rest;
} gm__rows;
#define GM__ROWS_SLOTS 64
extern const gm__kernel gm__kernel_rows;

/* ---- normalise: softmax along one axis ---- */
/** outer: operands {input, output}; the axis has `length` elements at the two strides. exp(x - max) / sum;
 * float16 and bfloat16 in float32 with one rounding at the end. */
typedef struct gm__normalise {
  gm__loops outer;
  int64_t length, stride_in, stride_out;
} gm__normalise;
extern const gm__kernel gm__kernel_softmax;

/* ---- standardise: x · 1/√ of a statistic of each group of x ---- */
/** Operands: x, gamma and beta where there are any, out. outer: {x, out}, a group each; inner: {x, out,
 * gamma, beta} (stride 0 where there is none), the elements of a group. By `statistic`: GM__VAR          (x -
 * mean) / sqrt(var + epsilon) GM__MEAN_SQUARE  x / sqrt(mean of x² + epsilon) GM__SUM_SQUARE   x /
 * sqrt(max(sum of x², epsilon)) times gamma, plus beta. Floats only; float16 and bfloat16 in float32 with one
 * rounding at the end. */
typedef struct gm__standardise {
  gm__loops outer, inner;
  int64_t inner_count;
  gm__reduction statistic;
  double epsilon;
  bool gamma, beta;
} gm__standardise;
extern const gm__kernel gm__kernel_standardise;

/* ---- along one axis ---- */
/** arg: outer: operands {input, output}; the axis has `length` elements `stride` apart. The index, an int64,
 * of the first of the greatest or least; NaN beats all. length > 0. */
typedef struct gm__arg {
  gm__loops outer;
  int64_t length, stride;
  gm__reduction which; /* GM__MAX or GM__MIN */
} gm__arg;
extern const gm__kernel gm__kernel_arg;
/** scan: out[i] = x[0] ∘ … ∘ x[i], one after the other; float16 and bfloat16 accumulate in float32. */
typedef struct gm__scan {
  gm__loops outer;
  int64_t length, stride_in, stride_out;
  gm__reduction how; /* GM__SUM or GM__PROD */
} gm__scan;
extern const gm__kernel gm__kernel_scan;

/* ---- movements ---- */
/** copy: operands {from, to}, the same dtype, any strides (`size` bytes an element). Transposes are blocked.
 */
typedef struct gm__copy {
  gm__loops loops;
  size_t size;
} gm__copy;
extern const gm__kernel gm__kernel_copy;
/** fill: one write; every element becomes `value`. */
typedef struct gm__fill {
  gm__loops loops;
  size_t size;
  unsigned char value[16];
} gm__fill;
extern const gm__kernel gm__kernel_fill;

/** gather: operands {from, indices, to}; the element or row `from[i * stride]` for each index i in [0,
 * length), an integer, else GM_BAD_ARGUMENT naming it. positions: operands {indices, to}; row: operands
 * {from, to}. */
typedef struct gm__gather {
  gm__loops positions, row;
  int64_t length, stride;
  size_t size;
} gm__gather;
extern const gm__kernel gm__kernel_gather;
/** one_hot: operands {indices, to}; `classes` contiguous float32 for each index i, all 0 but the i-th, which
 * is 1. */
typedef struct gm__one_hot {
  gm__loops positions;
  int64_t classes;
} gm__one_hot;
extern const gm__kernel gm__kernel_one_hot;
/** range: one write, contiguous; start + i * step in double, converted as gm__convert does (through int64
 * when `whole`, so that integers wrap). */
typedef struct gm__range {
  double start, step;
  int64_t count;
  bool whole;
} gm__range;
extern const gm__kernel gm__kernel_range;

/** structure: copies a batch of rows × columns matrices, entries outside the form becoming 0 (symmetric: the
 * upper triangle mirrors the lower). outer: operands {from, to} over the leading axes. With `check`, reads
 * them all and fails with GM_BAD_SHAPE naming the first entry that breaks the promise: "entry [0, 2] is 5,
 * but the matrix is declared lower_triangular"; a step that writes nothing does this alone. */
typedef struct gm__structured {
  gm__loops outer;
  gm__form form;
  gm__structure declared; /* for the message */
  int64_t rows, columns, from_row, from_column, to_row, to_column;
  bool check;
} gm__structured;
extern const gm__kernel gm__kernel_structure;

/* ---- gemm ---- */
/** out[m, n] = alpha · Σ_k A[m, k] · B[k, n] + beta · added, for each index of the batch loops (operands {a,
 * b, out}). The step reads a, b and, with `adds`, added, which lies as out does and may be the very same
 * memory; without it beta is 0. Strides in elements. K = 0 gives beta · added, or zeros. Integers wrap; `out`
 * is the dtype of added and out (int8/uint8 -> int32, float16/bfloat16 -> float32 when widened); float16 and
 * bfloat16 accumulate in float32 and round once. */
typedef struct gm__gemm {
  int64_t m, n, k;
  int64_t a_row, a_column, b_row, b_column, c_row, c_column;
  gm__loops batch;
  gm_dtype in, out;
  double alpha, beta;
  bool adds;
  bool loose;     /* the bits may depend on how the operands lie */
  bool symmetric; /* B is Aᵗ, so that half of the result is computed, and mirrored */
  /** What is known of A and B; NULL: nothing. Entries outside take no part, and are not zero in memory when
   * the matrix is `raw`. */
  const gm__form *a_form, *b_form;
  bool a_raw, b_raw;
  const struct gm__provider *provider;
  /** The step also reads, behind added, B as its provider packs it: the matrices of a batch one after the
   * other, matrix `packed` · index for each index of the batch loops. Where that buffer has no address, there
   * was no memory for it, and B itself is read. */
  bool packs;
  const int64_t *packed; /* NULL: one matrix for all */
  /** What becomes of each element; NULL: it stays. Input 0 of the program is the product, the others are the
   * operands behind those above; its loops run over out: over the batch loops, m and n when it goes
   * `by_parts`, else over something that has as many elements in the same order. */
  const gm__map *epilogue;
  bool by_parts;
} gm__gemm;
extern const gm__kernel gm__kernel_gemm;

/** pack: operands {b, packed}; the matrices B of a product as its provider packs them, one after the other.
 */
typedef struct gm__pack {
  const gm__gemm *gemm; /* of the product; its batch does not count */
  gm__loops matrices;   /* operand b, in elements */
  size_t bytes;         /* of one, packed */
} gm__pack;
/** Packs them all. */
void gm__pack_all(const gm__pack *pack, const char *b, char *packed, const gm_pool *pool);
extern const gm__kernel gm__kernel_pack;

/** One matrix product of a step under way. */
typedef struct gm__gemm_call {
  const gm__gemm *gemm;
  const char *a, *b;
  const char *packed; /* B as its provider packs it; NULL: it has not been */
  const char *added;  /* lies as c does, and may be c; NULL: nothing is added */
  char *c;
  const gm__map_bases *epilogue; /* of this matrix, when it goes by parts */
} gm__gemm_call;
/** A part of C. */
typedef struct gm__gemm_part {
  int64_t row, rows, column, columns;
} gm__gemm_part;
/** The epilogue over a part of C that is done, where it goes by parts. `product`: where the part's elements
 * lie, by rows that are `product_row` elements apart; NULL: in C. */
void gm__gemm_finish(
    const gm__gemm_call *call, const gm__gemm_part *part, void *product, int64_t product_row);
/** Does the epilogue make another dtype, so that the product never lies in C? */
bool gm__gemm_detached(const gm__gemm_call *call);

/** Who computes a product. Asked in order, best first; the last one takes everything. */
typedef struct gm__provider {
  const char *name;
  /** Why this processor cannot run it, a static sentence, or NULL. NULL: every one can. */
  const char *(*lacks)(void);
  /** NULL when it takes the product, else the reason why not, a static sentence. */
  const char *(*refuses)(const gm__gemm *gemm);
  /** One product of the batch: c = alpha · a · b + beta · c; beta 0 never reads c. NULL where there is
   * `part`. */
  void (*run)(const gm__gemm *gemm, const void *a, const void *b, void *c);
  /** A part of a product with all that belongs to it: what is added, conversion, and the epilogue
   * (gm__gemm_finish for whatever is done, while it is near). Parts of a product may be on different threads.
   * NULL: products are done whole. */
  void (*part)(const gm__gemm_call *call, const gm__gemm_part *part);
  /** `count` whole products, of which a, b and c are `steps` bytes apart, without an epilogue; false: not
   * this way. May be NULL. */
  bool (*series)(const gm__gemm_call *first, int64_t count, const int64_t steps[3]);
  /** How many rows and columns a part is to have for so many threads; no part but the last ones of a row and
   * column has others. */
  void (*grain)(const gm__gemm *gemm, int threads, int64_t *rows, int64_t *columns);
  /** Bytes of one matrix B as it packs it, a multiple of 64; 0: it takes B as it lies. NULL: it never packs.
   */
  size_t (*packed_bytes)(const gm__gemm *gemm);
  /** Packs columns from `column` to `end` (multiples of 64, or n) of one matrix B. */
  void (*pack)(const gm__gemm *gemm, const void *b, void *packed, int64_t column, int64_t end);
  /** Once, when a plan first uses it: OpenBLAS's process-wide thread count (not when `keep_threads`). May be
   * NULL. */
  gm_status (*prepare)(bool keep_threads, gm_error *error);
  /** An element's bits depend on its row of A, its column of B, K and the dtype alone: not on M, N, strides.
   */
  bool repeatable;
  /** It reads A and B well whatever their strides are: nothing is gained by copying them first. */
  bool any_strides;
  /** It takes everything. */
  bool last;
  /** Where a form is known: which share of 2 M N K operations is computed; by_rows: the factor without a form
   * is to lie by rows, as the result. */
  double (*share)(const gm__gemm *gemm);
  bool by_rows;
} gm__provider;
/** The providers, best first; NULL past the end. */
const gm__provider *gm__provider_at(size_t index);
/** The one named `name` (NULL: the best, of the repeatable ones if `exact`) if it takes the product, else the
 * next that does; *refusal is the reason of the first that did not, or NULL. */
const gm__provider *gm__provider_choose(
    const gm__gemm *gemm, const char *name, bool exact, const char **refusal);
/** Of those that this processor can run, the best that did not take a product whose provider has been chosen
 * so, and why not; NULL: it has the best. */
const gm__provider *gm__provider_refused(
    const gm__gemm *gemm, const char *name, bool exact, const char **why);

/* ---- functions of map ---- */
/** The function `name` for arguments of `dtype`, its result dtype; NULL when there is none (integers for
 * exp). The names and expressions are rows of map.def. */
const gm__map_function *gm__map_find(const char *name, gm_dtype dtype, gm_dtype *result);
/** Conversion, as gm__convert. */
const gm__map_function *gm__map_cast(gm_dtype from, gm_dtype to);
/** Any number of contiguous elements; `out` may be one of the args. */
void gm__map_apply(
    const gm__map_function *function, void *out, const void *const *args, size_t n, const double *parameters);

#endif
