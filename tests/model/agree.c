/* SPDX-License-Identifier: MIT
 *
 * Plans against the model. Integers, and what is exact, must be equal (-0 counts as 0); other elements within
 * the model's error; elements of which nothing is known are not compared. */
#include "model/agree.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** A recipe under comparison: its values, and where to say what differs. */
typedef struct trial {
  const recipe *recipe;
  const field *values;
  gm_tensor *const *feeds; /**< NULL for what is not fed */
  bool sets_late;          /**< variables have other values while a plan is made */
  tally *sum;
  char *why;
  size_t size;
} trial;

static bool says(const trial *t, const char *format, ...) {
  va_list values;
  va_start(values, format);
  vsnprintf(t->why, t->size, format, values);
  va_end(values);
  return false;
}

/* ---- Outputs ---- */

static bool within(known want, cell got, gm_dtype dtype) {
  if (dtype_is_whole(dtype)) return got.whole == want.whole;
  return got.re == want.value || fabs(got.re - want.value) <= want.error;
}

static void count_elements(const trial *t, int node, int64_t count, int64_t close) {
  const recipe *r = t->recipe;
  t->sum->elements += count;
  t->sum->close += close;
  if (node >= r->leaf_count) t->sum->by_op[model_index_of(r->steps[node - r->leaf_count].op)] += close;
}

static bool output_agrees(const trial *t, const char *plan, int output, const gm_tensor *tensor) {
  const field *want = &t->values[t->recipe->outputs[output]];
  if (gm_tensor_dtype(tensor) != want->dtype ||
      !field_same_shape(want, gm_tensor_rank(tensor), gm_tensor_dims(tensor)))
    return says(t, "%s: output %d has another shape or dtype than the model's", plan, output);
  cells got = cells_of(tensor);
  int64_t close = 0;
  bool fine = true;
  for (int64_t i = 0; i < want->count && fine; i++) {
    known x = want->at[i];
    close += !is_vague(x, want->dtype);
    fine = !is_known(x) || within(x, got.at[i], want->dtype);
    if (!fine)
      says(t, "%s: output %d, element %lld is %.17g %lld, not %.17g %lld within %.3g", plan, output,
          (long long)i, got.at[i].re, (long long)got.at[i].whole, x.value, (long long)x.whole, x.error);
  }
  count_elements(t, t->recipe->outputs[output], want->count, close);
  cells_free(&got);
  return fine;
}

/** Keeps copies of the outputs, or compares with those that are kept; any NaN equals any other. */
static bool same_bits(const trial *t, const char *plan, const gm_executor *e, cells *kept) {
  bool first = kept[0].at == NULL, fine = true;
  for (int i = 0; i < t->recipe->output_count && fine; i++) {
    cells got = cells_of(gm_executor_output(e, (size_t)i));
    for (int64_t k = 0; !first && fine && k < got.count; k++) {
      cell a = got.at[k], b = kept[i].at[k];
      fine = a.whole == b.whole && (memcmp(&a.re, &b.re, sizeof a.re) == 0 || (isnan(a.re) && isnan(b.re)));
      if (!fine)
        says(t, "%s: output %d, element %lld: %.17g is not the %.17g of another such plan", plan, i,
            (long long)k, a.re, b.re);
    }
    if (first)
      kept[i] = got;
    else
      cells_free(&got);
  }
  return fine;
}

/* ---- Plans ---- */

/** `kept`: outputs that this plan's must equal bit for bit, or NULL. */
typedef struct setting {
  const char *without;
  const char *kernel; /**< NULL: the best */
  bool exact, twice;
  cells *kept;
} setting;

static bool outputs_agree(const trial *t, const char *plan, const gm_executor *e, const setting *how) {
  bool fine = true;
  for (int i = 0; i < t->recipe->output_count && fine; i++)
    fine = output_agrees(t, plan, i, gm_executor_output(e, (size_t)i));
  return fine && (how->kept == NULL || same_bits(t, plan, e, how->kept));
}

/* NULL for what is not fed. */
static void feed_tensors(const recipe *r, gm_tensor **feeds) {
  for (int i = 0; i < r->leaf_count; i++) {
    feeds[i] = NULL;
    if (r->leaves[i].source != FED) continue;
    cells given = recipe_leaf(r, i);
    feeds[i] = cells_tensor(&given);
    cells_free(&given);
  }
}

static gm_status feed_all(gm_executor *e, int count, gm_tensor *const *feeds, gm_error *error) {
  char name[16];
  gm_status status = GM_OK;
  for (int i = 0; i < count && !status; i++) {
    snprintf(name, sizeof name, "x%d", i);
    if (feeds[i]) status = gm_executor_feed(e, name, feeds[i], error);
  }
  return status;
}

static bool run_agrees(const trial *t, const char *plan, gm_executor *e, const setting *how) {
  gm_error error = {0};
  if (feed_all(e, t->recipe->leaf_count, t->feeds, &error)) return says(t, "%s: %s", plan, error.message);
  for (int run = 0; run < 1 + how->twice; run++) {
    if (gm_executor_run(e, &error) != GM_OK) return says(t, "%s: %s", plan, error.message);
    if (!outputs_agree(t, plan, e, how)) return false;
  }
  return true;
}

/* Zeros, or the values of the recipe. */
static void set_variables(const trial *t, gm_graph *graph, const gm_node *nodes, bool zeros) {
  for (int i = 0; i < t->recipe->leaf_count; i++) {
    const leaf *l = &t->recipe->leaves[i];
    if (l->source != VARIABLE) continue;
    cells values = zeros ? cells_new(l->dtype, l->rank, l->dims) : recipe_leaf(t->recipe, i);
    gm_tensor *tensor = cells_tensor(&values);
    if (gm_variable_set(graph, nodes[i], tensor, NULL) != GM_OK) abort();
    gm_tensor_free(tensor);
    cells_free(&values);
  }
}

/* The plan with all passes tells what each did: the same as another such plan, and at lower costs. */
static bool explains(const trial *t, const gm_graph *graph, const gm_node *outputs) {
  char *text = explain(t->recipe, graph, outputs, t->why, t->size), pattern[64];
  for (size_t i = 0; text && gm_pass_name(i) && i < PASSES_MOST; i++) {
    snprintf(pattern, sizeof pattern, "\"pass\": \"%s\"", gm_pass_name(i));
    t->sum->rewritten[i] += strstr(text, pattern) != NULL;
  }
  free(text);
  return text != NULL;
}

static bool plan_agrees(
    const trial *t, const char *variant, gm_graph *graph, const gm_node *nodes, const setting *how) {
  gm_error error = {0};
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  gm_node outputs[RECIPE_OUTPUTS];
  char plan[256];
  snprintf(plan, sizeof plan, "%s%s%s%s, without '%s'", variant, how->exact ? ", exact" : "",
      how->kernel ? ", kernel " : "", how->kernel ? how->kernel : "", how->without);
  options.without = how->without;
  options.exact = how->exact;
  options.kernel = how->kernel;
  options.threads = 1;
  for (int i = 0; i < t->recipe->output_count; i++) outputs[i] = nodes[t->recipe->outputs[i]];
  if (t->sets_late) set_variables(t, graph, nodes, true);
  gm_plan *made = gm_plan_new(graph, outputs, (size_t)t->recipe->output_count, &options, &error);
  gm_executor *e = made ? gm_executor_new(made, &error) : NULL;
  gm_plan_free(made);
  if (t->sets_late) set_variables(t, graph, nodes, false);
  bool fine = e ? run_agrees(t, plan, e, how) : says(t, "%s: %s", plan, error.message);
  gm_executor_free(e);
  t->sum->plans++;
  return fine && (!how->twice || explains(t, graph, outputs));
}

static const char *all_passes(char text[512]) {
  text[0] = '\0';
  for (size_t i = 0; gm_pass_name(i); i++) strcat(strcat(text, i ? "," : ""), gm_pass_name(i));
  return text;
}

/* ---- Graphs ---- */

typedef bool graph_check(
    const trial *t, const char *variant, gm_graph *graph, const gm_node *nodes, cells *kept);

static bool every_pass(
    const trial *t, const char *variant, gm_graph *graph, const gm_node *nodes, cells *kept) {
  char all[512];
  setting on = {"", NULL, false, true, NULL}, off = {all_passes(all), NULL, false, false, NULL};
  setting exact = {"", NULL, true, false, kept}, exact_off = {all, NULL, true, false, kept};
  bool fine = plan_agrees(t, variant, graph, nodes, &on) && plan_agrees(t, variant, graph, nodes, &off);
  for (size_t i = 0; fine && gm_pass_name(i); i++) {
    setting but_one = {gm_pass_name(i), NULL, false, false, NULL};
    fine = plan_agrees(t, variant, graph, nodes, &but_one);
  }
  return fine && plan_agrees(t, variant, graph, nodes, &exact) &&
         plan_agrees(t, variant, graph, nodes, &exact_off);
}

/* ---- The same plan at other lengths of its symbols ---- */

static const int64_t other_lengths[][3] = {{1, 2, 3}, {2, 1, 0}, {0, 3, 1}, {5, 4, 2}};

static recipe resized(const recipe *r, const int64_t lengths[3]) {
  recipe made = *r;
  for (int i = 0; i < r->leaf_count; i++)
    for (int a = 0; a < r->leaves[i].rank; a++) {
      const char *symbol = strchr("nmk", r->leaves[i].symbols[a]);
      if (r->leaves[i].symbols[a]) made.leaves[i].dims[a] = lengths[symbol - "nmk"];
    }
  return made;
}

/* Lengths that the model, or the graph by what it has learnt, refuses are passed over. */
static bool agrees_at(const trial *t, gm_plan *plan, const int64_t lengths[3]) {
  recipe r = resized(t->recipe, lengths);
  gm_tensor *feeds[RECIPE_LEAVES];
  field values[RECIPE_NODES];
  trial own = *t;
  setting how = {"", NULL, false, false, NULL};
  if (!recipe_evaluate(&r, values)) return true;
  own.recipe = &r;
  own.values = values;
  own.feeds = feeds;
  feed_tensors(&r, feeds);
  gm_executor *e = gm_executor_new(plan, NULL);
  gm_status status = feed_all(e, r.leaf_count, feeds, NULL);
  if (!status) status = gm_executor_run(e, NULL);
  bool fine = status || outputs_agree(&own, "at other lengths", e, &how);
  t->sum->resized += !status;
  gm_executor_free(e);
  for (int i = 0; i < r.leaf_count; i++) gm_tensor_free(feeds[i]);
  recipe_free_values(&r, values);
  return fine;
}

static bool every_length(const trial *t, const gm_graph *graph, const gm_node *nodes) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  gm_node outputs[RECIPE_OUTPUTS];
  bool fine = true;
  options.threads = 1;
  for (int i = 0; i < t->recipe->output_count; i++) outputs[i] = nodes[t->recipe->outputs[i]];
  gm_plan *plan = gm_plan_new(graph, outputs, (size_t)t->recipe->output_count, &options, NULL);
  for (size_t i = 0; plan && fine && i < sizeof other_lengths / sizeof *other_lengths; i++)
    fine = agrees_at(t, plan, other_lengths[i]);
  gm_plan_free(plan);
  return fine;
}

/* With all of them, with none, exact, and with the last of the kernels, which is not the best. */
static bool some_passes(
    const trial *t, const char *variant, gm_graph *graph, const gm_node *nodes, cells *kept) {
  char all[512];
  const char *kernel = NULL;
  for (size_t i = 0; gm_kernel_name(i); i++) kernel = gm_kernel_name(i);
  const setting ways[] = {{"", NULL, false, false, NULL}, {all_passes(all), NULL, false, false, NULL},
      {"", NULL, true, false, kept}, {"", kernel, false, false, NULL}};
  bool fine = true;
  for (size_t i = 0; fine && i < sizeof ways / sizeof *ways; i++)
    fine = plan_agrees(t, variant, graph, nodes, &ways[i]);
  return fine;
}

static bool graph_agrees(const trial *t, recipe_form how, cells *kept) {
  static const char *const names[] = {"with symbols", "with numbers", "of constants"};
  gm_node nodes[RECIPE_NODES];
  gm_error error = {0};
  gm_graph *graph = gm_graph_new(NULL, NULL);
  if (graph == NULL) abort();
  bool fine = recipe_build(t->recipe, graph, how, nodes);
  if (!fine) {
    gm_graph_error(graph, &error);
    says(t, "the graph %s is refused: %s", names[how], error.message);
  }
  trial own = *t;
  gm_tensor *const none[RECIPE_LEAVES] = {NULL};
  if (how == AS_CONSTANTS) own.feeds = none;
  own.sets_late = how == WITH_NUMBERS;
  graph_check *check = how == WITH_SYMBOLS_OPEN ? every_pass : some_passes;
  fine = fine && check(&own, names[how], graph, nodes, kept);
  if (fine && how == WITH_SYMBOLS_OPEN) fine = every_length(&own, graph, nodes);
  gm_graph_free(graph);
  return fine;
}

bool recipe_agrees(const recipe *r, tally *sum, char *why, size_t size) {
  field values[RECIPE_NODES];
  cells kept[RECIPE_OUTPUTS] = {0};
  gm_tensor *feeds[RECIPE_LEAVES];
  trial t = {.recipe = r, .values = values, .feeds = feeds, .sum = sum, .why = why, .size = size};
  if (!recipe_evaluate(r, values)) return true;
  feed_tensors(r, feeds);
  bool fine = true;
  for (int how = WITH_SYMBOLS_OPEN; fine && how <= AS_CONSTANTS; how++)
    fine = graph_agrees(&t, (recipe_form)how, kept);
  for (int i = 0; i < r->leaf_count; i++) gm_tensor_free(feeds[i]);
  for (int i = 0; i < r->output_count; i++) cells_free(&kept[i]);
  recipe_free_values(r, values);
  sum->graphs++;
  return fine;
}
