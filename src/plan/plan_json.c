/* SPDX-License-Identifier: MIT
 *
 * A plan as one JSON object: dims, steps, buffers, rewrites, sizes. While dims are symbols, steps are nodes,
 * lengths and flops are text, and there are no buffers. */
#include <stdio.h>
#include <string.h>
#include "plan/plan_print.h"

static void key(gm__text *text, const char *name) {
  gm__text_format(text, ", \"%s\": ", name);
}

static void string(gm__text *text, const char *name, const char *value) {
  key(text, name);
  if (value)
    gm__text_json(text, value);
  else
    gm__text_add(text, "null");
}

static void dim(const gm_plan *plan, gm__dim value, gm__text *text) {
  char symbolic[512];
  if (gm__dim_known(value)) {
    gm__text_int(text, value);
    return;
  }
  gm__text inner = gm__text_into(symbolic, sizeof symbolic);
  gm__dim_text(plan->graph->dims, value, &inner);
  gm__text_end(&inner);
  gm__text_json(text, symbolic);
}

typedef struct dims_writer {
  gm__text *text;
  bool some;
} dims_writer;

static void write_length(void *context, const char *name, int64_t length) {
  dims_writer *w = context;
  gm__text_format(w->text, "%s\"%s\": ", w->some ? ", " : "", name);
  if (length >= 0)
    gm__text_int(w->text, length);
  else
    gm__text_add(w->text, "null");
  w->some = true;
}

static void dims_object(const gm_plan *plan, const char *given, gm__text *text) {
  dims_writer writer = {text, false};
  gm__text_char(text, '{');
  if (gm__plan_each_dim(plan, given, write_length, &writer)) text->failed = true;
  gm__text_char(text, '}');
}

static void operand_list(const gm__step *step, int from, int to, gm__text *text) {
  gm__text_char(text, '[');
  for (int i = from; i < to; i++)
    gm__text_format(text, "%s%u", i > from ? ", " : "", step->operands[i].buffer);
  gm__text_char(text, ']');
}

static void mnk(const gm__step *step, gm__text *text) {
  const gm__gemm *gemm = step->kernel == &gm__kernel_gemm ? step->descriptor : NULL;
  if (!gemm) {
    gm__text_add(text, ", \"m\": null, \"n\": null, \"k\": null");
    return;
  }
  gm__text_format(text, ", \"m\": %lld, \"n\": %lld, \"k\": %lld", (long long)gemm->m, (long long)gemm->n,
      (long long)gemm->k);
}

/** Why the best kernel that this processor can run is not the step's: "openblas: …". */
static void refusal(const gm_plan *plan, const gm__step *step, gm__text *text) {
  const char *why, *by = gm__plan_refusal(plan, step, &why);
  char both[200];
  if (by) snprintf(both, sizeof both, "%s: %s", by, why);
  string(text, "refusal", by ? both : NULL);
}

static void epilogue(const gm__step *step, gm__text *text) {
  const gm__gemm *gemm = step->kernel == &gm__kernel_gemm ? step->descriptor : NULL;
  const gm__map *map = gemm ? gemm->epilogue : NULL;
  gm__text_add(text, ", \"epilogue\": [");
  for (int i = 0; map && i < map->count; i++) {
    gm__text_add(text, i ? ", " : "");
    gm__text_json(text, map->program[i].name);
  }
  gm__text_add(text, "]}");
}

static void step_object(const gm_plan *plan, const gm__step *step, size_t index, gm__text *text) {
  gm__text_format(text, "{\"id\": %zu", index);
  string(text, "kind", step->kernel->kind);
  string(text, "node", gm__node_label(plan->graph, step->node));
  string(text, "kernel", step->kernel->variant ? step->kernel->variant(step) : NULL);
  mnk(step, text);
  refusal(plan, step, text);
  gm__text_format(text, ", \"flops\": %.0f, \"bytes\": %.0f", step->flops, step->bytes);
  key(text, "reads");
  operand_list(step, 0, step->reads, text);
  key(text, "writes");
  operand_list(step, step->reads, step->reads + step->writes, text);
  if (step->once) gm__text_add(text, ", \"once\": true");
  epilogue(step, text);
}

/** M, N, K of a product as dims; the private copy of the dims grows by them. */
static void symbolic_mnk(const gm_plan *plan, gm__dims *dims, uint32_t id, gm__text *text) {
  static const char *const names[] = {"m", "n", "k"};
  gm__arena scratch = {0};
  gm__infer c;
  gm__dim mnkb[4];
  bool product = gm__node_of(plan->graph, id)->op->product != NULL;
  gm_status status = product ? gm__node_infer(plan->graph, dims, id, &scratch, &c, NULL) : GM_OK;
  if (product && status == GM_OK) status = c.op->product(&c, mnkb);
  if (status == GM_NO_MEMORY) text->failed = true;
  bool known = product && status == GM_OK;
  for (int i = 0; i < 3; i++) {
    char value[512];
    gm__text inner = gm__text_into(value, sizeof value);
    key(text, names[i]);
    if (!known) {
      gm__text_add(text, "null");
    } else if (gm__dim_known(mnkb[i])) {
      gm__text_int(text, mnkb[i]);
    } else {
      gm__dim_text(dims, mnkb[i], &inner);
      gm__text_end(&inner);
      gm__text_json(text, value);
    }
  }
  gm__arena_free(&scratch);
}

static void node_object(const gm_plan *plan, gm__dims *dims, uint32_t id, size_t index, gm__text *text) {
  const gm__node *node = gm__node_of(plan->graph, id);
  gm__text_format(text, "{\"id\": %zu", index);
  string(text, "kind", node->op->kind);
  string(text, "node", gm__node_label(plan->graph, id));
  string(text, "kernel", NULL);
  symbolic_mnk(plan, dims, id, text);
  string(text, "refusal", NULL);
  key(text, "flops");
  if (node->flops == GM__DIM_AUTO)
    gm__text_add(text, "null");
  else
    dim(plan, node->flops, text);
  gm__text_add(text, ", \"bytes\": null, \"reads\": [");
  for (uint32_t i = 0; i < node->input_count; i++) {
    gm__text_add(text, i ? ", " : "");
    gm__text_json(text, gm__node_label(plan->graph, node->inputs[i]));
  }
  gm__text_add(text, "], \"writes\": [");
  gm__text_json(text, gm__node_label(plan->graph, id));
  gm__text_add(text, "], \"epilogue\": []}");
}

static void steps(const gm_plan *plan, const gm__special *special, gm__text *text) {
  size_t count = 0;
  for (size_t i = 0; special && i < special->program.step_count; i++) {
    gm__text_add(text, i ? ", " : "");
    step_object(plan, &special->program.steps[i], i, text);
  }
  if (special) return;
  gm__dims *dims = gm__dims_copy(plan->graph->dims, NULL, NULL, NULL);
  if (!dims) text->failed = true;
  for (uint32_t id = 1; dims && id <= plan->graph->count; id++) {
    if (!gm__plan_runs(plan, id)) continue;
    gm__text_add(text, count ? ", " : "");
    node_object(plan, dims, id, count++, text);
  }
  gm__dims_free(dims);
}

static void buffers(const gm_plan *plan, const gm__special *special, gm__text *text) {
  for (size_t i = 0; special && i < special->program.buffer_count; i++) {
    const gm__buffer *b = &special->program.buffers[i];
    gm__text_format(text, "%s{\"id\": %zu", i ? ", " : "", i);
    string(text, "kind", gm__buffer_kind_name(b->kind));
    string(text, "node", gm__node_label(plan->graph, b->node));
    key(text, "offset");
    bool placed = b->kind == GM__BUFFER_TEMPORARY && b->first != UINT32_MAX;
    if (placed)
      gm__text_format(text, "%zu", b->offset);
    else
      gm__text_add(text, "null");
    gm__text_format(text, ", \"bytes\": %zu", b->bytes);
    if (b->first == UINT32_MAX)
      gm__text_add(text, ", \"first\": null, \"last\": null}");
    else
      gm__text_format(text, ", \"first\": %u, \"last\": %u}", b->first, b->last);
  }
}

/** A cost is a whole number, or a polynomial as text. */
static void cost(gm__text *text, const char *name, const char *value) {
  if (!value || value[strspn(value, "0123456789")] || !*value) {
    string(text, name, value);
    return;
  }
  key(text, name);
  gm__text_add(text, value);
}

static void notes(const gm__log *log, bool first, gm__text *text) {
  for (size_t i = 0; i < log->count; i++) {
    const gm__note *note = &log->notes[i];
    gm__text_add(text, first && i == 0 ? "{\"pass\": " : ", {\"pass\": ");
    gm__text_json(text, note->pass->name);
    string(text, "law", note->pass->law);
    string(text, "node", note->node);
    string(text, "before", note->before);
    string(text, "after", note->after);
    string(text, "unit", note->unit);
    cost(text, "cost_before", note->cost_before);
    cost(text, "cost_after", note->cost_after);
    gm__text_format(text, ", \"may_round\": %s}", note->pass->may_round ? "true" : "false");
  }
}

static void sizes(const gm__special *special, gm__text *text) {
  if (!special) {
    gm__text_add(text,
        "\"workspace\": null, \"packed\": null, \"peak\": null, \"unshared\": null, \"lower_bound\": null");
    return;
  }
  gm__text_format(text,
      "\"workspace\": %zu, \"packed\": %zu, \"peak\": %zu, \"unshared\": %zu, \"lower_bound\": %zu, "
      "\"flops\": "
      "%.0f",
      special->workspace + special->outputs, special->packed, special->workspace, special->unshared,
      special->lower_bound, special->flops);
}

void gm__plan_json(
    const gm_plan *plan, const char *dims, const gm__special *special, const gm__log *later, gm__text *text) {
  gm__text_format(text, "{\"gemmule\": \"%s\", \"format\": 1, \"dims\": ", gm_version());
  dims_object(plan, dims, text);
  gm__text_add(text, ", \"steps\": [");
  steps(plan, special, text);
  gm__text_add(text, "], \"buffers\": [");
  buffers(plan, special, text);
  gm__text_add(text, "], \"rewrites\": [");
  notes(&plan->log, true, text);
  notes(later, plan->log.count == 0, text);
  gm__text_add(text, "], ");
  sizes(special, text);
  gm__text_add(text, "}\n");
}
