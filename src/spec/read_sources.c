/* SPDX-License-Identifier: MIT
 *
 * Placeholders, variables and constants, in the order of the document. A value comes from a data file, stands
 * in the graph file, or is made by an initialiser; what `dtype` and `shape` say of the first two must be so.
 */
#include "spec/reader.h"

#include <string.h>

/** A variable or constant as written. */
typedef struct source {
  gm__reader *r;
  const char *name;
  const gm__value *form, *file, *value, *init, *shape;
  gm_dtype dtype;
  bool has_dtype;
} source;

static gm_status fail_at(const source *s, const gm__value *at, gm_status status, const char *sentence) {
  return gm__reader_fail(s->r, at->line, at->column, s->name, status, "%s", sentence);
}

/* ---- Placeholders ---- */

static gm_status read_placeholder(gm__reader *r, gm__named *named) {
  const gm__value *form = named->entry->value, *shape = gm__value_get(form, "shape");
  const char *name = named->entry->key, *text;
  gm_dtype dtype = GM_FLOAT32;
  if (!shape) {
    return gm__reader_fail(r, form->line, form->column, name, GM_BAD_ARGUMENT,
        "the placeholder '%s' needs a shape: {shape: [batch, 64]}", name);
  }
  GM_TRY(gm__form_shape(r, shape, name, &text));
  GM_TRY(gm__form_dtype(r, gm__value_get(form, "dtype"), name, &dtype));
  return gm__reader_at(
      r, shape, name, gm__graph_placeholder(r->graph, name, dtype, text, &named->id, r->error));
}

/* ---- Initialisers ---- */

static gm_status init_number(const source *s, const gm__value *map, const char *key, double *out) {
  return gm__form_number(s->r, gm__value_get(map, key), key, s->name, out);
}

static gm_status read_uniform(const source *s, const gm__value *map, gm__init *init) {
  static const char *const keys[] = {"low", "high", "seed"};
  GM_TRY(gm__form_keys(s->r, map, keys, 3, "random_uniform", s->name));
  init->a = -0.05;
  init->b = 0.05;
  GM_TRY(init_number(s, map, "low", &init->a));
  GM_TRY(init_number(s, map, "high", &init->b));
  return gm__form_seed(s->r, gm__value_get(map, "seed"), s->name, &init->seed);
}

static gm_status read_normal(const source *s, const gm__value *map, gm__init *init) {
  static const char *const keys[] = {"mean", "scale", "seed"};
  GM_TRY(gm__form_keys(s->r, map, keys, 3, "random_normal", s->name));
  init->a = 0;
  init->b = 0.05;
  GM_TRY(init_number(s, map, "mean", &init->a));
  GM_TRY(init_number(s, map, "scale", &init->b));
  return gm__form_seed(s->r, gm__value_get(map, "seed"), s->name, &init->seed);
}

/** Is `real`, as which the number was read, not the integer that stands there? */
static bool is_rounded(const gm__value *value, double real) {
  int64_t back = 0;
  if (value->kind == GM__VALUE_REAL) return value->too_large;
  return !gm__element_from_double(&back, GM_INT64, real) || back != value->integer;
}

static gm_status read_constant_init(const source *s, const gm__value *value, gm__init *init) {
  if (value->kind == GM__VALUE_NULL) return fail_at(s, value, GM_BAD_ARGUMENT, "'constant' needs a number");
  GM_TRY(gm__form_number(s->r, value, "constant", s->name, &init->a));
  if (!gm__dtype_is_integer(s->dtype) || !is_rounded(value, init->a)) return GM_OK;
  return gm__reader_fail(s->r, value->line, value->column, s->name, GM_BAD_ARGUMENT,
      "'constant' is %.60s, which a float64 does not hold exactly", value->text);
}

static gm_status read_zeros_or_ones(const source *s, const gm__value *value, gm__init *init) {
  (void)init;
  return gm__form_keys(s->r, value, NULL, 0, "zeros or ones", s->name);
}

static const struct kind {
  const char *name;
  gm__init_kind kind;
  gm_status (*read)(const source *s, const gm__value *value, gm__init *init);
} kinds[] = {
    {"zeros", GM__INIT_ZEROS, read_zeros_or_ones},
    {"ones", GM__INIT_ONES, read_zeros_or_ones},
    {"constant", GM__INIT_CONSTANT, read_constant_init},
    {"random_uniform", GM__INIT_UNIFORM, read_uniform},
    {"random_normal", GM__INIT_NORMAL, read_normal},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static gm_status unknown_init(const source *s, const char *word, int line, int column) {
  const char *words[KINDS];
  char near[160];
  for (int i = 0; i < KINDS; i++) words[i] = kinds[i].name;
  gm__near_text(gm_closest(word, words, KINDS), near);
  return gm__reader_fail(
      s->r, line, column, s->name, GM_BAD_ARGUMENT, "unknown initialiser '%.60s'%s", word, near);
}

/** "zeros", or {random_uniform: {…}}: one word, and what belongs to it. */
static gm_status read_init(const source *s, gm__init *init) {
  const gm__value *form = s->init;
  gm__value nothing = {.kind = GM__VALUE_NULL, .line = form->line, .column = form->column, .text = ""};
  bool word = form->kind == GM__VALUE_STRING;
  if (!word && (form->kind != GM__VALUE_MAP || form->count != 1)) {
    return fail_at(s, form, GM_BAD_ARGUMENT,
        "'init' is zeros, ones, {constant: 0.5}, {random_uniform: {low: 0, high: 1, seed: 7}} or "
        "{random_normal: {mean: 0, scale: 1, seed: 7}}");
  }
  const char *name = word ? form->text : form->entries[0].key;
  *init = (gm__init){GM__INIT_ZEROS, 0, 0, gm__hash(GM__HASH_SEED, s->name, strlen(s->name))};
  for (int i = 0; i < KINDS; i++) {
    if (strcmp(name, kinds[i].name) != 0) continue;
    init->kind = kinds[i].kind;
    return kinds[i].read(s, word ? &nothing : form->entries[0].value, init);
  }
  return unknown_init(
      s, name, word ? form->line : form->entries[0].line, word ? form->column : form->entries[0].column);
}

/** A constant gets the value that a variable made so would have. */
static gm_status initialise_constant(
    const source *s, const char *shape, const gm__init *init, uint32_t *out) {
  uint32_t id = 0;
  gm_error *error = s->r->error;
  gm_graph *maker = gm_graph_new(NULL, error);
  if (!maker) return error->status;
  gm_status status = gm__graph_initialised(maker, s->name, s->dtype, shape, init, &id, error);
  if (status == GM_OK) {
    gm_tensor *value = gm__store_get(maker->store, gm__node_of(maker, id)->slot);
    status = gm__graph_value(s->r->graph, &gm__op_constant, s->name, value, NULL, out, error);
    gm_tensor_free(value);
  }
  gm_graph_free(maker);
  return status;
}

static gm_status build_initialised(const source *s, gm__named *named) {
  gm__init init;
  const char *shape;
  if (!s->shape) return fail_at(s, s->init, GM_BAD_ARGUMENT, "'init' needs a shape beside it");
  GM_TRY(gm__form_shape(s->r, s->shape, s->name, &shape));
  GM_TRY(read_init(s, &init));
  gm_status status = named->role == GM__ROLE_CONSTANT ? initialise_constant(s, shape, &init, &named->id)
                                                      : gm__graph_initialised(s->r->graph, s->name, s->dtype,
                                                            shape, &init, &named->id, s->r->error);
  return gm__reader_at(s->r, status == GM_BAD_ARGUMENT ? s->init : s->shape, s->name, status);
}

/* ---- Values ---- */

static gm_status shapes_differ(const source *s, const gm_tensor *tensor, const char *wanted) {
  char is[256];
  gm__text text = gm__text_into(is, sizeof is);
  gm__text_dims(&text, tensor->rank, tensor->dims);
  gm__text_end(&text);
  return gm__reader_fail(s->r, s->shape->line, s->shape->column, s->name, GM_BAD_SHAPE,
      "the value of '%s' has shape %s, but 'shape' says [%.100s]", s->name, is, wanted);
}

static gm_status check_shape(const source *s, const gm_tensor *tensor) {
  const char *wanted;
  int rank;
  gm__dim dims[GM_MAX_RANK];
  if (!s->shape) return GM_OK;
  GM_TRY(gm__form_shape(s->r, s->shape, s->name, &wanted));
  gm__dims_mark mark = gm__dims_now(s->r->graph->dims);
  gm_status status = gm__shape_read(s->r->graph->dims, wanted, false, &rank, dims, s->r->error);
  gm__dims_rewind(s->r->graph->dims, mark);
  if (status) return gm__reader_at(s->r, s->shape, s->name, status);
  bool same = rank == tensor->rank && memcmp(dims, tensor->dims, (size_t)rank * sizeof *dims) == 0;
  return same ? GM_OK : shapes_differ(s, tensor, wanted);
}

static gm_status check_dtype(const source *s, const gm_tensor *tensor) {
  if (!s->has_dtype || tensor->dtype == s->dtype) return GM_OK;
  const gm__value *at = gm__value_get(s->form, "dtype");
  return gm__reader_fail(s->r, at->line, at->column, s->name, GM_BAD_DTYPE,
      "the file '%.200s' is %s, but 'dtype' says %s", s->file->text, gm_dtype_name(tensor->dtype),
      gm_dtype_name(s->dtype));
}

static gm_status build_value(const source *s, gm__named *named) {
  gm_tensor *tensor = NULL;
  gm__reader *r = s->r;
  const gm__value *at = s->file ? s->file : s->value;
  const gm__op *op = named->role == GM__ROLE_CONSTANT ? &gm__op_constant : &gm__op_variable;
  gm_status status = s->file ? gm__data_file_load(r, s->file, s->name, &tensor)
                             : gm__inline_read(r, s->value, s->dtype, s->name, &tensor);
  if (status == GM_OK && s->file) status = check_dtype(s, tensor);
  if (status == GM_OK) status = check_shape(s, tensor);
  if (status == GM_OK) {
    status = gm__reader_at(
        r, at, s->name, gm__graph_value(r->graph, op, s->name, tensor, NULL, &named->id, r->error));
  }
  gm_tensor_free(tensor);
  return status;
}

static gm_status check_forms(const source *s, const char *what) {
  int forms = (s->file != NULL) + (s->value != NULL) + (s->init != NULL);
  if (forms == 1) return GM_OK;
  return gm__reader_fail(s->r, s->form->line, s->form->column, s->name, GM_BAD_ARGUMENT,
      "the %s '%s' has one of 'file', 'value' and 'init', not %s", what, s->name, forms ? "several" : "none");
}

/** A constant may be given by its value alone: a number or a list. */
static gm_status read_value(gm__reader *r, gm__named *named) {
  const gm__value *form = named->entry->value;
  source s = {.r = r, .name = named->entry->key, .form = form, .dtype = GM_FLOAT32};
  if (form->kind != GM__VALUE_MAP && form->kind != GM__VALUE_NULL) {
    s.value = form;
    return build_value(&s, named);
  }
  s.file = gm__value_get(form, "file");
  s.value = gm__value_get(form, "value");
  s.init = gm__value_get(form, "init");
  s.shape = gm__value_get(form, "shape");
  GM_TRY(check_forms(&s, named->role == GM__ROLE_CONSTANT ? "constant" : "variable"));
  const gm__value *dtype = gm__value_get(form, "dtype");
  s.has_dtype = dtype && dtype->kind != GM__VALUE_NULL;
  GM_TRY(gm__form_dtype(r, dtype, s.name, &s.dtype));
  return s.init ? build_initialised(&s, named) : build_value(&s, named);
}

/* ---- All of them ---- */

static gm_status read_doc(gm__reader *r, const gm__named *named) {
  const char *doc;
  const gm__value *value = gm__value_get(named->entry->value, "doc");
  GM_TRY(gm__form_text(r, value, "doc", named->entry->key, &doc));
  return doc ? gm__graph_set_node_doc(r->graph, named->id, doc, r->error) : GM_OK;
}

gm_status gm__read_sources(gm__reader *r) {
  for (size_t i = 0; i < r->named_count; i++) {
    gm__named *named = &r->named[i];
    if (named->role == GM__ROLE_NODE) continue;
    GM_TRY(named->role == GM__ROLE_PLACEHOLDER ? read_placeholder(r, named) : read_value(r, named));
    GM_TRY(read_doc(r, named));
    GM_TRY(gm__assume_source(r, named));
  }
  return GM_OK;
}
