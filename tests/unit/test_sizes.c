/* SPDX-License-Identifier: MIT
 *
 * One plan for lengths that change: how many specialisations are kept and which, and that memory never grows
 * beyond what the largest lengths need. Bounds are measured: what the largest lengths alone cost. */
#include "support/suite.h"

#include "exec/executor.h"
#include "support/build.h"
#include "support/heap.h"

enum { ROW = 2, MOST = 10000, KEPT = 16 };

static float values[MOST * ROW];

/* ---- Graphs over x (n, 2) ---- */

/** Two layers and a softmax, three ways to move rows, and a length that is no multiple of another. */
static gm_plan *plan_rows(int kept) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  gm_error error = {0};
  options.max_specialisations = kept;
  gm_graph *g = gm_graph_new(NULL, NULL);
  gm_node x = gm_placeholder(g, "x", GM_FLOAT32, "n, 2");
  gm_node hidden = gm_dot(g, x, gm_ones(g, "w1", GM_FLOAT32, "2, 3"));
  gm_node layer =
      apply1(g, "relu", apply2(g, "bias_add", hidden, gm_ones(g, "b", GM_FLOAT32, "3"), NULL), NULL);
  gm_node classes = apply1(g, "softmax", gm_dot(g, layer, gm_ones(g, "w2", GM_FLOAT32, "3, 2")), NULL);
  gm_node joined = apply2(g, "concatenate", x, apply1(g, "tanh", x, NULL), "{axis: 0}");
  gm_node turned = apply1(g, "transpose", joined, NULL);
  gm_node half = apply1(g, "index", x, "{at: \"::2\"}");
  gm_node outputs[] = {classes, apply1(g, "mean", turned, "{axis: 1}"), apply1(g, "exp", half, NULL)};
  gm_plan *plan = gm_plan_new(g, outputs, 3, &options, &error);
  ck_assert_msg(plan != NULL, "%s", error.message);
  gm_graph_free(g);
  return plan;
}

/** Feeds n rows, then runs or prepares. */
typedef gm_status action(gm_executor *e, gm_error *error);

static bool with_rows(gm_executor *e, int64_t n, action *act) {
  gm_tensor *x = gm_tensor_wrap(GM_FLOAT32, 2, (int64_t[]){n, ROW}, values, NULL, NULL, NULL);
  bool fine = gm_executor_feed(e, "x", x, NULL) == GM_OK && act(e, NULL) == GM_OK;
  int rank = 0;
  const int64_t *dims = gm_executor_output_dims(e, 0, &rank);
  fine = fine && rank == 2 && dims[0] == n && dims[1] == 2;
  gm_executor_feed(e, "x", NULL, NULL);
  gm_tensor_free(x);
  return fine;
}

static bool is_kept(const gm_plan *plan, int64_t n) {
  bool found = false;
  for (size_t i = 0; i < plan->cached; i++) found = found || plan->cache[i]->key[0] == n;
  return found;
}

/* ---- Many lengths, against the largest alone ---- */

enum { MOST_EXECUTORS = 3 };

typedef int64_t chooser(int turn);

static int64_t largest_first(int turn) {
  return MOST - turn;
}

/** Each of 1 … MOST once, far jumps up and down. */
static int64_t jumping(int turn) {
  return 1 + (int64_t)turn * 3331 % MOST;
}

static int64_t growing(int turn) {
  return 1 + turn;
}

/** Memory, counted from before there was a plan. */
typedef struct cost {
  size_t peak, left, kept;
} cost;

static cost cost_of(int kept, int executors, chooser *choose, int turns, action *act) {
  gm_executor *e[MOST_EXECUTORS];
  heap_mark();
  size_t before = heap_bytes();
  gm_plan *plan = plan_rows(kept);
  cost seen = {0};
  bool fine = true;
  for (int i = 0; i < executors; i++) e[i] = gm_executor_new(plan, NULL);
  heap_mark();
  for (int turn = 0; turn < turns; turn++) {
    fine = fine && with_rows(e[turn % executors], choose(turn), act);
    if (plan->cached > seen.kept) seen.kept = plan->cached;
  }
  seen.peak = heap_peak() - before;
  seen.left = heap_bytes() - before;
  for (int i = 0; i < executors; i++) gm_executor_free(e[i]);
  gm_plan_free(plan);
  ck_assert(fine);
  ck_assert_uint_eq(heap_bytes(), before);
  return seen;
}

static void costs_no_more_than_the_largest(int kept, int executors, chooser *choose, action *act) {
  size_t limit = kept ? (size_t)kept : KEPT;
  cost largest = cost_of(kept, executors, largest_first, (int)limit + executors, act);
  cost all = cost_of(kept, executors, choose, MOST, act);
  ck_assert_uint_eq(largest.kept, limit);
  ck_assert_uint_eq(all.kept, limit);
  ck_assert_uint_le(all.peak, largest.peak);
  ck_assert_uint_le(all.left, largest.left);
}

START_TEST(ten_thousand_lengths_cost_no_more_than_the_largest) {
  costs_no_more_than_the_largest(0, 1, jumping, gm_executor_run);
}
END_TEST

START_TEST(lengths_that_grow_by_one_cost_no_more_than_the_largest) {
  costs_no_more_than_the_largest(0, 1, growing, gm_executor_prepare);
}
END_TEST

START_TEST(several_executors_cost_no_more_than_with_the_largest) {
  costs_no_more_than_the_largest(0, 3, jumping, gm_executor_prepare);
}
END_TEST

START_TEST(fewer_are_kept_when_asked) {
  static const int limits[] = {1, 2, 5};
  for (int i = 0; i < 3; i++) costs_no_more_than_the_largest(limits[i], 2, jumping, gm_executor_prepare);
}
END_TEST

/* ---- Prepared at the maximum ---- */

typedef struct places {
  void *workspace, *outputs[3];
  size_t size, capacity[3];
} places;

static places places_of(const gm_executor *e) {
  places p = {.workspace = e->workspace, .size = e->workspace_size};
  for (int i = 0; i < 3; i++) p.outputs[i] = e->outputs[i].memory, p.capacity[i] = e->outputs[i].capacity;
  return p;
}

static bool same_places(places a, places b) {
  bool same = a.workspace == b.workspace && a.size == b.size;
  for (int i = 0; i < 3; i++) same = same && a.outputs[i] == b.outputs[i] && a.capacity[i] == b.capacity[i];
  return same;
}

/** A new length costs its specialisation, and neither moves nor grows any data. One in ten is run. */
START_TEST(prepared_at_the_maximum_smaller_lengths_need_no_growth) {
  gm_plan *plan = plan_rows(0);
  gm_executor *e = gm_executor_new(plan, NULL);
  ck_assert(with_rows(e, MOST, gm_executor_prepare));
  places before = places_of(e);
  bool fine = true;
  heap_mark();
  for (int turn = 0; turn < MOST && fine; turn++) {
    fine = with_rows(e, jumping(turn), turn % 10 ? gm_executor_prepare : gm_executor_run);
    fine = fine && same_places(places_of(e), before);
  }
  int data_calls = heap_data_calls(), calls = heap_calls();
  ck_assert(fine);
  ck_assert_int_eq(data_calls, 0);
  ck_assert_int_gt(calls, MOST);
  gm_executor_free(e);
  gm_plan_free(plan);
}
END_TEST

START_TEST(trimmed_memory_comes_back_on_the_next_run_at_its_size) {
  gm_plan *plan = plan_rows(0);
  gm_executor *e = gm_executor_new(plan, NULL);
  ck_assert(with_rows(e, MOST, gm_executor_run));
  size_t largest = heap_bytes();
  ck_assert(with_rows(e, 10, gm_executor_run));
  gm_executor_trim(e);
  ck_assert(with_rows(e, 10, gm_executor_run));
  ck_assert_uint_lt(e->workspace_size + e->outputs[0].capacity, MOST);
  ck_assert_uint_lt(heap_bytes(), largest);
  gm_executor_free(e);
  gm_plan_free(plan);
}
END_TEST

/* ---- Growing ---- */

START_TEST(what_grows_is_freed_first) {
  gm_plan *plan = plan_rows(0);
  gm_executor *e = gm_executor_new(plan, NULL);
  ck_assert(with_rows(e, MOST - 1, gm_executor_run));
  ck_assert(with_rows(e, 1, gm_executor_run));
  size_t before = heap_bytes(), special = 64 * 1024;
  ck_assert_uint_gt(e->workspace_size, special);
  heap_mark();
  ck_assert(with_rows(e, MOST, gm_executor_run));
  ck_assert_uint_lt(heap_peak(), before + special);
  gm_executor_free(e);
  gm_plan_free(plan);
}
END_TEST

/** The workspace and two of the outputs grow; each fails in turn, and then nothing does. */
START_TEST(an_executor_that_could_not_grow_runs_what_fits) {
  gm_plan *plan = plan_rows(0);
  gm_executor *e = gm_executor_new(plan, NULL);
  gm_tensor *x = gm_tensor_wrap(GM_FLOAT32, 2, (int64_t[]){MOST, ROW}, values, NULL, NULL, NULL);
  ck_assert(with_rows(e, 100, gm_executor_run));
  for (int i = 0; i < 3; i++) {
    ck_assert_int_eq(gm_executor_feed(e, "x", x, NULL), GM_OK);
    heap_refuse_data(i);
    ck_assert_int_eq(gm_executor_run(e, NULL), GM_NO_MEMORY);
    ck_assert_ptr_null(gm_executor_output(e, 0));
    ck_assert(with_rows(e, 100, gm_executor_run));
    ck_assert_float_eq(floats(e, 2)[99], 1);
    gm_executor_trim(e);
    ck_assert(with_rows(e, 100, gm_executor_run));
  }
  heap_refuse_data(3);
  ck_assert(with_rows(e, MOST, gm_executor_run));
  gm_executor_free(e);
  gm_plan_free(plan);
  gm_tensor_free(x);
}
END_TEST

/** Few columns could be packed first, many are read where they are: were they, a smaller length would need a
 * workspace that the largest does without. */
START_TEST(a_smaller_length_never_needs_more) {
  static const int64_t lengths[] = {100, 8, 100, 15};
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node y = gm_dot(
      graph, gm_ones(graph, "x", GM_FLOAT32, "20, 5"), gm_placeholder(graph, "y", GM_FLOAT32, "9, 5, n"));
  gm_executor *e = executor_of(graph, &y, 1);
  bool fine = true;
  for (int i = 0; i < MOST * ROW; i++) values[i] = 1;
  for (int turn = 0; turn < 12; turn++) {
    int64_t n = lengths[turn % 4];
    gm_tensor *fed = gm_tensor_wrap(GM_FLOAT32, 3, (int64_t[]){9, 5, n}, values, NULL, NULL, NULL);
    if (turn == 1) heap_mark();
    fine = fine && gm_executor_feed(e, "y", fed, NULL) == GM_OK && gm_executor_run(e, NULL) == GM_OK;
    const float *at = fine ? gm_tensor_cdata(gm_executor_output(e, 0)) : NULL;
    for (int64_t i = 0; fine && i < 20 * 9 * n; i++) fine = at[i] == 5;
    gm_executor_feed(e, "y", NULL, NULL);
    gm_tensor_free(fed);
  }
  int data_calls = heap_data_calls();
  ck_assert(fine);
  ck_assert_int_eq(data_calls, 0);
  gm_executor_free(e);
  gm_graph_free(graph);
}
END_TEST

/* ---- The cache ---- */

START_TEST(changing_among_sixteen_lengths_allocates_nothing_in_any_executor) {
  gm_plan *plan = plan_rows(0);
  gm_executor *e[MOST_EXECUTORS];
  gm_tensor *x[KEPT];
  bool fine = true;
  for (int i = 0; i < MOST_EXECUTORS; i++) e[i] = gm_executor_new(plan, NULL);
  for (int i = 0; i < KEPT; i++) {
    x[i] = gm_tensor_wrap(GM_FLOAT32, 2, (int64_t[]){1 + 3 * i, ROW}, values, NULL, NULL, NULL);
    for (int j = 0; j < MOST_EXECUTORS; j++) fine = fine && with_rows(e[j], 1 + 3 * i, gm_executor_run);
  }
  heap_mark();
  for (int turn = 0; turn < 40 * KEPT; turn++) {
    gm_executor *one = e[turn % MOST_EXECUTORS];
    fine = fine && gm_executor_feed(one, "x", x[turn * 7 % KEPT], NULL) == GM_OK;
    fine = fine && gm_executor_run(one, NULL) == GM_OK;
  }
  int calls = heap_calls();
  ck_assert(fine);
  ck_assert_int_eq(calls, 0);
  ck_assert_uint_eq(plan->cached, KEPT);
  for (int i = 0; i < MOST_EXECUTORS; i++) gm_executor_free(e[i]);
  for (int i = 0; i < KEPT; i++) gm_tensor_free(x[i]);
  gm_plan_free(plan);
}
END_TEST

START_TEST(the_least_recently_used_is_dropped) {
  gm_plan *plan = plan_rows(3);
  gm_executor *e = gm_executor_new(plan, NULL);
  static const int64_t asked[] = {5, 6, 7, 5, 8, 6, 5, 9};
  static const int64_t kept[][3] = {
      {5}, {5, 6}, {5, 6, 7}, {5, 6, 7}, {5, 7, 8}, {5, 6, 8}, {5, 6, 8}, {5, 6, 9}};
  for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
    ck_assert(with_rows(e, asked[i], gm_executor_run));
    for (int k = 0; k < 3 && kept[i][k]; k++)
      ck_assert_msg(is_kept(plan, kept[i][k]), "%d is gone in turn %zu", (int)kept[i][k], i);
    ck_assert_uint_eq(plan->cached, i < 3 ? i + 1 : 3);
  }
  gm_executor_free(e);
  gm_plan_free(plan);
}
END_TEST

START_TEST(one_that_was_dropped_stays_with_the_executor_that_runs_it) {
  gm_plan *plan = plan_rows(1);
  gm_executor *a = gm_executor_new(plan, NULL), *b = gm_executor_new(plan, NULL);
  gm_tensor *x = gm_tensor_wrap(GM_FLOAT32, 2, (int64_t[]){5, ROW}, values, NULL, NULL, NULL);
  feed(a, "x", x);
  run(a);
  ck_assert(with_rows(b, 6, gm_executor_run));
  ck_assert(!is_kept(plan, 5) && is_kept(plan, 6));
  heap_mark();
  bool fine = gm_executor_run(a, NULL) == GM_OK && gm_executor_feed(a, "x", x, NULL) == GM_OK;
  fine = fine && gm_executor_run(a, NULL) == GM_OK;
  int calls = heap_calls();
  ck_assert(fine);
  ck_assert_int_eq(calls, 0);
  ck_assert_int_eq(gm_tensor_count(gm_executor_output(a, 0)), 10);
  gm_executor_free(a);
  gm_executor_free(b);
  gm_tensor_free(x);
  gm_plan_free(plan);
}
END_TEST

SUITE(sizes) {
  CASE(ten_thousand_lengths_cost_no_more_than_the_largest);
  CASE(lengths_that_grow_by_one_cost_no_more_than_the_largest);
  CASE(several_executors_cost_no_more_than_with_the_largest);
  CASE(fewer_are_kept_when_asked);
  CASE(prepared_at_the_maximum_smaller_lengths_need_no_growth);
  CASE(trimmed_memory_comes_back_on_the_next_run_at_its_size);
  CASE(what_grows_is_freed_first);
  CASE(an_executor_that_could_not_grow_runs_what_fits);
  CASE(a_smaller_length_never_needs_more);
  CASE(changing_among_sixteen_lengths_allocates_nothing_in_any_executor);
  CASE(the_least_recently_used_is_dropped);
  CASE(one_that_was_dropped_stays_with_the_executor_that_runs_it);
}
