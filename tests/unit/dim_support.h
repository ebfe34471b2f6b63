/* SPDX-License-Identifier: MIT
 *
 * What the suites about dims share: a table, dims from text and text from dims, nodes called 'a', 'b', …, and
 * numbers that look random and are the same in every run. */
#ifndef GM_TESTS_DIM_SUPPORT_H
#define GM_TESTS_DIM_SUPPORT_H

#include "shape/dim.h"
#include "support/suite.h"

#include <stdio.h>
#include <string.h>

static inline gm__dims *table(void) {
  gm__dims *dims = gm__dims_new(NULL);
  ck_assert_ptr_nonnull(dims);
  return dims;
}

static inline gm__dim dim_of(gm__dims *dims, const char *text) {
  gm_error error = {0};
  gm__dim dim = 0;
  gm_status status = gm__dim_read(dims, text, strlen(text), &dim, &error);
  ck_assert_msg(status == GM_OK, "'%s': %s", text, error.message);
  return dim;
}

/** In one of a few static buffers. */
static inline const char *text_of(const gm__dims *dims, gm__dim dim) {
  static char buffers[8][4096];
  static int next;
  char *buffer = buffers[next++ % 8];
  gm__text text = gm__text_into(buffer, sizeof buffers[0]);
  gm__dim_text(dims, dim, &text);
  gm__text_end(&text);
  return buffer;
}

static inline const char *name_of(const void *context, uint32_t node) {
  static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
  (void)context;
  return node >= 1 && node <= 8 ? names[node - 1] : NULL;
}

static const gm__namer namer = {name_of, NULL};

/** a == b, demanded by 'h' of 'a' axis 0 and 'b' axis 1. */
static inline gm_status equal(gm__dims *dims, gm__dim a, gm__dim b, gm_error *error) {
  return gm__dims_equal(dims, a, b, 8, (gm__place){1, 0}, (gm__place){2, 1}, &namer, error);
}

static inline gm_status unify(gm__dims *dims, const char *a, const char *b) {
  return equal(dims, dim_of(dims, a), dim_of(dims, b), NULL);
}

/** The message of a demand that is refused. */
static inline const char *refusal(gm__dims *dims, const char *a, const char *b) {
  static gm_error error;
  ck_assert_int_eq(equal(dims, dim_of(dims, a), dim_of(dims, b), &error), GM_BAD_SHAPE);
  return error.message;
}

#define check_text(dims, source, expected) ck_assert_str_eq(text_of(dims, dim_of(dims, source)), expected)

static inline uint64_t random_bits(uint64_t *state) {
  *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  uint64_t x = *state ^ *state >> 33;
  x *= UINT64_C(0xff51afd7ed558ccd);
  return x ^ x >> 33;
}

static inline int64_t random_below(uint64_t *state, int64_t bound) {
  return (int64_t)(random_bits(state) % (uint64_t)bound);
}

#endif
