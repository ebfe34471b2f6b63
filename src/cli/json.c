/* SPDX-License-Identifier: MIT
 *
 * JSON, as little of it as the documents need. */
#include "cli.h"

#include <math.h>
#include <string.h>

/** Bytes of the UTF-8 sequence at `s`; 0 when it is none. */
static size_t sequence(const unsigned char *s) {
  size_t length = s[0] < 0x80 ? 1 : s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : s[0] >= 0xC2 ? 2 : 0;
  if (length == 0 || s[0] > 0xF4) return 0;
  for (size_t i = 1; i < length; i++) {
    if ((s[i] & 0xC0) != 0x80) return 0;
  }
  bool overlong = (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xF0 && s[1] < 0x90);
  bool beyond = (s[0] == 0xED && s[1] >= 0xA0) || (s[0] == 0xF4 && s[1] >= 0x90);
  return overlong || beyond ? 0 : length;
}

static void put_character(output *out, const char *at, size_t length) {
  static const char escaped[] = "\"\\\n\r\t", letters[] = "\"\\nrt";
  const char *found = strchr(escaped, at[0]);
  if (length == 0)
    put_bytes(out, "\xEF\xBF\xBD", 3);
  else if (found)
    put(out, "\\%c", letters[found - escaped]);
  else if ((unsigned char)at[0] < 0x20 || at[0] == 0x7F)
    put(out, "\\u%04x", (unsigned)at[0]);
  else
    put_bytes(out, at, length);
}

/** Bytes that stand for themselves. */
static size_t plain_run(const char *text) {
  size_t length = 0;
  while (text[length] >= 0x20 && text[length] < 0x7F && text[length] != '"' && text[length] != '\\') length++;
  return length;
}

void json_string(output *out, const char *text) {
  put_bytes(out, "\"", 1);
  while (*text) {
    size_t run = plain_run(text), length = run ? run : sequence((const unsigned char *)text);
    if (run)
      put_bytes(out, text, run);
    else
      put_character(out, text, length);
    text += length ? length : 1;
  }
  put_bytes(out, "\"", 1);
}

void json_double(output *out, double value) {
  if (isnan(value))
    put(out, "\"nan\"");
  else if (isinf(value))
    put(out, value > 0 ? "\"inf\"" : "\"-inf\"");
  else
    put(out, "%.17g", value);
}

void json_head(output *out) {
  put(out, "{\"gemmule\": ");
  json_string(out, gm_version());
  put(out, ", \"format\": 1");
}
