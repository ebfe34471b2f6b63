/* SPDX-License-Identifier: MIT
 *
 * index: NumPy's basic indexing, "2, :, ::-1": integers, slices, "..." and None. A view: no element moves.
 *
 * A slice is a half-open part [low, high) of its axis, walked in steps, from its end for negative ones; each
 * bound counts from the start or from the end of the axis, so one rule gives the length of an axis that is
 * known, and of one that is not: max(0, ceil((high - low) / |step|)). */
#include "graph/lower.h"

#include <string.h>

enum { AT };

/** An item for each axis, as many new axes, and "...". */
#define MOST_ITEMS (2 * GM_MAX_RANK + 1)
/** Numbers beyond this are taken for it: no axis is longer. */
#define BEYOND (INT64_MAX / 4)

static const gm__attr_row attrs[] = {
    {"at", GM__ATTR_TEXT, NULL, "integers, slices, ... and None, separated by commas", NULL}};

typedef enum item_kind { INTEGER, SLICE, ELLIPSIS, NEW_AXIS } item_kind;
typedef struct bound {
  bool from_end;
  int64_t offset;
} bound;
/** step: of a slice; an integer's place is `low`. */
typedef struct item {
  item_kind kind;
  bound low, high;
  int64_t step;
} item;
typedef struct items {
  int count, axes, ellipses, new_axes;
  item at[MOST_ITEMS];
} items;

/* ---- Reading ---- */

typedef struct reader {
  const char *text, *at;
  gm_error *error;
} reader;

static void skip_blanks(reader *r) {
  r->at += strspn(r->at, " \t\n");
}

static bool takes(reader *r, const char *word) {
  skip_blanks(r);
  if (strncmp(r->at, word, strlen(word)) != 0) return false;
  r->at += strlen(word);
  return true;
}

static bool read_integer(reader *r, int64_t *out) {
  skip_blanks(r);
  const char *at = r->at + (*r->at == '-' || *r->at == '+');
  int64_t value = 0;
  if (*at < '0' || *at > '9') return false;
  for (; *at >= '0' && *at <= '9'; at++) value = value >= BEYOND / 10 ? BEYOND : 10 * value + (*at - '0');
  *out = *r->at == '-' ? -value : value;
  r->at = at;
  return true;
}

/** The place of a written number: n - 2 for -2, and one more for `after`. */
static bound bound_of(int64_t number, int after) {
  return number < 0 ? (bound){true, -number - after} : (bound){false, number + after};
}

static gm_status bad(const reader *r, const char *what) {
  GM_FAIL(r->error, GM_BAD_ARGUMENT, "attribute 'at' is '%.60s', where %s at column %d", r->text, what,
      (int)(r->at - r->text) + 1);
}

/** Behind the first number of a slice, at its colon. */
static gm_status read_slice(reader *r, const int64_t *start, item *out) {
  int64_t stop, step = 1;
  r->at++;
  bool stops = read_integer(r, &stop);
  if (takes(r, ":") && !read_integer(r, &step)) step = 1;
  if (step == 0)
    GM_FAIL(r->error, GM_BAD_ARGUMENT, "attribute 'at' is '%.60s', which has a slice with step 0", r->text);
  *out = (item){SLICE, {false, 0}, {true, 0}, step};
  if (step > 0) {
    if (start) out->low = bound_of(*start, 0);
    if (stops) out->high = bound_of(stop, 0);
  } else {
    if (start) out->high = bound_of(*start, 1);
    if (stops) out->low = bound_of(stop, 1);
  }
  return GM_OK;
}

static gm_status read_item(reader *r, item *out) {
  int64_t number;
  *out = (item){.kind = ELLIPSIS};
  if (takes(r, "...")) return GM_OK;
  out->kind = NEW_AXIS;
  if (takes(r, "None") || takes(r, "newaxis")) return GM_OK;
  bool numbered = read_integer(r, &number);
  skip_blanks(r);
  if (*r->at == ':') return read_slice(r, numbered ? &number : NULL, out);
  if (!numbered) return bad(r, "an integer, a slice, ... or None should be");
  if (number >= BEYOND || number <= -BEYOND) {
    GM_FAIL(
        r->error, GM_BAD_SHAPE, "attribute 'at' is '%.60s', an index beyond the end of any axis", r->text);
  }
  *out = (item){INTEGER, bound_of(number, 0), {false, 0}, 1};
  return GM_OK;
}

static gm_status read_items(const char *text, items *out, gm_error *error) {
  reader r = {text, text, error};
  *out = (items){.count = 0};
  do {
    skip_blanks(&r);
    if (*r.at == '\0' && out->count > 0) break;
    if (out->count == MOST_ITEMS)
      GM_FAIL(error, GM_LIMIT, "attribute 'at' has more than %d items", MOST_ITEMS);
    item *next = &out->at[out->count++];
    GM_TRY(read_item(&r, next));
    out->axes += next->kind == INTEGER || next->kind == SLICE;
    out->ellipses += next->kind == ELLIPSIS;
    out->new_axes += next->kind == NEW_AXIS;
    if (out->new_axes > GM_MAX_RANK)
      GM_FAIL(error, GM_LIMIT, "attribute 'at' has more than %d new axes", GM_MAX_RANK);
  } while (takes(&r, ","));
  skip_blanks(&r);
  if (*r.at != '\0') return bad(&r, "a comma or the end should be");
  if (out->ellipses > 1)
    GM_FAIL(error, GM_BAD_ARGUMENT, "attribute 'at' is '%.60s', which has more than one ...", text);
  return GM_OK;
}

/** Without "...", in whose place, or at the end, whole axes stand. */
static void expand(const items *from, int rank, items *out) {
  const item whole = {SLICE, {false, 0}, {true, 0}, 1};
  int missing = rank - from->axes;
  out->count = 0;
  for (int i = 0; i <= from->count; i++) {
    bool fills = i == from->count ? from->ellipses == 0 : from->at[i].kind == ELLIPSIS;
    for (int a = 0; fills && a < missing; a++) out->at[out->count++] = whole;
    if (i < from->count && from->at[i].kind != ELLIPSIS) out->at[out->count++] = from->at[i];
  }
}

/* ---- Lengths ---- */

static int64_t place(bound b, int64_t length) {
  return b.from_end ? length - b.offset : b.offset;
}

/** The first element of a slice, in *first, and how many there are. */
static int64_t part_of(const item *slice, int64_t length, int64_t *first) {
  int64_t low = place(slice->low, length), high = place(slice->high, length);
  int64_t step = slice->step < 0 ? -slice->step : slice->step;
  if (low < 0) low = 0;
  if (high > length) high = length;
  *first = slice->step > 0 ? low : high - 1;
  return high > low ? (high - low - 1) / step + 1 : 0;
}

static gm_status from_end(gm__infer *c, gm__dim length, int64_t offset, gm__dim *out) {
  return gm__dim_sub(c->dims, length, offset, out, c->error);
}

/** high - low, perhaps below 0. *positive: never. */
static gm_status extent(gm__infer *c, const item *slice, gm__dim length, gm__dim *out, bool *positive) {
  bound low = slice->low, high = slice->high;
  gm__dim start = low.offset, end;
  *positive = low.from_end ? high.from_end && high.offset == 0
                           : low.offset == 0 && (!high.from_end || high.offset == 0);
  if (low.from_end && high.from_end) {
    GM_TRY(gm__dim_min(c->dims, length, low.offset, &end, c->error));
    return from_end(c, end, high.offset, out);
  }
  if (low.from_end) {
    GM_TRY(from_end(c, length, low.offset, &start));
    GM_TRY(gm__dim_max(c->dims, 0, start, &start, c->error));
  }
  if (high.from_end)
    GM_TRY(from_end(c, length, high.offset, &end));
  else
    GM_TRY(gm__dim_min(c->dims, length, high.offset, &end, c->error));
  return gm__dim_sub(c->dims, end, start, out, c->error);
}

static gm_status length_of(gm__infer *c, const item *slice, gm__dim length, gm__dim *out) {
  int64_t known = gm__dim_value(c->dims, length), first, step = slice->step < 0 ? -slice->step : slice->step;
  bool positive;
  if (known >= 0) {
    *out = part_of(slice, known, &first);
    return GM_OK;
  }
  GM_TRY(extent(c, slice, length, out, &positive));
  if (step > 1) {
    GM_TRY(gm__dim_add(c->dims, *out, step - 1, out, c->error));
    GM_TRY(gm__dim_div(c->dims, *out, step, out, c->error));
  }
  return positive ? GM_OK : gm__dim_max(c->dims, 0, *out, out, c->error);
}

/* ---- The record ---- */

static gm_status check_integer(gm__infer *c, const item *integer, int axis) {
  gm__dim length = c->shape[0].dims[axis];
  int64_t known = gm__dim_value(c->dims, length), number = integer->low.offset;
  int64_t least = integer->low.from_end ? number : number + 1;
  if (known < 0) {
    gm__place at = {c->nodes[0], axis};
    return gm__dims_at_least(c->dims, c->written[0].dims[axis], least, c->node, at, &c->namer, c->error);
  }
  if (known >= least) return GM_OK;
  char text[200];
  gm__text one = gm__text_into(text, sizeof text);
  gm__infer_input_text(c, 0, &one);
  gm__text_end(&one);
  gm__infer_fail(c, GM_BAD_SHAPE, "index %s%lld is out of range for %s axis %d: it is in [%lld, %lld)",
      integer->low.from_end ? "-" : "", (long long)number, text, axis, (long long)-known, (long long)known);
  gm__error_axes(c->error, axis, known, -1, -1);
  return GM_BAD_SHAPE;
}

static gm_status check_count(const gm__infer *c, const items *chosen) {
  if (chosen->axes <= c->shape[0].rank) return GM_OK;
  char text[200];
  gm__text one = gm__text_into(text, sizeof text);
  gm__infer_input_text(c, 0, &one);
  gm__text_end(&one);
  return gm__infer_fail(c, GM_BAD_SHAPE, "attribute 'at' has items for %d axes, but %s has %d", chosen->axes,
      text, c->shape[0].rank);
}

static gm_status infer(gm__infer *c) {
  items written, chosen;
  gm__dim length;
  GM_TRY(read_items(c->attrs[AT].text, &written, c->error));
  GM_TRY(check_count(c, &written));
  expand(&written, c->shape[0].rank, &chosen);
  c->out[0].dtype = c->dtype[0];
  c->out[0].rank = 0;
  for (int i = 0, axis = 0; i < chosen.count; i++) {
    const item *next = &chosen.at[i];
    if (next->kind == NEW_AXIS) {
      GM_TRY(gm__infer_push(c, 1));
    } else if (next->kind == INTEGER) {
      GM_TRY(check_integer(c, next, axis++));
    } else {
      GM_TRY(length_of(c, next, c->shape[0].dims[axis++], &length));
      GM_TRY(gm__infer_push(c, length));
    }
  }
  return GM_OK;
}

static void take_slice(gm__view *out, const gm__view *x, const item *slice, int axis) {
  int64_t first, length = part_of(slice, x->dims[axis], &first);
  if (length > 0) out->offset += first * x->strides[axis];
  out->dims[out->rank] = length;
  out->strides[out->rank++] = length > 1 ? slice->step * x->strides[axis] : 1;
}

static gm_status lower(gm__lower *l) {
  items written, chosen;
  const gm__view *x = &l->in[0];
  gm__view *out = &l->out[0];
  GM_TRY(read_items(l->attrs[AT].text, &written, l->error));
  expand(&written, x->rank, &chosen);
  out->buffer = x->buffer;
  out->offset = x->offset;
  out->rank = 0;
  for (int i = 0, axis = 0; i < chosen.count; i++) {
    const item *next = &chosen.at[i];
    if (next->kind == INTEGER) {
      out->offset += place(next->low, x->dims[axis]) * x->strides[axis];
      axis++;
    } else if (next->kind == SLICE) {
      take_slice(out, x, next, axis++);
    } else {
      out->dims[out->rank] = 1;
      out->strides[out->rank++] = 1;
    }
  }
  return GM_OK;
}

static bool part_known(const item *slice, int64_t length, gm__part *part) {
  const bound *low = &slice->low, *high = &slice->high;
  bool all = slice->step == 1 && !low->from_end && low->offset == 0 && high->from_end && high->offset == 0;
  *part = (gm__part){.whole = true};
  if (all || length < 0) return all;
  part->count = part_of(slice, length, &part->first);
  part->step = part->count > 1 ? slice->step : 1;
  part->whole = part->count == length && part->step == 1;
  return true;
}

static bool select_parts(const gm__attr *given, gm__shape in, gm__part *parts, int *axes) {
  items written, chosen;
  if (read_items(given[AT].text, &written, NULL)) return false;
  expand(&written, in.rank, &chosen);
  for (int i = 0, axis = 0, at = 0; i < chosen.count; i++) {
    const item *next = &chosen.at[i];
    if (next->kind == NEW_AXIS) {
      axes[at++] = -1;
    } else if (next->kind == SLICE) {
      if (!part_known(next, in.dims[axis], &parts[axis])) return false;
      axes[at++] = axis++;
    } else {
      if (in.dims[axis] < 0) return false;
      parts[axis] = (gm__part){in.dims[axis] == 1, place(next->low, in.dims[axis]), 1, 1};
      axis++;
    }
  }
  return true;
}

const gm__op gm__op_index = {
    .name = "index",
    .doc = "NumPy's basic indexing: integers, slices, ... and None.",
    .formula = "out = x[at]",
    .source = "numpy's basic indexing",
    .inputs = "x",
    .kind = "view",
    .min_inputs = 1,
    .max_inputs = 1,
    .results = 1,
    .flags = GM__VIEW,
    .attrs = attrs,
    .attr_count = 1,
    .example = "{index: x, at: '0, ::-1'}",
    .infer = infer,
    .select = select_parts,
    .lower = lower,
};
