// SPDX-License-Identifier: Apache-2.0
#include "authoring/key_file.hpp"

#include "authoring/model/cbor_item.hpp"
#include "authoring/signing/key_formats.hpp"
#include "authoring/walk/walker.hpp"
#include "core/cose/key.hpp"
#include "hosted/file.hpp"

namespace tailor::authoring {

Outcome<crypto::P256PublicKey> read_public_key(const std::filesystem::path& path) {
  TAILOR_TRY_ASSIGN(const cose::VerificationKey key, read_verification_key(path));
  if (key.kind() != cose::KeyKind::kP256) return fail(Error::kCoseUnsupported, path.string() + ": no P-256 key");
  return key.p256();
}

Outcome<cose::VerificationKey> read_key_to_verify(const std::filesystem::path& path) {
  const Outcome<Bytes> content = read_file(path);
  if (!content.ok()) return read_verification_key(path);  // which says it in its words
  const Walked walked = walk_item(*content);
  constexpr int64_t kKeyType = 1, kPrivatePart = -4;
  const Node* type = walked.root().find(kKeyType);
  const bool pair = type != nullptr && (type->number() == 1 || type->number() == 2);  // OKP, EC2
  if (!walked.check().ok() || !pair || walked.root().find(kPrivatePart) == nullptr) return read_verification_key(path);
  CborPairs open;
  for (const Node& member : walked.root().children) {
    if (member.key == kPrivatePart) continue;
    open.emplace_back(Bytes(member.key_item.begin(), member.key_item.end()),
                      Bytes(member.item.begin(), member.item.end()));
  }
  const Bytes encoded = cbor_map(std::move(open));
  TAILOR_TRY_ASSIGN(const cose::Key key, with_context(cose::decode_key(encoded), path.string()));
  return key.key;
}

}  // namespace tailor::authoring
