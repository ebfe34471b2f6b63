/* SPDX-License-Identifier: MIT
 *
 * What a gm__dims holds, for the files of this room only.
 *
 * Four levels are hash-consed, each an array whose index is its identity: atoms (symbols, and floor-division,
 * min, max, broadcast of two words), monomials (sorted atoms with powers), expressions (sorted terms) and
 * constraints. Everything is appended, so that undoing is cutting the arrays; the few things that change in
 * place belong to symbols, whose old records go to a trail first.
 *
 * Symbols that were found equal form classes: a tree by parent (the heavier root wins, so that it stays
 * shallow) and a ring by `next` for walking the class's watches. Bindings are never applied to expressions in
 * place: a word is resolved when somebody asks, and remembers the answer for the epoch. */
#ifndef GM_SHAPE_DIM_TABLE_H
#define GM_SHAPE_DIM_TABLE_H

#include "base/alloc.h"
#include "base/checked.h"
#include "base/hash.h"
#include "shape/dim.h"

#define GM__DIM_TERMS 4096    /* terms of an expression, those inside of its atoms included */
#define GM__DIM_DEGREE 64     /* total degree of a monomial */
#define GM__DIM_DEPTH 64      /* nesting of atoms, and of parentheses in text */
#define GM__DIM_LEVELS 32     /* bindings to expressions that lead through one another */
#define GM__DIM_RECURSION 256 /* atoms and bindings entered, one inside of the other, while resolving */
#define GM__DIM_WORK (INT64_C(1) << 19) /* term operations of one call */
#define GM__DIM_NAME 127                /* bytes of a symbol's name */
#define GM__DIM_TEXT_BYTES 16384        /* bytes of a shape as text */
#define GM__NONE UINT32_MAX
#define GM__DIM_UNSET GM__DIM_AUTO

/** An array that grows. */
typedef struct gm__list {
  void *at;
  size_t count, capacity;
} gm__list;
/** Room for `more` elements of `size` bytes; false when out of memory. */
bool gm__list_room(gm__list *list, size_t more, size_t size);
bool gm__list_copy(gm__list *copy, const gm__list *list, size_t size);

/** Hash chains over the indices 0, 1, … of an array. The newest stands first, so that popping is undoing. */
typedef struct gm__link {
  uint32_t hash, next;
} gm__link;
typedef struct gm__chains {
  gm__list links;
  uint32_t *bucket;
  size_t buckets;
} gm__chains;
bool gm__chains_room(gm__chains *chains);
void gm__chains_push(gm__chains *chains, uint32_t hash);
void gm__chains_cut(gm__chains *chains, size_t count);
/** The newest index with this hash, and the next older one; GM__NONE at the end. */
uint32_t gm__chains_first(const gm__chains *chains, uint32_t hash);
uint32_t gm__chains_next(const gm__chains *chains, uint32_t index);

typedef struct gm__source {
  gm__place at_a, at_b;
  uint32_t user;
} gm__source;

typedef struct gm__symbol {
  char *name;     /* NULL: anonymous */
  uint32_t order; /* of declaration */
  uint32_t atom;
  uint32_t parent; /* towards the root of its class; itself at the root */
  uint32_t next;   /* ring of its class */
  uint32_t leader; /* at a root: the symbol that stands for the class */
  uint32_t level;  /* at a root: how many bindings lead here, one through the other */
  uint32_t watch;  /* its newest watch */
  size_t weight;   /* at a root: symbols and watches of the class */
  gm__dim value;   /* at a root: what the class equals, or GM__DIM_UNSET */
  gm__dim word;    /* the symbol itself as a dim */
  gm__dim learnt;  /* what it was replaced by, or GM__DIM_UNSET, and from where */
  gm__source source;
} gm__symbol;

typedef enum gm__atom_kind {
  GM__ATOM_SYMBOL,
  GM__ATOM_DIV,
  GM__ATOM_MIN,
  GM__ATOM_MAX,
  GM__ATOM_BROADCAST
} gm__atom_kind;
typedef struct gm__atom {
  uint32_t kind, depth;
  gm__dim a, b;
} gm__atom; /* a: the index of a symbol */
typedef struct gm__factor {
  uint32_t atom, power;
} gm__factor;
typedef struct gm__mono {
  uint32_t first, count, degree;
} gm__mono;
typedef struct gm__term {
  int64_t coefficient;
  uint64_t mono;
} gm__term;

/** Bounds of a value; INT64_MIN and INT64_MAX stand for no bound. */
typedef struct gm__interval {
  int64_t low, high;
} gm__interval;
typedef struct gm__expr {
  uint32_t first, count, size, depth;
  gm__interval interval;
  gm__dim now; /* what it resolves to, in `epoch` */
  uint64_t epoch;
} gm__expr;

typedef enum gm__demand { GM__EQUAL, GM__COMPATIBLE, GM__AT_LEAST, GM__MULTIPLE } gm__demand;
typedef struct gm__constraint {
  gm__demand kind;
  gm__dim a, b;
  gm__source source;
} gm__constraint;

typedef struct gm__watch {
  uint32_t constraint, next;
} gm__watch;
typedef struct gm__undo {
  uint32_t symbol;
  size_t watches;
  gm__symbol old;
} gm__undo;

struct gm__dims {
  gm__list symbols, atoms, monos, exprs, constraints;
  gm__chains by_name, by_atom, by_mono, by_expr, by_constraint;
  gm__list factors, terms;
  gm__list named; /* uint32_t: symbols with names */
  gm__list watches, trail, queue;
  uint64_t epoch;
  int64_t work;      /* term operations left to this call */
  int64_t allowance; /* and to all calls; GM__DIMS_NO_LIMIT */
};

static inline gm__symbol *gm__symbol_at(const gm__dims *dims, size_t i) {
  return (gm__symbol *)dims->symbols.at + i;
}
static inline gm__atom *gm__atom_at(const gm__dims *dims, size_t i) {
  return (gm__atom *)dims->atoms.at + i;
}
static inline gm__mono *gm__mono_at(const gm__dims *dims, size_t i) {
  return (gm__mono *)dims->monos.at + i;
}
static inline gm__expr *gm__expr_at(const gm__dims *dims, size_t i) {
  return (gm__expr *)dims->exprs.at + i;
}
static inline gm__factor *gm__factor_at(const gm__dims *dims, size_t i) {
  return (gm__factor *)dims->factors.at + i;
}
static inline gm__term *gm__term_at(const gm__dims *dims, size_t i) {
  return (gm__term *)dims->terms.at + i;
}
static inline gm__constraint *gm__constraint_at(const gm__dims *dims, size_t i) {
  return (gm__constraint *)dims->constraints.at + i;
}
static inline gm__watch *gm__watch_at(const gm__dims *dims, size_t i) {
  return (gm__watch *)dims->watches.at + i;
}

/** Words of expressions are -16, -17, …. */
static inline gm__dim gm__dim_word(uint32_t expr) {
  return -(gm__dim)expr - 16;
}
static inline uint32_t gm__dim_expr(gm__dim word) {
  return (uint32_t)(-16 - word);
}
static inline bool gm__dim_valid(const gm__dims *dims, gm__dim word) {
  return word >= 0 || (word <= -16 && (uint64_t)(-16 - word) < dims->exprs.count);
}

/* ---- dim_intern.c: each thing once ---- */
gm_status gm__symbol_make(
    gm__dims *dims, const char *name, size_t length, uint32_t order, gm__dim *out, gm_error *error);
/** The named symbol's index; GM__NONE. */
uint32_t gm__symbol_find(const gm__dims *dims, const char *name, size_t length);
gm_status gm__atom_make(
    gm__dims *dims, gm__atom_kind kind, gm__dim a, gm__dim b, uint32_t *out, gm_error *error);
/** The word whose value is the atom's. */
gm_status gm__atom_word(
    gm__dims *dims, gm__atom_kind kind, gm__dim a, gm__dim b, gm__dim *out, gm_error *error);
gm_status gm__mono_make(
    gm__dims *dims, const gm__factor *factors, size_t count, uint64_t *out, gm_error *error);
gm_status gm__expr_make(gm__dims *dims, const gm__term *terms, size_t count, gm__dim *out, gm_error *error);
/** The symbol that the word is, if it is one and nothing more; GM__NONE. */
uint32_t gm__word_symbol(const gm__dims *dims, gm__dim word);
/** Its one atom, if the word is that and nothing more; NULL. */
const gm__atom *gm__word_atom(const gm__dims *dims, gm__dim word);
uint32_t gm__word_depth(const gm__dims *dims, gm__dim word);
uint32_t gm__word_size(const gm__dims *dims, gm__dim word);

/* ---- dim_interval.c: what can be said of a value without knowing the symbols ---- */
gm__interval gm__word_interval(const gm__dims *dims, gm__dim word);
gm__interval gm__mono_interval(const gm__dims *dims, uint64_t mono);
gm__interval gm__terms_interval(const gm__dims *dims, const gm__term *terms, size_t count);

/* ---- dim_poly.c: polynomials on the way to a word; zero-initialise, free when done ---- */
typedef struct gm__poly {
  gm__term *terms;
  size_t count, capacity;
} gm__poly;
void gm__poly_free(gm__poly *poly);
/** poly = word. */
gm_status gm__poly_load(gm__dims *dims, gm__dim word, gm__poly *poly, gm_error *error);
/** sum += by * q; by is not 0. Limits the terms, and counts the work. */
gm_status gm__poly_accumulate(gm__dims *dims, gm__poly *sum, gm__term by, const gm__poly *q, gm_error *error);
/** sum += by * word. */
gm_status gm__poly_add_word(gm__dims *dims, gm__poly *sum, int64_t by, gm__dim word, gm_error *error);
gm_status gm__poly_multiply(
    gm__dims *dims, const gm__poly *a, const gm__poly *b, gm__poly *out, gm_error *error);
/** If b divides a: true in *exact and the quotient in `out`. */
gm_status gm__poly_divide(
    gm__dims *dims, const gm__poly *a, const gm__poly *b, gm__poly *out, bool *exact, gm_error *error);
gm_status gm__poly_word(gm__dims *dims, const gm__poly *poly, gm__dim *out, gm_error *error);
/** The constant term; 0. */
int64_t gm__poly_constant(const gm__poly *poly);
/** The number of terms that are not the constant. */
size_t gm__poly_open(const gm__poly *poly);
/** The greatest common divisor of the coefficients of the terms that are not the constant; 0 without any. */
int64_t gm__poly_content(const gm__poly *poly);
int64_t gm__gcd(int64_t a, int64_t b);
/** Order of monomials in a polynomial: < 0 where a stands first. */
int gm__mono_order(const gm__dims *dims, uint64_t a, uint64_t b);
/** Order of different words in what is commutative; a constant (there is one at most) last. */
int gm__word_order(const gm__dims *dims, gm__dim a, gm__dim b);

/* ---- dim_arith.c: building on what is valid, within the work that is left ---- */
gm_status gm__sum(gm__dims *dims, gm__dim a, gm__dim b, gm__dim *out, gm_error *error);
gm_status gm__difference(gm__dims *dims, gm__dim a, gm__dim b, gm__dim *out, gm_error *error);
gm_status gm__times(gm__dims *dims, gm__dim a, gm__dim b, gm__dim *out, gm_error *error);
/** dim_quotient.c */
gm_status gm__quotient(gm__dims *dims, gm__dim a, gm__dim b, gm__dim *out, gm_error *error);
/** dim_extreme.c: min, max, broadcast: associative, commutative, idempotent. */
gm_status gm__extreme(
    gm__dims *dims, gm__atom_kind kind, gm__dim a, gm__dim b, gm__dim *out, gm_error *error);

/* ---- dim_resolve.c ---- */
uint32_t gm__symbol_root(const gm__dims *dims, uint32_t symbol);
/** Calls visit for each symbol in the word, as it is written, until one call returns true; returns that. */
bool gm__dim_walk(
    const gm__dims *dims, gm__dim word, bool (*visit)(void *context, uint32_t symbol), void *context);
/** Nothing in the word has been replaced. */
bool gm__dim_settled(const gm__dims *dims, gm__dim word);
/** What the word of `from` is by now, as a word of `to`, which is the same table or a scratch one. */
gm_status gm__dim_move(const gm__dims *from, gm__dims *to, gm__dim word, gm__dim *out, gm_error *error);

/* ---- dim_learn.c ---- */
/** The free symbol (a leader) is `value` from now on; constraints that may be decided by it are queued. */
gm_status gm__learn(
    gm__dims *dims, uint32_t symbol, gm__dim value, const gm__source *source, gm_error *error);
/** Examines queued constraints, which may learn more; the one that is contradicted, or GM__NONE. */
gm_status gm__settle(gm__dims *dims, uint32_t *culprit, gm_error *error);
/** Adds a constraint that is open, unless the same user has it. */
gm_status gm__constrain(gm__dims *dims, const gm__constraint *constraint, gm_error *error);
/** Watches for a constraint's symbols. */
gm_status gm__watch_constraint(gm__dims *dims, uint32_t constraint, gm_error *error);

/* ---- dim_unify.c, dim_refute.c, dim_demand.c ---- */
typedef enum gm__verdict { GM__OPEN, GM__HOLDS, GM__REFUTED } gm__verdict;
/** No integers >= 0 make the polynomial 0. */
bool gm__refuted(const gm__dims *dims, const gm__poly *poly);
/** No integers >= 0 make the resolved words equal. */
gm_status gm__differ(gm__dims *dims, gm__dim a, gm__dim b, bool *out, gm_error *error);
/** The integer root, if there is one; -1. */
int64_t gm__root(int64_t value, uint32_t degree);
/** Learns what a == b says. */
gm_status gm__unify(
    gm__dims *dims, gm__dim a, gm__dim b, const gm__source *source, gm__verdict *out, gm_error *error);
/** What is known of a constraint by now; one that demands equality learns. */
gm_status gm__examine(gm__dims *dims, const gm__constraint *constraint, gm__verdict *out, gm_error *error);

/* ---- dim_text.c, dim_message.c ---- */
/** The dim as it was written, without what was learnt. */
void gm__dim_written(const gm__dims *dims, gm__dim dim, gm__text *text);
/** gm__dim_text into a message: cut where it is long. */
void gm__say_dim(const gm__dims *dims, gm__dim dim, gm__text *text);
const char *gm__say_symbol(const gm__dims *dims, uint32_t symbol);
/** "'x' axis 1", "node 7", "" for nowhere. */
void gm__say_place(gm__place place, const gm__namer *namer, gm__text *text);
/** "'x' axis 1 and 'y' axis 0 in 'xy'", or what of it there is; `lead` before it. */
void gm__say_source(
    const gm__source *source, const char *lead, bool user, const gm__namer *namer, gm__text *text);
/** "; n = 3 was learnt from …" for each symbol in the dim as written. */
void gm__say_learnt(const gm__dims *dims, gm__dim dim, const gm__namer *namer, gm__text *text);
/** A demand that does not hold: what stands before its two sides. */
const char *const *gm__demand_words(gm__demand kind);
/** "n in {1, 5}", "n*m = 12". */
void gm__say_constraint(const gm__dims *dims, const gm__constraint *constraint, gm__text *text);

/* ---- dim_evaluate.c: values by numbers ---- */
#define GM__FORM_SYMBOLS 4
/** constant + factor[i] * symbol[i]; `other`: something else that is not known. */
typedef struct gm__form {
  int64_t constant, factor[GM__FORM_SYMBOLS];
  uint32_t symbol[GM__FORM_SYMBOLS];
  int count;
  bool other;
} gm__form;
/** `values` may be NULL. */
gm_status gm__dim_form(
    const gm__dims *dims, const gm__values *values, gm__dim dim, gm__form *out, gm_error *error);
static inline bool gm__form_known(const gm__form *form) {
  return form->count == 0 && !form->other;
}
/** The value that a class has by now; -1. */
int64_t gm__values_at(const gm__values *values, uint32_t root);
/** The first symbol of the dim that has no value; GM__NONE. */
uint32_t gm__dim_missing(const gm__dims *dims, const gm__values *values, gm__dim dim);

#endif
