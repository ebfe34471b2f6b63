/* SPDX-License-Identifier: MIT
 *
 * Products by OpenBLAS, the only file that knows cblas.h: float32, float64, complex64 and complex128 matrices
 * of which one stride is 1. One row or one column goes to gemv, a single element to dot. A result that is
 * stored by columns is computed transposed: Cᵀ = Bᵀ · Aᵀ.
 *
 * What it keeps for the whole process: that the thread count has been set to 1, once, and the lock that a
 * serial build of OpenBLAS needs, whose buffers are shared. */
#include <cblas.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include "kernel/face.h"
#include "kernel/gemm/provider.h"
#include "kernel/strided.h"

/* There only when OpenBLAS was built on OpenMP, whose thread count belongs to each calling thread. */
extern void omp_set_num_threads(int count) __attribute__((weak));

enum { SERIAL = 0, OPENMP = 2 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool single;

static void set_single(void) {
  openblas_set_num_threads(1);
  atomic_store(&single, true);
}

static gm_status prepare(bool keep_threads, gm_error *error) {
  (void)error;
  if (!keep_threads) pthread_once(&once, set_single);
  return GM_OK;
}

/* Lengths and strides as BLAS wants them. */
static bool fits(int64_t value) {
  return value >= 0 && value <= INT_MAX;
}
static int to_int(int64_t value) {
  return fits(value) ? (int)value : 0;
}

/* A matrix for BLAS: rows × columns, stored by rows, or (transposed) by columns; leading dimension 0 for
 * none. */
typedef struct matrix {
  CBLAS_TRANSPOSE transpose;
  int leading;
} matrix;

static bool leads(int64_t stride, int64_t length) {
  return fits(stride) && stride >= (length > 1 ? length : 1);
}

static int leading(int64_t stride, int64_t lines, int64_t length) {
  if (lines <= 1) stride = length > 1 ? length : 1;
  return leads(stride, length) ? to_int(stride) : 0;
}

static matrix matrix_of(int64_t rows, int64_t columns, int64_t row, int64_t column) {
  int by_rows = column == 1 || columns <= 1 ? leading(row, rows, columns) : 0;
  if (by_rows > 0) return (matrix){CblasNoTrans, by_rows};
  return (matrix){CblasTrans, row == 1 || rows <= 1 ? leading(column, columns, rows) : 0};
}

/* The same product with rows and columns exchanged, where no form is known. */
static gm__gemm transposed(const gm__gemm *g) {
  gm__form none[2];
  return gm__gemm_transposed(g, none);
}

static bool is_vector_stride(int64_t stride, int64_t length) {
  return length <= 1 || (fits(stride) && stride > 0);
}
static int increment(int64_t stride, int64_t length) {
  return length <= 1 ? 1 : to_int(stride);
}

static bool is_by_columns(const gm__gemm *g) {
  return matrix_of(g->m, g->n, g->c_row, g->c_column).transpose == CblasTrans;
}

static const char *const no_kernel[GM__DTYPES] = {
    [GM_BOOL] = "OpenBLAS has no kernel for bool",
    [GM_INT8] = "OpenBLAS has no kernel for int8",
    [GM_UINT8] = "OpenBLAS has no kernel for uint8",
    [GM_INT16] = "OpenBLAS has no kernel for int16",
    [GM_INT32] = "OpenBLAS has no kernel for int32",
    [GM_INT64] = "OpenBLAS has no kernel for int64",
    [GM_FLOAT16] = "OpenBLAS has no kernel for float16",
    [GM_BFLOAT16] = "OpenBLAS has no kernel for bfloat16",
};

static const char bad_a[] = "no stride of the first matrix is 1 with the other a leading dimension";
static const char bad_b[] = "no stride of the second matrix is 1 with the other a leading dimension";
static const char bad_c[] = "no stride of the result is 1 with the other a leading dimension";
static const char bad_vector[] = "a stride of a vector is not positive or beyond BLAS's int";

static const char *refuses_dot(const gm__gemm *g) {
  return is_vector_stride(g->a_column, g->k) && is_vector_stride(g->b_row, g->k) ? NULL : bad_vector;
}

/* m = 1: the row of C is Bᵀ times the row of A. */
static const char *refuses_row(const gm__gemm *g) {
  if (!is_vector_stride(g->a_column, g->k) || !is_vector_stride(g->c_column, g->n)) return bad_vector;
  return matrix_of(g->k, g->n, g->b_row, g->b_column).leading == 0 ? bad_b : NULL;
}

static const char *refuses_column(const gm__gemm *g) {
  gm__gemm t = transposed(g);
  const char *why = refuses_row(&t);
  return why == bad_b ? bad_a : why;
}

static const char *refuses_matrix(const gm__gemm *g) {
  if (matrix_of(g->m, g->k, g->a_row, g->a_column).leading == 0) return bad_a;
  if (matrix_of(g->k, g->n, g->b_row, g->b_column).leading == 0) return bad_b;
  return matrix_of(g->m, g->n, g->c_row, g->c_column).leading == 0 ? bad_c : NULL;
}

static const char *refuses_dtype(const gm__gemm *g) {
  if (no_kernel[g->in] != NULL) return no_kernel[g->in];
  if (g->in != g->out) return "OpenBLAS does not widen the result";
  if (!fits(g->m) || !fits(g->n) || !fits(g->k)) return "a length is beyond BLAS's int";
  return NULL;
}

static const char *refuses(const gm__gemm *g) {
  const char *why = refuses_dtype(g);
  if (why != NULL) return why;
  if (g->a_form != NULL || g->b_form != NULL || g->symmetric) return "a factor or the result has a form";
  if (g->m == 1 && g->n == 1) return refuses_dot(g);
  if (g->m == 1) return refuses_row(g);
  return g->n == 1 ? refuses_column(g) : refuses_matrix(g);
}

/* The four dtypes: out = alpha · … + beta · out. gemv adds to what is there, so that beta = 0 never reads it.
 */
#define REAL(p, T)                                                                                           \
  static void p##gemm(                                                                                       \
      const gm__gemm *g, matrix x, matrix y, const void *a, const void *b, void *c, int ldc) {               \
    cblas_##p##gemm(CblasRowMajor, x.transpose, y.transpose, to_int(g->m), to_int(g->n), to_int(g->k),       \
        (T)g->alpha, a, x.leading, b, y.leading, (T)g->beta, c, ldc);                                        \
  }                                                                                                          \
  static void p##gemv(const gm__gemm *g, matrix y, const void *a, const void *b, void *c) {                  \
    int rows = to_int(y.transpose == CblasNoTrans ? g->k : g->n);                                            \
    int columns = to_int(y.transpose == CblasNoTrans ? g->n : g->k);                                         \
    cblas_##p##gemv(CblasRowMajor, y.transpose == CblasNoTrans ? CblasTrans : CblasNoTrans, rows, columns,   \
        (T)g->alpha, b, y.leading, a, increment(g->a_column, g->k), g->beta == 0 ? 1 : (T)g->beta, c,        \
        increment(g->c_column, g->n));                                                                       \
  }                                                                                                          \
  static void p##dot(const gm__gemm *g, const void *a, const void *b, void *c) {                             \
    T *out = c,                                                                                              \
      sum = cblas_##p##dot(to_int(g->k), a, increment(g->a_column, g->k), b, increment(g->b_row, g->k));     \
    *out = g->beta == 0 ? (T)g->alpha * sum : (T)g->alpha * sum + (T)g->beta * *out;                         \
  }

#define COMPLEX(p, T)                                                                                        \
  static void p##gemm(                                                                                       \
      const gm__gemm *g, matrix x, matrix y, const void *a, const void *b, void *c, int ldc) {               \
    T alpha[2] = {(T)g->alpha, 0}, beta[2] = {(T)g->beta, 0};                                                \
    cblas_##p##gemm(CblasRowMajor, x.transpose, y.transpose, to_int(g->m), to_int(g->n), to_int(g->k),       \
        alpha, a, x.leading, b, y.leading, beta, c, ldc);                                                    \
  }                                                                                                          \
  static void p##gemv(const gm__gemm *g, matrix y, const void *a, const void *b, void *c) {                  \
    T alpha[2] = {(T)g->alpha, 0}, beta[2] = {g->beta == 0 ? 1 : (T)g->beta, 0};                             \
    int rows = to_int(y.transpose == CblasNoTrans ? g->k : g->n);                                            \
    int columns = to_int(y.transpose == CblasNoTrans ? g->n : g->k);                                         \
    cblas_##p##gemv(CblasRowMajor, y.transpose == CblasNoTrans ? CblasTrans : CblasNoTrans, rows, columns,   \
        alpha, b, y.leading, a, increment(g->a_column, g->k), beta, c, increment(g->c_column, g->n));        \
  }                                                                                                          \
  static void p##dot(const gm__gemm *g, const void *a, const void *b, void *c) {                             \
    T *out = c, sum[2];                                                                                      \
    cblas_##p##dotu_sub(to_int(g->k), a, increment(g->a_column, g->k), b, increment(g->b_row, g->k), sum);   \
    for (int i = 0; i < 2; i++)                                                                              \
      out[i] = g->beta == 0 ? (T)g->alpha * sum[i] : (T)g->alpha * sum[i] + (T)g->beta * out[i];             \
  }

REAL(s, float)
REAL(d, double)
COMPLEX(c, float)
COMPLEX(z, double)

typedef struct calls {
  void (*gemm)(const gm__gemm *g, matrix x, matrix y, const void *a, const void *b, void *c, int ldc);
  void (*gemv)(const gm__gemm *g, matrix y, const void *a, const void *b, void *c);
  void (*dot)(const gm__gemm *g, const void *a, const void *b, void *c);
} calls;

static const calls of_float32 = {sgemm, sgemv, sdot}, of_float64 = {dgemm, dgemv, ddot},
                   of_complex64 = {cgemm, cgemv, cdot}, of_complex128 = {zgemm, zgemv, zdot};

static const calls *calls_of(gm_dtype dtype) {
  switch (dtype) {
  case GM_FLOAT32: return &of_float32;
  case GM_FLOAT64: return &of_float64;
  case GM_COMPLEX64: return &of_complex64;
  default: return &of_complex128;
  }
}

static void run_row(const gm__gemm *g, const void *a, const void *b, void *c) {
  static const char zeros[16];
  int64_t stride = increment(g->c_column, g->n);
  if (g->beta == 0) gm__strided_fill(c, stride, zeros, (size_t)g->n, gm__dtype_bytes(g->out));
  calls_of(g->in)->gemv(g, matrix_of(g->k, g->n, g->b_row, g->b_column), a, b, c);
}

static void run_matrix(const gm__gemm *g, const void *a, const void *b, void *c) {
  matrix x = matrix_of(g->m, g->k, g->a_row, g->a_column), y = matrix_of(g->k, g->n, g->b_row, g->b_column);
  matrix z = matrix_of(g->m, g->n, g->c_row, g->c_column);
  calls_of(g->in)->gemm(g, x, y, a, b, c, z.leading);
}

static void run_any(const gm__gemm *g, const void *a, const void *b, void *c) {
  gm__gemm t = transposed(g);
  if (g->m == 1 && g->n == 1)
    calls_of(g->in)->dot(g, a, b, c);
  else if (g->m == 1)
    run_row(g, a, b, c);
  else if (g->n == 1)
    run_row(&t, b, a, c);
  else if (is_by_columns(g))
    run_matrix(&t, b, a, c);
  else
    run_matrix(g, a, b, c);
}

/* Around every call. */
static int enter(void) {
  int flavour = openblas_get_parallel();
  if (flavour == OPENMP && omp_set_num_threads != NULL && atomic_load(&single)) omp_set_num_threads(1);
  if (flavour == SERIAL) pthread_mutex_lock(&lock);
  return flavour;
}

static void leave(int flavour) {
  if (flavour == SERIAL) pthread_mutex_unlock(&lock);
}

static void run(const gm__gemm *gemm, const void *a, const void *b, void *c) {
  int flavour = enter();
  run_any(gemm, a, b, c);
  leave(flavour);
}

const gm__provider gm__provider_openblas = {
    .name = "openblas", .refuses = refuses, .run = run, .prepare = prepare};

/* ---- Factors and results with a form ---- */

/* The calls of one dtype, with every matrix by rows. */
#define AS_REAL(T, value) ((T)(value))
#define AS_COMPLEX(T, value) ((const T[2]){(T)(value), 0})
#define FORMED(p, T, AS)                                                                                     \
  static void p##trmm(CBLAS_SIDE side, CBLAS_UPLO triangle, CBLAS_TRANSPOSE transpose, int m, int n,         \
      double alpha, const void *a, int lda, void *b, int ldb) {                                              \
    cblas_##p##trmm(                                                                                         \
        CblasRowMajor, side, triangle, transpose, CblasNonUnit, m, n, AS(T, alpha), a, lda, b, ldb);         \
  }                                                                                                          \
  static void p##trmv(                                                                                       \
      CBLAS_UPLO triangle, CBLAS_TRANSPOSE transpose, int n, const void *a, int lda, void *x, int step) {    \
    cblas_##p##trmv(CblasRowMajor, triangle, transpose, CblasNonUnit, n, a, lda, x, step);                   \
  }                                                                                                          \
  static void p##symm(CBLAS_SIDE side, CBLAS_UPLO triangle, int m, int n, const double factors[2],           \
      const void *a, int lda, const void *b, int ldb, void *c, int ldc) {                                    \
    cblas_##p##symm(                                                                                         \
        CblasRowMajor, side, triangle, m, n, AS(T, factors[0]), a, lda, b, ldb, AS(T, factors[1]), c, ldc);  \
  }                                                                                                          \
  static void p##syrk(                                                                                       \
      CBLAS_TRANSPOSE transpose, int n, int k, double alpha, const void *a, int lda, void *c, int ldc) {     \
    cblas_##p##syrk(CblasRowMajor, CblasLower, transpose, n, k, AS(T, alpha), a, lda, AS(T, 0), c, ldc);     \
  }
/* There is none for complex numbers. */
#define SYMMETRIC_VECTOR(p, T)                                                                               \
  static void p##symv(CBLAS_UPLO triangle, int n, const double factors[2], const void *a, int lda,           \
      const void *x, int x_step, void *y, int y_step) {                                                      \
    cblas_##p##symv(CblasRowMajor, triangle, n, (T)factors[0], a, lda, x, x_step, (T)factors[1], y, y_step); \
  }
SYMMETRIC_VECTOR(s, float)
SYMMETRIC_VECTOR(d, double)
FORMED(s, float, AS_REAL)
FORMED(d, double, AS_REAL)
FORMED(c, float, AS_COMPLEX)
FORMED(z, double, AS_COMPLEX)

typedef struct formed {
  void (*trmm)(CBLAS_SIDE side, CBLAS_UPLO triangle, CBLAS_TRANSPOSE transpose, int m, int n, double alpha,
      const void *a, int lda, void *b, int ldb);
  void (*trmv)(
      CBLAS_UPLO triangle, CBLAS_TRANSPOSE transpose, int n, const void *a, int lda, void *x, int step);
  void (*symm)(CBLAS_SIDE side, CBLAS_UPLO triangle, int m, int n, const double factors[2], const void *a,
      int lda, const void *b, int ldb, void *c, int ldc);
  void (*syrk)(
      CBLAS_TRANSPOSE transpose, int n, int k, double alpha, const void *a, int lda, void *c, int ldc);
  void (*symv)(CBLAS_UPLO triangle, int n, const double factors[2], const void *a, int lda, const void *x,
      int x_step, void *y, int y_step);
} formed;

static const formed *formed_of(gm_dtype dtype) {
  static const formed of[] = {{strmm, strmv, ssymm, ssyrk, ssymv}, {dtrmm, dtrmv, dsymm, dsyrk, dsymv},
      {ctrmm, ctrmv, csymm, csyrk, NULL}, {ztrmm, ztrmv, zsymm, zsyrk, NULL}};
  return &of[dtype - GM_FLOAT32];
}

/* The triangle of a matrix as it is stored, given that of the matrix. */
static CBLAS_UPLO stored(matrix x, bool lower) {
  return lower == (x.transpose == CblasNoTrans) ? CblasLower : CblasUpper;
}

static double all_share(const gm__gemm *g) {
  (void)g;
  return 1;
}
static double half_share(const gm__gemm *g) {
  (void)g;
  return 0.5;
}

/* Is it a triangle that may be read by itself: without a band inside that is narrower, unless zeros are
 * there? */
static bool is_triangle(const gm__form *form, bool raw) {
  if (form == NULL) return false;
  if (!raw) return form->upper <= 0 || form->lower <= 0;
  return (form->upper == 0 && form->lower == GM__FORM_FULL) ||
         (form->lower == 0 && form->upper == GM__FORM_FULL);
}

static bool is_symmetric(const gm__form *form) {
  return form != NULL && form->symmetric && form->lower == GM__FORM_FULL && form->block == 0;
}

/* The form is that of A, square, and B is whole: the other side is the same product transposed. */
static bool on_left(const gm__gemm *g, bool (*is)(const gm__gemm *g)) {
  return g->a_form != NULL && g->m == g->k && !g->b_raw && is(g);
}

static bool a_is_triangle(const gm__gemm *g) {
  return is_triangle(g->a_form, g->a_raw);
}
static bool a_is_symmetric(const gm__gemm *g) {
  return is_symmetric(g->a_form);
}

/* Why a product with a factor of that form is not taken, if it is not. */
static const char *refuses_form(const gm__gemm *g, bool (*is)(const gm__gemm *g)) {
  gm__form forms[2];
  gm__gemm t = gm__gemm_transposed(g, forms);
  const char *why = refuses_dtype(g);
  if (why != NULL) return why;
  if (g->symmetric) return "the result is symmetric";
  if (!on_left(g, is) && !on_left(&t, is)) return "no factor is square and has that form, the other whole";
  return refuses_matrix(g);
}

static const char *refuses_triangle(const gm__gemm *g) {
  return g->beta != 0 ? "something is added" : refuses_form(g, a_is_triangle);
}

/* The result by rows, with the form on whatever side. */
static void run_triangle_rows(const gm__gemm *g, const void *a, const void *b, void *c) {
  bool left = on_left(g, a_is_triangle);
  const gm__form *form = left ? g->a_form : g->b_form;
  const void *triangle = left ? a : b, *from = left ? b : a;
  matrix x =
      left ? matrix_of(g->m, g->k, g->a_row, g->a_column) : matrix_of(g->k, g->n, g->b_row, g->b_column);
  matrix z = matrix_of(g->m, g->n, g->c_row, g->c_column);
  gm__face face = {
      g->m, g->n, left ? g->b_row : g->a_row, left ? g->b_column : g->a_column, g->c_row, g->c_column};
  CBLAS_UPLO side = stored(x, form->upper <= 0);
  gm__face_copy(&face, c, from, gm__dtype_bytes(g->out));
  if (left && g->n == 1 && g->alpha == 1)
    formed_of(g->in)->trmv(side, x.transpose, to_int(g->m), triangle, x.leading, c, z.leading);
  else
    formed_of(g->in)->trmm(left ? CblasLeft : CblasRight, side, x.transpose, to_int(g->m), to_int(g->n),
        g->alpha, triangle, x.leading, c, z.leading);
}

static void run_triangle(const gm__gemm *g, const void *a, const void *b, void *c) {
  gm__form forms[2];
  gm__gemm t = gm__gemm_transposed(g, forms);
  int flavour = enter();
  if (is_by_columns(g) || (g->m == 1 && g->n > 1))
    run_triangle_rows(&t, b, a, c);
  else
    run_triangle_rows(g, a, b, c);
  leave(flavour);
}

const gm__provider gm__provider_trmm = {.name = "trmm",
    .refuses = refuses_triangle,
    .run = run_triangle,
    .prepare = prepare,
    .share = half_share};

static bool same_order(const gm__gemm *g, int64_t rows, int64_t columns, int64_t row, int64_t column) {
  matrix other = matrix_of(rows, columns, row, column);
  return other.leading > 0 && other.transpose == matrix_of(g->m, g->n, g->c_row, g->c_column).transpose;
}

static const char *refuses_symmetric(const gm__gemm *g) {
  const char *why = refuses_form(g, a_is_symmetric);
  if (why != NULL) return why;
  bool alike = on_left(g, a_is_symmetric) ? same_order(g, g->k, g->n, g->b_row, g->b_column)
                                          : same_order(g, g->m, g->k, g->a_row, g->a_column);
  return alike ? NULL : "the other factor and the result do not lie alike";
}

static void run_symmetric_rows(const gm__gemm *g, const void *a, const void *b, void *c) {
  bool left = on_left(g, a_is_symmetric);
  matrix x = matrix_of(g->m, g->k, g->a_row, g->a_column), y = matrix_of(g->k, g->n, g->b_row, g->b_column);
  matrix s = left ? x : y, other = left ? y : x, z = matrix_of(g->m, g->n, g->c_row, g->c_column);
  const double factors[2] = {g->alpha, g->beta};
  const formed *of = formed_of(g->in);
  if (left && g->n == 1 && of->symv != NULL)
    of->symv(stored(s, true), to_int(g->m), factors, a, s.leading, b, other.leading, c, z.leading);
  else
    of->symm(left ? CblasLeft : CblasRight, stored(s, true), to_int(g->m), to_int(g->n), factors,
        left ? a : b, s.leading, left ? b : a, other.leading, c, z.leading);
}

static void run_symmetric(const gm__gemm *g, const void *a, const void *b, void *c) {
  gm__form forms[2];
  gm__gemm t = gm__gemm_transposed(g, forms);
  int flavour = enter();
  if (is_by_columns(g) || (g->m == 1 && g->n > 1))
    run_symmetric_rows(&t, b, a, c);
  else
    run_symmetric_rows(g, a, b, c);
  leave(flavour);
}

const gm__provider gm__provider_symm = {.name = "symm",
    .refuses = refuses_symmetric,
    .run = run_symmetric,
    .prepare = prepare,
    .share = all_share,
    .by_rows = true};

/* ---- A · Aᵗ ---- */

static const char *refuses_square(const gm__gemm *g) {
  const char *why = refuses_dtype(g);
  if (why != NULL) return why;
  if (!g->symmetric) return "the result is not known to be symmetric";
  if (g->beta != 0) return "something is added";
  if (g->a_form != NULL || g->b_form != NULL) return "the factor has a form";
  return refuses_matrix(g);
}

/* The lower triangle to the upper one, a strip of columns at a time; in a strip's own square, one by one. */
static void mirror(char *c, int64_t n, int64_t row, size_t size) {
  enum { STRIP = 64 };
  for (int64_t at = 0; at < n; at += STRIP) {
    int64_t width = n - at < STRIP ? n - at : STRIP, below = n - at - width;
    char *square = c + at * (row + 1) * (int64_t)size;
    for (int64_t i = 1; i < width; i++)
      gm__strided_copy(square + i * (int64_t)size, row, square + i * row * (int64_t)size, 1, (size_t)i, size);
    gm__face strip = {width, below, 1, row, row, 1};
    if (below > 0)
      gm__face_copy(&strip, square + width * (int64_t)size, square + width * row * (int64_t)size, size);
  }
}

static void run_square(const gm__gemm *g, const void *a, const void *b, void *c) {
  matrix x = matrix_of(g->m, g->k, g->a_row, g->a_column), z = matrix_of(g->m, g->n, g->c_row, g->c_column);
  (void)b;
  int flavour = enter();
  formed_of(g->in)->syrk(x.transpose, to_int(g->m), to_int(g->k), g->alpha, a, x.leading, c, z.leading);
  leave(flavour);
  mirror(c, g->m, z.leading, gm__dtype_bytes(g->out));
}

const gm__provider gm__provider_syrk = {
    .name = "syrk", .refuses = refuses_square, .run = run_square, .prepare = prepare, .share = half_share};
