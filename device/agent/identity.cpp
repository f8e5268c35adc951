// SPDX-License-Identifier: Apache-2.0
#include "device/agent/identity.hpp"

#include <algorithm>

#include "core/cose/sign1.hpp"

namespace tailor::agent {
namespace {

using storage::RecordChange;
using storage::RecordId;

/// Of the bytes that trust stores share.
constexpr size_t kHalf = limits::kTrustStoreBytes;

constexpr RecordId nth(RecordId first, size_t index) {
  return static_cast<RecordId>(first + index);
}

size_t copy_text(std::string_view from, auto& to) noexcept {
  const size_t count = std::min(from.size(), to.size());
  std::copy_n(from.data(), count, to.data());
  return count;
}

}  // namespace

Identity::~Identity() {
  wipe(secret_);
}

Status Identity::provision(ByteView bundle) noexcept {
  if (store_.size_of(record::kBundle).ok()) return Error::kStateConflict;
  TAILOR_TRY_ASSIGN(const trust::FactoryBundle read, trust::decode_factory_bundle(bundle));
  if (bundle.size() > kBundleBytes) return Error::kBodyTooLarge;
  TAILOR_TRY(trust::open_trust_store(read.trust_store, read.anchor, 0));
  const RecordChange changes[] = {RecordChange::put(record::kBundle, bundle),
                                  RecordChange::put(record::kTrustStore, read.trust_store)};
  return store_.put_batch(changes);
}

Status Identity::load() noexcept {
  TAILOR_TRY_ASSIGN(const ByteView bundle, store_.get(record::kBundle, bytes_));
  TAILOR_TRY(take_bundle(bundle));
  wipe(bytes_);
  TAILOR_TRY(load_trust());

  Status keys = load_keys(record::kKeys, generation_, keys_);
  enrolled_ = keys.ok();
  if (!keys.ok() && keys.error() != Error::kNotFound) return keys.error();
  for (size_t pair = 0; enrolled_ && pair < key_pairs_; ++pair) {
    TAILOR_TRY_ASSIGN(const ByteView der, store_.get(nth(record::kCertificate, pair), certificates_[pair]));
    certificate_lengths_[pair] = der.size();
  }
  if (!enrolled_) TAILOR_TRY(load_factory_certificate());

  if (!enrolled_) {
    std::array<uint8_t, 4> number{};
    const Result<ByteView> found = store_.get(record::kGeneration, number);
    if (found.ok()) {
      TAILOR_TRY_ASSIGN(const uint64_t next, Cursor(*found).take_be<4>());
      generation_ = static_cast<uint32_t>(next);
    } else if (found.error() != Error::kNotFound) {
      return found.error();
    }
  }

  keys = load_keys(record::kPendingKeys, pending_generation_, pending_keys_);
  pending_ = keys.ok();
  if (!keys.ok() && keys.error() != Error::kNotFound) return keys.error();
  for (size_t pair = 0; pair < kMaxKeyPairs; ++pair) {
    pending_certificates_[pair] = pending_ && store_.size_of(nth(record::kPendingCertificate, pair)).ok();
  }
  return kOk;
}

Status Identity::take_bundle(ByteView bundle) noexcept {
  TAILOR_TRY_ASSIGN(const trust::FactoryBundle read, trust::decode_factory_bundle(bundle));
  if (read.key_pairs > kMaxKeyPairs) return Error::kValueOutOfRange;  // a bundle for a build with room for more
  device_ = read.device;
  vendor_ = read.vendor;
  device_class_ = read.device_class;
  tenant_length_ = copy_text(read.tenant, tenant_);
  ca_uri_length_ = copy_text(read.ca_uri, ca_uri_);
  anchor_ = read.anchor;
  mode_ = read.mode;
  key_pairs_ = read.key_pairs;
  TAILOR_TRY_ASSIGN(const ByteView secret, copy_into(secret_, read.factory_secret));
  secret_length_ = secret.size();
  if (read.factory_key.has_value()) factory_key_.emplace(*read.factory_key);
  return kOk;
}

/// Reads the bundle once more, for its certificate, and then the trust store, which takes the bundle's place in bytes_.
Status Identity::load_factory_certificate() noexcept {
  if (mode_ != trust::BootstrapMode::kIdevid) return kOk;
  TAILOR_TRY_ASSIGN(const ByteView bundle, store_.get(record::kBundle, bytes_));
  TAILOR_TRY_ASSIGN(const trust::FactoryBundle read, trust::decode_factory_bundle(bundle));
  TAILOR_TRY_ASSIGN(const ByteView copied, copy_into(certificates_[0], read.factory_certificate));
  certificate_lengths_[0] = copied.size();
  wipe(bytes_);
  return load_trust();
}

Status Identity::load_trust() noexcept {
  TAILOR_TRY_ASSIGN(const ByteView sealed, store_.get(record::kTrustStore, MutableBytes(bytes_).first(kHalf)));
  TAILOR_TRY_ASSIGN(trust_, trust::open_trust_store(sealed, anchor_, 0));
  trust_at_ = 0;
  trust_bytes_ = sealed.size();
  crypto::Sha256Digest digest{};
  const Result<ByteView> manifest = store_.get(record::kTrustManifest, digest);
  if (!manifest.ok() && manifest.error() != Error::kNotFound) return manifest.error();
  if (manifest.ok() && manifest->size() == digest.size()) trust_manifest_ = digest;
  return kOk;
}

MutableBytes Identity::trust_room() noexcept {
  return MutableBytes(bytes_).subspan(kHalf - trust_at_, kHalf);
}

Result<trust::TrustStore> Identity::check_trust(ByteView sealed) const noexcept {
  TAILOR_TRY_ASSIGN(trust::TrustStore offered, trust::open_trust_store(sealed, anchor_, trust_.version));
  // One version names one document; the signature around it may be another.
  if (offered.version == trust_.version) {
    TAILOR_TRY_ASSIGN(const cose::Sign1 in_force, cose::decode_sign1(sealed_trust()));
    TAILOR_TRY_ASSIGN(const cose::Sign1 other, cose::decode_sign1(sealed));
    if (!equal(in_force.payload, other.payload)) return Error::kTrustStoreTooOld;
  }
  return offered;
}

Status Identity::stage_trust(ByteView sealed) noexcept {
  return store_.put(record::kStagedTrust, sealed);
}

Status Identity::drop_staged_trust() noexcept {
  if (!has_staged_trust()) return kOk;
  return store_.erase(record::kStagedTrust);
}

Result<bool> Identity::put_trust_in_force(const crypto::Sha256Digest& manifest) noexcept {
  TAILOR_TRY_ASSIGN(const ByteView sealed, store_.get(record::kStagedTrust, trust_room()));
  TAILOR_TRY_ASSIGN(const trust::TrustStore next, check_trust(sealed));
  const RecordChange changes[] = {RecordChange::put(record::kTrustStore, sealed),
                                  RecordChange::put(record::kTrustManifest, manifest),
                                  RecordChange::erase(record::kStagedTrust)};
  TAILOR_TRY(store_.put_batch(changes));
  bool authorities_kept = true;
  for (const ByteView old : trust_.authorities) {
    const auto same = [old](ByteView der) { return equal(der, old); };
    authorities_kept = authorities_kept && std::any_of(next.authorities.begin(), next.authorities.end(), same);
  }
  trust_at_ = kHalf - trust_at_;
  trust_bytes_ = sealed.size();
  trust_ = next;
  trust_manifest_ = manifest;
  return authorities_kept;
}

Credentials Identity::credentials(Purpose purpose) const noexcept {
  const size_t pair = pair_for(purpose);
  return {ByteView{certificates_[pair]}.first(certificate_lengths_[pair]), &keys_[pair]};
}

Credentials Identity::factory_credentials() const noexcept {
  return {ByteView{certificates_[0]}.first(certificate_lengths_[0]), &*factory_key_};
}

Result<trust::Psk> Identity::psk(uint32_t generation) const noexcept {
  return trust::derive_psk(ByteView{secret_}.first(secret_length_), device_, generation);
}

Result<trust::Kek> Identity::kek() const noexcept {
  return trust::derive_kek(ByteView{secret_}.first(secret_length_), device_);
}

Status Identity::lose_certificates(uint32_t generation) noexcept {
  const bool keep_pending = pending_ && pending_generation_ == generation;
  std::array<uint8_t, 4> number{};
  for (size_t i = 0; i < number.size(); ++i) number[i] = static_cast<uint8_t>(generation >> (24 - 8 * i));
  const std::array<RecordChange, 7> changes = {RecordChange::put(record::kGeneration, number),
                                               RecordChange::erase(record::kKeys),
                                               RecordChange::erase(nth(record::kCertificate, 0)),
                                               RecordChange::erase(nth(record::kCertificate, 1)),
                                               RecordChange::erase(record::kPendingKeys),
                                               RecordChange::erase(nth(record::kPendingCertificate, 0)),
                                               RecordChange::erase(nth(record::kPendingCertificate, 1))};
  TAILOR_TRY(store_.put_batch(std::span<const RecordChange>(changes).first(keep_pending ? 4 : 7)));
  enrolled_ = false;
  generation_ = generation;
  keys_ = {};
  if (!keep_pending) {
    pending_ = false;
    pending_keys_ = {};
    pending_certificates_ = {};
  }
  return load_factory_certificate();
}

Status Identity::prepare_keys(uint32_t generation) noexcept {
  if (pending_ && pending_generation_ == generation) return kOk;
  std::array<crypto::P256PrivateKey, kMaxKeyPairs> fresh{};
  for (size_t pair = 0; pair < key_pairs_; ++pair) {
    TAILOR_TRY_ASSIGN(fresh[pair], crypto::generate_p256());
  }
  KeysRecord record_bytes = keys_record(generation, fresh);
  const RecordChange changes[] = {
      RecordChange::put(record::kPendingKeys, ByteView{record_bytes}.first(4 + 32 * key_pairs_)),
      RecordChange::erase(nth(record::kPendingCertificate, 0)),
      RecordChange::erase(nth(record::kPendingCertificate, 1))};
  const Status written = store_.put_batch(changes);
  wipe(record_bytes);
  TAILOR_TRY(written);
  pending_ = true;
  pending_generation_ = generation;
  pending_keys_ = fresh;
  pending_certificates_ = {};
  return kOk;
}

Status Identity::keep_certificate(size_t pair, ByteView der) noexcept {
  if (!pending_ || pair >= key_pairs_) return Error::kStateConflict;
  if (der.empty() || der.size() > limits::kCertificateBytes) return Error::kValueOutOfRange;
  TAILOR_TRY(store_.put(nth(record::kPendingCertificate, pair), der));
  pending_certificates_[pair] = true;
  return kOk;
}

Status Identity::put_in_force() noexcept {
  if (!pending_) return Error::kStateConflict;
  // Read into their final places only after all of them are known to be there: what is in force stays usable.
  std::array<std::array<uint8_t, limits::kCertificateBytes>, kMaxKeyPairs> fresh{};
  std::array<size_t, kMaxKeyPairs> lengths{};
  for (size_t pair = 0; pair < key_pairs_; ++pair) {
    if (!pending_certificates_[pair]) return Error::kStateConflict;
    TAILOR_TRY_ASSIGN(const ByteView der, store_.get(nth(record::kPendingCertificate, pair), fresh[pair]));
    lengths[pair] = der.size();
  }
  KeysRecord record_bytes = keys_record(pending_generation_, pending_keys_);
  std::array<RecordChange, 6> changes = {
      RecordChange::put(record::kKeys, ByteView{record_bytes}.first(4 + 32 * key_pairs_)),
      RecordChange::put(nth(record::kCertificate, 0), ByteView{fresh[0]}.first(lengths[0])),
      RecordChange::put(nth(record::kCertificate, 1),
                        ByteView{fresh[kMaxKeyPairs - 1]}.first(lengths[kMaxKeyPairs - 1])),
      RecordChange::erase(record::kPendingKeys),
      RecordChange::erase(nth(record::kPendingCertificate, 0)),
      RecordChange::erase(nth(record::kPendingCertificate, 1))};
  if (key_pairs_ == 1) changes[2] = RecordChange::erase(nth(record::kCertificate, 1));
  const Status written = store_.put_batch(changes);
  wipe(record_bytes);
  TAILOR_TRY(written);
  keys_ = pending_keys_;
  certificates_ = fresh;
  certificate_lengths_ = lengths;
  generation_ = pending_generation_;
  enrolled_ = true;
  pending_ = false;
  pending_keys_ = {};
  pending_certificates_ = {};
  return kOk;
}

Status Identity::wipe_secrets() noexcept {
  for (const RecordId id :
       {record::kBundle, record::kKeys, nth(record::kCertificate, 0), nth(record::kCertificate, 1),
        record::kPendingKeys, nth(record::kPendingCertificate, 0), nth(record::kPendingCertificate, 1)}) {
    TAILOR_TRY(store_.erase(id));
  }
  TAILOR_TRY(store_.purge());
  wipe(secret_);
  secret_length_ = 0;
  keys_ = {};
  pending_keys_ = {};
  factory_key_.reset();
  enrolled_ = false;
  pending_ = false;
  return kOk;
}

Identity::KeysRecord Identity::keys_record(
    uint32_t generation, const std::array<crypto::P256PrivateKey, kMaxKeyPairs>& keys) const noexcept {
  KeysRecord bytes{};
  for (size_t i = 0; i < 4; ++i) bytes[i] = static_cast<uint8_t>(generation >> (24 - 8 * i));
  for (size_t pair = 0; pair < key_pairs_; ++pair) {
    const auto& scalar = keys[pair].secret_scalar();
    std::copy(scalar.begin(), scalar.end(), bytes.begin() + static_cast<std::ptrdiff_t>(4 + 32 * pair));
  }
  return bytes;
}

Status Identity::load_keys(RecordId id, uint32_t& generation,
                           std::array<crypto::P256PrivateKey, kMaxKeyPairs>& keys) noexcept {
  KeysRecord bytes{};
  TAILOR_TRY_ASSIGN(const ByteView found, store_.get(id, bytes));
  Status status = kOk;
  if (found.size() != 4 + 32 * key_pairs_) {
    status = Error::kRecordMalformed;
  } else {
    Cursor cursor(found);
    TAILOR_TRY_ASSIGN(const uint64_t number, cursor.take_be<4>());
    generation = static_cast<uint32_t>(number);
    for (size_t pair = 0; pair < key_pairs_; ++pair) {
      TAILOR_TRY_ASSIGN(const ByteView scalar, cursor.take(32));
      std::array<uint8_t, 32> copy{};
      std::copy(scalar.begin(), scalar.end(), copy.begin());
      keys[pair] = crypto::P256PrivateKey(copy);
      wipe(copy);
    }
  }
  wipe(bytes);
  return status;
}

}  // namespace tailor::agent
