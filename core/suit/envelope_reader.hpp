// SPDX-License-Identifier: Apache-2.0
// Reads an envelope as a stream. Wrapper, manifest and severed command sequences are held in the caller's buffer;
// nothing else is, and nothing is handed out before the manifest is authentic. Knows no commands and no components.
#pragma once

#include "core/suit/authentication.hpp"

namespace tailor::suit {

/// Receives integrated payloads, whose manifest is authentic. The payload itself is not: its digest is the processor's
/// matter.
class MemberSink {
 public:
  /// @param uri  the member's key; valid until end()
  [[nodiscard]] virtual Status begin(std::string_view uri, uint64_t size) noexcept = 0;
  /// Takes bytes from the front of `bytes`.
  /// @returns how many; fewer than offered stops the reader, which offers the rest again at the next feed()
  [[nodiscard]] virtual Result<size_t> write(ByteView bytes) noexcept = 0;
  [[nodiscard]] virtual Status end() noexcept = 0;

 protected:
  ~MemberSink() = default;
};

/// Feed it chunks of any size. The first error is final: every later call gives it again.
class EnvelopeReader {
 public:
  /// @param buffer  holds wrapper, manifest, severed command sequences and one URI; limits::kManifestBytes is the
  ///                custom. It and the anchors outlive the reader
  EnvelopeReader(MutableBytes buffer, const TrustAnchors& anchors, const Leniency& leniency = kStrict) noexcept;
  EnvelopeReader(const EnvelopeReader&) = delete;
  EnvelopeReader& operator=(const EnvelopeReader&) = delete;
  ~EnvelopeReader() { drop_hash(); }

  /// Consumes `input` from the front.
  ///
  /// @param input  is advanced past what was consumed
  /// @returns kNeedInput: all of it was consumed; - kWait: the sink did not take all; - kDone: the envelope is
  ///          complete, and `input` holds what follows it, which the caller refuses
  ///          - kManifestTooLarge: what must be held does not fit; - what Envelope, authenticate(), attach() give
  /// @note    a severed text or CoSWID is not held: its digest is compared while it streams past, in a part of the
  ///          buffer that is free then
  [[nodiscard]] Result<Progress> feed(ByteView& input, MemberSink& sink) noexcept;

  /// The manifest, once it is authentic; null before. Stays where it is.
  [[nodiscard]] AuthenticManifest* manifest() noexcept { return is_authentic_ ? &manifest_ : nullptr; }

  /// Bytes of the buffer, from its start, that the manifest and its members are in.
  [[nodiscard]] size_t held_bytes() const noexcept { return held_; }

  /// kTruncated unless the envelope is complete.
  [[nodiscard]] Status finish() const noexcept;

 private:
  enum class State : uint8_t { kTag, kMap, kKey, kUri, kValueHead, kHeld, kDigested, kStreamed, kDone };

  Result<Progress> run(ByteView& input, MemberSink& sink) noexcept;
  Result<bool> take_head(ByteView& input, cbor::Head& head) noexcept;
  Status take_tag(const cbor::Head& head) noexcept;
  Status take_map(const cbor::Head& head) noexcept;
  Status take_key(const cbor::Head& head) noexcept;
  Status take_uri() noexcept;
  Status take_value_head(const cbor::Head& head, MemberSink& sink) noexcept;
  Status begin_digest(ByteView head) noexcept;
  Status finish_digested() noexcept;
  void drop_hash() noexcept;
  Status finish_held() noexcept;
  Status next_member() noexcept;
  Status hold(ByteView bytes) noexcept;

  MutableBytes buffer_;
  const TrustAnchors& anchors_;
  const Leniency leniency_;
  union {
    AuthenticManifest manifest_;  ///< begins when the one that came is to be checked
  };
  size_t held_ = 0;          ///< bytes of the buffer in use
  size_t item_ = 0;          ///< where the item that is being held starts
  size_t uri_ = 0;           ///< where the URI of the current payload starts
  uint64_t value_left_ = 0;  ///< bytes of the current value, or URI, still to come
  uint64_t members_left_ = 0;
  int8_t key_ = 0;  ///< of the current member; 0 for an integrated payload
  State state_ = State::kTag;
  crypto::Hash* hash_ = nullptr;  ///< over a member that is not held; stands in the free part of the buffer
  bool is_authentic_ = false;     ///< the manifest, which is nothing before
  uint8_t head_size_ = 0;
  uint8_t head_[cbor::kMaxHeadBytes] = {};
  Status failure_ = kOk;
};

}  // namespace tailor::suit
