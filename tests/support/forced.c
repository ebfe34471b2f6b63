/* SPDX-License-Identifier: MIT
 *
 * Plans by one kernel: where the environment has GM_TEST_KERNEL, plans that name no kernel name that one. The
 * linker sends every call of gm_plan_new in a program of tests here (--wrap), so that the whole suite can be
 * run with each kernel; the library knows nothing of it. An exact plan is left to the best where a plan by
 * that kernel would not be exact. */
#include <gemmule/plan.h>

#include <stdlib.h>
#include <string.h>

gm_plan *__real_gm_plan_new(const gm_graph *graph, const gm_node *outputs, size_t count,
    const gm_plan_options *options, gm_error *error);
gm_plan *__wrap_gm_plan_new(const gm_graph *graph, const gm_node *outputs, size_t count,
    const gm_plan_options *options, gm_error *error);

gm_plan *__wrap_gm_plan_new(const gm_graph *graph, const gm_node *outputs, size_t count,
    const gm_plan_options *options, gm_error *error) {
  gm_plan_options forced = GM_PLAN_OPTIONS_INIT;
  const char *kernel = getenv("GM_TEST_KERNEL");
  bool own = options != NULL && (options->struct_size != sizeof forced || options->kernel != NULL);
  if (kernel != NULL && options != NULL && !own && options->exact) own = strcmp(kernel, "openblas") == 0;
  if (kernel == NULL || own) return __real_gm_plan_new(graph, outputs, count, options, error);
  if (options != NULL) forced = *options;
  forced.kernel = kernel;
  return __real_gm_plan_new(graph, outputs, count, &forced, error);
}
