/* SPDX-License-Identifier: MIT
 *
 * Strings as YAML. Plain where every reader takes them for strings, which leaves out the words and numbers
 * that YAML 1.1 or 1.2 reads as something else; else in double quotes, with escapes for what must not or
 * cannot stand there. */
#include "spec/document.h"

#include <string.h>
#include "base/number.h"

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_word(const char *a, const char *b) {
  for (; *a && lower(*a) == *b; a++) b++;
  return *a == 0 && *b == 0;
}

/** Does some YAML reader take it for null, a boolean or a number? */
static bool has_meaning(const char *string) {
  static const char *const words[] = {
      "null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf", "infinity"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (same_word(string, words[i])) return true;
  }
  int64_t integer;
  double real;
  return gm__number_read(string, strlen(string), &integer, &real) != GM__NOT_A_NUMBER;
}

static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static bool is_plain_character(char c, const char *others) {
  return is_letter(c) || is_digit(c) || strchr(others, c);
}

/** A digit begins arithmetic, "2*n": without its signs it may be a number or a date of YAML 1.1, as 1_000,
 * 0x1F and 2020-01-01 are. */
static bool begins_plain(const char *string) {
  return is_letter(string[0]) || string[0] == '(' || (is_digit(string[0]) && strpbrk(string, "* ()"));
}

/** Letters, digits and `others`, beginning with a letter or an expression. */
static bool is_plain(const char *string, const char *others) {
  size_t length = strlen(string);
  if (length > 1024 || has_meaning(string) || !begins_plain(string)) return false;
  for (size_t i = 0; i < length; i++) {
    if (!is_plain_character(string[i], others)) return false;
  }
  return string[length - 1] != ' ';
}

/** Length of the UTF-8 sequence at `s` and its code; 0 when it is none. */
static size_t read_code(const unsigned char *s, uint32_t *code) {
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  size_t length = s[0] < 0x80 ? 1 : s[0] >= 0xF0 && s[0] < 0xF8 ? 4 : s[0] >= 0xE0 ? 3 : s[0] >= 0xC0 ? 2 : 0;
  if (length == 0 || s[0] >= 0xF8) return 0;
  *code = length == 1 ? s[0] : s[0] & (0xFFu >> (length + 1));
  for (size_t i = 1; i < length; i++) {
    if ((s[i] & 0xC0) != 0x80) return 0;
    *code = *code << 6 | (s[i] & 0x3Fu);
  }
  bool surrogate = *code >= 0xD800 && *code < 0xE000;
  return *code < least[length] || *code > 0x10FFFF || surrogate ? 0 : length;
}

/** May it stand as it is between double quotes? YAML 1.1's further line breaks and the byte order mark may
 * not. */
static bool stands(uint32_t code) {
  if (code < 0x20 || (code >= 0x7F && code < 0xA0)) return false;
  return code != 0x2028 && code != 0x2029 && code != 0xFEFF && code != 0xFFFE && code != 0xFFFF;
}

static void write_escape(gm__text *text, uint32_t code) {
  if (code == '\n')
    gm__text_add(text, "\\n");
  else if (code == '\t')
    gm__text_add(text, "\\t");
  else if (code <= 0xFF)
    gm__text_format(text, "\\x%02X", (unsigned)code);
  else
    gm__text_format(text, "\\u%04X", (unsigned)code);
}

static void write_quoted(gm__text *text, const char *string) {
  gm__text_char(text, '"');
  for (const unsigned char *at = (const unsigned char *)string; *at;) {
    uint32_t code = 0;
    size_t length = read_code(at, &code);
    if (length == 0) {
      gm__text_add(text, "\xEF\xBF\xBD");
    } else if (code == '"' || code == '\\') {
      gm__text_char(text, '\\');
      gm__text_char(text, (char)code);
    } else if (stands(code)) {
      gm__text_bytes(text, (const char *)at, length);
    } else {
      write_escape(text, code);
    }
    at += length ? length : 1;
  }
  gm__text_char(text, '"');
}

bool gm__yaml_holds(const char *string) {
  for (const unsigned char *at = (const unsigned char *)string; *at;) {
    uint32_t code = 0;
    size_t length = read_code(at, &code);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

void gm__yaml_string(gm__text *text, const char *string) {
  if (is_plain(string, "-_./+* ()"))
    gm__text_add(text, string);
  else
    write_quoted(text, string);
}

void gm__yaml_prose(gm__text *text, const char *string) {
  if (is_letter(string[0]) && is_plain(string, "-_./+*=<>;%'^~ (),"))
    gm__text_add(text, string);
  else
    write_quoted(text, string);
}
