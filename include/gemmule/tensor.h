/* SPDX-License-Identifier: MIT
 *
 * Tensors: a dtype, a shape, and contiguous row-major data; their files and their text.
 * A tensor may be read by several threads at once; whoever writes its data sees to the rest. */
#ifndef GEMMULE_TENSOR_H
#define GEMMULE_TENSOR_H

#include <gemmule/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum gm_dtype {
  GM_BOOL,
  GM_INT8,
  GM_UINT8,
  GM_INT16,
  GM_INT32,
  GM_INT64,
  GM_FLOAT16,
  GM_BFLOAT16,
  GM_FLOAT32,
  GM_FLOAT64,
  GM_COMPLEX64,
  GM_COMPLEX128
} gm_dtype;

typedef struct gm_tensor gm_tensor;

/** "float32"; NULL for a value that is no dtype. Static text. */
GM_API const char *gm_dtype_name(gm_dtype dtype);
/** Bytes of one element; 0 for a value that is no dtype. */
GM_API size_t gm_dtype_size(gm_dtype dtype);

/** A new tensor, zeroed, 64-byte aligned; the caller frees it. `dims` has `rank` lengths >= 0 (NULL for rank
 * 0). GM_BAD_DTYPE, GM_BAD_SHAPE (a negative length), GM_LIMIT (rank, or bytes that overflow), GM_NO_MEMORY.
 */
GM_API gm_tensor *gm_tensor_new(gm_dtype dtype, int rank, const int64_t *dims, gm_error *error);
/** A tensor over the caller's contiguous data; element alignment is enough. Borrows if `release` is NULL,
 *  otherwise calls release(arg, data) when the last holder lets go. A failure never calls release. */
GM_API gm_tensor *gm_tensor_wrap(gm_dtype dtype, int rank, const int64_t *dims, void *data,
    void (*release)(void *arg, void *data), void *arg, gm_error *error);
/** Reads a .npy file (versions 1 to 3, both byte orders, C or Fortran order, `|V2` as bfloat16). Regular
 * files only. GM_IO (cannot be read, truncated, surplus bytes), GM_BAD_SYNTAX (header), GM_UNSUPPORTED (a
 * dtype that there is not), GM_LIMIT. */
GM_API gm_tensor *gm_tensor_load(const char *npy_path, gm_error *error);
/** Writes a .npy file (version 1, little endian, C order) atomically: a temporary file beside it, then
 * rename. */
GM_API gm_status gm_tensor_save(const gm_tensor *tensor, const char *npy_path, gm_error *error);
/** Reads "[[1, 2], [3, 4]]": nested lists of equal lengths, or a bare number for rank 0; "[]" has the shape
 * (0,),
 *  "[[], []]" (2, 0). A number is an integer, a decimal, nan, inf, true or false (1 or 0 in any dtype); for
 * complex dtypes also "1+2j", "2j" and "(1+2j)", without blanks inside; a pair [re, im] is a list of two
 * numbers, not a complex one. GM_BAD_SYNTAX (with the 1-based column; ragged lists too), GM_LIMIT (rank),
 * GM_BAD_ARGUMENT (a value that the dtype cannot hold: out of range, or a fraction for an integer),
 * GM_BAD_DTYPE, GM_NO_MEMORY. The time is linear in the text. */
GM_API gm_tensor *gm_tensor_parse(const char *text, gm_dtype dtype, gm_error *error);
/** The values as NumPy 1.24's array2string prints them with its defaults; a rank-0 value as the bare number.
 */
GM_API size_t gm_tensor_text(const gm_tensor *tensor, char *buffer, size_t size);
/** The values as JSON: nested lists; NaN and infinities as "nan", "inf", "-inf"; complex as [re, im]; floats
 * with as few digits as read back the same. Without elements the nesting stays ("[[], []]"), or "[]" above
 * 65536 lists. */
GM_API size_t gm_tensor_json(const gm_tensor *tensor, char *buffer, size_t size);
/** free(NULL) is fine, here and everywhere. */
GM_API void gm_tensor_free(gm_tensor *tensor);
GM_API gm_dtype gm_tensor_dtype(const gm_tensor *tensor);
GM_API int gm_tensor_rank(const gm_tensor *tensor);
/** `rank` lengths; valid as long as the tensor. */
GM_API const int64_t *gm_tensor_dims(const gm_tensor *tensor);
/** Number of elements; 1 for rank 0. */
GM_API int64_t gm_tensor_count(const gm_tensor *tensor);
GM_API void *gm_tensor_data(gm_tensor *tensor);
GM_API const void *gm_tensor_cdata(const gm_tensor *tensor);

/** Fills a tensor with uniform numbers in [low, high): (T)low + (T)(high - low) * r with r from
 *  numpy.random.Generator(numpy.random.Philox(key=seed)).random(count, dtype) in the tensor's dtype (float32
 * and float64; other dtypes are drawn in float32 and cast). */
GM_API gm_status gm_tensor_random_uniform(
    gm_tensor *tensor, double low, double high, uint64_t seed, gm_error *error);
/** Fills a tensor with normal numbers: Box and Muller on the float64 draws 2i and 2i+1 of the same stream,
 *  mean + scale * sqrt(-2 log1p(-u1)) * cos(2 pi u2) in double, then cast. */
GM_API gm_status gm_tensor_random_normal(
    gm_tensor *tensor, double mean, double scale, uint64_t seed, gm_error *error);

#ifdef __cplusplus
}
#endif

#endif
