// SPDX-License-Identifier: Apache-2.0
#include "core/processor/stored_envelope.hpp"

#include "core/cbor/head.hpp"

namespace tailor::processor {
namespace {

/// Reads heads and keys one after the other.
struct Scanner {
  Component& envelope;
  uint32_t offset = 0;
  cbor::Head head;

  Status next() noexcept {
    uint8_t bytes[cbor::kMaxHeadBytes];
    TAILOR_TRY_ASSIGN(const size_t size, envelope.read(offset, bytes));
    TAILOR_TRY(cbor::decode_head(ByteView(bytes, size), head));
    offset += head.size;
    return kOk;
  }
  Status skip_string() noexcept {
    if (head.argument > UINT32_MAX - offset) return Error::kTruncated;
    offset += static_cast<uint32_t>(head.argument);
    return kOk;
  }
  Result<bool> is(std::string_view text) noexcept {
    if (text.empty() || head.argument != text.size()) return false;
    for (size_t i = 0; i < text.size(); ++i) {
      uint8_t octet = 0;
      TAILOR_TRY_ASSIGN(const size_t size, envelope.read(offset + static_cast<uint32_t>(i), {&octet, 1}));
      if (size == 0 || octet != static_cast<uint8_t>(text[i])) return false;
    }
    return true;
  }
};

}  // namespace

Status find_member(Component& envelope, int64_t key, std::string_view uri, StoredMember& found) noexcept {
  Scanner scanner{envelope, 0, {}};
  TAILOR_TRY(scanner.next());
  if (scanner.head.type == cbor::Type::kTag) TAILOR_TRY(scanner.next());
  if (scanner.head.type != cbor::Type::kMap) return Error::kCborWrongType;
  for (uint64_t members = scanner.head.argument; members > 0; --members) {
    TAILOR_TRY(scanner.next());
    bool matches = false;
    if (scanner.head.type == cbor::Type::kText) {
      TAILOR_TRY_ASSIGN(matches, scanner.is(uri));
      TAILOR_TRY(scanner.skip_string());
    } else {
      matches = uri.empty() && scanner.head.argument == static_cast<uint64_t>(key);
    }
    found.item = scanner.offset;
    TAILOR_TRY(scanner.next());
    if (scanner.head.type != cbor::Type::kBytes) return Error::kCborWrongType;
    found.content = scanner.offset;
    TAILOR_TRY(scanner.skip_string());
    found.size = scanner.offset - found.content;
    if (matches) return kOk;
  }
  return Error::kPayloadUnavailable;
}

}  // namespace tailor::processor
