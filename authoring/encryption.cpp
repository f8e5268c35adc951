// SPDX-License-Identifier: Apache-2.0
#include "authoring/encryption.hpp"

#include "authoring/key_file.hpp"
#include "authoring/walk/walker.hpp"
#include "hosted/file.hpp"

namespace tailor::authoring {
namespace {

/// Labels of COSE_Key (RFC 9052 7.1, RFC 9053 7).
constexpr int64_t kKeyType = 1, kKeyId = 2, kCurve = -1, kX = -2, kY = -3, kSymmetricKey = -1;
constexpr int64_t kOkp = 1, kEc2 = 2, kSymmetric = 4, kCurveP256 = 1, kCurveX25519 = 4;

Bytes joined(const Node& a, const Node& b) {
  Bytes out(a.content.begin(), a.content.end());
  out.insert(out.end(), b.content.begin(), b.content.end());
  return out;
}

Outcome<RecipientKey> from_cose_key(const Node& key, const std::string& name) {
  const auto unsupported = [&](const char* why) { return fail(Error::kCoseUnsupported, name + ": " + why); };
  const Node* type = key.find(kKeyType);
  if (type == nullptr) return unsupported("neither PEM nor a COSE_Key");
  RecipientKey out;
  if (const Node* id = key.find(kKeyId)) out.key_id.assign(id->content.begin(), id->content.end());
  const Node *curve = key.find(kCurve), *x = key.find(kX), *y = key.find(kY);
  switch (type->number()) {
    case kSymmetric:
      if (key.find(kSymmetricKey) == nullptr) return unsupported("a symmetric key without key");
      out.kind = suit::DecryptionKeyKind::kAesKw;
      out.key = SecretBytes(key.find(kSymmetricKey)->content);
      return out;
    case kEc2:
      if (curve == nullptr || curve->number() != kCurveP256 || x == nullptr || y == nullptr ||
          y->type != cbor::Type::kBytes) {
        return unsupported("only P-256 with both coordinates is supported");
      }
      out.kind = suit::DecryptionKeyKind::kP256;
      out.key = SecretBytes(joined(*x, *y));
      return out;
    case kOkp:
      if (curve == nullptr || curve->number() != kCurveX25519 || x == nullptr) {
        return unsupported("only X25519 is supported");
      }
      out.kind = suit::DecryptionKeyKind::kX25519;
      out.key = SecretBytes(x->content);
      return out;
    default:
      return unsupported("a key of this kind encrypts nothing");
  }
}

}  // namespace

Outcome<RecipientKey> read_recipient_key(const std::filesystem::path& path) {
  const Outcome<Bytes> content = read_file(path);
  const bool pem = content.ok() && as_text(*content).find("-----BEGIN ") != std::string_view::npos;
  if (!content.ok() || pem) {
    TAILOR_TRY_ASSIGN(const crypto::P256PublicKey key, read_public_key(path));
    RecipientKey out;
    out.key = SecretBytes(key.xy);
    return out;
  }
  const Walked walked = walk_item(*content);
  TAILOR_TRY(with_context(walked.check(), path.string() + ": neither PEM nor a COSE_Key"));
  return from_cose_key(walked.root(), path.string());
}

Outcome<EncryptedImage> encrypt_image(crypto::ContentAlgorithm algorithm, const std::vector<RecipientKey>& recipients,
                                      ByteView image) {
  constexpr size_t kTagBytes = 16;
  std::vector<suit::PayloadRecipient> list;
  list.reserve(recipients.size());
  for (const RecipientKey& recipient : recipients) {
    list.push_back({.kind = recipient.kind, .key = recipient.key.reveal(), .key_id = recipient.key_id, .salt = {}});
  }
  EncryptedImage out;
  out.ciphertext.resize(image.size() + kTagBytes);
  out.info.resize(suit::max_encryption_info_bytes(list.size()));
  TAILOR_TRY_ASSIGN(
      const suit::EncryptedPayload encrypted,
      with_context(suit::encrypt_payload(algorithm, list, image, out.ciphertext, out.info), "encryption"));
  out.ciphertext.resize(encrypted.ciphertext.size());
  out.info.resize(encrypted.info.size());
  return out;
}

}  // namespace tailor::authoring
