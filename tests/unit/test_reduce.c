/* SPDX-License-Identifier: MIT
 *
 * Reductions against plain loops, and the promise that the order of additions depends on the inner length
 * only. */
#include "kernel_step.h"

/* The first `outer` axes stay, the others are reduced. */
typedef struct reduce_case {
  int rank, outer;
  int64_t dims[8], outer_strides[16], inner_strides[8];
  layout in, out;
  gm_dtype dtype;
  void *memory, *result;
} reduce_case;

static void begin_case(generator *g, reduce_case *c, gm_dtype dtype) {
  c->rank = (int)pick(g, 5);
  c->outer = (int)pick(g, c->rank + 1);
  for (int i = 0; i < c->rank; i++) c->dims[i] = pick(g, 20) == 0 ? 0 : pick(g, 6) + 1;
  if (c->rank > 0 && pick(g, 2) == 0) c->dims[pick(g, c->rank)] = pick(g, c->rank < 3 ? 1200 : 90) + 1;
  c->dtype = dtype;
  c->in = make_layout(g, c->rank, c->dims, (int)pick(g, LAYOUTS));
  c->out = make_layout(g, c->outer, c->dims, (int)pick(g, BROADCAST));
  c->memory = random_buffer(g, c->in.extent, dtype);
  c->result = new_buffer(c->out.extent, dtype);
  for (int i = 0; i < c->outer; i++) c->outer_strides[i] = c->in.strides[i];
  for (int i = 0; i < c->outer; i++) c->outer_strides[c->outer + i] = c->out.strides[i];
  for (int i = c->outer; i < c->rank; i++) c->inner_strides[i - c->outer] = c->in.strides[i];
}

static int64_t inner_count(const reduce_case *c) {
  return count_of(c->rank - c->outer, c->dims + c->outer);
}

static gm_status run_case(const reduce_case *c, gm__reduction op) {
  gm__reduce how = {op, {c->outer, c->dims, c->outer_strides},
      {c->rank - c->outer, c->dims + c->outer, c->inner_strides}, inner_count(c), NULL, NULL};
  void *buffers[] = {
      at_element(c->memory, c->in.origin, c->dtype), at_element(c->result, c->out.origin, c->dtype)};
  gm_dtype dtypes[] = {c->dtype, c->dtype};
  return run_kernel(&gm__kernel_reduce, &how, 1, 1, buffers, dtypes, NULL);
}

static void end_case(reduce_case *c) {
  free(c->memory);
  free(c->result);
}

static double _Complex number(const reduce_case *c, int64_t outer, int64_t inner) {
  int64_t at = element_of(&c->in, c->rank, c->dims, outer * inner_count(c) + inner);
  return get_number(c->memory, at, c->dtype);
}

/* Sums, means, products of floats and complex numbers. */
static void check_sum(const reduce_case *c, gm__reduction op, int64_t outer, double _Complex got) {
  long double _Complex sum = op == GM__PROD;
  double size = 0, n = (double)inner_count(c), in = unit_of(c->dtype >= GM_FLOAT64 ? c->dtype : GM_FLOAT32);
  for (int64_t i = 0; i < inner_count(c); i++) {
    sum = op == GM__PROD ? sum * number(c, outer, i) : sum + number(c, outer, i);
    size += op == GM__PROD ? 0 : cabs(number(c, outer, i));
  }
  double _Complex want = (double _Complex)sum;
  if (op == GM__PROD) size = 4 * n * cabs(want);
  if (op == GM__MEAN) want /= n, size /= n;
  double levels = 16 + 3 * log2(n + 1);
  double bound = 2 * levels * in * size + 2 * unit_of(c->dtype) * cabs(want) + n * tiny_of(c->dtype);
  if (n == 0 && op == GM__MEAN ? !isnan(creal(got)) : !(cabs(got - want) <= bound))
    ck_abort_msg("%s over %d: %g, not %g", gm_dtype_name(c->dtype), (int)n, creal(got), creal(want));
}

static void check_greatest(const reduce_case *c, gm__reduction op, int64_t outer, double got) {
  double sign = op == GM__MAX ? 1 : -1, want = -INFINITY;
  for (int64_t i = 0; i < inner_count(c); i++) want = fmax(want, sign * creal(number(c, outer, i)));
  ck_assert(got == sign * want);
}

START_TEST(floats_agree_with_the_formula) {
  generator g = {1};
  for (gm_dtype dtype = GM_FLOAT16; dtype <= GM_COMPLEX128; dtype++)
    for (gm__reduction op = GM__SUM; op <= (dtype <= GM_FLOAT64 ? GM__MIN : GM__PROD); op++)
      for (int round = 0; round < 40; round++) {
        reduce_case c;
        begin_case(&g, &c, dtype);
        ck_assert_int_eq(run_case(&c, op), GM_OK);
        for (int64_t i = 0; i < count_of(c.outer, c.dims); i += 1 + i / 50) {
          double _Complex got = get_number(c.result, element_of(&c.out, c.outer, c.dims, i), dtype);
          if (op <= GM__PROD)
            check_sum(&c, op, i, got);
          else
            check_greatest(&c, op, i, creal(got));
        }
        end_case(&c);
      }
}
END_TEST

static int64_t least_of(gm_dtype dtype, bool least) {
  double far = least ? -1e300 : 1e300;
  char element[8];
  gm__convert(element, dtype, &far, GM_FLOAT64, 1);
  return get_integer(element, 0, dtype);
}

static int64_t integer_oracle(const reduce_case *c, gm__reduction op, int64_t outer) {
  uint64_t value = op == GM__PROD;
  __extension__ __int128 total = 0;
  int64_t best = least_of(c->dtype, op == GM__MAX), n = inner_count(c);
  for (int64_t i = 0; i < n; i++) {
    int64_t x = get_integer(c->memory, element_of(&c->in, c->rank, c->dims, outer * n + i), c->dtype);
    value = op == GM__PROD ? value * (uint64_t)x : value + (uint64_t)x;
    total += x;
    best = (op == GM__MAX ? x > best : x < best) ? x : best;
  }
  if (op == GM__MEAN) return n == 0 ? 0 : (int64_t)(total / n);
  if (op >= GM__MAX) return best;
  char narrow[8];
  gm__convert(narrow, c->dtype, &value, GM_INT64, 1);
  return get_integer(narrow, 0, c->dtype);
}

START_TEST(integers_are_exact) {
  generator g = {2};
  for (gm_dtype dtype = GM_INT8; dtype <= GM_INT64; dtype++)
    for (gm__reduction op = GM__SUM; op <= GM__MIN; op++)
      for (int round = 0; round < 40; round++) {
        reduce_case c;
        begin_case(&g, &c, dtype);
        ck_assert_int_eq(run_case(&c, op), GM_OK);
        for (int64_t i = 0; i < count_of(c.outer, c.dims); i += 1 + i / 50)
          if (get_integer(c.result, element_of(&c.out, c.outer, c.dims, i), dtype) !=
              integer_oracle(&c, op, i))
            ck_abort_msg(
                "reduction %d of %s over %d is wrong", op, gm_dtype_name(dtype), (int)inner_count(&c));
        end_case(&c);
      }
}
END_TEST

START_TEST(any_and_all_test_for_zero) {
  generator g = {3};
  for (int round = 0; round < 200; round++) {
    float x[600];
    bool out[2];
    int64_t n = pick(&g, 599) + 1, strides[] = {1}, none[1];
    void *buffers[] = {x, out};
    gm_dtype dtypes[] = {GM_FLOAT32, GM_BOOL};
    for (int64_t i = 0; i < n; i++) x[i] = (float)(round & 1);
    if (pick(&g, 2) == 0) x[pick(&g, n)] = round & 1 ? 0 : NAN;
    bool any = false, all = true;
    for (int64_t i = 0; i < n; i++) any |= x[i] != 0, all &= x[i] != 0;
    gm__reduce how = {GM__ANY, {0, none, none}, {1, &n, strides}, n, NULL, NULL};
    ck_assert_int_eq(run_kernel(&gm__kernel_reduce, &how, 1, 1, buffers, dtypes, NULL), GM_OK);
    ck_assert_int_eq(out[0], any);
    how.op = GM__ALL;
    ck_assert_int_eq(run_kernel(&gm__kernel_reduce, &how, 1, 1, buffers, dtypes, NULL), GM_OK);
    ck_assert_int_eq(out[0], all);
  }
}
END_TEST

/* One column of a matrix summed alone, or with all the others beside it, in either order of memory. */
static void sum_columns(gm_dtype dtype, gm__reduction op, const void *matrix, void *out, int64_t columns,
    int64_t rows, int64_t column, int64_t row) {
  int64_t outer[] = {column, 1}, inner[] = {row};
  gm__reduce how = {op, {1, &columns, outer}, {1, &rows, inner}, rows, NULL, NULL};
  void *buffers[] = {(void *)matrix, out};
  gm_dtype dtypes[] = {dtype, dtype};
  ck_assert_int_eq(run_kernel(&gm__kernel_reduce, &how, 1, 1, buffers, dtypes, NULL), GM_OK);
}

START_TEST(bits_depend_on_the_inner_length_only) {
  generator g = {4};
  static const gm__reduction ops[] = {GM__SUM, GM__MEAN, GM__PROD, GM__MAX, GM__LOGSUMEXP, GM__VAR, GM__STD};
  for (gm_dtype dtype = GM_FLOAT16; dtype <= GM_FLOAT64; dtype++)
    for (int round = 0; round < 28; round++) {
      gm__reduction op = ops[round % 7];
      int64_t rows = pick(&g, 1500) + 1, columns = pick(&g, 300) + 1;
      size_t size = gm__dtype_bytes(dtype);
      char *by_rows = random_buffer(&g, rows * columns, dtype),
           *by_columns = new_buffer(rows * columns, dtype);
      char *across = new_buffer(columns, dtype), *along = new_buffer(columns, dtype), one[16];
      for (int64_t i = 0; i < rows * columns; i++)
        memcpy(
            by_columns + (size_t)(i % columns * rows + i / columns) * size, by_rows + (size_t)i * size, size);
      sum_columns(dtype, op, by_rows, across, columns, rows, 1, columns);
      sum_columns(dtype, op, by_columns, along, columns, rows, rows, 1);
      ck_assert(memcmp(across, along, (size_t)columns * size) == 0);
      int64_t column = pick(&g, columns);
      sum_columns(dtype, op, by_rows + (size_t)column * size, one, 1, rows, 1, columns);
      ck_assert(memcmp(one, along + (size_t)column * size, size) == 0);
      free(by_rows), free(by_columns), free(across), free(along);
    }
}
END_TEST

/* The same elements as one axis and as two, of which the inner one is no multiple of the lanes. */
START_TEST(bits_do_not_depend_on_how_axes_are_split) {
  generator g = {5};
  for (int64_t inner = 1; inner < 40; inner++) {
    int64_t outer = 300, count = inner * outer, split[] = {outer, inner}, strides[] = {inner, 1}, one[] = {1},
            none[1];
    float *x = random_buffer(&g, count, GM_FLOAT32), whole, parts;
    gm_dtype dtypes[] = {GM_FLOAT32, GM_FLOAT32};
    gm__reduce how = {GM__SUM, {0, none, none}, {1, &count, one}, count, NULL, NULL};
    ck_assert_int_eq(run_kernel(&gm__kernel_reduce, &how, 1, 1, (void *[]){x, &whole}, dtypes, NULL), GM_OK);
    how.inner = (gm__loops){2, split, strides};
    ck_assert_int_eq(run_kernel(&gm__kernel_reduce, &how, 1, 1, (void *[]){x, &parts}, dtypes, NULL), GM_OK);
    ck_assert(memcmp(&whole, &parts, sizeof whole) == 0);
    free(x);
  }
}
END_TEST

START_TEST(float32_sums_stay_accurate) {
  int64_t n = 1 << 22, one[] = {1}, none[1];
  float *x = malloc((size_t)n * sizeof *x), sum;
  gm_dtype dtypes[] = {GM_FLOAT32, GM_FLOAT32};
  for (int64_t i = 0; i < n; i++) x[i] = 0.1f;
  gm__reduce how = {GM__SUM, {0, none, none}, {1, &n, one}, n, NULL, NULL};
  ck_assert_int_eq(run_kernel(&gm__kernel_reduce, &how, 1, 1, (void *[]){x, &sum}, dtypes, NULL), GM_OK);
  ck_assert(fabs(sum - (double)n * (double)0.1f) <= 1e-6 * sum);
  free(x);
}
END_TEST

START_TEST(the_mean_of_integers_truncates_and_does_not_wrap) {
  int64_t n = 3, one[] = {1}, none[1];
  int64_t x[] = {INT64_MAX, INT64_MAX, INT64_MAX - 2}, out;
  int8_t y[] = {-128, -128, -127}, narrow;
  gm__reduce how = {GM__MEAN, {0, none, none}, {1, &n, one}, n, NULL, NULL};
  gm_dtype wide[] = {GM_INT64, GM_INT64}, bytes[] = {GM_INT8, GM_INT8};
  ck_assert_int_eq(run_kernel(&gm__kernel_reduce, &how, 1, 1, (void *[]){x, &out}, wide, NULL), GM_OK);
  ck_assert(out == INT64_MAX - 1);
  ck_assert_int_eq(run_kernel(&gm__kernel_reduce, &how, 1, 1, (void *[]){y, &narrow}, bytes, NULL), GM_OK);
  ck_assert_int_eq(narrow, -127);
}
END_TEST

START_TEST(max_and_min_propagate_nan) {
  for (int64_t at = 0; at < 300; at += 37) {
    float x[300] = {0}, out;
    int64_t n = 300, one[] = {1}, none[1];
    gm_dtype dtypes[] = {GM_FLOAT32, GM_FLOAT32};
    x[at] = NAN;
    for (gm__reduction op = GM__MAX; op <= GM__MIN; op++) {
      gm__reduce how = {op, {0, none, none}, {1, &n, one}, n, NULL, NULL};
      ck_assert_int_eq(run_kernel(&gm__kernel_reduce, &how, 1, 1, (void *[]){x, &out}, dtypes, NULL), GM_OK);
      ck_assert_float_nan(out);
    }
  }
}
END_TEST

/* One row of float32. */
static float reduced(gm__reduction op, const float *x, int64_t n) {
  int64_t one[] = {1}, none[1];
  float out;
  gm_dtype dtypes[] = {GM_FLOAT32, GM_FLOAT32};
  gm__reduce how = {op, {0, none, none}, {1, &n, one}, n, NULL, NULL};
  ck_assert_int_eq(
      run_kernel(&gm__kernel_reduce, &how, 1, 1, (void *[]){(void *)x, &out}, dtypes, NULL), GM_OK);
  return out;
}

START_TEST(the_variance_far_from_zero_keeps_its_digits) {
  float x[1000];
  for (int i = 0; i < 1000; i++) x[i] = 1e4f + (float)(i % 2);
  ck_assert_float_eq_tol(reduced(GM__VAR, x, 1000), 0.25f, 1e-6f);
  ck_assert_float_eq_tol(reduced(GM__STD, x, 1000), 0.5f, 1e-6f);
  ck_assert_float_eq(reduced(GM__VAR, x, 1), 0);
  ck_assert_float_nan(reduced(GM__VAR, x, 0));
  x[7] = INFINITY;
  ck_assert_float_nan(reduced(GM__VAR, x, 1000));
}
END_TEST

START_TEST(logsumexp_neither_overflows_nor_invents) {
  float far[] = {1000, 1000}, low[] = {-INFINITY, -INFINITY}, high[] = {INFINITY, -INFINITY, 1};
  float nan[] = {1, NAN, INFINITY};
  ck_assert_float_eq_tol(reduced(GM__LOGSUMEXP, far, 2), 1000.6931f, 1e-4f);
  ck_assert_float_eq(reduced(GM__LOGSUMEXP, low, 2), -INFINITY);
  ck_assert_float_eq(reduced(GM__LOGSUMEXP, high, 3), INFINITY);
  ck_assert_float_eq(reduced(GM__LOGSUMEXP, far, 0), -INFINITY);
  ck_assert_float_nan(reduced(GM__LOGSUMEXP, nan, 3));
}
END_TEST

START_TEST(complex_numbers_have_no_greatest) {
  gm_error error;
  int64_t n = 1, one[] = {1}, none[1];
  double x[4] = {0};
  gm_dtype dtypes[] = {GM_COMPLEX128, GM_COMPLEX128};
  gm__reduce how = {GM__MAX, {0, none, none}, {1, &n, one}, n, NULL, NULL};
  ck_assert_int_eq(
      run_kernel(&gm__kernel_reduce, &how, 1, 1, (void *[]){x, x + 2}, dtypes, &error), GM_BAD_DTYPE);
}
END_TEST

START_TEST(the_text_names_the_reduction) {
  char buffer[64];
  gm__reduce how = {.op = GM__MEAN, .inner_count = 28};
  ck_assert_str_eq(kernel_text(&gm__kernel_reduce, &how, buffer, sizeof buffer), "mean over 28");
}
END_TEST

SUITE(reduce) {
  CASE(floats_agree_with_the_formula);
  CASE(integers_are_exact);
  CASE(any_and_all_test_for_zero);
  CASE(bits_depend_on_the_inner_length_only);
  CASE(bits_do_not_depend_on_how_axes_are_split);
  CASE(float32_sums_stay_accurate);
  CASE(the_mean_of_integers_truncates_and_does_not_wrap);
  CASE(max_and_min_propagate_nan);
  CASE(the_variance_far_from_zero_keeps_its_digits);
  CASE(logsumexp_neither_overflows_nor_invents);
  CASE(complex_numbers_have_no_greatest);
  CASE(the_text_names_the_reduction);
}
