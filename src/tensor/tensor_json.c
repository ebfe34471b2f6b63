/* SPDX-License-Identifier: MIT
 *
 * A tensor's values as JSON. A tensor without elements keeps its nesting, [[], []], unless that alone would
 * be long: its lengths are bounded by nothing. */
#include <math.h>
#include "base/checked.h"
#include "tensor/element_text.h"
#include "tensor/tensor.h"

enum { EMPTY_LISTS = 65536 };

static void write_float(gm__text *text, double value, gm_dtype dtype) {
  const char *quote = isfinite(value) ? "" : "\"";
  gm__text_add(text, quote);
  gm__float_text(text, isnan(value) ? NAN : value, dtype);
  gm__text_add(text, quote);
}

static void write_complex(gm__text *text, gm__number value, gm_dtype dtype) {
  gm__text_char(text, '[');
  write_float(text, value.real, dtype);
  gm__text_add(text, ", ");
  write_float(text, value.imaginary, dtype);
  gm__text_char(text, ']');
}

static void write_element(gm__text *text, const void *element, gm_dtype dtype) {
  if (gm__dtype_is_complex(dtype))
    write_complex(text, gm__number_of(element, dtype), dtype);
  else if (gm__dtype_is_float(dtype))
    write_float(text, gm__element_to_double(element, dtype), dtype);
  else if (dtype == GM_BOOL)
    gm__text_add(text, gm__integer_of(element, dtype) != 0 ? "true" : "false");
  else
    gm__text_int(text, gm__integer_of(element, dtype));
}

static void write_axis(gm__text *text, const gm_tensor *tensor, int axis, int64_t index) {
  if (axis == tensor->rank) {
    write_element(
        text, (const char *)tensor->data + (size_t)index * gm__dtype_bytes(tensor->dtype), tensor->dtype);
    return;
  }
  int64_t length = tensor->dims[axis];
  gm__text_char(text, '[');
  for (int64_t i = 0; i < length; i++) {
    if (i > 0) gm__text_add(text, ", ");
    write_axis(text, tensor, axis + 1, index * length + i);
  }
  gm__text_char(text, ']');
}

/* Whether the lists that an empty tensor would print are few: its lengths up to the first 0. */
static bool is_short(const gm_tensor *tensor) {
  int64_t lists = 1;
  for (int axis = 0; axis < tensor->rank && tensor->dims[axis] > 0; axis++)
    if (!gm__mul_ok(lists, tensor->dims[axis], &lists) || lists > EMPTY_LISTS) return false;
  return true;
}

size_t gm_tensor_json(const gm_tensor *tensor, char *buffer, size_t size) {
  gm__text text = gm__text_into(buffer, size);
  if (tensor == NULL)
    gm__text_add(&text, "null");
  else if (tensor->count == 0 && !is_short(tensor))
    gm__text_add(&text, "[]");
  else
    write_axis(&text, tensor, 0, 0);
  return gm__text_end(&text);
}
