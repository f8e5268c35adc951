// SPDX-License-Identifier: Apache-2.0
// The two CoAP resources of a recovery program, for one client on one line that asks one thing at a time: GET /status,
// and PUT /manifest with Block1 (docs/recovery.md). Messages in, answers out; frames, UART and time are the caller's.
#pragma once

#include "core/base/uuid.hpp"
#include "core/coap/message.hpp"
#include "device/recovery/reception.hpp"

namespace tailor::recovery {

/// The largest block that is taken, and the largest message around it: header, token, options, marker.
inline constexpr uint8_t kBlockSzx = limits::kDeviceBlockSzx;
inline constexpr size_t kMessageBytes = (size_t{16} << kBlockSzx) + 64;

class RecoveryServer {
 public:
  /// @param reason  why the boot program started no image: the number of an error; 0: somebody asked for recovery
  RecoveryServer(const ReceptionSettings& settings, uint8_t reason, boot::BootControl& boot,
                 storage::RecordStore& store) noexcept
      : identity_(settings.identity), boot_(boot), reason_(reason), reception_(settings, boot, store) {}
  RecoveryServer(const RecoveryServer&) = delete;
  RecoveryServer& operator=(const RecoveryServer&) = delete;

  /// Answers a message. A request that comes again (same message ID and token) gets the same answer, and has no effect
  /// again (RFC 7252 4.2).
  /// @param message  at most kMessageBytes
  /// @returns the answer, valid until the next call; empty for what is not to be answered
  [[nodiscard]] ByteView answer(ByteView message) noexcept;

  /// An image is ready to be tried: restart, once the client has had time to ask again.
  [[nodiscard]] bool installed() const noexcept { return installed_; }
  [[nodiscard]] const Reception& reception() const noexcept { return reception_; }
  /// How many envelopes were refused, and why the last one was.
  [[nodiscard]] uint32_t refusals() const noexcept { return refusals_; }
  [[nodiscard]] Error refusal() const noexcept { return refusal_; }

 private:
  struct Answer {
    coap::Code code;
    ByteView payload{};
    std::optional<coap::Block> block{};
  };
  [[nodiscard]] Answer handle(const coap::Message& request) noexcept;
  [[nodiscard]] Answer handle_manifest(const coap::Message& request) noexcept;
  [[nodiscard]] Status take_block(const coap::Block& block, ByteView payload) noexcept;
  [[nodiscard]] Answer status() noexcept;
  [[nodiscard]] Answer failed(Error error) noexcept;

  const processor::Identity identity_;
  boot::BootControl& boot_;
  const uint8_t reason_;
  Reception reception_;
  uint32_t refusals_ = 0;
  Error refusal_ = Error::kInternal;
  uint32_t position_ = 0;  ///< in the envelope: where the next block begins
  bool receiving_ = false;
  bool installed_ = false;

  std::array<uint8_t, 96> content_{};  ///< of an answer
  std::array<uint8_t, 128> answer_{};
  size_t answer_bytes_ = 0;  ///< of the last request; 0: none
  uint16_t last_id_ = 0;
  coap::Token last_token_;
};

}  // namespace tailor::recovery
