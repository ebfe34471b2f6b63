/* SPDX-License-Identifier: MIT
 *
 * Notes: what a test sees of the library's objects, as one text that can be compared byte for byte. Texts of
 * graphs and plans stand as they are, the bits of tensors and files by a hash of 64 bits. */
#ifndef GM_TESTS_FAULTS_NOTES_H
#define GM_TESTS_FAULTS_NOTES_H

#include <gemmule/gemmule.h>

#define NOTES_SIZE (1 << 18)

typedef struct notes {
  size_t length;
  char text[NOTES_SIZE];
} notes;

void note_clear(notes *out);
void note(notes *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** dtype, dims and bits; "none" for NULL. */
void note_tensor(notes *out, const gm_tensor *tensor);
/** Nodes, symbols, attributes, flops, outputs, and the values of variables and constants. */
void note_graph(notes *out, const gm_graph *graph);
/** Every output of an executor. */
void note_outputs(notes *out, const gm_executor *executor, size_t count);
/** Name, size and bits of every file below a folder, in order of names; folders end in a slash. Without
 * `hidden` no name that begins with a dot. */
void note_folder(notes *out, const char *folder, bool hidden);

#endif
