/* SPDX-License-Identifier: MIT
 *
 * slice. Law: a part of f(x, y) is f of the parts of x and y that it is made of, and what nobody reads is
 * never computed. From the outputs back, every node learns which parts of it are wanted. One of which only
 * parts are is computed part by part, where that is less work together; sums only with slice_product. Places
 * that an index takes alone stay axes of length 1 up to the index itself, so that ranks stay what they were.
 */
#include <stdio.h>
#include <string.h>
#include "plan/rebuild.h"
#include "plan/slicing.h"

extern const gm__op gm__op_reshape;

/** Of one node. */
#define MOST_WISHES 8
#define AT_SIZE 2400

/* ---- What is wanted, users before inputs ---- */

static gm__wish *find_wish(const gm__slicing *s, uint32_t id, const gm__part *parts) {
  gm__wish *wish = s->at[id].first;
  while (wish && !gm__parts_same(wish->parts, parts, s->nodes[id].rank)) wish = wish->next;
  return wish;
}

static gm_status add_wish(gm__slicing *s, uint32_t id, const gm__part *parts) {
  gm__wishes *w = &s->at[id];
  int rank = s->nodes[id].rank;
  w->whole = w->whole || gm__parts_whole(parts, rank);
  if (w->whole || find_wish(s, id, parts)) return GM_OK;
  w->whole = w->count++ == MOST_WISHES;
  gm__wish *wish = gm__arena_zero(&s->scratch, 1, sizeof *wish);
  if (wish) wish->parts = gm__arena_copy(&s->scratch, parts, (size_t)rank * sizeof *parts);
  if (!wish || !wish->parts) return gm__no_memory(s->error);
  wish->next = w->first;
  w->first = wish;
  return GM_OK;
}

/** An index is of no part that has nothing of an axis that it makes. */
static bool composes(const gm__slicing *s, uint32_t id) {
  gm__part parts[GM_MAX_RANK];
  int axes[GM_MAX_RANK];
  bool can = gm__slicing_select(s, id, parts, axes);
  for (const gm__wish *wish = s->at[id].first; wish && can; wish = wish->next) {
    for (int r = 0; r < s->nodes[id].rank; r++) can = can && (axes[r] >= 0 || wish->parts[r].whole);
  }
  return can;
}

/** Is it computed part by part? */
static bool is_sliced(const gm__slicing *s, uint32_t id) {
  const gm__wishes *w = &s->at[id];
  gm__part parts[GM_MAX_RANK];
  double price = 0;
  if (w->whole || !w->first) return false;
  if (s->nodes[id].op->select) return composes(s, id);
  for (const gm__wish *wish = w->first; wish; wish = wish->next) {
    if (!gm__slicing_split(s, id, wish->parts, parts)) return false;
    price += gm__slicing_price(s, id, parts);
  }
  return price < gm__slicing_price(s, id, NULL);
}

static gm_status want_inputs(gm__slicing *s, uint32_t id, const gm__part *wanted) {
  gm__part pushed[GM_MAX_RANK], parts[GM_MAX_RANK];
  const gm__node *node = &s->nodes[id];
  int64_t offset = 0;
  gm__slicing_split(s, id, wanted, pushed);
  for (uint32_t i = 0; i < node->input_count; i++) {
    if (gm__slicing_input(s, id, pushed, i, &offset, parts)) GM_TRY(add_wish(s, node->inputs[i], parts));
  }
  return GM_OK;
}

/** What a node asks of its inputs. */
static gm_status ask(gm__slicing *s, uint32_t id) {
  const gm__node *node = &s->nodes[id];
  gm__wishes *w = &s->at[id];
  gm__part parts[GM_MAX_RANK];
  int axes[GM_MAX_RANK];
  w->sliced = is_sliced(s, id);
  for (const gm__wish *wish = w->first; w->sliced && wish; wish = wish->next) {
    if (!node->op->select) {
      GM_TRY(want_inputs(s, id, wish->parts));
    } else {
      gm__slicing_compose(s, id, wish->parts, parts);
      GM_TRY(add_wish(s, node->inputs[0], parts));
    }
  }
  if (w->sliced) return GM_OK;
  if (gm__slicing_select(s, id, parts, axes)) return add_wish(s, node->inputs[0], parts);
  for (uint32_t i = 0; i < node->input_count; i++) {
    bool made = !(s->nodes[node->inputs[i]].op->flags & GM__SOURCE);
    s->plan->waits = s->plan->waits || (node->op->select && made && !s->plan->known);
    s->at[node->inputs[i]].whole = true;
  }
  return GM_OK;
}

static gm_status ask_all(gm__slicing *s) {
  const gm_plan *plan = s->plan;
  for (size_t i = 0; i < plan->output_count; i++) s->at[plan->outputs[i]].whole = true;
  for (uint32_t id = (uint32_t)plan->graph->count; id > 0; id--) {
    if (!plan->unneeded || !plan->unneeded[id]) GM_TRY(ask(s, id));
  }
  return GM_OK;
}

/* ---- Building ---- */

static void add_separator(gm__text *text) {
  if (text->length) gm__text_add(text, ", ");
}

static void part_text(const gm__part *part, bool gone, gm__text *text) {
  int64_t end = part->first + (part->count - 1) * part->step + (part->step > 0 ? 1 : -1);
  add_separator(text);
  if (part->whole && !gone) {
    gm__text_char(text, ':');
    return;
  }
  gm__text_int(text, part->count ? part->first : 0);
  if (gone) return;
  gm__text_char(text, ':');
  if (part->count == 0) end = 0;
  if (end >= 0) gm__text_int(text, end);
  if (part->step == 1 || part->count < 2) return;
  gm__text_char(text, ':');
  gm__text_int(text, part->step);
}

/** An index as text: the parts of the axes of the input, and the axes of the result as `select` tells them
 * (NULL: the input's). */
static void at_text(const gm__part *parts, int rank, const int *axes, int count, gm__text *text) {
  int next = 0;
  for (int r = 0; r < count; r++) {
    int axis = axes ? axes[r] : r;
    for (; axis >= 0 && next < axis; next++) part_text(&parts[next], true, text);
    if (axis < 0) {
      add_separator(text);
      gm__text_add(text, "None");
    } else {
      part_text(&parts[next++], false, text);
    }
  }
  for (; next < rank; next++) part_text(&parts[next], true, text);
}

/** A part of a new node. */
static gm_status take(gm__rebuild *r, uint32_t input, const gm__part *parts, int rank, uint32_t *out) {
  char at[AT_SIZE];
  gm__text text = gm__text_into(at, sizeof at);
  *out = input;
  if (gm__parts_whole(parts, rank)) return GM_OK;
  at_text(parts, rank, NULL, rank, &text);
  gm__text_end(&text);
  return gm__rebuild_index(r, input, at, out);
}

/** The new node of a part of an old one. */
static gm_status part_of(gm__rebuild *r, uint32_t id, const gm__part *parts, uint32_t *out) {
  gm__slicing *s = r->context;
  gm__wish *wish = find_wish(s, id, parts);
  *out = wish ? wish->built : 0;
  if (!*out) GM_TRY(take(r, r->fresh[id], parts, s->nodes[id].rank, out));
  if (wish) wish->built = *out;
  return GM_OK;
}

/** An index of a part: of what the input computes of it, only single places and new axes are left to take.
 */
static gm_status build_index(gm__rebuild *r, uint32_t id, gm__part *parts, uint32_t *out) {
  gm__slicing *s = r->context;
  char at[AT_SIZE];
  gm__part unused[GM_MAX_RANK];
  gm__text text = gm__text_into(at, sizeof at);
  int axes[GM_MAX_RANK], rank = s->nodes[s->nodes[id].inputs[0]].rank, count = s->nodes[id].rank;
  uint32_t input = s->nodes[id].inputs[0], fresh = r->fresh[input];
  gm__slicing_select(s, id, unused, axes);
  if (s->at[input].sliced) {
    GM_TRY(part_of(r, input, parts, &fresh));
    for (int a = 0; a < rank; a++) parts[a] = (gm__part){.whole = true};
  }
  bool same = count == rank;
  for (int a = 0; a < count; a++) same = same && axes[a] == a;
  *out = fresh;
  if (same && gm__parts_whole(parts, rank)) return GM_OK;
  at_text(parts, rank, axes, count, &text);
  gm__text_end(&text);
  return gm__rebuild_index(r, fresh, at, out);
}

/** Attributes that are the shape of the result follow it; of what reshapes that is all there is. */
static gm_status shaped_attrs(gm__rebuild *r, const gm__node *node, const gm__part *pushed, gm__attr **out) {
  gm__arena *arena = &r->plan->graph->body->arena;
  const gm__op *op = node->op->laws & GM__RESHAPES ? &gm__op_reshape : node->op;
  int rank = node->rank;
  *out = op == node->op ? gm__arena_copy(arena, node->attrs, (size_t)op->attr_count * sizeof **out)
                        : gm__rebuild_attrs(r, op->attr_count);
  int64_t *dims = gm__arena_copy(arena, node->dims, (size_t)rank * sizeof *dims);
  if (!*out || !dims) return gm__no_memory(r->error);
  for (int a = 0; a < rank; a++) dims[a] = pushed[a].whole ? dims[a] : pushed[a].count;
  for (int i = 0; i < op->attr_count; i++) {
    if (op->attrs[i].type == GM__ATTR_SHAPE)
      (*out)[i] = (gm__attr){.given = true, .count = rank, .items = dims};
  }
  return GM_OK;
}

static gm_status log_part(gm__rebuild *r, uint32_t id, const gm__part *pushed, uint32_t fresh) {
  const gm__node *old = &r->old[id], *node = gm__node_of(r->plan->graph, fresh);
  char after[300], at[AT_SIZE];
  gm__text text = gm__text_into(at, sizeof at);
  bool sums = old->op->product || old->op->flags & GM__ACCUMULATES;
  if (old->op->flags & GM__VIEW || !old->name) return GM_OK;
  at_text(pushed, old->rank, NULL, old->rank, &text);
  gm__text_end(&text);
  snprintf(after, sizeof after, "%.120s[%.160s]", old->name, at);
  return gm__rebuild_log(
      r, sums ? &gm__pass_slice_product : r->pass, old, after, node->op == old->op ? node->flops : 0);
}

/** The same operation on parts of its inputs; one that joins them may be one of them, and any that reshapes
 * is a reshape: what it reads may have become another shape since it was made. */
static gm_status add_parts(
    gm__rebuild *r, uint32_t id, const gm__part *pushed, uint32_t *inputs, uint32_t *out) {
  gm__slicing *s = r->context;
  const gm__node *node = &r->old[id];
  gm__part parts[GM_MAX_RANK];
  gm__attr *attrs;
  int64_t offset = 0;
  uint32_t count = 0;
  for (uint32_t i = 0; i < node->input_count; i++) {
    if (!gm__slicing_input(s, id, pushed, i, &offset, parts)) continue;
    GM_TRY(part_of(r, node->inputs[i], parts, &inputs[count++]));
  }
  *out = inputs[0];
  if (node->op->joined && count == 1 && gm__node_of(r->plan->graph, *out)->rank == node->rank) return GM_OK;
  GM_TRY(shaped_attrs(r, node, pushed, &attrs));
  const gm__op *op = node->op->laws & GM__RESHAPES ? &gm__op_reshape : node->op;
  return gm__rebuild_add(r, op, inputs, count, attrs, out);
}

static gm_status build_parts(gm__rebuild *r, uint32_t id, const gm__part *wanted, uint32_t *out) {
  gm__slicing *s = r->context;
  gm__part pushed[GM_MAX_RANK], rest[GM_MAX_RANK];
  gm__slicing_split(s, id, wanted, pushed);
  uint32_t *inputs = gm__alloc(r->old[id].input_count, sizeof *inputs), made;
  gm_status status = inputs ? add_parts(r, id, pushed, inputs, &made) : gm__no_memory(r->error);
  gm__free(inputs);
  GM_TRY(status);
  GM_TRY(log_part(r, id, pushed, made));
  for (int a = 0; a < r->old[id].rank; a++) rest[a] = pushed[a].whole ? wanted[a] : (gm__part){.whole = true};
  return take(r, made, rest, r->old[id].rank, out);
}

static gm_status visit(gm__rebuild *r, uint32_t id) {
  gm__slicing *s = r->context;
  const gm__node *node = &r->old[id];
  gm__part parts[GM_MAX_RANK];
  int axes[GM_MAX_RANK];
  uint32_t fresh;
  for (gm__wish *wish = s->at[id].first; s->at[id].sliced && wish; wish = wish->next) {
    if (!node->op->select) {
      GM_TRY(build_parts(r, id, wish->parts, &wish->built));
      continue;
    }
    gm__slicing_compose(s, id, wish->parts, parts);
    GM_TRY(build_index(r, id, parts, &wish->built));
  }
  if (s->at[id].sliced || !s->at[id].whole || !node->op->select || !s->at[node->inputs[0]].sliced)
    return GM_OK;
  gm__slicing_select(s, id, parts, axes);
  GM_TRY(build_index(r, id, parts, &fresh));
  gm__rebuild_replace(r, fresh);
  return GM_OK;
}

/* ---- The pass ---- */

static gm_status run_all(gm__slicing *s, const gm__pass *pass) {
  size_t count = s->plan->graph->count;
  bool some = false;
  s->at = gm__arena_zero(&s->scratch, count + 1, sizeof *s->at);
  if (!s->at) return gm__no_memory(s->error);
  GM_TRY(ask_all(s));
  for (size_t id = 1; id <= count; id++) some = some || s->at[id].sliced;
  return some ? gm__rebuild_each(s->plan, pass, visit, s, s->error) : GM_OK;
}

static gm_status run(gm_plan *plan, const gm__pass *pass, gm_error *error) {
  gm__slicing s = {.plan = plan, .nodes = plan->graph->nodes, .error = error};
  bool some = false;
  for (size_t id = 1; id <= plan->graph->count && !some; id++) some = s.nodes[id].op->select;
  if (!some) return GM_OK;
  s.products = gm__pass_enabled(plan, &gm__pass_slice_product);
  gm_status status = run_all(&s, pass);
  gm__arena_free(&s.scratch);
  return status;
}

const gm__pass gm__pass_slice = {.name = "slice", .law = "what nobody reads is not computed", .graph = run};
