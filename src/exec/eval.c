/* SPDX-License-Identifier: MIT
 *
 * gm_eval: plan, run once, keep the value. */
#include <gemmule/ops.h>
#include "exec/executor.h"

static gm_status run_once(gm_plan *plan, gm_tensor **value, gm_error *error) {
  gm_executor *executor = gm_executor_new(plan, error);
  if (!executor) return error->status;
  gm_status status = gm_executor_run(executor, error);
  if (status == GM_OK) {
    *value = gm__tensor_copy(gm_executor_output(executor, 0), error);
    if (!*value) status = error->status;
  }
  gm_executor_free(executor);
  return status;
}

gm_status gm_eval(const gm_graph *graph, gm_node node, gm_tensor **value, gm_error *error) {
  gm_error own = {0};
  if (!value) GM_FAIL(error, GM_BAD_ARGUMENT, "there is nowhere to put the value");
  *value = NULL;
  gm_plan *plan = gm_plan_new(graph, &node, 1, NULL, &own);
  gm_status status = plan ? run_once(plan, value, &own) : own.status;
  gm_plan_free(plan);
  if (status && error) *error = own;
  return status;
}
