/* SPDX-License-Identifier: MIT
 *
 * Forms while lowering. What a node declares is no step: its value is its input's memory, raw, and its form.
 * A product uses both, an order of axes passes them on; for anyone else, and for outputs, the entries outside
 * are made zero in a copy, which all later readers share. */
#include <stdio.h>
#include "plan/node_form.h"
#include "plan/lowering.h"

gm_status gm__forms_begin(gm__lowering *s) {
  size_t count = s->plan->graph->count + 1;
  if (!gm__pass_enabled(s->plan, &gm__pass_structure)) return GM_OK;
  s->forms = gm__arena_alloc(&s->scratch, count, sizeof *s->forms);
  s->raw = gm__arena_zero(&s->scratch, count, sizeof *s->raw);
  return s->forms && s->raw ? GM_OK : gm__no_memory(s->error);
}

gm_status gm__forms_apply(gm__lowering *s, uint32_t id) {
  if (!s->forms || !s->raw[id]) return GM_OK;
  gm__lower l = {.program = s->program, .node = id, .error = s->error};
  gm__view from, to;
  gm__lowering_view(s, id, &from);
  to = from;
  GM_TRY(gm__lower_new(&l, &to));
  GM_TRY(gm__lower_structure(&l, s->forms[id], GM__GENERAL, false, &from, &to));
  s->raw[id] = false;
  return gm__lowering_hold(s, id, &to);
}

/** Is what a node declares of a raw value a form of the same memory? A triangle cannot be mirrored when its
 * diagonal is left out, nor can more than the lower one be read of what is symmetric. */
static bool declares_of(const gm__lowering *s, const gm__node *node, gm__form f) {
  gm__form form = node->op->form(node->attrs, &f);
  if (s->plan->options.check_structure) return false;
  if (form.symmetric == f.symmetric) return true;
  return form.symmetric ? f.upper >= 0 && f.lower >= 0 : form.upper <= 0;
}

/** A product of two operands with axes, not a scaling. */
static bool multiplies(const gm__lowering *s, const gm__node *node) {
  const gm_graph *graph = s->plan->graph;
  return node->op->product && gm__node_of(graph, node->inputs[0])->rank > 0 &&
         gm__node_of(graph, node->inputs[1])->rank > 0;
}

static bool takes_raw(const gm__lowering *s, const gm__node *node, uint32_t input) {
  bool swaps;
  if (node->op->product) return input < 2 && multiplies(s, node);
  if (node->op->flags & GM__DECLARES) return declares_of(s, node, s->forms[node->inputs[input]]);
  return gm__node_keeps_matrix(node, &swaps);
}

gm_status gm__forms_prepare(gm__lowering *s, uint32_t id) {
  const gm__node *node = gm__node_of(s->plan->graph, id);
  for (uint32_t i = 0; s->forms && i < node->input_count; i++) {
    if (s->raw[node->inputs[i]] && !takes_raw(s, node, i)) GM_TRY(gm__forms_apply(s, node->inputs[i]));
  }
  return GM_OK;
}

/* ---- The record's turn ---- */

static void know(const gm__lowering *s, const gm__node *node, gm__known known[2]) {
  for (uint32_t i = 0; i < 2; i++) {
    known[i] = (gm__known){gm__form_general(), false};
    if (i < node->input_count) known[i] = (gm__known){s->forms[node->inputs[i]], s->raw[node->inputs[i]]};
  }
}

/** Makes the inputs whole that the record wants so; what it had made of buffers is not needed. */
static gm_status make_whole(
    gm__lowering *s, const gm__node *node, gm__lower *l, gm__view *in, size_t buffers) {
  s->program->buffer_count = buffers;
  for (uint32_t i = 0; i < 2 && i < node->input_count; i++) {
    if (l->wanted >> i & 1) GM_TRY(gm__forms_apply(s, node->inputs[i]));
  }
  for (uint32_t i = 0; i < node->input_count; i++) gm__lowering_view(s, node->inputs[i], &in[i]);
  l->wanted = 0;
  l->formed = (gm__formed){0};
  return GM_OK;
}

static gm_status log_form(const gm__lowering *s, const gm__lower *l) {
  char before[40], after[40];
  const gm__formed *f = &l->formed;
  const char *label = gm__node_label(s->plan->graph, l->node);
  snprintf(before, sizeof before, "%.0f", f->flops_before);
  snprintf(after, sizeof after, "%.0f", f->flops_after);
  const gm__note note = {&gm__pass_structure, label, label, f->how, "flops", before, after};
  return gm__log_add(s->log, &note, s->error);
}

gm_status gm__forms_lower(gm__lowering *s, gm__lower *l, gm__view *in) {
  const gm__node *node = gm__node_of(s->plan->graph, l->node);
  gm__known known[2];
  if (!s->forms) return l->op->lower(l);
  l->known = known;
  size_t buffers = s->program->buffer_count;
  know(s, node, known);
  GM_TRY(l->op->lower(l));
  while (l->wanted) {
    GM_TRY(make_whole(s, node, l, in, buffers));
    buffers = s->program->buffer_count;
    know(s, node, known);
    GM_TRY(l->op->lower(l));
  }
  bool saved = l->formed.how[0] && l->formed.flops_after < l->formed.flops_before;
  return s->log && saved ? log_form(s, l) : GM_OK;
}

/* ---- What is known of the result ---- */

/** A symmetric matrix is its own transpose: it is read where its lower triangle lies. */
static void turn_back(gm__view *view) {
  int order[GM_MAX_RANK], rank = view->rank;
  for (int i = 0; i < rank; i++) order[i] = i;
  order[rank - 2] = rank - 1;
  order[rank - 1] = rank - 2;
  gm__view_permute(view, order);
}

void gm__forms_settle(gm__lowering *s, uint32_t id, gm__view *out) {
  const gm__node *node = gm__node_of(s->plan->graph, id);
  if (!s->forms) return;
  s->forms[id] = gm__node_form(s->plan->graph, id, s->forms);
  for (int r = 1; r < node->op->results; r++) s->forms[id + (uint32_t)r] = gm__form_general();
  if (node->input_count == 0) return;
  uint32_t in = node->inputs[0];
  bool swaps;
  if (node->op->flags & GM__DECLARES) {
    s->raw[id] = s->raw[in] || !gm__form_equal(s->forms[id], s->forms[in]);
  } else if (s->raw[in] && gm__node_keeps_matrix(node, &swaps)) {
    s->raw[id] = true;
    if (swaps && s->forms[id].symmetric) turn_back(out);
  }
}
