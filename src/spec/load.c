/* SPDX-License-Identifier: MIT
 *
 * gm_graph_load and gm_graph_parse: text to document to graph. Errors are gathered in a record of our own,
 * since their place is completed on the way out, and copied to the caller's at the end. */
#include "spec/reader.h"

#include <string.h>
#include <unistd.h>

#define MAX_BYTES ((size_t)64 << 20)
/* Term operations on dims that a text may ask for: a few hundred a line, so that the time is linear in the
 * text. */
#define FREE_OPERATIONS (INT64_C(1) << 17)
#define OPERATIONS_A_BYTE 4

/** What the caller asked for, with the defaults filled in. */
static gm_status read_options(const gm_load_options *options, gm_load_options *out, gm_error *error) {
  const gm_load_options initial = GM_LOAD_OPTIONS_INIT;
  *out = initial;
  GM_TRY(gm__options_read(out, options, sizeof *out, sizeof *out, "gm_load_options", error));
  if (out->max_bytes == 0) out->max_bytes = MAX_BYTES;
  if (out->max_depth == 0) out->max_depth = GM__DEPTH_DEFAULT;
  if (out->max_depth > GM__DEPTH_MOST) out->max_depth = GM__DEPTH_MOST;
  return GM_OK;
}

static gm_status set_header(gm__reader *r) {
  const char *name, *doc;
  GM_TRY(gm__form_text(r, gm__value_get(r->document, "name"), "name", NULL, &name));
  GM_TRY(gm__form_text(r, gm__value_get(r->document, "doc"), "doc", NULL, &doc));
  if (name) GM_TRY(gm_graph_set_name(r->graph, name, r->error));
  return doc ? gm_graph_set_doc(r->graph, doc, r->error) : GM_OK;
}

static gm_status set_outputs(gm__reader *r) {
  const gm__value *outputs = gm__value_get(r->document, "outputs");
  if (!outputs || outputs->kind == GM__VALUE_NULL) return GM_OK;
  bool list = outputs->kind == GM__VALUE_LIST;
  size_t count = list ? outputs->count : 1;
  gm_node *nodes = gm__arena_alloc(&r->arena, count, sizeof *nodes);
  if (!nodes) return gm__no_memory(r->error);
  for (size_t i = 0; i < count; i++) {
    const gm__value *output = list ? outputs->items[i] : outputs;
    nodes[i] = gm__handle(r->graph, gm__reader_find(r, output->text, strlen(output->text))->id);
  }
  return gm__reader_at(r, outputs, NULL, gm_graph_set_outputs(r->graph, nodes, count, r->error));
}

/** Keys in the order of the document: the first of what the survey found and of what stands twice. What has
 * no place, that memory is out, comes first. */
static gm_status survey(gm__reader *r, const gm__repeated *repeated) {
  GM_TRY(gm__read_names(r));
  gm_status status = gm__survey(r);
  if (!repeated->key) return status;
  int line = r->error->line, column = r->error->column;
  bool sooner = status && (line < repeated->line || (line == repeated->line && column < repeated->column));
  if (sooner) return status;
  return gm__reader_fail(r, repeated->line, repeated->column, NULL, GM_BAD_ARGUMENT,
      "the key '%.80s' stands twice: at line %d too", repeated->key, repeated->first_line);
}

static gm_status build(gm__reader *r, const char *text, size_t size, const gm_load_options *options) {
  gm__value *document = NULL;
  gm__repeated repeated;
  gm_status status =
      gm__document_read(&r->arena, text, size, options->max_depth, &document, &repeated, r->error);
  if (status) {
    gm__error_place(r->error, r->file, r->error->line, r->error->column);
    return status;
  }
  r->document = document;
  gm_graph_options graph = GM_GRAPH_OPTIONS_INIT;
  graph.max_nodes = options->max_nodes;
  r->graph = gm_graph_new(&graph, r->error);
  if (!r->graph) return r->error->status;
  gm__dims_allow(r->graph->dims, FREE_OPERATIONS + (int64_t)size * OPERATIONS_A_BYTE);
  GM_TRY(survey(r, &repeated));
  GM_TRY(set_header(r));
  GM_TRY(gm__read_sources(r));
  GM_TRY(gm__read_nodes(r));
  gm__dims_allow(r->graph->dims, GM__DIMS_NO_LIMIT);
  return set_outputs(r);
}

/** The graph, or NULL with `error` filled. */
static gm_graph *parse(const char *text, size_t size, const gm_load_options *options, const char *file,
    const char *root, gm_error *error) {
  gm__reader r = {.file = file, .root = root, .error = error};
  gm_status status = GM_OK;
  if (size > options->max_bytes) {
    status = gm__fail(error, GM_LIMIT, "the text has %zu bytes, more than %zu", size, options->max_bytes);
    gm__error_place(error, file, 0, 0);
  }
  if (status == GM_OK) status = build(&r, text, size, options);
  gm__names_free(&r.names);
  gm__free(r.named);
  gm__free(r.edges);
  gm__arena_free(&r.arena);
  if (status == GM_OK) return r.graph;
  gm_graph_free(r.graph);
  return NULL;
}

/** The folder of a path, in memory of its own: "." where it names none. */
static char *folder_of(const char *path) {
  const char *slash = strrchr(path, '/');
  if (!slash) return gm__strdup(".");
  size_t length = slash == path ? 1 : (size_t)(slash - path);
  char *folder = gm__alloc(length + 1, 1);
  if (!folder) return NULL;
  memcpy(folder, path, length);
  folder[length] = 0;
  return folder;
}

static gm_status read_text(const char *path, size_t limit, char **text, size_t *size, gm_error *error) {
  int file = gm__file_open(path, error);
  if (file < 0) return error->status;
  gm_status status = gm__file_read(file, path, limit, text, size, error);
  close(file);
  return status;
}

static gm_graph *load(const char *path, const gm_load_options *options, gm_error *error) {
  char *text = NULL, *folder = NULL;
  size_t size = 0;
  gm_graph *graph = NULL;
  if (read_text(path, options->max_bytes, &text, &size, error)) {
    gm__error_place(error, path, 0, 0);
  } else if (!options->data_root && !(folder = folder_of(path))) {
    gm__no_memory(error);
  } else {
    graph = parse(text, size, options, path, folder ? folder : options->data_root, error);
  }
  gm__free(folder);
  gm__free(text);
  return graph;
}

gm_graph *gm_graph_load(const char *path, const gm_load_options *options, gm_error *error) {
  gm_error own = {.status = GM_OK};
  gm_load_options known;
  gm_graph *graph = NULL;
  if (!path)
    gm__fail(&own, GM_BAD_ARGUMENT, "the path is NULL");
  else if (read_options(options, &known, &own) == GM_OK)
    graph = load(path, &known, &own);
  if (!graph && error) *error = own;
  return graph;
}

gm_graph *gm_graph_parse(const char *text, size_t size, const gm_load_options *options, gm_error *error) {
  gm_error own = {.status = GM_OK};
  gm_load_options known;
  gm_graph *graph = NULL;
  if (!text && size)
    gm__fail(&own, GM_BAD_ARGUMENT, "the text is NULL");
  else if (read_options(options, &known, &own) == GM_OK) {
    graph = parse(text ? text : "", size, &known, known.file_name, known.data_root, &own);
  }
  if (!graph && error) *error = own;
  return graph;
}
