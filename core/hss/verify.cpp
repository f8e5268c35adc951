// SPDX-License-Identifier: Apache-2.0
#include "core/hss/verify.hpp"

#include "core/crypto/hash.hpp"

namespace tailor::hss {
namespace {

// What every hash begins with: I, q or a node's number, then a domain or a chain's number (RFC 8554 4.3, 5.3).
constexpr size_t kNumberAt = kIdentifierBytes;
constexpr size_t kPrefixBytes = kIdentifierBytes + 4 + 2;

/// One verification. It keeps the first error, like a writer: what follows an error works on zeros or does nothing, and
/// the caller looks at the end. That is half the code of asking after each of the readings and hashes.
class Verifier {
 public:
  explicit Verifier(SignatureSource& source) noexcept : source_(source) {}

  /// Takes the LMS public key of the tree that is verified next (RFC 8554 5.3).
  void set_key(ByteView key) noexcept {
    set_parameters(key.data());
    if (key.size() != parameters_.public_key_bytes()) return fail(Error::kValueOutOfRange);
    std::memcpy(block_, key.data() + 8, kIdentifierBytes);
    std::memcpy(root_, key.data() + 8 + kIdentifierBytes, parameters_.hash_bytes);
  }
  [[nodiscard]] Status status() const noexcept { return status_; }

  /// RFC 8554 6.3.
  [[nodiscard]] Status run(uint32_t levels, std::span<const ByteView> message) noexcept;

 private:
  void fail(Error error) noexcept {
    if (status_.ok()) status_ = error;
  }
  void take(Status status) noexcept {
    if (!status.ok()) fail(status.error());
  }
  void set_parameters(const uint8_t* types) noexcept {
    const auto found = parameters_of(read_u32(types), read_u32(types + 4));
    if (!found.ok()) return fail(found.error());
    parameters_ = *found;
  }
  void read(size_t offset, uint8_t* out, size_t count) noexcept;
  [[nodiscard]] uint32_t read_number(size_t offset) noexcept {
    uint8_t bytes[4];
    read(offset, bytes, sizeof bytes);
    return read_u32(bytes);
  }
  void expect(size_t offset, uint32_t value) noexcept {
    if (read_number(offset) != value) fail(Error::kSignatureInvalid);
  }

  void set_prefix(uint32_t number, uint16_t domain) noexcept {
    write_u32(block_ + kNumberAt, number);
    write_u16(block_ + kNumberAt + 4, domain);
  }
  void set_prefix(uint32_t number, Domain domain) noexcept { set_prefix(number, static_cast<uint16_t>(domain)); }
  [[nodiscard]] uint8_t* value(size_t at) noexcept { return block_ + kPrefixBytes + at; }
  void hash_block(size_t count, uint8_t* out) noexcept;
  void finish(crypto::Hash& hash, uint8_t* out) noexcept;
  void hash_message(size_t offset, std::span<const ByteView> message) noexcept;
  void hash_chains(size_t offset, uint32_t q) noexcept;
  void verify_tree(size_t offset, std::span<const ByteView> message) noexcept;

  SignatureSource& source_;
  Status status_ = kOk;
  Parameters parameters_;
  uint8_t root_[kMaxHashBytes];  ///< T[1] of the tree's public key
  uint8_t below_[kMaxLmsPublicKeyBytes];
  uint8_t digest_[kMaxHashBytes];
  uint8_t block_[kPrefixBytes + 2 * kMaxHashBytes];  ///< I of the tree's public key, and what is hashed behind it
};

/// Refuses what lies beyond the end of the signature; the source's own errors stay what they are.
[[gnu::noinline]] void Verifier::read(size_t offset, uint8_t* out, size_t count) noexcept {
  const size_t size = source_.size();
  if (offset > size || count > size - offset) fail(Error::kSignatureInvalid);
  if (status_.ok()) {
    take(source_.read(offset, {out, count}));
  } else {
    std::memset(out, 0, count);
  }
}

/// Hashes the prefix and `count` bytes behind it; the result, cut to n, goes to `out`.
[[gnu::noinline]] void Verifier::hash_block(size_t count, uint8_t* out) noexcept {
  const auto digest = crypto::sha256({block_, kPrefixBytes + count});
  if (!digest.ok()) return fail(digest.error());
  std::memcpy(out, digest->data(), parameters_.hash_bytes);
}

[[gnu::noinline]] void Verifier::finish(crypto::Hash& hash, uint8_t* out) noexcept {
  uint8_t digest[crypto::kSha256Bytes];
  const auto done = hash.finish(digest);
  if (!done.ok()) return fail(done.error());
  std::memcpy(out, digest, parameters_.hash_bytes);
}

/// digest_ = Q of RFC 8554 4.5, over C, which stands at `offset`, and the message.
[[gnu::noinline]] void Verifier::hash_message(size_t offset, std::span<const ByteView> message) noexcept {
  crypto::Hash hash;
  read(offset, value(0), parameters_.hash_bytes);
  take(hash.update({block_, kPrefixBytes + parameters_.hash_bytes}));
  for (const ByteView piece : message) take(hash.update(piece));
  finish(hash, digest_);
}

/// digest_ = Kc of RFC 8554 4.6, algorithm 4b: the one-time public key to which the chains at `offset` lead.
[[gnu::noinline]] void Verifier::hash_chains(size_t offset, uint32_t q) noexcept {
  const Coefficients coefficients(parameters_, digest_);
  crypto::Hash hash;
  set_prefix(q, Domain::kPublicKey);
  take(hash.update({block_, kPrefixBytes}));
  for (uint16_t chain = 0; status_.ok() && chain < parameters_.chains; ++chain) {
    set_prefix(q, chain);
    read(offset, value(1), parameters_.hash_bytes);
    offset += parameters_.hash_bytes;
    for (unsigned step = coefficients[chain]; step < coefficients.last(); ++step) {
      *value(0) = static_cast<uint8_t>(step);
      hash_block(1U + parameters_.hash_bytes, value(1));
    }
    take(hash.update({value(1), parameters_.hash_bytes}));
  }
  finish(hash, digest_);
}

/// RFC 8554 5.4.2, algorithm 6a, for the LMS signature at `offset`.
void Verifier::verify_tree(size_t offset, std::span<const ByteView> message) noexcept {
  const size_t n = parameters_.hash_bytes;
  const uint32_t q = read_number(offset);
  expect(offset + 4, parameters_.ots_type);
  size_t path = offset + 4 + parameters_.ots_signature_bytes();
  expect(path, parameters_.lms_type);
  path += 4;
  uint32_t node = (uint32_t{1} << parameters_.height) + q;
  if (node >> parameters_.height != 1) fail(Error::kSignatureInvalid);
  if (!status_.ok()) return;

  set_prefix(q, Domain::kMessage);
  hash_message(offset + 8, message);
  hash_chains(offset + 8 + n, q);
  std::memcpy(value(0), digest_, n);
  set_prefix(node, Domain::kLeaf);
  size_t count = n;
  while (true) {
    hash_block(count, digest_);
    if (node == 1) break;
    const size_t own = (node % 2) * n;
    node /= 2;
    set_prefix(node, Domain::kInterior);
    std::memcpy(value(own), digest_, n);
    read(path, value(n - own), n);
    path += n;
    count = 2 * n;
  }
  if (std::memcmp(digest_, root_, n) != 0) fail(Error::kSignatureInvalid);
}

Status Verifier::run(uint32_t levels, std::span<const ByteView> message) noexcept {
  expect(0, levels - 1);
  size_t offset = 4;
  while (true) {
    const size_t at = offset;
    offset += parameters_.lms_signature_bytes();
    ByteView below;
    if (--levels == 0) {
      if (offset != source_.size()) fail(Error::kSignatureInvalid);
    } else {
      // What is signed here is the public key of the tree below, which stands behind this signature.
      read(offset, below_, 8);
      const auto found = parameters_of(read_u32(below_), read_u32(below_ + 4));
      if (!found.ok()) fail(found.error());
      below = {below_, found.ok() ? found->public_key_bytes() : 0};
      read(offset, below_, below.size());
      offset += below.size();
    }
    if (status_.ok()) verify_tree(at, below.empty() ? message : std::span<const ByteView>{&below, 1});
    if (below.empty() || !status_.ok()) return status_;
    set_key(below);
  }
}

/// The number of levels of a public key; the verifier gets its tree.
Result<uint32_t> begin(ByteView public_key, Verifier& verifier) noexcept {
  if (public_key.size() < 12) return Error::kValueOutOfRange;
  const uint32_t levels = read_u32(public_key.data());
  if (levels < 1 || levels > kMaxLevels) return Error::kValueOutOfRange;
  verifier.set_key(public_key.subspan(4));
  TAILOR_TRY(verifier.status());
  return levels;
}

}  // namespace

Status SignatureInMemory::read(size_t offset, MutableBytes out) noexcept {
  std::memcpy(out.data(), bytes_.data() + offset, out.size());
  return kOk;
}

Status check_public_key(ByteView public_key) noexcept {
  SignatureInMemory nothing({});
  Verifier verifier(nothing);
  TAILOR_TRY(begin(public_key, verifier));
  return kOk;
}

Status verify(ByteView public_key, std::span<const ByteView> message, SignatureSource& signature) noexcept {
  Verifier verifier(signature);
  TAILOR_TRY_ASSIGN(const uint32_t levels, begin(public_key, verifier));
  return verifier.run(levels, message);
}

}  // namespace tailor::hss
