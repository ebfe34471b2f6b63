/* SPDX-License-Identifier: MIT
 *
 * The table of passes, their switches, and the log. */
#include <string.h>
#include "plan/plan.h"

#define GM_PASS(name) extern const gm__pass gm__pass_##name;
#include "plan/passes.def"
#undef GM_PASS

#define GM_PASS(name) &gm__pass_##name,
static const gm__pass *const passes[] = {
#include "plan/passes.def"
};
#undef GM_PASS

#define COUNT (sizeof passes / sizeof *passes)

const gm__pass *gm__pass_at(size_t index) {
  return index < COUNT ? passes[index] : NULL;
}

const char *gm_pass_name(size_t index) {
  return index < COUNT ? passes[index]->name : NULL;
}

bool gm__pass_enabled(const gm_plan *plan, const gm__pass *pass) {
  size_t index = 0;
  while (passes[index] != pass) index++;
  return !(plan->without >> index & 1) && !(plan->options.exact && pass->may_round);
}

static gm_status keep(gm_plan *plan, const char *text, const char **out, gm_error *error) {
  *out = text ? gm__arena_text(&plan->arena, text, strlen(text)) : NULL;
  return text && !*out ? gm__no_memory(error) : GM_OK;
}

gm_status gm__plan_note(gm_plan *plan, const gm__pass *pass, const char *node, const char *before,
    const char *after, const char *cost_before, const char *cost_after, gm_error *error) {
  gm__note note = {.pass = pass};
  GM_TRY(keep(plan, node, &note.node, error));
  GM_TRY(keep(plan, before, &note.before, error));
  GM_TRY(keep(plan, after, &note.after, error));
  GM_TRY(keep(plan, cost_before, &note.cost_before, error));
  GM_TRY(keep(plan, cost_after, &note.cost_after, error));
  if (!gm__grow((void **)&plan->notes, &plan->note_capacity, plan->note_count + 1, sizeof note)) {
    return gm__no_memory(error);
  }
  plan->notes[plan->note_count++] = note;
  return GM_OK;
}
