// SPDX-License-Identifier: Apache-2.0
#include "authoring/hss/tree.hpp"

// The digest's own interface, because leaves are millions of one-block hashes: four times faster than through EVP.
#define OPENSSL_API_COMPAT 0x10100000L
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <initializer_list>

namespace tailor::authoring {
namespace {

using hss::Domain;
using hss::Parameters;
using Digest = std::array<uint8_t, SHA256_DIGEST_LENGTH>;

// Chain numbers of values that are derived like a chain's start (the reference implementation's).
constexpr uint16_t kRandomizer = 0xfffd;
constexpr uint16_t kChildSeed = 0xfffe;
constexpr uint16_t kChildIdentifier = 0xffff;

Digest digest(std::initializer_list<ByteView> pieces) {
  SHA256_CTX context;
  SHA256_Init(&context);
  for (const ByteView piece : pieces) SHA256_Update(&context, piece.data(), piece.size());
  Digest out{};
  SHA256_Final(out.data(), &context);
  OPENSSL_cleanse(&context, sizeof(context));
  return out;
}

/// I, a number and a domain or chain: what every hash begins with.
std::array<uint8_t, 22> prefix(const Identifier& identifier, uint32_t number, uint16_t domain) {
  std::array<uint8_t, 22> out{};
  std::copy(identifier.begin(), identifier.end(), out.begin());
  hss::write_u32(out.data() + 16, number);
  hss::write_u16(out.data() + 20, domain);
  return out;
}

std::array<uint8_t, 22> prefix(const Identifier& identifier, uint32_t number, Domain domain) {
  return prefix(identifier, number, static_cast<uint16_t>(domain));
}

/// x_q[i] of RFC 8554 appendix A.
Digest derive(const TreeSecret& secret, uint32_t q, uint16_t chain) {
  static constexpr uint8_t kSeparator[] = {0xff};
  return digest({prefix(secret.identifier, q, chain), kSeparator, secret.seed.reveal()});
}

/// Steps `from` to `to` of a chain; `value` is n bytes.
void walk(const TreeSecret& secret, uint32_t q, uint16_t chain, unsigned from, unsigned to, MutableBytes value) {
  std::array<uint8_t, 23 + hss::kMaxHashBytes> block{};
  const auto start = prefix(secret.identifier, q, chain);
  std::copy(start.begin(), start.end(), block.begin());
  for (unsigned step = from; step < to; ++step) {
    block[22] = static_cast<uint8_t>(step);
    std::copy(value.begin(), value.end(), block.begin() + 23);
    const Digest next = digest({ByteView(block).first(23 + value.size())});
    std::copy_n(next.begin(), value.size(), value.begin());
  }
  wipe(block);
}

/// The leaf of one-time key `q`: RFC 8554 4.3 and 5.3.
Digest leaf(const TreeSecret& secret, uint32_t q) {
  const Parameters& parameters = secret.parameters;
  const size_t n = parameters.hash_bytes;
  Bytes ends(size_t{parameters.chains} * n);
  for (uint16_t chain = 0; chain < parameters.chains; ++chain) {
    Digest start = derive(secret, q, chain);
    const MutableBytes value = MutableBytes(ends).subspan(chain * n, n);
    std::copy_n(start.begin(), n, value.begin());
    wipe(start);
    walk(secret, q, chain, 0, (1U << parameters.width) - 1U, value);
  }
  const Digest key = digest({prefix(secret.identifier, q, Domain::kPublicKey), ends});
  const uint32_t node = (uint32_t{1} << parameters.height) + q;
  return digest({prefix(secret.identifier, node, Domain::kLeaf), ByteView(key).first(n)});
}

/// All nodes, the root at 1, those of a level side by side (RFC 8554 5.3).
std::vector<ByteView> nodes_over(const TreeSecret& secret, const Leaves& leaves, Bytes& memory) {
  const size_t n = secret.parameters.hash_bytes;
  const size_t count = size_t{1} << secret.parameters.height;
  memory.resize(count * n);
  std::vector<ByteView> nodes(2 * count);
  for (size_t i = 0; i < count; ++i) nodes[count + i] = ByteView(leaves).subspan(i * n, n);
  for (size_t i = count - 1; i >= 1; --i) {
    const Digest node = digest(
        {prefix(secret.identifier, static_cast<uint32_t>(i), Domain::kInterior), nodes[2 * i], nodes[2 * i + 1]});
    const MutableBytes place = MutableBytes(memory).subspan(i * n, n);
    std::copy_n(node.begin(), n, place.begin());
    nodes[i] = place;
  }
  return nodes;
}

void append(Bytes& out, ByteView bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void append_u32(Bytes& out, uint32_t value) {
  std::array<uint8_t, 4> bytes{};
  hss::write_u32(bytes.data(), value);
  append(out, bytes);
}

}  // namespace

Leaves make_leaves(const TreeSecret& secret) {
  Leaves out;
  for (uint32_t q = 0; q < (uint32_t{1} << secret.parameters.height); ++q) {
    append(out, ByteView(leaf(secret, q)).first(secret.parameters.hash_bytes));
  }
  return out;
}

Bytes lms_public_key(const TreeSecret& secret, const Leaves& leaves) {
  Bytes memory;
  Bytes out;
  append_u32(out, secret.parameters.lms_type);
  append_u32(out, secret.parameters.ots_type);
  append(out, secret.identifier);
  append(out, nodes_over(secret, leaves, memory)[1]);
  return out;
}

Bytes lms_sign(const TreeSecret& secret, const Leaves& leaves, uint32_t q, ByteView message) {
  const Parameters& parameters = secret.parameters;
  const size_t n = parameters.hash_bytes;
  const Digest randomizer = derive(secret, q, kRandomizer);
  const ByteView c = ByteView(randomizer).first(n);
  const Digest hash = digest({prefix(secret.identifier, q, Domain::kMessage), c, message});
  std::array<uint8_t, hss::kMaxHashBytes + 2> digits{};
  std::copy_n(hash.begin(), n, digits.begin());
  unsigned sum = 0;
  for (unsigned bit = 0; bit < 8 * n; bit += parameters.width) {
    sum += (1U << parameters.width) - 1U - hss::coefficient(digits.data(), parameters.width, bit);
  }
  hss::write_checksum(parameters, sum, digits.data());
  Bytes out;
  append_u32(out, q);
  append_u32(out, parameters.ots_type);
  append(out, c);
  for (uint16_t chain = 0; chain < parameters.chains; ++chain) {
    Digest value = derive(secret, q, chain);
    const unsigned steps = hss::coefficient(digits.data(), parameters.width, chain * unsigned{parameters.width});
    walk(secret, q, chain, 0, steps, MutableBytes(value).first(n));
    append(out, ByteView(value).first(n));
    wipe(value);
  }
  append_u32(out, parameters.lms_type);
  Bytes memory;
  const std::vector<ByteView> nodes = nodes_over(secret, leaves, memory);
  for (uint32_t node = (uint32_t{1} << parameters.height) + q; node > 1; node /= 2) append(out, nodes[node ^ 1U]);
  return out;
}

TreeSecret tree_below(const TreeSecret& above, uint32_t q, const hss::Parameters& parameters) {
  TreeSecret out;
  out.parameters = parameters;
  Digest seed = derive(above, q, kChildSeed);
  out.seed = SecretBytes(ByteView(seed).first(parameters.hash_bytes));
  wipe(seed);
  const Digest identifier = derive(above, q, kChildIdentifier);
  std::copy_n(identifier.begin(), out.identifier.size(), out.identifier.begin());
  return out;
}

}  // namespace tailor::authoring
