/* SPDX-License-Identifier: MIT
 *
 * What the files of loading share. A document is read three times: `names` enters every name, `survey` checks
 * keys and names in the order of the document, and then the sources and, in the order of dependency, the
 * nodes are built. */
#ifndef GM_SPEC_READER_H
#define GM_SPEC_READER_H

#include <gemmule/spec.h>
#include "graph/graph.h"
#include "ops/registry.h"
#include "spec/document.h"

typedef enum gm__role { GM__ROLE_PLACEHOLDER, GM__ROLE_VARIABLE, GM__ROLE_CONSTANT, GM__ROLE_NODE } gm__role;

/** Something that the file names. `id` is the graph's number of what the name stands for, once built. */
typedef struct gm__named {
  const gm__entry *entry;
  gm__role role;
  uint32_t id;
  size_t edge, edge_end; /* of a node: the nodes that it uses, in reader.edges */
} gm__named;

typedef struct gm__reader {
  gm_graph *graph;
  gm__arena arena;
  const char *file; /* that errors carry; NULL: none */
  const char *root; /* of data files; NULL: there may be none */
  const gm__value *document;
  gm__named *named; /* in the order of the document */
  size_t named_count, named_capacity;
  gm__names names; /* name -> 1 + its place in `named` */
  uint32_t *edges;
  size_t edge_count, edge_capacity;
  gm_error *error; /* never NULL */
} gm__reader;

/* ---- Failing (reader.c) ---- */
/** Records the sentence at a place of the file; `node` NULL: none. */
gm_status gm__reader_fail(const gm__reader *r, int line, int column, const char *node, gm_status status,
    const char *format, ...) GM__PRINTF(6, 7);
/** Completes an error that somebody else recorded: the file, the place where it has none, the node where it
 * has none. */
gm_status gm__reader_at(const gm__reader *r, const gm__value *value, const char *node, gm_status status);
/** ": did you mean 'x'?", or nothing. */
void gm__near_text(const char *near, char out[160]);
/** "a list", or the text of a scalar in quotes. */
void gm__shown(const gm__value *value, char out[96]);

/* ---- Common forms (forms.c) ---- */
/** A mapping (null is an empty one) with no keys but those of `known`. */
gm_status gm__form_keys(const gm__reader *r, const gm__value *map, const char *const *known, size_t count,
    const char *what, const char *node);
gm_status gm__form_unknown_key(const gm__reader *r, const gm__entry *entry, const char *const *known,
    size_t count, const char *what, const char *node);
/** The text of a string; NULL for null or an absent value. */
gm_status gm__form_text(
    const gm__reader *r, const gm__value *value, const char *key, const char *node, const char **out);
/** A number, also an integer; NULL leaves *out. */
gm_status gm__form_number(
    const gm__reader *r, const gm__value *value, const char *key, const char *node, double *out);
gm_status gm__form_seed(const gm__reader *r, const gm__value *value, const char *node, uint64_t *out);
/** NULL leaves *out. */
gm_status gm__form_dtype(const gm__reader *r, const gm__value *value, const char *node, gm_dtype *out);
/** A shape, a list of dims or a text, as text for the graph, in the arena; each dim is checked at its own
 * place. */
gm_status gm__form_shape(gm__reader *r, const gm__value *value, const char *node, const char **out);

/* ---- The parts ---- */
gm_status gm__read_names(gm__reader *r); /* survey.c */
gm_status gm__survey(gm__reader *r);
const gm__named *gm__reader_find(const gm__reader *r, const char *name, size_t length);
/** The entry of a node mapping whose key names an operation; NULL where there is none (or several). */
const gm__entry *gm__node_op_entry(const gm__value *map, const gm__op **op);
gm_status gm__read_sources(gm__reader *r); /* read_sources.c */
gm_status gm__read_nodes(gm__reader *r);   /* read_nodes.c */
/** `structure:` on a source: what the name stands for becomes an assume node. */
gm_status gm__assume_source(gm__reader *r, gm__named *named);
/** A tensor from a number or nested lists, as written (inline_value.c). */
gm_status gm__inline_read(
    const gm__reader *r, const gm__value *value, gm_dtype dtype, const char *node, gm_tensor **out);
/** Values of at most GM__INLINE_MOST elements as text that gm__inline_read brings back; false when it would
 * not. */
#define GM__INLINE_MOST 16
bool gm__inline_write(const gm_tensor *tensor, gm__text *text);
/** A data file by its path below the root, through no symbolic link (data_file.c). */
gm_status gm__data_file_load(const gm__reader *r, const gm__value *path, const char *node, gm_tensor **out);

#endif
