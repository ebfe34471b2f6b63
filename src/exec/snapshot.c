/* SPDX-License-Identifier: MIT
 *
 * The snapshot: references to the values of variables and constants as they are when a run begins, and what
 * was packed of them. Taken anew only when the store says that a value was set. */
#include "exec/executor.h"

void gm__snapshot_drop(gm_executor *e) {
  for (size_t i = 0; i < e->held_count; i++) gm_tensor_free(e->held[i]);
  e->held_count = 0;
  e->version = 0;
}

/** Steps that run once have to run again when a value that they read is another one. */
static void take_value(gm_executor *e, size_t at, gm_tensor *value) {
  uint32_t buffer = e->special->value_buffers[at];
  gm_tensor *old = e->held_count ? e->held[at] : NULL;
  if (value != old && e->special->program.buffers[buffer].kept) e->settled = false;
  e->held[at] = value;
  e->bases[buffer] = value->data;
  gm_tensor_free(old);
}

/** The tensor whose data a buffer is; those of values are in order. */
static gm_tensor *value_of(const gm_executor *e, uint32_t buffer) {
  const gm__special *special = e->special;
  const gm__buffer *b = &special->program.buffers[buffer];
  size_t low = 0, high = special->value_count;
  if (b->kind == GM__BUFFER_FOLDED) return e->plan->folded[b->index];
  while (high - low > 1) {
    size_t middle = low + (high - low) / 2;
    if (special->value_buffers[middle] <= buffer)
      low = middle;
    else
      high = middle;
  }
  return e->held[low];
}

static void make_packed(const void *context, const void *data, void *packed) {
  const gm__packing *p = context;
  gm__pack_all(&p->pack, (const char *)data + p->offset, packed, NULL);
}

/** Without memory the address is NULL, and the product reads the value itself. */
static void take_packed(gm_executor *e) {
  const gm__program *program = &e->special->program;
  for (size_t i = 0; i < program->packing_count; i++) {
    const gm__packing *p = &program->packings[i];
    gm_tensor *value = value_of(e, p->value);
    e->bases[p->buffer] = gm__tensor_derive(value, p->key, p->key_bytes, p->bytes, make_packed, p);
  }
}

gm_status gm__snapshot_take(gm_executor *e, gm_error *error) {
  const gm__special *special = e->special;
  const gm__store *store = e->plan->graph->store;
  if (e->version == gm__store_version(store)) return GM_OK;
  if (!gm__grow((void **)&e->held, &e->held_capacity, 2 * special->value_count, sizeof *e->held)) {
    return gm__no_memory(error);
  }
  gm_tensor **fresh = e->held ? e->held + special->value_count : NULL;
  e->version = gm__store_snapshot(store, special->value_slots, special->value_count, fresh);
  for (size_t i = 0; i < special->value_count; i++) take_value(e, i, fresh[i]);
  e->held_count = special->value_count;
  take_packed(e);
  return GM_OK;
}
