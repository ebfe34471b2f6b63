/* SPDX-License-Identifier: MIT
 *
 * dot against plain loops: every pair of ranks 0 to 8 in every dtype, inner lengths 0, 1 and 3, larger
 * products, zero lengths, unknown and symbolic dims. The bound is 2·K·u·(|A||B|); integers are exact. */
#include "support/oracle.h"
#include "support/suite.h"

#include <stdio.h>

static bool holds(gm_dtype dtype, const int64_t *x, int x_rank, const int64_t *y, int y_rank, declared how) {
  char why[700] = "";
  draw from = {.state = (uint64_t)(x_rank * 100 + y_rank) * 64 + dtype};
  sample made = {.op = "dot"};
  sample_input(&made, &from, dtype, x_rank, x);
  sample_input(&made, &from, dtype, y_rank, y);
  oracle_dot(&made);
  bool fine = sample_agrees(&made, how, why, sizeof why);
  if (!fine)
    printf("dot %s, ranks %d and %d, declared %d: %s\n", gm_dtype_name(dtype), x_rank, y_rank, how, why);
  sample_free(&made);
  return fine;
}

static void lengths(int rank, int64_t inner, int axis, int64_t first, int64_t *dims) {
  for (int i = 0; i < rank; i++) dims[i] = i == axis ? inner : i == 0 ? first : 1 + i % 2;
}

static int wrong_pairs(gm_dtype dtype, int64_t inner, int64_t first, declared how) {
  int wrong = 0;
  for (int x_rank = 0; x_rank <= 8; x_rank++)
    for (int y_rank = 0; y_rank <= 8; y_rank++) {
      int64_t x[8], y[8];
      lengths(x_rank, inner, x_rank - 1, first, x);
      lengths(y_rank, inner, y_rank > 1 ? y_rank - 2 : 0, first, y);
      wrong += !holds(dtype, x, x_rank, y, y_rank, how);
    }
  fflush(stdout);
  return wrong;
}

START_TEST(every_pair_of_ranks_in_every_dtype) {
  for (gm_dtype dtype = GM_INT8; dtype <= GM_COMPLEX128; dtype++)
    ck_assert_int_eq(wrong_pairs(dtype, 3, 2, WITH_LENGTHS), 0);
}
END_TEST

START_TEST(every_pair_of_ranks_with_unknown_dims) {
  ck_assert_int_eq(wrong_pairs(GM_FLOAT32, 3, 2, WITH_UNKNOWNS), 0);
  ck_assert_int_eq(wrong_pairs(GM_INT32, 2, 3, WITH_UNKNOWNS), 0);
}
END_TEST

START_TEST(every_pair_of_ranks_with_symbols) {
  ck_assert_int_eq(wrong_pairs(GM_FLOAT64, 3, 2, WITH_SYMBOLS), 0);
  ck_assert_int_eq(wrong_pairs(GM_COMPLEX64, 2, 3, WITH_SYMBOLS), 0);
}
END_TEST

START_TEST(an_inner_length_of_zero_gives_zeros) {
  for (gm_dtype dtype = GM_INT8; dtype <= GM_COMPLEX128; dtype++)
    ck_assert_int_eq(wrong_pairs(dtype, 0, 2, WITH_LENGTHS), 0);
  ck_assert_int_eq(wrong_pairs(GM_FLOAT32, 0, 2, WITH_UNKNOWNS), 0);
}
END_TEST

START_TEST(an_outer_length_of_zero_gives_nothing) {
  ck_assert_int_eq(wrong_pairs(GM_FLOAT32, 3, 0, WITH_LENGTHS), 0);
  ck_assert_int_eq(wrong_pairs(GM_FLOAT16, 3, 0, WITH_UNKNOWNS), 0);
}
END_TEST

START_TEST(an_inner_length_of_one_is_an_outer_product) {
  for (gm_dtype dtype = GM_INT8; dtype <= GM_COMPLEX128; dtype++)
    ck_assert_int_eq(wrong_pairs(dtype, 1, 2, WITH_LENGTHS), 0);
}
END_TEST

START_TEST(larger_products_stay_within_the_bound) {
  static const int64_t x[] = {37, 129}, y[] = {3, 129, 41}, tall[] = {129, 1};
  for (gm_dtype dtype = GM_INT8; dtype <= GM_COMPLEX128; dtype++) {
    ck_assert(holds(dtype, x, 2, y, 3, WITH_LENGTHS));
    ck_assert(holds(dtype, x, 2, y + 1, 2, WITH_SYMBOLS));
    ck_assert(holds(dtype, x, 2, tall, 2, WITH_LENGTHS));
  }
}
END_TEST

SUITE(dot_oracle) {
  CASE(every_pair_of_ranks_in_every_dtype);
  CASE(every_pair_of_ranks_with_unknown_dims);
  CASE(every_pair_of_ranks_with_symbols);
  CASE(an_inner_length_of_zero_gives_zeros);
  CASE(an_outer_length_of_zero_gives_nothing);
  CASE(an_inner_length_of_one_is_an_outer_product);
  CASE(larger_products_stay_within_the_bound);
}
