/* SPDX-License-Identifier: MIT
 *
 * Memory, arenas and the size of a shape. */
#include <string.h>
#include "base/alloc.h"
#include "base/checked.h"
#include "support/suite.h"

START_TEST(an_overflow_gives_no_memory) {
  ck_assert_ptr_null(gm__alloc(SIZE_MAX / 2, 3));
  ck_assert_ptr_null(gm__alloc_zero(SIZE_MAX, 2));
  ck_assert_ptr_null(gm__realloc(NULL, SIZE_MAX, SIZE_MAX));
  ck_assert_ptr_null(gm__alloc_data(SIZE_MAX));
}
END_TEST

START_TEST(no_bytes_give_a_pointer) {
  void *blocks[] = {gm__alloc(0, 8), gm__alloc_zero(8, 0), gm__realloc(NULL, 0, 0), gm__alloc_data(0)};
  for (size_t i = 0; i < 4; i++) {
    ck_assert_ptr_nonnull(blocks[i]);
    gm__free(blocks[i]);
  }
  gm__free(NULL);
}
END_TEST

START_TEST(data_is_aligned) {
  for (size_t bytes = 1; bytes < 300; bytes += 7) {
    void *data = gm__alloc_data(bytes);
    ck_assert_uint_eq((uintptr_t)data % GM__ALIGNMENT, 0);
    gm__free(data);
  }
}
END_TEST

START_TEST(large_data_begins_with_a_huge_page) {
  const size_t page = 2 << 20, sizes[] = {2 * page, 2 * page + 1, 5 * page - 64};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    char *data = gm__alloc_data(sizes[i]);
    ck_assert_uint_eq((uintptr_t)data % page, 0);
    data[0] = data[sizes[i] - 1] = 1;
    gm__free(data);
  }
}
END_TEST

START_TEST(growing_keeps_what_was_there) {
  void *block = NULL;
  size_t capacity = 0;
  for (size_t i = 0; i < 1000; i++) {
    ck_assert(gm__grow(&block, &capacity, i + 1, sizeof(size_t)));
    ((size_t *)block)[i] = i;
  }
  for (size_t i = 0; i < 1000; i++) ck_assert_uint_eq(((size_t *)block)[i], i);
  ck_assert_uint_lt(capacity, 2001);
  ck_assert(!gm__grow(&block, &capacity, SIZE_MAX / 4, sizeof(size_t)));
  ck_assert_uint_eq(((size_t *)block)[999], 999);
  gm__free(block);
}
END_TEST

START_TEST(text_is_copied) {
  char *copy = gm__strdup("gemmule");
  ck_assert_str_eq(copy, "gemmule");
  gm__free(copy);
}
END_TEST

START_TEST(an_arena_gives_aligned_blocks) {
  gm__arena arena = {0};
  for (size_t i = 0; i < 3000; i++) {
    unsigned char *block = gm__arena_zero(&arena, i % 37, 3);
    ck_assert_uint_eq((uintptr_t)block % 16, 0);
    for (size_t j = 0; j < i % 37 * 3; j++) ck_assert_uint_eq(block[j], 0);
    memset(block, 0xFF, i % 37 * 3);
  }
  ck_assert_uint_gt(gm__arena_bytes(&arena), 3000);
  gm__arena_free(&arena);
  ck_assert_uint_eq(gm__arena_bytes(&arena), 0);
}
END_TEST

START_TEST(an_arena_takes_large_and_impossible_requests) {
  gm__arena arena = {0};
  char *large = gm__arena_alloc(&arena, 5, 1 << 20);
  ck_assert_ptr_nonnull(large);
  large[5 * (1 << 20) - 1] = 1;
  ck_assert_ptr_null(gm__arena_alloc(&arena, SIZE_MAX, 1));
  ck_assert_ptr_null(gm__arena_alloc(&arena, SIZE_MAX / 2, 4));
  ck_assert_ptr_null(gm__arena_text(&arena, "", SIZE_MAX));
  gm__arena_free(&arena);
}
END_TEST

START_TEST(rewinding_keeps_what_was_before) {
  gm__arena arena = {0};
  char *kept = gm__arena_text(&arena, "kept and more", 4);
  gm__arena_mark mark = gm__arena_now(&arena);
  size_t bytes = gm__arena_bytes(&arena);
  for (int i = 0; i < 100; i++) gm__arena_zero(&arena, 1000, 1);
  gm__arena_rewind(&arena, mark);
  ck_assert_uint_eq(gm__arena_bytes(&arena), bytes);
  ck_assert_str_eq(kept, "kept");
  int numbers[] = {1, 2, 3};
  int *copy = gm__arena_copy(&arena, numbers, sizeof numbers);
  ck_assert_int_eq(copy[2], 3);
  gm__arena_free(&arena);
}
END_TEST

START_TEST(an_empty_arena_rewinds) {
  gm__arena arena = {0};
  gm__arena_mark mark = gm__arena_now(&arena);
  gm__arena_alloc(&arena, 1, 1);
  gm__arena_rewind(&arena, mark);
  ck_assert_ptr_null(arena.top);
}
END_TEST

START_TEST(a_shape_has_its_elements_and_bytes) {
  int64_t dims[] = {2, 3, 4}, count;
  size_t bytes;
  ck_assert_int_eq(gm__shape_size(3, dims, 8, &count, &bytes, NULL), GM_OK);
  ck_assert_int_eq(count, 24);
  ck_assert_uint_eq(bytes, 192);
  ck_assert_int_eq(gm__shape_size(0, NULL, 4, &count, &bytes, NULL), GM_OK);
  ck_assert_int_eq(count, 1);
  ck_assert_uint_eq(bytes, 4);
}
END_TEST

START_TEST(a_zero_length_empties_the_shape) {
  int64_t dims[] = {INT64_MAX / 2, 0}, count;
  ck_assert_int_eq(gm__shape_size(2, dims, 16, &count, NULL, NULL), GM_OK);
  ck_assert_int_eq(count, 0);
}
END_TEST

START_TEST(lengths_beside_a_zero_are_limited_too) {
  int64_t dims[] = {INT64_MAX / 2, 0, 2};
  ck_assert_int_eq(gm__shape_size(3, dims, 1, NULL, NULL, NULL), GM_LIMIT);
}
END_TEST

START_TEST(bytes_are_limited) {
  int64_t dims[] = {INT64_MAX / 2};
  gm_error error;
  ck_assert_int_eq(gm__shape_size(1, dims, 1, NULL, NULL, &error), GM_OK);
  ck_assert_int_eq(gm__shape_size(1, dims, 2, NULL, NULL, &error), GM_LIMIT);
  ck_assert_str_eq(
      error.message, "shape (4611686018427387903,) of 2-byte elements exceeds 4611686018427387903 bytes");
}
END_TEST

START_TEST(what_is_no_shape_is_refused) {
  int64_t dims[40] = {2, -1};
  gm_error error;
  ck_assert_int_eq(gm__shape_size(2, dims, 1, NULL, NULL, &error), GM_BAD_SHAPE);
  ck_assert_str_eq(error.message, "a length cannot be negative, but axis 1 is -1");
  ck_assert_int_eq(gm__shape_size(33, dims, 1, NULL, NULL, &error), GM_LIMIT);
  ck_assert_int_eq(gm__shape_size(-1, dims, 1, NULL, NULL, &error), GM_BAD_SHAPE);
  ck_assert_int_eq(gm__shape_size(1, NULL, 1, NULL, NULL, &error), GM_BAD_ARGUMENT);
}
END_TEST

START_TEST(division_rounds_down) {
  ck_assert_int_eq(gm__floor_div(7, 2), 3);
  ck_assert_int_eq(gm__floor_div(-7, 2), -4);
  ck_assert_int_eq(gm__floor_div(7, -2), -4);
  ck_assert_int_eq(gm__floor_div(-8, -2), 4);
  ck_assert_int_eq(gm__floor_div(INT64_MIN, -1), INT64_MIN);
}
END_TEST

SUITE(alloc) {
  CASE(an_overflow_gives_no_memory);
  CASE(no_bytes_give_a_pointer);
  CASE(data_is_aligned);
  CASE(large_data_begins_with_a_huge_page);
  CASE(growing_keeps_what_was_there);
  CASE(text_is_copied);
  CASE(an_arena_gives_aligned_blocks);
  CASE(an_arena_takes_large_and_impossible_requests);
  CASE(rewinding_keeps_what_was_before);
  CASE(an_empty_arena_rewinds);
  CASE(a_shape_has_its_elements_and_bytes);
  CASE(a_zero_length_empties_the_shape);
  CASE(lengths_beside_a_zero_are_limited_too);
  CASE(bytes_are_limited);
  CASE(what_is_no_shape_is_refused);
  CASE(division_rounds_down);
}
