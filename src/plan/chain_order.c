/* SPDX-License-Identifier: MIT
 *
 * The order of a chain. Short chains: dynamic programming over intervals, where an interval that is paid
 * anyhow, or known before the run, costs nothing, one whose sides are equal up to the transpose needs only
 * one of them, and half a product where they are transposes. Long ones are shortened first: two neighbours
 * are multiplied where the length between them is large against those around it and the least of all (Chin;
 * Hu and Shing), which costs at most 15 % more arithmetic than the best order. */
#include "plan/chain_order.h"

#include <math.h>

#define BASE UINT64_C(0x9E3779B97F4A7C15)

/** An interval [i, j): keys of it and of its transpose, and where it is split. */
typedef struct cell {
  double cost;
  uint64_t key, turned, power;
  gm__form form;
  int split;
} cell;

typedef struct search {
  const gm__factor *factors;
  int count;
  gm_dtype dtype;
  const gm__paid *paid;
  cell *cells;   /* of [i, j) at i * count + j - 1 */
  double *bytes; /* of the first i factors, */
  int *known;    /* and how many of them are known */
} search;

static uint64_t mixed(uint64_t key) {
  key = (key ^ key >> 31) * UINT64_C(0xBF58476D1CE4E5B9);
  return key ^ key >> 29;
}

static cell of_factor(const gm__factor *factor) {
  return (cell){
      .key = mixed(factor->key), .turned = mixed(factor->turned), .power = BASE, .form = factor->form};
}

/** The keys of two neighbours as one: read as digits, the transpose backwards. */
static cell joined(const cell *left, const cell *right) {
  return (cell){.key = left->key + right->key * left->power,
      .turned = right->turned + left->turned * right->power,
      .power = left->power * right->power,
      .form = gm__form_product(left->form, right->form)};
}

/** What two neighbours take; a product of transposes is symmetric. */
static double product_cost(
    const cell *left, const cell *right, double m, double n, double k, gm_dtype dtype) {
  const gm__work work = {m, n, k, dtype, left->form, right->form, left->key == right->turned};
  return gm__cost_product(&work);
}

static uint64_t lesser(uint64_t a, uint64_t b) {
  return a < b ? a : b;
}

uint64_t gm__chain_key(const gm__factor *factors, int count, bool *turned) {
  cell all = of_factor(&factors[0]);
  for (int i = 1; i < count; i++) {
    cell next = of_factor(&factors[i]);
    all = joined(&all, &next);
  }
  *turned = all.turned < all.key;
  return lesser(all.key, all.turned);
}

/* ---- Dynamic programming ---- */

static cell *at(const search *s, int from, int to) {
  return &s->cells[(size_t)from * (size_t)s->count + (size_t)to - 1];
}

bool gm__paid_has(const gm__paid *paid, uint64_t key) {
  if (!paid || key == paid->except) return false;
  for (size_t i = 0; i < paid->count; i++) {
    if (paid->keys[i] == key) return true;
  }
  return false;
}

static double area(const search *s, int from, int to) {
  return (double)s->factors[from].rows * (double)s->factors[to - 1].columns;
}

/** Computed once, when the operands change: not where that makes much more to read of little. */
static bool is_known(const search *s, int from, int to) {
  if (s->known[to] - s->known[from] != to - from) return false;
  return area(s, from, to) * (double)gm__dtype_bytes(s->dtype) <= 4 * (s->bytes[to] - s->bytes[from]);
}

static double split_cost(const search *s, int from, int middle, int to, bool twice) {
  const cell *left = at(s, from, middle), *right = at(s, middle, to);
  double m = (double)s->factors[from].rows, n = (double)s->factors[to - 1].columns;
  double k = (double)s->factors[middle].rows;
  bool same = left->key == right->key, turned = left->key == right->turned;
  double sides = left->cost + (same || turned ? 0 : right->cost);
  return sides + (twice ? gm__cost_rank_2k(n, k, s->dtype) : product_cost(left, right, m, n, k, s->dtype));
}

static void solve_interval(search *s, int from, int to, bool twice) {
  cell *c = at(s, from, to);
  *c = joined(at(s, from, from + 1), at(s, from + 1, to));
  c->form.symmetric = c->form.symmetric || c->key == c->turned;
  c->cost = INFINITY;
  c->split = from + 1;
  for (int middle = from + 1; middle < to; middle++) {
    double cost = split_cost(s, from, middle, to, twice);
    if (cost >= c->cost) continue;
    c->cost = cost;
    c->split = middle;
  }
  if (!twice && (gm__paid_has(s->paid, lesser(c->key, c->turned)) || is_known(s, from, to))) c->cost = 0;
}

/** Intervals of the same length first; `last` is solved as `twice` says. */
static void solve(search *s, bool twice) {
  s->bytes[0] = 0;
  s->known[0] = 0;
  for (int i = 0; i < s->count; i++) {
    const gm__factor *f = &s->factors[i];
    *at(s, i, i + 1) = of_factor(f);
    s->bytes[i + 1] = s->bytes[i] + (double)f->rows * (double)f->columns * (double)gm__dtype_bytes(s->dtype);
    s->known[i + 1] = s->known[i] + f->known;
  }
  for (int length = 2; length <= s->count; length++) {
    for (int from = 0; from + length <= s->count; from++)
      solve_interval(s, from, from + length, twice && length == s->count);
  }
}

/** Writes the merges of an interval, sides first; its number. At most GM__CHAIN_BEST deep. */
static int write_merges(const search *s, int from, int to, gm__merge *merges, int *used) {
  if (to - from == 1) return from;
  int split = at(s, from, to)->split;
  int left = write_merges(s, from, split, merges, used), right = write_merges(s, split, to, merges, used);
  merges[*used] = (gm__merge){left, right};
  return s->count + (*used)++;
}

static double best_order(const gm__factor *factors, int count, gm_dtype dtype, const gm__paid *paid,
    bool twice, gm__arena *scratch, gm__merge *merges) {
  search s = {.factors = factors, .count = count, .dtype = dtype, .paid = paid};
  gm__arena_mark mark = gm__arena_now(scratch);
  s.cells = gm__arena_alloc(scratch, (size_t)count * (size_t)count, sizeof *s.cells);
  s.bytes = gm__arena_alloc(scratch, (size_t)count + 1, sizeof *s.bytes);
  s.known = gm__arena_alloc(scratch, (size_t)count + 1, sizeof *s.known);
  double cost = INFINITY;
  if (s.cells && s.bytes && s.known) {
    int used = 0;
    solve(&s, twice);
    cost = at(&s, 0, count)->cost;
    if (merges) write_merges(&s, 0, count, merges, &used);
  }
  gm__arena_rewind(scratch, mark);
  return cost;
}

/* ---- Long chains ---- */

/** What is left of a long chain: factors and products of neighbours, by number. */
typedef struct list {
  gm__factor *factors;
  int *numbers, count, merged; /* merged: merges written so far */
} list;

/** The last two become one. */
static void merge_last(list *l, int total, gm__merge *merges) {
  gm__factor *left = &l->factors[l->count - 2], *right = left + 1;
  cell a = of_factor(left), b = of_factor(right), both = joined(&a, &b);
  left->columns = right->columns;
  left->key = both.key;
  left->turned = both.turned;
  left->form = both.form;
  left->known = left->known && right->known;
  merges[l->merged] = (gm__merge){l->numbers[l->count - 2], l->numbers[l->count - 1]};
  l->numbers[l->count - 2] = total + l->merged++;
  l->count--;
}

static double inverse(int64_t length) {
  return length > 0 ? 1 / (double)length : INFINITY;
}

static int64_t least_length(const gm__factor *factors, int count) {
  int64_t least = factors[0].rows;
  for (int i = 0; i < count; i++) {
    if (factors[i].columns < least) least = factors[i].columns;
  }
  return least;
}

/** Multiplies where it surely pays, then as often as it takes to leave few enough. */
static void shorten(list *l, const gm__factor *factors, int count, gm__merge *merges) {
  double least = inverse(least_length(factors, count));
  for (int i = 0; i < count; i++) {
    l->factors[l->count] = factors[i];
    l->numbers[l->count++] = i;
    while (l->count > 1) {
      const gm__factor *left = &l->factors[l->count - 2], *right = left + 1;
      if (inverse(left->rows) + inverse(right->columns) <= inverse(right->rows) + least) break;
      merge_last(l, count, merges);
    }
  }
}

/** From the least length outwards: to its left from the right, to its right from the left. */
static void fan_out(list *l, int total, gm__merge *merges) {
  int least = 0;
  for (int i = 1; i < l->count; i++) {
    if (l->factors[i].rows < l->factors[least].rows) least = i;
  }
  int left = least > 0 ? l->numbers[least - 1] : -1, right = l->numbers[least];
  for (int i = least - 2; i >= 0; i--) {
    merges[l->merged] = (gm__merge){l->numbers[i], left};
    left = total + l->merged++;
  }
  for (int i = least + 1; i < l->count; i++) {
    merges[l->merged] = (gm__merge){right, l->numbers[i]};
    right = total + l->merged++;
  }
  if (left >= 0) merges[l->merged++] = (gm__merge){left, right};
}

/** The best order of what is left, in the numbers of the whole. */
static bool finish(list *l, int total, gm_dtype dtype, gm__arena *scratch, gm__merge *merges) {
  if (l->count > GM__CHAIN_BEST) fan_out(l, total, merges);
  if (l->count > GM__CHAIN_BEST || l->count < 2) return true;
  gm__merge own[GM__CHAIN_BEST];
  if (isinf(best_order(l->factors, l->count, dtype, NULL, false, scratch, own))) return false;
  int before = l->merged;
  for (int i = 0; i < l->count - 1; i++) {
    int left = own[i].left, right = own[i].right;
    merges[l->merged++] = (gm__merge){left < l->count ? l->numbers[left] : total + before + left - l->count,
        right < l->count ? l->numbers[right] : total + before + right - l->count};
  }
  return true;
}

static double long_order(
    const gm__factor *factors, int count, gm_dtype dtype, gm__arena *scratch, gm__merge *merges) {
  list l = {.count = 0};
  l.factors = gm__arena_alloc(scratch, (size_t)count, sizeof *l.factors);
  l.numbers = gm__arena_alloc(scratch, (size_t)count, sizeof *l.numbers);
  if (!merges) merges = gm__arena_alloc(scratch, (size_t)count, sizeof *merges);
  if (!l.factors || !l.numbers || !merges) return INFINITY;
  shorten(&l, factors, count, merges);
  return finish(&l, count, dtype, scratch, merges) ? gm__chain_cost(factors, count, dtype, merges, scratch)
                                                   : INFINITY;
}

/* ---- The whole ---- */

double gm__chain_cost(
    const gm__factor *factors, int count, gm_dtype dtype, const gm__merge *merges, gm__arena *scratch) {
  gm__factor *values = gm__arena_alloc(scratch, 2 * (size_t)count, sizeof *values);
  double cost = 0;
  if (!values) return INFINITY;
  for (int i = 0; i < count; i++) values[i] = factors[i];
  for (int i = 0; i < count - 1; i++) {
    const gm__factor *left = &values[merges[i].left], *right = &values[merges[i].right];
    cell a = of_factor(left), b = of_factor(right), both = joined(&a, &b);
    cost += product_cost(&a, &b, (double)left->rows, (double)right->columns, (double)right->rows, dtype);
    values[count + i] = (gm__factor){left->rows, right->columns, both.key, both.turned, both.form, false};
  }
  return cost;
}

/** The factors from `from` to before `to` as one. */
static cell interval(const gm__factor *factors, int from, int to) {
  cell all = of_factor(&factors[from]);
  for (int i = from + 1; i < to; i++) {
    cell next = of_factor(&factors[i]);
    all = joined(&all, &next);
  }
  return all;
}

bool gm__chain_formed(const gm__factor *factors, int count, const gm__merge *merges) {
  int split = merges[count - 2].left;
  while (split >= count) split = merges[split - count].right;
  if (count > GM__CHAIN_BEST) return false;
  cell left = interval(factors, 0, split + 1), right = interval(factors, split + 1, count);
  const gm__work work = {(double)factors[0].rows, (double)factors[count - 1].columns,
      (double)factors[split + 1].rows, GM_FLOAT32, left.form, right.form, left.key == right.turned};
  return gm__work_formed(&work);
}

double gm__chain_order(const gm__factor *factors, int count, gm_dtype dtype, const gm__paid *paid, bool twice,
    gm__arena *scratch, gm__merge *merges) {
  if (count < 2) return 0;
  if (count <= GM__CHAIN_BEST) return best_order(factors, count, dtype, paid, twice, scratch, merges);
  gm__arena_mark mark = gm__arena_now(scratch);
  double cost = long_order(factors, count, dtype, scratch, merges);
  gm__arena_rewind(scratch, mark);
  return cost;
}
