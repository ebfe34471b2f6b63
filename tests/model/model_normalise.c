/* SPDX-License-Identifier: MIT
 *
 * The model's normalisations: x, less the mean for some, by the root of a mean or sum of squares, with
 * weights. The divisor is a norm of the group, which moves no further than the same norm of the errors. */
#include "model/model.h"

#include <string.h>

typedef enum family { L2, LAYER, RMS } family;

/** What is known of a group. */
typedef struct moments {
  double count, mean, mean_error, squares, spread, errors, most;
} moments;

static moments moments_of(const known *x, int count) {
  moments m = {.count = count};
  for (int i = 0; i < count; i++) {
    m.mean += x[i].value / count, m.mean_error += x[i].error / count;
    m.squares += x[i].value * x[i].value, m.errors += x[i].error * x[i].error;
    m.most = fmax(m.most, fabs(x[i].value));
  }
  for (int i = 0; i < count; i++) m.spread += (x[i].value - m.mean) * (x[i].value - m.mean);
  return m;
}

static known divisor(family kind, const moments *m, double epsilon) {
  double error = sqrt(kind == L2 ? m->errors : m->errors / m->count);
  double value = kind == L2      ? sqrt(fmax(m->squares, epsilon))
                 : kind == LAYER ? sqrt(m->spread / m->count + epsilon)
                                 : sqrt(m->squares / m->count + epsilon);
  return (known){.value = value, .error = error, .mass = value};
}

static known normalised(const call *c, family kind, known x, const moments *m, double epsilon, double unit) {
  known by = divisor(kind, m, epsilon);
  bool centred = kind == LAYER;
  known from = known_real(centred ? x.value - m->mean : x.value);
  from.error = x.error + (centred ? m->mean_error : 0);
  known made = known_quotient(from, by, 0);
  double units = 8 * (m->count + 8) * (1 + (centred ? m->squares / m->count / by.value / by.value : 0));
  made.error += units * unit * m->most / by.value + call_least(c, c->in[0]->dtype);
  made.mass = fabs(made.value) + made.error;
  return made;
}

static known weight(const field *weights, const field *x, const bool *over, const int64_t *index) {
  int64_t own[FIELD_RANK];
  int rank = 0;
  for (int a = 0; a < x->rank; a++)
    if (over[a]) own[rank++] = index[a];
  return weights->at[weights->rank == 0 ? 0 : field_offset(weights, own)];
}

static bool weights_fit(const call *c, const bool *over) {
  int64_t dims[FIELD_RANK];
  int rank = 0;
  for (int a = 0; a < c->in[0]->rank; a++)
    if (over[a]) dims[rank++] = c->in[0]->dims[a];
  for (int i = 1; i < c->count; i++)
    if (c->in[i]->rank > 0 && !field_same_shape(c->in[i], rank, dims)) return false;
  return true;
}

bool model_normalization(const call *c, field *out) {
  const field *x = c->in[0];
  family kind = c->op[0] == 'l' ? (c->op[1] == '2' ? L2 : LAYER) : RMS;
  double epsilon = attribute_number(c->attributes, "epsilon",
      kind == L2      ? 1e-12
      : kind == LAYER ? 1e-3
                      : 1e-6);
  double unit = call_unit(c, x->dtype);
  int64_t index[FIELD_RANK] = {0}, at = 0;
  bool over[FIELD_RANK];
  known group[GROUP_MOST];
  if (kind != L2 && x->rank == 0) return false;
  call_axes(c, "axis", kind == L2 ? ALL_AXES : -1, over);
  if (!weights_fit(c, over)) return false;
  *out = field_new(x->dtype, x->rank, x->dims);
  if (x->count == 0) return true;
  do {
    moments m = moments_of(group, group_of(x, over, index, group));
    known made = normalised(c, kind, x->at[at], &m, epsilon, unit);
    if (c->count > 1) made = known_product(made, weight(c->in[1], x, over, index), unit);
    if (c->count > 2) made = known_sum(made, weight(c->in[2], x, over, index), unit);
    out->at[at++] = known_settled(made, x->dtype);
  } while (next_index(x->rank, x->dims, index));
  return true;
}
