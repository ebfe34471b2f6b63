/* SPDX-License-Identifier: MIT
 *
 * Growing a recipe: leaves whose dims are drawn from a few lengths, so that they fit each other often; then
 * operations with attributes that fit, motifs that rewriting laws are about (motif.c), and earlier steps once
 * more; or, every third time, expressions of linear algebra (grow_expression.c). A step stays that both
 * graphs, with symbols and with numbers, take, and whose value the model finds of use. */
#include "model/grow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Leaves ---- */

#define LENGTHS 12
static const int64_t lengths[LENGTHS] = {2, 3, 4, 5, 3, 1, 7, 2, 4, 3, 5, 0};
static const int64_t large_lengths[LENGTHS] = {33, 40, 48, 63, 64, 65, 70, 33, 17, 20, 50, 64};

/** What the dims of a graph are drawn from: n and m twice, and numbers. */
typedef struct pool {
  int64_t n, m;
} pool;

static void draw_dim(draw *from, const pool *p, leaf *l) {
  int64_t which = draw_below(from, 10), *dim = &l->dims[l->rank];
  int symbol = which < 5 ? 'n' : which < 7 ? 'm' : 0;
  *dim = symbol == 'n' ? p->n : symbol == 'm' ? p->m : which == 7 ? 1 : which == 8 ? 2 : 3;
  if (l->source != FED) symbol = 0;
  l->symbols[l->rank++] = symbol;
}

static const gm_dtype exact_dtypes[] = {GM_FLOAT32, GM_FLOAT32, GM_FLOAT32, GM_FLOAT32, GM_FLOAT64,
    GM_FLOAT64, GM_INT32, GM_INT64, GM_INT8, GM_BOOL};
static const gm_dtype real_dtypes[] = {GM_FLOAT32, GM_FLOAT32, GM_FLOAT32, GM_FLOAT32, GM_FLOAT32, GM_FLOAT64,
    GM_FLOAT64, GM_FLOAT16, GM_BFLOAT16, GM_INT32};

static gm_dtype draw_dtype(draw *from, bool exact) {
  return (exact ? exact_dtypes : real_dtypes)[draw_below(from, 10)];
}

static leaf draw_leaf(draw *from, const pool *p, gm_dtype dtype, bool first) {
  static const int ranks[] = {2, 2, 2, 2, 2, 1, 1, 3, 3, 4, 0, 2, 5};
  leaf made = {.dtype = dtype, .source = first ? FED : (source)draw_below(from, 3)};
  int rank = ranks[draw_below(from, sizeof ranks / sizeof *ranks)];
  made.positive = draw_below(from, 3) == 0;
  made.seed = draw_bits(from);
  for (int64_t count = 1; made.rank < rank && count <= 70;) {
    draw_dim(from, p, &made);
    count *= made.dims[made.rank - 1];
  }
  return made;
}

static void draw_leaves(recipe *made, draw *from) {
  const int64_t *from_these = made->large ? large_lengths : lengths;
  pool p = {.n = from_these[draw_below(from, LENGTHS)]};
  p.m = from_these[draw_below(from, LENGTHS)];
  gm_dtype most = draw_dtype(from, made->exact);
  made->leaf_count = 3 + (int)draw_below(from, RECIPE_LEAVES - 3);
  for (int i = 0; i < made->leaf_count; i++) {
    gm_dtype dtype = draw_below(from, 5) == 0 ? draw_dtype(from, made->exact) : most;
    made->leaves[i] = draw_leaf(from, &p, dtype, i == 0);
  }
}

/* ---- Trying a step ---- */

void growth_begin(growth *g, recipe *made) {
  g->made = made;
  for (int v = 0; v < 2; v++) {
    g->graphs[v] = gm_graph_new(NULL, NULL);
    if (g->graphs[v] == NULL) abort();
    for (int i = 0; i < made->leaf_count; i++)
      g->nodes[v][i] = recipe_add_leaf(made, g->graphs[v], v == 0 ? WITH_NUMBERS : WITH_SYMBOLS_OPEN, i);
  }
  for (int i = 0; i < made->leaf_count; i++) {
    cells given = recipe_leaf(made, i);
    g->values[i] = field_of(&given);
    cells_free(&given);
  }
}

void growth_end(growth *g) {
  gm_graph_free(g->graphs[0]);
  gm_graph_free(g->graphs[1]);
  recipe_free_values(g->made, g->values);
}

static bool taken(growth *g, int variant) {
  const recipe *r = g->made;
  gm_node node = recipe_add_step(r, g->graphs[variant], r->count, g->nodes[variant]);
  gm_graph_clear_error(g->graphs[variant]);
  g->nodes[variant][r->leaf_count + r->count] = node;
  return node.id != 0;
}

/** The library's shape and dtype are the model's. */
static bool same_type(const growth *g, gm_node node, const field *value) {
  const gm_graph *graph = g->graphs[0];
  bool same = gm_node_rank(graph, node) == value->rank && gm_node_dtype(graph, node) == value->dtype;
  for (int a = 0; same && a < value->rank; a++) same = gm_node_dim(graph, node, a) == value->dims[a];
  return same;
}

bool growth_try(growth *g, const recipe_step *step) {
  recipe *r = g->made;
  field value;
  int at = r->leaf_count + r->count;
  if (r->count == RECIPE_STEPS) return false;
  const model_row *row = model_named(step->op);
  if (r->exact && !row->stays_exact) return false;
  r->steps[r->count] = *step;
  if (!taken(g, 0) || !recipe_evaluate_step(r, r->count, g->values, &value)) return false;
  if (!same_type(g, g->nodes[0][at], &value) && g->mistyped[0] == '\0')
    snprintf(g->mistyped, sizeof g->mistyped, "%s %s", step->op, step->attributes);
  if (!taken(g, 1)) {
    field_free(&value);
    return false;
  }
  g->values[at] = value;
  r->count++;
  return true;
}

/* ---- Drawing a step ---- */

int growth_draw_input(const growth *g, draw *from) {
  int count = g->made->leaf_count + g->made->count, recent = count < 7 ? count : 7;
  if (draw_below(from, 2) == 0) return count - 1 - (int)draw_below(from, recent);
  return (int)draw_below(from, count);
}

void growth_choose(const growth *g, draw *from, recipe_step *step) {
  const model_row *row = model_named(step->op);
  const field *in[MODEL_INPUTS] = {NULL};
  step->attributes[0] = '\0';
  for (int i = 0; i < step->count; i++) {
    if (step->inputs[i] < 0) return;
    in[i] = &g->values[step->inputs[i]];
  }
  if (row->choose != NULL) row->choose(from, in, step->count, step->attributes, sizeof step->attributes);
}

static void draw_number(draw *from, recipe_step *step) {
  int input = (int)draw_below(from, 2);
  step->inputs[input] = -1 - (int)draw_below(from, RECIPE_NUMBERS);
}

static void any_operation(growth *g, draw *from) {
  size_t count = 0;
  recipe_step step;
  while (model_at(count) != NULL) count++;
  const model_row *row = model_at((size_t)draw_below(from, (int64_t)count));
  for (int tries = 0; tries < 12; tries++) {
    step =
        (recipe_step){.op = row->op, .count = row->least + (int)draw_below(from, row->most - row->least + 1)};
    for (int i = 0; i < step.count; i++) step.inputs[i] = growth_draw_input(g, from);
    if (row->evaluate == model_pair && draw_below(from, 8) == 0) draw_number(from, &step);
    if (step.count > 0 && (step.inputs[0] < 0 && step.inputs[step.count - 1] < 0)) continue;
    growth_choose(g, from, &step);
    if (growth_try(g, &step)) return;
  }
}

/* A step once more, now and then with other attributes, or with its operands in the other order. */
static void repeat_step(growth *g, draw *from) {
  if (g->made->count == 0) return;
  recipe_step step = g->made->steps[draw_below(from, g->made->count)];
  if (step.count == 2 && draw_below(from, 2) == 0) {
    int held = step.inputs[0];
    step.inputs[0] = step.inputs[1];
    step.inputs[1] = held;
  }
  if (draw_below(from, 3) == 0) growth_choose(g, from, &step);
  growth_try(g, &step);
}

/* ---- Outputs ---- */

static bool is_used(const recipe *r, int node) {
  for (int i = 0; i < r->count; i++)
    for (int k = 0; k < r->steps[i].count; k++)
      if (r->steps[i].inputs[k] == node) return true;
  return false;
}

static void draw_outputs(recipe *r, draw *from) {
  int count = r->leaf_count + r->count;
  bool all = draw_below(from, 10) == 0;
  r->output_count = 0;
  for (int node = r->leaf_count; node < count; node++)
    if (all || (!is_used(r, node) && r->output_count < 8)) r->outputs[r->output_count++] = node;
  for (int64_t more = draw_below(from, 3); more > 0 && r->output_count < RECIPE_OUTPUTS; more--)
    r->outputs[r->output_count++] = (int)draw_below(from, count);
}

/** Any operations and motifs. */
static void grow_operations(growth *g, recipe *made, draw *from) {
  draw_leaves(made, from);
  growth_begin(g, made);
  int wanted = 3 + (int)draw_below(from, RECIPE_STEPS - 20);
  for (int tries = 0; made->count < wanted && tries < 4 * wanted; tries++) {
    int64_t which = draw_below(from, 8);
    if (which < 3)
      growth_motif(g, from);
    else if (which == 3)
      repeat_step(g, from);
    else
      any_operation(g, from);
  }
}

static void grow_expressions(growth *g, recipe *made, draw *from) {
  const int64_t *from_these = made->large ? large_lengths : lengths;
  int64_t drawn[3];
  for (int i = 0; i < 3; i++) drawn[i] = from_these[draw_below(from, LENGTHS)];
  gm_dtype dtype = draw_dtype(from, made->exact);
  growth_expressions(g, made, from, drawn, dtype == GM_BOOL ? GM_FLOAT32 : dtype);
}

bool recipe_grow(recipe *made, uint64_t seed, bool exact, char *why, size_t size) {
  draw from = {seed * 2 + exact};
  growth g = {0};
  *made = (recipe){.seed = seed, .exact = exact, .large = seed % 32 == 7};
  (seed % 3 == 0 ? grow_expressions : grow_operations)(&g, made, &from);
  draw_outputs(made, &from);
  growth_end(&g);
  if (g.mistyped[0] != '\0') snprintf(why, size, "another shape or dtype than the model's: %s", g.mistyped);
  return g.mistyped[0] == '\0';
}
