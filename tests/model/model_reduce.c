/* SPDX-License-Identifier: MIT
 *
 * The model's reductions: each a formula over the elements of a group. */
#include "model/model.h"
#include "support/places.h"

#include <string.h>

void call_axes(const call *c, const char *key, int absent, bool over[FIELD_RANK]) {
  int64_t axes[FIELD_RANK];
  int rank = c->in[0]->rank, count = attribute_integers(c->attributes, key, axes, FIELD_RANK);
  for (int a = 0; a < FIELD_RANK; a++) over[a] = count < 0 && absent == ALL_AXES && a < rank;
  if (count < 0 && absent != ALL_AXES) axes[0] = absent;
  if (count < 0) count = absent != ALL_AXES;
  for (int i = 0; i < count; i++) over[axes[i] < 0 ? axes[i] + rank : axes[i]] = true;
}

int group_of(const field *x, const bool *over, const int64_t *index, known *group) {
  int64_t lengths[FIELD_RANK], at[FIELD_RANK] = {0}, place[FIELD_RANK], all = 1;
  int count = 0;
  for (int a = 0; a < x->rank; a++) all *= lengths[a] = over[a] ? x->dims[a] : 1;
  if (all == 0) return 0;
  do {
    for (int a = 0; a < x->rank; a++) place[a] = over[a] ? at[a] : index[a];
    if (count < GROUP_MOST) group[count++] = x->at[field_offset(x, place)];
  } while (next_index(x->rank, lengths, at));
  return count;
}

/** The elements of a group, in their dtype `from`. */
typedef struct group {
  const known *at;
  int count;
  gm_dtype from;
  double unit;
} group;

typedef known reduction(const group *g);

static known total(const group *g) {
  known sum = {0};
  for (int i = 0; i < g->count; i++) sum = known_sum(sum, g->at[i], 0);
  sum.error += (g->count + 2) * g->unit * sum.mass;
  return sum;
}

static double all_sizes(const group *g) {
  double all = 0;
  for (int i = 0; i < g->count; i++) all += fabs((double)g->at[i].whole);
  return all;
}

/* Of integers only where their sum does not wrap. */
static known mean(const group *g) {
  known sum = total(g);
  if (dtype_is_whole(g->from) && g->from != GM_BOOL) {
    bool wraps = !(all_sizes(g) <= (double)dtype_limit(g->from, false));
    if (g->count == 0 || wraps || !(sum.error == 0)) return known_nothing();
    return known_whole(sum.whole / g->count);
  }
  return known_quotient(sum, known_real(g->count), g->unit);
}

/* In another order some may overflow, whatever comes after. */
static known product(const group *g) {
  known all = {.value = 1, .mass = 1, .whole = 1};
  double most = 1;
  for (int i = 0; i < g->count; i++) {
    all = known_product(all, g->at[i], 2 * g->unit);
    most *= fmax(1, g->at[i].mass);
  }
  bool overflows = !isfinite(cell_rounded((cell){.re = most}, g->from).re);
  return overflows && !dtype_is_whole(g->from) ? known_nothing() : all;
}

static known extreme(const group *g, bool least) {
  bool whole = dtype_is_whole(g->from);
  if (g->count == 0) return whole ? known_whole(dtype_limit(g->from, !least)) : known_nothing();
  known best = g->at[0];
  double error = best.error;
  for (int i = 1; i < g->count; i++) {
    const known *x = &g->at[i];
    bool better = whole ? (least ? x->whole < best.whole : x->whole > best.whole)
                        : (least ? x->value < best.value : x->value > best.value);
    error = fmax(error, x->error);
    if (better) best = *x;
  }
  best.error = error;
  best.mass = fabs(best.value) + error;
  return best;
}

static known greatest(const group *g) {
  return extreme(g, false);
}
static known least(const group *g) {
  return extreme(g, true);
}

/* d moves x by up to e: the variance by up to mean(2 |x - mean| f + f²), f = e + mean(e). */
static known variance(const group *g) {
  double n = g->count, mean = 0, error = 0, spread = 0, moved = 0, size = 0;
  if (g->count == 0) return known_nothing();
  for (int i = 0; i < g->count; i++) mean += g->at[i].value / n, error += g->at[i].error / n;
  for (int i = 0; i < g->count; i++) {
    double apart = g->at[i].value - mean, f = g->at[i].error + error;
    spread += apart * apart / n;
    moved += (2 * fabs(apart) * f + f * f) / n;
    size += g->at[i].value * g->at[i].value / n;
  }
  moved += 8 * (n + 4) * g->unit * (spread + 4 * g->unit * n * n * size);
  return (known){.value = spread, .error = moved, .mass = spread + moved};
}

static known deviation(const group *g) {
  known v = variance(g);
  double root = sqrt(v.value), low = root - sqrt(fmax(v.value - v.error, 0));
  double error = fmax(sqrt(v.value + v.error) - root, low) + 4 * g->unit * root;
  return is_known(v) ? (known){.value = root, .error = error, .mass = root + error} : v;
}

static known log_of_sum(const group *g) {
  double most = -INFINITY, sum = 0, error = 0;
  if (g->count == 0) return known_nothing();
  for (int i = 0; i < g->count; i++) most = fmax(most, g->at[i].value), error = fmax(error, g->at[i].error);
  for (int i = 0; i < g->count; i++) sum += exp(g->at[i].value - most);
  double value = most + log(sum);
  error += 2 * (g->count + 8) * g->unit * (1 + fabs(most));
  return (known){.value = value, .error = error, .mass = fabs(value) + error};
}

/* ---- Truths ---- */

static known truth(const group *g, int ends, bool otherwise) {
  bool sure = true;
  for (int i = 0; i < g->count; i++) {
    int is = known_truth(g->at[i], g->from);
    if (is == ends) return known_whole(ends);
    sure = sure && is >= 0;
  }
  return sure ? known_whole(otherwise) : known_nothing();
}

static known some(const group *g) {
  return truth(g, 1, false);
}
static known every(const group *g) {
  return truth(g, 0, true);
}

static const struct {
  const char *op;
  reduction *of;
} reductions[] = {{"all", every}, {"any", some}, {"logsumexp", log_of_sum}, {"max", greatest}, {"mean", mean},
    {"min", least}, {"prod", product}, {"std", deviation}, {"sum", total}, {"var", variance}};

static bool truths(const char *op) {
  return strcmp(op, "any") == 0 || strcmp(op, "all") == 0;
}

static int kept_dims(const field *x, const bool *over, bool keep, int64_t *dims) {
  int rank = 0;
  for (int a = 0; a < x->rank; a++)
    if (!over[a] || keep) dims[rank++] = over[a] ? 1 : x->dims[a];
  return rank;
}

/* A place of the result as one of x. */
static void unfold(const field *x, const bool *over, bool keep, const int64_t *from, int64_t *to) {
  for (int a = 0, next = 0; a < x->rank; a++) {
    to[a] = over[a] ? 0 : from[next];
    next += keep || !over[a];
  }
}

bool model_reduction(const call *c, field *out) {
  const field *x = c->in[0];
  bool over[FIELD_RANK], keep = attribute_flag(c->attributes, "keepdims");
  int64_t dims[FIELD_RANK], index[FIELD_RANK] = {0}, place[FIELD_RANK], at = 0;
  known group_room[GROUP_MOST];
  size_t row = 0;
  bool multiplies = strcmp(c->op, "prod") == 0,
       chooses = strcmp(c->op, "max") == 0 || strcmp(c->op, "min") == 0;
  while (strcmp(reductions[row].op, c->op) != 0) row++;
  call_axes(c, "axis", ALL_AXES, over);
  int rank = kept_dims(x, over, keep, dims);
  gm_dtype to = truths(c->op) ? GM_BOOL : x->dtype == GM_BOOL ? GM_FLOAT32 : x->dtype;
  *out = field_new(to, rank, dims);
  if (out->count == 0) return true;
  do {
    unfold(x, over, keep, index, place);
    group g = {group_room, group_of(x, over, place, group_room), x->dtype, call_unit(c, to)};
    for (int i = 0; x->dtype == GM_BOOL && to != GM_BOOL && i < g.count; i++)
      group_room[i] = known_as_real(group_room[i], GM_BOOL);
    known made = reductions[row].of(&g);
    if (!dtype_is_whole(to) && !chooses)
      made.error += multiplies ? g.count * call_lost(c, to) : call_least(c, to);
    out->at[at++] = known_settled(made, to);
  } while (next_index(rank, dims, index));
  return true;
}
