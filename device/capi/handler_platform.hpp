// SPDX-License-Identifier: Apache-2.0
// The processor's surroundings, as an integrator's update handler provides them: each call becomes a call of a C
// function. Holds no state besides which components a manifest has.
#pragma once

#include "core/processor/receiver.hpp"
#include "tailor/envelope.h"

namespace tailor::capi {

/// A component of the integrator's.
class HandlerComponent final : public processor::Component {
 public:
  void bind(const tailor_update_handler_t& handler, ByteView id) noexcept {
    handler_ = &handler;
    id_ = id;
  }
  [[nodiscard]] ByteView id() const noexcept { return id_; }
  [[nodiscard]] tailor_component_id_t c_id() const noexcept { return {id_.data(), id_.size()}; }

  Result<uint32_t> open(const processor::Expectation& expected) noexcept override;
  Status write(uint32_t offset, ByteView bytes) noexcept override;
  Status finish(uint32_t size) noexcept override;
  Result<uint32_t> size() noexcept override;
  Result<size_t> read(uint32_t offset, MutableBytes out) noexcept override;
  uint64_t slot() noexcept override;
  Status swap(processor::Component& source) noexcept override;
  Status remove() noexcept override;

 private:
  const tailor_update_handler_t* handler_ = nullptr;
  ByteView id_;
};

/// Platform, payloads outside the envelope, and authorization.
class HandlerPlatform final : public processor::Platform,
                              public processor::PayloadSource,
                              public processor::Authorization {
 public:
  explicit HandlerPlatform(const tailor_update_handler_t& handler) noexcept;

  const processor::Identity& identity() const noexcept override { return identity_; }
  processor::Component* find_component(ByteView id) noexcept override;
  Result<uint64_t> sequence_number(ByteView id) noexcept override;
  Status accept(const processor::ApplicableManifest& manifest) noexcept override;
  Status invoke(processor::Component& component, ByteView arguments) noexcept override;
  processor::Time time() noexcept override;
  Result<int32_t> local_time_offset_seconds() noexcept override;
  Result<uint64_t> battery_mwh() noexcept override;
  Result<processor::Answer> authorizes_update(int64_t priority) noexcept override;
  Result<processor::Answer> has_happened(const processor::WaitEvent& event) noexcept override;
  Result<std::span<const int64_t>> installed_version(ByteView id) noexcept override;
  Result<uint32_t> references_of_others(ByteView id, std::span<const ByteView> manifests) noexcept override;
  Status unlink(ByteView id, ByteView manifest) noexcept override;
  Status staged(const processor::StagedManifest& manifest) noexcept override;

  Status use_arguments(std::string_view uri, ByteView arguments) noexcept override;
  Result<Piece> read(std::string_view uri, uint32_t offset) noexcept override;
  Status permits(std::span<const cose::VerificationKey* const> signers, ByteView id,
                 processor::Action action) const noexcept override;

 private:
  const tailor_update_handler_t& handler_;
  processor::Identity identity_;
  std::array<HandlerComponent, limits::kTreeComponents> components_;
};

/// Trust anchors as an array of keys.
class ArrayAnchors final : public suit::TrustAnchors {
 public:
  explicit ArrayAnchors(const tailor_anchors_t& anchors) noexcept : anchors_(anchors) {}
  const cose::VerificationKey* candidate(ByteView key_id, size_t nth) const noexcept override;

 private:
  const tailor_anchors_t& anchors_;
};

}  // namespace tailor::capi
