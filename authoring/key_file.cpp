// SPDX-License-Identifier: Apache-2.0
#include "authoring/key_file.hpp"

#include "core/cose/key.hpp"
#include "hosted/file.hpp"
#include "pki/certificate.hpp"
#include "pki/key.hpp"

namespace tailor::authoring {

Outcome<crypto::P256PublicKey> read_public_key(const std::filesystem::path& path) {
  const Outcome<Bytes> content = read_file(path);
  if (!content.ok()) {
    const bool missing = content.error().code == Error::kNotFound;
    return fail(missing ? Error::kFileFailed : content.error().code, content.error().context);
  }
  const std::string_view text = as_text(content.value());
  if (text.find("-----BEGIN ") == std::string_view::npos) {
    TAILOR_TRY_ASSIGN(const cose::Key key,
                      with_context(cose::decode_key(content.value()), path.string() + ": neither PEM nor a COSE_Key"));
    if (key.key.kind() != cose::KeyKind::kP256) return fail(Error::kCoseUnsupported, path.string() + ": no P-256 key");
    return key.key.p256();
  }
  if (text.find("-----BEGIN CERTIFICATE-----") != std::string_view::npos) {
    TAILOR_TRY_ASSIGN(const pki::Certificate certificate,
                      with_context(pki::Certificate::from_pem(text), path.string()));
    return certificate.public_key();
  }
  if (text.find("PRIVATE KEY-----") != std::string_view::npos) {
    TAILOR_TRY_ASSIGN(const pki::PrivateKey key, with_context(pki::PrivateKey::from_pem(text), path.string()));
    return key.public_key();
  }
  return with_context(pki::public_key_from_pem(text), path.string());
}

}  // namespace tailor::authoring
