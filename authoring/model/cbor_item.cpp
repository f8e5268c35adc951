// SPDX-License-Identifier: Apache-2.0
#include "authoring/model/cbor_item.hpp"

#include <algorithm>

#include "core/cbor/head.hpp"

namespace tailor::authoring {
namespace {

Bytes with_head(cbor::Type type, uint64_t argument, ByteView content = {}) {
  uint8_t head[cbor::kMaxHeadBytes];
  const size_t length = cbor::encode_head(type, argument, head);
  Bytes out(head, head + length);
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

struct HashName {
  crypto::HashAlgorithm algorithm;
  const char* name;
};
constexpr HashName kHashNames[] = {
    {crypto::HashAlgorithm::kSha256, "sha256"},     {crypto::HashAlgorithm::kSha384, "sha384"},
    {crypto::HashAlgorithm::kSha512, "sha512"},     {crypto::HashAlgorithm::kShake128, "shake128"},
    {crypto::HashAlgorithm::kShake256, "shake256"},
};

}  // namespace

Bytes cbor_unsigned(uint64_t value) {
  return with_head(cbor::Type::kUnsigned, value);
}

Bytes cbor_int(int64_t value) {
  if (value >= 0) return cbor_unsigned(static_cast<uint64_t>(value));
  return with_head(cbor::Type::kNegative, static_cast<uint64_t>(-1 - value));
}

Bytes cbor_bool(bool value) {
  return with_head(cbor::Type::kSimple, value ? cbor::kTrue : cbor::kFalse);
}

Bytes cbor_null() {
  return with_head(cbor::Type::kSimple, cbor::kNull);
}

Bytes cbor_text(std::string_view text) {
  return with_head(cbor::Type::kText, text.size(), as_bytes(text));
}

Bytes cbor_bytes(ByteView content) {
  return with_head(cbor::Type::kBytes, content.size(), content);
}

Bytes cbor_tagged(uint64_t tag, ByteView item) {
  return with_head(cbor::Type::kTag, tag, item);
}

Bytes cbor_array(const std::vector<Bytes>& items) {
  Bytes out = with_head(cbor::Type::kArray, items.size());
  for (const Bytes& item : items) out.insert(out.end(), item.begin(), item.end());
  return out;
}

Bytes cbor_array_of(size_t count, ByteView items) {
  return with_head(cbor::Type::kArray, count, items);
}

Bytes cbor_map(CborPairs pairs) {
  std::stable_sort(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  Bytes out = with_head(cbor::Type::kMap, pairs.size());
  for (const auto& [key, value] : pairs) {
    out.insert(out.end(), key.begin(), key.end());
    out.insert(out.end(), value.begin(), value.end());
  }
  return out;
}

Outcome<ImageDigest> digest_of(crypto::HashAlgorithm algorithm, ByteView bytes) {
  crypto::Hash hash(algorithm);
  TAILOR_TRY(with_context(hash.update(bytes), "digest"));
  Bytes out(crypto::hash_bytes(algorithm));
  TAILOR_TRY(with_context(hash.finish(out), "digest"));
  return ImageDigest(algorithm, std::move(out));
}

Outcome<ImageDigest> digest_of_byte_string(crypto::HashAlgorithm algorithm, ByteView content) {
  crypto::Hash hash(algorithm);
  TAILOR_TRY(with_context(hash.update(with_head(cbor::Type::kBytes, content.size())), "digest"));
  TAILOR_TRY(with_context(hash.update(content), "digest"));
  Bytes out(crypto::hash_bytes(algorithm));
  TAILOR_TRY(with_context(hash.finish(out), "digest"));
  return ImageDigest(algorithm, std::move(out));
}

Bytes cbor_digest(const ImageDigest& digest) {
  return cbor_array({cbor_int(static_cast<int64_t>(digest.algorithm)), cbor_bytes(digest.bytes)});
}

std::optional<crypto::HashAlgorithm> hash_from_name(std::string_view name) {
  for (const HashName& known : kHashNames) {
    if (name == known.name) return known.algorithm;
  }
  return std::nullopt;
}

const char* hash_name(int64_t algorithm) noexcept {
  for (const HashName& known : kHashNames) {
    if (algorithm == static_cast<int64_t>(known.algorithm)) return known.name;
  }
  return nullptr;
}

}  // namespace tailor::authoring
