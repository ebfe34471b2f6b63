/* SPDX-License-Identifier: MIT
 *
 * Runs recorded Keras cases (tests/data/keras/README.md) through the public interface. */
#ifndef GM_TESTS_KERAS_H
#define GM_TESTS_KERAS_H

#include <stdbool.h>

typedef struct keras_count {
  int cases, agree, differ, skipped, absent;
} keras_count;

/** Runs every case of a file, prints one line a function and one a case that differs. False when the file
 * cannot be read. Cases of an operation or a dtype that there is not count as absent. */
bool keras_run_file(const char *path, keras_count *count);

#endif
