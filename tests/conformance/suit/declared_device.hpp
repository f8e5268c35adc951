// SPDX-License-Identifier: Apache-2.0
// The device of a state file (README.md): who it is, whom it trusts, what it has, what it answers, where payloads come
// from; and what happened to it. Everything the processor asks of its surroundings.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "core/processor/dependencies.hpp"
#include "core/processor/seams.hpp"
#include "core/suit/authentication.hpp"
#include "tests/conformance/suit/declared_component.hpp"

namespace tailor::conformance {

using Json = nlohmann::json;

/// A key and the rights that it carries.
struct TrustedKey {
  cose::VerificationKey key;
  Octets key_id;
  std::vector<std::vector<Octets>> prefixes;     ///< component identifiers that begin so
  std::optional<std::vector<int64_t>> commands;  ///< none: all
  std::optional<std::vector<int64_t>> parameters;
};

/// What opens encrypted payloads, by key id.
class DeclaredKeys final : public suit::DecryptionKeys {
 public:
  /// @param encoded  a private or symmetric COSE_Key
  void add(const Octets& encoded);
  const suit::ContentDecryptionKey* candidate(ByteView key_id, size_t nth) const noexcept override;

 private:
  std::vector<std::pair<Octets, suit::ContentDecryptionKey>> keys_;
};

class DeclaredDevice final : public processor::Platform,
                             public processor::PayloadSource,
                             public processor::Authorization,
                             public processor::Recorder,
                             public suit::TrustAnchors {
 public:
  /// @throws std::exception for a state that is not as README.md says
  explicit DeclaredDevice(const Json& state);

  // --- Platform
  const processor::Identity& identity() const noexcept override { return identity_; }
  processor::Component* find_component(ByteView id) noexcept override { return component(id); }
  Result<uint64_t> sequence_number(ByteView id) noexcept override;
  Result<uint64_t> manifest_sequence_number(ByteView id) noexcept override;
  Status invoke(processor::Component& component, ByteView arguments) noexcept override;
  processor::Time time() noexcept override { return time_; }
  Result<int32_t> local_time_offset_seconds() noexcept override;
  Result<uint64_t> battery_mwh() noexcept override;
  Result<processor::Answer> authorizes_update(int64_t priority) noexcept override;
  Result<processor::Answer> has_happened(const processor::WaitEvent& event) noexcept override;
  Result<std::span<const int64_t>> installed_version(ByteView id) noexcept override;
  Result<uint32_t> references_of_others(ByteView id, std::span<const ByteView> manifests) noexcept override;
  Status unlink(ByteView id, ByteView manifest) noexcept override;
  Status staged(const processor::StagedManifest& manifest) noexcept override;

  // --- PayloadSource
  Status use_arguments(std::string_view uri, ByteView arguments) noexcept override;
  Result<Piece> read(std::string_view uri, uint32_t offset) noexcept override;

  // --- Authorization, Recorder, TrustAnchors
  Status permits(std::span<const cose::VerificationKey* const> signers, ByteView id,
                 processor::Action action) const noexcept override;
  void record(const processor::Record& record) noexcept override;
  const cose::VerificationKey* candidate(ByteView key_id, size_t nth) const noexcept override;

  /// What the processor is given; recorder and leniency among it.
  processor::Seams seams() noexcept;

  /// Members `trace`, `components`, `invoked` and `staged` of the result.
  [[nodiscard]] Json outcome() const;
  [[nodiscard]] bool untouched() const;
  [[nodiscard]] const suit::Leniency& leniency() const { return leniency_; }

 private:
  DeclaredComponent* component(ByteView id) noexcept;
  void add_component(const Json& declared);
  void add_key(const Json& declared);

  processor::Identity identity_;
  suit::Leniency leniency_;
  std::vector<std::unique_ptr<DeclaredComponent>> components_;
  std::vector<TrustedKey> keys_;
  DeclaredKeys decryption_;
  std::map<Octets, uint64_t> manifests_;
  std::map<std::string, Octets, std::less<>> payloads_;
  std::map<std::string, Octets, std::less<>> fetch_arguments_;
  processor::Time time_;
  std::optional<int32_t> time_offset_;
  std::optional<uint64_t> battery_;
  std::optional<std::string> authorization_;
  std::map<int64_t, std::string> events_;
  std::vector<processor::CustomCommand> custom_commands_;
  processor::CustomCommands custom_;
  std::array<uint8_t, 4096> dependency_buffer_{};
  processor::Dependencies dependencies_{dependency_buffer_, *this};
  Json trace_ = Json::array(), invoked_ = Json::array(), staged_ = Json::array();
};

/// Octets of hexadecimal digits.
[[nodiscard]] Octets octets(const Json& text);
[[nodiscard]] std::string hex(ByteView bytes);

}  // namespace tailor::conformance
