/* SPDX-License-Identifier: MIT
 *
 * Planning, printing and running with memory running out at every allocation: a plan is made whole or not, an
 * executor runs rightly after a run that found no memory, with the same dims and with those of before, and
 * texts are whole. */
#include "faults/memory.h"
#include "faults/walk.h"
#include "support/build.h"
#include "support/oracle.h"
#include "support/random_graph.h"
#include "support/suite.h"

#include <string.h>

#define MOST 400

/* ---- The graph that most cases use: products, chains, a variable, two symbols, three outputs, and food for
 * every pass ---- */

enum { OUTPUTS = 3 };

/** A number that only constants decide, times 1, plus 0. */
static gm_node folded(gm_graph *graph) {
  gm_tensor *value = ramp2(1, 2, 3);
  gm_node c = gm_constant(graph, "c", value), turned = apply1(graph, "transpose", c, NULL);
  gm_node sum = apply1(graph, "sum", apply2(graph, "dot", c, apply1(graph, "exp", turned, NULL), NULL), NULL);
  gm_node same = apply2(graph, "multiply", sum, gm_number(graph, 1), NULL);
  gm_tensor_free(value);
  return apply2(graph, "add", same, gm_number(graph, 0), NULL);
}

/** The diagonal of a product. */
static gm_node diagonal(gm_graph *graph, gm_node x) {
  gm_node product = apply2(graph, "dot", x, apply1(graph, "exp", x, NULL), NULL);
  gm_node eye = gm_apply(graph, "eye", NULL, 0, "{size: 4}");
  return apply1(graph, "sum", apply2(graph, "multiply", product, eye, NULL), "{axis: 1}");
}

/** Products with structure: a triangle as it is, one that is made whole, the identity, a symmetric result. */
static gm_node structured(gm_graph *graph, gm_node x, gm_node weight) {
  gm_node lower = apply1(graph, "assume", weight, "{structure: lower_triangular}");
  gm_node square = apply2(graph, "dot", weight, apply1(graph, "transpose", weight, NULL), NULL);
  gm_node whole = apply2(graph, "multiply", apply1(graph, "exp", lower, NULL), square, NULL);
  gm_node same = apply2(graph, "dot", whole, gm_apply(graph, "eye", NULL, 0, "{size: 4}"), NULL);
  gm_node sums =
      apply2(graph, "dot", apply1(graph, "tanh", apply2(graph, "dot", x, lower, NULL), NULL), same, NULL);
  return apply2(graph, "add", sums, diagonal(graph, weight), NULL);
}

static void with_graph(world *w) {
  gm_graph *graph = w->graph = gm_graph_new(NULL, NULL);
  gm_tensor *weights = ramp2(-3, 4, 4);
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "batch, 4"),
          y = gm_placeholder(graph, "y", GM_FLOAT32, "k"), weight = gm_variable(graph, "weight", weights);
  gm_node hidden = apply1(graph, "tanh", apply2(graph, "dot", x, weight, NULL), NULL);
  gm_node sums =
      apply1(graph, "sum", apply2(graph, "multiply", hidden, hidden, NULL), "{axis: 1, keepdims: true}");
  gm_node turned =
      apply1(graph, "permute_dimensions", apply1(graph, "transpose", weight, NULL), "{pattern: [1, 0]}");
  gm_node again = apply2(graph, "dot", hidden, apply1(graph, "transpose", turned, NULL), NULL);
  again = apply2(graph, "multiply", again, structured(graph, hidden, weight), NULL);
  y = apply2(
      graph, "add", apply1(graph, "negative", apply1(graph, "negative", y, NULL), NULL), folded(graph), NULL);
  w->nodes[0] = gm_name(graph, apply2(graph, "divide", again, sums, NULL), "scaled");
  w->nodes[1] = gm_name(graph, apply2(graph, "add", sums, y, NULL), "outer");
  w->nodes[2] = x;
  ck_assert_int_eq(gm_graph_set_outputs(graph, w->nodes, OUTPUTS, NULL), GM_OK);
  gm_tensor_free(weights);
}

static void with_plan(world *w) {
  with_graph(w);
  w->plan = plan_of(w->graph, w->nodes, OUTPUTS);
}

/** Tensors 0 and 1 are feeds for batch = 3, k = 2; 2 and 3 for batch = 5, k = 4. */
static void with_executor(world *w) {
  with_plan(w);
  w->executor = gm_executor_new(w->plan, NULL);
  w->tensors[0] = ramp2(1, 3, 4);
  w->tensors[1] = ramp1(2, 2);
  w->tensors[2] = ramp2(-1, 5, 4);
  w->tensors[3] = ramp1(7, 4);
  w->tensors[4] = ramp2(0, 3, 4);
  feed(w->executor, "x", w->tensors[0]);
  feed(w->executor, "y", w->tensors[1]);
}

static void with_run(world *w) {
  with_executor(w);
  run(w->executor);
}

static void with_other_dims(world *w) {
  with_run(w);
  feed(w->executor, "x", w->tensors[2]);
  feed(w->executor, "y", w->tensors[3]);
}

static void with_trimmed(world *w) {
  with_run(w);
  gm_executor_trim(w->executor);
}

static void with_variable_set(world *w) {
  gm_tensor *weights = ramp2(5, 4, 4);
  with_run(w);
  ck_assert_int_eq(gm_variable_set(w->graph, gm_node_named(w->graph, "weight"), weights, NULL), GM_OK);
  gm_tensor_free(weights);
}

/** A run that more threads gain by. */
static void with_threads(world *w) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  options.threads = 3;
  options.flags = GM_PLAN_SPIN;
  gm_graph *graph = w->graph = gm_graph_new(NULL, NULL);
  gm_tensor *weights = ramp2(-2, 4, 20);
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "batch, 4"), weight = gm_variable(graph, NULL, weights);
  gm_node hidden = apply1(graph, "tanh", apply2(graph, "dot", x, weight, NULL), NULL);
  w->nodes[0] = apply1(graph, "sum", hidden, "{axis: 0}");
  w->plan = gm_plan_new(graph, w->nodes, 1, &options, NULL);
  w->executor = gm_executor_new(w->plan, NULL);
  w->tensors[0] = ramp2(1, 5000, 4);
  feed(w->executor, "x", w->tensors[0]);
  gm_tensor_free(weights);
}

/* ---- What is looked at ---- */

static void note_plan(notes *out, const gm_plan *plan, const char *dims) {
  for (unsigned flags = 0; flags <= GM_TEXT_JSON; flags += GM_TEXT_JSON) {
    char *text = plan_text(plan, dims, flags);
    note(out, "%s\n", text);
    free(text);
  }
}

static void describe_plan(const world *w, notes *out) {
  note_plan(out, w->plan, NULL);
  note_plan(out, w->plan, "batch=6, k=3");
}

static void describe_symbolic_plan(const world *w, notes *out) {
  note_plan(out, w->plan, NULL);
}

static void describe_written(const world *w, notes *out) {
  note(out, "%s", w->written->text);
}

static void describe_outputs(const world *w, notes *out) {
  note_outputs(out, w->executor, OUTPUTS);
}

static void describe_output(const world *w, notes *out) {
  note_outputs(out, w->executor, 1);
}

static void describe_made(const world *w, notes *out) {
  note_tensor(out, w->made);
}

/** What comes out for batch = 3; leaves the feeds as they were for batch = 5. */
static void run_with_dims_of_before(const world *w, notes *out) {
  feed(w->executor, "x", w->tensors[0]);
  feed(w->executor, "y", w->tensors[1]);
  run(w->executor);
  describe_outputs(w, out);
  feed(w->executor, "x", w->tensors[2]);
  feed(w->executor, "y", w->tensors[3]);
}

static void describe_both(const world *w, notes *out) {
  describe_outputs(w, out);
  run_with_dims_of_before(w, out);
}

/* ---- Calls ---- */

static gm_status new_plan(world *w, gm_error *error) {
  w->plan = gm_plan_new(w->graph, w->nodes, OUTPUTS, w->how, error);
  return walk_status(w->plan, error);
}

static gm_status new_plan_of_declared(world *w, gm_error *error) {
  w->plan = gm_plan_new(w->graph, NULL, 0, NULL, error);
  return walk_status(w->plan, error);
}

typedef struct text_request {
  const char *dims;
  unsigned flags;
} text_request;

static gm_status write_plan(world *w, gm_error *error) {
  const text_request *r = w->how;
  notes *out = w->written;
  out->length = gm_plan_text(w->plan, r->dims, r->flags, out->text, NOTES_SIZE, error);
  return walk_status(out->length ? out : NULL, error);
}

static gm_status plan_sizes(world *w, gm_error *error) {
  gm_plan_size sizes = {.struct_size = sizeof sizes};
  gm_status status = gm_plan_sizes(w->plan, w->how, &sizes, error);
  if (status == GM_OK) {
    note(w->written, "%.0f %zu %zu %zu %zu %zu", sizes.flops, sizes.workspace, sizes.packed, sizes.peak,
        sizes.unshared, sizes.lower_bound);
  }
  return status;
}

static gm_status new_executor(world *w, gm_error *error) {
  w->executor = gm_executor_new(w->plan, error);
  return walk_status(w->executor, error);
}

static void describe_new_executor(const world *w, notes *out) {
  gm_tensor *x = ramp2(1, 2, 4), *y = ramp1(2, 3);
  feed(w->executor, "x", x);
  feed(w->executor, "y", y);
  run(w->executor);
  describe_outputs(w, out);
  feed(w->executor, "x", NULL);
  feed(w->executor, "y", NULL);
  gm_tensor_free(x);
  gm_tensor_free(y);
}

static gm_status feed_again(world *w, gm_error *error) {
  return gm_executor_feed(w->executor, "x", w->tensors[4], error);
}

static gm_status feed_wrongly(world *w, gm_error *error) {
  return gm_executor_feed(w->executor, "x", w->tensors[1], error);
}

static gm_status bind(world *w, gm_error *error) {
  return gm_executor_bind_output(w->executor, 0, w->tensors[4], error);
}

static gm_status prepare(world *w, gm_error *error) {
  w->may_do_without = true;
  return gm_executor_prepare(w->executor, error);
}

static void run_then_describe(const world *w, notes *out) {
  run(w->executor);
  describe_outputs(w, out);
}

static gm_status run_it(world *w, gm_error *error) {
  w->may_do_without = true;
  gm_status status = gm_executor_run(w->executor, error);
  bool outputs = gm_executor_output(w->executor, 0) != NULL;
  return outputs == (status == GM_OK) ? status : GM_INTERNAL;
}

static gm_status run_bound(world *w, gm_error *error) {
  gm_status status = gm_executor_bind_output(w->executor, 0, w->tensors[4], error);
  return status == GM_OK ? run_it(w, error) : status;
}

static gm_status evaluate(world *w, gm_error *error) {
  gm_tensor_free(w->made);
  w->may_do_without = true;
  gm_status status = gm_eval(w->graph, w->nodes[w->count], &w->made, error);
  return (w->made != NULL) == (status == GM_OK) ? status : GM_INTERNAL;
}

static void with_known_node(world *w) {
  with_graph(w);
  gm_node weight = gm_node_named(w->graph, "weight");
  w->count = 3;
  w->nodes[3] = apply2(w->graph, "dot", weight, apply1(w->graph, "exp", weight, NULL), NULL);
}

static const gm_plan_options plain = GM_PLAN_OPTIONS_INIT;
static const gm_plan_options chosen = {sizeof(gm_plan_options), 1, true, "loops", "share,memory", true, 2,
    1000, NULL, GM_PLAN_KEEP_BLAS_THREADS};
static const gm_plan_options misspelt = {
    sizeof(gm_plan_options), 0, false, NULL, "prune,shar", false, 0, 0, NULL, 0};

static const walk_case calls[] = {
    {"gm_plan_new", with_graph, new_plan, describe_plan, NULL, &plain, false},
    {"gm_plan_new with options", with_graph, new_plan, describe_plan, NULL, &chosen, false},
    {"gm_plan_new of declared outputs", with_graph, new_plan_of_declared, describe_plan, NULL, NULL, false},
    {"gm_plan_new without a pass that is none", with_graph, new_plan, NULL, NULL, &misspelt, true},
    {"gm_plan_text", with_plan, write_plan, describe_written, NULL, &(text_request){NULL, 0}, false},
    {"gm_plan_text, JSON", with_plan, write_plan, describe_written, NULL, &(text_request){NULL, GM_TEXT_JSON},
        false},
    {"gm_plan_text of dims", with_plan, write_plan, describe_written, NULL,
        &(text_request){"batch=2, k=3", 0}, false},
    {"gm_plan_text of dims, JSON", with_plan, write_plan, describe_written, NULL,
        &(text_request){"batch=2, k=3", GM_TEXT_JSON}, false},
    {"gm_plan_text of bad dims", with_plan, write_plan, describe_written, NULL,
        &(text_request){"batch=2, m=1", 0}, true},
    {"gm_plan_sizes", with_plan, plan_sizes, describe_written, NULL, "batch=7, k=1", false},
    {"gm_plan_sizes of few dims", with_plan, plan_sizes, describe_written, NULL, "batch=7", true},
    {"gm_executor_new", with_plan, new_executor, describe_new_executor, describe_symbolic_plan, NULL, false},
    {"gm_executor_feed", with_executor, feed_again, run_then_describe, NULL, NULL, false},
    {"gm_executor_feed of another rank", with_executor, feed_wrongly, NULL, run_then_describe, NULL, true},
    {"gm_executor_bind_output", with_executor, bind, run_then_describe, NULL, NULL, false},
    {"gm_executor_prepare", with_executor, prepare, run_then_describe, NULL, NULL, false},
    {"gm_executor_prepare for other dims", with_other_dims, prepare, run_then_describe,
        run_with_dims_of_before, NULL, false},
    {"gm_executor_run", with_executor, run_it, describe_outputs, NULL, NULL, false},
    {"gm_executor_run, warm", with_run, run_it, describe_outputs, NULL, NULL, false},
    {"gm_executor_run with other dims", with_other_dims, run_it, describe_both, run_with_dims_of_before, NULL,
        false},
    {"gm_executor_run, trimmed", with_trimmed, run_it, describe_outputs, NULL, NULL, false},
    {"gm_executor_run, variable set", with_variable_set, run_it, describe_outputs, NULL, NULL, false},
    {"gm_executor_run, bound", with_executor, run_bound, describe_outputs, NULL, NULL, false},
    {"gm_executor_run on threads", with_threads, run_it, describe_output, NULL, NULL, false},
    {"gm_eval", with_known_node, evaluate, describe_made, NULL, NULL, false},
    {"gm_eval of what needs feeds", with_graph, evaluate, NULL, NULL, NULL, true},
};

START_TEST(each_call_does_all_or_nothing) {
  long failed = 0;
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) failed += walk(&calls[i], (walk_mode)_i, MOST);
  ck_assert_int_gt(failed, 300);
}
END_TEST

/* ---- Every operation ---- */

static void with_sample(world *w) {
  const sample *made = w->how;
  w->graph = gm_graph_new(NULL, NULL);
  w->nodes[0] = sample_build(made, WITH_SYMBOLS, w->graph);
  ck_assert_msg(w->nodes[0].id != 0, "%s %s", made->op, made->attributes);
  for (size_t i = 0; i < made->count; i++) w->tensors[i] = cells_tensor(&made->inputs[i]);
  w->count = made->count;
}

static gm_status feed_all(world *w, gm_error *error) {
  for (size_t i = 0; i < w->count; i++) {
    gm_status status = gm_executor_feed(w->executor, sample_names[i], w->tensors[i], error);
    if (status != GM_OK) return status;
  }
  return GM_OK;
}

/** Goes on from where it came to. */
static gm_status plan_and_run(world *w, gm_error *error) {
  if (w->plan == NULL) w->plan = gm_plan_new(w->graph, w->nodes, 1, NULL, error);
  if (w->plan == NULL) return walk_status(w->plan, error);
  if (w->executor == NULL) w->executor = gm_executor_new(w->plan, error);
  if (w->executor == NULL) return walk_status(w->executor, error);
  gm_status status = feed_all(w, error);
  return status == GM_OK ? run_it(w, error) : status;
}

START_TEST(every_operation_runs_or_says_so) {
  draw from = {.state = 7};
  long failed = 0;
  for (size_t i = 0; oracle_at(i) != NULL; i++) {
    const oracle_row *row = oracle_at(i);
    for (int dtype = 0; dtype <= GM_COMPLEX128; dtype += 1 + (dtype != 0)) {
      if (!row->takes((gm_dtype)dtype)) continue;
      sample made = {.op = row->op};
      row->make(&from, (gm_dtype)dtype, &made);
      const walk_case c = {row->op, with_sample, plan_and_run, describe_output, NULL, &made, false};
      failed += walk(&c, (walk_mode)_i, MOST);
      sample_free(&made);
    }
  }
  ck_assert_int_gt(failed, 20 * (long)gm_op_count());
}
END_TEST

/* ---- Random graphs ---- */

typedef struct drawn_graph {
  script steps;
  gm_tensor *values[SCRIPT_SOURCES];
} drawn_graph;

/** The last node of a script, and its values as feeds. */
static void with_script(world *w) {
  const drawn_graph *d = w->how;
  gm_node nodes[SCRIPT_STEPS];
  w->graph = gm_graph_new(NULL, NULL);
  ck_assert(script_build(&d->steps, w->graph, "n", nodes));
  ck_assert_int_eq(gm_graph_set_outputs(w->graph, nodes, (size_t)d->steps.count, NULL), GM_OK);
}

static gm_status run_script(world *w, gm_error *error) {
  const drawn_graph *d = w->how;
  gm_status status = GM_OK;
  if (w->plan == NULL) w->plan = gm_plan_new(w->graph, NULL, 0, NULL, error);
  if (w->plan == NULL) return walk_status(w->plan, error);
  if (w->executor == NULL) w->executor = gm_executor_new(w->plan, error);
  if (w->executor == NULL) return walk_status(w->executor, error);
  for (int i = 0; i < SCRIPT_SOURCES && status == GM_OK; i++)
    status = gm_executor_feed(w->executor, script_sources[i], d->values[i], error);
  return status == GM_OK ? run_it(w, error) : status;
}

static void describe_script(const world *w, notes *out) {
  const drawn_graph *d = w->how;
  note_outputs(out, w->executor, (size_t)d->steps.count);
}

/** Draws a graph and its values; false when its constraints do not admit their lengths. */
static bool draw_graph(drawn_graph *d, uint64_t seed) {
  draw from = {.state = seed};
  gm_graph *learnt = gm_graph_new(NULL, NULL);
  gm_node nodes[SCRIPT_STEPS];
  gm_error error;
  script_grow(&d->steps, &from, 40);
  ck_assert(script_build(&d->steps, learnt, "n", nodes));
  script_values(&from, script_length(learnt, 3), d->values);
  gm_graph_free(learnt);
  world w = {.how = d};
  with_script(&w);
  bool runs = run_script(&w, &error) == GM_OK;
  gm_executor_free(w.executor);
  gm_plan_free(w.plan);
  gm_graph_free(w.graph);
  for (int i = 0; i < SCRIPT_SOURCES && !runs; i++) gm_tensor_free(d->values[i]);
  return runs;
}

START_TEST(random_graphs_run_or_say_so) {
  static drawn_graph d;
  uint64_t seed = (uint64_t)_i + 1;
  while (!draw_graph(&d, seed)) seed += 1000;
  const walk_case c = {"a random graph", with_script, run_script, describe_script, NULL, &d, false};
  ck_assert_int_gt(walk(&c, (walk_mode)(_i % WALK_MODES), MOST), 100);
  for (int i = 0; i < SCRIPT_SOURCES; i++) gm_tensor_free(d.values[i]);
}
END_TEST

/* ---- Texts ---- */

static void texts_of_node(const gm_graph *graph, gm_node node, notes *out) {
  char text[4096];
  gm_node_text(graph, node, text, sizeof text);
  note(out, "%s", text);
  gm_node_shape_text(graph, node, text, sizeof text);
  note(out, "%s", text);
  gm_node_dim_text(graph, node, 0, text, sizeof text);
  note(out, "%s", text);
  gm_node_flops_text(graph, node, text, sizeof text);
  note(out, "%s", text);
  for (unsigned flags = 0; flags <= GM_TEXT_JSON; flags += GM_TEXT_JSON) {
    gm_node_attributes_text(graph, node, flags, text, sizeof text);
    note(out, "%s\n", text);
  }
}

static void all_texts(const gm_graph *graph, notes *out) {
  char text[4096];
  note_clear(out);
  for (size_t i = 0; i < gm_graph_node_count(graph); i++)
    texts_of_node(graph, gm_graph_node_at(graph, i), out);
  for (size_t i = 0; i < gm_graph_symbol_count(graph); i++) {
    gm_graph_symbol_text(graph, i, text, sizeof text);
    note(out, "%s\n", text);
  }
  for (size_t i = 0; i < gm_op_count(); i++) {
    gm_op_text(gm_op_name(i), i % 2, text, sizeof text);
    note(out, "%s\n", text);
  }
}

/** Without memory a dim may stand as it was declared, "9*n", where n = 3 was learnt. */
START_TEST(texts_of_a_graph_are_safe_and_come_back) {
  static notes want, got;
  static drawn_graph d;
  draw from = {.state = 6};
  world w = {.how = &d};
  long at = 0;
  script_grow(&d.steps, &from, 40);
  with_script(&w);
  all_texts(w.graph, &want);
  for (bool failed = true; failed; at++) {
    long live = memory_live();
    memory_arm(at, at % 2 != 0);
    all_texts(w.graph, &got);
    failed = memory_disarm();
    ck_assert_int_eq(memory_live(), live);
    ck_assert_uint_gt(got.length, want.length / 2);
    all_texts(w.graph, &got);
    ck_assert_msg(strcmp(got.text, want.text) == 0, "allocation %ld: later texts differ", at);
  }
  gm_graph_free(w.graph);
  ck_assert_int_gt(at, 10);
}
END_TEST

START_TEST(the_flops_of_a_graph_are_right_or_unknown) {
  world w = {.how = NULL};
  char want[256], got[256];
  long at = 0;
  with_graph(&w);
  gm_graph_flops_text(w.graph, want, sizeof want);
  for (bool failed = true; failed; at++) {
    long live = memory_live();
    memory_arm(at, at % 2 != 0);
    size_t length = gm_graph_flops_text(w.graph, got, sizeof got);
    failed = memory_disarm();
    ck_assert_int_eq(memory_live(), live);
    ck_assert_str_eq(got, failed ? "?" : want);
    ck_assert_uint_eq(length, strlen(got));
  }
  ck_assert_int_gt(at, 3);
  gm_graph_free(w.graph);
}
END_TEST

SUITE(faults_run) {
  tcase_add_loop_test(cases, each_call_does_all_or_nothing, 0, WALK_MODES);
  tcase_add_loop_test(cases, every_operation_runs_or_says_so, 0, WALK_MODES);
  tcase_add_loop_test(cases, random_graphs_run_or_say_so, 0, 6);
  CASE(texts_of_a_graph_are_safe_and_come_back);
  CASE(the_flops_of_a_graph_are_right_or_unknown);
}
