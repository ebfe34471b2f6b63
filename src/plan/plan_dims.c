/* SPDX-License-Identifier: MIT
 *
 * Dims given as text ("batch=64, n=3"), the key of a specialisation, and sizes before any run. */
#include <string.h>
#include "base/number.h"
#include "plan/plan_print.h"

static gm_status read_one(
    const gm_plan *plan, const char *text, size_t length, gm__values *values, gm_error *error) {
  const char *sign = memchr(text, '=', length);
  size_t name = sign ? (size_t)(sign - text) : 0, value = sign ? length - name - 1 : 0;
  const char *digits = sign ? sign + 1 : text;
  for (; value && *digits == ' '; value--) digits++;
  while (name && text[name - 1] == ' ') name--;
  int64_t integer = 0;
  double real;
  if (!sign || !name) {
    GM_FAIL(error, GM_BAD_ARGUMENT, "dims are given as NAME=LENGTH, not '%.*s'",
        (int)(length < 80 ? length : 80), text);
  }
  gm__number_kind kind = gm__number_read(digits, value, &integer, &real);
  if (kind == GM__TOO_LARGE || (kind == GM__INTEGER && integer < 0 && real > 0)) {
    GM_FAIL(error, GM_BAD_ARGUMENT, "the dim '%.*s' is too large: '%.*s'", (int)(name < 80 ? name : 80), text,
        (int)(value < 80 ? value : 80), digits);
  }
  if (kind != GM__INTEGER) {
    GM_FAIL(error, GM_BAD_ARGUMENT, "the dim '%.*s' is an integer, not '%.*s'", (int)(name < 80 ? name : 80),
        text, (int)(value < 80 ? value : 80), digits);
  }
  gm__namer namer = gm__graph_namer(plan->graph);
  return gm__values_set(values, plan->graph->dims, text, name, integer, &namer, error);
}

gm_status gm__plan_dims(const gm_plan *plan, const char *text, gm__values *values, gm_error *error) {
  for (const char *at = text ? text : ""; *at;) {
    at += strspn(at, ", \t");
    size_t length = strcspn(at, ",");
    size_t used = length;
    while (used && strchr(" \t", at[used - 1])) used--;
    if (used) GM_TRY(read_one(plan, at, used, values, error));
    at += length;
  }
  return GM_OK;
}

gm_status gm__plan_key(const gm_plan *plan, const gm__values *values, int64_t *key, gm_error *error) {
  for (size_t f = 0; f < plan->feed_count; f++) {
    const gm__node *node = gm__node_of(plan->graph, plan->feeds[f].node);
    for (int a = 0; a < node->rank; a++) {
      gm_status status = gm__dim_evaluate(
          plan->graph->dims, node->dims[a], values, &key[plan->feeds[f].key + (uint32_t)a], error);
      if (status) gm__error_node(error, node->name);
      GM_TRY(status);
    }
  }
  return GM_OK;
}

static gm_status special_for(
    gm_plan *plan, const char *dims, gm__values *values, int64_t *key, gm__special **out, gm_error *error) {
  if (!gm__values_reserve(values, plan->graph->dims) || !key) return gm__no_memory(error);
  gm__values_clear(values, plan->graph->dims);
  GM_TRY(gm__plan_dims(plan, dims, values, error));
  gm__namer namer = gm__graph_namer(plan->graph);
  GM_TRY(gm__dims_solve(plan->graph->dims, values, NULL, 0, &namer, error));
  GM_TRY(gm__plan_key(plan, values, key, error));
  return gm__special_new(plan, values, key, true, out, error);
}

gm_status gm__plan_special(const gm_plan *plan, const char *dims, gm__special **out, gm_error *error) {
  gm__values values = {0};
  gm_plan *owner = (gm_plan *)(uintptr_t)plan;
  int64_t *key = gm__alloc(plan->key_length, sizeof *key);
  gm_status status = special_for(owner, dims, &values, key, out, error);
  gm__free(key);
  gm__values_free(&values);
  return status;
}

/** The length of a symbol, as given, as it follows or as learnt; -1 where there is none. */
static gm_status length_of(gm__dims *dims, const gm__values *values, const char *name, int64_t *length) {
  gm__dim symbol;
  gm_status status = gm__dim_symbol(dims, name, strlen(name), &symbol, NULL);
  if (status == GM_OK) status = gm__dim_evaluate(dims, symbol, values, length, NULL);
  if (status) *length = -1;
  return status == GM_NO_MEMORY ? status : GM_OK;
}

static gm_status solve_given(const gm_plan *plan, const char *given, gm__dims *dims, gm__values *values) {
  if (!dims || !gm__values_reserve(values, dims)) return GM_NO_MEMORY;
  gm__values_clear(values, dims);
  GM_TRY(gm__plan_dims(plan, given, values, NULL));
  return gm__dims_solve(dims, values, NULL, 0, NULL, NULL);
}

gm_status gm__plan_each_dim(const gm_plan *plan, const char *given,
    void (*say)(void *context, const char *name, int64_t length), void *context) {
  gm__values values = {0};
  gm__dims *dims = gm__dims_copy(plan->graph->dims, NULL, NULL, NULL);
  gm_status solved = solve_given(plan, given, dims, &values);
  gm_status status = solved == GM_NO_MEMORY ? solved : GM_OK;
  for (size_t i = 0; status == GM_OK && i < gm__symbol_count(plan->graph->dims); i++) {
    const char *name = gm__symbol_name(plan->graph->dims, i);
    int64_t length = -1;
    if (solved == GM_OK) status = length_of(dims, &values, name, &length);
    if (status == GM_OK) say(context, name, length);
  }
  gm__values_free(&values);
  gm__dims_free(dims);
  return status;
}

gm_status gm_plan_sizes(const gm_plan *plan, const char *dims, gm_plan_size *sizes, gm_error *error) {
  gm__special *special = NULL;
  if (!plan || !sizes) GM_FAIL(error, GM_BAD_ARGUMENT, "the plan or the place for its sizes is NULL");
  if (sizes->struct_size < sizeof *sizes) {
    GM_FAIL(error, GM_BAD_ARGUMENT, "gm_plan_size.struct_size is %zu: set it to sizeof(gm_plan_size)",
        sizes->struct_size);
  }
  GM_TRY(gm__plan_special(plan, dims, &special, error));
  sizes->flops = special->flops;
  sizes->workspace = special->workspace + special->outputs;
  sizes->packed = special->packed;
  sizes->peak = special->workspace;
  sizes->unshared = special->unshared;
  sizes->lower_bound = special->lower_bound;
  gm__special_release(special);
  return GM_OK;
}
