/* SPDX-License-Identifier: MIT
 *
 * A text being written: into the caller's fixed buffer (cut, but counted, as snprintf does) or into a buffer
 * that grows. A failed allocation is remembered and everything after it ignored. */
#ifndef GM_BASE_TEXT_H
#define GM_BASE_TEXT_H

#include "base/error.h"

typedef struct gm__text {
  char *data;
  size_t size;   /* bytes of `data` */
  size_t length; /* of the whole text, without the NUL */
  bool grows, failed;
} gm__text;

/** Writes into `buffer` of `size` bytes (NULL with 0: only counts). */
gm__text gm__text_into(char *buffer, size_t size);
/** Grows as needed; gm__text_free when done. */
gm__text gm__text_growing(void);
void gm__text_free(gm__text *text);

void gm__text_add(gm__text *text, const char *string);
void gm__text_bytes(gm__text *text, const char *bytes, size_t count);
void gm__text_char(gm__text *text, char c);
void gm__text_repeat(gm__text *text, char c, size_t count);
void gm__text_format(gm__text *text, const char *format, ...) GM__PRINTF(2, 3);
void gm__text_int(gm__text *text, int64_t value);
/** The shortest digits that read back the same float64 / float32, as Python's repr: "0.1", "1e-07", "1.0",
 * "nan", "inf". */
void gm__text_double(gm__text *text, double value);
void gm__text_float(gm__text *text, float value);
/** The same for any format of gm__digits_shortest (11, -24 for float16; 8, -133 for bfloat16). */
void gm__text_real(gm__text *text, double value, int mantissa_bits, int min_exponent);
/** A shape as Python prints a tuple: "()", "(3,)", "(2, 3)". */
void gm__text_dims(gm__text *text, int rank, const int64_t *dims);
/** The bytes of the UTF-8 sequence at `text`, which a NUL ends at once; 0 where there is none. */
size_t gm__utf8_length(const char *text);
/** A JSON string with its quotes. Bytes that are no UTF-8 become U+FFFD. */
void gm__text_json(gm__text *text, const char *string);
/** Terminates and returns the length; the text stays usable. */
size_t gm__text_end(gm__text *text);

#endif
