/* SPDX-License-Identifier: MIT
 *
 * Whether a text is JSON; the command's words for JSON keep jansson out of the target that asks. */
#ifndef GM_TESTS_JSON_TEXT_H
#define GM_TESTS_JSON_TEXT_H

#include <stdbool.h>

bool is_json(const char *text);

#endif
