/* SPDX-License-Identifier: MIT
 *
 * The model's functions of one operand. A monotone function of [v - e, v + e] is within its values at the
 * ends, also where it jumps; another is within its greatest slope times e. Then the function's own rounding:
 * `units` of the result, and `more` units of the operand and of a constant where the result comes from a sum
 * with such. */
#include "model/model.h"
#include "support/places.h"

#include <string.h>

typedef double real_function(double x, const double *p);
typedef int64_t whole_function(int64_t x, const double *p);

/** slope 0: monotone. */
typedef struct function {
  const char *op;
  real_function *of;
  double slope, units, more, constant;
  whole_function *of_whole;
} function;

#define REAL(name, value)                                                                                    \
  static double name(double x, const double *p) {                                                            \
    (void)p;                                                                                                 \
    return value;                                                                                            \
  }
#define WHOLE(name, value)                                                                                   \
  static int64_t name(int64_t x, const double *p) {                                                          \
    (void)p;                                                                                                 \
    return value;                                                                                            \
  }

REAL(of_sigmoid, 1 / (1 + exp(-x)))
REAL(of_hard_sigmoid, fmax(0, fmin(1, 0.2 * x + 0.5)))
REAL(of_softplus, fmax(x, 0) + log1p(exp(-fabs(x))))
REAL(of_softsign, x / (1 + fabs(x)))
REAL(of_sqrt, sqrt(fmax(x, 0)))
REAL(of_exp, exp(x))
REAL(of_log, log(x))
REAL(of_sin, sin(x))
REAL(of_cos, cos(x))
REAL(of_tanh, tanh(x))
REAL(of_erf, erf(x))
REAL(of_abs, fabs(x))
REAL(of_sign, (x > 0) - (x < 0))
REAL(of_round, nearbyint(x))
REAL(of_identity, x)
REAL(of_elu, x > 0 ? x : p[0] * expm1(x))
REAL(of_gelu, 0.5 * x * (1 + erf(x * sqrt(0.5))))
REAL(of_gelu_tanh, 0.5 * x * (1 + tanh(sqrt(2 / acos(-1)) * (x + 0.044715 * x * x * x))))
REAL(of_clip, fmax(fmin(x, p[1]), p[0]))
REAL(of_relu, (x > p[2] ? fmin(fmax(x, 0), p[1]) : 0) - p[0] * fmax(p[2] - x, 0))
REAL(of_power, pow(x, p[0]))
WHOLE(whole_abs, x < 0 ? (int64_t)(0 - (uint64_t)x) : x)
WHOLE(whole_sign, (x > 0) - (x < 0))
WHOLE(whole_identity, x)
WHOLE(whole_clip, (double)x > p[1] ? (int64_t)p[1] : (double)x < p[0] ? (int64_t)p[0] : x)
WHOLE(whole_relu, (double)x > p[2] && x > 0 ? ((double)x > p[1] ? (int64_t)p[1] : x) : 0)

static const function functions[] = {
    {"abs", of_abs, 1, 0, 0, 0, whole_abs},
    {"clip", of_clip, 0, 0, 0, 0, whole_clip},
    {"cos", of_cos, 1, 8, 0, 0, NULL},
    {"elu", of_elu, 0, 8, 0, 0, NULL},
    {"erf", of_erf, 0, 8, 0, 0, NULL},
    {"exp", of_exp, 0, 8, 0, 0, NULL},
    {"gelu", of_gelu, 1.15, 8, 4, 0, NULL},
    {"gelu_tanh", of_gelu_tanh, 1.15, 8, 6, 0, NULL},
    {"hard_sigmoid", of_hard_sigmoid, 0, 4, 0.8, 2, NULL},
    {"identity", of_identity, 0, 0, 0, 0, whole_identity},
    {"log", of_log, 0, 8, 0, 0, NULL},
    {"pow", of_power, 0, 8, 0, 0, NULL},
    {"relu", of_relu, 0, 6, 0, 0, whole_relu},
    {"round", of_round, 0, 0, 0, 0, whole_identity},
    {"sigmoid", of_sigmoid, 0, 8, 0, 0, NULL},
    {"sign", of_sign, 0, 0, 0, 0, whole_sign},
    {"sin", of_sin, 1, 8, 0, 0, NULL},
    {"softplus", of_softplus, 0, 8, 0, 0, NULL},
    {"softsign", of_softsign, 0, 8, 0, 0, NULL},
    {"sqrt", of_sqrt, 0, 8, 0, 0, NULL},
    {"tanh", of_tanh, 0, 8, 0, 0, NULL},
};

static const function *function_named(const char *op) {
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
    if (strcmp(functions[i].op, op) == 0) return &functions[i];
  return NULL;
}

static double spread(const function *f, known x, double at, const double *p) {
  if (x.error == 0) return 0;
  if (f->slope > 0) return f->slope * x.error;
  double high = fabs(f->of(x.value + x.error, p) - at), low = fabs(f->of(x.value - x.error, p) - at);
  return isnan(high) || isnan(low) ? INFINITY : fmax(high, low);
}

static known applied(const function *f, const call *c, gm_dtype dtype, known x, const double *p) {
  if (!is_known(x)) return known_nothing();
  if (dtype_is_whole(dtype)) return f->of_whole ? known_whole(f->of_whole(x.whole, p)) : known_nothing();
  double value = f->of(x.value, p), unit = call_unit(c, dtype);
  known made = {.value = value, .error = spread(f, x, value, p)};
  double rounding = f->units * (fabs(value) + made.error) + f->more * fabs(x.value) + f->constant;
  if (f->units > 0) made.error += unit * rounding + call_least(c, dtype);
  made.mass = fabs(value) + made.error;
  return made;
}

static void parameters(const call *c, double p[3]) {
  p[0] = p[1] = p[2] = 0;
  if (strcmp(c->op, "clip") == 0) {
    p[0] = attribute_number(c->attributes, "min_value", -INFINITY);
    p[1] = fmax(p[0], attribute_number(c->attributes, "max_value", INFINITY));
  } else if (strcmp(c->op, "relu") == 0) {
    p[0] = attribute_number(c->attributes, "alpha", 0);
    p[1] = attribute_number(c->attributes, "max_value", INFINITY);
    p[2] = attribute_number(c->attributes, "threshold", 0);
  } else {
    p[0] = attribute_number(c->attributes, "alpha", 1);
  }
}

/* A sum or a product of one operand keeps its mass. */
static known polynomial(const call *c, known x, gm_dtype dtype) {
  if (strcmp(c->op, "negative") == 0) return known_difference((known){-0.0, 0, 0, 0}, x, 0);
  if (strcmp(c->op, "square") != 0) return x;
  known made = known_product(x, x, call_unit(c, dtype));
  made.error += call_lost(c, dtype);
  return made;
}

bool model_function(const call *c, field *out) {
  const field *x = c->in[0];
  bool tanhs = strcmp(c->op, "gelu") == 0 && attribute_flag(c->attributes, "approximate");
  const function *f = function_named(tanhs ? "gelu_tanh" : c->op);
  double p[3];
  bool keeps = f == NULL || f->of == of_identity;
  if (!keeps && dtype_is_whole(x->dtype) && f->of_whole == NULL) return false;
  parameters(c, p);
  if (dtype_is_whole(x->dtype) && strcmp(c->op, "relu") == 0 && p[0] != 0) return false;
  *out = field_new(x->dtype, x->rank, x->dims);
  for (int64_t i = 0; i < x->count; i++) {
    known made = keeps ? polynomial(c, x->at[i], x->dtype) : applied(f, c, x->dtype, x->at[i], p);
    out->at[i] = known_settled(made, x->dtype);
  }
  return true;
}

/* ---- pow ---- */

static known powered(const call *c, gm_dtype dtype, known x, double exponent) {
  double unit = call_unit(c, dtype);
  known made = dtype_is_whole(dtype) ? known_whole(1) : known_real(1);
  if (exponent == floor(exponent) && fabs(exponent) <= 8) {
    for (int i = 0; i < (int)fabs(exponent); i++) made = known_product(made, x, 4 * unit);
    return exponent < 0 ? known_quotient(known_real(1), made, unit) : made;
  }
  bool monotone = x.value - x.error > 0;
  return monotone ? applied(function_named("pow"), c, dtype, x, &exponent) : known_nothing();
}

bool model_pow(const call *c, field *out) {
  const field *x = c->in[0];
  double exponent = attribute_number(c->attributes, "a", 1);
  if (dtype_is_whole(x->dtype) && exponent < 0) return false;
  *out = field_new(x->dtype, x->rank, x->dims);
  for (int64_t i = 0; i < x->count; i++) {
    known made = powered(c, x->dtype, x->at[i], exponent);
    if (exponent != 0) made.error += 8 * call_lost(c, x->dtype);
    out->at[i] = known_settled(made, x->dtype);
  }
  return true;
}

/* ---- cast ---- */

bool model_cast(const call *c, field *out) {
  const field *x = c->in[0];
  gm_dtype to = attribute_dtype(c->attributes, "dtype", x->dtype);
  if (dtype_is_complex(to)) return false;
  *out = field_new(to, x->rank, x->dims);
  for (int64_t i = 0; i < x->count; i++)
    out->at[i] = known_settled(known_cast(c, x->at[i], x->dtype, to), to);
  return true;
}
