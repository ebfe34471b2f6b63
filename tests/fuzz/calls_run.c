/* SPDX-License-Identifier: MIT
 *
 * Planning and running by calls. What is planned is planned twice more, with `exact`: by some passes, and by
 * none; those two agree bit for bit, and with the plan that was asked for where that is exact too. */
#include "calls.h"
#include "exec/executor.h"

enum { WORKSPACE = 1 << 23 };

/* ---- Planning ---- */

void release(planned *p) {
  for (int i = 0; i < 3; i++) {
    gm_executor_free(p->executor[i]);
    gm_plan_free(p->plan[i]);
  }
  for (int i = 0; i < OUTPUTS; i++) gm_tensor_free(p->bound[i]);
  memset(p, 0, sizeof *p);
}

/** Some passes, by the bits of `which`; not the one that leaves out what is not needed. */
static const char *passes(unsigned which, char text[256]) {
  text[0] = 0;
  for (size_t i = 0; gm_pass_name(i); i++) {
    if (!(which >> i & 1) || strcmp(gm_pass_name(i), "prune") == 0) continue;
    strcat(text, text[0] ? "," : "");
    strcat(text, gm_pass_name(i));
  }
  return text;
}

/** What the three plans have in common, and how the first differs. */
typedef struct wish {
  bool exact, check_structure;
  unsigned without; /* bits: passes */
  const char *kernel;
} wish;

static gm_plan *make_plan(
    const gm_graph *graph, const gm_node *outputs, size_t count, const wish *wanted, gm_error *error) {
  char text[256];
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  options.threads = 1;
  options.exact = wanted->exact;
  options.check_structure = wanted->check_structure;
  options.without = passes(wanted->without, text);
  options.kernel = wanted->kernel;
  options.max_specialisations = 2;
  return gm_plan_new(graph, outputs, count, &options, error);
}

static void note_outputs(const gm_graph *graph, const gm_node *outputs, planned *p) {
  for (size_t i = 0; i < p->count; i++) {
    p->rank[i] = gm_node_rank(graph, outputs[i]);
    p->dtype[i] = gm_node_dtype(graph, outputs[i]);
    for (int axis = 0; axis < p->rank[i]; axis++) p->dims[i][axis] = gm_node_dim(graph, outputs[i], axis);
  }
}

/** Options that are none: each is refused. */
static void wrong_options(state *s, const gm_node *outputs, size_t count) {
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  gm_error error = {0};
  switch (take_below(&s->from, 5)) {
  case 0: options.struct_size = take(&s->from) % 8; break;
  case 1: options.threads = -1; break;
  case 2: options.kernel = "no kernel"; break;
  case 3: options.without = "no pass"; break;
  default: options.struct_size = (size_t)-1;
  }
  NEED(gm_plan_new(s->graph, outputs, count, &options, &error) == NULL);
  fuzz_refused(&error);
}

static void make_executors(planned *p) {
  gm_error error = {0};
  for (int i = 0; i < 3; i++) {
    NEED(p->plan[i] != NULL);
    p->executor[i] = gm_executor_new(p->plan[i], &error);
    NEED(p->executor[i] != NULL);
  }
}

void make_plans(state *s, planned *p) {
  gm_node outputs[OUTPUTS];
  gm_error error = {0};
  size_t count = take_outputs(s, outputs);
  unsigned byte = take(&s->from), without = take(&s->from);
  release(p);
  if (!affordable(s->graph)) return;
  if (byte >> 5 == 7) wrong_options(s, outputs, count);
  wish wanted = {.exact = byte & 1, .check_structure = byte & 16, .without = byte & 8 ? without : 0};
  if (byte & 2) wanted.kernel = gm_kernel_name(byte >> 2 & 1);
  p->plan[GIVEN] = make_plan(s->graph, outputs, count, &wanted, &error);
  if (!p->plan[GIVEN]) {
    fuzz_refused(&error);
    return;
  }
  p->exact = wanted.exact;
  p->count = count;
  note_outputs(s->graph, outputs, p);
  wanted.exact = true;
  wanted.without = without;
  p->plan[CHECKED] = make_plan(s->graph, outputs, count, &wanted, &error);
  wanted.without = ~0u;
  p->plan[PLAIN] = make_plan(s->graph, outputs, count, &wanted, &error);
  make_executors(p);
}

void print_plan(state *s, const planned *p) {
  static const char *const texts[] = {NULL, "n=3", "n=3, m=2, k=1", "n=0", "n", "n=-1",
      "n=9223372036854775808", "n=4, m=4", "zz=1", "n=1, n=2"};
  gm_error error = {0};
  gm_plan_size sizes = {.struct_size = sizeof sizes};
  const char *text = TAKE_WORD(&s->from, texts);
  if (!p->plan[GIVEN]) return;
  fuzz_plan_text(p->plan[GIVEN], text);
  gm_status status = gm_plan_sizes(p->plan[GIVEN], text, &sizes, &error);
  fuzz_status(status, &error);
  if (status == GM_OK)
    NEED(sizes.lower_bound <= sizes.peak && sizes.peak <= sizes.unshared + sizes.lower_bound + 4096);
}

/* ---- Running ---- */

static gm_tensor *keep(state *s, gm_tensor *value) {
  if (!value) return NULL;
  NEED(s->value_count < VALUES);
  return s->values[s->value_count++] = value;
}

static void feed(const planned *p, const char *name, const gm_tensor *value) {
  for (int i = 0; i < 3; i++) {
    gm_error error = {0};
    gm_status status = gm_executor_feed(p->executor[i], name, value, &error);
    fuzz_status(status, &error);
  }
}

/** Values for all placeholders, with the lengths that `least` begins; other ones where bytes say so. */
void feed_all(state *s, const planned *p) {
  unsigned byte = take(&s->from);
  if (!p->executor[GIVEN] || !s->graph) return;
  lengths *of = fuzz_lengths(s->graph, byte % 4);
  for (size_t i = 0; of && i < gm_graph_node_count(s->graph) && s->value_count < VALUES; i++) {
    gm_node node = gm_graph_node_at(s->graph, i);
    if (strcmp(gm_node_op(s->graph, node), "placeholder") != 0) continue;
    const gm_tensor *value = keep(s, byte >= 250 ? take_tensor(&s->from) : fuzz_value(s->graph, node, of));
    feed(p, gm_node_name(s->graph, node), value);
  }
  fuzz_lengths_free(of);
}

void feed_one(state *s, const planned *p) {
  const char *name = take_name(&s->from);
  if (!p->executor[GIVEN] || s->value_count == VALUES) return;
  feed(p, name, take(&s->from) & 1 ? NULL : keep(s, take_tensor(&s->from)));
}

void bind_one(state *s, planned *p) {
  size_t index = take_below(&s->from, OUTPUTS);
  gm_error error = {0};
  int rank = 0;
  if (!p->executor[GIVEN]) return;
  const int64_t *shape = gm_executor_output_dims(p->executor[GIVEN], index, &rank);
  gm_tensor *value = NULL;
  if (shape && !(take(&s->from) & 8)) value = gm_tensor_new(p->dtype[index], rank, shape, &error);
  gm_status status = gm_executor_bind_output(p->executor[GIVEN], index, value, &error);
  fuzz_status(status, &error);
  if (status) {
    gm_tensor_free(value);
    return;
  }
  gm_tensor_free(p->bound[index]);
  p->bound[index] = value;
}

/** Prepared, and small enough to be run. */
static bool prepare(const planned *p, int which, gm_status *status, gm_error *error) {
  *status = gm_executor_prepare(p->executor[which], error);
  fuzz_status(*status, error);
  if (*status) return false;
  const gm__special *special = p->executor[which]->special;
  return special->workspace + special->outputs <= WORKSPACE && special->flops <= FUZZ_COST;
}

static void check_output(const planned *p, size_t index) {
  int rank = -1;
  const gm_tensor *value = gm_executor_output(p->executor[GIVEN], index);
  const int64_t *shape = gm_executor_output_dims(p->executor[GIVEN], index, &rank);
  NEED(value != NULL && rank == p->rank[index] && gm_tensor_rank(value) == rank);
  NEED(gm_tensor_dtype(value) == p->dtype[index]);
  NEED(!p->bound[index] || value == p->bound[index]);
  for (int axis = 0; axis < rank; axis++) {
    NEED(gm_tensor_dims(value)[axis] == shape[axis] && shape[axis] >= 0);
    NEED(p->dims[index][axis] < 0 || p->dims[index][axis] == shape[axis]);
  }
}

/** The outputs, copied, or NULL. */
static gm_tensor *copy_of(const gm_tensor *value) {
  gm_tensor *copy = gm_tensor_new(gm_tensor_dtype(value), gm_tensor_rank(value), gm_tensor_dims(value), NULL);
  if (copy && gm_tensor_count(value))
    memcpy(gm_tensor_data(copy), gm_tensor_cdata(value),
        (size_t)gm_tensor_count(value) * gm_dtype_size(gm_tensor_dtype(value)));
  return copy;
}

static void same_again(const planned *p) {
  gm_tensor *before[OUTPUTS] = {0};
  for (size_t i = 0; i < p->count; i++) before[i] = copy_of(gm_executor_output(p->executor[GIVEN], i));
  NEED(gm_executor_run(p->executor[GIVEN], NULL) == GM_OK);
  for (size_t i = 0; i < p->count; i++) {
    if (before[i]) NEED(fuzz_same(before[i], gm_executor_output(p->executor[GIVEN], i)));
    gm_tensor_free(before[i]);
  }
}

static void same_outputs(const planned *p, int one, int other) {
  for (size_t i = 0; i < p->count; i++) {
    const gm_tensor *a = gm_executor_output(p->executor[one], i),
                    *b = gm_executor_output(p->executor[other], i);
    NEED(a != NULL && b != NULL && fuzz_same(a, b));
  }
}

/** The two other plans do what the given one does. */
static void compare_plans(const planned *p, gm_status given) {
  gm_error error = {0};
  gm_status prepared;
  for (int which = CHECKED; which <= PLAIN; which++) {
    if (!prepare(p, which, &prepared, &error)) {
      NEED(!prepared || prepared == given || prepared == GM_NO_MEMORY || given == GM_NO_MEMORY);
      return;
    }
    gm_status status = gm_executor_run(p->executor[which], &error);
    fuzz_status(status, &error);
    NEED(status == given || status == GM_NO_MEMORY || given == GM_NO_MEMORY);
    if (status || given) return;
  }
  same_outputs(p, CHECKED, PLAIN);
  if (p->exact) same_outputs(p, GIVEN, PLAIN);
}

void run_all(const planned *p) {
  gm_error error = {0};
  gm_status status;
  if (!p->executor[GIVEN]) return;
  if (prepare(p, GIVEN, &status, &error)) {
    status = gm_executor_run(p->executor[GIVEN], &error);
    fuzz_status(status, &error);
    for (size_t i = 0; i < p->count && status == GM_OK; i++) check_output(p, i);
    if (status == GM_OK) same_again(p);
    compare_plans(p, status);
  }
  if (status) NEED(gm_executor_output(p->executor[GIVEN], 0) == NULL);
}

void cancel(const planned *p) {
  gm_error error = {0};
  gm_status status;
  if (!p->executor[GIVEN] || !prepare(p, GIVEN, &status, &error)) return;
  gm_executor_cancel(p->executor[GIVEN]);
  status = gm_executor_run(p->executor[GIVEN], &error);
  fuzz_status(status, &error);
}
