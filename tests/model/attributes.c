/* SPDX-License-Identifier: MIT
 *
 * Reading attribute text: keys are looked up, values are read by their kind. */
#include "model/attributes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "support/cells.h"

const char *attribute_value(const char *text, const char *key) {
  size_t length = strlen(key);
  for (const char *at = strstr(text, key); at != NULL; at = strstr(at + 1, key)) {
    bool begins = at > text && strchr("{ ,", at[-1]) != NULL;
    if (!begins || at[length] != ':') continue;
    at += length + 1;
    at += strspn(at, " ");
    return strncmp(at, "null", 4) == 0 ? NULL : at;
  }
  return NULL;
}

int attribute_integers(const char *text, const char *key, int64_t *out, int most) {
  const char *at = attribute_value(text, key);
  int count = 0;
  if (at == NULL) return -1;
  bool listed = *at == '[' || *at == '"' || *at == '\'';
  for (at += listed; count < most;) {
    char *end;
    int64_t value = strtoll(at, &end, 10);
    if (end == at) break;
    out[count++] = value;
    at = end + strspn(end, ", ");
    if (!listed) break;
  }
  return count;
}

int64_t attribute_integer(const char *text, const char *key, int64_t absent) {
  int64_t value;
  return attribute_integers(text, key, &value, 1) == 1 ? value : absent;
}

double attribute_number(const char *text, const char *key, double absent) {
  const char *at = attribute_value(text, key);
  return at != NULL ? strtod(at, NULL) : absent;
}

bool attribute_flag(const char *text, const char *key) {
  const char *at = attribute_value(text, key);
  return at != NULL && strncmp(at, "true", 4) == 0;
}

void attribute_word(const char *text, const char *key, char *out, size_t size) {
  const char *at = attribute_value(text, key);
  out[0] = '\0';
  if (at == NULL) return;
  bool quoted = *at == '"' || *at == '\'';
  char stop[] = {quoted ? *at : ',', quoted ? *at : '}', '\0'};
  snprintf(out, size, "%.*s", (int)strcspn(at + quoted, stop), at + quoted);
}

gm_dtype attribute_dtype(const char *text, const char *key, gm_dtype absent) {
  char name[24];
  attribute_word(text, key, name, sizeof name);
  int dtype = dtype_named(name);
  return dtype >= 0 ? (gm_dtype)dtype : absent;
}
