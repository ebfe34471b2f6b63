/* SPDX-License-Identifier: MIT
 *
 * Runs a sample of the oracle through the public interface, its placeholders declared with lengths, with `?`
 * for every dim, or with a symbol for each different length, and compares the result element by element. */
#include "support/oracle.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *const sample_names[SAMPLE_INPUTS] = {"a", "b", "c", "d"};

static bool says(char *why, size_t size, const char *format, ...) {
  va_list values;
  va_start(values, format);
  vsnprintf(why, size, format, values);
  va_end(values);
  return false;
}

static void declare(const cells *array, declared how, char *text, size_t size) {
  size_t at = 0;
  text[0] = '\0';
  for (int axis = 0; axis < array->rank && at < size; axis++) {
    const char *comma = axis == 0 ? "" : ", ";
    long long length = (long long)array->dims[axis];
    int wrote = how == WITH_UNKNOWNS  ? snprintf(text + at, size - at, "%s?", comma)
                : how == WITH_SYMBOLS ? snprintf(text + at, size - at, "%sn%lld", comma, length)
                                      : snprintf(text + at, size - at, "%s%lld", comma, length);
    at += (size_t)wrote;
  }
}

gm_node sample_build(const sample *made, declared how, gm_graph *graph) {
  gm_node inputs[SAMPLE_INPUTS];
  for (size_t i = 0; i < made->count; i++) {
    char shape[512];
    declare(&made->inputs[i], how, shape, sizeof shape);
    inputs[i] = gm_placeholder(graph, sample_names[i], made->inputs[i].dtype, shape);
  }
  return gm_apply(
      graph, made->op, inputs, made->count, made->attributes[0] != '\0' ? made->attributes : NULL);
}

static bool equal_or_both_nan(double got, double want, double bound) {
  return isnan(got) || isnan(want) ? isnan(got) && isnan(want) : got == want || fabs(got - want) <= bound;
}

static bool same(const sample *made, const gm_tensor *output, char *why, size_t size) {
  const cells *want = &made->want;
  if (gm_tensor_dtype(output) != want->dtype)
    return says(
        why, size, "dtype %s, not %s", gm_dtype_name(gm_tensor_dtype(output)), gm_dtype_name(want->dtype));
  bool shaped = gm_tensor_rank(output) == want->rank;
  for (int axis = 0; shaped && axis < want->rank; axis++)
    shaped = gm_tensor_dims(output)[axis] == want->dims[axis];
  if (!shaped) return says(why, size, "the result has another shape than the oracle's");
  cells got = cells_of(output);
  bool fine = true;
  for (int64_t i = 0; fine && i < got.count; i++) {
    double bound = made->bound != NULL ? made->bound[i] : 0;
    fine = got.at[i].whole == want->at[i].whole && equal_or_both_nan(got.at[i].re, want->at[i].re, bound) &&
           equal_or_both_nan(got.at[i].im, want->at[i].im, bound);
    if (!fine)
      says(why, size, "element %lld is %.17g%+.17gj %lld, not %.17g%+.17gj %lld (bound %g)", (long long)i,
          got.at[i].re, got.at[i].im, (long long)got.at[i].whole, want->at[i].re, want->at[i].im,
          (long long)want->at[i].whole, bound);
  }
  cells_free(&got);
  return fine;
}

static gm_status run(const sample *made, gm_executor *executor, gm_tensor **values, gm_error *error) {
  for (size_t i = 0; i < made->count; i++) {
    values[i] = cells_tensor(&made->inputs[i]);
    gm_status status = gm_executor_feed(executor, sample_names[i], values[i], error);
    if (status != GM_OK) return status;
  }
  return gm_executor_run(executor, error);
}

bool sample_agrees(const sample *made, declared how, char *why, size_t size) {
  gm_error error = {0};
  gm_tensor *values[SAMPLE_INPUTS] = {NULL};
  gm_graph *graph = gm_graph_new(NULL, &error);
  gm_node node = sample_build(made, how, graph);
  gm_plan *plan = gm_plan_new(graph, &node, 1, NULL, &error);
  gm_executor *executor = plan != NULL ? gm_executor_new(plan, &error) : NULL;
  gm_status status = executor != NULL ? run(made, executor, values, &error) : error.status;
  bool fine = status == GM_OK ? same(made, gm_executor_output(executor, 0), why, size)
                              : says(why, size, "%s: %s", gm_status_name(status), error.message);
  gm_executor_free(executor);
  gm_plan_free(plan);
  gm_graph_free(graph);
  for (size_t i = 0; i < made->count; i++) gm_tensor_free(values[i]);
  return fine;
}
