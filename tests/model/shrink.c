/* SPDX-License-Identifier: MIT
 *
 * A recipe whose plans disagree is made smaller: fewer outputs, fewer steps, in whose place an operand of
 * theirs stands, as long as something still disagrees. Then it is printed. */
#include "model/agree.h"

#include <string.h>

static bool still_differs(const recipe *r) {
  tally sum = {0};
  char why[512];
  return r->output_count > 0 && !recipe_agrees(r, &sum, why, sizeof why);
}

static void drop_output(recipe *r, int output) {
  r->output_count--;
  memmove(
      &r->outputs[output], &r->outputs[output + 1], (size_t)(r->output_count - output) * sizeof *r->outputs);
}

/* Node `from` is `to` from now on, and those behind `from` move up. */
static int moved(int node, int from, int to) {
  return node == from ? to : node > from ? node - 1 : node;
}

static void drop_step(recipe *r, int step, int to) {
  int from = r->leaf_count + step;
  memmove(&r->steps[step], &r->steps[step + 1], (size_t)(r->count - step - 1) * sizeof *r->steps);
  r->count--;
  for (int i = step; i < r->count; i++)
    for (int k = 0; k < r->steps[i].count; k++)
      r->steps[i].inputs[k] = moved(r->steps[i].inputs[k], from, to);
  for (int i = 0; i < r->output_count; i++) r->outputs[i] = moved(r->outputs[i], from, to);
}

static bool drop_leaf(recipe *r, int from) {
  for (int i = 0; i < r->count; i++)
    for (int k = 0; k < r->steps[i].count; k++)
      if (r->steps[i].inputs[k] == from) return false;
  for (int i = 0; i < r->output_count; i++)
    if (r->outputs[i] == from) return false;
  memmove(&r->leaves[from], &r->leaves[from + 1], (size_t)(r->leaf_count - from - 1) * sizeof *r->leaves);
  for (int i = 0; i < r->count; i++)
    for (int k = 0; k < r->steps[i].count; k++)
      r->steps[i].inputs[k] = moved(r->steps[i].inputs[k], from, from);
  for (int i = 0; i < r->output_count; i++) r->outputs[i] = moved(r->outputs[i], from, from);
  r->leaf_count--;
  return true;
}

static bool shrink_outputs(recipe *r) {
  bool any = false;
  for (int i = r->output_count - 1; i >= 0; i--) {
    recipe smaller = *r;
    drop_output(&smaller, i);
    if (!still_differs(&smaller)) continue;
    *r = smaller;
    any = true;
  }
  return any;
}

static bool shrink_step(recipe *r, int step) {
  const recipe_step *at = &r->steps[step];
  for (int k = 0; k < at->count; k++) {
    recipe smaller = *r;
    if (at->inputs[k] < 0) continue;
    drop_step(&smaller, step, at->inputs[k]);
    if (!still_differs(&smaller)) continue;
    *r = smaller;
    return true;
  }
  return false;
}

/* What nobody uses goes: any operand may stand in its place. */
static bool shrink_unused(recipe *r, int step) {
  int node = r->leaf_count + step;
  recipe smaller = *r;
  for (int i = 0; i < r->count; i++)
    for (int k = 0; k < r->steps[i].count; k++)
      if (r->steps[i].inputs[k] == node) return false;
  for (int i = 0; i < r->output_count; i++)
    if (r->outputs[i] == node) return false;
  drop_step(&smaller, step, 0);
  if (!still_differs(&smaller)) return false;
  *r = smaller;
  return true;
}

void recipe_shrink(recipe *r) {
  bool any = true;
  while (any) {
    any = shrink_outputs(r);
    for (int step = r->count - 1; step >= 0; step--)
      any = shrink_unused(r, step) || shrink_step(r, step) || any;
    for (int i = r->leaf_count - 1; i >= 0 && r->leaf_count > 1; i--) {
      recipe smaller = *r;
      if (!drop_leaf(&smaller, i) || !still_differs(&smaller)) continue;
      *r = smaller;
      any = true;
    }
  }
}
