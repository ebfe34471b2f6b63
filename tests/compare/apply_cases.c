/* SPDX-License-Identifier: MIT
 *
 * Runs operations on .npy files for compare_numpy.py. Each line of stdin is one case, its fields parted by
 * tabs: how the placeholders are declared ("known" or "unknown" dims), the operation, its attributes, the
 * output file, the input files. Prints a line for each: "ok", or the status and the message. */
#include <gemmule/gemmule.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DECLARED, OP, ATTRIBUTES, OUTPUT, INPUTS, FIELDS = 20 };

typedef struct job {
  char *field[FIELDS];
  int fields, inputs;
  gm_tensor *value[FIELDS];
  gm_node node[FIELDS];
  gm_graph *graph;
} job;

static int split(char *line, char **field) {
  int count = 0;
  line[strcspn(line, "\n")] = '\0';
  for (char *at = line; at != NULL && count < FIELDS;) field[count++] = strsep(&at, "\t");
  return count;
}

static void declare(const job *j, const gm_tensor *value, char *text, size_t size) {
  size_t at = 0;
  text[0] = '\0';
  for (int axis = 0; axis < gm_tensor_rank(value) && at < size; axis++) {
    const char *comma = axis == 0 ? "" : ", ";
    long long length = (long long)gm_tensor_dims(value)[axis];
    bool unknown = strcmp(j->field[DECLARED], "unknown") == 0;
    int wrote = unknown ? snprintf(text + at, size - at, "%s?", comma)
                        : snprintf(text + at, size - at, "%s%lld", comma, length);
    at += (size_t)wrote;
  }
}

static gm_status add_inputs(job *j, gm_error *error) {
  for (; INPUTS + j->inputs < j->fields; j->inputs++) {
    char shape[256], name[16];
    gm_tensor *value = gm_tensor_load(j->field[INPUTS + j->inputs], error);
    if (value == NULL) return error->status;
    j->value[j->inputs] = value;
    declare(j, value, shape, sizeof shape);
    snprintf(name, sizeof name, "x%d", j->inputs);
    j->node[j->inputs] = gm_placeholder(j->graph, name, gm_tensor_dtype(value), shape);
  }
  return GM_OK;
}

static gm_status run(job *j, gm_executor *executor, gm_error *error) {
  for (int i = 0; i < j->inputs; i++) {
    char name[16];
    snprintf(name, sizeof name, "x%d", i);
    gm_status status = gm_executor_feed(executor, name, j->value[i], error);
    if (status != GM_OK) return status;
  }
  gm_status status = gm_executor_run(executor, error);
  return status != GM_OK ? status : gm_tensor_save(gm_executor_output(executor, 0), j->field[OUTPUT], error);
}

static gm_status perform(job *j, gm_error *error) {
  gm_status status = add_inputs(j, error);
  if (status != GM_OK) return status;
  gm_node result = gm_apply(j->graph, j->field[OP], j->node, (size_t)j->inputs, j->field[ATTRIBUTES]);
  gm_plan *plan = gm_plan_new(j->graph, &result, 1, NULL, error);
  gm_executor *executor = plan != NULL ? gm_executor_new(plan, error) : NULL;
  status = executor != NULL ? run(j, executor, error) : error->status;
  gm_executor_free(executor);
  gm_plan_free(plan);
  return status;
}

int main(void) {
  char *line = NULL;
  size_t size = 0;
  while (getline(&line, &size, stdin) > 0) {
    job j = {.graph = gm_graph_new(NULL, NULL)};
    gm_error error = {0};
    j.fields = split(line, j.field);
    gm_status status = j.fields >= INPUTS ? perform(&j, &error) : GM_BAD_ARGUMENT;
    if (status == GM_OK)
      puts("ok");
    else
      printf("%s %s\n", gm_status_name(status), error.message);
    for (int i = 0; i < j.inputs; i++) gm_tensor_free(j.value[i]);
    gm_graph_free(j.graph);
  }
  free(line);
  return 0;
}
