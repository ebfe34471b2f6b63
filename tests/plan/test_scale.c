/* SPDX-License-Identifier: MIT
 *
 * Large graphs: nothing recurses on their depth, and time grows with their size, not its square. Times are
 * those of the processor, so that a busy machine does not matter; what is measured is printed, and the bounds
 * are far off it. Sanitizers get smaller graphs and no bounds. */
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <gemmule/gemmule.h>
#include "support/suite.h"

#if defined(__has_feature)
#define HAS_FEATURE(name) __has_feature(name)
#else
#define HAS_FEATURE(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || HAS_FEATURE(address_sanitizer) ||       \
    HAS_FEATURE(thread_sanitizer)
enum { SLOWER = 20, TIMED = 0, STACK = 1024 * 1024 };
#elif defined(__OPTIMIZE__)
enum { SLOWER = 1, TIMED = 1, STACK = 256 * 1024 };
#else
enum { SLOWER = 5, TIMED = 0, STACK = 256 * 1024 };
#endif

enum { MANY = 100000 / SLOWER, FEW = 10000 / SLOWER, MOST_RATIO = 40, MOST_SECONDS = 10, INPUTS = 8 };

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static gm_node apply(gm_graph *graph, const char *op, gm_node a, gm_node b) {
  return gm_apply(graph, op, (gm_node[]){a, b}, 2, NULL);
}

/* ---- Depth ---- */

typedef struct life {
  int count;
  gm_status status;
  gm_error error;
  float result;
} life;

static gm_node chain(gm_graph *graph, int count) {
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "n"), node = x;
  for (int i = 0; i < count; i++) node = apply(graph, "add", node, x);
  return node;
}

static gm_status run(gm_plan *plan, life *l) {
  float one[3] = {1, 1, 1};
  gm_executor *executor = gm_executor_new(plan, &l->error);
  gm_tensor *x = gm_tensor_wrap(GM_FLOAT32, 1, (int64_t[]){3}, one, NULL, NULL, &l->error);
  gm_status status = executor && x ? gm_executor_feed(executor, "x", x, &l->error) : GM_NO_MEMORY;
  if (status == GM_OK) status = gm_executor_run(executor, &l->error);
  if (status == GM_OK) l->result = *(const float *)gm_tensor_cdata(gm_executor_output(executor, 0));
  gm_executor_free(executor);
  gm_tensor_free(x);
  return status;
}

static void *live(void *argument) {
  life *l = argument;
  gm_graph *graph = gm_graph_new(NULL, &l->error);
  gm_node node = chain(graph, l->count);
  gm_plan *plan = gm_plan_new(graph, &node, 1, NULL, &l->error);
  l->status = plan ? run(plan, l) : GM_INTERNAL;
  if (plan && gm_plan_text(plan, NULL, 0, NULL, 0, &l->error) == 0) l->status = GM_INTERNAL;
  gm_plan_free(plan);
  gm_graph_free(graph);
  return NULL;
}

START_TEST(a_chain_of_a_million_adds_needs_little_stack) {
  life l = {.count = 1000000 / SLOWER};
  pthread_t thread;
  pthread_attr_t attributes;
  ck_assert_int_eq(pthread_attr_init(&attributes), 0);
  ck_assert_int_eq(pthread_attr_setstacksize(&attributes, STACK), 0);
  ck_assert_int_eq(pthread_create(&thread, &attributes, live, &l), 0);
  pthread_join(thread, NULL);
  pthread_attr_destroy(&attributes);
  ck_assert_msg(l.status == GM_OK, "%s", l.error.message);
  ck_assert_float_eq(l.result, (float)(l.count + 1));
}
END_TEST

/* ---- Growth ---- */

static uint64_t drawn(uint64_t *state) {
  *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return *state >> 33;
}

/* Operands are any earlier nodes; all that nobody used are added up. */
static gm_node wide(gm_graph *graph, int count) {
  static const char *const ops[] = {"add", "multiply", "maximum"};
  uint64_t state = 1;
  gm_node *nodes = calloc((size_t)count, sizeof *nodes), sum;
  bool *used = calloc((size_t)count, sizeof *used);
  for (int i = 0; i < INPUTS; i++) {
    char name[16];
    snprintf(name, sizeof name, "x%d", i);
    nodes[i] = gm_placeholder(graph, name, GM_FLOAT32, "n");
  }
  for (int i = INPUTS; i < count * 2 / 3; i++) {
    int a = (int)(drawn(&state) % (uint64_t)i), b = (int)(drawn(&state) % (uint64_t)i);
    nodes[i] = apply(graph, ops[i % 3], nodes[a], nodes[b]);
    used[a] = used[b] = true;
  }
  sum = nodes[0];
  for (int i = 1; i < count * 2 / 3; i++)
    if (!used[i]) sum = apply(graph, "add", sum, nodes[i]);
  free(nodes);
  free(used);
  return sum;
}

/* Layers with a way around every fourth. */
static gm_node net(gm_graph *graph, int count) {
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "batch, 4"), before = x;
  gm_node w = gm_random_uniform_variable(graph, "w", GM_FLOAT32, "4, 4", -0.5, 0.5, 1);
  gm_node b = gm_zeros(graph, "b", GM_FLOAT32, "4");
  for (int i = 0; i < count / 3; i++) {
    gm_node sum = apply(graph, "bias_add", gm_dot(graph, x, w), b);
    x = gm_apply(graph, "tanh", &sum, 1, NULL);
    if (i % 4 == 3) x = before = apply(graph, "add", x, before);
  }
  return x;
}

static const struct {
  const char *name, *dims;
  gm_node (*make)(gm_graph *graph, int count);
} kinds[] = {{"chain", "n=4", chain}, {"wide", "n=4", wide}, {"net", "batch=2", net}};

typedef struct times {
  double plan, special, print;
} times;

static void keep(double *best, double start) {
  double time = now() - start;
  if (*best == 0 || time < *best) *best = time;
}

static times best_of_three(int kind, int count) {
  times best = {0};
  gm_error error = {0};
  gm_graph *graph = gm_graph_new(NULL, &error);
  gm_node node = kinds[kind].make(graph, count);
  for (int i = 0; i < 3; i++) {
    gm_plan_size sizes = {.struct_size = sizeof sizes};
    double start = now();
    gm_plan *plan = gm_plan_new(graph, &node, 1, NULL, &error);
    ck_assert_msg(plan != NULL, "%s", error.message);
    keep(&best.plan, start);
    start = now();
    ck_assert_msg(gm_plan_sizes(plan, kinds[kind].dims, &sizes, &error) == GM_OK, "%s", error.message);
    keep(&best.special, start);
    start = now();
    ck_assert_uint_gt(gm_plan_text(plan, kinds[kind].dims, 0, NULL, 0, &error), (size_t)count);
    keep(&best.print, start);
    gm_plan_free(plan);
  }
  gm_graph_free(graph);
  return best;
}

static void check_growth(const char *kind, const char *what, double few, double many) {
  printf(
      "%s of %d nodes: %s in %.3f s, %.1f times as long as of %d\n", kind, MANY, what, many, many / few, FEW);
  if (!TIMED) return;
  ck_assert_msg(many < MOST_SECONDS, "%s: to %s takes %.1f s", kind, what, many);
  ck_assert_msg(many < MOST_RATIO * few || many < 0.02,
      "%s: to %s takes %.0f times as long for 10 times as many", kind, what, many / few);
}

START_TEST(time_grows_with_the_number_of_nodes) {
  times few = best_of_three(_i, FEW), many = best_of_three(_i, MANY);
  check_growth(kinds[_i].name, "planned", few.plan, many.plan);
  check_growth(kinds[_i].name, "specialised", few.special, many.special);
  check_growth(kinds[_i].name, "printed", few.print, many.print);
}
END_TEST

/* ---- Files ---- */

enum { LINES = 200000 / SLOWER, LONGEST = 120 };

typedef struct file {
  char *text;
  size_t size;
} file;

static void line(file *f, const char *format, ...) {
  va_list values;
  va_start(values, format);
  f->size += (size_t)vsnprintf(f->text + f->size, LONGEST, format, values);
  va_end(values);
}

static void backward(file *f) {
  line(f, "placeholders: {x: {shape: [n]}}\nnodes:\n");
  for (int i = LINES - 5; i > 0; i--) line(f, "  n%d: {tanh: n%d}\n", i, i - 1);
  line(f, "  n0: {relu: x}\noutputs: [n0]\n");
}

static void blocks(file *f) {
  line(f, "placeholders: {x: {shape: [n]}}\nnodes:\n  n0: {relu: x}\n");
  for (int i = 1; i < LINES / 6; i++)
    line(f, "  n%d:\n    relu:\n      add:\n        - n%d\n        - exp: x\n    alpha: 0.5\n", i, i - 1);
  line(f, "outputs: [n0]\n");
}

static void sources(file *f) {
  line(f, "variables:\n");
  for (int i = 0; i < LINES / 2; i++) line(f, "  v%d: {value: [[%d, 2.5, -1e-3], [4, 5, 6]]}\n", i, i);
  line(f, "nodes:\n");
  for (int i = 0; i < LINES / 2 - 4; i++) line(f, "  n%d: {add: [{tanh: v%d}, v0]}\n", i, i);
  line(f, "outputs: [n0]\n");
}

static const struct {
  const char *name, *last;
  int number;
  void (*write)(file *f);
} files[] = {{"backward", "n%d", LINES - 5, backward}, {"blocks", "n%d", LINES / 6 - 1, blocks},
    {"sources", "n%d", LINES / 2 - 5, sources}};

START_TEST(a_file_of_200000_lines_is_loaded) {
  gm_error error = {0};
  file f = {malloc((size_t)LINES * LONGEST), 0};
  char last[32];
  ck_assert(f.text != NULL);
  line(&f, "gemmule: 1\n");
  files[_i].write(&f);
  double start = now();
  gm_graph *graph = gm_graph_parse(f.text, f.size, NULL, &error);
  double time = now() - start;
  ck_assert_msg(graph != NULL, "%s", error.message);
  snprintf(last, sizeof last, files[_i].last, files[_i].number);
  ck_assert(gm_node_named(graph, last).id != 0);
  printf("%s of %d lines: loaded in %.3f s\n", files[_i].name, LINES, time);
  if (TIMED) ck_assert_msg(time < MOST_SECONDS / 2, "%s: %.1f s", files[_i].name, time);
  gm_graph_free(graph);
  free(f.text);
}
END_TEST

SUITE(scale) {
  CASE(a_chain_of_a_million_adds_needs_little_stack);
  tcase_add_loop_test(cases, time_grows_with_the_number_of_nodes, 0, 3);
  tcase_add_loop_test(cases, a_file_of_200000_lines_is_loaded, 0, 3);
}
