/* SPDX-License-Identifier: MIT
 *
 * A plan for people: its steps (or, while dims are symbols, its nodes with polynomials), rewrites and sizes.
 * The JSON document is in plan_json.c. */
#include <stdio.h>
#include <string.h>
#include "plan/algebra_open.h"
#include "plan/plan_print.h"

#define MOST_COLUMNS 9

/** A table whose cells are written twice: once to measure, once to print. */
typedef struct table {
  gm__text *text;
  int columns;
  bool right[MOST_COLUMNS];          /* numbers, to the right */
  size_t width[MOST_COLUMNS], blank; /* blank: spaces that stand before the next content */
  bool measuring;
} table;

static void cell(table *t, int column, const char *content) {
  size_t length = strlen(content);
  bool right = t->right[column];
  if (t->measuring) {
    if (length > t->width[column]) t->width[column] = length;
    return;
  }
  size_t blank = t->width[column] - length;
  t->blank += (column ? 2 : 0) + (right || !length ? blank : 0);
  if (!length) return;
  gm__text_repeat(t->text, ' ', t->blank);
  gm__text_add(t->text, content);
  t->blank = right ? 0 : blank;
}

static void row(table *t, const char *const *cells) {
  t->blank = 0;
  for (int i = 0; i < t->columns; i++) cell(t, i, cells[i]);
  if (!t->measuring) gm__text_char(t->text, '\n');
}

static void number(char *out, size_t size, double value) {
  snprintf(out, size, "%.0f", value);
}

/* ---- Steps and buffers ---- */

static const char *operands(const gm__step *step, int from, int to, char *out, size_t size) {
  gm__text text = gm__text_into(out, size);
  for (int i = from; i < to; i++)
    gm__text_format(&text, "%s%u", i > from ? " " : "", step->operands[i].buffer);
  gm__text_end(&text);
  return out;
}

static void step_row(table *t, const gm_plan *plan, const gm__special *special, size_t index) {
  const gm__step *step = &special->program.steps[index];
  char id[24], what[200], flops[40], bytes[40], reads[200], writes[100];
  gm__text text = gm__text_into(what, sizeof what);
  snprintf(id, sizeof id, "%zu", index);
  number(flops, sizeof flops, step->flops);
  number(bytes, sizeof bytes, step->bytes);
  if (step->kernel->text) step->kernel->text(step, &text);
  if (step->once) gm__text_add(&text, text.length ? " once" : "once");
  gm__text_end(&text);
  const char *variant = step->kernel->variant ? step->kernel->variant(step) : NULL;
  row(t, (const char *const[]){id, step->kernel->kind, gm__node_label(plan->graph, step->node), what, flops,
             bytes, variant ? variant : "", operands(step, 0, step->reads, reads, sizeof reads),
             operands(step, step->reads, step->reads + step->writes, writes, sizeof writes)});
}

static void steps(const gm_plan *plan, const gm__special *special, gm__text *text) {
  static const char *const heads[] = {
      "step", "kind", "node", "what", "flops", "bytes", "kernel", "reads", "writes"};
  table t = {text, 9, {true, false, false, false, true, true, false, false, false}, {0}, 0, true};
  for (int pass = 0; pass < 2; pass++, t.measuring = false) {
    row(&t, heads);
    for (size_t i = 0; i < special->program.step_count; i++) step_row(&t, plan, special, i);
  }
}

/* ---- Kernels that refused ---- */

const char *gm__plan_refusal(const gm_plan *plan, const gm__step *step, const char **why) {
  const gm__gemm *gemm = step->kernel == &gm__kernel_gemm ? step->descriptor : NULL;
  if (!gemm || !gemm->provider || gemm->k == 0) return NULL;
  const gm__provider *best = gm__provider_refused(gemm, plan->options.kernel, plan->options.exact, why);
  return best ? best->name : NULL;
}

/** Is the same to be told of two steps? The texts are static, so their addresses say so. */
static bool refused_alike(const gm_plan *plan, const gm__step *a, const gm__step *b) {
  const char *why_a, *why_b, *by_a = gm__plan_refusal(plan, a, &why_a);
  const char *by_b = by_a ? gm__plan_refusal(plan, b, &why_b) : NULL;
  return by_b && by_a == by_b && why_a == why_b && a->kernel->variant(a) == b->kernel->variant(b);
}

/** One line for all steps that have the same to tell, at the first of them. */
static void refusal(const gm_plan *plan, const gm__program *program, size_t at, bool *some, gm__text *text) {
  const gm__step *steps = program->steps;
  const char *why, *by = gm__plan_refusal(plan, &steps[at], &why);
  size_t first = 0, more = 0;
  if (!by) return;
  while (!refused_alike(plan, &steps[first], &steps[at])) first++;
  if (first < at) return;
  for (size_t i = at + 1; i < program->step_count; i++) more += refused_alike(plan, &steps[i], &steps[at]);
  gm__text_format(text, "%s  step %zu", *some ? "" : "kernels:\n", at);
  if (more) gm__text_format(text, " and %zu more", more);
  gm__text_format(text, ": %s, since %s: %s\n", steps[at].kernel->variant(&steps[at]), by, why);
  *some = true;
}

static void refusals(const gm_plan *plan, const gm__special *special, gm__text *text) {
  bool some = false;
  for (size_t i = 0; i < special->program.step_count; i++) refusal(plan, &special->program, i, &some, text);
}

const char *gm__buffer_kind_name(gm__buffer_kind kind) {
  static const char *const names[] = {"feed", "value", "folded", "temporary", "output", "packed"};
  return names[kind];
}

static void buffer_row(table *t, const gm_plan *plan, const gm__special *special, size_t index) {
  const gm__buffer *b = &special->program.buffers[index];
  char id[24], bytes[40], offset[40] = "", life[60] = "";
  bool used = b->first != UINT32_MAX;
  snprintf(id, sizeof id, "%zu", index);
  snprintf(bytes, sizeof bytes, "%zu", b->bytes);
  if (used && b->kind == GM__BUFFER_TEMPORARY) snprintf(offset, sizeof offset, "%zu", b->offset);
  if (used) snprintf(life, sizeof life, "%u to %u", b->first, b->last);
  row(t, (const char *const[]){
             id, gm__buffer_kind_name(b->kind), gm__node_label(plan->graph, b->node), bytes, offset, life});
}

static void buffers(const gm_plan *plan, const gm__special *special, gm__text *text) {
  static const char *const heads[] = {"buffer", "kind", "node", "bytes", "offset", "steps"};
  table t = {text, 6, {true, false, false, true, true, false}, {0}, 0, true};
  for (int pass = 0; pass < 2; pass++, t.measuring = false) {
    row(&t, heads);
    for (size_t i = 0; i < special->program.buffer_count; i++) buffer_row(&t, plan, special, i);
  }
}

/* ---- Nodes, while dims are symbols ---- */

static void node_row(table *t, const gm_plan *plan, uint32_t id, size_t index) {
  const gm__node *node = gm__node_of(plan->graph, id);
  char number_text[24], shape[200], flops[200];
  gm__text text = gm__text_into(shape, sizeof shape);
  snprintf(number_text, sizeof number_text, "%zu", index);
  gm__shape_text(plan->graph->dims, (gm__shape){node->rank, node->dims}, &text);
  gm__text_end(&text);
  gm_node_flops_text(plan->graph, gm__handle(plan->graph, id), flops, sizeof flops);
  row(t, (const char *const[]){number_text, node->op->kind, gm__node_label(plan->graph, id), shape, flops});
}

static void nodes(const gm_plan *plan, gm__text *text) {
  static const char *const heads[] = {"step", "kind", "node", "shape", "flops"};
  table t = {text, 5, {true, false, false, false, true}, {0}, 0, true};
  for (int pass = 0; pass < 2; pass++, t.measuring = false) {
    size_t index = 0;
    row(&t, heads);
    for (uint32_t id = 1; id <= plan->graph->count; id++) {
      if (gm__plan_runs(plan, id)) node_row(&t, plan, id, index++);
    }
  }
}

bool gm__plan_runs(const gm_plan *plan, uint32_t id) {
  const gm__node *node = gm__node_of(plan->graph, id);
  return !(node->op->flags & GM__SOURCE) && node->result == 0 && gm__plan_computes(plan, id);
}

static void notes(const gm__log *log, gm__text *text) {
  for (size_t i = 0; i < log->count; i++) {
    const gm__note *note = &log->notes[i];
    gm__text_format(text, "  %s: %s -> %s (%s", note->pass->name, note->before, note->after, note->pass->law);
    if (note->unit) gm__text_format(text, "; %s %s -> %s", note->unit, note->cost_before, note->cost_after);
    gm__text_add(text, note->pass->may_round ? "; may round)\n" : ")\n");
  }
}

static void rewrites(const gm_plan *plan, const gm__log *later, gm__text *text) {
  if (plan->log.count + later->count) gm__text_add(text, "rewrites:\n");
  notes(&plan->log, text);
  notes(later, text);
}

typedef struct dims_writer {
  gm__text *text;
  bool some;
} dims_writer;

static void write_length(void *context, const char *name, int64_t length) {
  dims_writer *w = context;
  if (length < 0) return;
  gm__text_format(w->text, "%s%s=%lld", w->some ? ", " : "", name, (long long)length);
  w->some = true;
}

/** "batch=64, n=3", whatever the order in which they were given; what was learnt while planning stands there
 * too. */
static void lengths(const gm_plan *plan, const char *dims, const gm__special *special, gm__text *text) {
  dims_writer writer = {text, false};
  if (!special) {
    gm__text_add(text, "symbolic");
    return;
  }
  if (gm__plan_each_dim(plan, dims, write_length, &writer)) text->failed = true;
  if (!writer.some) gm__text_add(text, "all known");
}

static void header(const gm_plan *plan, const char *dims, const gm__special *special, gm__text *text) {
  const char *name = gm_graph_name(plan->graph);
  gm__text_format(text, *name ? "plan of '%s'" : "plan%s", name);
  for (size_t i = 0; i < plan->output_count; i++) {
    gm__text_format(text, "%s%s", i ? ", " : ": ", gm__node_label(plan->graph, plan->outputs[i]));
  }
  gm__text_add(text, "\ndims: ");
  lengths(plan, dims, special, text);
  gm__text_char(text, '\n');
}

static void sizes(const gm__special *special, gm__text *text) {
  gm__text_format(text,
      "flops %.0f, workspace %zu bytes (%zu without sharing, at least %zu), outputs %zu, packed %zu\n",
      special->flops, special->workspace, special->unshared, special->lower_bound, special->outputs,
      special->packed);
}

static void write_plain(
    const gm_plan *plan, const char *dims, const gm__special *special, const gm__log *later, gm__text *text) {
  header(plan, dims, special, text);
  if (special) {
    steps(plan, special, text);
    buffers(plan, special, text);
    refusals(plan, special, text);
  } else {
    nodes(plan, text);
  }
  rewrites(plan, later, text);
  if (special) sizes(special, text);
}

static size_t write_plan(const gm_plan *plan, const char *dims, const gm__special *special,
    const gm__log *later, unsigned flags, gm__text text, gm_error *error) {
  gm__text nothing = text;
  if (flags & GM_TEXT_JSON)
    gm__plan_json(plan, dims, special, later, &text);
  else
    write_plain(plan, dims, special, later, &text);
  size_t length = gm__text_end(&text);
  if (!text.failed) return length;
  gm__no_memory(error);
  return gm__text_end(&nothing);
}

static bool all_known(const gm_plan *plan) {
  for (uint32_t id = 1; id <= plan->graph->count; id++) {
    const gm__node *node = gm__node_of(plan->graph, id);
    for (int a = 0; a < node->rank; a++) {
      if (gm__dim_value(plan->graph->dims, node->dims[a]) < 0) return false;
    }
  }
  return true;
}

size_t gm_plan_text(
    const gm_plan *plan, const char *dims, unsigned flags, char *buffer, size_t size, gm_error *error) {
  gm__special *special = NULL;
  gm__text none = gm__text_into(buffer, size);
  gm__text_end(&none);
  if (!plan) {
    gm__fail(error, GM_BAD_ARGUMENT, "the plan is NULL");
    return 0;
  }
  bool wanted = (dims && dims[strspn(dims, ", \t")]) || all_known(plan);
  if (wanted && gm__plan_special(plan, dims, &special, error)) return 0;
  gm__log candidates = {0};
  gm_status status = special || !plan->waits ? GM_OK : gm__algebra_candidates(plan, &candidates, error);
  const gm__log *later = special ? &special->log : &candidates;
  size_t length = status ? 0 : write_plan(plan, dims, special, later, flags, none, error);
  gm__log_free(&candidates);
  gm__special_release(special);
  return length;
}
