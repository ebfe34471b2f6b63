/* SPDX-License-Identifier: MIT
 *
 * The symmetric update of rank 2k, lowered by hand and run, against plain loops, for short and long inner
 * lengths and for floats, integers and complex numbers. */
#include "graph/graph.h"
#include "graph_support.h"
#include "kernel_step.h"
#include "plan/node_rank_2k.h"

enum { MOST_BUFFERS = 6 };

typedef struct bench {
  gm__program program;
  gm_error error;
  gm__view in[2], out;
  void *memory[MOST_BUFFERS];
} bench;

static void lower_all(bench *b, gm_dtype dtype, int64_t n, int64_t k) {
  const gm__attr alpha = {.given = true, .number = -2};
  gm__lower l = {.op = &gm__op_rank_2k,
      .attrs = &alpha,
      .in = b->in,
      .count = 2,
      .out = &b->out,
      .program = &b->program,
      .error = &b->error};
  for (int i = 0; i < 2; i++) {
    b->in[i] = (gm__view){.dtype = dtype, .rank = 2, .dims = {n, k}};
    ck_assert_int_eq(gm__lower_new(&l, &b->in[i]), GM_OK);
  }
  b->out = (gm__view){.dtype = dtype, .rank = 2, .dims = {n, n}};
  ck_assert_int_eq(gm__op_rank_2k.lower(&l), GM_OK);
}

static void run_all(bench *b, generator *g, gm_dtype dtype) {
  gm__run run = {(char *const *)b->memory, NULL, &b->error};
  ck_assert_uint_le(b->program.buffer_count, MOST_BUFFERS);
  for (size_t i = 0; i < b->program.buffer_count; i++)
    b->memory[i] = random_buffer(g, (int64_t)(b->program.buffers[i].bytes / gm__dtype_bytes(dtype)), dtype);
  for (size_t s = 0; s < b->program.step_count; s++)
    ck_assert_int_eq(b->program.steps[s].kernel->run(&b->program.steps[s], &run), GM_OK);
}

static void check_integer(const bench *b, gm_dtype dtype, int64_t i, int64_t j, int64_t k) {
  uint64_t sum = 0;
  for (int64_t x = 0; x < k; x++)
    for (int side = 0; side < 2; side++)
      sum += (uint64_t)get_integer(b->memory[side], i * k + x, dtype) *
             (uint64_t)get_integer(b->memory[1 - side], j * k + x, dtype);
  ck_assert_int_eq((int32_t)(uint32_t)(sum * (uint64_t)-2),
      get_integer(b->memory[b->out.buffer], i * b->out.strides[0] + j, dtype));
}

static void check_float(const bench *b, gm_dtype dtype, int64_t i, int64_t j, int64_t k) {
  double _Complex sum = 0, got = get_number(b->memory[b->out.buffer], i * b->out.strides[0] + j, dtype);
  for (int64_t x = 0; x < k; x++)
    for (int side = 0; side < 2; side++)
      sum +=
          get_number(b->memory[side], i * k + x, dtype) * get_number(b->memory[1 - side], j * k + x, dtype);
  ck_assert(cabs(got + 2 * sum) <= 16 * (double)(k + 2) * unit_of(dtype) * (double)(k + 1));
}

START_TEST(it_is_the_sum_of_both_products) {
  static const gm_dtype dtypes[] = {GM_FLOAT32, GM_FLOAT64, GM_COMPLEX64, GM_INT32};
  static const int64_t inner[] = {0, 1, 5, 128, 129, 200};
  generator g = {3};
  for (size_t d = 0; d < 4; d++) {
    for (size_t x = 0; x < 6; x++) {
      bench b = {0};
      int64_t n = pick(&g, 20) + 1, k = inner[x];
      lower_all(&b, dtypes[d], n, k);
      run_all(&b, &g, dtypes[d]);
      for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++)
          (dtypes[d] == GM_INT32 ? check_integer : check_float)(&b, dtypes[d], i, j, k);
      for (size_t i = 0; i < b.program.buffer_count; i++) free(b.memory[i]);
      gm__program_free(&b.program);
    }
  }
}
END_TEST

START_TEST(long_ones_are_one_product) {
  for (int64_t k = 100; k < 200; k += 50) {
    bench b = {0};
    lower_all(&b, GM_FLOAT32, 7, k);
    ck_assert_uint_eq(b.program.step_count, 2);
    ck_assert_str_eq(b.program.steps[1].kernel->kind, k == 100 ? "gemm" : "map");
    gm__program_free(&b.program);
  }
}
END_TEST

START_TEST(the_result_is_known_to_be_symmetric) {
  ck_assert(gm__op_rank_2k.form(NULL, NULL).symmetric);
}
END_TEST

START_TEST(its_shape_and_flops_follow) {
  gm_graph *g = new_graph();
  char flops[80];
  uint32_t id, inputs[2] = {gm__node_id(g, input(g, "x", "n, k")), gm__node_id(g, input(g, "y", "n, k"))};
  gm_error error = {0};
  ck_assert_msg(
      gm__graph_apply_text(g, &gm__op_rank_2k, inputs, 2, NULL, &id, &error) == GM_OK, "%s", error.message);
  ck_assert_str_eq(shape_of(g, gm__handle(g, id)), "(n, n)");
  gm_node_flops_text(g, gm__handle(g, id), flops, sizeof flops);
  ck_assert_str_eq(flops, "2*n*n*k + n*n");
  gm_graph_free(g);
}
END_TEST

SUITE(rank_2k) {
  CASE(it_is_the_sum_of_both_products);
  CASE(long_ones_are_one_product);
  CASE(its_shape_and_flops_follow);
  CASE(the_result_is_known_to_be_symmetric);
}
