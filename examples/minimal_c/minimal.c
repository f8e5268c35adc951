/* SPDX-License-Identifier: Apache-2.0 */
#include "examples/minimal_c/minimal.h"

#include <string.h>

/* ["app"] as it stands in manifests: a CBOR array of one byte string. */
static const uint8_t app_id[] = {0x81, 0x43, 'a', 'p', 'p'};

static minimal_device_t* device_of(void* context) {
  return context;
}

static tailor_error_t find_component(void* context, const tailor_component_id_t* id, uint64_t* sequence_number) {
  if (id->size != sizeof app_id || memcmp(id->bytes, app_id, sizeof app_id) != 0) return TAILOR_ERROR_COMPONENT_UNKNOWN;
  *sequence_number = device_of(context)->sequence_number; /* older manifests are refused */
  return TAILOR_OK;
}

static tailor_error_t see_manifest(void* context, const tailor_manifest_t* manifest) {
  device_of(context)->offered = manifest->sequence_number;
  return TAILOR_OK;
}

static tailor_error_t open_app(void* context, const tailor_component_id_t* id, const tailor_content_t* content,
                               uint32_t* resume_offset) {
  (void)id;
  *resume_offset = 0;
  if (content->size_bytes == TAILOR_SIZE_UNKNOWN || content->size_bytes > MINIMAL_APP_BYTES) {
    return TAILOR_ERROR_IMAGE_TOO_LARGE;
  }
  device_of(context)->app_size = 0; /* from here on the old app is gone: a product writes to a second place */
  return TAILOR_OK;
}

static tailor_error_t write_app(void* context, const tailor_component_id_t* id, uint32_t offset, const uint8_t* bytes,
                                size_t size) {
  (void)id;
  if (offset > MINIMAL_APP_BYTES || size > MINIMAL_APP_BYTES - offset) return TAILOR_ERROR_IMAGE_TOO_LARGE;
  if (size != 0) memcpy(device_of(context)->app + offset, bytes, size);
  return TAILOR_OK;
}

static tailor_error_t finish_app(void* context, const tailor_component_id_t* id, uint32_t size_bytes) {
  (void)id;
  device_of(context)->app_size = size_bytes;
  return TAILOR_OK;
}

static tailor_error_t size_of_app(void* context, const tailor_component_id_t* id, uint32_t* size_bytes) {
  (void)id;
  *size_bytes = device_of(context)->app_size;
  return TAILOR_OK;
}

/* Tailor digests what was written by reading it back. */
static tailor_error_t read_app(void* context, const tailor_component_id_t* id, uint32_t offset, uint8_t* bytes,
                               size_t* size) {
  (void)id;
  const minimal_device_t* device = context;
  const size_t left = offset < device->app_size ? device->app_size - offset : 0;
  if (*size > left) *size = left;
  if (*size != 0) memcpy(bytes, device->app + offset, *size);
  return TAILOR_OK;
}

/* Ids as `tailor manifest create --vendor example.com --class minimal` derives them (UUIDv5). */
void minimal_handler_init(tailor_update_handler_t* handler, minimal_device_t* device) {
  static const uint8_t vendor_id[TAILOR_UUID_BYTES] = {0xcf, 0xbf, 0xf0, 0xd1, 0x93, 0x75, 0x56, 0x85,
                                                       0x96, 0x8c, 0x48, 0xce, 0x8b, 0x15, 0xae, 0x17};
  static const uint8_t class_id[TAILOR_UUID_BYTES] = {0xe3, 0x71, 0x3a, 0x27, 0x02, 0x0c, 0x56, 0xa5,
                                                      0x94, 0xa8, 0x4c, 0xd7, 0xd3, 0x86, 0xb5, 0x2e};
  memset(handler, 0, sizeof *handler);
  handler->context = device;
  memcpy(handler->vendor_id, vendor_id, sizeof vendor_id);
  memcpy(handler->class_id, class_id, sizeof class_id);
  handler->find_component = find_component;
  handler->manifest = see_manifest;
  handler->open = open_app;
  handler->write = write_app;
  handler->finish = finish_app;
  handler->size = size_of_app;
  handler->read = read_app;
}

tailor_error_t minimal_update(minimal_device_t* device, const uint8_t* envelope, size_t size) {
  tailor_update_handler_t handler;
  tailor_envelope_t* state = NULL;
  tailor_progress_t progress = TAILOR_PROGRESS_NEED_INPUT;
  minimal_handler_init(&handler, device);
  tailor_error_t error = tailor_envelope_open(&minimal_anchors, &handler, 0, &state);
  for (size_t fed = 0; error == TAILOR_OK && progress != TAILOR_PROGRESS_DONE && fed < size;) {
    size_t consumed = 0;
    error = tailor_envelope_feed(state, envelope + fed, size - fed, &consumed, &progress);
    fed += consumed;
  }
  if (error == TAILOR_OK) error = tailor_envelope_finish(state);
  tailor_envelope_close(state);
  if (error == TAILOR_OK) device->sequence_number = device->offered;
  return error;
}
