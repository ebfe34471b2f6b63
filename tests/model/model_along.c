/* SPDX-License-Identifier: MIT
 *
 * The model's operations along one axis: places of extremes, running sums and products, softmax. */
#include "model/model.h"

#include <string.h>

/** The axis of a call, and its lines. */
typedef struct lines {
  const field *x;
  int axis;
  int64_t step, length;
} lines;

static lines lines_of(const call *c, int absent) {
  const field *x = c->in[0];
  int64_t axis = attribute_integer(c->attributes, "axis", absent);
  lines made = {x, (int)(axis < 0 ? axis + x->rank : axis), 1, 0};
  made.length = x->dims[made.axis];
  for (int a = made.axis + 1; a < x->rank; a++) made.step *= x->dims[a];
  return made;
}

static bool begins(const lines *l, int64_t at) {
  return at / l->step % l->length == 0;
}

static bool has_axis(const call *c, int absent) {
  int rank = c->in[0]->rank;
  int64_t axis = attribute_integer(c->attributes, "axis", absent);
  return axis >= -rank && axis < rank;
}

/* ---- Places ---- */

static bool is_before(gm_dtype dtype, known a, known b, bool least) {
  if (dtype_is_whole(dtype)) return least ? a.whole < b.whole : a.whole > b.whole;
  return least ? a.value < b.value : a.value > b.value;
}

/* Is element i surely chosen, if j is the other one? */
static bool surely(const lines *l, known a, known b, int64_t i, int64_t j) {
  double apart = fabs(a.value - b.value), error = a.error + b.error;
  if (dtype_is_whole(l->x->dtype)) return error == 0;
  return apart > error || (error == 0 && (apart > 0 || i < j));
}

static known place_of(const lines *l, int64_t first, bool least) {
  int64_t best = 0;
  const known *at = l->x->at + first;
  for (int64_t k = 1; k < l->length; k++)
    if (is_before(l->x->dtype, at[k * l->step], at[best * l->step], least)) best = k;
  for (int64_t k = 0; k < l->length; k++)
    if (k != best && !surely(l, at[best * l->step], at[k * l->step], best, k)) return known_nothing();
  return known_whole(best);
}

bool model_place(const call *c, field *out) {
  if (!has_axis(c, -1)) return false;
  lines l = lines_of(c, -1);
  int64_t dims[FIELD_RANK], at = 0;
  int rank = 0;
  for (int a = 0; a < l.x->rank; a++)
    if (a != l.axis) dims[rank++] = l.x->dims[a];
  *out = field_new(GM_INT64, rank, dims);
  for (int64_t first = 0; first < l.x->count; first++)
    if (begins(&l, first)) out->at[at++] = place_of(&l, first, strcmp(c->op, "argmin") == 0);
  return true;
}

/* ---- Running sums and products ---- */

static void scan_line(const call *c, const lines *l, int64_t first, field *out) {
  bool sums = strcmp(c->op, "cumsum") == 0;
  double unit = call_unit(c, l->x->dtype);
  known total = l->x->at[first];
  for (int64_t k = 0; k < l->length; k++) {
    int64_t at = first + k * l->step;
    if (k > 0 && !sums) total = known_product(total, l->x->at[at], 2 * unit);
    if (k > 0 && sums) total = known_sum(total, l->x->at[at], 0);
    known made = total;
    if (sums) made.error += (double)(k + 2) * unit * total.mass;
    made.error += (double)k * call_lost(c, l->x->dtype);
    out->at[at] = known_settled(made, l->x->dtype);
  }
}

bool model_scan(const call *c, field *out) {
  if (!has_axis(c, 0)) return false;
  lines l = lines_of(c, 0);
  *out = field_new(l.x->dtype, l.x->rank, l.x->dims);
  for (int64_t first = 0; first < l.x->count; first++)
    if (begins(&l, first)) scan_line(c, &l, first, out);
  return true;
}

/* ---- softmax: errors move the logarithm of a quotient by at most the element's and the greatest ---- */

static void softmax_line(const call *c, const lines *l, int64_t first, field *out) {
  double most = -INFINITY, sum = 0, error = 0, unit = call_unit(c, l->x->dtype);
  const known *x = l->x->at + first;
  for (int64_t k = 0; k < l->length; k++) most = fmax(most, x[k * l->step].value);
  for (int64_t k = 0; k < l->length; k++) sum += exp(x[k * l->step].value - most);
  for (int64_t k = 0; k < l->length; k++) error = fmax(error, x[k * l->step].error);
  for (int64_t k = 0; k < l->length; k++) {
    const known *at = &x[k * l->step];
    double value = exp(at->value - most) / sum, units = 2 * (double)l->length + 8 + fabs(at->value - most);
    known made = {.value = value, .error = value * (expm1(at->error + error) + units * unit)};
    made.error += call_least(c, l->x->dtype);
    made.mass = value + made.error;
    out->at[first + k * l->step] = known_settled(made, l->x->dtype);
  }
}

bool model_softmax(const call *c, field *out) {
  if (!has_axis(c, -1)) return false;
  lines l = lines_of(c, -1);
  *out = field_new(l.x->dtype, l.x->rank, l.x->dims);
  for (int64_t first = 0; first < l.x->count; first++)
    if (begins(&l, first)) softmax_line(c, &l, first, out);
  return true;
}
