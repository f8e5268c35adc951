// SPDX-License-Identifier: Apache-2.0
// The first octet chooses: any bytes as an envelope, which nobody signed, or as what follows a signed manifest. Read in
// one piece and octet by octet, the outcome is the same; what is authentic whole in memory is authentic as a stream.
#include "core/suit/envelope_reader.hpp"
#include "testing/suit/author.hpp"

using namespace tailor;

namespace {

struct Sink final : suit::MemberSink {
  Status begin(std::string_view, uint64_t) noexcept override { return kOk; }
  Result<size_t> write(ByteView bytes) noexcept override { return bytes.size(); }
  Status end() noexcept override { return kOk; }
};

Status read(ByteView bytes, size_t chunk, const suit::TrustAnchors& anchors) {
  std::array<uint8_t, 1024> buffer;
  suit::EnvelopeReader reader(buffer, anchors, {});
  Sink sink;
  while (!bytes.empty()) {
    ByteView input = bytes.first(std::min(chunk, bytes.size()));
    bytes = bytes.subspan(input.size());
    TAILOR_TRY(reader.feed(input, sink));
    if (!input.empty()) return Error::kTrailingBytes;
  }
  return reader.finish();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const testing::Author author = std::move(testing::Author().member(7, {0x80}).member(20, {0x80}, true));
  static const testing::Octets head = author.envelope();
  if (size < 2) return 0;
  const bool behind_manifest = (data[0] & 1U) != 0;
  testing::Octets bytes(data + 2, data + size);
  if (behind_manifest) bytes.insert(bytes.begin(), head.begin(), head.end() - 4);  // without the severed install
  if (behind_manifest) bytes[2] = static_cast<uint8_t>(0xA0U | (data[1] & 0x1FU));
  const Status at_once = read(bytes, bytes.size(), author.anchors());
  const Status slowly = read(bytes, 1, author.anchors());
  if (at_once.ok() != slowly.ok() || (!at_once.ok() && at_once.error() != slowly.error())) __builtin_trap();
  if (at_once.ok() && !behind_manifest) __builtin_trap();
  const auto envelope = suit::Envelope::from_bytes(bytes);
  const bool authentic = envelope.ok() && suit::authenticate(*envelope, author.anchors(), {}).ok();
  // Longer than the buffer, or with a URI that a device does not keep.
  const bool over_a_limit =
      !at_once.ok() && (at_once.error() == Error::kManifestTooLarge || at_once.error() == Error::kValueOutOfRange);
  if (authentic && !at_once.ok() && !over_a_limit) __builtin_trap();
  return 0;
}
