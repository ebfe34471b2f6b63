/* SPDX-License-Identifier: MIT
 *
 * Growing a script: a random operation on random earlier nodes, with attributes that fit often; what the
 * library refuses is drawn again. */
#include "support/random_graph.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

const char *const script_sources[SCRIPT_SOURCES] = {"a", "b", "c", "d"};
static const char *const shapes[SCRIPT_SOURCES] = {"%s, 3", "3, %s", "3", "%s, 1, 3"};

/** Attributes to draw from, for operations that need some or do more with them; the others take none. */
typedef struct choice {
  const char *op;
  const char *attributes[6];
} choice;

static const choice choices[] = {
    {"all", {"{axis: 0}", "{axis: -1}", "{axis: [0, 1]}", "{axis: -1, keepdims: true}", "{keepdims: true}",
                "{axis: []}"}},
    {"any", {"{axis: 0}", "{axis: -1}", "{axis: [0, 1]}", "{axis: -1, keepdims: true}", "{keepdims: true}",
                "{axis: []}"}},
    {"arange", {"{start: 0, stop: 3, dtype: float32}", "{start: 3, stop: 0, step: -1, dtype: float32}",
                   "{start: 3}", "{start: 1, stop: 2, step: 0.5, dtype: float32}",
                   "{start: 1, dtype: float32}", "{start: 3, dtype: float32}"}},
    {"argmax", {"{axis: 0}", "{axis: -1}", "{axis: 1}", "{axis: -1}", "{axis: -1}", "{axis: 0}"}},
    {"argmin", {"{axis: 0}", "{axis: -1}", "{axis: 1}", "{axis: -1}", "{axis: -1}", "{axis: 0}"}},
    {"assume", {"{structure: lower_triangular}", "{structure: symmetric}", "{structure: tridiagonal}",
                   "{structure: diagonal}", "{structure: upper_triangular}",
                   "{structure: block_diagonal, block: 1}"}},
    {"batch_dot", {"{}", "{axes: 1}", "{axes: [2, 1]}", "{axes: [1, 2]}", "{axes: 2}", "{axes: [1, 1]}"}},
    {"cast", {"{dtype: float32}", "{dtype: float64}", "{dtype: int32}", "{dtype: int32}", "{dtype: float32}",
                 "{dtype: float32}"}},
    {"clip", {"{min_value: 0, max_value: 1}", "{min_value: -1}", "{max_value: 1}",
                 "{min_value: -2, max_value: 2}", "{}", "{min_value: 0}"}},
    {"concatenate", {"{axis: 0}", "{axis: -1}", "{axis: 1}", "{axis: 0}", "{axis: -1}", "{axis: 0}"}},
    {"cumprod", {"{axis: 0}", "{axis: -1}", "{axis: 1}", "{axis: -1}", "{axis: -1}", "{axis: 0}"}},
    {"cumsum", {"{axis: 0}", "{axis: -1}", "{axis: 1}", "{axis: -1}", "{axis: -1}", "{axis: 0}"}},
    {"expand_dims", {"{axis: 0}", "{axis: -1}", "{axis: 1}", "{axis: 0}", "{axis: -1}", "{axis: 1}"}},
    {"eye", {"{size: 3}", "{size: 3}", "{size: 3}", "{size: 3}", "{size: 3}", "{size: 3}"}},
    {"index", {"{at: \"0\"}", "{at: \"::-1\"}", "{at: \"..., 1:\"}", "{at: \"-1, :2\"}",
                  "{at: \"None, ...\"}", "{at: \":, ::2\"}"}},
    {"l2_normalize",
        {"{axis: 0}", "{axis: -1}", "{axis: [0, 1]}", "{axis: -1}", "{epsilon: 0.5}", "{axis: []}"}},
    {"layer_normalization",
        {"{axis: 0}", "{axis: -1}", "{axis: [0, 1]}", "{axis: -1}", "{epsilon: 0.5}", "{axis: []}"}},
    {"logsumexp", {"{axis: 0}", "{axis: -1}", "{axis: [0, 1]}", "{axis: -1, keepdims: true}",
                      "{keepdims: true}", "{axis: []}"}},
    {"max", {"{axis: 0}", "{axis: -1}", "{axis: [0, 1]}", "{axis: -1, keepdims: true}", "{keepdims: true}",
                "{axis: []}"}},
    {"mean", {"{axis: 0}", "{axis: -1, keepdims: true}", "{axis: [0, 1]}", "{axis: -1}",
                 "{axis: 0, keepdims: true}", "{axis: [0, -1]}"}},
    {"min", {"{axis: 0}", "{axis: -1}", "{axis: [0, 1]}", "{axis: -1, keepdims: true}", "{keepdims: true}",
                "{axis: []}"}},
    {"one_hot", {"{num_classes: 3}", "{num_classes: 3}", "{num_classes: 3}", "{num_classes: 3}",
                    "{num_classes: 3}", "{num_classes: 3}"}},
    {"permute_dimensions", {"{pattern: [1, 0]}", "{pattern: [2, 0, 1]}", "{pattern: [0, 2, 1]}",
                               "{pattern: [0]}", "{pattern: [2, 1, 0]}", "{pattern: [1, 0, 2]}"}},
    {"pow", {"{a: 2}", "{a: 3}", "{a: 0}", "{a: 0.5}", "{a: 1}", "{a: 2}"}},
    {"prod", {"{axis: 0}", "{axis: -1}", "{axis: [0, 1]}", "{axis: -1, keepdims: true}", "{keepdims: true}",
                 "{axis: []}"}},
    {"relu", {"{alpha: 0.5}", "{max_value: 2}", "{threshold: 1}", "{}", "{}", "{alpha: 0.25, max_value: 3}"}},
    {"repeat", {"{n: 3}", "{n: 1}", "{n: 2}", "{n: 3}", "{n: 3}", "{n: 3}"}},
    {"repeat_elements", {"{rep: 3, axis: 0}", "{rep: 2, axis: -1}", "{rep: 1, axis: 1}", "{rep: 3, axis: 1}",
                            "{rep: 2, axis: 0}", "{rep: 3, axis: -1}"}},
    {"reshape", {"{shape: \"3, -1\"}", "{shape: \"-1\"}", "{shape: \"-1, 3\"}", "{shape: \"-1, 1, 3\"}",
                    "{shape: \"1, -1\"}", "{shape: \"3, 1, -1\"}"}},
    {"reverse", {"{axes: 0}", "{axes: [0, 1]}", "{axes: -1}", "{axes: 1}", "{axes: 0}", "{axes: [0, -1]}"}},
    {"rms_normalization",
        {"{axis: 0}", "{axis: -1}", "{axis: [0, 1]}", "{axis: -1}", "{epsilon: 0.5}", "{axis: []}"}},
    {"softmax", {"{axis: -1}", "{axis: 0}", "{axis: 1}", "{axis: -1}", "{axis: -1}", "{axis: 0}"}},
    {"squeeze", {"{axis: 1}", "{axis: 0}", "{axis: -1}", "{axis: 1}", "{axis: 0}", "{axis: -1}"}},
    {"stack", {"{axis: 0}", "{axis: -1}", "{axis: 1}", "{axis: 0}", "{axis: -1}", "{axis: 0}"}},
    {"std", {"{axis: 0}", "{axis: -1}", "{axis: [0, 1]}", "{axis: -1, keepdims: true}", "{keepdims: true}",
                "{axis: []}"}},
    {"sum", {"{axis: 0}", "{axis: -1}", "{axis: [0, 1]}", "{axis: -1, keepdims: true}",
                "{axis: 0, keepdims: true}", "{axis: [0, -1]}"}},
    {"tile", {"{n: 2}", "{n: [2, 1]}", "{n: [1, 3]}", "{n: [1, 1, 3]}", "{n: 3}", "{n: [3, 1]}"}},
    {"var", {"{axis: 0}", "{axis: -1}", "{axis: [0, 1]}", "{axis: -1, keepdims: true}", "{keepdims: true}",
                "{axis: []}"}},
};

/** How often an operation takes 0, 1, 2 and 3 inputs is not asked: what it does not take is refused. */
static const int counts[] = {0, 1, 1, 1, 2, 2, 2, 3};

static const char *attributes_for(const char *op, draw *from) {
  for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
    if (strcmp(choices[i].op, op) == 0) return choices[i].attributes[draw_below(from, 6)];
  return "";
}

/** gather takes few values for places, power of integers no negative ones: such runs would fail by chance. */
bool script_draws(const char *op) {
  return strcmp(op, "gather") != 0 && strcmp(op, "power") != 0;
}

static gm_node apply_step(gm_graph *graph, const script_step *step, const gm_node *nodes) {
  gm_node inputs[3];
  for (int i = 0; i < step->count; i++) inputs[i] = nodes[step->inputs[i]];
  return gm_apply(
      graph, step->op, inputs, (size_t)step->count, step->attributes[0] ? step->attributes : NULL);
}

/** Recent nodes are drawn more often, so that graphs get deep. */
static int draw_input(draw *from, int count) {
  if (count > 12 && draw_below(from, 3) != 0) return count - 1 - (int)draw_below(from, 8);
  return (int)draw_below(from, count);
}

static void draw_step(script_step *step, draw *from, int count) {
  do step->op = gm_op_name((size_t)draw_below(from, (int64_t)gm_op_count()));
  while (!script_draws(step->op));
  step->count = counts[draw_below(from, sizeof counts / sizeof *counts)];
  for (int i = 0; i < step->count; i++) step->inputs[i] = draw_input(from, count);
  snprintf(step->attributes, sizeof step->attributes, "%s", attributes_for(step->op, from));
}

void script_place(gm_graph *graph, const char *length, gm_node *nodes) {
  for (int i = 0; i < SCRIPT_SOURCES; i++) {
    char shape[64];
    snprintf(shape, sizeof shape, shapes[i], length);
    nodes[i] = gm_placeholder(graph, script_sources[i], GM_FLOAT32, shape);
  }
}

static bool small_enough(const gm_graph *graph, gm_node node) {
  int64_t count = 1;
  int rank = gm_node_rank(graph, node);
  for (int axis = 0; axis < rank; axis++) {
    int64_t length = gm_node_dim(graph, node, axis);
    count *= length < 0 ? 5 : length;
  }
  return rank <= 4 && count <= 256;
}

void script_grow(script *made, draw *from, int steps) {
  gm_graph *graph = gm_graph_new(NULL, NULL);
  gm_node nodes[SCRIPT_SOURCES + SCRIPT_STEPS];
  ck_assert_ptr_nonnull(graph);
  script_place(graph, "n", nodes);
  made->count = 0;
  for (int tries = 0; made->count < steps && tries < 60 * steps; tries++) {
    script_step *step = &made->steps[made->count];
    draw_step(step, from, SCRIPT_SOURCES + made->count);
    gm_node node = apply_step(graph, step, nodes);
    gm_graph_clear_error(graph);
    if (node.id == 0 || !small_enough(graph, node)) continue;
    nodes[SCRIPT_SOURCES + made->count++] = node;
  }
  gm_graph_free(graph);
}

static bool apply_all(const script *from, gm_graph *graph, gm_node *all, gm_node *nodes) {
  for (int i = 0; i < from->count; i++) {
    nodes[i] = all[SCRIPT_SOURCES + i] = apply_step(graph, &from->steps[i], all);
    if (nodes[i].id == 0) return false;
  }
  return true;
}

bool script_build(const script *from, gm_graph *graph, const char *length, gm_node *nodes) {
  gm_node all[SCRIPT_SOURCES + SCRIPT_STEPS];
  script_place(graph, length, all);
  return apply_all(from, graph, all, nodes);
}

bool script_build_on(
    const script *from, gm_graph *graph, gm_tensor *const values[SCRIPT_SOURCES], gm_node *nodes) {
  gm_node all[SCRIPT_SOURCES + SCRIPT_STEPS];
  for (int i = 0; i < SCRIPT_SOURCES; i++) all[i] = gm_variable(graph, script_sources[i], values[i]);
  return apply_all(from, graph, all, nodes);
}

int64_t script_length(const gm_graph *graph, int64_t wanted) {
  int64_t known = gm_node_dim(graph, gm_node_named(graph, script_sources[0]), 0);
  return known < 0 ? wanted : known;
}

void script_values(draw *from, int64_t length, gm_tensor *values[SCRIPT_SOURCES]) {
  const int64_t dims[SCRIPT_SOURCES][3] = {{length, 3}, {3, length}, {3}, {length, 1, 3}};
  static const int ranks[SCRIPT_SOURCES] = {2, 2, 1, 3};
  for (int i = 0; i < SCRIPT_SOURCES; i++) {
    values[i] = gm_tensor_new(GM_FLOAT32, ranks[i], dims[i], NULL);
    ck_assert_ptr_nonnull(values[i]);
    float *at = gm_tensor_data(values[i]);
    for (int64_t j = 0; j < gm_tensor_count(values[i]); j++) at[j] = (float)(draw_below(from, 9) - 4) / 4;
  }
}
