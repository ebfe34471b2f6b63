/* SPDX-License-Identifier: MIT
 *
 * Dims with memory running out at every allocation of every step of a long script: the step says GM_NO_MEMORY
 * and changes nothing that can be seen, does its work when it is called once more, and no block is left in
 * the end. */
#include "faults/memory.h"
#include "shape/dim_table.h"
#include "unit/dim_support.h"

typedef enum act { READ, EQUAL, BROADCAST, AT_LEAST, MULTIPLE, RESOLVE, COPY } act;

/* READ makes word `a` of the text; the others are about words that were made before. */
typedef struct step {
  act act;
  int a, b;
  const char *text;
} turn;

static const turn script[] = {{READ, 0, 0, "n + 2*m"}, {READ, 1, 0, "max(k, n*m)//3"}, {READ, 2, 0, "?"},
    {READ, 3, 0, "k*k + min(j, 4)"}, {READ, 4, 0, "n"}, {READ, 5, 0, "m"}, {READ, 6, 0, "j*k"},
    {READ, 7, 0, "k"}, {AT_LEAST, 1, 5, NULL}, {MULTIPLE, 6, 5, NULL}, {BROADCAST, 6, 7, NULL},
    {EQUAL, 2, 0, NULL}, {EQUAL, 6, 5, NULL}, {COPY, 0, 0, NULL}, {READ, 8, 0, "n//2 - q*(r + 1)*(s - 2)"},
    {EQUAL, 4, 5, NULL}, {RESOLVE, 1, 0, NULL}, {READ, 9, 0, "2*r - 7"}, {READ, 10, 0, "?"},
    {EQUAL, 10, 9, NULL}, {BROADCAST, 4, 10, NULL}, {AT_LEAST, 9, 8, NULL}, {READ, 11, 0, "3"},
    {EQUAL, 7, 11, NULL}, {EQUAL, 4, 11, NULL}, {MULTIPLE, 9, 8, NULL}, {RESOLVE, 3, 0, NULL},
    {RESOLVE, 8, 0, NULL}, {COPY, 0, 0, NULL}, {READ, 12, 0, "(t*u + t)//(u + 1) + u"},
    {READ, 13, 0, "(t*t - v)//(t + v + 1)"}};
enum { STEPS = sizeof script / sizeof *script, WORDS = 14 };

typedef struct scene {
  gm__dims *dims, *copy;
  gm__dim words[WORDS], out;
} scene;

static gm_status act_out(scene *s, const turn *t, gm_error *error) {
  const gm__place here = {1, 0}, there = {2, 1};
  gm__dim a = s->words[t->a], b = s->words[t->b];
  switch (t->act) {
  case READ: return gm__dim_read(s->dims, t->text, strlen(t->text), &s->words[t->a], error);
  case EQUAL: return gm__dims_equal(s->dims, a, b, 3, here, there, &namer, error);
  case BROADCAST: return gm__dims_broadcast(s->dims, a, b, 3, here, there, &s->out, &namer, error);
  case AT_LEAST: return gm__dims_at_least(s->dims, a, b, 3, here, &namer, error);
  case MULTIPLE: return gm__dims_multiple(s->dims, a, b, 3, here, &namer, error);
  case RESOLVE: return gm__dim_resolve(s->dims, a, &s->out, error);
  default: s->copy = gm__dims_copy(s->dims, NULL, NULL, error); return s->copy != NULL ? GM_OK : GM_NO_MEMORY;
  }
}

static void act_well(scene *s, const turn *t) {
  gm_error error = {0};
  ck_assert_msg(act_out(s, t, &error) == GM_OK, "%s", error.message);
  if (s->copy == NULL) return;
  gm__dims_free(s->dims);
  s->dims = s->copy;
  s->copy = NULL;
}

static void begin(scene *s, int steps) {
  *s = (scene){.dims = gm__dims_new(NULL)};
  ck_assert_ptr_nonnull(s->dims);
  for (int i = 0; i < steps; i++) act_well(s, &script[i]);
}

static const char *seen(const scene *s) {
  static char buffers[2][1 << 14];
  static int next;
  char *buffer = buffers[next++ % 2];
  gm__text text = gm__text_into(buffer, sizeof buffers[0]);
  for (int i = 0; i < WORDS; i++) {
    gm__dim_text(s->dims, s->words[i], &text);
    gm__text_format(&text, " is %lld; ", (long long)gm__dim_value(s->dims, s->words[i]));
  }
  for (size_t i = 0; i < gm__symbol_count(s->dims); i++) gm__symbol_text(s->dims, i, &namer, &text);
  for (size_t i = 0; i < gm__constraint_count(s->dims); i++) gm__constraint_text(s->dims, i, &namer, &text);
  ck_assert_uint_lt(gm__text_end(&text), sizeof buffers[0]);
  return buffer;
}

/* The step with one more allocation allowed each time, until none fails. */
static void walk_step(int at, bool persists) {
  scene well;
  begin(&well, at + 1);
  for (long allowed = 0;; allowed++) {
    scene s;
    gm_error error = {0};
    begin(&s, at);
    const char *before = seen(&s);
    memory_arm(allowed, persists);
    gm_status status = act_out(&s, &script[at], &error);
    bool failed = memory_disarm();
    ck_assert_msg(status == (failed ? GM_NO_MEMORY : GM_OK), "step %d: %s", at, gm_status_name(status));
    if (failed) {
      ck_assert_int_eq(error.status, GM_NO_MEMORY);
      ck_assert_str_eq(seen(&s), before);
      act_well(&s, &script[at]);
      ck_assert_str_eq(seen(&s), seen(&well));
    }
    gm__dims_free(s.copy);
    gm__dims_free(s.dims);
    if (!failed) break;
  }
  gm__dims_free(well.dims);
}

START_TEST(a_step_without_memory_changes_nothing) {
  long live = memory_live();
  for (int at = 0; at < STEPS; at++) walk_step(at, _i == 1);
  ck_assert_int_eq(memory_live(), live);
}
END_TEST

START_TEST(a_table_is_made_whole_or_not) {
  long live = memory_live();
  bool failed = true;
  for (long allowed = 0; failed; allowed++) {
    gm_error error = {0};
    memory_arm(allowed, false);
    gm__dims *dims = gm__dims_new(&error);
    failed = memory_disarm();
    ck_assert_int_eq(dims == NULL, failed);
    ck_assert_int_eq(error.status, failed ? GM_NO_MEMORY : GM_OK);
    gm__dims_free(dims);
  }
  ck_assert_int_eq(memory_live(), live);
}
END_TEST

/* Lists grow by doubling: each of them is full for some number of constraints. */
static void check_difference(uint32_t constraints) {
  const gm__place here = {1, 0}, there = {2, 1};
  bool failed = true;
  for (long allowed = 0; failed; allowed++) {
    gm__dims *dims = table();
    gm__dim n = dim_of(dims, "n"), unknown = dim_of(dims, "?"), rest = dim_of(dims, "n - 3");
    for (uint32_t user = 1; user <= constraints; user++)
      gm__dims_multiple(dims, n, 2, user, here, NULL, NULL);
    memory_arm(allowed, false);
    gm_status status = gm__dims_equal(dims, unknown, rest, 99, here, there, NULL, NULL);
    failed = memory_disarm();
    ck_assert_int_eq(status, failed ? GM_NO_MEMORY : GM_OK);
    ck_assert_uint_eq(gm__constraint_count(dims), constraints + !failed);
    ck_assert_str_eq(text_of(dims, unknown), failed ? "?" : "n - 3");
    gm__dims_free(dims);
  }
}

START_TEST(a_difference_without_memory_is_not_learnt) {
  for (uint32_t constraints = 0; constraints < 40; constraints++) check_difference(constraints);
}
END_TEST

START_TEST(symbols_are_made_whole_or_not) {
  for (int named = 0; named < 2; named++) {
    bool failed = true;
    for (long allowed = 0; failed; allowed++) {
      scene s;
      gm__dim symbol = 0;
      begin(&s, 3);
      size_t symbols = s.dims->symbols.count;
      memory_arm(allowed, false);
      gm_status status =
          named ? gm__dim_symbol(s.dims, "new", 3, &symbol, NULL) : gm__dim_unknown(s.dims, &symbol, NULL);
      failed = memory_disarm();
      ck_assert_int_eq(status, failed ? GM_NO_MEMORY : GM_OK);
      ck_assert_uint_eq(s.dims->symbols.count, symbols + !failed);
      gm__dims_free(s.dims);
    }
  }
}
END_TEST

START_TEST(texts_and_values_without_memory_are_as_written_or_unknown) {
  scene s;
  begin(&s, 5);
  gm__dim word = s.words[1];
  ck_assert_int_eq(unify(s.dims, "n", "4"), GM_OK);
  ck_assert_str_eq(text_of(s.dims, word), "max(4*m, k)//3");
  memory_arm(0, true);
  const char *text = text_of(s.dims, word);
  ck_assert(memory_disarm());
  ck_assert_str_eq(text, "max(n*m, k)//3");
  ck_assert_int_eq(unify(s.dims, "m", "3"), GM_OK);
  ck_assert_int_eq(unify(s.dims, "k", "5"), GM_OK);
  gm__dim whole = dim_of(s.dims, "max(k, n*m)*(w + 1) - max(k, n*m)*w");
  ck_assert_int_eq(gm__dim_value(s.dims, whole), 12);
  gm__dims_free(s.dims);
}
END_TEST

static void check_names(const scene *s, gm__values *values, const char *expected) {
  gm_error error = {0};
  ck_assert_int_eq(gm__values_set(values, s->dims, "nn", 2, 3, NULL, &error), GM_BAD_ARGUMENT);
  ck_assert_str_eq(error.message, expected);
}

START_TEST(values_are_reserved_or_not) {
  scene s;
  long live = memory_live();
  begin(&s, STEPS);
  for (long allowed = 0; allowed < 3; allowed++) {
    gm__values values = {0};
    memory_arm(allowed, false);
    bool reserved = gm__values_reserve(&values, s.dims);
    ck_assert_int_eq(memory_disarm(), !reserved);
    ck_assert_int_eq(reserved, allowed == 2);
    ck_assert(gm__values_reserve(&values, s.dims));
    memory_arm(0, false);
    check_names(&s, &values, "there is no dim 'nn'");
    ck_assert(memory_disarm());
    check_names(&s, &values, "there is no dim 'nn'; did you mean 'n'?");
    gm__values_free(&values);
  }
  memory_arm(0, false);
  ck_assert_ptr_null(gm__dims_solved(s.dims, s.words, WORDS));
  ck_assert(memory_disarm());
  gm__dims_free(s.dims);
  ck_assert_int_eq(memory_live(), live);
}
END_TEST

SUITE(faults_dims) {
  tcase_add_loop_test(cases, a_step_without_memory_changes_nothing, 0, 2);
  CASE(a_table_is_made_whole_or_not);
  CASE(a_difference_without_memory_is_not_learnt);
  CASE(symbols_are_made_whole_or_not);
  CASE(texts_and_values_without_memory_are_as_written_or_unknown);
  CASE(values_are_reserved_or_not);
}
