// SPDX-License-Identifier: Apache-2.0
// Who is at the other end of an association, as resource handlers see it: never an address, DTLS or OSCORE. Filled by
// the owner of the endpoint once the security context is authenticated.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/uuid.hpp"
#include "core/crypto/p256.hpp"

namespace tailor::coap {

/// kNone: not authenticated (plain CoAP).
enum class PeerRole : uint8_t { kNone, kDevice, kUpdateServer, kCertificateAuthority, kOperator };

struct Peer {
  std::string_view tenant{};  ///< lives as long as the endpoint
  PeerRole role = PeerRole::kNone;
  Uuid id{};
  void* context = nullptr;  ///< the owner's, e.g. its session object
  /// Of the certificate that was shown in the handshake; null without one. Lives as long as the endpoint.
  const crypto::P256PublicKey* key = nullptr;
};

}  // namespace tailor::coap
