/* SPDX-License-Identifier: MIT
 *
 * Arrays as NumPy 1.24's array2string prints them with its default options (numpy/core/arrayprint.py): first
 * the elements that will be shown are measured, then all are printed to the same width. A line is cut at 75
 * columns, and above 1000 elements each axis shows its first and last three. Nothing is allocated: elements
 * are visited again. */
#include "base/text.h"
#include "tensor/element_text.h"
#include "tensor/tensor.h"

enum { THRESHOLD = 1000, EDGE = 3, LINE_WIDTH = 75, WORD = 128 };

/* What is known about the elements that are shown, and the line being written. */
typedef struct printer {
  const gm_tensor *tensor;
  bool summary;
  int integer_width;
  gm__float_format real, imaginary;
  gm__text *text;
  size_t line, pending;
} printer;

typedef void visit(printer *p, const void *element);

static bool shortened(const printer *p, int axis) {
  return p->summary && p->tensor->dims[axis] > 2 * EDGE;
}

/* Calls `see` with each element that is shown, in order. `index` is in elements. */
static void each_shown(printer *p, int axis, int64_t index, visit *see) {
  const gm_tensor *tensor = p->tensor;
  if (axis == tensor->rank) {
    see(p, (const char *)tensor->data + (size_t)index * gm__dtype_bytes(tensor->dtype));
    return;
  }
  int64_t length = tensor->dims[axis];
  for (int64_t i = 0; i < length; i++) {
    if (i == EDGE && shortened(p, axis)) i = length - EDGE;
    each_shown(p, axis + 1, index * length + i, see);
  }
}

static void see_range(printer *p, const void *element) {
  gm__number value = gm__number_of(element, p->tensor->dtype);
  gm__float_see_range(&p->real, value.real);
  gm__float_see_range(&p->imaginary, value.imaginary);
}

static void see_width(printer *p, const void *element) {
  gm__number value = gm__number_of(element, p->tensor->dtype);
  gm__float_see_width(&p->real, value.real);
  if (gm__dtype_is_complex(p->tensor->dtype)) gm__float_see_width(&p->imaginary, value.imaginary);
}

static int integer_width(int64_t value) {
  char digits[24];
  gm__text text = gm__text_into(digits, sizeof digits);
  gm__text_int(&text, value);
  return (int)text.length;
}

static void see_integer(printer *p, const void *element) {
  int width = integer_width(gm__integer_of(element, p->tensor->dtype));
  if (width > p->integer_width) p->integer_width = width;
}

static void measure(printer *p) {
  gm_dtype dtype = p->tensor->dtype;
  p->real = gm__float_format_of(dtype, false);
  p->imaginary = gm__float_format_of(dtype, true);
  if (gm__dtype_is_integer(dtype)) each_shown(p, 0, 0, see_integer);
  if (dtype == GM_BOOL || gm__dtype_is_integer(dtype)) return;
  each_shown(p, 0, 0, see_range);
  gm__float_choose(&p->real);
  gm__float_choose(&p->imaginary);
  each_shown(p, 0, 0, see_width);
  gm__float_settle(&p->real);
  gm__float_settle(&p->imaginary);
}

static void write_word(const printer *p, gm__text *word, const void *element) {
  gm_dtype dtype = p->tensor->dtype;
  if (dtype == GM_BOOL) {
    gm__text_add(word, gm__integer_of(element, dtype) != 0 ? " True" : "False");
  } else if (gm__dtype_is_integer(dtype)) {
    int64_t value = gm__integer_of(element, dtype);
    gm__text_repeat(word, ' ', (size_t)(p->integer_width - integer_width(value)));
    gm__text_int(word, value);
  } else {
    gm__number value = gm__number_of(element, dtype);
    gm__float_write(&p->real, word, value.real, "");
    if (gm__dtype_is_complex(dtype)) gm__float_write(&p->imaginary, word, value.imaginary, "j");
  }
}

/* The word after the line so far, or on a new line where it would reach the last column. Blanks at the end of
 * a word wait in `pending`: they are dropped where a line ends. */
static void extend(printer *p, const char *word, size_t length) {
  size_t indent = (size_t)p->tensor->rank;
  if (p->line > indent && p->line + length > LINE_WIDTH - indent) {
    gm__text_char(p->text, '\n');
    p->line = p->pending = indent;
  }
  p->line += length;
  gm__text_repeat(p->text, ' ', p->pending);
  for (p->pending = 0; word[length - 1] == ' '; length--) p->pending++;
  gm__text_bytes(p->text, word, length);
}

static void separate(printer *p) {
  p->line++;
  p->pending++;
}

static void print_element(printer *p, int64_t index) {
  char buffer[WORD];
  gm__text word = gm__text_into(buffer, sizeof buffer);
  const char *element = (const char *)p->tensor->data + (size_t)index * gm__dtype_bytes(p->tensor->dtype);
  write_word(p, &word, element);
  extend(p, buffer, word.length);
}

static void print_row(printer *p, int64_t index) {
  int64_t length = p->tensor->dims[p->tensor->rank - 1];
  p->line = (size_t)p->tensor->rank;
  p->pending = 0;
  for (int64_t i = 0; i < length; i++) {
    if (i > 0) separate(p);
    if (i == EDGE && shortened(p, p->tensor->rank - 1)) {
      extend(p, "...", 3);
      separate(p);
      i = length - EDGE;
    }
    print_element(p, index * length + i);
  }
  gm__text_repeat(p->text, ' ', p->pending);
}

static void next_block(printer *p, int axis) {
  gm__text_repeat(p->text, '\n', (size_t)(p->tensor->rank - axis - 1));
  gm__text_repeat(p->text, ' ', (size_t)axis + 1);
}

static void print_axis(printer *p, int axis, int64_t index) {
  int64_t length = p->tensor->dims[axis];
  gm__text_char(p->text, '[');
  if (axis == p->tensor->rank - 1) {
    print_row(p, index);
    length = 0;
  }
  for (int64_t i = 0; i < length; i++) {
    if (i > 0) next_block(p, axis);
    if (i == EDGE && shortened(p, axis)) {
      gm__text_add(p->text, "...");
      next_block(p, axis);
      i = length - EDGE;
    }
    print_axis(p, axis + 1, index * length + i);
  }
  gm__text_char(p->text, ']');
}

size_t gm_tensor_text(const gm_tensor *tensor, char *buffer, size_t size) {
  gm__text text = gm__text_into(buffer, size);
  if (tensor != NULL && tensor->rank == 0)
    gm__element_text(&text, tensor->data, tensor->dtype);
  else if (tensor != NULL && tensor->count == 0)
    gm__text_add(&text, "[]");
  else if (tensor != NULL) {
    printer p = {.tensor = tensor, .summary = tensor->count > THRESHOLD, .text = &text};
    measure(&p);
    print_axis(&p, 0, 0);
  }
  return gm__text_end(&text);
}
