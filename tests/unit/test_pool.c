/* SPDX-License-Identifier: MIT
 *
 * Pools of threads, ours and lent ones: every task once, whatever becomes of the threads. Made to be run
 * under ThreadSanitizer too. */
#include "support/suite.h"

#include <errno.h>
#include <fenv.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/pool.h"
#include "process_support.h"

enum { MOST = 1000, ROUNDS = 2000 };

static gm_pool *new_pool(int threads, bool spins) {
  gm_pool *pool = gm__pool_new(threads, spins);
  ck_assert_ptr_nonnull(pool);
  ck_assert_int_eq(pool->threads, 1);
  gm__pool_grow(pool, threads);
  return pool;
}

typedef struct tally {
  const gm_pool *pool;
  atomic_int calls[MOST], outside, wrong;
  pthread_t caller;
  int rounding;
} tally;

static void count(void *argument, int index) {
  tally *t = argument;
  atomic_fetch_add(&t->calls[index], 1);
  if (!pthread_equal(t->caller, pthread_self())) atomic_fetch_add(&t->outside, 1);
  if (fegetround() != t->rounding) atomic_fetch_add(&t->wrong, 1);
}

static tally tally_for(const gm_pool *pool) {
  return (tally){.pool = pool, .caller = pthread_self(), .rounding = fegetround()};
}

static bool each_once(const gm_pool *pool, int tasks, int *outside) {
  tally t = tally_for(pool);
  bool fine = true;
  gm__pool_run(pool, tasks, count, &t);
  for (int i = 0; i < MOST; i++) fine = fine && atomic_load(&t.calls[i]) == (i < tasks);
  if (outside) *outside += atomic_load(&t.outside);
  return fine && atomic_load(&t.wrong) == 0;
}

START_TEST(every_task_is_done_once) {
  static const int counts[] = {0, 1, 2, 3, 7, 8, 9, 100, MOST};
  for (int threads = 1; threads <= 9; threads++) {
    gm_pool *pool = new_pool(threads, threads % 2 == 0);
    ck_assert_int_eq(pool->threads, threads);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) ck_assert(each_once(pool, counts[i], NULL));
    gm__pool_free(pool);
  }
  ck_assert(each_once(NULL, MOST, NULL));
}
END_TEST

/* ---- Several at once ---- */

static void wait_for_others(void *argument, int index) {
  atomic_int *arrived = argument;
  (void)index;
  atomic_fetch_add(arrived, 1);
  while (atomic_load(arrived) < 4) sched_yield();
}

START_TEST(tasks_run_side_by_side) {
  gm_pool *pool = new_pool(4, false);
  ck_assert_int_eq(pool->threads, 4);
  for (int i = 0; i < 100; i++) {
    atomic_int arrived = 0;
    gm__pool_run(pool, 4, wait_for_others, &arrived);
    ck_assert_int_eq(atomic_load(&arrived), 4);
  }
  gm__pool_free(pool);
}
END_TEST

START_TEST(runs_follow_each_other_with_and_without_a_break) {
  gm_pool *pool = new_pool(3, false);
  for (int i = 0; i < ROUNDS; i++) {
    if (i % 50 == 0) usleep(200);
    if (i % 100 == 0) gm__pool_enter(pool);
    ck_assert(each_once(pool, 1 + i % 20, NULL));
    if (i % 100 == 99) gm__pool_leave(pool);
  }
  gm__pool_free(pool);
}
END_TEST

static void nest(void *argument, int index) {
  tally *t = argument;
  if (!each_once(t->pool, 10, NULL)) atomic_fetch_add(&t->wrong, 1);
  atomic_fetch_add(&t->calls[index], 1);
}

START_TEST(a_task_may_run_tasks) {
  gm_pool *pool = new_pool(3, false);
  tally t = tally_for(pool);
  gm__pool_run(pool, 20, nest, &t);
  for (int i = 0; i < 20; i++) ck_assert_int_eq(atomic_load(&t.calls[i]), 1);
  ck_assert_int_eq(atomic_load(&t.wrong), 0);
  gm__pool_free(pool);
}
END_TEST

static void *run_many(void *argument) {
  tally *t = argument;
  for (int i = 0; i < ROUNDS; i++)
    if (!each_once(t->pool, 1 + i % 30, NULL)) atomic_fetch_add(&t->wrong, 1);
  return NULL;
}

START_TEST(several_threads_use_one_pool) {
  gm_pool *pool = new_pool(3, false);
  tally t = tally_for(pool);
  pthread_t threads[4];
  for (int i = 0; i < 4; i++) ck_assert_int_eq(pthread_create(&threads[i], NULL, run_many, &t), 0);
  for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
  ck_assert_int_eq(atomic_load(&t.wrong), 0);
  gm__pool_free(pool);
}
END_TEST

/* ---- A busy pool ---- */

typedef struct busy {
  gm_pool *pool;
  atomic_bool begun, go_on;
} busy;

static void hold(void *argument, int index) {
  busy *b = argument;
  (void)index;
  atomic_store(&b->begun, true);
  while (!atomic_load(&b->go_on)) sched_yield();
}

static void *hold_pool(void *argument) {
  busy *b = argument;
  gm__pool_run(b->pool, 2, hold, b);
  return NULL;
}

START_TEST(a_busy_pool_is_not_waited_for) {
  busy b = {.pool = new_pool(2, false)};
  pthread_t thread;
  int outside = 0;
  ck_assert_int_eq(pthread_create(&thread, NULL, hold_pool, &b), 0);
  while (!atomic_load(&b.begun)) sched_yield();
  ck_assert(each_once(b.pool, MOST, &outside));
  ck_assert_int_eq(outside, 0);
  atomic_store(&b.go_on, true);
  pthread_join(thread, NULL);
  ck_assert(each_once(b.pool, MOST, NULL));
  gm__pool_free(b.pool);
}
END_TEST

/* ---- Threads ---- */

START_TEST(a_pool_has_the_threads_asked_for_and_takes_them_along) {
  int before = threads_of_process();
  for (int threads = 1; threads < 6; threads++) {
    gm_pool *pool = new_pool(threads, false);
    ck_assert_int_eq(pool->threads, threads);
    ck_assert_int_eq(threads_of_process() - before, threads - 1);
    gm__pool_free(pool);
    ck_assert_int_eq(threads_of_process(), before);
  }
}
END_TEST

/** Threads that can still be made; negative: any number. */
static int left = -1;

int __real_pthread_create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
int __wrap_pthread_create(
    pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument) {
  if (left == 0) return EAGAIN;
  if (left > 0) left--;
  return __real_pthread_create(thread, attributes, start, argument);
}

START_TEST(where_no_more_threads_can_be_made_there_are_fewer) {
  for (int made = 0; made < 4; made++) {
    left = made;
    gm_pool *pool = gm__pool_new(4, false);
    gm__pool_grow(pool, 4);
    ck_assert_int_eq(pool->threads, 1 + (made < 3 ? made : 3));
    ck_assert(each_once(pool, MOST, NULL));
    left = -1;
    gm__pool_grow(pool, 4);
    ck_assert_int_eq(pool->threads, 4);
    ck_assert(each_once(pool, MOST, NULL));
    gm__pool_free(pool);
  }
}
END_TEST

START_TEST(a_pool_grows_while_it_runs) {
  gm_pool *pool = gm__pool_new(6, false);
  gm__pool_grow(pool, 2);
  const gm_pool copy = *pool;
  tally t = tally_for(&copy);
  pthread_t thread;
  ck_assert_int_eq(pthread_create(&thread, NULL, run_many, &t), 0);
  for (int threads = 1; threads < 9; threads++) {
    gm__pool_grow(pool, threads);
    ck_assert_int_eq(pool->threads, threads < 2 ? 2 : threads < 6 ? threads : 6);
    usleep(500);
  }
  pthread_join(thread, NULL);
  ck_assert_int_eq(atomic_load(&t.wrong), 0);
  gm__pool_free(pool);
}
END_TEST

START_TEST(pools_come_and_go) {
  for (int i = 0; i < 300; i++) {
    gm_pool *pool = new_pool(1 + i % 5, i % 3 == 0);
    if (i % 2) ck_assert(each_once(pool, i, NULL));
    gm__pool_free(pool);
  }
  gm__pool_free(NULL);
}
END_TEST

static double processor_seconds(void) {
  struct rusage r;
  getrusage(RUSAGE_SELF, &r);
  return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
         (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

START_TEST(threads_sleep_after_a_run) {
  for (int spins = 0; spins < 2; spins++) {
    gm_pool *pool = new_pool(2, spins);
    ck_assert(each_once(pool, MOST, NULL));
    double before = processor_seconds();
    usleep(200 * 1000);
    ck_assert_double_lt(processor_seconds() - before, 0.05);
    gm__pool_free(pool);
  }
}
END_TEST

/* ---- Processes and rounding ---- */

START_TEST(a_child_that_inherits_a_pool_runs_alone) {
  gm_pool *pool = new_pool(3, false);
  ck_assert(each_once(pool, 100, NULL));
  pid_t child = fork();
  ck_assert_int_ge(child, 0);
  if (child == 0) {
    int outside = 0;
    bool fine = each_once(pool, MOST, &outside) && outside == 0;
    gm__pool_free(pool);
    _exit(fine ? 0 : 1);
  }
  int status = -1;
  ck_assert_int_eq(waitpid(child, &status, 0), child);
  ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  ck_assert(each_once(pool, 100, NULL));
  gm__pool_free(pool);
}
END_TEST

START_TEST(all_threads_round_as_the_calling_one_does) {
  gm_pool *pool = new_pool(3, false);
  fesetround(FE_UPWARD);
  bool upward = each_once(pool, MOST, NULL);
  fesetround(FE_TONEAREST);
  ck_assert(upward);
  ck_assert(each_once(pool, MOST, NULL));
  gm__pool_free(pool);
}
END_TEST

START_TEST(processors_are_counted) {
  ck_assert_int_ge(gm__processors(), 1);
  ck_assert_int_le(gm__processors(), sysconf(_SC_NPROCESSORS_CONF));
}
END_TEST

/* ---- Lent pools ---- */

/** How many calls a pool makes: of `count`. */
typedef struct odd {
  int (*calls)(int count);
  int most; /* the largest count so far */
} odd;

static void run_odd(void *context, int count, void (*task)(void *argument, int index), void *argument) {
  odd *o = context;
  if (count > o->most) o->most = count;
  for (int i = 0, calls = o->calls(count); i < calls; i++) task(argument, i % count);
}

static int none(int count) {
  return 0 * count;
}

static int all_but_one(int count) {
  return count - 1;
}

static int twice(int count) {
  return 2 * count;
}

START_TEST(what_a_pool_leaves_undone_is_done_and_nothing_twice) {
  static int (*const calls[])(int) = {none, all_but_one, twice};
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
    odd o = {calls[i], 0};
    gm_pool pool = {sizeof pool, &o, 4, run_odd};
    ck_assert(each_once(&pool, MOST, NULL));
    ck_assert(each_once(&pool, 3, NULL));
    ck_assert_int_eq(o.most, 4);
  }
}
END_TEST

SUITE(pool) {
  CASE(every_task_is_done_once);
  CASE(tasks_run_side_by_side);
  CASE(runs_follow_each_other_with_and_without_a_break);
  CASE(a_task_may_run_tasks);
  CASE(several_threads_use_one_pool);
  CASE(a_busy_pool_is_not_waited_for);
  CASE(a_pool_has_the_threads_asked_for_and_takes_them_along);
  CASE(where_no_more_threads_can_be_made_there_are_fewer);
  CASE(a_pool_grows_while_it_runs);
  CASE(pools_come_and_go);
  CASE(threads_sleep_after_a_run);
  CASE(a_child_that_inherits_a_pool_runs_alone);
  CASE(all_threads_round_as_the_calling_one_does);
  CASE(processors_are_counted);
  CASE(what_a_pool_leaves_undone_is_done_and_nothing_twice);
}
