/* SPDX-License-Identifier: MIT
 *
 * Tables with so many entries that 32-bit hashes collide: different things stay different, equal ones stay
 * one. */
#include "dim_support.h"
#include "shape/dim_table.h"

#define MANY 250000
#define CONSTRAINTS 400000

/* Counted instead of asserted one by one: libcheck writes a mark for each assertion. */
static int misses;

static void expect(bool holds) {
  misses += !holds;
}

static gm__dim numbered(gm__dims *dims, int i) {
  char name[32];
  gm__dim dim = 0;
  int length = snprintf(name, sizeof name, "s%d", i);
  expect(gm__dim_symbol(dims, name, (size_t)length, &dim, NULL) == GM_OK);
  return dim;
}

START_TEST(names_stay_different_symbols) {
  gm__dims *dims = table();
  for (int i = 0; i < MANY; i++) {
    gm__dim unknown = 0;
    numbered(dims, i);
    expect(gm__dim_unknown(dims, &unknown, NULL) == GM_OK);
  }
  ck_assert_uint_eq(gm__symbol_count(dims), MANY);
  for (int i = 0; i < MANY; i++) {
    char name[32];
    snprintf(name, sizeof name, "s%d", i);
    expect(strcmp(text_of(dims, numbered(dims, i)), name) == 0);
  }
  ck_assert_uint_eq(gm__symbol_count(dims), MANY);
  ck_assert_int_eq(misses, 0);
  gm__dims_free(dims);
}
END_TEST

/* These two have one hash. */
START_TEST(a_name_that_goes_on_from_another_is_another_symbol) {
  gm__dims *dims = table();
  gm__dim longer = dim_of(dims, "n4802cayb"), shorter = dim_of(dims, "n4802");
  ck_assert_int_ne(longer, shorter);
  ck_assert_uint_eq(gm__symbol_count(dims), 2);
  ck_assert_int_eq(dim_of(dims, "n4802cayb"), longer);
  ck_assert_int_eq(dim_of(dims, "n4802"), shorter);
  gm__dims_free(dims);
}
END_TEST

START_TEST(quotients_stay_different_words) {
  gm__dims *dims = table();
  static gm__dim made[MANY];
  gm__dim n = dim_of(dims, "n");
  for (int i = 0; i < MANY; i++) {
    int64_t kind = i % 4, value = i / 4 + 2;
    gm__dim word = 0;
    if (kind == 0) expect(gm__dim_div(dims, n, value, &word, NULL) == GM_OK);
    if (kind == 1) expect(gm__dim_min(dims, n, value, &word, NULL) == GM_OK);
    if (kind == 2) expect(gm__dim_max(dims, value, n, &word, NULL) == GM_OK);
    if (kind == 3) expect(gm__dim_div(dims, value, n, &word, NULL) == GM_OK);
    made[i] = word;
  }
  ck_assert_uint_eq(dims->atoms.count, MANY + 1);
  for (int i = 0; i < MANY; i++) {
    char expected[64];
    static const char *const forms[] = {"n//%d", "min(n, %d)", "max(%d, n)", "%d//n"};
    snprintf(expected, sizeof expected, forms[i % 4], i / 4 + 2);
    expect(strcmp(text_of(dims, made[i]), expected) == 0);
  }
  ck_assert_int_eq(misses, 0);
  gm__dims_free(dims);
}
END_TEST

START_TEST(sums_stay_different_words) {
  gm__dims *dims = table();
  static gm__dim made[MANY];
  gm__dim n = dim_of(dims, "n"), m = dim_of(dims, "m"), both = dim_of(dims, "n*m + n");
  for (int i = 0; i < MANY; i++) {
    int kind = i % 4, value = i / 4 + 2;
    gm__dim word = 0;
    if (kind == 0) expect(gm__dim_mul(dims, n, value, &word, NULL) == GM_OK);
    if (kind == 1) expect(gm__dim_add(dims, n, value, &word, NULL) == GM_OK);
    if (kind == 2) expect(gm__dim_add(dims, m, value, &word, NULL) == GM_OK);
    if (kind == 3) expect(gm__dim_add(dims, both, value, &word, NULL) == GM_OK);
    made[i] = word;
  }
  for (int i = 0; i < MANY; i++) {
    char expected[64];
    static const char *const forms[] = {"%d*n", "n + %d", "m + %d", "n*m + n + %d"};
    snprintf(expected, sizeof expected, forms[i % 4], i / 4 + 2);
    expect(strcmp(text_of(dims, made[i]), expected) == 0);
  }
  ck_assert_int_eq(misses, 0);
  gm__dims_free(dims);
}
END_TEST

START_TEST(products_stay_different_words) {
  gm__dims *dims = table();
  enum { SIDE = 600 };
  static gm__dim symbol[SIDE], made[SIDE][SIDE];
  for (int i = 0; i < SIDE; i++) symbol[i] = numbered(dims, i);
  for (int i = 0; i < SIDE; i++)
    for (int k = 0; k < SIDE; k++)
      expect(gm__dim_mul(dims, symbol[i], symbol[k], &made[i][k], NULL) == GM_OK);
  for (int i = 0; i < SIDE; i++)
    for (int k = 0; k < SIDE; k++) {
      char expected[64];
      snprintf(expected, sizeof expected, "s%d*s%d", i < k ? i : k, i < k ? k : i);
      expect(made[i][k] == made[k][i]);
      expect(strcmp(text_of(dims, made[i][k]), expected) == 0);
    }
  ck_assert_int_eq(misses, 0);
  gm__dims_free(dims);
}
END_TEST

/* Half of them differ in kind, word, number and user, half in the user alone. */
static gm_status demand(gm__dims *dims, const gm__dim *word, uint32_t i) {
  const gm__place nowhere = {0, 0};
  gm__dim a = word[i % 8], b = 5 + i / 8 % 2, out = 0;
  if (i % 2 == 0) return gm__dims_multiple(dims, word[0], 7, i * 2654435761U + 1, nowhere, NULL, NULL);
  if (i / 16 % 2 == 0) return gm__dims_multiple(dims, a, b, i / 32 + 1, nowhere, NULL, NULL);
  return gm__dims_broadcast(dims, a, b, i / 32 + 1, nowhere, nowhere, &out, NULL, NULL);
}

START_TEST(constraints_are_kept_once_each) {
  gm__dims *dims = table();
  gm__dim word[8];
  for (int i = 0; i < 8; i++) word[i] = numbered(dims, i);
  for (int round = 0; round < 2; round++) {
    for (uint32_t i = 0; i < CONSTRAINTS; i++) expect(demand(dims, word, i) == GM_OK);
    ck_assert_uint_eq(gm__constraint_count(dims), CONSTRAINTS);
  }
  ck_assert_int_eq(misses, 0);
  gm__dims_free(dims);
}
END_TEST

SUITE(dim_many) {
  CASE(names_stay_different_symbols);
  CASE(a_name_that_goes_on_from_another_is_another_symbol);
  CASE(quotients_stay_different_words);
  CASE(sums_stay_different_words);
  CASE(products_stay_different_words);
  CASE(constraints_are_kept_once_each);
}
