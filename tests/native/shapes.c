/* SPDX-License-Identifier: MIT
 *
 * The products that are tried, by their numbers. */
#include "native/shapes.h"

#include <stdio.h>
#include <stdlib.h>

/** The dtypes, the first ones oftener. */
static void draw_dtypes(generator *from, wish *w) {
  static const gm_dtype pairs[][2] = {{GM_BFLOAT16, GM_BFLOAT16}, {GM_BFLOAT16, GM_FLOAT32},
      {GM_FLOAT16, GM_FLOAT16}, {GM_FLOAT16, GM_FLOAT32}, {GM_INT8, GM_INT32}, {GM_UINT8, GM_INT32},
      {GM_INT8, GM_INT8}, {GM_UINT8, GM_UINT8}, {GM_INT16, GM_INT16}, {GM_INT32, GM_INT32},
      {GM_INT64, GM_INT64}, {GM_COMPLEX64, GM_COMPLEX64}, {GM_COMPLEX128, GM_COMPLEX128}};
  int64_t sort = pick(from, 20);
  w->in = w->out = sort < 8 ? GM_FLOAT32 : GM_FLOAT64;
  if (sort < 12) return;
  sort = pick(from, 17);
  if (sort >= 13) sort = (sort - 13) * 2;
  w->in = pairs[sort][0], w->out = pairs[sort][1];
}

static wish small(uint64_t number) {
  generator from = {number + 1};
  int64_t pair = (int64_t)(number % (MOST_LENGTH * MOST_LENGTH));
  wish w = {.m = 1 + pair / MOST_LENGTH,
      .n = 1 + pair % MOST_LENGTH,
      .k = 1 + pick(&from, MOST_LENGTH),
      .layout = DRAWN};
  draw_dtypes(&from, &w);
  return w;
}

static wish deep(uint64_t number) {
  static const int64_t depths[] = {511, 512, 513, 527, 528, 1023, 1024, 1025, 1500, 1536, 1537, 2049};
  generator from = {number + 1};
  wish w = {.m = 1 + pick(&from, 20), .n = 1 + pick(&from, 80), .layout = DRAWN};
  if (number % 4 == 0) w.n = 1;
  if (number % 8 == 1) w.m = 1;
  w.k = depths[pick(&from, sizeof depths / sizeof *depths)];
  draw_dtypes(&from, &w);
  return w;
}

static wish large(uint64_t number) {
  generator from = {number + 1};
  wish w = {.layout = DRAWN};
  int64_t most = number % 4 == 0 ? 700 : 300;
  w.m = 1 + pick(&from, most), w.n = 1 + pick(&from, most), w.k = 1 + pick(&from, most);
  if (number % 5 == 0) w.m = 1 + pick(&from, 8);
  draw_dtypes(&from, &w);
  return w;
}

/** B has more than 8 MB. */
static wish far(uint64_t number) {
  generator from = {number + 1};
  wish w = {.m = 1 + pick(&from, number % 4 == 0   ? 64
                                 : number % 2 == 0 ? 26
                                                   : 5),
      .layout = number % 3 == 0 ? DRAWN : 0};
  w.in = w.out = number % 3 == 1 ? GM_FLOAT64 : GM_FLOAT32;
  w.n = 700 + pick(&from, 900);
  w.k = (9 << 20) / (w.n * (int64_t)gm__dtype_bytes(w.in)) + pick(&from, 300);
  return w;
}

static wish empty(uint64_t number) {
  generator from = {number + 1};
  wish w = {.m = 1 + pick(&from, 70), .n = 1 + pick(&from, 140), .layout = DRAWN};
  draw_dtypes(&from, &w);
  return w;
}

const group groups[GROUPS] = {
    {"small", small}, {"deep", deep}, {"large", large}, {"far", far}, {"empty", empty}};

/** 0 or 1. */
static int try_one(product *p, bench *b, const char *name, uint64_t number, const wish *w) {
  char why[800];
  if (!product_draw(p, b, number, w)) return 0;
  if (product_agrees(p, b, why, sizeof why)) return 0;
  printf("native_long %s %llu 1: %s\n", name, (unsigned long long)number, why);
  fflush(stdout);
  return 1;
}

/** A bench, and providers that are ready. */
static bool begin(bench *b) {
  const gm__provider *provider;
  bool fine = bench_new(b);
  for (size_t i = 0; (provider = provider_under_test(i)) != NULL; i++)
    if (provider->prepare != NULL) fine = provider->prepare(false, NULL) == GM_OK && fine;
  return fine;
}

/** Those whose instructions are there took products. */
static int idle(const bench *b) {
  const gm__provider *provider;
  int count = 0;
  for (size_t i = 0; (provider = gm__provider_at(i)) != NULL; i++) {
    bool here = provider->lacks == NULL || provider->lacks() == NULL;
    if (!here || b->taken[i] > 0) continue;
    printf("%s took nothing\n", provider->name);
    count++;
  }
  fflush(stdout);
  return count;
}

int shapes_try(const group *g, uint64_t first, uint64_t count) {
  static product p;
  bench b;
  int wrong = begin(&b) ? 0 : 1;
  for (uint64_t i = 0; i < count && wrong < 3; i++) {
    wish w = g->wish(first + i);
    wrong += try_one(&p, &b, g->name, first + i, &w);
  }
  if (count >= 20 && wrong == 0) wrong = idle(&b);
  bench_free(&b);
  return wrong;
}

int shapes_try_all(int64_t part, int64_t parts) {
  static product p;
  bench b;
  int wrong = begin(&b) ? 0 : 1;
  uint64_t number = 0;
  for (int64_t m = 1; m <= MOST_LENGTH; m++)
    for (int64_t n = 1; n <= MOST_LENGTH; n++)
      for (int64_t k = 1; k <= MOST_LENGTH; k++)
        for (int layout = DRAWN; layout < 4; layout++)
          for (gm_dtype dtype = GM_FLOAT32; dtype <= GM_FLOAT64; dtype++, number++) {
            wish w = {m, n, k, layout, dtype, dtype, false};
            if (m % parts == part && wrong < 3) wrong += try_one(&p, &b, "all", number, &w);
          }
  bench_free(&b);
  return wrong;
}
