/* SPDX-License-Identifier: MIT
 *
 * assume: the value that a structure defines, whatever is stored outside of it; what check_structure finds.
 * Every structure is compared with its definition, entry by entry. */
#include "graph_support.h"

#include <math.h>

enum { SIZE = 7 };

typedef bool inside(int64_t row, int64_t column);

static bool lower(int64_t i, int64_t j) {
  return j <= i;
}
static bool upper(int64_t i, int64_t j) {
  return i <= j;
}
static bool diagonal(int64_t i, int64_t j) {
  return i == j;
}
static bool tridiagonal(int64_t i, int64_t j) {
  return i - j <= 1 && j - i <= 1;
}
static bool blocks(int64_t i, int64_t j) {
  return i / 3 == j / 3;
}

static const struct {
  const char *attributes;
  inside *keeps;
  bool mirrors;
} structures[] = {{"{structure: lower_triangular}", lower, false},
    {"{structure: upper_triangular}", upper, false}, {"{structure: symmetric}", lower, true},
    {"{structure: diagonal}", diagonal, false}, {"{structure: tridiagonal}", tridiagonal, false},
    {"{structure: block_diagonal, block: 3}", blocks, false}};
enum { STRUCTURES = sizeof structures / sizeof *structures };

static gm_tensor *tensor3(int64_t batch, int64_t rows, int64_t columns) {
  gm_error error = {0};
  gm_tensor *tensor = gm_tensor_new(GM_FLOAT32, 3, (int64_t[]){batch, rows, columns}, &error);
  ck_assert_msg(tensor != NULL, "%s", error.message);
  float *data = gm_tensor_data(tensor);
  for (int64_t i = 0; i < gm_tensor_count(tensor); i++) data[i] = (float)(i + 1);
  return tensor;
}

/** The entry that the definition gives. */
static float defined(const float *x, int64_t columns, int s, int64_t i, int64_t j) {
  if (structures[s].keeps(i, j)) return x[i * columns + j];
  return structures[s].mirrors ? x[j * columns + i] : 0;
}

static const gm_plan_options checking = {.struct_size = sizeof(gm_plan_options), .check_structure = true};

/** Runs output on x; the status and, on success, the value (the caller's). */
static gm_status run_on(const gm_graph *graph, gm_node output, const gm_tensor *x,
    const gm_plan_options *options, float *out, gm_error *error) {
  gm_plan *plan = gm_plan_new(graph, &output, 1, options, error);
  ck_assert_msg(plan != NULL, "%s", error->message);
  gm_executor *executor = gm_executor_new(plan, error);
  gm_status status = gm_executor_feed(executor, "x", x, error);
  if (status == GM_OK) status = gm_executor_run(executor, error);
  const gm_tensor *value = gm_executor_output(executor, 0);
  ck_assert((value != NULL) == (status == GM_OK));
  if (value) memcpy(out, gm_tensor_cdata(value), (size_t)gm_tensor_count(value) * sizeof *out);
  gm_executor_free(executor);
  gm_plan_free(plan);
  return status;
}

static void check_values(int s, int64_t batch, int64_t rows, int64_t columns) {
  static float out[4 * SIZE * SIZE];
  gm_error error = {0};
  gm_graph *g = new_graph();
  gm_node node = made(g, op1(g, "assume", input(g, "x", "b, n, m"), structures[s].attributes));
  gm_tensor *x = tensor3(batch, rows, columns);
  ck_assert_int_eq(run_on(g, node, x, NULL, out, &error), GM_OK);
  const float *data = gm_tensor_cdata(x);
  for (int64_t b = 0, at = 0; b < batch; b++) {
    for (int64_t i = 0; i < rows; i++) {
      for (int64_t j = 0; j < columns; j++, at++) {
        ck_assert(out[at] == defined(data + b * rows * columns, columns, s, i, j));
      }
    }
  }
  gm_tensor_free(x);
  gm_graph_free(g);
}

START_TEST(values_are_those_of_the_definition) {
  for (int s = 0; s < STRUCTURES; s++) {
    for (int64_t n = 0; n <= SIZE; n++) check_values(s, 1 + n % 3, n, n);
  }
}
END_TEST

START_TEST(matrices_need_not_be_square) {
  for (int s = 0; s < STRUCTURES; s++) {
    if (structures[s].mirrors) continue;
    check_values(s, 2, 3, 6);
    check_values(s, 2, 6, 3);
    check_values(s, 1, 1, 5);
    check_values(s, 1, 5, 1);
    check_values(s, 0, 4, 4);
  }
}
END_TEST

/** Writes NaN wherever the structure does not look. */
static void poison(gm_tensor *x, int s) {
  float *data = gm_tensor_data(x);
  for (int64_t at = 0; at < gm_tensor_count(x); at++) {
    if (!structures[s].keeps(at / SIZE % SIZE, at % SIZE)) data[at] = NAN;
  }
}

START_TEST(nan_outside_has_no_effect) {
  static float clean[2 * SIZE * SIZE], poisoned[2 * SIZE * SIZE];
  for (int s = 0; s < STRUCTURES; s++) {
    gm_error error = {0};
    gm_graph *g = new_graph();
    gm_node matrix = made(g, op1(g, "assume", input(g, "x", "b, n, n"), structures[s].attributes));
    gm_node product =
        made(g, gm_dot(g, matrix, gm_random_uniform_variable(g, "w", GM_FLOAT32, "7, 7", -1, 1, 1)));
    gm_node out = made(g, op2(g, "add", product, op1(g, "negative", matrix, NULL), NULL));
    gm_tensor *x = tensor3(2, SIZE, SIZE);
    ck_assert_int_eq(run_on(g, out, x, NULL, clean, &error), GM_OK);
    poison(x, s);
    ck_assert_int_eq(run_on(g, out, x, NULL, poisoned, &error), GM_OK);
    ck_assert_mem_eq(clean, poisoned, sizeof clean);
    for (size_t i = 0; i < sizeof clean / sizeof *clean; i++) ck_assert(isfinite(clean[i]));
    gm_tensor_free(x);
    gm_graph_free(g);
  }
}
END_TEST

START_TEST(transposed_inputs_are_seen_transposed) {
  static float out[SIZE * SIZE];
  for (int s = 0; s < STRUCTURES; s++) {
    gm_error error = {0};
    gm_graph *g = new_graph();
    gm_node turned = made(g, op1(g, "permute_dimensions", input(g, "x", "1, 7, 7"), "{pattern: [0, 2, 1]}"));
    gm_node node = made(g, op1(g, "assume", turned, structures[s].attributes));
    gm_tensor *x = tensor3(1, SIZE, SIZE);
    ck_assert_int_eq(run_on(g, node, x, NULL, out, &error), GM_OK);
    for (int64_t i = 0; i < SIZE; i++) {
      for (int64_t j = 0; j < SIZE; j++) {
        int64_t row = structures[s].mirrors && j > i ? j : i, column = structures[s].mirrors && j > i ? i : j;
        float wanted = structures[s].keeps(row, column) ? (float)(column * SIZE + row + 1) : 0;
        ck_assert(out[i * SIZE + j] == wanted);
      }
    }
    gm_tensor_free(x);
    gm_graph_free(g);
  }
}
END_TEST

START_TEST(blocks_may_be_larger_than_the_matrix) {
  static const char *const attributes[] = {
      "{structure: block_diagonal, block: 7}", "{structure: block_diagonal, block: 9223372036854775807}"};
  static float out[SIZE * SIZE];
  for (int i = 0; i < 2; i++) {
    gm_error error = {0};
    gm_graph *g = new_graph();
    gm_node node = made(g, op1(g, "assume", input(g, "x", "1, n, n"), attributes[i]));
    gm_tensor *x = tensor3(1, SIZE, SIZE);
    ck_assert_int_eq(run_on(g, node, x, NULL, out, &error), GM_OK);
    ck_assert_mem_eq(out, gm_tensor_cdata(x), sizeof out);
    gm_tensor_free(x);
    gm_graph_free(g);
  }
}
END_TEST

static void define(gm_tensor *x, int s) {
  float *data = gm_tensor_data(x);
  for (int64_t at = 0; at < gm_tensor_count(x); at++) {
    int64_t start = at - at % (SIZE * SIZE);
    data[at] = defined(data + start, SIZE, s, at / SIZE % SIZE, at % SIZE);
  }
}

START_TEST(check_structure_accepts_what_has_it) {
  static float out[2 * SIZE * SIZE];
  for (int s = 0; s < STRUCTURES; s++) {
    gm_error error = {0};
    gm_graph *g = new_graph();
    gm_node node = made(g, op1(g, "assume", input(g, "x", "b, n, n"), structures[s].attributes));
    gm_tensor *x = tensor3(2, SIZE, SIZE);
    define(x, s);
    ck_assert_msg(run_on(g, node, x, &checking, out, &error) == GM_OK, "%s", error.message);
    ck_assert_mem_eq(out, gm_tensor_cdata(x), sizeof out);
    gm_tensor_free(x);
    gm_graph_free(g);
  }
}
END_TEST

START_TEST(check_structure_names_the_entry) {
  static const char *const messages[] = {"entry [1, 5] is 3.5, but the matrix is declared lower_triangular",
      "entry [5, 1] is 3.5, but the matrix is declared upper_triangular",
      "entry [1, 5] is 3.5 and [5, 1] is 37.0, but the matrix is declared symmetric",
      "entry [5, 1] is 3.5, but the matrix is declared diagonal",
      "entry [1, 5] is 3.5, but the matrix is declared tridiagonal",
      "entry [5, 1] is 3.5, but the matrix is declared block_diagonal"};
  static const int places[] = {
      1 * SIZE + 5, 5 * SIZE + 1, 1 * SIZE + 5, 5 * SIZE + 1, 1 * SIZE + 5, 5 * SIZE + 1};
  static float out[SIZE * SIZE];
  for (int s = 0; s < STRUCTURES; s++) {
    gm_error error = {0};
    gm_graph *g = new_graph();
    gm_node node =
        made(g, gm_name(g, op1(g, "assume", input(g, "x", "1, n, n"), structures[s].attributes), "a"));
    gm_tensor *x = tensor3(1, SIZE, SIZE);
    define(x, s);
    ((float *)gm_tensor_data(x))[places[s]] = 3.5f;
    ck_assert_int_eq(run_on(g, node, x, &checking, out, &error), GM_BAD_SHAPE);
    ck_assert_ptr_nonnull(strstr(error.message, messages[s]));
    ck_assert_str_eq(error.node, "a");
    ck_assert_int_eq(run_on(g, node, x, NULL, out, &error), GM_OK);
    gm_tensor_free(x);
    gm_graph_free(g);
  }
}
END_TEST

START_TEST(check_structure_sees_nan) {
  static float out[SIZE * SIZE];
  for (int s = 0; s < STRUCTURES; s++) {
    gm_error error = {0};
    gm_graph *g = new_graph();
    gm_node node = made(g, op1(g, "assume", input(g, "x", "1, n, n"), structures[s].attributes));
    gm_tensor *x = tensor3(1, SIZE, SIZE);
    define(x, s);
    poison(x, s);
    ck_assert_int_eq(run_on(g, node, x, &checking, out, &error), GM_BAD_SHAPE);
    gm_tensor_free(x);
    gm_graph_free(g);
  }
}
END_TEST

START_TEST(symmetric_demands_square_matrices) {
  static float out[SIZE * SIZE];
  gm_error error = {0};
  gm_graph *g = new_graph();
  gm_node x = input(g, "x", "b, n, m"), node = made(g, op1(g, "assume", x, "{structure: symmetric}"));
  ck_assert_str_eq(shape_of(g, node), "(b, n, n)");
  gm_tensor *oblong = tensor3(1, 2, 3);
  ck_assert_int_eq(run_on(g, node, oblong, NULL, out, &error), GM_BAD_SHAPE);
  ck_assert_str_eq(error.message,
      "n = 2 from 'x' axis 1, but 3 from 'x' axis 2; m = n was learnt from 'x' axis 1 and 'x' "
      "axis 2");
  gm_tensor_free(oblong);
  gm_graph_free(g);
}
END_TEST

START_TEST(every_dtype_has_structure) {
  for (int dtype = GM_BOOL; dtype <= GM_COMPLEX128; dtype++) {
    gm_graph *g = new_graph();
    gm_tensor *value = NULL, *tensor = gm_tensor_new((gm_dtype)dtype, 2, (int64_t[]){3, 3}, NULL);
    size_t size = dtype == GM_BOOL ? 1 : 0;
    if (size) memset(gm_tensor_data(tensor), 1, 9);
    gm_node ones = dtype == GM_BOOL ? made(g, gm_constant(g, "x", tensor))
                                    : made(g, gm_ones(g, "x", (gm_dtype)dtype, "3, 3"));
    gm_node kept = made(g, op1(g, "assume", ones, "{structure: lower_triangular}"));
    gm_node counted = made(g, op1(g, "sum", made(g, op1(g, "cast", kept, "{dtype: int64}")), NULL));
    ck_assert_int_eq(gm_eval(g, counted, &value, NULL), GM_OK);
    ck_assert_int_eq(*(const int64_t *)gm_tensor_cdata(value), 6);
    gm_tensor_free(value);
    gm_tensor_free(tensor);
    gm_graph_free(g);
  }
}
END_TEST

SUITE(structure_op) {
  CASE(values_are_those_of_the_definition);
  CASE(matrices_need_not_be_square);
  CASE(nan_outside_has_no_effect);
  CASE(transposed_inputs_are_seen_transposed);
  CASE(blocks_may_be_larger_than_the_matrix);
  CASE(check_structure_accepts_what_has_it);
  CASE(check_structure_names_the_entry);
  CASE(check_structure_sees_nan);
  CASE(symmetric_demands_square_matrices);
  CASE(every_dtype_has_structure);
}
