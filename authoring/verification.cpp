// SPDX-License-Identifier: Apache-2.0
// Verifying envelopes: what is not authentic is told before what is not understood, because nothing behind the
// authentication wrapper is believed before a signature holds.
#include "authoring/manifest.hpp"
#include "authoring/payload_check.hpp"
#include "authoring/summary.hpp"
#include "authoring/walk/flow.hpp"
#include "core/suit/authentication.hpp"

namespace tailor::authoring {
namespace {

class KeyList final : public suit::TrustAnchors {
 public:
  explicit KeyList(std::span<const cose::VerificationKey> keys) : keys_(keys) {}
  const cose::VerificationKey* candidate(ByteView key_id, size_t nth) const noexcept override {
    for (const cose::VerificationKey& key : keys_) {
      if (!may_have_made(key, key_id)) continue;
      if (nth-- == 0) return &key;
    }
    return nullptr;
  }

 private:
  /// A key id that is a thumbprint rules other keys out; any other id is a name that only its giver knows.
  static bool may_have_made(const cose::VerificationKey& key, ByteView key_id) noexcept {
    return key_id.size() != crypto::kSha256Bytes || cose::may_have_key_id(key, key_id);
  }
  std::span<const cose::VerificationKey> keys_;
};

bool is_unauthentic(Error code) {
  return describe(code).error_class == ErrorClass::kUnauthentic;
}

bool in_wrapper(const Finding& finding, const std::string& path) {
  return finding.path.starts_with(path + "authentication-wrapper");
}

class Verifier {
 public:
  Verifier(std::span<const cose::VerificationKey> keys, const suit::Leniency& leniency)
      : keys_(keys), leniency_(leniency) {}

  Outcome<Verified> verify(ByteView bytes) {
    const Walked walked = walk_envelope(bytes, leniency_);
    TAILOR_TRY(check_outside(walked, ""));
    TAILOR_TRY(authenticate(bytes, walked, ""));
    TAILOR_TRY(check_payloads(walked));
    for (const Finding& finding : walked.findings()) {
      if (!in_wrapper(finding, "")) return finding.to_failure();
    }
    TAILOR_TRY(check_dependencies(walked, "", 0));
    return std::move(out_);
  }

 private:
  /// What has to be read before a signature can be judged.
  static Outcome<void> check_outside(const Walked& walked, const std::string& path) {
    if (!walked.readable()) return walked.check().error();
    for (const Finding& finding : walked.findings()) {
      const bool outside = finding.path == path || finding.code == Error::kEnvelopeUntagged;
      if (outside && !is_unauthentic(finding.code)) return finding.to_failure();
    }
    return kOk;
  }

  Outcome<void> authenticate(ByteView bytes, const Walked& walked, const std::string& path) {
    const auto envelope = suit::Envelope::from_bytes(bytes, leniency_);
    const KeyList anchors(keys_);
    const auto authentic = envelope.ok() ? suit::authenticate(*envelope, anchors, leniency_)
                                         : Result<suit::AuthenticManifest>(envelope.error());
    if (authentic.ok()) {
      for (const cose::VerificationKey* signer : authentic->signers()) {
        if (path.empty()) out_.key_indices.push_back(static_cast<size_t>(signer - keys_.data()));
      }
      if (path.empty()) out_.key_index = out_.key_indices.front();
      return kOk;
    }
    // The walk says where it is.
    for (const Finding& finding : walked.findings()) {
      if (finding.code == authentic.error()) return finding.to_failure();
    }
    const Node* wrapper = walked.envelope().find(suit::envelope_key::kAuthentication);
    const std::string where =
        wrapper == nullptr ? "" : "at byte " + std::to_string(wrapper->offset) + ", " + wrapper->path + ": ";
    return fail(authentic.error(), where + std::string(describe(authentic.error()).meaning) + " (SUIT manifest 8.3)");
  }

  /// Dependencies that travel inside: bound by the digest that the manifest expects of theirs.
  Outcome<void> check_dependencies(const Walked& walked, const std::string& path, size_t depth) {
    constexpr size_t kDependencyDepth = 4;
    for (const Step& step : flow_of(walked).steps) {
      if (step.command->key != suit::command::kFetch || !is_dependency(walked, step.component)) continue;
      const auto uri = step.parameters.find(suit::parameter::kUri);
      const auto digest = step.parameters.find(suit::parameter::kImageDigest);
      if (uri == step.parameters.end()) continue;
      for (const Node* member : walked.payloads()) {
        if (uri_of_payload(*member) != as_text(uri->second->content)) continue;
        if (depth == kDependencyDepth) return fail(Error::kCborTooDeep, member->path + ": dependencies nest too deep");
        const Node* expected = digest == step.parameters.end() ? nullptr : digest->second;
        TAILOR_TRY(check_dependency(*member, expected, path, depth));
      }
    }
    return kOk;
  }

  Outcome<void> check_dependency(const Node& member, const Node* expected, const std::string& above, size_t depth) {
    const std::string path = above + member.path + ".";
    const Walked inner = walk_envelope(member.content, leniency_, member.path, member.offset + member.head_bytes);
    TAILOR_TRY(check_outside(inner, member.path));
    TAILOR_TRY_ASSIGN(const ImageDigest digest, inner.manifest_digest());
    const Node* manifest = inner.envelope().find(suit::envelope_key::kManifest);
    TAILOR_TRY_ASSIGN(const ImageDigest computed, digest_of_byte_string(digest.algorithm, manifest->content));
    if (computed != digest)
      return fail(Error::kManifestDigestMismatch, member.path + ": its wrapper has another digest");
    if (expected != nullptr) {
      TAILOR_TRY_ASSIGN(const ImageDigest wanted, digest_of_node(*expected));
      if (wanted != digest) {
        return fail(Error::kManifestDigestMismatch, member.path + ": the digest at " + expected->path + " is another");
      }
    }
    auto authentic = authenticate(member.content, inner, path);
    if (!authentic.ok()) {
      const Error code = authentic.error().code;
      // Its own signature matters where signers have rights of their own: whoever gives a key for it wants it checked.
      const bool stranger = code == Error::kSignatureInvalid || code == Error::kSignerUnknown;
      if (!stranger || keys_.size() > out_.key_indices.size()) return authentic;
      out_.notes.push_back("dependency " + member.path +
                           ": none of the keys made its signature; its digest is the one that was signed");
    }
    TAILOR_TRY(check_payloads(inner));
    for (const Finding& finding : inner.findings()) {
      if (finding.path.find("authentication-wrapper") == std::string::npos) return finding.to_failure();
    }
    return check_dependencies(inner, path, depth + 1);
  }

  std::span<const cose::VerificationKey> keys_;
  const suit::Leniency& leniency_;
  Verified out_;
};

}  // namespace

Outcome<Verified> verify_envelope(ByteView bytes, std::span<const cose::VerificationKey> keys,
                                  const suit::Leniency& leniency) {
  return Verifier(keys, leniency).verify(bytes);
}

}  // namespace tailor::authoring
