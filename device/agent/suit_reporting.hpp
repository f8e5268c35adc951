// SPDX-License-Identifier: Apache-2.0
// The SUIT_Report of an update that has ended, sealed with the device's key, and what the device can do, for authors.
// docs/formats/suit-report.md. Knows no transport.
#pragma once

#include "core/report/capabilities.hpp"
#include "device/agent/core.hpp"

namespace tailor::agent {

/// Bytes of a capability report.
inline constexpr size_t kCapabilityBytes = 256;

/// Writes the report of the update's outcome.
///
/// @param settings  image component for the capability report, and the key under which the report is encrypted if any
/// @param number  of the report that carries it: stands in the nonce, so that a server sees a replay
/// @returns kStateConflict without an outcome; kNotFound when it is not known which manifest it was, since a
///          SUIT_Report has to name it; kNotEnrolled without a key; kValueOutOfRange, kAlgorithmUnsupported for a
///          report key that cannot be used; kCryptoFailed
[[nodiscard]] Result<ByteView> seal_suit_report(const Updater& updater, const Identity& identity,
                                                const AgentSettings& settings, uint64_t number,
                                                MutableBytes out) noexcept;

/// Writes what this build's processor and crypto backend have, and which components there are.
[[nodiscard]] Result<ByteView> write_capabilities(const AgentSettings& settings, MutableBytes out) noexcept;

}  // namespace tailor::agent
