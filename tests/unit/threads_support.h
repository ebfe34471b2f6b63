/* SPDX-License-Identifier: MIT
 *
 * Several threads on one graph and plan, perhaps with another one meanwhile. Threads count what is wrong; the
 * test's own thread asserts that nothing was. */
#ifndef GM_TESTS_THREADS_SUPPORT_H
#define GM_TESTS_THREADS_SUPPORT_H

#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include "support/build.h"

enum { THREADS = 4 };

/** What the threads of a case share. */
typedef struct common {
  gm_graph *graph;
  gm_plan *plan;
  atomic_bool stop;
  atomic_int wrong;
} common;

typedef struct task {
  common *common;
  int number;
} task;

/** Runs `work` on all threads, and `meanwhile` (NULL: nothing) on one more until c->stop. */
static inline void all_threads(common *c, void *(*work)(void *), void *(*meanwhile)(void *)) {
  pthread_t threads[THREADS], other;
  task tasks[THREADS + 1];
  atomic_init(&c->stop, false);
  atomic_init(&c->wrong, 0);
  for (int i = 0; i <= THREADS; i++) tasks[i] = (task){c, i};
  if (meanwhile) ck_assert_int_eq(pthread_create(&other, NULL, meanwhile, &tasks[THREADS]), 0);
  for (int i = 0; i < THREADS; i++) ck_assert_int_eq(pthread_create(&threads[i], NULL, work, &tasks[i]), 0);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  atomic_store(&c->stop, true);
  if (meanwhile) pthread_join(other, NULL);
  ck_assert_int_eq(atomic_load(&c->wrong), 0);
}

static inline void wrong_unless(common *c, bool right) {
  if (!right) atomic_fetch_add(&c->wrong, 1);
}

static inline gm_tensor *filled(float value, int64_t rows, int64_t columns) {
  gm_tensor *made = gm_tensor_new(GM_FLOAT32, 2, (int64_t[]){rows, columns}, NULL);
  float *at = made ? gm_tensor_data(made) : NULL;
  for (int64_t i = 0; at && i < rows * columns; i++) at[i] = value;
  return made;
}

/** There are `count` elements, and every one is `value`. */
static inline bool all_are(const gm_tensor *tensor, int64_t count, float value) {
  if (tensor == NULL || gm_tensor_count(tensor) != count) return false;
  const float *at = gm_tensor_cdata(tensor);
  for (int64_t i = 0; i < count; i++)
    if (at[i] != value) return false;
  return true;
}

static inline void free_common(common *c) {
  gm_plan_free(c->plan);
  gm_graph_free(c->graph);
}

#endif
