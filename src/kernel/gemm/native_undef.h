/* SPDX-License-Identifier: MIT
 *
 * What native_tile.h was included with for one dtype is forgotten, before the next. */
#undef NAME
#undef T
#undef VECTOR
#undef MASK
#undef LANES
#undef ZERO
#undef SET
#undef LOAD
#undef STORE
#undef FUSED
#undef MASK_OF
#undef LOAD_PART
#undef STORE_PART
#undef CHOOSE
#undef TOTAL
