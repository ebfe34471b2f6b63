/* SPDX-License-Identifier: MIT
 *
 * copy and fill, for every element size, against plain loops over generated strides. */
#include "kernel_step.h"

static const gm_dtype by_size[] = {GM_INT8, GM_FLOAT16, GM_FLOAT32, GM_FLOAT64, GM_COMPLEX128};

static int pick_shape(generator *g, int64_t *dims) {
  int rank = (int)pick(g, 5);
  for (int i = 0; i < rank; i++) dims[i] = pick(g, 15) == 0 ? 0 : pick(g, 7) + 1;
  if (rank > 1 && pick(g, 2) == 0) dims[rank - 1] = pick(g, 90) + 1;
  if (rank > 1 && pick(g, 2) == 0) dims[pick(g, rank)] = pick(g, 90) + 1;
  return rank;
}

static void check_copy(generator *g, gm_dtype dtype) {
  int64_t dims[8], strides[16];
  int rank = pick_shape(g, dims);
  size_t size = gm__dtype_bytes(dtype);
  layout from = make_layout(g, rank, dims, (int)pick(g, LAYOUTS)),
         to = make_layout(g, rank, dims, (int)pick(g, BROADCAST));
  char *x = random_buffer(g, from.extent, dtype), *y = new_buffer(to.extent, dtype),
       *want = new_buffer(to.extent, dtype);
  for (int i = 0; i < rank; i++) strides[i] = from.strides[i], strides[rank + i] = to.strides[i];
  gm__copy copy = {{rank, dims, strides}, size};
  void *buffers[] = {at_element(x, from.origin, dtype), at_element(y, to.origin, dtype)};
  gm_dtype dtypes[] = {dtype, dtype};
  ck_assert_int_eq(run_kernel(&gm__kernel_copy, &copy, 1, 1, buffers, dtypes, NULL), GM_OK);
  for (int64_t i = 0; i < count_of(rank, dims); i++)
    memcpy(at_element(want, element_of(&to, rank, dims, i), dtype),
        at_element(x, element_of(&from, rank, dims, i), dtype), size);
  ck_assert(memcmp(y, want, (size_t)to.extent * size) == 0);
  free(x), free(y), free(want);
}

START_TEST(any_strides_are_copied) {
  generator g = {1};
  for (int round = 0; round < 1500; round++) check_copy(&g, by_size[round % 5]);
}
END_TEST

START_TEST(a_transpose_is_copied) {
  enum { ROWS = 301, COLUMNS = 77 };
  static float x[ROWS * COLUMNS], y[ROWS * COLUMNS];
  int64_t dims[] = {COLUMNS, ROWS}, strides[] = {1, COLUMNS, ROWS, 1};
  gm__copy copy = {{2, dims, strides}, sizeof(float)};
  gm_dtype dtypes[] = {GM_FLOAT32, GM_FLOAT32};
  for (int i = 0; i < ROWS * COLUMNS; i++) x[i] = (float)i;
  ck_assert_int_eq(run_kernel(&gm__kernel_copy, &copy, 1, 1, (void *[]){x, y}, dtypes, NULL), GM_OK);
  for (int i = 0; i < ROWS * COLUMNS; i++)
    if (y[i % COLUMNS * ROWS + i / COLUMNS] != x[i]) ck_abort_msg("element %d is wrong", i);
}
END_TEST

static void check_fill(generator *g, gm_dtype dtype) {
  int64_t dims[8];
  int rank = pick_shape(g, dims);
  size_t size = gm__dtype_bytes(dtype);
  layout to = make_layout(g, rank, dims, (int)pick(g, BROADCAST));
  char *y = new_buffer(to.extent, dtype), *want = new_buffer(to.extent, dtype);
  gm__fill fill = {{rank, dims, to.strides}, size, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
  ck_assert_int_eq(
      run_kernel(&gm__kernel_fill, &fill, 0, 1, (void *[]){at_element(y, to.origin, dtype)}, &dtype, NULL),
      GM_OK);
  for (int64_t i = 0; i < count_of(rank, dims); i++)
    memcpy(at_element(want, element_of(&to, rank, dims, i), dtype), fill.value, size);
  ck_assert(memcmp(y, want, (size_t)to.extent * size) == 0);
  free(y), free(want);
}

START_TEST(any_strides_are_filled) {
  generator g = {2};
  for (int round = 0; round < 1000; round++) check_fill(&g, by_size[round % 5]);
}
END_TEST

START_TEST(the_text_counts_elements) {
  char buffer[64];
  int64_t dims[] = {3, 4}, strides[4] = {0};
  gm__copy copy = {{2, dims, strides}, 4};
  gm__fill fill = {{1, dims, strides}, 4, {0}};
  ck_assert_str_eq(kernel_text(&gm__kernel_copy, &copy, buffer, sizeof buffer), "12 elements");
  ck_assert_str_eq(kernel_text(&gm__kernel_fill, &fill, buffer, sizeof buffer), "3 elements");
}
END_TEST

SUITE(copy) {
  CASE(any_strides_are_copied);
  CASE(a_transpose_is_copied);
  CASE(any_strides_are_filled);
  CASE(the_text_counts_elements);
}
