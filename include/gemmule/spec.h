/* SPDX-License-Identifier: MIT
 *
 * Graph files: YAML in and out. */
#ifndef GEMMULE_SPEC_H
#define GEMMULE_SPEC_H

#include <gemmule/graph.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Options of loading. Strings are copied. */
typedef struct gm_load_options {
  size_t struct_size;
  const char *data_root; /**< where `file:` values may lie; NULL: the graph file's own folder */
  size_t max_bytes;      /**< of the text; 0: 64 MiB */
  size_t max_depth;      /**< of nesting; 0: 64 */
  size_t max_nodes;      /**< 0: 16 million */
  const char *file_name; /**< gm_graph_parse: the name that errors carry; NULL: none */
} gm_load_options;
#define GM_LOAD_OPTIONS_INIT                                                                                 \
  { sizeof(gm_load_options), NULL, 0, 0, 0, NULL }

/** Reads a graph file; errors carry file, line and column. Data files are read whole. */
GM_API gm_graph *gm_graph_load(const char *path, const gm_load_options *options, gm_error *error);
/** The same from memory; refuses `file:` unless options give a data_root. */
GM_API gm_graph *gm_graph_parse(
    const char *text, size_t size, const gm_load_options *options, gm_error *error);
/** Writes the graph: values of at most 16 elements inline, an initialiser where the variable was never set,
 *  otherwise STEM.data/NAME.npy. All files are written beside their places first and then renamed into them,
 *  the YAML last; a failure leaves the graph that was saved there before, text and data (only a second
 * failure, while its data files get their names back, or a killed process can leave files of both).
 * save(load(save(g))) is byte for byte save(g). */
GM_API gm_status gm_graph_save(const gm_graph *graph, const char *path, gm_error *error);

#ifdef __cplusplus
}
#endif

#endif
