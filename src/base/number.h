/* SPDX-License-Identifier: MIT
 *
 * Reading and writing numbers, independently of the locale. */
#ifndef GM_BASE_NUMBER_H
#define GM_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum gm__number_kind { GM__NOT_A_NUMBER, GM__INTEGER, GM__REAL, GM__TOO_LARGE } gm__number_kind;

/** Reads the whole of text[0..length): "[+-]digits" is an integer (GM__TOO_LARGE when it exceeds int64 and,
 * being positive, uint64); "1.5", ".5", "5.", "1e3", "nan", "inf", "+inf", "-inf" (also with capital first
 * letter, "NaN", "NAN", "INF", "Infinity", ".inf", ".nan" as YAML writes them) are reals, correctly rounded;
 * one that is finite but rounds to infinity is GM__TOO_LARGE too. *real is set for all of these. An integer
 * from 2^63 up leaves the bits of the uint64 in *integer: it is negative while *real is positive. */
gm__number_kind gm__number_read(const char *text, size_t length, int64_t *integer, double *real);

/** Decimal digits of |value| (finite, > 0) and its exponent, value = 0.d1d2d3… · 10^exponent, with as few
 * digits as read back the same number in a format with `mantissa_bits` bits and smallest exponent
 * `min_exponent` (53, -1074 for float64; 24, -149; 11, -24; 8, -133 for bfloat16). `digits` holds 32. Returns
 * the count. */
int gm__digits_shortest(double value, int mantissa_bits, int min_exponent, char *digits, int *exponent);
/** The same, but at least `least` and at most `most` digits, counted from the first digit or, with
 * `after_point`, from the decimal point; one digit in any case, and 32 at most. A digit beyond those that are
 * needed is exact. */
typedef struct gm__digit_limits {
  int least, most;
  bool after_point;
} gm__digit_limits;
int gm__digits_limited(
    double value, int mantissa_bits, int min_exponent, gm__digit_limits limits, char *digits, int *exponent);

#endif
