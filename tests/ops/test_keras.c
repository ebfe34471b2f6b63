/* SPDX-License-Identifier: MIT
 *
 * Every recorded Keras case agrees: static shape, dtype, shape, values, and where failures come. The number
 * of cases, and of those that agree, is checked: a lost or shortened file or a lost operation fails. */
#include "support/keras.h"
#include "support/suite.h"

#include <stdio.h>

static void family(const char *name, int cases, int agree) {
  char path[512];
  keras_count count;
  snprintf(path, sizeof path, "%s/tests/data/keras/%s.json", GM_SOURCE_DIR, name);
  ck_assert_msg(keras_run_file(path, &count), "%s cannot be read", path);
  printf("%s: %d cases, %d agree, %d differ, %d skipped, %d not there yet\n", name, count.cases, count.agree,
      count.differ, count.skipped, count.absent);
  fflush(stdout);
  ck_assert_int_ge(count.cases, cases);
  ck_assert_int_eq(count.differ, 0);
  ck_assert_int_ge(count.agree, agree);
}

START_TEST(dot_agrees_in_every_case) {
  family("dot", 305, 296);
}
END_TEST

START_TEST(batch_dot_agrees_in_every_case) {
  family("batch_dot", 135, 134);
}
END_TEST

START_TEST(elementwise_functions_agree) {
  family("elementwise", 836, 834);
}
END_TEST

START_TEST(reductions_agree) {
  family("reduction", 427, 427);
}
END_TEST

START_TEST(shape_functions_agree) {
  family("shape", 343, 251);
}
END_TEST

START_TEST(nn_functions_agree) {
  family("nn", 257, 38);
}
END_TEST

SUITE(keras) {
  CASE(dot_agrees_in_every_case);
  CASE(batch_dot_agrees_in_every_case);
  CASE(elementwise_functions_agree);
  CASE(reductions_agree);
  CASE(shape_functions_agree);
  CASE(nn_functions_agree);
}
