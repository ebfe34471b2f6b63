/* SPDX-License-Identifier: MIT
 *
 * Plans on several threads: the bits of one thread, whatever the pool does; no more threads than asked for,
 * and none for little work. Made to be run under ThreadSanitizer too. */
#include "support/suite.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "process_support.h"
#include "threads_support.h"

enum { ROWS = 300, WIDTH = 200, HIDDEN = 130, OUTPUTS = 7, MOST_THREADS = 8 };

/** Products of several shapes, reductions along both axes, softmax along both, normalisation, movements. */
static void make_outputs(gm_graph *g, gm_node out[OUTPUTS]) {
  gm_node x = gm_placeholder(g, "x", GM_FLOAT32, "n, 200");
  gm_node w = gm_random_uniform_variable(g, "w", GM_FLOAT32, "200, 130", -1, 1, 1);
  gm_node b = gm_random_uniform_variable(g, "b", GM_FLOAT32, "130", -1, 1, 2);
  gm_node hidden = apply1(g, "tanh", apply2(g, "add", gm_dot(g, x, w), b, NULL), NULL);
  gm_node turned = apply1(g, "transpose", hidden, NULL), grown = apply1(g, "exp", x, NULL);
  out[0] = apply1(g, "softmax", hidden, NULL);
  out[1] = apply1(g, "softmax", grown, "{axis: 0}");
  out[2] = gm_dot(g, turned, grown);
  out[3] = apply1(g, "sum", grown, "{axis: 0}");
  out[4] = apply1(g, "var", apply2(g, "multiply", grown, x, NULL), "{axis: 1}");
  out[5] = apply1(g, "cumsum", apply2(g, "concatenate", grown, x, "{axis: 1}"), "{axis: 0}");
  out[6] = apply1(g, "sum", apply1(g, "erf", x, NULL), NULL);
}

static gm_plan *plan_with(const gm_plan_options *options) {
  gm_node outputs[OUTPUTS];
  gm_error error = {0};
  gm_graph *graph = gm_graph_new(NULL, NULL);
  make_outputs(graph, outputs);
  gm_plan *plan = gm_plan_new(graph, outputs, OUTPUTS, options, &error);
  ck_assert_msg(plan != NULL, "%s", error.message);
  gm_graph_free(graph);
  return plan;
}

static gm_plan *plan_on(int threads, uint64_t flags) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  options.threads = threads;
  options.flags = flags;
  return plan_with(&options);
}

static gm_tensor *rows(int64_t count) {
  gm_tensor *made = gm_tensor_new(GM_FLOAT32, 2, (int64_t[]){count, WIDTH}, NULL);
  ck_assert_int_eq(gm_tensor_random_uniform(made, -2, 2, 7, NULL), GM_OK);
  return made;
}

static gm_executor *fed(gm_plan *plan, const gm_tensor *x) {
  gm_executor *e = gm_executor_new(plan, NULL);
  return gm_executor_feed(e, "x", x, NULL) == GM_OK ? e : NULL;
}

static bool same_bits(const gm_executor *a, const gm_executor *b) {
  for (size_t i = 0; i < OUTPUTS; i++)
    if (!tensors_agree(gm_executor_output(a, i), gm_executor_output(b, i))) return false;
  return true;
}

/** A run on one thread: what is expected. */
static gm_executor *alone(const gm_tensor *x) {
  gm_plan *plan = plan_on(1, 0);
  gm_executor *e = fed(plan, x);
  ck_assert_int_eq(gm_executor_run(e, NULL), GM_OK);
  gm_plan_free(plan);
  return e;
}

static bool runs_as(gm_executor *e, const gm_executor *expected) {
  return gm_executor_run(e, NULL) == GM_OK && same_bits(e, expected);
}

START_TEST(the_bits_are_those_of_one_thread) {
  static const int64_t lengths[] = {ROWS, 1, 37};
  for (int l = 0; l < 3; l++) {
    gm_tensor *x = rows(lengths[l]);
    gm_executor *expected = alone(x);
    for (int threads = 0; threads <= MOST_THREADS; threads++) {
      gm_plan *plan = plan_on(threads, threads % 2 ? GM_PLAN_SPIN : 0);
      gm_executor *e = fed(plan, x);
      for (int again = 0; again < 3; again++) ck_assert(runs_as(e, expected));
      gm_plan_free(plan);
      gm_executor_free(e);
    }
    gm_executor_free(expected);
    gm_tensor_free(x);
  }
}
END_TEST

/* ---- Threads of the process ---- */

/** As many as there are once OpenBLAS has made its own. */
static int threads_without_ours(const gm_tensor *x) {
  gm_executor_free(alone(x));
  return threads_of_process();
}

START_TEST(no_more_threads_than_asked_for_and_all_go_with_the_plan) {
  gm_tensor *x = rows(ROWS);
  int before = threads_without_ours(x);
  for (int threads = 1; threads <= 4; threads++) {
    gm_plan *plan = plan_on(threads, 0);
    gm_executor *e = fed(plan, x), *other = fed(plan, x);
    ck_assert_int_eq(threads_of_process(), before);
    ck_assert_int_eq(gm_executor_run(e, NULL), GM_OK);
    ck_assert_int_eq(gm_executor_run(other, NULL), GM_OK);
    ck_assert_int_eq(threads_of_process(), before + threads - 1);
    gm_plan_free(plan);
    gm_executor_free(e);
    ck_assert_int_eq(gm_executor_run(other, NULL), GM_OK);
    gm_executor_free(other);
    ck_assert_int_eq(threads_of_process(), before);
  }
  gm_tensor_free(x);
}
END_TEST

START_TEST(little_work_makes_no_threads) {
  gm_tensor *x = rows(2);
  int before = threads_without_ours(x);
  gm_plan *plan = plan_on(4, 0);
  gm_executor *e = fed(plan, x);
  for (int i = 0; i < 3; i++) ck_assert_int_eq(gm_executor_run(e, NULL), GM_OK);
  ck_assert_int_eq(threads_of_process(), before);
  gm_plan_free(plan);
  gm_executor_free(e);
  gm_tensor_free(x);
}
END_TEST

/* ---- Several executors ---- */

typedef struct owner {
  gm_executor *executor;
  const gm_executor *expected;
  bool right;
} owner;

static void *run_again(void *argument) {
  owner *o = argument;
  o->right = true;
  for (int i = 0; i < 40; i++) o->right = o->right && runs_as(o->executor, o->expected);
  gm_executor_free(o->executor);
  return NULL;
}

/** The last one takes them along. */
START_TEST(executors_share_the_threads_of_their_plan) {
  gm_tensor *x = rows(60);
  gm_executor *expected = alone(x);
  gm_plan *plan = plan_on(3, 0);
  owner owners[THREADS];
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++) owners[i] = (owner){fed(plan, x), expected, false};
  gm_plan_free(plan);
  for (int i = 0; i < THREADS; i++)
    ck_assert_int_eq(pthread_create(&threads[i], NULL, run_again, &owners[i]), 0);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  for (int i = 0; i < THREADS; i++) ck_assert(owners[i].right);
  gm_executor_free(expected);
  gm_tensor_free(x);
}
END_TEST

/* ---- Other processes ---- */

START_TEST(a_child_runs_and_frees_what_it_inherits) {
  gm_tensor *x = rows(ROWS);
  gm_executor *expected = alone(x);
  gm_plan *plan = plan_on(3, 0);
  gm_executor *e = fed(plan, x);
  ck_assert(runs_as(e, expected));
  pid_t child = fork();
  ck_assert_int_ge(child, 0);
  if (child == 0) {
    bool fine = runs_as(e, expected);
    gm_executor_free(e);
    gm_plan_free(plan);
    _exit(fine ? 0 : 1);
  }
  int status = -1;
  ck_assert_int_eq(waitpid(child, &status, 0), child);
  ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  ck_assert(runs_as(e, expected));
  gm_plan_free(plan);
  gm_executor_free(e);
  gm_executor_free(expected);
  gm_tensor_free(x);
}
END_TEST

/* ---- Lent pools ---- */

typedef struct lent {
  int most, runs;
} lent;

static void run_backwards(void *context, int count, void (*each)(void *, int), void *argument) {
  lent *l = context;
  l->runs++;
  if (count > l->most) l->most = count;
  for (int i = count; i-- > 0;) each(argument, i);
}

static void run_nothing(void *context, int count, void (*each)(void *, int), void *argument) {
  lent *l = context;
  (void)each;
  (void)argument;
  l->runs++;
  if (count > l->most) l->most = count;
}

START_TEST(a_lent_pool_is_used_as_far_as_asked_for_and_made_up_for) {
  static void (*const runs[])(void *, int, void (*)(void *, int), void *) = {run_backwards, run_nothing};
  gm_tensor *x = rows(ROWS);
  gm_executor *expected = alone(x);
  int before = threads_without_ours(x);
  for (int i = 0; i < 2; i++)
    for (int threads = 0; threads <= 6; threads += 3) {
      lent l = {0};
      gm_pool pool = {sizeof pool, &l, 5, runs[i]};
      gm_plan_options options = GM_PLAN_OPTIONS_INIT;
      options.threads = threads;
      options.pool = &pool;
      gm_plan *plan = plan_with(&options);
      memset(&pool, 0, sizeof pool);
      gm_executor *e = fed(plan, x);
      ck_assert(runs_as(e, expected));
      ck_assert_int_gt(l.runs, 0);
      ck_assert_int_eq(l.most, threads == 3 ? 3 : 5);
      ck_assert_int_eq(threads_of_process(), before);
      gm_plan_free(plan);
      gm_executor_free(e);
    }
  gm_executor_free(expected);
  gm_tensor_free(x);
}
END_TEST

SUITE(threads_pool) {
  CASE(the_bits_are_those_of_one_thread);
  CASE(no_more_threads_than_asked_for_and_all_go_with_the_plan);
  CASE(little_work_makes_no_threads);
  CASE(executors_share_the_threads_of_their_plan);
  CASE(a_child_runs_and_frees_what_it_inherits);
  CASE(a_lent_pool_is_used_as_far_as_asked_for_and_made_up_for);
}
