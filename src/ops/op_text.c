/* SPDX-License-Identifier: MIT
 *
 * What a record says of itself: the help of an operation, for people and as JSON. */
#include <string.h>
#include <gemmule/ops.h>
#include "ops/registry.h"

static void write_example(const gm__op *op, gm__text *text) {
  if (op->example) {
    gm__text_add(text, op->example);
  } else if (op->max_inputs == 1) {
    gm__text_format(text, "{%s: x}", op->name);
  } else {
    gm__text_format(text, "{%s: [%s]}", op->name, op->inputs);
  }
}

static void write_attribute(const gm__attr_row *row, gm__text *text) {
  gm__text_format(text, "  %s: ", row->name);
  gm__text_add(text, row->choices ? row->choices : gm__attr_type_name(row->type));
  if (row->initial) gm__text_format(text, " (%s)", row->initial);
  gm__text_format(text, "\n      %s\n", row->doc);
}

static void write_plain(const gm__op *op, gm__text *text) {
  gm__text_format(text, "%s(%s)\n  %s\n\nFormula\n  %s\n", op->name, op->inputs, op->doc, op->formula);
  if (op->attr_count) gm__text_add(text, "\nAttributes (default)\n");
  for (int i = 0; i < op->attr_count; i++) write_attribute(&op->attrs[i], text);
  gm__text_format(text, "\nMeaning\n  %s\n\nExample\n  ", op->source);
  write_example(op, text);
  gm__text_char(text, '\n');
}

static void write_key(const char *key, const char *value, gm__text *text) {
  gm__text_format(text, "\"%s\": ", key);
  if (value)
    gm__text_json(text, value);
  else
    gm__text_add(text, "null");
}

static void write_json_attribute(const gm__attr_row *row, gm__text *text) {
  gm__text_char(text, '{');
  write_key("name", row->name, text);
  gm__text_add(text, ", ");
  write_key("type", row->choices ? row->choices : gm__attr_type_name(row->type), text);
  gm__text_add(text, ", ");
  write_key("default", row->initial, text);
  gm__text_format(text, ", \"required\": %s, ", row->initial ? "false" : "true");
  write_key("doc", row->doc, text);
  gm__text_char(text, '}');
}

static void write_json(const gm__op *op, gm__text *text) {
  char example[256];
  gm__text inner = gm__text_into(example, sizeof example);
  write_example(op, &inner);
  gm__text_end(&inner);
  const char *const keys[] = {"name", "doc", "formula", "inputs", "source", "example"};
  const char *const values[] = {op->name, op->doc, op->formula, op->inputs, op->source, example};
  gm__text_char(text, '{');
  for (int i = 0; i < 6; i++) {
    write_key(keys[i], values[i], text);
    gm__text_add(text, ", ");
  }
  gm__text_add(text, "\"attributes\": [");
  for (int i = 0; i < op->attr_count; i++) {
    if (i) gm__text_add(text, ", ");
    write_json_attribute(&op->attrs[i], text);
  }
  gm__text_add(text, "]}");
}

size_t gm_op_text(const char *name, unsigned flags, char *buffer, size_t size) {
  gm__text text = gm__text_into(buffer, size);
  const gm__op *op = name ? gm__op_named(name) : NULL;
  if (op && flags & GM_TEXT_JSON)
    write_json(op, &text);
  else if (op)
    write_plain(op, &text);
  return gm__text_end(&text);
}
