/* SPDX-License-Identifier: MIT
 *
 * Facts, bytes, tensors and files of the fuzz targets. Under AddressSanitizer no block is larger than 24 MB:
 * more is refused as if there were no memory, so that a hostile length is an answer and not a wait. Elsewhere
 * a replay may take 512 MB more than it begins with. */
#include "fuzz.h"

#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__has_feature)
#define HAS(sanitizer) __has_feature(sanitizer)
#else
#define HAS(sanitizer) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || HAS(address_sanitizer) ||               \
    HAS(thread_sanitizer)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

#if defined(__SANITIZE_ADDRESS__) || HAS(address_sanitizer)
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
  return "allocator_may_return_null=1:max_allocation_size_mb=24:malloc_context_size=8:quarantine_size_mb=32";
}
#endif

/** What is mapped by now: threads of OpenBLAS may have much. */
static rlim_t mapped(void) {
  unsigned long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  bool read = file && fscanf(file, "%lu", &pages) == 1;
  if (file) fclose(file);
  return read ? (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) : RLIM_INFINITY / 2;
}

void fuzz_limit_memory(void) {
  struct rlimit limit;
  if (SANITIZED || getrlimit(RLIMIT_AS, &limit) != 0) return;
  limit.rlim_cur = mapped() + ((rlim_t)512 << 20);
  setrlimit(RLIMIT_AS, &limit);
}

void fuzz_need(bool holds, const char *fact, const char *file, int line) {
  if (holds) return;
  fprintf(stderr, "%s:%d: it does not hold that %s\n", file, line, fact);
  fflush(stderr);
  abort();
}

/* ---- Errors ---- */

static bool one_line(const char *text, size_t size) {
  size_t length = strnlen(text, size);
  for (size_t i = 0; i < length; i++) {
    if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F) return false;
  }
  return length < size;
}

void fuzz_refused(const gm_error *error) {
  NEED(error->status > GM_OK && error->status < GM_INTERNAL);
  NEED(error->message[0] != 0);
  NEED(one_line(error->message, sizeof error->message));
  NEED(one_line(error->node, sizeof error->node));
  NEED(strnlen(error->file, sizeof error->file) < sizeof error->file);
  NEED(error->line >= 0 && error->column >= 0);
}

void fuzz_status(gm_status status, const gm_error *error) {
  if (status == GM_OK) return;
  NEED(status == error->status);
  fuzz_refused(error);
}

void fuzz_placed(const gm_error *error, const char *text, size_t size) {
  const char *at = text, *end = text + size;
  fuzz_refused(error);
  if (error->line == 0) return;
  for (int line = 1; line < error->line; line++) {
    size_t rest = (size_t)(end - at), length = 0;
    while (length < rest && at[length] != '\n' && at[length] != '\r') length++;
    length += length + 1 < rest && at[length] == '\r' && at[length + 1] == '\n';
    NEED(length < rest || line + 1 == error->line);
    at += length < rest ? length + 1 : length;
  }
  NEED(error->column <= end - at + 1);
}

char *fuzz_text(const uint8_t *data, size_t size) {
  char *text = malloc(size + 1);
  NEED(text != NULL);
  if (size) memcpy(text, data, size);
  text[size] = 0;
  return text;
}

/* ---- Bytes ---- */

unsigned take(bytes *from) {
  return from->at < from->end ? *from->at++ : 0;
}

unsigned take_below(bytes *from, unsigned count) {
  return take(from) % count;
}

const char *take_word(bytes *from, const char *const *words, unsigned count) {
  return words[take_below(from, count)];
}

/* ---- Tensors ---- */

static bool same_float(const char *a, const char *b, size_t size) {
  double x, y;
  float p, q;
  memcpy(&x, a, size == 8 ? 8 : 0);
  memcpy(&y, b, size == 8 ? 8 : 0);
  memcpy(&p, a, size == 4 ? 4 : 0);
  memcpy(&q, b, size == 4 ? 4 : 0);
  return size == 8 ? x != x && y != y : p != p && q != q;
}

static bool half_is_nan(const char *at, uint16_t exponent) {
  uint16_t bits;
  memcpy(&bits, at, sizeof bits);
  return (bits & exponent) == exponent && (bits & 0x7FFF & ~exponent);
}

/** Both NaN, by the parts of `size` bytes of which the dtype is made; integers never are. */
static bool both_nan(gm_dtype dtype, const char *a, const char *b, size_t size) {
  uint16_t exponent = dtype == GM_FLOAT16 ? 0x7C00 : 0x7F80;
  if (dtype < GM_FLOAT16) return false;
  if (size == 2) return half_is_nan(a, exponent) && half_is_nan(b, exponent);
  return same_float(a, b, size);
}

static bool same_bits(const gm_tensor *a, const gm_tensor *b) {
  gm_dtype dtype = gm_tensor_dtype(a);
  size_t size = gm_dtype_size(dtype) / (dtype >= GM_COMPLEX64 ? 2 : 1);
  size_t end = (size_t)gm_tensor_count(a) * gm_dtype_size(dtype);
  const char *x = gm_tensor_cdata(a), *y = gm_tensor_cdata(b);
  if (end == 0 || memcmp(x, y, end) == 0) return true;
  for (size_t i = 0; i < end; i += size) {
    if (memcmp(x + i, y + i, size) != 0 && !both_nan(dtype, x + i, y + i, size)) return false;
  }
  return true;
}

bool fuzz_same(const gm_tensor *a, const gm_tensor *b) {
  int rank = gm_tensor_rank(a);
  if (gm_tensor_dtype(a) != gm_tensor_dtype(b) || rank != gm_tensor_rank(b)) return false;
  if (rank && memcmp(gm_tensor_dims(a), gm_tensor_dims(b), (size_t)rank * sizeof(int64_t))) return false;
  return same_bits(a, b);
}

gm_tensor *fuzz_tensor(gm_dtype dtype, int rank, const int64_t *dims, unsigned seed) {
  gm_error error;
  gm_tensor *value = gm_tensor_new(GM_FLOAT32, rank, dims, &error);
  if (!value) return NULL;
  float *at = gm_tensor_data(value);
  bool whole = dtype < GM_FLOAT16;
  for (int64_t i = 0; i < gm_tensor_count(value); i++) {
    seed = seed * 1103515245 + 12345;
    int digit = (int)(seed >> 16) % 9 - (whole ? 0 : 4);
    at[i] = whole ? (float)(digit % 4) : (float)digit / 4;
  }
  if (dtype == GM_FLOAT32) return value;
  gm_graph *graph = gm_graph_new(NULL, NULL);
  char attributes[40];
  gm_node from = gm_constant(graph, NULL, value);
  gm_tensor *cast = NULL;
  snprintf(attributes, sizeof attributes, "{dtype: %s}", gm_dtype_name(dtype));
  gm_eval(graph, gm_apply(graph, "cast", &from, 1, attributes), &cast, &error);
  gm_tensor_free(value);
  gm_graph_free(graph);
  return cast;
}

/* ---- Files ---- */

static char folder[64];

static void remove_folder(void) {
  char command[128];
  snprintf(command, sizeof command, "rm -rf '%s'", folder);
  if (system(command) != 0) fprintf(stderr, "%s stays\n", folder);
}

static void make_folder(void) {
  struct stat shared;
  bool memory = stat("/dev/shm", &shared) == 0 && access("/dev/shm", W_OK) == 0;
  snprintf(folder, sizeof folder, "%s/gemmule-fuzz-XXXXXX", memory ? "/dev/shm" : "/tmp");
  NEED(mkdtemp(folder) != NULL);
  atexit(remove_folder);
}

const char *fuzz_path(const char *name) {
  static char paths[4][160];
  static unsigned next;
  char *path = paths[next++ % 4];
  if (!folder[0]) make_folder();
  snprintf(path, sizeof paths[0], "%s/%s", folder, name);
  return path;
}

void fuzz_write(const char *path, const void *data, size_t size) {
  FILE *file = fopen(path, "wb");
  NEED(file != NULL);
  NEED(fwrite(data, 1, size, file) == size);
  NEED(fclose(file) == 0);
}

char *fuzz_read(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  if (!file) return NULL;
  NEED(fseek(file, 0, SEEK_END) == 0);
  *size = (size_t)ftell(file);
  rewind(file);
  char *text = malloc(*size + 1);
  NEED(text != NULL && fread(text, 1, *size, file) == *size);
  text[*size] = 0;
  fclose(file);
  return text;
}
