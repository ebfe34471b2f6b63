/* SPDX-License-Identifier: MIT
 *
 * Products with a form: every provider that takes one against plain loops, with NaN (or noise, for integers)
 * wherever a raw factor's form does not look, over forms, sides, layouts, sizes and dtypes. */
#include "kernel/gemm/provider.h"
#include "kernel_step.h"

typedef struct operand {
  int64_t rows, columns, row, column;
  gm__form form;
  bool raw;
  void *memory;
} operand;

typedef struct product {
  gm__gemm gemm;
  operand a, b, c;
} product;

static bool is_inside(const operand *x, int64_t i, int64_t j) {
  int64_t first, end;
  gm__form_row(x->form, i, x->columns, &first, &end);
  return j >= first && j < end;
}

static int64_t place(const operand *x, int64_t i, int64_t j) {
  return i * x->row + j * x->column;
}

/** The value that an operand has, whatever is stored. */
static double _Complex value_of(const operand *x, int64_t i, int64_t j, gm_dtype dtype) {
  if (!is_inside(x, i, j)) return 0;
  bool above = x->form.symmetric && j > i;
  return get_number(x->memory, above ? place(x, j, i) : place(x, i, j), dtype);
}

static void put(const operand *x, int64_t i, int64_t j, double _Complex value, gm_dtype dtype) {
  gm__convert(at_element(x->memory, place(x, i, j), dtype), dtype, &value, GM_COMPLEX128, 1);
}

static void fill(generator *g, const operand *x, gm_dtype dtype) {
  bool whole = dtype <= GM_INT64;
  for (int64_t i = 0; i < x->rows; i++) {
    for (int64_t j = 0; j < x->columns; j++) {
      bool hidden = x->raw && (!is_inside(x, i, j) || (x->form.symmetric && j > i));
      double real = whole ? (double)(pick(g, 9) - 4) : pick_real(g);
      double _Complex value = dtype >= GM_COMPLEX64 ? real + I * pick_real(g) : real;
      put(x, i, j, hidden ? (whole ? 99 : NAN) : value, dtype);
    }
  }
  for (int64_t i = 0; i < x->rows && !x->raw; i++)
    for (int64_t j = 0; j < x->columns; j++) put(x, i, j, value_of(x, i, j, dtype), dtype);
}

static operand lay(generator *g, int64_t rows, int64_t columns, bool odd, gm_dtype dtype) {
  operand x = {.rows = rows, .columns = columns, .form = gm__form_general()};
  int64_t unit = odd && pick(g, 3) == 0 ? 2 : 1, wider = pick(g, 2) * 3;
  bool by_rows = pick(g, 3) > 0;
  x.row = by_rows ? columns * unit + wider : unit;
  x.column = by_rows ? unit : rows * unit + wider;
  x.memory = new_buffer((rows + 1) * (columns + 1) * 2 + (rows + columns) * 3, dtype);
  return x;
}

static gm__form pick_form(generator *g, bool square) {
  switch (pick(g, square ? 8 : 6)) {
  case 0: return gm__form_declared(GM__LOWER_TRIANGULAR, 0);
  case 1: return gm__form_declared(GM__UPPER_TRIANGULAR, 0);
  case 2: return gm__form_declared(GM__DIAGONAL, 0);
  case 3: return gm__form_declared(GM__TRIDIAGONAL, 0);
  case 4: return (gm__form){.lower = pick(g, 6), .upper = pick(g, 6)};
  case 5: return gm__form_declared(GM__BLOCK_DIAGONAL, pick(g, 9) + 1);
  case 6: return gm__form_assumed((gm__form){.lower = 2, .upper = 2}, GM__SYMMETRIC, 0);
  default: return gm__form_declared(GM__SYMMETRIC, 0);
  }
}

static int64_t pick_length(generator *g) {
  static const int64_t lengths[] = {1, 1, 2, 3, 5, 8, 17, 33, 64, 65, 100, 131, 300};
  return lengths[pick(g, sizeof lengths / sizeof lengths[0])];
}

/** The lengths and strides of the three sides. */
static gm__gemm of_sides(const product *p, gm_dtype dtype) {
  return (gm__gemm){.m = p->a.rows,
      .n = p->b.columns,
      .k = p->a.columns,
      .a_row = p->a.row,
      .a_column = p->a.column,
      .b_row = p->b.row,
      .b_column = p->b.column,
      .c_row = p->c.row,
      .c_column = p->c.column,
      .in = dtype,
      .out = dtype};
}

static void begin(generator *g, product *p, gm_dtype dtype) {
  int64_t m = pick_length(g), k = pick(g, 3) ? m : pick_length(g), n = pick(g, 2) ? k : pick_length(g);
  if (pick(g, 16) == 0) k = 600;
  if (m * n * k > 250000) n = 3;
  p->a = lay(g, m, k, dtype <= GM_INT64, dtype);
  p->b = lay(g, k, n, dtype <= GM_INT64, dtype);
  p->c = lay(g, m, n, false, dtype);
  bool left = pick(g, 2) == 0, both = pick(g, 6) == 0;
  if (left || both) p->a.form = pick_form(g, m == k), p->a.raw = pick(g, 4) > 0;
  if (!left || both) p->b.form = pick_form(g, k == n), p->b.raw = pick(g, 4) > 0;
  fill(g, &p->a, dtype);
  fill(g, &p->b, dtype);
  p->gemm = of_sides(p, dtype);
  p->gemm.alpha = pick(g, 3) == 0 ? -2 : 1;
  p->gemm.beta = pick(g, 3) == 0 ? 3 : 0;
  p->gemm.a_form = gm__form_is_general(p->a.form) ? NULL : &p->a.form;
  p->gemm.b_form = gm__form_is_general(p->b.form) ? NULL : &p->b.form;
  p->gemm.a_raw = p->a.raw;
  p->gemm.b_raw = p->b.raw;
  if (p->gemm.beta != 0) fill(g, &p->c, dtype);
}

/** A product of one matrix with its own transpose. */
static void begin_square(generator *g, product *p, gm_dtype dtype) {
  int64_t m = pick_length(g), k = pick(g, 16) ? pick_length(g) % 70 + 1 : 530;
  p->a = lay(g, m, k, dtype <= GM_INT64, dtype);
  p->b = p->a;
  p->b.rows = k, p->b.columns = m, p->b.row = p->a.column, p->b.column = p->a.row;
  p->c = lay(g, m, m, false, dtype);
  fill(g, &p->a, dtype);
  p->gemm = of_sides(p, dtype);
  p->gemm.alpha = pick(g, 2) == 0 ? -2 : 1;
  p->gemm.symmetric = true;
}

static void check_element(const product *p, const operand *before, int64_t i, int64_t j) {
  gm_dtype dtype = p->gemm.in;
  double _Complex sum = 0, had = p->gemm.beta != 0 ? value_of(before, i, j, dtype) : 0;
  double size = 0, unit = unit_of(dtype);
  for (int64_t k = 0; k < p->gemm.k; k++) {
    double _Complex a = value_of(&p->a, i, k, dtype), b = value_of(&p->b, k, j, dtype);
    sum += a * b;
    size += cabs(a) * cabs(b);
  }
  double _Complex want = p->gemm.alpha * sum + p->gemm.beta * had, got = value_of(&p->c, i, j, dtype);
  double bound = dtype <= GM_INT64
                     ? 0
                     : 4 * (double)(p->gemm.k + 3) * unit * (2 * size + 3 * cabs(had)) + tiny_of(dtype);
  if (dtype == GM_INT8) want = (int8_t)(int64_t)creal(want);
  if (!(cabs(got - want) <= bound))
    ck_abort_msg("%s %s m=%d n=%d k=%d alpha=%g beta=%g forms %d %d: c[%d, %d] is %g, not %g",
        p->gemm.provider->name, gm_dtype_name(dtype), (int)p->gemm.m, (int)p->gemm.n, (int)p->gemm.k,
        p->gemm.alpha, p->gemm.beta, (int)p->a.form.lower, (int)p->b.form.lower, (int)i, (int)j, creal(got),
        creal(want));
}

/** B as the provider packs it, or NULL. */
static char *pack(const product *p, const gm__provider *provider) {
  size_t bytes = provider->packed_bytes(&p->gemm);
  char *packed = bytes > 0 ? aligned_alloc(64, bytes) : NULL;
  if (!packed) return NULL;
  memset(packed, 0xff, bytes);
  provider->pack(&p->gemm, p->b.memory, packed, 0, p->gemm.n);
  return packed;
}

/** Part by part, the last first, as for so many threads. */
static void run_parts(const product *p, const gm__provider *provider, const char *packed, int threads) {
  int64_t rows = p->gemm.m, columns = p->gemm.n;
  const gm__gemm_call call = {.gemm = &p->gemm,
      .a = p->a.memory,
      .b = p->b.memory,
      .packed = packed,
      .added = p->gemm.beta != 0 ? p->c.memory : NULL,
      .c = p->c.memory};
  if (threads > 1) provider->grain(&p->gemm, threads, &rows, &columns);
  for (int64_t i = (p->gemm.m - 1) / rows * rows; i >= 0; i -= rows)
    for (int64_t j = (p->gemm.n - 1) / columns * columns; j >= 0; j -= columns) {
      int64_t height = p->gemm.m - i < rows ? p->gemm.m - i : rows;
      int64_t width = p->gemm.n - j < columns ? p->gemm.n - j : columns;
      provider->part(&call, &(gm__gemm_part){i, height, j, width});
    }
}

/** By parts, packed and not, the bits are the same. */
static void run_all_ways(const product *p, const gm__provider *provider, const void *before, size_t bytes) {
  char *packed = pack(p, provider), *first = malloc(bytes);
  for (int threads = 1; threads <= 3; threads += 2)
    for (int with = 0; with <= (packed != NULL); with++) {
      memcpy(p->c.memory, before, bytes);
      run_parts(p, provider, with ? packed : NULL, threads);
      if (threads == 1 && with == 0) memcpy(first, p->c.memory, bytes);
      ck_assert_msg(memcmp(first, p->c.memory, bytes) == 0, "%s: other bits with %d threads, packed %d",
          provider->name, threads, with);
    }
  free(packed);
  free(first);
}

static void run_and_check(product *p, const gm__provider *provider) {
  gm_dtype dtype = p->gemm.in;
  size_t bytes = (size_t)((p->c.rows + 1) * (p->c.columns + 1) * 2 + (p->c.rows + p->c.columns) * 3) *
                 gm__dtype_bytes(dtype);
  operand before = p->c;
  before.memory = malloc(bytes);
  memcpy(before.memory, p->c.memory, bytes);
  p->gemm.provider = provider;
  if (provider->part)
    run_all_ways(p, provider, before.memory, bytes);
  else
    provider->run(&p->gemm, p->a.memory, p->b.memory, p->c.memory);
  for (int64_t i = 0; i < p->c.rows; i++)
    for (int64_t j = i % 3; j < p->c.columns; j += 1 + p->gemm.k / 64) check_element(p, &before, i, j);
  ck_assert(provider->share(&p->gemm) > 0 && provider->share(&p->gemm) <= 1);
  memcpy(p->c.memory, before.memory, bytes);
  free(before.memory);
}

/** How many of the products each of `providers` took. */
static void try_products(
    const gm__provider *const *providers, int count, gm_dtype dtype, bool square, int rounds, int *taken) {
  generator g = {(uint64_t)dtype + 7};
  for (int round = 0; round < rounds; round++) {
    product p = {0};
    if (square)
      begin_square(&g, &p, dtype);
    else
      begin(&g, &p, dtype);
    for (int i = 0; i < count; i++) {
      if (providers[i]->refuses(&p.gemm)) continue;
      run_and_check(&p, providers[i]);
      taken[i]++;
    }
    free(p.a.memory);
    if (!square) free(p.b.memory);
    free(p.c.memory);
  }
}

START_TEST(the_reference_takes_every_form) {
  const gm__provider *loops[] = {&gm__provider_loops};
  for (gm_dtype dtype = GM_INT8; dtype <= GM_COMPLEX128; dtype++) {
    int taken[2] = {0};
    if (dtype == GM_UINT8 || dtype == GM_INT16) continue;
    try_products(loops, 1, dtype, false, 60, &taken[0]);
    try_products(loops, 1, dtype, true, 12, &taken[1]);
    ck_assert_int_eq(taken[0] + taken[1], 72);
  }
}
END_TEST

START_TEST(bands_agree) {
  const gm__provider *band[] = {&gm__provider_band};
  for (gm_dtype dtype = GM_FLOAT32; dtype <= GM_FLOAT64; dtype++) {
    int taken[1] = {0};
    try_products(band, 1, dtype, false, 500, taken);
    ck_assert_int_gt(taken[0], 50);
  }
}
END_TEST

START_TEST(natives_agree) {
  for (size_t i = 0; gm__provider_at(i) != NULL; i++) {
    const gm__provider *native[] = {gm__provider_at(i)};
    for (gm_dtype dtype = GM_FLOAT32; native[0]->part && dtype <= GM_FLOAT64; dtype++) {
      int taken[2] = {0};
      try_products(native, 1, dtype, false, 160, &taken[0]);
      try_products(native, 1, dtype, true, 40, &taken[1]);
      product none = {.gemm = {.m = 1, .n = 1, .k = 1, .in = dtype, .out = dtype}};
      if (native[0]->refuses(&none.gemm) == NULL) ck_assert_int_gt(taken[0] + taken[1], 180);
    }
  }
}
END_TEST

/** 90 × 90 × 90, by rows, with a form of the left side. */
static gm__gemm of_ninety(const gm__form *form) {
  return (gm__gemm){.m = 90,
      .n = 90,
      .k = 90,
      .a_row = 90,
      .a_column = 1,
      .b_row = 90,
      .b_column = 1,
      .c_row = 90,
      .c_column = 1,
      .in = GM_FLOAT32,
      .out = GM_FLOAT32,
      .alpha = 1,
      .a_form = form,
      .a_raw = true};
}

START_TEST(a_band_is_not_for_everything) {
  gm__form three = gm__form_declared(GM__TRIDIAGONAL, 0), wide = {.lower = 7, .upper = 7};
  gm__gemm gemm = of_ninety(&three);
  ck_assert_ptr_null(gm__provider_band.refuses(&gemm));
  gemm.a_form = &wide;
  ck_assert_ptr_nonnull(gm__provider_band.refuses(&gemm));
  gemm.a_form = &three;
  gemm.b_raw = true;
  ck_assert_ptr_nonnull(gm__provider_band.refuses(&gemm));
  gemm.b_raw = false;
  gemm.in = gemm.out = GM_COMPLEX64;
  ck_assert_str_eq(gm__provider_band.refuses(&gemm), "bands are of float32 or float64");
}
END_TEST

START_TEST(the_text_names_the_forms) {
  char buffer[100];
  gm__form three = gm__form_declared(GM__TRIDIAGONAL, 0), lower = gm__form_declared(GM__LOWER_TRIANGULAR, 0);
  gm__gemm gemm = {.m = 2, .n = 3, .k = 4, .alpha = 2, .a_form = &three, .b_form = &lower};
  ck_assert_str_eq(kernel_text(&gm__kernel_gemm, &gemm, buffer, sizeof buffer),
      "m=2 n=3 k=4 a=tridiagonal b=lower_triangular alpha=2");
  gemm = (gm__gemm){.m = 2, .n = 2, .k = 4, .alpha = 1, .symmetric = true};
  ck_assert_str_eq(kernel_text(&gm__kernel_gemm, &gemm, buffer, sizeof buffer), "m=2 n=2 k=4 b=a^T");
}
END_TEST

#if defined(GM_HAVE_OPENBLAS)
START_TEST(openblas_agrees_where_it_takes) {
  const gm__provider *of[] = {&gm__provider_trmm, &gm__provider_symm, &gm__provider_syrk};
  ck_assert_int_eq(gm__provider_trmm.prepare(false, NULL), GM_OK);
  for (gm_dtype dtype = GM_FLOAT32; dtype <= GM_COMPLEX128; dtype++) {
    int taken[3] = {0};
    try_products(of, 3, dtype, false, 300, taken);
    try_products(of, 3, dtype, true, 60, taken);
    for (int i = 0; i < 3; i++) ck_assert_int_gt(taken[i], 3);
  }
}
END_TEST

/** Our own takes forms where it takes all else; a library's are the library's. */
static void check_chosen(const gm__gemm *gemm, const char *openblas) {
  gm__gemm plain = *gemm;
  plain.a_form = NULL;
  plain.symmetric = false;
  const gm__provider *ours = gm__provider_choose(&plain, NULL, false, NULL);
  ck_assert_str_eq(gm__provider_choose(gemm, NULL, false, NULL)->name, ours->part ? ours->name : openblas);
  ck_assert_str_eq(gm__provider_choose(gemm, "openblas", false, NULL)->name, openblas);
  ck_assert_str_eq(gm__provider_choose(gemm, "loops", false, NULL)->name, "loops");
  ck_assert_str_eq(gm__provider_choose(gemm, "vector", false, NULL)->name, "vector");
  ck_assert(gm__provider_choose(gemm, NULL, true, NULL)->repeatable);
}

START_TEST(the_specialist_is_chosen) {
  gm__form lower = gm__form_declared(GM__LOWER_TRIANGULAR, 0),
           symmetric = gm__form_declared(GM__SYMMETRIC, 0);
  gm__gemm gemm = of_ninety(&lower);
  check_chosen(&gemm, "trmm");
  gemm.a_form = NULL;
  gemm.a_raw = false;
  gemm.symmetric = true;
  check_chosen(&gemm, "syrk");
  gemm.symmetric = false;
  ck_assert_str_eq(gm__provider_choose(&gemm, "openblas", false, NULL)->name, "openblas");
  gemm.a_form = &symmetric;
  gemm.a_raw = true;
  ck_assert_str_eq(gm__provider_choose(&gemm, "openblas", false, NULL)->name, "symm");
}
END_TEST
#endif

SUITE(gemm_form) {
  CASE(the_reference_takes_every_form);
  CASE(bands_agree);
  CASE(natives_agree);
  CASE(the_text_names_the_forms);
  CASE(a_band_is_not_for_everything);
#if defined(GM_HAVE_OPENBLAS)
  CASE(openblas_agrees_where_it_takes);
  CASE(the_specialist_is_chosen);
#endif
}
