/* SPDX-License-Identifier: MIT
 *
 * A row of the table: its entries run in turn, block by block, so that all meet the same machine; a block
 * lasts at least BLOCK seconds, and begins with a run that is not timed, so that what fits in a cache is
 * there. */
#include "clock.h"
#include "gemm.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MOST_REPETITIONS = 201, MOST_INNER = 100000 };
static const double block = 1e-4, long_run = 5e-3;

static void pause_for(double seconds) {
  if (seconds > 0) usleep((useconds_t)(1e6 * seconds));
}

static double run_time(const entry *e, int inner) {
  double start = now();
  for (int i = 0; i < inner; i++) e->run(e->state);
  return (now() - start) / inner;
}

/** How many runs make a block, found by doubling. */
static int inner_runs(const entry *e) {
  int inner = 1;
  run_time(e, 1);
  while (inner < MOST_INNER && run_time(e, inner) * inner < block) inner *= 2;
  return inner;
}

static double block_time(const entry *e, int inner, double pause, double expected) {
  pause_for(pause);
  if (expected < long_run || pause > 0) e->run(e->state);
  return run_time(e, inner);
}

void contest_run(contest *c, const settings *set, double pause) {
  static double times[ENTRIES][MOST_REPETITIONS];
  int inner[ENTRIES] = {0}, done = 0;
  double last[ENTRIES] = {0}, start;
  for (int i = 0; i < ENTRIES; i++)
    if (c->entries[i].run) inner[i] = inner_runs(&c->entries[i]);
  start = now();
  while (done < MOST_REPETITIONS && (done < set->repetitions || now() - start < set->budget)) {
    for (int i = 0; i < ENTRIES; i++)
      if (inner[i]) times[i][done] = last[i] = block_time(&c->entries[i], inner[i], pause, last[i]);
    done++;
  }
  for (int i = 0; i < ENTRIES; i++)
    if (inner[i]) {
      double middle = median(times[i], done);
      c->entries[i].seconds = set->least ? times[i][0] : middle;
    }
  c->repetitions = done;
}

/* ---- What came of it ---- */

void contest_goal(contest *c, const char *text, double reached, double wanted, bool at_most) {
  c->goals[c->goal_count++] = (goal){text, reached, wanted, at_most};
}

double contest_ours(const contest *c) {
  return fmax(c->entries[OURS].seconds - c->subtracted, 1e-12);
}

double contest_share(const contest *c) {
  return c->limit / contest_ours(c);
}

static const char *time_text(double seconds, char text[16]) {
  if (seconds < 1e-6)
    snprintf(text, 16, "%.1f ns", 1e9 * seconds);
  else if (seconds < 1e-3)
    snprintf(text, 16, "%.2f us", 1e6 * seconds);
  else
    snprintf(text, 16, "%.3f ms", 1e3 * seconds);
  return text;
}

static bool goal_met(const goal *g) {
  return g->at_most ? g->reached <= g->wanted : g->reached >= g->wanted;
}

static void print_peer(const contest *c, int peer) {
  const entry *e = &c->entries[peer];
  char text[16];
  if (e->run)
    printf(" %10s %5.2f", time_text(e->seconds, text), c->limit / e->seconds);
  else
    printf(" %10s %5s", "-", "");
}

static void print_goals(const contest *c) {
  for (int i = 0; i < c->goal_count; i++) {
    const goal *g = &c->goals[i];
    printf("%s%s %.3g: ", i ? "; " : "", g->text, g->wanted);
    if (goal_met(g))
      printf("met (%.3g)", g->reached);
    else
      printf("MISSED by %.2g", fabs(g->reached - g->wanted));
  }
}

void contest_print(bench *b, const contest *c) {
  bool met = true;
  char limit[16], ours[16];
  printf("%-31s %10s %-6s %10s %5.2f", c->what, c->limit > 0 ? time_text(c->limit, limit) : "-",
      c->limit > 0 ? c->by : "", time_text(contest_ours(c), ours), contest_share(c));
  for (int peer = OPENBLAS; peer <= XSMM; peer++) print_peer(c, peer);
  printf("  ");
  print_goals(c);
  printf("\n");
  if (*c->note) printf("    %s\n", c->note);
  fflush(stdout);
  for (int i = 0; i < c->goal_count; i++) met = met && goal_met(&c->goals[i]);
  b->rows += c->goal_count > 0;
  b->met += c->goal_count > 0 && met;
}

void contest_heading(const char *text) {
  printf("\n%-31s %10s %-6s %10s %5s %10s %5s %10s %5s %10s %5s  goal\n", text, "limit", "by", "ours",
      "share", "OpenBLAS", "share", "oneDNN", "share", "libxsmm", "share");
}

void contest_drop(contest *c) {
  for (int i = 0; i < ENTRIES; i++)
    if (c->entries[i].drop) c->entries[i].drop(c->entries[i].state);
  memory_drop();
}
