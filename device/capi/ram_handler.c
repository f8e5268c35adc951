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

static tailor_error_t swap_content(void* context, const tailor_component_id_t* id,
                                   const tailor_component_id_t* source) {
  ram_device_t* device = context;
  const int a = index_of(id), b = index_of(source);
  const uint32_t size = device->size[a];
  for (size_t i = 0; i < RAM_COMPONENT_BYTES; ++i) {
    const uint8_t byte = device->content[a][i];
    device->content[a][i] = device->content[b][i];
    device->content[b][i] = byte;
  }
  device->size[a] = device->size[b];
  device->size[b] = size;
  return TAILOR_OK;
}

static tailor_error_t remove_content(void* context, const tailor_component_id_t* id) {
  ram_device_t* device = context;
  device->size[index_of(id)] = 0;
  return TAILOR_OK;
}

static tailor_error_t take_metadata(void* context, const tailor_component_id_t* id, const uint8_t* metadata,
                                    size_t size) {
  ram_device_t* device = context;
  (void)id;
  (void)metadata;
  device->metadata_size = size;
  return TAILOR_OK;
}

static tailor_error_t take_fetch_arguments(void* context, const char* uri, size_t uri_size, const uint8_t* arguments,
                                           size_t size) {
  ram_device_t* device = context;
  (void)uri;
  (void)uri_size;
  (void)arguments;
  device->fetch_argument_size = size;
  return TAILOR_OK;
}

static tailor_error_t references(void* context, const tailor_component_id_t* id, const uint8_t* manifest_digest,
                                 uint32_t* count) {
  ram_device_t* device = context;
  (void)manifest_digest;
  *count = (uint32_t)device->references[index_of(id)];
  return TAILOR_OK;
}

static tailor_error_t unlink_component(void* context, const tailor_component_id_t* id, const uint8_t* manifest_digest) {
  ram_device_t* device = context;
  (void)id;
  (void)manifest_digest;
  ++device->unlinked;
  return TAILOR_OK;
}

static tailor_error_t staged(void* context, const tailor_staged_t* update) {
  ram_device_t* device = context;
  device->staged_components = update->component_count;
  return TAILOR_OK;
}

static tailor_error_t tell_time(void* context, uint64_t* seconds, bool* exact) {
  ram_device_t* device = context;
  *seconds = device->seconds;
  *exact = true;
  return TAILOR_OK;
}

static tailor_error_t local_time_offset(void* context, int32_t* seconds) {
  (void)context;
  *seconds = -3600;
  return TAILOR_OK;
}

static tailor_error_t battery(void* context, uint64_t* milliwatt_hours) {
  ram_device_t* device = context;
  *milliwatt_hours = device->milliwatt_hours;
  return TAILOR_OK;
}

static tailor_error_t authorize(void* context, int64_t priority, tailor_answer_t* answer) {
  ram_device_t* device = context;
  device->seen_value = priority;
  *answer = device->answer;
  if (device->answer == TAILOR_ANSWER_LATER) device->answer = TAILOR_ANSWER_YES; /* when it is asked again */
  return TAILOR_OK;
}

static tailor_error_t event(void* context, const tailor_wait_event_t* awaited, tailor_answer_t* answer) {
  ram_device_t* device = context;
  device->seen_event = awaited->event;
  device->seen_value = awaited->value;
  *answer = device->answer;
  if (device->answer == TAILOR_ANSWER_LATER) device->answer = TAILOR_ANSWER_YES; /* when it is asked again */
  return TAILOR_OK;
}

static tailor_error_t version(void* context, const tailor_component_id_t* id, const int64_t** numbers, size_t* count) {
  ram_device_t* device = context;
  (void)id;
  *numbers = device->version;
  *count = sizeof device->version / sizeof device->version[0];
  return TAILOR_OK;
}

void ram_handler_add_optional(tailor_update_handler_t* handler) {
  handler->swap = swap_content;
  handler->remove = remove_content;
  handler->metadata = take_metadata;
  handler->fetch_arguments = take_fetch_arguments;
  handler->references = references;
  handler->unlink = unlink_component;
  handler->staged = staged;
  handler->time = tell_time;
  handler->local_time_offset = local_time_offset;
  handler->battery = battery;
  handler->authorize = authorize;
  handler->event = event;
  handler->version = version;
}
