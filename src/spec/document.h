/* SPDX-License-Identifier: MIT
 *
 * YAML as a tree of values with places. Only this much of YAML is read: one document of mappings, lists and
 * scalars; no anchors, aliases or tags. */
#ifndef GM_SPEC_DOCUMENT_H
#define GM_SPEC_DOCUMENT_H

#include "graph/value.h"

/** A key that a mapping has twice: the second place, and the line of the first. NULL key: there is none. */
typedef struct gm__repeated {
  const char *key;
  int line, column, first_line;
} gm__repeated;

/** The nesting that is read when nobody says otherwise, and the most that may be asked for. */
#define GM__DEPTH_DEFAULT ((size_t)64)
#define GM__DEPTH_MOST ((size_t)512)

/** Reads the one document of `text` into the arena; an empty one is null. GM_BAD_SYNTAX, GM_LIMIT for nesting
 * above `max_depth`, GM_BAD_ARGUMENT for a second document; errors carry line and column, and no file.
 * `repeated` gets the first key that stands twice in its mapping: whether that matters is the caller's to
 * say, after syntax. */
gm_status gm__document_read(gm__arena *arena, const char *text, size_t size, size_t max_depth,
    gm__value **out, gm__repeated *repeated, gm_error *error);

/** Writes a string so that any YAML reader takes it for that string: plain where that is safe, else in double
 *  quotes. Bytes that are no UTF-8 become U+FFFD. */
void gm__yaml_string(gm__text *text, const char *string);
/** A line of prose: as gm__yaml_string, but plain with commas and spaces too. Not for flow lists and
 * mappings. */
void gm__yaml_prose(gm__text *text, const char *string);
/** Is it UTF-8, so that it comes back as it was? */
bool gm__yaml_holds(const char *string);

#endif
