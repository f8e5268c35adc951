// SPDX-License-Identifier: Apache-2.0
// The host's side of docs/recovery.md: asks a recovery program for its status, and sends it an envelope, block after
// block, each one again until it is answered. Knows no device code: what goes over the line is CoAP.
#pragma once

#include <functional>

#include "cli/serial_line.hpp"
#include "core/base/uuid.hpp"
#include "core/coap/message.hpp"
#include "core/serial/slipmux.hpp"
#include "hosted/encoding.hpp"

namespace tailor::cli {

/// What the recovery program says about its board.
struct RecoveryStatus {
  std::optional<Error> reason;  ///< why no image was started; absent: somebody asked for recovery
  Uuid device, vendor, device_class;
  uint64_t slot = 0;  ///< into which an image would be written
  uint8_t block_szx = 0;
};

class RecoveryClient {
 public:
  struct Patience {
    std::chrono::milliseconds answer{500};  ///< before a request is sent again
    unsigned tries = 10;
    /// Of the last block: the board verifies the image before it answers.
    std::chrono::milliseconds verdict{5000};
  };
  RecoveryClient(SerialLine line, Patience patience) : line_(std::move(line)), patience_(patience) {}

  /// @returns kTimeout: nobody answers; kCoapMalformed, decoding errors
  [[nodiscard]] Outcome<RecoveryStatus> status();
  /// Sends the envelope.
  /// @param progress  hears how many bytes have been taken
  /// @returns why the board refused it, as the board says; kTimeout; kPeerRefused: another answer than expected
  [[nodiscard]] Outcome<void> send(ByteView envelope, uint8_t block_szx, const std::function<void(size_t)>& progress);
  /// Requests that had to be sent more than once.
  [[nodiscard]] uint64_t repeats() const noexcept { return repeats_; }

 private:
  struct Answer {
    coap::Code code;
    Bytes payload;
  };
  [[nodiscard]] Outcome<Answer> ask(ByteView request, uint16_t id, std::chrono::milliseconds wait);
  [[nodiscard]] Outcome<std::optional<Answer>> wait_for(uint16_t id, std::chrono::milliseconds wait);
  [[nodiscard]] Outcome<Bytes> encode(coap::Code code, std::string_view path, uint16_t id,
                                      std::optional<coap::Block> block, ByteView payload) const;

  SerialLine line_;
  const Patience patience_;
  Bytes buffer_ = Bytes(2048);
  serial::FrameReader reader_{buffer_};
  Bytes read_ahead_;  ///< bytes of the line that follow the last answer
  std::optional<uint16_t> last_id_;
  uint64_t repeats_ = 0;

  [[nodiscard]] uint16_t next_id();
};

}  // namespace tailor::cli
