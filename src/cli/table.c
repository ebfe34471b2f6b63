/* SPDX-License-Identifier: MIT
 *
 * Tables: cells in one memory, columns as wide as their widest cell. On a terminal that is too narrow the
 * widest columns are shortened, each to no less than it can bear; then the gaps are halved; then whole
 * columns go. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

/* ---- Building ---- */

char *table_room(table *t, size_t size) {
  if (t->used + size > t->capacity) {
    size_t capacity = (t->used + size) * 2 + 4096;
    char *larger = need(capacity, 1);
    if (t->used) memcpy(larger, t->bytes, t->used);
    free(t->bytes);
    t->bytes = larger;
    t->capacity = capacity;
  }
  return t->bytes + t->used;
}

void table_took(table *t, size_t size) {
  t->used += size;
}

void table_text(table *t, const char *text) {
  size_t length = strlen(text);
  memcpy(table_room(t, length), text, length);
  table_took(t, length);
}

static void more_cells(table *t) {
  size_t capacity = t->cells * 2 + 64 * t->count;
  size_t *starts = need(capacity + 1, sizeof *starts);
  const char **styles = need(capacity / t->count + 1, sizeof *styles);
  if (t->cells) memcpy(starts, t->starts, (t->cells + 1) * sizeof *starts);
  if (t->cells) memcpy(styles, t->styles, (t->cells / t->count) * sizeof *styles);
  free(t->starts);
  free(t->styles);
  t->starts = starts;
  t->styles = styles;
  t->cell_capacity = capacity;
}

void table_end_cell(table *t) {
  if (t->cells % t->count == 0 && t->cells + t->count > t->cell_capacity) more_cells(t);
  t->starts[++t->cells] = t->used;
}

void table_style(table *t, const char *style) {
  t->styles[(t->cells - 1) / t->count] = style;
}

void table_free(table *t) {
  free(t->bytes);
  free(t->starts);
  free(t->styles);
}

/* ---- Fitting ---- */

typedef struct layout {
  int width[TABLE_MOST], least[TABLE_MOST], gap;
  bool dropped[TABLE_MOST];
} layout;

static void measure(const table *t, layout *fit) {
  for (size_t i = 0; i < t->count; i++) fit->width[i] = (int)strlen(t->columns[i].title);
  for (size_t i = 0; i < t->cells; i++) {
    int columns = columns_of(t->bytes + t->starts[i], t->starts[i + 1] - t->starts[i]);
    if (columns > fit->width[i % t->count]) fit->width[i % t->count] = columns;
  }
  for (size_t i = 0; i < t->count; i++) {
    int least = t->columns[i].least;
    fit->least[i] = least < fit->width[i] ? least : fit->width[i];
  }
}

static int total(const table *t, const layout *fit, const int *widths) {
  int sum = -fit->gap;
  for (size_t i = 0; i < t->count; i++) {
    if (!fit->dropped[i]) sum += widths[i] + fit->gap;
  }
  return sum;
}

/** The column to go first; -1: none may. */
static int next_to_drop(const table *t, const layout *fit) {
  int at = -1;
  for (size_t i = 0; i < t->count; i++) {
    if (fit->dropped[i] || t->columns[i].drop == 0) continue;
    if (at < 0 || t->columns[i].drop > t->columns[at].drop) at = (int)i;
  }
  return at;
}

static int widest(const table *t, const layout *fit) {
  int at = -1;
  for (size_t i = 0; i < t->count; i++) {
    if (fit->dropped[i] || fit->width[i] <= fit->least[i]) continue;
    if (at < 0 || fit->width[i] > fit->width[at]) at = (int)i;
  }
  return at;
}

static layout fit_table(const table *t, int width) {
  layout fit = {.gap = 2};
  int at;
  measure(t, &fit);
  if (width == 0 || total(t, &fit, fit.width) <= width) return fit;
  if (total(t, &fit, fit.least) > width) fit.gap = 1;
  while (total(t, &fit, fit.least) > width && (at = next_to_drop(t, &fit)) >= 0) fit.dropped[at] = true;
  for (size_t i = 0; i < t->count && total(t, &fit, fit.least) > width; i++) fit.least[i] = 1;
  while (total(t, &fit, fit.width) > width && (at = widest(t, &fit)) >= 0) fit.width[at]--;
  return fit;
}

/* ---- Printing ---- */

/** The bytes of the first `columns` columns. */
static size_t bytes_of(const char *text, size_t length, int columns) {
  size_t at = 0;
  for (; at < length; at++) {
    if ((text[at] & 0xC0) != 0x80 && columns-- == 0) break;
  }
  return at;
}

static void put_cut(output *out, const char *text, size_t length, int columns, int width, bool middle) {
  int tail = middle ? (width - 1) / 2 : 0, head = width - 1 - tail;
  size_t from = bytes_of(text, length, columns - tail);
  put_bytes(out, text, bytes_of(text, length, head));
  put_text(out, "…");
  put_bytes(out, text + from, length - from);
}

static void put_blanks(output *out, int count) {
  static const char blanks[] = "                                                                ";
  for (; count > 0; count -= (int)sizeof blanks - 1)
    put_bytes(out, blanks, count < (int)sizeof blanks - 1 ? (size_t)count : sizeof blanks - 1);
}

static void put_cell(output *out, const char *text, size_t length, int width, bool middle, int gap) {
  int columns = columns_of(text, length);
  if (columns > width)
    put_cut(out, text, length, columns, width, middle);
  else
    put_bytes(out, text, length);
  if (gap) put_blanks(out, (columns < width ? width - columns : 0) + gap);
}

static int last_column(const table *t, const layout *fit) {
  int last = (int)t->count - 1;
  while (last > 0 && fit->dropped[last]) last--;
  return last;
}

static void put_titles(output *out, const table *t, const layout *fit) {
  int last = last_column(t, fit);
  put_style(out, STYLE_BOLD);
  for (int i = 0; i <= last; i++) {
    const char *title = t->columns[i].title;
    if (!fit->dropped[i]) put_cell(out, title, strlen(title), fit->width[i], false, i < last ? fit->gap : 0);
  }
  put_style(out, STYLE_PLAIN);
  put_text(out, "\n");
}

static void put_row(output *out, const table *t, const layout *fit, size_t row) {
  int last = last_column(t, fit);
  for (int i = 0; i <= last; i++) {
    const size_t *at = &t->starts[row * t->count + (size_t)i];
    if (fit->dropped[i]) continue;
    if (i == 0 && t->styles[row]) put_style(out, t->styles[row]);
    put_cell(out, t->bytes + at[0], at[1] - at[0], fit->width[i], t->columns[i].cut_middle,
        i < last ? fit->gap : 0);
    if (i == 0 && t->styles[row]) put_style(out, STYLE_PLAIN);
  }
  put_text(out, "\n");
}

static void put_dropped(output *out, const table *t, const layout *fit) {
  bool any = false;
  for (size_t i = 0; i < t->count; i++) {
    if (!fit->dropped[i]) continue;
    put(out, "%s%s", any ? ", " : "no room for: ", t->columns[i].title);
    any = true;
  }
  if (any) put_text(out, "\n");
}

void table_print(output *out, const table *t) {
  layout fit = fit_table(t, out->width);
  put_titles(out, t, &fit);
  for (size_t row = 0; row < t->cells / t->count; row++) put_row(out, t, &fit, row);
  put_dropped(out, t, &fit);
}
