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
#include "kernel/gemm/openblas.h"
#include "kernel/strided.h"

/* There only when OpenBLAS was built on OpenMP, whose thread count belongs to each calling thread. */
extern void omp_set_num_threads(int count) __attribute__((weak));

enum { SERIAL = 0, OPENMP = 2 };

#define TURNED(turned) ((turned) ? CblasTrans : CblasNoTrans)
#define TRIANGLE(lower) ((lower) ? CblasLower : CblasUpper)
#define SIDE(left) ((left) ? CblasLeft : CblasRight)

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool single;

static void set_single(void) {
  openblas_set_num_threads(1);
  atomic_store(&single, true);
}

gm_status gm__blas_prepare(bool keep_threads, gm_error *error) {
  (void)error;
  if (!keep_threads) pthread_once(&once, set_single);
  return GM_OK;
}

static bool leads(int64_t stride, int64_t length) {
  return gm__blas_fits(stride) && stride >= (length > 1 ? length : 1);
}

static int leading(int64_t stride, int64_t lines, int64_t length) {
  if (lines <= 1) stride = length > 1 ? length : 1;
  return leads(stride, length) ? gm__blas_int(stride) : 0;
}

gm__blas_matrix gm__blas_matrix_of(int64_t rows, int64_t columns, int64_t row, int64_t column) {
  int by_rows = column == 1 || columns <= 1 ? leading(row, rows, columns) : 0;
  if (by_rows > 0) return (gm__blas_matrix){false, by_rows};
  return (gm__blas_matrix){true, row == 1 || rows <= 1 ? leading(column, columns, rows) : 0};
}

/* The same product with rows and columns exchanged, where no form is known. */
static gm__gemm transposed(const gm__gemm *g) {
  gm__form none[2];
  return gm__gemm_transposed(g, none);
}

static bool is_vector_stride(int64_t stride, int64_t length) {
  return length <= 1 || (gm__blas_fits(stride) && stride > 0);
}
static int increment(int64_t stride, int64_t length) {
  return length <= 1 ? 1 : gm__blas_int(stride);
}

static bool is_by_columns(const gm__gemm *g) {
  return gm__blas_matrix_of(g->m, g->n, g->c_row, g->c_column).turned;
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
  return gm__blas_matrix_of(g->k, g->n, g->b_row, g->b_column).leading == 0 ? bad_b : NULL;
}

static const char *refuses_column(const gm__gemm *g) {
  gm__gemm t = transposed(g);
  const char *why = refuses_row(&t);
  return why == bad_b ? bad_a : why;
}

const char *gm__blas_refuses_matrix(const gm__gemm *g) {
  if (gm__blas_matrix_of(g->m, g->k, g->a_row, g->a_column).leading == 0) return bad_a;
  if (gm__blas_matrix_of(g->k, g->n, g->b_row, g->b_column).leading == 0) return bad_b;
  return gm__blas_matrix_of(g->m, g->n, g->c_row, g->c_column).leading == 0 ? bad_c : NULL;
}

const char *gm__blas_refuses_dtype(const gm__gemm *g) {
  if (no_kernel[g->in] != NULL) return no_kernel[g->in];
  if (g->in != g->out) return "OpenBLAS does not widen the result";
  if (!gm__blas_fits(g->m) || !gm__blas_fits(g->n) || !gm__blas_fits(g->k))
    return "a length is beyond BLAS's int";
  return NULL;
}

static const char *refuses(const gm__gemm *g) {
  const char *why = gm__blas_refuses_dtype(g);
  if (why != NULL) return why;
  if (g->a_form != NULL || g->b_form != NULL || g->symmetric) return "a factor or the result has a form";
  if (g->m == 1 && g->n == 1) return refuses_dot(g);
  if (g->m == 1) return refuses_row(g);
  return g->n == 1 ? refuses_column(g) : gm__blas_refuses_matrix(g);
}

/* The four dtypes: out = alpha · … + beta · out. gemv adds to what is there, so that beta = 0 never reads it.
 */
#define REAL(p, T)                                                                                           \
  static void p##gemm(const gm__gemm *g, gm__blas_matrix x, gm__blas_matrix y, const void *a, const void *b, \
      void *c, int ldc) {                                                                                    \
    cblas_##p##gemm(CblasRowMajor, TURNED(x.turned), TURNED(y.turned), gm__blas_int(g->m),                   \
        gm__blas_int(g->n), gm__blas_int(g->k), (T)g->alpha, a, x.leading, b, y.leading, (T)g->beta, c,      \
        ldc);                                                                                                \
  }                                                                                                          \
  static void p##gemv(const gm__gemm *g, gm__blas_matrix y, const void *a, const void *b, void *c) {         \
    int rows = gm__blas_int(y.turned ? g->n : g->k);                                                         \
    int columns = gm__blas_int(y.turned ? g->k : g->n);                                                      \
    cblas_##p##gemv(CblasRowMajor, TURNED(!y.turned), rows, columns, (T)g->alpha, b, y.leading, a,           \
        increment(g->a_column, g->k), g->beta == 0 ? 1 : (T)g->beta, c, increment(g->c_column, g->n));       \
  }                                                                                                          \
  static void p##dot(const gm__gemm *g, const void *a, const void *b, void *c) {                             \
    T *out = c, sum = cblas_##p##dot(                                                                        \
                    gm__blas_int(g->k), a, increment(g->a_column, g->k), b, increment(g->b_row, g->k));      \
    *out = g->beta == 0 ? (T)g->alpha * sum : (T)g->alpha * sum + (T)g->beta * *out;                         \
  }

#define COMPLEX(p, T)                                                                                        \
  static void p##gemm(const gm__gemm *g, gm__blas_matrix x, gm__blas_matrix y, const void *a, const void *b, \
      void *c, int ldc) {                                                                                    \
    T alpha[2] = {(T)g->alpha, 0}, beta[2] = {(T)g->beta, 0};                                                \
    cblas_##p##gemm(CblasRowMajor, TURNED(x.turned), TURNED(y.turned), gm__blas_int(g->m),                   \
        gm__blas_int(g->n), gm__blas_int(g->k), alpha, a, x.leading, b, y.leading, beta, c, ldc);            \
  }                                                                                                          \
  static void p##gemv(const gm__gemm *g, gm__blas_matrix y, const void *a, const void *b, void *c) {         \
    T alpha[2] = {(T)g->alpha, 0}, beta[2] = {g->beta == 0 ? 1 : (T)g->beta, 0};                             \
    int rows = gm__blas_int(y.turned ? g->n : g->k);                                                         \
    int columns = gm__blas_int(y.turned ? g->k : g->n);                                                      \
    cblas_##p##gemv(CblasRowMajor, TURNED(!y.turned), rows, columns, alpha, b, y.leading, a,                 \
        increment(g->a_column, g->k), beta, c, increment(g->c_column, g->n));                                \
  }                                                                                                          \
  static void p##dot(const gm__gemm *g, const void *a, const void *b, void *c) {                             \
    T *out = c, sum[2];                                                                                      \
    cblas_##p##dotu_sub(                                                                                     \
        gm__blas_int(g->k), a, increment(g->a_column, g->k), b, increment(g->b_row, g->k), sum);             \
    for (int i = 0; i < 2; i++)                                                                              \
      out[i] = g->beta == 0 ? (T)g->alpha * sum[i] : (T)g->alpha * sum[i] + (T)g->beta * out[i];             \
  }

REAL(s, float)
REAL(d, double)
COMPLEX(c, float)
COMPLEX(z, double)

typedef struct calls {
  void (*gemm)(const gm__gemm *g, gm__blas_matrix x, gm__blas_matrix y, const void *a, const void *b, void *c,
      int ldc);
  void (*gemv)(const gm__gemm *g, gm__blas_matrix y, const void *a, const void *b, void *c);
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
  calls_of(g->in)->gemv(g, gm__blas_matrix_of(g->k, g->n, g->b_row, g->b_column), a, b, c);
}

static void run_matrix(const gm__gemm *g, const void *a, const void *b, void *c) {
  gm__blas_matrix x = gm__blas_matrix_of(g->m, g->k, g->a_row, g->a_column),
                  y = gm__blas_matrix_of(g->k, g->n, g->b_row, g->b_column);
  gm__blas_matrix z = gm__blas_matrix_of(g->m, g->n, g->c_row, g->c_column);
  calls_of(g->in)->gemm(g, x, y, a, b, c, z.leading);
}

static void run_transposed(const gm__gemm *g, const void *a, const void *b, void *c) {
  gm__gemm t = transposed(g);
  if (t.m == 1)
    run_row(&t, b, a, c);
  else
    run_matrix(&t, b, a, c);
}

static void run_any(const gm__gemm *g, const void *a, const void *b, void *c) {
  if (g->m == 1 && g->n == 1)
    calls_of(g->in)->dot(g, a, b, c);
  else if (g->m == 1)
    run_row(g, a, b, c);
  else if (g->n == 1 || is_by_columns(g))
    run_transposed(g, a, b, c);
  else
    run_matrix(g, a, b, c);
}

int gm__blas_enter(void) {
  int flavour = openblas_get_parallel();
  if (flavour == OPENMP && omp_set_num_threads != NULL && atomic_load(&single)) omp_set_num_threads(1);
  if (flavour == SERIAL) pthread_mutex_lock(&lock);
  return flavour;
}

void gm__blas_leave(int flavour) {
  if (flavour == SERIAL) pthread_mutex_unlock(&lock);
}

static void run(const gm__gemm *gemm, const void *a, const void *b, void *c) {
  int flavour = gm__blas_enter();
  run_any(gemm, a, b, c);
  gm__blas_leave(flavour);
}

const gm__provider gm__provider_openblas = {
    .name = "openblas", .refuses = refuses, .run = run, .prepare = gm__blas_prepare};

/* ---- For factors and results with a form ---- */

#define AS_REAL(T, value) ((T)(value))
#define AS_COMPLEX(T, value) ((const T[2]){(T)(value), 0})
#define FORMED(p, T, AS)                                                                                     \
  static void p##trmm(bool left, bool lower, bool turned, int m, int n, double alpha, const void *a,         \
      int lda, void *b, int ldb) {                                                                           \
    cblas_##p##trmm(CblasRowMajor, SIDE(left), TRIANGLE(lower), TURNED(turned), CblasNonUnit, m, n,          \
        AS(T, alpha), a, lda, b, ldb);                                                                       \
  }                                                                                                          \
  static void p##trmv(bool lower, bool turned, int n, const void *a, int lda, void *x, int step) {           \
    cblas_##p##trmv(CblasRowMajor, TRIANGLE(lower), TURNED(turned), CblasNonUnit, n, a, lda, x, step);       \
  }                                                                                                          \
  static void p##symm(bool left, bool lower, int m, int n, const double factors[2], const void *a, int lda,  \
      const void *b, int ldb, void *c, int ldc) {                                                            \
    cblas_##p##symm(CblasRowMajor, SIDE(left), TRIANGLE(lower), m, n, AS(T, factors[0]), a, lda, b, ldb,     \
        AS(T, factors[1]), c, ldc);                                                                          \
  }                                                                                                          \
  static void p##syrk(bool turned, int n, int k, double alpha, const void *a, int lda, void *c, int ldc) {   \
    cblas_##p##syrk(                                                                                         \
        CblasRowMajor, CblasLower, TURNED(turned), n, k, AS(T, alpha), a, lda, AS(T, 0), c, ldc);            \
  }
#define SYMMETRIC_VECTOR(p, T)                                                                               \
  static void p##symv(bool lower, int n, const double factors[2], const void *a, int lda, const void *x,     \
      int x_step, void *y, int y_step) {                                                                     \
    cblas_##p##symv(                                                                                         \
        CblasRowMajor, TRIANGLE(lower), n, (T)factors[0], a, lda, x, x_step, (T)factors[1], y, y_step);      \
  }
SYMMETRIC_VECTOR(s, float)
SYMMETRIC_VECTOR(d, double)
FORMED(s, float, AS_REAL)
FORMED(d, double, AS_REAL)
FORMED(c, float, AS_COMPLEX)
FORMED(z, double, AS_COMPLEX)

const gm__blas_calls *gm__blas_calls_of(gm_dtype dtype) {
  static const gm__blas_calls of[] = {{strmm, strmv, ssymm, ssyrk, ssymv},
      {dtrmm, dtrmv, dsymm, dsyrk, dsymv}, {ctrmm, ctrmv, csymm, csyrk, NULL},
      {ztrmm, ztrmv, zsymm, zsyrk, NULL}};
  return &of[dtype - GM_FLOAT32];
}
