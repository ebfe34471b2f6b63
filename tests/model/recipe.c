/* SPDX-License-Identifier: MIT
 *
 * Recipes: the values of their leaves and, by the model, of their steps; and their graphs. */
#include "model/recipe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const double recipe_numbers[RECIPE_NUMBERS] = {0, 1, 2, -1, 3, 0.5};

/* ---- Values ---- */

static double drawn(draw *from, const recipe *r, const leaf *l) {
  int most = l->unit ? 1 : 3;
  if (r->exact)
    return (double)draw_below(from, l->positive ? most + 1 : 2 * most + 1) - (l->positive ? 0 : most);
  double unit = (double)draw_below(from, 1 << 24) / (1 << 24);
  return l->positive ? 0.25 + 2 * unit : 4 * unit - 2;
}

cells recipe_leaf(const recipe *r, int index) {
  const leaf *l = &r->leaves[index];
  draw from = {l->seed};
  cells made = cells_new(l->dtype, l->rank, l->dims);
  for (int64_t i = 0; i < made.count; i++) {
    cell value = {.re = drawn(&from, r, l)};
    value.whole = draw_below(&from, 9) - 4;
    if (l->positive && value.whole < 0) value.whole = -value.whole;
    made.at[i] = cell_rounded(value, l->dtype);
  }
  return made;
}

/* A number has the dtype of those that it is used with. */
static field number_field(const recipe_step *step, const field *values, int number) {
  double value = recipe_numbers[-1 - number];
  gm_dtype dtype = GM_FLOAT32;
  for (int i = 0; i < step->count; i++)
    if (step->inputs[i] >= 0) dtype = values[step->inputs[i]].dtype;
  field made = field_new(dtype, 0, NULL);
  *made.at = dtype_is_whole(dtype) ? known_whole((int64_t)value) : known_real(value);
  return made;
}

/* ---- What is of use ---- */

bool is_vague(known x, gm_dtype dtype) {
  double part = fmax(1.0 / 256, 64 * dtype_unit(dtype));
  return !is_known(x) || x.error > part * x.mass + dtype_least(dtype);
}

static bool serves(const recipe *r, known x, gm_dtype dtype) {
  if (!r->exact) return !is_vague(x, dtype);
  bool whole = dtype_is_whole(dtype) || x.value == floor(x.value);
  return is_known(x) && x.error == 0 && whole;
}

static bool of_use(const recipe *r, const call *c, const field *made) {
  double most = dtype_is_whole(made->dtype) ? INFINITY : call_most(c, made->dtype);
  int64_t useless = 0;
  for (int64_t i = 0; i < made->count; i++) {
    if (is_known(made->at[i]) && made->at[i].mass > most) return false;
    useless += !serves(r, made->at[i], made->dtype);
  }
  bool fits = made->count <= (r->large ? FIELD_MOST : 256) && made->rank <= 6;
  return fits && (r->exact ? useless == 0 : useless * 4 <= made->count);
}

bool recipe_evaluate_step(const recipe *r, int index, const field *values, field *out) {
  const recipe_step *step = &r->steps[index];
  const model_row *row = model_named(step->op);
  field numbers[MODEL_INPUTS] = {0};
  call c = {.op = step->op, .count = step->count, .attributes = step->attributes, .exact = r->exact};
  for (int i = 0; i < step->count; i++) {
    bool number = step->inputs[i] < 0;
    if (number) numbers[i] = number_field(step, values, step->inputs[i]);
    c.in[i] = number ? &numbers[i] : &values[step->inputs[i]];
  }
  bool made = row->evaluate(&c, out);
  for (int i = 0; i < step->count; i++) field_free(&numbers[i]);
  if (made && of_use(r, &c, out)) return true;
  if (made) field_free(out);
  return false;
}

bool recipe_evaluate(const recipe *r, field *values) {
  for (int i = 0; i < r->leaf_count; i++) {
    cells given = recipe_leaf(r, i);
    values[i] = field_of(&given);
    cells_free(&given);
  }
  for (int i = 0; i < r->count; i++) {
    if (recipe_evaluate_step(r, i, values, &values[r->leaf_count + i])) continue;
    for (int made = 0; made < r->leaf_count + i; made++) field_free(&values[made]);
    return false;
  }
  return true;
}

void recipe_free_values(const recipe *r, field *values) {
  for (int i = 0; i < r->leaf_count + r->count; i++) field_free(&values[i]);
}

/* ---- Graphs ---- */

static void name_leaf(int index, char name[16]) {
  snprintf(name, 16, "x%d", index);
}

static void shape_text(const leaf *l, bool symbols, char *text, size_t size) {
  size_t at = 0;
  text[0] = '\0';
  for (int a = 0; a < l->rank && at < size; a++) {
    const char *comma = a > 0 ? ", " : "";
    at += symbols && l->symbols[a] ? (size_t)snprintf(text + at, size - at, "%s%c", comma, l->symbols[a])
                                   : (size_t)snprintf(text + at, size - at, "%s%d", comma, (int)l->dims[a]);
  }
}

gm_node recipe_add_leaf(const recipe *r, gm_graph *graph, recipe_form how, int index) {
  const leaf *l = &r->leaves[index];
  source from = how == AS_CONSTANTS ? CONSTANT : l->source;
  char shape[64], name[16];
  name_leaf(index, name);
  shape_text(l, how == WITH_SYMBOLS_OPEN, shape, sizeof shape);
  if (from == FED) return gm_placeholder(graph, name, l->dtype, shape);
  cells values = recipe_leaf(r, index);
  gm_tensor *tensor = cells_tensor(&values);
  gm_node made = from == VARIABLE ? gm_variable(graph, name, tensor) : gm_constant(graph, name, tensor);
  gm_tensor_free(tensor);
  cells_free(&values);
  return made;
}

gm_node recipe_add_step(const recipe *r, gm_graph *graph, int index, const gm_node *nodes) {
  const recipe_step *step = &r->steps[index];
  gm_node inputs[MODEL_INPUTS];
  for (int i = 0; i < step->count; i++) {
    int input = step->inputs[i];
    inputs[i] = input < 0 ? gm_number(graph, recipe_numbers[-1 - input]) : nodes[input];
  }
  return gm_apply(
      graph, step->op, inputs, (size_t)step->count, step->attributes[0] ? step->attributes : NULL);
}

bool recipe_build(const recipe *r, gm_graph *graph, recipe_form how, gm_node *nodes) {
  for (int i = 0; i < r->leaf_count; i++) nodes[i] = recipe_add_leaf(r, graph, how, i);
  for (int i = 0; i < r->count; i++) {
    nodes[r->leaf_count + i] = recipe_add_step(r, graph, i, nodes);
    if (nodes[r->leaf_count + i].id == 0) return false;
  }
  return true;
}

/* ---- Printing ---- */

static void print_name(const recipe *r, int node) {
  if (node < 0)
    printf("%g", recipe_numbers[-1 - node]);
  else
    printf(node < r->leaf_count ? "x%d" : "t%d", node < r->leaf_count ? node : node - r->leaf_count);
}

static void print_leaf(const recipe *r, int index) {
  static const char *const sources[] = {"fed", "a variable", "a constant"};
  const leaf *l = &r->leaves[index];
  cells values = recipe_leaf(r, index);
  gm_tensor *tensor = cells_tensor(&values);
  size_t size = gm_tensor_json(tensor, NULL, 0) + 1;
  char *text = malloc(size);
  if (text == NULL) abort();
  gm_tensor_json(tensor, text, size);
  printf("  x%d: {dtype: %s, value: %s}", index, gm_dtype_name(l->dtype), text);
  printf("  # %s", sources[l->source]);
  for (int a = 0; a < l->rank; a++)
    if (l->symbols[a]) printf(", axis %d is %c", a, l->symbols[a]);
  printf("\n");
  free(text);
  gm_tensor_free(tensor);
  cells_free(&values);
}

static void print_step(const recipe *r, int index) {
  const recipe_step *step = &r->steps[index];
  const char *attributes = step->attributes[0] ? step->attributes + 1 : "}";
  printf("  t%d: {%s: [", index, step->op);
  for (int i = 0; i < step->count; i++) {
    if (i > 0) printf(", ");
    print_name(r, step->inputs[i]);
  }
  printf("]%s%s\n", *attributes == '}' ? "" : ", ", attributes);
}

void recipe_print(const recipe *r) {
  printf("gemmule: 1\nvariables:\n");
  for (int i = 0; i < r->leaf_count; i++) print_leaf(r, i);
  printf("nodes:\n");
  for (int i = 0; i < r->count; i++) print_step(r, i);
  printf("outputs: [");
  for (int i = 0; i < r->output_count; i++) {
    if (i > 0) printf(", ");
    print_name(r, r->outputs[i]);
  }
  printf("]\n");
}
