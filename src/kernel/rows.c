/* SPDX-License-Identifier: MIT
 *
 * rows: steps that follow each other over the same rows, run a block of rows after the other, so that what
 * one leaves the next still finds in the cache. Threads take blocks, and keep what is kept for a block each
 * on its own stack. */
#include <stdatomic.h>
#include "base/pool.h"
#include "kernel/step.h"

enum { PAD = 64, ROOM = 96 * 1024 };

static int64_t padded(int64_t bytes) {
  return (bytes + PAD - 1) / PAD * PAD;
}

static gm_status run_block(const gm__rows *rows, const gm__step *steps, const gm__run *inner) {
  for (int i = 0; i < rows->count; i++) GM_TRY(steps[i].kernel->run(&steps[i], inner));
  return GM_OK;
}

/* Blocks of the rows from `from` on. What is kept for a block is in `room`, or in its operand (NULL). */
static gm_status run_rows(const gm__step *step, const gm__run *run, int64_t from, int64_t count, char *room) {
  const gm__rows *rows = step->descriptor;
  char *bases[GM__ROWS_SLOTS];
  gm__run inner = {bases, NULL, run->error};
  for (int64_t row = from; row < from + count; row += rows->block) {
    char *place = room;
    for (int i = 0; i < rows->slots; i++) {
      const gm__rows_slot *slot = &rows->slot[i];
      bases[i] = (char *)gm__step_address(step, run, (int)slot->operand) + row * slot->shift;
      if (room == NULL || slot->kept == 0) continue;
      bases[i] = place;
      place += padded(slot->kept);
    }
    GM_TRY(run_block(rows, rows->rows - row < rows->block ? rows->rest : rows->steps, &inner));
  }
  return GM_OK;
}

/* A step cut for threads. */
typedef struct job {
  const gm__step *step;
  const gm__run *run;
  int64_t chunk; /* rows of a part */
  atomic_bool failed;
} job;

static void part(void *argument, int index) {
  job *j = argument;
  const gm__rows *rows = j->step->descriptor;
  int64_t from = index * j->chunk, left = rows->rows - from;
  const gm__run run = {j->run->bases, NULL, NULL};
  _Alignas(PAD) char room[ROOM];
  if (run_rows(j->step, &run, from, left < j->chunk ? left : j->chunk, room) != GM_OK)
    atomic_store(&j->failed, true);
}

/* How many parts; 1: it is not cut, as where there is no room for what each keeps. */
static int cut(job *j) {
  const gm__rows *rows = j->step->descriptor;
  int64_t blocks = (rows->rows + rows->block - 1) / rows->block,
          parts = gm__step_parts(j->step, j->run->pool);
  int64_t kept = 0;
  for (int i = 0; i < rows->slots; i++) kept += padded(rows->slot[i].kept);
  if (parts == 1 || kept > ROOM) return 1;
  int64_t each = (blocks + parts - 1) / parts;
  j->chunk = each * rows->block;
  return (int)((blocks + each - 1) / each);
}

static gm_status run(const gm__step *step, const gm__run *run) {
  const gm__rows *rows = step->descriptor;
  job j = {.step = step, .run = run};
  int parts = cut(&j);
  if (parts > 1) gm__pool_run(run->pool, parts, part, &j);
  return parts > 1 && !atomic_load(&j.failed) ? GM_OK : run_rows(step, run, 0, rows->rows, NULL);
}

static void text(const gm__step *step, gm__text *text) {
  const gm__rows *rows = step->descriptor;
  gm__text_format(text, "%lld rows by %lld:", (long long)rows->rows, (long long)rows->block);
  for (int i = 0; i < rows->count; i++) {
    gm__text_format(text, "%s %s ", i ? ";" : "", rows->steps[i].kernel->kind);
    rows->steps[i].kernel->text(&rows->steps[i], text);
  }
}

const gm__kernel gm__kernel_rows = {"rows", run, NULL, text, {.time = 0.2f}};
