/* SPDX-License-Identifier: MIT
 *
 * Expressions of linear algebra, grown by a grammar: an expression of wanted sides is a leaf or its
 * transpose, a product over a drawn side, a sum, a multiple, a transpose, an earlier expression once more, or
 * a pattern that laws are about: common factors on either side, a product with its own transpose, structure.
 * So that laws find much to do, leaves are few and expressions come again. In the end results are sliced,
 * reduced, joined, multiplied by a stack of matrices or fed to an activation. */
#include "model/grow.h"

#include <stdio.h>
#include <string.h>

/** Sides of matrices: three lengths, which are symbols where they are fed, and 1. */
enum { N, M, K, ONE, SIDES, NO_SIDE = -1, NONE = -1 };

/** An expression in growth: the sides of each node, NO_SIDE for what is no matrix. */
typedef struct grammar {
  growth *g;
  draw *from;
  int64_t lengths[SIDES];
  int rows[RECIPE_NODES], columns[RECIPE_NODES];
} grammar;

static int below(grammar *e, int count) {
  return (int)draw_below(e->from, count);
}

static bool chance(grammar *e, int of) {
  return below(e, of) == 0;
}

/* ---- Leaves: squares, so that chains close; each side beside n, so that every product can be made ---- */

enum { STACK = RECIPE_LEAVES - 1, GIVEN = 5 };
static const int given_sides[GIVEN][2] = {{N, N}, {N, N}, {N, M}, {N, K}, {N, ONE}};

static void add_axis(grammar *e, leaf *l, int side) {
  static const int symbols[SIDES] = {'n', 'm', 'k', 0};
  l->symbols[l->rank] = l->source == FED ? symbols[side] : 0;
  l->dims[l->rank++] = e->lengths[side];
}

static void draw_leaf(grammar *e, recipe *r, int index, gm_dtype dtype, bool fed) {
  leaf *l = &r->leaves[index];
  int rows = index < GIVEN ? given_sides[index][0] : below(e, SIDES);
  int columns = index < GIVEN ? given_sides[index][1] : index == STACK ? N : below(e, SIDES);
  *l = (leaf){.dtype = dtype, .source = fed || !chance(e, 3) ? FED : (source)below(e, 3)};
  l->seed = draw_bits(e->from);
  l->positive = chance(e, 6);
  l->unit = chance(e, 2);
  if (index == STACK) l->dims[l->rank++] = 2;
  add_axis(e, l, rows);
  add_axis(e, l, columns);
  e->rows[index] = index == STACK ? NO_SIDE : rows;
  e->columns[index] = index == STACK ? NO_SIDE : columns;
}

/* ---- Steps ---- */

/** Appends a step of one operand, or two; its node, or NONE where it is not taken or lacks one. */
static int step(grammar *e, const char *op, int a, int b, int count, const char *attributes) {
  recipe_step s = {.op = model_named(op)->op, .inputs = {a, b}, .count = count};
  if (attributes)
    snprintf(s.attributes, sizeof s.attributes, "%s", attributes);
  else
    growth_choose(e->g, e->from, &s);
  if (!growth_try(e->g, &s)) return NONE;
  int node = e->g->made->leaf_count + e->g->made->count - 1;
  e->rows[node] = e->columns[node] = NO_SIDE;
  return node;
}

static int matrix(grammar *e, int node, int rows, int columns) {
  if (node != NONE) e->rows[node] = rows, e->columns[node] = columns;
  return node;
}

static int turned(grammar *e, int a) {
  if (a == NONE) return NONE;
  int node = chance(e, 3) ? step(e, "permute_dimensions", a, NONE, 1, "{pattern: [1, 0]}")
                          : step(e, "transpose", a, NONE, 1, "");
  return matrix(e, node, e->columns[a], e->rows[a]);
}

static int product(grammar *e, int a, int b) {
  if (a == NONE || b == NONE) return NONE;
  return matrix(e, step(e, chance(e, 4) ? "matmul" : "dot", a, b, 2, ""), e->rows[a], e->columns[b]);
}

static int both(grammar *e, const char *op, int a, int b) {
  if (a == NONE || b == NONE) return NONE;
  if (chance(e, 2)) return matrix(e, step(e, op, b, a, 2, ""), e->rows[a], e->columns[a]);
  return matrix(e, step(e, op, a, b, 2, ""), e->rows[a], e->columns[a]);
}

static int sum(grammar *e, int a, int b) {
  return both(e, chance(e, 2) ? "add" : "subtract", a, b);
}

/** Times a small whole number. */
static int multiple(grammar *e, int a) {
  int number = -1 - (2 + below(e, 3));
  if (a == NONE) return NONE;
  if (chance(e, 3)) return matrix(e, step(e, "negative", a, NONE, 1, ""), e->rows[a], e->columns[a]);
  int node = chance(e, 2) ? step(e, "multiply", a, number, 2, "") : step(e, "multiply", number, a, 2, "");
  return matrix(e, node, e->rows[a], e->columns[a]);
}

static int maybe_multiple(grammar *e, int a) {
  return chance(e, 3) ? multiple(e, a) : a;
}

/* ---- Expressions ---- */

/** A node before `end` that has the sides, or whose transpose has them, which is made. */
static int earlier(grammar *e, int end, int rows, int columns) {
  int start = below(e, end);
  for (int i = 0; i < end; i++) {
    int node = (start + i) % end;
    if (e->rows[node] == rows && e->columns[node] == columns && !chance(e, 4)) return node;
    if (e->rows[node] == columns && e->columns[node] == rows) return turned(e, node);
  }
  return NONE;
}

static int node_count(const grammar *e) {
  return e->g->made->leaf_count + e->g->made->count;
}

static int leaf_of(grammar *e, int rows, int columns) {
  int node = earlier(e, e->g->made->leaf_count, rows, columns);
  if (node != NONE) return node;
  return product(
      e, earlier(e, e->g->made->leaf_count, rows, N), earlier(e, e->g->made->leaf_count, N, columns));
}

static int expression(grammar *e, int rows, int columns, int depth);

/** A sum of products with one factor in common. */
static int distributed(grammar *e, int rows, int columns, int depth) {
  int inner = below(e, SIDES);
  bool left = chance(e, 2);
  int common = left ? expression(e, rows, inner, depth - 1) : expression(e, inner, columns, depth - 1);
  int result = NONE, terms = 2 + chance(e, 4);
  for (int i = 0; i < terms; i++) {
    int other = left ? expression(e, inner, columns, depth - 2) : expression(e, rows, inner, depth - 2);
    int term = maybe_multiple(e, left ? product(e, common, other) : product(e, other, common));
    result = i ? sum(e, result, term) : term;
  }
  return result;
}

/** A product with its own transpose. */
static int square(grammar *e, int side, int depth) {
  int a = expression(e, side, below(e, SIDES), depth - 1);
  return product(e, a, turned(e, a));
}

/** a·bᵗ + b·aᵗ. */
static int rank_2k(grammar *e, int side, int depth) {
  int inner = below(e, SIDES);
  int a = expression(e, side, inner, depth - 1), b = expression(e, side, inner, depth - 1);
  return both(e, "add", product(e, a, turned(e, b)), product(e, b, turned(e, a)));
}

static int structured(grammar *e, int side) {
  int a = leaf_of(e, side, side);
  char text[32];
  if (a == NONE) return NONE;
  snprintf(text, sizeof text, "{size: %d}", (int)e->lengths[side]);
  if (chance(e, 6)) return matrix(e, step(e, "eye", NONE, NONE, 0, text), side, side);
  if (chance(e, 8)) return matrix(e, step(e, "zeros_like", a, NONE, 1, ""), side, side);
  return matrix(e, step(e, "assume", a, NONE, 1, NULL), side, side);
}

static int mapped(grammar *e, int rows, int columns, int depth) {
  static const char *const ops[] = {"relu", "abs", "identity", "square"};
  int a = expression(e, rows, columns, depth - 1);
  if (a == NONE) return NONE;
  if (chance(e, 3)) return both(e, "multiply", a, expression(e, rows, columns, depth - 2));
  return matrix(e, step(e, ops[below(e, 4)], a, NONE, 1, ""), rows, columns);
}

static int of_square(grammar *e, int side, int depth) {
  int which = below(e, 5);
  if (which < 2) return structured(e, side);
  return which < 4 ? square(e, side, depth) : rank_2k(e, side, depth);
}

static int expression(grammar *e, int rows, int columns, int depth) {
  int inner = below(e, SIDES), which = below(e, 20);
  if (depth <= 0) return leaf_of(e, rows, columns);
  if (rows == columns && chance(e, 4)) return of_square(e, rows, depth);
  if (which < 9)
    return product(e, expression(e, rows, inner, depth - 1), expression(e, inner, columns, depth - 1));
  if (which < 11)
    return sum(e, expression(e, rows, columns, depth - 1), expression(e, rows, columns, depth - 1));
  if (which == 11) return multiple(e, expression(e, rows, columns, depth - 1));
  if (which == 12) return turned(e, expression(e, columns, rows, depth - 1));
  if (which < 16) return earlier(e, node_count(e), rows, columns);
  if (which < 19) return distributed(e, rows, columns, depth);
  return mapped(e, rows, columns, depth);
}

/* ---- What is done with a result ---- */

static void stacked(grammar *e, int depth) {
  const leaf *stack = &e->g->made->leaves[STACK];
  int node = step(e, "dot", STACK, expression(e, N, below(e, SIDES), depth - 1), 2, "");
  if (node == NONE || stack->rank != 3) return;
  for (int i = 0; i < 2; i++) {
    int side = NO_SIDE;
    const field *value = &e->g->values[node];
    for (int s = 0; s < SIDES && side == NO_SIDE; s++)
      if (e->lengths[s] == value->dims[2]) side = s;
    if (side == NO_SIDE || chance(e, 3)) return;
    int next = expression(e, side, below(e, SIDES), depth - 1);
    node = next == NONE ? NONE : step(e, "dot", node, next, 2, "");
    if (node == NONE) return;
  }
}

static void finished(grammar *e, int a) {
  static const char *const places[] = {
      "{at: \"0, 0\"}", "{at: \":, 0\"}", "{at: \"-1\"}", "{at: \"1:, :1\"}", "{at: \"::-1\"}", NULL};
  static const char *const sums[] = {"{axis: 0}", "{axis: 1}", "{axis: null}", "{axis: 1, keepdims: true}"};
  if (a == NONE) return;
  switch (below(e, 9)) {
  case 0:
  case 1:
  case 2: step(e, "index", a, NONE, 1, places[below(e, 6)]); break;
  case 3: step(e, chance(e, 4) ? "max" : "sum", a, NONE, 1, sums[below(e, 4)]); break;
  case 4: step(e, "index", step(e, "concatenate", a, a, 2, "{axis: 0}"), NONE, 1, NULL); break;
  case 5: step(e, "relu", a, NONE, 1, ""); break;
  case 6: stacked(e, 2); break;
  default: break;
  }
}

void growth_expressions(growth *g, recipe *made, draw *from, const int64_t lengths[3], gm_dtype dtype) {
  grammar e = {.g = g, .from = from, .lengths = {lengths[0], lengths[1], lengths[2], 1}};
  bool fed = chance(&e, 2);
  made->leaf_count = RECIPE_LEAVES;
  for (int i = 0; i < RECIPE_LEAVES; i++) draw_leaf(&e, made, i, dtype, fed);
  growth_begin(g, made);
  int wanted = made->large ? 6 : 4 + below(&e, 24);
  for (int tries = 0; tries < 12 && made->count < wanted; tries++)
    finished(&e, expression(&e, below(&e, SIDES), below(&e, SIDES), 2 + below(&e, 2)));
}
