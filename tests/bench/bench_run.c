/* SPDX-License-Identifier: MIT
 *
 * What a run costs: bench_run GRAPHS [GEMMULE [LIBRARY]], paths of the folder graphs, the command, and the
 * shared library. A warm run of (2, 3) · (3, 4) with its allocations, counted by the program's own malloc;
 * the digits at three batch sizes against cblas_sgemm and plain loops for bias, relu and softmax, block by
 * block in turn, so that both meet the same machine; `gemmule run` as a whole process; the library's size,
 * stripped. Medians, one thread. */
#include <cblas.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <gemmule/gemmule.h>
#include "clock.h"
#include "counted.h"

enum { BLOCKS = 41, PROCESSES = 15, PIXELS = 64, HIDDEN = 32, DIGITS = 10, MOST = 397 };

/* ---- Times ---- */

static void stop(const char *what, const gm_error *error) {
  fprintf(stderr, "%s: %s\n", what, error->message);
  exit(1);
}

static gm_executor *executor_of(const gm_graph *graph, const gm_node *output, size_t count) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  gm_error error = {0};
  options.threads = 1;
  gm_plan *plan = gm_plan_new(graph, output, count, &options, &error);
  gm_executor *executor = plan ? gm_executor_new(plan, &error) : NULL;
  if (!executor) stop("plan", &error);
  gm_plan_free(plan);
  return executor;
}

static void feed(gm_executor *executor, const char *name, const gm_tensor *value) {
  gm_error error = {0};
  if (gm_executor_feed(executor, name, value, &error)) stop(name, &error);
}

static void run(gm_executor *executor) {
  gm_error error = {0};
  if (gm_executor_run(executor, &error)) stop("run", &error);
}

/* ---- A small product ---- */

static double runs_time(gm_executor *executor, int runs) {
  double start = now();
  for (int i = 0; i < runs; i++) gm_executor_run(executor, NULL);
  return (now() - start) / runs;
}

static void small_product(void) {
  double times[BLOCKS];
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "2, 3"),
          y = gm_placeholder(graph, "y", GM_FLOAT32, "3, 4");
  gm_node xy = gm_dot(graph, x, y);
  gm_tensor *a = gm_tensor_parse("[[1, 2, 3], [4, 5, 6]]", GM_FLOAT32, NULL);
  gm_tensor *b = gm_tensor_parse("[[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]", GM_FLOAT32, NULL);
  gm_executor *executor = executor_of(graph, &xy, 1);
  feed(executor, "x", a);
  feed(executor, "y", b);
  run(executor);
  unsigned long before = counted_allocations();
  for (int i = 0; i < BLOCKS; i++) times[i] = runs_time(executor, 10000);
  unsigned long counted = counted_allocations() - before;
  double best = INFINITY;
  for (int i = 0; i < BLOCKS; i++) best = fmin(best, times[i]);
  printf("(2, 3) · (3, 4), warm      %.1f ns a run (best %.1f), %lu allocations in %d runs\n",
      1e9 * median(times, BLOCKS), 1e9 * best, counted, BLOCKS * 10000);
  gm_executor_free(executor);
  gm_tensor_free(a);
  gm_tensor_free(b);
  gm_graph_free(graph);
}

/* ---- The digits ---- */

typedef struct net {
  const float *images;
  float *w1, *b1, *w2, *b2, *hidden, *out;
  int batch;
} net;

static void add_bias(float *restrict rows, const float *restrict bias, int count, int width) {
  for (int r = 0; r < count; r++)
    for (int c = 0; c < width; c++) rows[r * width + c] += bias[c];
}

static void relu(float *values, int count) {
  for (int i = 0; i < count; i++) values[i] = values[i] > 0 ? values[i] : 0;
}

static void softmax(float *row, int width) {
  float most = row[0], sum = 0;
  for (int c = 1; c < width; c++) most = row[c] > most ? row[c] : most;
  for (int c = 0; c < width; c++) row[c] = expf(row[c] - most);
  for (int c = 0; c < width; c++) sum += row[c];
  for (int c = 0; c < width; c++) row[c] /= sum;
}

static void plain(const net *n) {
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n->batch, HIDDEN, PIXELS, 1, n->images, PIXELS,
      n->w1, HIDDEN, 0, n->hidden, HIDDEN);
  add_bias(n->hidden, n->b1, n->batch, HIDDEN);
  relu(n->hidden, n->batch * HIDDEN);
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n->batch, DIGITS, HIDDEN, 1, n->hidden, HIDDEN,
      n->w2, DIGITS, 0, n->out, DIGITS);
  add_bias(n->out, n->b2, n->batch, DIGITS);
  for (int r = 0; r < n->batch; r++) softmax(n->out + r * DIGITS, DIGITS);
}

static double plain_time(const net *n, int runs) {
  double start = now();
  for (int i = 0; i < runs; i++) plain(n);
  return (now() - start) / runs;
}

static void compare(const net *n, const gm_tensor *got) {
  const float *values = gm_tensor_cdata(got);
  for (int i = 0; i < n->batch * DIGITS; i++)
    if (!(fabsf(values[i] - n->out[i]) <= 1e-5f)) {
      fprintf(stderr, "digits: element %d is %g, but plainly %g\n", i, (double)values[i], (double)n->out[i]);
      exit(1);
    }
}

static void digits_at(gm_executor *executor, net *n, int batch) {
  double ours[BLOCKS], theirs[BLOCKS], ratios[BLOCKS];
  int runs = 1 + 20000 / batch;
  n->batch = batch;
  gm_tensor *images = gm_tensor_wrap(
      GM_FLOAT32, 2, (int64_t[]){batch, PIXELS}, (void *)(uintptr_t)n->images, NULL, NULL, NULL);
  feed(executor, "images", images);
  run(executor);
  plain(n);
  compare(n, gm_executor_output(executor, 0));
  for (int i = 0; i < BLOCKS; i++) {
    ours[i] = runs_time(executor, runs);
    theirs[i] = plain_time(n, runs);
    ratios[i] = ours[i] / theirs[i];
  }
  printf("digits, batch %-3d          %.2f µs, plainly %.2f µs, ratio %.2f\n", batch,
      1e6 * median(ours, BLOCKS), 1e6 * median(theirs, BLOCKS), median(ratios, BLOCKS));
  feed(executor, "images", NULL);
  gm_tensor_free(images);
}

static gm_tensor *loaded(const char *folder, const char *name) {
  char path[4096];
  gm_error error = {0};
  snprintf(path, sizeof path, "%s/digits/%s.npy", folder, name);
  gm_tensor *tensor = gm_tensor_load(path, &error);
  if (!tensor) stop(path, &error);
  return tensor;
}

static void digits(const char *folder) {
  static const char *const names[] = {"images", "w1", "b1", "w2", "b2"};
  static float hidden[MOST * HIDDEN], out[MOST * DIGITS];
  static const int batches[] = {1, 64, MOST};
  char path[4096];
  gm_error error = {0};
  gm_tensor *values[5];
  snprintf(path, sizeof path, "%s/digits.yaml", folder);
  gm_graph *graph = gm_graph_load(path, NULL, &error);
  if (!graph) stop(path, &error);
  for (int i = 0; i < 5; i++) values[i] = loaded(folder, names[i]);
  net n = {gm_tensor_cdata(values[0]), gm_tensor_data(values[1]), gm_tensor_data(values[2]),
      gm_tensor_data(values[3]), gm_tensor_data(values[4]), hidden, out, 0};
  gm_node output;
  gm_graph_outputs(graph, &output, 1);
  gm_executor *executor = executor_of(graph, &output, 1);
  for (int i = 0; i < 3; i++) digits_at(executor, &n, batches[i]);
  gm_executor_free(executor);
  for (int i = 0; i < 5; i++) gm_tensor_free(values[i]);
  gm_graph_free(graph);
}

/* ---- Whole processes ---- */

extern char **environ;

static double process_time(char *const *arguments) {
  posix_spawn_file_actions_t quiet;
  pid_t child;
  int status = 0;
  posix_spawn_file_actions_init(&quiet);
  posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", 2, 0);
  double start = now();
  if (posix_spawnp(&child, arguments[0], &quiet, NULL, arguments, environ) != 0) return NAN;
  waitpid(child, &status, 0);
  double time = now() - start;
  posix_spawn_file_actions_destroy(&quiet);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? time : NAN;
}

static void whole_process(char *command, const char *folder) {
  char graph[4096], images[4096];
  double times[PROCESSES];
  snprintf(graph, sizeof graph, "%s/digits.yaml", folder);
  snprintf(images, sizeof images, "images=%s/digits/images.npy", folder);
  char *arguments[] = {command, "run", graph, "--feed", images, NULL};
  for (int i = 0; i < PROCESSES; i++) times[i] = process_time(arguments);
  double middle = median(times, PROCESSES);
  printf("gemmule run digits.yaml    %.1f ms as a whole process (best %.1f)\n", 1e3 * middle, 1e3 * times[0]);
}

static void library_size(char *library) {
  char stripped[] = "/tmp/bench_run_XXXXXX";
  struct stat facts;
  int file = mkstemp(stripped);
  char *arguments[] = {"strip", "-o", stripped, library, NULL};
  if (file >= 0 && !isnan(process_time(arguments)) && stat(stripped, &facts) == 0)
    printf("shared library, stripped   %lld bytes\n", (long long)facts.st_size);
  if (file >= 0) unlink(stripped), close(file);
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: bench_run GRAPHS [GEMMULE [LIBRARY]]\n");
    return 2;
  }
  openblas_set_num_threads(1);
  printf("OpenBLAS for %s", openblas_get_corename());
  if (getenv("OPENBLAS_CORETYPE") || getenv("OPENBLAS_L2_SIZE"))
    printf(", as the environment says: unset OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE");
  printf("\n");
  small_product();
  digits(argv[1]);
  if (argc > 2) whole_process(argv[2], argv[1]);
  if (argc > 3) library_size(argv[3]);
  return 0;
}
