/* SPDX-License-Identifier: MIT
 *
 * The heap, watched: malloc and its kin are wrapped by the linker (--wrap, see tests/CMakeLists.txt), their
 * calls counted and the bytes asked for summed. Calls from any thread are seen. */
#ifndef GM_TESTS_HEAP_H
#define GM_TESTS_HEAP_H

#include <stddef.h>

/** Starts counting: no calls yet, and the peak is what is alive now. */
void heap_mark(void);
/** Calls since the mark: of any of the functions, free with something to free included; of aligned_alloc. */
int heap_calls(void);
int heap_data_calls(void);
/** Bytes given and not taken back. */
size_t heap_bytes(void);
/** The most bytes alive at once since the mark. A block that is resized counts twice while that lasts. */
size_t heap_peak(void);
/** aligned_alloc gives NULL after this many further calls, once; negative: never. */
void heap_refuse_data(int calls);

#endif
