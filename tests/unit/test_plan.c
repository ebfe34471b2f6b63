/* SPDX-License-Identifier: MIT
 *
 * Making plans: options, outputs of every kind, symbols that nobody gives, sizes before any run, and that
 * plan and graph are independent of each other once the plan is made. */
#include "support/suite.h"

#include <stdio.h>
#include <string.h>
#include "support/build.h"

static gm_error error;

static gm_graph *new_graph(void) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  ck_assert_ptr_nonnull(graph);
  return graph;
}

/** dot(x, w) with x (batch, 3), w (3, 4) all ones. */
static gm_graph *small(gm_node *output) {
  gm_graph *graph = new_graph();
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "batch, 3");
  *output = gm_name(graph, gm_dot(graph, x, gm_ones(graph, "w", GM_FLOAT32, "3, 4")), "xw");
  return graph;
}

static gm_status status_with(const gm_plan_options *options) {
  gm_node output;
  gm_graph *graph = small(&output);
  memset(&error, 0, sizeof error);
  gm_plan *plan = gm_plan_new(graph, &output, 1, options, &error);
  ck_assert((plan == NULL) == (error.status != GM_OK));
  gm_plan_free(plan);
  gm_graph_free(graph);
  return error.status;
}

static void ck_says(const char *part) {
  ck_assert_msg(strstr(error.message, part) != NULL, "'%s' is not in '%s'", part, error.message);
}

/* ---- Options ---- */

START_TEST(no_options_are_the_defaults) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  ck_assert_int_eq(status_with(NULL), GM_OK);
  ck_assert_int_eq(status_with(&options), GM_OK);
}
END_TEST

START_TEST(a_short_options_struct_is_refused) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  options.struct_size = 0;
  ck_assert_int_eq(status_with(&options), GM_BAD_ARGUMENT);
  options.struct_size = sizeof options - 1;
  ck_assert_int_eq(status_with(&options), GM_BAD_ARGUMENT);
  ck_says("gm_plan_options");
}
END_TEST

START_TEST(a_longer_options_struct_must_end_in_zeros) {
  struct {
    gm_plan_options known;
    unsigned char more[24];
  } options = {GM_PLAN_OPTIONS_INIT, {0}};
  options.known.struct_size = sizeof options;
  ck_assert_int_eq(status_with(&options.known), GM_OK);
  options.more[23] = 1;
  ck_assert_int_ne(status_with(&options.known), GM_OK);
}
END_TEST

START_TEST(negative_threads_are_refused) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  options.threads = -1;
  ck_assert_int_eq(status_with(&options), GM_BAD_ARGUMENT);
  ck_says("-1");
}
END_TEST

START_TEST(negative_specialisations_are_refused) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  options.max_specialisations = -3;
  ck_assert_int_eq(status_with(&options), GM_BAD_ARGUMENT);
  ck_says("-3");
  options.max_specialisations = 1;
  ck_assert_int_eq(status_with(&options), GM_OK);
}
END_TEST

START_TEST(every_kernel_is_taken_by_name) {
  for (size_t i = 0; gm_kernel_name(i); i++) {
    gm_plan_options options = GM_PLAN_OPTIONS_INIT;
    options.kernel = gm_kernel_name(i);
    ck_assert_int_eq(status_with(&options), GM_OK);
  }
}
END_TEST

START_TEST(an_unknown_kernel_is_refused_with_the_nearest) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  options.kernel = "lops";
  ck_assert_int_eq(status_with(&options), GM_BAD_ARGUMENT);
  ck_says("'lops'");
  ck_says("'loops'");
  options.kernel = "";
  ck_assert_int_eq(status_with(&options), GM_BAD_ARGUMENT);
}
END_TEST

START_TEST(every_pass_can_be_switched_off) {
  char all[512] = "";
  for (size_t i = 0; gm_pass_name(i); i++) {
    gm_plan_options options = GM_PLAN_OPTIONS_INIT;
    options.without = gm_pass_name(i);
    ck_assert_int_eq(status_with(&options), GM_OK);
    if (i) strcat(all, ", ");
    strcat(all, gm_pass_name(i));
  }
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  options.without = all;
  ck_assert_int_eq(status_with(&options), GM_OK);
}
END_TEST

START_TEST(an_unknown_pass_is_refused_with_the_nearest) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  options.without = "prune,shore";
  ck_assert_int_eq(status_with(&options), GM_BAD_ARGUMENT);
  ck_says("'shore'");
  ck_says("'share'");
  options.without = "pru";
  ck_assert_int_eq(status_with(&options), GM_BAD_ARGUMENT);
}
END_TEST

START_TEST(a_long_unknown_word_is_refused) {
  char word[5000];
  memset(word, 'x', sizeof word);
  word[sizeof word - 1] = '\0';
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  options.without = word;
  ck_assert_int_eq(status_with(&options), GM_BAD_ARGUMENT);
  options.without = NULL;
  options.kernel = word;
  ck_assert_int_eq(status_with(&options), GM_BAD_ARGUMENT);
}
END_TEST

START_TEST(strings_in_options_are_copied) {
  gm_node output;
  gm_graph *graph = small(&output);
  char kernel[] = "loops", without[] = "share";
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  options.kernel = kernel;
  options.without = without;
  gm_plan *plan = gm_plan_new(graph, &output, 1, &options, &error);
  memset(kernel, 'x', sizeof kernel - 1);
  memset(without, 'x', sizeof without - 1);
  memset(&options, 0xff, sizeof options);
  char *text = plan_text(plan, "batch=2", 0);
  ck_assert_ptr_nonnull(strstr(text, "loops"));
  free(text);
  gm_plan_free(plan);
  gm_graph_free(graph);
}
END_TEST

static void no_run(void *context, int count, void (*task)(void *, int), void *argument) {
  (void)context;
  for (int i = 0; i < count; i++) task(argument, i);
}

START_TEST(a_pool_needs_a_function_and_threads) {
  gm_pool pool = {sizeof pool, NULL, 2, no_run};
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  options.pool = &pool;
  ck_assert_int_eq(status_with(&options), GM_OK);
  pool.threads = 0;
  ck_assert_int_eq(status_with(&options), GM_BAD_ARGUMENT);
  pool.threads = 2;
  pool.run = NULL;
  ck_assert_int_eq(status_with(&options), GM_BAD_ARGUMENT);
  pool.run = no_run;
  pool.struct_size = 0;
  ck_assert_int_eq(status_with(&options), GM_BAD_ARGUMENT);
}
END_TEST

/* ---- Outputs ---- */

static gm_status status_of(const gm_graph *graph, const gm_node *outputs, size_t count) {
  memset(&error, 0, sizeof error);
  gm_plan *plan = gm_plan_new(graph, outputs, count, NULL, &error);
  ck_assert((plan == NULL) == (error.status != GM_OK));
  gm_plan_free(plan);
  return error.status;
}

START_TEST(a_null_graph_is_refused) {
  ck_assert_int_eq(status_of(NULL, NULL, 0), GM_BAD_ARGUMENT);
}
END_TEST

START_TEST(no_node_gives_the_recorded_error) {
  gm_graph *graph = new_graph();
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "2, 3"),
          y = gm_placeholder(graph, "y", GM_FLOAT32, "4, 5");
  gm_node xy = gm_dot(graph, x, y), outputs[] = {x, xy};
  gm_error recorded = {0};
  ck_assert_uint_eq(xy.id, 0);
  ck_assert_int_eq(gm_graph_error(graph, &recorded), GM_BAD_SHAPE);
  ck_assert_int_eq(status_of(graph, outputs, 2), GM_BAD_SHAPE);
  ck_assert_str_eq(error.message, recorded.message);
  ck_assert_str_eq(error.node, recorded.node);
  ck_assert_int_eq(gm_graph_error(graph, NULL), GM_BAD_SHAPE);
  gm_graph_clear_error(graph);
  ck_assert_int_eq(status_of(graph, outputs, 2), GM_BAD_ARGUMENT);
  gm_graph_free(graph);
}
END_TEST

START_TEST(a_node_of_another_graph_is_refused) {
  gm_node ours, theirs;
  gm_graph *graph = small(&ours), *other = small(&theirs);
  ck_assert_int_eq(status_of(graph, &theirs, 1), GM_BAD_ARGUMENT);
  theirs.id = ours.id + 1000;
  ck_assert_int_eq(status_of(graph, &theirs, 1), GM_BAD_ARGUMENT);
  gm_graph_free(graph);
  gm_graph_free(other);
}
END_TEST

START_TEST(a_plan_needs_outputs) {
  gm_node output;
  gm_graph *graph = small(&output);
  ck_assert_int_eq(status_of(graph, NULL, 0), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm_graph_set_outputs(graph, &output, 1, NULL), GM_OK);
  ck_assert_int_eq(status_of(graph, NULL, 0), GM_OK);
  gm_graph_free(graph);
}
END_TEST

START_TEST(a_count_without_outputs_is_refused) {
  gm_node output;
  gm_graph *graph = small(&output);
  ck_assert_int_eq(gm_graph_set_outputs(graph, &output, 1, NULL), GM_OK);
  ck_assert_int_eq(status_of(graph, NULL, 2), GM_BAD_ARGUMENT);
  ck_assert_int_eq(status_of(graph, &output, 0), GM_BAD_ARGUMENT);
  gm_graph_free(graph);
}
END_TEST

START_TEST(sources_numbers_and_views_can_be_outputs) {
  gm_graph *graph = new_graph();
  gm_tensor *x = ramp2(0, 2, 3), *wide = ramp2(10, 2, 3);
  gm_node in = gm_placeholder(graph, "x", GM_FLOAT32, "n, 3"), v = gm_variable(graph, "v", wide);
  gm_node outputs[] = {in, v, gm_constant(graph, "c", wide), gm_number(graph, 2.5), gm_integer(graph, 7),
      apply1(graph, "transpose", in, NULL), apply1(graph, "reshape", v, "{shape: \"-1\"}")};
  gm_executor *e = executor_of(graph, outputs, 7);
  feed(e, "x", x);
  run(e);
  ck_assert(tensors_agree(gm_executor_output(e, 0), x));
  ck_assert_ptr_ne(gm_tensor_cdata(gm_executor_output(e, 0)), gm_tensor_cdata(x));
  ck_assert(tensors_agree(gm_executor_output(e, 1), wide));
  ck_assert(tensors_agree(gm_executor_output(e, 2), wide));
  ck_assert_int_eq(gm_tensor_rank(gm_executor_output(e, 3)), 0);
  ck_assert_float_eq(floats(e, 3)[0], 2.5f);
  ck_assert_int_eq(gm_tensor_rank(gm_executor_output(e, 4)), 0);
  for (int i = 0; i < 6; i++) ck_assert_float_eq(floats(e, 5)[i], (float)(i % 2 * 3 + i / 2));
  for (int i = 0; i < 6; i++) ck_assert_float_eq(floats(e, 6)[i], (float)(10 + i));
  gm_executor_free(e);
  gm_tensor_free(x);
  gm_tensor_free(wide);
  gm_graph_free(graph);
}
END_TEST

START_TEST(an_output_may_stand_twice) {
  gm_node output;
  gm_graph *graph = small(&output);
  gm_node outputs[] = {output, output, output};
  gm_tensor *x = ramp2(0, 2, 3);
  gm_executor *e = executor_of(graph, outputs, 3);
  feed(e, "x", x);
  run(e);
  for (size_t i = 0; i < 3; i++) {
    ck_assert_float_eq(floats(e, i)[0], 3);
    ck_assert_float_eq(floats(e, i)[7], 12);
  }
  ck_assert_ptr_ne(floats(e, 0), floats(e, 1));
  ck_assert_ptr_ne(floats(e, 1), floats(e, 2));
  gm_executor_free(e);
  gm_tensor_free(x);
  gm_graph_free(graph);
}
END_TEST

/* ---- Symbols ---- */

START_TEST(a_symbol_that_no_placeholder_gives_is_refused) {
  gm_graph *graph = new_graph();
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "2*n + m, 3");
  ck_assert_int_eq(status_of(graph, &x, 1), GM_UNBOUND);
  ck_says("'x'");
  ck_assert_str_eq(error.node, "x");
  gm_graph_free(graph);
}
END_TEST

START_TEST(a_symbol_that_another_needed_placeholder_gives_is_solved) {
  gm_graph *graph = new_graph();
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "2*n + m, 3"),
          y = gm_placeholder(graph, "y", GM_FLOAT32, "m");
  gm_node outputs[] = {x, y};
  ck_assert_int_eq(status_of(graph, outputs, 2), GM_OK);
  ck_assert_int_eq(status_of(graph, outputs, 1), GM_UNBOUND);
  gm_graph_free(graph);
}
END_TEST

START_TEST(a_reshape_to_a_symbol_of_an_unneeded_placeholder_is_refused) {
  gm_graph *graph = new_graph();
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "n");
  gm_placeholder(graph, "y", GM_FLOAT32, "m");
  gm_node z = apply1(graph, "reshape", x, "{shape: \"m, -1\"}");
  if (z.id != 0) ck_assert_int_eq(status_of(graph, &z, 1), GM_UNBOUND);
  gm_graph_free(graph);
}
END_TEST

/* ---- Plan and graph ---- */

static char *graph_text(const gm_graph *graph) {
  size_t size = 1 << 16, at = 0;
  char *text = calloc(size, 1);
  for (size_t i = 0; i < gm_graph_node_count(graph); i++)
    at += gm_node_text(graph, gm_graph_node_at(graph, i), text + at, size - at);
  for (size_t i = 0; i < gm_graph_symbol_count(graph); i++)
    at += gm_graph_symbol_text(graph, i, text + at, size - at);
  gm_graph_flops_text(graph, text + at, size - at);
  return text;
}

START_TEST(planning_never_changes_the_graph) {
  gm_node output;
  gm_graph *graph = small(&output);
  gm_node again = gm_dot(graph, gm_node_named(graph, "x"), gm_node_named(graph, "w")),
          outputs[] = {output, again};
  char *before = graph_text(graph);
  gm_plan *plan = plan_of(graph, outputs, 2);
  free(plan_text(plan, "batch=7", 0));
  free(plan_text(plan, NULL, GM_TEXT_JSON));
  char *after = graph_text(graph);
  ck_assert_str_eq(before, after);
  ck_assert_int_eq(gm_graph_error(graph, NULL), GM_OK);
  ck_assert_uint_eq(gm_graph_outputs(graph, NULL, 0), 0);
  free(before);
  free(after);
  gm_plan_free(plan);
  gm_graph_free(graph);
}
END_TEST

START_TEST(later_building_never_changes_a_plan) {
  gm_node output;
  gm_graph *graph = small(&output);
  gm_plan *plan = plan_of(graph, &output, 1);
  char *before = plan_text(plan, NULL, GM_TEXT_JSON), *sized = plan_text(plan, "batch=9", 0);
  gm_node y = gm_placeholder(graph, "y", GM_FLOAT32, "5, 2");
  ck_assert_uint_ne(gm_dot(graph, apply1(graph, "transpose", gm_node_named(graph, "x"), NULL), y).id, 0);
  ck_assert_int_eq(gm_node_dim(graph, output, 0), 5);
  for (int i = 0; i < 5000; i++) apply1(graph, "tanh", output, NULL);
  ck_assert_uint_ne(gm_name(graph, output, "renamed").id, 0);
  char *after = plan_text(plan, NULL, GM_TEXT_JSON), *sized_after = plan_text(plan, "batch=9", 0);
  ck_assert_str_eq(before, after);
  ck_assert_str_eq(sized, sized_after);
  free(before), free(after), free(sized), free(sized_after);
  gm_plan_free(plan);
  gm_graph_free(graph);
}
END_TEST

START_TEST(a_constraint_learnt_later_does_not_bind_the_plan) {
  gm_node output;
  gm_graph *graph = small(&output);
  gm_executor *e = executor_of(graph, &output, 1);
  gm_node y = gm_placeholder(graph, "y", GM_FLOAT32, "5, 2");
  gm_dot(graph, apply1(graph, "transpose", gm_node_named(graph, "x"), NULL), y);
  gm_tensor *x = ramp2(0, 2, 3);
  feed(e, "x", x);
  run(e);
  gm_executor_free(e);
  gm_tensor_free(x);
  gm_graph_free(graph);
}
END_TEST

START_TEST(constraints_of_other_nodes_do_not_bind_the_plan) {
  gm_graph *graph = new_graph();
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "n, 3"),
          y = gm_placeholder(graph, "y", GM_FLOAT32, "5, 3");
  gm_node tanh = apply1(graph, "tanh", x, NULL);
  ck_assert_uint_ne(apply2(graph, "add", x, y, NULL).id, 0);
  gm_executor *e = executor_of(graph, &tanh, 1);
  gm_tensor *value = ramp2(0, 2, 3);
  feed(e, "x", value);
  run(e);
  gm_executor_free(e);
  gm_tensor_free(value);
  gm_graph_free(graph);
}
END_TEST

static void ck_order(const char *order) {
  gm_node output;
  gm_graph *graph = small(&output);
  gm_plan *plan = plan_of(graph, &output, 1);
  gm_executor *e = gm_executor_new(plan, NULL);
  gm_tensor *x = ramp2(0, 2, 3);
  for (const char *next = order; *next; next++) {
    if (strchr(next, 'e')) {
      feed(e, "x", x);
      run(e);
      ck_assert_float_eq(floats(e, 0)[0], 3);
    }
    if (strchr(next, 'p')) free(plan_text(plan, "batch=2", GM_TEXT_JSON));
    if (*next == 'g') gm_graph_free(graph);
    if (*next == 'p') gm_plan_free(plan);
    if (*next == 'e') gm_executor_free(e);
  }
  gm_tensor_free(x);
}

START_TEST(graph_plan_and_executor_are_freed_in_any_order) {
  static const char orders[6][4] = {"gpe", "gep", "pge", "peg", "egp", "epg"};
  for (int i = 0; i < 6; i++) ck_order(orders[i]);
  gm_plan_free(NULL);
}
END_TEST

/* ---- Sizes ---- */

START_TEST(sizes_are_known_before_any_run) {
  gm_node output;
  gm_graph *graph = small(&output);
  gm_node hidden =
      apply1(graph, "softmax", gm_dot(graph, output, gm_ones(graph, "w2", GM_FLOAT32, "4, 5")), NULL);
  gm_plan *plan = plan_of(graph, &hidden, 1);
  gm_plan_size sizes = {.struct_size = sizeof sizes};
  ck_assert_int_eq(gm_plan_sizes(plan, "batch=10", &sizes, &error), GM_OK);
  ck_assert_double_eq(sizes.flops, 2 * 3 * 5 * 4 + 2 * 10 * 5 * 3 + 10 * 5);
  ck_assert_uint_ge(sizes.workspace, 10 * 4 * 4);
  ck_assert_uint_ge(sizes.peak, sizes.lower_bound);
  ck_assert_uint_ge(sizes.unshared, sizes.peak);
  ck_assert_uint_eq(sizes.packed, 0);
  gm_plan_free(plan);
  gm_graph_free(graph);
}
END_TEST

START_TEST(sizes_want_struct_size_and_all_dims) {
  gm_node output;
  gm_graph *graph = small(&output);
  gm_plan *plan = plan_of(graph, &output, 1);
  gm_plan_size sizes = {0};
  ck_assert_int_eq(gm_plan_sizes(plan, "batch=1", &sizes, NULL), GM_BAD_ARGUMENT);
  sizes.struct_size = sizeof sizes;
  ck_assert_int_eq(gm_plan_sizes(plan, NULL, &sizes, &error), GM_UNBOUND);
  ck_says("batch");
  ck_assert_int_eq(gm_plan_sizes(NULL, "batch=1", &sizes, NULL), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm_plan_sizes(plan, "batch=1", NULL, NULL), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm_plan_sizes(plan, "batch=4611686018427387904", &sizes, NULL), GM_LIMIT);
  ck_assert_int_eq(gm_plan_sizes(plan, "batch=0", &sizes, NULL), GM_OK);
  ck_assert_double_eq(sizes.flops, 0);
  gm_plan_free(plan);
  gm_graph_free(graph);
}
END_TEST

START_TEST(a_dim_that_follows_from_another_need_not_be_given) {
  gm_graph *graph = new_graph();
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "3, n"),
          y = gm_placeholder(graph, "y", GM_FLOAT32, "2*k, 4");
  gm_node xy = gm_dot(graph, x, y);
  gm_plan *plan = plan_of(graph, &xy, 1);
  gm_plan_size sizes = {.struct_size = sizeof sizes};
  ck_assert_int_eq(gm_plan_sizes(plan, "k=3", &sizes, NULL), GM_OK);
  ck_assert_double_eq(sizes.flops, 2 * 3 * 6 * 4);
  ck_assert_int_eq(gm_plan_sizes(plan, "n=6", &sizes, NULL), GM_OK);
  ck_assert_double_eq(sizes.flops, 2 * 3 * 6 * 4);
  ck_assert_int_eq(gm_plan_sizes(plan, "n=6, k=3", &sizes, NULL), GM_OK);
  ck_assert_int_eq(gm_plan_sizes(plan, "n=5", &sizes, NULL), GM_BAD_SHAPE);
  ck_assert_int_eq(gm_plan_sizes(plan, "n=6, k=4", &sizes, NULL), GM_BAD_SHAPE);
  gm_plan_free(plan);
  gm_graph_free(graph);
}
END_TEST

START_TEST(names_end) {
  size_t passes = 0, kernels = 0;
  while (gm_pass_name(passes)) passes++;
  while (gm_kernel_name(kernels)) kernels++;
  ck_assert_uint_gt(passes, 0);
  ck_assert_uint_gt(kernels, 0);
  ck_assert_ptr_null(gm_pass_name(SIZE_MAX));
  ck_assert_ptr_null(gm_kernel_name(SIZE_MAX));
}
END_TEST

SUITE(plan) {
  CASE(no_options_are_the_defaults);
  CASE(a_short_options_struct_is_refused);
  CASE(a_longer_options_struct_must_end_in_zeros);
  CASE(negative_threads_are_refused);
  CASE(negative_specialisations_are_refused);
  CASE(every_kernel_is_taken_by_name);
  CASE(an_unknown_kernel_is_refused_with_the_nearest);
  CASE(every_pass_can_be_switched_off);
  CASE(an_unknown_pass_is_refused_with_the_nearest);
  CASE(a_long_unknown_word_is_refused);
  CASE(strings_in_options_are_copied);
  CASE(a_pool_needs_a_function_and_threads);
  CASE(a_null_graph_is_refused);
  CASE(no_node_gives_the_recorded_error);
  CASE(a_node_of_another_graph_is_refused);
  CASE(a_plan_needs_outputs);
  CASE(a_count_without_outputs_is_refused);
  CASE(sources_numbers_and_views_can_be_outputs);
  CASE(an_output_may_stand_twice);
  CASE(a_symbol_that_no_placeholder_gives_is_refused);
  CASE(a_symbol_that_another_needed_placeholder_gives_is_solved);
  CASE(a_reshape_to_a_symbol_of_an_unneeded_placeholder_is_refused);
  CASE(planning_never_changes_the_graph);
  CASE(later_building_never_changes_a_plan);
  CASE(a_constraint_learnt_later_does_not_bind_the_plan);
  CASE(constraints_of_other_nodes_do_not_bind_the_plan);
  CASE(graph_plan_and_executor_are_freed_in_any_order);
  CASE(sizes_are_known_before_any_run);
  CASE(sizes_want_struct_size_and_all_dims);
  CASE(a_dim_that_follows_from_another_need_not_be_given);
  CASE(names_end);
}
