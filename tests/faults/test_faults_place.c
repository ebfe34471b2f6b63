/* SPDX-License-Identifier: MIT
 *
 * Placing buffers with memory running out at every allocation: GM_NO_MEMORY, no block left, and the same
 * places when there is memory again; by search for few and in one sweep for many. */
#include "faults/memory.h"
#include "plan/memory.h"
#include "support/random_graph.h"
#include "support/suite.h"

static gm__program *random_program(size_t buffers) {
  static gm__program program;
  draw from = {3};
  program = (gm__program){0};
  for (size_t i = 0; i < buffers; i++) {
    uint32_t id = 0, first = (uint32_t)draw_below(&from, 50);
    size_t bytes = 1 + (size_t)draw_below(&from, 900);
    ck_assert_int_eq(gm__program_buffer(&program, GM__BUFFER_TEMPORARY, 0, bytes, &id, NULL), GM_OK);
    program.buffers[id].first = first;
    program.buffers[id].last = first + (uint32_t)draw_below(&from, 7);
  }
  program.step_count = 60;
  return &program;
}

static void forget(gm__program *program) {
  program->step_count = 0;
  gm__program_free(program);
}

static void walk_places(size_t buffers, bool persists) {
  gm__special well = {0}, sizes = {0};
  gm__program *program = random_program(buffers);
  ck_assert_int_eq(gm__memory_place(program, true, &well, NULL), GM_OK);
  bool failed = true;
  for (long allowed = 0; failed; allowed++) {
    gm_error error = {0};
    long live = memory_live();
    memory_arm(allowed, persists);
    gm_status status = gm__memory_place(program, true, &sizes, &error);
    failed = memory_disarm();
    ck_assert_int_eq(status, failed ? GM_NO_MEMORY : GM_OK);
    ck_assert_int_eq(error.status, status);
    ck_assert_int_eq(memory_live(), live);
  }
  ck_assert_uint_eq(sizes.workspace, well.workspace);
  ck_assert_uint_eq(sizes.lower_bound, well.lower_bound);
  forget(program);
}

START_TEST(few_buffers_without_memory_are_not_placed) {
  walk_places(40, _i == 1);
}
END_TEST

START_TEST(many_buffers_without_memory_are_not_placed) {
  walk_places(2100, _i == 1);
}
END_TEST

SUITE(faults_place) {
  tcase_add_loop_test(cases, few_buffers_without_memory_are_not_placed, 0, 2);
  tcase_add_loop_test(cases, many_buffers_without_memory_are_not_placed, 0, 2);
}
