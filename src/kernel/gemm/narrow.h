/* SPDX-License-Identifier: MIT
 *
 * Our own products of narrow dtypes: float16 and bfloat16, which are widened to float32 and summed by the
 * rule of native.h, and int8 and uint8, whose sums in 32 bits wrap and hence are exact in any order. Rows of
 * A are brought into units of 4 bytes, of which a tile takes one and a vector of B's units at a time: a
 * float32, two int16 or four bytes, so many elements of k each. B is packed in panels as in native.h, of
 * units and not of numbers; its elements stay narrow, and a tile widens them as it reads them.
 *
 * A product of bytes (vpdpbusd) takes one factor with a sign and one without: A of int8 and B of uint8 have
 * their top bit flipped, which adds 128 to an element, or takes it away; what that adds to a sum is 128 times
 * the sum of B's column, or of A's row, and is taken away in the end. */
#ifndef GM_KERNEL_GEMM_NARROW_H
#define GM_KERNEL_GEMM_NARROW_H

#include "kernel/gemm/native.h"

/** Bytes that B is fetched ahead of its use, where it comes from far. */
enum { GM__AHEAD = 8192 };

/** Brings elements of one kind to another; all are contiguous. */
typedef void gm__bring(void *to, const void *from, size_t count);

/** An instruction set's kernels for one narrow dtype. */
typedef struct gm__narrow {
  uint8_t group, size;    /* elements of a unit; bytes of an element of a packed B */
  uint8_t lanes, vectors; /* units of a vector, vectors of a panel */
  uint8_t rows[2];        /* the most rows of a tile of one vector, and of a panel */
  bool half;              /* of tiles */
  bool sums_b; /* the sums of B's columns are to be taken away; they are behind a packed B's panels */
  /** [vectors - 1][rows - 1], of a whole panel, and of one vector. All vectors are whole. */
  void (*const (*tiles)[GM__TILE_ROWS])(const gm__tile *tile);
  /** One column of float32, as in gm__native; NULL: as any other. */
  void (*column)(const gm__tile *tile, int64_t rows);
  /** The sum of a row of A, which is to be added; may be NULL. */
  uint32_t (*sum_a)(const void *row, size_t count);
  /** Elements of A to those of units; those of B to those of a packed B (NULL: they stay); sums to elements
   * of the dtype. */
  gm__bring *bring_a, *bring_b, *bring_c;
} gm__narrow;

/** The parts of a provider, as those of gm__native. */
void gm__narrow_part(const gm__narrow *narrow, const gm__gemm_call *call, const gm__gemm_part *part);
size_t gm__narrow_packed_bytes(const gm__narrow *narrow, const gm__gemm *gemm);
void gm__narrow_pack(
    const gm__narrow *narrow, const gm__gemm *gemm, const void *b, void *packed, int64_t column, int64_t end);

/** What is to be added to the sums of each column, behind the panels; NULL where nothing is. */
uint32_t *gm__narrow_sums(const gm__narrow *narrow, const gm__gemm *gemm, const char *packed);
/** Part of B as panels have it: `depth` from `k` on, of some columns, to units in rows of `width`. With
 * `sums`, -128 times the columns' sums are added there. */
void gm__narrow_lay(const gm__narrow *narrow, const gm__gemm *gemm, const char *b, char *to,
    const gm__gemm_part *of, int64_t width, uint32_t *sums);

gm__bring gm__bring_flipped, gm__bring_int8_16, gm__bring_uint8_16;
gm__bring gm__bring_bfloat_float, gm__bring_float_bfloat, gm__bring_half_float, gm__bring_float_half;
/** The last two by F16C, which each processor with AVX2 has. */
gm__bring gm__bring_half_float_f16c, gm__bring_float_half_f16c;

#endif
