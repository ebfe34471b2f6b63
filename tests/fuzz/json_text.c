/* SPDX-License-Identifier: MIT
 *
 * Is a text one JSON document (RFC 8259), in UTF-8 as far as its bytes say? Nothing is kept. */
#include "json_text.h"

#include <string.h>

enum { DEPTH = 100 };

typedef struct reader {
  const char *at;
  int depth;
} reader;

static bool value(reader *r);

static void blanks(reader *r) {
  r->at += strspn(r->at, " \t\n\r");
}

static bool take(reader *r, char c) {
  blanks(r);
  if (*r->at != c) return false;
  r->at++;
  return true;
}

static bool hexadecimal(reader *r, size_t count) {
  if (strspn(r->at, "0123456789abcdefABCDEF") < count) return false;
  r->at += count;
  return true;
}

static bool escape(reader *r) {
  char c = *r->at++;
  if (c == 'u') return hexadecimal(r, 4);
  return c && strchr("\"\\/bfnrt", c);
}

/** A character beyond ASCII: its first byte says how many follow. */
static bool character(reader *r) {
  unsigned char first = (unsigned char)*r->at++;
  int follow = first < 0x80                    ? 0
               : first >= 0xF0 && first < 0xF5 ? 3
               : first >= 0xE0                 ? 2
               : first >= 0xC2                 ? 1
                                               : -1;
  if (first >= 0xF5 || follow < 0) return false;
  for (; follow > 0; follow--, r->at++) {
    if (((unsigned char)*r->at & 0xC0) != 0x80) return false;
  }
  return true;
}

static bool string(reader *r) {
  if (!take(r, '"')) return false;
  while (*r->at != '"') {
    if ((unsigned char)*r->at < 0x20) return false;
    bool escaped = *r->at == '\\';
    r->at += escaped;
    if (!(escaped ? escape(r) : character(r))) return false;
  }
  r->at++;
  return true;
}

static bool digits(reader *r) {
  size_t count = strspn(r->at, "0123456789");
  r->at += count;
  return count > 0;
}

static bool number(reader *r) {
  r->at += *r->at == '-';
  if (*r->at == '0')
    r->at++;
  else if (!digits(r))
    return false;
  if (*r->at == '.' && (r->at++, !digits(r))) return false;
  if (*r->at != 'e' && *r->at != 'E') return true;
  r->at++;
  r->at += *r->at == '-' || *r->at == '+';
  return digits(r);
}

static bool members(reader *r, char close) {
  r->at++;
  if (take(r, close)) return true;
  do {
    if (close == '}' && (!string(r) || !take(r, ':'))) return false;
    if (!value(r)) return false;
  } while (take(r, ','));
  return take(r, close);
}

static bool word(reader *r, const char *text) {
  if (strncmp(r->at, text, strlen(text)) != 0) return false;
  r->at += strlen(text);
  return true;
}

static bool value(reader *r) {
  blanks(r);
  if (*r->at == '"') return string(r);
  if (*r->at == '{' || *r->at == '[') {
    if (++r->depth > DEPTH) return false;
    bool good = members(r, *r->at == '{' ? '}' : ']');
    r->depth--;
    return good;
  }
  return word(r, "true") || word(r, "false") || word(r, "null") || number(r);
}

bool is_json(const char *text) {
  reader r = {text, 0};
  bool good = value(&r);
  blanks(&r);
  return good && *r.at == 0;
}
