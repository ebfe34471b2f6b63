/* SPDX-License-Identifier: MIT
 *
 * gm_graph_save: a graph as text, one line for each thing that has a name, in the order in which they were
 * made, so that the text of a graph is the text of what it loads as. Values that do not fit into a line go to
 * files beside it. All are written beside their places first, and then renamed into them, the text last: a
 * failure leaves the graph that was saved before. */
#include <gemmule/spec.h>
#include "graph/graph.h"
#include "spec/reader.h"
#include "tensor/file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct writer {
  const gm_graph *graph;
  gm__text text;
  const char *path;
  char *folder;     /* STEM.data with the folder of `path` before it; */
  const char *stem; /* and without */
  bool folder_there, folder_is_new;
  gm__pending files;
  gm_error *error;
} writer;

/* ---- Pieces ---- */

/** "  name: ", quoted where it must be. */
static void write_key(writer *w, const char *name) {
  gm__text_add(&w->text, "  ");
  gm__yaml_string(&w->text, name);
  gm__text_add(&w->text, ": ");
}

static void write_doc(writer *w, const char *doc) {
  if (!doc || !doc[0]) return;
  gm__text_add(&w->text, ", doc: ");
  gm__yaml_string(&w->text, doc);
}

static void write_dims(writer *w, const gm_tensor *tensor) {
  gm__text_add(&w->text, "shape: [");
  for (int axis = 0; axis < tensor->rank; axis++) {
    if (axis) gm__text_add(&w->text, ", ");
    gm__text_int(&w->text, tensor->dims[axis]);
  }
  gm__text_char(&w->text, ']');
}

static void write_dtype(writer *w, gm_dtype dtype) {
  if (dtype != GM_FLOAT32) gm__text_format(&w->text, ", dtype: %s", gm_dtype_name(dtype));
}

/* ---- Placeholders ---- */

/** A part of a declared shape. */
typedef struct span {
  const char *from, *to;
} span;

static span trimmed(span s) {
  static const char blanks[] = " \t\n\r";
  while (s.from < s.to && strchr(blanks, *s.from)) s.from++;
  while (s.to > s.from && strchr(blanks, s.to[-1])) s.to--;
  return s;
}

/** A dim as it was declared: a number stays one, anything else is a string. */
static void write_dim(writer *w, span dim) {
  gm__text text = gm__text_growing();
  gm__text_bytes(&text, dim.from, (size_t)(dim.to - dim.from));
  size_t length = gm__text_end(&text);
  if (text.failed)
    w->text.failed = true;
  else if (strspn(text.data, "0123456789") == length)
    gm__text_add(&w->text, text.data);
  else
    gm__yaml_string(&w->text, text.data);
  gm__text_free(&text);
}

/** Without blanks around it, and without one pair of brackets or parentheses that encloses the whole. */
static span unenclosed(span shape) {
  span s = trimmed(shape);
  int depth = 0;
  if (*s.from != '(' && *s.from != '[') return s;
  for (const char *at = s.from; at < s.to; at++) {
    depth += (*at == '(' || *at == '[') - (*at == ')' || *at == ']');
    if (depth == 0 && at + 1 < s.to) return s;
  }
  return (span){s.from + 1, s.to - 1};
}

/** The declared text, one item a dim. A single dim in parentheses, "(n + 1)", reads the same without them. */
static void write_declared(writer *w, const char *declared) {
  span rest = unenclosed((span){declared, declared + strlen(declared)});
  int depth = 0;
  gm__text_add(&w->text, "[");
  for (const char *at = rest.from, *first = at; at <= rest.to; at++) {
    if (at < rest.to) depth += (*at == '(') - (*at == ')');
    bool ends = at == rest.to || (*at == ',' && depth == 0);
    if (!ends) continue;
    span dim = trimmed((span){rest.from, at});
    if (dim.from == dim.to) break;
    if (rest.from != first) gm__text_add(&w->text, ", ");
    write_dim(w, dim);
    rest.from = at + 1;
  }
  gm__text_char(&w->text, ']');
}

static gm_status write_placeholder(writer *w, const gm__node *node) {
  write_key(w, node->name);
  gm__text_add(&w->text, "{shape: ");
  write_declared(w, node->declared ? node->declared : "");
  gm__text_format(&w->text, ", dtype: %s", gm_dtype_name((gm_dtype)node->dtype));
  write_doc(w, node->doc);
  gm__text_add(&w->text, "}\n");
  return GM_OK;
}

/* ---- Variables and constants ---- */

static void write_init(writer *w, const gm__init *init) {
  static const char *const names[] = {"", "zeros", "ones", "constant", "random_uniform", "random_normal"};
  bool uniform = init->kind == GM__INIT_UNIFORM;
  gm__text_add(&w->text, ", init: ");
  if (init->kind == GM__INIT_ZEROS || init->kind == GM__INIT_ONES) {
    gm__text_add(&w->text, names[init->kind]);
    return;
  }
  gm__text_format(&w->text, "{%s: ", names[init->kind]);
  if (init->kind != GM__INIT_CONSTANT) gm__text_add(&w->text, uniform ? "{low: " : "{mean: ");
  gm__text_double(&w->text, init->a);
  if (init->kind != GM__INIT_CONSTANT) {
    gm__text_add(&w->text, uniform ? ", high: " : ", scale: ");
    gm__text_double(&w->text, init->b);
    gm__text_format(&w->text, ", seed: %llu}", (unsigned long long)init->seed);
  }
  gm__text_char(&w->text, '}');
}

static void write_initialised(writer *w, const gm_tensor *value, const gm__init *init) {
  gm__text_char(&w->text, '{');
  write_dims(w, value);
  write_dtype(w, value->dtype);
  write_init(w, init);
}

/** The graph file names its data files, in UTF-8. */
static gm_status check_stem(const writer *w) {
  if (gm__yaml_holds(w->stem)) return GM_OK;
  GM_FAIL(w->error, GM_BAD_ARGUMENT,
      "the file name '%.300s' is not UTF-8, and a graph file could not name the data files beside it",
      w->stem);
}

static gm_status make_folder(writer *w) {
  struct stat stat;
  if (w->folder_there) return GM_OK;
  w->folder_is_new = mkdir(w->folder, 0777) == 0;
  int why = errno;
  w->folder_there = w->folder_is_new || (lstat(w->folder, &stat) == 0 && S_ISDIR(stat.st_mode));
  if (w->folder_there) return GM_OK;
  char reason[128];
  gm__fail(w->error, GM_IO, "the folder '%.300s' cannot be made: %s", w->folder,
      strerror_r(why, reason, sizeof reason));
  gm__error_place(w->error, w->folder, 0, 0);
  return GM_IO;
}

static gm_status write_to_file(writer *w, const char *name, const gm_tensor *value) {
  gm__text path = gm__text_growing(), shown = gm__text_growing();
  gm__text_format(&path, "%s/%s.npy", w->folder, name);
  gm__text_format(&shown, "%s/%s.npy", w->stem, name);
  gm__text_end(&path);
  gm__text_end(&shown);
  gm_status status = path.failed || shown.failed ? gm__no_memory(w->error) : check_stem(w);
  if (status == GM_OK) status = make_folder(w);
  if (status == GM_OK) status = gm__tensor_write(value, &w->files, path.data, w->error);
  if (status == GM_OK) {
    gm__text_add(&w->text, "{file: ");
    gm__yaml_string(&w->text, shown.data);
  }
  gm__text_free(&path);
  gm__text_free(&shown);
  return status;
}

/** "{value: …" where that brings the bits back; a constant of float32 needs no braces. Returns whether it
 * did. */
static bool write_inline(writer *w, const gm__node *node, const gm_tensor *value, bool *braces) {
  gm__text form = gm__text_growing();
  bool written = gm__inline_write(value, &form);
  gm__text_end(&form);
  bool told = node->doc && node->doc[0];
  bool bare = node->op == &gm__op_constant && value->dtype == GM_FLOAT32 && !told;
  if (form.failed) w->text.failed = true;
  if (written) {
    if (!bare) gm__text_add(&w->text, "{value: ");
    gm__text_bytes(&w->text, form.data, form.length);
    if (!bare) write_dtype(w, value->dtype);
    *braces = !bare;
  }
  gm__text_free(&form);
  return written;
}

static gm_status write_tensor(writer *w, const gm__node *node, const gm_tensor *value, bool *braces) {
  const gm__init zeros = {GM__INIT_ZEROS, 0, 0, 0}, *init = node->init;
  bool made = init->kind != GM__INIT_VALUE && !gm__store_was_set(w->graph->store, node->slot);
  if (made || value->count == 0) {
    write_initialised(w, value, made ? init : &zeros);
    return GM_OK;
  }
  if (write_inline(w, node, value, braces)) return GM_OK;
  return write_to_file(w, node->name, value);
}

static gm_status write_value(writer *w, const gm__node *node) {
  bool braces = true;
  gm_tensor *value = gm__store_get(w->graph->store, node->slot);
  write_key(w, node->name);
  gm_status status = write_tensor(w, node, value, &braces);
  gm_tensor_free(value);
  if (braces) write_doc(w, node->doc);
  gm__text_add(&w->text, braces ? "}\n" : "\n");
  return status;
}

/* ---- Nodes ---- */

static gm_status write_input(writer *w, uint32_t id) {
  const gm__node *node = gm__node_of(w->graph, id);
  double real;
  int64_t integer;
  if (node->op != &gm__op_number)
    gm__yaml_string(&w->text, node->name);
  else if (gm__node_number(node, &real, &integer))
    gm__text_int(&w->text, integer);
  else
    gm__text_double(&w->text, real);
  return GM_OK;
}

static gm_status write_inputs(writer *w, const gm__node *node) {
  bool list = node->input_count != 1;
  if (list) gm__text_char(&w->text, '[');
  for (uint32_t i = 0; i < node->input_count; i++) {
    if (i) gm__text_add(&w->text, ", ");
    GM_TRY(write_input(w, node->inputs[i]));
  }
  if (list) gm__text_char(&w->text, ']');
  return GM_OK;
}

static void write_attributes(writer *w, const gm__node *node) {
  for (int i = 0; i < node->op->attr_count; i++) {
    const gm__attr_row *row = &node->op->attrs[i];
    if (gm__attr_is_initial(row, &node->attrs[i])) continue;
    gm__text_format(&w->text, ", %s: ", row->name);
    gm__attr_text(row, &node->attrs[i], w->graph->dims, false, &w->text);
  }
}

static gm_status write_node(writer *w, const gm__node *node) {
  if (node->op->results > 1) {
    gm__fail(w->error, GM_UNSUPPORTED, "'%s': graph files have no form for an operation with several results",
        node->name);
    gm__error_node(w->error, node->name);
    return GM_UNSUPPORTED;
  }
  write_key(w, node->name);
  gm__text_format(&w->text, "{%s: ", node->op->name);
  GM_TRY(write_inputs(w, node));
  write_attributes(w, node);
  write_doc(w, node->doc);
  gm__text_add(&w->text, "}\n");
  return GM_OK;
}

/* ---- The whole ---- */

static const struct section {
  const char *title;
  const gm__op *source; /* NULL: operations */
  gm_status (*write)(writer *w, const gm__node *node);
} sections[] = {
    {"placeholders:\n", &gm__op_placeholder, write_placeholder},
    {"variables:\n", &gm__op_variable, write_value},
    {"constants:\n", &gm__op_constant, write_value},
    {"nodes:\n", NULL, write_node},
};

static gm_status write_section(writer *w, const struct section *section) {
  bool titled = false;
  for (uint32_t id = 1; id <= w->graph->count; id++) {
    const gm__node *node = gm__node_of(w->graph, id);
    bool member = section->source ? node->op == section->source : !(node->op->flags & GM__SOURCE);
    if (!member) continue;
    if (!titled) gm__text_add(&w->text, section->title);
    titled = true;
    GM_TRY(section->write(w, node));
  }
  return GM_OK;
}

static void write_header(writer *w) {
  gm__text_add(&w->text, "gemmule: 1\n");
  if (gm_graph_name(w->graph)[0]) {
    gm__text_add(&w->text, "name: ");
    gm__yaml_prose(&w->text, gm_graph_name(w->graph));
    gm__text_char(&w->text, '\n');
  }
  if (gm_graph_doc(w->graph)[0]) {
    gm__text_add(&w->text, "doc: ");
    gm__yaml_prose(&w->text, gm_graph_doc(w->graph));
    gm__text_char(&w->text, '\n');
  }
}

static gm_status write_outputs(writer *w) {
  if (w->graph->output_count == 0) return GM_OK;
  gm__text_add(&w->text, "outputs: [");
  for (size_t i = 0; i < w->graph->output_count; i++) {
    const gm__node *node = gm__node_of(w->graph, w->graph->outputs[i]);
    if (!node->name) {
      GM_FAIL(
          w->error, GM_UNSUPPORTED, "output %zu is a number, which has no name that a file could give", i);
    }
    if (i) gm__text_add(&w->text, ", ");
    gm__yaml_string(&w->text, node->name);
  }
  gm__text_add(&w->text, "]\n");
  return GM_OK;
}

static gm_status write_all(writer *w) {
  write_header(w);
  for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) GM_TRY(write_section(w, &sections[i]));
  GM_TRY(write_outputs(w));
  size_t length = gm__text_end(&w->text);
  if (w->text.failed) return gm__no_memory(w->error);
  GM_TRY(gm__pending_write(&w->files, w->path, NULL, 0, w->text.data, length, w->error));
  return gm__pending_commit(&w->files, w->error);
}

/** dir/STEM.yaml gives dir/STEM.data. */
static bool name_folder(writer *w) {
  const char *slash = strrchr(w->path, '/'), *base = slash ? slash + 1 : w->path, *dot = strrchr(base, '.');
  size_t length = dot && dot > base ? (size_t)(dot - w->path) : strlen(w->path);
  w->folder = gm__alloc(length + sizeof ".data", 1);
  if (!w->folder) return false;
  memcpy(w->folder, w->path, length);
  memcpy(w->folder + length, ".data", sizeof ".data");
  w->stem = w->folder + (base - w->path);
  return true;
}

gm_status gm_graph_save(const gm_graph *graph, const char *path, gm_error *error) {
  if (!graph) GM_FAIL(error, GM_BAD_ARGUMENT, "the graph is NULL");
  if (!path || !path[0]) GM_FAIL(error, GM_BAD_ARGUMENT, "the path is empty");
  writer w = {.graph = graph, .text = gm__text_growing(), .path = path, .error = error};
  gm_status status = name_folder(&w) ? write_all(&w) : gm__no_memory(error);
  gm__pending_free(&w.files);
  if (status && w.folder_is_new) rmdir(w.folder);
  gm__text_free(&w.text);
  gm__free(w.folder);
  return status;
}
