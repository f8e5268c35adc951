// SPDX-License-Identifier: Apache-2.0
#include "authoring/hss/key_file.hpp"

#include "core/cbor/reader.hpp"
#include "core/cbor/writer.hpp"
#include "core/crypto/crypto.hpp"
#include "core/hss/verify.hpp"

namespace tailor::authoring {
namespace {

constexpr std::string_view kKeyName = "tailor-hss-key";
constexpr std::string_view kStateName = "tailor-hss-state";
constexpr std::string_view kCacheName = "tailor-hss-cache";
constexpr uint64_t kVersion = 1;

/// The head that the three have in common: an array that begins with its name and version.
Outcome<cbor::Reader> open(ByteView content, std::string_view name, size_t elements) {
  cbor::Reader reader(content);
  const auto count = reader.take_array();
  const auto found = count.ok() ? reader.take_text() : Result<std::string_view>(count.error());
  if (!found.ok() || *found != name) return fail(Error::kRecordMalformed, "not a " + std::string(name) + " file");
  const auto version = reader.take_unsigned();
  if (!version.ok()) return fail(Error::kRecordMalformed, "version");
  if (*version != kVersion) return fail(Error::kUnsupportedVersion, std::string(name) + " " + std::to_string(*version));
  if (*count != elements) return fail(Error::kRecordMalformed, "number of elements");
  return reader;
}

cbor::Writer& begin(cbor::Writer& writer, std::string_view name, size_t elements) {
  return writer.put_array(elements).put_text(name).put_unsigned(kVersion);
}

template <typename Write>
Outcome<Bytes> encode(size_t room, Write write) {
  Bytes out(room);
  cbor::Writer writer{MutableBytes(out)};
  write(writer);
  TAILOR_TRY_ASSIGN(const ByteView written, with_context(writer.finish(), "HSS/LMS file"));
  out.resize(written.size());
  return out;
}

/// Decoding errors of all kinds are one to the reader of a message: the file is damaged.
template <typename T>
Outcome<T> field(Result<T, Error> result, std::string_view name) {
  if (!result.ok()) return fail(Error::kRecordMalformed, std::string(name));
  return Outcome<T>(std::move(result).value());
}

/// The MAC over the trees of a cache.
Result<crypto::Sha256Digest> cache_tag(const HssSecret& secret, ByteView trees) {
  TAILOR_TRY_ASSIGN(crypto::Sha256Digest key, crypto::hmac_sha256(secret.seed.reveal(), as_bytes(kCacheName)));
  const auto tag = crypto::hmac_sha256(key, trees);
  wipe(key);
  return tag;
}

Outcome<std::vector<hss::Parameters>> take_levels(cbor::Reader& reader) {
  TAILOR_TRY_ASSIGN(const size_t count, field(reader.take_array(), "parameters"));
  std::vector<hss::Parameters> levels;
  for (size_t i = 0; i < count && i <= hss::kMaxLevels; ++i) {
    TAILOR_TRY_ASSIGN(const size_t pair, field(reader.take_array(), "parameters"));
    TAILOR_TRY_ASSIGN(const uint64_t lms, field(reader.take_unsigned(), "LMS type"));
    TAILOR_TRY_ASSIGN(const uint64_t ots, field(reader.take_unsigned(), "LM-OTS type"));
    if (pair != 2 || lms > UINT32_MAX || ots > UINT32_MAX) return fail(Error::kRecordMalformed, "parameters");
    TAILOR_TRY_ASSIGN(const hss::Parameters level,
                      field(hss::parameters_of(static_cast<uint32_t>(lms), static_cast<uint32_t>(ots)), "parameters"));
    levels.push_back(level);
  }
  const auto checked = check_levels(levels);
  if (!checked.ok()) return fail(Error::kRecordMalformed, checked.error().context);
  return levels;
}

}  // namespace

bool is_hss_key_file(ByteView content) {
  cbor::Reader reader(content);
  if (!reader.take_array().ok()) return false;
  const auto name = reader.take_text();
  return name.ok() && *name == kKeyName;
}

Outcome<SecretBytes> encode_hss_key(const HssKeyFile& key) {
  auto bytes = encode(512, [&key](cbor::Writer& writer) {
    begin(writer, kKeyName, 6).put_array(key.secret.levels.size());
    for (const hss::Parameters& level : key.secret.levels) {
      writer.put_array(2).put_unsigned(level.lms_type).put_unsigned(level.ots_type);
    }
    writer.put_bytes(key.secret.identifier).put_bytes(key.secret.seed.reveal()).put_bytes(key.public_key);
  });
  if (!bytes.ok()) return bytes.error();
  SecretBytes out(bytes.value());
  wipe(bytes.value());
  return out;
}

Outcome<HssKeyFile> decode_hss_key(ByteView content) {
  TAILOR_TRY_ASSIGN(cbor::Reader reader, open(content, kKeyName, 6));
  HssKeyFile key;
  TAILOR_TRY_ASSIGN(key.secret.levels, take_levels(reader));
  TAILOR_TRY_ASSIGN(const ByteView identifier, field(reader.take_bytes(), "identifier"));
  TAILOR_TRY_ASSIGN(const ByteView seed, field(reader.take_bytes(), "seed"));
  TAILOR_TRY_ASSIGN(const ByteView public_key, field(reader.take_bytes(), "public key"));
  const hss::Parameters& top = key.secret.levels.front();
  if (!reader.finish().ok()) return fail(Error::kRecordMalformed, "bytes behind the key");
  if (identifier.size() != key.secret.identifier.size() || seed.size() != top.hash_bytes) {
    return fail(Error::kRecordMalformed, "identifier or seed has another length");
  }
  std::copy(identifier.begin(), identifier.end(), key.secret.identifier.begin());
  // The public key repeats what stands before it; a file that was put together wrongly is found here.
  if (!hss::check_public_key(public_key).ok() || hss::read_u32(public_key.data()) != key.secret.levels.size() ||
      hss::read_u32(public_key.data() + 4) != top.lms_type || hss::read_u32(public_key.data() + 8) != top.ots_type ||
      !equal(public_key.subspan(12, identifier.size()), identifier)) {
    return fail(Error::kRecordMalformed, "public key belongs to another key");
  }
  key.secret.seed = SecretBytes(seed);
  key.public_key.assign(public_key.begin(), public_key.end());
  return key;
}

Outcome<Bytes> encode_hss_state(const HssState& state) {
  return encode(128, [&state](cbor::Writer& writer) {
    begin(writer, kStateName, 4).put_bytes(state.key_digest).put_unsigned(state.next);
  });
}

Outcome<HssState> decode_hss_state(ByteView content) {
  TAILOR_TRY_ASSIGN(cbor::Reader reader, open(content, kStateName, 4));
  HssState state;
  TAILOR_TRY_ASSIGN(const ByteView digest, field(reader.take_bytes(), "key digest"));
  TAILOR_TRY_ASSIGN(state.next, field(reader.take_unsigned(), "next"));
  if (digest.size() != state.key_digest.size() || !reader.finish().ok()) {
    return fail(Error::kRecordMalformed, "key digest");
  }
  std::copy(digest.begin(), digest.end(), state.key_digest.begin());
  return state;
}

Outcome<Bytes> encode_hss_cache(const LeafCache& cache, const HssSecret& secret) {
  size_t room = 128;
  for (const LeafCache::Entry& entry : cache.entries()) room += entry.leaves.size() + 64;
  TAILOR_TRY_ASSIGN(Bytes trees, encode(room, [&cache](cbor::Writer& writer) {
                      writer.put_array(cache.entries().size());
                      for (const LeafCache::Entry& entry : cache.entries()) {
                        writer.put_array(2).put_bytes(entry.identifier).put_bytes(entry.leaves);
                      }
                    }));
  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest tag, with_context(cache_tag(secret, trees), "cache"));
  return encode(trees.size() + 128,
                [&](cbor::Writer& writer) { begin(writer, kCacheName, 4).put_encoded(trees).put_bytes(tag); });
}

LeafCache decode_hss_cache(ByteView content, const HssSecret& secret) {
  auto file = open(content, kCacheName, 4);
  if (!file.ok()) return {};
  const auto trees = file->take_item();
  const auto tag = trees.ok() ? file->take_bytes() : trees;
  if (!tag.ok() || !file->finish().ok()) return {};
  const auto expected = cache_tag(secret, *trees);
  if (!expected.ok() || !crypto::constant_time_equal(*expected, *tag)) return {};

  cbor::Reader reader(*trees);
  const auto count = reader.take_array();
  if (!count.ok() || *count > hss::kMaxLevels) return {};
  std::vector<LeafCache::Entry> entries(*count);
  for (LeafCache::Entry& entry : entries) {
    const auto pair = reader.take_array();
    const auto identifier = pair.ok() ? reader.take_bytes() : Result<ByteView>(pair.error());
    const auto leaves = identifier.ok() ? reader.take_bytes() : identifier;
    if (!leaves.ok() || identifier->size() != entry.identifier.size()) return {};
    std::copy(identifier->begin(), identifier->end(), entry.identifier.begin());
    entry.leaves.assign(leaves->begin(), leaves->end());
  }
  return LeafCache(std::move(entries));
}

}  // namespace tailor::authoring
