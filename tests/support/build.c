/* SPDX-License-Identifier: MIT
 *
 * The short words of build.h. */
#include "support/build.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

gm_tensor *ramp_like(float start, int rank, const int64_t *dims) {
  gm_error error = {0};
  gm_tensor *made = gm_tensor_new(GM_FLOAT32, rank, dims, &error);
  ck_assert_msg(made != NULL, "%s", error.message);
  float *at = gm_tensor_data(made);
  for (int64_t i = 0; i < gm_tensor_count(made); i++) at[i] = start + (float)i;
  return made;
}

gm_tensor *ramp0(float start) {
  return ramp_like(start, 0, NULL);
}

gm_tensor *ramp1(float start, int64_t a) {
  return ramp_like(start, 1, &a);
}

gm_tensor *ramp2(float start, int64_t a, int64_t b) {
  return ramp_like(start, 2, (int64_t[]){a, b});
}

gm_node apply1(gm_graph *graph, const char *op, gm_node x, const char *attributes) {
  return gm_apply(graph, op, &x, 1, attributes);
}

gm_node apply2(gm_graph *graph, const char *op, gm_node x, gm_node y, const char *attributes) {
  gm_node inputs[] = {x, y};
  return gm_apply(graph, op, inputs, 2, attributes);
}

gm_plan *plan_without(const gm_graph *graph, const gm_node *outputs, size_t count, const char *passes) {
  gm_error error = {0};
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  options.without = passes;
  gm_plan *plan = gm_plan_new(graph, outputs, count, &options, &error);
  ck_assert_msg(plan != NULL, "%s", error.message);
  return plan;
}

gm_plan *plan_of(const gm_graph *graph, const gm_node *outputs, size_t count) {
  return plan_without(graph, outputs, count, NULL);
}

gm_executor *executor_of(const gm_graph *graph, const gm_node *outputs, size_t count) {
  gm_error error = {0};
  gm_plan *plan = plan_of(graph, outputs, count);
  gm_executor *executor = gm_executor_new(plan, &error);
  ck_assert_msg(executor != NULL, "%s", error.message);
  gm_plan_free(plan);
  return executor;
}

void feed(gm_executor *executor, const char *name, const gm_tensor *value) {
  gm_error error = {0};
  ck_assert_msg(gm_executor_feed(executor, name, value, &error) == GM_OK, "%s", error.message);
}

void run(gm_executor *executor) {
  gm_error error = {0};
  ck_assert_msg(gm_executor_run(executor, &error) == GM_OK, "%s", error.message);
}

const float *floats(const gm_executor *executor, size_t index) {
  const gm_tensor *output = gm_executor_output(executor, index);
  ck_assert_ptr_nonnull(output);
  ck_assert_int_eq(gm_tensor_dtype(output), GM_FLOAT32);
  return gm_tensor_cdata(output);
}

static bool is_nan(gm_dtype dtype, const void *element) {
  uint16_t bits;
  if (dtype == GM_FLOAT32) return isnan(*(const float *)element);
  if (dtype == GM_FLOAT64) return isnan(*(const double *)element);
  if (dtype != GM_FLOAT16 && dtype != GM_BFLOAT16) return false;
  memcpy(&bits, element, sizeof bits);
  return (bits & 0x7fff) > (dtype == GM_FLOAT16 ? 0x7c00 : 0x7f80);
}

static bool elements_agree(gm_dtype dtype, const void *a, const void *b, int64_t count) {
  const char *x = a, *y = b;
  size_t size = gm_dtype_size(dtype);
  for (int64_t i = 0; i < count; i++, x += size, y += size) {
    if (memcmp(x, y, size) != 0 && !(is_nan(dtype, x) && is_nan(dtype, y))) return false;
  }
  return true;
}

bool tensors_agree(const gm_tensor *a, const gm_tensor *b) {
  gm_dtype dtype = gm_tensor_dtype(a);
  int rank = gm_tensor_rank(a);
  if (gm_tensor_dtype(b) != dtype || gm_tensor_rank(b) != rank) return false;
  for (int axis = 0; axis < rank; axis++)
    if (gm_tensor_dims(a)[axis] != gm_tensor_dims(b)[axis]) return false;
  return elements_agree(dtype, gm_tensor_cdata(a), gm_tensor_cdata(b), gm_tensor_count(a));
}

char *plan_text(const gm_plan *plan, const char *dims, unsigned flags) {
  gm_error error = {0};
  size_t length = gm_plan_text(plan, dims, flags, NULL, 0, &error);
  ck_assert_msg(length > 0, "%s", error.message);
  char *text = malloc(length + 1);
  ck_assert_ptr_nonnull(text);
  ck_assert_uint_eq(gm_plan_text(plan, dims, flags, text, length + 1, &error), length);
  ck_assert_uint_eq(strlen(text), length);
  return text;
}

const char *every_pass(void) {
  static char names[1000];
  names[0] = '\0';
  for (size_t i = 0; gm_pass_name(i); i++) {
    size_t used = strlen(names);
    snprintf(names + used, sizeof names - used, "%s%s", i ? "," : "", gm_pass_name(i));
  }
  return names;
}

void plan_steps(const char *text, char *out, size_t size) {
  size_t used = 0;
  const char *line = strchr(strstr(text, "step"), '\n');
  out[0] = '\0';
  while (line && line[1] == ' ' && used < size) {
    char kind[40], node[140], rest[300];
    if (sscanf(line + 1, " %*d %39s %139s %299[^\n]", kind, node, rest) != 3) break;
    char *gap = strstr(rest, "  ");
    if (gap) *gap = '\0';
    used += (size_t)snprintf(out + used, size - used, "%s%s %s", used ? "; " : "", kind, rest);
    line = strchr(line + 1, '\n');
  }
}
