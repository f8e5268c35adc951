/* SPDX-License-Identifier: Apache-2.0 */
#include "device/capi/ram_handler.h"

#include <string.h>

/* Components 81 41 00 and 81 41 01: one part of one byte. */
static int index_of(const tailor_component_id_t* id) {
  if (id->size != 3 || id->bytes[0] != 0x81 || id->bytes[1] != 0x41 || id->bytes[2] >= RAM_COMPONENTS) return -1;
  return id->bytes[2];
}

static tailor_error_t find_component(void* context, const tailor_component_id_t* id, uint64_t* sequence_number) {
  ram_device_t* device = context;
  if (index_of(id) < 0) return TAILOR_ERROR_COMPONENT_UNKNOWN;
  *sequence_number = device->installed_sequence_number;
  return TAILOR_OK;
}

static tailor_error_t manifest(void* context, const tailor_manifest_t* processed) {
  ram_device_t* device = context;
  device->seen_sequence_number = processed->sequence_number;
  return device->refuse_manifest ? TAILOR_ERROR_UPDATE_IN_PROGRESS : TAILOR_OK;
}

static tailor_error_t may_write(void* context, const tailor_key_t* key, const tailor_component_id_t* id) {
  ram_device_t* device = context;
  (void)id;
  if (device->permitted_key == NULL) return TAILOR_OK;
  return memcmp(key, device->permitted_key, sizeof *key) == 0 ? TAILOR_OK : TAILOR_ERROR_SIGNER_NOT_PERMITTED;
}

static tailor_error_t open_content(void* context, const tailor_component_id_t* id, const tailor_content_t* content,
                                   uint32_t* resume_offset) {
  ram_device_t* device = context;
  (void)id;
  (void)resume_offset;
  if (content->size_bytes != TAILOR_SIZE_UNKNOWN && content->size_bytes > RAM_COMPONENT_BYTES) {
    return TAILOR_ERROR_IMAGE_TOO_LARGE;
  }
  ++device->opened;
  return TAILOR_OK;
}

static tailor_error_t write_content(void* context, const tailor_component_id_t* id, uint32_t offset,
                                    const uint8_t* bytes, size_t size) {
  ram_device_t* device = context;
  if (size > RAM_COMPONENT_BYTES - offset) return TAILOR_ERROR_IMAGE_TOO_LARGE;
  if (size != 0) memcpy(device->content[index_of(id)] + offset, bytes, size);
  return TAILOR_OK;
}

static tailor_error_t finish_content(void* context, const tailor_component_id_t* id, uint32_t size_bytes) {
  ram_device_t* device = context;
  device->size[index_of(id)] = size_bytes;
  ++device->finished;
  return TAILOR_OK;
}

static tailor_error_t content_size(void* context, const tailor_component_id_t* id, uint32_t* size_bytes) {
  ram_device_t* device = context;
  *size_bytes = device->size[index_of(id)];
  return TAILOR_OK;
}

static tailor_error_t read_content(void* context, const tailor_component_id_t* id, uint32_t offset, uint8_t* bytes,
                                   size_t* size) {
  ram_device_t* device = context;
  const uint32_t end = device->size[index_of(id)];
  const size_t left = offset < end ? end - offset : 0;
  if (*size > left) *size = left;
  if (*size != 0) memcpy(bytes, device->content[index_of(id)] + offset, *size);
  return TAILOR_OK;
}

static tailor_error_t fetch(void* context, const char* uri, size_t uri_size, uint32_t offset, const uint8_t** bytes,
                            size_t* size, bool* end) {
  ram_device_t* device = context;
  static const char known[] = "/img/remote";
  if (uri_size != sizeof known - 1 || memcmp(uri, known, uri_size) != 0) return TAILOR_ERROR_PAYLOAD_UNAVAILABLE;
  device->remote_pauses = !device->remote_pauses;
  if (device->remote_pauses) return TAILOR_OK;
  *bytes = device->remote + offset;
  *size = device->remote_size - offset;
  if (*size > 64) *size = 64;
  *end = offset + *size == device->remote_size;
  return TAILOR_OK;
}

static tailor_error_t invoke(void* context, const tailor_component_id_t* id, const uint8_t* arguments, size_t size) {
  ram_device_t* device = context;
  (void)id;
  (void)arguments;
  (void)size;
  ++device->invoked;
  return TAILOR_OK;
}

void ram_handler_init(tailor_update_handler_t* handler, ram_device_t* device) {
  handler->context = device;
  handler->find_component = find_component;
  handler->manifest = manifest;
  handler->may_write = may_write;
  handler->open = open_content;
  handler->write = write_content;
  handler->finish = finish_content;
  handler->size = content_size;
  handler->read = read_content;
  handler->slot = NULL;
  handler->fetch = fetch;
  handler->invoke = invoke;
}
