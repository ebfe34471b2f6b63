/* SPDX-License-Identifier: MIT
 *
 * Many demands: a failed one leaves no trace, copies know what was learnt, true ones are never refused, and
 * long chains and many constraints stay quick. */
#include "dim_demands.h"

#include <time.h>

static void print_all(gm__dims *dims, const gm__dim *dim, int count, gm__text *text) {
  for (int i = 0; i < count; i++) {
    gm__dim_text(dims, dim[i], text);
    gm__text_char(text, ';');
  }
  for (size_t i = 0; i < gm__symbol_count(dims); i++) gm__symbol_text(dims, i, &namer, text);
  for (size_t i = 0; i < gm__constraint_count(dims); i++) gm__constraint_text(dims, i, &namer, text);
  gm__text_end(text);
}

static gm__dim random_dim(gm__dims *dims, uint64_t *state) {
  static const char *const texts[] = {"n", "m", "k", "j", "2*n", "n + m", "n*m", "3", "6", "k + 1", "2*j + 2",
      "max(n, m)", "min(k, 4)", "j//2", "n + m + k + j", "0", "1", "m*k"};
  return dim_of(dims, texts[random_below(state, (int64_t)(sizeof texts / sizeof *texts))]);
}

static void random_demand(gm__dims *dims, uint64_t *state) {
  gm__dim a = random_dim(dims, state), b = random_dim(dims, state), out = 0;
  int64_t kind = random_below(state, 6);
  gm_error error = {0};
  uint32_t user = (uint32_t)random_below(state, 8);
  if (kind < 3)
    equal(dims, a, b, &error);
  else if (kind == 3)
    gm__dims_broadcast(dims, a, b, user, nowhere, (gm__place){2, 1}, &out, &namer, &error);
  else if (kind == 4)
    gm__dims_at_least(dims, a, b, user, (gm__place){3, 0}, NULL, &error);
  else
    gm__dims_multiple(dims, a, b, user, (gm__place){3, 0}, &namer, &error);
  ck_assert(error.status == GM_OK || error.status == GM_BAD_SHAPE || error.status == GM_LIMIT);
}

START_TEST(rewinding_restores_the_text_of_everything) {
  for (uint64_t seed = 0; seed < 300; seed++) {
    gm__dims *dims = table();
    uint64_t state = seed;
    gm__dim dim[20];
    for (int i = 0; i < 20; i++) dim[i] = random_dim(dims, &state);
    for (int64_t i = random_below(&state, 4); i > 0; i--) random_demand(dims, &state);
    gm__text before = gm__text_growing(), after = gm__text_growing();
    print_all(dims, dim, 20, &before);
    gm__dims_mark mark = gm__dims_now(dims);
    for (int i = 0; i < 8; i++) random_demand(dims, &state);
    gm__dims_rewind(dims, mark);
    print_all(dims, dim, 20, &after);
    ck_assert_str_eq(before.data, after.data);
    gm__text_free(&before);
    gm__text_free(&after);
    gm__dims_free(dims);
  }
}
END_TEST

START_TEST(copies_keep_words_and_what_was_learnt) {
  for (uint64_t seed = 0; seed < 100; seed++) {
    gm__dims *dims = table();
    uint64_t state = seed * 3 + 1;
    gm__dim dim[20];
    for (int i = 0; i < 20; i++) dim[i] = random_dim(dims, &state);
    for (int i = 0; i < 5; i++) random_demand(dims, &state);
    gm__text first = gm__text_growing(), second = gm__text_growing();
    print_all(dims, dim, 20, &first);
    gm__dims *copy = gm__dims_copy(dims, NULL, NULL, NULL);
    ck_assert_ptr_nonnull(copy);
    gm__dims_free(dims);
    print_all(copy, dim, 20, &second);
    ck_assert_str_eq(first.data, second.data);
    for (int i = 0; i < 5; i++) random_demand(copy, &state);
    gm__text_free(&first);
    gm__text_free(&second);
    gm__dims_free(copy);
  }
}
END_TEST

START_TEST(empty_and_nameless_tables_are_copied) {
  gm__dims *dims = table();
  gm__dims *empty = gm__dims_copy(dims, NULL, NULL, NULL);
  ck_assert_ptr_nonnull(empty);
  check_now(empty, "n + 1", "n + 1");
  gm__dim unknown = dim_of(dims, "?");
  gm__dims *nameless = gm__dims_copy(dims, NULL, NULL, NULL);
  ck_assert_ptr_nonnull(nameless);
  ck_assert_str_eq(text_of(nameless, unknown), "?");
  ck_assert_uint_eq(gm__symbol_count(nameless), 0);
  gm__dims_free(nameless);
  gm__dims_free(empty);
  gm__dims_free(dims);
}
END_TEST

static bool is_seven(const void *context, uint32_t user) {
  (void)context;
  return user == 7;
}

START_TEST(copies_keep_the_constraints_of_users_that_stay) {
  gm__dims *dims = table();
  gm__dim n = dim_of(dims, "n"), out = 0;
  gm__dims_broadcast(dims, n, 5, 6, nowhere, nowhere, &out, NULL, NULL);
  gm__dims_broadcast(dims, n, 5, 7, nowhere, nowhere, &out, NULL, NULL);
  ck_assert_uint_eq(gm__constraint_count(dims), 2);
  gm__dims *copy = gm__dims_copy(dims, is_seven, NULL, NULL);
  ck_assert_uint_eq(gm__constraint_count(copy), 1);
  ck_assert_str_eq(constraint(copy, 0), "n in {1, 5}: 'g'");
  ck_assert_int_eq(unify(copy, "n", "4"), GM_BAD_SHAPE);
  gm__dims_free(copy);
  gm__dims_free(dims);
}
END_TEST

/* Whatever was accepted holds for some values, if it holds for those that made the demands true. */
START_TEST(true_demands_are_never_refused) {
  for (uint64_t seed = 0; seed < 2000; seed++) {
    gm__dims *dims = table();
    gm__values values = {0};
    uint64_t state = seed * 7 + 3;
    dim_of(dims, "n + m + k + j");
    ck_assert(gm__values_reserve(&values, dims));
    static const char *const names[] = {"n", "m", "k", "j"};
    for (int i = 0; i < 4; i++)
      gm__values_set(&values, dims, names[i], 1, random_below(&state, 7), NULL, NULL);
    gm__dim dim[12];
    int64_t value[12];
    for (int i = 0; i < 12; i++) {
      dim[i] = random_dim(dims, &state);
      ck_assert_int_eq(gm__dim_evaluate(dims, dim[i], &values, &value[i], NULL), GM_OK);
    }
    for (int i = 0; i < 12; i++)
      for (int k = 0; k < i; k++) {
        gm_error error = {0};
        if (value[i] == value[k])
          ck_assert_msg(equal(dims, dim[i], dim[k], &error) == GM_OK, "%s", error.message);
      }
    for (int i = 0; i < 12; i++) {
      gm__dim now = 0;
      int64_t found = -1;
      ck_assert_int_eq(gm__dim_resolve(dims, dim[i], &now, NULL), GM_OK);
      ck_assert_int_eq(gm__dim_evaluate(dims, now, &values, &found, NULL), GM_OK);
      ck_assert_int_eq(found, value[i]);
    }
    gm__values_free(&values);
    gm__dims_free(dims);
  }
}
END_TEST

START_TEST(long_chains_of_symbols_stay_shallow) {
  gm__dims *dims = table();
  enum { COUNT = 20000 };
  static gm__dim dim[COUNT];
  clock_t start = clock();
  for (int i = 0; i < COUNT; i++) {
    char name[16];
    int length = snprintf(name, sizeof name, "s%d", i);
    ck_assert_int_eq(gm__dim_symbol(dims, name, (size_t)length, &dim[i], NULL), GM_OK);
  }
  for (int i = COUNT - 1; i > 0; i--) ck_assert_int_eq(equal(dims, dim[i], dim[i - 1], NULL), GM_OK);
  for (int i = 0; i < COUNT; i++) ck_assert_str_eq(text_of(dims, dim[i]), "s0");
  ck_assert_int_eq(equal(dims, dim[COUNT / 2], 9, NULL), GM_OK);
  for (int i = 0; i < COUNT; i++) ck_assert_int_eq(gm__dim_value(dims, dim[i]), 9);
  ck_assert((double)(clock() - start) / CLOCKS_PER_SEC < 10);
  gm__dims_free(dims);
}
END_TEST

START_TEST(long_chains_of_expressions_end_in_constraints_or_limits) {
  gm__dims *dims = table();
  gm__dim dim[300];
  for (int i = 0; i < 300; i++) ck_assert_int_eq(gm__dim_unknown(dims, &dim[i], NULL), GM_OK);
  for (int i = 0; i + 1 < 300; i++) {
    gm__dim next = 0;
    ck_assert_int_eq(gm__dim_max(dims, dim[i + 1], 3 + i, &next, NULL), GM_OK);
    gm_status status = equal(dims, dim[i], next, NULL);
    ck_assert(status == GM_OK || status == GM_LIMIT);
  }
  for (int i = 0; i < 300; i++) {
    gm__dim now = 0;
    gm_status status = gm__dim_resolve(dims, dim[i], &now, NULL);
    ck_assert(status == GM_OK || status == GM_LIMIT);
    ck_assert(strlen(text_of(dims, dim[i])) > 0);
  }
  gm__dims_free(dims);
}
END_TEST

START_TEST(many_constraints_and_few_learnings_are_quick) {
  gm__dims *dims = table();
  gm__dim n = dim_of(dims, "n"), out = 0;
  clock_t start = clock();
  for (uint32_t user = 1; user <= 100000; user++)
    ck_assert_int_eq(gm__dims_broadcast(dims, n, 5, user, nowhere, nowhere, &out, NULL, NULL), GM_OK);
  for (int i = 0; i < 1000; i++) ck_assert_int_eq(equal(dims, dim_of(dims, "?"), n, NULL), GM_OK);
  ck_assert_int_eq(unify(dims, "n", "6"), GM_BAD_SHAPE);
  ck_assert_int_eq(unify(dims, "n", "5"), GM_OK);
  ck_assert((double)(clock() - start) / CLOCKS_PER_SEC < 10);
  gm__dims_free(dims);
}
END_TEST

SUITE(dim_undo) {
  CASE(rewinding_restores_the_text_of_everything);
  CASE(copies_keep_words_and_what_was_learnt);
  CASE(empty_and_nameless_tables_are_copied);
  CASE(copies_keep_the_constraints_of_users_that_stay);
  CASE(true_demands_are_never_refused);
  CASE(long_chains_of_symbols_stay_shallow);
  CASE(long_chains_of_expressions_end_in_constraints_or_limits);
  CASE(many_constraints_and_few_learnings_are_quick);
}
