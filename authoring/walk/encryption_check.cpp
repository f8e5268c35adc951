// SPDX-License-Identifier: Apache-2.0
#include "authoring/walk/encryption_check.hpp"

#include <algorithm>

#include "core/suit/encryption_info.hpp"

namespace tailor::authoring {
namespace {

constexpr int64_t kAlgorithm = 1, kEphemeralKey = -1, kEcdhEs = -29;
constexpr size_t kWrapBytes = 8;  // that AES key wrap adds (RFC 3394)

Finding finding(Error code, const Node& where, const std::string& rule) {
  return {.code = code, .offset = where.offset, .path = where.path, .rule = rule + " (SUIT firmware encryption)"};
}

/// A parameter of either header.
const Node* header(const Node& layer, int64_t key) {
  for (size_t i = 0; i < 2 && i < layer.children.size(); ++i) {
    if (const Node* found = layer.children[i].inner().find(key)) return found;
  }
  return nullptr;
}

bool holds(const Node* node, size_t bytes) {
  return node != nullptr && node->type == cbor::Type::kBytes && node->content.size() == bytes;
}

bool is_point(const Node& key) {
  const Node *type = key.find(1), *curve = key.find(-1), *x = key.find(-2), *y = key.find(-3);
  if (type == nullptr || curve == nullptr || !holds(x, 32)) return false;
  if (type->number() == 1) return curve->number() == 4;  // OKP, X25519
  if (type->number() != 2 || curve->number() != 1 || !holds(y, 32)) return false;
  crypto::P256PublicKey point;
  std::copy(x->content.begin(), x->content.end(), point.xy.begin());
  std::copy(y->content.begin(), y->content.end(), point.xy.begin() + 32);
  // The exchange with any key of ours tells whether it is on the curve.
  const auto own = crypto::generate_p256();
  crypto::SharedSecret secret;
  return own.ok() && crypto::ecdh_p256(*own, point, secret).ok();
}

/// @returns whether it is of a kind that devices open
bool check_recipient(const Node& recipient, size_t key_bytes, std::vector<Finding>& out) {
  const Node* algorithm = header(recipient, kAlgorithm);
  if (algorithm == nullptr) {
    out.push_back(finding(Error::kMissingKey, recipient, "a recipient names its algorithm"));
    return false;
  }
  const int64_t number = algorithm->number();
  if (number != kEcdhEs && (number > -3 || number < -5)) return false;
  const Node& wrapped = recipient.children[2];
  if (!holds(&wrapped, key_bytes + kWrapBytes)) {
    out.push_back(finding(Error::kValueOutOfRange, wrapped,
                          "the wrapped key has " + std::to_string(key_bytes + kWrapBytes) + " bytes"));
  }
  if (number != kEcdhEs) return true;
  const Node* key = header(recipient, kEphemeralKey);
  if (key == nullptr || !is_point(*key)) {
    out.push_back(finding(Error::kCoseUnsupported, key == nullptr ? recipient : *key,
                          "the ephemeral key is a point on P-256 or X25519"));
  }
  return true;
}

}  // namespace

std::vector<Finding> check_encryption(const Node& info) {
  std::vector<Finding> out;
  const auto decoded = suit::decode_encryption_info(info.item);
  const Node* cipher = header(info.inner(), kAlgorithm);
  size_t key_bytes = 0;
  if (decoded.ok()) {
    key_bytes = decoded->key_bytes;
    if (!decoded->detached) {
      out.push_back(finding(Error::kCoseUnsupported, info, "the ciphertext of a payload is elsewhere"));
    }
  } else if (decoded.error() == Error::kCborNotCanonical && cipher != nullptr) {
    // COSE asks for no order of header parameters, and published examples have none.
    key_bytes = crypto::content_sizes(static_cast<crypto::ContentAlgorithm>(cipher->number())).key;
  } else {
    out.push_back(finding(decoded.error(), info,
                          std::string(describe(decoded.error()).meaning) + " (SUIT firmware encryption 6)"));
    return out;
  }
  bool opened = false;
  for (const Node& recipient : info.inner().children[3].children) {
    if (recipient.children.size() >= 3) opened = check_recipient(recipient, key_bytes, out) || opened;
  }
  if (!opened && out.empty()) {
    out.push_back(finding(Error::kAlgorithmUnsupported, info, "a recipient has AES key wrap or ECDH-ES + A128KW"));
  }
  return out;
}

}  // namespace tailor::authoring
