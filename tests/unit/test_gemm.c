/* SPDX-License-Identifier: MIT
 *
 * Products: every provider that takes one against plain loops in double (integers exactly), over generated
 * lengths, strides, dtypes, factors and batches. The bound is |c - ref| <= 2 K u (|A||B|), with room for
 * alpha and beta. */
#include "kernel/gemm/provider.h"
#include "kernel_step.h"

typedef struct product {
  gm__gemm gemm;
  int64_t batch_dims[1], batch_strides[3];
  int64_t extent[3], origin[3];
  void *memory[3], *before, *packed, *added;
  int64_t matrices[1];
} product;

/* How a matrix lies: by rows, by columns, in a wider one, or with both strides odd. */
static int64_t lay(generator *g, int64_t rows, int64_t columns, int64_t *row, int64_t *column, bool odd) {
  int64_t wider = pick(g, 2) * pick(g, 5), unit = odd && pick(g, 4) == 0 ? pick(g, 3) + 1 : 1;
  if (pick(g, 2) == 0) {
    *column = unit;
    *row = (columns > 0 ? columns : 1) * unit + wider;
    return rows * *row + unit;
  }
  *row = unit;
  *column = (rows > 0 ? rows : 1) * unit + wider;
  return columns * *column + unit;
}

static int64_t pick_length(generator *g) {
  static const int64_t lengths[] = {0, 1, 1, 2, 3, 4, 5, 7, 8, 9, 17, 31, 33, 64, 65, 90, 130};
  return lengths[pick(g, sizeof lengths / sizeof lengths[0])];
}

static void begin_product_of(generator *g, product *p, gm_dtype in, gm_dtype out, int64_t k) {
  gm__gemm *m = &p->gemm;
  *m = (gm__gemm){.m = pick_length(g), .n = pick_length(g), .k = k, .in = in, .out = out, .alpha = 1};
  if (pick(g, 3) == 0) m->alpha = (double)(pick(g, 7) - 3), m->beta = (double)(pick(g, 5) - 2);
  p->extent[0] = lay(g, m->m, m->k, &m->a_row, &m->a_column, true);
  p->extent[1] = lay(g, m->k, m->n, &m->b_row, &m->b_column, true);
  p->extent[2] = lay(g, m->m, m->n, &m->c_row, &m->c_column, true);
  p->batch_dims[0] = pick(g, 3) + 1;
  for (int i = 0; i < 3; i++) {
    bool shared = i < 2 && pick(g, 3) == 0;
    p->batch_strides[i] = shared ? 0 : p->extent[i];
    p->extent[i] *= shared ? 1 : p->batch_dims[0];
    const gm_dtype dtype = i < 2 ? in : out;
    p->memory[i] =
        i < 2 || m->beta != 0 ? random_buffer(g, p->extent[i], dtype) : new_buffer(p->extent[i], out);
  }
  m->batch = (gm__loops){1, p->batch_dims, p->batch_strides};
  p->before = new_buffer(p->extent[2], out);
  memcpy(p->before, p->memory[2], (size_t)p->extent[2] * gm__dtype_bytes(out));
  m->adds = m->beta != 0;
  p->packed = NULL;
  p->added = pick(g, 2) == 0 ? p->memory[2] : p->before;
}

/** B as the provider packs it, in two stretches of columns, or with no memory for it. */
static void pack_product(generator *g, product *p) {
  gm__gemm *m = &p->gemm;
  const gm__provider *provider = m->provider;
  size_t bytes = provider->packed_bytes != NULL && m->k > 0 ? provider->packed_bytes(m) : 0;
  if (bytes == 0 || pick(g, 2) == 0) return;
  ck_assert_uint_eq(bytes % 64, 0);
  m->packs = true;
  if (p->batch_strides[1] != 0) p->matrices[0] = 1, m->packed = p->matrices;
  if (pick(g, 4) == 0) return;
  int64_t matrices = m->packed != NULL ? p->batch_dims[0] : 1, half = m->n / 128 * 64;
  p->packed = aligned_alloc(64, bytes * (size_t)matrices);
  ck_assert_ptr_nonnull(p->packed);
  memset(p->packed, 0xff, bytes * (size_t)matrices);
  for (int64_t i = 0; i < matrices; i++) {
    const void *b = at_element(p->memory[1], i * p->batch_strides[1], m->in);
    char *to = (char *)p->packed + (size_t)i * bytes;
    if (half > 0) provider->pack(m, b, to, 0, half);
    provider->pack(m, b, to, half, m->n);
  }
}

static void begin_product(generator *g, product *p, gm_dtype in, gm_dtype out) {
  begin_product_of(g, p, in, out, pick_length(g));
}

static gm_status run_product(const product *p) {
  const gm__gemm *m = &p->gemm;
  void *buffers[5] = {p->memory[0], p->memory[1]};
  gm_dtype dtypes[5] = {m->in, m->in};
  int reads = 2;
  if (m->adds) dtypes[reads] = m->out, buffers[reads++] = p->added;
  if (m->packs) dtypes[reads] = m->in, buffers[reads++] = p->packed;
  dtypes[reads] = m->out;
  buffers[reads] = p->memory[2];
  return run_kernel(&gm__kernel_gemm, m, reads, 1, buffers, dtypes, NULL);
}

/** What is added lies elsewhere: the result begins as something else. */
static void spoil(const product *p) {
  const gm__gemm *m = &p->gemm;
  if (!m->adds || p->added == p->memory[2]) return;
  for (int64_t batch = 0; batch < p->batch_dims[0]; batch++)
    for (int64_t i = 0; i < m->m; i++)
      for (int64_t j = 0; j < m->n; j++)
        memset(at_element(p->memory[2], batch * p->batch_strides[2] + i * m->c_row + j * m->c_column, m->out),
            0x5a, gm__dtype_bytes(m->out));
}

static void end_product(product *p) {
  for (int i = 0; i < 3; i++) free(p->memory[i]);
  free(p->before);
  free(p->packed);
}

static int64_t at_a(const product *p, int64_t batch, int64_t i, int64_t k) {
  return batch * p->batch_strides[0] + i * p->gemm.a_row + k * p->gemm.a_column;
}
static int64_t at_b(const product *p, int64_t batch, int64_t k, int64_t j) {
  return batch * p->batch_strides[1] + k * p->gemm.b_row + j * p->gemm.b_column;
}
static int64_t at_c(const product *p, int64_t batch, int64_t i, int64_t j) {
  return batch * p->batch_strides[2] + i * p->gemm.c_row + j * p->gemm.c_column;
}

static void check_float(const product *p, int64_t batch, int64_t i, int64_t j) {
  const gm__gemm *m = &p->gemm;
  double _Complex sum = 0, before = m->beta != 0 ? get_number(p->before, at_c(p, batch, i, j), m->out) : 0;
  double size = 0, in = unit_of(m->in == GM_FLOAT16 || m->in == GM_BFLOAT16 ? GM_FLOAT32 : m->in);
  for (int64_t k = 0; k < m->k; k++) {
    double _Complex a = get_number(p->memory[0], at_a(p, batch, i, k), m->in);
    double _Complex b = get_number(p->memory[1], at_b(p, batch, k, j), m->in);
    sum += a * b;
    size += cabs(a) * cabs(b);
  }
  double _Complex want = m->alpha * sum + m->beta * before;
  double _Complex got = get_number(p->memory[2], at_c(p, batch, i, j), m->out);
  double bound = 2 * (double)(m->k + 2) * in * (fabs(m->alpha) * size + fabs(m->beta) * cabs(before));
  bound += 2 * unit_of(m->out) * cabs(want) + tiny_of(m->out);
  if (!(cabs(got - want) <= bound))
    ck_abort_msg("%s m=%d n=%d k=%d: c[%d, %d] is %g, not %g", gm_dtype_name(m->in), (int)m->m, (int)m->n,
        (int)m->k, (int)i, (int)j, creal(got), creal(want));
}

static void check_integer(const product *p, int64_t batch, int64_t i, int64_t j) {
  const gm__gemm *m = &p->gemm;
  uint64_t sum = 0,
           before = m->beta != 0 ? (uint64_t)get_integer(p->before, at_c(p, batch, i, j), m->out) : 0;
  char want[8];
  for (int64_t k = 0; k < m->k; k++)
    sum += (uint64_t)get_integer(p->memory[0], at_a(p, batch, i, k), m->in) *
           (uint64_t)get_integer(p->memory[1], at_b(p, batch, k, j), m->in);
  sum = (uint64_t)(int64_t)m->alpha * sum + (uint64_t)(int64_t)m->beta * before;
  gm__convert(want, m->out, &sum, GM_INT64, 1);
  if (get_integer(want, 0, m->out) != get_integer(p->memory[2], at_c(p, batch, i, j), m->out))
    ck_abort_msg("%s m=%d n=%d k=%d: c[%d, %d] is wrong", gm_dtype_name(m->in), (int)m->m, (int)m->n,
        (int)m->k, (int)i, (int)j);
}

/* Puts the elements of C back as they were, so that what is left of the buffer must be untouched. */
static void check_rest(const product *p, int64_t batches) {
  const gm__gemm *m = &p->gemm;
  size_t size = gm__dtype_bytes(m->out);
  for (int64_t batch = 0; batch < batches; batch++)
    for (int64_t i = 0; i < m->m; i++)
      for (int64_t j = 0; j < m->n; j++)
        memcpy(at_element(p->memory[2], at_c(p, batch, i, j), m->out),
            at_element(p->before, at_c(p, batch, i, j), m->out), size);
  ck_assert(memcmp(p->memory[2], p->before, (size_t)p->extent[2] * size) == 0);
}

static void check_product(const product *p) {
  const gm__gemm *m = &p->gemm;
  for (int64_t batch = 0; batch < p->batch_dims[0]; batch++)
    for (int64_t i = 0; i < m->m; i++)
      for (int64_t j = 0; j < m->n; j += 1 + m->k / 32)
        (m->in <= GM_INT64 ? check_integer : check_float)(p, batch, i, j);
  check_rest(p, p->batch_dims[0]);
}

/* Returns how many of `rounds` products the provider took. */
static int try_products(const gm__provider *provider, gm_dtype in, gm_dtype out, int rounds) {
  generator g = {(uint64_t)in * 100 + out};
  int taken = 0;
  for (int round = 0; round < rounds; round++) {
    product p;
    begin_product(&g, &p, in, out);
    p.gemm.provider = provider;
    p.gemm.loose = round % 2 == 0;
    if (p.gemm.k == 0 || provider->refuses(&p.gemm) == NULL) {
      pack_product(&g, &p);
      spoil(&p);
      ck_assert_int_eq(run_product(&p), GM_OK);
      check_product(&p);
      taken++;
    }
    end_product(&p);
  }
  return taken;
}

static const gm__provider *provider_named(const char *name) {
  for (size_t i = 0; gm__provider_at(i) != NULL; i++)
    if (strcmp(gm__provider_at(i)->name, name) == 0) return gm__provider_at(i);
  return NULL;
}

START_TEST(loops_take_every_dtype) {
  for (gm_dtype dtype = GM_INT8; dtype <= GM_COMPLEX128; dtype++)
    ck_assert_int_eq(try_products(provider_named("loops"), dtype, dtype, 60), 60);
}
END_TEST

START_TEST(loops_widen) {
  const gm__provider *loops = provider_named("loops");
  ck_assert_int_eq(try_products(loops, GM_INT8, GM_INT32, 60), 60);
  ck_assert_int_eq(try_products(loops, GM_UINT8, GM_INT32, 60), 60);
  ck_assert_int_eq(try_products(loops, GM_FLOAT16, GM_FLOAT32, 60), 60);
  ck_assert_int_eq(try_products(loops, GM_BFLOAT16, GM_FLOAT32, 60), 60);
}
END_TEST

/* Every width about those of its blocks, few and many rows of the matrix, steps along the row; nothing behind
 * the result is written. */
START_TEST(a_row_agrees_wherever_its_blocks_end) {
  generator g = {77};
  int taken = 0;
  for (int round = 0; round < 1500; round++) {
    product p = {.batch_dims = {1}};
    gm_dtype dtype = round % 2 == 0 ? GM_FLOAT32 : GM_FLOAT64;
    int64_t n = round % 75 + 1, k = (int64_t)pick(&g, round % 3 == 0 ? 3 : 40) + 1,
            step = (int64_t)pick(&g, 3);
    p.gemm = (gm__gemm){.m = 1,
        .n = n,
        .k = k,
        .a_row = 1,
        .a_column = step,
        .b_row = n + (int64_t)pick(&g, 3),
        .b_column = 1,
        .c_row = n,
        .c_column = 1,
        .in = dtype,
        .out = dtype,
        .alpha = 1};
    size_t size = gm__dtype_bytes(dtype);
    p.memory[0] = random_buffer(&g, k * step + 1, dtype);
    p.memory[1] = random_buffer(&g, (k - 1) * p.gemm.b_row + n, dtype);
    p.memory[2] = new_buffer(n + 1, dtype);
    memset((char *)p.memory[2] + (size_t)n * size, 0x55, size);
    if (gm__provider_row.refuses(&p.gemm) == NULL) {
      char mark[8];
      memset(mark, 0x55, sizeof mark);
      gm__provider_row.run(&p.gemm, p.memory[0], p.memory[1], p.memory[2]);
      for (int64_t j = 0; j < n; j++) check_float(&p, 0, 0, j);
      ck_assert_mem_eq((char *)p.memory[2] + (size_t)n * size, mark, size);
      taken++;
    }
    for (int i = 0; i < 3; i++) free(p.memory[i]);
  }
  ck_assert_int_gt(taken, 1400);
}
END_TEST

START_TEST(a_row_is_not_for_what_is_scaled_or_added) {
  gm__gemm gemm = {
      .m = 1, .n = 8, .k = 4, .a_column = 1, .b_row = 8, .b_column = 1, .c_row = 8, .c_column = 1};
  gemm.in = gemm.out = GM_FLOAT32;
  gemm.alpha = 1;
  ck_assert_ptr_null(gm__provider_row.refuses(&gemm));
  gemm.alpha = 2;
  ck_assert_str_eq(gm__provider_row.refuses(&gemm), "the product is scaled or added to");
  gemm.alpha = 1;
  gemm.beta = 1;
  ck_assert_str_eq(gm__provider_row.refuses(&gemm), "the product is scaled or added to");
}
END_TEST

static gm__gemm row_major(gm_dtype dtype, int64_t m, int64_t n, int64_t k) {
  return (gm__gemm){.m = m,
      .n = n,
      .k = k,
      .a_row = k,
      .a_column = 1,
      .b_row = n,
      .b_column = 1,
      .c_row = n,
      .c_column = 1,
      .in = dtype,
      .out = dtype,
      .alpha = 1};
}

static const char *const natives[] = {"avx512", "avx2", "vector"};

START_TEST(natives_agree) {
  for (int i = 0; i < 3; i++) {
    const gm__provider *native = provider_named(natives[i]);
    gm__gemm gemm = {.in = GM_FLOAT32, .out = GM_FLOAT32};
    if (native == NULL || native->refuses(&gemm) != NULL) continue;
    ck_assert_int_eq(try_products(native, GM_FLOAT32, GM_FLOAT32, 150), 150);
    ck_assert_int_eq(try_products(native, GM_FLOAT64, GM_FLOAT64, 150), 150);
  }
}
END_TEST

static const gm_dtype narrow_pairs[][2] = {{GM_FLOAT16, GM_FLOAT16}, {GM_FLOAT16, GM_FLOAT32},
    {GM_BFLOAT16, GM_BFLOAT16}, {GM_BFLOAT16, GM_FLOAT32}, {GM_INT8, GM_INT8}, {GM_INT8, GM_INT32},
    {GM_UINT8, GM_UINT8}, {GM_UINT8, GM_INT32}};
enum { NARROW_PAIRS = sizeof narrow_pairs / sizeof narrow_pairs[0] };

/* The native provider `i` if it takes such a product, else NULL. */
static const gm__provider *native_for(int i, gm_dtype in, gm_dtype out) {
  const gm__provider *native = provider_named(natives[i]);
  gm__gemm gemm = {.in = in, .out = out};
  return native != NULL && native->refuses(&gemm) == NULL ? native : NULL;
}

START_TEST(natives_agree_on_narrow_dtypes) {
  for (int i = 0; i < 3 * NARROW_PAIRS; i++) {
    const gm_dtype *of = narrow_pairs[i / 3];
    const gm__provider *native = native_for(i % 3, of[0], of[1]);
    if (native != NULL) ck_assert_int_eq(try_products(native, of[0], of[1], 60), 60);
  }
}
END_TEST

/* The products of two halves are exact in float32, so that fused or not, each sum is the same up to the depth
 * of a block; integers are exact anyway. */
START_TEST(narrow_products_are_those_of_loops) {
  generator g = {4712};
  for (int round = 0; round < 600; round++) {
    const gm_dtype *of = narrow_pairs[round % NARROW_PAIRS];
    product p;
    begin_product_of(&g, &p, of[0], of[1], round % 16 == 0 ? 300 + pick(&g, 213) : pick_length(&g));
    p.gemm.provider = native_for((int)pick(&g, 3), of[0], of[1]);
    if (p.gemm.provider != NULL && p.gemm.n > 1) {
      size_t bytes = (size_t)p.extent[2] * gm__dtype_bytes(of[1]);
      char *native = malloc(bytes + 1);
      pack_product(&g, &p);
      ck_assert_int_eq(run_product(&p), GM_OK);
      memcpy(native, p.memory[2], bytes);
      memcpy(p.memory[2], p.before, bytes);
      p.gemm.provider = &gm__provider_loops, p.gemm.packs = false;
      ck_assert_int_eq(run_product(&p), GM_OK);
      ck_assert_mem_eq(native, p.memory[2], bytes);
      free(native);
    }
    end_product(&p);
  }
}
END_TEST

/* All at an end of the range, so deep that sums wrap; the depth is no multiple of a group. */
START_TEST(sums_of_bytes_wrap) {
  enum { M = 7, N = 19, K = 140003 };
  static const int ends[] = {-128, 127, 255, 0};
  char *a = malloc(M * K), *b = malloc(K * N);
  static int32_t c[M * N];
  for (int i = 0; i < 48; i++) {
    gm_dtype dtype = i % 2 == 0 ? GM_INT8 : GM_UINT8;
    gm__gemm gemm = {.m = M,
        .n = N,
        .k = K,
        .a_row = K,
        .a_column = 1,
        .b_row = N,
        .b_column = 1,
        .c_row = N,
        .c_column = 1,
        .in = dtype,
        .out = GM_INT32,
        .alpha = 1};
    const gm__provider *native = native_for(i / 16, dtype, GM_INT32);
    int x = ends[i / 2 % 4], y = ends[(i / 8 + i / 2) % 4 ^ 1];
    uint32_t of_a = dtype == GM_INT8 ? (uint32_t)(int8_t)x : (uint8_t)x;
    uint32_t of_b = dtype == GM_INT8 ? (uint32_t)(int8_t)y : (uint8_t)y;
    void *buffers[] = {a, b, c};
    gm_dtype dtypes[] = {dtype, dtype, GM_INT32};
    memset(a, x, M * K);
    memset(b, y, K * N);
    gemm.provider = native;
    if (native == NULL) continue;
    ck_assert_int_eq(run_kernel(&gm__kernel_gemm, &gemm, 2, 1, buffers, dtypes, NULL), GM_OK);
    for (int j = 0; j < M * N; j++) ck_assert_uint_eq((uint32_t)c[j], of_a * of_b * (uint32_t)K);
  }
  free(a);
  free(b);
}
END_TEST

/* Every half, NaN, infinite and denormal ones too, widened in A and in B. */
START_TEST(every_half_is_widened) {
  enum { ALL = 1 << 16 };
  static uint16_t halves[ALL], ones[2];
  static float c[2 * ALL], want[ALL];
  for (int i = 0; i < ALL; i++) halves[i] = (uint16_t)i;
  for (int i = 0; i < 12; i++) {
    gm_dtype dtype = i % 2 == 0 ? GM_FLOAT16 : GM_BFLOAT16;
    bool of_b = i / 2 % 2 == 0;
    gm__gemm gemm = {.m = of_b ? 2 : ALL,
        .n = of_b ? ALL : 2,
        .k = 1,
        .a_row = 1,
        .a_column = 1,
        .b_row = ALL,
        .b_column = 1,
        .c_row = of_b ? ALL : 2,
        .c_column = 1,
        .in = dtype,
        .out = GM_FLOAT32,
        .alpha = 1,
        .provider = native_for(i / 4, dtype, GM_FLOAT32)};
    void *buffers[] = {of_b ? ones : halves, of_b ? halves : ones, c};
    gm_dtype dtypes[] = {dtype, dtype, GM_FLOAT32};
    ones[0] = ones[1] = dtype == GM_FLOAT16 ? 0x3C00 : 0x3F80;
    if (gemm.provider == NULL) continue;
    gm__convert(want, GM_FLOAT32, halves, dtype, ALL);
    ck_assert_int_eq(run_kernel(&gm__kernel_gemm, &gemm, 2, 1, buffers, dtypes, NULL), GM_OK);
    for (int j = 0; j < 2 * ALL; j++) {
      float of = want[of_b ? j % ALL : j / 2];
      ck_assert(isnan(of) ? isnan(c[j]) : of == c[j]);
    }
  }
}
END_TEST

/* ---- The bits of native products, by the rule of native.h ---- */

/* One step of a sum: fused where the provider fuses. */
static double add_product(const char *native, gm_dtype dtype, double a, double b, double sum) {
#if !defined(__aarch64__)
  if (strcmp(native, "vector") == 0) {
    volatile double wide = a * b;
    volatile float narrow = (float)a * (float)b;
    return dtype == GM_FLOAT64 ? wide + sum : (double)(narrow + (float)sum);
  }
#endif
  (void)native;
  return dtype == GM_FLOAT64 ? fma(a, b, sum) : (double)fmaf((float)a, (float)b, (float)sum);
}

static double rounded_to(gm_dtype dtype, double value) {
  volatile float narrow = (float)value;
  return dtype == GM_FLOAT64 ? value : (double)narrow;
}

static double block_sum(const product *p, int64_t batch, int64_t i, int64_t j, int64_t first, int64_t end) {
  const gm__gemm *m = &p->gemm;
  int64_t count = m->n > 1 ? 1 : m->in == GM_FLOAT64 ? 8 : 16;
  double lanes[16] = {0};
  for (int64_t k = first; k < end; k++) {
    double a = creal(get_number(p->memory[0], at_a(p, batch, i, k), m->in));
    double b = creal(get_number(p->memory[1], at_b(p, batch, k, j), m->in));
    double *lane = &lanes[(k - first) % count];
    *lane = add_product(m->provider->name, m->in, a, b, *lane);
  }
  for (int64_t half = count / 2; half > 0; half /= 2)
    for (int64_t l = 0; l < half; l++) lanes[l] = rounded_to(m->in, lanes[l] + lanes[l + half]);
  return lanes[0];
}

static double by_the_rule(const product *p, int64_t batch, int64_t i, int64_t j) {
  const gm__gemm *m = &p->gemm;
  double sum = 0;
  for (int64_t k = 0; k < m->k; k += 512) {
    double of = block_sum(p, batch, i, j, k, m->k - k < 512 ? m->k : k + 512);
    sum = k == 0 ? of : rounded_to(m->in, sum + of);
  }
  sum = rounded_to(m->in, rounded_to(m->in, m->alpha) * sum);
  if (!m->adds) return sum;
  double before = creal(get_number(p->before, at_c(p, batch, i, j), m->out));
  return rounded_to(m->in, sum + rounded_to(m->in, rounded_to(m->in, m->beta) * before));
}

static void check_bits(const product *p) {
  const gm__gemm *m = &p->gemm;
  for (int64_t batch = 0; batch < p->batch_dims[0]; batch++)
    for (int64_t i = 0; i < m->m; i++)
      for (int64_t j = 0; j < m->n; j += 1 + m->k / 32) {
        double want = by_the_rule(p, batch, i, j);
        double got = creal(get_number(p->memory[2], at_c(p, batch, i, j), m->out));
        if (want != got)
          ck_abort_msg("%s %s m=%d n=%d k=%d: c[%d, %d] is %a, not %a", m->provider->name,
              gm_dtype_name(m->in), (int)m->m, (int)m->n, (int)m->k, (int)i, (int)j, got, want);
      }
  check_rest(p, p->batch_dims[0]);
}

START_TEST(the_bits_of_natives_follow_the_rule) {
  generator g = {4711};
  for (int round = 0; round < 900; round++) {
    product p;
    gm_dtype dtype = round % 2 == 0 ? GM_FLOAT32 : GM_FLOAT64;
    begin_product_of(&g, &p, dtype, dtype, round % 16 == 0 ? 500 + pick(&g, 600) : pick_length(&g));
    p.gemm.provider = provider_named(natives[round % 3]);
    if (p.gemm.provider != NULL && p.gemm.k > 0 && p.gemm.provider->refuses(&p.gemm) == NULL) {
      pack_product(&g, &p);
      spoil(&p);
      ck_assert_int_eq(run_product(&p), GM_OK);
      check_bits(&p);
    }
    end_product(&p);
  }
}
END_TEST

/* Few and some rows times a matrix that no cache is expected to hold, packed and as it lies; some elements of
 * it. */
START_TEST(large_factors_follow_the_rule) {
  static const int64_t rows[] = {1, 3, 6, 8, 17, 25, 49};
  generator g = {99};
  for (int round = 0; round < 14; round++) {
    product p = {.batch_dims = {1}};
    gm__gemm *m = &p.gemm;
    *m = row_major(GM_FLOAT32, rows[round % 7], 2110, 1100);
    m->provider = provider_named(natives[round % 3]);
    if (m->provider == NULL || m->provider->refuses(m) != NULL) continue;
    p.memory[0] = random_buffer(&g, m->m * m->k, m->in);
    p.memory[1] = random_buffer(&g, m->k * m->n, m->in);
    p.memory[2] = new_buffer(m->m * m->n, m->out);
    if (round < 7) {
      size_t bytes = m->provider->packed_bytes(m);
      p.packed = aligned_alloc(64, bytes);
      m->packs = true;
      m->provider->pack(m, p.memory[1], p.packed, 0, m->n);
    }
    ck_assert_int_eq(run_product(&p), GM_OK);
    for (int64_t j = round; j < m->n; j += 97)
      for (int64_t i = 0; i < m->m; i += 5)
        ck_assert(by_the_rule(&p, 0, i, j) == creal(get_number(p.memory[2], i * m->n + j, m->out)));
    end_product(&p);
  }
}
END_TEST

START_TEST(openblas_agrees_where_it_takes) {
  const gm__provider *openblas = provider_named("openblas");
  if (openblas == NULL) return;
  ck_assert_int_eq(openblas->prepare(false, NULL), GM_OK);
  for (gm_dtype dtype = GM_FLOAT32; dtype <= GM_COMPLEX128; dtype++)
    ck_assert_int_gt(try_products(openblas, dtype, dtype, 200), 60);
}
END_TEST

/** The first of the list that takes it. */
static const gm__provider *best(const gm__gemm *gemm) {
  size_t i = 0;
  while (gm__provider_at(i)->refuses(gemm) != NULL) i++;
  return gm__provider_at(i);
}

START_TEST(a_row_is_chosen_unless_another_is_named) {
  gm__gemm row = row_major(GM_FLOAT32, 1, 10, 32), two = row_major(GM_FLOAT32, 2, 10, 32),
           large = row_major(GM_FLOAT32, 1, 1000, 1000);
  ck_assert(gm__provider_choose(&row, NULL, false, NULL) == &gm__provider_row);
  ck_assert(gm__provider_choose(&row, NULL, true, NULL) == best(&row));
  ck_assert(gm__provider_choose(&row, "loops", false, NULL) == &gm__provider_loops);
  ck_assert(gm__provider_choose(&two, NULL, false, NULL) != &gm__provider_row);
  ck_assert(gm__provider_choose(&large, NULL, false, NULL) != &gm__provider_row);
}
END_TEST

static const char *refusal_of(const gm__gemm *gemm, const char *name, const char *chosen) {
  const char *refusal = "unset";
  const gm__provider *provider = gm__provider_choose(gemm, name, false, &refusal);
  ck_assert_str_eq(provider->name, chosen);
  return refusal;
}

START_TEST(natives_refuse) {
  gm__gemm whole = row_major(GM_INT32, 2, 3, 4), wide = row_major(GM_FLOAT32, 2, 3, 4),
           bytes = row_major(GM_INT8, 2, 3, 4), same = row_major(GM_FLOAT32, 4, 4, 4);
  wide.out = GM_FLOAT64;
  same.symmetric = same.adds = true;
  same.beta = 1;
  ck_assert_str_eq(
      refusal_of(&whole, "vector", "loops"), "native products are of real floats, or of integers of 8 bits");
  ck_assert_str_eq(
      refusal_of(&wide, "vector", "loops"), "native products do not make this dtype of that one");
  ck_assert_str_eq(
      refusal_of(&bytes, "vector", "loops"), "products of integers need instructions of AVX-512 or AVX2");
  ck_assert_str_eq(gm__provider_vector.refuses(&same), "something is added to a symmetric result");
  const gm__form symmetric = gm__form_declared(GM__SYMMETRIC, 0);
  same.symmetric = false;
  same.a_form = &symmetric;
  same.a_raw = true;
  ck_assert_str_eq(gm__provider_vector.refuses(&same), "the symmetric factor is on the left");
}
END_TEST

START_TEST(openblas_refuses) {
  gm__gemm half = row_major(GM_FLOAT16, 2, 3, 4), wide = row_major(GM_FLOAT32, 2, 3, 4),
           odd = row_major(GM_FLOAT32, 2, 3, 4), huge = row_major(GM_FLOAT32, 2, INT64_C(1) << 31, 4);
  if (provider_named("openblas") == NULL) return;
  wide.out = GM_FLOAT64;
  odd.a_column = 2, odd.a_row = 8;
  ck_assert_str_eq(refusal_of(&half, "openblas", "vector"), "OpenBLAS has no kernel for float16");
  ck_assert_str_eq(refusal_of(&wide, "openblas", "loops"), "OpenBLAS does not widen the result");
  ck_assert_str_eq(refusal_of(&odd, "openblas", "vector"),
      "no stride of the first matrix is 1 with the other a leading dimension");
  ck_assert_str_eq(refusal_of(&huge, "openblas", "vector"), "a length is beyond BLAS's int");
}
END_TEST

START_TEST(openblas_refuses_broadcast_and_reversed_strides) {
  gm__gemm zero = row_major(GM_FLOAT32, 5, 3, 4), back = zero, row = row_major(GM_FLOAT32, 1, 300, 40);
  if (provider_named("openblas") == NULL) return;
  zero.a_row = 0;
  back.b_row = -3;
  row.a_column = -1;
  ck_assert(refusal_of(&zero, "openblas", "vector") != NULL);
  ck_assert(refusal_of(&back, "openblas", "vector") != NULL);
  ck_assert(refusal_of(&row, "openblas", "vector") != NULL);
}
END_TEST

START_TEST(the_named_provider_comes_first) {
  gm__gemm gemm = row_major(GM_FLOAT32, 2, 3, 4);
  const char *refusal = "unset";
  ck_assert_str_eq(gm__provider_choose(&gemm, "loops", true, &refusal)->name, "loops");
  ck_assert_ptr_null(refusal);
  ck_assert_ptr_eq(gm__provider_choose(&gemm, NULL, false, NULL), best(&gemm));
  ck_assert_ptr_eq(gm__provider_choose(&gemm, "nobody", false, &refusal), best(&gemm));
  ck_assert_str_eq(refusal, "this build has no kernel of that name");
}
END_TEST

START_TEST(beta_zero_never_reads_the_result) {
  for (gm_dtype dtype = GM_FLOAT16; dtype <= GM_COMPLEX128; dtype++)
    for (int64_t m = 1; m < 3; m++)
      for (int64_t n = 1; n < 3; n++)
        for (int64_t k = 0; k < 3; k++) {
          gm__gemm gemm = row_major(dtype, m, n, k);
          char a[64] = {0}, b[64] = {0}, c[64];
          void *buffers[] = {a, b, c};
          gm_dtype dtypes[] = {dtype, dtype, dtype};
          memset(c, 0xff, sizeof c);
          ck_assert_int_eq(run_kernel(&gm__kernel_gemm, &gemm, 2, 1, buffers, dtypes, NULL), GM_OK);
          for (int64_t i = 0; i < m * n; i++) ck_assert(get_number(c, i, dtype) == 0);
        }
}
END_TEST

START_TEST(nan_and_infinity_go_through) {
  for (gm_dtype dtype = GM_FLOAT16; dtype <= GM_FLOAT64; dtype++) {
    double x[] = {NAN, 0, INFINITY, 1}, y[] = {0, 1, 1, 2};
    char a[32], b[32], c[32];
    void *buffers[] = {a, b, c};
    gm_dtype dtypes[] = {dtype, dtype, dtype};
    gm__gemm gemm = row_major(dtype, 2, 2, 2);
    gm__convert(a, dtype, x, GM_FLOAT64, 4);
    gm__convert(b, dtype, y, GM_FLOAT64, 4);
    ck_assert_int_eq(run_kernel(&gm__kernel_gemm, &gemm, 2, 1, buffers, dtypes, NULL), GM_OK);
    ck_assert(isnan(creal(get_number(c, 0, dtype))));
    ck_assert(isnan(creal(get_number(c, 2, dtype))));
    ck_assert(isinf(creal(get_number(c, 3, dtype))));
  }
}
END_TEST

START_TEST(float16_sums_do_not_stall) {
  enum { K = 5000 };
  static uint16_t a[K], b[K], c[1];
  void *buffers[] = {a, b, c};
  gm_dtype dtypes[] = {GM_FLOAT16, GM_FLOAT16, GM_FLOAT16};
  gm__gemm gemm = row_major(GM_FLOAT16, 1, 1, K);
  for (int i = 0; i < K; i++) a[i] = b[i] = gm__double_to_half(1);
  ck_assert_int_eq(run_kernel(&gm__kernel_gemm, &gemm, 2, 1, buffers, dtypes, NULL), GM_OK);
  ck_assert_float_eq(gm__half_to_float(c[0]), K);
}
END_TEST

START_TEST(an_empty_result_is_left_alone) {
  gm__gemm gemm = row_major(GM_FLOAT32, 0, 3, 4);
  int64_t none[] = {0}, strides[] = {1, 1, 1};
  void *buffers[] = {NULL, NULL, NULL};
  gm_dtype dtypes[] = {GM_FLOAT32, GM_FLOAT32, GM_FLOAT32};
  ck_assert_int_eq(run_kernel(&gm__kernel_gemm, &gemm, 2, 1, buffers, dtypes, NULL), GM_OK);
  gemm = row_major(GM_FLOAT32, 2, 3, 4);
  gemm.batch = (gm__loops){1, none, strides};
  ck_assert_int_eq(run_kernel(&gm__kernel_gemm, &gemm, 2, 1, buffers, dtypes, NULL), GM_OK);
}
END_TEST

START_TEST(the_text_gives_the_lengths) {
  char buffer[64];
  gm__gemm gemm = row_major(GM_FLOAT32, 2, 4, 3);
  int64_t dims[] = {7}, strides[] = {1, 1, 1};
  ck_assert_str_eq(kernel_text(&gm__kernel_gemm, &gemm, buffer, sizeof buffer), "m=2 n=4 k=3");
  gemm.batch = (gm__loops){1, dims, strides};
  ck_assert_str_eq(kernel_text(&gm__kernel_gemm, &gemm, buffer, sizeof buffer), "m=2 n=4 k=3 batch=7");
  gemm.alpha = -0.5;
  gemm.beta = 3;
  gemm.adds = true;
  ck_assert_str_eq(
      kernel_text(&gm__kernel_gemm, &gemm, buffer, sizeof buffer), "m=2 n=4 k=3 batch=7 alpha=-0.5 beta=3");
  gm__step step = {.kernel = &gm__kernel_gemm, .descriptor = &gemm};
  ck_assert_str_eq(gm__kernel_gemm.variant(&step), best(&gemm)->name);
}
END_TEST

SUITE(gemm) {
  CASE(loops_take_every_dtype);
  CASE(loops_widen);
  CASE(a_row_agrees_wherever_its_blocks_end);
  CASE(a_row_is_chosen_unless_another_is_named);
  CASE(a_row_is_not_for_what_is_scaled_or_added);
  CASE(natives_agree);
  CASE(natives_agree_on_narrow_dtypes);
  CASE(narrow_products_are_those_of_loops);
  CASE(sums_of_bytes_wrap);
  CASE(every_half_is_widened);
  CASE(the_bits_of_natives_follow_the_rule);
  CASE(large_factors_follow_the_rule);
  CASE(openblas_agrees_where_it_takes);
  CASE(natives_refuse);
  CASE(openblas_refuses);
  CASE(openblas_refuses_broadcast_and_reversed_strides);
  CASE(the_named_provider_comes_first);
  CASE(beta_zero_never_reads_the_result);
  CASE(nan_and_infinity_go_through);
  CASE(float16_sums_do_not_stall);
  CASE(an_empty_result_is_left_alone);
  CASE(the_text_gives_the_lengths);
}
