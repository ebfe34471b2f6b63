/* SPDX-License-Identifier: MIT
 *
 * Attributes: what an operation's record declares, and the typed values that its functions see. From the
 * declaration follow validation, defaults, printing, hashing and help. */
#ifndef GM_GRAPH_ATTR_H
#define GM_GRAPH_ATTR_H

#include "graph/value.h"
#include "shape/dim.h"
#include "tensor/dtype.h"

typedef enum gm__attr_type {
  GM__ATTR_BOOL,
  GM__ATTR_INTEGER,
  GM__ATTR_NUMBER, /* a double */
  GM__ATTR_CHOICE, /* one of the words of `choices`, comma-separated; integer is its index */
  GM__ATTR_DTYPE,
  GM__ATTR_INTEGERS, /* a list of integers; one integer is a list of one */
  GM__ATTR_SHAPE,    /* a list of dims (or text), -1 allowed once: items are gm__dim */
  GM__ATTR_TEXT
} gm__attr_type;

typedef struct gm__attr_row {
  const char *name;
  gm__attr_type type;
  const char *initial; /* the default as text; "null": none; NULL: must be given */
  const char *doc;
  const char *choices;
} gm__attr_row;

/** A typed attribute. `given` is false for null, and absent attributes without a default. */
typedef struct gm__attr {
  bool given;
  int count; /* of items */
  union {
    bool flag;
    int64_t integer; /* and the index of a choice */
    double number;
    gm_dtype dtype;
    const int64_t *items;
    const char *text;
  };
} gm__attr;

/** Checks a mapping against `count` rows and fills `attrs` (lists live in the arena). GM_BAD_ARGUMENT: an
 * unknown name (with the nearest), a wrong type, a value out of range, a missing one; errors carry the
 * value's place. `op` and `values` (NULL: empty) as written. */
gm_status gm__attrs_read(const char *op, const gm__attr_row *rows, int count, const gm__value *values,
    gm__dims *dims, gm__arena *arena, gm__attr *attrs, gm_error *error);
bool gm__attr_equal(const gm__attr_row *row, const gm__attr *a, const gm__attr *b);
uint64_t gm__attr_hash(uint64_t hash, const gm__attr_row *row, const gm__attr *attr);
/** One value as flow YAML, or JSON. */
void gm__attr_text(
    const gm__attr_row *row, const gm__attr *attr, const gm__dims *dims, bool json, gm__text *text);
/** Is it what an absent attribute would be? */
bool gm__attr_is_initial(const gm__attr_row *row, const gm__attr *attr);
const char *gm__attr_type_name(gm__attr_type type);

#endif
