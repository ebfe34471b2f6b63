/* SPDX-License-Identifier: MIT
 *
 * Processors that lack instructions, wrapped in by the linker: which kernel is chosen then, what a plan says
 * of it, and what one that is named but cannot run is told. */
#include "support/suite.h"

#include <stdio.h>
#include "kernel/gemm/cpu.h"
#include "kernel/step.h"
#include "support/build.h"

const gm__processor *__wrap_gm__cpu(void);
const gm__processor *__real_gm__cpu(void);

static gm__processor pretended;

const gm__processor *__wrap_gm__cpu(void) {
  return &pretended;
}

static void pretend(bool avx2, bool avx512) {
  pretended = *__real_gm__cpu();
  pretended.avx2 = avx2, pretended.avx512 = avx512;
}

static bool is_there(const char *kernel) {
  for (size_t i = 0; gm_kernel_name(i); i++)
    if (strcmp(gm_kernel_name(i), kernel) == 0) return true;
  return false;
}

static gm_plan *plan_with(const char *kernel, gm_dtype dtype, gm_error *error) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node x = gm_placeholder(graph, "x", dtype, "n, 40"), w = gm_ones(graph, "w", dtype, "40, 100");
  gm_node y = gm_dot(graph, x, w);
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  options.kernel = kernel;
  gm_plan *plan = gm_plan_new(graph, &y, 1, &options, error);
  gm_graph_free(graph);
  return plan;
}

static void check_lacking(const char *kernel) {
  gm_error error = {0};
  char wanted[100];
  if (!is_there(kernel)) return;
  snprintf(wanted, sizeof wanted, "the kernel '%s' needs instructions that this processor lacks", kernel);
  ck_assert_ptr_null(plan_with(kernel, GM_FLOAT32, &error));
  ck_assert_int_eq(error.status, GM_UNSUPPORTED);
  ck_assert_str_eq(error.message, wanted);
}

START_TEST(a_kernel_that_cannot_run_is_an_error_where_it_is_named) {
  pretend(true, false);
  check_lacking("avx512");
  pretend(false, false);
  check_lacking("avx512");
  check_lacking("avx2");
}
END_TEST

static void says(const char *kernel, gm_dtype dtype, const char *wanted, bool there) {
  gm_error error = {0};
  gm_plan *plan = plan_with(kernel, dtype, &error);
  ck_assert_msg(plan != NULL, "%s", error.message);
  char *text = plan_text(plan, "n=50", 0);
  ck_assert_msg((strstr(text, wanted) != NULL) == there, "%s\n%s", wanted, text);
  free(text);
  gm_plan_free(plan);
}

START_TEST(what_cannot_run_is_neither_chosen_nor_told) {
  pretend(false, false);
  says(NULL, GM_FLOAT32, "avx", false);
  says(NULL, GM_INT32, "avx", false);
  if (!is_there("avx2") || !__real_gm__cpu()->avx2) return;
  pretend(true, false);
  says(NULL, GM_FLOAT32, " avx2 ", true);
  says(NULL, GM_FLOAT32, "kernels:", false);
  says(NULL, GM_INT32, "avx512", false);
}
END_TEST

START_TEST(the_best_that_refuses_is_told) {
  pretend(false, false);
  says("vector", GM_INT32, "kernels:\n  step 0: loops, since vector: ", true);
  says("loops", GM_INT32, "kernels:", false);
  if (is_there("openblas"))
    says(NULL, GM_INT32, "  step 0: loops, since openblas: OpenBLAS has no kernel for int32\n", true);
  if (is_there("openblas")) says(NULL, GM_FLOAT32, "kernels:", false);
}
END_TEST

SUITE(processor) {
  CASE(a_kernel_that_cannot_run_is_an_error_where_it_is_named);
  CASE(what_cannot_run_is_neither_chosen_nor_told);
  CASE(the_best_that_refuses_is_told);
}
