/* SPDX-License-Identifier: MIT
 *
 * Single elements as text, as Python prints a scalar, and the common format of an array's floats. The digits
 * are those of NumPy's Dragon4: as few as tell the number from its neighbours, at most 8 behind the point; in
 * the exponential form all numbers have as many as the longest needs. */
#include <math.h>
#include <stdlib.h>
#include "base/number.h"
#include "tensor/element_text.h"
#include "tensor/tensor.h"

enum { PRECISION = 8, DIGITS = 40 };

typedef struct layout {
  int mantissa_bits, min_exponent;
} layout;

/* A finite number's digits, without zeros at the end; 0 is "0" with exponent 1. */
typedef struct decimal {
  char digits[DIGITS];
  int count, exponent;
} decimal;

static layout layout_of(gm_dtype dtype) {
  switch (dtype) {
  case GM_FLOAT16: return (layout){11, -24};
  case GM_BFLOAT16: return (layout){8, -133};
  case GM_FLOAT32:
  case GM_COMPLEX64: return (layout){24, -149};
  default: return (layout){53, -1074};
  }
}

gm__number gm__number_of(const void *element, gm_dtype dtype) {
  gm__number value;
  gm__convert(&value, GM_COMPLEX128, element, dtype, 1);
  return value;
}

int64_t gm__integer_of(const void *element, gm_dtype dtype) {
  int64_t value;
  gm__convert(&value, GM_INT64, element, dtype, 1);
  return value;
}

gm__float_format gm__float_format_of(gm_dtype dtype, bool sign) {
  return (gm__float_format){.dtype = dtype, .sign = sign, .exponent_digits = 2};
}

void gm__float_see_range(gm__float_format *format, double value) {
  double size = fabs(value);
  if (!isfinite(size)) {
    format->nonfinite = true;
    format->negative_infinity = format->negative_infinity || value < 0;
    return;
  }
  if (size == 0) return;
  if (!format->any || size > format->most) format->most = size;
  if (!format->any || size < format->least) format->least = size;
  format->any = true;
}

/* The ratio as the dtype itself divides. */
static double ratio(const gm__float_format *format) {
  double quotient = format->most / format->least;
  switch (format->dtype) {
  case GM_FLOAT16:
    return (double)gm__half_to_float(gm__float_to_half((float)format->most / (float)format->least));
  case GM_FLOAT64:
  case GM_COMPLEX128: return quotient;
  default: return (double)((float)format->most / (float)format->least);
  }
}

void gm__float_choose(gm__float_format *format) {
  if (!format->any) return;
  format->exponential = format->most >= 1e8 || format->least < 0.0001 || ratio(format) > 1000;
}

static decimal decimal_of(const gm__float_format *format, double value, gm__digit_limits limits) {
  decimal d = {.digits = "0", .count = 1, .exponent = 1};
  layout l = layout_of(format->dtype);
  if (value == 0) return d;
  d.count = gm__digits_limited(fabs(value), l.mantissa_bits, l.min_exponent, limits, d.digits, &d.exponent);
  while (d.count > 1 && d.digits[d.count - 1] == '0') d.count--;
  return d;
}

static int larger(int a, int b) {
  return a > b ? a : b;
}

static int decimal_width(int value) {
  return value < 10 ? 1 : value < 100 ? 2 : 3;
}

void gm__float_see_width(gm__float_format *format, double value) {
  if (!isfinite(value)) return;
  int sign = format->sign || signbit(value);
  gm__digit_limits limits = {.least = 1, .most = PRECISION + 1};
  if (!format->exponential) limits = (gm__digit_limits){-DIGITS, PRECISION, true};
  decimal d = decimal_of(format, value, limits);
  if (format->exponential) {
    format->left = larger(format->left, sign + 1);
    format->precision = larger(format->precision, d.count - 1);
    format->exponent_digits = larger(format->exponent_digits, decimal_width(abs(d.exponent - 1)));
  } else {
    format->left = larger(format->left, sign + larger(d.exponent, 1));
    format->right = larger(format->right, d.count - d.exponent);
  }
}

void gm__float_settle(gm__float_format *format) {
  if (format->exponential) format->right = format->exponent_digits + 2 + format->precision;
  if (!format->nonfinite) return;
  int infinity = 3 + (format->sign || format->negative_infinity);
  format->left = larger(format->left, infinity - (format->right + 1));
}

static void write_blanks(gm__text *text, int count) {
  gm__text_repeat(text, ' ', count > 0 ? (size_t)count : 0);
}

static void write_zeros(gm__text *text, int count) {
  gm__text_repeat(text, '0', count > 0 ? (size_t)count : 0);
}

static const char *sign_of(const gm__float_format *format, double value) {
  if (!isnan(value) && signbit(value)) return "-";
  return format->sign ? "+" : "";
}

static void write_nonfinite(const gm__float_format *format, gm__text *text, double value, const char *unit) {
  const char *sign = sign_of(format, value);
  write_blanks(text, format->left + format->right + 1 - (int)strlen(sign) - 3);
  gm__text_add(text, sign);
  gm__text_add(text, isnan(value) ? "nan" : "inf");
  gm__text_add(text, unit);
}

static void write_exponential(
    const gm__float_format *format, gm__text *text, double value, const char *unit) {
  gm__digit_limits limits = {format->precision + 1, format->precision + 1, false};
  decimal d = decimal_of(format, value, limits);
  const char *sign = sign_of(format, value);
  int power = d.exponent - 1;
  write_blanks(text, format->left - (int)strlen(sign) - 1);
  gm__text_add(text, sign);
  gm__text_char(text, d.digits[0]);
  gm__text_char(text, '.');
  gm__text_bytes(text, d.digits + 1, (size_t)d.count - 1);
  write_zeros(text, format->precision - (d.count - 1));
  gm__text_add(text, power < 0 ? "e-" : "e+");
  write_zeros(text, format->exponent_digits - decimal_width(abs(power)));
  gm__text_int(text, abs(power));
  gm__text_add(text, unit);
}

/* Columns written behind the point. */
static int write_digits(gm__text *text, const decimal *d) {
  int whole = d->exponent <= 0 ? 0 : d->exponent < d->count ? d->exponent : d->count;
  gm__text_bytes(text, d->exponent <= 0 ? "0" : d->digits, whole == 0 ? 1 : (size_t)whole);
  write_zeros(text, d->exponent - whole);
  gm__text_char(text, '.');
  if (whole == d->count) return 0;
  write_zeros(text, -d->exponent);
  gm__text_bytes(text, d->digits + whole, (size_t)(d->count - whole));
  return d->count - d->exponent;
}

static void write_positional(const gm__float_format *format, gm__text *text, double value, const char *unit) {
  decimal d = decimal_of(format, value, (gm__digit_limits){0, PRECISION, true});
  const char *sign = sign_of(format, value);
  write_blanks(text, format->left - (int)strlen(sign) - larger(d.exponent, 1));
  gm__text_add(text, sign);
  int right = write_digits(text, &d);
  gm__text_add(text, unit);
  write_blanks(text, format->right - right);
}

void gm__float_write(const gm__float_format *format, gm__text *text, double value, const char *unit) {
  if (!isfinite(value))
    write_nonfinite(format, text, value, unit);
  else if (format->exponential)
    write_exponential(format, text, value, unit);
  else
    write_positional(format, text, value, unit);
}

void gm__float_text(gm__text *text, double value, gm_dtype dtype) {
  layout l = layout_of(dtype);
  gm__text_real(text, value, l.mantissa_bits, l.min_exponent);
}

/* A part of a complex number: without the ".0". */
static void part_text(gm__text *text, double value, gm_dtype dtype, bool sign) {
  char buffer[DIGITS];
  gm__text part = gm__text_into(buffer, sizeof buffer);
  gm__float_text(&part, value, dtype);
  size_t length = gm__text_end(&part);
  if (length > 2 && memcmp(buffer + length - 2, ".0", 2) == 0) length -= 2;
  if (sign && buffer[0] != '-') gm__text_char(text, '+');
  gm__text_bytes(text, buffer, length);
}

static void complex_text(gm__text *text, gm__number value, gm_dtype dtype) {
  if (value.real == 0 && !signbit(value.real)) {
    part_text(text, value.imaginary, dtype, false);
    gm__text_char(text, 'j');
    return;
  }
  gm__text_char(text, '(');
  part_text(text, value.real, dtype, false);
  part_text(text, value.imaginary, dtype, true);
  gm__text_add(text, "j)");
}

void gm__element_text(gm__text *text, const void *element, gm_dtype dtype) {
  if (gm__dtype_is_complex(dtype))
    complex_text(text, gm__number_of(element, dtype), dtype);
  else if (gm__dtype_is_float(dtype))
    gm__float_text(text, gm__element_to_double(element, dtype), dtype);
  else if (dtype == GM_BOOL)
    gm__text_add(text, gm__integer_of(element, dtype) != 0 ? "True" : "False");
  else
    gm__text_int(text, gm__integer_of(element, dtype));
}
