/* SPDX-License-Identifier: MIT
 *
 * One element as a number, and floats printed to a common width (NumPy's FloatingFormat). */
#ifndef GM_TENSOR_ELEMENT_TEXT_H
#define GM_TENSOR_ELEMENT_TEXT_H

#include "base/text.h"
#include "tensor/dtype.h"

typedef struct gm__number {
  double real, imaginary;
} gm__number;

/** A float or complex element. */
gm__number gm__number_of(const void *element, gm_dtype dtype);
/** A bool or integer element. */
int64_t gm__integer_of(const void *element, gm_dtype dtype);

/** How all the floats of an array are printed. Made in this order: _of, _see_range for each element, _choose,
 *  _see_width for each, _settle; then _write for each. */
typedef struct gm__float_format {
  gm_dtype dtype; /* of the number or, if complex, of its parts */
  bool sign;      /* a '+' before what is not negative */
  bool any, exponential, nonfinite, negative_infinity;
  double most, least; /* of the absolute values that are finite and not 0 */
  int left, right;    /* columns before and after the point */
  int precision, exponent_digits;
} gm__float_format;

gm__float_format gm__float_format_of(gm_dtype dtype, bool sign);
void gm__float_see_range(gm__float_format *format, double value);
void gm__float_choose(gm__float_format *format);
void gm__float_see_width(gm__float_format *format, double value);
void gm__float_settle(gm__float_format *format);
/** The number, padded; `unit` ("j") is put before the blanks at its end. */
void gm__float_write(const gm__float_format *format, gm__text *text, double value, const char *unit);

/** gm__text_real with the shortest digits of a float dtype (of the parts of a complex one). */
void gm__float_text(gm__text *text, double value, gm_dtype dtype);

#endif
