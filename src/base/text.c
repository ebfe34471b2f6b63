/* SPDX-License-Identifier: MIT
 *
 * A text being written, into a fixed buffer or a growing one. Only `reserve` and the two writers below it
 * know the difference. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/alloc.h"
#include "base/number.h"
#include "base/text.h"

gm__text gm__text_into(char *buffer, size_t size) {
  return (gm__text){.data = buffer, .size = buffer == NULL ? 0 : size};
}

gm__text gm__text_growing(void) {
  return (gm__text){.grows = true};
}

void gm__text_free(gm__text *text) {
  if (text->grows) gm__free(text->data);
  *text = (gm__text){.grows = text->grows};
}

/* Bytes that can be written now, keeping one for the NUL. */
static size_t reserve(gm__text *text, size_t count) {
  if (text->failed) return 0;
  if (text->grows) {
    void *data = text->data;
    size_t needed = text->length + count + 1;
    if (needed <= count || !gm__grow(&data, &text->size, needed, 1)) {
      text->failed = true;
      return 0;
    }
    text->data = data;
  }
  if (text->size == 0 || text->length >= text->size - 1) return 0;
  size_t room = text->size - 1 - text->length;
  return room < count ? room : count;
}

void gm__text_bytes(gm__text *text, const char *bytes, size_t count) {
  size_t room = reserve(text, count);
  if (room > 0) memcpy(text->data + text->length, bytes, room);
  if (!text->failed) text->length += count;
}

void gm__text_repeat(gm__text *text, char c, size_t count) {
  size_t room = reserve(text, count);
  if (room > 0) memset(text->data + text->length, c, room);
  if (!text->failed) text->length += count;
}

void gm__text_add(gm__text *text, const char *string) {
  gm__text_bytes(text, string, strlen(string));
}

void gm__text_char(gm__text *text, char c) {
  gm__text_bytes(text, &c, 1);
}

void gm__text_format(gm__text *text, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int count = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  if (count < 0) {
    text->failed = true;
    return;
  }
  size_t room = reserve(text, (size_t)count);
  va_start(arguments, format);
  if (room > 0) vsnprintf(text->data + text->length, room + 1, format, arguments);
  va_end(arguments);
  if (!text->failed) text->length += (size_t)count;
}

void gm__text_int(gm__text *text, int64_t value) {
  char digits[24];
  size_t start = sizeof digits;
  uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  do {
    digits[--start] = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest > 0);
  if (value < 0) digits[--start] = '-';
  gm__text_bytes(text, digits + start, sizeof digits - start);
}

void gm__text_dims(gm__text *text, int rank, const int64_t *dims) {
  gm__text_char(text, '(');
  for (int i = 0; i < rank; i++) {
    if (i > 0) gm__text_add(text, ", ");
    gm__text_int(text, dims[i]);
  }
  gm__text_add(text, rank == 1 ? ",)" : ")");
}

static void positional(gm__text *text, const char *digits, int count, int exponent) {
  if (exponent <= 0) {
    gm__text_add(text, "0.");
    gm__text_repeat(text, '0', (size_t)-exponent);
    gm__text_bytes(text, digits, (size_t)count);
    return;
  }
  int whole = count < exponent ? count : exponent;
  gm__text_bytes(text, digits, (size_t)whole);
  gm__text_repeat(text, '0', (size_t)(exponent - whole));
  gm__text_char(text, '.');
  if (count == whole) gm__text_char(text, '0');
  gm__text_bytes(text, digits + whole, (size_t)(count - whole));
}

static void scientific(gm__text *text, const char *digits, int count, int power) {
  gm__text_char(text, digits[0]);
  if (count > 1) gm__text_char(text, '.');
  gm__text_bytes(text, digits + 1, (size_t)(count - 1));
  gm__text_add(text, power < 0 ? "e-" : "e+");
  power = power < 0 ? -power : power;
  if (power < 10) gm__text_char(text, '0');
  gm__text_int(text, power);
}

void gm__text_real(gm__text *text, double value, int mantissa_bits, int min_exponent) {
  if (value != value) {
    gm__text_add(text, "nan");
    return;
  }
  if (__builtin_signbit(value)) gm__text_char(text, '-');
  value = __builtin_fabs(value);
  if (__builtin_isinf(value)) {
    gm__text_add(text, "inf");
    return;
  }
  if (value == 0) {
    gm__text_add(text, "0.0");
    return;
  }
  char digits[32];
  int exponent;
  int count = gm__digits_shortest(value, mantissa_bits, min_exponent, digits, &exponent);
  if (value >= 1e16 || value < 1e-4)
    scientific(text, digits, count, exponent - 1);
  else
    positional(text, digits, count, exponent);
}

void gm__text_double(gm__text *text, double value) {
  gm__text_real(text, value, 53, -1074);
}

void gm__text_float(gm__text *text, float value) {
  gm__text_real(text, (double)value, 24, -149);
}

size_t gm__utf8_length(const char *text) {
  const unsigned char *bytes = (const unsigned char *)text;
  unsigned char lead = bytes[0];
  if (lead < 0x80) return 1;
  size_t length = lead >= 0xC2 && lead < 0xE0   ? 2
                  : lead >= 0xE0 && lead < 0xF0 ? 3
                  : lead >= 0xF0 && lead < 0xF5 ? 4
                                                : 0;
  for (size_t i = 1; i < length; i++)
    if ((bytes[i] & 0xC0) != 0x80) return 0;
  if (lead == 0xE0 && bytes[1] < 0xA0) return 0;
  if (lead == 0xED && bytes[1] >= 0xA0) return 0;
  if (lead == 0xF0 && bytes[1] < 0x90) return 0;
  if (lead == 0xF4 && bytes[1] >= 0x90) return 0;
  return length;
}

static void json_escape(gm__text *text, char c) {
  static const char names[] = "\"\"\\\\\bb\ff\nn\rr\tt";
  for (const char *name = names; *name != '\0'; name += 2)
    if (c == name[0]) {
      gm__text_char(text, '\\');
      gm__text_char(text, name[1]);
      return;
    }
  gm__text_format(text, "\\u%04x", (unsigned)(unsigned char)c);
}

void gm__text_json(gm__text *text, const char *string) {
  gm__text_char(text, '"');
  while (*string != '\0') {
    size_t length = gm__utf8_length(string);
    unsigned char c = (unsigned char)*string;
    if (length == 0)
      gm__text_add(text, "\xEF\xBF\xBD");
    else if (c < 0x20 || c == '"' || c == '\\' || c == 0x7F)
      json_escape(text, *string);
    else
      gm__text_bytes(text, string, length);
    string += length == 0 ? 1 : length;
  }
  gm__text_char(text, '"');
}

size_t gm__text_end(gm__text *text) {
  reserve(text, 0);
  if (text->data != NULL && text->size > 0)
    text->data[text->length < text->size ? text->length : text->size - 1] = '\0';
  return text->length;
}
