/* SPDX-License-Identifier: MIT
 *
 * Cancelling from a signal handler and from another thread: before the next step, one run for one cancel,
 * none lost, none kept after it was heeded, and the executor as good as before. */
#include "support/suite.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include "support/build.h"

enum { LONG = 4000, SHORT = 6, CANCELS = 300 };

/** Running sums of running sums, then exp: of zeros, 1 everywhere. No two steps can become one. */
static gm_executor *chain(int steps, int64_t rows) {
  char shape[32];
  snprintf(shape, sizeof shape, "%d, 100", (int)rows);
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node y = gm_placeholder(graph, "x", GM_FLOAT32, shape);
  for (int i = 1; i < steps; i++) y = apply1(graph, "cumsum", y, "{axis: 0}");
  y = apply1(graph, "exp", y, NULL);
  gm_executor *e = executor_of(graph, &y, 1);
  gm_graph_free(graph);
  return e;
}

static bool is_whole(const gm_executor *e) {
  const gm_tensor *output = gm_executor_output(e, 0);
  const float *at = output ? gm_tensor_cdata(output) : NULL;
  for (int64_t i = 0; at && i < gm_tensor_count(output); i++)
    if (at[i] != 1) return false;
  return at != NULL;
}

/** What a handler or another thread cancels, and whether a cancel is on its way or waiting to be heeded. */
static _Atomic(gm_executor *) target;
static atomic_bool due;
static atomic_int sent;

static void cancel_once(void) {
  gm_executor *e = atomic_load(&target);
  if (!e || atomic_load(&due)) return;
  gm_executor_cancel(e);
  atomic_fetch_add(&sent, 1);
  atomic_store(&due, true);
}

static void on_signal(int number) {
  (void)number;
  cancel_once();
}

static void handle(int number) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  ck_assert_int_eq(sigaction(number, &action, NULL), 0);
}

static void alarm_in(int first, int interval) {
  const struct itimerval timer = {{0, interval}, {0, first}};
  ck_assert_int_eq(setitimer(ITIMER_REAL, &timer, NULL), 0);
}

/* ---- A long run ---- */

/** It was stopped on its way, says where, and leaves nothing; the next one is whole. */
static void ck_cancelled_midway(gm_executor *e, gm_status status, const gm_error *error) {
  int done = 0, all = 0;
  ck_assert_int_eq(status, GM_CANCELLED);
  ck_assert_int_eq(error->status, GM_CANCELLED);
  ck_assert_int_eq(sscanf(error->message, "the run was cancelled after %d of %d steps", &done, &all), 2);
  ck_assert_int_eq(all, LONG);
  ck_assert_int_gt(done, 0);
  ck_assert_int_lt(done, all);
  ck_assert_ptr_null(gm_executor_output(e, 0));
}

START_TEST(a_signal_handler_cancels_the_run_it_interrupts) {
  gm_error error = {0};
  gm_executor *e = chain(LONG, 100);
  gm_tensor *x = gm_tensor_new(GM_FLOAT32, 2, (int64_t[]){100, 100}, NULL);
  feed(e, "x", x);
  ck_assert_int_eq(gm_executor_prepare(e, NULL), GM_OK);
  handle(SIGALRM);
  for (int i = 0; i < 3; i++) {
    atomic_store(&due, false);
    atomic_store(&target, e);
    alarm_in(5000, 0);
    gm_status status = gm_executor_run(e, &error);
    atomic_store(&target, NULL);
    ck_cancelled_midway(e, status, &error);
    ck_assert_int_eq(gm_executor_run(e, NULL), GM_OK);
    ck_assert(is_whole(e));
  }
  gm_executor_free(e);
  gm_tensor_free(x);
}
END_TEST

static void *signal_soon(void *thread) {
  const struct timespec while_it_runs = {0, 5000000};
  nanosleep(&while_it_runs, NULL);
  pthread_kill(*(pthread_t *)thread, SIGUSR1);
  return NULL;
}

START_TEST(a_signal_sent_by_another_thread_cancels) {
  gm_error error = {0};
  pthread_t other, self = pthread_self();
  gm_executor *e = chain(LONG, 100);
  gm_tensor *x = gm_tensor_new(GM_FLOAT32, 2, (int64_t[]){100, 100}, NULL);
  feed(e, "x", x);
  ck_assert_int_eq(gm_executor_prepare(e, NULL), GM_OK);
  handle(SIGUSR1);
  atomic_store(&target, e);
  ck_assert_int_eq(pthread_create(&other, NULL, signal_soon, &self), 0);
  gm_status status = gm_executor_run(e, &error);
  pthread_join(other, NULL);
  ck_cancelled_midway(e, status, &error);
  ck_assert_int_eq(gm_executor_run(e, NULL), GM_OK);
  ck_assert(is_whole(e));
  gm_executor_free(e);
  gm_tensor_free(x);
}
END_TEST

/* ---- At any moment ---- */

/** Runs until so many cancels were heeded: one that was sent before a run begins ends that run, a run ends so
 * only when one was sent, and any other run is whole. */
static bool heeds_each(gm_executor *e, int cancels) {
  bool fine = true;
  for (int heeded = 0; fine && heeded < cancels;) {
    bool must = atomic_load(&due);
    gm_status status = gm_executor_run(e, NULL);
    if (status == GM_CANCELLED) {
      while (!atomic_load(&due)) sched_yield();
      fine = gm_executor_output(e, 0) == NULL && atomic_load(&sent) == ++heeded;
      atomic_store(&due, false);
    } else {
      fine = status == GM_OK && !must && is_whole(e);
    }
  }
  return fine;
}

static gm_executor *short_chain(gm_tensor **x) {
  gm_executor *e = chain(SHORT, 3);
  *x = gm_tensor_new(GM_FLOAT32, 2, (int64_t[]){3, 100}, NULL);
  feed(e, "x", *x);
  return e;
}

/** Nothing waits any more. */
static void ck_quiet(gm_executor *e) {
  if (atomic_load(&due)) ck_assert_int_eq(gm_executor_run(e, NULL), GM_CANCELLED);
  for (int i = 0; i < 3; i++) ck_assert_int_eq(gm_executor_run(e, NULL), GM_OK);
  ck_assert(is_whole(e));
}

START_TEST(each_signal_ends_one_run) {
  gm_tensor *x;
  gm_executor *e = short_chain(&x);
  handle(SIGALRM);
  atomic_store(&target, e);
  alarm_in(500, 331);
  bool fine = heeds_each(e, CANCELS);
  atomic_store(&target, NULL);
  alarm_in(0, 0);
  ck_assert(fine);
  ck_quiet(e);
  gm_executor_free(e);
  gm_tensor_free(x);
}
END_TEST

static void *cancel_on(void *unused) {
  (void)unused;
  while (atomic_load(&target)) {
    cancel_once();
    sched_yield();
  }
  return NULL;
}

START_TEST(each_cancel_of_another_thread_ends_one_run) {
  gm_tensor *x;
  pthread_t other;
  gm_executor *e = short_chain(&x);
  atomic_store(&target, e);
  ck_assert_int_eq(pthread_create(&other, NULL, cancel_on, NULL), 0);
  bool fine = heeds_each(e, CANCELS);
  atomic_store(&target, NULL);
  pthread_join(other, NULL);
  ck_assert(fine);
  ck_quiet(e);
  gm_executor_free(e);
  gm_tensor_free(x);
}
END_TEST

/* ---- While nothing runs ---- */

START_TEST(cancels_while_idle_are_one_and_end_the_next_run) {
  gm_tensor *x;
  gm_executor *e = short_chain(&x);
  ck_assert_int_eq(gm_executor_run(e, NULL), GM_OK);
  for (int i = 0; i < 3; i++) gm_executor_cancel(e);
  ck_assert(is_whole(e));
  ck_assert_int_eq(gm_executor_run(e, NULL), GM_CANCELLED);
  ck_quiet(e);
  gm_executor_free(e);
  gm_tensor_free(x);
}
END_TEST

START_TEST(a_cancel_waits_through_prepare_trim_and_runs_that_cannot_begin) {
  gm_tensor *x;
  gm_executor *e = short_chain(&x);
  gm_executor_cancel(e);
  ck_assert_int_eq(gm_executor_feed(e, "x", NULL, NULL), GM_OK);
  ck_assert_int_eq(gm_executor_run(e, NULL), GM_UNBOUND);
  feed(e, "x", x);
  ck_assert_int_eq(gm_executor_prepare(e, NULL), GM_OK);
  gm_executor_trim(e);
  ck_assert_int_eq(gm_executor_run(e, NULL), GM_CANCELLED);
  ck_quiet(e);
  gm_executor_free(e);
  gm_tensor_free(x);
}
END_TEST

START_TEST(a_cancelled_run_gives_no_bound_output_either) {
  gm_tensor *x, *bound = gm_tensor_new(GM_FLOAT32, 2, (int64_t[]){3, 100}, NULL);
  gm_executor *e = short_chain(&x);
  ck_assert_int_eq(gm_executor_bind_output(e, 0, bound, NULL), GM_OK);
  ck_assert_int_eq(gm_executor_run(e, NULL), GM_OK);
  gm_executor_cancel(e);
  ck_assert_int_eq(gm_executor_run(e, NULL), GM_CANCELLED);
  ck_assert_ptr_null(gm_executor_output(e, 0));
  ck_quiet(e);
  ck_assert_ptr_eq(gm_executor_output(e, 0), bound);
  gm_executor_free(e);
  gm_tensor_free(x);
  gm_tensor_free(bound);
}
END_TEST

START_TEST(one_executor_is_cancelled_and_its_plan_s_others_run_on) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node y = apply1(graph, "exp", gm_placeholder(graph, "x", GM_FLOAT32, "n, 3"), NULL);
  gm_plan *plan = plan_of(graph, &y, 1);
  gm_tensor *x = gm_tensor_new(GM_FLOAT32, 2, (int64_t[]){2, 3}, NULL);
  gm_executor *e[2] = {gm_executor_new(plan, NULL), gm_executor_new(plan, NULL)};
  for (int i = 0; i < 2; i++) feed(e[i], "x", x);
  gm_executor_cancel(e[0]);
  ck_assert_int_eq(gm_executor_run(e[1], NULL), GM_OK);
  ck_assert_int_eq(gm_executor_run(e[0], NULL), GM_CANCELLED);
  ck_assert(is_whole(e[1]));
  for (int i = 0; i < 2; i++) gm_executor_free(e[i]);
  gm_tensor_free(x);
  gm_plan_free(plan);
  gm_graph_free(graph);
}
END_TEST

SUITE(threads_cancel) {
  CASE(a_signal_handler_cancels_the_run_it_interrupts);
  CASE(a_signal_sent_by_another_thread_cancels);
  CASE(each_signal_ends_one_run);
  CASE(each_cancel_of_another_thread_ends_one_run);
  CASE(cancels_while_idle_are_one_and_end_the_next_run);
  CASE(a_cancel_waits_through_prepare_trim_and_runs_that_cannot_begin);
  CASE(a_cancelled_run_gives_no_bound_output_either);
  CASE(one_executor_is_cancelled_and_its_plan_s_others_run_on);
}
