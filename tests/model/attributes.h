/* SPDX-License-Identifier: MIT
 *
 * Attribute text as the model reads it: "{axis: [0, 1], keepdims: true}". */
#ifndef GM_TESTS_ATTRIBUTES_H
#define GM_TESTS_ATTRIBUTES_H

#include <gemmule/gemmule.h>

/** Where the value of `key` begins; NULL where it is absent or null. */
const char *attribute_value(const char *text, const char *key);
/** The integers of a value: one, a list, or quoted text of them; -1 where it is absent. */
int attribute_integers(const char *text, const char *key, int64_t *out, int most);
int64_t attribute_integer(const char *text, const char *key, int64_t absent);
double attribute_number(const char *text, const char *key, double absent);
gm_dtype attribute_dtype(const char *text, const char *key, gm_dtype absent);
bool attribute_flag(const char *text, const char *key);
/** The word or quoted text, copied. */
void attribute_word(const char *text, const char *key, char *out, size_t size);

#endif
