/* SPDX-License-Identifier: MIT
 *
 * Help from the tables: of the command, of each command, and both as JSON. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

enum { DEFAULT_WIDTH = 78, NARROW = 60, DOC_COLUMN = 28, NARROW_COLUMN = 6 };

static int help_width(const output *out) {
  return out->width && out->width < DEFAULT_WIDTH ? out->width : DEFAULT_WIDTH;
}

static void put_prose(output *out, const char *text) {
  put_wrapped(out, text, 0, 0, help_width(out));
}

/** A word, and what it means beside it or, on a narrow terminal, below. */
static void put_item(output *out, const char *head, int column, const char *doc) {
  int width = help_width(out), length = (int)strlen(head), indent = column;
  put(out, "  %s", head);
  if (width < NARROW) {
    put(out, "\n%*s", NARROW_COLUMN, "");
    indent = NARROW_COLUMN;
  } else {
    put(out, "%*s", length + 4 > column ? 2 : column - 2 - length, "");
  }
  put_wrapped(out, doc, length + 4 > column && width >= NARROW ? length + 4 : indent, indent, width);
}

static void put_usage(output *out, const char *name, const char *operand) {
  char *rest = need_text("gemmule %s %s [options]", name, operand);
  put_styled(out, STYLE_BOLD, "Usage:");
  put_text(out, " ");
  put_wrapped(out, rest, 7, 7, help_width(out));
  put_text(out, "\n");
  free(rest);
}

void print_help(output *out) {
  put_usage(out, "COMMAND", "GRAPH.yaml");
  put_styled(out, STYLE_BOLD, "Commands:");
  put(out, "\n");
  for (size_t i = 0; command_at(i); i++) put_item(out, command_at(i)->name, 10, command_at(i)->summary);
  put(out, "\n");
  put_prose(out,
      "gemmule COMMAND --help tells the options of a command; gemmule help OP all about an operation; "
      "gemmule --version the version. GRAPH.yaml may be - for standard input.");
  put(out, "\n");
  put_prose(out, "Exit codes: 0 ok, 1 --expect differs, 2 usage, 3 a file or stream, 4 shape, dtype or "
                 "structure, 5 a limit or memory, 70 internal, 130 interrupted.");
}

static char *head_of(const option *row) {
  char letter[6] = "";
  if (row->letter) snprintf(letter, sizeof letter, "-%c, ", row->letter);
  return need_text("%s%s%s%s", letter, row->name, row->value ? " " : "", row->value ? row->value : "");
}

static void put_words(output *out, const char *title, const char *(*at)(size_t index)) {
  char *list = need_text("%s:", title);
  for (size_t i = 0; at(i); i++) {
    char *before = list;
    list = need_text("%s%s %s", before, i ? "," : "", at(i));
    free(before);
  }
  put(out, "\n");
  put_prose(out, list);
  free(list);
}

void print_command_help(output *out, const command *one) {
  put_usage(out, one->name, one->operand);
  put_prose(out, one->summary);
  put(out, "\n");
  put_styled(out, STYLE_BOLD, "Options:");
  put(out, "\n");
  for (size_t i = 0; option_at(i); i++) {
    if (!(option_at(i)->bit & one->options)) continue;
    char *head = head_of(option_at(i));
    put_item(out, head, DOC_COLUMN, option_at(i)->doc);
    free(head);
  }
  if (one->options & OPT_KERNEL) put_words(out, "Kernels, best first", gm_kernel_name);
  if (one->options & OPT_WITHOUT) put_words(out, "Passes, in their order", gm_pass_name);
  put(out, "\n");
  put_styled(out, STYLE_BOLD, "Example:");
  put(out, "\n  ");
  put_wrapped(out, one->example, 2, 6, out->width);
}

/* ---- JSON ---- */

static void put_member(output *out, const char *key, const char *text) {
  put(out, "\"%s\": ", key);
  if (text)
    json_string(out, text);
  else
    put(out, "null");
}

static void put_option(output *out, const option *row) {
  const char letter[3] = {'-', row->letter, 0};
  put(out, "{");
  put_member(out, "name", row->name);
  put(out, ", ");
  put_member(out, "letter", row->letter ? letter : NULL);
  put(out, ", ");
  put_member(out, "value", row->value);
  put(out, ", ");
  put_member(out, "doc", row->doc);
  put(out, "}");
}

static void put_command(output *out, const command *one) {
  bool first = true;
  put(out, "{");
  put_member(out, "name", one->name);
  put(out, ", ");
  put_member(out, "operand", one->operand);
  put(out, ", ");
  put_member(out, "summary", one->summary);
  put(out, ", \"options\": [");
  for (size_t i = 0; option_at(i); i++) {
    if (!(option_at(i)->bit & one->options)) continue;
    put(out, first ? "" : ", ");
    put_option(out, option_at(i));
    first = false;
  }
  put(out, "]}");
}

void print_help_json(output *out, const command *only) {
  bool first = true;
  json_head(out);
  put(out, ", \"commands\": [");
  for (size_t i = 0; command_at(i); i++) {
    if (only && only != command_at(i)) continue;
    put(out, first ? "\n" : ",\n");
    put_command(out, command_at(i));
    first = false;
  }
  put(out, "]}\n");
}
