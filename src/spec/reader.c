/* SPDX-License-Identifier: MIT
 *
 * How reading fails: every error carries the file, a place in it, and the node where there is one. */
#include "spec/reader.h"

#include <stdarg.h>
#include <stdio.h>

gm_status gm__reader_fail(
    const gm__reader *r, int line, int column, const char *node, gm_status status, const char *format, ...) {
  char message[sizeof r->error->message];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  gm__fail(r->error, status, "%s", message);
  gm__error_place(r->error, r->file, line, column);
  gm__error_node(r->error, node);
  return status;
}

gm_status gm__reader_at(const gm__reader *r, const gm__value *value, const char *node, gm_status status) {
  if (status == GM_OK) return status;
  bool placed = r->error->line > 0;
  gm__error_place(
      r->error, r->file, placed ? r->error->line : value->line, placed ? r->error->column : value->column);
  if (r->error->node[0] == 0) gm__error_node(r->error, node);
  return status;
}

void gm__near_text(const char *near, char out[160]) {
  out[0] = 0;
  if (near) snprintf(out, 160, ": did you mean '%.128s'?", near);
}

void gm__shown(const gm__value *value, char out[96]) {
  gm__text text = gm__text_into(out, 96);
  gm__value_text(value, &text);
  gm__text_end(&text);
}
