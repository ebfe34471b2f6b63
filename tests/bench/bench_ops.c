/* SPDX-License-Identifier: MIT
 *
 * How fast simple operations run beside a copy in memory: bench_ops [ELEMENTS [ROUNDS]]. Each operation is
 * planned once on float32 placeholders, fed, and run on one thread into a buffer of its own; the median of
 * the rounds counts. The bytes are those of operands and result, each once; `share` is their rate over that
 * of memcpy between two such arrays, measured in the same rounds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <gemmule/gemmule.h>
#include "clock.h"

enum { COLUMNS = 1000, MOST_ROUNDS = 101, MOST_INPUTS = 2 };

typedef struct bench {
  const char *op, *attributes;
  int inputs;
  double results; /* elements written, of each read by an input */
} bench;

static const bench benches[] = {{"add", NULL, 2, 1}, {"relu", NULL, 1, 1}, {"exp", NULL, 1, 1},
    {"tanh", NULL, 1, 1}, {"sigmoid", NULL, 1, 1}, {"log", NULL, 1, 1}, {"erf", NULL, 1, 1},
    {"gelu", NULL, 1, 1}, {"maximum", NULL, 2, 1}, {"sum", NULL, 1, 0}, {"sum", "{axis: 0}", 1, 0},
    {"sum", "{axis: 1}", 1, 0}, {"softmax", NULL, 1, 1}, {"transpose", NULL, 1, 1},
    {"concatenate", NULL, 2, 2}, {"concatenate", "{axis: 0}", 2, 2}};

static gm_tensor *filled(int64_t rows) {
  gm_tensor *made = gm_tensor_new(GM_FLOAT32, 2, (int64_t[]){rows, COLUMNS}, NULL);
  float *values = made ? gm_tensor_data(made) : NULL;
  for (int64_t i = 0; made && i < rows * COLUMNS; i++) values[i] = (float)(i * 7919 % 20011) / 2001 - 4.5f;
  return made;
}

static double copy_time(const gm_tensor *from, gm_tensor *to, int rounds) {
  double times[MOST_ROUNDS];
  size_t bytes = (size_t)gm_tensor_count(from) * sizeof(float);
  for (int i = 0; i < rounds; i++) {
    double start = now();
    memcpy(gm_tensor_data(to), gm_tensor_cdata(from), bytes);
    times[i] = now() - start;
  }
  return median(times, rounds);
}

/* An operation made ready. `seconds` is the median of its runs; negative where one failed, as `error` tells.
 */
static double run_time(
    gm_executor *executor, gm_tensor *const *values, int inputs, int rounds, gm_error *error) {
  static const char *const names[MOST_INPUTS] = {"x", "y"};
  double times[MOST_ROUNDS];
  for (int i = 0; i < inputs; i++)
    if (gm_executor_feed(executor, names[i], values[i], error)) return -1;
  if (gm_executor_run(executor, error)) return -1;
  for (int i = 0; i < rounds; i++) {
    double start = now();
    if (gm_executor_run(executor, error)) return -1;
    times[i] = now() - start;
  }
  return median(times, rounds);
}

static double seconds(const bench *what, gm_tensor *const *values, int rounds, gm_error *error) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  gm_graph *graph = gm_graph_new(NULL, error);
  gm_node inputs[MOST_INPUTS] = {
      gm_placeholder(graph, "x", GM_FLOAT32, "m, n"), gm_placeholder(graph, "y", GM_FLOAT32, "m, n")};
  gm_node node = gm_apply(graph, what->op, inputs, (size_t)what->inputs, what->attributes);
  options.threads = 1;
  gm_plan *plan = gm_plan_new(graph, &node, 1, &options, error);
  gm_executor *executor = plan ? gm_executor_new(plan, error) : NULL;
  double time = executor ? run_time(executor, values, what->inputs, rounds, error) : -1;
  gm_executor_free(executor);
  gm_plan_free(plan);
  gm_graph_free(graph);
  return time;
}

static bool print_bench(const bench *what, gm_tensor *const *values, gm_tensor *scratch, int rounds) {
  gm_error error = {0};
  double copy = copy_time(values[0], scratch, rounds), time = seconds(what, values, rounds, &error);
  if (time < 0) {
    fprintf(stderr, "%s: %s\n", what->op, error.message);
    return false;
  }
  double count = (double)gm_tensor_count(values[0]), bytes = (what->inputs + what->results) * count * 4;
  printf("%-12s %-10s %9.3g elements/s %7.2f GB/s %6.2f of a copy (%.2f GB/s)\n", what->op,
      what->attributes ? what->attributes : "", count * (what->results > 1 ? what->results : 1) / time,
      bytes / time * 1e-9, bytes / time / (2 * count * 4 / copy), 2 * count * 4 / copy * 1e-9);
  return true;
}

int main(int argc, char **argv) {
  int64_t rows = (argc > 1 ? (int64_t)atof(argv[1]) : 10000000) / COLUMNS;
  int rounds = argc > 2 ? atoi(argv[2]) : 11;
  if (rows < 1 || rounds < 1 || rounds > MOST_ROUNDS) {
    fprintf(stderr, "usage: bench_ops [ELEMENTS, %d or more [ROUNDS, at most %d]]\n", COLUMNS, MOST_ROUNDS);
    return 2;
  }
  gm_tensor *values[MOST_INPUTS] = {filled(rows), filled(rows)}, *scratch = filled(rows);
  bool fine = values[0] && values[1] && scratch;
  for (size_t i = 0; fine && i < sizeof benches / sizeof *benches; i++)
    fine = print_bench(&benches[i], values, scratch, rounds);
  for (int i = 0; i < MOST_INPUTS; i++) gm_tensor_free(values[i]);
  gm_tensor_free(scratch);
  return fine ? 0 : 1;
}
