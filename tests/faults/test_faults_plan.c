/* SPDX-License-Identifier: MIT
 *
 * The planner with memory running out at every allocation: chains, sums with brackets, shared intervals,
 * updates of rank 2k, structures, slices, steps that run once, fused rows and epilogues, with symbols, so
 * that a plan is chosen when it is made, for its text, and once more for the dims at hand. What is chosen is
 * the same as with all the memory there is, or the call says GM_NO_MEMORY. */
#include "faults/memory.h"
#include "faults/walk.h"
#include "support/build.h"
#include "support/suite.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST = 300, SIDE = 40 };

static const char head[] = "gemmule: 1\n"
                           "placeholders:\n"
                           "  A: {shape: [n, n]}\n"
                           "  B: {shape: [n, n]}\n"
                           "  P: {shape: [n, k]}\n"
                           "  L: {shape: [n, n], structure: lower_triangular}\n"
                           "  x: {shape: [n]}\n"
                           "variables:\n"
                           "  U: {shape: [40, 3], init: {random_uniform: {low: -1, high: 1, seed: 1}}}\n"
                           "  V: {shape: [3, 40], init: {random_uniform: {low: -1, high: 1, seed: 2}}}\n"
                           "  W: {shape: [40, 40], init: {random_uniform: {low: -1, high: 1, seed: 3}}}\n"
                           "  b: {shape: [40], init: ones}\n"
                           "nodes:\n"
                           "  At: {transpose: A}\n"
                           "  Bt: {transpose: B}\n";

/** The nodes of a graph, and its outputs. */
typedef struct expression {
  const char *name, *nodes;
  size_t outputs;
} expression;

static const expression expressions[] = {
    {"chains that share",
        "  y: {dot: [{dot: [{dot: [At, B]}, {dot: [At, B]}]}, x]}\n"
        "  z: {dot: [{dot: [At, B]}, {dot: [A, P]}]}\n"
        "outputs: [y, z]\n",
        2},
    {"sums with brackets",
        "  s: {subtract: [{multiply: [{dot: [A, B]}, 3]}, {dot: [A, L]}]}\n"
        "  d: {dot: [{subtract: [A, {dot: [At, A]}]}, x]}\n"
        "  e: {add: [{dot: [{add: [A, B]}, P]}, {dot: [{add: [Bt, At]}, P]}]}\n"
        "outputs: [s, d, e]\n",
        3},
    {"updates and structures",
        "  r: {add: [{dot: [P, {transpose: {dot: [A, P]}}]}, {dot: [{dot: [A, P]}, {transpose: P}]}]}\n"
        "  t: {dot: [L, {dot: [L, B]}]}\n"
        "  q: {dot: [{dot: [A, At]}, P]}\n"
        "  u: {dot: [{eye: [], size: 40}, {dot: [A, B]}]}\n"
        "outputs: [r, t, q, u]\n",
        4},
    {"slices",
        "  c: {index: {dot: [{dot: [A, B]}, L]}, at: \"2, :\"}\n"
        "  f: {index: {add: [{dot: [A, B]}, Bt]}, at: \"1:3, 2\"}\n"
        "  g: {sum: {index: {concatenate: [A, B], axis: 0}, at: \"1:30, :\"}, axis: [1]}\n"
        "outputs: [c, f, g]\n",
        3},
    {"diagonals",
        "  d: {diag_part: {dot: [{add: [A, {transpose: L}]}, {dot: [A, B]}]}}\n"
        "  e: {sum: {multiply: [{eye: [], size: 40}, {dot: [A, B]}]}}\n"
        "  f: {diag_part: {dot: [P, {transpose: P}]}}\n"
        "  g: {sum: {square: {subtract: [A, B]}}}\n"
        "outputs: [d, e, f, g]\n",
        4},
    {"layers",
        "  h: {dot: [{dot: [A, U]}, V]}\n"
        "  o: {relu: {add: [{dot: [{dot: [A, W]}, {dot: [U, V]}]}, b]}}\n"
        "  m: {exp: {subtract: [o, {max: o, axis: [1], keepdims: true}]}}\n"
        "  p: {divide: [m, {sum: m, axis: [1], keepdims: true}]}\n"
        "  w: {tanh: {multiply: [{dot: [W, {dot: [W, W]}]}, 0.5]}}\n"
        "outputs: [h, p, w]\n",
        3},
};
enum { EXPRESSIONS = sizeof expressions / sizeof *expressions };

static void with_graph(world *w) {
  const expression *e = w->how;
  char text[4000];
  gm_error error;
  int length = snprintf(text, sizeof text, "%s%s", head, e->nodes);
  w->graph = gm_graph_parse(text, (size_t)length, NULL, &error);
  ck_assert_msg(w->graph != NULL, "%s: %s", e->name, error.message);
}

static void with_plan(world *w) {
  with_graph(w);
  w->plan = plan_of(w->graph, NULL, 0);
}

static void feed_all(world *w) {
  static const char *const names[] = {"A", "B", "P", "L", "x"};
  for (size_t i = 0; i < 5; i++) feed(w->executor, names[i], w->tensors[i]);
}

static void with_executor(world *w) {
  with_plan(w);
  w->executor = gm_executor_new(w->plan, NULL);
  for (int i = 0; i < 4; i++) w->tensors[i] = ramp2((float)-i, SIDE, i == 2 ? 5 : SIDE);
  w->tensors[4] = ramp1(1, SIDE);
  feed_all(w);
}

/** What has run once before the variable was set has to run once more. */
static void with_variable_set(world *w) {
  gm_tensor *value = ramp2(-3, SIDE, SIDE);
  with_executor(w);
  run(w->executor);
  ck_assert_int_eq(gm_variable_set(w->graph, gm_node_named(w->graph, "W"), value, NULL), GM_OK);
  gm_tensor_free(value);
}

/* ---- Calls ---- */

static gm_status new_plan(world *w, gm_error *error) {
  w->plan = gm_plan_new(w->graph, NULL, 0, NULL, error);
  return walk_status(w->plan, error);
}

static gm_status write_text(world *w, const char *dims, unsigned flags, gm_error *error) {
  notes *out = w->written;
  out->length = gm_plan_text(w->plan, dims, flags, out->text, NOTES_SIZE, error);
  return walk_status(out->length ? out : NULL, error);
}

static gm_status write_candidates(world *w, gm_error *error) {
  return write_text(w, NULL, 0, error);
}

static gm_status write_candidates_as_json(world *w, gm_error *error) {
  return write_text(w, NULL, GM_TEXT_JSON, error);
}

static gm_status write_chosen(world *w, gm_error *error) {
  return write_text(w, "n=40, k=5", 0, error);
}

static gm_status run_it(world *w, gm_error *error) {
  w->may_do_without = true;
  return gm_executor_run(w->executor, error);
}

/* ---- What is looked at ---- */

static void describe_plan(const world *w, notes *out) {
  char *open = plan_text(w->plan, NULL, 0), *given = plan_text(w->plan, "n=40, k=5", 0);
  note(out, "%s\n%s\n", open, given);
  free(open);
  free(given);
}

static void describe_written(const world *w, notes *out) {
  note(out, "%s", w->written->text);
}

static void describe_outputs(const world *w, notes *out) {
  const expression *e = w->how;
  note_outputs(out, w->executor, e->outputs);
}

static const walk_case calls[] = {
    {"gm_plan_new", with_graph, new_plan, describe_plan, NULL, NULL, false},
    {"gm_plan_text", with_plan, write_candidates, describe_written, NULL, NULL, false},
    {"gm_plan_text, JSON", with_plan, write_candidates_as_json, describe_written, NULL, NULL, false},
    {"gm_plan_text of dims", with_plan, write_chosen, describe_written, NULL, NULL, false},
    {"gm_executor_run", with_executor, run_it, describe_outputs, NULL, NULL, false},
    {"gm_executor_run, variable set", with_variable_set, run_it, describe_outputs, NULL, NULL, false},
};
enum { CALLS = sizeof calls / sizeof *calls };

/** By the number of the loop: the expression, and how memory runs out. */
START_TEST(what_is_planned_is_planned_whole) {
  const expression *e = &expressions[_i % EXPRESSIONS];
  long failed = 0;
  for (size_t i = 0; i < CALLS; i++) {
    walk_case c = calls[i];
    c.how = e;
    failed += walk(&c, (walk_mode)(_i / EXPRESSIONS), MOST);
  }
  printf("%s: %ld failures\n", e->name, failed);
  ck_assert_int_gt(failed, 100);
}
END_TEST

SUITE(faults_plan) {
  tcase_add_loop_test(cases, what_is_planned_is_planned_whole, 0, EXPRESSIONS * WALK_MODES);
}
