/* SPDX-License-Identifier: MIT
 *
 * Products, small, deep, large and far, of every provider in all its ways, between guard pages: within the
 * bound of the theory, and to the bit by its rule. */
#include "native/shapes.h"
#include "kernel/clones.h"
#include "support/suite.h"

#if GM__SANITIZED
enum { SMALL_SHAPES = 2800, DEEP_SHAPES = 80, LARGE_SHAPES = 12, FAR_SHAPES = 2, EMPTY_SHAPES = 100 };
#else
enum { SMALL_SHAPES = 20000, DEEP_SHAPES = 600, LARGE_SHAPES = 100, FAR_SHAPES = 10, EMPTY_SHAPES = 500 };
#endif

/** Four of these make all: each pair of M and N four times, each K. */
static void try_small(int quarter) {
  bool seen[MOST_LENGTH + 1] = {0};
  uint64_t count = SMALL_SHAPES / 4, first = count * (uint64_t)quarter;
  for (uint64_t i = 0; i < count; i++) seen[groups[SMALL].wish(first + i).k] = true;
  for (int k = 1; k <= MOST_LENGTH; k++) ck_assert(seen[k]);
  ck_assert_int_eq(shapes_try(&groups[SMALL], first, count), 0);
}

START_TEST(small_products_agree_1) {
  try_small(0);
}
END_TEST
START_TEST(small_products_agree_2) {
  try_small(1);
}
END_TEST
START_TEST(small_products_agree_3) {
  try_small(2);
}
END_TEST
START_TEST(small_products_agree_4) {
  try_small(3);
}
END_TEST

START_TEST(deep_products_agree) {
  ck_assert_int_eq(shapes_try(&groups[DEEP], 0, DEEP_SHAPES), 0);
}
END_TEST

START_TEST(large_products_agree) {
  ck_assert_int_eq(shapes_try(&groups[LARGE], 0, LARGE_SHAPES), 0);
}
END_TEST

START_TEST(few_rows_times_megabytes_agree) {
  ck_assert_int_eq(shapes_try(&groups[FAR], 0, FAR_SHAPES), 0);
}
END_TEST

START_TEST(empty_sums_are_what_is_added) {
  ck_assert_int_eq(shapes_try(&groups[EMPTY], 0, EMPTY_SHAPES), 0);
}
END_TEST

SUITE(native) {
  CASE(small_products_agree_1);
  CASE(small_products_agree_2);
  CASE(small_products_agree_3);
  CASE(small_products_agree_4);
  CASE(deep_products_agree);
  CASE(large_products_agree);
  CASE(few_rows_times_megabytes_agree);
  CASE(empty_sums_are_what_is_added);
}
