/* SPDX-License-Identifier: MIT
 *
 * GM__CLONES(f) before the function f compiles it once for each instruction set of note and picks one when
 * the program is loaded; GM__CLONES_FEW(f) leaves out the widest, for loops that wait for memory. Only where
 * compiler and system can (ELF with ifunc: x86-64 glibc), and not under
 * sanitizers, whose own start comes after the picking. The bits are the same in all clones: no multiplication
 * is fused with an addition, and our own functions call none of libm's. clang gives the function that picks
 * default visibility: it is hidden by hand. */
#ifndef GM_KERNEL_CLONES_H
#define GM_KERNEL_CLONES_H

#include <stddef.h>
#include <stdint.h>
#include "base/loop.h"

#if defined(__has_feature)
#define GM__HAS_FEATURE(name) __has_feature(name)
#else
#define GM__HAS_FEATURE(name) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || GM__HAS_FEATURE(address_sanitizer) ||   \
    GM__HAS_FEATURE(thread_sanitizer) || GM__HAS_FEATURE(memory_sanitizer)
#define GM__SANITIZED 1
#else
#define GM__SANITIZED 0
#endif

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__OPTIMIZE__) && !GM__SANITIZED
#if !defined(__clang__)
#define GM__CLONING(function, ...) __attribute__((target_clones(__VA_ARGS__)))
#elif __clang_major__ >= 14
#define GM__CLONING(function, ...)                                                                           \
  __asm__(".hidden " #function ".resolver");                                                                 \
  __attribute__((target_clones(__VA_ARGS__)))
#endif
#endif
#if !defined(GM__CLONING)
#define GM__CLONING(function, ...)
#endif
#define GM__CLONES(function) GM__CLONING(function, "avx512f", "avx2", "default")
#define GM__CLONES_FEW(function) GM__CLONING(function, "avx2", "default")
#define GM__CLONES_NONE(function)

/* By the column `sets` of map.def, for float32 and, where the widest pays less, float64. */
#define GM__CLONES_ALL(function) GM__CLONES(function)
#define GM__CLONES_ALL_64(function) GM__CLONES_FEW(function)
#define GM__CLONES_FEW_64(function) GM__CLONES_FEW(function)
#define GM__CLONES_NONE_64(function)

/* For the small functions that loops are made of: they must be compiled with the loop. */
#define GM__INLINE static inline __attribute__((always_inline, unused))

#endif
