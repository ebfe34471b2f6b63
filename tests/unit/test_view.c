/* SPDX-License-Identifier: MIT
 *
 * Views against arithmetic: every element of a view is found where the operation that made it says; a reshape
 * without a copy is right whenever it is granted, and granted whenever it must be. */
#include "support/suite.h"

#include <string.h>
#include "graph/view.h"

static gm__view packed(int rank, const int64_t *dims) {
  gm__view view = {.dtype = GM_FLOAT32, .rank = rank};
  memcpy(view.dims, dims, (size_t)rank * sizeof *dims);
  gm__view_pack(&view);
  return view;
}

/** The address of the element with this number in row-major order. */
static int64_t address(const gm__view *view, int64_t number) {
  int64_t at = view->offset;
  for (int a = view->rank - 1; a >= 0; a--) {
    at += number % view->dims[a] * view->strides[a];
    number /= view->dims[a];
  }
  return at;
}

static void check_same(const gm__view *a, const gm__view *b) {
  ck_assert_int_eq(gm__view_count(a), gm__view_count(b));
  int64_t wrong = 0;
  for (int64_t i = 0; i < gm__view_count(a); i++) wrong += address(a, i) != address(b, i);
  ck_assert_int_eq(wrong, 0);
}

START_TEST(packed_views_count_up) {
  gm__view view = packed(3, (int64_t[]){2, 3, 4});
  for (int64_t i = 0; i < 24; i++) ck_assert_int_eq(address(&view, i), i);
  ck_assert(gm__view_contiguous(&view));
  ck_assert_int_eq(gm__view_count(&view), 24);
}
END_TEST

START_TEST(rank_0_has_one_element) {
  gm__view view = packed(0, (int64_t[]){0});
  ck_assert_int_eq(gm__view_count(&view), 1);
  ck_assert(gm__view_contiguous(&view));
  ck_assert(gm__view_reshape(&view, 3, (int64_t[]){1, 1, 1}));
  ck_assert_int_eq(address(&view, 0), 0);
  ck_assert(gm__view_reshape(&view, 0, NULL));
}
END_TEST

START_TEST(views_without_elements_are_contiguous) {
  gm__view view = packed(3, (int64_t[]){2, 0, 4});
  ck_assert_int_eq(gm__view_count(&view), 0);
  gm__view_permute(&view, (int[]){2, 0, 1});
  ck_assert(gm__view_contiguous(&view));
  ck_assert(gm__view_reshape(&view, 1, (int64_t[]){0}));
}
END_TEST

START_TEST(a_permutation_moves_strides) {
  gm__view view = packed(3, (int64_t[]){2, 3, 4});
  gm__view_permute(&view, (int[]){2, 0, 1});
  ck_assert_int_eq(view.dims[0], 4);
  ck_assert_int_eq(view.dims[1], 2);
  ck_assert_int_eq(view.dims[2], 3);
  for (int64_t k = 0, number = 0; k < 4; k++) {
    for (int64_t i = 0; i < 2; i++) {
      for (int64_t j = 0; j < 3; j++, number++) ck_assert_int_eq(address(&view, number), (i * 3 + j) * 4 + k);
    }
  }
  ck_assert(!gm__view_contiguous(&view));
}
END_TEST

START_TEST(moving_axes_of_length_1_keeps_contiguity) {
  gm__view view = packed(4, (int64_t[]){2, 1, 3, 1});
  gm__view_permute(&view, (int[]){3, 0, 1, 2});
  ck_assert(gm__view_contiguous(&view));
}
END_TEST

START_TEST(broadcast_repeats_with_stride_0) {
  gm__view view = packed(2, (int64_t[]){3, 1});
  gm__view_broadcast(&view, 3, (int64_t[]){2, 3, 4});
  for (int64_t i = 0; i < 24; i++) ck_assert_int_eq(address(&view, i), i / 4 % 3);
  gm__view one = packed(1, (int64_t[]){1});
  gm__view_broadcast(&one, 2, (int64_t[]){0, 1});
  ck_assert_int_eq(gm__view_count(&one), 0);
}
END_TEST

START_TEST(a_reshape_of_a_transpose_across_its_axes_needs_a_copy) {
  gm__view view = packed(2, (int64_t[]){2, 3}), before;
  gm__view_permute(&view, (int[]){1, 0});
  before = view;
  ck_assert(!gm__view_reshape(&view, 1, (int64_t[]){6}));
  ck_assert_mem_eq(&view, &before, sizeof view);
  ck_assert(gm__view_reshape(&view, 3, (int64_t[]){3, 1, 2}));
  check_same(&view, &before);
}
END_TEST

START_TEST(a_transpose_splits_inside_its_axes) {
  gm__view view = packed(2, (int64_t[]){6, 4}), before;
  gm__view_permute(&view, (int[]){1, 0});
  before = view;
  ck_assert(gm__view_reshape(&view, 4, (int64_t[]){2, 2, 3, 2}));
  check_same(&view, &before);
}
END_TEST

static uint32_t next(uint64_t *state) {
  *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
  return (uint32_t)(*state >> 40);
}

/** Splits `count` into random factors. */
static int factors(uint64_t *state, int64_t count, int64_t *dims) {
  int rank = 0;
  while (count > 1 && rank < 6) {
    int64_t factor = 1 + next(state) % 4;
    if (count % factor != 0) continue;
    dims[rank++] = factor;
    count /= factor;
  }
  dims[rank++] = count;
  return rank;
}

static void shuffle(uint64_t *state, int rank, int *order) {
  for (int i = 0; i < rank; i++) order[i] = i;
  for (int i = rank - 1; i > 0; i--) {
    int j = (int)(next(state) % (uint32_t)(i + 1)), kept = order[i];
    order[i] = order[j];
    order[j] = kept;
  }
}

START_TEST(granted_reshapes_keep_every_element) {
  uint64_t state = 1;
  int granted = 0;
  for (int trial = 0; trial < 4000; trial++) {
    int64_t dims[8], other[8];
    int order[8];
    gm__view view = packed(factors(&state, 144, dims), dims);
    shuffle(&state, view.rank, order);
    if (trial % 3 == 0) gm__view_permute(&view, order);
    gm__view before = view;
    int rank = factors(&state, 144, other);
    if (!gm__view_reshape(&view, rank, other)) {
      ck_assert(!gm__view_contiguous(&before));
      continue;
    }
    granted++;
    check_same(&view, &before);
  }
  ck_assert_int_gt(granted, 2600);
}
END_TEST

START_TEST(axes_of_length_1_never_refuse_a_reshape) {
  uint64_t state = 2;
  for (int trial = 0; trial < 1000; trial++) {
    gm__view view = packed(3, (int64_t[]){2, 3, 4}), before;
    int order[8], at[3];
    shuffle(&state, 3, order);
    gm__view_permute(&view, order);
    before = view;
    int64_t dims[6] = {1, 1, 1, 1, 1, 1};
    at[0] = (int)(next(&state) % 2);
    at[1] = at[0] + 1 + (int)(next(&state) % 2);
    at[2] = at[1] + 1 + (int)(next(&state) % 2);
    for (int i = 0; i < 3; i++) dims[at[i]] = before.dims[i];
    ck_assert(gm__view_reshape(&view, 6, dims));
    check_same(&view, &before);
  }
}
END_TEST

START_TEST(loops_merge_where_all_strides_allow) {
  gm__nest nest = {.operands = 2};
  gm__nest_push(&nest, 2, (int64_t[]){12, 12});
  gm__nest_push(&nest, 1, (int64_t[]){7, 99});
  gm__nest_push(&nest, 3, (int64_t[]){4, 4});
  gm__nest_push(&nest, 4, (int64_t[]){1, 2});
  ck_assert_int_eq(nest.rank, 2);
  ck_assert_int_eq(nest.dims[0], 6);
  ck_assert_int_eq(nest.strides[0][0], 4);
  ck_assert_int_eq(nest.strides[1][0], 4);
  ck_assert_int_eq(nest.dims[1], 4);
  ck_assert_int_eq(nest.strides[1][1], 2);
}
END_TEST

SUITE(view) {
  CASE(packed_views_count_up);
  CASE(rank_0_has_one_element);
  CASE(views_without_elements_are_contiguous);
  CASE(a_permutation_moves_strides);
  CASE(moving_axes_of_length_1_keeps_contiguity);
  CASE(broadcast_repeats_with_stride_0);
  CASE(a_reshape_of_a_transpose_across_its_axes_needs_a_copy);
  CASE(a_transpose_splits_inside_its_axes);
  CASE(granted_reshapes_keep_every_element);
  CASE(axes_of_length_1_never_refuse_a_reshape);
  CASE(loops_merge_where_all_strides_allow);
}
