// SPDX-License-Identifier: Apache-2.0
// What the processor asks of its surroundings: payload bytes, the device and its components, the right to write. A
// device, the author's dry run and the server's pre-check each bring their own.
#pragma once

#include <string_view>

#include "core/base/uuid.hpp"
#include "core/cose/verification_key.hpp"
#include "core/processor/component.hpp"

namespace tailor::processor {

class ApplicableManifest;

/// Brings payload bytes; the processor knows no transport.
class PayloadSource {
 public:
  struct Piece {
    ByteView bytes;    ///< valid until the next call; empty and not end: nothing yet, ask again later
    bool end = false;  ///< nothing follows `bytes`
  };
  /// Gives the next bytes of the payload, from `offset` on. Offsets ascend without gaps, and may start above 0 when an
  /// interrupted transfer goes on.
  ///
  /// @param uri  as in the manifest: absolute, relative to the server that delivered it, or "#name"
  /// @returns kPayloadUnavailable: not to be had from there; or an error of the transport
  [[nodiscard]] virtual Result<Piece> read(std::string_view uri, uint32_t offset) noexcept = 0;

 protected:
  ~PayloadSource() = default;
};

/// Who the device is (manifest 8.4.8.1).
struct Identity {
  Uuid vendor;
  Uuid device_class;
  Uuid device;
};

/// The device, or what stands for one.
class Platform {
 public:
  [[nodiscard]] virtual const Identity& identity() const noexcept = 0;
  /// @param id  encoded component identifier
  /// @returns null when there is no such component; otherwise it stays where it is while the processor runs
  [[nodiscard]] virtual Component* find_component(ByteView id) noexcept = 0;
  /// Sequence number of the newest manifest that was confirmed for this component; 0 when none was.
  [[nodiscard]] virtual Result<uint64_t> sequence_number(ByteView id) noexcept = 0;
  /// Hears of a manifest that is about to be processed, before anything is written.
  /// @returns any error, to refuse it: not now, not authorized, ...
  [[nodiscard]] virtual Status accept([[maybe_unused]] const ApplicableManifest& manifest) noexcept { return kOk; }
  /// Transfers execution to the component, or arranges that it happens.
  /// @param arguments  parameter invoke-args; empty when unset
  /// @returns kInvokeFailed
  [[nodiscard]] virtual Status invoke(Component& component, ByteView arguments) noexcept = 0;

 protected:
  ~Platform() = default;
};

/// The rights of signers over components (manifest 9). Denies unless something is allowed.
class Authorization {
 public:
  /// Says whether what `signer` signed may write the component.
  /// @param id  encoded component identifier
  /// @returns kSignerNotPermitted
  [[nodiscard]] virtual Status may_write([[maybe_unused]] const cose::VerificationKey& signer,
                                         [[maybe_unused]] ByteView id) const noexcept {
    return Error::kSignerNotPermitted;
  }

 protected:
  ~Authorization() = default;
};

struct Seams {
  Platform& platform;
  PayloadSource& payloads;
  const Authorization& authorization;
};

}  // namespace tailor::processor
