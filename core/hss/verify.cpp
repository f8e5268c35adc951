// SPDX-License-Identifier: Apache-2.0
#include "core/hss/verify.hpp"

#include "core/crypto/hash.hpp"

namespace tailor::hss {
namespace {

// What every hash begins with: I, q or a node's number, then a domain or a chain's number (RFC 8554 4.3, 5.3).
constexpr size_t kNumberAt = kIdentifierBytes;
constexpr size_t kPrefixBytes = kIdentifierBytes + 4 + 2;
/// Behind the prefix, while chains are walked: a step's number and a hash, then the digits that say how far.
constexpr size_t kDigitsAt = 1 + kMaxHashBytes;

/// One verification. It keeps the first error, like a writer: what follows an error works on zeros or does nothing, and
/// the caller looks at the end. That is half the code of asking after each of the readings and hashes.
class Verifier {
 public:
  explicit Verifier(SignatureSource& source) noexcept : source_(source) {}

  /// Takes the LMS public key of the top tree (RFC 8554 5.3).
  void set_key(ByteView key) noexcept { std::memcpy(below_, key.data(), key.size()); }

  /// RFC 8554 6.3.
  [[nodiscard]] Status run(uint32_t levels, std::span<const ByteView> message) noexcept;

 private:
  void take(Status status) noexcept {
    if (status_.ok()) status_ = status;
  }
  void read(uint8_t* out, size_t count) noexcept;
  [[nodiscard]] uint32_t read_number() noexcept {
    uint8_t bytes[4];
    read(bytes, sizeof bytes);
    return read_u32(bytes);
  }
  void expect_number(uint32_t value) noexcept { require(read_number() == value); }
  void require(bool holds) noexcept {
    if (!holds) take(Error::kSignatureInvalid);
  }

  void set_prefix(uint32_t number, uint16_t domain) noexcept {
    write_u32(block_ + kNumberAt, number);
    write_u16(block_ + kNumberAt + 4, domain);
  }
  void set_prefix(uint32_t number, Domain domain) noexcept { set_prefix(number, static_cast<uint16_t>(domain)); }
  [[nodiscard]] uint8_t* value(size_t at) noexcept { return block_ + kPrefixBytes + at; }
  void hash_block(size_t count, uint8_t* out) noexcept;
  [[gnu::noinline]] void update(crypto::Hash& hash, const uint8_t* bytes, size_t count) noexcept {
    take(hash.update({bytes, count}));
  }
  void finish(crypto::Hash& hash, uint8_t* out) noexcept;
  void hash_message(const ByteView* pieces, size_t count) noexcept;
  void hash_chains(uint32_t q) noexcept;
  void verify_tree(const ByteView* pieces, size_t count) noexcept;

  SignatureSource& source_;
  size_t offset_ = 0;
  Status status_ = kOk;
  Parameters parameters_;
  uint8_t root_[kMaxHashBytes];                                  ///< T[1] of the tree's public key
  uint8_t below_[kMaxLmsPublicKeyBytes];                         ///< the public key of the tree that is verified next
  uint8_t block_[kPrefixBytes + kDigitsAt + kMaxHashBytes + 2];  ///< I of the tree, and what is hashed behind it
};

/// Reads the next bytes. It refuses what lies beyond the end; the source's own errors stay what they are.
[[gnu::noinline]] void Verifier::read(uint8_t* out, size_t count) noexcept {
  const size_t size = source_.size();
  require(offset_ <= size && count <= size - offset_);
  if (status_.ok()) status_ = source_.read(offset_, {out, count});
  if (!status_.ok()) std::memset(out, 0, count);
  offset_ += count;
}

/// Hashes the prefix and `count` bytes behind it; the result, cut to n, goes to `out`.
[[gnu::noinline]] void Verifier::hash_block(size_t count, uint8_t* out) noexcept {
  const auto digest = crypto::sha256({block_, kPrefixBytes + count});
  if (!digest.ok()) return take(digest.error());
  std::memcpy(out, digest->data(), parameters_.hash_bytes);
}

[[gnu::noinline]] void Verifier::finish(crypto::Hash& hash, uint8_t* out) noexcept {
  uint8_t digest[crypto::kSha256Bytes];
  const auto done = hash.finish(digest);
  if (!done.ok()) return take(done.error());
  std::memcpy(out, digest, parameters_.hash_bytes);
}

/// The digits are Q of RFC 8554 4.5, over C, which is read next, and the message.
[[gnu::noinline]] void Verifier::hash_message(const ByteView* pieces, size_t count) noexcept {
  crypto::Hash hash;
  read(value(0), parameters_.hash_bytes);
  update(hash, block_, kPrefixBytes + parameters_.hash_bytes);
  for (; count > 0; --count, ++pieces) update(hash, pieces->data(), pieces->size());
  finish(hash, value(kDigitsAt));
}

/// value(0) = Kc of RFC 8554 4.6, algorithm 4b: the one-time public key to which the chains lead that are read next.
[[gnu::noinline]] void Verifier::hash_chains(uint32_t q) noexcept {
  crypto::Hash hash;
  set_prefix(q, Domain::kPublicKey);
  update(hash, block_, kPrefixBytes);
  const unsigned last = (1U << parameters_.width) - 1U;
  unsigned sum = 0;
  unsigned bit = 0;
  for (uint16_t chain = 0; status_.ok() && chain < parameters_.chains; ++chain) {
    // The checksum follows the last digit of Q; that its own digits are added up too comes too late to matter.
    if (bit == parameters_.hash_bytes * 8U) write_checksum(parameters_, sum, value(kDigitsAt));
    set_prefix(q, chain);
    read(value(1), parameters_.hash_bytes);
    unsigned step = coefficient(value(kDigitsAt), parameters_.width, bit);
    bit += parameters_.width;
    for (sum += last - step; step < last; ++step) {
      *value(0) = static_cast<uint8_t>(step);
      hash_block(1U + parameters_.hash_bytes, value(1));
    }
    update(hash, value(1), parameters_.hash_bytes);
  }
  finish(hash, value(0));
}

/// RFC 8554 5.4.2, algorithm 6a, for the LMS signature that is read next.
void Verifier::verify_tree(const ByteView* pieces, size_t count) noexcept {
  const size_t n = parameters_.hash_bytes;
  const uint32_t q = read_number();
  uint32_t node = (uint32_t{1} << parameters_.height) + q;
  require(node >> parameters_.height == 1);
  expect_number(parameters_.ots_type);
  set_prefix(q, Domain::kMessage);
  hash_message(pieces, count);
  hash_chains(q);
  expect_number(parameters_.lms_type);
  set_prefix(node, Domain::kLeaf);
  size_t hashed = n;
  for (unsigned level = 0; level < parameters_.height; ++level) {
    // A node's hash goes where its parent's hash will read it: left or right.
    const size_t own = (node % 2) * n;
    hash_block(hashed, value(own));
    read(value(n - own), n);
    node /= 2;
    set_prefix(node, Domain::kInterior);
    hashed = 2 * n;
  }
  hash_block(hashed, value(0));
  require(std::memcmp(value(0), root_, n) == 0);
}

Status Verifier::run(uint32_t levels, std::span<const ByteView> message) noexcept {
  expect_number(--levels);
  while (true) {
    take(find_parameters(read_u32(below_), read_u32(below_ + 4), parameters_));
    std::memcpy(block_, below_ + 8, kIdentifierBytes);
    std::memcpy(root_, below_ + 8 + kIdentifierBytes, kMaxHashBytes);
    const size_t at = offset_;
    offset_ += parameters_.lms_signature_bytes();
    ByteView key;
    if (levels == 0) {
      require(offset_ == source_.size());
    } else {
      // What is signed here is the public key of the tree below, which stands behind this signature.
      read(below_, 8);
      const size_t hash_bytes = read_u32(below_) >= kFirstShortType ? 24 : kMaxHashBytes;
      read(below_ + 8, kIdentifierBytes + hash_bytes);
      key = {below_, 8 + kIdentifierBytes + hash_bytes};
    }
    const size_t next = offset_;
    offset_ = at;
    verify_tree(levels == 0 ? message.data() : &key, levels == 0 ? message.size() : 1);
    if (levels == 0 || !status_.ok()) return status_;
    --levels;
    offset_ = next;
  }
}

}  // namespace

Status SignatureInMemory::read(size_t offset, MutableBytes out) noexcept {
  std::memcpy(out.data(), bytes_.data() + offset, out.size());
  return kOk;
}

Status check_public_key(ByteView public_key) noexcept {
  if (public_key.size() < 12) return Error::kValueOutOfRange;
  const uint8_t* const bytes = public_key.data();
  Parameters parameters;
  TAILOR_TRY(find_parameters(read_u32(bytes + 4), read_u32(bytes + 8), parameters));
  if (read_u32(bytes) - 1 >= kMaxLevels || public_key.size() != 4 + parameters.public_key_bytes()) {
    return Error::kValueOutOfRange;
  }
  return kOk;
}

Status verify(ByteView public_key, std::span<const ByteView> message, SignatureSource& signature) noexcept {
  TAILOR_TRY(check_public_key(public_key));
  Verifier verifier(signature);
  verifier.set_key(public_key.subspan(4));
  return verifier.run(read_u32(public_key.data()), message);
}

}  // namespace tailor::hss
