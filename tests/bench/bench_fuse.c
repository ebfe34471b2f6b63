/* SPDX-License-Identifier: MIT
 *
 * How fast fused elementwise steps run beside a copy in memory: bench_fuse [ROWS [COLUMNS [ROUNDS]]]. Each
 * expression is planned twice on float32 placeholders, with the passes fuse and epilogue and without, and run
 * in turn on one thread; medians count. The bytes are those of what is fed and of the result, each once;
 * `share` is their rate over that of memcpy between two arrays, measured in the same rounds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <gemmule/gemmule.h>
#include "clock.h"

enum { MOST_ROUNDS = 101, INPUTS = 6 };

/** arrays: how many arrays of rows × columns are read and written; without: the passes to do without. */
typedef struct bench {
  const char *name, *expression;
  double arrays;
} bench;

#define GELU                                                                                                 \
  "{multiply: [{multiply: [x, 0.5]}, {add: [{tanh: {multiply: [{add: [x, {multiply: [{multiply: "            \
  "[{multiply: "                                                                                             \
  "[x, x]}, x]}, 0.044715]}]}, 0.7978846]}}, 1]}]}"
static const bench benches[] = {{"scale, bias, relu", "{relu: {add: [{multiply: [x, s]}, b]}}", 2},
    {"scale and shift by one", "{relu: {add: [{multiply: [x, s]}, s]}}", 2}, {"gelu written out", GELU, 2},
    {"residuals", "{add: [{relu: {add: [{relu: {add: [x, y]}}, z]}}, x]}", 4},
    {"column and row", "{tanh: {multiply: [{subtract: [x, c]}, b]}}", 2},
    {"through a transpose", "{add: [{relu: {transpose: {multiply: [t, s]}}}, x]}", 3},
    {"softmax written out",
        "{divide: [{exp: {subtract: [x, {max: x, axis: -1, keepdims: true}]}}, {sum: {exp: {subtract: [x, "
        "{max: x, axis: -1, keepdims: true}]}}, axis: -1, keepdims: true}]}",
        2},
    {"sum of squares", "{sum: {square: {subtract: [x, b]}}, axis: -1}", 1},
    {"product, bias, relu", "{relu: {add: [{dot: [x, w]}, b]}}", 2},
    {"product, residual", "{add: [{relu: {add: [{dot: [x, w]}, b]}}, y]}", 3}};

static gm_tensor *filled(int64_t rows, int64_t columns) {
  gm_tensor *made = gm_tensor_new(GM_FLOAT32, 2, (int64_t[]){rows, columns}, NULL);
  float *values = made ? gm_tensor_data(made) : NULL;
  for (int64_t i = 0; made && i < rows * columns; i++) values[i] = (float)(i * 7919 % 20011) / 2001 - 4.5f;
  return made;
}

static void stop(const char *what, const gm_error *error) {
  fprintf(stderr, "%s: %s\n", what, error->message);
  exit(1);
}

static gm_executor *executor_of(const bench *what, const char *without, gm_tensor *const *values) {
  static const char *const names[INPUTS] = {"x", "y", "z", "t", "c", "w"};
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  gm_error error = {0};
  char text[2000];
  snprintf(text, sizeof text,
      "gemmule: 1\nplaceholders:\n  x: {shape: [m, n]}\n  y: {shape: [m, n]}\n  z: {shape: [m, n]}\n"
      "  t: {shape: [n, m]}\n  c: {shape: [m, 1]}\n  w: {shape: [n, n]}\n"
      "variables:\n  b: {shape: [%lld], init: {random_uniform: {seed: 1}}}\n  s: {value: 1.5}\n"
      "nodes:\n  r: %s\noutputs: [r]\n",
      (long long)gm_tensor_dims(values[0])[1], what->expression);
  gm_graph *graph = gm_graph_parse(text, strlen(text), NULL, &error);
  options.threads = 1;
  options.without = without;
  gm_plan *plan = graph ? gm_plan_new(graph, NULL, 0, &options, &error) : NULL;
  gm_executor *executor = plan ? gm_executor_new(plan, &error) : NULL;
  if (!executor) stop(what->name, &error);
  for (int i = 0; i < INPUTS; i++)
    if (gm_executor_feed(executor, names[i], values[i], &error)) stop(what->name, &error);
  if (gm_executor_run(executor, &error)) stop(what->name, &error);
  gm_plan_free(plan);
  gm_graph_free(graph);
  return executor;
}

static double run_time(gm_executor *executor) {
  gm_error error = {0};
  double start = now();
  if (gm_executor_run(executor, &error)) stop("run", &error);
  return now() - start;
}

static double copy_time(const gm_tensor *from, gm_tensor *to) {
  double start = now();
  memcpy(gm_tensor_data(to), gm_tensor_cdata(from), (size_t)gm_tensor_count(from) * sizeof(float));
  return now() - start;
}

static void print_bench(const bench *what, gm_tensor *const *values, gm_tensor *scratch, int rounds) {
  double copies[MOST_ROUNDS], fused[MOST_ROUNDS], apart[MOST_ROUNDS];
  gm_executor *with = executor_of(what, NULL, values),
              *without = executor_of(what, "fuse,epilogue,rows", values);
  for (int i = 0; i < rounds; i++) {
    copies[i] = copy_time(values[0], scratch);
    fused[i] = run_time(with);
    apart[i] = run_time(without);
  }
  double copy = median(copies, rounds), one = median(fused, rounds), many = median(apart, rounds);
  printf("%-22s %9.3f ms, %5.2f of a copy; %9.3f ms as single steps, %5.2f times\n", what->name, one * 1e3,
      what->arrays * copy / (2 * one), many * 1e3, many / one);
  gm_executor_free(with);
  gm_executor_free(without);
}

int main(int argc, char **argv) {
  int64_t rows = argc > 1 ? (int64_t)atof(argv[1]) : 10000,
          columns = argc > 2 ? (int64_t)atof(argv[2]) : 1000;
  int rounds = argc > 3 ? atoi(argv[3]) : 11;
  if (rows < 1 || columns < 1 || rounds < 1 || rounds > MOST_ROUNDS) {
    fprintf(stderr, "usage: bench_fuse [ROWS [COLUMNS [ROUNDS, at most %d]]]\n", MOST_ROUNDS);
    return 2;
  }
  gm_tensor *values[INPUTS] = {filled(rows, columns), filled(rows, columns), filled(rows, columns),
      filled(columns, rows), filled(rows, 1), filled(columns, columns)};
  gm_tensor *scratch = filled(rows, columns);
  bool fine = scratch != NULL;
  for (int i = 0; i < INPUTS; i++) fine = fine && values[i];
  for (size_t i = 0; fine && i < sizeof benches / sizeof *benches; i++)
    print_bench(&benches[i], values, scratch, rounds);
  for (int i = 0; i < INPUTS; i++) gm_tensor_free(values[i]);
  gm_tensor_free(scratch);
  return fine ? 0 : 1;
}
