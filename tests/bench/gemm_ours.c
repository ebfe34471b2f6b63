/* SPDX-License-Identifier: MIT
 *
 * Our products, through the public interface alone: a graph, a plan, feeds and output bound, warm runs.
 * Several second factors, where asked for, are as many graphs that run in turn. */
#include "clock.h"
#include "gemm.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct one {
  gm_graph *graph;
  gm_node weights;
  gm_plan *plan;
  gm_executor *executor;
  gm_tensor *x, *y, *out;
} one;

typedef struct ours {
  int count, turn;
  one each[MOST_COPIES];
} ours;

void ours_stop(const char *what, const gm_error *error) {
  fprintf(stderr, "%s: %s\n", what, error->message);
  exit(1);
}

static void run_one(void *state) {
  ours *o = state;
  gm_error error = {0};
  if (gm_executor_run(o->each[o->turn].executor, &error)) ours_stop("run", &error);
  if (++o->turn == o->count) o->turn = 0;
}

static void drop_ours(void *state) {
  ours *o = state;
  for (int i = 0; i < o->count; i++) {
    gm_executor_free(o->each[i].executor);
    gm_plan_free(o->each[i].plan);
    gm_graph_free(o->each[i].graph);
    gm_tensor_free(o->each[i].x);
    gm_tensor_free(o->each[i].y);
    gm_tensor_free(o->each[i].out);
  }
  free(o);
}

/* ---- Building ---- */

static gm_tensor *wrapped(gm_dtype dtype, int count, int rows, int columns, const void *data) {
  gm_error error = {0};
  const int64_t dims[] = {count, rows, columns};
  bool many = count > 1;
  gm_tensor *made = gm_tensor_wrap(
      dtype, many ? 3 : 2, many ? dims : dims + 1, (void *)(uintptr_t)data, NULL, NULL, &error);
  if (!made) ours_stop("tensor", &error);
  return made;
}

static gm_node placeholder(
    gm_graph *graph, const char *name, gm_dtype dtype, int count, int rows, int columns) {
  char text[64];
  int length = count > 1 ? snprintf(text, sizeof text, "%d, ", count) : 0;
  snprintf(text + length, sizeof text - (size_t)length, "%d, %d", rows, columns);
  return gm_placeholder(graph, name, dtype, text);
}

static gm_node build(one *made, const product *p, const operands *o) {
  gm_node x = placeholder(made->graph, "x", p->dtype, p->count, p->m, p->k), y, xy;
  if (p->constant)
    y = made->weights = gm_variable(made->graph, "y", made->y);
  else
    y = placeholder(made->graph, "y", p->dtype, p->count, p->k, p->n);
  gm_node factors[2] = {x, y};
  xy = p->count > 1 ? gm_apply(made->graph, "matmul", factors, 2, NULL) : gm_dot(made->graph, x, y);
  if (p->bias) {
    gm_tensor *values = gm_tensor_wrap(p->dtype, 1, (int64_t[]){p->n}, o->bias, NULL, NULL, NULL);
    gm_node with[2] = {xy, gm_variable(made->graph, "b", values)};
    xy = gm_apply(made->graph, "bias_add", with, 2, NULL);
    gm_tensor_free(values);
  }
  return p->relu ? gm_apply(made->graph, "relu", &xy, 1, NULL) : xy;
}

static void make_executor(one *made, const bench *b, gm_node node, int threads, size_t max_packed) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  gm_error error = {0};
  if (gm_graph_error(made->graph, &error)) ours_stop("graph", &error);
  options.threads = threads;
  options.kernel = b->set.kernel;
  options.max_packed_bytes = max_packed;
  made->plan = gm_plan_new(made->graph, &node, 1, &options, &error);
  made->executor = made->plan ? gm_executor_new(made->plan, &error) : NULL;
  if (!made->executor) ours_stop("plan", &error);
}

static void feed(gm_executor *executor, const char *name, const gm_tensor *value) {
  gm_error error = {0};
  if (gm_executor_feed(executor, name, value, &error)) ours_stop(name, &error);
}

/** Binds memory on huge pages to the result, and runs once. */
static void bind_result(one *made) {
  gm_error error = {0};
  int rank;
  if (gm_executor_prepare(made->executor, &error)) ours_stop("prepare", &error);
  if (gm_executor_run(made->executor, &error)) ours_stop("run", &error);
  gm_dtype dtype = gm_tensor_dtype(gm_executor_output(made->executor, 0));
  int64_t count = gm_tensor_count(gm_executor_output(made->executor, 0));
  const int64_t *dims = gm_executor_output_dims(made->executor, 0, &rank);
  void *data = memory_take((size_t)count * gm_dtype_size(dtype));
  made->out = gm_tensor_wrap(dtype, rank, dims, data, NULL, NULL, &error);
  if (!made->out || gm_executor_bind_output(made->executor, 0, made->out, &error))
    ours_stop("output", &error);
  if (gm_executor_run(made->executor, &error)) ours_stop("run", &error);
}

static void make_one(
    one *made, const bench *b, const product *p, const operands *o, int copy, size_t max_packed) {
  gm_error error = {0};
  made->graph = gm_graph_new(NULL, &error);
  made->x = wrapped(p->dtype, p->count, p->m, p->k, o->x);
  made->y = wrapped(p->dtype, p->count, p->k, p->n, o->y[copy]);
  make_executor(made, b, build(made, p, o), p->threads, max_packed);
  feed(made->executor, "x", made->x);
  if (!p->constant) feed(made->executor, "y", made->y);
  bind_result(made);
}

entry ours_product(const bench *b, const product *p, const operands *o, size_t max_packed) {
  ours *made = calloc(1, sizeof *made);
  made->count = p->copies;
  for (int i = 0; i < p->copies; i++) make_one(&made->each[i], b, p, o, i, max_packed);
  return (entry){run_one, drop_ours, made, 0};
}

entry ours_graph(
    const bench *b, gm_graph *graph, gm_node node, const char *name, int rows, int columns, const void *x) {
  ours *made = calloc(1, sizeof *made);
  made->count = 1;
  made->each[0].graph = graph;
  make_executor(&made->each[0], b, node, 1, 0);
  if (name) {
    made->each[0].x = wrapped(GM_FLOAT32, 1, rows, columns, x);
    feed(made->each[0].executor, name, made->each[0].x);
  }
  bind_result(&made->each[0]);
  return (entry){run_one, drop_ours, made, 0};
}

/* ---- Looking at it ---- */

const void *ours_result(const entry *e, int64_t *count) {
  const ours *o = e->state;
  const gm_tensor *out = o->each[o->count - 1].out;
  *count = gm_tensor_count(out);
  return gm_tensor_cdata(out);
}

static double run_time(ours *o) {
  double start = now();
  run_one(o);
  return now() - start;
}

double ours_pack_time(const entry *e) {
  ours *o = e->state;
  const one *each = &o->each[0];
  gm_plan_size size = {.struct_size = sizeof size};
  gm_error error = {0};
  if (gm_plan_sizes(each->plan, NULL, &size, &error)) ours_stop("sizes", &error);
  if (size.packed == 0) return 0;
  if (gm_variable_set(each->graph, each->weights, each->y, &error)) ours_stop("set", &error);
  o->turn = 0;
  double first = run_time(o);
  o->turn = 0;
  return first - run_time(o);
}
