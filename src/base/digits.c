/* SPDX-License-Identifier: MIT
 *
 * Binary to decimal, exactly: the free-format algorithm of Steele and White ("How to Print Floating-Point
 * Numbers Accurately", 1990) in Burger and Dybvig's form, on integers of a fixed size. The value is rest /
 * scale · 10^exponent; `below` and `above`, over the same scale, are half the gaps to the neighbours in the
 * format, and any decimal between them reads back the same number (the ends too where the mantissa is even).
 */
#include <math.h>
#include <string.h>
#include "base/number.h"

enum { WORDS = 40, BLOCK_POWER = 9, BLOCK = 1000000000 };

/* Little endian; the words beyond `count` mean nothing. */
typedef struct big {
  int count;
  uint32_t word[WORDS];
} big;

typedef struct decimal {
  big rest, scale, below, above;
  bool even;
  int exponent;
} decimal;

static void big_set(big *n, uint64_t value) {
  n->count = 0;
  for (; value != 0; value >>= 32) n->word[n->count++] = (uint32_t)value;
}

static void big_multiply(big *n, uint32_t factor) {
  uint64_t carry = 0;
  for (int i = 0; i < n->count; i++) {
    carry += (uint64_t)n->word[i] * factor;
    n->word[i] = (uint32_t)carry;
    carry >>= 32;
  }
  if (carry != 0) n->word[n->count++] = (uint32_t)carry;
}

static void big_power10(big *n, int power) {
  for (; power >= BLOCK_POWER; power -= BLOCK_POWER) big_multiply(n, BLOCK);
  for (; power > 0; power--) big_multiply(n, 10);
}

static void big_shift(big *n, int bits) {
  if (n->count == 0) return;
  big_multiply(n, UINT32_C(1) << bits % 32);
  int words = bits / 32;
  memmove(n->word + words, n->word, (size_t)n->count * sizeof *n->word);
  memset(n->word, 0, (size_t)words * sizeof *n->word);
  n->count += words;
}

static int big_compare(const big *a, const big *b) {
  if (a->count != b->count) return a->count < b->count ? -1 : 1;
  for (int i = a->count - 1; i >= 0; i--)
    if (a->word[i] != b->word[i]) return a->word[i] < b->word[i] ? -1 : 1;
  return 0;
}

static uint32_t word_at(const big *n, int i) {
  return i < n->count ? n->word[i] : 0;
}

/* a -= b, where a >= b. */
static void big_subtract(big *a, const big *b) {
  uint64_t borrow = 0;
  for (int i = 0; i < a->count; i++) {
    uint64_t difference = (uint64_t)a->word[i] - word_at(b, i) - borrow;
    a->word[i] = (uint32_t)difference;
    borrow = difference >> 63;
  }
  while (a->count > 0 && a->word[a->count - 1] == 0) a->count--;
}

/* The sign of a + b - c. */
static int big_compare_sum(const big *a, const big *b, const big *c) {
  big sum;
  uint64_t carry = 0;
  int count = a->count > b->count ? a->count : b->count;
  for (int i = 0; i < count; i++) {
    carry += (uint64_t)word_at(a, i) + word_at(b, i);
    sum.word[i] = (uint32_t)carry;
    carry >>= 32;
  }
  sum.count = count;
  if (carry != 0) sum.word[sum.count++] = (uint32_t)carry;
  return big_compare(&sum, c);
}

/* After this the value is below 10^exponent, and not below 10^(exponent - 1). */
static void scale_by_ten(decimal *d, int binary_exponent) {
  int estimate = (int)floor((binary_exponent - 1) * 0.30102999566398120) + 1;
  d->exponent = estimate;
  if (estimate > 0) big_power10(&d->scale, estimate);
  if (estimate < 0) {
    big_power10(&d->rest, -estimate);
    big_power10(&d->below, -estimate);
    big_power10(&d->above, -estimate);
  }
  if (big_compare(&d->rest, &d->scale) < 0) return;
  big_multiply(&d->scale, 10);
  d->exponent++;
}

static void start(decimal *d, double value, int mantissa_bits, int min_exponent) {
  int binary_exponent;
  frexp(value, &binary_exponent);
  int unit = binary_exponent - mantissa_bits;
  if (unit < min_exponent) unit = min_exponent;
  uint64_t mantissa = (uint64_t)ldexp(value, -unit);
  bool narrow_below = mantissa == UINT64_C(1) << (mantissa_bits - 1) && unit > min_exponent;
  big_set(&d->rest, mantissa);
  big_set(&d->scale, 1);
  big_set(&d->below, 1);
  big_set(&d->above, narrow_below ? 2 : 1);
  big_shift(&d->rest, 2 + narrow_below - 1 + (unit > 0 ? unit : 0));
  big_shift(&d->scale, 2 + narrow_below - 1 + (unit < 0 ? -unit : 0));
  big_shift(&d->below, unit > 0 ? unit : 0);
  big_shift(&d->above, unit > 0 ? unit : 0);
  d->even = mantissa % 2 == 0;
  scale_by_ten(d, binary_exponent);
}

static int next_digit(decimal *d) {
  int digit = 0;
  big_multiply(&d->rest, 10);
  for (; big_compare(&d->rest, &d->scale) >= 0; digit++) big_subtract(&d->rest, &d->scale);
  return digit;
}

/* Whether what is left is more than half a unit of the last digit; an exact half goes to the even digit. */
static bool past_half(const decimal *d, int digit) {
  int sign = big_compare_sum(&d->rest, &d->rest, &d->scale);
  return sign > 0 || (sign == 0 && digit % 2 == 1);
}

/* One more in the last place; returns 1 when 99…9 became 10…0. */
static int round_up(char *digits, int count) {
  int i = count - 1;
  for (; i >= 0 && digits[i] == '9'; i--) digits[i] = '0';
  if (i >= 0) {
    digits[i]++;
    return 0;
  }
  digits[0] = '1';
  return 1;
}

int gm__digits_limited(
    double value, int mantissa_bits, int min_exponent, gm__digit_limits limits, char *digits, int *exponent) {
  decimal d;
  start(&d, value, mantissa_bits, min_exponent);
  int whole = limits.after_point ? d.exponent : 0;
  for (int count = 1;; count++) {
    int digit = next_digit(&d);
    big_multiply(&d.below, 10);
    big_multiply(&d.above, 10);
    digits[count - 1] = (char)('0' + digit);
    bool low = big_compare(&d.rest, &d.below) < d.even;
    bool high = big_compare_sum(&d.rest, &d.above, &d.scale) > -d.even;
    bool unique = (low || high) && count >= whole + limits.least;
    if (!unique && count < whole + limits.most) continue;
    *exponent = d.exponent;
    if (low == high ? past_half(&d, digit) : high) *exponent += round_up(digits, count);
    return count;
  }
}

int gm__digits_shortest(double value, int mantissa_bits, int min_exponent, char *digits, int *exponent) {
  gm__digit_limits none = {.least = 1, .most = 32};
  return gm__digits_limited(value, mantissa_bits, min_exponent, none, digits, exponent);
}
