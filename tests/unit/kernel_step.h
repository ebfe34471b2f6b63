/* SPDX-License-Identifier: MIT
 *
 * Running one kernel on buffers of the test, and generated cases: shapes with strides of every sort (dense,
 * permuted, padded, reversed, broadcast) and values of every dtype. */
#ifndef GM_TESTS_KERNEL_STEP_H
#define GM_TESTS_KERNEL_STEP_H

#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "kernel/step.h"
#include "support/generator.h"
#include "support/suite.h"

/* A pool whose tasks come in the wrong order. */
static inline void run_backwards(
    void *context, int count, void (*task)(void *argument, int index), void *argument) {
  (void)context;
  for (int i = count; i-- > 0;) task(argument, i);
}

/* Runs a kernel: `reads` buffers, then `writes`; every second time cut as if it were a lot of work. */
static inline gm_status run_kernel(const gm__kernel *kernel, const void *descriptor, int reads, int writes,
    void *const *buffers, const gm_dtype *dtypes, gm_error *error) {
  gm__operand operands[GM__MAP_REGISTERS + 1];
  for (int i = 0; i < reads + writes; i++) operands[i] = (gm__operand){(uint32_t)i, dtypes[i], 0};
  gm__step step = {.kernel = kernel,
      .operands = operands,
      .descriptor = descriptor,
      .reads = (uint16_t)reads,
      .writes = (uint16_t)writes,
      .bytes = 1e9};
  const gm_pool pool = {sizeof pool, NULL, 5, run_backwards};
  static unsigned turn;
  gm__run run = {(char *const *)buffers, turn++ % 2 ? &pool : NULL, error};
  return gm__step_run(&step, &run);
}

/* The descriptor's text. */
static inline const char *kernel_text(
    const gm__kernel *kernel, const void *descriptor, char *buffer, size_t size) {
  gm__step step = {.kernel = kernel, .descriptor = descriptor};
  gm__text text = gm__text_into(buffer, size);
  kernel->text(&step, &text);
  gm__text_end(&text);
  return buffer;
}

/* Memory for `count` elements, filled with a pattern that is NaN for floats. */
static inline void *new_buffer(int64_t count, gm_dtype dtype) {
  size_t bytes = (size_t)count * gm__dtype_bytes(dtype);
  void *buffer = malloc(bytes + 1);
  ck_assert_ptr_nonnull(buffer);
  memset(buffer, dtype == GM_BOOL ? 1 : 0xff, bytes + 1);
  return buffer;
}

static inline void *at_element(void *buffer, int64_t element, gm_dtype dtype) {
  return (char *)buffer + element * (int64_t)gm__dtype_bytes(dtype);
}

static inline double _Complex get_number(const void *buffer, int64_t element, gm_dtype dtype) {
  double _Complex value;
  gm__convert(
      &value, GM_COMPLEX128, (const char *)buffer + element * (int64_t)gm__dtype_bytes(dtype), dtype, 1);
  return value;
}

static inline int64_t get_integer(const void *buffer, int64_t element, gm_dtype dtype) {
  int64_t value;
  gm__convert(&value, GM_INT64, (const char *)buffer + element * (int64_t)gm__dtype_bytes(dtype), dtype, 1);
  return value;
}

/* Values in (-1, 1) for floats, of the full range for integers. */
static inline void *random_buffer(generator *g, int64_t count, gm_dtype dtype) {
  char *buffer = new_buffer(count, dtype);
  for (int64_t i = 0; i < count; i++) {
    double real[] = {pick_real(g), pick_real(g)};
    int64_t integer = dtype == GM_BOOL ? pick(g, 2) : (int64_t)next_random(g);
    bool whole = dtype <= GM_INT64;
    gm__convert(at_element(buffer, i, dtype), dtype, whole ? (void *)&integer : real,
        whole ? GM_INT64 : GM_COMPLEX128, 1);
  }
  return buffer;
}

/* Half the distance between 1 and the next number. */
static inline double unit_of(gm_dtype dtype) {
  switch (dtype) {
  case GM_FLOAT16: return 0x1p-11;
  case GM_BFLOAT16: return 0x1p-8;
  case GM_FLOAT32:
  case GM_COMPLEX64: return 0x1p-24;
  default: return 0x1p-53;
  }
}

/* The distance between the smallest numbers. */
static inline double tiny_of(gm_dtype dtype) {
  return dtype == GM_FLOAT16 ? 0x1p-24 : dtype == GM_FLOAT64 || dtype == GM_COMPLEX128 ? 0x1p-1074 : 0x1p-133;
}

/* One operand's strides over `rank` dims, its first element and the elements that its buffer needs. */
typedef struct layout {
  int64_t strides[GM__LOOPS_RANK], origin, extent;
} layout;

enum { DENSE, PERMUTED, PADDED, REVERSED, BROADCAST, LAYOUTS };

static inline void permutation(generator *g, int rank, int *order) {
  for (int i = 0; i < rank; i++) order[i] = i;
  for (int i = rank - 1; i > 0; i--) {
    int j = (int)pick(g, i + 1), kept = order[i];
    order[i] = order[j];
    order[j] = kept;
  }
}

/* `sort`: one of the above. */
static inline layout make_layout(generator *g, int rank, const int64_t *dims, int sort) {
  layout l = {{0}, 0, 1};
  int order[GM__LOOPS_RANK];
  for (int i = 0; i < rank; i++) order[i] = i;
  if (sort == PERMUTED) permutation(g, rank, order);
  for (int i = rank - 1; i >= 0; i--) {
    int axis = order[i];
    int64_t step = sort == PADDED ? pick(g, 3) + 1 : 1;
    if (sort == BROADCAST && pick(g, 2) == 0) continue;
    l.strides[axis] = l.extent * step;
    l.extent *= dims[axis] > 0 ? dims[axis] * step : 1;
    if (sort != REVERSED || pick(g, 2) == 0 || dims[axis] == 0) continue;
    l.origin += l.strides[axis] * (dims[axis] - 1);
    l.strides[axis] = -l.strides[axis];
  }
  return l;
}

/* The element of an operand at the row-major number `number`. */
static inline int64_t element_of(const layout *l, int rank, const int64_t *dims, int64_t number) {
  int64_t element = l->origin;
  for (int axis = rank - 1; axis >= 0; axis--) {
    element += number % dims[axis] * l->strides[axis];
    number /= dims[axis];
  }
  return element;
}

static inline int64_t count_of(int rank, const int64_t *dims) {
  int64_t count = 1;
  for (int i = 0; i < rank; i++) count *= dims[i];
  return count;
}

#endif
