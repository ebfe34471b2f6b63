/* SPDX-License-Identifier: MIT
 *
 * Values from nothing: zeros_like and ones_like, one element seen from everywhere; eye; arange. None of them
 * is made before the run. */
#include "graph/lower.h"

#include <float.h>
#include <math.h>

enum { LIKE_DTYPE = 0, SIZE = 0, EYE_DTYPE = 1, START = 0, STOP, STEP, RANGE_DTYPE };

/** The most elements of an arange: more would not be told apart by a double. */
#define MOST_ELEMENTS 9007199254740992.0

static const gm__attr_row like_attrs[] = {
    {"dtype", GM__ATTR_DTYPE, "null", "of the result; that of x when null", NULL}};
static const gm__attr_row eye_attrs[] = {
    {"size", GM__ATTR_INTEGER, NULL, "the number of rows and of columns", NULL},
    {"dtype", GM__ATTR_DTYPE, "float32", "of the result", NULL},
};
static const gm__attr_row range_attrs[] = {
    {"start", GM__ATTR_NUMBER, NULL, "the first element; without a stop, this is the stop and the start is 0",
        NULL},
    {"stop", GM__ATTR_NUMBER, "null", "where to end, itself not in the result", NULL},
    {"step", GM__ATTR_NUMBER, "1", "from one element to the next; negative to go down", NULL},
    {"dtype", GM__ATTR_DTYPE, "int32",
        "of the result; float32 in place of int32 when one of the others has a fraction", NULL},
};

/* ---- zeros_like, ones_like ---- */

static gm_status infer_like(gm__infer *c) {
  gm__infer_like(c, 0);
  if (c->attrs[LIKE_DTYPE].given) c->out[0].dtype = c->attrs[LIKE_DTYPE].dtype;
  return GM_OK;
}

static const double zero = 0, one = 1;

static gm_status lower_zeros(gm__lower *l) {
  return gm__lower_broadcast(l, zero);
}

static gm_status lower_ones(gm__lower *l) {
  return gm__lower_broadcast(l, one);
}

const gm__op gm__op_zeros_like = {
    .name = "zeros_like",
    .doc = "Zeros in the shape of x.",
    .formula = "out[i...] = 0",
    .source = "tf.keras.backend.zeros_like",
    .inputs = "x",
    .kind = "fill",
    .min_inputs = 1,
    .max_inputs = 1,
    .results = 1,
    .flags = GM__FILL,
    .attrs = like_attrs,
    .attr_count = 1,
    .example = "{zeros_like: x}",
    .infer = infer_like,
    .flops = gm__infer_no_flops,
    .everywhere = &zero,
    .lower = lower_zeros,
};

const gm__op gm__op_ones_like = {
    .name = "ones_like",
    .doc = "Ones in the shape of x.",
    .formula = "out[i...] = 1",
    .source = "tf.keras.backend.ones_like",
    .inputs = "x",
    .kind = "fill",
    .min_inputs = 1,
    .max_inputs = 1,
    .results = 1,
    .flags = GM__FILL,
    .attrs = like_attrs,
    .attr_count = 1,
    .example = "{ones_like: x, dtype: int32}",
    .infer = infer_like,
    .flops = gm__infer_no_flops,
    .everywhere = &one,
    .lower = lower_ones,
};

/* ---- eye ---- */

static gm_status infer_eye(gm__infer *c) {
  int64_t size = c->attrs[SIZE].integer;
  if (size < 0) {
    return gm__infer_fail(
        c, GM_BAD_ARGUMENT, "attribute 'size' is %lld, but must be 0 or more", (long long)size);
  }
  c->out[0] =
      (gm__result){c->attrs[EYE_DTYPE].given ? c->attrs[EYE_DTYPE].dtype : GM_FLOAT32, 2, {size, size}};
  return GM_OK;
}

static gm_status lower_eye(gm__lower *l) {
  GM_TRY(gm__lower_new(l, &l->out[0]));
  gm__view diagonal = l->out[0];
  diagonal.rank = 1;
  diagonal.strides[0]++;
  GM_TRY(gm__lower_zero(l, &l->out[0]));
  return gm__lower_fill(l, &diagonal, 1);
}

static gm__form form_eye(const gm__attr *given, const gm__form *inputs) {
  (void)given, (void)inputs;
  return gm__form_identity();
}

const gm__op gm__op_eye = {
    .name = "eye",
    .doc = "The identity matrix.",
    .formula = "out[i, j] = 1 if i == j else 0",
    .source = "tf.keras.backend.eye",
    .inputs = "",
    .kind = "fill",
    .min_inputs = 0,
    .max_inputs = 0,
    .results = 1,
    .flags = GM__FILL,
    .attrs = eye_attrs,
    .attr_count = 2,
    .example = "{eye: [], size: 3}",
    .infer = infer_eye,
    .flops = gm__infer_no_flops,
    .form = form_eye,
    .lower = lower_eye,
};

/* ---- arange ---- */

typedef struct range {
  double start, stop, step;
  bool whole;
} range;

/** As Keras reads its arguments: a lone negative start is 0, and fractions are float32. */
static range range_of(const gm__attr *attr) {
  range r = {attr[START].number, attr[STOP].number, attr[STEP].given ? attr[STEP].number : 1, false};
  if (!attr[STOP].given) {
    r.stop = r.start < 0 ? 0 : r.start;
    r.start = 0;
  }
  r.whole = r.start == floor(r.start) && r.stop == floor(r.stop) && r.step == floor(r.step);
  if (!r.whole && fmax(fabs(r.start), fmax(fabs(r.stop), fabs(r.step))) <= FLT_MAX) {
    r = (range){(float)r.start, (float)r.stop, (float)r.step, false};
  }
  return r;
}

static double count_of(const range *r) {
  double steps = (r->stop - r->start) / r->step;
  if (r->whole || !(fabs(steps) <= MOST_ELEMENTS)) return ceil(steps);
  return ceilf(((float)r->stop - (float)r->start) / (float)r->step);
}

/** "from 0 to 10 in steps of 3", whatever the locale. */
static const char *range_text(const range *r, char text[120]) {
  gm__text out = gm__text_into(text, 120);
  gm__text_add(&out, "from ");
  gm__text_double(&out, r->start);
  gm__text_add(&out, " to ");
  gm__text_double(&out, r->stop);
  gm__text_add(&out, " in steps of ");
  gm__text_double(&out, r->step);
  gm__text_end(&out);
  return text;
}

static gm_status check_range(const gm__infer *c, const range *r) {
  char text[120];
  if (!isfinite(r->start) || !isfinite(r->stop) || !isfinite(r->step)) {
    return gm__infer_fail(c, GM_BAD_ARGUMENT, "start, stop and step must be finite");
  }
  if (r->step == 0) return gm__infer_fail(c, GM_BAD_ARGUMENT, "attribute 'step' is 0, which leads nowhere");
  if (r->step > 0 ? r->start > r->stop : r->start < r->stop) {
    return gm__infer_fail(c, GM_BAD_ARGUMENT, "%s leads away from the stop", range_text(r, text));
  }
  if (count_of(r) <= MOST_ELEMENTS) return GM_OK;
  return gm__infer_fail(c, GM_LIMIT, "%s are too many elements", range_text(r, text));
}

static bool fits_int32(const range *r, double count) {
  double last = count > 0 ? r->start + (count - 1) * r->step : r->start;
  return fabs(r->start + 0.5) < 2147483648.0 && fabs(last + 0.5) < 2147483648.0;
}

static gm_status infer_range(gm__infer *c) {
  range r = range_of(c->attrs);
  GM_TRY(check_range(c, &r));
  double count = count_of(&r);
  gm_dtype dtype = c->attrs[RANGE_DTYPE].given ? c->attrs[RANGE_DTYPE].dtype : GM_INT32;
  if (dtype == GM_INT32 && !r.whole) dtype = GM_FLOAT32;
  if (dtype == GM_INT32 && !fits_int32(&r, count)) {
    char text[120];
    return gm__infer_fail(
        c, GM_BAD_ARGUMENT, "%s is beyond int32: give it another dtype, int64", range_text(&r, text));
  }
  c->out[0] = (gm__result){dtype, 1, {(int64_t)count}};
  return GM_OK;
}

static gm_status lower_range(gm__lower *l) {
  range r = range_of(l->attrs);
  GM_TRY(gm__lower_new(l, &l->out[0]));
  return gm__lower_range(l, r.start, r.step, &l->out[0]);
}

const gm__op gm__op_arange = {
    .name = "arange",
    .doc = "Numbers in even steps, the stop not among them.",
    .formula = "out[i] = start + i * step; ceil((stop - start) / step) of them",
    .source = "tf.keras.backend.arange",
    .inputs = "",
    .kind = "range",
    .min_inputs = 0,
    .max_inputs = 0,
    .results = 1,
    .flags = GM__FILL,
    .attrs = range_attrs,
    .attr_count = 4,
    .example = "{arange: [], start: 0, stop: 10, step: 3}",
    .infer = infer_range,
    .flops = gm__infer_no_flops,
    .lower = lower_range,
};
