// SPDX-License-Identifier: Apache-2.0
// Datagrams of the board: lwIP (IPv6 and UDP) over the LAN9118, polled. A frame is taken from the chip straight into
// the caller's buffer and handed to lwIP from there, so that lwIP needs no pool for what arrives.
#pragma once

#include "core/base/bytes.hpp"
#include "tailor/port/datagram.h"

namespace tailor::mps2 {

/// Bytes that a buffer given to receive() must have: the longest frame of a link with IPv6's smallest MTU, with its
/// check sequence, in whole words.
inline constexpr size_t kFrameBytes = 1300;

/// Starts controller and stack with a static address, and binds a UDP port.
///
/// @param address  IPv6, text, with a /64 around it on the link
/// @param port     0: any
/// @returns kNetworkFailed; kValueOutOfRange for a text that is no address
[[nodiscard]] Status start_network(const char* address, uint16_t port) noexcept;

/// The datagram port. Its receive() wants kFrameBytes of room, aligned for a uint32_t, and answers CONTRACT for less.
/// Its wait() sleeps until the next interrupt between two looks. Its resolve() takes addresses only: there is no DNS.
extern const tailor_datagram_t datagram_port;

}  // namespace tailor::mps2
