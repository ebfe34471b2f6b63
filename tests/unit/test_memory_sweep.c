/* SPDX-License-Identifier: MIT
 *
 * Placing in one sweep over time: what was freed is taken again, neighbours are joined, rests are kept, and
 * the workspace grows at its end by no more than is missing. Sizes in units of 64 bytes. */
#include "plan/memory.h"
#include "support/random_graph.h"
#include "support/suite.h"

#include <stdio.h>

enum { UNIT = 64 };

typedef struct life {
  size_t size;
  uint32_t first, last;
  size_t offset; /* expected */
} life;

static void check_sweep(const life *lives, size_t count) {
  gm__block blocks[24];
  for (size_t i = 0; i < count; i++)
    blocks[i] = (gm__block){lives[i].size * UNIT, 77, lives[i].first, lives[i].last, (uint32_t)i};
  ck_assert_int_eq(gm__memory_sweep(blocks, count, NULL), GM_OK);
  for (size_t i = 0; i < count; i++)
    ck_assert_msg(blocks[i].offset == lives[i].offset * UNIT, "block %zu at %zu, not %zu", i,
        blocks[i].offset / UNIT, lives[i].offset);
}

#define CHECK_SWEEP(...)                                                                                     \
  do {                                                                                                       \
    const life lives[] = {__VA_ARGS__};                                                                      \
    check_sweep(lives, sizeof lives / sizeof *lives);                                                        \
  } while (0)

START_TEST(those_alive_at_once_lie_one_above_the_other) {
  CHECK_SWEEP({3, 0, 5, 0}, {2, 1, 5, 3}, {4, 2, 5, 5});
  CHECK_SWEEP({1, 0, 0, 0}, {1, 0, 0, 1}, {1, 0, 0, 2});
}
END_TEST

START_TEST(what_was_freed_is_taken_again) {
  CHECK_SWEEP({3, 0, 1, 0}, {2, 0, 9, 3}, {3, 2, 9, 0}, {1, 2, 9, 5});
  CHECK_SWEEP({3, 0, 1, 0}, {3, 1, 2, 3}, {3, 2, 3, 0}, {3, 3, 4, 3});
}
END_TEST

START_TEST(all_of_one_size_are_taken_again) {
  CHECK_SWEEP({2, 0, 1, 0}, {1, 0, 9, 2}, {2, 0, 1, 3}, {1, 0, 9, 5}, {2, 0, 1, 6}, {1, 0, 9, 8},
      {2, 2, 9, 6}, {2, 2, 9, 3}, {2, 2, 9, 0}, {2, 2, 9, 9});
  CHECK_SWEEP({2, 0, 1, 0}, {1, 0, 9, 2}, {2, 0, 2, 3}, {1, 0, 9, 5}, {2, 0, 3, 6}, {1, 0, 9, 8},
      {2, 3, 3, 3}, {2, 4, 9, 3}, {2, 4, 9, 6}, {2, 4, 9, 0}, {2, 5, 9, 9});
}
END_TEST

START_TEST(blocks_are_taken_by_birth_and_then_by_number) {
  CHECK_SWEEP({3, 2, 9, 2}, {2, 0, 9, 0}, {1, 2, 9, 5}, {3, 0, 1, 2});
}
END_TEST

START_TEST(free_neighbours_become_one) {
  CHECK_SWEEP({1, 0, 1, 0}, {1, 0, 2, 1}, {1, 0, 3, 2}, {1, 0, 9, 3}, {3, 4, 9, 0});
  CHECK_SWEEP({1, 0, 3, 0}, {1, 0, 2, 1}, {1, 0, 1, 2}, {1, 0, 9, 3}, {3, 4, 9, 0});
  CHECK_SWEEP({1, 0, 1, 0}, {1, 0, 3, 1}, {1, 0, 2, 2}, {1, 0, 9, 3}, {3, 4, 9, 0});
  CHECK_SWEEP({1, 0, 2, 0}, {1, 0, 1, 1}, {1, 0, 9, 2}, {2, 3, 9, 0});
}
END_TEST

START_TEST(the_rest_of_a_free_place_is_kept) {
  CHECK_SWEEP({4, 0, 1, 0}, {1, 0, 9, 4}, {1, 2, 9, 0}, {3, 3, 9, 1});
  CHECK_SWEEP({4, 0, 1, 0}, {1, 0, 9, 4}, {1, 2, 3, 0}, {3, 3, 3, 1}, {4, 4, 9, 0});
}
END_TEST

START_TEST(the_end_grows_by_what_is_missing) {
  CHECK_SWEEP({2, 0, 9, 0}, {1, 0, 1, 2}, {3, 2, 9, 2}, {1, 3, 9, 5});
  CHECK_SWEEP({2, 0, 9, 0}, {4, 0, 1, 2}, {3, 2, 9, 2}, {1, 2, 9, 5}, {1, 2, 9, 6});
  CHECK_SWEEP({2, 0, 1, 0}, {5, 2, 3, 0}, {2, 4, 9, 0}, {3, 4, 9, 2}, {1, 4, 9, 5});
}
END_TEST

START_TEST(a_place_that_fits_is_preferred_to_a_larger_one) {
  CHECK_SWEEP({9, 0, 1, 0}, {1, 0, 9, 9}, {3, 0, 1, 10}, {1, 0, 9, 13}, {3, 2, 9, 10}, {9, 2, 9, 0});
  CHECK_SWEEP({16, 0, 1, 0}, {1, 0, 9, 16}, {24, 0, 1, 17}, {1, 0, 9, 41}, {17, 2, 9, 17}, {16, 2, 9, 0});
}
END_TEST

/* 17 to 31 are of one size class of eight, 32 to 35 and so on: a list of one class may hold smaller ones
 * first. */
START_TEST(the_list_of_its_own_class_is_looked_through) {
  CHECK_SWEEP({33, 0, 1, 0}, {1, 0, 9, 33}, {32, 0, 2, 34}, {1, 0, 9, 66}, {33, 3, 9, 0}, {32, 3, 9, 34});
  CHECK_SWEEP({32, 0, 2, 0}, {1, 0, 9, 32}, {35, 0, 1, 33}, {1, 0, 9, 68}, {34, 3, 9, 33}, {32, 4, 9, 0});
}
END_TEST

/* The largest of its class is freed first, and so stands last in its list. */
START_TEST(eight_of_a_class_are_looked_at) {
  for (size_t others = 6; others <= 8; others++) {
    life lives[24] = {{35, 0, 1, 0}, {1, 0, 9, 35}};
    size_t count = 2, end = 36;
    for (size_t i = 0; i < others; i++, end += 34) {
      lives[count++] = (life){33, 0, 1, end};
      lives[count++] = (life){1, 0, 9, end + 33};
    }
    lives[count++] = (life){35, 2, 9, others < 8 ? 0 : end};
    check_sweep(lives, count);
  }
}
END_TEST

START_TEST(ends_and_beginnings_at_one_step_do_not_share) {
  CHECK_SWEEP({2, 0, 3, 0}, {2, 3, 5, 2}, {2, 4, 5, 0});
}
END_TEST

START_TEST(sweeps_of_many_stay_near_the_bound) {
  enum { COUNT = 4000, STEPS = 2000 };
  static gm__block blocks[COUNT];
  static size_t alive[STEPS + 64];
  double worst = 1;
  for (uint64_t seed = 1; seed <= 20; seed++) {
    draw from = {seed};
    size_t bound = 0, height = 0;
    for (size_t i = 0; i < STEPS + 64; i++) alive[i] = 0;
    for (size_t i = 0; i < COUNT; i++) {
      uint32_t first = (uint32_t)draw_below(&from, STEPS), last = first + (uint32_t)draw_below(&from, 60);
      blocks[i] = (gm__block){UNIT * (size_t)(1 + draw_below(&from, 100)), 0, first, last, (uint32_t)i};
      for (uint32_t s = first; s <= last; s++) alive[s] += blocks[i].size;
    }
    ck_assert_int_eq(gm__memory_sweep(blocks, COUNT, NULL), GM_OK);
    for (size_t i = 0; i < STEPS; i++) bound = alive[i] > bound ? alive[i] : bound;
    for (size_t i = 0; i < COUNT; i++)
      height = blocks[i].offset + blocks[i].size > height ? blocks[i].offset + blocks[i].size : height;
    double ratio = (double)height / (double)bound;
    if (ratio > worst) worst = ratio;
  }
  printf("sweeps of 4000: at worst %.3f of the lower bound\n", worst);
  ck_assert_double_le(worst, 1.2);
}
END_TEST

SUITE(memory_sweep) {
  CASE(those_alive_at_once_lie_one_above_the_other);
  CASE(what_was_freed_is_taken_again);
  CASE(all_of_one_size_are_taken_again);
  CASE(blocks_are_taken_by_birth_and_then_by_number);
  CASE(free_neighbours_become_one);
  CASE(the_rest_of_a_free_place_is_kept);
  CASE(the_end_grows_by_what_is_missing);
  CASE(a_place_that_fits_is_preferred_to_a_larger_one);
  CASE(the_list_of_its_own_class_is_looked_through);
  CASE(eight_of_a_class_are_looked_at);
  CASE(ends_and_beginnings_at_one_step_do_not_share);
  CASE(sweeps_of_many_stay_near_the_bound);
}
