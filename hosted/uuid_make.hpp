// SPDX-License-Identifier: Apache-2.0
// Makes UUIDs of versions 4 and 5 (RFC 9562 5.4, 5.5), and the vendor and class identifiers of SUIT manifest 8.4.8.1.
#pragma once

#include <string_view>

#include "core/base/uuid.hpp"
#include "hosted/failure.hpp"

namespace tailor {

/// The DNS name space, RFC 9562 6.6.
inline constexpr Uuid kDnsNamespace{
    {0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8}};

/// Makes the name-based UUID of `name` in `name_space`; the same inputs always give the same UUID.
[[nodiscard]] Uuid uuid5(const Uuid& name_space, ByteView name);
[[nodiscard]] inline Uuid uuid5(const Uuid& name_space, std::string_view name) {
  return uuid5(name_space, as_bytes(name));
}

/// Makes a random UUID. @returns kEntropyFailed when the generator fails
[[nodiscard]] Outcome<Uuid> uuid4();

/// UUIDv5(DNS name space, the vendor's domain).
[[nodiscard]] inline Uuid vendor_id(std::string_view domain) {
  return uuid5(kDnsNamespace, domain);
}
/// UUIDv5(vendor id, class name).
[[nodiscard]] inline Uuid class_id(const Uuid& vendor, std::string_view class_name) {
  return uuid5(vendor, class_name);
}

/// The 36 characters of a UUID as a string.
[[nodiscard]] inline std::string uuid_text(const Uuid& uuid) {
  const auto text = uuid.to_text();
  return {text.data(), text.size()};
}

}  // namespace tailor
