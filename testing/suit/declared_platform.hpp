// SPDX-License-Identifier: Apache-2.0
// The declared device of trial/ for tests that look at the order of things: a log of everything that was done, and the
// nth call to it that fails.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "testing/vectors/vectors.hpp"
#include "trial/declared_device.hpp"

namespace tailor::testing {

using trial::AllowAll;
using trial::DeclaredComponent;
using trial::DeclaredPayloads;
using DeclaredRecorder = trial::RecordLog;

class DeclaredPlatform final : public trial::DeclaredDevice, private trial::AccessWatch {
 public:
  DeclaredPlatform() { counts_references = false; }

  /// Declares a component; `id` encoded.
  DeclaredComponent& add(ByteView id, std::string name);

  Result<uint64_t> sequence_number(ByteView id) noexcept override;
  Status accept(const processor::ApplicableManifest&) noexcept override { return acceptance; }
  Status invoke(processor::Component& component, ByteView arguments) noexcept override;
  Result<processor::Answer> authorizes_update(int64_t priority) noexcept override;
  Result<processor::Answer> has_happened(const processor::WaitEvent& event) noexcept override;
  Status unlink(ByteView id, ByteView manifest) noexcept override;
  Status staged(const processor::StagedManifest& manifest) noexcept override;

  /// Forgets which manifests refer to which components.
  void forget_references();
  /// Counts a call to the platform; the nth one fails when `fail_at` is n.
  Status step(Error error) noexcept;

  uint64_t installed = 0;  ///< sequence number of every component
  Status acceptance = kOk;
  std::vector<std::string> log;
  int fail_at = 0;
  int calls = 0;

 private:
  Status before(Access access, DeclaredComponent& component) noexcept override;
  void after(Access access, DeclaredComponent& component, DeclaredComponent* other) noexcept override;
};

/// Allows nothing.
class AllowNothing final : public processor::Authorization {};

}  // namespace tailor::testing
