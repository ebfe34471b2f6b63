/* SPDX-License-Identifier: MIT
 *
 * Making a plan: options, the private graph, passes, and the check that every symbol can be given by a
 * placeholder. */
#include "plan/plan.h"

#include <string.h>
#include <unistd.h>
#include "base/pool.h"

static gm_plan *plan_new(void) {
  gm_plan *plan = gm__alloc_zero(1, sizeof *plan);
  if (!plan) return NULL;
  if (pthread_mutex_init(&plan->lock, NULL) != 0) {
    gm__free(plan);
    return NULL;
  }
  atomic_init(&plan->references, 1);
  return plan;
}

gm_plan *gm__plan_retain(gm_plan *plan) {
  atomic_fetch_add_explicit(&plan->references, 1, memory_order_relaxed);
  return plan;
}

void gm_plan_free(gm_plan *plan) {
  if (!plan || atomic_fetch_sub_explicit(&plan->references, 1, memory_order_acq_rel) != 1) return;
  for (size_t i = 0; i < plan->cached; i++) gm__special_release(plan->cache[i]);
  gm__free(plan->cache);
  for (size_t i = 0; i < plan->folded_count; i++) gm_tensor_free(plan->folded[i]);
  gm__free(plan->folded);
  gm__free(plan->unneeded);
  gm__free(plan->outputs);
  gm__free(plan->feeds);
  gm__log_free(&plan->log);
  gm__names_free(&plan->placeholders);
  gm_graph_free(plan->graph);
  gm__pool_free(plan->pool);
  pthread_mutex_destroy(&plan->lock);
  gm__free(plan);
}

/* ---- Threads ---- */

/* Nanoseconds of work that a thread is worth which has to wake first, and one that spins. */
enum { SLEEPER = 30000, SPINNER = 5000 };

/* How many threads the specialisation gains by. */
static int useful_threads(const gm_plan *plan, const gm__special *special, int most) {
  double each = plan->options.flags & GM_PLAN_SPIN ? SPINNER : SLEEPER, gains = special->gains / each;
  return gains < 2 ? 1 : gains < most ? (int)gains : most;
}

/* The plan's own, with so many threads or what can be made of them. */
static gm_pool own_pool(gm_plan *plan, int threads, int most) {
  gm_pool made = {.threads = 1};
  pthread_mutex_lock(&plan->lock);
  if (!plan->pool) plan->pool = gm__pool_new(most, plan->options.flags & GM_PLAN_SPIN);
  if (plan->pool) gm__pool_grow(plan->pool, threads);
  if (plan->pool) made = *plan->pool;
  pthread_mutex_unlock(&plan->lock);
  return made;
}

gm_pool gm__plan_pool(gm_plan *plan, const gm__special *special) {
  const gm_pool *lent = plan->options.pool ? &plan->lent : NULL;
  int most = lent ? lent->threads : plan->options.threads ? plan->options.threads : gm__processors();
  int threads = useful_threads(plan, special, most);
  if (threads == 1) return (gm_pool){.threads = 1};
  gm_pool pool = lent ? *lent : own_pool(plan, threads, most);
  if (threads < pool.threads) pool.threads = threads;
  return pool;
}

/* ---- Options ---- */

static gm_status unknown_word(
    const char *what, const char *word, size_t length, const char *(*at)(size_t), gm_error *error) {
  const char *names[64];
  char copy[64];
  size_t count = 0;
  for (; count < 64 && at(count); count++) names[count] = at(count);
  size_t kept = length < sizeof copy - 1 ? length : sizeof copy - 1;
  memcpy(copy, word, kept);
  copy[kept] = '\0';
  const char *near = gm_closest(copy, names, count);
  GM_FAIL(error, GM_BAD_ARGUMENT, "there is no %s '%s'%s%s%s", what, copy, near ? ": did you mean '" : "",
      near ? near : "", near ? "'?" : "");
}

static gm_status read_without(gm_plan *plan, const char *list, gm_error *error) {
  for (const char *at = list ? list : ""; *at;) {
    at += strspn(at, ", ");
    size_t length = strcspn(at, ", "), index = 0;
    if (length == 0) break;
    const char *name;
    while ((name = gm_pass_name(index)) && (strlen(name) != length || memcmp(name, at, length) != 0)) index++;
    if (!name) return unknown_word("pass", at, length, gm_pass_name, error);
    plan->without |= 1u << index;
    at += length;
  }
  return GM_OK;
}

static gm_status read_kernel(gm_plan *plan, gm_error *error) {
  const char *wanted = plan->options.kernel;
  const gm__provider *provider;
  if (!wanted) return GM_OK;
  for (size_t i = 0; (provider = gm__provider_at(i)); i++) {
    if (strcmp(provider->name, wanted) != 0) continue;
    if (provider->lacks && provider->lacks()) {
      GM_FAIL(error, GM_UNSUPPORTED, "the kernel '%s' needs instructions that this processor lacks",
          provider->name);
    }
    plan->options.kernel = provider->name;
    return GM_OK;
  }
  return unknown_word("kernel", wanted, strlen(wanted), gm_kernel_name, error);
}

static gm_status read_pool(gm_plan *plan, gm_error *error) {
  gm_pool *lent = &plan->lent;
  int most = plan->options.threads;
  if (!plan->options.pool) return GM_OK;
  GM_TRY(gm__options_read(lent, plan->options.pool, sizeof *lent, sizeof *lent, "gm_pool", error));
  if (!lent->run || lent->threads < 1)
    GM_FAIL(error, GM_BAD_ARGUMENT, "a gm_pool needs a run function and 1 thread or more");
  if (most > 0 && most < lent->threads) lent->threads = most;
  return GM_OK;
}

static gm_status read_options(gm_plan *plan, const gm_plan_options *options, gm_error *error) {
  const size_t first = sizeof(gm_plan_options);
  plan->options = (gm_plan_options)GM_PLAN_OPTIONS_INIT;
  GM_TRY(gm__options_read(&plan->options, options, first, first, "gm_plan_options", error));
  if (plan->options.threads < 0)
    GM_FAIL(error, GM_BAD_ARGUMENT, "%d threads: at least 0", plan->options.threads);
  int limit = plan->options.max_specialisations;
  if (limit < 0) GM_FAIL(error, GM_BAD_ARGUMENT, "%d specialisations: at least 0", limit);
  plan->cache_limit = limit ? (size_t)limit : 16;
  if (plan->cache_limit > 4096) GM_FAIL(error, GM_LIMIT, "%d specialisations: at most 4096 are kept", limit);
  if (plan->options.flags & ~(GM_PLAN_KEEP_BLAS_THREADS | GM_PLAN_SPIN)) {
    GM_FAIL(error, GM_BAD_ARGUMENT, "the flags of gm_plan_options have bits that there are not");
  }
  GM_TRY(read_pool(plan, error));
  GM_TRY(read_kernel(plan, error));
  GM_TRY(read_without(plan, plan->options.without, error));
  plan->options.without = NULL;
  return GM_OK;
}

/* ---- Feeds ---- */

static gm_status list_feeds(gm_plan *plan, gm_error *error) {
  const gm_graph *graph = plan->graph;
  for (uint32_t id = 1; id <= graph->count; id++)
    plan->feed_count += gm__node_of(graph, id)->op == &gm__op_placeholder;
  plan->feeds = gm__alloc(plan->feed_count, sizeof *plan->feeds);
  if (!plan->feeds) return gm__no_memory(error);
  plan->feed_count = 0;
  for (uint32_t id = 1; id <= graph->count; id++) {
    const gm__node *node = gm__node_of(graph, id);
    if (node->op != &gm__op_placeholder) continue;
    plan->feeds[plan->feed_count++] = (gm__feed){id, (uint32_t)plan->key_length};
    plan->key_length += node->rank;
    if (!gm__names_put(&plan->placeholders, node->name, (uint32_t)plan->feed_count))
      return gm__no_memory(error);
  }
  return GM_OK;
}

/** Placeholders of the graph that the plan does without: feeding them is fine and has no effect. */
static gm_status list_others(gm_plan *plan, const gm_graph *whole, gm_error *error) {
  for (uint32_t id = 1; id <= whole->count; id++) {
    const gm__node *node = gm__node_of(whole, id);
    if (node->op != &gm__op_placeholder) continue;
    if (gm__names_find(&plan->placeholders, node->name, strlen(node->name))) continue;
    if (!gm__names_put(&plan->placeholders, node->name, GM__NOT_NEEDED)) return gm__no_memory(error);
  }
  return GM_OK;
}

/* ---- Symbols ---- */

static gm_status refuse_symbol(
    const gm_plan *plan, const gm__node *node, const char *symbol, gm_error *error) {
  char shape[200];
  gm__text text = gm__text_into(shape, sizeof shape);
  gm__shape_text(plan->graph->dims, (gm__shape){node->rank, node->dims}, &text);
  gm__text_end(&text);
  gm__fail(error, GM_UNBOUND, "no placeholder that the outputs need gives the dim '%s' of '%s' %s", symbol,
      node->name, shape);
  gm__error_node(error, node->name);
  return GM_UNBOUND;
}

static gm_status check_dims(const gm_plan *plan, const bool *solved, gm_error *error) {
  const gm_graph *graph = plan->graph;
  for (uint32_t id = 1; id <= graph->count; id++) {
    const gm__node *node = gm__node_of(graph, id);
    const char *symbol;
    for (int a = 0; a < node->rank; a++) {
      if (!gm__dim_solvable(graph->dims, solved, node->dims[a], &symbol))
        return refuse_symbol(plan, node, symbol, error);
    }
  }
  return GM_OK;
}

static gm_status check_symbols(const gm_plan *plan, gm_error *error) {
  gm__dim *given = gm__alloc(plan->key_length, sizeof *given);
  for (size_t f = 0; given && f < plan->feed_count; f++) {
    const gm__node *node = gm__node_of(plan->graph, plan->feeds[f].node);
    memcpy(given + plan->feeds[f].key, node->dims, node->rank * sizeof *given);
  }
  bool *solved = given ? gm__dims_solved(plan->graph->dims, given, plan->key_length) : NULL;
  gm_status status = solved ? check_dims(plan, solved, error) : gm__no_memory(error);
  gm__free(solved);
  gm__free(given);
  return status;
}

/* ---- The plan ---- */

static gm_status choose_outputs(const gm_graph *graph, const gm_node *outputs, size_t count, gm_plan *plan,
    uint32_t *ids, gm_error *error) {
  plan->output_count = outputs ? count : graph->output_count;
  if (outputs) return gm__graph_ids(graph, outputs, count, ids, error);
  memcpy(ids, graph->outputs, graph->output_count * sizeof *ids);
  return GM_OK;
}

static gm_status make(gm_plan *plan, const gm_graph *graph, const gm_node *outputs, size_t count,
    const gm_plan_options *options, uint32_t *ids, gm_error *error) {
  GM_TRY(choose_outputs(graph, outputs, count, plan, ids, error));
  GM_TRY(read_options(plan, options, error));
  plan->outputs = gm__alloc(plan->output_count, sizeof *plan->outputs);
  plan->cache = gm__alloc(plan->cache_limit, sizeof *plan->cache);
  if (!plan->outputs || !plan->cache) return gm__no_memory(error);
  GM_TRY(gm__graph_extract(graph, ids, plan->output_count, &plan->graph, plan->outputs, error));
  GM_TRY(list_feeds(plan, error));
  GM_TRY(list_others(plan, graph, error));
  GM_TRY(check_symbols(plan, error));
  return gm__passes_run(plan, error);
}

gm_plan *gm_plan_new(const gm_graph *graph, const gm_node *outputs, size_t count,
    const gm_plan_options *options, gm_error *error) {
  if (!graph) {
    gm__fail(error, GM_BAD_ARGUMENT, "the graph is NULL");
    return NULL;
  }
  if (!outputs && count) {
    gm__fail(error, GM_BAD_ARGUMENT, "the list of %zu outputs is NULL", count);
    return NULL;
  }
  size_t wanted = outputs ? count : graph->output_count;
  if (wanted == 0) {
    gm__fail(error, GM_BAD_ARGUMENT, "the plan has no outputs: none are given%s",
        outputs ? "" : ", and the graph declares none");
    return NULL;
  }
  gm_plan *plan = plan_new();
  uint32_t *ids = gm__alloc(wanted, sizeof *ids);
  gm_status status =
      plan && ids ? make(plan, graph, outputs, count, options, ids, error) : gm__no_memory(error);
  gm__free(ids);
  if (status == GM_OK) return plan;
  gm_plan_free(plan);
  return NULL;
}

const char *gm_kernel_name(size_t index) {
  const gm__provider *provider = gm__provider_at(index);
  return provider ? provider->name : NULL;
}
