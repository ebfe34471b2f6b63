/* SPDX-License-Identifier: MIT
 *
 * Dims: canonical integer polynomials over symbols, plus floor-division, min, max and broadcast terms.
 *
 * A gm__dim is one word. A length that is known is the number itself; anything else is an expression of a
 * table (gm__dims), hash-consed, so that equal expressions are equal words. The table also holds what was
 * learnt about symbols (unification, with undo) and the constraints that only the run can check. Lengths and
 * symbols are >= 0; an expression on the way to one may be negative (n - 1). */
#ifndef GM_SHAPE_DIM_H
#define GM_SHAPE_DIM_H

#include "base/text.h"

typedef int64_t gm__dim;

/** "-1" in a reshape: not a length and not an expression. */
#define GM__DIM_AUTO ((gm__dim)-1)

static inline bool gm__dim_known(gm__dim dim) {
  return dim >= 0;
}

typedef struct gm__dims gm__dims;

/** A shape as a record sees it. The dims belong to somebody else. */
typedef struct gm__shape {
  int rank;
  const gm__dim *dims;
} gm__shape;

/** Where a length comes from, for messages: axis `axis` of node `node` (0: nowhere). */
typedef struct gm__place {
  uint32_t node;
  int axis;
} gm__place;

/** Names of nodes, for messages. NULL is fine: "node 7". */
typedef struct gm__namer {
  const char *(*name)(const void *context, uint32_t node);
  const void *context;
} gm__namer;

gm__dims *gm__dims_new(gm_error *error);
void gm__dims_free(gm__dims *dims);
/** A copy with the constraints for which keep(context, constraint's user) holds (NULL: all). */
gm__dims *gm__dims_copy(const gm__dims *dims, bool (*keep)(const void *context, uint32_t user),
    const void *context, gm_error *error);

/** From now on all calls together may take this many term operations, beyond which they are GM_LIMIT; each
 * call has a limit of its own besides. */
void gm__dims_allow(gm__dims *dims, int64_t operations);
#define GM__DIMS_NO_LIMIT INT64_MAX

/* ---- Undo: a failed call takes back symbols, expressions, what was learnt, and constraints ---- */
typedef struct gm__dims_mark {
  size_t field[6];
} gm__dims_mark;
gm__dims_mark gm__dims_now(const gm__dims *dims);
void gm__dims_rewind(gm__dims *dims, gm__dims_mark mark);

/* ---- Building ---- */
/** The symbol `name`, made on first use. Names are [A-Za-z_][A-Za-z0-9_]*, at most 127 bytes
 * (GM_BAD_ARGUMENT). */
gm_status gm__dim_symbol(gm__dims *dims, const char *name, size_t length, gm__dim *out, gm_error *error);
/** A new anonymous symbol, "?". */
gm_status gm__dim_unknown(gm__dims *dims, gm__dim *out, gm_error *error);
/** Arithmetic. Constants are computed at once; GM_LIMIT on overflow or when an expression grows beyond 4096
 * terms. A constant result below 0 is an expression like any other (it may stand inside another). */
gm_status gm__dim_add(gm__dims *dims, gm__dim a, gm__dim b, gm__dim *out, gm_error *error);
gm_status gm__dim_sub(gm__dims *dims, gm__dim a, gm__dim b, gm__dim *out, gm_error *error);
gm_status gm__dim_mul(gm__dims *dims, gm__dim a, gm__dim b, gm__dim *out, gm_error *error);
/** floor(a / b); exact division of polynomials where b divides a (4*n // 2 is 2*n, n*m // m is n*m // m,
 * since m may be 0). b a constant 0 is GM_BAD_SHAPE. */
gm_status gm__dim_div(gm__dims *dims, gm__dim a, gm__dim b, gm__dim *out, gm_error *error);
gm_status gm__dim_min(gm__dims *dims, gm__dim a, gm__dim b, gm__dim *out, gm_error *error);
gm_status gm__dim_max(gm__dims *dims, gm__dim a, gm__dim b, gm__dim *out, gm_error *error);
/** The constant -1 and its kin, which a gm__dim cannot hold directly. */
gm_status gm__dim_integer(gm__dims *dims, int64_t value, gm__dim *out, gm_error *error);
/** The product of `count` dims. */
gm_status gm__dim_product(gm__dims *dims, const gm__dim *factors, int count, gm__dim *out, gm_error *error);

/** What is known of a dim by now: symbols that were learnt are replaced. Equal words after this are equal
 * lengths. */
gm_status gm__dim_resolve(gm__dims *dims, gm__dim dim, gm__dim *out, gm_error *error);
/** The value when it is known by now: >= 0; -1 while unknown. Never fails. */
int64_t gm__dim_value(const gm__dims *dims, gm__dim dim);
/** Is a provably equal to b, as far as is known? */
bool gm__dim_same(gm__dims *dims, gm__dim a, gm__dim b);

/* ---- Demands. `user` is the node that demands; the places say where a and b stand ---- */
/** a == b from now on. Learns (unifies) where it can: constants compare; a symbol is replaced everywhere by
 * the earlier declared one, an anonymous by a named one, and by an expression only if it does not occur in
 * it; a linear equation in one symbol is solved. A contradiction (n and n + 1; no integers >= 0 satisfy it,
 * 6*n = 25) is GM_BAD_SHAPE with the message "Dimensions must be equal, but are A and B" and nothing learnt.
 * Anything else becomes a constraint. The message ends with what had been learnt about symbols in A and B,
 * and where: "…; n = 3 was learnt from 'x' axis 1 and 'y' axis 0". The caller adds the op and both shapes. */
gm_status gm__dims_equal(gm__dims *dims, gm__dim a, gm__dim b, uint32_t user, gm__place at_a, gm__place at_b,
    const gm__namer *namer, gm_error *error);
/** Broadcasting two lengths; never unifies: 5 against n gives 5 with the constraint n in {1, 5}; n against m
 * gives broadcast(n, m); 1 gives the other; equal ones give it; 0 against 1 is 0. GM_BAD_SHAPE: "Dimensions
 * must be equal or 1, but are A and B". */
gm_status gm__dims_broadcast(gm__dims *dims, gm__dim a, gm__dim b, uint32_t user, gm__place at_a,
    gm__place at_b, gm__dim *out, const gm__namer *namer, gm_error *error);
/** a >= b, now or (a constraint) at bind. GM_BAD_SHAPE "A must be at least B". For lengths that an expression
 * could make negative: gm__dims_at_least(dims, n - 1, 0, …). */
gm_status gm__dims_at_least(gm__dims *dims, gm__dim a, gm__dim b, uint32_t user, gm__place at_a,
    const gm__namer *namer, gm_error *error);
/** divisor divides a (a constant > 0 or an expression), now or at bind. GM_BAD_SHAPE "A is not a multiple of
 * B". */
gm_status gm__dims_multiple(gm__dims *dims, gm__dim a, gm__dim divisor, uint32_t user, gm__place at_a,
    const gm__namer *namer, gm_error *error);

/* ---- Solving at bind ---- */
/** The length (>= 0) that axis `axis` of the fed placeholder `node` has, and the dim that was declared there.
 */
typedef struct gm__bound {
  gm__dim dim;
  int64_t length;
  gm__place place;
} gm__bound;
/** Values of symbols. Zero-initialise; gm__values_reserve once; a solve then allocates nothing. */
typedef struct gm__values {
  int64_t *value;
  gm__place *place;
  size_t capacity;
} gm__values;
bool gm__values_reserve(gm__values *values, const gm__dims *dims);
void gm__values_free(gm__values *values);
/** Forgets all values. */
void gm__values_clear(gm__values *values, const gm__dims *dims);
/** Gives a named symbol its value beforehand ("--dim n=3"). GM_BAD_ARGUMENT for a name that there is not
 * (with the nearest) and for a negative value; GM_BAD_SHAPE when it is known to be another. */
gm_status gm__values_set(gm__values *values, const gm__dims *dims, const char *name, size_t length,
    int64_t value, const gm__namer *namer, gm_error *error);
/** Solves, again and again, each bound in which one unsolved symbol occurs linearly; then checks all bounds
 * and all constraints. Allocates nothing. GM_BAD_SHAPE, naming symbol, node, axis on both sides: "n = 3 from
 * 'x' axis 0, but 5 from 'z' axis 0"; for a length that is known: "'x' axis 1 must be 3, but is 5" plus what
 * was learnt where. Symbols that remain unsolved in a bound: GM_UNBOUND. */
gm_status gm__dims_solve(const gm__dims *dims, gm__values *values, const gm__bound *bounds, size_t count,
    const gm__namer *namer, gm_error *error);
/** The length of a dim under `values`. GM_UNBOUND names the symbol without a value ("the dim 'n' is not
 * known"), GM_BAD_SHAPE for a negative length or a broadcast that fails, GM_LIMIT on overflow. Allocates
 * nothing. */
gm_status gm__dim_evaluate(
    const gm__dims *dims, gm__dim dim, const gm__values *values, int64_t *out, gm_error *error);
/** Which symbols could be solved if all `count` dims were given lengths? Dims that are resolved, as those of
 * a copy are, so that a symbol does not stand in one against itself. Flags for gm__dim_solvable, gm__free'd
 * by the caller; NULL: out of memory. */
bool *gm__dims_solved(const gm__dims *dims, const gm__dim *given, size_t count);
/** Does `wanted` need flagged symbols only? *symbol is the first that is not (its text, static as long as the
 * table). */
bool gm__dim_solvable(const gm__dims *dims, const bool *solved, gm__dim wanted, const char **symbol);

/* ---- Text ---- */
/** "28", "batch", "?", "2*n + 1", "(n + 3)//2", "max(0, min(n, 4) - 1)", "broadcast(n, m)", with what is
 * known by now replaced. Highest degree first, then in the order of declaration, the constant last: "n*m +
 * 2*n - 1". */
void gm__dim_text(const gm__dims *dims, gm__dim dim, gm__text *text);
/** "(batch, 28, 4)", "(3,)", "()". */
void gm__shape_text(const gm__dims *dims, gm__shape shape, gm__text *text);
/** Reads one dim: an integer >= 0, a symbol, ?, + - * // with parentheses, min(a, b), max(a, b). Overflow
 * GM_LIMIT, anything malformed GM_BAD_ARGUMENT naming the character and its 1-based column; a constant below
 * 0 too. */
gm_status gm__dim_read(gm__dims *dims, const char *text, size_t length, gm__dim *out, gm_error *error);
/** Reads a shape: dims separated by commas, one trailing comma and one enclosing () or [] allowed; "" and
 * "()" are rank 0. `out` holds GM_MAX_RANK; more is GM_LIMIT. Nesting of parentheses is limited (64).
 * `allow_auto`: "-1" may stand once, as GM__DIM_AUTO. */
gm_status gm__shape_read(
    gm__dims *dims, const char *text, bool allow_auto, int *rank, gm__dim *out, gm_error *error);

/** Named symbols in order of declaration: their count, name, and what was learnt ("n = 3, from 'x' axis 1 and
 * 'y' axis 0"; "" while free). `user` in the message is the demanding node's name: "… in 'xy'". */
size_t gm__symbol_count(const gm__dims *dims);
const char *gm__symbol_name(const gm__dims *dims, size_t index);
void gm__symbol_text(const gm__dims *dims, size_t index, const gm__namer *namer, gm__text *text);
/** Every constraint as text, one call a constraint: "n in {1, 5}: 'x' axis 0 and 'y' axis 0 in 'z'". */
size_t gm__constraint_count(const gm__dims *dims);
void gm__constraint_text(const gm__dims *dims, size_t index, const gm__namer *namer, gm__text *text);

#endif
