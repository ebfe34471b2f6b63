/* SPDX-License-Identifier: MIT
 *
 * See walk.h. */
#include "faults/walk.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "faults/memory.h"

static notes want, got, written, before, after;

gm_status walk_status(const void *made, const gm_error *error) {
  if (made != NULL) return GM_OK;
  return error != NULL ? error->status : GM_NO_MEMORY;
}

gm_status walk_built(gm_graph *graph, gm_node node, gm_error *error) {
  gm_error own = {0};
  gm_status status = gm_graph_error(graph, &own);
  gm_graph_clear_error(graph);
  if (status != GM_OK && error != NULL) *error = own;
  return node.id == 0 && status == GM_OK ? GM_INTERNAL : status;
}

void walk_warm(void) {
  static bool warm;
  if (warm) return;
  gm_error error = {0};
  gm_tensor *value = NULL;
  gm_graph *graph = gm_graph_new(NULL, &error);
  gm_node x = gm_ones(graph, "x", GM_FLOAT32, "64, 64");
  ck_assert_msg(gm_eval(graph, gm_dot(graph, x, x), &value, &error) == GM_OK, "%s", error.message);
  gm_tensor_free(value);
  gm_graph_free(graph);
  warm = true;
}

void walk_drop(world *w) {
  gm_executor_free(w->executor);
  gm_plan_free(w->plan);
  gm_graph_free(w->graph);
  gm_tensor_free(w->made);
  for (int i = 0; i < WORLD_TENSORS; i++) gm_tensor_free(w->tensors[i]);
}

void walk_begin(const walk_case *c, world *w) {
  *w = (world){.how = c->how, .written = &written};
  note_clear(&written);
  if (c->setup != NULL) c->setup(w);
}

static void describe(
    const walk_case *c, const world *w, gm_status status, const gm_error *error, notes *out) {
  note_clear(out);
  if (status != GM_OK) note(out, "%s: %s", gm_status_name(status), error->message);
  if (status == GM_OK && c->describe != NULL) c->describe(w, out);
}

long walk_in_peace(const walk_case *c, world *w, notes *out) {
  gm_error error = {0};
  note_clear(&written);
  memory_arm(-1, false);
  gm_status status = c->call(w, &error);
  long calls = memory_calls();
  bool fine = c->may_fail_otherwise ? status != GM_OK && status != GM_NO_MEMORY : status == GM_OK;
  ck_assert_msg(fine, "%s: %s: %s", c->name, gm_status_name(status), error.message);
  describe(c, w, status, &error, out);
  return calls;
}

/** How many allocations there are to fail; what the call does is in `want` afterwards. */
static long learn(const walk_case *c) {
  world w;
  long live = memory_live();
  walk_begin(c, &w);
  long calls = walk_in_peace(c, &w, &want);
  walk_drop(&w);
  ck_assert_msg(memory_live() == live, "%s: %ld blocks are left", c->name, memory_live() - live);
  return calls;
}

static void check_failure(const walk_case *c, long at, gm_status status, const gm_error *error) {
  bool other = c->may_fail_otherwise && status != GM_OK;
  ck_assert_msg(
      status == GM_NO_MEMORY || other, "%s, allocation %ld: %s", c->name, at, gm_status_name(status));
  if (error == NULL) return;
  ck_assert_msg(error->status == status && error->message[0] != '\0' && strchr(error->message, '\n') == NULL,
      "%s, allocation %ld: the error says %s: '%s'", c->name, at, gm_status_name(error->status),
      error->message);
}

static void note_state(const walk_case *c, const world *w, notes *out) {
  note_clear(out);
  if (c->state != NULL) c->state(w, out);
}

static void check_unchanged(const walk_case *c, long at, const world *w) {
  note_state(c, w, &after);
  ck_assert_msg(strcmp(before.text, after.text) == 0, "%s, allocation %ld: failing changed\n%s\nto\n%s",
      c->name, at, before.text, after.text);
}

static void attempt(const walk_case *c, walk_mode mode, long at) {
  world w;
  gm_error error = {0}, *said = mode == WALK_ONE_UNSAID ? NULL : &error;
  long live = memory_live();
  walk_begin(c, &w);
  note_state(c, &w, &before);
  memory_arm(at, mode == WALK_ALL_LATER);
  gm_status status = c->call(&w, said);
  bool refused = memory_disarm();
  if (refused && !(w.may_do_without && status == GM_OK)) {
    check_failure(c, at, status, said);
    check_unchanged(c, at, &w);
    walk_in_peace(c, &w, &got);
  } else {
    describe(c, &w, status, &error, &got);
  }
  walk_drop(&w);
  ck_assert_msg(strcmp(got.text, want.text) == 0, "%s, allocation %ld: afterwards\n%s\nbut undisturbed\n%s",
      c->name, at, got.text, want.text);
  ck_assert_msg(
      memory_live() == live, "%s, allocation %ld: %ld blocks are left", c->name, at, memory_live() - live);
}

static uint64_t seed(void) {
  const char *given = getenv("GM_SEED");
  return given != NULL ? strtoull(given, NULL, 10) : 1;
}

static long drawn(uint64_t *state, long below) {
  *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (long)((*state >> 33) % (uint64_t)below);
}

static long sample(const walk_case *c, walk_mode mode, long calls, long most) {
  uint64_t state = seed();
  printf("%s: %ld of %ld allocations, seed %llu\n", c->name, most, calls, (unsigned long long)state);
  fflush(stdout);
  for (long at = 0; at < most / 4; at++) attempt(c, mode, at);
  for (long at = calls - most / 4; at < calls; at++) attempt(c, mode, at);
  for (long i = 0; i < most / 2; i++) attempt(c, mode, drawn(&state, calls));
  return most;
}

long walk(const walk_case *c, walk_mode mode, long most) {
  walk_warm();
  long calls = learn(c);
  if (calls > most && getenv("GM_FAULTS_ALL") == NULL) return sample(c, mode, calls, most);
  for (long at = 0; at < calls; at++) attempt(c, mode, at);
  return calls;
}
