/* SPDX-License-Identifier: MIT
 *
 * Values as text, "[[1, 2], [3, 4]]". A byte chooses the dtype. What is read is written element by element
 * and read back as the same bits, by JSON too where that has a form; what is printed is terminated wherever
 * it is cut. */
#include "fuzz.h"

#include <math.h>
#include <stdio.h>
#include "tensor/element_text.h"
#include "tensor/tensor.h"

static void write_nested(const gm_tensor *tensor, int axis, const char **at, gm__text *text) {
  if (axis == tensor->rank) {
    gm__element_text(text, *at, tensor->dtype);
    *at += gm__dtype_bytes(tensor->dtype);
    return;
  }
  gm__text_char(text, '[');
  for (int64_t i = 0; i < tensor->dims[axis]; i++) {
    if (i) gm__text_add(text, ", ");
    write_nested(tensor, axis + 1, at, text);
  }
  gm__text_char(text, ']');
}

static void reads_as(const char *text, const gm_tensor *wanted) {
  gm_error error = {0};
  gm_tensor *again = gm_tensor_parse(text, wanted->dtype, &error);
  if (!again || !fuzz_same(again, wanted)) fprintf(stderr, "%s: %s\n", text, error.message);
  NEED(again != NULL && fuzz_same(again, wanted));
  gm_tensor_free(again);
}

static void comes_back(const gm_tensor *tensor) {
  gm__text text = gm__text_growing();
  const char *at = tensor->data;
  write_nested(tensor, 0, &at, &text);
  gm__text_end(&text);
  NEED(!text.failed);
  reads_as(text.data, tensor);
  gm__text_free(&text);
}

/** Lists of numbers: no complex ones, and no strings "nan". */
static void comes_back_from_json(const gm_tensor *tensor, char *text) {
  if (gm__dtype_is_complex(tensor->dtype) || strchr(text, '"')) return;
  if (tensor->count) reads_as(text, tensor);
}

typedef size_t text_function(const gm_tensor *tensor, char *buffer, size_t size);

/** The text, which is terminated also where it is cut. */
static char *whole_text(const gm_tensor *tensor, text_function *function) {
  char cut[24];
  size_t length = function(tensor, NULL, 0);
  char *text = malloc(length + 1);
  NEED(text != NULL && function(tensor, text, length + 1) == length && strlen(text) == length);
  NEED(function(tensor, cut, sizeof cut) == length);
  NEED(strlen(cut) == (length < sizeof cut ? length : sizeof cut - 1));
  NEED(strncmp(cut, text, strlen(cut)) == 0);
  return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 1) return 0;
  gm_error error = {0};
  char *text = fuzz_text(data + 1, size - 1);
  gm_tensor *tensor = gm_tensor_parse(text, (gm_dtype)(data[0] % 12), &error);
  if (tensor) {
    char *printed = whole_text(tensor, gm_tensor_text), *json = whole_text(tensor, gm_tensor_json);
    comes_back(tensor);
    comes_back_from_json(tensor, json);
    free(printed);
    free(json);
  } else {
    fuzz_placed(&error, text, strlen(text));
  }
  gm_tensor_free(tensor);
  free(text);
  return 0;
}
