/* SPDX-License-Identifier: MIT
 *
 * Messages on stderr, as a line or as JSON, and the exit codes that go with them. */
#include "cli.h"

#include <stdarg.h>
#include <string.h>

int exit_of(gm_status status) {
  switch (status) {
  case GM_OK: return EXIT_OK;
  case GM_UNBOUND: return EXIT_USAGE;
  case GM_BAD_ARGUMENT:
  case GM_UNKNOWN_OP:
  case GM_BAD_SYNTAX:
  case GM_UNSUPPORTED:
  case GM_IO: return EXIT_FILE;
  case GM_BAD_SHAPE:
  case GM_BAD_DTYPE: return EXIT_SHAPE;
  case GM_NO_MEMORY:
  case GM_LIMIT: return EXIT_LIMIT;
  case GM_CANCELLED: return EXIT_INTERRUPTED;
  case GM_INTERNAL: break;
  }
  return EXIT_BUG;
}

static void say_json(const gm_error *error) {
  output out = {.file = stderr};
  json_head(&out);
  put(&out, ", \"error\": {\"status\": ");
  json_string(&out, gm_status_name(error->status));
  put(&out, ", \"message\": ");
  json_string(&out, error->message);
  put(&out, ", \"file\": ");
  json_string(&out, error->file);
  put(&out, ", \"line\": %d, \"column\": %d, \"node\": ", error->line, error->column);
  json_string(&out, error->node);
  put(&out, "}}\n");
}

static void say_line(const cli *c, const gm_error *error) {
  output out = {.file = stderr};
  look_at_terminal(&out, c->args.no_color);
  put_style(&out, STYLE_ERROR);
  if (error->line > 0)
    put(&out, "%s:%d:%d:", error->file, error->line, error->column);
  else
    put(&out, "%s:", error->file[0] ? error->file : "gemmule");
  put_style(&out, STYLE_PLAIN);
  put(&out, " %s\n", error->message);
}

static int say_record(const cli *c, const gm_error *error, int code) {
  if (c->args.json)
    say_json(error);
  else
    say_line(c, error);
  return code;
}

int say_error(const cli *c, const gm_error *error) {
  return say_record(c, error, exit_of(error->status));
}

int say_argument_error(const cli *c, const gm_error *error) {
  bool argument = error->status == GM_BAD_ARGUMENT || error->status == GM_BAD_SYNTAX;
  return say_record(c, error, argument ? EXIT_USAGE : exit_of(error->status));
}

static int say_list(const cli *c, gm_status status, int code, const char *format, va_list list) {
  gm_error error = {.status = status};
  vsnprintf(error.message, sizeof error.message, format, list);
  for (char *at = error.message; *at; at++) {
    if ((unsigned char)*at < 0x20 || *at == 0x7F) *at = '?';
  }
  return say_record(c, &error, code);
}

int say(const cli *c, gm_status status, int code, const char *format, ...) {
  va_list list;
  va_start(list, format);
  say_list(c, status, code, format, list);
  va_end(list);
  return code;
}

int say_usage(const cli *c, const char *format, ...) {
  va_list list;
  va_start(list, format);
  say_list(c, GM_BAD_ARGUMENT, EXIT_USAGE, format, list);
  va_end(list);
  return EXIT_USAGE;
}

const char *near_text(char room[NEAR_ROOM], const char *word, const char *const *words, size_t count) {
  const char *near = gm_closest(word, words, count);
  room[0] = 0;
  if (near) snprintf(room, NEAR_ROOM, ": did you mean '%.130s'?", near);
  return room;
}
