/* SPDX-License-Identifier: MIT
 *
 * Every operation against the oracle: generated shapes, attributes and dtypes, broadcasting and zero lengths
 * among them, each declared with lengths, with unknown dims and with symbols; and a walk that fails when an
 * operation has no row in the oracle's table. */
#include "support/oracle.h"
#include "support/suite.h"

#include <stdio.h>
#include <string.h>

#define SAMPLES 24

static bool exists(const char *op) {
  for (size_t i = 0; i < gm_op_count(); i++)
    if (strcmp(gm_op_name(i), op) == 0) return true;
  return false;
}

static void describe(const sample *made, char *text, size_t size) {
  size_t at = 0;
  text[0] = '\0';
  for (size_t i = 0; i < made->count && at < size; i++) {
    at += (size_t)snprintf(text + at, size - at, " (");
    for (int axis = 0; axis < made->inputs[i].rank && at < size; axis++)
      at += (size_t)snprintf(text + at, size - at, "%lld,", (long long)made->inputs[i].dims[axis]);
    if (at < size) at += (size_t)snprintf(text + at, size - at, ")");
  }
}

static int wrong_samples(const oracle_row *row, gm_dtype dtype, declared how) {
  int wrong = 0;
  draw from = {.state = (uint64_t)dtype * 1000003u + (uint64_t)how * 17u + row->op[0] + 256u * row->op[1]};
  for (int i = 0; i < SAMPLES; i++) {
    char why[700] = "", shapes[300];
    sample made = {.op = row->op};
    row->make(&from, dtype, &made);
    if (!sample_agrees(&made, how, why, sizeof why)) {
      describe(&made, shapes, sizeof shapes);
      if (wrong++ < 2)
        printf("%s %s%s %s [%d]: %s\n", row->op, gm_dtype_name(dtype), shapes, made.attributes, how, why);
    }
    sample_free(&made);
  }
  return wrong;
}

static void every_operation(declared how) {
  int wrong = 0;
  for (size_t i = 0; oracle_at(i) != NULL; i++)
    for (int dtype = 0; dtype <= GM_COMPLEX128; dtype++)
      if (oracle_at(i)->takes((gm_dtype)dtype)) wrong += wrong_samples(oracle_at(i), (gm_dtype)dtype, how);
  fflush(stdout);
  ck_assert_int_eq(wrong, 0);
}

START_TEST(operations_agree_with_known_lengths) {
  every_operation(WITH_LENGTHS);
}
END_TEST

START_TEST(operations_agree_with_unknown_dims) {
  every_operation(WITH_UNKNOWNS);
}
END_TEST

START_TEST(operations_agree_with_symbolic_dims) {
  every_operation(WITH_SYMBOLS);
}
END_TEST

START_TEST(every_operation_has_an_oracle) {
  for (size_t i = 0; i < gm_op_count(); i++)
    ck_assert_msg(oracle_named(gm_op_name(i)) != NULL, "%s has no row in the oracle's table", gm_op_name(i));
}
END_TEST

START_TEST(every_oracle_has_an_operation) {
  for (size_t i = 0; oracle_at(i) != NULL; i++)
    ck_assert_msg(exists(oracle_at(i)->op), "there is no operation %s", oracle_at(i)->op);
}
END_TEST

SUITE(ops_oracle) {
  CASE(operations_agree_with_known_lengths);
  CASE(operations_agree_with_unknown_dims);
  CASE(operations_agree_with_symbolic_dims);
  CASE(every_operation_has_an_oracle);
  CASE(every_oracle_has_an_operation);
}
