/* SPDX-License-Identifier: MIT
 *
 * What the suites about demands share: the demands in short, and what was learnt and is kept, as text. */
#ifndef GM_TESTS_DIM_DEMANDS_H
#define GM_TESTS_DIM_DEMANDS_H

#include "dim_support.h"

static const gm__place nowhere = {0, 0};

static inline void check_now(gm__dims *dims, const char *text, const char *expected) {
  gm__dim dim = dim_of(dims, text), now = 0;
  ck_assert_str_eq(text_of(dims, dim), expected);
  ck_assert_int_eq(gm__dim_resolve(dims, dim, &now, NULL), GM_OK);
  ck_assert_str_eq(text_of(dims, now), expected);
  ck_assert_str_eq(text_of(dims, dim), expected);
}

static inline const char *learnt(gm__dims *dims, size_t index) {
  static char buffer[512];
  gm__text text = gm__text_into(buffer, sizeof buffer);
  gm__symbol_text(dims, index, &namer, &text);
  gm__text_end(&text);
  return buffer;
}

static inline const char *constraint(gm__dims *dims, size_t index) {
  static char buffer[512];
  gm__text text = gm__text_into(buffer, sizeof buffer);
  gm__constraint_text(dims, index, &namer, &text);
  gm__text_end(&text);
  return buffer;
}

static inline gm_status broadcast(
    gm__dims *dims, const char *a, const char *b, gm__dim *out, gm_error *error) {
  return gm__dims_broadcast(
      dims, dim_of(dims, a), dim_of(dims, b), 8, (gm__place){1, 0}, (gm__place){2, 1}, out, &namer, error);
}

static inline const char *broadcast_text(gm__dims *dims, const char *a, const char *b) {
  gm__dim out = 0;
  ck_assert_int_eq(broadcast(dims, a, b, &out, NULL), GM_OK);
  return text_of(dims, out);
}

static inline gm_status multiple(gm__dims *dims, const char *a, const char *b, gm_error *error) {
  return gm__dims_multiple(dims, dim_of(dims, a), dim_of(dims, b), 8, (gm__place){1, 0}, &namer, error);
}

#endif
