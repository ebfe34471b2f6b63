/* SPDX-License-Identifier: MIT
 *
 * "Did you mean": the nearest word by the optimal string alignment distance (Damerau, 1964: insertion,
 * deletion, substitution, and the exchange of two neighbours), whatever the case. A word may differ in a
 * third of its letters (one for the shortest words). Words beyond a fixed length have no neighbours, which
 * bounds the cost. */
#include <string.h>
#include <gemmule/base.h>

enum { LONGEST = 64 };

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static int least(int a, int b) {
  return a < b ? a : b;
}

static bool exchanged(const char *a, const char *b, size_t i, size_t j) {
  return i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
}

static int distance(const char *a, size_t length_a, const char *b, size_t length_b) {
  int rows[3][LONGEST + 1];
  for (size_t j = 0; j <= length_b; j++) rows[0][j] = (int)j;
  for (size_t i = 1; i <= length_a; i++) {
    int *row = rows[i % 3];
    const int *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
    row[0] = (int)i;
    for (size_t j = 1; j <= length_b; j++) {
      row[j] = last[j - 1] + (lower(a[i - 1]) != lower(b[j - 1]));
      row[j] = least(row[j], least(last[j], row[j - 1]) + 1);
      if (exchanged(a, b, i, j)) row[j] = least(row[j], before[j - 2] + 1);
    }
  }
  return rows[length_a % 3][length_b];
}

static int allowed(size_t length_a, size_t length_b) {
  size_t longer = length_a > length_b ? length_a : length_b;
  return longer < 6 ? 1 : (int)(longer / 3);
}

const char *gm_closest(const char *word, const char *const *words, size_t count) {
  if (word == NULL || words == NULL) return NULL;
  size_t length = strnlen(word, LONGEST + 1);
  if (length == 0 || length > LONGEST) return NULL;
  const char *best = NULL;
  int nearest = LONGEST + 1;
  for (size_t i = 0; i < count; i++) {
    size_t other = words[i] == NULL ? 0 : strnlen(words[i], LONGEST + 1);
    if (other == 0 || other > LONGEST) continue;
    int apart = distance(word, length, words[i], other);
    if (apart > allowed(length, other) || apart >= nearest || apart >= (int)length) continue;
    nearest = apart;
    best = words[i];
  }
  return best;
}
