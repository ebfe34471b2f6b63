/* SPDX-License-Identifier: MIT
 *
 * gemmule ops: the operations there are, or all about one, or a graph file that uses it. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

static void print_list(output *out) {
  int width = 0;
  for (size_t i = 0; i < gm_op_count(); i++) {
    int length = (int)strlen(gm_op_name(i));
    width = length > width ? length : width;
  }
  for (size_t i = 0; i < gm_op_count(); i++) {
    const char *name = gm_op_name(i);
    put_styled(out, STYLE_BOLD, name);
    put(out, "%*s", width + 2 - (int)strlen(name), "");
    put_wrapped(out, gm_op_doc(name), width + 2, out->width < 60 ? 4 : width + 2, out->width);
  }
}

static int run(cli *c) {
  const char *name = c->args.operand;
  if (name && !gm_op_doc(name)) return unknown_op(c, name);
  if (c->args.example && !name)
    return say_usage(c, "--example needs an operation: gemmule ops NAME --example");
  if (c->args.example) return print_op_example(c, name);
  if (c->args.json)
    print_ops_json(&c->out, name);
  else if (name)
    print_op(&c->out, name, 0);
  else
    print_list(&c->out);
  return EXIT_OK;
}

extern const command command_ops;
const command command_ops = {
    .name = "ops",
    .operand = "[NAME]",
    .summary = "Lists the operations, or tells all about one.",
    .example = "gemmule ops softmax --example | gemmule run -",
    .options = OPT_EXAMPLE | OPT_JSON | OPT_ALWAYS,
    .run = run,
};
