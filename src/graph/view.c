/* SPDX-License-Identifier: MIT
 *
 * The algebra of views, and the coalescing of loops. */
#include "graph/view.h"

int64_t gm__view_count(const gm__view *view) {
  int64_t count = 1;
  for (int a = 0; a < view->rank; a++) count *= view->dims[a];
  return count;
}

void gm__view_pack(gm__view *view) {
  int64_t stride = 1;
  for (int a = view->rank - 1; a >= 0; a--) {
    view->strides[a] = stride;
    stride *= view->dims[a] ? view->dims[a] : 1;
  }
}

bool gm__view_contiguous(const gm__view *view) {
  int64_t stride = 1;
  if (gm__view_count(view) == 0) return true;
  for (int a = view->rank - 1; a >= 0; a--) {
    if (view->dims[a] != 1 && view->strides[a] != stride) return false;
    stride *= view->dims[a];
  }
  return true;
}

static gm__nest merged(const gm__view *view) {
  gm__nest nest = {.operands = 1};
  for (int a = 0; a < view->rank; a++) gm__nest_push(&nest, view->dims[a], &view->strides[a]);
  return nest;
}

/** Splits the merged axes of a view over `dims`, from the last axis on. */
static bool split(const gm__nest *nest, int rank, const int64_t *dims, int64_t *strides) {
  int from = nest->rank - 1;
  int64_t left = from >= 0 ? nest->dims[from] : 1, stride = from >= 0 ? nest->strides[0][from] : 1;
  for (int a = rank - 1; a >= 0; a--) {
    strides[a] = stride;
    if (dims[a] == 1) continue;
    if (left == 1 && --from >= 0) {
      left = nest->dims[from];
      strides[a] = stride = nest->strides[0][from];
    }
    if (left % dims[a] != 0) return false;
    left /= dims[a];
    stride *= dims[a];
  }
  return true;
}

bool gm__view_reshape(gm__view *view, int rank, const int64_t *dims) {
  gm__view fresh = *view;
  fresh.rank = rank;
  for (int a = 0; a < rank; a++) fresh.dims[a] = dims[a];
  if (gm__view_contiguous(view)) {
    gm__view_pack(&fresh);
  } else {
    gm__nest nest = merged(view);
    if (!split(&nest, rank, dims, fresh.strides)) return false;
  }
  *view = fresh;
  return true;
}

void gm__view_permute(gm__view *view, const int *order) {
  const gm__view from = *view;
  for (int a = 0; a < view->rank; a++) {
    view->dims[a] = from.dims[order[a]];
    view->strides[a] = from.strides[order[a]];
  }
}

void gm__view_broadcast(gm__view *view, int rank, const int64_t *dims) {
  const gm__view from = *view;
  int added = rank - from.rank;
  view->rank = rank;
  for (int a = 0; a < rank; a++) {
    bool repeated = a < added || (from.dims[a - added] == 1 && dims[a] != 1);
    view->dims[a] = dims[a];
    view->strides[a] = repeated ? 0 : from.strides[a - added];
  }
}

void gm__nest_push(gm__nest *nest, int64_t dim, const int64_t *strides) {
  if (dim == 1) return;
  int last = nest->rank - 1;
  bool merges = last >= 0;
  for (int o = 0; o < nest->operands && merges; o++) merges = nest->strides[o][last] == dim * strides[o];
  int axis = merges ? last : nest->rank++;
  nest->dims[axis] = merges ? nest->dims[axis] * dim : dim;
  for (int o = 0; o < nest->operands; o++) nest->strides[o][axis] = strides[o];
}
