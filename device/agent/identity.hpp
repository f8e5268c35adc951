// SPDX-License-Identifier: Apache-2.0
// Who the device is and what it may show for it: factory facts, trust store in force, keys and certificates, and the
// keys of an enrolment that is not complete. Persists each step before it is used; knows no network.
#pragma once

#include <array>
#include <optional>

#include "core/trust/factory_bundle.hpp"
#include "core/trust/kek.hpp"
#include "core/trust/psk.hpp"
#include "core/trust/trust_store.hpp"
#include "device/agent/records.hpp"

namespace tailor::agent {

/// What a certificate is used for, when a device has two key pairs: update servers, or everything else.
enum class Purpose : uint8_t { kUpdates = 0, kOther = 1 };

inline constexpr size_t kMaxKeyPairs = limits::kKeyPairs;

/// A certificate with its key; views and pointers into the Identity.
struct Credentials {
  ByteView certificate;  ///< DER
  const crypto::P256PrivateKey* key = nullptr;
};

class Identity {
 public:
  explicit Identity(storage::RecordStore& store) noexcept : store_(store) {}
  Identity(const Identity&) = delete;
  Identity& operator=(const Identity&) = delete;
  ~Identity();

  /// Gives a device its beginning: checks the bundle and its trust store, then writes both.
  /// @returns kStateConflict when the device has a bundle already; decoding errors; kSignatureInvalid
  [[nodiscard]] Status provision(ByteView bundle) noexcept;

  /// Reads everything back after a start.
  /// @returns kNotFound when the device was never provisioned; kRecordMalformed
  [[nodiscard]] Status load() noexcept;

  // --- factory facts, trust ------------------------------------------------------------------------------------------
  [[nodiscard]] const Uuid& device() const noexcept { return device_; }
  [[nodiscard]] const Uuid& vendor() const noexcept { return vendor_; }
  [[nodiscard]] const Uuid& device_class() const noexcept { return device_class_; }
  [[nodiscard]] std::string_view tenant() const noexcept { return {tenant_.data(), tenant_length_}; }
  [[nodiscard]] std::string_view ca_uri() const noexcept { return {ca_uri_.data(), ca_uri_length_}; }
  [[nodiscard]] trust::BootstrapMode mode() const noexcept { return mode_; }
  [[nodiscard]] size_t key_pairs() const noexcept { return key_pairs_; }
  [[nodiscard]] const trust::TrustStore& trust() const noexcept { return trust_; }
  /// The trust provisioning authority's key.
  [[nodiscard]] const trust::Key& anchor() const noexcept { return anchor_; }

  // --- another trust store
  // ---------------------------------------------------------------------------------------------
  /// The signed trust store in force.
  [[nodiscard]] ByteView sealed_trust() const noexcept { return ByteView{bytes_}.subspan(trust_at_, trust_bytes_); }
  /// Room to receive a signed trust store in. Loading keys and certificates anew takes it for itself.
  [[nodiscard]] MutableBytes trust_room() noexcept;
  /// Says whether a signed trust store may follow the one in force.
  /// @returns the store, with views into `sealed`; - kTrustStoreTooOld: of a lower version, or of the same one and yet
  ///          another; - kSignatureInvalid; decoding errors
  [[nodiscard]] Result<trust::TrustStore> check_trust(ByteView sealed) const noexcept;
  /// Keeps a signed trust store aside, over restarts. The caller has checked it.
  [[nodiscard]] Status stage_trust(ByteView sealed) noexcept;
  [[nodiscard]] bool has_staged_trust() const noexcept { return store_.size_of(record::kStagedTrust).ok(); }
  [[nodiscard]] Status drop_staged_trust() noexcept;
  /// Puts the trust store that was kept aside in force, all at once: trust() is another from here on.
  /// @param manifest  digest of the manifest that brought it
  /// @returns whether every CA of the old one is in the new one; - kNotFound: none was kept aside; - as check_trust();
  ///          flash errors, with nothing changed
  [[nodiscard]] Result<bool> put_trust_in_force(const crypto::Sha256Digest& manifest) noexcept;
  /// Digest of the manifest that brought the trust store; absent for the factory's.
  [[nodiscard]] const std::optional<crypto::Sha256Digest>& trust_manifest() const noexcept { return trust_manifest_; }

  // --- credentials ---------------------------------------------------------------------------------------------------
  [[nodiscard]] bool enrolled() const noexcept { return enrolled_; }
  /// Generation of the enrolment that the certificates came from; without certificates, of the next enrolment.
  [[nodiscard]] uint32_t generation() const noexcept { return generation_; }
  /// @pre enrolled()
  [[nodiscard]] Credentials credentials(Purpose purpose) const noexcept;
  /// The factory certificate, in `idevid` mode before the first enrolment and while certificates are void.
  /// @pre !enrolled() and mode() is kIdevid
  [[nodiscard]] Credentials factory_credentials() const noexcept;
  /// The pre-shared key of a generation.
  [[nodiscard]] Result<trust::Psk> psk(uint32_t generation) const noexcept;
  /// The key under which content keys may be wrapped for this device.
  /// @returns kValueOutOfRange once the secrets are wiped
  [[nodiscard]] Result<trust::Kek> kek() const noexcept;
  /// Forgets the certificates and keys in force: the next enrolment is a first one, of `generation`.
  /// A pending enrolment of that generation goes on.
  [[nodiscard]] Status lose_certificates(uint32_t generation) noexcept;

  // --- an enrolment that is not complete -----------------------------------------------------------------------------
  /// Makes sure that there are keys for an enrolment of `generation`, in flash before anybody hears of them. Keys of an
  /// interrupted attempt of the same generation are used again, so that the CA can recognise the retry.
  [[nodiscard]] Status prepare_keys(uint32_t generation) noexcept;
  /// @pre prepare_keys() succeeded, pair < key_pairs()
  [[nodiscard]] const crypto::P256PrivateKey& pending_key(size_t pair) const noexcept { return pending_keys_[pair]; }
  [[nodiscard]] bool has_pending_certificate(size_t pair) const noexcept { return pending_certificates_[pair]; }
  /// Keeps one certificate of the enrolment; the caller has checked it.
  /// @returns kStorageFull, flash errors; kValueOutOfRange for a certificate beyond limits::kCertificateBytes
  [[nodiscard]] Status keep_certificate(size_t pair, ByteView der) noexcept;
  /// Puts the pending keys and certificates in force, all at once.
  /// @returns kStateConflict unless every key pair has its certificate
  [[nodiscard]] Status put_in_force() noexcept;

  /// Removes keys, certificates and the factory secret for good.
  [[nodiscard]] Status wipe_secrets() noexcept;

 private:
  static constexpr size_t kBundleBytes = limits::kTrustStoreBytes + limits::kCertificateBytes + 512;
  using KeysRecord = std::array<uint8_t, 4 + kMaxKeyPairs * 32>;

  [[nodiscard]] Status take_bundle(ByteView bundle) noexcept;
  [[nodiscard]] Status load_keys(storage::RecordId id, uint32_t& generation,
                                 std::array<crypto::P256PrivateKey, kMaxKeyPairs>& keys) noexcept;
  [[nodiscard]] KeysRecord keys_record(uint32_t generation,
                                       const std::array<crypto::P256PrivateKey, kMaxKeyPairs>& keys) const noexcept;
  [[nodiscard]] Status load_factory_certificate() noexcept;
  [[nodiscard]] Status load_trust() noexcept;
  [[nodiscard]] size_t pair_for(Purpose purpose) const noexcept {
    return key_pairs_ == 1 ? 0 : static_cast<size_t>(purpose);
  }

  storage::RecordStore& store_;
  Uuid device_, vendor_, device_class_;
  std::array<char, trust::kTenantBytes> tenant_{};
  size_t tenant_length_ = 0;
  std::array<char, limits::kUriBytes> ca_uri_{};
  size_t ca_uri_length_ = 0;
  trust::Key anchor_;
  trust::BootstrapMode mode_ = trust::BootstrapMode::kPsk;
  size_t key_pairs_ = 1;
  std::array<uint8_t, trust::kMaxFactorySecretBytes> secret_{};
  size_t secret_length_ = 0;
  std::optional<crypto::P256PrivateKey> factory_key_;

  /// Holds the bundle while it is read; afterwards the trust store that trust_ points into in one half, and in the
  /// other the one that is to follow it.
  static_assert(kBundleBytes <= 2 * limits::kTrustStoreBytes);
  std::array<uint8_t, 2 * limits::kTrustStoreBytes> bytes_{};
  size_t trust_at_ = 0;
  size_t trust_bytes_ = 0;
  trust::TrustStore trust_;
  std::optional<crypto::Sha256Digest> trust_manifest_;

  bool enrolled_ = false;
  uint32_t generation_ = 0;
  std::array<crypto::P256PrivateKey, kMaxKeyPairs> keys_{};
  /// Certificates in force; the first holds the factory certificate while there are none.
  std::array<std::array<uint8_t, limits::kCertificateBytes>, kMaxKeyPairs> certificates_{};
  std::array<size_t, kMaxKeyPairs> certificate_lengths_{};

  bool pending_ = false;
  uint32_t pending_generation_ = 0;
  std::array<crypto::P256PrivateKey, kMaxKeyPairs> pending_keys_{};
  std::array<bool, kMaxKeyPairs> pending_certificates_{};
};

}  // namespace tailor::agent
