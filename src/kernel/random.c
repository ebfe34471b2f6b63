/* SPDX-License-Identifier: MIT
 *
 * Philox 4x64-10: a counter and a key go through ten rounds of multiplications and give four numbers of 64
 * bits, so any draw can be had without those before it. NumPy counts before it draws: block b has the counter
 * b + 1. A float32 draw takes half of a number, the low one first. */
#include "kernel/random.h"

#include <math.h>

enum { WORDS = 4, ROUNDS = 10, CHUNK = 256 };

__extension__ typedef unsigned __int128 wide;

static void philox(uint64_t seed, uint64_t block, uint64_t out[WORDS]) {
  uint64_t c0 = block + 1, c1 = block == UINT64_MAX, c2 = 0, c3 = 0, k0 = seed, k1 = 0;
  for (int round = 0; round < ROUNDS; round++) {
    wide a = (wide)UINT64_C(0xD2E7470EE14C6C93) * c0, b = (wide)UINT64_C(0xCA5A826395121157) * c2;
    c0 = (uint64_t)(b >> 64) ^ c1 ^ k0;
    c2 = (uint64_t)(a >> 64) ^ c3 ^ k1;
    c1 = (uint64_t)b;
    c3 = (uint64_t)a;
    k0 += UINT64_C(0x9E3779B97F4A7C15);
    k1 += UINT64_C(0xBB67AE8584CAA73B);
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

void gm__random_double(uint64_t seed, uint64_t first, double *out, size_t count) {
  uint64_t words[WORDS];
  for (size_t i = 0; i < count; i++) {
    uint64_t draw = first + i;
    if (i == 0 || draw % WORDS == 0) philox(seed, draw / WORDS, words);
    out[i] = (double)(words[draw % WORDS] >> 11) * 0x1p-53;
  }
}

void gm__random_float(uint64_t seed, uint64_t first, float *out, size_t count) {
  uint64_t words[WORDS];
  for (size_t i = 0; i < count; i++) {
    uint64_t draw = first + i, word = draw / 2;
    if (i == 0 || draw % (2 * WORDS) == 0) philox(seed, word / WORDS, words);
    out[i] = (float)((uint32_t)(words[word % WORDS] >> draw % 2 * 32) >> 8) * 0x1p-24f;
  }
}

/* Elements `first` on of a tensor, from numbers of another dtype. */
static void put(gm_tensor *tensor, int64_t first, const void *values, gm_dtype dtype, size_t count) {
  char *to = (char *)tensor->data + (size_t)first * gm__dtype_bytes(tensor->dtype);
  gm__convert(to, tensor->dtype, values, dtype, count);
}

static size_t part_of(const gm_tensor *tensor, int64_t done) {
  return (size_t)(tensor->count - done < CHUNK ? tensor->count - done : CHUNK);
}

#define UNIFORM(T, dtype)                                                                                    \
  static void uniform_##T(gm_tensor *tensor, T low, T range, uint64_t seed) {                                \
    T values[CHUNK];                                                                                         \
    for (int64_t done = 0; done < tensor->count; done += CHUNK) {                                            \
      size_t n = part_of(tensor, done);                                                                      \
      gm__random_##T(seed, (uint64_t)done, values, n);                                                       \
      for (size_t i = 0; i < n; i++) values[i] = low + range * values[i];                                    \
      put(tensor, done, values, dtype, n);                                                                   \
    }                                                                                                        \
  }
UNIFORM(float, GM_FLOAT32)
UNIFORM(double, GM_FLOAT64)

typedef struct digits {
  char text[32];
} digits;

static digits digits_of(double value) {
  digits d;
  gm__text text = gm__text_into(d.text, sizeof d.text);
  gm__text_double(&text, value);
  gm__text_end(&text);
  return d;
}

static gm_status check_range(gm_dtype dtype, double low, double high, gm_error *error) {
  bool narrow = dtype != GM_FLOAT64;
  if (!isfinite(low) || !isfinite(high) || !isfinite(high - low))
    GM_FAIL(error, GM_BAD_ARGUMENT,
        "random_uniform: the bounds %s and %s are not finite numbers a finite distance apart",
        digits_of(low).text, digits_of(high).text);
  if (narrow && (!isfinite((float)low) || !isfinite((float)high) || !isfinite((float)(high - low))))
    GM_FAIL(error, GM_BAD_ARGUMENT,
        "random_uniform: the bounds %s and %s are beyond float32, in which %s is drawn", digits_of(low).text,
        digits_of(high).text, gm_dtype_name(dtype));
  return GM_OK;
}

gm_status gm_tensor_random_uniform(
    gm_tensor *tensor, double low, double high, uint64_t seed, gm_error *error) {
  if (tensor == NULL) GM_FAIL(error, GM_BAD_ARGUMENT, "random_uniform: the tensor is NULL");
  GM_TRY(check_range(tensor->dtype, low, high, error));
  if (tensor->dtype == GM_FLOAT64)
    uniform_double(tensor, low, high - low, seed);
  else
    uniform_float(tensor, (float)low, (float)(high - low), seed);
  return GM_OK;
}

gm_status gm_tensor_random_normal(
    gm_tensor *tensor, double mean, double scale, uint64_t seed, gm_error *error) {
  double draws[2 * CHUNK], values[CHUNK];
  if (tensor == NULL) GM_FAIL(error, GM_BAD_ARGUMENT, "random_normal: the tensor is NULL");
  if (!isfinite(mean) || !isfinite(scale))
    GM_FAIL(error, GM_BAD_ARGUMENT, "random_normal: the mean %s and the scale %s must be finite",
        digits_of(mean).text, digits_of(scale).text);
  for (int64_t done = 0; done < tensor->count; done += CHUNK) {
    size_t n = part_of(tensor, done);
    gm__random_double(seed, 2 * (uint64_t)done, draws, 2 * n);
    for (size_t i = 0; i < n; i++)
      values[i] = mean + scale * sqrt(-2 * log1p(-draws[2 * i])) * cos(2 * M_PI * draws[2 * i + 1]);
    put(tensor, done, values, GM_FLOAT64, n);
  }
  return GM_OK;
}
