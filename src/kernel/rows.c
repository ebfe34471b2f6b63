/* SPDX-License-Identifier: MIT
 *
 * rows: steps that follow each other over the same rows, run a block of rows after the other, so that what
 * one leaves the next still finds in the cache. */
#include "kernel/step.h"

static gm_status run_block(const gm__rows *rows, const gm__step *steps, const gm__run *inner) {
  for (int i = 0; i < rows->count; i++) GM_TRY(steps[i].kernel->run(&steps[i], inner));
  return GM_OK;
}

static gm_status run(const gm__step *step, const gm__run *run) {
  const gm__rows *rows = step->descriptor;
  char *bases[GM__ROWS_SLOTS];
  gm__run inner = *run;
  inner.bases = bases;
  for (int64_t row = 0; row < rows->rows; row += rows->block) {
    for (int i = 0; i < rows->slots; i++)
      bases[i] = (char *)gm__step_address(step, run, (int)rows->slot[i].operand) + row * rows->slot[i].shift;
    GM_TRY(run_block(rows, rows->rows - row < rows->block ? rows->rest : rows->steps, &inner));
  }
  return GM_OK;
}

static void text(const gm__step *step, gm__text *text) {
  const gm__rows *rows = step->descriptor;
  gm__text_format(text, "%lld rows by %lld:", (long long)rows->rows, (long long)rows->block);
  for (int i = 0; i < rows->count; i++) {
    gm__text_format(text, "%s %s ", i ? ";" : "", rows->steps[i].kernel->kind);
    rows->steps[i].kernel->text(&rows->steps[i], text);
  }
}

const gm__kernel gm__kernel_rows = {"rows", run, NULL, text};
