// SPDX-License-Identifier: Apache-2.0
// Watches a processor command by command: a command table whose rows are the processor's own, each with an observer
// around it. Reports carry only what a manifest's reporting policies ask for; here stands everything that ran. It also
// gives the benefit of the doubt, where that is wanted: a command whose answer depends on what is not declared is taken
// to go as the manifest wants, and says so.
#pragma once

#include <set>

#include "trial/recipient.hpp"

namespace tailor::trial {

/// What became of a command, once for each component that it was run for.
struct TraceStep {
  enum class Result : uint8_t {
    kHeld,     ///< a condition that holds, a directive that was done
    kAssumed,  ///< neither tried nor known: taken to go well
    kFailed,   ///< a condition that does not hold
    kError,
    kWaits,
  };
  std::string procedure;
  bool checking = false;          ///< while it was decided whether the manifest applies; nothing is written then
  std::vector<uint8_t> manifest;  ///< component indices from the root to the manifest; empty: the root
  int64_t section = 0;            ///< manifest_key; 0 for the shared sequence
  uint32_t offset = 0;            ///< bytes into the section's sequence
  uint8_t component = 0;          ///< index in that manifest
  Bytes component_id;             ///< encoded; empty when the device has no such component
  int64_t command = 0;
  // Parameters of the component as they stood, whoever set them: a branch, a manifest above.
  std::string uri;  ///< empty when unset
  Bytes digest;     ///< of image-digest; empty when unset
  crypto::HashAlgorithm digest_algorithm = crypto::HashAlgorithm::kSha256;
  std::optional<uint64_t> size_bytes;  ///< image-size
  Result result = Result::kHeld;
  Error error = Error{};  ///< with kFailed and kError

  friend bool operator==(const TraceStep&, const TraceStep&) = default;
};

/// Watches one recipient; one at a time in a thread. Lives as long as the recipient runs.
class Tracer {
 public:
  /// @param recipient  runs by this tracer's table from now on
  /// @param assume     whether what is not declared is taken to be as the manifest wants
  explicit Tracer(Recipient& recipient, bool assume = false);
  Tracer(const Tracer&) = delete;
  Tracer& operator=(const Tracer&) = delete;
  ~Tracer();

  /// Leaves only these commands in the table: those of another device's capability report.
  void keep_only(const std::set<int64_t>& commands);
  /// Runs a procedure; steps() grows. @pre Recipient::is_procedure(name)
  [[nodiscard]] Ending receive(ByteView envelope, const std::string& name);

  [[nodiscard]] const std::vector<TraceStep>& steps() const noexcept { return steps_; }

  /// For the table's functions alone.
  [[nodiscard]] static processor::Step observe(size_t row, processor::Machine& machine,
                                               cbor::Reader& argument) noexcept;

 private:
  processor::Step run(const processor::Command& row, processor::Machine& machine, cbor::Reader& argument);
  [[nodiscard]] bool is_unknown(const processor::Command& row, processor::Machine& machine) const;
  void take_as_wanted(const processor::Command& row, processor::Machine& machine) const;
  void add_what_no_row_saw(const Ending& ending);

  Recipient& recipient_;
  bool assume_;
  std::string procedure_;
  std::vector<processor::Command> rows_;
  processor::CommandTable table_;
  std::vector<TraceStep> steps_;
  std::vector<size_t> unfinished_;  ///< steps that wait, or have entered a sequence
};

}  // namespace tailor::trial
