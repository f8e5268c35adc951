// SPDX-License-Identifier: Apache-2.0
// A whole recipient of manifests over a declared device: receives an envelope, authenticates it, runs procedures, and
// says how each ended. device_state.hpp makes one from a file.
#pragma once

#include "core/processor/dependencies.hpp"
#include "core/processor/processor.hpp"
#include "core/report/recorder.hpp"
#include "trial/declared_device.hpp"

namespace tailor::trial {

enum class Verdict : uint8_t {
  kDone,
  kWaiting,  ///< it goes on when something happens that has not happened
  kRefused
};

/// How a procedure ended.
struct Ending {
  Verdict verdict = Verdict::kRefused;
  Error error = Error{};                             ///< with kRefused
  bool authentic = false;                            ///< whether the manifest was believed
  std::optional<processor::Position> position = {};  ///< where the processor stood; absent when it was not reached
  std::string awaited_uri = {};                      ///< with kWaiting: of the payload that has not come
  int64_t awaited_event = 0;                         ///< with kWaiting: suit::wait_event
};

/// Everything that a recipient has, as data.
class Recipient final : private processor::Recorder {
 public:
  Recipient() = default;
  Recipient(const Recipient&) = delete;
  Recipient& operator=(const Recipient&) = delete;

  DeclaredDevice device;
  DeclaredPayloads payloads;
  DeclaredSigners signers;
  DeclaredKeys keys;
  std::map<int64_t, processor::Answer> custom;  ///< label -> what this condition of the device's own says
  suit::Leniency leniency;
  std::string procedure;            ///< that the device is to run; empty: it is not said
  RecordLog records;                ///< what the manifest's reporting policies asked for, all of it
  report::BoundedRecorder journal;  ///< the same, as far as a device keeps it
  /// What was learnt of the last manifest that was believed.
  Bytes manifest_digest;
  std::string reference_uri;

  /// Who may sign, and what for, when it is not `signers`: a trust store, or anybody. They outlive this.
  const suit::TrustAnchors* anchors = nullptr;
  const processor::Authorization* authorization = nullptr;
  /// Which commands there are; outlives this.
  const processor::CommandTable* commands = &processor::kUpdateCommands;

  /// Runs one of the procedures `update`, `validate`, `invoke`, `uninstall`.
  ///
  /// @param chunk  bytes of the envelope that are offered at a time in procedure `update`
  /// @pre   is_procedure(name)
  [[nodiscard]] Ending receive(ByteView envelope, std::string_view name, size_t chunk = 37);
  [[nodiscard]] static bool is_procedure(std::string_view name) noexcept;

 private:
  void record(const processor::Record& record) noexcept override;
  processor::Seams seams();
  const suit::TrustAnchors& whom() const { return anchors == nullptr ? signers : *anchors; }
  void learn(const suit::AuthenticManifest& manifest);
  Ending update(ByteView envelope, size_t chunk);
  Ending run_whole(ByteView envelope, processor::Procedure which);

  std::vector<processor::CustomCommand> custom_rows_;
  processor::CustomCommands custom_;
  std::array<uint8_t, 2 * limits::kManifestBytes> dependency_buffer_{};
  std::optional<processor::Dependencies> dependencies_;
};

}  // namespace tailor::trial
