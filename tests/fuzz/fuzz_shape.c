/* SPDX-License-Identifier: MIT
 *
 * Shapes as text, and demands between them. The text is a list of demands, "2*n = m + 1; n, 4 ~ 1, m; n > 2":
 * two shapes and what holds between the dims of one axis after the other (= equal, ~ broadcast, > at least,
 * % multiple), or one shape alone. What is read prints and reads back as the same. Numbers for the symbols
 * that satisfy all demands are never refused, and every dim keeps its value under them. */
#include "fuzz.h"

#include <stdio.h>
#include "base/alloc.h"
#include "shape/dim.h"

enum { DEMANDS = 24, TRIALS = 12, SHAPES = 2 * DEMANDS };

typedef struct shape {
  int rank;
  gm__dim dims[GM_MAX_RANK];
} shape;

/** One way to give the symbols numbers. */
typedef struct numbers {
  gm__values values;
  unsigned seed;
  bool satisfies; /* all demands so far */
} numbers;

typedef struct state {
  gm__dims *dims;
  shape shapes[SHAPES];
  int count;
  numbers trials[TRIALS];
  int64_t before[SHAPES][TRIALS]; /* the first dim's value; -1: none */
} state;

/* ---- Numbers ---- */

static int64_t number_for(unsigned seed, const char *name) {
  unsigned hash = 2166136261u ^ seed;
  for (; *name; name++) hash = (hash ^ (unsigned char)*name) * 16777619u;
  hash ^= hash >> 15;
  return seed < 2 ? (int64_t)seed : (int64_t)(hash * 2654435761u >> 28) % (seed < 8 ? 4 : 13);
}

static void give_numbers(state *s, numbers *n) {
  NEED(gm__values_reserve(&n->values, s->dims));
  gm__values_clear(&n->values, s->dims);
  for (size_t i = 0; i < gm__symbol_count(s->dims); i++) {
    const char *name = gm__symbol_name(s->dims, i);
    gm_error error = {0};
    gm_status status =
        gm__values_set(&n->values, s->dims, name, strlen(name), number_for(n->seed, name), NULL, &error);
    fuzz_status(status, &error);
    NEED(status == GM_OK || !n->satisfies);
  }
}

/** -1 where it has none. */
static int64_t value_of(const state *s, const numbers *n, gm__dim dim) {
  int64_t value;
  gm_error error = {0};
  gm_status status = gm__dim_evaluate(s->dims, dim, &n->values, &value, &error);
  fuzz_status(status, &error);
  if (status) return -1;
  NEED(value >= 0);
  return value;
}

/* ---- Text ---- */

static char *text_of(const gm__dims *dims, const shape *of) {
  gm__text text = gm__text_growing();
  gm__shape_text(dims, (gm__shape){of->rank, of->dims}, &text);
  gm__text_end(&text);
  NEED(!text.failed);
  return text.data;
}

/** What prints reads back, here as the same dims, and in a table of its own. `learnt`: a dim
 * may be below 0 by now, and reads as -1 or not at all. */
static void comes_back(state *s, const shape *of, bool learnt) {
  char *text = text_of(s->dims, of);
  gm_error error = {0};
  shape again, apart;
  gm__dims *other = gm__dims_new(NULL);
  NEED(other != NULL);
  gm_status status = strstr(text, "broadcast")
                         ? GM_LIMIT
                         : gm__shape_read(s->dims, text, true, &again.rank, again.dims, &error);
  bool negative = status == GM_BAD_ARGUMENT && learnt &&
                  (strstr(error.message, "below 0") || strstr(error.message, "-1 stands twice"));
  if (status && status != GM_LIMIT && !negative) fprintf(stderr, "%s: %s\n", text, error.message);
  NEED(status == GM_OK || status == GM_LIMIT || negative);
  if (status == GM_OK) {
    NEED(again.rank == of->rank);
    for (int i = 0; i < of->rank && !strchr(text, '?'); i++) {
      gm__dim a = of->dims[i], b = again.dims[i];
      bool minus_one = learnt && a != GM__DIM_AUTO && b == GM__DIM_AUTO;
      bool resolved =
          a == GM__DIM_AUTO || b == GM__DIM_AUTO ||
          (gm__dim_resolve(s->dims, a, &a, NULL) == GM_OK && gm__dim_resolve(s->dims, b, &b, NULL) == GM_OK);
      if (resolved && a != b && !minus_one) fprintf(stderr, "%s axis %d\n", text, i);
      NEED(!resolved || a == b || minus_one);
    }
    NEED(gm__shape_read(other, text, true, &apart.rank, apart.dims, &error) == GM_OK ||
         error.status == GM_LIMIT);
  }
  gm__dims_free(other);
  free(text);
}

static bool read_shape(state *s, const char *text) {
  gm_error error = {0};
  shape *made = &s->shapes[s->count];
  size_t symbols = gm__symbol_count(s->dims);
  gm_status status = gm__shape_read(s->dims, text, true, &made->rank, made->dims, &error);
  fuzz_status(status, &error);
  if (status) NEED(gm__symbol_count(s->dims) == symbols);
  if (status) return false;
  s->count++;
  return true;
}

/* ---- Demands ---- */

static bool holds(char demand, int64_t a, int64_t b) {
  if (a < 0 || b < 0) return false;
  return demand == '='   ? a == b
         : demand == '~' ? a == b || a == 1 || b == 1
         : demand == '>' ? a >= b
                         : b && a % b == 0;
}

static gm_status make_demand(state *s, char demand, gm__dim a, gm__dim b, uint32_t user, gm_error *error) {
  gm__place at_a = {user, 0}, at_b = {user + 1, 0};
  gm__dim out;
  switch (demand) {
  case '=': return gm__dims_equal(s->dims, a, b, user, at_a, at_b, NULL, error);
  case '~': return gm__dims_broadcast(s->dims, a, b, user, at_a, at_b, &out, NULL, error);
  case '>': return gm__dims_at_least(s->dims, a, b, user, at_a, NULL, error);
  default: return gm__dims_multiple(s->dims, a, b, user, at_a, NULL, error);
  }
}

/** Numbers under which everything holds show that a refusal is wrong. */
static void demand_dims(state *s, char demand, gm__dim a, gm__dim b, uint32_t user) {
  bool possible = false, satisfied[TRIALS];
  gm_error error = {0};
  if (a == GM__DIM_AUTO || b == GM__DIM_AUTO) return;
  if (demand == '%' && gm__dim_known(b) && b == 0) return;
  for (int t = 0; t < TRIALS; t++) {
    const numbers *n = &s->trials[t];
    satisfied[t] = n->satisfies && holds(demand, value_of(s, n, a), value_of(s, n, b));
    possible = possible || satisfied[t];
  }
  gm__dims_mark mark = gm__dims_now(s->dims);
  gm_status status = make_demand(s, demand, a, b, user, &error);
  fuzz_status(status, &error);
  if (status == GM_BAD_SHAPE && possible) fprintf(stderr, "demand %c: %s\n", demand, error.message);
  NEED(status != GM_BAD_SHAPE || !possible);
  if (status) gm__dims_rewind(s->dims, mark);
  for (int t = 0; t < TRIALS && !status; t++) s->trials[t].satisfies = satisfied[t];
}

/** Every dim keeps its value, and the symbols' numbers solve. */
static void check_values(state *s) {
  for (int t = 0; t < TRIALS; t++) {
    numbers *n = &s->trials[t];
    if (!n->satisfies) continue;
    gm_error error = {0};
    give_numbers(s, n);
    gm_status status = gm__dims_solve(s->dims, &n->values, NULL, 0, NULL, &error);
    if (status == GM_BAD_SHAPE) fprintf(stderr, "solve: %s\n", error.message);
    NEED(status == GM_OK || status == GM_LIMIT || status == GM_UNBOUND);
    for (int i = 0; i < s->count; i++) {
      if (s->shapes[i].rank == 0 || s->before[i][t] < 0 || status) continue;
      NEED(value_of(s, n, s->shapes[i].dims[0]) == s->before[i][t]);
    }
  }
}

static void note_values(state *s) {
  for (int t = 0; t < TRIALS; t++) {
    give_numbers(s, &s->trials[t]);
    for (int i = 0; i < s->count; i++) {
      gm__dim first = s->shapes[i].rank ? s->shapes[i].dims[0] : GM__DIM_AUTO;
      s->before[i][t] = first == GM__DIM_AUTO ? -1 : value_of(s, &s->trials[t], first);
    }
  }
}

/* ---- The text ---- */

typedef struct demand {
  int left, right; /* shapes; right -1: none */
  char kind;
} demand;

static bool read_demand(state *s, char *text, demand *out) {
  size_t at = strcspn(text, "=~>%");
  out->kind = text[at];
  text[at] = 0;
  out->left = s->count;
  if (!read_shape(s, text)) return false;
  out->right = -1;
  if (!out->kind) return true;
  out->right = s->count;
  return read_shape(s, text + at + 1);
}

static void demand_all(state *s, const demand *demands, int count) {
  for (int d = 0; d < count; d++) {
    if (demands[d].right < 0) continue;
    const shape *a = &s->shapes[demands[d].left], *b = &s->shapes[demands[d].right];
    for (int i = 0; i < a->rank && i < b->rank; i++)
      demand_dims(s, demands[d].kind, a->dims[i], b->dims[i], 3 + 2 * (uint32_t)d);
  }
}

static void look_at_learnt(state *s) {
  char text[200];
  for (size_t i = 0; i < gm__symbol_count(s->dims) && i < 20; i++) {
    gm__text into = gm__text_into(text, sizeof text);
    gm__symbol_text(s->dims, i, NULL, &into);
    gm__text_end(&into);
  }
  for (size_t i = 0; i < gm__constraint_count(s->dims) && i < 20; i++) {
    gm__text into = gm__text_into(text, sizeof text);
    gm__constraint_text(s->dims, i, NULL, &into);
    gm__text_end(&into);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static state s;
  demand demands[DEMANDS];
  char *text = fuzz_text(data, size), *rest = text, *part;
  int count = 0;
  memset(&s, 0, sizeof s);
  s.dims = gm__dims_new(NULL);
  NEED(s.dims != NULL);
  while (count < DEMANDS && (part = strsep(&rest, ";"))) count += read_demand(&s, part, &demands[count]);
  for (int t = 0; t < TRIALS; t++) s.trials[t] = (numbers){.seed = (unsigned)t, .satisfies = true};
  for (int i = 0; i < s.count; i++) comes_back(&s, &s.shapes[i], false);
  note_values(&s);
  demand_all(&s, demands, count);
  check_values(&s);
  for (int i = 0; i < s.count; i++) comes_back(&s, &s.shapes[i], true);
  look_at_learnt(&s);
  for (int t = 0; t < TRIALS; t++) gm__values_free(&s.trials[t].values);
  gm__dims_free(s.dims);
  free(text);
  return 0;
}
