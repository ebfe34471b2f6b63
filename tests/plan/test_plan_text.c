/* SPDX-License-Identifier: MIT
 *
 * Printed plans: golden texts, the same text for the same graph and dims, every key of the JSON document with
 * its type, and the refusal of dims that are malformed, unknown or too large. */
#include "support/suite.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include "support/build.h"

static gm_error error;

/** sm = softmax(o), o = relu(s)·tanh(s), s = x·w + b; s is written twice, with the inputs of add exchanged.
 */
static gm_graph *layers(gm_node outputs[2]) {
  gm_graph *g = gm_graph_new(NULL, NULL);
  gm_node x = gm_placeholder(g, "x", GM_FLOAT32, "batch, 3"), b = gm_ones(g, "b", GM_FLOAT32, "4");
  gm_node xw = gm_name(g, gm_dot(g, x, gm_ones(g, "w", GM_FLOAT32, "3, 4")), "xw");
  gm_node s = gm_name(g, apply2(g, "add", xw, b, NULL), "s");
  gm_node again = gm_name(g, apply2(g, "add", b, xw, NULL), "again");
  gm_node relu = apply1(g, "relu", s, NULL), tanh = apply1(g, "tanh", again, NULL);
  outputs[1] = gm_name(g, apply2(g, "multiply", relu, tanh, NULL), "o");
  outputs[0] = gm_name(g, apply1(g, "softmax", outputs[1], "{axis: -1}"), "sm");
  return g;
}

/** The plan of a graph by plain loops, so that it is the same with and without OpenBLAS. Frees the graph. */
static gm_plan *planned(gm_graph *graph, const gm_node *outputs, size_t count) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  options.kernel = "loops";
  gm_plan *plan = gm_plan_new(graph, outputs, count, &options, &error);
  ck_assert_msg(plan != NULL, "%s", error.message);
  gm_graph_free(graph);
  return plan;
}

static gm_plan *layers_plan(void) {
  gm_node outputs[2];
  gm_graph *graph = layers(outputs);
  return planned(graph, outputs, 2);
}

static void ck_text(const gm_plan *plan, const char *dims, const char *want) {
  char *text = plan_text(plan, dims, 0);
  ck_assert_str_eq(text, want);
  free(text);
}

/* ---- Text ---- */

static const char rewrites[] =
    "rewrites:\n"
    "  share: again -> s (equal operations on equal inputs have one value; flops 4*batch -> 0)\n"
    "  prune: 1 node without readers -> not computed (what no output depends on is not computed)\n";

static const char given_rewrites[] =
    "  fuse: s, relu, tanh, o -> one map (what one step alone reads is made where it is read; bytes 304 -> "
    "80)\n"
    "  epilogue: xw, o -> one product, then add relu tanh multiply (what alone reads a product is done with "
    "it; "
    "bytes 184 -> 120)\n"
    "flops 88, workspace 0 bytes (0 without sharing, at least 0), outputs 64, packed 0\n";

START_TEST(symbolic_dims_print_nodes_and_polynomials) {
  gm_plan *plan = layers_plan();
  char want[2000];
  snprintf(want, sizeof want, "%s%s",
      "plan: sm, o\n"
      "dims: symbolic\n"
      "step  kind     node  shape          flops\n"
      "   0  gemm     xw    (batch, 4)  24*batch\n"
      "   1  map      s     (batch, 4)   4*batch\n"
      "   2  map      relu  (batch, 4)   4*batch\n"
      "   3  map      tanh  (batch, 4)   4*batch\n"
      "   4  map      o     (batch, 4)   4*batch\n"
      "   5  softmax  sm    (batch, 4)   4*batch\n",
      rewrites);
  ck_text(plan, NULL, want);
  ck_text(plan, "", want);
  ck_text(plan, " , ", want);
  gm_plan_free(plan);
}
END_TEST

START_TEST(given_dims_print_steps_and_sizes) {
  gm_plan *plan = layers_plan();
  char want[2000];
  snprintf(want, sizeof want, "%s%s%s",
      "plan: sm, o\n"
      "dims: batch=2\n"
      "step  kind     node  what                                     flops  bytes  kernel  reads  writes\n"
      "   0  gemm     o     m=2 n=4 k=3 then add relu tanh multiply     80    120  loops   0 2 1  3\n"
      "   1  softmax  sm    2 rows of 4                                  8     64          3      4\n"
      "buffer  kind    node  bytes  offset  steps\n"
      "     0  feed    x        24          0 to 0\n"
      "     1  value   b        16          0 to 0\n"
      "     2  value   w        48          0 to 0\n"
      "     3  output  o        32          0 to 1\n"
      "     4  output  sm       32          1 to 1\n",
      rewrites, given_rewrites);
  ck_text(plan, "batch=2", want);
  ck_text(plan, "  batch = +2 ,", want);
  ck_text(plan, "batch=2, batch=2", want);
  gm_plan_free(plan);
}
END_TEST

START_TEST(a_graph_without_symbols_needs_no_dims) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "2, 3"),
          y = gm_placeholder(graph, "y", GM_FLOAT32, "3, 4");
  gm_node xy = gm_name(graph, gm_dot(graph, x, y), "xy");
  ck_assert_int_eq(gm_graph_set_name(graph, "product", NULL), GM_OK);
  gm_plan *plan = planned(graph, &xy, 1);
  ck_text(plan, NULL,
      "plan of 'product': xy\n"
      "dims: all known\n"
      "step  kind  node  what         flops  bytes  kernel  reads  writes\n"
      "   0  gemm  xy    m=2 n=4 k=3     48    104  loops   0 1    2\n"
      "buffer  kind    node  bytes  offset  steps\n"
      "     0  feed    x        24          0 to 0\n"
      "     1  feed    y        48          0 to 0\n"
      "     2  output  xy       32          0 to 0\n"
      "flops 48, workspace 0 bytes (0 without sharing, at least 0), outputs 32, packed 0\n");
  gm_plan_free(plan);
}
END_TEST

/** A declaration is no step while products alone read it; whoever else does makes a copy first. */
START_TEST(structure_prints_forms_and_what_they_save) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node a = gm_placeholder(graph, "a", GM_FLOAT32, "n, 200"),
          x = gm_placeholder(graph, "x", GM_FLOAT32, "200, n");
  gm_node lower = gm_name(graph, apply1(graph, "assume", a, "{structure: lower_triangular}"), "L");
  gm_node outputs[3] = {gm_name(graph, gm_dot(graph, lower, x), "Lx"),
      gm_name(graph, gm_dot(graph, x, apply1(graph, "transpose", x, NULL)), "xxt"),
      gm_name(graph, apply1(graph, "tanh", lower, NULL), "other")};
  gm_plan *plan = planned(graph, outputs, 3);
  ck_text(plan, "n=200",
      "plan: Lx, xxt, other\n"
      "dims: n=200\n"
      "step  kind       node   what                                    flops   bytes  kernel  reads  writes\n"
      "   0  gemm       Lx     m=200 n=200 k=200 a=lower_triangular  8000000  480000  loops   0 1    2\n"
      "   1  gemm       xxt    m=200 n=200 k=200 b=a^T               8000000  480000  loops   1 1    3\n"
      "   2  structure  L      lower_triangular 200x200                    0  320000          0      4\n"
      "   3  map        other  tanh                                    40000  320000          4      4\n"
      "buffer  kind    node    bytes  offset  steps\n"
      "     0  feed    a      160000          0 to 2\n"
      "     1  feed    x      160000          0 to 1\n"
      "     2  output  Lx     160000          0 to 0\n"
      "     3  output  xxt    160000          1 to 1\n"
      "     4  output  other  160000          2 to 3\n"
      "rewrites:\n"
      "  structure: Lx -> loops of lower_triangular and any (entries outside a matrix's structure take no "
      "part; flops 16000000 -> 8000000; may round)\n"
      "  views: transpose -> a view of x (a transpose, reshape or slice is read where it lies; bytes 320000 "
      "-> 0)\n"
      "  structure: xxt -> loops of one matrix and its transpose (entries outside a matrix's structure take "
      "no part; flops 16000000 -> 8000000; may round)\n"
      "  in_place: other -> in the place of L (a value that nobody reads afterwards may be written over; "
      "bytes 160000 -> 0)\n"
      "  memory: all temporaries apart -> in one workspace (values never alive at once share memory; bytes "
      "160000 -> 0)\n"
      "flops 16040000, workspace 0 bytes (160000 without sharing, at least 0), outputs 480000, packed 0\n");
  gm_plan_free(plan);
}
END_TEST

START_TEST(outputs_without_steps_print_their_copies) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "2, 3");
  gm_plan *plan = planned(graph, &x, 1);
  char *text = plan_text(plan, NULL, 0);
  ck_assert_ptr_nonnull(strstr(text, "   0  copy  "));
  free(text);
  gm_plan_free(plan);
}
END_TEST

START_TEST(dims_print_in_the_order_of_declaration) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node nodes[] = {
      gm_placeholder(graph, "x", GM_FLOAT32, "n, m"), gm_placeholder(graph, "y", GM_FLOAT32, "2*k, n")};
  gm_node xy = apply2(graph, "add", apply1(graph, "transpose", nodes[0], NULL), nodes[1], NULL);
  gm_plan *plan = planned(graph, &xy, 1);
  char *one = plan_text(plan, "n=4,m=4,k=2", 0), *other = plan_text(plan, " k=2, m=4 , n=4", 0);
  ck_assert_str_eq(one, other);
  ck_assert_ptr_nonnull(strstr(one, "dims: n=4, m=4, k=2\n"));
  free(one);
  free(other);
  gm_plan_free(plan);
}
END_TEST

START_TEST(the_same_graph_prints_the_same_plan) {
  static const char *const dims[] = {NULL, "batch=2", "batch=0", "batch=1000"};
  gm_plan *one = layers_plan(), *other = layers_plan();
  for (size_t i = 0; i < sizeof dims / sizeof *dims; i++) {
    for (unsigned flags = 0; flags <= GM_TEXT_JSON; flags++) {
      char *a = plan_text(one, dims[i], flags), *b = plan_text(other, dims[i], flags),
           *c = plan_text(one, dims[i], flags);
      ck_assert_str_eq(a, b);
      ck_assert_str_eq(a, c);
      free(a);
      free(b);
      free(c);
    }
  }
  gm_plan_free(one);
  gm_plan_free(other);
}
END_TEST

START_TEST(a_run_does_not_change_the_text) {
  gm_plan *plan = layers_plan();
  char *before = plan_text(plan, "batch=2", GM_TEXT_JSON);
  gm_executor *e = gm_executor_new(plan, NULL);
  gm_tensor *x = ramp2(0, 2, 3);
  feed(e, "x", x);
  run(e);
  char *after = plan_text(plan, "batch=2", GM_TEXT_JSON);
  ck_assert_str_eq(before, after);
  free(before);
  free(after);
  gm_executor_free(e);
  gm_tensor_free(x);
  gm_plan_free(plan);
}
END_TEST

START_TEST(short_buffers_are_terminated) {
  gm_plan *plan = layers_plan();
  char *whole = plan_text(plan, "batch=2", 0), buffer[64];
  size_t length = strlen(whole);
  for (size_t size = 1; size <= sizeof buffer; size++) {
    memset(buffer, 'x', sizeof buffer);
    ck_assert_uint_eq(gm_plan_text(plan, "batch=2", 0, buffer, size, NULL), length);
    ck_assert_uint_eq(strlen(buffer), size - 1);
    ck_assert_int_eq(strncmp(buffer, whole, size - 1), 0);
  }
  free(whole);
  gm_plan_free(plan);
}
END_TEST

/* ---- Dims that are refused ---- */

static void ck_refused(const gm_plan *plan, const char *dims, gm_status status) {
  char text[8] = "before";
  gm_plan_size sizes = {.struct_size = sizeof sizes};
  memset(&error, 0, sizeof error);
  ck_assert_msg(gm_plan_text(plan, dims, 0, text, sizeof text, &error) == 0, "'%s' is taken", dims);
  ck_assert_msg(error.status == status, "'%s': %s: %s", dims, gm_status_name(error.status), error.message);
  ck_assert_str_eq(text, "");
  ck_assert_ptr_null(strchr(error.message, '\n'));
  ck_assert_uint_eq(gm_plan_text(plan, dims, GM_TEXT_JSON, text, sizeof text, NULL), 0);
  ck_assert_int_eq(gm_plan_sizes(plan, dims, &sizes, NULL), status);
}

START_TEST(malformed_dims_are_refused) {
  static const char *const malformed[] = {"batch", "=3", "batch=", "batch=3.5", "batch==3", "batch=3;n=4",
      "batch=3 4", "batch=0x10", "batch=1e2", "batch=three", "batch=nan", "batch=-1",
      "batch=-9223372036854775808", "batch=9223372036854775808", "batch=18446744073709551615",
      "batch=99999999999999999999999999", "nobody=3", "batch=2, nobody=3", "?=3", "batch:3"};
  gm_plan *plan = layers_plan();
  for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++)
    ck_refused(plan, malformed[i], GM_BAD_ARGUMENT);
  gm_plan_free(plan);
}
END_TEST

START_TEST(long_dims_are_refused_whole) {
  char dims[6000];
  memset(dims, 'n', sizeof dims);
  memcpy(dims + sizeof dims - 4, "=12", 4);
  gm_plan *plan = layers_plan();
  ck_refused(plan, dims, GM_BAD_ARGUMENT);
  memset(dims, '1', sizeof dims - 1);
  memcpy(dims, "batch=", 6);
  ck_refused(plan, dims, GM_BAD_ARGUMENT);
  gm_plan_free(plan);
}
END_TEST

START_TEST(an_unknown_dim_is_refused_with_the_nearest) {
  gm_plan *plan = layers_plan();
  ck_refused(plan, "bach=3", GM_BAD_ARGUMENT);
  ck_assert_ptr_nonnull(strstr(error.message, "'batch'"));
  gm_plan_free(plan);
}
END_TEST

START_TEST(dims_that_contradict_are_refused) {
  gm_plan *plan = layers_plan();
  ck_refused(plan, "batch=3, batch=4", GM_BAD_SHAPE);
  gm_plan_free(plan);
}
END_TEST

START_TEST(sizes_beyond_the_address_space_are_a_limit) {
  gm_plan *plan = layers_plan();
  ck_refused(plan, "batch=9223372036854775807", GM_LIMIT);
  ck_refused(plan, "batch=1152921504606846976", GM_LIMIT);
  gm_plan_free(plan);
}
END_TEST

START_TEST(some_dims_are_not_enough) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node x = gm_placeholder(graph, "x", GM_FLOAT32, "n, m");
  gm_node y = apply1(graph, "tanh", x, NULL);
  gm_plan *plan = planned(graph, &y, 1);
  ck_refused(plan, "n=3", GM_UNBOUND);
  ck_assert_ptr_nonnull(strstr(error.message, "'m'"));
  gm_plan_free(plan);
}
END_TEST

START_TEST(a_null_plan_has_no_text) {
  char text[8] = "before";
  ck_assert_uint_eq(gm_plan_text(NULL, NULL, 0, text, sizeof text, &error), 0);
  ck_assert_int_eq(error.status, GM_BAD_ARGUMENT);
  ck_assert_str_eq(text, "");
}
END_TEST

/* ---- JSON ---- */

static json_t *json_of(const gm_plan *plan, const char *dims) {
  json_error_t why;
  char *text = plan_text(plan, dims, GM_TEXT_JSON);
  json_t *document = json_loads(text, JSON_REJECT_DUPLICATES, &why);
  ck_assert_msg(document != NULL, "%s in %s", why.text, text);
  free(text);
  return document;
}

/** Each letter after a key is a type that it may have: s(tring), i(nteger), b(oolean), n(ull), a(rray),
 * o(bject). */
typedef struct key {
  const char *name, *types;
} key;

static char type_of(const json_t *value) {
  switch (json_typeof(value)) {
  case JSON_STRING: return 's';
  case JSON_INTEGER: return 'i';
  case JSON_TRUE:
  case JSON_FALSE: return 'b';
  case JSON_NULL: return 'n';
  case JSON_ARRAY: return 'a';
  case JSON_OBJECT: return 'o';
  default: return '?';
  }
}

static void ck_keys(const json_t *object, const key *keys, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const json_t *value = json_object_get(object, keys[i].name);
    ck_assert_msg(value != NULL, "there is no key '%s'", keys[i].name);
    ck_assert_msg(
        strchr(keys[i].types, type_of(value)) != NULL, "'%s' has type %c", keys[i].name, type_of(value));
  }
}

static void ck_list(const json_t *document, const char *name, const key *keys, size_t count) {
  size_t index;
  const json_t *item;
  json_array_foreach(json_object_get(document, name), index, item) ck_keys(item, keys, count);
}

#define CK_KEYS(object, keys) ck_keys(object, keys, sizeof(keys) / sizeof *(keys))
#define CK_LIST(document, name, keys) ck_list(document, name, keys, sizeof(keys) / sizeof *(keys))

static const key rewrite_keys[] = {{"pass", "s"}, {"law", "s"}, {"node", "sn"}, {"before", "s"},
    {"after", "s"}, {"unit", "sn"}, {"cost_before", "sin"}, {"cost_after", "sin"}, {"may_round", "b"}};

START_TEST(json_has_every_key) {
  static const key top[] = {{"gemmule", "s"}, {"format", "i"}, {"dims", "o"}, {"steps", "a"},
      {"buffers", "a"}, {"rewrites", "a"}, {"workspace", "i"}, {"packed", "i"}, {"peak", "i"},
      {"unshared", "i"}, {"lower_bound", "i"}};
  static const key step[] = {{"id", "i"}, {"kind", "s"}, {"node", "s"}, {"kernel", "sn"}, {"m", "in"},
      {"n", "in"}, {"k", "in"}, {"refusal", "sn"}, {"flops", "i"}, {"bytes", "i"}, {"reads", "a"},
      {"writes", "a"}, {"epilogue", "a"}};
  static const key buffer[] = {{"id", "i"}, {"kind", "s"}, {"node", "s"}, {"offset", "in"}, {"bytes", "i"},
      {"first", "in"}, {"last", "in"}};
  gm_plan *plan = layers_plan();
  json_t *document = json_of(plan, "batch=2");
  CK_KEYS(document, top);
  CK_LIST(document, "steps", step);
  CK_LIST(document, "buffers", buffer);
  CK_LIST(document, "rewrites", rewrite_keys);
  ck_assert_str_eq(json_string_value(json_object_get(document, "gemmule")), gm_version());
  ck_assert_int_eq(json_integer_value(json_object_get(document, "format")), 1);
  ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(document, "dims"), "batch")), 2);
  ck_assert_uint_eq(json_array_size(json_object_get(document, "steps")), 2);
  ck_assert_uint_eq(json_array_size(json_object_get(document, "rewrites")), 4);
  json_decref(document);
  gm_plan_free(plan);
}
END_TEST

START_TEST(symbolic_json_has_every_key) {
  static const key top[] = {{"gemmule", "s"}, {"format", "i"}, {"dims", "o"}, {"steps", "a"},
      {"buffers", "a"}, {"rewrites", "a"}, {"workspace", "n"}, {"packed", "n"}, {"peak", "n"},
      {"unshared", "n"}, {"lower_bound", "n"}};
  static const key step[] = {{"id", "i"}, {"kind", "s"}, {"node", "s"}, {"kernel", "n"}, {"m", "sin"},
      {"n", "sin"}, {"k", "sin"}, {"refusal", "n"}, {"flops", "sin"}, {"bytes", "n"}, {"reads", "a"},
      {"writes", "a"}, {"epilogue", "a"}};
  gm_plan *plan = layers_plan();
  json_t *document = json_of(plan, NULL), *first = json_array_get(json_object_get(document, "steps"), 0);
  CK_KEYS(document, top);
  CK_LIST(document, "steps", step);
  CK_LIST(document, "rewrites", rewrite_keys);
  ck_assert(json_is_null(json_object_get(json_object_get(document, "dims"), "batch")));
  ck_assert_str_eq(json_string_value(json_object_get(first, "m")), "batch");
  ck_assert_int_eq(json_integer_value(json_object_get(first, "k")), 3);
  ck_assert_str_eq(json_string_value(json_object_get(first, "flops")), "24*batch");
  json_decref(document);
  gm_plan_free(plan);
}
END_TEST

START_TEST(json_tells_what_is_computed) {
  gm_plan *plan = layers_plan();
  json_t *document = json_of(plan, "batch=2"), *gemm = json_array_get(json_object_get(document, "steps"), 0);
  ck_assert_str_eq(json_string_value(json_object_get(gemm, "kind")), "gemm");
  ck_assert_str_eq(json_string_value(json_object_get(gemm, "node")), "o");
  ck_assert_str_eq(json_string_value(json_object_get(gemm, "kernel")), "loops");
  ck_assert_int_eq(json_integer_value(json_object_get(gemm, "m")), 2);
  ck_assert_int_eq(json_integer_value(json_object_get(gemm, "n")), 4);
  ck_assert_int_eq(json_integer_value(json_object_get(gemm, "k")), 3);
  ck_assert_int_eq(json_integer_value(json_object_get(gemm, "flops")), 80);
  ck_assert_uint_eq(json_array_size(json_object_get(gemm, "reads")), 3);
  const json_t *epilogue = json_object_get(gemm, "epilogue");
  ck_assert_uint_eq(json_array_size(epilogue), 4);
  ck_assert_str_eq(json_string_value(json_array_get(epilogue, 0)), "add");
  ck_assert_str_eq(json_string_value(json_array_get(epilogue, 3)), "multiply");
  ck_assert_uint_eq(json_array_size(json_object_get(gemm, "writes")), 1);
  json_decref(document);
  gm_plan_free(plan);
}
END_TEST

static json_int_t number(const json_t *object, const char *name) {
  return json_integer_value(json_object_get(object, name));
}

static bool clash(const json_t *a, const json_t *b) {
  if (!json_is_integer(json_object_get(a, "offset")) || !json_is_integer(json_object_get(b, "offset")))
    return false;
  bool together = number(a, "first") <= number(b, "last") && number(b, "first") <= number(a, "last");
  return together && number(a, "offset") < number(b, "offset") + number(b, "bytes") &&
         number(b, "offset") < number(a, "offset") + number(a, "bytes");
}

/** Every buffer that a step names is listed under its number. */
static void ck_operands(const json_t *document, const char *name) {
  const json_t *buffers = json_object_get(document, "buffers"), *step, *operand;
  size_t index, at;
  json_array_foreach(json_object_get(document, "steps"), index, step) {
    json_array_foreach(json_object_get(step, name), at, operand) {
      const json_t *buffer = json_array_get(buffers, (size_t)json_integer_value(operand));
      ck_assert_ptr_nonnull(buffer);
      ck_assert_int_eq(number(buffer, "id"), json_integer_value(operand));
      ck_assert_int_le(number(buffer, "first"), (json_int_t)index);
      ck_assert_int_ge(number(buffer, "last"), (json_int_t)index);
    }
  }
}

START_TEST(printed_buffers_that_live_at_once_never_overlap) {
  gm_plan *plan = layers_plan();
  for (int batch = 1; batch < 40; batch += 7) {
    char dims[32];
    snprintf(dims, sizeof dims, "batch=%d", batch);
    json_t *document = json_of(plan, dims), *buffers = json_object_get(document, "buffers");
    for (size_t i = 0; i < json_array_size(buffers); i++)
      for (size_t j = 0; j < i; j++)
        ck_assert(!clash(json_array_get(buffers, i), json_array_get(buffers, j)));
    ck_operands(document, "reads");
    ck_operands(document, "writes");
    ck_assert_int_ge(number(document, "peak"), number(document, "lower_bound"));
    ck_assert_int_ge(number(document, "unshared"), number(document, "peak"));
    json_decref(document);
  }
  gm_plan_free(plan);
}
END_TEST

START_TEST(json_and_sizes_agree) {
  gm_plan *plan = layers_plan();
  gm_plan_size sizes = {.struct_size = sizeof sizes};
  json_t *document = json_of(plan, "batch=5");
  ck_assert_int_eq(gm_plan_sizes(plan, "batch=5", &sizes, NULL), GM_OK);
  ck_assert_uint_eq(sizes.workspace, (size_t)number(document, "workspace"));
  ck_assert_uint_eq(sizes.packed, (size_t)number(document, "packed"));
  ck_assert_uint_eq(sizes.peak, (size_t)number(document, "peak"));
  ck_assert_uint_eq(sizes.unshared, (size_t)number(document, "unshared"));
  ck_assert_uint_eq(sizes.lower_bound, (size_t)number(document, "lower_bound"));
  json_int_t flops = 0;
  size_t index;
  const json_t *step;
  json_array_foreach(json_object_get(document, "steps"), index, step) flops += number(step, "flops");
  ck_assert_double_eq(sizes.flops, (double)flops);
  json_decref(document);
  gm_plan_free(plan);
}
END_TEST

SUITE(plan_text) {
  CASE(symbolic_dims_print_nodes_and_polynomials);
  CASE(given_dims_print_steps_and_sizes);
  CASE(a_graph_without_symbols_needs_no_dims);
  CASE(structure_prints_forms_and_what_they_save);
  CASE(outputs_without_steps_print_their_copies);
  CASE(dims_print_in_the_order_of_declaration);
  CASE(the_same_graph_prints_the_same_plan);
  CASE(a_run_does_not_change_the_text);
  CASE(short_buffers_are_terminated);
  CASE(malformed_dims_are_refused);
  CASE(long_dims_are_refused_whole);
  CASE(an_unknown_dim_is_refused_with_the_nearest);
  CASE(dims_that_contradict_are_refused);
  CASE(sizes_beyond_the_address_space_are_a_limit);
  CASE(some_dims_are_not_enough);
  CASE(a_null_plan_has_no_text);
  CASE(json_has_every_key);
  CASE(symbolic_json_has_every_key);
  CASE(json_tells_what_is_computed);
  CASE(printed_buffers_that_live_at_once_never_overlap);
  CASE(json_and_sizes_agree);
}
