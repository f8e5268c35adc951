// SPDX-License-Identifier: Apache-2.0
// CoAP messages on a serial line, framed as Slipmux has them (draft-bormann-t2trg-slipmux): SLIP (RFC 1055), a first
// byte that tells what is in the frame, and for CoAP the 16-bit FCS of PPP (RFC 1662 C.2). Reader and writer side by
// side, for device and host. Knows no CoAP, no UART and no time: what is damaged is dropped, the sender repeats it.
#pragma once

#include "core/base/bytes.hpp"

namespace tailor::serial {

inline constexpr uint8_t kEnd = 0xc0;            ///< RFC 1055: between frames
inline constexpr uint8_t kEscape = 0xdb;         ///< RFC 1055: the next byte stands for another
inline constexpr uint8_t kEscapedEnd = 0xdc;     ///< RFC 1055
inline constexpr uint8_t kEscapedEscape = 0xdd;  ///< RFC 1055
inline constexpr uint8_t kCoapFrame = 0xa9;      ///< first byte of a frame with a CoAP message and its FCS
inline constexpr uint8_t kTextFrame = 0x0a;      ///< first byte of a frame with text for people, without FCS

/// Bytes of a frame around a CoAP message, before escaping: first byte and FCS.
inline constexpr size_t kFrameOverhead = 3;

/// The FCS of PPP over `bytes`, from the one before on (RFC 1662 C.2): begin with kFcsStart; over a whole frame with
/// its FCS it comes to kFcsGood.
inline constexpr uint16_t kFcsStart = 0xffff;
inline constexpr uint16_t kFcsGood = 0xf0b8;
[[nodiscard]] uint16_t fcs(uint16_t before, ByteView bytes) noexcept;

/// Where written frames go.
class ByteSink {
 public:
  virtual void put(uint8_t byte) noexcept = 0;

 protected:
  ~ByteSink() = default;
};

/// Writes one frame with a CoAP message; begins with an END, so that noise before it is a frame of its own.
void write_coap(ByteSink& sink, ByteView message) noexcept;
/// Writes one frame with text.
void write_text(ByteSink& sink, ByteView text) noexcept;

enum class Frame : uint8_t { kNone, kCoap, kText };

/// Finds the frames in what comes from the line, byte by byte, and recovers at the next END from whatever it meets.
class FrameReader {
 public:
  /// @param buffer  holds the largest frame that is taken, kFrameOverhead included; longer ones are dropped
  explicit FrameReader(MutableBytes buffer) noexcept : buffer_(buffer) {}

  /// Takes one byte.
  /// @returns kNone until a whole frame has come: kCoap with a good FCS, or kText
  [[nodiscard]] Frame take(uint8_t byte) noexcept;
  /// The CoAP message or the text of the frame that take() spoke of; valid until the next take().
  [[nodiscard]] ByteView content() const noexcept { return content_; }
  /// Frames that were dropped: damaged, too long, or of a kind that is not known.
  [[nodiscard]] uint32_t dropped() const noexcept { return dropped_; }

 private:
  [[nodiscard]] Frame end_frame() noexcept;

  MutableBytes buffer_;
  ByteView content_;
  size_t length_ = 0;
  uint32_t dropped_ = 0;
  bool escaped_ = false;
  bool broken_ = false;  ///< until the next END
};

}  // namespace tailor::serial
