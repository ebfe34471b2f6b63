/* SPDX-License-Identifier: MIT
 *
 * The words of every refusal of an operation: it names the operation, the inputs with their original shapes,
 * and the axes; and the order of checks: handles, counts, dtypes, ranks, attributes, dims. */
#include "graph_support.h"

/** A graph with inputs of many shapes, called by their letters. */
typedef struct bench {
  gm_graph *g;
  gm_node x, y, v, s, t, i, d, b, n;
} bench;

static bench setup(void) {
  gm_graph *g = new_graph();
  return (bench){g, input(g, "x", "2, 3"), input(g, "y", "4, 5"), input(g, "v", "3"), input(g, "s", ""),
      input(g, "t", "2, 3, 4"), input_of(g, "i", GM_INT32, "2, 3"), input_of(g, "d", GM_FLOAT64, "3, 2"),
      input_of(g, "b", GM_BOOL, "2, 3"), input(g, "n", "batch, 4")};
}

static gm_error shape_error(gm_graph *graph, gm_node node, const char *message) {
  gm_error error = refused(graph, node, GM_BAD_SHAPE, message);
  ck_assert_str_ne(error.node, "");
  return error;
}

static void dtype_error(gm_graph *graph, gm_node node, const char *message) {
  gm_error error = refused(graph, node, GM_BAD_DTYPE, message);
  ck_assert_str_ne(error.node, "");
  check_axes(error, -1, -1, -1, -1);
}

static void argument_error(gm_graph *graph, gm_node node, const char *message) {
  gm_error error = refused(graph, node, GM_BAD_ARGUMENT, message);
  ck_assert_str_ne(error.node, "");
  ck_assert_str_eq(error.file, "");
  ck_assert_int_eq(error.line, 0);
  ck_assert_int_eq(error.column, 0);
}

/* ---- Lengths ---- */

START_TEST(dot_names_both_sides) {
  bench w = setup();
  gm_error error = shape_error(w.g, gm_dot(w.g, w.x, w.y),
      "dot: Dimensions must be equal, but are 3 and 4: 'x' (2, 3) axis 1, 'y' (4, 5) axis 0");
  ck_assert_str_eq(error.node, "dot");
  check_axes(error, 1, 3, 0, 4);
  error = shape_error(w.g, gm_dot(w.g, w.y, w.t),
      "dot: Dimensions must be equal, but are 5 and 3: 'y' (4, 5) axis 1, 't' (2, 3, 4) axis 1");
  check_axes(error, 1, 5, 1, 3);
  shape_error(w.g, gm_dot(w.g, w.y, w.v),
      "dot: Dimensions must be equal, but are 5 and 3: 'y' (4, 5) axis 1, 'v' (3,) axis 0");
  shape_error(w.g, gm_dot(w.g, w.v, w.y),
      "dot: Dimensions must be equal, but are 3 and 4: 'v' (3,) axis 0, 'y' (4, 5) axis 0");
  gm_graph_free(w.g);
}
END_TEST

START_TEST(original_shapes_stand_in_the_message) {
  gm_graph *g = new_graph();
  gm_node a = input(g, "a", "2, 3, 4"), b = input(g, "b", "5, 6, 7");
  gm_error error = shape_error(g, gm_dot(g, a, b),
      "dot: Dimensions must be equal, but are 4 and 6: 'a' (2, 3, 4) axis 2, 'b' (5, 6, 7) axis 1");
  check_axes(error, 2, 4, 1, 6);
  gm_graph_free(g);
}
END_TEST

START_TEST(what_was_learnt_stands_in_the_message) {
  gm_graph *g = new_graph();
  gm_node a = input(g, "a", "2, n"), b = input(g, "b", "3, 5"), c = input(g, "c", "4, n");
  made(g, gm_dot(g, a, b));
  gm_error error = shape_error(g, gm_dot(g, a, c),
      "dot: Dimensions must be equal, but are 3 and 4: 'a' (2, 3) axis 1, 'c' (4, 3) axis 0; n = 3 was "
      "learnt from 'a' "
      "axis 1 and 'b' axis 0");
  check_axes(error, 1, 3, 0, 4);
  gm_graph_free(g);
}
END_TEST

START_TEST(symbols_that_cannot_agree_are_refused) {
  gm_graph *g = new_graph();
  gm_node a = input(g, "a", "2, n"), b = input(g, "b", "n+1, 2"), c = input(g, "c", "2, 6*m"),
          d = input(g, "d", "25, 2");
  gm_error error = shape_error(g, gm_dot(g, a, b),
      "dot: Dimensions must be equal, but are n and n + 1: 'a' (2, n) axis 1, 'b' (n + 1, 2) axis 0");
  check_axes(error, 1, -1, 0, -1);
  error = shape_error(g, gm_dot(g, c, d),
      "dot: Dimensions must be equal, but are 6*m and 25: 'c' (2, 6*m) axis 1, 'd' (25, 2) axis 0");
  check_axes(error, 1, -1, 0, 25);
  gm_graph_free(g);
}
END_TEST

START_TEST(broadcasting_names_both_sides) {
  static const char *const ops[] = {"add", "subtract", "multiply", "divide"};
  bench w = setup();
  for (int i = 0; i < 4; i++) {
    char message[128];
    snprintf(message, sizeof message,
        "%s: Dimensions must be equal or 1, but are 2 and 4: 'x' (2, 3) axis 0, 'y' (4, 5) axis 0", ops[i]);
    check_axes(shape_error(w.g, op2(w.g, ops[i], w.x, w.y, NULL), message), 0, 2, 0, 4);
  }
  gm_error error = shape_error(w.g, op2(w.g, "add", w.t, w.v, NULL),
      "add: Dimensions must be equal or 1, but are 4 and 3: 't' (2, 3, 4) axis 2, 'v' (3,) axis 0");
  check_axes(error, 2, 4, 0, 3);
  shape_error(w.g, op2(w.g, "add", w.v, w.n, NULL),
      "add: Dimensions must be equal or 1, but are 3 and 4: 'v' (3,) axis 0, 'n' (batch, 4) axis 1");
  gm_graph_free(w.g);
}
END_TEST

START_TEST(concatenate_names_the_axis_that_differs) {
  bench w = setup();
  gm_error error = shape_error(w.g, op2(w.g, "concatenate", w.x, w.y, NULL),
      "concatenate: Dimensions must be equal, but are 2 and 4: 'x' (2, 3) axis 0, 'y' (4, 5) axis 0");
  check_axes(error, 0, 2, 0, 4);
  shape_error(w.g, gm_apply(w.g, "concatenate", (gm_node[]){w.x, w.x, w.y}, 3, "{axis: 0}"),
      "concatenate: Dimensions must be equal, but are 3 and 5: 'x' (2, 3) axis 1, 'y' (4, 5) axis 1");
  shape_error(w.g, op2(w.g, "concatenate", w.x, w.v, NULL),
      "concatenate: the ranks must be the same, but 'x' (2, 3) and 'v' (3,) differ");
  gm_graph_free(w.g);
}
END_TEST

START_TEST(reshape_names_both_shapes) {
  bench w = setup();
  shape_error(w.g, op1(w.g, "reshape", w.x, "{shape: [4, 2]}"),
      "reshape: 'x' (2, 3) has another number of elements than (4, 2)");
  shape_error(w.g, op1(w.g, "reshape", w.x, "{shape: [4, -1]}"),
      "reshape: 'x' (2, 3) has another number of elements than (4, -1)");
  shape_error(w.g, op1(w.g, "reshape", w.x, "{shape: [0, -1]}"),
      "reshape: 'x' (2, 3) has another number of elements than (0, -1)");
  shape_error(w.g, op1(w.g, "reshape", w.x, "{shape: []}"),
      "reshape: 'x' (2, 3) has another number of elements than ()");
  shape_error(w.g, op1(w.g, "reshape", w.v, "{shape: [2*k]}"),
      "reshape: 'v' (3,) has another number of elements than (2*k,)");
  refused(w.g, op1(w.g, "reshape", w.x, "{shape: [9223372036854775807, 2]}"), GM_LIMIT,
      "reshape: a number in a dimension does not fit 64 bits");
  gm_graph_free(w.g);
}
END_TEST

START_TEST(squeeze_tells_the_length) {
  bench w = setup();
  gm_error error = shape_error(
      w.g, op1(w.g, "squeeze", w.x, "{axis: -1}"), "squeeze: 'x' (2, 3) axis 1 has length 3, not 1");
  ck_assert_str_eq(error.node, "squeeze");
  check_axes(error, 1, 3, -1, 1);
  gm_graph_free(w.g);
}
END_TEST

START_TEST(refusals_for_an_earlier_demand_name_it) {
  gm_graph *g = new_graph();
  gm_node q = input(g, "q", "n, 4");
  made(g, op1(g, "reshape", q, "{shape: [3, -1]}"));
  shape_error(g, op1(g, "squeeze", q, "{axis: 0}"),
      "squeeze: 'q' (n, 4) axis 0 has length n, not 1, while 4*n is a multiple of 3 is demanded of 'q' in "
      "'reshape'");
  shape_error(g, gm_dot(g, input(g, "r", "2, 1"), q),
      "dot: Dimensions must be equal, but are 1 and n: 'r' (2, 1) axis 1, 'q' (n, 4) axis 0, while 4*n is a "
      "multiple of "
      "3 is demanded of 'q' in 'reshape'");
  gm_graph_free(g);
}
END_TEST

START_TEST(bias_add_names_both_sides) {
  bench w = setup();
  gm_error error = shape_error(w.g, op2(w.g, "bias_add", w.y, w.v, NULL),
      "bias_add: Dimensions must be equal, but are 5 and 3: 'y' (4, 5) axis 1, 'v' (3,) axis 0");
  check_axes(error, 1, 5, 0, 3);
  shape_error(w.g, op2(w.g, "bias_add", w.t, input(w.g, "c", "4"), "{data_format: channels_first}"),
      "bias_add: Dimensions must be equal, but are 3 and 4: 't' (2, 3, 4) axis 1, 'c' (4,) axis 0");
  shape_error(w.g, op2(w.g, "bias_add", w.x, w.x, NULL),
      "bias_add: the bias of 'x' (2, 3) must have rank 1, but is 'x' (2, 3)");
  shape_error(w.g, op2(w.g, "bias_add", w.t, w.t, NULL),
      "bias_add: the bias of 't' (2, 3, 4) must have rank 1 or 2, but is 't' (2, 3, 4)");
  shape_error(
      w.g, op2(w.g, "bias_add", w.v, w.v, NULL), "bias_add: x must have rank 2 or more, but is 'v' (3,)");
  shape_error(w.g, op2(w.g, "bias_add", w.x, w.v, "{data_format: channels_first}"),
      "bias_add: x must have rank 3 or more where channels come first, but is 'x' (2, 3)");
  gm_graph_free(w.g);
}
END_TEST

START_TEST(assume_demands_matrices) {
  bench w = setup();
  shape_error(w.g, op1(w.g, "assume", w.v, "{structure: diagonal}"),
      "assume: a matrix has rank 2 or more, but 'v' (3,) has rank 1");
  gm_error error = shape_error(w.g, op1(w.g, "assume", w.t, "{structure: symmetric}"),
      "assume: Dimensions must be equal, but are 3 and 4: 't' (2, 3, 4) axis 1, 't' (2, 3, 4) axis 2");
  check_axes(error, 1, 3, 2, 4);
  gm_graph_free(w.g);
}
END_TEST

/* ---- Axes ---- */

START_TEST(axes_out_of_range_name_the_range) {
  static const struct {
    const char *op, *attributes, *message;
    int axis;
  } cases[] = {
      {"softmax", "{axis: 2}", "softmax: axis 2 is out of range for 'x' (2, 3): it is in [-2, 2)", 2},
      {"softmax", "{axis: -3}", "softmax: axis -3 is out of range for 'x' (2, 3): it is in [-2, 2)", -3},
      {"sum", "{axis: 2}", "sum: axis 2 is out of range for 'x' (2, 3): it is in [-2, 2)", 2},
      {"mean", "{axis: [0, -3]}", "mean: axis -3 is out of range for 'x' (2, 3): it is in [-2, 2)", -3},
      {"squeeze", "{axis: 2}", "squeeze: axis 2 is out of range for 'x' (2, 3): it is in [-2, 2)", 2},
      {"expand_dims", "{axis: 3}", "expand_dims: axis 3 is out of range for 'x' (2, 3): it is in [-3, 3)", 3},
      {"concatenate", "{axis: 2}", "concatenate: axis 2 is out of range for 'x' (2, 3): it is in [-2, 2)", 2},
      {"permute_dimensions", "{pattern: [0, 2]}",
          "permute_dimensions: axis 2 is out of range for 'x' (2, 3): it is in [-2, 2)", 2},
      {"softmax", "{axis: 9223372036854775807}",
          "softmax: axis 9223372036854775807 is out of range for 'x' (2, 3): it is in [-2, 2)", -1}};
  bench w = setup();
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    gm_error error = shape_error(w.g, op1(w.g, cases[c].op, w.x, cases[c].attributes), cases[c].message);
    ck_assert_str_eq(error.node, cases[c].op);
    check_axes(error, cases[c].axis, -1, -1, -1);
  }
  shape_error(
      w.g, op1(w.g, "softmax", w.s, NULL), "softmax: axis -1 is out of range for 's' (): it is in [0, 0)");
  gm_graph_free(w.g);
}
END_TEST

START_TEST(concatenate_takes_negative_axes_modulo_the_rank) {
  bench w = setup();
  ck_assert_str_eq(shape_of(w.g, made(w.g, op2(w.g, "concatenate", w.x, w.x, "{axis: -3}"))), "(2, 6)");
  ck_assert_str_eq(shape_of(w.g, made(w.g, op2(w.g, "concatenate", w.x, w.x, "{axis: -4}"))), "(4, 3)");
  gm_graph_free(w.g);
}
END_TEST

START_TEST(axes_stand_once) {
  bench w = setup();
  shape_error(w.g, op1(w.g, "sum", w.x, "{axis: [0, -2]}"), "sum: attribute 'axis' names axis 0 twice");
  shape_error(w.g, op1(w.g, "permute_dimensions", w.x, "{pattern: [1, 1]}"),
      "permute_dimensions: attribute 'pattern' names axis 1 twice");
  shape_error(w.g, op1(w.g, "permute_dimensions", w.x, "{pattern: [0]}"),
      "permute_dimensions: attribute 'pattern' has 1 axis, but 'x' (2, 3) has rank 2");
  shape_error(w.g, op1(w.g, "permute_dimensions", w.x, "{pattern: [0, 1, 2]}"),
      "permute_dimensions: attribute 'pattern' has 3 axes, but 'x' (2, 3) has rank 2");
  gm_graph_free(w.g);
}
END_TEST

/* ---- Dtypes ---- */

START_TEST(mixed_dtypes_say_what_to_cast) {
  static const char *const ops[] = {"dot", "add", "multiply", "divide", "concatenate", "bias_add"};
  bench w = setup();
  for (int i = 0; i < 6; i++) {
    char message[160];
    snprintf(message, sizeof message,
        "%s: the dtypes must be the same, but 'x' is float32 and 'd' is float64: cast one of them, {cast: d, "
        "dtype: "
        "float32}",
        ops[i]);
    dtype_error(w.g, op2(w.g, ops[i], w.x, w.d, NULL), message);
  }
  gm_graph_free(w.g);
}
END_TEST

START_TEST(functions_of_reals_name_the_cast) {
  bench w = setup();
  dtype_error(w.g, op1(w.g, "softmax", w.i, NULL),
      "softmax: 'i' is int32, but must be of a float dtype: cast it, {cast: i, dtype: float32}");
  static const char *const ops[] = {"exp", "tanh", "sigmoid"};
  for (int i = 0; i < 3; i++) {
    char message[160];
    snprintf(message, sizeof message,
        "%s: 'i' is int32, but must be of a float or complex dtype: cast it, {cast: i, dtype: float32}",
        ops[i]);
    dtype_error(w.g, op1(w.g, ops[i], w.i, NULL), message);
  }
  gm_graph_free(w.g);
}
END_TEST

START_TEST(arithmetic_refuses_bool) {
  bench w = setup();
  static const char *const ops[] = {"add", "subtract", "divide", "dot", "sum", "negative"};
  for (int i = 0; i < 6; i++) {
    char message[160];
    snprintf(message, sizeof message,
        "%s: 'b' is bool, but must be of an integer, float or complex dtype: cast it, {cast: b, dtype: "
        "float32}",
        ops[i]);
    dtype_error(w.g, gm_apply(w.g, ops[i], (gm_node[]){w.b, w.b}, i < 4 ? 2 : 1, NULL), message);
  }
  dtype_error(w.g, op1(w.g, "relu", w.b, NULL),
      "relu: 'b' is bool, but must be of an integer or float dtype: cast it, {cast: b, dtype: float32}");
  made(w.g, op1(w.g, "mean", w.b, NULL));
  made(w.g, op2(w.g, "multiply", w.b, w.b, NULL));
  gm_graph_free(w.g);
}
END_TEST

START_TEST(dot_widens_small_dtypes_only) {
  static const struct {
    gm_dtype from, to;
    bool fits;
  } cases[] = {{GM_INT8, GM_INT32, true}, {GM_UINT8, GM_INT32, true}, {GM_FLOAT16, GM_FLOAT32, true},
      {GM_BFLOAT16, GM_FLOAT32, true}, {GM_FLOAT32, GM_FLOAT32, true}, {GM_INT64, GM_INT64, true},
      {GM_FLOAT32, GM_FLOAT64, false}, {GM_INT16, GM_INT32, false}, {GM_INT8, GM_FLOAT32, false},
      {GM_FLOAT16, GM_INT32, false}};
  gm_graph *g = new_graph();
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char attributes[48], message[128];
    gm_node x = input_of(g, NULL, cases[i].from, "2, 2");
    snprintf(attributes, sizeof attributes, "{dtype: %s}", gm_dtype_name(cases[i].to));
    snprintf(message, sizeof message, "dot: a product of %s cannot be %s: cast the result",
        gm_dtype_name(cases[i].from), gm_dtype_name(cases[i].to));
    gm_node node = op2(g, "dot", x, x, attributes);
    if (cases[i].fits)
      ck_assert_int_eq((int)gm_node_dtype(g, made(g, node)), (int)cases[i].to);
    else
      dtype_error(g, node, message);
  }
  gm_graph_free(g);
}
END_TEST

START_TEST(divide_gives_floats) {
  static const gm_dtype from[] = {
      GM_INT8, GM_UINT8, GM_INT16, GM_INT32, GM_INT64, GM_FLOAT16, GM_FLOAT64, GM_COMPLEX64};
  static const gm_dtype to[] = {
      GM_FLOAT32, GM_FLOAT32, GM_FLOAT32, GM_FLOAT64, GM_FLOAT64, GM_FLOAT16, GM_FLOAT64, GM_COMPLEX64};
  gm_graph *g = new_graph();
  for (int i = 0; i < 8; i++) {
    gm_node x = input_of(g, NULL, from[i], "2");
    ck_assert_int_eq((int)gm_node_dtype(g, made(g, op2(g, "divide", x, x, NULL))), (int)to[i]);
  }
  gm_graph_free(g);
}
END_TEST

/* ---- Attributes ---- */

START_TEST(attributes_are_checked_by_name_and_type) {
  bench w = setup();
  argument_error(w.g, op1(w.g, "softmax", w.x, "{axes: 1}"),
      "softmax: there is no attribute 'axes': did you mean 'axis'?");
  argument_error(w.g, op1(w.g, "exp", w.x, "{axis: 1}"), "exp: there is no attribute 'axis'");
  argument_error(
      w.g, op1(w.g, "softmax", w.x, "{axis: 0.5}"), "softmax: attribute 'axis' is an integer, not '0.5'");
  argument_error(
      w.g, op1(w.g, "cast", w.x, NULL), "cast: attribute 'dtype' is missing: it is the name of a dtype");
  argument_error(w.g, op1(w.g, "squeeze", w.x, "{axis: null}"),
      "squeeze: attribute 'axis' is missing: it is an integer");
  argument_error(w.g, op1(w.g, "reshape", w.x, NULL), "reshape: attribute 'shape' is missing: it is a shape");
  argument_error(w.g, op1(w.g, "cast", w.x, "{dtype: flaot32}"),
      "cast: attribute 'dtype' is the name of a dtype, not 'flaot32': did you mean 'float32'?");
  argument_error(w.g, op1(w.g, "permute_dimensions", w.x, "{pattern: [0, b]}"),
      "permute_dimensions: attribute 'pattern' is an integer or a list of integers, but its item 1 is 'b'");
  argument_error(w.g, op1(w.g, "reshape", w.x, "{shape: [3, oops oops]}"),
      "reshape: attribute 'shape': unexpected 'o' at column 6 of a dim, where an operator or the end is "
      "wanted");
  gm_graph_free(w.g);
}
END_TEST

START_TEST(attribute_syntax_names_the_operation) {
  bench w = setup();
  gm_error error = refused(w.g, op1(w.g, "softmax", w.x, "{axis: "), GM_BAD_SYNTAX,
      "softmax: attributes, column 8: a value is missing, not the end");
  ck_assert_str_eq(error.node, "softmax");
  refused(w.g, op1(w.g, "softmax", w.x, "{axis: 0, axis: 1}"), GM_BAD_SYNTAX,
      "softmax: attributes, column 11: 'axis' is given twice");
  gm_graph_free(w.g);
}
END_TEST

START_TEST(structures_take_their_block) {
  static const char *const words =
      "lower_triangular,upper_triangular,symmetric,diagonal,tridiagonal,block_diagonal";
  char message[256];
  bench w = setup();
  snprintf(message, sizeof message, "assume: attribute 'structure' is missing: it is one of %s", words);
  argument_error(w.g, op1(w.g, "assume", w.x, NULL), message);
  snprintf(message, sizeof message, "assume: attribute 'structure' is one of %s, not 'lower'", words);
  argument_error(w.g, op1(w.g, "assume", w.x, "{structure: lower}"), message);
  static const char *const blockless[] = {"{structure: block_diagonal}",
      "{structure: block_diagonal, block: 0}", "{structure: block_diagonal, block: -2}"};
  for (int i = 0; i < 3; i++) {
    argument_error(w.g, op1(w.g, "assume", w.x, blockless[i]),
        "assume: block_diagonal needs the attribute 'block', an integer of 1 or more");
  }
  argument_error(w.g, op1(w.g, "assume", w.x, "{structure: diagonal, block: 2}"),
      "assume: the attribute 'block' is for block_diagonal alone");
  gm_graph_free(w.g);
}
END_TEST

START_TEST(integer_relus_take_whole_parameters) {
  bench w = setup();
  argument_error(w.g, op1(w.g, "relu", w.i, "{max_value: 6.5}"),
      "relu: attribute 'max_value' is 6.5, which int32 cannot hold");
  argument_error(w.g, op1(w.g, "relu", w.i, "{alpha: 0.5, max_value: 6}"),
      "relu: attribute 'alpha' is 0.5, which int32 cannot hold");
  ck_assert_int_eq(gm_node_dtype(w.g, made(w.g, op1(w.g, "relu", w.i, "{alpha: 0.5}"))), GM_FLOAT32);
  ck_assert_int_eq(gm_node_dtype(w.g, made(w.g, op1(w.g, "relu", w.i, "{max_value: 6}"))), GM_INT32);
  gm_graph_free(w.g);
}
END_TEST

/* ---- Order ---- */

START_TEST(checks_come_in_order) {
  bench w = setup();
  gm_graph *other = new_graph();
  gm_node foreign = input(other, "foreign", "2");
  static const char *const broken = "{axis";
  refused(w.g, gm_apply(w.g, "dot", (gm_node[]){w.x, w.b, foreign}, 3, broken), GM_BAD_ARGUMENT,
      "dot: input 2 is not a node of this graph");
  refused(w.g, gm_apply(w.g, "dot", (gm_node[]){w.x, w.b, w.b}, 3, broken), GM_BAD_ARGUMENT,
      "dot takes 2 inputs, but got 3");
  dtype_error(w.g, op2(w.g, "concatenate", w.x, input_of(w.g, "j", GM_INT32, "3"), broken),
      "concatenate: the dtypes must be the same, but 'x' is float32 and 'j' is int32: cast one of them, "
      "{cast: j, "
      "dtype: float32}");
  shape_error(w.g, op2(w.g, "concatenate", w.x, w.v, broken),
      "concatenate: the ranks must be the same, but 'x' (2, 3) and 'v' (3,) differ");
  shape_error(w.g, op2(w.g, "bias_add", w.v, w.v, "{data: 1}"),
      "bias_add: x must have rank 2 or more, but is 'v' (3,)");
  shape_error(w.g, op1(w.g, "assume", w.v, "{structure: none}"),
      "assume: a matrix has rank 2 or more, but 'v' (3,) has rank 1");
  argument_error(w.g, op2(w.g, "concatenate", w.x, w.y, "{axes: 0}"),
      "concatenate: there is no attribute 'axes': did you mean 'axis'?");
  argument_error(w.g, op2(w.g, "dot", w.x, w.y, "{type: 1}"),
      "dot: there is no attribute 'type': did you mean 'dtype'?");
  dtype_error(w.g, op2(w.g, "dot", w.x, w.y, "{dtype: float64}"),
      "dot: a product of float32 cannot be float64: cast the result");
  gm_graph_free(other);
  gm_graph_free(w.g);
}
END_TEST

START_TEST(long_names_and_shapes_keep_to_one_message) {
  char name[128], shape[256] = "1000000007";
  memset(name, 'a', 127);
  name[127] = '\0';
  for (int i = 1; i < 20; i++) strcat(shape, ", 10000007");
  gm_graph *g = new_graph();
  gm_node x = input(g, name, shape);
  name[126] = 'b';
  gm_node y = input(g, name, "3, 4");
  gm_error error = {0};
  ck_assert_uint_eq(gm_dot(g, x, y).id, 0);
  ck_assert_int_eq(gm_graph_error(g, &error), GM_BAD_SHAPE);
  ck_assert_uint_lt(strlen(error.message), sizeof error.message);
  ck_assert_ptr_nonnull(strstr(error.message, "Dimensions must be equal, but are 10000007 and 3"));
  check_axes(error, 19, 10000007, 0, 3);
  gm_graph_free(g);
}
END_TEST

SUITE(infer_messages) {
  CASE(dot_names_both_sides);
  CASE(original_shapes_stand_in_the_message);
  CASE(what_was_learnt_stands_in_the_message);
  CASE(symbols_that_cannot_agree_are_refused);
  CASE(broadcasting_names_both_sides);
  CASE(concatenate_names_the_axis_that_differs);
  CASE(reshape_names_both_shapes);
  CASE(squeeze_tells_the_length);
  CASE(refusals_for_an_earlier_demand_name_it);
  CASE(bias_add_names_both_sides);
  CASE(assume_demands_matrices);
  CASE(axes_out_of_range_name_the_range);
  CASE(concatenate_takes_negative_axes_modulo_the_rank);
  CASE(axes_stand_once);
  CASE(mixed_dtypes_say_what_to_cast);
  CASE(functions_of_reals_name_the_cast);
  CASE(arithmetic_refuses_bool);
  CASE(dot_widens_small_dtypes_only);
  CASE(divide_gives_floats);
  CASE(attributes_are_checked_by_name_and_type);
  CASE(attribute_syntax_names_the_operation);
  CASE(structures_take_their_block);
  CASE(integer_relus_take_whole_parameters);
  CASE(checks_come_in_order);
  CASE(long_names_and_shapes_keep_to_one_message);
}
