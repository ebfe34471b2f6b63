/* SPDX-License-Identifier: MIT
 *
 * gemmule help: the commands, the options of one, all about an operation; and names, for completion. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

static const char *command_name_at(size_t index) {
  return command_at(index) ? command_at(index)->name : NULL;
}

static const char *op_name_at(size_t index) {
  return index < gm_op_count() ? gm_op_name(index) : NULL;
}

static int list_names(cli *c) {
  static const char *const kinds[] = {"commands", "ops", "kernels", "passes"};
  static const char *(*const at[])(size_t index) = {
      command_name_at, op_name_at, gm_kernel_name, gm_pass_name};
  char near[NEAR_ROOM];
  for (size_t kind = 0; kind < 4; kind++) {
    if (strcmp(kinds[kind], c->args.names) != 0) continue;
    for (size_t i = 0; at[kind](i); i++) put(&c->out, "%s\n", at[kind](i));
    return EXIT_OK;
  }
  return say_usage(
      c, "--names does not know '%s'%s", c->args.names, near_text(near, c->args.names, kinds, 4));
}

static int unknown_topic(const cli *c, const char *name) {
  char near[NEAR_ROOM];
  size_t count = 0;
  const char **names = need(gm_op_count() + 64, sizeof *names);
  for (size_t i = 0; command_at(i); i++) names[count++] = command_at(i)->name;
  for (size_t i = 0; i < gm_op_count(); i++) names[count++] = gm_op_name(i);
  int code =
      say_usage(c, "there is no command or operation '%s'%s", name, near_text(near, name, names, count));
  free(names);
  return code;
}

static void print_json(output *out, const command *one, const char *name) {
  if (one || !name)
    print_help_json(out, one);
  else
    print_ops_json(out, name);
}

static int run(cli *c) {
  const char *name = c->args.operand;
  const command *one = name ? command_named(name) : NULL;
  if (c->args.names) return list_names(c);
  if (name && !one && !gm_op_doc(name)) return unknown_topic(c, name);
  if (c->args.json)
    print_json(&c->out, one, name);
  else if (one)
    print_command_help(&c->out, one);
  else if (name)
    print_op(&c->out, name, 0);
  else
    print_help(&c->out);
  return EXIT_OK;
}

extern const command command_help;
const command command_help = {
    .name = "help",
    .operand = "[COMMAND|OP]",
    .summary = "Tells the commands, or all about one or an operation.",
    .example = "gemmule help softmax",
    .options = OPT_NAMES_HELP | OPT_JSON | OPT_ALWAYS,
    .run = run,
};
