/* SPDX-License-Identifier: MIT
 *
 * The order of a chain is the best there is under the model: no order of all there are costs less, with
 * structures, with repeated factors, and where some intervals are paid; long chains come near. */
#include "support/suite.h"

#include <math.h>
#include "plan/chain_order.h"
#include "support/cells.h"

enum { CHAINS = 1000, MOST_FACTORS = 7, MOST_ORDERS = 132, LONG = 200 };

typedef struct chain {
  int count;
  gm__factor factors[LONG];
} chain;

static int64_t drawn_length(draw *from) {
  static const int64_t special[] = {0, 1, 1, 2, 3};
  if (draw_below(from, 8) == 0) return special[draw_below(from, 5)];
  return (int64_t)exp((double)draw_below(from, 1000) / 1000 * log(2000));
}

/** Every factor another one, general. */
static chain drawn_chain(draw *from, int count) {
  chain c = {.count = count};
  int64_t rows = drawn_length(from);
  for (int i = 0; i < count; i++) {
    int64_t columns = drawn_length(from);
    c.factors[i] = (gm__factor){
        rows, columns, (uint64_t)(2 * i + 10), (uint64_t)(2 * i + 11), gm__form_general(), false};
    rows = columns;
  }
  return c;
}

static int drawn_count(draw *from) {
  return 2 + (int)draw_below(from, MOST_FACTORS - 1);
}

/* ---- All orders ---- */

static int order_count(int count) {
  int sum = count < 2;
  for (int left = 1; left < count; left++) sum += order_count(left) * order_count(count - left);
  return sum;
}

/** Order `index` of [first, first + count), in `merges`; the number of the product. */
static int order_merges(int first, int count, int index, int total, gm__merge *merges, int *used) {
  int left = 1, lefts = order_count(1), both = lefts * order_count(count - 1);
  if (count == 1) return first;
  while (index >= both) {
    index -= both;
    lefts = order_count(++left);
    both = lefts * order_count(count - left);
  }
  int a = order_merges(first, left, index % lefts, total, merges, used);
  int b = order_merges(first + left, count - left, index / lefts, total, merges, used);
  merges[*used] = (gm__merge){a, b};
  return total + (*used)++;
}

static double least_of_all(const chain *c, gm__arena *scratch) {
  gm__merge merges[MOST_FACTORS];
  double least = INFINITY;
  for (int i = 0; i < order_count(c->count); i++) {
    int used = 0;
    order_merges(0, c->count, i, c->count, merges, &used);
    least = fmin(least, gm__chain_cost(c->factors, c->count, GM_FLOAT32, merges, scratch));
  }
  return least;
}

static bool same_cost(double a, double b) {
  return fabs(a - b) <= 1e-9 * fmax(fabs(a), fabs(b));
}

/** The cost is the least of all orders', and that of the merges. */
static void check_least(const chain *c) {
  gm__arena scratch = {0};
  gm__merge merges[MOST_FACTORS];
  double cost = gm__chain_order(c->factors, c->count, GM_FLOAT32, NULL, false, &scratch, merges);
  double least = least_of_all(c, &scratch);
  double own = gm__chain_cost(c->factors, c->count, GM_FLOAT32, merges, &scratch);
  ck_assert_msg(same_cost(cost, least), "%.17g, but another order costs %.17g", cost, least);
  ck_assert_msg(same_cost(cost, own), "%.17g, but the merges cost %.17g", cost, own);
  gm__arena_free(&scratch);
}

START_TEST(orders_are_all_there_are) {
  ck_assert_int_eq(order_count(3), 2);
  ck_assert_int_eq(order_count(MOST_FACTORS), MOST_ORDERS);
}
END_TEST

START_TEST(no_order_costs_less) {
  draw from = {1};
  for (int i = 0; i < CHAINS; i++) {
    chain c = drawn_chain(&from, drawn_count(&from));
    check_least(&c);
  }
}
END_TEST

START_TEST(no_order_costs_less_with_structures) {
  static const gm__structure structures[] = {
      GM__LOWER_TRIANGULAR, GM__UPPER_TRIANGULAR, GM__DIAGONAL, GM__TRIDIAGONAL};
  draw from = {2};
  for (int i = 0; i < CHAINS; i++) {
    chain c = drawn_chain(&from, drawn_count(&from));
    for (int f = 1; f < c.count; f++) {
      if (draw_below(&from, 2) == 0) continue;
      c.factors[f].rows = c.factors[f].columns = c.factors[f - 1].columns;
      if (f + 1 < c.count) c.factors[f + 1].rows = c.factors[f].columns;
      c.factors[f].form = gm__form_declared(structures[draw_below(&from, 4)], 0);
    }
    check_least(&c);
  }
}
END_TEST

/* ---- Intervals that are equal, or paid ---- */

static bool is_paid(const gm__paid *paid, uint64_t key) {
  for (size_t i = 0; paid && i < paid->count; i++)
    if (paid->keys[i] == key) return true;
  return false;
}

/** Is the sequence its own transpose? */
static bool is_symmetric(const gm__factor *factors, int count) {
  for (int i = 0; i < count; i++)
    if (factors[i].key != factors[count - 1 - i].turned) return false;
  return true;
}

/** By recursion over all ways to split, that is over all orders. */
static double least_cost(const chain *c, int from, int to, const gm__paid *paid) {
  bool left_turned, right_turned, turned;
  double least = INFINITY;
  if (to - from == 1 || is_paid(paid, gm__chain_key(&c->factors[from], to - from, &turned))) return 0;
  for (int middle = from + 1; middle < to; middle++) {
    uint64_t left = gm__chain_key(&c->factors[from], middle - from, &left_turned);
    uint64_t right = gm__chain_key(&c->factors[middle], to - middle, &right_turned);
    gm__work work = {(double)c->factors[from].rows, (double)c->factors[to - 1].columns,
        (double)c->factors[middle].rows, GM_FLOAT32, gm__form_general(), gm__form_general(),
        left == right && (left_turned != right_turned || is_symmetric(&c->factors[from], middle - from))};
    double cost = least_cost(c, from, middle, paid) + gm__cost_product(&work);
    if (left != right) cost += least_cost(c, middle, to, paid);
    least = fmin(least, cost);
  }
  return least;
}

/** Squares and their transposes, drawn from three. */
static chain repeating_chain(draw *from) {
  chain c = {.count = drawn_count(from)};
  int64_t side = 1 + drawn_length(from);
  for (int i = 0; i < c.count; i++) {
    uint64_t key = 10 + 2 * (uint64_t)draw_below(from, 3), turned = (uint64_t)draw_below(from, 2);
    c.factors[i] = (gm__factor){side, side, key + turned, key + 1 - turned, gm__form_general(), false};
  }
  return c;
}

START_TEST(equal_sides_are_paid_once) {
  draw from = {3};
  gm__arena scratch = {0};
  for (int i = 0; i < CHAINS; i++) {
    chain c = repeating_chain(&from);
    double cost = gm__chain_order(c.factors, c.count, GM_FLOAT32, NULL, false, &scratch, NULL);
    double least = least_cost(&c, 0, c.count, NULL);
    ck_assert_msg(same_cost(cost, least), "%d: %.17g, but another order costs %.17g", i, cost, least);
  }
  gm__arena_free(&scratch);
}
END_TEST

START_TEST(what_is_paid_costs_nothing) {
  draw from = {4};
  gm__arena scratch = {0};
  for (int i = 0; i < CHAINS; i++) {
    chain c = i % 2 ? repeating_chain(&from) : drawn_chain(&from, drawn_count(&from));
    int first = (int)draw_below(&from, c.count - 1);
    int length = 2 + (int)draw_below(&from, c.count - first - 1);
    bool turned;
    uint64_t key = gm__chain_key(&c.factors[first], length, &turned);
    gm__paid paid = {&key, 1, 0};
    double cost = gm__chain_order(c.factors, c.count, GM_FLOAT32, &paid, false, &scratch, NULL);
    double least = least_cost(&c, 0, c.count, &paid);
    ck_assert_msg(same_cost(cost, least), "%d: %.17g, but another order costs %.17g", i, cost, least);
  }
  gm__arena_free(&scratch);
}
END_TEST

/* ---- Long chains ---- */

/** By dynamic programming of the test's own. */
static double best_of_long(const chain *c) {
  static double best[LONG][LONG + 1];
  for (int i = 0; i < c->count; i++) best[i][i + 1] = 0;
  for (int length = 2; length <= c->count; length++)
    for (int from = 0; from + length <= c->count; from++) {
      int to = from + length;
      best[from][to] = INFINITY;
      for (int middle = from + 1; middle < to; middle++) {
        gm__work work = {(double)c->factors[from].rows, (double)c->factors[to - 1].columns,
            (double)c->factors[middle].rows, GM_FLOAT32, gm__form_general(), gm__form_general(), false};
        double cost = best[from][middle] + best[middle][to] + gm__cost_product(&work);
        best[from][to] = fmin(best[from][to], cost);
      }
    }
  return best[0][c->count];
}

/** Without vectors, where arithmetic decides. */
static chain long_chain(draw *from) {
  chain c = drawn_chain(from, LONG);
  for (int i = 0; i < LONG; i++) {
    if (c.factors[i].columns < 8) c.factors[i].columns = 8;
    c.factors[i].rows = i ? c.factors[i - 1].columns : 8;
  }
  return c;
}

START_TEST(two_hundred_factors_come_near_the_best) {
  draw from = {5};
  gm__arena scratch = {0};
  double worst = 1;
  for (int i = 0; i < 10; i++) {
    chain c = long_chain(&from);
    double cost = gm__chain_order(c.factors, c.count, GM_FLOAT32, NULL, false, &scratch, NULL);
    double ratio = cost / best_of_long(&c);
    ck_assert_double_ge(ratio, 1 - 1e-9);
    worst = fmax(worst, ratio);
  }
  ck_assert_double_le(worst, 1.15);
  gm__arena_free(&scratch);
}
END_TEST

SUITE(chain_order) {
  CASE(orders_are_all_there_are);
  CASE(no_order_costs_less);
  CASE(no_order_costs_less_with_structures);
  CASE(equal_sides_are_paid_once);
  CASE(what_is_paid_costs_nothing);
  CASE(two_hundred_factors_come_near_the_best);
}
