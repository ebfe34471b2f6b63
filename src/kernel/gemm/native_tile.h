/* SPDX-License-Identifier: MIT
 *
 * The arithmetic of native products for one instruction set and dtype: tiles of `rows` rows and `vectors`
 * vectors of sums that stay in registers, a broadcast of each element of A's rows against a row of B, and dot
 * products for one column. A file that includes this defines NAME(x), T, VECTOR, MASK, LANES (numbers of a
 * vector), WIDE (vectors of a panel), ZERO, SET(x), LOAD(p), STORE(p, x), FUSED(x, y, z) = x · y + z,
 * MASK_OF(count), LOAD_PART(p, mask) with zeros elsewhere, STORE_PART(p, mask, x), CHOOSE(mask, x, y),
 * TOTAL(x), the sum of a vector by halves, and SHAPES(ROW), and undefines what belongs to the dtype. The
 * order of additions is told in native.h. */

/* `p` and `i` rows of `row` bytes on. */
#define AT(p, i, row) ((T *)((char *)(uintptr_t)(p) + (i) * (row)))

GM__INLINE VECTOR NAME(read)(const T *p, int v, int vectors, MASK mask) {
  return v < vectors - 1 ? LOAD(p + v * LANES) : LOAD_PART(p + v * LANES, mask);
}

/* Every fourth row of A has a pointer of its own, which the compiler must not see through: other rows are
 * one, two or three strides on, which is what registers suffice for. */
#define OPAQUE(x) __asm__("" : "+r"(x))

/* sums += a · b; full ones fetch on the way. */
GM__INLINE void NAME(add)(
    const gm__tile *t, VECTOR (*sums)[GM__TILE_VECTORS], const int rows, const int vectors) {
  const MASK mask = MASK_OF(t->b_last);
  const T *a[GM__TILE_ROWS / 4], *b = (const T *)t->b;
  int64_t a_row = t->a_row, a_three = 3 * a_row;
  const int64_t b_row = t->b_row, ahead_step = t->ahead_step, line = t->line;
  const char *ahead = t->ahead;
  UNROLL
  for (int i = 0; i < rows; i += 4) a[i / 4] = AT((const T *)t->a, i, a_row);
  OPAQUE(a_three);
  for (int64_t k = t->depth; k > 0; k--, b = AT(b, 1, b_row)) {
    VECTOR y[GM__TILE_VECTORS];
    if (vectors > 1) UNROLL
    for (int v = 0; v < vectors; v++) __builtin_prefetch(ahead + v * line, 0, 3);
    ahead += ahead_step;
    UNROLL
    for (int v = 0; v < vectors; v++) {
      y[v] = NAME(read)(b, v, vectors, mask);
      HELD(y[v]);
    }
    UNROLL
    for (int i = 0; i < rows; i++) {
      const T *p = a[i / 4];
      const VECTOR x = SET(i % 4 == 3 ? *AT(p, 1, a_three) : *AT(p, i % 4, a_row));
      UNROLL
      for (int v = 0; v < vectors; v++) sums[i][v] = FUSED(x, y[v], sums[i][v]);
    }
    UNROLL
    for (int i = 0; i < rows; i += 4) {
      a[i / 4]++;
      OPAQUE(a[i / 4]);
    }
  }
}

/* c = from + a · b. */
GM__INLINE void NAME(tile)(const gm__tile *t, const int rows, const int vectors) {
  VECTOR sums[GM__TILE_ROWS][GM__TILE_VECTORS];
  const MASK mask = MASK_OF(t->last);
  const int64_t c_row = t->c_row;
  T *c = (T *)t->c;
  UNROLL
  for (int i = 0; i < rows; i++) UNROLL
  for (int v = 0; v < vectors; v++) sums[i][v] = ZERO;
  if (t->from != NULL) UNROLL
  for (int i = 0; i < rows; i++) UNROLL
  for (int v = 0; v < vectors; v++) sums[i][v] = NAME(read)(AT(t->from, i, t->from_row), v, vectors, mask);
  NAME(add)(t, sums, rows, vectors);
  if (t->adds) UNROLL
  for (int i = 0; i < rows; i++) UNROLL
  for (int v = 0; v < vectors; v++) sums[i][v] = NAME(read)(AT(c, i, c_row), v, vectors, mask) + sums[i][v];
  UNROLL
  for (int i = 0; i < rows; i++, c = AT(c, 1, c_row)) {
    UNROLL
    for (int v = 0; v < vectors - 1; v++) STORE(c + v * LANES, sums[i][v]);
    STORE_PART(c + (vectors - 1) * LANES, mask, sums[i][vectors - 1]);
  }
}

#define TILE(rows, vectors)                                                                                  \
  static void NAME(tile_##rows##x##vectors)(const gm__tile *t) {                                             \
    NAME(tile)(t, rows, vectors);                                                                            \
  }
#define ENTRY(rows, vectors) [vectors - 1][rows - 1] = NAME(tile_##rows##x##vectors),
SHAPES(TILE)
static void (*const NAME(tiles)[GM__TILE_VECTORS][GM__TILE_ROWS])(const gm__tile *tile) = {SHAPES(ENTRY)};
#undef TILE
#undef ENTRY

/* c = from + a · b, of one row and GM__STEPS steps of depth, over any number of four whole vectors: a large
 * matrix that lies by rows is read in long stretches. from NULL: zeros; `adds`: c + (from + a · b). */
static void NAME(stretch)(
    char *c_, const char *from_, const char *a_, const char *b_, int64_t b_row, int64_t columns, bool adds) {
  const T *a = (const T *)a_, *b = (const T *)b_, *from = (const T *)from_;
  T *c = (T *)c_;
  VECTOR x[GM__STEPS], sums[GM__TILE_VECTORS];
  UNROLL
  for (int k = 0; k < GM__STEPS; k++) x[k] = SET(a[k]);
  for (int64_t j = 0; j < columns; j += GM__TILE_VECTORS * LANES, b += GM__TILE_VECTORS * LANES) {
    UNROLL
    for (int v = 0; v < GM__TILE_VECTORS; v++) sums[v] = from == NULL ? ZERO : LOAD(from + j + v * LANES);
    UNROLL
    for (int k = 0; k < GM__STEPS; k++) UNROLL
    for (int v = 0; v < GM__TILE_VECTORS; v++)
      sums[v] = FUSED(x[k], LOAD(AT(b, k, b_row) + v * LANES), sums[v]);
    UNROLL
    for (int v = 0; v < GM__TILE_VECTORS; v++) {
      if (adds) sums[v] = LOAD(c + j + v * LANES) + sums[v];
      STORE(c + j + v * LANES, sums[v]);
    }
  }
}

/* The sum of all lanes: halves are added until one is left. */
GM__INLINE T NAME(sum_of)(VECTOR *sums) {
  UNROLL
  for (int half = COLUMN_VECTORS / 2; half > 0; half /= 2) UNROLL
  for (int v = 0; v < half; v++) sums[v] += sums[v + half];
  return TOTAL(sums[0]);
}

/* The block of `rows` dot products that begins at k. */
GM__INLINE void NAME(dots_of)(
    const gm__tile *t, const T *a, int64_t k, int64_t end, const int rows, VECTOR (*sums)[COLUMN_VECTORS]) {
  const T *x = (const T *)t->b;
  UNROLL
  for (int i = 0; i < rows; i++) UNROLL
  for (int v = 0; v < COLUMN_VECTORS; v++) sums[i][v] = ZERO;
  for (; k + COLUMN_VECTORS * LANES <= end; k += COLUMN_VECTORS * LANES) UNROLL
  for (int i = 0; i < rows; i++) UNROLL
  for (int v = 0; v < COLUMN_VECTORS; v++)
    sums[i][v] = FUSED(LOAD(AT(a, i, t->a_row) + k + v * LANES), LOAD(x + k + v * LANES), sums[i][v]);
  for (int v = 0; v < COLUMN_VECTORS && k < end; v++, k += LANES) {
    const MASK mask = MASK_OF(end - k < LANES ? (int)(end - k) : LANES);
    const VECTOR y = LOAD_PART(x + k, mask);
    for (int i = 0; i < rows; i++)
      sums[i][v] = CHOOSE(mask, FUSED(LOAD_PART(AT(a, i, t->a_row) + k, mask), y, sums[i][v]), sums[i][v]);
  }
}

/* `rows` dot products side by side. */
GM__INLINE void NAME(dots)(const gm__tile *t, const char *a, char *c, const int rows) {
  VECTOR sums[4][COLUMN_VECTORS];
  T totals[4] = {0};
  for (int64_t k = 0; k < t->depth; k += GM__DEEP) {
    NAME(dots_of)(t, (const T *)a, k, t->depth - k < GM__DEEP ? t->depth : k + GM__DEEP, rows, sums);
    UNROLL
    for (int i = 0; i < rows; i++)
      totals[i] = k == 0 ? NAME(sum_of)(sums[i]) : totals[i] + NAME(sum_of)(sums[i]);
  }
  for (int i = 0; i < rows; i++) {
    T *to = AT((T *)c, i, t->c_row);
    *to = t->adds ? *to + totals[i] : totals[i];
  }
}

static void NAME(column)(const gm__tile *t, int64_t rows) {
  int64_t i = 0;
  for (; i + 4 <= rows; i += 4) NAME(dots)(t, t->a + i * t->a_row, t->c + i * t->c_row, 4);
  for (; i < rows; i++) NAME(dots)(t, t->a + i * t->a_row, t->c + i * t->c_row, 1);
}

static const gm__native NAME(native) = {.size = sizeof(T),
    .lanes = LANES,
    .vectors = WIDE,
    .rows = MOST_ROWS,
    .tiles = NAME(tiles),
    .stretch = NAME(stretch),
    .column = NAME(column)};
#undef AT
#undef OPAQUE
