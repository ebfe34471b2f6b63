/* SPDX-License-Identifier: MIT
 *
 * Prints the text, the JSON and the bytes (saved again) of .npy files, for comparison with NumPy: the paths
 * come one a line on stdin, and each answer is "LENGTH\n" and that many bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <gemmule/gemmule.h>

typedef size_t writer(const gm_tensor *tensor, char *buffer, size_t size);

static int answer(const gm_tensor *tensor, writer *write) {
  size_t length = write(tensor, NULL, 0);
  char *buffer = malloc(length + 1);
  if (buffer == NULL) return EXIT_FAILURE;
  size_t again = write(tensor, buffer, length + 1);
  printf("%zu\n", length);
  fwrite(buffer, 1, length, stdout);
  int status = again == length && strlen(buffer) == length ? EXIT_SUCCESS : EXIT_FAILURE;
  free(buffer);
  return status;
}

static int print(const char *path) {
  gm_error error;
  gm_tensor *tensor = gm_tensor_load(path, &error);
  if (tensor == NULL) {
    fprintf(stderr, "%s\n", error.message);
    return EXIT_FAILURE;
  }
  int status = answer(tensor, gm_tensor_text);
  if (status == EXIT_SUCCESS) status = answer(tensor, gm_tensor_json);
  if (status == EXIT_SUCCESS && gm_tensor_save(tensor, path, &error) != GM_OK) status = EXIT_FAILURE;
  gm_tensor_free(tensor);
  return status;
}

int main(void) {
  char path[4096];
  while (fgets(path, sizeof path, stdin) != NULL) {
    path[strcspn(path, "\n")] = '\0';
    if (print(path) != EXIT_SUCCESS) return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
