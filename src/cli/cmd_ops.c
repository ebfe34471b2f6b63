/* SPDX-License-Identifier: MIT
 *
 * gemmule ops: the operations there are, or all about one. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

static void print_op(output *out, const char *name, unsigned flags) {
  size_t length = gm_op_text(name, flags, NULL, 0);
  char *text = need(length + 1, 1);
  gm_op_text(name, flags, text, length + 1);
  while (length && text[length - 1] == '\n') length--;
  put_bytes(out, text, length);
  free(text);
}

static int unknown_op(const cli *c) {
  char near[NEAR_ROOM];
  size_t count = gm_op_count();
  const char **names = need(count, sizeof *names);
  for (size_t i = 0; i < count; i++) names[i] = gm_op_name(i);
  int code = say(c, GM_UNKNOWN_OP, EXIT_USAGE, "unknown operation '%s'%s", c->args.graph,
      near_text(near, c->args.graph, names, count));
  free(names);
  return code;
}

static void print_json(output *out, const char *only) {
  bool first = true;
  json_head(out);
  put(out, ", \"ops\": [");
  for (size_t i = 0; i < gm_op_count(); i++) {
    if (only && strcmp(only, gm_op_name(i)) != 0) continue;
    if (!first) put(out, ", ");
    print_op(out, gm_op_name(i), GM_TEXT_JSON);
    first = false;
  }
  put(out, "]}\n");
}

static void print_list(output *out) {
  int width = 0;
  for (size_t i = 0; i < gm_op_count(); i++) {
    int length = (int)strlen(gm_op_name(i));
    width = length > width ? length : width;
  }
  for (size_t i = 0; i < gm_op_count(); i++) {
    put(out, "%-*s  %s\n", width, gm_op_name(i), gm_op_doc(gm_op_name(i)));
  }
}

int cmd_ops(cli *c) {
  const char *name = c->args.graph;
  if (name && !gm_op_doc(name)) return unknown_op(c);
  if (c->args.json) {
    print_json(&c->out, name);
  } else if (name) {
    print_op(&c->out, name, 0);
    put(&c->out, "\n");
  } else {
    print_list(&c->out);
  }
  return EXIT_OK;
}
