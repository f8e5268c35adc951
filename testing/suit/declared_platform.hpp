// SPDX-License-Identifier: Apache-2.0
// A device that is only declared: components in memory that keep the contract of processor::Component, a source of
// payloads that may pause, and a log of everything that was done, in order.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/processor/seams.hpp"
#include "testing/vectors/vectors.hpp"

namespace tailor::testing {

class DeclaredPlatform;

/// Traps when open, write and finish do not come in order.
class DeclaredComponent final : public processor::Component {
 public:
  DeclaredComponent(DeclaredPlatform& platform, std::string name) : platform_(platform), name_(std::move(name)) {}

  Result<uint32_t> open(const processor::Expectation& expected) noexcept override;
  Status write(uint32_t offset, ByteView bytes) noexcept override;
  Status finish(uint32_t size) noexcept override;
  Result<uint32_t> size() noexcept override;
  Result<size_t> read(uint32_t offset, MutableBytes out) noexcept override;
  Result<ByteView> digest(crypto::HashAlgorithm algorithm, MutableBytes digest) noexcept override;
  uint64_t slot() noexcept override { return present_slot; }
  Status swap(processor::Component& source) noexcept override;
  Status remove() noexcept override;

  Octets content;
  Octets metadata;  ///< what the last open() was told
  uint64_t present_slot = 0;
  uint32_t capacity = 1U << 20U;
  /// What digest() claims, and the size it claims, instead of the truth: the published examples have made-up digests.
  std::vector<crypto::Sha256Digest> claims;
  uint32_t claimed_size = 0;
  /// Bytes that survived an interruption; open() goes on behind them.
  uint32_t kept = 0;

 private:
  DeclaredPlatform& platform_;
  std::string name_;
  bool open_ = false;
};

class DeclaredPlatform final : public processor::Platform {
 public:
  /// Declares a component; `id` encoded.
  DeclaredComponent& add(ByteView id, std::string name);

  const processor::Identity& identity() const noexcept override { return who; }
  processor::Component* find_component(ByteView id) noexcept override;
  Result<uint64_t> sequence_number(ByteView id) noexcept override;
  Status accept(const processor::ApplicableManifest&) noexcept override { return acceptance; }
  Status invoke(processor::Component& component, ByteView arguments) noexcept override;

  Result<uint64_t> manifest_sequence_number(ByteView id) noexcept override;
  processor::Time time() noexcept override { return now; }
  Result<int32_t> local_time_offset_seconds() noexcept override;
  Result<uint64_t> battery_mwh() noexcept override;
  Result<processor::Answer> authorizes_update(int64_t priority) noexcept override;
  Result<processor::Answer> has_happened(const processor::WaitEvent& event) noexcept override;
  Result<std::span<const int64_t>> installed_version(ByteView id) noexcept override;
  Result<uint32_t> references_of_others(ByteView id, std::span<const ByteView> manifests) noexcept override;
  Status unlink(ByteView id, ByteView manifest) noexcept override;
  Status staged(const processor::StagedManifest& manifest) noexcept override;

  /// Counts a call to the platform; the nth one fails when `fail_at` is n.
  Status step(Error error) noexcept;

  processor::Identity who;
  uint64_t installed = 0;
  Status acceptance = kOk;
  // What is not set is not supported: the platform answers as processor::Platform does.
  processor::Time now;
  std::optional<int32_t> local_offset;
  std::optional<uint64_t> battery;
  std::optional<processor::Answer> authorization;  ///< of the user; the priority is logged
  std::map<int64_t, processor::Answer> events;     ///< by suit::wait_event; the argument is logged
  std::map<Octets, std::vector<int64_t>> versions;
  std::map<Octets, uint64_t> manifest_numbers;
  /// Digests of the manifests that refer to a component. Survives a restart, which is a new processor.
  std::map<Octets, std::set<Octets>> references;
  bool counts_references = false;
  std::vector<std::string> log;
  int fail_at = 0;
  int calls = 0;

 private:
  std::map<Octets, std::unique_ptr<DeclaredComponent>> components_;
};

/// Writes records down.
class DeclaredRecorder final : public processor::Recorder {
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
    Octets value;
    friend bool operator==(const Line&, const Line&) = default;
  };
  void record(const processor::Record& record) noexcept override;
  std::vector<Line> lines;
  std::vector<Error> errors;
};

/// Serves payloads by URI, `piece` bytes at a time; with `pauses`, every other call brings nothing yet.
class DeclaredPayloads final : public processor::PayloadSource {
 public:
  Result<Piece> read(std::string_view uri, uint32_t offset) noexcept override;
  Status use_arguments(std::string_view uri, ByteView given) noexcept override;

  std::optional<Octets> arguments;  ///< what is understood, and then counted
  int arguments_used = 0;
  std::map<std::string, Octets, std::less<>> payloads;
  size_t piece = 64;
  bool pauses = false;
  std::vector<uint32_t> offsets;

 private:
  bool paused_ = false;
};

/// Allows everything, or nothing.
class AllowAll final : public processor::Authorization {
 public:
  Status permits(std::span<const cose::VerificationKey* const>, ByteView, processor::Action) const noexcept override {
    return kOk;
  }
};
class AllowNothing final : public processor::Authorization {};

}  // namespace tailor::testing
