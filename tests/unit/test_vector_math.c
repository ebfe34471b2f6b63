/* SPDX-License-Identifier: MIT
 *
 * The functions of vector_math.h against long double: the errors that its head promises, over arguments of
 * all magnitudes, around the thresholds, and the special values; and the same bits in the loops as alone. */
#include "kernel/step.h"
#include "kernel/vector_math.h"
#include "support/suite.h"

#include <stdlib.h>

typedef long double wide;

static wide softplus(wide x) {
  return (x > 0 ? x : 0) + log1pl(expl(-fabsl(x)));
}

static wide sigmoid(wide x) {
  return x < 0 ? expl(x) / (1 + expl(x)) : 1 / (1 + expl(-x));
}

typedef struct function {
  const char *name;
  float (*narrow)(float x);
  double (*broad)(double x);
  wide (*exact)(wide x);
  double narrow_units, broad_units;
  bool positive;
} function;

#define CALLS(name)                                                                                          \
  static float narrow_##name(float x) {                                                                      \
    return gm__##name##_f32(x);                                                                              \
  }                                                                                                          \
  static double broad_##name(double x) {                                                                     \
    return gm__##name##_f64(x);                                                                              \
  }
CALLS(exp)
CALLS(expm1)
CALLS(tanh)
CALLS(sigmoid)
CALLS(log)
CALLS(log1p)
CALLS(softplus)
CALLS(erf)

static const function functions[] = {
    {"exp", narrow_exp, broad_exp, expl, 1.0, 1.0, false},
    {"expm1", narrow_expm1, broad_expm1, expm1l, 1.6, 2.0, false},
    {"tanh", narrow_tanh, broad_tanh, tanhl, 1.4, 1.4, false},
    {"sigmoid", narrow_sigmoid, broad_sigmoid, sigmoid, 2.4, 2.4, false},
    {"log", narrow_log, broad_log, logl, 0.9, 0.9, false},
    {"log1p", narrow_log1p, broad_log1p, log1pl, 1.3, 1.3, true},
    {"softplus", narrow_softplus, broad_softplus, softplus, 2.0, 2.0, false},
    {"erf", narrow_erf, broad_erf, erfl, 1.3, 1.3, false},
};
enum { FUNCTIONS = sizeof functions / sizeof functions[0] };

/* The distance in units of the last of `digits` binary places of the exact value, none below 2^least. */
static double distance(double got, wide exact, double rounded, int digits, int least) {
  int exponent;
  if (isnan(got) || isnan(exact)) return isnan(got) && isnan(exact) ? 0 : INFINITY;
  if (isinf(got) || isinf(rounded)) return got == rounded ? 0 : INFINITY;
  frexpl(exact, &exponent);
  wide unit = ldexpl(1, exponent - digits < least ? least : exponent - digits);
  return (double)(fabsl((wide)got - exact) / unit);
}

static void check_narrow(const function *f, float x) {
  wide exact = f->exact((wide)x);
  double off = distance((double)f->narrow(x), exact, (double)(float)exact, 24, -149);
  if (off > f->narrow_units)
    ck_abort_msg("%s(%a) is %a, %g units off", f->name, (double)x, (double)f->narrow(x), off);
}

static void check_broad(const function *f, double x) {
  wide exact = f->exact((wide)x);
  double off = distance(f->broad(x), exact, (double)exact, 53, -1074);
  if (off > f->broad_units) ck_abort_msg("%s(%a) is %a, %g units off", f->name, x, f->broad(x), off);
}

START_TEST(float_errors_are_as_documented) {
  for (int f = 0; f < FUNCTIONS; f++)
    for (uint64_t bits = 0; bits <= UINT32_MAX; bits += 40009) {
      float x = gm__from_bits_f32((uint32_t)bits);
      check_narrow(&functions[f], functions[f].positive ? fabsf(x) : x);
    }
}
END_TEST

static uint64_t next_bits(uint64_t *state) {
  *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return *state ^ *state >> 29;
}

START_TEST(double_errors_are_as_documented) {
  uint64_t state = 1;
  for (int f = 0; f < FUNCTIONS; f++)
    for (int i = 0; i < 60000; i++) {
      uint64_t bits = next_bits(&state);
      double near = ldexp((double)(int64_t)bits, -63 + (int)(bits % 30) - 18);
      double x = i % 2 ? gm__from_bits_f64(bits) : near;
      check_broad(&functions[f], functions[f].positive ? fabs(x) : x);
    }
}
END_TEST

START_TEST(thresholds_and_special_values_too) {
  static const double at[] = {0, 0x1p-149, 0x1p-126, 0x1p-1074, 0x1p-1022, 1e-30, 0.625, 0.927734375, 1, 4,
      17.3, 20, 30, 60, 87.3365478515625, 88.72283935546875, 89, 103.97208404541015625, 104,
      708.39641853226408, 709.78271289338397, 710, 745.13321910194122, 746, 1e30, 1e300, INFINITY, NAN};
  for (int f = 0; f < FUNCTIONS; f++)
    for (size_t i = 0; i < sizeof at / sizeof *at; i++)
      for (int step = -2; step <= 2; step++) {
        float narrow = (float)at[i];
        double broad = at[i];
        for (int k = 0; k < abs(step); k++) narrow = nextafterf(narrow, step < 0 ? 0 : INFINITY);
        for (int k = 0; k < abs(step); k++) broad = nextafter(broad, step < 0 ? 0 : INFINITY);
        check_narrow(&functions[f], narrow);
        check_broad(&functions[f], broad);
        if (functions[f].positive) continue;
        check_narrow(&functions[f], -narrow);
        check_broad(&functions[f], -broad);
      }
}
END_TEST

START_TEST(odd_functions_keep_the_sign_of_zero) {
  static const char *const odd[] = {"expm1", "tanh", "erf"};
  for (int f = 0; f < FUNCTIONS; f++)
    for (int i = 0; i < 3; i++) {
      if (strcmp(functions[f].name, odd[i]) != 0) continue;
      ck_assert_msg(signbit(functions[f].narrow(-0.0f)) && !signbit(functions[f].narrow(0.0f)), "%s", odd[i]);
      ck_assert_msg(signbit(functions[f].broad(-0.0)) && !signbit(functions[f].broad(0.0)), "%s", odd[i]);
    }
}
END_TEST

/* Vectors, their remainders and single elements. */
START_TEST(loops_give_the_same_bits_wherever_an_element_stands) {
  static const char *const rows[] = {"exp", "tanh", "sigmoid", "log", "softplus", "erf", "gelu"};
  float x[67], together[67];
  uint64_t state = 7;
  for (int r = 0; r < 7; r++)
    for (int round = 0; round < 200; round++) {
      const gm__map_function *loop = gm__map_find(rows[r], GM_FLOAT32, NULL);
      const void *args[3] = {x, NULL, NULL};
      for (int i = 0; i < 67; i++) {
        uint64_t bits = next_bits(&state);
        x[i] = bits % 8 ? (float)((int64_t)bits >> 40) * 0x1p-18f : gm__from_bits_f32((uint32_t)(bits >> 13));
      }
      gm__map_apply(loop, together, args, 67, NULL);
      for (int i = 0; i < 67; i++) {
        float alone;
        const void *one[3] = {&x[i], NULL, NULL};
        gm__map_apply(loop, &alone, one, 1, NULL);
        bool same = gm__bits_f32(alone) == gm__bits_f32(together[i]) || (isnan(alone) && isnan(together[i]));
        ck_assert_msg(same, "%s(%a)", rows[r], (double)x[i]);
      }
    }
}
END_TEST

SUITE(vector_math) {
  CASE(float_errors_are_as_documented);
  CASE(double_errors_are_as_documented);
  CASE(thresholds_and_special_values_too);
  CASE(odd_functions_keep_the_sign_of_zero);
  CASE(loops_give_the_same_bits_wherever_an_element_stands);
}
