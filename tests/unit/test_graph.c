/* SPDX-License-Identifier: MIT
 *
 * Building: names, undo after failures, handles, outputs, options, text in small buffers, limits. */
#include "graph_support.h"

/** Every node and everything learnt, as text. */
static void describe(const gm_graph *graph, char *out, size_t size) {
  size_t length = 0;
  out[0] = '\0';
  for (size_t i = 0; i < gm_graph_node_count(graph) && length < size; i++) {
    length += gm_node_text(graph, gm_graph_node_at(graph, i), out + length, size - length);
  }
  for (size_t i = 0; i < gm_graph_symbol_count(graph) && length < size; i++) {
    length += (size_t)snprintf(out + length, size - length, "; %s: ", gm_graph_symbol_name(graph, i));
    if (length < size) length += gm_graph_symbol_text(graph, i, out + length, size - length);
  }
  ck_assert_uint_lt(length, size);
}

/* ---- Names ---- */

START_TEST(made_up_names_count) {
  gm_graph *g = new_graph();
  gm_node x = made(g, gm_placeholder(g, NULL, GM_FLOAT32, "3, 3"));
  ck_assert_str_eq(gm_node_name(g, x), "placeholder");
  for (int i = 0; i < 12; i++) {
    char name[16];
    snprintf(name, sizeof name, i ? "dot_%d" : "dot", i);
    ck_assert_str_eq(gm_node_name(g, made(g, gm_dot(g, x, x))), name);
  }
  ck_assert_str_eq(gm_node_name(g, gm_zeros(g, NULL, GM_FLOAT32, "2")), "variable");
  ck_assert_str_eq(gm_node_name(g, gm_ones(g, NULL, GM_FLOAT32, "2")), "variable_1");
  gm_graph_free(g);
}
END_TEST

START_TEST(made_up_names_avoid_taken_ones) {
  gm_graph *g = new_graph();
  gm_node x = input(g, "dot", "3, 3");
  input(g, "dot_1", "");
  ck_assert_str_eq(gm_node_name(g, gm_dot(g, x, x)), "dot_2");
  gm_node y = gm_dot(g, x, x);
  ck_assert_uint_eq(gm_name(g, y, "y").id, y.id);
  ck_assert_str_eq(gm_node_name(g, gm_dot(g, x, x)), "dot_4");
  gm_graph_free(g);
}
END_TEST

START_TEST(a_failed_call_uses_up_no_name) {
  gm_graph *g = new_graph();
  gm_node x = input(g, "x", "2, 3"), y = input(g, "y", "3, 2");
  gm_dot(g, x, x);
  gm_placeholder(g, NULL, GM_FLOAT32, "2,,3");
  gm_zeros(g, NULL, GM_FLOAT32, "n");
  gm_graph_clear_error(g);
  ck_assert_str_eq(gm_node_name(g, made(g, gm_dot(g, x, y))), "dot");
  ck_assert_str_eq(gm_node_name(g, input(g, NULL, "")), "placeholder");
  ck_assert_str_eq(gm_node_name(g, made(g, gm_zeros(g, NULL, GM_FLOAT32, "2"))), "variable");
  gm_graph_free(g);
}
END_TEST

START_TEST(nodes_are_found_by_name) {
  gm_graph *g = new_graph();
  gm_node x = input(g, "x-1_y", "2");
  ck_assert_uint_eq(gm_node_named(g, "x-1_y").id, x.id);
  ck_assert_uint_eq(gm_name(g, x, "other").id, x.id);
  ck_assert_uint_eq(gm_node_named(g, "x-1_y").id, 0);
  ck_assert_uint_eq(gm_node_named(g, "other").id, x.id);
  ck_assert_uint_eq(gm_name(g, x, "other").id, x.id);
  ck_assert_uint_eq(gm_node_named(g, NULL).id, 0);
  ck_assert_int_eq(gm_graph_error(g, NULL), GM_OK);
  input(g, "x-1_y", "");
  gm_graph_free(g);
}
END_TEST

START_TEST(names_have_a_form) {
  gm_graph *g = new_graph();
  static const char *const wrong[] = {"", "1x", "-x", "a b", "a.b", "\xc3\xa9", "x\n"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    ck_assert_uint_eq(gm_placeholder(g, wrong[i], GM_FLOAT32, "").id, 0);
    ck_assert_int_eq(gm_graph_error(g, NULL), GM_BAD_ARGUMENT);
    gm_graph_clear_error(g);
  }
  gm_error error = refused(g, gm_placeholder(g, "1x", GM_FLOAT32, ""), GM_BAD_ARGUMENT,
      "'1x' is not a name: a letter or _, then letters, digits, _ and -");
  ck_assert_str_eq(error.node, "1x");
  char longest[129];
  memset(longest, 'a', 128);
  longest[128] = '\0';
  refused(g, gm_placeholder(g, longest, GM_FLOAT32, ""), GM_BAD_ARGUMENT,
      "the name 'aaaaaaaaaaaaaaaaaaaa…' has 128 bytes: at most 127");
  longest[127] = '\0';
  ck_assert_str_eq(gm_node_name(g, input(g, longest, "")), longest);
  ck_assert_uint_eq(gm_graph_node_count(g), 1);
  gm_graph_free(g);
}
END_TEST

START_TEST(names_are_unique) {
  gm_graph *g = new_graph();
  gm_node x = input(g, "x", "2");
  gm_node y = input(g, "y", "2");
  gm_error error = refused(g, gm_placeholder(g, "x", GM_FLOAT32, ""), GM_BAD_ARGUMENT,
      "the name 'x' is taken by a node 'placeholder'");
  ck_assert_str_eq(error.node, "x");
  refused(
      g, gm_zeros(g, "x", GM_FLOAT32, "2"), GM_BAD_ARGUMENT, "the name 'x' is taken by a node 'placeholder'");
  refused(g, gm_name(g, y, "x"), GM_BAD_ARGUMENT, "the name 'x' is taken by a node 'placeholder'");
  refused(g, gm_name(g, y, NULL), GM_BAD_ARGUMENT, "the name is NULL");
  ck_assert_str_eq(gm_node_name(g, y), "y");
  ck_assert_str_eq(gm_node_name(g, x), "x");
  gm_graph_free(g);
}
END_TEST

/* ---- Failures ---- */

START_TEST(a_failed_call_adds_and_learns_nothing) {
  static char before[4096], after[4096];
  gm_graph *g = new_graph();
  gm_node x = input(g, "x", "n, 3"), y = input(g, "y", "4, 5"), z = input(g, "z", "k, 3, 2");
  gm_node half = made(g, gm_number(g, 0.5)), ints = input_of(g, "i", GM_INT32, "n");
  describe(g, before, sizeof before);
  const gm_node failed[] = {gm_dot(g, x, y), op2(g, "concatenate", x, y, "{axis: 0}"),
      op2(g, "add", x, y, NULL), op2(g, "multiply", ints, half, NULL),
      op1(g, "reshape", x, "{shape: [fresh, 2, 0.5]}"),
      gm_placeholder(g, "p", GM_FLOAT32, "fresh, 2*fresh, )"), gm_placeholder(g, "x", GM_FLOAT32, "unseen"),
      gm_zeros(g, "v", GM_FLOAT32, "unknown"), op2(g, "concatenate", x, z, NULL),
      op1(g, "softmax", x, "{axis: 5}"), gm_result(g, x, 1), op1(g, "nothing", x, NULL)};
  for (size_t i = 0; i < sizeof failed / sizeof *failed; i++) ck_assert_msg(failed[i].id == 0, "call %zu", i);
  describe(g, after, sizeof after);
  ck_assert_str_eq(before, after);
  gm_graph_free(g);
}
END_TEST

START_TEST(what_a_failed_call_had_learnt_is_undone) {
  gm_graph *g = new_graph();
  gm_node x = input(g, "x", "n, 3, 4"), y = input(g, "y", "m, k, 5");
  ck_assert_uint_eq(op2(g, "concatenate", x, y, "{axis: 1}").id, 0);
  gm_graph_clear_error(g);
  ck_assert_str_eq(shape_of(g, y), "(m, k, 5)");
  made(g, gm_dot(g, input(g, "a", "2, m"), input(g, "b", "7, 2")));
  made(g, gm_dot(g, input(g, "c", "2, n"), input(g, "d", "9, 2")));
  ck_assert_str_eq(shape_of(g, y), "(7, k, 5)");
  ck_assert_str_eq(shape_of(g, x), "(9, 3, 4)");
  gm_graph_free(g);
}
END_TEST

/** What "n - 1" says of n is kept, whether n is learnt before or afterwards. */
START_TEST(no_length_is_below_0) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node x = input(graph, "x", "n, 3"), p = input(graph, "p", "n - 1, 2"), z = input(graph, "z", "3, 0");
  refused(graph, op1(graph, "reshape", x, "{shape: [n - 1, 0]}"), GM_BAD_SHAPE,
      "reshape: 'x' (n, 3) has another number of elements than (n - 1, 0), while n - 1 >= 0 is demanded of "
      "'p' "
      "axis 0 in 'p'");
  refused(graph, gm_dot(graph, z, x), GM_BAD_SHAPE,
      "dot: Dimensions must be equal, but are 0 and n: 'z' (3, 0) axis 1, 'x' (n, 3) axis 0, while n - 1 >= "
      "0 is "
      "demanded of 'p' axis 0 in 'p'");
  ck_assert_str_eq(shape_of(graph, p), "(n - 1, 2)");
  made(graph, gm_dot(graph, input(graph, "a", "2, m"), input(graph, "b", "3, 4")));
  refused(graph, gm_placeholder(graph, "c", GM_FLOAT32, "m - 7"), GM_BAD_SHAPE,
      "-4 must be at least 0; m = 3 was learnt from 'a' axis 1 and 'b' axis 0");
  gm_graph_free(graph);
}
END_TEST

START_TEST(a_reshape_makes_no_length_below_0) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node x = input(graph, "x", "n, 3");
  refused(graph, op1(graph, "reshape", x, "{shape: [n - 1, 0]}"), GM_BAD_SHAPE,
      "reshape: -1 must be at least 0; n = 0 was learnt from 'x'");
  ck_assert_str_eq(shape_of(graph, x), "(n, 3)");
  gm_graph_free(graph);
}
END_TEST

START_TEST(the_first_failure_stays) {
  gm_graph *g = new_graph();
  gm_error error = {0}, kept;
  memset(&kept, 7, sizeof kept);
  gm_error untouched = kept;
  ck_assert_int_eq(gm_graph_error(g, &kept), GM_OK);
  ck_assert_mem_eq(&kept, &untouched, sizeof kept);
  gm_node x = input(g, "x", "2, 3");
  gm_dot(g, x, x);
  gm_placeholder(g, "bad name", GM_FLOAT32, "");
  for (int i = 0; i < 2; i++) {
    ck_assert_int_eq(gm_graph_error(g, &error), GM_BAD_SHAPE);
    ck_assert_str_eq(error.message,
        "dot: Dimensions must be equal, but are 3 and 2: 'x' (2, 3) axis 1, 'x' (2, 3) axis 0");
  }
  ck_assert_uint_ne(op1(g, "transpose", x, NULL).id, 0);
  ck_assert_int_eq(gm_graph_error(g, NULL), GM_BAD_SHAPE);
  gm_graph_clear_error(g);
  ck_assert_int_eq(gm_graph_error(g, NULL), GM_OK);
  gm_graph_free(g);
}
END_TEST

START_TEST(no_node_passes_through_quietly) {
  gm_graph *g = new_graph();
  gm_node x = input(g, "x", "2, 2");
  ck_assert_uint_eq(gm_dot(g, gm_dot(g, none, x), x).id, 0);
  ck_assert_uint_eq(gm_apply(g, "concatenate", (gm_node[]){x, x, none}, 3, NULL).id, 0);
  ck_assert_uint_eq(gm_result(g, none, 0).id, 0);
  ck_assert_uint_eq(gm_name(g, none, "a name").id, 0);
  ck_assert_int_eq(gm_graph_error(g, NULL), GM_OK);
  ck_assert_uint_eq(gm_graph_node_count(g), 1);
  gm_graph_free(g);
}
END_TEST

START_TEST(later_calls_give_the_recorded_error) {
  gm_graph *g = new_graph();
  gm_node x = input(g, "x", "2, 3"), bad = gm_dot(g, x, x);
  gm_error first = {0}, error = {0};
  gm_tensor *value = NULL;
  gm_graph_error(g, &first);
  ck_assert_int_eq(gm_graph_set_outputs(g, &bad, 1, &error), GM_BAD_SHAPE);
  ck_assert_mem_eq(&error, &first, sizeof error);
  memset(&error, 0, sizeof error);
  ck_assert_ptr_null(gm_plan_new(g, &bad, 1, NULL, &error));
  ck_assert_mem_eq(&error, &first, sizeof error);
  memset(&error, 0, sizeof error);
  ck_assert_int_eq(gm_eval(g, bad, &value, &error), GM_BAD_SHAPE);
  ck_assert_mem_eq(&error, &first, sizeof error);
  ck_assert_ptr_null(value);
  gm_graph_clear_error(g);
  ck_assert_int_eq(gm_graph_set_outputs(g, &bad, 1, &error), GM_BAD_ARGUMENT);
  gm_graph_free(g);
}
END_TEST

/* ---- Handles ---- */

START_TEST(nodes_of_another_graph_are_refused) {
  gm_graph *g = new_graph(), *other = new_graph();
  gm_node x = input(g, "x", "2, 2"), y = input(other, "y", "2, 2");
  gm_error error = {0};
  gm_tensor *value = NULL;
  refused(g, gm_dot(g, x, y), GM_BAD_ARGUMENT, "dot: input 1 is not a node of this graph");
  refused(g, gm_name(g, y, "z"), GM_BAD_ARGUMENT, "not a node of this graph");
  refused(g, gm_result(g, y, 0), GM_BAD_ARGUMENT, "not a node of this graph");
  ck_assert_int_eq(gm_graph_set_outputs(g, (gm_node[]){x, y}, 2, &error), GM_BAD_ARGUMENT);
  ck_assert_str_eq(error.message, "node 1 is not a node of this graph");
  ck_assert_int_eq(gm_variable_get(g, y, &value, &error), GM_BAD_ARGUMENT);
  ck_assert_ptr_null(gm_plan_new(g, &y, 1, NULL, &error));
  ck_assert_int_eq(gm_node_rank(g, y), -1);
  ck_assert_int_eq(gm_node_dim(g, y, 0), -2);
  ck_assert_int_eq((int)gm_node_dtype(g, y), -1);
  ck_assert_ptr_null(gm_node_name(g, y));
  ck_assert_ptr_null(gm_node_op(g, y));
  gm_graph_free(other);
  gm_graph_free(g);
}
END_TEST

START_TEST(no_graph_is_no_crash) {
  gm_node node = {1};
  gm_error error = {0};
  gm_tensor *value = NULL;
  char text[8];
  ck_assert_uint_eq(gm_placeholder(NULL, "x", GM_FLOAT32, "2").id, 0);
  ck_assert_uint_eq(gm_variable(NULL, "x", NULL).id, 0);
  ck_assert_uint_eq(gm_number(NULL, 1).id, 0);
  ck_assert_uint_eq(gm_integer(NULL, 1).id, 0);
  ck_assert_uint_eq(gm_dot(NULL, node, node).id, 0);
  ck_assert_uint_eq(gm_apply(NULL, "exp", NULL, 0, NULL).id, 0);
  ck_assert_uint_eq(gm_result(NULL, node, 0).id, 0);
  ck_assert_uint_eq(gm_name(NULL, node, "x").id, 0);
  ck_assert_uint_eq(gm_node_named(NULL, "x").id, 0);
  ck_assert_int_eq(gm_graph_error(NULL, &error), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm_graph_set_outputs(NULL, &node, 1, &error), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm_variable_get(NULL, node, &value, &error), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm_variable_set(NULL, node, NULL, &error), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm_eval(NULL, node, &value, &error), GM_BAD_ARGUMENT);
  ck_assert_ptr_null(gm_plan_new(NULL, &node, 1, NULL, &error));
  ck_assert_uint_eq(gm_graph_node_count(NULL), 0);
  ck_assert_uint_eq(gm_graph_outputs(NULL, &node, 1), 0);
  ck_assert_uint_eq(gm_node_shape_text(NULL, node, text, sizeof text), 0);
  ck_assert_uint_eq(gm_graph_flops_text(NULL, text, sizeof text), 0);
  gm_graph_clear_error(NULL);
  gm_graph_free(NULL);
}
END_TEST

START_TEST(results_are_those_that_there_are) {
  gm_graph *g = new_graph();
  gm_node x = input(g, "x", "2");
  ck_assert_uint_eq(gm_result(g, x, 0).id, x.id);
  refused(g, gm_result(g, x, 1), GM_BAD_ARGUMENT, "'x' has no result 1");
  gm_graph_free(g);
}
END_TEST

START_TEST(operations_are_asked_for_by_name) {
  gm_graph *g = new_graph();
  gm_node x = input(g, "x", "2, 2");
  refused(g, op1(g, "sotfmax", x, NULL), GM_UNKNOWN_OP,
      "there is no operation 'sotfmax': did you mean 'softmax'?");
  refused(g, op1(g, "placeholder", x, NULL), GM_UNKNOWN_OP, "there is no operation 'placeholder'");
  ck_assert_uint_eq(op1(g, NULL, x, NULL).id, 0);
  ck_assert_int_eq(gm_graph_error(g, NULL), GM_UNKNOWN_OP);
  gm_graph_clear_error(g);
  refused(g, gm_apply(g, "exp", NULL, 1, NULL), GM_BAD_ARGUMENT, "exp: the inputs are NULL");
  refused(g, gm_apply(g, "exp", NULL, 0, NULL), GM_BAD_ARGUMENT, "exp takes 1 input, but got 0");
  refused(g, op1(g, "dot", x, NULL), GM_BAD_ARGUMENT, "dot takes 2 inputs, but got 1");
  refused(g, gm_apply(g, "concatenate", NULL, 0, NULL), GM_BAD_ARGUMENT,
      "concatenate takes at least 1 input, but got 0");
  refused(g, op2(g, "exp", x, x, NULL), GM_BAD_ARGUMENT, "exp takes 1 input, but got 2");
  gm_graph_free(g);
}
END_TEST

/* ---- Outputs, options, limits, texts ---- */

START_TEST(outputs_are_kept_in_order) {
  gm_graph *g = new_graph();
  gm_node x = input(g, "x", "2"), y = input(g, "y", "2"), got[3] = {{7}, {7}, {7}};
  ck_assert_uint_eq(gm_graph_outputs(g, NULL, 0), 0);
  ck_assert_int_eq(gm_graph_set_outputs(g, (gm_node[]){y, x, y}, 3, NULL), GM_OK);
  ck_assert_uint_eq(gm_graph_outputs(g, got, 2), 3);
  ck_assert(got[0].id == y.id && got[1].id == x.id && got[2].id == 7);
  ck_assert_int_eq(gm_graph_set_outputs(g, (gm_node[]){x, none}, 2, NULL), GM_BAD_ARGUMENT);
  ck_assert_int_eq(gm_graph_set_outputs(g, NULL, 2, NULL), GM_BAD_ARGUMENT);
  ck_assert_uint_eq(gm_graph_outputs(g, got, 3), 3);
  ck_assert_int_eq(gm_graph_set_outputs(g, NULL, 0, NULL), GM_OK);
  ck_assert_uint_eq(gm_graph_outputs(g, got, 3), 0);
  gm_graph_free(g);
}
END_TEST

START_TEST(options_have_a_size) {
  struct later {
    gm_graph_options known;
    size_t unknown;
  } later = {GM_GRAPH_OPTIONS_INIT, 0};
  gm_graph_options options = GM_GRAPH_OPTIONS_INIT;
  gm_error error = {0};
  static const size_t wrong[] = {0, 8, sizeof(gm_graph_options) - 1, SIZE_MAX};
  for (size_t i = 0; i < 4; i++) {
    options.struct_size = wrong[i];
    ck_assert_ptr_null(gm_graph_new(&options, &error));
    ck_assert_int_eq(error.status, GM_BAD_ARGUMENT);
  }
  later.known.struct_size = sizeof later;
  gm_graph *g = gm_graph_new(&later.known, &error);
  ck_assert_ptr_nonnull(g);
  gm_graph_free(g);
  later.unknown = 1;
  ck_assert_ptr_null(gm_graph_new(&later.known, &error));
}
END_TEST

START_TEST(exactly_max_nodes_can_be_made) {
  gm_graph_options options = GM_GRAPH_OPTIONS_INIT;
  options.max_nodes = 4;
  gm_graph *g = gm_graph_new(&options, NULL);
  gm_node x = input(g, "x", "2, 2"), y = made(g, gm_dot(g, x, x)), two = made(g, gm_number(g, 2));
  gm_node z = made(g, op2(g, "add", y, two, NULL));
  refused(g, gm_dot(g, x, z), GM_LIMIT, "the graph would have more than 4 nodes");
  refused(g, gm_placeholder(g, NULL, GM_FLOAT32, ""), GM_LIMIT, "the graph would have more than 4 nodes");
  refused(g, gm_number(g, 1), GM_LIMIT, "the graph would have more than 4 nodes");
  ck_assert_uint_eq(gm_graph_node_count(g), 4);
  gm_graph_free(g);
}
END_TEST

typedef size_t writer(const gm_graph *graph, gm_node node, char *buffer, size_t size);

static size_t write_dim(const gm_graph *graph, gm_node node, char *buffer, size_t size) {
  return gm_node_dim_text(graph, node, -1, buffer, size);
}

static size_t write_attributes(const gm_graph *graph, gm_node node, char *buffer, size_t size) {
  return gm_node_attributes_text(graph, node, GM_TEXT_JSON, buffer, size);
}

START_TEST(texts_fit_any_buffer) {
  static writer *const writers[] = {
      gm_node_text, gm_node_shape_text, write_dim, write_attributes, gm_node_flops_text};
  static const char *const expected[] = {"<gm_node 'softmax' shape=(batch, 2*n + 1) dtype=float32>",
      "(batch, 2*n + 1)", "2*n + 1", "{\"axis\": 0}", "2*batch*n + batch"};
  gm_graph *g = new_graph();
  gm_node node = made(g, op1(g, "softmax", input(g, "x", "batch, 2*n+1"), "{axis: 0}"));
  for (size_t w = 0; w < 5; w++) {
    size_t length = strlen(expected[w]);
    ck_assert_uint_eq(writers[w](g, node, NULL, 0), length);
    for (size_t size = 1; size <= length + 2; size++) {
      char *buffer = malloc(size);
      ck_assert_uint_eq(writers[w](g, node, buffer, size), length);
      ck_assert_uint_eq(strlen(buffer), size <= length ? size - 1 : length);
      ck_assert_mem_eq(buffer, expected[w], strlen(buffer));
      free(buffer);
    }
    char empty[24] = "x";
    writers[w](g, none, empty, sizeof empty);
    ck_assert_str_eq(empty, w == 0 ? "<gm_node none>" : "");
  }
  gm_graph_free(g);
}
END_TEST

START_TEST(nodes_tell_what_they_are) {
  char text[128];
  gm_graph *g = new_graph();
  gm_node x = input(g, "x", "batch, 64"), half = made(g, gm_number(g, 0.5)),
          y = made(g, op2(g, "multiply", x, half, NULL));
  gm_node_text(g, half, text, sizeof text);
  ck_assert_str_eq(text, "<gm_node 0.5 shape=() dtype=float32>");
  gm_node_attributes_text(g, half, 0, text, sizeof text);
  ck_assert_str_eq(text, "0.5");
  gm_node_attributes_text(g, y, 0, text, sizeof text);
  ck_assert_str_eq(text, "{}");
  ck_assert_str_eq(gm_node_op(g, y), "multiply");
  ck_assert_uint_eq(gm_node_input_count(g, y), 2);
  ck_assert_uint_eq(gm_node_input(g, y, 0).id, x.id);
  ck_assert_uint_eq(gm_node_input(g, y, 2).id, 0);
  ck_assert_int_eq(gm_node_dim(g, y, 0), -1);
  ck_assert_int_eq(gm_node_dim(g, y, -1), 64);
  ck_assert_uint_eq(gm_graph_node_at(g, 3).id, 0);
  ck_assert_str_eq(gm_node_doc(g, y), "");
  gm_graph_free(g);
}
END_TEST

START_TEST(graphs_have_a_name_and_a_doc) {
  gm_graph *g = new_graph();
  ck_assert_str_eq(gm_graph_name(g), "");
  ck_assert_int_eq(gm_graph_set_name(g, "digits", NULL), GM_OK);
  ck_assert_int_eq(gm_graph_set_doc(g, "Classifies images.", NULL), GM_OK);
  ck_assert_str_eq(gm_graph_name(g), "digits");
  ck_assert_str_eq(gm_graph_doc(g), "Classifies images.");
  ck_assert_int_eq(gm_graph_set_name(g, NULL, NULL), GM_OK);
  ck_assert_str_eq(gm_graph_name(g), "");
  gm_graph_free(g);
}
END_TEST

START_TEST(long_chains_need_no_stack) {
  gm_graph *g = new_graph();
  gm_node x = input(g, "x", "n, 2"), node = x;
  for (int i = 0; i < 100000; i++) node = op2(g, "add", node, x, NULL);
  made(g, node);
  char flops[32];
  gm_graph_set_outputs(g, &node, 1, NULL);
  gm_graph_flops_text(g, flops, sizeof flops);
  ck_assert_str_eq(flops, "200000*n");
  gm_plan *plan = gm_plan_new(g, &node, 1, NULL, NULL);
  ck_assert_ptr_nonnull(plan);
  gm_plan_free(plan);
  gm_graph_free(g);
}
END_TEST

SUITE(graph) {
  CASE(made_up_names_count);
  CASE(made_up_names_avoid_taken_ones);
  CASE(a_failed_call_uses_up_no_name);
  CASE(nodes_are_found_by_name);
  CASE(names_have_a_form);
  CASE(names_are_unique);
  CASE(a_failed_call_adds_and_learns_nothing);
  CASE(what_a_failed_call_had_learnt_is_undone);
  CASE(no_length_is_below_0);
  CASE(a_reshape_makes_no_length_below_0);
  CASE(the_first_failure_stays);
  CASE(no_node_passes_through_quietly);
  CASE(later_calls_give_the_recorded_error);
  CASE(nodes_of_another_graph_are_refused);
  CASE(no_graph_is_no_crash);
  CASE(results_are_those_that_there_are);
  CASE(operations_are_asked_for_by_name);
  CASE(outputs_are_kept_in_order);
  CASE(options_have_a_size);
  CASE(exactly_max_nodes_can_be_made);
  CASE(texts_fit_any_buffer);
  CASE(nodes_tell_what_they_are);
  CASE(graphs_have_a_name_and_a_doc);
  CASE(long_chains_need_no_stack);
}
