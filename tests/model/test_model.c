/* SPDX-License-Identifier: MIT
 *
 * The model agrees with the oracle on single operations, and the planner with the model on random graphs. */
#include "model/agree.h"
#include "model/grow.h"
#include "support/suite.h"

#include <stdio.h>
#include <string.h>

/* ---- The model itself ---- */

START_TEST(every_operation_has_a_model) {
  for (size_t i = 0; i < gm_op_count(); i++)
    ck_assert_msg(model_named(gm_op_name(i)) != NULL, "%s has no row in the model's table", gm_op_name(i));
}
END_TEST

static bool modelled(const sample *made) {
  bool fine = !dtype_is_complex(made->want.dtype) && made->want.rank <= FIELD_RANK;
  for (size_t i = 0; i < made->count; i++) fine = fine && !dtype_is_complex(made->inputs[i].dtype);
  return fine;
}

/** How many elements are known; -1 when the model does not agree with the oracle. */
static int64_t agreed(const sample *made, const field *got) {
  int64_t known_count = 0;
  bool fine = got->dtype == made->want.dtype && field_same_shape(got, made->want.rank, made->want.dims);
  for (int64_t i = 0; fine && i < got->count; i++) {
    double bound = got->at[i].error + (made->bound ? made->bound[i] : 0);
    double apart = fabs(got->at[i].value - made->want.at[i].re);
    if (!is_known(got->at[i])) continue;
    fine = got->at[i].whole == made->want.at[i].whole && (apart == 0 || apart <= bound);
    known_count++;
  }
  return fine ? known_count : -1;
}

static int64_t compare_sample(const sample *made, bool *fine) {
  field inputs[SAMPLE_INPUTS], out;
  call c = {.op = made->op, .count = (int)made->count, .attributes = made->attributes};
  for (size_t i = 0; i < made->count; i++) {
    inputs[i] = field_of(&made->inputs[i]);
    c.in[i] = &inputs[i];
  }
  int64_t known_count = 0;
  if (model_named(made->op)->evaluate(&c, &out)) {
    known_count = agreed(made, &out);
    field_free(&out);
  }
  if (known_count < 0) printf("%s %s\n", made->op, made->attributes);
  *fine = *fine && known_count >= 0;
  for (size_t i = 0; i < made->count; i++) field_free(&inputs[i]);
  return known_count;
}

START_TEST(the_model_agrees_with_the_oracle) {
  bool fine = true;
  for (size_t row = 0; oracle_at(row) != NULL; row++) {
    int64_t known_count = 0, count = 0;
    draw from = {.state = row};
    for (int i = 0; i < 600; i++) {
      sample made = {.op = oracle_at(row)->op};
      gm_dtype dtype = (gm_dtype)(i % (GM_FLOAT64 + 1));
      if (!oracle_at(row)->takes(dtype)) continue;
      oracle_at(row)->make(&from, dtype, &made);
      if (modelled(&made)) known_count += compare_sample(&made, &fine), count += made.want.count;
      sample_free(&made);
    }
    if (known_count < count / 3)
      printf("%s: only %d of %d are known\n", oracle_at(row)->op, (int)known_count, (int)count);
    fine = fine && known_count >= count / 3;
  }
  fflush(stdout);
  ck_assert(fine);
}
END_TEST

/* ---- The errors hold for other ways to form the same sums of products ---- */

/** Two of a motif's steps that compute one value in two ways. */
typedef struct law {
  const char *motif;
  int one, other;
} law;

static const law laws[] = {
    {"dot a b; dot $0 c; dot b c; dot a $2", 1, 3},
    {"add b c; dot a $0; dot a b; dot a c; add $2 $3", 1, 4},
    {"transpose a; dot $0 a; subtract b $1; dot $2 c; dot b c; dot a c; dot $0 $5; subtract $4 $6", 3, 7},
    {"dot a b; transpose $0; transpose b; transpose a; dot $2 $3", 1, 4},
    {"multiply a 3; dot $0 b; dot a b; multiply $2 3", 1, 3},
    {"dot a b; sum $0 {axis: 0}; sum a {axis: 0}; dot $2 b", 1, 3},
    {"dot a b; mean $0 {axis: 0}; mean a {axis: 0}; dot $2 b", 1, 3},
    {"multiply a b; multiply a c; add $0 $1; add b c; multiply a $3", 2, 4},
    {"subtract a b; add $0 b; identity a", 1, 2},
    {"divide a 2; divide b 2; add $0 $1; add a b; divide $3 2", 2, 4},
    {"multiply a b; multiply $0 c; multiply b c; multiply a $2", 1, 3},
    {"square a; multiply $0 a; pow a {a: 3}", 1, 2},
};

static void draw_square_leaves(recipe *r, draw *from) {
  int64_t n = 1 + draw_below(from, 12);
  r->leaf_count = 3;
  for (int i = 0; i < 3; i++)
    r->leaves[i] =
        (leaf){.source = CONSTANT, .dtype = GM_FLOAT32, .rank = 2, .dims = {n, n}, .seed = draw_bits(from)};
}

/** Is what the library computes for one node within what the model knows of the other? */
static bool node_within(const growth *g, int node, const field *want) {
  gm_tensor *value = NULL;
  bool fine = gm_eval(g->graphs[0], g->nodes[0][node], &value, NULL) == GM_OK;
  cells got = cells_of(value);
  for (int64_t i = 0; i < want->count && fine; i++)
    fine = is_known(want->at[i]) && fabs(got.at[i].re - want->at[i].value) <= want->at[i].error;
  cells_free(&got);
  gm_tensor_free(value);
  return fine;
}

static void check_law(const law *l, uint64_t seed) {
  recipe r = {0};
  growth g = {0};
  draw from = {seed};
  binding b = {.letters = {0, 1, 2}};
  draw_square_leaves(&r, &from);
  growth_begin(&g, &r);
  ck_assert_msg(growth_add_motif(&g, &from, l->motif, &b), "%s", l->motif);
  int one = b.results[l->one], other = b.results[l->other];
  bool fine = node_within(&g, one, &g.values[other]) && node_within(&g, other, &g.values[one]);
  ck_assert_msg(fine, "%s (%d)", l->motif, (int)seed);
  growth_end(&g);
}

START_TEST(the_errors_hold_for_sums_of_products_in_any_order) {
  for (size_t i = 0; i < sizeof laws / sizeof *laws; i++)
    for (uint64_t seed = 0; seed < 100; seed++) check_law(&laws[i], seed);
}
END_TEST

/* ---- Random graphs ---- */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define GRAPHS 300
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define GRAPHS 300
#endif
#endif
#ifndef GRAPHS
#define GRAPHS 1500
#endif

/** Fewer where one kernel after the other computes them. */
static uint64_t graph_count(void) {
  return getenv("GM_TEST_KERNEL") != NULL && GRAPHS > 400 ? 400 : GRAPHS;
}

/** Every graph was compared, nearly all elements closely, and each operation that may occur was seen. */
static void compare_graphs(bool exact) {
  tally sum = {0};
  const int64_t count = (int64_t)graph_count();
  int wrong = 0, unseen = 0;
  seeds_tell_crashes();
  for (uint64_t seed = 1; seed <= (uint64_t)count && wrong < 3; seed++)
    wrong += !seed_agrees(seed, exact, &sum);
  printf("%d graphs, %lld plans, %lld elements, %.2f %% closely\n", (int)sum.graphs, (long long)sum.plans,
      (long long)sum.elements, 100.0 * (double)sum.close / (double)sum.elements);
  for (size_t i = 0; model_at(i) != NULL; i++) {
    bool may = !exact || model_at(i)->stays_exact;
    if (may && sum.by_op[i] < count / 16) printf("'%s' was compared too seldom\n", model_at(i)->op), unseen++;
  }
  fflush(stdout);
  ck_assert_int_eq(wrong, 0);
  ck_assert_int_eq(unseen, 0);
  ck_assert_int_ge(sum.graphs, count);
  ck_assert_int_ge(sum.elements, 500 * count);
  ck_assert_int_ge(sum.resized, count / 2);
  ck_assert(sum.close >= sum.elements / 100 * (exact ? 100 : 97));
}

START_TEST(on_small_integers_every_plan_equals_the_model) {
  compare_graphs(true);
}
END_TEST

START_TEST(on_real_numbers_every_plan_is_within_the_carried_errors) {
  compare_graphs(false);
}
END_TEST

SUITE(model) {
  CASE(every_operation_has_a_model);
  CASE(the_model_agrees_with_the_oracle);
  CASE(the_errors_hold_for_sums_of_products_in_any_order);
  CASE(on_small_integers_every_plan_equals_the_model);
  CASE(on_real_numbers_every_plan_is_within_the_carried_errors);
}
