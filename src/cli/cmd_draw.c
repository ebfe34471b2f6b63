/* SPDX-License-Identifier: MIT
 *
 * gemmule draw: the graph as a picture, or as the text from which graphviz makes one. */
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int write_file(const cli *c, const char *path, const char *text, size_t length) {
  FILE *file = fopen(path, "we");
  if (!file) return say(c, GM_IO, EXIT_FILE, "'%s' cannot be written: %s", path, strerror(errno));
  errno = 0;
  bool wrote = fwrite(text, 1, length, file) == length;
  int why = errno;
  if (fclose(file) != 0 && wrote) {
    wrote = false;
    why = errno;
  }
  return wrote ? EXIT_OK : say(c, GM_IO, EXIT_FILE, "'%s' cannot be written: %s", path, strerror(why));
}

static bool is_svg(const char *path) {
  return strcmp(path + strlen(path) - 4, ".svg") == 0;
}

static int write_drawing(cli *c, const char *text, size_t length) {
  const char *path = c->args.out;
  char *picture = NULL;
  int code = EXIT_OK;
  if (is_svg(path)) {
    code = render_svg(c, text, length, &picture, &length);
    text = picture;
  }
  if (code == EXIT_OK) code = write_file(c, path, text, length);
  if (code == EXIT_OK) put(&c->out, "%s -> %s\n", c->args.operand, path);
  free(picture);
  return code;
}

static int run(cli *c) {
  gm_graph *graph;
  size_t length;
  int code = load_graph(c, &graph);
  if (code) return code;
  char *text = dot_text(graph, &length);
  gm_graph_free(graph);
  if (!c->args.out || strcmp(c->args.out, "-") == 0)
    put_bytes(&c->out, text, length);
  else
    code = write_drawing(c, text, length);
  free(text);
  return code;
}

extern const command command_draw;
const command command_draw = {
    .name = "draw",
    .operand = "GRAPH.yaml",
    .summary = "Draws a graph: boxes for nodes, shapes on the arrows.",
    .example = "gemmule draw digits.yaml -o digits.svg",
    .options = OPT_DRAWING | OPT_DATA_ROOT | OPT_ALWAYS,
    .run = run,
};
