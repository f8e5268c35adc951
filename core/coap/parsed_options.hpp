// SPDX-License-Identifier: Apache-2.0
// What the engine must know of a message's options, read in one pass with the rules of RFC 7252 5.4. Internal to the
// engine; handlers read options with OptionReader.
#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/coap/codes.hpp"
#include "core/coap/options.hpp"

namespace tailor::coap {

struct ParsedOptions {
  static constexpr uint32_t kAbsent = UINT32_MAX;

  uint16_t content_format = format::kNone;
  uint16_t accept = format::kNone;
  bool has_block1 = false;
  bool has_block2 = false;
  bool proxy = false;
  uint32_t observe = kAbsent;
  uint32_t size1 = kUnknownSize;
  uint32_t size2 = kUnknownSize;
  uint32_t max_age_s = kDefaultMaxAgeSeconds;
  ByteView etag;
  Block block1;
  Block block2;

  /// Reads the options of a request or of a response. Elective ones that are unknown, repeated or too long are ignored
  /// (RFC 7252 5.4.1, 5.4.3, 5.4.5).
  ///
  /// @returns kCriticalOptionUnknown for such critical ones, and for path segments "." and ".." (RFC 7252 5.10.1);
  ///          kCoapMalformed for SZX 7 (RFC 7959 2.2)
  [[nodiscard]] static Result<ParsedOptions> read(ByteView options, bool of_request) noexcept;

 private:
  [[nodiscard]] Status take(const OptionView& option, bool of_request) noexcept;
};

}  // namespace tailor::coap
