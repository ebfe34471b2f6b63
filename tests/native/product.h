/* SPDX-License-Identifier: MIT
 *
 * A product under test: drawn from a seed, put between guard pages, computed by plain loops, and by every
 * provider in every way that it offers. Nothing here needs more than `base`, `tensor` and `kernel`. */
#ifndef GM_TESTS_PRODUCT_H
#define GM_TESTS_PRODUCT_H

#include "kernel/gemm/provider.h"
#include "native/guard.h"

/** Axes of whatever belongs to a product: two of the batch, rows, columns. */
enum { AXES = 4, ROW = 2, COLUMN = 3 };

/** Where something lies: element strides, the element that index 0 is, and how many there are from the first
 * to the last. */
typedef struct place {
  int64_t dims[AXES], strides[AXES], origin, extent;
} place;

/** Copies between where it lies and one element after the other. */
void place_gather(const place *p, const char *memory, char *dense, size_t size);
void place_scatter(const place *p, char *memory, const char *dense, size_t size);
static inline int64_t place_count(const place *p) {
  return p->dims[0] * p->dims[1] * p->dims[2] * p->dims[3];
}

/** What the numbers are: reals in (-1, 1); small integers, of which sums are exact; with NaN, infinities and
 * zeros among them; so small that products are denormal; so large that sums overflow. */
typedef enum values { REALS, WHOLE, SPECIAL, TINY, HUGE_VALUES, VALUES } values;

/** What becomes of the product's elements. The extra operands have the product's dtype. */
enum { EXTRAS = 3, MOST_OPS = 10 };
typedef struct epilogue {
  int count, extras;
  gm__map map;
  gm__map_op program[MOST_OPS];
  double parameters[MOST_OPS][3];
  int64_t dims[AXES], strides[(EXTRAS + 2) * AXES];
  place extra[EXTRAS];
} epilogue;

/** How to draw: lengths; how A and B lie (bit 0: A, 1: B, by columns and not by rows, densely) or DRAWN. */
typedef struct wish {
  int64_t m, n, k;
  int layout;
  gm_dtype in, out;
  bool simple; /* one matrix of reals, and nothing else happens to it */
} wish;
enum { DRAWN = -1 };

/** The operands. */
enum { OF_A, OF_B, OF_ADDED, OF_PACKED, OF_EXTRA, OF_OUT = OF_EXTRA + EXTRAS, BUFFERS };
typedef struct operand {
  const place *place; /* NULL: there is none */
  size_t size;        /* of an element */
  char *dense;        /* the elements one after the other, but for the result */
  char *guarded;      /* where it is when guarded */
} operand;

typedef struct product {
  uint64_t seed;
  values values;
  gm_dtype in, out, stored; /* stored: of the result, behind the epilogue */
  int batch_rank;
  int64_t batch_dims[2], batch_strides[6], packed[2], matrices; /* matrices: different ones of B */
  place a, b, c;
  bool in_place; /* what is added is where the result goes */
  bool by_parts;
  epilogue then;
  gm__gemm gemm; /* without provider and packing */
  operand operands[BUFFERS];
  char *at[BUFFERS]; /* where they are */
} product;

enum { MOST_PROVIDERS = 16 };
/** The memory of products, one after the other. */
typedef struct bench {
  pages pages[BUFFERS];
  char *dense[BUFFERS], *expected, *got;
  double *sums, *bounds, *numbers; /* two doubles an element, but one for bounds */
  gm_pool *threads;                /* NULL: there are none */
  int64_t taken[MOST_PROVIDERS];   /* products that each provider took, by index */
} bench;
bool bench_new(bench *b);
void bench_free(bench *b);
/** Elements that a product's operand may have, at the very most. */
enum { MOST_ELEMENTS = 1 << 22, MOST_EXTENT = 1 << 23 };

/** Draws one, which is nowhere yet. False where it needs more than the bench has. */
bool product_draw(product *p, bench *b, uint64_t seed, const wish *w);
/** Puts the operands into memory: beside guard pages, or away from them. */
void product_put(product *p, const bench *b, bool guarded);
/** What it is, in a line that begins with how to run it again. */
void product_text(const product *p, char *text, size_t size);

/** Draws the program; `p` is otherwise complete. `detach`: the last instruction may make another dtype. */
void epilogue_draw(product *p, generator *from, bool detach);
/** What the program makes of a value that is known up to an error. */
typedef struct guess {
  double value, error;
} guess;
guess epilogue_guess(const product *p, int64_t element, guess x);
/** The program over `count` elements one after the other, those of the extras too. */
void epilogue_apply(const product *p, char *out, char *sums, int64_t count);

/** Sums in double, or wrapping integers in int64, with alpha and what is added, and how far a provider that
 * adds in any order may be off; of real floats, what the program makes of them. */
void expect_sums(const product *p, bench *b);
/** How a provider says that it sums, so that its bits are known. */
typedef struct rule {
  const char *provider;
  bool fused;
  int64_t block; /* sums of so many terms each are added one after the other */
  bool lanes;    /* a matrix times a column has a chain for each element of 64 bytes */
} rule;
const rule *rule_of(const gm__provider *provider);
/** The very bits of the result, by a rule, of p->stored. */
void expect_bits(const product *p, bench *b, const rule *r);
/** Can they be told? Of real floats. */
bool has_bits(const product *p);

/** The ways to have a product computed. */
typedef enum way {
  STEP,
  STEP_POOL,
  STEP_PACKED,
  STEP_PACKED_POOL,
  STEP_NO_PACKED,
  PARTS,
  PARTS_PACKED,
  WAYS
} way;
extern const char *const way_names[WAYS];
/** False where the provider has no such way; `from` draws threads, orders and parts. */
bool product_run(product *p, const bench *b, const gm__provider *provider, way w, generator *from);

/** Every provider that takes it, in every way, agrees; else `why` says what differs. */
bool product_agrees(product *p, bench *b, char *why, size_t size);
/** The provider made of plain loops that the harness itself is tested with: by parts, packed. */
extern const gm__provider plain_provider;
/** The providers of the list, the one for a row, plain_provider, NULL. */
const gm__provider *provider_under_test(size_t index);

#endif
