// SPDX-License-Identifier: Apache-2.0
// The numbers of CoAP: message types, codes, options, content formats and transmission defaults. Constants only; what
// they mean to the engine stands in message.hpp and endpoint.hpp.
#pragma once

#include <cstdint>

namespace tailor::coap {

/// RFC 7252 3: the two type bits.
enum class Type : uint8_t { kConfirmable = 0, kNonConfirmable = 1, kAcknowledgement = 2, kReset = 3 };

/// RFC 7252 12.1, RFC 7959 6, RFC 8132, RFC 8516: class in the upper three bits, detail below. Other values may come
/// from the wire.
enum class Code : uint8_t {
  kEmpty = 0x00,
  kGet = 0x01,
  kPost = 0x02,
  kPut = 0x03,
  kDelete = 0x04,
  kFetch = 0x05,
  kPatch = 0x06,
  kIPatch = 0x07,
  kCreated = 0x41,
  kDeleted = 0x42,
  kValid = 0x43,
  kChanged = 0x44,
  kContent = 0x45,
  kContinue = 0x5f,
  kBadRequest = 0x80,
  kUnauthorized = 0x81,
  kBadOption = 0x82,
  kForbidden = 0x83,
  kNotFound = 0x84,
  kMethodNotAllowed = 0x85,
  kNotAcceptable = 0x86,
  kRequestEntityIncomplete = 0x88,
  kConflict = 0x89,
  kPreconditionFailed = 0x8c,
  kRequestEntityTooLarge = 0x8d,
  kUnsupportedContentFormat = 0x8f,
  kTooManyRequests = 0x9d,
  kInternalServerError = 0xa0,
  kNotImplemented = 0xa1,
  kBadGateway = 0xa2,
  kServiceUnavailable = 0xa3,
  kGatewayTimeout = 0xa4,
  kProxyingNotSupported = 0xa5,
};

[[nodiscard]] constexpr unsigned class_of(Code code) noexcept {
  return static_cast<unsigned>(code) >> 5U;
}
[[nodiscard]] constexpr bool is_request(Code code) noexcept {
  return class_of(code) == 0 && code != Code::kEmpty;
}
[[nodiscard]] constexpr bool is_success(Code code) noexcept {
  return class_of(code) == 2;
}
[[nodiscard]] constexpr bool is_error(Code code) noexcept {
  return class_of(code) == 4 || class_of(code) == 5;
}
[[nodiscard]] constexpr bool is_response(Code code) noexcept {
  return is_success(code) || is_error(code);
}

/// One bit for each request method, for Resource::methods.
[[nodiscard]] constexpr uint8_t method_bit(Code method) noexcept {
  return is_request(method) && static_cast<unsigned>(method) <= 7
             ? static_cast<uint8_t>(1U << static_cast<unsigned>(method))
             : uint8_t{0};
}
inline constexpr uint8_t kAllowGet = method_bit(Code::kGet);
inline constexpr uint8_t kAllowPost = method_bit(Code::kPost);
inline constexpr uint8_t kAllowPut = method_bit(Code::kPut);
inline constexpr uint8_t kAllowDelete = method_bit(Code::kDelete);

/// Option numbers: RFC 7252 12.2, RFC 7641, RFC 7959, RFC 8768, RFC 9175.
enum class Option : uint16_t {
  kIfMatch = 1,
  kUriHost = 3,
  kETag = 4,
  kIfNoneMatch = 5,
  kObserve = 6,
  kUriPort = 7,
  kLocationPath = 8,
  kUriPath = 11,
  kContentFormat = 12,
  kMaxAge = 14,
  kUriQuery = 15,
  kHopLimit = 16,
  kAccept = 17,
  kLocationQuery = 20,
  kBlock2 = 23,
  kBlock1 = 27,
  kSize2 = 28,
  kProxyUri = 35,
  kProxyScheme = 39,
  kSize1 = 60,
  kEcho = 252,
  kNoResponse = 258,
  kRequestTag = 292,
  /// Of the experimental range, critical: who does not know it must not act on the response. In the answer to GET
  /// /update: install only when a later answer lacks it (docs/protocols/update-server.md).
  kHold = 65001,
};

/// RFC 7252 5.4.6: an odd number is critical.
[[nodiscard]] constexpr bool is_critical(uint16_t option) noexcept {
  return (option & 1U) != 0;
}

/// Content formats of the IANA registry that Tailor speaks, and its own of the experimental range.
namespace format {
inline constexpr uint16_t kTextPlain = 0;
inline constexpr uint16_t kLinkFormat = 40;
inline constexpr uint16_t kOctetStream = 42;
inline constexpr uint16_t kCbor = 60;
inline constexpr uint16_t kPkcs7CertsOnly = 281;
inline constexpr uint16_t kCsrAttributes = 285;
inline constexpr uint16_t kPkcs10 = 286;
inline constexpr uint16_t kPkixCert = 287;
inline constexpr uint16_t kSuitEnvelope = 65000;
inline constexpr uint16_t kRegistration = 65001;
inline constexpr uint16_t kReport = 65002;
inline constexpr uint16_t kStatus = 65003;
inline constexpr uint16_t kTrustStore = 65004;
inline constexpr uint16_t kCapabilities = 65005;  ///< SUIT_Capability_Report
/// Reserved by IANA; here: no Content-Format or Accept option, or any format will do.
inline constexpr uint16_t kNone = 65535;
}  // namespace format

/// Default Max-Age of a response without the option, in seconds (RFC 7252 5.10.5).
inline constexpr uint32_t kDefaultMaxAgeSeconds = 60;

/// A body size that the peer did not tell.
inline constexpr uint32_t kUnknownSize = UINT32_MAX;

}  // namespace tailor::coap
