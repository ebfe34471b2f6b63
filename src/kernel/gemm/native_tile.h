/* SPDX-License-Identifier: MIT
 *
 * The arithmetic of native products for one instruction set and dtype: tiles of `rows` rows and `vectors`
 * vectors of sums that stay in registers, a broadcast of each element of A's rows against a row of B, and dot
 * products for one column. A file that includes this defines NAME(x), T, VECTOR, MASK, LANES (numbers of a
 * vector), WIDE (vectors of a panel), ZERO, SET(x), LOAD(p), STORE(p, x), FUSED(x, y, z) = x · y + z,
 * MASK_OF(count), LOAD_PART(p, mask) with zeros elsewhere, STORE_PART(p, mask, x) and
 * SHAPES(ROW), and undefines what belongs to the dtype. The order of additions is told in native.h. */

/* c = from + a · b. */
GM__INLINE void NAME(tile)(const gm__tile *t, const int rows, const int vectors) {
  VECTOR sums[GM__TILE_ROWS][GM__TILE_VECTORS];
  const MASK mask = MASK_OF(t->last), b_mask = MASK_OF(t->b_last);
  const int64_t a_row = t->a_row / (int64_t)sizeof(T), b_row = t->b_row / (int64_t)sizeof(T),
                c_row = t->c_row / (int64_t)sizeof(T), from_row = t->from_row / (int64_t)sizeof(T);
  const T *a = (const T *)t->a, *b = (const T *)t->b, *from = (const T *)t->from;
  T *c = (T *)t->c;
  UNROLL
  for (int i = 0; i < rows; i++) UNROLL
  for (int v = 0; v < vectors; v++) sums[i][v] = ZERO;
  if (from != NULL) UNROLL
  for (int i = 0; i < rows; i++) UNROLL
  for (int v = 0; v < vectors; v++)
    sums[i][v] = v < vectors - 1 ? LOAD(from + i * from_row + v * LANES)
                                 : LOAD_PART(from + i * from_row + v * LANES, mask);
  for (int64_t k = t->depth; k > 0; k--, a++, b += b_row) {
    VECTOR y[GM__TILE_VECTORS];
    UNROLL
    for (int v = 0; v < vectors; v++)
      y[v] = v < vectors - 1 ? LOAD(b + v * LANES) : LOAD_PART(b + v * LANES, b_mask);
    UNROLL
    for (int i = 0; i < rows; i++) {
      const VECTOR x = SET(a[i * a_row]);
      UNROLL
      for (int v = 0; v < vectors; v++) sums[i][v] = FUSED(x, y[v], sums[i][v]);
    }
  }
  if (t->adds) UNROLL
  for (int i = 0; i < rows; i++) UNROLL
  for (int v = 0; v < vectors; v++)
    sums[i][v] =
        (v < vectors - 1 ? LOAD(c + i * c_row + v * LANES) : LOAD_PART(c + i * c_row + v * LANES, mask)) +
        sums[i][v];
  UNROLL
  for (int i = 0; i < rows; i++) {
    UNROLL
    for (int v = 0; v < vectors - 1; v++) STORE(c + i * c_row + v * LANES, sums[i][v]);
    STORE_PART(c + i * c_row + (vectors - 1) * LANES, mask, sums[i][vectors - 1]);
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

/* The sum of all lanes: halves are added until one is left. */
GM__INLINE T NAME(sum_of)(VECTOR sums[COLUMN_VECTORS]) {
  T lanes[COLUMN_VECTORS * LANES];
  for (int v = 0; v < COLUMN_VECTORS; v++) STORE(lanes + v * LANES, sums[v]);
  for (int half = COLUMN_VECTORS * LANES / 2; half > 0; half /= 2)
    for (int i = 0; i < half; i++) lanes[i] += lanes[i + half];
  return lanes[0];
}

/* `rows` dot products side by side. */
GM__INLINE void NAME(dots)(const gm__tile *t, const char *a_, char *c_, const int rows) {
  VECTOR sums[4][COLUMN_VECTORS];
  const T *a = (const T *)a_, *x = (const T *)t->b;
  T *c = (T *)c_;
  const int64_t a_row = t->a_row / (int64_t)sizeof(T), c_row = t->c_row / (int64_t)sizeof(T);
  UNROLL
  for (int i = 0; i < rows; i++) UNROLL
  for (int v = 0; v < COLUMN_VECTORS; v++) sums[i][v] = ZERO;
  int64_t k = 0;
  for (; k + COLUMN_VECTORS * LANES <= t->depth; k += COLUMN_VECTORS * LANES) UNROLL
  for (int i = 0; i < rows; i++) UNROLL
  for (int v = 0; v < COLUMN_VECTORS; v++)
    sums[i][v] = FUSED(LOAD(a + i * a_row + k + v * LANES), LOAD(x + k + v * LANES), sums[i][v]);
  for (int v = 0; v < COLUMN_VECTORS && k < t->depth; v++, k += LANES) {
    const MASK mask = MASK_OF(t->depth - k < LANES ? (int)(t->depth - k) : LANES);
    const VECTOR y = LOAD_PART(x + k, mask);
    for (int i = 0; i < rows; i++) sums[i][v] = FUSED(LOAD_PART(a + i * a_row + k, mask), y, sums[i][v]);
  }
  for (int i = 0; i < rows; i++) {
    T sum = NAME(sum_of)(sums[i]);
    c[i * c_row] = t->adds ? c[i * c_row] + sum : sum;
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
    .column = NAME(column)};
