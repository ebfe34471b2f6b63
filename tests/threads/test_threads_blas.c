/* SPDX-License-Identifier: MIT
 *
 * OpenBLAS as it was loaded: pthread, OpenMP or serial, each with its own way to be called from many threads.
 * Products of small positive integers are compared bit for bit with those of the loops. GM_FLAVOUR, where it
 * is set, names the flavour that must be there. */
#include "support/suite.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include "support/build.h"

enum { THREADS = 8, ROUNDS = 300, BATCH = 64, INNER = 16, LENGTHS = 4, DTYPES = 4, OUTPUTS = 2 * DTYPES };
enum { SERIAL, PTHREAD, OPENMP };

extern int openblas_get_parallel(void);
extern char *openblas_get_config(void);
extern int openblas_get_num_threads(void);
extern void openblas_set_num_threads(int count);
/* There only where OpenMP is. */
extern int omp_get_max_threads(void) __attribute__((weak));
extern void omp_set_num_threads(int count) __attribute__((weak));

static const gm_dtype dtypes[DTYPES] = {GM_FLOAT32, GM_FLOAT64, GM_COMPLEX64, GM_COMPLEX128};
static const char *const names[DTYPES] = {"a", "b", "c", "d"};
static const int64_t lengths[LENGTHS] = {1, 5, 16, 33};

START_TEST(the_flavour_is_the_one_meant) {
  static const char *const flavours[] = {"serial", "pthread", "openmp"};
  const char *wanted = getenv("GM_FLAVOUR"), *config = openblas_get_config();
  int flavour = openblas_get_parallel();
  printf("%s: %s\n", flavours[flavour], config);
  ck_assert(wanted == NULL || strcmp(wanted, flavours[flavour]) == 0);
  ck_assert_int_eq(strstr(config, "SINGLE_THREADED") != NULL, flavour == SERIAL);
  ck_assert_int_eq(strstr(config, "USE_OPENMP") != NULL, flavour == OPENMP);
  ck_assert(flavour != OPENMP || (omp_get_max_threads && omp_set_num_threads));
}
END_TEST

/* ---- One plan, many threads ---- */

/** 1 … 5 everywhere, real and imaginary parts too. */
static gm_tensor *integers(gm_dtype dtype, int64_t batch, int64_t rows, int64_t columns) {
  gm_tensor *made = gm_tensor_new(dtype, 3, (int64_t[]){batch, rows, columns}, NULL);
  ck_assert_ptr_nonnull(made);
  bool wide = dtype == GM_FLOAT64 || dtype == GM_COMPLEX128;
  int64_t parts = dtype == GM_FLOAT32 || dtype == GM_FLOAT64 ? 1 : 2;
  for (int64_t i = 0; i < parts * gm_tensor_count(made); i++) {
    int64_t value = 1 + (i * 7 + i / INNER) % 5;
    if (wide)
      ((double *)gm_tensor_data(made))[i] = (double)value;
    else
      ((float *)gm_tensor_data(made))[i] = (float)value;
  }
  return made;
}

static gm_node variable(gm_graph *graph, gm_dtype dtype, int64_t columns) {
  gm_tensor *value = integers(dtype, BATCH, INNER, columns);
  gm_node made = gm_variable(graph, NULL, value);
  gm_tensor_free(value);
  return made;
}

/** Of each dtype, 64 matrices (n, 16) times as many (16, 12) and (16, 1): with one row and with many, all the
 * calls of OpenBLAS that there are, in quick succession. */
static gm_plan *plan_products(const char *kernel, uint64_t flags) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  gm_error error = {0};
  gm_node outputs[OUTPUTS];
  gm_graph *graph = gm_graph_new(NULL, NULL);
  options.kernel = kernel;
  options.flags = flags;
  for (int i = 0; i < DTYPES; i++) {
    gm_node x = gm_placeholder(graph, names[i], dtypes[i], "64, n, 16");
    outputs[2 * i] = apply2(graph, "matmul", x, variable(graph, dtypes[i], 12), NULL);
    outputs[2 * i + 1] = apply2(graph, "matmul", x, variable(graph, dtypes[i], 1), NULL);
  }
  gm_plan *plan = gm_plan_new(graph, outputs, OUTPUTS, &options, &error);
  ck_assert_msg(plan != NULL, "%s", error.message);
  gm_graph_free(graph);
  return plan;
}

typedef struct common {
  gm_plan *plan;
  gm_tensor *x[LENGTHS][DTYPES];
  gm_executor *expected[LENGTHS]; /* what the loops computed */
  atomic_int wrong, runs;
} common;

static bool run_length(const common *c, gm_executor *e, int length) {
  bool fine = true;
  for (int i = 0; i < DTYPES; i++)
    fine = fine && gm_executor_feed(e, names[i], c->x[length][i], NULL) == GM_OK;
  return fine && gm_executor_run(e, NULL) == GM_OK;
}

/** Bit for bit: none is 0 or NaN. */
static bool as_expected(const common *c, const gm_executor *e, int length) {
  for (size_t i = 0; i < OUTPUTS; i++) {
    const gm_tensor *one = gm_executor_output(e, i), *other = gm_executor_output(c->expected[length], i);
    if (!one || gm_tensor_count(one) != gm_tensor_count(other)) return false;
    size_t bytes = (size_t)gm_tensor_count(one) * gm_dtype_size(gm_tensor_dtype(one));
    if (memcmp(gm_tensor_cdata(one), gm_tensor_cdata(other), bytes) != 0) return false;
  }
  return true;
}

static void begin(common *c, uint64_t flags) {
  gm_plan *loops = plan_products("loops", 0);
  c->plan = plan_products("openblas", flags);
  atomic_init(&c->wrong, 0);
  atomic_init(&c->runs, 0);
  for (int length = 0; length < LENGTHS; length++) {
    for (int i = 0; i < DTYPES; i++) c->x[length][i] = integers(dtypes[i], BATCH, lengths[length], INNER);
    c->expected[length] = gm_executor_new(loops, NULL);
    ck_assert(run_length(c, c->expected[length], length));
  }
  gm_plan_free(loops);
}

static void end(common *c) {
  for (int length = 0; length < LENGTHS; length++) {
    gm_executor_free(c->expected[length]);
    for (int i = 0; i < DTYPES; i++) gm_tensor_free(c->x[length][i]);
  }
  gm_plan_free(c->plan);
}

static void *multiply(void *argument) {
  common *c = argument;
  gm_executor *e = gm_executor_new(c->plan, NULL);
  for (int i = 0; i < ROUNDS; i++) {
    int length = atomic_fetch_add(&c->runs, 1) % LENGTHS;
    if (!run_length(c, e, length) || !as_expected(c, e, length)) atomic_fetch_add(&c->wrong, 1);
  }
  gm_executor_free(e);
  return NULL;
}

START_TEST(small_products_on_eight_threads_are_right) {
  common c;
  pthread_t threads[THREADS];
  begin(&c, 0);
  for (int i = 0; i < THREADS; i++) ck_assert_int_eq(pthread_create(&threads[i], NULL, multiply, &c), 0);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  int wrong = atomic_load(&c.wrong), runs = atomic_load(&c.runs);
  ck_assert_int_eq(runs, THREADS * ROUNDS);
  ck_assert_msg(wrong == 0, "%d of %d runs are wrong", wrong, runs);
  end(&c);
}
END_TEST

/* ---- The thread count ---- */

/** Makes a plan and runs it once. */
static void use(uint64_t flags) {
  common c;
  begin(&c, flags);
  gm_executor *e = gm_executor_new(c.plan, NULL);
  ck_assert(run_length(&c, e, 2) && as_expected(&c, e, 2));
  gm_executor_free(e);
  end(&c);
}

/** What a serial one has is 1 whatever is asked for. */
static int several(void) {
  return openblas_get_parallel() == SERIAL ? 1 : 2;
}

START_TEST(a_plan_that_keeps_the_thread_count_keeps_it) {
  openblas_set_num_threads(2);
  use(GM_PLAN_KEEP_BLAS_THREADS);
  ck_assert_int_eq(openblas_get_num_threads(), several());
  if (omp_get_max_threads) ck_assert_int_eq(omp_get_max_threads(), 2);
}
END_TEST

START_TEST(the_first_plan_sets_the_thread_count_to_one_and_no_other_sets_it_again) {
  openblas_set_num_threads(2);
  use(0);
  ck_assert_int_eq(openblas_get_num_threads(), 1);
  openblas_set_num_threads(2);
  use(0);
  if (openblas_get_parallel() != OPENMP) ck_assert_int_eq(openblas_get_num_threads(), several());
}
END_TEST

/** The OpenMP count of a thread that asks for 3, runs, and looks. */
static void *count_after_run(void *flags) {
  static int count;
  omp_set_num_threads(3);
  use(*(uint64_t *)flags);
  count = omp_get_max_threads();
  return &count;
}

static int count_on_a_thread(uint64_t flags) {
  pthread_t thread;
  void *count;
  ck_assert_int_eq(pthread_create(&thread, NULL, count_after_run, &flags), 0);
  ck_assert_int_eq(pthread_join(thread, &count), 0);
  return *(int *)count;
}

START_TEST(with_openmp_each_thread_that_runs_sets_its_own_count) {
  if (openblas_get_parallel() != OPENMP) return;
  ck_assert_int_eq(count_on_a_thread(GM_PLAN_KEEP_BLAS_THREADS), 3);
  use(0);
  ck_assert_int_eq(count_on_a_thread(0), 1);
  omp_set_num_threads(2);
  ck_assert_int_eq(count_on_a_thread(0), 1);
  ck_assert_int_eq(omp_get_max_threads(), 2);
}
END_TEST

SUITE(threads_blas) {
  CASE(the_flavour_is_the_one_meant);
  CASE(small_products_on_eight_threads_are_right);
  CASE(a_plan_that_keeps_the_thread_count_keeps_it);
  CASE(the_first_plan_sets_the_thread_count_to_one_and_no_other_sets_it_again);
  CASE(with_openmp_each_thread_that_runs_sets_its_own_count);
}
