/* SPDX-License-Identifier: MIT
 *
 * The kernels along axes: places of extremes, running sums and products, normalisation; against plain loops,
 * and bit for bit the same however the lines lie in memory and how many there are. */
#include "kernel_step.h"

/* `count` lines of `length` elements: line i begins at i * line, its elements are `step` apart. */
typedef struct lines {
  int64_t count, length, line, step;
} lines;

static lines by_rows(int64_t count, int64_t length) {
  return (lines){count, length, length, 1};
}
static lines by_columns(int64_t count, int64_t length) {
  return (lines){count, length, 1, count};
}

/* The same lines the other way round in memory. */
static void *turned(const void *x, lines l, gm_dtype dtype) {
  char *out = new_buffer(l.count * l.length, dtype);
  for (int64_t i = 0; i < l.count; i++)
    for (int64_t k = 0; k < l.length; k++)
      memcpy(at_element(out, k * l.count + i, dtype), at_element((void *)x, i * l.length + k, dtype),
          gm__dtype_bytes(dtype));
  return out;
}

/* ---- arg ---- */

static void find(gm__reduction which, void *x, gm_dtype dtype, lines l, int64_t *out) {
  int64_t strides[] = {l.line, 1};
  gm__arg how = {{1, &l.count, strides}, l.length, l.step, which};
  gm_dtype dtypes[] = {dtype, GM_INT64};
  ck_assert_int_eq(run_kernel(&gm__kernel_arg, &how, 1, 1, (void *[]){x, out}, dtypes, NULL), GM_OK);
}

static int64_t first_extreme(const char *x, gm_dtype dtype, int64_t length, bool least) {
  int64_t best = 0;
  for (int64_t k = 1; k < length; k++) {
    double a = creal(get_number(x, k, dtype)), b = creal(get_number(x, best, dtype));
    if (isnan(b)) break;
    if (isnan(a) || (least ? a < b : a > b)) best = k;
  }
  return best;
}

START_TEST(places_are_the_first_of_the_extremes) {
  generator g = {11};
  for (gm_dtype dtype = GM_BOOL; dtype <= GM_FLOAT64; dtype++)
    for (int round = 0; round < 24; round++) {
      lines l = by_rows(pick(&g, 80) + 1, pick(&g, 900) + 1);
      gm__reduction which = round % 2 ? GM__MAX : GM__MIN;
      int64_t *rows = new_buffer(l.count, GM_INT64), *columns = new_buffer(l.count, GM_INT64);
      char *x = random_buffer(&g, l.count * l.length, dtype);
      double nan[] = {NAN, 0};
      for (int i = 0; i < 3 && dtype >= GM_FLOAT16 && round % 3 == 0; i++)
        gm__convert(at_element(x, pick(&g, l.count * l.length), dtype), dtype, nan, GM_FLOAT64, 1);
      void *other = turned(x, l, dtype);
      find(which, x, dtype, l, rows);
      find(which, other, dtype, by_columns(l.count, l.length), columns);
      for (int64_t i = 0; i < l.count; i++) {
        int64_t want = first_extreme(at_element(x, i * l.length, dtype), dtype, l.length, which == GM__MIN);
        if (dtype != GM_INT64) ck_assert_int_eq(rows[i], want);
        ck_assert_int_eq(rows[i], columns[i]);
      }
      free(x), free(other), free(rows), free(columns);
    }
}
END_TEST

START_TEST(both_zeros_are_equal_and_infinities_are_found) {
  float x[] = {-0.0f, 0.0f, -0.0f}, y[] = {-INFINITY, -INFINITY, INFINITY, INFINITY};
  int64_t at;
  find(GM__MAX, x, GM_FLOAT32, by_rows(1, 3), &at);
  ck_assert_int_eq(at, 0);
  find(GM__MAX, y, GM_FLOAT32, by_rows(1, 4), &at);
  ck_assert_int_eq(at, 2);
  find(GM__MAX, y, GM_FLOAT32, by_rows(1, 2), &at);
  ck_assert_int_eq(at, 0);
}
END_TEST

/* ---- scan ---- */

static void scan(gm__reduction op, void *x, gm_dtype dtype, lines l, void *out) {
  int64_t strides[] = {l.line, l.line};
  gm__scan how = {{1, &l.count, strides}, l.length, l.step, l.step, op};
  gm_dtype dtypes[] = {dtype, dtype};
  ck_assert_int_eq(run_kernel(&gm__kernel_scan, &how, 1, 1, (void *[]){x, out}, dtypes, NULL), GM_OK);
}

START_TEST(scans_go_one_after_the_other) {
  generator g = {12};
  for (gm_dtype dtype = GM_INT8; dtype <= GM_COMPLEX128; dtype++)
    for (int round = 0; round < 12; round++) {
      lines l = by_rows(pick(&g, 90) + 1, pick(&g, 1300) + 1);
      gm__reduction op = round % 2 ? GM__SUM : GM__PROD;
      void *x = random_buffer(&g, l.count * l.length, dtype), *out = new_buffer(l.count * l.length, dtype);
      void *other = turned(x, l, dtype), *across = new_buffer(l.count * l.length, dtype);
      scan(op, x, dtype, l, out);
      scan(op, other, dtype, by_columns(l.count, l.length), across);
      void *back = turned(out, l, dtype);
      ck_assert_mem_eq(back, across, (size_t)(l.count * l.length) * gm__dtype_bytes(dtype));
      scan(op, x, dtype, l, x);
      ck_assert_mem_eq(x, out, (size_t)(l.count * l.length) * gm__dtype_bytes(dtype));
      free(x), free(out), free(other), free(across), free(back);
    }
}
END_TEST

START_TEST(scans_have_the_values_of_plain_loops) {
  int32_t x[1500], sums[1500], total = 0;
  float y[700], products[700], product = 1;
  for (int i = 0; i < 1500; i++) x[i] = i * 1000003;
  for (int i = 0; i < 700; i++) y[i] = i % 2 ? 0.5f : 2.25f;
  scan(GM__SUM, x, GM_INT32, by_rows(1, 1500), sums);
  scan(GM__PROD, y, GM_FLOAT32, by_rows(1, 700), products);
  for (int i = 0; i < 1500; i++) {
    total = (int32_t)((uint32_t)total + (uint32_t)x[i]);
    ck_assert_int_eq(sums[i], total);
  }
  for (int i = 0; i < 700; i++) {
    product *= y[i];
    ck_assert(products[i] == product);
  }
}
END_TEST

START_TEST(half_sums_run_in_float32) {
  uint16_t x[4096], out[4096];
  for (int i = 0; i < 4096; i++) x[i] = gm__float_to_half(1);
  scan(GM__SUM, x, GM_FLOAT16, by_rows(1, 4096), out);
  ck_assert(gm__half_to_float(out[4095]) == 4096);
}
END_TEST

/* ---- standardise ---- */

typedef struct weights {
  void *gamma, *beta;
} weights;

static void standardise(gm__reduction statistic, void *x, gm_dtype dtype, lines l, weights w, void *out) {
  int64_t outer[] = {l.line, l.line}, inner[] = {l.step, l.step, 1, 1};
  gm__standardise how = {{1, &l.count, outer}, {1, &l.length, inner}, l.length, statistic, 0.001,
      w.gamma != NULL, w.beta != NULL};
  void *buffers[4] = {x};
  int reads = 1;
  gm_dtype dtypes[] = {dtype, dtype, dtype, dtype};
  if (w.gamma) buffers[reads++] = w.gamma;
  if (w.beta) buffers[reads++] = w.beta;
  buffers[reads] = out;
  ck_assert_int_eq(run_kernel(&gm__kernel_standardise, &how, reads, 1, buffers, dtypes, NULL), GM_OK);
}

static void ck_group(
    gm__reduction statistic, const void *x, gm_dtype dtype, int64_t n, weights w, const void *out) {
  double mean = 0, squares = 0, spread = 0, unit = unit_of(dtype);
  for (int64_t k = 0; k < n; k++) mean += creal(get_number(x, k, dtype)) / (double)n;
  for (int64_t k = 0; k < n; k++) {
    double value = creal(get_number(x, k, dtype));
    squares += value * value, spread += (value - mean) * (value - mean);
  }
  double by = statistic == GM__VAR           ? sqrt(spread / (double)n + 0.001)
              : statistic == GM__MEAN_SQUARE ? sqrt(squares / (double)n + 0.001)
                                             : sqrt(fmax(squares, 0.001));
  for (int64_t k = 0; k < n; k++) {
    double gamma = w.gamma ? creal(get_number(w.gamma, k, dtype)) : 1;
    double beta = w.beta ? creal(get_number(w.beta, k, dtype)) : 0;
    double want = (creal(get_number(x, k, dtype)) - (statistic == GM__VAR ? mean : 0)) / by * gamma + beta;
    double room = unit * (2 * fabs(want) + 2 * fabs(beta)) + 64 * unit / by * (1 + 1 / by) + tiny_of(dtype);
    ck_assert_double_eq_tol(creal(get_number(out, k, dtype)), want, room);
  }
}

START_TEST(groups_are_normalised) {
  generator g = {13};
  static const gm__reduction statistics[] = {GM__VAR, GM__MEAN_SQUARE, GM__SUM_SQUARE};
  for (gm_dtype dtype = GM_FLOAT16; dtype <= GM_FLOAT64; dtype++)
    for (int round = 0; round < 36; round++) {
      gm__reduction statistic = statistics[round % 3];
      lines l = by_rows(pick(&g, 150) + 1, pick(&g, round % 2 ? 40 : 1200) + 1);
      int64_t total = l.count * l.length;
      weights w = {round % 4 < 2 ? random_buffer(&g, l.length, dtype) : NULL,
          round % 4 == 1 ? random_buffer(&g, l.length, dtype) : NULL};
      char *x = random_buffer(&g, total, dtype), *out = new_buffer(total, dtype),
           *across = new_buffer(total, dtype);
      void *other = turned(x, l, dtype);
      standardise(statistic, x, dtype, l, w, out);
      standardise(statistic, other, dtype, by_columns(l.count, l.length), w, across);
      void *back = turned(out, l, dtype);
      ck_assert_mem_eq(back, across, (size_t)total * gm__dtype_bytes(dtype));
      for (int64_t i = 0; i < l.count; i += 1 + i / 4)
        ck_group(statistic, at_element(x, i * l.length, dtype), dtype, l.length, w,
            at_element(out, i * l.length, dtype));
      lines one = by_rows(1, l.length);
      standardise(statistic, x, dtype, one, w, across);
      ck_assert_mem_eq(across, out, (size_t)l.length * gm__dtype_bytes(dtype));
      standardise(statistic, x, dtype, l, w, x);
      ck_assert_mem_eq(x, out, (size_t)total * gm__dtype_bytes(dtype));
      free(w.gamma), free(w.beta), free(x), free(out), free(across), free(other), free(back);
    }
}
END_TEST

START_TEST(texts_tell_what_is_done) {
  char buffer[64];
  gm__arg arg = {.length = 5, .which = GM__MIN};
  gm__scan sums = {.length = 7, .how = GM__SUM};
  int64_t three = 3, strides[] = {1, 1};
  gm__standardise layer = {.outer = {1, &three, strides}, .inner_count = 9};
  ck_assert_str_eq(kernel_text(&gm__kernel_arg, &arg, buffer, sizeof buffer), "argmin over 5");
  ck_assert_str_eq(kernel_text(&gm__kernel_scan, &sums, buffer, sizeof buffer), "sums along 7");
  ck_assert_str_eq(kernel_text(&gm__kernel_standardise, &layer, buffer, sizeof buffer), "3 groups of 9");
}
END_TEST

SUITE(along) {
  CASE(places_are_the_first_of_the_extremes);
  CASE(both_zeros_are_equal_and_infinities_are_found);
  CASE(scans_go_one_after_the_other);
  CASE(scans_have_the_values_of_plain_loops);
  CASE(half_sums_run_in_float32);
  CASE(groups_are_normalised);
  CASE(texts_tell_what_is_done);
}
