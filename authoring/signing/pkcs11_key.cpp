// SPDX-License-Identifier: Apache-2.0
#include "authoring/signing/pkcs11_key.hpp"

#include <algorithm>

#include "authoring/signing/pkcs11_module.hpp"

namespace tailor::authoring {
namespace {

class Pkcs11Key final : public SigningKey {
 public:
  Pkcs11Key(std::unique_ptr<Pkcs11Session> session, CK_OBJECT_HANDLE key, const cose::VerificationKey& public_key)
      : SigningKey(public_key), session_(std::move(session)), key_(key) {}

  Outcome<Bytes> sign(ByteView to_be_signed) override {
    const bool is_p256 = verification_key().kind() == cose::KeyKind::kP256;
    crypto::Sha256Digest digest{};
    if (is_p256) {
      TAILOR_TRY_ASSIGN(digest, with_context(crypto::sha256(to_be_signed), "signing"));
    }
    TAILOR_TRY_ASSIGN(Bytes signature,
                      session_->sign(key_, is_p256 ? CKM_ECDSA : CKM_EDDSA, is_p256 ? ByteView(digest) : to_be_signed));
    // The token may hold another private key under the public key's name: what it made is looked at.
    crypto::P256Signature raw{};
    static_assert(sizeof(crypto::Ed25519Signature) == sizeof raw);
    if (signature.size() != raw.size()) return fail(Error::kCryptoFailed, "PKCS#11: signature of another length");
    std::copy(signature.begin(), signature.end(), raw.begin());
    const Status verified = is_p256 ? crypto::verify_p256(verification_key().p256(), digest, raw)
                                    : crypto::verify_ed25519(edwards_key(), to_be_signed, raw);
    if (!verified.ok())
      return fail(Error::kCryptoFailed, "PKCS#11: the signature does not verify under the public key");
    return signature;
  }

 private:
  [[nodiscard]] crypto::Ed25519PublicKey edwards_key() const {
    crypto::Ed25519PublicKey key;
    std::copy_n(verification_key().bytes().begin(), key.bytes.size(), key.bytes.begin());
    return key;
  }

  std::unique_ptr<Pkcs11Session> session_;
  CK_OBJECT_HANDLE key_;
};

template <typename T>
CK_ATTRIBUTE attribute_of(CK_ATTRIBUTE_TYPE type, T& value) {
  return {type, &value, sizeof(value)};
}

/// CKA_EC_POINT is the point in a DER octet string; some modules leave the octet string out.
Outcome<cose::VerificationKey> public_key_from(CK_KEY_TYPE type, ByteView point) {
  const size_t raw_bytes = type == CKK_EC ? 65 : 32;
  if (point.size() == raw_bytes + 2 && point[0] == 0x04 && point[1] == raw_bytes) point = point.subspan(2);
  if (point.size() != raw_bytes || (type == CKK_EC && point[0] != 0x04)) {
    return fail(Error::kAlgorithmUnsupported, "PKCS#11: the key is neither on P-256 nor Ed25519");
  }
  const bool is_p256 = type == CKK_EC;
  return with_context(cose::VerificationKey::from_bytes(is_p256 ? cose::KeyKind::kP256 : cose::KeyKind::kEd25519,
                                                        is_p256 ? point.subspan(1) : point),
                      "PKCS#11 public key");
}

Outcome<cose::VerificationKey> read_public_key(Pkcs11Session& session, CK_OBJECT_HANDLE private_key) {
  TAILOR_TRY_ASSIGN(const Bytes type_bytes, session.attribute(private_key, CKA_KEY_TYPE));
  CK_KEY_TYPE type = 0;
  if (type_bytes.size() != sizeof(type)) return fail(Error::kCryptoFailed, "PKCS#11: key type");
  std::copy(type_bytes.begin(), type_bytes.end(), reinterpret_cast<uint8_t*>(&type));
  if (type != CKK_EC && type != CKK_EC_EDWARDS) {
    return fail(Error::kAlgorithmUnsupported, "PKCS#11: the key is neither on P-256 nor Ed25519");
  }
  // A private key has no point; the public key beside it has the same CKA_ID.
  TAILOR_TRY_ASSIGN(Bytes id, session.attribute(private_key, CKA_ID));
  CK_OBJECT_CLASS object_class = CKO_PUBLIC_KEY;
  TAILOR_TRY_ASSIGN(const std::vector<CK_OBJECT_HANDLE> found,
                    session.find({attribute_of(CKA_CLASS, object_class), {CKA_ID, id.data(), id.size()}}));
  if (found.empty()) return fail(Error::kNotFound, "PKCS#11: the token has no public key beside the private key");
  TAILOR_TRY_ASSIGN(const Bytes point, session.attribute(found.front(), CKA_EC_POINT));
  return public_key_from(type, point);
}

}  // namespace

bool is_pkcs11_uri(std::string_view name) {
  return name.starts_with("pkcs11:");
}

Outcome<std::unique_ptr<SigningKey>> open_pkcs11_key(const std::string& uri) {
  const UriPtr parsed(p11_kit_uri_new(), &p11_kit_uri_free);
  const int status = p11_kit_uri_parse(uri.c_str(), P11_KIT_URI_FOR_ANY, parsed.get());
  if (status != P11_KIT_URI_OK) {
    return fail(Error::kUsageInvalid, std::string("PKCS#11 URI: ") + p11_kit_uri_message(status));
  }
  if (p11_kit_uri_any_unrecognized(parsed.get()) != 0) {
    return fail(Error::kUsageInvalid, "PKCS#11 URI: an attribute that RFC 7512 does not define");
  }
  TAILOR_TRY_ASSIGN(std::unique_ptr<Pkcs11Session> session, Pkcs11Session::open(parsed.get()));
  CK_OBJECT_CLASS object_class = CKO_PRIVATE_KEY;
  std::vector<CK_ATTRIBUTE> wanted{attribute_of(CKA_CLASS, object_class)};
  for (const CK_ATTRIBUTE_TYPE type : {CKA_LABEL, CKA_ID}) {
    if (const CK_ATTRIBUTE* given = p11_kit_uri_get_attribute(parsed.get(), type)) wanted.push_back(*given);
  }
  TAILOR_TRY_ASSIGN(const std::vector<CK_OBJECT_HANDLE> found, session->find(std::move(wanted)));
  if (found.empty()) {
    return fail(Error::kNotFound, "PKCS#11: no such private key on the token; a PIN may be needed to see it");
  }
  if (found.size() > 1) return fail(Error::kUsageInvalid, "PKCS#11: the URI describes more than one private key");
  TAILOR_TRY_ASSIGN(const cose::VerificationKey public_key, read_public_key(*session, found.front()));
  return std::unique_ptr<SigningKey>(std::make_unique<Pkcs11Key>(std::move(session), found.front(), public_key));
}

}  // namespace tailor::authoring
