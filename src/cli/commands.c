/* SPDX-License-Identifier: MIT
 *
 * The one table of commands. Each record stands in the file that runs it; parsing, help, and the tests of the
 * manual and of completion follow from here. */
#include "cli.h"

#include <string.h>

extern const command command_show, command_draw, command_run, command_plan, command_check, command_new,
    command_ops, command_help;

static const command *const commands[] = {&command_show, &command_draw, &command_run, &command_plan,
    &command_check, &command_new, &command_ops, &command_help};
enum { COMMANDS = sizeof commands / sizeof *commands };

const command *command_at(size_t index) {
  return index < COMMANDS ? commands[index] : NULL;
}

const command *command_named(const char *name) {
  for (size_t i = 0; i < COMMANDS; i++) {
    if (strcmp(commands[i]->name, name) == 0) return commands[i];
  }
  return NULL;
}

static bool ends_with(const char *word, const char *end) {
  size_t length = strlen(word), more = strlen(end);
  return length > more && strcmp(word + length - more, end) == 0;
}

static void say_no_option(const cli *c, const char *name) {
  static const char *const general[] = {"--help", "--version", "--no-color"};
  char near[NEAR_ROOM];
  say_usage(c, "there is no option '%s'%s", name, near_text(near, name, general, 3));
}

const command *need_command(const cli *c, const char *name) {
  char near[NEAR_ROOM];
  const char *names[COMMANDS];
  const command *found = command_named(name);
  if (found) return found;
  for (size_t i = 0; i < COMMANDS; i++) names[i] = commands[i]->name;
  if (name[0] == '-' && name[1])
    say_no_option(c, name);
  else if (ends_with(name, ".yaml") || ends_with(name, ".yml"))
    say_usage(c, "a command is missing before '%s': did you mean 'gemmule show %s'?", name, name);
  else
    say_usage(c, "there is no command '%s'%s", name, near_text(near, name, names, COMMANDS));
  return NULL;
}
