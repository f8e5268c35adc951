// SPDX-License-Identifier: Apache-2.0
// Datagrams (each behind a byte of length) against a server that awaits a ClientHello and a client that has sent one.
#include <algorithm>
#include <cstdlib>

#include "crypto_backends/psa/dtls/session.hpp"

namespace {
using namespace tailor;

struct Deaf final : dtls::SessionHandler {
  void transmit(ByteView) noexcept override {}
  void on_established() noexcept override { std::abort(); }  // nobody completes a handshake without the key
  void on_data(ByteView) noexcept override { std::abort(); }
};
struct NoKeys final : dtls::PskSource {
  Result<ByteView> find(ByteView, MutableBytes) noexcept override { return Error::kPskUnknown; }
};
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr uint8_t kKey[16] = {1};
  Deaf deaf;
  NoKeys keys;
  dtls::Context ours, theirs;
  if (!ours.init({.side = dtls::Side::kServer, .psk_source = &keys, .own_cid_bytes = 1}).ok()) std::abort();
  if (!theirs.init({.side = dtls::Side::kClient, .psk_identity = kKey, .psk = kKey}).ok()) std::abort();
  dtls::Session server{ours, deaf}, client{theirs, deaf};
  if (!server.accept(kKey, ByteView{kKey}.first(1)).ok() || !client.connect(1).ok()) std::abort();
  for (Cursor input{{data, size}}; !input.empty();) {
    const size_t length = *input.take_u8();
    const ByteView datagram = *input.take(std::min(length, input.left()));
    static_cast<void>(server.on_datagram(datagram, 1));
    static_cast<void>(client.on_datagram(datagram, 1));
  }
  return 0;
}
