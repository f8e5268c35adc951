// SPDX-License-Identifier: Apache-2.0
// The fixed names of EST-coaps (RFC 9148 4.1, 4.3): paths and content formats, for client and server alike. No X.509
// and no transport.
#pragma once

#include <cstdint>
#include <string_view>

namespace tailor::est {

/// Resources under the root that both sides know without discovery (RFC 9148 4.1).
inline constexpr std::string_view kCaCertificatesPath = "/.well-known/est/crts";
inline constexpr std::string_view kCsrAttributesPath = "/.well-known/est/att";
inline constexpr std::string_view kEnrolPath = "/.well-known/est/sen";
inline constexpr std::string_view kReenrolPath = "/.well-known/est/sren";

/// Content formats (RFC 9148 4.3).
inline constexpr uint16_t kFormatCertsOnly = 281;
inline constexpr uint16_t kFormatCsrAttributes = 285;
inline constexpr uint16_t kFormatRequest = 286;
inline constexpr uint16_t kFormatCertificate = 287;

}  // namespace tailor::est
