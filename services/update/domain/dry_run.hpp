// SPDX-License-Identifier: Apache-2.0
// What a device would say to a manifest, as far as its profile tells: the manifest runs against a declared device with
// the device's own processor. What the profile does not say (payloads, contents, answers) is taken to be as the
// manifest wants, so that only what cannot go well is found. The signature is not judged: whom a device trusts is its
// own affair.
#pragma once

#include <memory>
#include <set>

#include "services/update/domain/model.hpp"

namespace tailor::update_server {

/// What a device has told that it can do (SUIT_Capability_Report).
struct Capability {
  std::set<int64_t> commands, parameters, algorithms;
  struct ComponentRange {
    std::vector<Bytes> id;
    bool any_below = false;
  };
  std::vector<ComponentRange> components;

  [[nodiscard]] bool has_component(const std::vector<Bytes>& id) const;
};

/// Reads the capability report inside a SUIT_Report or as it was fetched.
/// @returns what decode_capabilities() gives
[[nodiscard]] Outcome<Capability> capability_from(ByteView encoded);

/// Why a device would refuse.
struct Objection {
  Error reason = Error::kInternal;
  std::string command;             ///< "condition-class-identifier"; empty when it is not about a command
  std::string path;                ///< in the envelope
  std::optional<uint64_t> offset;  ///< in the envelope
  std::string rule;                ///< with its clause, and what the device has instead

  /// "at byte 227, manifest...: checks that ..."
  [[nodiscard]] std::string to_text() const;
};

/// One envelope, prepared for any number of devices.
class DryRun {
 public:
  /// @param envelope  that read_envelope() has accepted
  /// @returns kEntropyFailed, kCryptoFailed; what sign_envelope() gives for an envelope that cannot be judged
  [[nodiscard]] static Outcome<DryRun> prepare(ByteView envelope, int64_t now_ms);
  DryRun(DryRun&&) noexcept;
  DryRun& operator=(DryRun&&) noexcept;
  ~DryRun();

  /// @param capability  null: not known
  /// @returns nothing when the device may take it
  [[nodiscard]] std::optional<Objection> run(const Device& device, const Capability* capability) const;
  /// What devices may differ in and get the same answer: the same text, the same answer.
  [[nodiscard]] std::string kind_of(const Device& device) const;

 private:
  struct Parts;
  explicit DryRun(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace tailor::update_server
