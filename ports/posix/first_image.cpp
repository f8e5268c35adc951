// SPDX-License-Identifier: Apache-2.0
// See first_image.hpp.
#include "ports/posix/first_image.hpp"

#include <algorithm>
#include <array>

#include "device/boot/stored_envelope.hpp"
#include "ports/posix/flash_layout.hpp"

namespace tailor::posix {
namespace {

constexpr uint32_t kBlockBytes = 1024;

tailor_error_t to_c(const Status& status) {
  return status.ok() ? TAILOR_OK : static_cast<tailor_error_t>(status.error());
}

Status from_c(tailor_error_t error) {
  if (error == TAILOR_OK) return kOk;
  return error_from_code(static_cast<uint8_t>(error));
}

ByteView view(const tailor_component_id_t& id) {
  return {id.bytes, id.size};
}

}  // namespace

/// The functions of tailor_update_handler_t; `context` is the FirstImage.
struct FirstImage::Handler {
  static FirstImage& self(void* context) { return *static_cast<FirstImage*>(context); }

  static tailor_error_t find_component(void* context, const tailor_component_id_t* id, uint64_t* sequence_number) {
    if (!equal(view(*id), kImageComponent)) return TAILOR_ERROR_COMPONENT_UNKNOWN;
    const auto key = boot::component_key(kImageComponent);
    if (!key.ok()) return static_cast<tailor_error_t>(key.error());
    *sequence_number = self(context).control_.counter(*key);
    return TAILOR_OK;
  }

  static tailor_error_t manifest(void* context, const tailor_manifest_t* manifest) {
    self(context).sequence_number_ = manifest->sequence_number;
    return TAILOR_OK;
  }

  static tailor_error_t may_write(void* context, const tailor_key_t* key, const tailor_component_id_t* id) {
    const auto signer =
        cose::VerificationKey::from_bytes(static_cast<cose::KeyKind>(key->kind), {key->bytes, key->size});
    if (!signer.ok()) return to_c(signer.error());
    const cose::VerificationKey* const signers[] = {&*signer};
    return to_c(self(context).trust_.policy().permits(signers, view(*id), {}));
  }

  static tailor_error_t open(void* context, const tailor_component_id_t*, const tailor_content_t* content,
                             uint32_t* resume_offset) {
    *resume_offset = 0;
    return to_c(self(context).begin(*content));
  }

  static tailor_error_t write(void* context, const tailor_component_id_t*, uint32_t offset, const uint8_t* bytes,
                              size_t size) {
    return to_c(self(context).control_.write(offset, {bytes, size}));
  }

  static tailor_error_t finish(void* context, const tailor_component_id_t*, uint32_t size_bytes) {
    return size_bytes == self(context).control_.candidate().image_bytes ? TAILOR_OK : TAILOR_ERROR_IMAGE_SIZE_MISMATCH;
  }

  static tailor_error_t size(void* context, const tailor_component_id_t*, uint32_t* size_bytes) {
    *size_bytes = self(context).control_.position();
    return TAILOR_OK;
  }

  static tailor_error_t read(void* context, const tailor_component_id_t*, uint32_t offset, uint8_t* bytes,
                             size_t* size) {
    const boot::BootControl& control = self(context).control_;
    const uint32_t end = control.position();
    *size = std::min<size_t>(*size, offset < end ? end - offset : 0);
    return to_c(control.read(offset, {bytes, *size}));
  }

  static tailor_error_t fetch(void* context, const char*, size_t, uint32_t offset, const uint8_t** bytes, size_t* size,
                              bool* end) {
    const ByteView image = self(context).image_;
    if (offset > image.size()) return TAILOR_ERROR_PAYLOAD_UNAVAILABLE;
    const ByteView piece = image.subspan(offset, std::min<size_t>(kBlockBytes, image.size() - offset));
    *bytes = piece.data();
    *size = piece.size();
    *end = offset + piece.size() == image.size();
    return TAILOR_OK;
  }
};

Status FirstImage::begin(const tailor_content_t& content) {
  if (content.size_bytes == TAILOR_SIZE_UNKNOWN) return Error::kImageSizeMismatch;
  TAILOR_TRY_ASSIGN(const suit::Envelope envelope, suit::Envelope::from_bytes(envelope_));
  TAILOR_TRY_ASSIGN(const boot::ComponentKey component, boot::component_key(kImageComponent));
  const boot::StoredEnvelope stored = boot::StoredEnvelope::from_envelope(envelope);
  return control_.begin({component, sequence_number_, content.size_bytes}, stored.pieces(), kBlockBytes);
}

Status FirstImage::install() {
  tailor_update_handler_t handler{};
  handler.context = this;
  const processor::Identity& identity = trust_.identity();
  std::copy_n(identity.vendor.bytes.begin(), TAILOR_UUID_BYTES, handler.vendor_id);
  std::copy_n(identity.device_class.bytes.begin(), TAILOR_UUID_BYTES, handler.class_id);
  std::copy_n(identity.device.bytes.begin(), TAILOR_UUID_BYTES, handler.device_id);
  handler.find_component = &Handler::find_component;
  handler.manifest = &Handler::manifest;
  handler.may_write = &Handler::may_write;
  handler.open = &Handler::open;
  handler.write = &Handler::write;
  handler.finish = &Handler::finish;
  handler.size = &Handler::size;
  handler.read = &Handler::read;
  handler.fetch = &Handler::fetch;

  std::array<tailor_key_t, limits::kTrustSigners + 1> keys{};  // and the authority
  tailor_anchors_t anchors{keys.data(), 0};
  while (const cose::VerificationKey* key = trust_.policy().candidate({}, anchors.count)) {
    tailor_key_t& out = keys[anchors.count++];
    out.kind = static_cast<uint8_t>(key->kind());
    out.size = static_cast<uint8_t>(key->bytes().size());
    std::copy(key->bytes().begin(), key->bytes().end(), out.bytes);
  }

  tailor_envelope_t* envelope = nullptr;
  TAILOR_TRY(from_c(tailor_envelope_open(&anchors, &handler, 0, &envelope)));
  tailor_error_t error = TAILOR_OK;
  tailor_progress_t progress = TAILOR_PROGRESS_NEED_INPUT;
  size_t fed = 0;
  while (error == TAILOR_OK && progress != TAILOR_PROGRESS_DONE) {
    size_t consumed = 0;
    const size_t before = fed;
    error = tailor_envelope_feed(envelope, envelope_.data() + fed, envelope_.size() - fed, &consumed, &progress);
    fed += consumed;
    if (error == TAILOR_OK && progress == TAILOR_PROGRESS_NEED_INPUT && fed == before && fed == envelope_.size()) {
      error = TAILOR_ERROR_TRUNCATED;
    }
  }
  if (error == TAILOR_OK) error = tailor_envelope_finish(envelope);
  tailor_envelope_close(envelope);
  TAILOR_TRY(from_c(error));
  return control_.stage();
}

}  // namespace tailor::posix
