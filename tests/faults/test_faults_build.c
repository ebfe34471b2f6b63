/* SPDX-License-Identifier: MIT
 *
 * Building with memory running out at every allocation: a builder says so and leaves the graph as it was, so
 * that it makes the same node when it is called again. Every operation is there, with generated inputs; and
 * builders that fail for another reason, which must find their words or say that memory is out. */
#include "faults/memory.h"
#include "faults/walk.h"
#include "support/oracle.h"
#include "support/random_graph.h"
#include "support/suite.h"

#include <string.h>

#define MOST 400

static void describe(const world *w, notes *out) {
  note_graph(out, w->graph);
}

static void empty(world *w) {
  w->graph = gm_graph_new(NULL, NULL);
}

static gm_status new_graph(world *w, gm_error *error) {
  gm_graph_options options = GM_GRAPH_OPTIONS_INIT;
  w->graph = gm_graph_new(&options, error);
  return walk_status(w->graph, error);
}

/* ---- Sources ---- */

/** A few nodes, and a value for more. */
static void with_sources(world *w) {
  const int64_t dims[] = {2, 3};
  empty(w);
  w->tensors[0] = gm_tensor_new(GM_FLOAT32, 2, dims, NULL);
  w->nodes[0] = gm_placeholder(w->graph, "x", GM_FLOAT32, "n, k, 3");
  w->nodes[1] = gm_variable(w->graph, NULL, w->tensors[0]);
  w->nodes[2] = gm_integer(w->graph, 3);
  w->nodes[3] = gm_placeholder(w->graph, "y", GM_FLOAT32, "6*m, 4");
  w->nodes[4] = gm_placeholder(w->graph, "z", GM_FLOAT32, "2, 7, 4");
}

typedef gm_node builder(const world *w);

static gm_node placeholder(const world *w) {
  return gm_placeholder(w->graph, "p", GM_INT8, "n, 2*m+1, min(n, q) // 2, ?, (a+b)*(a-b)");
}
static gm_node nameless(const world *w) {
  return gm_placeholder(w->graph, NULL, GM_FLOAT32, NULL);
}
static gm_node variable(const world *w) {
  return gm_variable(w->graph, "v", w->tensors[0]);
}
static gm_node constant(const world *w) {
  return gm_constant(w->graph, NULL, w->tensors[0]);
}
static gm_node number(const world *w) {
  return gm_number(w->graph, 0.5);
}
static gm_node integer(const world *w) {
  return gm_integer(w->graph, -7);
}
static gm_node zeros(const world *w) {
  return gm_zeros(w->graph, "c", GM_COMPLEX64, "4, 2+3");
}
static gm_node ones(const world *w) {
  return gm_ones(w->graph, NULL, GM_BOOL, "");
}
static gm_node full(const world *w) {
  return gm_full(w->graph, "f", GM_FLOAT16, "5", 0.1);
}
static gm_node uniform(const world *w) {
  return gm_random_uniform_variable(w->graph, "u", GM_FLOAT32, "3, 3", -1, 1, 5);
}
static gm_node normal(const world *w) {
  return gm_random_normal_variable(w->graph, "g", GM_BFLOAT16, "3, 3", 0, 1, 5);
}
static gm_node renamed(const world *w) {
  return gm_name(w->graph, w->nodes[0], "another");
}
static gm_node product(const world *w) {
  return gm_dot(w->graph, w->nodes[1], w->nodes[0]);
}
static gm_node of_number(const world *w) {
  gm_node inputs[] = {w->nodes[0], w->nodes[2]};
  return gm_apply(w->graph, "multiply", inputs, 2, NULL);
}
static gm_node broadcast(const world *w) {
  return gm_apply(w->graph, "add", w->nodes, 2, NULL);
}
static gm_node many(const world *w) {
  gm_node inputs[] = {w->nodes[1], w->nodes[1], w->nodes[1], w->nodes[1], w->nodes[1], w->nodes[1]};
  return gm_apply(w->graph, "concatenate", inputs, 6, "{axis: 0}");
}

/* ---- Builders that fail for another reason ---- */

static gm_node bad_shape(const world *w) {
  return gm_placeholder(w->graph, "p", GM_FLOAT32, "n, (m+1");
}
static gm_node taken_name(const world *w) {
  return gm_placeholder(w->graph, "x", GM_FLOAT32, "new, symbols");
}
static gm_node unknown_op(const world *w) {
  return gm_apply(w->graph, "sofmax", w->nodes, 1, NULL);
}
static gm_node unknown_attribute(const world *w) {
  return gm_apply(w->graph, "softmax", w->nodes, 1, "{axs: 1}");
}
static gm_node bad_attributes(const world *w) {
  return gm_apply(w->graph, "softmax", w->nodes, 1, "{axis: [1, {a: \"b\", c");
}
static gm_node no_such_length(const world *w) {
  gm_node inputs[] = {w->nodes[1], w->nodes[3]};
  return gm_apply(w->graph, "concatenate", inputs, 2, "{axis: 0}");
}
static gm_node learns_in_vain(const world *w) {
  gm_node inputs[] = {w->nodes[0], w->nodes[4]};
  return gm_apply(w->graph, "concatenate", inputs, 2, "{axis: 0}");
}
static gm_node unheld_number(const world *w) {
  return gm_full(w->graph, "f", GM_INT8, "5", 1000);
}
static gm_node variable_of_unknown_size(const world *w) {
  return gm_zeros(w->graph, "f", GM_INT8, "n, m");
}

typedef struct built {
  builder *make;
} built;

static gm_status build(world *w, gm_error *error) {
  const built *how = w->how;
  w->node = how->make(w);
  return walk_built(w->graph, w->node, error);
}

#define BUILT(function)                                                                                      \
  { #function, with_sources, build, describe, describe, &(const built){function }, false }
#define REFUSED(function)                                                                                    \
  { #function, with_sources, build, describe, describe, &(const built){function }, true }

/* ---- What is said of a graph ---- */

static gm_status set_name(world *w, gm_error *error) {
  return gm_graph_set_name(w->graph, "a name", error);
}
static gm_status set_doc(world *w, gm_error *error) {
  return gm_graph_set_doc(w->graph, "a line", error);
}
static gm_status set_outputs(world *w, gm_error *error) {
  return gm_graph_set_outputs(w->graph, w->nodes, 2, error);
}
static gm_status set_no_outputs(world *w, gm_error *error) {
  return gm_graph_set_outputs(w->graph, &(gm_node){0}, 1, error);
}
static gm_status set_variable(world *w, gm_error *error) {
  ((float *)gm_tensor_data(w->tensors[0]))[5] = 5;
  return gm_variable_set(w->graph, w->nodes[1], w->tensors[0], error);
}
static gm_status set_placeholder(world *w, gm_error *error) {
  return gm_variable_set(w->graph, w->nodes[0], w->tensors[0], error);
}
static gm_status get_variable(world *w, gm_error *error) {
  return gm_variable_get(w->graph, w->nodes[1], &w->made, error);
}
static void describe_made(const world *w, notes *out) {
  note_tensor(out, w->made);
}

static const walk_case cases_of_graphs[] = {
    {"gm_graph_new", NULL, new_graph, describe, NULL, NULL, false},
    {"gm_graph_set_name", with_sources, set_name, describe, describe, NULL, false},
    {"gm_graph_set_doc", with_sources, set_doc, describe, describe, NULL, false},
    {"gm_graph_set_outputs", with_sources, set_outputs, describe, describe, NULL, false},
    {"gm_graph_set_outputs of none", with_sources, set_no_outputs, describe, describe, NULL, true},
    {"gm_variable_set", with_sources, set_variable, describe, describe, NULL, false},
    {"gm_variable_set of a placeholder", with_sources, set_placeholder, describe, describe, NULL, true},
    {"gm_variable_get", with_sources, get_variable, describe_made, describe, NULL, false},
};

START_TEST(a_graph_keeps_what_it_is_told_or_says_why) {
  long failed = 0;
  for (size_t i = 0; i < sizeof cases_of_graphs / sizeof *cases_of_graphs; i++)
    failed += walk(&cases_of_graphs[i], (walk_mode)_i, MOST);
  ck_assert_int_gt(failed, 10);
}
END_TEST

static long walk_all(const walk_case *cases, size_t count, walk_mode mode) {
  long failed = 0;
  for (size_t i = 0; i < count; i++) failed += walk(&cases[i], mode, MOST);
  return failed;
}

START_TEST(a_builder_without_memory_adds_nothing) {
  const walk_case cases[] = {BUILT(placeholder), BUILT(nameless), BUILT(variable), BUILT(constant),
      BUILT(number), BUILT(integer), BUILT(zeros), BUILT(ones), BUILT(full), BUILT(uniform), BUILT(normal),
      BUILT(renamed), BUILT(product), BUILT(of_number), BUILT(broadcast), BUILT(many)};
  ck_assert_int_gt(walk_all(cases, sizeof cases / sizeof *cases, (walk_mode)_i), 10);
}
END_TEST

START_TEST(a_builder_that_refuses_finds_its_words_or_says_so) {
  const walk_case cases[] = {REFUSED(bad_shape), REFUSED(taken_name), REFUSED(unknown_op),
      REFUSED(unknown_attribute), REFUSED(bad_attributes), REFUSED(no_such_length), REFUSED(learns_in_vain),
      REFUSED(unheld_number), REFUSED(variable_of_unknown_size)};
  ck_assert_int_gt(walk_all(cases, sizeof cases / sizeof *cases, (walk_mode)_i), 10);
}
END_TEST

/* ---- Every operation ---- */

/** A sample of the oracle: its placeholders stand, the operation is what the call adds. */
static void with_sample(world *w) {
  const sample *made = w->how;
  empty(w);
  gm_node whole = sample_build(made, WITH_SYMBOLS, w->graph);
  ck_assert_msg(whole.id != 0, "%s %s", made->op, made->attributes);
  for (size_t i = 0; i < made->count; i++) w->nodes[i] = gm_node_named(w->graph, sample_names[i]);
}

static gm_status apply(world *w, gm_error *error) {
  const sample *made = w->how;
  w->node = gm_apply(
      w->graph, made->op, w->nodes, made->count, made->attributes[0] != '\0' ? made->attributes : NULL);
  return walk_built(w->graph, w->node, error);
}

static gm_dtype some_dtype(const oracle_row *row) {
  int dtype = GM_FLOAT32;
  while (!row->takes((gm_dtype)dtype)) dtype = (dtype + 1) % (GM_COMPLEX128 + 1);
  return (gm_dtype)dtype;
}

START_TEST(every_operation_is_added_or_not) {
  draw from = {.state = 99};
  long failed = 0;
  for (size_t i = 0; oracle_at(i) != NULL; i++) {
    sample made = {.op = oracle_at(i)->op};
    oracle_at(i)->make(&from, some_dtype(oracle_at(i)), &made);
    const walk_case c = {made.op, with_sample, apply, describe, describe, &made, false};
    failed += walk(&c, (walk_mode)_i, MOST);
    sample_free(&made);
  }
  ck_assert_int_gt(failed, (long)gm_op_count());
}
END_TEST

/* ---- Whole graphs ---- */

static gm_status add_step(gm_graph *graph, const script_step *step, gm_node *nodes, int at) {
  gm_node inputs[3];
  for (int i = 0; i < step->count; i++) inputs[i] = nodes[step->inputs[i]];
  nodes[at] = gm_apply(
      graph, step->op, inputs, (size_t)step->count, step->attributes[0] != '\0' ? step->attributes : NULL);
  return walk_built(graph, nodes[at], NULL);
}

/** Builds a script; a step that found no memory is built again, with memory. Returns how many found none. */
static int build_on(const script *from, gm_graph *graph, gm_node *nodes) {
  int without = 0;
  for (int i = 0; i < from->count; i++) {
    gm_status status = add_step(graph, &from->steps[i], nodes, SCRIPT_SOURCES + i);
    if (status == GM_OK) continue;
    memory_disarm();
    without++;
    ck_assert_msg(status == GM_NO_MEMORY, "step %d, %s: %s", i, from->steps[i].op, gm_status_name(status));
    ck_assert_int_eq(add_step(graph, &from->steps[i], nodes, SCRIPT_SOURCES + i), GM_OK);
  }
  return without;
}

/** A script's graph where the allocation `at` of its steps fails (-1: none); false when there is none such.
 */
static bool build_script(const script *from, long at, bool persists, notes *out) {
  gm_node nodes[SCRIPT_SOURCES + SCRIPT_STEPS];
  long live = memory_live();
  gm_graph *graph = gm_graph_new(NULL, NULL);
  script_place(graph, "n", nodes);
  note_clear(out);
  memory_arm(at, persists);
  int without = build_on(from, graph, nodes);
  bool failed = memory_disarm();
  ck_assert_int_eq(without, failed);
  note_graph(out, graph);
  gm_graph_free(graph);
  ck_assert_int_eq(memory_live(), live);
  return failed;
}

START_TEST(a_graph_is_built_on_after_each_failure) {
  static notes want, got;
  static script made;
  long at = 0;
  draw from = {.state = (uint64_t)_i + 1};
  script_grow(&made, &from, 60);
  build_script(&made, -1, false, &want);
  for (; build_script(&made, at, _i % 2 != 0, &got); at++) ck_assert_str_eq(got.text, want.text);
  ck_assert_int_gt(at, made.count);
}
END_TEST

SUITE(faults_build) {
  tcase_add_loop_test(cases, a_graph_keeps_what_it_is_told_or_says_why, 0, WALK_MODES);
  tcase_add_loop_test(cases, a_builder_without_memory_adds_nothing, 0, WALK_MODES);
  tcase_add_loop_test(cases, a_builder_that_refuses_finds_its_words_or_says_so, 0, WALK_MODES);
  tcase_add_loop_test(cases, every_operation_is_added_or_not, 0, WALK_MODES);
  tcase_add_loop_test(cases, a_graph_is_built_on_after_each_failure, 0, 4);
}
