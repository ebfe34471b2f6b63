/* SPDX-License-Identifier: MIT
 *
 * One plan, several executors, one a thread: right values while variables are set, specialisations evicted,
 * plans printed and the graph built on. Made to be run under ThreadSanitizer too. */
#include "support/suite.h"

#include "threads_support.h"

enum { ROUNDS = 150 };

/** x (n, 6) · v (6, 2) · w (2, 5) / 2, relu, plus b: 6·x + b for values that are the same everywhere. The
 * order is chosen for each length. */
static void make_layers(common *c, int kept) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  options.max_specialisations = kept;
  c->graph = gm_graph_new(NULL, NULL);
  gm_node x = gm_placeholder(c->graph, "x", GM_FLOAT32, "n, 6");
  gm_node v = gm_ones(c->graph, "v", GM_FLOAT32, "6, 2"), w = gm_ones(c->graph, "w", GM_FLOAT32, "2, 5");
  gm_node b = gm_ones(c->graph, "b", GM_FLOAT32, "5");
  gm_node y = apply2(
      c->graph, "multiply", gm_dot(c->graph, gm_dot(c->graph, x, v), w), gm_number(c->graph, 0.5), NULL);
  y = apply2(c->graph, "add", apply1(c->graph, "relu", y, NULL), b, NULL);
  c->plan = gm_plan_new(c->graph, &y, 1, &options, NULL);
  ck_assert_ptr_nonnull(c->plan);
}

static bool run_rows(gm_executor *e, int64_t rows, float value, float want) {
  gm_tensor *x = filled(value, rows, 6);
  bool fine = gm_executor_feed(e, "x", x, NULL) == GM_OK && gm_executor_run(e, NULL) == GM_OK;
  fine = fine && all_are(gm_executor_output(e, 0), rows * 5, want);
  gm_executor_feed(e, "x", NULL, NULL);
  gm_tensor_free(x);
  return fine;
}

static void *run_many_lengths(void *argument) {
  task *t = argument;
  gm_executor *e = gm_executor_new(t->common->plan, NULL);
  for (int i = 0; i < ROUNDS; i++) {
    float value = (float)(1 + (i + t->number) % 7);
    wrong_unless(t->common, run_rows(e, (i * 5 + t->number * 3) % 11, value, 6 * value + 1));
  }
  gm_executor_free(e);
  return NULL;
}

START_TEST(threads_share_a_plan) {
  common c;
  make_layers(&c, 0);
  all_threads(&c, run_many_lengths, NULL);
  free_common(&c);
}
END_TEST

START_TEST(specialisations_are_evicted_while_they_run) {
  common c;
  make_layers(&c, 1);
  all_threads(&c, run_many_lengths, NULL);
  free_common(&c);
}
END_TEST

static void *print_plans(void *argument) {
  common *c = ((task *)argument)->common;
  char text[4096];
  gm_plan_size sizes = {.struct_size = sizeof sizes};
  while (!atomic_load(&c->stop)) {
    wrong_unless(c, gm_plan_text(c->plan, "n=4", GM_TEXT_JSON, text, sizeof text, NULL) > 0);
    wrong_unless(c, gm_plan_text(c->plan, NULL, GM_TEXT_JSON, text, sizeof text, NULL) > 0);
    wrong_unless(c, gm_plan_text(c->plan, NULL, 0, text, sizeof text, NULL) > 0);
    wrong_unless(c, gm_plan_sizes(c->plan, "n=3", &sizes, NULL) == GM_OK);
  }
  return NULL;
}

START_TEST(plans_are_printed_while_they_run) {
  common c;
  make_layers(&c, 2);
  all_threads(&c, run_many_lengths, print_plans);
  free_common(&c);
}
END_TEST

static void *print_and_run(void *argument) {
  task *t = argument;
  char text[4096];
  for (int i = 0; i < 20; i++)
    wrong_unless(t->common,
        gm_plan_text(t->common->plan, NULL, i % 2 ? GM_TEXT_JSON : 0, text, sizeof text, NULL) > 0);
  return run_many_lengths(argument);
}

START_TEST(several_threads_print_one_plan) {
  common c;
  make_layers(&c, 0);
  all_threads(&c, print_and_run, NULL);
  free_common(&c);
}
END_TEST

static void *build_on(void *argument) {
  common *c = ((task *)argument)->common;
  gm_node y = gm_node_named(c->graph, "x");
  for (int i = 0; i < 3000 && !atomic_load(&c->stop); i++) {
    y = apply1(c->graph, "tanh", y, NULL);
    if (i % 100 == 0) gm_plan_free(gm_plan_new(c->graph, &y, 1, NULL, NULL));
    if (i % 50 == 0) gm_ones(c->graph, NULL, GM_FLOAT32, "3, 3");
  }
  gm_dot(c->graph, gm_placeholder(c->graph, "z", GM_FLOAT32, "2, 9"), y);
  wrong_unless(c, gm_graph_error(c->graph, NULL) == GM_OK);
  return NULL;
}

START_TEST(the_graph_grows_while_its_plans_run) {
  common c;
  make_layers(&c, 2);
  all_threads(&c, run_many_lengths, build_on);
  free_common(&c);
}
END_TEST

/* ---- Variables ---- */

/** p and q are set one after the other to the same value, p first: p - q is 0 or 1 at any moment. */
static void make_pair(common *c) {
  gm_tensor *zero = filled(0, 3, 4);
  c->graph = gm_graph_new(NULL, NULL);
  gm_node outputs[] = {gm_variable(c->graph, "p", zero), gm_variable(c->graph, "q", zero)};
  gm_node both[] = {apply2(c->graph, "subtract", outputs[0], outputs[1], NULL), outputs[1]};
  c->plan = gm_plan_new(c->graph, both, 2, NULL, NULL);
  ck_assert_ptr_nonnull(c->plan);
  gm_tensor_free(zero);
}

static void *set_pair(void *argument) {
  common *c = ((task *)argument)->common;
  gm_node p = gm_node_named(c->graph, "p"), q = gm_node_named(c->graph, "q");
  for (int i = 1; !atomic_load(&c->stop); i++) {
    gm_tensor *value = filled((float)(i % 1000000), 3, 4);
    wrong_unless(c, gm_variable_set(c->graph, p, value, NULL) == GM_OK);
    wrong_unless(c, gm_variable_set(c->graph, q, value, NULL) == GM_OK);
    gm_tensor_free(value);
  }
  return NULL;
}

static void *watch_pair(void *argument) {
  common *c = ((task *)argument)->common;
  gm_executor *e = gm_executor_new(c->plan, NULL);
  for (int i = 0; i < 20 * ROUNDS; i++) {
    wrong_unless(c, gm_executor_run(e, NULL) == GM_OK);
    const float *difference = gm_tensor_cdata(gm_executor_output(e, 0));
    const float *value = gm_tensor_cdata(gm_executor_output(e, 1));
    bool early = difference[0] == 0 || difference[0] == 1 || value[0] + difference[0] == 0;
    wrong_unless(c, early && all_are(gm_executor_output(e, 0), 12, difference[0]));
    wrong_unless(c, all_are(gm_executor_output(e, 1), 12, value[0]));
  }
  gm_executor_free(e);
  return NULL;
}

START_TEST(a_run_sees_all_variables_as_of_one_moment) {
  common c;
  make_pair(&c);
  all_threads(&c, watch_pair, set_pair);
  free_common(&c);
}
END_TEST

static void *read_variables(void *argument) {
  common *c = ((task *)argument)->common;
  gm_node p = gm_node_named(c->graph, "p");
  for (int i = 0; i < 5 * ROUNDS; i++) {
    gm_tensor *value = NULL;
    wrong_unless(c, gm_variable_get(c->graph, p, &value, NULL) == GM_OK);
    wrong_unless(c, all_are(value, 12, ((const float *)gm_tensor_cdata(value))[0]));
    gm_tensor_free(value);
  }
  return NULL;
}

START_TEST(variables_are_read_while_they_are_set) {
  common c;
  make_pair(&c);
  all_threads(&c, read_variables, set_pair);
  free_common(&c);
}
END_TEST

/* ---- Lives ---- */

static void *make_run_free(void *argument) {
  task *t = argument;
  for (int i = 0; i < ROUNDS / 5; i++) {
    gm_executor *e = gm_executor_new(t->common->plan, NULL);
    wrong_unless(t->common, run_rows(e, i % 4, 1, 7));
    gm_executor_trim(e);
    wrong_unless(t->common, run_rows(e, 2, 2, 13));
    gm_executor_free(e);
  }
  return NULL;
}

START_TEST(executors_come_and_go) {
  common c;
  make_layers(&c, 3);
  all_threads(&c, make_run_free, NULL);
  free_common(&c);
}
END_TEST

typedef struct owner {
  gm_executor *executor;
  atomic_int *wrong;
} owner;

static void *outlive(void *argument) {
  owner *o = argument;
  for (int i = 0; i < ROUNDS; i++)
    if (!run_rows(o->executor, i % 6, 1, 7)) atomic_fetch_add(o->wrong, 1);
  gm_executor_free(o->executor);
  return NULL;
}

START_TEST(executors_outlive_plan_and_graph_on_their_threads) {
  common c;
  pthread_t threads[THREADS];
  owner owners[THREADS];
  make_layers(&c, 2);
  atomic_init(&c.wrong, 0);
  for (int i = 0; i < THREADS; i++) owners[i] = (owner){gm_executor_new(c.plan, NULL), &c.wrong};
  for (int i = 0; i < THREADS; i++)
    ck_assert_int_eq(pthread_create(&threads[i], NULL, outlive, &owners[i]), 0);
  free_common(&c);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  ck_assert_int_eq(atomic_load(&c.wrong), 0);
}
END_TEST

static void *keep_cancelling(void *argument) {
  void **both = argument;
  for (int i = 0; i < 2000; i++) gm_executor_cancel(both[0]);
  return NULL;
}

START_TEST(a_cancelled_run_is_either_whole_or_absent) {
  common c;
  pthread_t thread;
  make_layers(&c, 0);
  gm_executor *e = gm_executor_new(c.plan, NULL);
  gm_tensor *x = filled(1, 50, 6);
  void *both[] = {e};
  bool fine = gm_executor_feed(e, "x", x, NULL) == GM_OK;
  ck_assert_int_eq(pthread_create(&thread, NULL, keep_cancelling, both), 0);
  for (int i = 0; i < 500; i++) {
    gm_status status = gm_executor_run(e, NULL);
    fine = fine && (status == GM_OK || status == GM_CANCELLED);
    fine = fine && (gm_executor_output(e, 0) != NULL) == (status == GM_OK);
    if (status == GM_OK) fine = fine && all_are(gm_executor_output(e, 0), 250, 7);
  }
  pthread_join(thread, NULL);
  ck_assert(fine);
  gm_executor_free(e);
  gm_tensor_free(x);
  free_common(&c);
}
END_TEST

SUITE(threads) {
  CASE(threads_share_a_plan);
  CASE(specialisations_are_evicted_while_they_run);
  CASE(plans_are_printed_while_they_run);
  CASE(several_threads_print_one_plan);
  CASE(the_graph_grows_while_its_plans_run);
  CASE(a_run_sees_all_variables_as_of_one_moment);
  CASE(variables_are_read_while_they_are_set);
  CASE(executors_come_and_go);
  CASE(executors_outlive_plan_and_graph_on_their_threads);
  CASE(a_cancelled_run_is_either_whole_or_absent);
}
