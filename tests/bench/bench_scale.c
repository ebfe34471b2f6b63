/* SPDX-License-Identifier: MIT
 *
 * How large graphs fare: bench_scale [MOST]. Chains of adds, wide random graphs and nets of dots of 10,000
 * and 100,000 nodes are built, planned, prepared, printed; then a chain of MOST adds (1,000,000) is built,
 * planned, prepared, run and freed; then graph files of 200,000 lines are loaded from memory. Seconds of
 * the processor, the best of three but for the longest; `linear` is how many times longer ten times as many
 * nodes took. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <gemmule/gemmule.h>

enum { BUILD, PLAN, PREPARE, PRINT, RUN, FREE, TIMES, WIDTH = 8 };

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void stop(const char *what, const gm_error *error) {
  fprintf(stderr, "%s: %s\n", what, error->message);
  exit(1);
}

/* ---- Graphs: the last node of `count` or so ---- */

static gm_node chain(gm_graph *graph, size_t count) {
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "n"), node = x;
  for (size_t i = 0; i < count; i++) node = gm_apply(graph, "add", (gm_node[]){node, x}, 2, NULL);
  return node;
}

static uint64_t drawn(uint64_t *state) {
  *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return *state >> 33;
}

/* Operands from everything made so far; what nobody used is summed up at the end. */
static gm_node wide(gm_graph *graph, size_t count) {
  static const char *const ops[] = {"add", "multiply", "maximum"};
  uint64_t state = 1;
  gm_node *nodes = calloc(count, sizeof *nodes), sum = {0};
  bool *used = calloc(count, sizeof *used);
  for (size_t i = 0; nodes && used && i < count / 3 * 2; i++) {
    size_t a = i ? drawn(&state) % i : 0, b = i ? drawn(&state) % i : 0;
    char name[32];
    snprintf(name, sizeof name, "x%zu", i);
    nodes[i] = i < WIDTH ? gm_placeholder(graph, name, GM_FLOAT32, "n")
                         : gm_apply(graph, ops[i % 3], (gm_node[]){nodes[a], nodes[b]}, 2, NULL);
    if (i >= WIDTH) used[a] = used[b] = true;
  }
  for (size_t i = 0; nodes && used && i < count / 3 * 2; i++) {
    if (used[i]) continue;
    sum = sum.id ? gm_apply(graph, "add", (gm_node[]){sum, nodes[i]}, 2, NULL) : nodes[i];
  }
  free(nodes);
  free(used);
  return sum;
}

/* Layers of dot, bias, activation, with a way around every fourth. */
static gm_node net(gm_graph *graph, size_t count) {
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "batch, 4"), before = x;
  gm_node w = gm_random_uniform_variable(graph, "w", GM_FLOAT32, "4, 4", -0.5, 0.5, 1);
  gm_node b = gm_zeros(graph, "b", GM_FLOAT32, "4");
  for (size_t i = 0; i < count / 3; i++) {
    gm_node sum = gm_apply(graph, "bias_add", (gm_node[]){gm_dot(graph, x, w), b}, 2, NULL);
    x = gm_apply(graph, "tanh", &sum, 1, NULL);
    if (i % 4 == 3) x = before = gm_apply(graph, "add", (gm_node[]){x, before}, 2, NULL);
  }
  return x;
}

/* ---- A graph's life ---- */

typedef gm_node maker(gm_graph *graph, size_t count);

static void feed_all(const gm_graph *graph, gm_executor *executor, gm_tensor *vector, gm_tensor *matrix) {
  char name[32];
  gm_error error = {0};
  for (int i = -1; i < WIDTH; i++) {
    snprintf(name, sizeof name, i < 0 ? "x" : "x%d", i);
    gm_node node = gm_node_named(graph, name);
    if (!node.id) continue;
    if (gm_executor_feed(executor, name, gm_node_rank(graph, node) == 2 ? matrix : vector, &error))
      stop("feed", &error);
  }
}

static void keep(double *best, double start) {
  double time = now() - start;
  if (*best == 0 || time < *best) *best = time;
}

static void live(maker *make, size_t count, double best[TIMES]) {
  gm_error error = {0};
  gm_tensor *vector = gm_tensor_new(GM_FLOAT32, 1, (int64_t[]){4}, NULL);
  gm_tensor *matrix = gm_tensor_new(GM_FLOAT32, 2, (int64_t[]){2, 4}, NULL);
  double start = now();
  gm_graph *graph = gm_graph_new(NULL, &error);
  gm_node node = make(graph, count);
  keep(&best[BUILD], start);
  start = now();
  gm_plan *plan = gm_plan_new(graph, &node, 1, NULL, &error);
  if (!plan) stop("plan", &error);
  keep(&best[PLAN], start);
  gm_executor *executor = gm_executor_new(plan, &error);
  feed_all(graph, executor, vector, matrix);
  start = now();
  if (gm_executor_prepare(executor, &error)) stop("prepare", &error);
  keep(&best[PREPARE], start);
  start = now();
  if (gm_executor_run(executor, &error)) stop("run", &error);
  keep(&best[RUN], start);
  start = now();
  if (gm_plan_text(plan, make == net ? "batch=2" : "n=4", 0, NULL, 0, &error) == 0) stop("text", &error);
  keep(&best[PRINT], start);
  start = now();
  gm_executor_free(executor);
  gm_plan_free(plan);
  gm_graph_free(graph);
  keep(&best[FREE], start);
  gm_tensor_free(vector);
  gm_tensor_free(matrix);
}

static void print_times(const char *name, size_t count, const double times[TIMES]) {
  printf("%-6s %8zu nodes: build %.3f, plan %.3f, prepare %.3f, run %.3f, print %.3f, free %.3f\n", name,
      count, times[BUILD], times[PLAN], times[PREPARE], times[RUN], times[PRINT], times[FREE]);
}

static void scale(const char *name, maker *make) {
  double few[TIMES] = {0}, many[TIMES] = {0};
  for (int i = 0; i < 3; i++) live(make, 10000, few);
  for (int i = 0; i < 3; i++) live(make, 100000, many);
  print_times(name, 10000, few);
  print_times(name, 100000, many);
  printf("%-6s linear:         build %.1f, plan %.1f, prepare %.1f, run %.1f, print %.1f, free %.1f\n", name,
      many[BUILD] / few[BUILD], many[PLAN] / few[PLAN], many[PREPARE] / few[PREPARE], many[RUN] / few[RUN],
      many[PRINT] / few[PRINT], many[FREE] / few[FREE]);
}

/* ---- Files of 200,000 lines ---- */

enum { LINES = 200000, LONGEST = 160 };

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

static void short_nodes(file *f) {
  line(f, "placeholders: {x: {shape: [n]}}\nnodes:\n  n0: {relu: x}\n");
  for (int i = 1; i < LINES - 5; i++) line(f, "  n%d: {add: [n%d, x]}\n", i, i - 1);
  line(f, "outputs: [n%d]\n", LINES - 6);
}

static void backward(file *f) {
  line(f, "placeholders: {x: {shape: [n]}}\nnodes:\n");
  for (int i = LINES - 6; i > 0; i--) line(f, "  n%d: {tanh: n%d}\n", i, i - 1);
  line(f, "  n0: {relu: x}\noutputs: [n%d]\n", LINES - 6);
}

static void blocks(file *f) {
  line(f, "placeholders: {x: {shape: [n]}}\nnodes:\n  n0: {relu: x}\n");
  for (int i = 1; i < LINES / 6; i++)
    line(f, "  n%d:\n    relu:\n      add:\n        - n%d\n        - exp: x\n    alpha: 0.5\n", i, i - 1);
  line(f, "outputs: [n%d]\n", LINES / 6 - 1);
}

static void nested(file *f) {
  line(f, "placeholders: {x: {shape: [n]}}\nnodes:\n");
  for (int i = 0; i < LINES / 4; i++)
    line(f,
        "  n%d: {add: [\n    {relu: {tanh: {add: [x, 1.5]}}, max_value: 6},\n    {multiply: [{exp: x}, x]}\n "
        " ]}\n",
        i);
  line(f, "outputs: [n0]\n");
}

static void sources(file *f) {
  line(f, "placeholders:\n");
  for (int i = 0; i < LINES / 3; i++) line(f, "  p%d: {shape: [batch, %d]}\n", i, i % 7 + 1);
  line(f, "variables:\n");
  for (int i = 0; i < LINES / 3; i++) line(f, "  v%d: {value: [[%d, 2.5, -1e-3], [4, 5, 6]]}\n", i, i);
  line(f, "nodes:\n");
  for (int i = 0; i < LINES / 3; i++) line(f, "  n%d: {add: [v%d, v0]}\n", i, i);
  line(f, "outputs: [n0]\n");
}

static void load(const char *name, void (*write)(file *f)) {
  gm_error error = {0};
  double best = 0;
  file f = {malloc((size_t)LINES * LONGEST), 0};
  if (!f.text) exit(1);
  line(&f, "gemmule: 1\n");
  write(&f);
  for (int i = 0; i < 3; i++) {
    double start = now();
    gm_graph *graph = gm_graph_parse(f.text, f.size, NULL, &error);
    if (!graph) stop(name, &error);
    keep(&best, start);
    gm_graph_free(graph);
  }
  printf("200,000 lines, %-12s %4.1f MB: loaded in %.3f\n", name, 1e-6 * (double)f.size, best);
  free(f.text);
}

int main(int argc, char **argv) {
  size_t most = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
  double times[TIMES] = {0};
  scale("chain", chain);
  scale("wide", wide);
  scale("net", net);
  live(chain, most, times);
  print_times("chain", most, times);
  load("short nodes", short_nodes);
  load("backward", backward);
  load("block style", blocks);
  load("nested", nested);
  load("sources", sources);
  return 0;
}
