/* SPDX-License-Identifier: MIT
 *
 * Products on several threads while variables are set, specialisations evicted and feeds refused: values are
 * small integers, so that every output is known exactly. Made to be run under ThreadSanitizer too. */
#include "support/suite.h"

#include <stdio.h>
#include <string.h>
#include "threads_support.h"

enum { ROUNDS = 600, MOST_ROWS = 11, LARGEST = 99999 };

static void plan_it(common *c, const gm_node *outputs, size_t count, int kept) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  gm_error error = {0};
  options.max_specialisations = kept;
  c->plan = gm_plan_new(c->graph, outputs, count, &options, &error);
  ck_assert_msg(c->plan != NULL, "%s", error.message);
}

static bool set(common *c, const char *name, int value) {
  gm_tensor *fresh = filled((float)value, 6, 5);
  bool fine = fresh && gm_variable_set(c->graph, gm_node_named(c->graph, name), fresh, NULL) == GM_OK;
  gm_tensor_free(fresh);
  return fine;
}

/* ---- Two variables, set one after the other ---- */

/** x (n, 6) · p and x · p - x · q, for p and q (6, 5) that are set to the same value, p first. */
static void make_pair(common *c, int kept) {
  c->graph = gm_graph_new(NULL, NULL);
  gm_node x = gm_placeholder(c->graph, "x", GM_FLOAT32, "n, 6");
  gm_node p = gm_zeros(c->graph, "p", GM_FLOAT32, "6, 5"), q = gm_zeros(c->graph, "q", GM_FLOAT32, "6, 5");
  gm_node xp = gm_dot(c->graph, x, p),
          difference = apply2(c->graph, "subtract", xp, gm_dot(c->graph, x, q), NULL);
  plan_it(c, (gm_node[]){xp, difference}, 2, kept);
}

static void *set_pair(void *argument) {
  common *c = ((task *)argument)->common;
  for (int i = 1; !atomic_load(&c->stop); i = i % LARGEST + 1)
    wrong_unless(c, set(c, "p", i) && set(c, "q", i));
  return NULL;
}

/** x · p is 6 x p for one value of p that was set; q is p, or the value before it. */
static bool of_one_moment(const gm_executor *e, int64_t rows, int value) {
  const gm_tensor *xp = gm_executor_output(e, 0), *difference = gm_executor_output(e, 1);
  if (!xp || !difference) return false;
  if (rows == 0) return gm_tensor_count(xp) == 0 && gm_tensor_count(difference) == 0;
  int step = 6 * value, product = (int)((const float *)gm_tensor_cdata(xp))[0];
  if (product % step != 0 || product < 0 || product > step * LARGEST) return false;
  int before = product == step ? -step * (LARGEST - 1) : step;
  bool q_is_p = all_are(difference, rows * 5, 0), q_is_older = all_are(difference, rows * 5, (float)before);
  bool q_is_first = all_are(difference, rows * 5, (float)step);
  return all_are(xp, rows * 5, (float)product) && (q_is_p || q_is_older || q_is_first);
}

static void *watch_pair(void *argument) {
  task *t = argument;
  gm_executor *e = gm_executor_new(t->common->plan, NULL);
  for (int i = 0; i < ROUNDS; i++) {
    int64_t rows = (i * 5 + t->number * 3) % MOST_ROWS;
    int value = 1 + (i + t->number) % 7;
    gm_tensor *x = filled((float)value, rows, 6);
    wrong_unless(t->common, gm_executor_feed(e, "x", x, NULL) == GM_OK);
    for (int again = 0; again < 3; again++) {
      wrong_unless(t->common, gm_executor_run(e, NULL) == GM_OK);
      wrong_unless(t->common, of_one_moment(e, rows, value));
    }
    gm_executor_feed(e, "x", NULL, NULL);
    gm_tensor_free(x);
  }
  gm_executor_free(e);
  return NULL;
}

static void watch_with(int kept) {
  common c;
  make_pair(&c, kept);
  all_threads(&c, watch_pair, set_pair);
  free_common(&c);
}

START_TEST(products_see_one_moment_while_variables_are_set) {
  watch_with(0);
}
END_TEST

START_TEST(so_they_do_while_one_specialisation_is_kept) {
  watch_with(1);
}
END_TEST

START_TEST(so_they_do_while_two_are_kept) {
  watch_with(2);
}
END_TEST

/* ---- A variable a thread ---- */

static void make_own(common *c, int kept) {
  gm_node outputs[THREADS];
  c->graph = gm_graph_new(NULL, NULL);
  gm_node x = gm_placeholder(c->graph, "x", GM_FLOAT32, "n, 6");
  for (int i = 0; i < THREADS; i++) {
    char name[] = {'w', (char)('0' + i), '\0'};
    outputs[i] = gm_dot(c->graph, x, gm_ones(c->graph, name, GM_FLOAT32, "6, 5"));
  }
  plan_it(c, outputs, THREADS, kept);
}

/** What this thread set before a run is what that run uses, whatever the others set. */
static void *set_and_run(void *argument) {
  task *t = argument;
  char name[] = {'w', (char)('0' + t->number), '\0'};
  gm_executor *e = gm_executor_new(t->common->plan, NULL);
  for (int i = 0; i < ROUNDS; i++) {
    int64_t rows = 1 + (i / 8 + t->number) % 4;
    gm_tensor *x = filled(2, rows, 6);
    bool fine = set(t->common, name, i);
    fine = fine && gm_executor_feed(e, "x", x, NULL) == GM_OK && gm_executor_run(e, NULL) == GM_OK;
    wrong_unless(
        t->common, fine && all_are(gm_executor_output(e, (size_t)t->number), rows * 5, (float)(12 * i)));
    gm_executor_feed(e, "x", NULL, NULL);
    gm_tensor_free(x);
  }
  gm_executor_free(e);
  return NULL;
}

START_TEST(a_run_uses_what_its_thread_set_before) {
  common c;
  make_own(&c, 2);
  all_threads(&c, set_and_run, NULL);
  free_common(&c);
}
END_TEST

/* ---- Dims that are computed from dims ---- */

/** From x (n, m) and y (m, 2): x · y, every second row, all rows twice over as one row, and a sum of two
 * products whose inner dims are n and m. */
static void make_dims(common *c) {
  gm_graph *g = c->graph = gm_graph_new(NULL, NULL);
  gm_node x = gm_placeholder(g, "x", GM_FLOAT32, "n, m"), y = gm_placeholder(g, "y", GM_FLOAT32, "m, 2");
  gm_node xy = gm_dot(g, x, y), joined = apply2(g, "concatenate", x, x, "{axis: 0}");
  gm_node turned = gm_dot(g, apply1(g, "transpose", xy, NULL), x);
  gm_node outputs[] = {xy, apply1(g, "index", x, "{at: \"::2\"}"),
      apply1(g, "reshape", joined, "{shape: [1, -1]}"), gm_dot(g, turned, y)};
  plan_it(c, outputs, 4, 2);
}

static bool run_dims(gm_executor *e, int64_t n, int64_t m) {
  gm_tensor *x = filled(1, n, m), *y = filled(1, m, 2);
  bool fine = gm_executor_feed(e, "x", x, NULL) == GM_OK && gm_executor_feed(e, "y", y, NULL) == GM_OK;
  fine = fine && gm_executor_run(e, NULL) == GM_OK;
  fine = fine && all_are(gm_executor_output(e, 0), 2 * n, (float)m) &&
         all_are(gm_executor_output(e, 1), (n + 1) / 2 * m, 1);
  fine = fine && all_are(gm_executor_output(e, 2), 2 * n * m, 1) &&
         all_are(gm_executor_output(e, 3), 4, (float)(n * m * m));
  gm_executor_feed(e, "x", NULL, NULL);
  gm_executor_feed(e, "y", NULL, NULL);
  gm_tensor_free(x);
  gm_tensor_free(y);
  return fine;
}

/** Lengths that disagree are refused in the same words whoever asks. */
static bool is_refused(gm_executor *e, int64_t m) {
  gm_error error = {0};
  char wanted[32], given[32];
  gm_tensor *x = filled(1, 3, m), *y = filled(1, m + 1, 2);
  gm_executor_feed(e, "x", x, NULL);
  gm_executor_feed(e, "y", y, NULL);
  bool refused = gm_executor_run(e, &error) == GM_BAD_SHAPE && gm_executor_output(e, 0) == NULL;
  snprintf(wanted, sizeof wanted, "%d from 'x' axis 1", (int)m);
  snprintf(given, sizeof given, "%d from 'y' axis 0", (int)m + 1);
  refused = refused && strstr(error.message, wanted) && strstr(error.message, given);
  gm_executor_feed(e, "x", NULL, NULL);
  gm_executor_feed(e, "y", NULL, NULL);
  gm_tensor_free(x);
  gm_tensor_free(y);
  return refused;
}

static void *run_many_dims(void *argument) {
  task *t = argument;
  gm_executor *e = gm_executor_new(t->common->plan, NULL);
  for (int i = 0; i < ROUNDS; i++) {
    wrong_unless(t->common, run_dims(e, 1 + (i + t->number) % 5, 1 + i * 3 % 7));
    if (i % 4 == 0) wrong_unless(t->common, is_refused(e, 2 + i % 9));
  }
  gm_executor_free(e);
  return NULL;
}

START_TEST(dims_are_solved_and_refused_on_all_threads) {
  common c;
  make_dims(&c);
  all_threads(&c, run_many_dims, NULL);
  free_common(&c);
}
END_TEST

SUITE(threads_products) {
  CASE(products_see_one_moment_while_variables_are_set);
  CASE(so_they_do_while_one_specialisation_is_kept);
  CASE(so_they_do_while_two_are_kept);
  CASE(a_run_uses_what_its_thread_set_before);
  CASE(dims_are_solved_and_refused_on_all_threads);
}
