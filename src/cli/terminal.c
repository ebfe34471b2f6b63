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

/** The bytes of the next word; of one that no line could hold, as many as one can, if possible up to a comma.
 */
static size_t next_word(const char *text, int room) {
  size_t length = strcspn(text, " "), comma = 0;
  if (room <= 0 || columns_of(text, length) <= room) return length;
  for (size_t i = 0; i < length; i++) {
    bool is_start = (text[i] & 0xC0) != 0x80;
    if (is_start && room-- == 0) return comma ? comma : i;
    if (text[i] == ',') comma = i + 1;
  }
  return length;
}

void put_wrapped(output *out, const char *text, int column, int indent, int width) {
  bool first = true, blank = false;
  while (*text) {
    size_t length = next_word(text, width ? width - indent : 0);
    int columns = columns_of(text, length);
    if (!first && width && column + blank + columns > width) {
      put(out, "\n%*s", indent, "");
      column = indent;
    } else if (blank) {
      put_text(out, " ");
      column++;
    }
    put_bytes(out, text, length);
    column += columns;
    first = false;
    blank = text[length] == ' ';
    text += length + blank;
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
