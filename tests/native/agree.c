/* SPDX-License-Identifier: MIT
 *
 * All that take a product, in all their ways, against what is expected: within the bound, to the bit where a
 * rule says how the provider sums, and without a trace elsewhere in memory. */
#include "native/product.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

/** NEON's vectors have fused multiply-adds. */
#if defined(__aarch64__)
enum { VECTOR_FUSES = true };
#else
enum { VECTOR_FUSES = false };
#endif
static const rule rules[] = {{"avx512", true, 512, true}, {"avx2", true, 512, true},
    {"vector", VECTOR_FUSES, 512, true}, {"loops", false, 0, false}, {"plain", false, 0, false}};

const rule *rule_of(const gm__provider *provider) {
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
    if (strcmp(rules[i].provider, provider->name) == 0) return &rules[i];
  return NULL;
}

/** A comparison under way. */
typedef struct check {
  product *product;
  bench *bench;
  const gm__provider *provider;
  way way;
  char line[512];
  char *why;
  size_t size;
} check;

static bool says(const check *c, const char *format, ...) {
  va_list arguments;
  int length = snprintf(c->why, c->size, "%s, %s, %s: ", c->line, c->provider->name, way_names[c->way]);
  va_start(arguments, format);
  if (length > 0 && length < (int)c->size)
    vsnprintf(c->why + length, c->size - (size_t)length, format, arguments);
  va_end(arguments);
  return false;
}

static int64_t count_of(const product *p) {
  return place_count(&p->c);
}

static bool is_nan(const char *element, gm_dtype dtype) {
  double value;
  gm__convert(&value, GM_FLOAT64, element, dtype, 1);
  return isnan(value);
}

static double number(const char *elements, int64_t i, gm_dtype dtype) {
  return gm__element_to_double(elements + i * (int64_t)gm__dtype_bytes(dtype), dtype);
}

static bool same_bits(const check *c) {
  const product *p = c->product;
  size_t size = gm__dtype_bytes(p->stored);
  const char *got = c->bench->got, *want = c->bench->expected;
  if (memcmp(got, want, (size_t)count_of(p) * size) == 0) return true;
  for (int64_t i = 0; i < count_of(p); i++) {
    const char *x = got + i * (int64_t)size, *y = want + i * (int64_t)size;
    if (memcmp(x, y, size) == 0) continue;
    if (gm__dtype_is_float(p->stored) && is_nan(x, p->stored) && is_nan(y, p->stored)) continue;
    return says(c, "element %lld is %.9g, not %.9g to the bit", (long long)i, number(got, i, p->stored),
        number(want, i, p->stored));
  }
  return true;
}

/* ---- Within the bound ---- */

static bool near(double got, double want, double bound) {
  return isnan(want) ? isnan(got) : got == want || fabs(got - want) <= bound;
}

/** Are the sums themselves to be trusted: not where they overflow, nor where functions, or
 * parts of complex numbers, meet infinities. */
static bool is_told(const product *p) {
  bool overflows = p->values == HUGE_VALUES, whole = p->stored <= GM_INT64 && p->stored != p->out;
  bool odd = p->values == SPECIAL && (p->then.count > 0 || p->out >= GM_COMPLEX64);
  return !overflows && !whole && !odd;
}

/** The result's numbers, and those expected, `parts` an element. */
static bool is_near(const check *c) {
  const product *p = c->product;
  const double *got = c->bench->numbers, *want = c->bench->sums, *bounds = c->bench->bounds;
  int parts = p->out >= GM_COMPLEX64 ? 2 : 1;
  gm__convert(c->bench->numbers, parts == 2 ? GM_COMPLEX128 : GM_FLOAT64, c->bench->got, p->stored,
      (size_t)count_of(p));
  for (int64_t i = 0; i < count_of(p) * parts; i++) {
    double bound = parts * bounds[i / parts];
    bool overflows = p->stored == GM_FLOAT16 && fabs(want[i]) + bound >= 65504;
    if (!overflows && !near(got[i], want[i], bound))
      return says(c, "number %lld is %.17g, not %.17g within %g", (long long)i, got[i], want[i], bound);
  }
  return true;
}

/* ---- What is expected ---- */

/** Integers, and the same integers through the program. */
static void expect_whole(const product *p, bench *b) {
  char *last = p->then.count > 0 ? b->got : b->expected;
  gm__convert(last, p->out, b->sums, GM_INT64, (size_t)count_of(p));
  if (p->then.count > 0) epilogue_apply(p, b->expected, b->got, count_of(p));
}

/** Prepares the bits; false where they are not known. */
static bool prepare(product *p, bench *b, const gm__provider *provider) {
  const rule *r = rule_of(provider);
  if (p->out <= GM_INT64)
    expect_whole(p, b);
  else if (r != NULL && has_bits(p))
    expect_bits(p, b, r);
  else
    return false;
  return true;
}

/** Is nothing else changed? What belongs to the result is made what the rest is. */
static bool rest_is_left(const check *c) {
  const product *p = c->product;
  size_t size = gm__dtype_bytes(p->stored), bytes = (size_t)p->c.extent * size;
  char *memory = p->at[OF_OUT];
  memset(c->bench->got, 0xff, (size_t)count_of(p) * size);
  place_scatter(&p->c, memory, c->bench->got, size);
  bool fine = bytes == 0 || ((unsigned char)memory[0] == 0xff && memcmp(memory, memory + 1, bytes - 1) == 0);
  return fine || says(c, "something beside the result was written");
}

static bool run_and_check(check *c, bool bits, generator *from) {
  product *p = c->product;
  guarded_tell("crashed: %.150s, %s, %s", c->line, c->provider->name, way_names[c->way]);
  if (!product_run(p, c->bench, c->provider, c->way, from)) return true;
  place_gather(&p->c, p->at[OF_OUT], c->bench->got, gm__dtype_bytes(p->stored));
  if (bits && !same_bits(c)) return false;
  bool known = bits && c->way != STEP;
  if (p->out >= GM_FLOAT16 && !known && is_told(p) && !is_near(c)) return false;
  return rest_is_left(c);
}

/** Do operands have the numbers that they had? */
static bool operands_are_left(const check *c) {
  for (int i = 0; i < OF_OUT; i++) {
    const operand *o = &c->product->operands[i];
    if (o->place == NULL) continue;
    place_gather(o->place, c->product->at[i], c->bench->got, o->size);
    if (memcmp(c->bench->got, o->dense, (size_t)place_count(o->place) * o->size) != 0)
      return says(c, "operand %d was changed", i);
  }
  return true;
}

/** What has to be prepared is a library, which is free to read beyond what it needs. */
static bool in_all_ways(check *c, generator *from) {
  product *p = c->product;
  bool own = c->provider->prepare == NULL, bits = prepare(p, c->bench, c->provider);
  if (c->provider->repeatable && has_bits(p) && !bits) return says(c, "nobody knows its rule");
  product_put(p, c->bench, own);
  for (c->way = STEP; c->way < WAYS; c->way++)
    if (!run_and_check(c, bits, from)) return false;
  c->way = STEP;
  return operands_are_left(c);
}

/** Elements of another size behind the product are for those who work by parts. */
static bool takes(const product *p, const gm__provider *provider) {
  gm__gemm gemm = p->gemm;
  gemm.provider = provider;
  bool fits = gm__dtype_bytes(p->stored) == gm__dtype_bytes(p->out) || provider->part != NULL;
  return fits && provider->refuses(&gemm) == NULL;
}

bool product_agrees(product *p, bench *b, char *why, size_t size) {
  generator from = {p->seed};
  check c = {.product = p, .bench = b, .why = why, .size = size};
  product_text(p, c.line, sizeof c.line);
  product_put(p, b, true);
  expect_sums(p, b);
  for (size_t i = 0; (c.provider = provider_under_test(i)) != NULL; i++) {
    if (!takes(p, c.provider)) continue;
    if (!in_all_ways(&c, &from)) return false;
    b->taken[i]++;
  }
  return true;
}
