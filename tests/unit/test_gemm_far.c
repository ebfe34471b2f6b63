/* SPDX-License-Identifier: MIT
 *
 * Products beyond 2³¹ elements: rows, columns and depth that lie so far apart, in memory that is reserved and
 * not taken, and plans for lengths that nobody could allocate. Every provider, every packing, every number of
 * parts is asked; what cannot be is refused with a sentence. */
#include "base/pool.h"
#include "kernel/gemm/provider.h"
#include "kernel_step.h"
#include "support/build.h"

#include <stdio.h>
#include <sys/mman.h>

/* ---- Distances ---- */

/** 2³¹ + 7 elements from one to the next of ROWS. */
#define FAR ((INT64_C(1) << 31) + 7)
enum { ROWS = 3 };

static float *reserve(int64_t elements) {
  void *made = mmap(NULL, (size_t)elements * sizeof(float), PROT_READ | PROT_WRITE,
      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return made == MAP_FAILED ? NULL : made;
}

/** Three matrices of ROWS × ROWS, of which one axis (of each a bit of `far`) is far apart. */
typedef struct far {
  gm__gemm gemm;
  float *memory[3];
} far;

static void set(float *memory, int64_t row, int64_t column, float first) {
  for (int64_t i = 0; i < ROWS; i++)
    for (int64_t j = 0; j < ROWS; j++) memory[i * row + j * column] = first + (float)(i * ROWS + j);
}

static void check(const far *f, const char *name) {
  const gm__gemm *g = &f->gemm;
  for (int64_t i = 0; i < ROWS; i++)
    for (int64_t j = 0; j < ROWS; j++) {
      float want = 0;
      for (int64_t k = 0; k < ROWS; k++) want += (float)(i * ROWS + k) * (float)(10 + k * ROWS + j);
      float got = f->memory[2][i * g->c_row + j * g->c_column];
      if (got != want) ck_abort_msg("%s: c[%d, %d] is %g, not %g", name, (int)i, (int)j, got, want);
    }
}

static gm__gemm layout_of(int distant) {
  bool a = distant & 1, b = distant & 2, c = distant & 4, turned = distant & 8;
  int64_t long_a = a ? FAR : ROWS, long_b = b ? FAR : ROWS, long_c = c ? FAR : ROWS;
  return (gm__gemm){.m = ROWS,
      .n = ROWS,
      .k = ROWS,
      .a_row = turned ? 1 : long_a,
      .a_column = turned ? long_a : 1,
      .b_row = turned ? 1 : long_b,
      .b_column = turned ? long_b : 1,
      .c_row = turned ? 1 : long_c,
      .c_column = turned ? long_c : 1,
      .in = GM_FLOAT32,
      .out = GM_FLOAT32,
      .alpha = 1};
}

static void run_far(far *f, const gm__provider *provider, void *packed) {
  void *buffers[] = {f->memory[0], f->memory[1], packed != NULL ? packed : f->memory[2], f->memory[2]};
  gm_dtype dtypes[] = {GM_FLOAT32, GM_FLOAT32, GM_FLOAT32, GM_FLOAT32};
  f->gemm.provider = provider;
  f->gemm.packs = packed != NULL;
  ck_assert_int_eq(run_kernel(&gm__kernel_gemm, &f->gemm, packed ? 3 : 2, 1, buffers, dtypes, NULL), GM_OK);
  check(f, provider->name);
}

START_TEST(rows_and_columns_may_be_far_apart) {
  const gm__provider *provider;
  far f = {layout_of(_i), {reserve(ROWS * FAR), reserve(ROWS * FAR), reserve(ROWS * FAR)}};
  _Alignas(64) char packed[4096];
  if (f.memory[0] == NULL || f.memory[1] == NULL || f.memory[2] == NULL) return;
  set(f.memory[0], f.gemm.a_row, f.gemm.a_column, 0);
  set(f.memory[1], f.gemm.b_row, f.gemm.b_column, 10);
  for (size_t i = 0; (provider = gm__provider_at(i)) != NULL; i++) {
    if (provider->refuses(&f.gemm) != NULL) continue;
    run_far(&f, provider, NULL);
    size_t bytes = provider->packed_bytes != NULL ? provider->packed_bytes(&f.gemm) : 0;
    if (bytes == 0) continue;
    ck_assert_uint_le(bytes, sizeof packed);
    provider->pack(&f.gemm, f.memory[1], packed, 0, ROWS);
    run_far(&f, provider, packed);
  }
  for (int i = 0; i < 3; i++) munmap(f.memory[i], (size_t)(ROWS * FAR) * sizeof(float));
}
END_TEST

/* ---- Lengths ---- */

static const int64_t lengths[] = {1, 5, 64, 65, INT32_MAX, FAR, INT64_C(1) << 40};
enum { LENGTHS = sizeof lengths / sizeof *lengths };

/** What a provider says of a product that has far more elements than memory: parts that cover it, and packed
 * bytes that are those of the elements. */
static void ask(const gm__provider *provider, int64_t m, int64_t n, int64_t k) {
  gm__gemm g = {.m = m, .n = n, .k = k, .a_row = k, .a_column = 1, .b_row = n, .b_column = 1, .c_row = n};
  g.c_column = 1, g.alpha = 1, g.in = g.out = GM_FLOAT32;
  if (provider->refuses(&g) != NULL || provider->part == NULL) return;
  for (int threads = 1; threads <= 8; threads++) {
    int64_t rows = 0, columns = 0;
    provider->grain(&g, threads, &rows, &columns);
    ck_assert(rows >= 1 && rows <= m && columns >= 1 && columns <= n);
    ck_assert(columns == n || columns % 64 == 0);
    double parts = ceil((double)m / (double)rows) * ceil((double)n / (double)columns);
    ck_assert_msg(parts <= 4096, "%g parts of %g x %g", parts, (double)m, (double)n);
  }
  double bytes = (double)provider->packed_bytes(&g), least = 4.0 * (double)n * (double)k;
  ck_assert(bytes == 0 || (bytes >= least && bytes <= 2 * least + 64.0 * 4 * (double)k + 64));
}

START_TEST(parts_and_packed_bytes_are_those_of_the_lengths) {
  const gm__provider *provider;
  for (size_t i = 0; (provider = gm__provider_at(i)) != NULL; i++)
    for (int m = 0; m < LENGTHS; m++)
      for (int n = 0; n < LENGTHS; n++)
        for (int k = 0; k < LENGTHS; k++)
          if ((double)lengths[n] * (double)lengths[k] < 0x1p60)
            ask(provider, lengths[m], lengths[n], lengths[k]);
}
END_TEST

/** A product of a plan with these lengths, by each kernel, is told and never made. */
static void plan_far(const char *dims, const char *kernel, double flops) {
  gm_error error = {0};
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  gm_plan_size sizes = {.struct_size = sizeof sizes};
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "m, k"),
          w = gm_placeholder(graph, "w", GM_FLOAT32, "k, n");
  gm_node y = apply1(graph, "relu", gm_dot(graph, x, w), NULL);
  options.kernel = kernel;
  gm_plan *plan = gm_plan_new(graph, &y, 1, &options, &error);
  if (plan != NULL) {
    gm_status status = gm_plan_sizes(plan, dims, &sizes, &error);
    if (flops > 0) {
      ck_assert_msg(status == GM_OK, "%s: %s", dims, error.message);
      ck_assert(fabs(sizes.flops - flops) <= flops * 1e-6);
    } else {
      ck_assert_int_ne(status, GM_OK);
      ck_assert(strlen(error.message) > 10);
    }
    ck_assert(gm_plan_text(plan, dims, 0, NULL, 0, NULL) > 0 || flops == 0);
  }
  gm_plan_free(plan);
  gm_graph_free(graph);
}

START_TEST(plans_of_lengths_beyond_memory_are_told) {
  const char *name;
  for (size_t i = 0; (name = gm_kernel_name(i)) != NULL; i++) {
    plan_far("m=2147483655, n=2, k=3", name, 2147483655.0 * 2 * (2 * 3 + 1));
    plan_far("m=2, n=2147483655, k=3", name, 2147483655.0 * 2 * (2 * 3 + 1));
    plan_far("m=2, n=3, k=2147483655", name, 2147483655.0 * 2 * 3 * 2 + 6);
    plan_far("m=1, n=1, k=1099511627776", name, 2 * 0x1p40 + 1);
    plan_far("m=1099511627776, n=1, k=1", name, 3 * 0x1p40);
    plan_far("m=1099511627776, n=65536, k=65536", name, 2 * 0x1p72 + 0x1p56);
  }
}
END_TEST

START_TEST(plans_of_lengths_beyond_integers_are_refused) {
  const char *name;
  for (size_t i = 0; (name = gm_kernel_name(i)) != NULL; i++) {
    plan_far("m=4611686018427387904, n=2, k=3", name, 0);
    plan_far("m=4294967296, n=4294967296, k=1", name, 0);
    plan_far("m=2, n=3, k=4611686018427387904", name, 0);
    plan_far("m=9223372036854775807, n=9223372036854775807, k=9223372036854775807", name, 0);
  }
}
END_TEST

SUITE(gemm_far) {
  tcase_add_loop_test(cases, rows_and_columns_may_be_far_apart, 0, 16);
  CASE(parts_and_packed_bytes_are_those_of_the_lengths);
  CASE(plans_of_lengths_beyond_memory_are_told);
  CASE(plans_of_lengths_beyond_integers_are_refused);
}
