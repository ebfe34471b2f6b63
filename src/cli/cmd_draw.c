/* SPDX-License-Identifier: MIT
 *
 * gemmule draw: the graph as a picture, or as the text from which graphviz makes one. */
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** errno's kind of number. */
static int write_to(const char *path, const char *mode, const char *text, size_t length) {
  FILE *file = fopen(path, mode);
  if (!file) return errno;
  errno = 0;
  int why = fwrite(text, 1, length, file) == length ? 0 : errno ? errno : EIO;
  return fclose(file) != 0 && why == 0 ? errno : why;
}

/** Written beside its place and renamed into it, so that a failure leaves the file that was there. */
static int replace_file(const char *path, const char *text, size_t length) {
  char *temporary = need_text("%s.%ld.tmp", path, (long)getpid());
  int why = write_to(temporary, "wxe", text, length);
  if (why == 0 && rename(temporary, path) != 0) why = errno;
  if (why && why != EEXIST) unlink(temporary);
  free(temporary);
  return why;
}

/** What is no file of its own (a device, a FIFO, a link) is written to as it is. */
static int write_file(const cli *c, const char *path, const char *text, size_t length) {
  struct stat there;
  bool replaced = lstat(path, &there) != 0 || S_ISREG(there.st_mode);
  int why = replaced ? replace_file(path, text, length) : write_to(path, "we", text, length);
  if (why == 0) return EXIT_OK;
  return say(c, GM_IO, EXIT_FILE, "'%s' cannot be written: %s", path, strerror(why));
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
