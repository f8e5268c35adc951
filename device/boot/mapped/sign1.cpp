// SPDX-License-Identifier: Apache-2.0
#include "device/boot/mapped/sign1.hpp"

#include <iterator>

namespace tailor::boot::mapped {

void Sign1::read_headers(Reader& reader, bool is_protected) noexcept {
  Map map(reader);
  for (uint32_t label; map.next(label);) {
    if (label == 1) {  // the algorithm
      algorithm = reader.label();
      reader.require(is_protected, Error::kCoseUnsupported);
    } else if (label == 4 && key_id.empty()) {
      key_id = reader.bytes();
    } else {
      reader.require(label != 2 && label != 4, Error::kCoseUnsupported);  // critical parameters, or a key id twice
      reader.item();
    }
  }
}

Status Sign1::read(ByteView bytes) noexcept {
  Reader reader(bytes);
  const bool is_sign1 = reader.octet() == 0xd2 && reader.octet() == 0x84;  // 18([...4])
  reader.require(is_sign1, Error::kCoseUnsupported);
  protected_item = Reader(reader).item();
  const uint8_t* const outer = reader.enter();
  read_headers(reader, true);
  reader.leave(outer);
  read_headers(reader, false);
  payload_item = reader.item();
  signature = reader.bytes();
  return reader.finished();
}

Status Sign1::verify(const Scheme& scheme, ByteView cose_key, ByteView payload) const noexcept {
  // Sig_structure (RFC 9052 4.4), as the pieces that it consists of.
  static constexpr uint8_t kBefore[] = {0x84, 0x6a, 'S', 'i', 'g', 'n', 'a', 't', 'u', 'r', 'e', '1'};
  static constexpr uint8_t kNoExternalData[] = {0x40};
  const ByteView message[] = {kBefore, protected_item, kNoExternalData, payload};
  return scheme.verify(cose_key, std::span<const ByteView>(message, std::size(message)), signature);
}

}  // namespace tailor::boot::mapped
