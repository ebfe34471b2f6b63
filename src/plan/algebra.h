/* SPDX-License-Identifier: MIT
 *
 * The normal form in which products and sums are weighed. A *definition* is a value that has to be computed:
 * one that the graph needs (a root), or a sum in brackets. It is a sum of *terms*; a term is a coefficient
 * times a chain of *letters*, each an atom or its transpose; an atom is a node that is taken as it is, or a
 * bracket. Definitions have variants: a choice for each is a state, and states are priced as a whole, so that
 * order, sharing and distributivity decide together. */
#ifndef GM_PLAN_ALGEBRA_H
#define GM_PLAN_ALGEBRA_H

#include "plan/chain_order.h"
#include "plan/rebuild.h"

#define GM__NO_DEF UINT32_MAX

/** Of an atom: rows × columns, as a matrix: a vector is one column. */
typedef struct gm__atom {
  uint32_t node, def; /* of the graph, or which bracket; the other one is 0, or GM__NO_DEF */
  int64_t rows, columns;
  uint8_t rank;
  bool known; /* before the run */
  gm__form form;
} gm__atom;

/** An atom's number twice, plus 1 for its transpose. */
typedef uint32_t gm__letter;

typedef struct gm__term {
  double coefficient;
  uint32_t scalar;       /* a node of rank 0 that multiplies it; 0: none */
  uint32_t first, count; /* of the letters */
} gm__term;

typedef struct gm__sum {
  uint32_t first, count; /* of the terms */
} gm__sum;

/** node: the root, or the node that a bracket was written as; 0: a bracket that was not written. */
typedef struct gm__def {
  uint32_t node, group;
  uint32_t sum;   /* as it was read, or made */
  uint32_t seen;  /* by whom, last: a stamp */
  uint32_t built; /* its new node; 0: not yet */
  int64_t rows, columns;
  gm_dtype dtype;
  bool root;
  uint32_t opened, opened_count; /* the nodes that were read into it */
} gm__def;

/** What a node is to the algebra. */
typedef enum gm__role {
  GM__ROLE_ATOM,
  GM__ROLE_PRODUCT,
  GM__ROLE_SUM,
  GM__ROLE_SCALED,
  GM__ROLE_TURNED
} gm__role;

typedef struct gm__node_facts {
  uint8_t role, depth; /* depth: of brackets in brackets */
  bool product;        /* it, or what is read into it, has one */
  bool bracket;        /* it is read into a product as a bracket */
  bool root, known, needed, closed;
  uint32_t uses, size; /* size: letters that it is read as, at most */
  uint32_t seen;       /* by whom, last: a stamp */
} gm__node_facts;

#define GM__POOL(T)                                                                                          \
  struct {                                                                                                   \
    T *at;                                                                                                   \
    size_t count, capacity;                                                                                  \
  }

typedef struct gm__algebra {
  gm_plan *plan;
  const gm__values *values;      /* of the symbols, for a sample; NULL: only lengths that are known count */
  bool sums, hoists, structures; /* which passes are on */
  bool open;                     /* whether something is a sum depends on lengths that are not known */
  gm__node_facts *facts;         /* by node, */
  gm__form *forms;               /* and what is known of it as a matrix */
  uint32_t *atom_of, *def_of;    /* by node: number + 1; 0: none */
  GM__POOL(gm__atom) atoms;
  GM__POOL(gm__letter) letters;
  GM__POOL(gm__term) terms;
  GM__POOL(gm__sum) variants;
  GM__POOL(gm__def) defs;
  GM__POOL(uint32_t) opened;
  size_t read_defs; /* those that were read; later ones were made by moves */
  uint32_t stamp;
  size_t work, most_work; /* splits weighed in the present group, and how many may be */
  bool starved;           /* memory ran out under a question, whose answer is no good */
  gm__arena scratch;
  gm_error *error;
} gm__algebra;

/* ---- Pools (algebra.c) ---- */
gm_status gm__algebra_atom(gm__algebra *a, const gm__atom *atom, uint32_t *out);
gm_status gm__algebra_letter(gm__algebra *a, gm__letter letter);
gm_status gm__algebra_term(gm__algebra *a, const gm__term *term);
gm_status gm__algebra_sum(gm__algebra *a, gm__sum sum, uint32_t *out);
gm_status gm__algebra_def(gm__algebra *a, const gm__def *def, uint32_t *out);
/** Which passes are on. */
void gm__algebra_switches(gm__algebra *a);
void gm__algebra_free(gm__algebra *a);
/** Of a node as a matrix; -1 while they are not known. What an int64_t does not hold is all the same size. */
int64_t gm__algebra_rows(const gm__algebra *a, const gm__node *node);
int64_t gm__algebra_columns(const gm__algebra *a, const gm__node *node);
/** Rows and columns of a letter as it stands. */
int64_t gm__letter_rows(const gm__algebra *a, gm__letter letter);
int64_t gm__letter_columns(const gm__algebra *a, gm__letter letter);
/** The transpose's letter. */
gm__letter gm__letter_turned(const gm__algebra *a, gm__letter letter);
/** Are two sequences of letters the same, or (turned) is one the transpose of the other? */
bool gm__letters_same(
    const gm__algebra *a, const gm__letter *x, const gm__letter *y, uint32_t count, bool turned);
/** A product with the identity is what it is multiplied with: of the last letters in the pool, which are the
 * term's, those go. */
void gm__drop_identities(gm__algebra *a, gm__term *term);
/** Notes that a definition read a node. */
gm_status gm__algebra_open(gm__algebra *a, uint32_t node);
/** The factors of `count` letters. */
void gm__algebra_factors(const gm__algebra *a, const gm__letter *letters, uint32_t count, gm__factor *out);

/* ---- Reading (algebra_facts.c, algebra_read.c) ---- */
/** Which nodes are what. Fills facts. */
gm_status gm__algebra_facts(gm__algebra *a);
/** The two coefficients of an elementwise operation that is linear. */
void gm__linear_coefficients(const gm__node *node, double out[2]);
/** Of a product of an element and something else: which input is the other, or -1. */
int gm__scaled_input(const gm_plan *plan, uint32_t id);
/** What it is multiplied with, if that is known; and can a coefficient be carried along in this dtype: is it
 * neither 0 nor beyond what kernels compute with? */
bool gm__scale_known(const gm_plan *plan, uint32_t id, double *value);
bool gm__scale_fits(gm_dtype dtype, double value);
/** Is the node read into its readers, rather than an atom to them? */
bool gm__algebra_opens(const gm__algebra *a, uint32_t id);
/** Makes brackets that are equal, up to the transpose, one. */
gm_status gm__brackets_join(gm__algebra *a);
/** Would a bracket with the sum `of` be y, or (*turned) its transpose? */
bool gm__brackets_same(const gm__algebra *a, const gm__atom *x, gm__sum of, const gm__atom *y, bool *turned);
/** Reads all roots into definitions. */
gm_status gm__algebra_read(gm__algebra *a);

#endif
