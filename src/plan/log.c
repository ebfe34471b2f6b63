/* SPDX-License-Identifier: MIT
 *
 * The log of passes. */
#include <string.h>
#include "plan/plan.h"

gm_status gm__log_add(gm__log *log, const gm__note *note, gm_error *error) {
  gm__note own = *note;
  const char **texts[] = {&own.node, &own.before, &own.after, &own.unit, &own.cost_before, &own.cost_after};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    if (!*texts[i]) continue;
    *texts[i] = gm__arena_text(&log->arena, *texts[i], strlen(*texts[i]));
    if (!*texts[i]) return gm__no_memory(error);
  }
  if (!gm__grow((void **)&log->notes, &log->capacity, log->count + 1, sizeof own))
    return gm__no_memory(error);
  log->notes[log->count++] = own;
  return GM_OK;
}

void gm__log_free(gm__log *log) {
  gm__free(log->notes);
  gm__arena_free(&log->arena);
}
