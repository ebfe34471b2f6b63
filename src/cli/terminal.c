/* SPDX-License-Identifier: MIT
 *
 * Terminals: their width, whether to colour (no-color.org), and text wrapped to fit. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { NARROWEST = 20, WIDEST = 10000 };

static int width_of(int fd) {
  struct winsize size;
  const char *columns = getenv("COLUMNS");
  int64_t given;
  if (columns && read_dim(columns, &given) && given > 0)
    return given < NARROWEST ? NARROWEST : given > WIDEST ? WIDEST : (int)given;
  if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col < NARROWEST ? NARROWEST : size.ws_col;
}

static bool may_colour(void) {
  const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
  if (no_color && *no_color) return false;
  return term && *term && strcmp(term, "dumb") != 0;
}

void look_at_terminal(output *out, bool no_color) {
  int fd = fileno(out->file);
  bool terminal = isatty(fd) == 1;
  out->width = terminal ? width_of(fd) : 0;
  out->colour = terminal && !no_color && may_colour();
}

void put_style(output *out, const char *style) {
  if (out->colour) put(out, "\033[%sm", style);
}

void put_styled(output *out, const char *style, const char *text) {
  put_style(out, style);
  put_text(out, text);
  put_style(out, STYLE_PLAIN);
}

int columns_of(const char *text, size_t length) {
  int columns = 0;
  for (size_t i = 0; i < length; i++) columns += (text[i] & 0xC0) != 0x80;
  return columns;
}

void put_wrapped(output *out, const char *text, int column, int indent, int width) {
  bool first = true;
  while (*text) {
    size_t length = strcspn(text, " ");
    int columns = columns_of(text, length);
    if (!first && width && column + 1 + columns > width) {
      put(out, "\n%*s", indent, "");
      column = indent;
    } else if (!first) {
      put_text(out, " ");
      column++;
    }
    put_bytes(out, text, length);
    column += columns;
    first = false;
    text += length + (text[length] == ' ');
  }
  put_text(out, "\n");
}

void put_lines(output *out, const char *text) {
  while (*text) {
    size_t length = strcspn(text, "\n"), blanks = strspn(text, " ");
    if (out->width && columns_of(text, length) > out->width) {
      char *line = need_text("%.*s", (int)(length - blanks), text + blanks);
      put_bytes(out, text, blanks);
      put_wrapped(out, line, (int)blanks, (int)blanks + 2, out->width);
      free(line);
    } else {
      put_bytes(out, text, length);
      put_text(out, "\n");
    }
    text += length + (text[length] == '\n');
  }
}
