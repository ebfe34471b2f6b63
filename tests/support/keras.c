/* SPDX-License-Identifier: MIT
 *
 * Runs recorded Keras cases: builds each in a graph of its own with placeholders of the declared shapes,
 * compares the static shape, feeds, runs, compares dtype, shape and values; or expects a failure, at the
 * latest where Keras failed. What each case must do is decided in one place, `expected`. */
#include "support/keras.h"

#include "support/keras_value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_INPUTS 16

typedef enum verdict { AGREES, DIFFERS, SKIPPED, ABSENT } verdict;
typedef enum target { VALUE, NO_FAILURE, FAILURE_AT_CONSTRUCTION, FAILURE } target;

typedef struct trial {
  const json_t *spec;
  gm_graph *graph;
  gm_node inputs[MAX_INPUTS];
  gm_tensor *values[MAX_INPUTS];
  size_t count;
  gm_node node;
  char why[700];
} trial;

static bool op_exists(const char *name) {
  for (size_t i = 0; i < gm_op_count(); i++)
    if (strcmp(gm_op_name(i), name) == 0) return true;
  return false;
}

static target expected(const json_t *spec) {
  const json_t *error = json_object_get(spec, "error");
  if (json_object_get(spec, "expected_result") != NULL) return VALUE;
  if (error == NULL) return json_object_get(spec, "result") != NULL ? VALUE : NO_FAILURE;
  bool design = strcmp(json_string_value(json_object_get(error, "type")), "design") == 0;
  if (json_object_get(spec, "tf_quirk") != NULL && !design) return NO_FAILURE;
  return strcmp(json_string_value(json_object_get(error, "when")), "construction") == 0
             ? FAILURE_AT_CONSTRUCTION
             : FAILURE;
}

static const json_t *wanted(const json_t *spec, const char *expected_key, const char *recorded_key) {
  bool ours = json_object_get(spec, "expected_result") != NULL;
  return json_object_get(spec, ours ? expected_key : recorded_key);
}

static verdict differs(trial *t, const char *fact, const char *detail) {
  snprintf(t->why, sizeof t->why, "%s%s%s", fact, detail[0] != '\0' ? ": " : "", detail);
  return DIFFERS;
}

/* ---- Building ---- */

static bool add_input(trial *t, const json_t *input) {
  const char *name = json_string_value(json_object_get(input, "name"));
  const char *kind = json_string_value(json_object_get(input, "kind"));
  const json_t *shape = json_object_get(input, "shape"), *value = json_object_get(input, "value");
  const json_t *value_shape = json_object_get(input, "value_shape");
  gm_dtype dtype = (gm_dtype)dtype_named(json_string_value(json_object_get(input, "dtype")));
  cells made = {0};
  if (value != NULL && !json_is_null(value)) {
    bool whole = keras_cells(value, value_shape != NULL ? value_shape : shape, dtype, &made);
    t->values[t->count] = whole ? cells_tensor(&made) : NULL;
    cells_free(&made);
    if (!whole) return false;
  }
  char text[256];
  keras_shape_text(shape, text, sizeof text);
  bool variable = kind != NULL && strcmp(kind, "variable") == 0;
  t->inputs[t->count] = variable ? gm_variable(t->graph, name, t->values[t->count])
                                 : gm_placeholder(t->graph, name, dtype, text);
  if (variable) {
    gm_tensor_free(t->values[t->count]);
    t->values[t->count] = NULL;
  }
  return t->inputs[t->count++].id != 0;
}

static bool can_say(const json_t *spec) {
  const json_t *inputs = json_object_get(spec, "inputs");
  for (size_t i = 0; i < json_array_size(inputs); i++) {
    const json_t *input = json_array_get(inputs, i);
    if (json_is_null(json_object_get(input, "shape"))) return false;
    if (dtype_named(json_string_value(json_object_get(input, "dtype"))) < 0) return false;
  }
  return json_array_size(inputs) <= MAX_INPUTS;
}

static bool build(trial *t) {
  const json_t *inputs = json_object_get(t->spec, "inputs");
  t->graph = gm_graph_new(NULL, NULL);
  for (size_t i = 0; i < json_array_size(inputs); i++)
    if (!add_input(t, json_array_get(inputs, i))) return false;
  char *attributes = json_dumps(json_object_get(t->spec, "attributes"), JSON_ENCODE_ANY);
  t->node = gm_apply(
      t->graph, json_string_value(json_object_get(t->spec, "function")), t->inputs, t->count, attributes);
  free(attributes);
  return true;
}

static bool static_shape_agrees(trial *t) {
  const json_t *shape = wanted(t->spec, "expected_shape", "result_shape");
  if (shape == NULL || json_is_null(shape)) return true;
  if (gm_node_rank(t->graph, t->node) != (int)json_array_size(shape)) return false;
  for (size_t axis = 0; axis < json_array_size(shape); axis++) {
    const json_t *dim = json_array_get(shape, axis);
    if (json_is_null(dim)) continue;
    if (gm_node_dim(t->graph, t->node, (int)axis) != json_integer_value(dim)) return false;
  }
  return true;
}

/* ---- Running ---- */

static gm_status run(trial *t, gm_executor *executor, gm_error *error) {
  const json_t *inputs = json_object_get(t->spec, "inputs");
  for (size_t i = 0; i < t->count; i++) {
    const char *name = json_string_value(json_object_get(json_array_get(inputs, i), "name"));
    if (t->values[i] == NULL) continue;
    gm_status status = gm_executor_feed(executor, name, t->values[i], error);
    if (status != GM_OK) return status;
  }
  return gm_executor_run(executor, error);
}

static verdict values_agree(trial *t, const gm_tensor *output) {
  const json_t *value = wanted(t->spec, "expected_result", "result");
  const json_t *shape = wanted(t->spec, "expected_value_shape", "result_value_shape");
  const json_t *dtype = json_object_get(t->spec, "result_dtype"),
               *tolerance = json_object_get(t->spec, "tolerance");
  cells got = cells_of(output), want = {0};
  if (shape == NULL) shape = wanted(t->spec, "expected_shape", "result_shape");
  gm_dtype kind = dtype != NULL ? (gm_dtype)dtype_named(json_string_value(dtype)) : got.dtype;
  bool read = keras_cells(value, json_is_array(shape) ? shape : NULL, kind, &want);
  char why[400] = "the recorded value has another number of elements than its shape";
  bool agree = read && keras_close(&got, &want, json_number_value(tolerance), why, sizeof why);
  cells_free(&got);
  cells_free(&want);
  return agree ? AGREES : differs(t, why, "");
}

static verdict judge_run(trial *t, target what) {
  gm_error error = {0};
  gm_plan *plan = gm_plan_new(t->graph, &t->node, 1, NULL, &error);
  gm_executor *executor = plan != NULL ? gm_executor_new(plan, &error) : NULL;
  gm_status status = executor != NULL ? run(t, executor, &error) : error.status;
  verdict result = AGREES;
  if (what == FAILURE && status == GM_OK) result = differs(t, "runs, where an error is due", "");
  if (what != FAILURE && status != GM_OK) result = differs(t, "does not run", error.message);
  if (what == VALUE && status == GM_OK) result = values_agree(t, gm_executor_output(executor, 0));
  gm_executor_free(executor);
  gm_plan_free(plan);
  return result;
}

static verdict judge(trial *t) {
  target what = expected(t->spec);
  gm_error error = {0};
  char shape[200];
  if (!build(t)) return differs(t, "an input cannot be made", "");
  if (t->node.id == 0) {
    gm_graph_error(t->graph, &error);
    return what >= FAILURE_AT_CONSTRUCTION ? AGREES : differs(t, "refused", error.message);
  }
  gm_node_shape_text(t->graph, t->node, shape, sizeof shape);
  if (what == FAILURE_AT_CONSTRUCTION) return differs(t, "built, where an error is due", shape);
  if (what != FAILURE && !static_shape_agrees(t)) return differs(t, "has the static shape", shape);
  return judge_run(t, what);
}

static verdict run_case(const json_t *spec, char *why, size_t size) {
  if (json_object_get(spec, "skip") != NULL) return SKIPPED;
  if (!op_exists(json_string_value(json_object_get(spec, "function"))) || !can_say(spec)) return ABSENT;
  trial t = {.spec = spec};
  verdict result = judge(&t);
  snprintf(why, size, "%s", t.why);
  for (size_t i = 0; i < MAX_INPUTS; i++) gm_tensor_free(t.values[i]);
  gm_graph_free(t.graph);
  return result;
}

/* ---- A file ---- */

static void counted(keras_count *count, verdict result) {
  count->cases++;
  count->agree += result == AGREES;
  count->differ += result == DIFFERS;
  count->skipped += result == SKIPPED;
  count->absent += result == ABSENT;
}

static void print_case(size_t index, const json_t *spec, const char *why) {
  const json_t *inputs = json_object_get(spec, "inputs");
  printf("  case %zu: %s(", index, json_string_value(json_object_get(spec, "function")));
  for (size_t i = 0; i < json_array_size(inputs); i++) {
    char shape[256];
    const json_t *input = json_array_get(inputs, i);
    keras_shape_text(json_object_get(input, "shape"), shape, sizeof shape);
    printf("%s%s (%s)", i == 0 ? "" : ", ", json_string_value(json_object_get(input, "dtype")), shape);
  }
  char *attributes = json_dumps(json_object_get(spec, "attributes"), JSON_ENCODE_ANY);
  printf(") %s: %s\n", attributes, why);
  free(attributes);
}

static keras_count run_function(const json_t *list, const char *function) {
  keras_count count = {0};
  for (size_t i = 0; i < json_array_size(list); i++) {
    char why[700] = "";
    const json_t *spec = json_array_get(list, i);
    if (strcmp(json_string_value(json_object_get(spec, "function")), function) != 0) continue;
    verdict result = run_case(spec, why, sizeof why);
    counted(&count, result);
    if (result == DIFFERS) print_case(i, spec, why);
  }
  return count;
}

static void add(keras_count *sum, keras_count more) {
  sum->cases += more.cases;
  sum->agree += more.agree;
  sum->differ += more.differ;
  sum->skipped += more.skipped;
  sum->absent += more.absent;
}

bool keras_run_file(const char *path, keras_count *count) {
  json_error_t error;
  json_t *file = json_load_file(path, 0, &error);
  json_t *list = json_object_get(file, "cases"), *seen = json_object();
  *count = (keras_count){0};
  for (size_t i = 0; i < json_array_size(list); i++) {
    const char *function = json_string_value(json_object_get(json_array_get(list, i), "function"));
    if (json_object_get(seen, function) != NULL) continue;
    json_object_set_new(seen, function, json_true());
    keras_count one = run_function(list, function);
    printf("%s: %d agree, %d differ, %d skipped%s\n", function, one.agree, one.differ, one.skipped,
        one.absent > 0 ? ", others not there yet" : "");
    add(count, one);
  }
  json_decref(seen);
  json_decref(file);
  return file != NULL;
}
