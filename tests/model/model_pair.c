/* SPDX-License-Identifier: MIT
 *
 * The model's operations of two operands, and the choices by a condition, with NumPy's broadcasting. */
#include "model/model.h"
#include "support/places.h"

#include <string.h>

typedef struct pair {
  known a, b;
  gm_dtype dtype; /**< of both */
  double unit;
} pair;

typedef known pair_function(const pair *p);
typedef enum dtype_rule { SAME, QUOTIENT, TRUTH } dtype_rule;
typedef struct pair_row {
  const char *op;
  pair_function *of;
  dtype_rule result;
  bool rounds;
} pair_row;

static known of_add(const pair *p) {
  return known_sum(p->a, p->b, p->unit);
}
static known of_subtract(const pair *p) {
  return known_difference(p->a, p->b, p->unit);
}
static known of_multiply(const pair *p) {
  return known_product(p->a, p->b, p->unit);
}
static known of_divide(const pair *p) {
  return known_quotient(known_as_real(p->a, p->dtype), known_as_real(p->b, p->dtype), p->unit);
}

/* ---- Rounded down ---- */

static bool exact(const pair *p) {
  return p->a.error == 0 && p->b.error == 0;
}

static double floor_of(const pair *p, double quotient) {
  return floor(cell_rounded((cell){.re = quotient}, p->dtype).re);
}

/* Known only where both ends of the quotient round down alike. */
static known of_floor_divide(const pair *p) {
  if (dtype_is_whole(p->dtype)) {
    known made = known_whole(floor_quotient(p->a.whole, p->b.whole));
    return exact(p) ? made : known_nothing();
  }
  if (exact(p)) return known_real(floor_of(p, p->a.value / p->b.value));
  known q = known_quotient(p->a, p->b, dtype_unit(p->dtype));
  double low = floor(q.value - q.error), high = floor(q.value + q.error);
  return low == high ? known_real(low) : known_nothing();
}

static double remainder_of(double a, double b) {
  double rest = fmod(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

static known of_mod(const pair *p) {
  if (dtype_is_whole(p->dtype)) {
    uint64_t back = (uint64_t)floor_quotient(p->a.whole, p->b.whole) * (uint64_t)p->b.whole;
    known made = known_whole(p->b.whole == 0 ? 0 : (int64_t)((uint64_t)p->a.whole - back));
    return exact(p) ? made : known_nothing();
  }
  known times = exact(p) ? known_real(0) : of_floor_divide(p);
  if (!is_known(times)) return times;
  known made = known_real(remainder_of(p->a.value, p->b.value));
  made.error = p->a.error + fabs(times.value) * p->b.error + 2 * p->unit * fabs(p->b.value);
  return made;
}

/* ---- Powers: for positive bases monotone in each operand, so that the extremes are at the corners ---- */

static known real_power(const pair *p) {
  double value = pow(p->a.value, p->b.value), error = 0;
  if (!exact(p) && p->a.value - p->a.error <= 0) return known_nothing();
  for (int corner = 0; corner < 4 && !exact(p); corner++) {
    double a = p->a.value + (corner & 1 ? p->a.error : -p->a.error);
    double b = p->b.value + (corner & 2 ? p->b.error : -p->b.error);
    error = fmax(error, fabs(pow(a, b) - value));
  }
  return (known){
      .value = value, .error = error + 8 * p->unit * (fabs(value) + error), .mass = fabs(value) + error};
}

static known of_power(const pair *p) {
  uint64_t power = 1, base = (uint64_t)p->a.whole;
  if (!dtype_is_whole(p->dtype)) return real_power(p);
  if (!exact(p)) return known_nothing();
  for (int64_t left = p->b.whole; left > 0; left /= 2, base *= base)
    if (left % 2 != 0) power *= base;
  return known_whole((int64_t)power);
}

/* ---- The greater, the smaller ---- */

static known bounded(const pair *p, bool greater) {
  bool real = !dtype_is_whole(p->dtype);
  bool first = real ? (p->a.value > p->b.value) == greater : (p->a.whole > p->b.whole) == greater;
  known made = first ? p->a : p->b;
  made.error = fmax(p->a.error, p->b.error);
  made.mass = fabs(made.value) + made.error;
  return made;
}
static known of_maximum(const pair *p) {
  return bounded(p, true);
}
static known of_minimum(const pair *p) {
  return bounded(p, false);
}

/* ---- Comparisons ---- */

enum { LESS = 1, EQUAL = 2, GREATER = 4 };

/** Which of the three may be. */
static int orders(const pair *p) {
  if (!is_known(p->a) || !is_known(p->b)) return LESS | EQUAL | GREATER;
  if (dtype_is_whole(p->dtype))
    return p->a.whole < p->b.whole ? LESS : p->a.whole > p->b.whole ? GREATER : EQUAL;
  double apart = p->a.value - p->b.value, error = p->a.error + p->b.error;
  if (error == 0) return apart < 0 ? LESS : apart > 0 ? GREATER : EQUAL;
  return apart > error ? GREATER : apart < -error ? LESS : LESS | EQUAL | GREATER;
}

static known truth(const pair *p, int wanted) {
  int may = orders(p);
  if ((may & wanted) == may) return known_whole(1);
  return (may & wanted) == 0 ? known_whole(0) : known_nothing();
}
static known of_equal(const pair *p) {
  return truth(p, EQUAL);
}
static known of_not_equal(const pair *p) {
  return truth(p, LESS | GREATER);
}
static known of_greater(const pair *p) {
  return truth(p, GREATER);
}
static known of_greater_equal(const pair *p) {
  return truth(p, GREATER | EQUAL);
}
static known of_less(const pair *p) {
  return truth(p, LESS);
}
static known of_less_equal(const pair *p) {
  return truth(p, LESS | EQUAL);
}

static const pair_row rows[] = {
    {"add", of_add, SAME, true},
    {"bias_add", of_add, SAME, true},
    {"divide", of_divide, QUOTIENT, true},
    {"equal", of_equal, TRUTH, false},
    {"floor_divide", of_floor_divide, SAME, false},
    {"greater", of_greater, TRUTH, false},
    {"greater_equal", of_greater_equal, TRUTH, false},
    {"less", of_less, TRUTH, false},
    {"less_equal", of_less_equal, TRUTH, false},
    {"maximum", of_maximum, SAME, false},
    {"minimum", of_minimum, SAME, false},
    {"mod", of_mod, SAME, true},
    {"multiply", of_multiply, SAME, true},
    {"not_equal", of_not_equal, TRUTH, false},
    {"power", of_power, SAME, true},
    {"subtract", of_subtract, SAME, true},
};

static const pair_row *row_named(const char *op) {
  size_t i = 0;
  while (strcmp(rows[i].op, op) != 0) i++;
  return &rows[i];
}

static gm_dtype result_dtype(dtype_rule result, gm_dtype dtype) {
  if (result == TRUTH) return GM_BOOL;
  if (result == SAME || !dtype_is_whole(dtype)) return dtype;
  return dtype == GM_INT32 || dtype == GM_INT64 ? GM_FLOAT64 : GM_FLOAT32;
}

/* ---- Broadcasting ---- */

static bool broadcast_dims(const call *c, int *rank, int64_t *dims) {
  *rank = 0;
  for (int i = 0; i < c->count; i++) *rank = c->in[i]->rank > *rank ? c->in[i]->rank : *rank;
  for (int a = 0; a < *rank; a++) dims[a] = 1;
  for (int i = 0; i < c->count; i++)
    for (int a = 0; a < c->in[i]->rank; a++) {
      int64_t length = c->in[i]->dims[a], *to = &dims[*rank - c->in[i]->rank + a];
      if (length != 1 && *to != 1 && length != *to) return false;
      if (length != 1) *to = length;
    }
  return true;
}

static bool negative_exponents(const call *c) {
  const field *b = c->in[1];
  if (strcmp(c->op, "power") != 0 || !dtype_is_whole(b->dtype)) return false;
  for (int64_t i = 0; i < b->count; i++)
    if (b->at[i].whole < 0 || !is_known(b->at[i])) return true;
  return false;
}

bool model_pair(const call *c, field *out) {
  const pair_row *row = row_named(c->op);
  int64_t dims[FIELD_RANK], index[FIELD_RANK] = {0}, at = 0;
  int rank;
  gm_dtype from = c->in[0]->dtype, to = result_dtype(row->result, from);
  if (!broadcast_dims(c, &rank, dims) || negative_exponents(c)) return false;
  double least = row->rounds ? call_lost(c, to) : 0;
  *out = field_new(to, rank, dims);
  if (out->count == 0) return true;
  do {
    pair p = {field_broadcast(c->in[0], rank, index), field_broadcast(c->in[1], rank, index), from,
        call_unit(c, to)};
    known made = row->of(&p);
    made.error += least;
    out->at[at++] = known_settled(made, to);
  } while (next_index(rank, dims, index));
  return true;
}

/* ---- where, switch ---- */

/* Either of two where the condition is not known. */
static known chosen(int truth, known yes, known no, gm_dtype dtype) {
  if (truth >= 0) return truth ? yes : no;
  if (dtype_is_whole(dtype)) return yes.whole == no.whole && yes.error == no.error ? yes : known_nothing();
  known made = yes;
  made.error = fabs(yes.value - no.value) + fmax(yes.error, no.error);
  made.mass = fmax(yes.mass, no.mass);
  return made;
}

bool model_choice(const call *c, field *out) {
  int64_t dims[FIELD_RANK], index[FIELD_RANK] = {0}, at = 0;
  int rank;
  field condition = *c->in[0];
  call wide = *c;
  rank = c->in[1]->rank > c->in[2]->rank ? c->in[1]->rank : c->in[2]->rank;
  bool first_axes = strcmp(c->op, "switch") == 0 && condition.rank > 1;
  for (; first_axes && condition.rank < rank; condition.rank++) condition.dims[condition.rank] = 1;
  wide.in[0] = &condition;
  if (!broadcast_dims(&wide, &rank, dims)) return false;
  *out = field_new(c->in[1]->dtype, rank, dims);
  if (out->count == 0) return true;
  do {
    int truth = known_truth(field_broadcast(&condition, rank, index), condition.dtype);
    known yes = field_broadcast(c->in[1], rank, index), no = field_broadcast(c->in[2], rank, index);
    out->at[at++] = known_settled(chosen(truth, yes, no, out->dtype), out->dtype);
  } while (next_index(rank, dims, index));
  return true;
}
