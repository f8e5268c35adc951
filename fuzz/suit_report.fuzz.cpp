// SPDX-License-Identifier: Apache-2.0
// Any bytes: a SUIT_Report that is accepted is written again byte for byte, since there is one encoding of each; its
// records can all be walked; what a seal holds can be looked at and decrypted without a crash.
#include "core/report/suit_report.hpp"

#include <array>

#include "core/report/capabilities.hpp"
#include "core/report/encrypted.hpp"
#include "core/report/sealed.hpp"

using namespace tailor;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static std::array<uint8_t, 1U << 16U> buffer;
  const ByteView bytes(data, size);
  const auto read = report::decode_suit_report(bytes);
  if (read.ok() && size <= buffer.size()) {
    const auto written = report::encode(*read, buffer);
    if (!written.ok() || !equal(*written, bytes)) __builtin_trap();
    size_t entries = 0;
    for (report::Entries walk(read->records); walk.more(); ++entries) {
      if (walk.next_is_record() ? !walk.take_record().ok() : !walk.take_claims().ok()) __builtin_trap();
    }
    if (entries != read->record_count) __builtin_trap();
    if (!read->capabilities.empty() && !report::decode_capabilities(read->capabilities).ok()) __builtin_trap();
  }
  static_cast<void>(report::decode_capabilities(bytes));
  static_cast<void>(report::look_inside(bytes));
  static constexpr std::array<uint8_t, 16> kKey{};
  if (size <= buffer.size()) {
    static_cast<void>(report::decrypt(bytes, {crypto::ContentAlgorithm::kA128Ctr, kKey}, buffer));
    static_cast<void>(report::decrypt(bytes, {crypto::ContentAlgorithm::kA128Gcm, kKey}, buffer));
  }
  return 0;
}
