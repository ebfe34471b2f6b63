/* SPDX-License-Identifier: MIT
 *
 * A processor without AVX2 and AVX-512: the linker gives the library one (--wrap). A kernel that it lacks is
 * refused by name, and nobody runs it who did not name it. */
#include "kernel/gemm/cpu.h"
#include "kernel/gemm/provider.h"
#include "support/build.h"
#include "support/suite.h"

#include <string.h>

static gm__processor pretended = {.l1 = 32 * 1024, .l2 = 512 * 1024};
const gm__processor *__wrap_gm__cpu(void);
const gm__processor *__wrap_gm__cpu(void) {
  return &pretended;
}

static gm_graph *product(gm_node *y) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "64, 48");
  *y = gm_dot(graph, x, gm_placeholder(graph, "w", GM_FLOAT32, "48, 80"));
  return graph;
}

static gm_plan *plan_by(const char *kernel, gm_error *error) {
  gm_node y;
  gm_graph *graph = product(&y);
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  options.kernel = kernel;
  options.exact = kernel == NULL;
  gm_plan *plan = gm_plan_new(graph, &y, 1, &options, error);
  gm_graph_free(graph);
  return plan;
}

#if defined(__x86_64__)
START_TEST(a_kernel_that_the_processor_lacks_is_refused) {
  gm_error error = {0};
  ck_assert_ptr_null(plan_by("avx512", &error));
  ck_assert_int_eq(error.status, GM_UNSUPPORTED);
  ck_assert_str_eq(error.message, "the kernel 'avx512' needs instructions that this processor lacks");
  ck_assert_ptr_null(plan_by("avx2", &error));
  ck_assert_str_eq(error.message, "the kernel 'avx2' needs instructions that this processor lacks");
}
END_TEST
#endif

START_TEST(an_unknown_kernel_is_refused) {
  gm_error error = {0};
  ck_assert_ptr_null(plan_by("avx51", &error));
  ck_assert_int_eq(error.status, GM_BAD_ARGUMENT);
  ck_assert_ptr_nonnull(strstr(error.message, "there is no kernel 'avx51'"));
}
END_TEST

START_TEST(the_others_compute) {
  gm_error error = {0};
  gm_plan *plan = plan_by(NULL, &error);
  ck_assert_msg(plan != NULL, "%s", error.message);
  char *text = plan_text(plan, NULL, 0);
  ck_assert_msg(strstr(text, "vector") != NULL, "%s", text);
  ck_assert_ptr_null(strstr(text, "avx"));
  gm_executor *e = gm_executor_new(plan, NULL);
  gm_tensor *x = ramp2(0, 64, 48), *w = ramp2(-9, 48, 80);
  feed(e, "x", x);
  feed(e, "w", w);
  run(e);
  float sum = 0;
  for (int k = 0; k < 48; k++) sum += (float)k * (float)(80 * k - 9);
  ck_assert_float_eq(floats(e, 0)[0], sum);
  gm_executor_free(e);
  gm_tensor_free(x);
  gm_tensor_free(w);
  gm_plan_free(plan);
  free(text);
}
END_TEST

START_TEST(they_do_not_take_what_they_cannot_run) {
  const gm__provider *provider;
  gm__gemm g = {.m = 8, .n = 8, .k = 8, .a_row = 8, .a_column = 1, .b_row = 8, .b_column = 1, .c_row = 8};
  g.c_column = 1, g.alpha = 1, g.in = g.out = GM_FLOAT32;
  for (size_t i = 0; (provider = gm__provider_at(i)) != NULL; i++)
    if (strncmp(provider->name, "avx", 3) == 0) ck_assert_ptr_nonnull(provider->refuses(&g));
}
END_TEST

SUITE(gemm_lacking) {
#if defined(__x86_64__)
  CASE(a_kernel_that_the_processor_lacks_is_refused);
#endif
  CASE(an_unknown_kernel_is_refused);
  CASE(the_others_compute);
  CASE(they_do_not_take_what_they_cannot_run);
}
