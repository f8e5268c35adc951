// SPDX-License-Identifier: Apache-2.0
// tailor/envelope.h: thin adapters around processor::UpdateReceiver, in memory of TAILOR_ALLOC.
#include "tailor/envelope.h"

#include <new>

#include "device/capi/convert.hpp"
#include "device/capi/handler_platform.hpp"
#include "tailor/alloc.h"

struct tailor_envelope {
  tailor_envelope(const tailor_anchors_t& anchor_keys, const tailor_update_handler_t& update_handler, bool legacy,
                  uint8_t* held) noexcept
      : handler(update_handler),
        anchors(anchor_keys),
        platform(update_handler),
        buffer(held),
        receiver({held, TAILOR_ENVELOPE_BUFFER_BYTES}, anchors, {platform, platform, platform},
                 {.legacy_algorithms = legacy}) {}

  const tailor_update_handler_t& handler;
  tailor::capi::ArrayAnchors anchors;
  tailor::capi::HandlerPlatform platform;
  uint8_t* buffer;
  tailor::processor::UpdateReceiver receiver;
};

static_assert(sizeof(tailor_envelope) <= TAILOR_ENVELOPE_STATE_BYTES, "tailor/alloc.h promises less than is needed");
static_assert(TAILOR_ENVELOPE_BUFFER_BYTES == tailor::limits::kManifestBytes);

extern "C" tailor_error_t tailor_envelope_open(const tailor_anchors_t* anchors, const tailor_update_handler_t* handler,
                                               unsigned flags, tailor_envelope_t** envelope) {
  *envelope = nullptr;
  auto* const buffer = static_cast<uint8_t*>(TAILOR_ALLOC(TAILOR_ENVELOPE_BUFFER_BYTES));
  if (buffer == nullptr) return TAILOR_ERROR_ALLOCATION_FAILED;
  void* const state = TAILOR_ALLOC(TAILOR_ENVELOPE_STATE_BYTES);
  if (state == nullptr) {
    TAILOR_FREE(buffer);
    return TAILOR_ERROR_ALLOCATION_FAILED;
  }
  const bool legacy = (flags & TAILOR_ENVELOPE_LEGACY_ALGORITHMS) != 0;
  *envelope = new (state) tailor_envelope(*anchors, *handler, legacy, buffer);
  return TAILOR_OK;
}

extern "C" tailor_error_t tailor_envelope_feed(tailor_envelope_t* envelope, const uint8_t* bytes, size_t size,
                                               size_t* consumed, tailor_progress_t* progress) {
  tailor::ByteView input(bytes, size);
  const auto result = envelope->receiver.feed(input);
  *consumed = size - input.size();
  if (!result.ok()) return tailor::capi::to_c(result.error());
  switch (*result) {
    case tailor::Progress::kDone:
      *progress = TAILOR_PROGRESS_DONE;
      break;
    case tailor::Progress::kNeedInput:
      *progress = TAILOR_PROGRESS_NEED_INPUT;
      break;
    case tailor::Progress::kWait:
      *progress = TAILOR_PROGRESS_WAIT;
      break;
  }
  return TAILOR_OK;
}

extern "C" tailor_error_t tailor_envelope_finish(const tailor_envelope_t* envelope) {
  return tailor::capi::to_c(envelope->receiver.finish());
}

extern "C" void tailor_envelope_close(tailor_envelope_t* envelope) {
  if (envelope == nullptr) return;
  uint8_t* const buffer = envelope->buffer;
  envelope->~tailor_envelope();
  TAILOR_FREE(envelope);
  TAILOR_FREE(buffer);
}
