/* SPDX-License-Identifier: MIT
 *
 * Which part of which input a part of a node is made of: by what records say of their axes alone. */
#include "plan/slicing.h"

#include <string.h>
#include "plan/cost.h"

/** More inputs than this are not looked through for the one that holds a part. */
#define MOST_JOINED 64

bool gm__parts_whole(const gm__part *parts, int rank) {
  bool whole = true;
  for (int a = 0; a < rank; a++) whole = whole && parts[a].whole;
  return whole;
}

bool gm__parts_same(const gm__part *a, const gm__part *b, int rank) {
  bool same = true;
  for (int i = 0; i < rank && same; i++) {
    same = a[i].whole == b[i].whole &&
           (a[i].whole || (a[i].first == b[i].first && a[i].step == b[i].step && a[i].count == b[i].count));
  }
  return same;
}

void gm__slicing_lengths(const gm__slicing *s, uint32_t id, int64_t *lengths) {
  const gm__node *node = &s->nodes[id];
  for (int a = 0; a < node->rank; a++) lengths[a] = gm__dim_value(s->plan->graph->dims, node->dims[a]);
}

/* ---- Indices ---- */

bool gm__slicing_select(const gm__slicing *s, uint32_t id, gm__part *parts, int *axes) {
  const gm__node *node = &s->nodes[id];
  int64_t lengths[GM_MAX_RANK];
  if (!node->op->select) return false;
  gm__slicing_lengths(s, node->inputs[0], lengths);
  return node->op->select(node->attrs, (gm__shape){s->nodes[node->inputs[0]].rank, lengths}, parts, axes);
}

void gm__slicing_compose(const gm__slicing *s, uint32_t id, const gm__part *wanted, gm__part *parts) {
  int axes[GM_MAX_RANK];
  gm__slicing_select(s, id, parts, axes);
  for (int r = 0; r < s->nodes[id].rank; r++) {
    if (axes[r] < 0 || wanted[r].whole) continue;
    gm__part *part = &parts[axes[r]];
    if (part->whole) {
      *part = wanted[r];
    } else {
      part->first += wanted[r].first * part->step;
      part->count = wanted[r].count;
      part->step = part->count > 1 ? part->step * wanted[r].step : 1;
    }
  }
}

/* ---- Other nodes ---- */

/** The axes of the result along those of an input; false when the record does not say. */
static bool along_input(const gm__slicing *s, uint32_t id, uint32_t input, int64_t *lengths, int *along) {
  const gm__node *node = &s->nodes[id], *in = &s->nodes[node->inputs[input]];
  int order[GM_MAX_RANK], joined = node->op->joined ? node->op->joined(node->attrs, node->rank) : -1;
  int64_t others[GM_MAX_RANK], out[GM_MAX_RANK];
  gm__slicing_lengths(s, node->inputs[input], lengths);
  if (node->op->along) {
    uint32_t other = node->inputs[input == 0 && node->input_count > 1];
    gm__slicing_lengths(s, other, others);
    gm__slicing_lengths(s, id, out);
    const gm__axes axes = {
        node->attrs, (int)input, {in->rank, lengths}, {s->nodes[other].rank, others}, {node->rank, out}};
    node->op->along(&axes, along);
  } else if (node->op->order) {
    node->op->order(node->attrs, node->rank, order);
    for (int r = 0; r < node->rank; r++) along[order[r]] = r;
  } else if (node->op->flags & GM__ELEMENTWISE) {
    for (int a = 0; a < in->rank; a++) along[a] = a + node->rank - in->rank;
  } else {
    for (int a = 0; a < in->rank; a++) along[a] = a + (in->rank < node->rank && a >= joined);
  }
  return node->op->along || node->op->order || node->op->flags & GM__ELEMENTWISE || joined >= 0;
}

/** Of the axis along which inputs are joined. */
static bool joined_known(const gm__slicing *s, uint32_t id, int axis, const gm__part *wanted) {
  const gm__node *node = &s->nodes[id];
  int64_t lengths[GM_MAX_RANK];
  if (node->input_count > MOST_JOINED || wanted->step != 1 || wanted->count == 0) return false;
  for (uint32_t i = 0; i < node->input_count; i++) {
    if (s->nodes[node->inputs[i]].rank < node->rank) continue;
    gm__slicing_lengths(s, node->inputs[i], lengths);
    if (lengths[axis] < 0) return false;
  }
  return true;
}

/** Flags over the axes of the result: an input has all of it; an input may have all of it, or one place. */
static bool find_axes(const gm__slicing *s, uint32_t id, bool *runs, bool *open) {
  const gm__node *node = &s->nodes[id];
  int64_t out[GM_MAX_RANK], lengths[GM_MAX_RANK];
  int along[GM_MAX_RANK], joined = node->op->joined ? node->op->joined(node->attrs, node->rank) : -1;
  gm__slicing_lengths(s, id, out);
  for (uint32_t i = 0; i < node->input_count && i < MOST_JOINED; i++) {
    if (!along_input(s, id, i, lengths, along)) return false;
    for (int a = 0; a < s->nodes[node->inputs[i]].rank; a++) {
      if (along[a] < 0 || along[a] == joined) continue;
      runs[along[a]] = runs[along[a]] || lengths[a] == out[along[a]];
      open[along[a]] = open[along[a]] || (lengths[a] != out[along[a]] && lengths[a] != 1);
    }
  }
  return node->input_count <= MOST_JOINED;
}

static bool may_split(const gm__slicing *s, const gm__node *node) {
  const unsigned refused = GM__SOURCE | GM__RANDOM | GM__STATEFUL | GM__READS_PHASE;
  bool sums = node->op->product || node->op->flags & GM__ACCUMULATES;
  return !(node->op->flags & refused) && node->op->results == 1 && (s->products || !sums);
}

bool gm__slicing_split(const gm__slicing *s, uint32_t id, const gm__part *wanted, gm__part *pushed) {
  const gm__node *node = &s->nodes[id];
  bool runs[GM_MAX_RANK] = {false}, open[GM_MAX_RANK] = {false}, some = false;
  int joined = node->op->joined ? node->op->joined(node->attrs, node->rank) : -1;
  if (!may_split(s, node) || !find_axes(s, id, runs, open)) return false;
  for (int r = 0; r < node->rank; r++) {
    pushed[r] = wanted[r];
    if (wanted[r].whole) continue;
    bool can = r == joined ? joined_known(s, id, r, &wanted[r]) : runs[r] && !open[r];
    if (!can) pushed[r] = (gm__part){.whole = true};
    some = some || can;
  }
  return some;
}

/** What of [offset, offset + length) is in the part. */
static bool joined_part(const gm__part *wanted, int64_t offset, int64_t length, gm__part *out) {
  int64_t low = wanted->first > offset ? wanted->first : offset;
  int64_t high =
      wanted->first + wanted->count < offset + length ? wanted->first + wanted->count : offset + length;
  *out = (gm__part){high - low == length, low - offset, 1, high - low};
  return high > low;
}

bool gm__slicing_input(const gm__slicing *s, uint32_t id, const gm__part *pushed, uint32_t input,
    int64_t *offset, gm__part *parts) {
  const gm__node *node = &s->nodes[id], *in = &s->nodes[node->inputs[input]];
  int64_t lengths[GM_MAX_RANK], out[GM_MAX_RANK], length, at = *offset;
  int along[GM_MAX_RANK], joined = node->op->joined ? node->op->joined(node->attrs, node->rank) : -1;
  gm__part one;
  along_input(s, id, input, lengths, along);
  gm__slicing_lengths(s, id, out);
  for (int a = 0; a < in->rank; a++) {
    int r = along[a];
    bool whole = r < 0 || pushed[r].whole || (lengths[a] != out[r] && r != joined);
    parts[a] = whole ? (gm__part){.whole = true} : pushed[r];
  }
  if (joined < 0 || pushed[joined].whole) return true;
  length = in->rank < node->rank ? 1 : lengths[joined];
  *offset += length;
  return joined_part(&pushed[joined], at, length, in->rank < node->rank ? &one : &parts[joined]);
}

/* ---- Prices ---- */

static double count_of(int64_t length, const gm__part *parts, int axis) {
  if (parts && !parts[axis].whole) return (double)parts[axis].count;
  return length < 0 ? 1 : (double)length;
}

/** m, n and k of a product, in how many batches: by the axes that run along x, along y, along both. */
static double price_product(const gm__slicing *s, uint32_t id, const gm__part *parts) {
  const gm__node *node = &s->nodes[id];
  int64_t lengths[GM_MAX_RANK], out[GM_MAX_RANK];
  int along[GM_MAX_RANK], sides[GM_MAX_RANK] = {0};
  double sizes[4] = {1, 1, 1, 1}, inner = 1;
  gm__slicing_lengths(s, id, out);
  for (uint32_t i = 0; i < 2; i++) {
    along_input(s, id, i, lengths, along);
    for (int a = 0; a < s->nodes[node->inputs[i]].rank; a++) {
      if (along[a] >= 0)
        sides[along[a]] |= 1 << i;
      else if (i == 0)
        inner *= lengths[a] < 0 ? 1 : (double)lengths[a];
    }
  }
  for (int r = 0; r < node->rank; r++) sizes[sides[r]] *= count_of(out[r], parts, r);
  const gm__work work = {
      sizes[1], sizes[2], inner, (gm_dtype)node->dtype, gm__form_general(), gm__form_general(), false};
  return sizes[3] * gm__cost_product(&work);
}

double gm__slicing_price(const gm__slicing *s, uint32_t id, const gm__part *parts) {
  int64_t out[GM_MAX_RANK];
  double count = 1;
  if (s->nodes[id].op->product && s->nodes[id].op->along) return price_product(s, id, parts);
  gm__slicing_lengths(s, id, out);
  for (int r = 0; r < s->nodes[id].rank; r++) count *= count_of(out[r], parts, r);
  return count;
}
