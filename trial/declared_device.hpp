// SPDX-License-Identifier: Apache-2.0
// A device that is only declared: who it is, what it holds, what its surroundings answer, and where payloads come from;
// and the log of what a processor told it. One such device stands behind the author's dry run, the update server's
// pre-check, the conformance kit and the processor's own tests.
#pragma once

#include <map>
#include <memory>

#include "core/processor/seams.hpp"
#include "core/suit/authentication.hpp"
#include "trial/declared_component.hpp"

namespace tailor::trial {

/// The platform. What is not set is not supported: it answers as processor::Platform does.
class DeclaredDevice : public processor::Platform {
 public:
  DeclaredDevice() = default;
  DeclaredDevice(const DeclaredDevice&) = delete;
  DeclaredDevice& operator=(const DeclaredDevice&) = delete;
  virtual ~DeclaredDevice() = default;

  /// Declares a component, in place of one with the same identifier.
  DeclaredComponent& add(std::unique_ptr<DeclaredComponent> component);
  /// @param id  encoded; null when there is none
  [[nodiscard]] DeclaredComponent* component(ByteView id) const noexcept;
  [[nodiscard]] const std::vector<std::unique_ptr<DeclaredComponent>>& components() const noexcept {
    return components_;
  }
  /// Whether no component was opened, swapped or removed.
  [[nodiscard]] bool untouched() const noexcept;

  const processor::Identity& identity() const noexcept override { return who; }
  processor::Component* find_component(ByteView id) noexcept override { return component(id); }
  Result<uint64_t> sequence_number(ByteView id) noexcept override;
  Result<uint64_t> manifest_sequence_number(ByteView id) noexcept override;
  Status invoke(processor::Component& component, ByteView arguments) noexcept override;
  processor::Time time() noexcept override { return now; }
  Result<int32_t> local_time_offset_seconds() noexcept override;
  Result<uint64_t> battery_mwh() noexcept override;
  Result<processor::Answer> authorizes_update(int64_t priority) noexcept override;
  Result<processor::Answer> has_happened(const processor::WaitEvent& event) noexcept override;
  Result<std::span<const int64_t>> installed_version(ByteView id) noexcept override;
  Result<uint32_t> references_of_others(ByteView id, std::span<const ByteView> manifests) noexcept override;
  Status unlink(ByteView id, ByteView manifest) noexcept override;
  Status staged(const processor::StagedManifest& manifest) noexcept override;

  processor::Identity who;
  processor::Time now;
  std::optional<int32_t> local_offset;
  std::optional<uint64_t> battery;
  std::optional<processor::Answer> authorization;  ///< of the user
  std::map<int64_t, processor::Answer> events;     ///< by suit::wait_event
  std::map<Bytes, uint64_t> manifest_numbers;      ///< of manifests that have a place of their own
  bool counts_references = true;

  struct Invocation {
    Bytes component;  ///< encoded identifier
    Bytes arguments;
  };
  std::vector<Invocation> invoked;

 private:
  std::vector<std::unique_ptr<DeclaredComponent>> components_;
};

/// Serves payloads by URI, `piece` bytes at a time; with `pauses`, every other call brings nothing yet.
class DeclaredPayloads final : public processor::PayloadSource {
 public:
  Result<Piece> read(std::string_view uri, uint32_t offset) noexcept override;
  Status use_arguments(std::string_view uri, ByteView given) noexcept override;
  [[nodiscard]] bool has(std::string_view uri) const noexcept { return payloads.find(uri) != payloads.end(); }

  std::map<std::string, Bytes, std::less<>> payloads;
  std::map<std::string, Bytes, std::less<>> arguments;  ///< URI -> the fetch-arguments that are understood
  int arguments_used = 0;
  size_t piece = 64;
  bool pauses = false;
  std::vector<uint32_t> offsets;

 private:
  bool paused_ = false;
};

/// Keys with the rights that each carries.
class DeclaredSigners final : public suit::TrustAnchors, public processor::Authorization {
 public:
  struct Signer {
    cose::VerificationKey key;
    Bytes key_id;
    std::vector<std::vector<Bytes>> prefixes;      ///< of component identifiers; an empty one covers all
    std::optional<std::vector<int64_t>> commands;  ///< absent: all
    std::optional<std::vector<int64_t>> parameters;
  };
  const cose::VerificationKey* candidate(ByteView key_id, size_t nth) const noexcept override;
  Status permits(std::span<const cose::VerificationKey* const> signers, ByteView id,
                 processor::Action action) const noexcept override;
  std::vector<Signer> signers;
};

/// What opens encrypted payloads, by key id.
class DeclaredKeys final : public suit::DecryptionKeys {
 public:
  const suit::ContentDecryptionKey* candidate(ByteView key_id, size_t nth) const noexcept override;
  std::vector<std::pair<Bytes, suit::ContentDecryptionKey>> keys;
};

/// Allows everything.
class AllowAll final : public processor::Authorization {
 public:
  Status permits(std::span<const cose::VerificationKey* const>, ByteView, processor::Action) const noexcept override {
    return kOk;
  }
};

/// Writes records down.
class RecordLog final : public processor::Recorder {
 public:
  struct Line {
    std::vector<uint8_t> manifest;
    int64_t section;
    uint32_t offset;
    uint8_t component;
    int64_t command;
    bool ok;
    bool final;
    int64_t property;
    Bytes value;
    friend bool operator==(const Line&, const Line&) = default;
  };
  void record(const processor::Record& record) noexcept override;
  std::vector<Line> lines;
  std::vector<Error> errors;  ///< of the lines that are not ok
};

}  // namespace tailor::trial
