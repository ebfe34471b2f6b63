/* SPDX-License-Identifier: MIT
 *
 * The memory plan: buffers that are alive at once never overlap, in synthetic programs for both ways of
 * placing and in programs of random graphs; in place never writes over what is still read; and what a run
 * finds in freed memory makes no difference, for it is filled with NaN here after each step. */
#include "support/suite.h"

#include <stdio.h>
#include <string.h>
#include "exec/executor.h"
#include "support/build.h"
#include "support/random_graph.h"

#define NOBODY UINT32_MAX

/* ---- Synthetic programs ---- */

typedef struct made_up {
  gm__program program;
  gm__special sizes;
} made_up;

static made_up *random_program(draw *from, size_t buffers, size_t steps, int64_t longest) {
  made_up *made = gm__alloc_zero(1, sizeof *made);
  ck_assert_ptr_nonnull(made);
  for (size_t i = 0; i < buffers; i++) {
    uint32_t id;
    size_t bytes = 1 + (size_t)draw_below(from, 1 + draw_below(from, 5000));
    ck_assert_int_eq(gm__program_buffer(&made->program, GM__BUFFER_TEMPORARY, 0, bytes, &id, NULL), GM_OK);
    gm__buffer *b = &made->program.buffers[id];
    b->first = (uint32_t)draw_below(from, (int64_t)steps);
    int64_t last = b->first + draw_below(from, longest);
    b->last = (uint32_t)(last < (int64_t)steps ? last : (int64_t)steps - 1);
  }
  made->program.step_count = steps;
  return made;
}

static void made_up_free(made_up *made) {
  made->program.step_count = 0;
  gm__program_free(&made->program);
  gm__free(made);
}

static bool roots(const gm__program *program, const gm__buffer *b) {
  return b->kind == GM__BUFFER_TEMPORARY && b->first != NOBODY && b->same == (uint32_t)(b - program->buffers);
}

static bool disjoint(const gm__buffer *a, const gm__buffer *b) {
  bool apart = a->last < b->first || b->last < a->first;
  return apart || a->offset + a->bytes <= b->offset || b->offset + b->bytes <= a->offset;
}

static bool placed_well(const gm__program *program, const gm__special *sizes) {
  bool fine = sizes->lower_bound <= sizes->workspace && sizes->workspace <= sizes->unshared;
  for (size_t i = 0; i < program->buffer_count; i++) {
    const gm__buffer *a = &program->buffers[i];
    if (!roots(program, a)) continue;
    fine = fine && a->offset % GM__ALIGNMENT == 0 && a->offset + a->bytes <= sizes->workspace;
    for (size_t j = 0; j < i && fine; j++) {
      const gm__buffer *b = &program->buffers[j];
      fine = !roots(program, b) || disjoint(a, b);
    }
  }
  return fine;
}

static double place_random(uint64_t seed, size_t buffers, size_t steps, int64_t longest) {
  draw from = {seed};
  made_up *made = random_program(&from, buffers, steps, longest);
  ck_assert_int_eq(gm__memory_place(&made->program, true, &made->sizes, NULL), GM_OK);
  ck_assert(placed_well(&made->program, &made->sizes));
  double lower = (double)made->sizes.lower_bound;
  double ratio = lower > 0 ? (double)made->sizes.workspace / lower : 1;
  made_up_free(made);
  return ratio;
}

START_TEST(few_buffers_never_overlap) {
  double worst = 1;
  for (uint64_t seed = 0; seed < 300; seed++) {
    double ratio = place_random(seed, 1 + seed % 60, 1 + seed % 37, 1 + (int64_t)(seed % 19));
    if (ratio > worst) worst = ratio;
  }
  printf("up to 60 buffers: at worst %.3f of the lower bound\n", worst);
  ck_assert_double_le(worst, 1.6);
}
END_TEST

START_TEST(many_buffers_never_overlap) {
  static const size_t counts[] = {2047, 2048, 2049, 6000};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
    for (int64_t longest = 2; longest <= 512; longest *= 16) {
      double ratio = place_random(i + 1, counts[i], 2000, longest);
      printf("%zu buffers, lives up to %d steps: %.3f of the lower bound\n", counts[i], (int)longest, ratio);
      ck_assert_double_le(ratio, 2);
    }
  }
}
END_TEST

START_TEST(without_sharing_all_lie_apart) {
  draw from = {7};
  made_up *made = random_program(&from, 200, 100, 20);
  ck_assert_int_eq(gm__memory_place(&made->program, false, &made->sizes, NULL), GM_OK);
  for (size_t i = 0; i < 200; i++) {
    made->program.buffers[i].first = 0;
    made->program.buffers[i].last = 99;
  }
  ck_assert(placed_well(&made->program, &made->sizes));
  ck_assert_uint_eq(made->sizes.workspace, made->sizes.unshared);
  made_up_free(made);
}
END_TEST

START_TEST(sums_beyond_the_address_space_are_a_limit) {
  draw from = {7};
  gm_error error = {0};
  made_up *made = random_program(&from, 3, 10, 5);
  for (size_t i = 0; i < 3; i++) made->program.buffers[i].bytes = PTRDIFF_MAX / 2 - 100;
  ck_assert_int_eq(gm__memory_place(&made->program, true, &made->sizes, &error), GM_LIMIT);
  ck_assert_int_eq(error.status, GM_LIMIT);
  made->program.buffers[1].bytes = made->program.buffers[2].bytes = 1;
  for (size_t missing = 0; missing < 200; missing++) {
    made->program.buffers[0].bytes = SIZE_MAX - missing;
    ck_assert_int_eq(gm__memory_place(&made->program, true, &made->sizes, NULL), GM_LIMIT);
    made->program.buffers[0].bytes = (size_t)PTRDIFF_MAX - missing;
    ck_assert_int_eq(
        gm__memory_place(&made->program, true, &made->sizes, NULL), missing < 191 ? GM_LIMIT : GM_OK);
  }
  made_up_free(made);
}
END_TEST

START_TEST(buffers_without_bytes_take_no_part) {
  draw from = {13};
  made_up *made = random_program(&from, 60, 40, 9);
  ck_assert_int_eq(gm__memory_place(&made->program, true, &made->sizes, NULL), GM_OK);
  gm__special first = made->sizes;
  for (uint32_t i = 0; i < 60; i++) {
    uint32_t id;
    ck_assert_int_eq(gm__program_buffer(&made->program, GM__BUFFER_TEMPORARY, 0, 0, &id, NULL), GM_OK);
    made->program.buffers[id].first = 0;
    made->program.buffers[id].last = 39;
    made->program.buffers[id].offset = 12345;
  }
  ck_assert_int_eq(gm__memory_place(&made->program, true, &made->sizes, NULL), GM_OK);
  ck_assert_uint_eq(made->sizes.workspace, first.workspace);
  ck_assert_uint_eq(made->sizes.unshared, first.unshared);
  for (uint32_t i = 60; i < 120; i++) ck_assert_uint_eq(made->program.buffers[i].offset, 12345);
  made_up_free(made);
}
END_TEST

START_TEST(placing_again_gives_the_same_sizes) {
  draw from = {11};
  made_up *made = random_program(&from, 90, 40, 9);
  ck_assert_int_eq(gm__memory_place(&made->program, true, &made->sizes, NULL), GM_OK);
  gm__special first = made->sizes;
  memset(&made->sizes, 0x7f, sizeof made->sizes);
  ck_assert_int_eq(gm__memory_place(&made->program, true, &made->sizes, NULL), GM_OK);
  ck_assert_uint_eq(made->sizes.workspace, first.workspace);
  ck_assert_uint_eq(made->sizes.unshared, first.unshared);
  ck_assert_uint_eq(made->sizes.lower_bound, first.lower_bound);
  made_up_free(made);
}
END_TEST

START_TEST(no_buffers_need_no_memory) {
  made_up *made = gm__alloc_zero(1, sizeof *made);
  ck_assert_int_eq(gm__memory_place(&made->program, true, &made->sizes, NULL), GM_OK);
  ck_assert_uint_eq(made->sizes.workspace, 0);
  made_up_free(made);
}
END_TEST

/* ---- Runs among poison ---- */

static uint32_t root_of(const gm__program *program, uint32_t id) {
  while (program->buffers[id].same != id) id = program->buffers[id].same;
  return id;
}

static void poison(gm_executor *e, const gm__buffer *b) {
  memset(e->workspace + b->offset, 0xff, b->bytes);
}

/** The last step that touches the memory of each buffer, found from the steps themselves. */
static uint32_t *last_uses(const gm__program *program) {
  uint32_t *last = gm__alloc_zero(program->buffer_count, sizeof *last);
  ck_assert_ptr_nonnull(last);
  for (size_t s = 0; s < program->step_count; s++) {
    const gm__step *step = &program->steps[s];
    for (int o = 0; o < step->reads + step->writes; o++)
      last[root_of(program, step->operands[o].buffer)] = (uint32_t)s;
  }
  return last;
}

/** Runs step by step; whatever memory is read no more holds NaN from then on. */
static void run_poisoned(gm_executor *e) {
  gm_error error = {0};
  ck_assert_msg(gm_executor_prepare(e, &error) == GM_OK, "%s", error.message);
  const gm__program *program = &e->special->program;
  const gm__run run = {e->bases, NULL, &error};
  uint32_t *last = last_uses(program);
  bool fine = true;
  memset(e->workspace, 0xff, e->special->workspace);
  for (size_t s = 0; s < program->step_count; s++) {
    fine = fine && program->steps[s].kernel->run(&program->steps[s], &run) == GM_OK;
    for (size_t i = 0; i < program->buffer_count; i++) {
      const gm__buffer *b = &program->buffers[i];
      if (roots(program, b) && last[i] == s) poison(e, b);
    }
  }
  gm__free(last);
  ck_assert(fine);
  e->ran = true;
}

static gm_executor *made_executor(gm_plan *plan, gm_tensor *const *values) {
  gm_executor *e = gm_executor_new(plan, NULL);
  ck_assert_ptr_nonnull(e);
  for (int i = 0; i < SCRIPT_SOURCES; i++) feed(e, script_sources[i], values[i]);
  return e;
}

static void ck_same_outputs(gm_executor *e, gm_executor *reference, size_t count) {
  run_poisoned(e);
  ck_assert(placed_well(&e->special->program, e->special));
  for (size_t i = 0; i < count; i++)
    ck_assert_msg(tensors_agree(gm_executor_output(e, i), gm_executor_output(reference, i)), "output %zu", i);
}

/** The outputs of a poisoned run are those of a run without any sharing of memory. False when the graph's
 * constraints do not admit the lengths. */
static bool ck_outputs(const gm_graph *graph, const gm_node *outputs, size_t count, draw *from) {
  gm_tensor *values[SCRIPT_SOURCES];
  script_values(from, script_length(graph, 3), values);
  gm_plan *shared = plan_of(graph, outputs, count),
          *apart = plan_without(graph, outputs, count, "in_place, memory");
  gm_executor *e = made_executor(shared, values), *reference = made_executor(apart, values);
  gm_status status = gm_executor_run(reference, NULL);
  ck_assert(status == GM_OK || status == GM_BAD_SHAPE);
  if (status == GM_OK) ck_same_outputs(e, reference, count);
  gm_executor_free(e);
  gm_executor_free(reference);
  gm_plan_free(shared);
  gm_plan_free(apart);
  for (int i = 0; i < SCRIPT_SOURCES; i++) gm_tensor_free(values[i]);
  return status == GM_OK;
}

static bool ck_random_graph(uint64_t seed, int steps) {
  draw from = {seed};
  script made;
  gm_node nodes[SCRIPT_STEPS], outputs[4];
  gm_graph *graph = gm_graph_new(NULL, NULL);
  script_grow(&made, &from, steps);
  ck_assert(script_build(&made, graph, "n", nodes));
  size_t count = 1 + (size_t)draw_below(&from, 4);
  for (size_t i = 0; i < count; i++) outputs[i] = nodes[made.count - 1 - draw_below(&from, made.count)];
  outputs[0] = nodes[made.count - 1];
  bool ran = ck_outputs(graph, outputs, count, &from);
  gm_graph_free(graph);
  return ran;
}

START_TEST(freed_memory_makes_no_difference) {
  int ran = 0;
  for (uint64_t seed = 1; seed <= 200; seed++) ran += ck_random_graph(seed, 10 + (int)(seed % 120));
  printf("%d of 200 random graphs ran\n", ran);
  ck_assert_int_ge(ran, 100);
}
END_TEST

/** Thousands of steps: chains with branches that live for a while. */
static gm_node long_program(gm_graph *graph, draw *from, int steps) {
  gm_node recent[16];
  for (int i = 0; i < 16; i++) recent[i] = gm_placeholder(graph, NULL, GM_FLOAT32, i % 2 ? "5, 5" : "1, 5");
  for (int i = 0; i < steps; i++) {
    gm_node *at = &recent[draw_below(from, 16)], x = recent[draw_below(from, 16)],
            y = recent[draw_below(from, 16)];
    int64_t what = draw_below(from, 4);
    *at = what == 0   ? apply2(graph, "add", x, y, NULL)
          : what == 1 ? apply2(graph, "subtract", *at, x, NULL)
          : what == 2 ? apply1(graph, "negative", *at, NULL)
                      : apply2(graph, "add", x, apply1(graph, "tanh", *at, NULL), NULL);
    if (gm_node_dim(graph, *at, 0) == 5 && draw_below(from, 4) == 0)
      *at = apply1(graph, "transpose", *at, NULL);
  }
  gm_node all = recent[0];
  for (int i = 1; i < 16; i++) all = apply2(graph, "add", all, recent[i], NULL);
  return all;
}

static void feed_all(gm_executor *e, gm_graph *graph, gm_tensor *const tensors[2]) {
  for (size_t i = 0; i < gm_graph_node_count(graph); i++) {
    gm_node node = gm_graph_node_at(graph, i);
    if (strcmp(gm_node_op(graph, node), "placeholder") != 0) continue;
    feed(e, gm_node_name(graph, node), tensors[gm_node_dim(graph, node, 0) == 5]);
  }
}

static void ck_long_program(uint64_t seed, int steps) {
  draw from = {seed};
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node output = long_program(graph, &from, steps);
  gm_tensor *tensors[] = {ramp2(-2, 1, 5), ramp2(-1, 5, 5)};
  gm_plan *shared = plan_of(graph, &output, 1), *apart = plan_without(graph, &output, 1, "in_place,memory");
  gm_executor *e = gm_executor_new(shared, NULL), *reference = gm_executor_new(apart, NULL);
  feed_all(e, graph, tensors);
  feed_all(reference, graph, tensors);
  run(reference);
  run_poisoned(e);
  ck_assert(placed_well(&e->special->program, e->special));
  ck_assert(tensors_agree(gm_executor_output(e, 0), gm_executor_output(reference, 0)));
  printf("%zu steps: workspace %zu, lower bound %zu, unshared %zu\n", e->special->program.step_count,
      e->special->workspace, e->special->lower_bound, e->special->unshared);
  gm_executor_free(e);
  gm_executor_free(reference);
  gm_plan_free(shared);
  gm_plan_free(apart);
  gm_graph_free(graph);
  gm_tensor_free(tensors[0]);
  gm_tensor_free(tensors[1]);
}

START_TEST(programs_of_thousands_of_steps_stay_right) {
  ck_long_program(1, 1500);
  ck_long_program(2, 3000);
}
END_TEST

/* ---- In place ---- */

static size_t workspace_of(const gm_graph *graph, gm_node output) {
  gm_plan_size sizes = {.struct_size = sizeof sizes};
  gm_plan *plan = plan_of(graph, &output, 1);
  ck_assert_int_eq(gm_plan_sizes(plan, NULL, &sizes, NULL), GM_OK);
  gm_plan_free(plan);
  return sizes.peak;
}

START_TEST(a_chain_of_elementwise_steps_needs_no_workspace) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "100, 100");
  for (int i = 0; i < 20; i++) x = apply1(graph, i % 2 ? "tanh" : "negative", x, NULL);
  ck_assert_uint_eq(workspace_of(graph, x), 0);
  gm_graph_free(graph);
}
END_TEST

/** The value of `output` on a 4 × 4 ramp equals the one without passes, among poison. */
static void ck_square(gm_graph *graph, gm_node output) {
  gm_plan *shared = plan_of(graph, &output, 1),
          *apart = plan_without(graph, &output, 1, "in_place,memory,share");
  gm_tensor *x = ramp2(-5, 4, 4);
  gm_executor *e = gm_executor_new(shared, NULL), *reference = gm_executor_new(apart, NULL);
  feed(e, "x", x);
  feed(reference, "x", x);
  run(reference);
  run_poisoned(e);
  ck_assert(tensors_agree(gm_executor_output(e, 0), gm_executor_output(reference, 0)));
  gm_executor_free(e);
  gm_executor_free(reference);
  gm_plan_free(shared);
  gm_plan_free(apart);
  gm_tensor_free(x);
  gm_graph_free(graph);
}

static gm_node square(gm_graph *graph) {
  return apply1(graph, "negative", gm_placeholder(graph, "x", GM_FLOAT32, "4, 4"), NULL);
}

START_TEST(a_value_and_its_transpose_are_not_written_over) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node y = square(graph);
  ck_square(graph, apply2(graph, "add", y, apply1(graph, "transpose", y, NULL), NULL));
}
END_TEST

START_TEST(a_transpose_and_its_value_are_not_written_over) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node y = square(graph);
  ck_square(graph, apply2(graph, "subtract", apply1(graph, "transpose", y, NULL), y, NULL));
}
END_TEST

START_TEST(a_value_read_later_is_not_written_over) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node y = square(graph), z = apply1(graph, "exp", y, NULL);
  ck_square(graph, apply2(graph, "dot", z, y, NULL));
}
END_TEST

START_TEST(a_view_read_later_is_not_written_over) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node y = square(graph), view = apply1(graph, "reshape", y, "{shape: \"2, 8\"}");
  gm_node z = apply1(graph, "reshape", apply1(graph, "tanh", y, NULL), "{shape: \"2, 8\"}");
  ck_square(graph, apply2(graph, "add", z, view, NULL));
}
END_TEST

START_TEST(a_broadcast_operand_is_not_written_over) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node y = square(graph), row = apply1(graph, "sum", y, "{axis: 0, keepdims: true}");
  gm_node column = apply1(graph, "sum", y, "{axis: 1, keepdims: true}");
  ck_square(graph, apply2(graph, "add", row, column, NULL));
}
END_TEST

START_TEST(a_square_of_itself_is_written_in_place) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node y = square(graph);
  gm_node z = apply2(graph, "multiply", y, y, NULL);
  ck_assert_uint_eq(workspace_of(graph, z), 0);
  ck_square(graph, z);
}
END_TEST

START_TEST(an_output_is_not_written_over) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node y = square(graph), outputs[] = {y, apply1(graph, "tanh", y, NULL), y};
  gm_tensor *x = ramp2(1, 4, 4);
  gm_executor *e = executor_of(graph, outputs, 3);
  feed(e, "x", x);
  run_poisoned(e);
  for (int i = 0; i < 16; i++) {
    ck_assert_float_eq(floats(e, 0)[i], (float)-(1 + i));
    ck_assert_float_eq(floats(e, 2)[i], (float)-(1 + i));
    ck_assert_float_lt(floats(e, 1)[i], 0);
  }
  gm_executor_free(e);
  gm_tensor_free(x);
  gm_graph_free(graph);
}
END_TEST

START_TEST(feeds_variables_and_constants_are_never_written) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_tensor *x = ramp2(1, 4, 4), *kept = ramp2(1, 4, 4), *value = NULL;
  gm_node nodes[] = {
      gm_placeholder(graph, "x", GM_FLOAT32, "4, 4"), gm_variable(graph, "v", x), gm_constant(graph, "c", x)};
  gm_node outputs[3];
  for (int i = 0; i < 3; i++)
    outputs[i] = apply1(graph, "negative", apply1(graph, "square", nodes[i], NULL), NULL);
  gm_executor *e = executor_of(graph, outputs, 3);
  feed(e, "x", x);
  run(e);
  ck_assert(tensors_agree(x, kept));
  for (int i = 1; i < 3; i++) {
    ck_assert_int_eq(gm_variable_get(graph, nodes[i], &value, NULL), GM_OK);
    ck_assert(tensors_agree(value, kept));
    gm_tensor_free(value);
  }
  gm_executor_free(e);
  gm_tensor_free(x);
  gm_tensor_free(kept);
  gm_graph_free(graph);
}
END_TEST

SUITE(memory) {
  CASE(few_buffers_never_overlap);
  CASE(many_buffers_never_overlap);
  CASE(without_sharing_all_lie_apart);
  CASE(sums_beyond_the_address_space_are_a_limit);
  CASE(buffers_without_bytes_take_no_part);
  CASE(placing_again_gives_the_same_sizes);
  CASE(no_buffers_need_no_memory);
  CASE(freed_memory_makes_no_difference);
  CASE(programs_of_thousands_of_steps_stay_right);
  CASE(a_chain_of_elementwise_steps_needs_no_workspace);
  CASE(a_value_and_its_transpose_are_not_written_over);
  CASE(a_transpose_and_its_value_are_not_written_over);
  CASE(a_value_read_later_is_not_written_over);
  CASE(a_view_read_later_is_not_written_over);
  CASE(a_broadcast_operand_is_not_written_over);
  CASE(a_square_of_itself_is_written_in_place);
  CASE(an_output_is_not_written_over);
  CASE(feeds_variables_and_constants_are_never_written);
}
