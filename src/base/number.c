/* SPDX-License-Identifier: MIT
 *
 * Reading numbers. A real is brought into the form digits "e" exponent, which has no decimal point and so
 * means the same to strtod in every locale; beyond 800 significant digits (768 decide any float64) only "not
 * zero" counts. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/number.h"

enum { SIGNIFICANT = 800, EXPONENT_LIMIT = 99999 };

typedef struct scan {
  const char *text;
  size_t length, at;
  bool negative, point, any;
  int64_t exponent;
  int count;
  char digits[SIGNIFICANT + 16];
} scan;

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static bool same_word(const char *text, size_t length, const char *word) {
  if (length != strlen(word)) return false;
  for (size_t i = 0; i < length; i++) {
    char c = i == 0 && text[0] >= 'A' && text[0] <= 'Z' ? (char)(text[0] - 'A' + 'a') : text[i];
    if (c != word[i]) return false;
  }
  return true;
}

/* nan and inf; the part after the sign. */
static bool special(const scan *s, double *real) {
  const char *word = s->text + s->at;
  size_t length = s->length - s->at;
  if (length > 0 && *word == '.') {
    word++;
    length--;
  }
  if (same_word(word, length, "nan") || (length == 3 && memcmp(word, "NaN", 3) == 0) ||
      (length == 3 && memcmp(word, "NAN", 3) == 0)) {
    *real = NAN;
    return true;
  }
  if (!same_word(word, length, "inf") && !same_word(word, length, "infinity") &&
      !(length == 3 && memcmp(word, "INF", 3) == 0))
    return false;
  *real = s->negative ? -INFINITY : INFINITY;
  return true;
}

static void add_digit(scan *s, char c) {
  s->any = true;
  if (s->point) s->exponent--;
  if (s->count == 0 && c == '0') return;
  if (s->count < SIGNIFICANT) {
    s->digits[s->count++] = c;
    return;
  }
  s->exponent++;
  if (c != '0') s->digits[SIGNIFICANT - 1] = '1';
}

static void read_mantissa(scan *s) {
  for (; s->at < s->length; s->at++) {
    char c = s->text[s->at];
    if (c == '.' && !s->point)
      s->point = true;
    else if (is_digit(c))
      add_digit(s, c);
    else
      return;
  }
}

/* "e+05" where the scan stands; false when it is something else. */
static bool read_exponent(scan *s) {
  if (s->text[s->at] != 'e' && s->text[s->at] != 'E') return false;
  s->at++;
  bool negative = s->at < s->length && s->text[s->at] == '-';
  if (s->at < s->length && (s->text[s->at] == '-' || s->text[s->at] == '+')) s->at++;
  if (s->at == s->length) return false;
  int64_t power = 0;
  for (; s->at < s->length && is_digit(s->text[s->at]); s->at++)
    if (power < INT64_MAX / 100) power = power * 10 + (s->text[s->at] - '0');
  s->exponent += negative ? -power : power;
  return s->at == s->length;
}

static double assemble(scan *s) {
  if (s->count == 0) return s->negative ? -0.0 : 0.0;
  int64_t exponent = s->exponent;
  if (exponent > EXPONENT_LIMIT) exponent = EXPONENT_LIMIT;
  if (exponent < -EXPONENT_LIMIT) exponent = -EXPONENT_LIMIT;
  char *end = s->digits + s->count;
  *end++ = 'e';
  *end++ = exponent < 0 ? '-' : '+';
  int64_t power = exponent < 0 ? -exponent : exponent;
  for (int64_t unit = 10000; unit > 0; unit /= 10) *end++ = (char)('0' + power / unit % 10);
  *end = '\0';
  int saved = errno;
  double value = strtod(s->digits, NULL);
  errno = saved;
  return s->negative ? -value : value;
}

/* The digits of an integer as one, the bits of a uint64 where it is more than int64 holds. */
static bool as_integer(const scan *s, int64_t *integer) {
  if (s->exponent != 0) return false;
  uint64_t value = 0;
  for (int i = 0; i < s->count; i++)
    if (__builtin_mul_overflow(value, 10, &value) ||
        __builtin_add_overflow(value, (uint64_t)(s->digits[i] - '0'), &value))
      return false;
  if (s->negative && value > (uint64_t)INT64_MAX + 1) return false;
  *integer = (int64_t)(s->negative ? 0 - value : value);
  return true;
}

static void read_sign(scan *s) {
  if (s->length == 0) return;
  s->negative = s->text[0] == '-';
  s->at = s->text[0] == '-' || s->text[0] == '+';
}

gm__number_kind gm__number_read(const char *text, size_t length, int64_t *integer, double *real) {
  scan s;
  memset(&s, 0, offsetof(scan, digits));
  s.text = text;
  s.length = length;
  read_sign(&s);
  if (special(&s, real)) return GM__REAL;
  read_mantissa(&s);
  if (!s.any) return GM__NOT_A_NUMBER;
  bool whole = !s.point && s.at == length;
  if (s.at < length && !read_exponent(&s)) return GM__NOT_A_NUMBER;
  bool fits = whole && as_integer(&s, integer);
  *real = assemble(&s);
  if (fits) return GM__INTEGER;
  return whole || isinf(*real) ? GM__TOO_LARGE : GM__REAL;
}
