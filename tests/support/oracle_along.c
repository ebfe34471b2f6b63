/* SPDX-License-Identifier: MIT
 *
 * The oracle's operations along axes: places of extremes, running sums and products, normalisation. Lines of
 * elements are read by their first element, their step and their length; groups by their axes. */
#include "support/oracle.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct line {
  const cells *x;
  int axis;
  int64_t step, length;
} line;

/* An operand and one of its axes, written to the attributes unless it is the default. */
static line drawn_line(draw *from, gm_dtype dtype, sample *made, int absent, bool filled) {
  int64_t dims[GM_MAX_RANK];
  int rank = drawn_dims(from, 1, 4, dims), axis = (int)draw_below(from, rank);
  if (filled && dims[axis] == 0) dims[axis] = 3;
  line made_line = {
      .x = sample_input(made, from, dtype, rank, dims), .axis = axis, .step = 1, .length = dims[axis]};
  for (int after = axis + 1; after < rank; after++) made_line.step *= dims[after];
  if (axis != (absent < 0 ? rank + absent : absent) || draw_below(from, 2) == 0)
    snprintf(made->attributes, sizeof made->attributes, "{axis: %d}",
        draw_below(from, 2) == 0 ? axis : axis - rank);
  return made_line;
}

static bool begins_line(const line *l, int64_t at) {
  return at / l->step % l->length == 0;
}

static cell element_of(const line *l, int64_t first, int64_t k) {
  return cell_rounded(l->x->at[first + k * l->step], l->x->dtype);
}

/* ---- Places ---- */

static int64_t place_of(const line *l, int64_t first, bool least) {
  int64_t best = 0;
  bool whole = dtype_is_whole(l->x->dtype);
  for (int64_t k = 1; k < l->length; k++) {
    cell a = element_of(l, first, k), b = element_of(l, first, best);
    if (least ? (whole ? a.whole < b.whole : a.re < b.re) : (whole ? a.whole > b.whole : a.re > b.re))
      best = k;
  }
  return best;
}

static void place(draw *from, gm_dtype dtype, sample *made, bool least) {
  line l = drawn_line(from, dtype, made, -1, true);
  int64_t dims[GM_MAX_RANK], at = 0;
  int rank = 0;
  for (int axis = 0; axis < l.x->rank; axis++)
    if (axis != l.axis) dims[rank++] = l.x->dims[axis];
  sample_want(made, GM_INT64, rank, dims);
  for (int64_t first = 0; first < l.x->count; first++)
    if (begins_line(&l, first)) made->want.at[at++] = (cell){.whole = place_of(&l, first, least)};
}

void make_argmax(draw *from, gm_dtype dtype, sample *made) {
  place(from, dtype, made, false);
}
void make_argmin(draw *from, gm_dtype dtype, sample *made) {
  place(from, dtype, made, true);
}

/* ---- Running sums and products ---- */

static void scan_line(sample *made, const line *l, int64_t first, cell (*combine)(cell, cell)) {
  cell total = element_of(l, first, 0);
  double size = cell_size(total), unit = dtype_unit(l->x->dtype);
  for (int64_t k = 0; k < l->length; k++) {
    if (k > 0) total = combine(total, element_of(l, first, k));
    size = fmax(size, cell_size(total));
    made->want.at[first + k * l->step] = cell_rounded(total, l->x->dtype);
    made->bound[first + k * l->step] = 8 * (double)(k + 1) * unit * size + dtype_least(l->x->dtype);
  }
}

static void scan(draw *from, gm_dtype dtype, sample *made, cell (*combine)(cell, cell)) {
  line l = drawn_line(from, dtype, made, 0, false);
  sample_want(made, dtype, l.x->rank, l.x->dims);
  for (int64_t first = 0; first < l.x->count; first++)
    if (begins_line(&l, first)) scan_line(made, &l, first, combine);
}

void make_cumsum(draw *from, gm_dtype dtype, sample *made) {
  scan(from, dtype, made, cell_add);
}
void make_cumprod(draw *from, gm_dtype dtype, sample *made) {
  scan(from, dtype, made, cell_multiply);
}

/* ---- Normalisation ---- */

typedef struct groups {
  const cells *x;
  bool over[GM_MAX_RANK];
  double epsilon;
} groups;

static void write_attributes(sample *made, draw *from, const groups *g, bool null, bool with_epsilon) {
  char axes[64] = "";
  for (int axis = 0, listed = 0; axis < g->x->rank; axis++) {
    if (!g->over[axis]) continue;
    size_t at = strlen(axes);
    int shown = draw_below(from, 2) == 0 ? axis : axis - g->x->rank;
    snprintf(axes + at, sizeof axes - at, "%s%d", listed++ == 0 ? "" : ", ", shown);
  }
  int length =
      snprintf(made->attributes, sizeof made->attributes, null ? "{axis: null" : "{axis: [%s]", axes);
  snprintf(made->attributes + length, sizeof made->attributes - (size_t)length,
      with_epsilon ? ", epsilon: %g}" : "}", g->epsilon);
}

static groups drawn_groups(draw *from, gm_dtype dtype, sample *made, double epsilon, bool null_is_all) {
  int64_t dims[GM_MAX_RANK];
  int rank = drawn_dims(from, null_is_all ? 0 : 1, 4, dims);
  bool given = draw_below(from, 2) == 0, null = draw_below(from, 4) == 0;
  groups g = {.x = sample_input(made, from, dtype, rank, dims), .epsilon = given ? 0.25 : epsilon};
  for (int axis = 0; axis < rank; axis++)
    g.over[axis] = null ? null_is_all || axis == rank - 1 : draw_below(from, 2) == 0;
  bool writes_null = null && (null_is_all || draw_below(from, 2) == 0);
  write_attributes(made, from, &g, writes_null, given);
  return g;
}

/* Do two places differ only along the axes of a group? */
static bool same_group(const groups *g, const int64_t *a, const int64_t *b) {
  for (int axis = 0; axis < g->x->rank; axis++)
    if (!g->over[axis] && a[axis] != b[axis]) return false;
  return true;
}

typedef struct moments {
  double count, mean, squares, spread, most;
} moments;

static moments moments_of(const groups *g, const int64_t *at) {
  moments m = {0};
  const cells *x = g->x;
  for (int pass = 0; pass < 2; pass++) {
    int64_t index[GM_MAX_RANK] = {0};
    do {
      if (!same_group(g, at, index)) continue;
      cell value = cell_rounded(x->at[cells_offset(x, index)], x->dtype);
      double size = cell_size(value);
      if (pass == 1) m.spread += (value.re - m.mean / m.count) * (value.re - m.mean / m.count);
      if (pass == 0) m.count++, m.mean += value.re, m.squares += size * size, m.most = fmax(m.most, size);
    } while (next_index(x->rank, x->dims, index));
  }
  m.mean /= m.count;
  return m;
}

static double weight_at(const groups *g, const cells *weights, const int64_t *index) {
  int64_t own[GM_MAX_RANK];
  int rank = 0;
  for (int axis = 0; axis < g->x->rank; axis++)
    if (g->over[axis]) own[rank++] = index[axis];
  return cell_rounded(weights->at[weights->rank == 0 ? 0 : cells_offset(weights, own)], weights->dtype).re;
}

typedef double statistic(const moments *m, double epsilon);

static void normalise(sample *made, const groups *g, statistic *divisor, bool centred) {
  int64_t index[GM_MAX_RANK] = {0}, at = 0;
  const cells *x = g->x;
  sample_want(made, x->dtype, x->rank, x->dims);
  if (x->count == 0) return;
  do {
    moments m = moments_of(g, index);
    cell value = cell_rounded(x->at[at], x->dtype);
    double by = divisor(&m, g->epsilon), unit = dtype_unit(x->dtype);
    double gamma = made->count > 1 ? weight_at(g, &made->inputs[1], index) : 1;
    double beta = made->count > 2 ? weight_at(g, &made->inputs[2], index) : 0;
    cell out = {.re = (value.re - (centred ? m.mean : 0)) / by * gamma + beta, .im = value.im / by * gamma};
    double units = 8 * (m.count + 8) * (1 + (centred ? m.squares / m.count / by / by : 0));
    made->want.at[at] = cell_rounded(out, x->dtype);
    made->bound[at] = units * unit * (m.most / by * fabs(gamma) + fabs(beta)) + dtype_least(x->dtype);
    at++;
  } while (next_index(x->rank, x->dims, index));
}

static void drawn_weights(draw *from, sample *made, const groups *g, int most) {
  int64_t dims[GM_MAX_RANK], count = draw_below(from, most + 1);
  int rank = 0;
  for (int axis = 0; axis < g->x->rank; axis++)
    if (g->over[axis]) dims[rank++] = g->x->dims[axis];
  for (int64_t i = 0; i < count; i++)
    sample_input(made, from, g->x->dtype, draw_below(from, 5) == 0 ? 0 : rank, dims);
}

static double norm(const moments *m, double epsilon) {
  return sqrt(fmax(m->squares, epsilon));
}

static double deviation(const moments *m, double epsilon) {
  return sqrt(m->spread / m->count + epsilon);
}

static double root_mean_square(const moments *m, double epsilon) {
  return sqrt(m->squares / m->count + epsilon);
}

void make_l2_normalize(draw *from, gm_dtype dtype, sample *made) {
  groups g = drawn_groups(from, dtype, made, 1e-12, true);
  normalise(made, &g, norm, false);
}

void make_layer_normalization(draw *from, gm_dtype dtype, sample *made) {
  groups g = drawn_groups(from, dtype, made, 1e-3, false);
  drawn_weights(from, made, &g, 2);
  normalise(made, &g, deviation, true);
}

void make_rms_normalization(draw *from, gm_dtype dtype, sample *made) {
  groups g = drawn_groups(from, dtype, made, 1e-6, false);
  drawn_weights(from, made, &g, 1);
  normalise(made, &g, root_mean_square, false);
}
