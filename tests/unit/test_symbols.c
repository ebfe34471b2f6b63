/* SPDX-License-Identifier: MIT
 *
 * Symbolic dims through every operation: the static shapes, what is learnt and told about it, what is
 * demanded and refused when buffers are bound. */
#include "graph_support.h"

static const char *learnt(const gm_graph *graph, const char *symbol) {
  static char text[256];
  for (size_t i = 0; i < gm_graph_symbol_count(graph); i++) {
    if (strcmp(gm_graph_symbol_name(graph, i), symbol) != 0) continue;
    gm_graph_symbol_text(graph, i, text, sizeof text);
    return text;
  }
  return "no such symbol";
}

static const char *flops(const gm_graph *graph, gm_node node) {
  static char text[256];
  gm_node_flops_text(graph, node, text, sizeof text);
  return text;
}

/* ---- Static shapes ---- */

START_TEST(declared_dims_are_normalised) {
  static const char *const cases[][2] = {{"", "()"}, {"()", "()"}, {"n", "(n,)"}, {"[n, 3,]", "(n, 3)"},
      {"2*n+1, ?", "(2*n + 1, ?)"}, {"n+n, n-n", "(2*n, 0)"}, {"(n+1)*2", "(2*n + 2,)"},
      {"n//2, 7//2", "(n//2, 3)"}, {"m*n, n*m", "(n*m, n*m)"}, {"  batch ,28,  3 ", "(batch, 28, 3)"}};
  gm_graph *g = new_graph();
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    ck_assert_str_eq(shape_of(g, input(g, NULL, cases[i][0])), cases[i][1]);
  }
  gm_graph_free(g);
}
END_TEST

START_TEST(dot_drops_the_inner_dims) {
  static const char *const cases[][3] = {{"batch, 3", "3, 4", "(batch, 4)"}, {"n", "n", "()"},
      {"b, t, k", "k", "(b, t)"}, {"b, t, k", "k, 5", "(b, t, 5)"}, {"b, k", "h, k, m", "(b, h, m)"},
      {"k", "h, k, 2*m+1", "(h, 2*m + 1)"}, {"", "n, 2", "(n, 2)"}, {"n, 2", "", "(n, 2)"},
      {"a, b, c, k", "d, e, k, f", "(a, b, c, d, e, f)"}, {"?, 3", "3, ?", "(?, ?)"},
      {"2, ?", "?, 2", "(2, 2)"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gm_graph *g = new_graph();
    gm_node x = input(g, "x", cases[i][0]), y = input(g, "y", cases[i][1]);
    ck_assert_str_eq(shape_of(g, made(g, gm_dot(g, x, y))), cases[i][2]);
    gm_graph_free(g);
  }
}
END_TEST

START_TEST(shapes_follow_through_every_operation) {
  static const struct {
    const char *op, *attributes, *shape;
  } cases[] = {{"negative", NULL, "(n, 3, 2*m)"}, {"exp", NULL, "(n, 3, 2*m)"}, {"tanh", NULL, "(n, 3, 2*m)"},
      {"sigmoid", NULL, "(n, 3, 2*m)"}, {"relu", "{alpha: 0.1}", "(n, 3, 2*m)"},
      {"softmax", "{axis: 1}", "(n, 3, 2*m)"}, {"cast", "{dtype: int8}", "(n, 3, 2*m)"},
      {"transpose", NULL, "(2*m, 3, n)"}, {"permute_dimensions", "{pattern: [1, -1, 0]}", "(3, 2*m, n)"},
      {"expand_dims", "{axis: 1}", "(n, 1, 3, 2*m)"}, {"expand_dims", NULL, "(n, 3, 2*m, 1)"},
      {"sum", NULL, "()"}, {"sum", "{axis: 1}", "(n, 2*m)"},
      {"sum", "{axis: [0, -1], keepdims: true}", "(1, 3, 1)"}, {"mean", "{axis: []}", "(n, 3, 2*m)"},
      {"mean", "{keepdims: true}", "(1, 1, 1)"}, {"concatenate", "{axis: 0}", "(n, 3, 2*m)"},
      {"assume", "{structure: lower_triangular}", "(n, 3, 2*m)"}, {"reshape", "{shape: [-1]}", "(6*n*m,)"},
      {"reshape", "{shape: [n, -1]}", "(n, 6*m)"}, {"reshape", "{shape: [m, 6, n]}", "(m, 6, n)"},
      {"reshape", "{shape: \"3*n, 2*m\"}", "(3*n, 2*m)"}, {"reshape", "{shape: [-1, 4]}", "(3*n*m//2, 4)"}};
  gm_graph *g = new_graph();
  gm_node x = input(g, "x", "n, 3, 2*m");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gm_node node = made(g, op1(g, cases[i].op, x, cases[i].attributes));
    ck_assert_msg(strcmp(shape_of(g, node), cases[i].shape) == 0, "%s %s: %s", cases[i].op,
        cases[i].attributes, shape_of(g, node));
  }
  ck_assert_str_eq(learnt(g, "n"), "");
  ck_assert_str_eq(learnt(g, "m"), "");
  gm_graph_free(g);
}
END_TEST

START_TEST(broadcasting_learns_nothing) {
  static const char *const cases[][3] = {{"n, 3", "3", "(n, 3)"}, {"n", "1", "(n,)"}, {"n", "5", "(5,)"},
      {"1, m", "n, 1", "(n, m)"}, {"n", "n", "(n,)"}, {"n, m", "", "(n, m)"},
      {"n", "m", "(broadcast(n, m),)"}, {"0", "n", "(0,)"}, {"2, n", "m, 1, 4", "(m, 2, 4)"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gm_graph *g = new_graph();
    gm_node x = input(g, "x", cases[i][0]), y = input(g, "y", cases[i][1]);
    ck_assert_str_eq(shape_of(g, made(g, op2(g, "add", x, y, NULL))), cases[i][2]);
    for (size_t s = 0; s < gm_graph_symbol_count(g); s++) {
      ck_assert_str_eq(learnt(g, gm_graph_symbol_name(g, s)), "");
    }
    gm_graph_free(g);
  }
}
END_TEST

START_TEST(concatenate_adds_lengths) {
  gm_graph *g = new_graph();
  gm_node x = input(g, "x", "n, 3"), y = input(g, "y", "m, k"), z = input(g, "z", "2, 3");
  gm_node all = made(g, gm_apply(g, "concatenate", (gm_node[]){x, y, z, x}, 4, "{axis: 0}"));
  ck_assert_str_eq(shape_of(g, all), "(2*n + m + 2, 3)");
  ck_assert_str_eq(learnt(g, "k"), "k = 3, from 'x' axis 1 and 'y' axis 1 in 'concatenate'");
  gm_graph_free(g);
}
END_TEST

START_TEST(flops_are_polynomials) {
  gm_graph *g = new_graph();
  gm_node x = input(g, "x", "batch, 64"), w = made(g, gm_ones(g, "w", GM_FLOAT32, "64, 32"));
  gm_node h = made(g, gm_dot(g, x, w)), r = made(g, op1(g, "relu", h, NULL)),
          out = made(g, op1(g, "sum", r, NULL));
  char text[64];
  ck_assert_str_eq(flops(g, h), "4096*batch");
  ck_assert_str_eq(flops(g, r), "32*batch");
  ck_assert_str_eq(flops(g, x), "0");
  ck_assert_str_eq(flops(g, made(g, op1(g, "transpose", h, NULL))), "0");
  ck_assert_int_eq(gm_graph_set_outputs(g, &out, 1, NULL), GM_OK);
  gm_graph_flops_text(g, text, sizeof text);
  ck_assert_str_eq(text, "4160*batch");
  gm_graph_free(g);
}
END_TEST

/* ---- What is learnt ---- */

START_TEST(equal_lengths_are_learnt_everywhere) {
  gm_graph *g = new_graph();
  gm_node x = input(g, "x", "batch, k"), y = input(g, "y", "3, h"), z = input(g, "z", "m, h, 2");
  gm_node e = made(g, op1(g, "exp", x, NULL));
  made(g, gm_dot(g, x, y));
  ck_assert_str_eq(learnt(g, "k"), "k = 3, from 'x' axis 1 and 'y' axis 0 in 'dot'");
  ck_assert_str_eq(shape_of(g, e), "(batch, 3)");
  ck_assert_int_eq(gm_node_dim(g, e, 1), 3);
  made(g, gm_dot(g, y, z));
  ck_assert_str_eq(learnt(g, "h"), "");
  made(g, gm_dot(g, gm_node_named(g, "dot"), input(g, "w", "m, 5")));
  ck_assert_str_eq(learnt(g, "m"), "m = h, from 'dot' axis 1 and 'w' axis 0 in 'dot_2'");
  ck_assert_str_eq(shape_of(g, z), "(h, h, 2)");
  gm_graph_free(g);
}
END_TEST

START_TEST(reshape_and_squeeze_learn_too) {
  gm_graph *g = new_graph();
  gm_node x = input(g, "x", "6"), y = input(g, "y", "k, 4");
  ck_assert_str_eq(shape_of(g, made(g, op1(g, "reshape", x, "{shape: [a, 2]}"))), "(3, 2)");
  ck_assert_str_eq(learnt(g, "a"), "a = 3, from 'x' in 'reshape'");
  ck_assert_str_eq(shape_of(g, made(g, op1(g, "squeeze", y, "{axis: 0}"))), "(4,)");
  ck_assert_str_eq(learnt(g, "k"), "k = 1, from 'y' axis 0 in 'squeeze'");
  ck_assert_str_eq(
      shape_of(g, made(g, op1(g, "assume", input(g, "z", "p, q"), "{structure: symmetric}"))), "(p, p)");
  ck_assert_str_eq(learnt(g, "q"), "q = p, from 'z' axis 0 and 'z' axis 1 in 'assume'");
  gm_graph_free(g);
}
END_TEST

START_TEST(bias_add_learns_the_channels) {
  gm_graph *g = new_graph();
  gm_node x = input(g, "x", "n, h, w, c"), b = input(g, "b", "32"), t = input(g, "t", "n, q, 7");
  made(g, op2(g, "bias_add", x, b, NULL));
  ck_assert_str_eq(shape_of(g, x), "(n, h, w, 32)");
  made(g, op2(g, "bias_add", t, b, "{data_format: channels_first}"));
  ck_assert_str_eq(shape_of(g, t), "(n, 32, 7)");
  gm_graph_free(g);
}
END_TEST

START_TEST(symbols_come_in_order_of_appearance) {
  gm_graph *g = new_graph();
  input(g, "x", "n, batch, ?");
  input(g, "y", "m, n");
  ck_assert_uint_eq(gm_graph_symbol_count(g), 3);
  ck_assert_str_eq(gm_graph_symbol_name(g, 0), "n");
  ck_assert_str_eq(gm_graph_symbol_name(g, 1), "batch");
  ck_assert_str_eq(gm_graph_symbol_name(g, 2), "m");
  ck_assert_ptr_null(gm_graph_symbol_name(g, 3));
  gm_graph_free(g);
}
END_TEST

/* ---- At bind ---- */

typedef struct fed {
  const char *name;
  int rank;
  int64_t dims[4];
} fed;

static gm_status run_with(
    const gm_graph *graph, gm_node output, const fed *feeds, int count, gm_error *error) {
  gm_tensor *tensors[4] = {NULL};
  gm_plan *plan = gm_plan_new(graph, &output, 1, NULL, error);
  ck_assert_msg(plan != NULL, "%s", error->message);
  gm_executor *executor = gm_executor_new(plan, error);
  gm_status status = GM_OK;
  for (int i = 0; i < count && status == GM_OK; i++) {
    tensors[i] = gm_tensor_new(GM_FLOAT32, feeds[i].rank, feeds[i].dims, error);
    ck_assert_ptr_nonnull(tensors[i]);
    status = gm_executor_feed(executor, feeds[i].name, tensors[i], error);
  }
  if (status == GM_OK) status = gm_executor_run(executor, error);
  gm_executor_free(executor);
  for (int i = 0; i < count; i++) gm_tensor_free(tensors[i]);
  gm_plan_free(plan);
  return status;
}

static gm_error bind_error(
    const gm_graph *graph, gm_node output, const fed *feeds, int count, const char *message) {
  gm_error error = {0};
  ck_assert_int_eq(run_with(graph, output, feeds, count, &error), GM_BAD_SHAPE);
  ck_assert_str_eq(error.message, message);
  return error;
}

START_TEST(a_symbol_has_one_value) {
  gm_graph *g = new_graph();
  gm_node x = input(g, "x", "n, 2"), z = input(g, "z", "n, 2"), sum = made(g, op2(g, "add", x, z, NULL));
  gm_error error = bind_error(
      g, sum, (fed[]){{"x", 2, {3, 2}}, {"z", 2, {5, 2}}}, 2, "n = 3 from 'x' axis 0, but 5 from 'z' axis 0");
  check_axes(error, 0, 3, 0, 5);
  ck_assert_str_eq(error.node, "z");
  ck_assert_int_eq(run_with(g, sum, (fed[]){{"x", 2, {3, 2}}, {"z", 2, {3, 2}}}, 2, &error), GM_OK);
  gm_graph_free(g);
}
END_TEST

START_TEST(a_known_length_is_demanded) {
  gm_graph *g = new_graph();
  gm_node x = input(g, "x", "n, 2"), y = made(g, op1(g, "exp", x, NULL));
  gm_error error = bind_error(g, y, (fed[]){{"x", 2, {3, 4}}}, 1, "'x' axis 1 must be 2, but is 4");
  check_axes(error, -1, 2, 1, 4);
  gm_graph_free(g);
}
END_TEST

START_TEST(what_was_learnt_is_told_at_bind) {
  gm_graph *g = new_graph();
  gm_node x = input(g, "x", "2, k"), w = made(g, gm_ones(g, "w", GM_FLOAT32, "3, 2"));
  bind_error(g, made(g, gm_dot(g, x, w)), (fed[]){{"x", 2, {2, 4}}}, 1,
      "'x' axis 1 must be 3, but is 4; k = 3 was learnt from 'x' axis 1 and 'w' axis 0");
  gm_graph_free(g);
}
END_TEST

START_TEST(expressions_are_solved_at_bind) {
  gm_graph *g = new_graph();
  gm_error error = {0};
  gm_node x = input(g, "x", "2*n+1, m"), y = made(g, op1(g, "exp", x, NULL));
  ck_assert_int_eq(run_with(g, y, (fed[]){{"x", 2, {7, 2}}}, 1, &error), GM_OK);
  ck_assert_int_eq(run_with(g, y, (fed[]){{"x", 2, {1, 0}}}, 1, &error), GM_OK);
  bind_error(g, y, (fed[]){{"x", 2, {6, 2}}}, 1, "'x' axis 0 is 2*n + 1, which no n >= 0 makes 6");
  bind_error(g, y, (fed[]){{"x", 2, {0, 2}}}, 1, "'x' axis 0 is 2*n + 1, which no n >= 0 makes 0");
  gm_graph_free(g);
}
END_TEST

START_TEST(broadcast_constraints_are_checked_at_bind) {
  gm_graph *g = new_graph();
  gm_error error = {0};
  gm_node x = input(g, "x", "n"), y = input(g, "y", "m"), sum = made(g, op2(g, "add", x, y, NULL));
  ck_assert_int_eq(run_with(g, sum, (fed[]){{"x", 1, {3}}, {"y", 1, {1}}}, 2, &error), GM_OK);
  ck_assert_int_eq(run_with(g, sum, (fed[]){{"x", 1, {0}}, {"y", 1, {1}}}, 2, &error), GM_OK);
  error = bind_error(g, sum, (fed[]){{"x", 1, {3}}, {"y", 1, {4}}}, 2,
      "Dimensions must be equal or 1, but are 3 and 4: n and m equal or 1, demanded of 'x' axis 0 and 'y' "
      "axis 0 in "
      "'add' with n = 3 from 'x' axis 0 and m = 4 from 'y' axis 0");
  check_axes(error, 0, 3, 0, 4);
  gm_graph_free(g);
}
END_TEST

START_TEST(multiples_are_checked_at_bind) {
  gm_graph *g = new_graph();
  gm_error error = {0};
  gm_node x = input(g, "x", "n, 2"), y = made(g, op1(g, "reshape", x, "{shape: [-1, 3]}"));
  ck_assert_int_eq(run_with(g, y, (fed[]){{"x", 2, {6, 2}}}, 1, &error), GM_OK);
  bind_error(g, y, (fed[]){{"x", 2, {4, 2}}}, 1,
      "8 is not a multiple of 3: 2*n is a multiple of 3, demanded of 'x' in 'reshape' with n = 4 from 'x' "
      "axis 0");
  gm_graph_free(g);
}
END_TEST

START_TEST(constraints_of_other_nodes_do_not_bind_a_plan) {
  gm_graph *g = new_graph();
  gm_error error = {0};
  gm_node x = input(g, "x", "n, 2"), y = made(g, op1(g, "exp", x, NULL));
  made(g, op1(g, "reshape", x, "{shape: [-1, 3]}"));
  ck_assert_int_eq(run_with(g, y, (fed[]){{"x", 2, {4, 2}}}, 1, &error), GM_OK);
  gm_graph_free(g);
}
END_TEST

START_TEST(a_symbol_that_nothing_gives_is_refused_by_the_plan) {
  gm_graph *g = new_graph();
  gm_error error = {0};
  gm_node x = input(g, "x", "n*m"), y = made(g, op1(g, "reshape", x, "{shape: [n, m]}"));
  ck_assert_ptr_null(gm_plan_new(g, &y, 1, NULL, &error));
  ck_assert_int_eq(error.status, GM_UNBOUND);
  ck_assert_ptr_nonnull(strstr(error.message, "'n'"));
  gm_graph_free(g);
}
END_TEST

SUITE(symbols) {
  CASE(declared_dims_are_normalised);
  CASE(dot_drops_the_inner_dims);
  CASE(shapes_follow_through_every_operation);
  CASE(broadcasting_learns_nothing);
  CASE(concatenate_adds_lengths);
  CASE(flops_are_polynomials);
  CASE(equal_lengths_are_learnt_everywhere);
  CASE(reshape_and_squeeze_learn_too);
  CASE(bias_add_learns_the_channels);
  CASE(symbols_come_in_order_of_appearance);
  CASE(a_symbol_has_one_value);
  CASE(a_known_length_is_demanded);
  CASE(what_was_learnt_is_told_at_bind);
  CASE(expressions_are_solved_at_bind);
  CASE(broadcast_constraints_are_checked_at_bind);
  CASE(multiples_are_checked_at_bind);
  CASE(constraints_of_other_nodes_do_not_bind_a_plan);
  CASE(a_symbol_that_nothing_gives_is_refused_by_the_plan);
}
