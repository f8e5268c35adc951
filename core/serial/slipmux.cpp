// SPDX-License-Identifier: Apache-2.0
// See slipmux.hpp.
#include "core/serial/slipmux.hpp"

namespace tailor::serial {
namespace {

constexpr uint16_t kPolynomial = 0x8408;  // x^16 + x^12 + x^5 + 1, reflected

void put_escaped(ByteSink& sink, uint8_t byte) noexcept {
  if (byte != kEnd && byte != kEscape) return sink.put(byte);
  sink.put(kEscape);
  sink.put(byte == kEnd ? kEscapedEnd : kEscapedEscape);
}

}  // namespace

uint16_t fcs(uint16_t before, ByteView bytes) noexcept {
  uint32_t value = before;
  for (const uint8_t byte : bytes) {
    value ^= byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1U) ^ ((value & 1U) != 0 ? kPolynomial : 0U);
  }
  return static_cast<uint16_t>(value);
}

void write_coap(ByteSink& sink, ByteView message) noexcept {
  const uint8_t kind = kCoapFrame;
  const auto check = static_cast<uint16_t>(~fcs(fcs(kFcsStart, {&kind, 1}), message));
  sink.put(kEnd);
  put_escaped(sink, kind);
  for (const uint8_t byte : message) put_escaped(sink, byte);
  put_escaped(sink, static_cast<uint8_t>(check & 0xffU));
  put_escaped(sink, static_cast<uint8_t>(check >> 8U));
  sink.put(kEnd);
}

void write_text(ByteSink& sink, ByteView text) noexcept {
  sink.put(kEnd);
  sink.put(kTextFrame);
  for (const uint8_t byte : text) put_escaped(sink, byte);
  sink.put(kEnd);
}

Frame FrameReader::take(uint8_t byte) noexcept {
  content_ = {};
  if (byte == kEnd) return end_frame();
  if (broken_) return Frame::kNone;
  if (escaped_) {
    escaped_ = false;
    broken_ = byte != kEscapedEnd && byte != kEscapedEscape;
    byte = byte == kEscapedEnd ? kEnd : kEscape;
  } else if (byte == kEscape) {
    escaped_ = true;
    return Frame::kNone;
  }
  broken_ = broken_ || length_ == buffer_.size();
  if (!broken_) buffer_[length_++] = byte;
  return Frame::kNone;
}

Frame FrameReader::end_frame() noexcept {
  const ByteView frame = ByteView{buffer_}.first(length_);
  const bool whole = !broken_ && !escaped_;
  const bool nothing = frame.empty() && whole;
  length_ = 0;
  escaped_ = broken_ = false;
  if (nothing) return Frame::kNone;  // two END, one behind the other
  if (whole && frame[0] == kTextFrame) {
    content_ = frame.subspan(1);
    return Frame::kText;
  }
  if (whole && frame[0] == kCoapFrame && frame.size() > kFrameOverhead && fcs(kFcsStart, frame) == kFcsGood) {
    content_ = frame.subspan(1, frame.size() - kFrameOverhead);
    return Frame::kCoap;
  }
  ++dropped_;
  return Frame::kNone;
}

}  // namespace tailor::serial
