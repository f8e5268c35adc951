// SPDX-License-Identifier: Apache-2.0
#include "core/suit/kdf_context.hpp"

#include "core/cbor/writer.hpp"

namespace tailor::suit {

Result<ByteView> encode_kdf_context(ByteView recipient_protected, MutableBytes out) noexcept {
  static constexpr uint8_t kBefore[] = {0x84, 0x22, 0x83, 0xF6, 0xF6, 0xF6, 0x83, 0xF6, 0xF6, 0xF6, 0x83, 0x18, 0x80};
  cbor::Writer writer(out);
  writer.put_encoded(kBefore).put_bytes(recipient_protected).put_bytes(as_bytes("SUIT Payload Encryption"));
  return writer.finish();
}

}  // namespace tailor::suit
