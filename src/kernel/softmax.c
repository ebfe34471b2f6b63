/* SPDX-License-Identifier: MIT
 *
 * softmax: exp(x - max) / Σ exp(x - max) along one axis. The maximum, which NaN becomes; then the
 * exponentials and their sum, in double, block by block, in an order that depends on the length only; then
 * the quotients, rounded once. Rows that lie together are computed where the result goes; others, and narrow
 * floats, in a block on the stack, the exponentials twice where a row has several; short rows many at once.
 * The bits are the same either way. */
#include <math.h>
#include "kernel/strided.h"
#include "kernel/vector_math.h"
#include "kernel/map_table.h"
#include "kernel/walk.h"

enum { BLOCK = 1024, LANES = 8, UNIT = GM__UNIT };

/* One row. `values` holds the block that was loaded last, as numbers of `wide`. */
typedef struct row {
  const char *from;
  char *to;
  int64_t length, stride_in, stride_out;
  gm_dtype dtype, wide;
  size_t size;
} row;

/* NaN wins, and the order does not matter. */
#define GREATER(a, b) ((((b) > (a)) | ((b) != (b))) ? (b) : (a))

#define FUNCTIONS(T, CLONES)                                                                                 \
  static T careful_max_##T(const T *x, size_t n, T best) {                                                   \
    GM__SIMPLE                                                                                               \
    for (size_t i = 0; i < n; i++) best = GREATER(best, x[i]);                                               \
    return best;                                                                                             \
  }                                                                                                          \
  CLONES(max_##T) static double max_##T(const void *values, size_t n, double most) {                         \
    const T *x = values;                                                                                     \
    T lanes[UNIT], others[UNIT], best = (T)most;                                                             \
    size_t i = 0;                                                                                            \
    for (size_t j = 0; j < UNIT; j++) lanes[j] = best;                                                       \
    for (size_t j = 0; j < UNIT; j++) others[j] = best;                                                      \
    for (; i + 2 * UNIT <= n; i += 2 * UNIT) {                                                               \
      for (size_t j = 0; j < UNIT; j++) lanes[j] = GREATER(lanes[j], x[i + j]);                              \
      for (size_t j = 0; j < UNIT; j++) others[j] = GREATER(others[j], x[i + UNIT + j]);                     \
    }                                                                                                        \
    for (; i + UNIT <= n; i += UNIT)                                                                         \
      for (size_t j = 0; j < UNIT; j++) lanes[j] = GREATER(lanes[j], x[i + j]);                              \
    for (size_t j = 0; j < UNIT; j++) lanes[j] = GREATER(lanes[j], others[j]);                               \
    bool found = best != best;                                                                               \
    size_t rest = i;                                                                                         \
    GM__SIMPLE                                                                                               \
    for (; i < n; i++) {                                                                                     \
      found |= x[i] != x[i];                                                                                 \
      best = x[i] > best ? x[i] : best;                                                                      \
    }                                                                                                        \
    if (found) best = careful_max_##T(x + rest, n - rest, (T)most);                                          \
    return rest > 0 ? careful_max_##T(lanes, UNIT, best) : best;                                             \
  }                                                                                                          \
  CLONES(sum_##T) static double sum_##T(const void *values, size_t n) {                                      \
    const T *x = values;                                                                                     \
    double lanes[LANES] = {0};                                                                               \
    size_t i = 0;                                                                                            \
    for (; i + LANES <= n; i += LANES)                                                                       \
      for (size_t j = 0; j < LANES; j++) lanes[j] += (double)x[i + j];                                       \
    GM__SIMPLE                                                                                               \
    for (; i < n; i++) lanes[i % LANES] += (double)x[i];                                                     \
    for (size_t j = 0; j < 4; j++) lanes[j] += lanes[j + 4];                                                 \
    for (size_t j = 0; j < 2; j++) lanes[j] += lanes[j + 2];                                                 \
    return lanes[0] + lanes[1];                                                                              \
  }                                                                                                          \
  CLONES(divide_##T) static void divide_##T(void *values, size_t n, double sum) {                            \
    T *x = values, by = (T)sum;                                                                              \
    GM__EACH(i, n, x[i] /= by);                                                                              \
  }

FUNCTIONS(float, GM__CLONES)
FUNCTIONS(double, GM__CLONES_FEW)

/* Short rows are turned, so that a vector holds one element of each of ROWS rows: x[j][row] is element j. */
enum { ROWS = GM__UNIT, FEW = 4, SHORT = 32 };

GM__CLONES(short_rows) static void short_rows(float x[SHORT][ROWS], size_t n) {
  float most[ROWS], by[ROWS];
  double lanes[LANES][ROWS];
  for (size_t r = 0; r < ROWS; r++) most[r] = -INFINITY;
  for (size_t j = 0; j < n; j++)
    for (size_t r = 0; r < ROWS; r++) most[r] = GREATER(most[r], x[j][r]);
  for (size_t j = 0; j < n; j++)
    for (size_t r = 0; r < ROWS; r++) x[j][r] = gm__exp(x[j][r] - most[r]);
  for (size_t j = 0; j < LANES && j < n; j++)
    for (size_t r = 0; r < ROWS; r++) lanes[j][r] = (double)x[j][r];
  for (size_t j = n; j < LANES; j++)
    for (size_t r = 0; r < ROWS; r++) lanes[j][r] = 0;
  for (size_t j = LANES; j < n; j++)
    for (size_t r = 0; r < ROWS; r++) lanes[j % LANES][r] += (double)x[j][r];
  for (size_t r = 0; r < ROWS; r++) {
    double even = lanes[0][r] + lanes[4][r] + (lanes[2][r] + lanes[6][r]);
    double odd = lanes[1][r] + lanes[5][r] + (lanes[3][r] + lanes[7][r]);
    by[r] = (float)(even + odd);
  }
  for (size_t j = 0; j < n; j++)
    for (size_t r = 0; r < ROWS; r++) x[j][r] /= by[r];
}

typedef struct functions {
  double (*max)(const void *values, size_t n, double most);
  const gm__map_function *exp;
  double (*sum)(const void *values, size_t n);
  void (*divide)(void *values, size_t n, double sum);
  const void *least; /* a unit of numbers whose exponentials are 0 */
} functions;

#define FOUR(x) (x), (x), (x), (x)
static const float least_float[UNIT] = {FOUR(-INFINITY), FOUR(-INFINITY), FOUR(-INFINITY), FOUR(-INFINITY)};
static const double least_double[UNIT] = {FOUR(-INFINITY), FOUR(-INFINITY), FOUR(-INFINITY), FOUR(-INFINITY)};
static const functions in_float = {
    max_float, &gm__map_real[GM__MAP_exp_below][2], sum_float, divide_float, least_float};
static const functions in_double = {
    max_double, &gm__map_real[GM__MAP_exp_below][3], sum_double, divide_double, least_double};

/* Exponentials of what is left when the maximum is taken off. */
static void exponentials(const functions *f, void *to, const void *from, size_t n, double most) {
  gm__map_apply(f->exp, to, &from, n, &most);
}

static size_t part_of(const row *r, int64_t done) {
  return (size_t)(r->length - done < BLOCK ? r->length - done : BLOCK);
}

static void load(const row *r, int64_t done, size_t n, void *values) {
  char raw[BLOCK * sizeof(double)];
  const char *from = r->from + done * r->stride_in * (int64_t)r->size;
  if (r->stride_in != 1) {
    gm__strided_copy(raw, 1, from, r->stride_in, n, r->size);
    from = raw;
  }
  gm__convert(values, r->wide, from, r->dtype, n);
}

static void store(const row *r, int64_t done, size_t n, const void *values) {
  char raw[BLOCK * sizeof(double)];
  char *to = r->to + done * r->stride_out * (int64_t)r->size;
  gm__convert(r->stride_out == 1 ? to : raw, r->dtype, values, r->wide, n);
  if (r->stride_out != 1) gm__strided_copy(to, r->stride_out, raw, 1, n, r->size);
}

static void run_long_row(const row *r, const functions *f, void *values) {
  double most = -INFINITY, sum = 0;
  for (int64_t done = 0; done < r->length; done += BLOCK) {
    load(r, done, part_of(r, done), values);
    most = f->max(values, part_of(r, done), most);
  }
  for (int64_t done = 0; done < r->length; done += BLOCK) {
    load(r, done, part_of(r, done), values);
    exponentials(f, values, values, part_of(r, done), most);
    sum += f->sum(values, part_of(r, done));
  }
  for (int64_t done = 0; done < r->length; done += BLOCK) {
    load(r, done, part_of(r, done), values);
    exponentials(f, values, values, part_of(r, done), most);
    f->divide(values, part_of(r, done), sum);
    store(r, done, part_of(r, done), values);
  }
}

/* At most UNIT numbers, padded to a whole unit by what adds nothing to the sum. */
static void run_small_row(const row *r, const functions *f) {
  _Alignas(64) double padded[UNIT];
  size_t n = (size_t)r->length;
  double most = f->max(r->from, n, -INFINITY);
  memcpy(padded, f->least, UNIT * r->size);
  memcpy(padded, r->from, n * r->size);
  f->exp->loop(padded, &(const void *){padded}, UNIT, &most);
  f->divide(padded, UNIT, f->sum(padded, UNIT));
  memcpy(r->to, padded, n * r->size);
}

static void run_dense_row(const row *r, const functions *f) {
  double most = f->max(r->from, (size_t)r->length, -INFINITY), sum = 0;
  for (int64_t done = 0; done < r->length; done += BLOCK) {
    int64_t bytes = done * (int64_t)r->size;
    exponentials(f, r->to + bytes, r->from + bytes, part_of(r, done), most);
    sum += f->sum(r->to + bytes, part_of(r, done));
  }
  f->divide(r->to, (size_t)r->length, sum);
}

static void run_row(const row *r, const functions *f) {
  _Alignas(64) double values[BLOCK];
  size_t n = (size_t)r->length;
  if (r->dtype == r->wide && r->stride_in == 1 && r->stride_out == 1) {
    (n <= UNIT ? run_small_row : run_dense_row)(r, f);
    return;
  }
  if (r->length > BLOCK) {
    run_long_row(r, f, values);
    return;
  }
  load(r, 0, n, values);
  exponentials(f, values, values, n, f->max(values, n, -INFINITY));
  f->divide(values, n, f->sum(values, n));
  store(r, 0, n, values);
}

/* At most ROWS rows, `row_in` and `row_out` elements apart. */
static void run_short(
    const gm__normalise *how, const float *from, float *to, size_t rows, int64_t row_in, int64_t row_out) {
  _Alignas(64) float x[SHORT][ROWS];
  size_t n = (size_t)how->length;
  if (rows < ROWS) memset(x, 0, n * sizeof *x);
  for (size_t r = 0; r < rows; r++)
    for (size_t j = 0; j < n; j++) x[j][r] = from[(int64_t)r * row_in + (int64_t)j * how->stride_in];
  short_rows(x, n);
  for (size_t r = 0; r < rows; r++)
    for (size_t j = 0; j < n; j++) to[(int64_t)r * row_out + (int64_t)j * how->stride_out] = x[j][r];
}

static bool is_short(const gm__normalise *how, gm_dtype dtype) {
  int rank = how->outer.rank;
  return dtype == GM_FLOAT32 && how->length <= SHORT && rank > 0 && how->outer.dims[rank - 1] >= FEW;
}

static void run_all_short(const gm__normalise *how, const float *from, float *to) {
  const gm__loops *outer = &how->outer;
  int last = outer->rank - 1;
  int64_t index[GM__LOOPS_RANK], offsets[2], count = outer->dims[last];
  int64_t row_in = gm__loops_stride(outer, 0, last), row_out = gm__loops_stride(outer, 1, last);
  gm__loops_begin(last, 2, index, offsets);
  do
    for (int64_t done = 0; done < count; done += ROWS)
      run_short(how, from + offsets[0] + done * row_in, to + offsets[1] + done * row_out,
          (size_t)(count - done < ROWS ? count - done : ROWS), row_in, row_out);
  while (gm__loops_next(outer, last, 2, index, offsets));
}

static gm_status run(const gm__step *step, const gm__run *run) {
  const gm__normalise *how = step->descriptor;
  gm_dtype dtype = (gm_dtype)step->operands[0].dtype, wide = dtype == GM_FLOAT64 ? dtype : GM_FLOAT32;
  const functions *f = dtype == GM_FLOAT64 ? &in_double : &in_float;
  int64_t index[GM__LOOPS_RANK], offsets[2], size = (int64_t)gm__dtype_bytes(dtype);
  if (!gm__dtype_is_float(dtype))
    GM_FAIL(run->error, GM_BAD_DTYPE,
        "softmax is of floats, but the operand is %s: cast it to float32 or float64", gm_dtype_name(dtype));
  if (gm__loops_empty(&how->outer) || how->length == 0) return GM_OK;
  if (is_short(how, dtype)) {
    run_all_short(how, gm__step_address(step, run, 0), gm__step_address(step, run, 1));
    return GM_OK;
  }
  gm__loops_begin(how->outer.rank, 2, index, offsets);
  do {
    row r = {(const char *)gm__step_address(step, run, 0) + offsets[0] * size,
        (char *)gm__step_address(step, run, 1) + offsets[1] * size, how->length, how->stride_in,
        how->stride_out, dtype, wide, (size_t)size};
    run_row(&r, f);
  } while (gm__loops_next(&how->outer, how->outer.rank, 2, index, offsets));
  return GM_OK;
}

static void text(const gm__step *step, gm__text *text) {
  const gm__normalise *how = step->descriptor;
  gm__text_int(text, gm__loops_count(&how->outer));
  gm__text_add(text, " rows of ");
  gm__text_int(text, how->length);
}

const gm__kernel gm__kernel_softmax = {
    "softmax", run, NULL, text, GM__CUT(gm__normalise, outer, 0, 2, 0.45f)};
