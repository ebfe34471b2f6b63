/* SPDX-License-Identifier: MIT
 *
 * Untyped values as they are written, in attribute text or in a graph file: what YAML and JSON have, with the
 * place of each. They live in an arena. Records never see them: attributes (attr.h) are the typed form. */
#ifndef GM_GRAPH_VALUE_H
#define GM_GRAPH_VALUE_H

#include "base/alloc.h"
#include "base/text.h"

typedef enum gm__value_kind {
  GM__VALUE_NULL,
  GM__VALUE_BOOL,
  GM__VALUE_INTEGER,
  GM__VALUE_REAL,
  GM__VALUE_STRING,
  GM__VALUE_LIST,
  GM__VALUE_MAP
} gm__value_kind;

typedef struct gm__value gm__value;
typedef struct gm__entry {
  const char *key;
  int line, column;
  gm__value *value;
} gm__entry;

struct gm__value {
  gm__value_kind kind;
  bool quoted;      /* a string in quotes */
  bool unsigned64;  /* an integer above INT64_MAX: its bits in `integer` */
  bool too_large;   /* a number in digits that 64 bits, or a float64, do not hold; rounded in `real` */
  int line, column; /* 1-based; 0 where there is none */
  size_t count;     /* of a list or mapping; bytes of a string */
  const char *text; /* any scalar as written, NUL-terminated */
  union {
    bool flag;
    int64_t integer;
    double real;
    gm__value **items;
    gm__entry *entries;
  };
};

/** A scalar as written: `quoted` ones are strings; plain ones are null (also "", "~"), true, false (also
 * capitalised as YAML's core schema has them), numbers (gm__number_read), else strings: n, y, no, on are
 * strings. */
gm__value *gm__value_scalar(
    gm__arena *arena, const char *text, size_t length, bool quoted, int line, int column);
/** Reads one flow mapping, JSON or YAML: "{axis: 1, keep: [a, 'b']}"; GM_BAD_SYNTAX with the 1-based column,
 * also for a key given twice and for bytes that are no UTF-8; nesting above 32 and text above 1 MiB are
 * GM_LIMIT. NULL or blank text is an empty mapping. */
gm_status gm__value_read(gm__arena *arena, const char *text, gm__value **out, gm_error *error);
/** The value of a key; NULL when absent. */
const gm__value *gm__value_get(const gm__value *map, const char *key);
/** Is it a number in digits that no float64 holds, like 1e400? */
bool gm__value_is_beyond(const gm__value *value);
/** "a string", "a list", … for messages. */
const char *gm__value_kind_name(const gm__value *value);
/** A short form for messages: the text of a scalar in quotes, "a list", … */
void gm__value_text(const gm__value *value, gm__text *text);

#endif
