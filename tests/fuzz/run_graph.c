/* SPDX-License-Identifier: MIT
 *
 * The symbols of a graph get small lengths, from which the values to feed follow; what the lengths cost is
 * bounded from above before anything is run. */
#include "run_graph.h"

#include <math.h>
#include <stdio.h>
#include <sys/stat.h>
#include "graph/graph.h"

enum { FEEDS = 16, ELEMENTS = 1 << 14 };

struct lengths {
  gm__values values;
};

/* ---- Lengths ---- */

lengths *fuzz_lengths(const gm_graph *graph, int64_t least) {
  lengths *of = calloc(1, sizeof *of);
  if (!of || !gm__values_reserve(&of->values, graph->dims)) {
    fuzz_lengths_free(of);
    return NULL;
  }
  gm__values_clear(&of->values, graph->dims);
  for (size_t i = 0; i < gm__symbol_count(graph->dims); i++) {
    const char *name = gm__symbol_name(graph->dims, i);
    gm__values_set(&of->values, graph->dims, name, strlen(name), least + (int64_t)(i % 3), NULL, NULL);
  }
  return of;
}

void fuzz_lengths_free(lengths *of) {
  if (of) gm__values_free(&of->values);
  free(of);
}

static double length_of(const gm_graph *graph, gm__dim dim, const lengths *of) {
  int64_t length;
  bool known = gm__dim_evaluate(graph->dims, dim, &of->values, &length, NULL) == GM_OK;
  return known ? (double)length : (double)INFINITY;
}

int64_t fuzz_length(const gm_graph *graph, gm_node node, int axis, const lengths *of) {
  const gm__node *known = gm__node_of(graph, gm__node_id(graph, node));
  int64_t length;
  bool fine = gm__dim_evaluate(graph->dims, known->dims[axis], &of->values, &length, NULL) == GM_OK;
  return fine ? length : 2;
}

gm_tensor *fuzz_value(const gm_graph *graph, gm_node node, const lengths *of) {
  int64_t dims[GM_MAX_RANK];
  double count = 1;
  int rank = gm_node_rank(graph, node);
  for (int axis = 0; axis < rank; axis++) {
    dims[axis] = fuzz_length(graph, node, axis, of);
    count *= (double)dims[axis];
  }
  return count <= ELEMENTS ? fuzz_tensor(gm_node_dtype(graph, node), rank, dims, 1 + node.id) : NULL;
}

/* ---- Cost ---- */

static double elements(const gm_graph *graph, const gm__node *node, const lengths *of) {
  double count = 1;
  for (int axis = 0; axis < node->rank; axis++) count *= length_of(graph, node->dims[axis], of);
  return isnan(count) ? (double)INFINITY : count;
}

/** The elements of the result, each from at most as many as an input's longest axis has, and the inputs. */
static double cost_of(const gm_graph *graph, const gm__node *node, const lengths *of) {
  double longest = 1, inputs = 0;
  for (uint32_t i = 0; i < node->input_count; i++) {
    const gm__node *input = gm__node_of(graph, node->inputs[i]);
    inputs += elements(graph, input, of);
    for (int axis = 0; axis < input->rank; axis++)
      longest = fmax(longest, length_of(graph, input->dims[axis], of));
  }
  double count = elements(graph, node, of);
  return inputs + (count == 0 ? 0 : count * longest);
}

double fuzz_cost(const gm_graph *graph, const lengths *of) {
  double sum = 0;
  for (uint32_t id = 1; id <= graph->count; id++) sum += cost_of(graph, gm__node_of(graph, id), of);
  return sum;
}

/* ---- Saving ---- */

/** Saves to `path`; NULL where a file has no form for it, or there is no memory. */
static char *saved(const gm_graph *graph, const char *path, size_t *size) {
  gm_error error = {0};
  gm_status status = gm_graph_save(graph, path, &error);
  fuzz_status(status, &error);
  NEED(status == GM_OK || status == GM_UNSUPPORTED || status == GM_NO_MEMORY);
  return status ? NULL : fuzz_read(path, size);
}

void fuzz_saves(const gm_graph *graph) {
  gm_error error = {0};
  size_t one_size = 0, two_size = 0;
  mkdir(fuzz_path("one"), 0700);
  mkdir(fuzz_path("two"), 0700);
  char *one = saved(graph, fuzz_path("one/g.yaml"), &one_size);
  if (!one) return;
  gm_graph *again = gm_graph_load(fuzz_path("one/g.yaml"), NULL, &error);
  if (!again) fprintf(stderr, "%s\n%d:%d: %s\n", one, error.line, error.column, error.message);
  NEED(again != NULL || error.status == GM_NO_MEMORY);
  char *two = again ? saved(again, fuzz_path("two/g.yaml"), &two_size) : NULL;
  bool same = !two || (one_size == two_size && memcmp(one, two, one_size) == 0);
  if (!same) fprintf(stderr, "%s\nbecame\n%s\n", one, two);
  NEED(same);
  gm_graph_free(again);
  free(one);
  free(two);
}

/* ---- Planning and running ---- */

void fuzz_plan_text(const gm_plan *plan, const char *dims) {
  char small[64], text[4096];
  gm_error error = {0};
  for (unsigned flags = 0; flags <= GM_TEXT_JSON; flags++) {
    size_t length = gm_plan_text(plan, dims, flags, text, sizeof text, &error);
    if (length == 0) {
      fuzz_refused(&error);
      continue;
    }
    NEED(strlen(text) == (length < sizeof text ? length : sizeof text - 1));
    NEED(gm_plan_text(plan, dims, flags, small, sizeof small, &error) == length);
    NEED(strncmp(small, text, sizeof small - 1) == 0);
  }
}

typedef struct trial {
  gm_executor *executor;
  gm_tensor *feeds[FEEDS];
  int count;
} trial;

/** False where a value is too large, or there are too many. */
static bool feed_all(trial *t, const gm_graph *graph, const lengths *of) {
  gm_error error = {0};
  for (size_t i = 0; i < gm_graph_node_count(graph); i++) {
    gm_node node = gm_graph_node_at(graph, i);
    if (strcmp(gm_node_op(graph, node), "placeholder") != 0) continue;
    if (t->count == FEEDS) return false;
    gm_tensor *value = t->feeds[t->count++] = fuzz_value(graph, node, of);
    if (!value) return false;
    NEED(gm_executor_feed(t->executor, gm_node_name(graph, node), value, &error) == GM_OK);
  }
  return true;
}

static void check_dims(const gm_graph *graph, gm_node node, const gm_executor *executor, size_t index) {
  const gm_tensor *value = gm_executor_output(executor, index);
  int rank = -1;
  const int64_t *dims = gm_executor_output_dims(executor, index, &rank);
  NEED(value != NULL && (dims != NULL || rank == 0));
  NEED(gm_tensor_rank(value) == rank && rank == gm_node_rank(graph, node));
  NEED(gm_tensor_dtype(value) == gm_node_dtype(graph, node));
  for (int axis = 0; axis < rank; axis++) {
    int64_t known = gm_node_dim(graph, node, axis);
    NEED(gm_tensor_dims(value)[axis] == dims[axis] && (known < 0 || known == dims[axis]));
  }
}

static void run_twice(trial *t, const gm_graph *graph, const gm_node *outputs, size_t count) {
  gm_error error = {0};
  gm_status status = gm_executor_run(t->executor, &error);
  fuzz_status(status, &error);
  if (status) return;
  for (size_t i = 0; i < count; i++) {
    check_dims(graph, outputs[i], t->executor, i);
    const gm_tensor *value = gm_executor_output(t->executor, i);
    size_t size = (size_t)gm_tensor_count(value) * gm_dtype_size(gm_tensor_dtype(value));
    char *before = malloc(size + 1);
    NEED(before != NULL);
    memcpy(before, gm_tensor_cdata(value), size);
    NEED(gm_executor_run(t->executor, &error) == GM_OK);
    NEED(memcmp(before, gm_tensor_cdata(gm_executor_output(t->executor, i)), size) == 0);
    free(before);
  }
}

static void try_lengths(
    gm_plan *plan, const gm_graph *graph, const gm_node *outputs, size_t count, int64_t least) {
  trial t = {.executor = gm_executor_new(plan, NULL)};
  lengths *of = fuzz_lengths(graph, least);
  gm_error error = {0};
  if (t.executor && of && fuzz_cost(graph, of) <= FUZZ_COST) {
    if (feed_all(&t, graph, of))
      run_twice(&t, graph, outputs, count);
    else
      fuzz_status(gm_executor_prepare(t.executor, &error), &error);
  }
  fuzz_lengths_free(of);
  gm_executor_free(t.executor);
  for (int i = 0; i < t.count; i++) gm_tensor_free(t.feeds[i]);
}

void fuzz_plan_and_run(const gm_graph *graph, const gm_node *outputs, size_t count) {
  gm_error error = {0};
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  options.threads = 1;
  gm_plan *plan = gm_plan_new(graph, outputs, count, &options, &error);
  if (!plan) {
    fuzz_refused(&error);
    return;
  }
  fuzz_plan_text(plan, NULL);
  try_lengths(plan, graph, outputs, count, 1);
  try_lengths(plan, graph, outputs, count, 2);
  gm_plan_free(plan);
}
