/* SPDX-License-Identifier: MIT
 *
 * Counter-based random numbers: Philox 4x64-10 as numpy.random.Philox(key=SEED) draws them (Salmon, Moraes,
 * Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011). */
#ifndef GM_KERNEL_RANDOM_H
#define GM_KERNEL_RANDOM_H

#include "tensor/tensor.h"

/** The draws random(dtype=float64) of numpy's generator from draw `first` on. */
void gm__random_double(uint64_t seed, uint64_t first, double *out, size_t count);
/** The draws random(dtype=float32). */
void gm__random_float(uint64_t seed, uint64_t first, float *out, size_t count);

#endif
