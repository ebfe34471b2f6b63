/* SPDX-License-Identifier: MIT
 *
 * The oracle's functions of one operand, each from its formula in double and in int64. */
#include "support/oracle_elementwise.h"

#include <math.h>
#include <stdio.h>

/* ---- Arithmetic ---- */

static cell absolute(cell x, const ramp *unused) {
  (void)unused;
  return (cell){.re = cell_size(x), .whole = x.whole < 0 ? -x.whole : x.whole};
}

static cell signum(cell x, const ramp *unused) {
  (void)unused;
  return (cell){.re = (x.re > 0) - (x.re < 0), .whole = (x.whole > 0) - (x.whole < 0)};
}

static cell squared(cell x, const ramp *unused) {
  (void)unused;
  return cell_multiply(x, x);
}

static cell rounded(cell x, const ramp *unused) {
  (void)unused;
  return (cell){.re = nearbyint(x.re), .whole = x.whole};
}

static cell clipped(cell x, const ramp *bounds) {
  double value = fmax(fmin(x.re, bounds->most), bounds->threshold);
  double whole = fmax(fmin((double)x.whole, bounds->most), bounds->threshold);
  return (cell){.re = value, .whole = (int64_t)whole};
}

static cell cubed(cell x, const ramp *unused) {
  (void)unused;
  return cell_multiply(x, cell_multiply(x, x));
}

static cell same_value(cell x, const ramp *unused) {
  (void)unused;
  return x;
}

void make_abs(draw *from, gm_dtype dtype, sample *made) {
  each(from, dtype, made, absolute, NULL, 0);
}
void make_sign(draw *from, gm_dtype dtype, sample *made) {
  each(from, dtype, made, signum, NULL, 0);
}
void make_square(draw *from, gm_dtype dtype, sample *made) {
  each(from, dtype, made, squared, NULL, dtype_is_complex(dtype) ? 8 : 2);
}
void make_round(draw *from, gm_dtype dtype, sample *made) {
  each(from, dtype, made, rounded, NULL, 0);
}
void make_identity(draw *from, gm_dtype dtype, sample *made) {
  each(from, dtype, made, same_value, NULL, 0);
}

void make_clip(draw *from, gm_dtype dtype, sample *made) {
  static const ramp bounds[] = {{0, INFINITY, 1}, {0, 1, -INFINITY}, {0, 2, 1}, {0, INFINITY, -INFINITY}};
  static const char *const texts[] = {
      "{min_value: 1}", "{max_value: 1, min_value: null}", "{min_value: 1, max_value: 2}", ""};
  int which = (int)draw_below(from, 4);
  snprintf(made->attributes, sizeof made->attributes, "%s", texts[which]);
  each(from, dtype, made, clipped, &bounds[which], 0);
}

void make_pow(draw *from, gm_dtype dtype, sample *made) {
  bool cube = draw_below(from, 2) == 0;
  snprintf(made->attributes, sizeof made->attributes, "{a: %d}", cube ? 3 : 2);
  each(from, dtype, made, cube ? cubed : squared, NULL, 8);
}

/* ---- Functions ---- */

#define FUNCTION(name, value)                                                                                \
  static cell of_##name(cell x, const ramp *unused) {                                                        \
    (void)unused;                                                                                            \
    return (cell){.re = value};                                                                              \
  }                                                                                                          \
  void make_##name(draw *from, gm_dtype dtype, sample *made) {                                               \
    each(from, dtype, made, of_##name, NULL, 8);                                                             \
  }

FUNCTION(log, log(x.re))
FUNCTION(sqrt, sqrt(fmax(x.re, 0)))
FUNCTION(sin, sin(x.re))
FUNCTION(cos, cos(x.re))
FUNCTION(erf, erf(x.re))
FUNCTION(softplus, log1p(exp(x.re)))
FUNCTION(softsign, x.re / (1 + fabs(x.re)))

static cell broken_line(cell x, const ramp *unused) {
  (void)unused;
  return (cell){.re = fmax(0, fmin(1, 0.2 * x.re + 0.5))};
}

static cell bent_exponential(cell x, const ramp *shape) {
  return (cell){.re = x.re > 0 ? x.re : shape->slope * expm1(x.re)};
}

static cell gaussian(cell x, const ramp *unused) {
  (void)unused;
  return (cell){.re = 0.5 * x.re * (1 + erf(x.re * sqrt(0.5)))};
}

static cell gaussian_by_tanh(cell x, const ramp *unused) {
  (void)unused;
  double argument = sqrt(2 / acos(-1)) * (x.re + 0.044715 * x.re * x.re * x.re);
  return (cell){.re = 0.5 * x.re * (1 + tanh(argument))};
}

/** Where the result comes from a sum with numbers near `size`. */
static void widen(sample *made, double units, double size) {
  for (int64_t i = 0; i < made->want.count; i++)
    made->bound[i] += units * dtype_unit(made->want.dtype) * size;
}

void make_hard_sigmoid(draw *from, gm_dtype dtype, sample *made) {
  each(from, dtype, made, broken_line, NULL, 4);
  widen(made, 4, 0.5);
}

void make_elu(draw *from, gm_dtype dtype, sample *made) {
  ramp shape = {.slope = draw_below(from, 2) == 0 ? 1 : 0.5};
  if (shape.slope != 1) snprintf(made->attributes, sizeof made->attributes, "{alpha: 0.5}");
  each(from, dtype, made, bent_exponential, &shape, 8);
}

void make_gelu(draw *from, gm_dtype dtype, sample *made) {
  bool approximate = draw_below(from, 2) == 0;
  if (approximate) snprintf(made->attributes, sizeof made->attributes, "{approximate: true}");
  each(from, dtype, made, approximate ? gaussian_by_tanh : gaussian, NULL, 8);
  widen(made, 4, 2);
}
