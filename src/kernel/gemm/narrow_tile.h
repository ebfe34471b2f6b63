/* SPDX-License-Identifier: MIT
 *
 * The arithmetic of products of narrow dtypes for one instruction set and dtype: as that of native_tile.h,
 * but that each number of A's rows stands for a group of elements, and B's vectors are widened as they are
 * read. All vectors are whole. A file that includes this has defined T, VECTOR, LANES, ZERO, SET(x), LOAD(p),
 * STORE(p, x) and FUSED(x, y, z) for sums, z + the products of the groups x and y, and NARROW_SHAPES(ROW);
 * and NAME(x), LOAD_B(p) and B_BYTES, of a vector of B, which are forgotten in the end. */

/* c = a · b, or c + a · b. */
GM__INLINE void NAME(tile)(const gm__tile *t, const int rows, const int vectors) {
  VECTOR sums[GM__TILE_ROWS][GM__TILE_VECTORS];
  const char *a = t->a, *b = t->b;
  const int64_t a_row = t->a_row, b_row = t->b_row;
  UNROLL
  for (int i = 0; i < rows; i++) UNROLL
  for (int v = 0; v < vectors; v++) sums[i][v] = ZERO;
  for (int64_t k = t->depth; k > 0; k--, a += 4, b += b_row) {
    VECTOR y[GM__TILE_VECTORS];
    UNROLL
    for (int v = 0; v < vectors; v++) y[v] = LOAD_B(b + v * (B_BYTES));
    if (t->streams) UNROLL
    for (int v = 0; v < vectors * (B_BYTES); v += 64) __builtin_prefetch(b + GM__AHEAD + v);
    UNROLL
    for (int i = 0; i < rows; i++) {
      const VECTOR x = SET(*(const T *)(a + i * a_row));
      UNROLL
      for (int v = 0; v < vectors; v++) sums[i][v] = FUSED(x, y[v], sums[i][v]);
    }
  }
  UNROLL
  for (int i = 0; i < rows; i++) {
    T *c = (T *)(t->c + i * t->c_row);
    if (t->adds) UNROLL
    for (int v = 0; v < vectors; v++) sums[i][v] = LOAD(c + v * LANES) + sums[i][v];
    UNROLL
    for (int v = 0; v < vectors; v++) STORE(c + v * LANES, sums[i][v]);
  }
}

#define TILE(rows, vectors)                                                                                  \
  static void NAME(tile_##rows##x##vectors)(const gm__tile *t) {                                             \
    NAME(tile)(t, rows, vectors);                                                                            \
  }
#define ENTRY(rows, vectors) [vectors - 1][rows - 1] = NAME(tile_##rows##x##vectors),
NARROW_SHAPES(TILE)
static void (*const NAME(tiles)[WIDE][GM__TILE_ROWS])(const gm__tile *tile) = {NARROW_SHAPES(ENTRY)};
#undef TILE
#undef ENTRY
#undef NAME
#undef B_BYTES
#undef LOAD_B
