/* SPDX-License-Identifier: MIT
 *
 * The model's products: one contraction, whose operands' axes each stand for an axis of the result, for the
 * one that is summed over, or for nothing (broadcast). The error of a sum of K products is that of its
 * operands and K + 2 units of the mass. */
#include "model/model.h"

#include <string.h>

enum { SUMMED = -1, REPEATED = -2 };

/** What each axis of each operand stands for; the result's dims; what is summed over. */
typedef struct contraction {
  const field *x, *y;
  int roles[2][FIELD_RANK];
  int rank;
  int64_t dims[FIELD_RANK], length;
} contraction;

static known element(const field *x, const int *roles, const int64_t *index, int64_t k) {
  int64_t own[FIELD_RANK];
  for (int a = 0; a < x->rank; a++)
    own[a] = roles[a] == SUMMED ? k : roles[a] == REPEATED ? 0 : index[roles[a]];
  return x->at[field_offset(x, own)];
}

static void contract(const call *c, const contraction *how, field *out) {
  int64_t index[FIELD_RANK] = {0}, at = 0;
  gm_dtype dtype = how->x->dtype;
  double units = (double)(how->length + 2) * call_unit(c, dtype);
  double least = (double)how->length * call_lost(c, dtype);
  *out = field_new(dtype, how->rank, how->dims);
  if (out->count == 0) return;
  do {
    known sum = {0};
    for (int64_t k = 0; k < how->length; k++) {
      known a = element(how->x, how->roles[0], index, k), b = element(how->y, how->roles[1], index, k);
      sum = known_sum(sum, known_product(a, b, 0), 0);
    }
    sum.error += units * sum.mass + least;
    out->at[at++] = known_settled(sum, dtype);
  } while (next_index(how->rank, how->dims, index));
}

/* The axes of an operand but `inner`, and but those before `first`, are the result's next ones. */
static void outer_axes(contraction *how, int operand, int first, int inner) {
  const field *x = operand == 0 ? how->x : how->y;
  for (int a = first; a < x->rank; a++) {
    how->roles[operand][a] = a == inner ? SUMMED : how->rank;
    if (a != inner) how->dims[how->rank++] = x->dims[a];
  }
}

bool model_dot(const call *c, field *out) {
  contraction how = {.x = c->in[0], .y = c->in[1], .length = 1};
  bool scales = how.x->rank == 0 || how.y->rank == 0;
  int x_inner = scales ? -1 : how.x->rank - 1, y_inner = scales ? -1 : how.y->rank > 1 ? how.y->rank - 2 : 0;
  if (!scales && how.x->dims[x_inner] != how.y->dims[y_inner]) return false;
  if (how.x->rank + how.y->rank > FIELD_RANK) return false;
  if (!scales) how.length = how.x->dims[x_inner];
  outer_axes(&how, 0, 0, x_inner);
  outer_axes(&how, 1, 0, y_inner);
  contract(c, &how, out);
  return true;
}

bool model_batch_dot(const call *c, field *out) {
  contraction how = {.x = c->in[0], .y = c->in[1], .rank = 1};
  int64_t axes[2];
  int given = attribute_integers(c->attributes, "axes", axes, 2);
  if (how.x->rank < 2 || how.y->rank < 2 || how.x->dims[0] != how.y->dims[0]) return false;
  if (given == 1) axes[1] = axes[0];
  if (given < 0) axes[0] = how.x->rank - 1, axes[1] = how.y->rank == 2 ? 1 : how.y->rank - 2;
  int x_inner = (int)(axes[0] < 0 ? axes[0] + how.x->rank : axes[0]);
  int y_inner = (int)(axes[1] < 0 ? axes[1] + how.y->rank : axes[1]);
  bool fits = x_inner > 0 && x_inner < how.x->rank && y_inner > 0 && y_inner < how.y->rank;
  if (!fits || how.x->dims[x_inner] != how.y->dims[y_inner]) return false;
  if (how.x->rank + how.y->rank > FIELD_RANK) return false;
  how.dims[0] = how.x->dims[0];
  how.length = how.x->dims[x_inner];
  outer_axes(&how, 0, 1, x_inner);
  outer_axes(&how, 1, 1, y_inner);
  if (how.rank == 1) how.dims[how.rank++] = 1;
  contract(c, &how, out);
  return true;
}

/* ---- matmul ---- */

static bool leading_axes(contraction *how, int operand, int own) {
  const field *x = operand == 0 ? how->x : how->y;
  int count = x->rank - own;
  for (int a = 0; a < count; a++) {
    int axis = how->rank - count + a;
    if (x->dims[a] != 1 && how->dims[axis] != 1 && how->dims[axis] != x->dims[a]) return false;
    if (x->dims[a] != 1) how->dims[axis] = x->dims[a];
    how->roles[operand][a] = x->dims[a] == 1 ? REPEATED : axis;
  }
  return true;
}

bool model_matmul(const call *c, field *out) {
  contraction how = {.x = c->in[0], .y = c->in[1]};
  int x_own = how.x->rank == 1 ? 1 : 2, y_own = how.y->rank == 1 ? 1 : 2;
  if (how.x->rank == 0 || how.y->rank == 0) return false;
  int x_lead = how.x->rank - x_own, y_lead = how.y->rank - y_own;
  how.rank = x_lead > y_lead ? x_lead : y_lead;
  for (int a = 0; a < how.rank; a++) how.dims[a] = 1;
  how.length = how.x->dims[how.x->rank - 1];
  if (how.y->dims[how.y->rank - y_own] != how.length) return false;
  if (!leading_axes(&how, 0, x_own) || !leading_axes(&how, 1, y_own)) return false;
  outer_axes(&how, 0, x_lead, how.x->rank - 1);
  outer_axes(&how, 1, y_lead, how.y->rank - y_own);
  contract(c, &how, out);
  return true;
}
