/* SPDX-License-Identifier: MIT
 *
 * The workbench's product: scaled, and added to a value that lies as the result does, that broadcasts, or
 * that is transposed; run by hand and compared with plain loops. */
#include <stdlib.h>
#include <string.h>
#include "graph/lower.h"
#include "support/suite.h"

enum { ROWS = 3, COLUMNS = 4, INNER = 5, MOST_BUFFERS = 8 };

typedef struct bench {
  gm__program program;
  gm__lower lower;
  gm_error error;
  double *memory[MOST_BUFFERS];
} bench;

static gm__view matrix(bench *b, int64_t rows, int64_t columns) {
  gm__view view = {.dtype = GM_FLOAT64, .rank = 2, .dims = {rows, columns}};
  b->lower = (gm__lower){.program = &b->program, .error = &b->error};
  ck_assert_int_eq(gm__lower_new(&b->lower, &view), GM_OK);
  return view;
}

/** Runs the steps on memory in which element i of buffer n is i + n. */
static void run(bench *b) {
  gm__run run = {(char *const *)b->memory, NULL, &b->error};
  ck_assert_uint_le(b->program.buffer_count, MOST_BUFFERS);
  for (size_t n = 0; n < b->program.buffer_count; n++) {
    size_t count = b->program.buffers[n].bytes / sizeof(double);
    b->memory[n] = malloc(count * sizeof(double) + 1);
    for (size_t i = 0; i < count; i++) b->memory[n][i] = (double)(i + n);
  }
  for (size_t s = 0; s < b->program.step_count; s++)
    ck_assert_int_eq(b->program.steps[s].kernel->run(&b->program.steps[s], &run), GM_OK);
}

static void end(bench *b) {
  for (size_t n = 0; n < b->program.buffer_count; n++) free(b->memory[n]);
  gm__program_free(&b->program);
}

static double element(const bench *b, const gm__view *view, int64_t i, int64_t j) {
  return b->memory[view->buffer][view->offset + i * view->strides[0] + j * view->strides[1]];
}

static gm__product product_of(bench *b, const gm__view *added) {
  gm__product p = {
      .a = matrix(b, ROWS, INNER), .b = matrix(b, INNER, COLUMNS), .c = matrix(b, ROWS, COLUMNS)};
  p.row_axes = 1;
  p.columns[0] = p.a_inner = 1;
  p.alpha = 3;
  p.beta = added ? -2 : 0;
  p.added = added;
  return p;
}

/** alpha A B + beta of `added`, seen in the result's shape. */
static void check(bench *b, gm__view added, bool any) {
  gm__product p = product_of(b, any ? &added : NULL), kept = p;
  ck_assert_int_eq(gm__lower_product(&b->lower, &p), GM_OK);
  run(b);
  gm__view_broadcast(&added, 2, kept.c.dims);
  for (int64_t i = 0; i < ROWS; i++) {
    for (int64_t j = 0; j < COLUMNS; j++) {
      double wanted = any ? -2 * element(b, &added, i, j) : 0;
      for (int64_t k = 0; k < INNER; k++) wanted += 3 * element(b, &kept.a, i, k) * element(b, &kept.b, k, j);
      ck_assert(element(b, &kept.c, i, j) == wanted);
    }
  }
}

START_TEST(a_product_is_scaled) {
  bench b = {0};
  check(&b, matrix(&b, ROWS, COLUMNS), false);
  ck_assert_uint_eq(b.program.step_count, 1);
  ck_assert_uint_eq(b.program.steps[0].reads, 2);
  ck_assert_uint_eq(b.program.steps[0].in_place, 0);
  end(&b);
}
END_TEST

START_TEST(what_lies_as_the_result_is_added_where_it_lies) {
  bench b = {0};
  gm__view added = matrix(&b, ROWS, COLUMNS);
  check(&b, added, true);
  ck_assert_uint_eq(b.program.step_count, 1);
  ck_assert_uint_eq(b.program.steps[0].reads, 3);
  ck_assert_uint_eq(b.program.steps[0].operands[2].buffer, added.buffer);
  ck_assert_uint_eq(b.program.steps[0].in_place, 4);
  end(&b);
}
END_TEST

START_TEST(what_broadcasts_is_copied_first) {
  bench b = {0};
  check(&b, matrix(&b, 1, COLUMNS), true);
  ck_assert_uint_eq(b.program.step_count, 2);
  end(&b);
}
END_TEST

START_TEST(what_is_transposed_is_copied_first) {
  bench b = {0};
  gm__view added = matrix(&b, COLUMNS, ROWS);
  gm__view_permute(&added, (const int[]){1, 0});
  check(&b, added, true);
  ck_assert_uint_eq(b.program.step_count, 2);
  end(&b);
}
END_TEST

START_TEST(a_part_of_something_is_copied_first) {
  bench b = {0};
  gm__view added = matrix(&b, ROWS + 1, COLUMNS);
  added.dims[0] = ROWS;
  added.offset = COLUMNS;
  check(&b, added, true);
  ck_assert_uint_eq(b.program.step_count, 2);
  end(&b);
}
END_TEST

SUITE(product) {
  CASE(a_product_is_scaled);
  CASE(what_lies_as_the_result_is_added_where_it_lies);
  CASE(what_broadcasts_is_copied_first);
  CASE(what_is_transposed_is_copied_first);
  CASE(a_part_of_something_is_copied_first);
}
