/* SPDX-License-Identifier: MIT
 *
 * The search over states: from the one that was written, the move that lowers the price most, until none
 * does. Bounded by counts. */
#include <math.h>
#include "plan/algebra_state.h"

#define MOST_MOVES 24
#define MOST_ROUNDS 8
#define WORK_PER_LETTER 300
#define WORK_AT_ALL 2000

static size_t letters_of(const gm__algebra *a, const gm__group *group) {
  size_t letters = 0;
  for (size_t i = 0; i < group->count; i++) {
    gm__sum sum = a->variants.at[a->defs.at[group->defs[i]].sum];
    for (uint32_t t = 0; t < sum.count; t++) letters += a->terms.at[sum.first + t].count;
  }
  return letters;
}

static bool choose(gm__state *state, const gm__move *move) {
  for (size_t c = 0; c < move->count; c++) {
    size_t i = 0;
    while (i < state->choice_count && state->choices[i].def != move->at[c].def) i++;
    if (i == GM__MOST_CHOICES) return false;
    state->choices[i] = move->at[c];
    if (i == state->choice_count) state->choice_count++;
  }
  return true;
}

/** Does the best move; *moved: there was one. */
static gm_status one_move(gm__algebra *a, const gm__group *group, gm__state *best, bool *moved) {
  gm__move found[MOST_MOVES];
  size_t count;
  gm__state from = *best;
  GM_TRY(gm__sums_moves(a, group, &from, found, MOST_MOVES, &count));
  *moved = false;
  for (size_t i = 0; i < count && a->work < a->most_work; i++) {
    gm__state next = from;
    if (!choose(&next, &found[i])) continue;
    gm__state_price(a, group, &next);
    if (next.cost >= best->cost * (1 - 1e-9)) continue;
    *best = next;
    best->distributed = *moved = true;
  }
  return GM_OK;
}

gm_status gm__state_search(gm__algebra *a, const gm__group *group, gm__state *best) {
  bool moved = a->sums;
  a->work = 0;
  a->most_work = WORK_AT_ALL + WORK_PER_LETTER * letters_of(a, group);
  *best = (gm__state){.cost = 0};
  gm__state_price(a, group, best);
  for (int round = 0; round < MOST_ROUNDS && moved; round++) GM_TRY(one_move(a, group, best, &moved));
  return best->cost < INFINITY && !a->starved ? GM_OK : gm__no_memory(a->error);
}
