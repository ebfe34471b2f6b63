/* SPDX-License-Identifier: MIT
 *
 * Every allocation failing in turn (malloc and its kin are wrapped by the linker): a builder, a plan and a
 * run say GM_NO_MEMORY, leave the graph as it was, and succeed when they are called again. Leaks are for the
 * sanitizer. */
#include "graph_support.h"

#include <stddef.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

/** Allocations until one fails; -1: none will. `persists`: all later ones fail too. */
static long left = -1;
static bool persists, failed;

static bool fails(void) {
  if (left < 0 || left-- > 0) return false;
  failed = true;
  left = persists ? 0 : -1;
  return true;
}

void *__wrap_malloc(size_t size) {
  return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
  return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size) {
  return fails() ? NULL : __real_realloc(memory, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size) {
  return fails() ? NULL : __real_aligned_alloc(alignment, size);
}

static void arm(long allowed) {
  failed = false;
  left = allowed;
}

static bool disarm(void) {
  left = -1;
  return failed;
}

/* ---- Builders, one call each ---- */

typedef gm_node builder(gm_graph *graph);

static gm_node at(const gm_graph *graph, const char *name) {
  return gm_node_named(graph, name);
}

static gm_node placeholder(gm_graph *graph) {
  return gm_placeholder(graph, "x", GM_FLOAT32, "n, 2*m+1, min(n, 3)");
}
static gm_node matrix(gm_graph *graph) {
  return gm_placeholder(graph, "y", GM_FLOAT32, "batch, k");
}
static gm_node variable(gm_graph *graph) {
  return gm_random_uniform_variable(graph, "w", GM_FLOAT32, "4, 4", 0, 1, 1);
}
static gm_node number(gm_graph *graph) {
  return gm_integer(graph, 2);
}
static gm_node product(gm_graph *graph) {
  return gm_dot(graph, at(graph, "y"), at(graph, "w"));
}
static gm_node sum(gm_graph *graph) {
  return op2(graph, "add", at(graph, "dot"), gm_graph_node_at(graph, 3), NULL);
}
static gm_node joined(gm_graph *graph) {
  return op2(graph, "concatenate", at(graph, "dot"), at(graph, "add"), "{axis: 1}");
}
static gm_node reshaped(gm_graph *graph) {
  return op1(graph, "reshape", at(graph, "concatenate"), "{shape: [-1, \"2*m + 1\"]}");
}
static gm_node squared(gm_graph *graph) {
  return op2(graph, "multiply", at(graph, "dot"),
      op1(graph, "sum", at(graph, "dot"), "{axis: [0], keepdims: true}"), NULL);
}
static gm_node wide(gm_graph *graph) {
  return op2(graph, "add", at(graph, "x"), gm_placeholder(graph, "z", GM_FLOAT32, "a, b, c"), NULL);
}
static gm_node named(gm_graph *graph) {
  return gm_name(graph, at(graph, "multiply"), "out");
}
static gm_node structured(gm_graph *graph) {
  return op1(graph, "assume", at(graph, "w"), "{structure: symmetric}");
}

static builder *const builders[] = {
    placeholder, matrix, variable, number, product, sum, joined, reshaped, squared, wide, named, structured};
enum { BUILDERS = sizeof builders / sizeof *builders };

static gm_graph *built(int count) {
  gm_graph *graph = new_graph();
  for (int i = 0; i < count; i++) made(graph, builders[i](graph));
  return graph;
}

static void describe(const gm_graph *graph, char *out, size_t size) {
  size_t length = 0;
  out[0] = '\0';
  for (size_t i = 0; i < gm_graph_node_count(graph) && length < size; i++) {
    length += gm_node_text(graph, gm_graph_node_at(graph, i), out + length, size - length);
  }
  for (size_t i = 0; i < gm_graph_symbol_count(graph) && length < size; i++) {
    length += gm_graph_symbol_text(graph, i, out + length, size - length);
  }
  ck_assert_uint_lt(length, size);
}

/** One builder with one allocation failing; true when there was none to fail. */
static bool survives(int which, long allowed, const char *complete) {
  static char text[8192];
  gm_error error = {0};
  gm_graph *graph = built(which);
  arm(allowed);
  gm_node node = builders[which](graph);
  bool survived = !disarm();
  if (!survived) {
    ck_assert_uint_eq(node.id, 0);
    ck_assert_int_eq(gm_graph_error(graph, &error), GM_NO_MEMORY);
    ck_assert_ptr_nonnull(strstr(error.message, "out of memory"));
    gm_graph_clear_error(graph);
    bool single = builders[which] != squared && builders[which] != wide;
    for (int i = which; single && i < BUILDERS; i++) made(graph, builders[i](graph));
    describe(graph, text, sizeof text);
    if (single) ck_assert_str_eq(text, complete);
  }
  gm_graph_free(graph);
  return survived;
}

START_TEST(a_builder_without_memory_changes_nothing) {
  static char complete[8192];
  gm_graph *graph = built(BUILDERS);
  describe(graph, complete, sizeof complete);
  gm_graph_free(graph);
  persists = _i != 0;
  for (int which = 0; which < BUILDERS; which++) {
    for (long allowed = 0; !survives(which, allowed, complete); allowed++) ck_assert_int_lt(allowed, 1000);
  }
}
END_TEST

START_TEST(a_graph_is_made_whole_or_not) {
  for (long allowed = 0;; allowed++) {
    gm_error error = {0};
    arm(allowed);
    gm_graph *graph = gm_graph_new(NULL, &error);
    bool survived = !disarm();
    ck_assert(survived == (graph != NULL));
    gm_graph_free(graph);
    if (survived) break;
    ck_assert_int_eq(error.status, GM_NO_MEMORY);
  }
}
END_TEST

/** Plans, feeds and runs; each step only while memory lasts. */
static gm_status plan_and_run(const gm_graph *graph, const gm_tensor *y, gm_error *error) {
  gm_node outputs[] = {at(graph, "out"), at(graph, "concatenate"), at(graph, "assume")};
  gm_plan *plan = gm_plan_new(graph, outputs, 3, NULL, error);
  gm_executor *executor = plan ? gm_executor_new(plan, error) : NULL;
  gm_status status = executor ? gm_executor_feed(executor, "y", y, error) : error->status;
  if (status == GM_OK) status = gm_executor_run(executor, error);
  gm_executor_free(executor);
  gm_plan_free(plan);
  return status;
}

START_TEST(a_plan_or_run_without_memory_says_so) {
  gm_graph *graph = built(BUILDERS);
  gm_tensor *y = gm_tensor_new(GM_FLOAT32, 2, (int64_t[]){3, 4}, NULL);
  for (long allowed = 0;; allowed++) {
    gm_error error = {0};
    arm(allowed);
    gm_status status = plan_and_run(graph, y, &error);
    if (!disarm()) break;
    ck_assert_int_lt(allowed, 5000);
    ck_assert_int_eq(status, GM_NO_MEMORY);
    ck_assert_int_eq(error.status, GM_NO_MEMORY);
  }
  gm_tensor_free(y);
  gm_graph_free(graph);
}
END_TEST

START_TEST(an_executor_runs_after_a_run_without_memory) {
  gm_graph *graph = built(BUILDERS);
  gm_tensor *y = gm_tensor_new(GM_FLOAT32, 2, (int64_t[]){3, 4}, NULL);
  gm_node out = at(graph, "out");
  bool survived = false;
  for (long allowed = 0; !survived; allowed++) {
    gm_error error = {0};
    gm_plan *plan = gm_plan_new(graph, &out, 1, NULL, &error);
    gm_executor *executor = gm_executor_new(plan, &error);
    ck_assert_int_eq(gm_executor_feed(executor, "y", y, &error), GM_OK);
    arm(allowed);
    gm_status status = gm_executor_run(executor, &error);
    survived = !disarm();
    ck_assert_int_eq(status, survived ? GM_OK : GM_NO_MEMORY);
    ck_assert_ptr_eq(survived ? NULL : gm_executor_output(executor, 0), NULL);
    ck_assert_int_eq(gm_executor_run(executor, &error), GM_OK);
    ck_assert_ptr_nonnull(gm_executor_output(executor, 0));
    gm_executor_free(executor);
    gm_plan_free(plan);
  }
  gm_tensor_free(y);
  gm_graph_free(graph);
}
END_TEST

START_TEST(texts_need_no_memory_to_be_safe) {
  gm_graph *graph = built(BUILDERS);
  for (long allowed = 0; allowed < 40; allowed++) {
    size_t shortest = 1;
    arm(allowed);
    for (size_t i = 0; i < gm_graph_node_count(graph); i++) {
      char text[256];
      if (gm_node_text(graph, gm_graph_node_at(graph, i), text, sizeof text) == 0) shortest = 0;
      if (gm_graph_flops_text(graph, text, sizeof text) == 0) shortest = 0;
    }
    disarm();
    ck_assert_uint_eq(shortest, 1);
  }
  gm_graph_free(graph);
}
END_TEST

SUITE(out_of_memory) {
  tcase_add_loop_test(cases, a_builder_without_memory_changes_nothing, 0, 2);
  CASE(a_graph_is_made_whole_or_not);
  CASE(a_plan_or_run_without_memory_says_so);
  CASE(an_executor_runs_after_a_run_without_memory);
  CASE(texts_need_no_memory_to_be_safe);
}
