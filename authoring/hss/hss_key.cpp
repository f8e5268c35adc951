// SPDX-License-Identifier: Apache-2.0
#include "authoring/hss/hss_key.hpp"

#include "core/crypto/crypto.hpp"
#include "core/hss/verify.hpp"
#include "hosted/file.hpp"

namespace tailor::authoring {
namespace {

std::filesystem::path cache_path(const std::filesystem::path& key_path) {
  return key_path.string() + ".cache";
}

Outcome<cose::VerificationKey> verification_key_of(const HssKeyFile& key) {
  return with_context(cose::VerificationKey::from_bytes(cose::KeyKind::kHssLms, key.public_key), "public key");
}

Outcome<crypto::Sha256Digest> digest_of(const HssKeyFile& key) {
  return with_context(crypto::sha256(key.public_key), "public key");
}

Outcome<FileReservations> reservations_of(const std::filesystem::path& path, const HssKeyFile& key) {
  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest digest, digest_of(key));
  return FileReservations(path, digest, key.secret.capacity());
}

/// Keeps the leaves for the next time. That it cannot is no reason to withhold a signature: it only costs time.
void keep_cache(const std::filesystem::path& key_path, const LeafCache& cache, const HssSecret& secret) {
  const auto content = encode_hss_cache(cache, secret);
  if (content.ok()) static_cast<void>(write_file(cache_path(key_path), content.value(), FileMode::kPrivate));
}

class HssKey final : public SigningKey {
 public:
  HssKey(std::filesystem::path path, HssKeyFile key, std::unique_ptr<Reservations> reservations,
         const cose::VerificationKey& public_key)
      : SigningKey(public_key), path_(std::move(path)), key_(std::move(key)), reservations_(std::move(reservations)) {}

  Outcome<Bytes> sign(ByteView to_be_signed) override {
    TAILOR_TRY_ASSIGN(const uint64_t number, reservations_->reserve());
    const auto kept = read_file(cache_path(path_), size_t{1} << 28U);
    LeafCache cache = kept.ok() ? decode_hss_cache(kept.value(), key_.secret) : LeafCache{};
    Bytes signature = hss_sign(key_.secret, number, to_be_signed, cache);
    if (!verifies(to_be_signed, signature)) {
      // The same number and message give the same signature, so trying again without what was kept is no reuse.
      cache = LeafCache{};
      signature = hss_sign(key_.secret, number, to_be_signed, cache);
      if (!verifies(to_be_signed, signature)) {
        return fail(Error::kCryptoFailed, path_.string() + ": the signature does not verify; is the key file damaged?");
      }
    }
    if (cache.changed()) keep_cache(path_, cache, key_.secret);
    return signature;
  }

 private:
  [[nodiscard]] bool verifies(ByteView message, ByteView signature) const {
    hss::SignatureInMemory source(signature);
    const ByteView pieces[] = {message};
    return hss::verify(key_.public_key, pieces, source).ok();
  }

  std::filesystem::path path_;
  HssKeyFile key_;
  std::unique_ptr<Reservations> reservations_;
};

}  // namespace

Outcome<cose::VerificationKey> create_hss_key(const std::filesystem::path& path,
                                              const std::vector<hss::Parameters>& levels) {
  TAILOR_TRY(check_levels(levels));
  std::error_code ignored;  // a path that cannot be looked at cannot be written either, and the write says why
  if (std::filesystem::exists(path, ignored)) {
    return fail(Error::kAlreadyExists, path.string() + " exists; choose another name or remove it");
  }
  HssKeyFile key;
  key.secret.levels = levels;
  key.secret.seed = SecretBytes::of_size(levels.front().hash_bytes);
  TAILOR_TRY(with_context(crypto::random(key.secret.identifier), "HSS/LMS key"));
  TAILOR_TRY(with_context(crypto::random(key.secret.seed.reveal_mutable()), "HSS/LMS key"));
  LeafCache cache;
  key.public_key = hss_public_key(key.secret, cache);
  TAILOR_TRY_ASSIGN(const cose::VerificationKey public_key, verification_key_of(key));
  TAILOR_TRY_ASSIGN(const SecretBytes content, encode_hss_key(key));
  TAILOR_TRY_ASSIGN(const FileReservations reservations, reservations_of(path, key));
  // The state first: a key without one signs nothing, so a crash between the two is harmless.
  const auto begun = reservations.begin();
  if (!begun.ok() && begun.error().code == Error::kNotFound) return fail(Error::kFileFailed, begun.error().context);
  if (!begun.ok()) return begun.error();
  TAILOR_TRY(write_file(path, content.reveal(), FileMode::kPrivate));
  keep_cache(path, cache, key.secret);
  return public_key;
}

Outcome<std::unique_ptr<SigningKey>> open_hss_key(const std::filesystem::path& path, ByteView content,
                                                  std::unique_ptr<Reservations> reservations) {
  TAILOR_TRY_ASSIGN(HssKeyFile key, with_context(decode_hss_key(content), path.string()));
  TAILOR_TRY_ASSIGN(const cose::VerificationKey public_key, verification_key_of(key));
  if (reservations == nullptr) {
    TAILOR_TRY_ASSIGN(FileReservations in_file, reservations_of(path, key));
    reservations = std::make_unique<FileReservations>(std::move(in_file));
  }
  return std::unique_ptr<SigningKey>(
      std::make_unique<HssKey>(path, std::move(key), std::move(reservations), public_key));
}

Outcome<HssKeyStatus> hss_key_status(const std::filesystem::path& path, ByteView content) {
  TAILOR_TRY_ASSIGN(const HssKeyFile key, with_context(decode_hss_key(content), path.string()));
  TAILOR_TRY_ASSIGN(const cose::VerificationKey public_key, verification_key_of(key));
  TAILOR_TRY_ASSIGN(const FileReservations reservations, reservations_of(path, key));
  TAILOR_TRY_ASSIGN(const uint64_t left, reservations.left());
  return HssKeyStatus{.public_key = public_key,
                      .parameters = levels_to_text(key.secret.levels),
                      .capacity = key.secret.capacity(),
                      .left = left};
}

}  // namespace tailor::authoring
