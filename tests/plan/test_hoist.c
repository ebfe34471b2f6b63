/* SPDX-License-Identifier: MIT
 *
 * Steps that run once: which ones, that they do not run again, and whatever makes them run again. How many
 * steps a run has left is told by the message of one that is cancelled before it begins. */
#include "support/suite.h"

#include <stdio.h>
#include <string.h>
#include "support/build.h"

static gm_error error;

typedef struct model {
  gm_graph *graph;
  gm_node x, u, v, w, y;
} model;

/** y = x · tanh(u · v) + w. */
static model model_of(void) {
  model m = {.graph = gm_graph_new(NULL, NULL)};
  gm_tensor *u = ramp2(1, 2, 2), *v = ramp2(-2, 2, 2), *w = ramp1(0, 2);
  m.x = gm_placeholder(m.graph, "x", GM_FLOAT32, "n, 2");
  m.u = gm_variable(m.graph, "u", u);
  m.v = gm_variable(m.graph, "v", v);
  m.w = gm_variable(m.graph, "w", w);
  gm_node uv = apply1(m.graph, "tanh", gm_dot(m.graph, m.u, m.v), NULL);
  m.y = apply2(m.graph, "add", gm_dot(m.graph, m.x, uv), m.w, NULL);
  gm_tensor_free(u);
  gm_tensor_free(v);
  gm_tensor_free(w);
  return m;
}

static gm_executor *fed_executor(const model *m, gm_tensor *x) {
  gm_executor *e = executor_of(m->graph, &m->y, 1);
  feed(e, "x", x);
  return e;
}

/** The steps that a run would have now. */
static int steps_left(gm_executor *e) {
  int steps = -1;
  gm_executor_cancel(e);
  ck_assert_int_eq(gm_executor_run(e, &error), GM_CANCELLED);
  ck_assert_int_eq(sscanf(error.message, "the run was cancelled after 0 of %d steps", &steps), 1);
  return steps;
}

/** All of them: those that run once too. */
static void ck_all(gm_executor *e) {
  int steps = steps_left(e);
  ck_assert_int_eq(steps_left(e), steps);
  run(e);
  ck_assert_int_lt(steps_left(e), steps);
  gm_executor_trim(e);
}

/** The others. */
static void ck_some(gm_executor *e) {
  int steps = steps_left(e);
  run(e);
  ck_assert_int_eq(steps_left(e), steps);
}

/** Is the output what a plan without the pass computes? */
static void ck_value(const model *m, gm_executor *e, gm_tensor *x) {
  gm_plan *plan = plan_without(m->graph, &m->y, 1, "hoist");
  gm_executor *plain = gm_executor_new(plan, NULL);
  feed(plain, "x", x);
  run(plain);
  run(e);
  ck_assert(tensors_agree(gm_executor_output(plain, 0), gm_executor_output(e, 0)));
  gm_executor_free(plain);
  gm_plan_free(plan);
}

static void set_ramp(const model *m, gm_node variable, float start) {
  gm_tensor *value = ramp2(start, 2, 2);
  ck_assert_int_eq(gm_variable_set(m->graph, variable, value, NULL), GM_OK);
  gm_tensor_free(value);
}

START_TEST(steps_of_variables_alone_run_once) {
  model m = model_of();
  gm_tensor *x = ramp2(0, 3, 2);
  gm_executor *e = fed_executor(&m, x);
  ck_all(e);
  ck_value(&m, e, x);
  ck_some(e);
  ck_value(&m, e, x);
  gm_executor_free(e);
  gm_tensor_free(x);
  gm_graph_free(m.graph);
}
END_TEST

START_TEST(a_variable_that_they_read_makes_them_run_again) {
  model m = model_of();
  gm_tensor *x = ramp2(0, 3, 2), *w = ramp1(7, 2);
  gm_executor *e = fed_executor(&m, x);
  run(e);
  set_ramp(&m, m.u, 5);
  ck_all(e);
  ck_value(&m, e, x);
  ck_assert_int_eq(gm_variable_set(m.graph, m.w, w, NULL), GM_OK);
  ck_some(e);
  ck_value(&m, e, x);
  set_ramp(&m, m.v, 1);
  ck_value(&m, e, x);
  gm_executor_free(e);
  gm_tensor_free(w);
  gm_tensor_free(x);
  gm_graph_free(m.graph);
}
END_TEST

START_TEST(each_executor_has_its_own) {
  model m = model_of();
  gm_tensor *x = ramp2(0, 3, 2);
  gm_plan *plan = plan_of(m.graph, &m.y, 1);
  gm_executor *a = gm_executor_new(plan, NULL), *b = gm_executor_new(plan, NULL);
  feed(a, "x", x);
  feed(b, "x", x);
  run(a);
  ck_all(b);
  set_ramp(&m, m.u, -3);
  ck_value(&m, b, x);
  ck_all(a);
  ck_value(&m, a, x);
  gm_executor_free(a);
  gm_executor_free(b);
  gm_plan_free(plan);
  gm_tensor_free(x);
  gm_graph_free(m.graph);
}
END_TEST

START_TEST(memory_that_is_given_back_and_other_dims_make_them_run_again) {
  model m = model_of();
  gm_tensor *x = ramp2(0, 3, 2), *more = ramp2(1, 500, 2);
  gm_executor *e = fed_executor(&m, x);
  run(e);
  gm_executor_trim(e);
  ck_all(e);
  ck_value(&m, e, x);
  feed(e, "x", more);
  ck_all(e);
  ck_value(&m, e, more);
  feed(e, "x", x);
  ck_value(&m, e, x);
  ck_some(e);
  gm_executor_free(e);
  gm_tensor_free(more);
  gm_tensor_free(x);
  gm_graph_free(m.graph);
}
END_TEST

START_TEST(they_are_told_in_the_plan) {
  model m = model_of();
  gm_plan *plan = plan_of(m.graph, &m.y, 1);
  char *text = plan_text(plan, "n=3", 0), *json = plan_text(plan, "n=3", GM_TEXT_JSON);
  ck_assert_ptr_nonnull(strstr(text, "once for all runs"));
  ck_assert_ptr_nonnull(strstr(json, "\"once\": true"));
  free(text);
  free(json);
  gm_plan_free(plan);
  plan = plan_without(m.graph, &m.y, 1, "hoist");
  json = plan_text(plan, "n=3", GM_TEXT_JSON);
  ck_assert_ptr_null(strstr(json, "\"once\""));
  free(json);
  gm_plan_free(plan);
  gm_graph_free(m.graph);
}
END_TEST

static bool runs_once(gm_graph *graph, gm_node output) {
  gm_plan *plan = plan_of(graph, &output, 1);
  char *json = plan_text(plan, "n=3", GM_TEXT_JSON);
  bool once = strstr(json, "\"once\": true");
  free(json);
  gm_plan_free(plan);
  return once;
}

START_TEST(outputs_copies_and_what_grows_are_computed_each_time) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_tensor *row = ramp2(1, 1, 300), *column = ramp2(1, 300, 1);
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "n, 300");
  gm_node u = gm_variable(graph, "u", row), v = gm_variable(graph, "v", column);
  gm_node outer = apply2(graph, "add", u, v, NULL), inner = gm_dot(graph, u, v);
  ck_assert(!runs_once(graph, inner));
  ck_assert(runs_once(graph, apply2(graph, "multiply", x, inner, NULL)));
  ck_assert(!runs_once(graph, gm_dot(graph, x, outer)));
  ck_assert(runs_once(graph, gm_dot(graph, x, gm_dot(graph, outer, v))));
  gm_node joined = apply2(graph, "concatenate", u, u, "{axis: 0}");
  ck_assert(!runs_once(graph, gm_dot(graph, x, apply1(graph, "transpose", joined, NULL))));
  gm_tensor_free(row);
  gm_tensor_free(column);
  gm_graph_free(graph);
}
END_TEST

SUITE(hoist) {
  CASE(steps_of_variables_alone_run_once);
  CASE(a_variable_that_they_read_makes_them_run_again);
  CASE(each_executor_has_its_own);
  CASE(memory_that_is_given_back_and_other_dims_make_them_run_again);
  CASE(they_are_told_in_the_plan);
  CASE(outputs_copies_and_what_grows_are_computed_each_time);
}
