/* SPDX-License-Identifier: MIT
 *
 * What a plan says of itself: two plans of one graph say the same, with symbols and for lengths, and each
 * rewrite that tells its costs in numbers lowers them. */
#include "model/agree.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** "n=3, m=4": the lengths of the symbols that are fed; "" for none. */
static void dims_text(const recipe *r, char *text, size_t size) {
  size_t at = 0;
  text[0] = '\0';
  for (const char *symbol = "nmk"; *symbol; symbol++) {
    int64_t length = -1;
    for (int i = 0; i < r->leaf_count; i++)
      for (int a = 0; a < r->leaves[i].rank; a++)
        if (r->leaves[i].symbols[a] == *symbol) length = r->leaves[i].dims[a];
    if (length >= 0 && at < size)
      at += (size_t)snprintf(text + at, size - at, "%s%c=%d", at ? ", " : "", *symbol, (int)length);
  }
}

static char *text_of(const recipe *r, const gm_graph *graph, const gm_node *outputs, const char *dims) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  options.threads = 1;
  gm_plan *plan = gm_plan_new(graph, outputs, (size_t)r->output_count, &options, NULL);
  size_t size = plan ? gm_plan_text(plan, dims, GM_TEXT_JSON, NULL, 0, NULL) + 1 : 1;
  char *text = size > 1 ? malloc(size) : NULL;
  if (text) gm_plan_text(plan, dims, GM_TEXT_JSON, text, size, NULL);
  gm_plan_free(plan);
  return text;
}

static bool is_number(const json_t *cost, double *value) {
  char *end = NULL;
  const char *text = json_string_value(cost);
  *value = json_is_number(cost) ? json_number_value(cost) : text ? strtod(text, &end) : 0;
  return json_is_number(cost) || (text && end != text && *end == '\0');
}

/** The first rewrite whose cost in numbers does not fall, or NULL. */
static const char *rises(const json_t *plan) {
  size_t i;
  json_t *rewrite;
  double before, after;
  json_array_foreach(json_object_get(plan, "rewrites"), i, rewrite) {
    if (!is_number(json_object_get(rewrite, "cost_before"), &before)) continue;
    if (!is_number(json_object_get(rewrite, "cost_after"), &after)) continue;
    if (after > before) return json_string_value(json_object_get(rewrite, "pass"));
  }
  return NULL;
}

static bool costs_fall(const char *text, char *why, size_t size) {
  json_t *plan = json_loads(text, 0, NULL);
  const char *pass = plan ? rises(plan) : "no JSON";
  if (pass) snprintf(why, size, "a rewrite does not lower its cost: %s", pass);
  json_decref(plan);
  return pass == NULL;
}

static bool repeats(const recipe *r, const gm_graph *graph, const gm_node *outputs, const char *dims,
    const char *text, char *why, size_t size) {
  char *again = text_of(r, graph, outputs, dims);
  bool same = again && strcmp(text, again) == 0;
  if (!same) snprintf(why, size, "two plans of one graph differ");
  free(again);
  return same;
}

char *explain(const recipe *r, const gm_graph *graph, const gm_node *outputs, char *why, size_t size) {
  char dims[64];
  dims_text(r, dims, sizeof dims);
  char *text = text_of(r, graph, outputs, dims);
  if (!text) snprintf(why, size, "the plan has no text");
  if (text && repeats(r, graph, outputs, dims, text, why, size) && costs_fall(text, why, size)) return text;
  free(text);
  return NULL;
}
