/* SPDX-License-Identifier: MIT
 *
 * Outputs in the caller's own buffers: filled, also when one node is two outputs; refused, before anything is
 * computed, where they do not fit or overlap a feed or each other. */
#include "support/suite.h"

#include <string.h>
#include "executor_support.h"

static gm_error error;

static void ck_says(const char *part) {
  ck_assert_msg(strstr(error.message, part) != NULL, "'%s' is not in '%s'", part, error.message);
}

/* ---- Bound buffers ---- */

START_TEST(a_bound_buffer_receives_the_output) {
  gm_executor *e = small(2);
  gm_tensor *x = ramp2(0, 2, 3), *y = ramp2(-1, 2, 4);
  feed(e, "x", x);
  ck_assert_int_eq(gm_executor_bind_output(e, 0, y, NULL), GM_OK);
  run(e);
  ck_assert_ptr_eq(gm_executor_output(e, 0), y);
  ck_assert_float_eq(floats(e, 0)[0], 3);
  ck_assert_ptr_ne(gm_executor_output(e, 1), y);
  ck_assert_int_eq(gm_executor_bind_output(e, 0, NULL, NULL), GM_OK);
  gm_tensor_free(y);
  run(e);
  ck_assert_float_eq(floats(e, 0)[0], 3);
  gm_executor_free(e);
  gm_tensor_free(x);
}
END_TEST

START_TEST(both_buffers_of_one_node_are_filled) {
  gm_node outputs[2];
  gm_graph *graph = graph_of(outputs);
  outputs[1] = outputs[0];
  gm_executor *e = executor_of(graph, outputs, 2);
  gm_tensor *x = ramp2(0, 2, 3), *a = ramp2(-1, 2, 4), *b = ramp2(-1, 2, 4);
  feed(e, "x", x);
  ck_assert_int_eq(gm_executor_bind_output(e, 0, a, NULL), GM_OK);
  ck_assert_int_eq(gm_executor_bind_output(e, 1, b, NULL), GM_OK);
  run(e);
  ck_assert_ptr_eq(gm_executor_output(e, 0), a);
  ck_assert_ptr_eq(gm_executor_output(e, 1), b);
  ck_assert_float_eq(floats(e, 0)[7], 12);
  ck_assert(tensors_agree(a, b));
  gm_executor_free(e);
  gm_tensor_free(x);
  gm_tensor_free(a);
  gm_tensor_free(b);
  gm_graph_free(graph);
}
END_TEST

START_TEST(a_bad_index_or_dtype_is_refused_when_binding) {
  gm_executor *e = small(1);
  gm_tensor *y = ramp2(0, 2, 4), *wide = gm_tensor_new(GM_FLOAT64, 2, (int64_t[]){2, 4}, NULL);
  ck_assert_int_eq(gm_executor_bind_output(e, 1, y, NULL), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm_executor_bind_output(e, SIZE_MAX, NULL, NULL), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm_executor_bind_output(e, 0, wide, &error), GM_BAD_DTYPE);
  ck_says("float64");
  gm_executor_free(e);
  gm_tensor_free(y);
  gm_tensor_free(wide);
}
END_TEST

START_TEST(other_dims_of_a_bound_buffer_are_refused) {
  gm_executor *e = small(1);
  gm_tensor *x = ramp2(0, 2, 3), *flat = ramp1(-1, 8), *wrong = ramp2(-1, 4, 2), *kept = ramp2(-1, 4, 2);
  feed(e, "x", x);
  run(e);
  gm_status bound = gm_executor_bind_output(e, 0, wrong, &error);
  if (bound == GM_OK) bound = gm_executor_run(e, &error);
  ck_assert_int_eq(bound, GM_BAD_SHAPE);
  ck_assert(tensors_agree(wrong, kept));
  ck_assert_ptr_null(gm_executor_output(e, 0));
  bound = gm_executor_bind_output(e, 0, flat, &error);
  if (bound == GM_OK) bound = gm_executor_prepare(e, &error);
  ck_assert_int_eq(bound, GM_BAD_SHAPE);
  ck_assert_int_eq(gm_executor_bind_output(e, 0, NULL, NULL), GM_OK);
  run(e);
  gm_executor_free(e);
  gm_tensor_free(x);
  gm_tensor_free(flat);
  gm_tensor_free(wrong);
  gm_tensor_free(kept);
}
END_TEST

/** Runs with output 0 bound to `shift` floats behind the feed's first, of one stretch of memory. */
static gm_status run_overlapping(size_t shift, float *first) {
  gm_executor *e = small(1);
  float memory[64] = {0};
  const int64_t in[] = {2, 3}, out[] = {2, 4};
  gm_tensor *x = gm_tensor_wrap(GM_FLOAT32, 2, in, memory + 16, NULL, NULL, NULL);
  gm_tensor *y = gm_tensor_wrap(GM_FLOAT32, 2, out, memory + shift, NULL, NULL, NULL);
  for (int i = 0; i < 64; i++) memory[i] = 1;
  feed(e, "x", x);
  gm_status status = gm_executor_bind_output(e, 0, y, NULL);
  if (status == GM_OK) status = gm_executor_run(e, &error);
  *first = memory[shift];
  gm_executor_free(e);
  gm_tensor_free(x);
  gm_tensor_free(y);
  return status;
}

START_TEST(a_bound_buffer_that_overlaps_a_feed_is_refused) {
  float first;
  for (size_t shift = 0; shift <= 32; shift++) {
    bool apart = shift + 8 <= 16 || shift >= 16 + 6;
    ck_assert_int_eq(run_overlapping(shift, &first), apart ? GM_OK : GM_BAD_ARGUMENT);
    ck_assert_float_eq(first, apart ? 3 : 1);
  }
  ck_says("'x'");
}
END_TEST

START_TEST(bound_buffers_that_overlap_are_refused) {
  gm_executor *e = small(2);
  gm_tensor *x = ramp2(0, 2, 3), *y = ramp2(-1, 2, 4), *kept = ramp2(-1, 2, 4);
  feed(e, "x", x);
  ck_assert_int_eq(gm_executor_bind_output(e, 0, y, NULL), GM_OK);
  gm_status status = gm_executor_bind_output(e, 1, y, &error);
  if (status == GM_OK) status = gm_executor_run(e, &error);
  ck_assert_int_eq(status, GM_BAD_ARGUMENT);
  ck_assert(tensors_agree(y, kept));
  gm_executor_free(e);
  gm_tensor_free(x);
  gm_tensor_free(y);
  gm_tensor_free(kept);
}
END_TEST

START_TEST(an_overlap_that_comes_by_feeding_is_refused_too) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "n"), y = apply1(graph, "negative", x, NULL);
  gm_executor *e = executor_of(graph, &y, 1);
  gm_tensor *a = ramp1(1, 4), *b = ramp1(1, 4);
  feed(e, "x", a);
  ck_assert_int_eq(gm_executor_bind_output(e, 0, b, NULL), GM_OK);
  run(e);
  feed(e, "x", b);
  ck_assert_int_eq(gm_executor_run(e, NULL), GM_BAD_ARGUMENT);
  feed(e, "x", a);
  run(e);
  gm_executor_free(e);
  gm_tensor_free(a);
  gm_tensor_free(b);
  gm_graph_free(graph);
}
END_TEST

SUITE(bound) {
  CASE(a_bound_buffer_receives_the_output);
  CASE(both_buffers_of_one_node_are_filled);
  CASE(a_bad_index_or_dtype_is_refused_when_binding);
  CASE(other_dims_of_a_bound_buffer_are_refused);
  CASE(a_bound_buffer_that_overlaps_a_feed_is_refused);
  CASE(bound_buffers_that_overlap_are_refused);
  CASE(an_overlap_that_comes_by_feeding_is_refused_too);
}
