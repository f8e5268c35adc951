// SPDX-License-Identifier: Apache-2.0
// Serving immutable objects without state: a request datagram in, the response datagram out. What a server does for
// every block of an image, from any number of peers, before it thinks of an Endpoint.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/coap/codes.hpp"

namespace tailor::coap {

/// An object whose content never changes under its name.
struct ImmutableObject {
  ByteView body;  ///< stays mapped while the store lives
  ByteView etag;  ///< 1 to 8 bytes
  uint16_t content_format = format::kOctetStream;
};

class ImmutableStore {
 public:
  /// @returns kNotFound for a name that it does not hold
  [[nodiscard]] virtual Result<ImmutableObject> find(std::string_view name) const noexcept = 0;

 protected:
  ~ImmutableStore() = default;
};

/// Answers a confirmable GET of "/<folder>/<name>", with Block2 (RFC 7959 2.4) and ETag validation (RFC 7252 5.10.6.2),
/// by the piggybacked response. The same datagram always gives the same answer, so that duplicates need no memory.
///
/// @param datagram  one plain CoAP message; `out` must not overlap it
/// @param out       message_bytes(max_szx) bytes or more
/// @returns the response; kNotFound when the datagram is anything else, also an erroneous request: it then goes to the
///          peer's Endpoint, which knows all the rules; kDatagramTooLarge when `out` is too small
[[nodiscard]] Result<ByteView> answer_immutable(ByteView datagram, std::string_view folder, const ImmutableStore& store,
                                                uint8_t max_szx, MutableBytes out) noexcept;

}  // namespace tailor::coap
