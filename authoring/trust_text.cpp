// SPDX-License-Identifier: Apache-2.0
#include "authoring/trust_text.hpp"

#include <algorithm>

#include "authoring/trust_labels.hpp"
#include "hosted/uuid_make.hpp"
#include "pki/certificate.hpp"

namespace tailor::authoring {
namespace {

using Kind = trust::Action::Kind;

std::string joined(const std::vector<std::string>& texts, const char* between) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : between) + text;
  return out;
}

std::string labels_to_text(Kind kind, const std::vector<int64_t>& labels) {
  std::vector<std::string> texts;
  texts.reserve(labels.size());
  for (const int64_t label : labels) texts.push_back(label_to_text(kind, label));
  return texts.empty() ? "nothing" : joined(texts, ", ");
}

std::string right_to_text(const TrustedRight& right) {
  const std::string where = prefix_to_text(right.prefix);
  const bool everything = !right.commands && !right.parameters;
  if (everything) return "may do everything to " + where;
  if (right.commands == commands_of_installed_images() && !right.parameters) {
    return "keeps what it has installed as " + where + ", and installs nothing";
  }
  std::string text = "may use " + (right.commands ? labels_to_text(Kind::kCommand, *right.commands) : "every command");
  text += " on " + where;
  if (right.parameters) text += ", and set " + labels_to_text(Kind::kParameter, *right.parameters);
  return text;
}

std::string clause_to_text(const TrustClause& clause) {
  std::vector<std::string> roles;
  for (const trust::Role role : clause.roles) roles.emplace_back(trust::name_of(role));
  const std::string text = joined(roles, ", ");
  if (clause.threshold == 1 && roles.size() == 1) return "1 " + text;
  return std::to_string(clause.threshold) + " of " + text;
}

std::string signer_to_text(const TrustedSigner& signer) {
  const std::vector<std::string> rights = rights_to_text(signer);
  return std::string(trust::name_of(signer.role)) + ": " + (rights.empty() ? "no right" : joined(rights, "; "));
}

std::string authority_to_text(const Bytes& der) {
  const auto certificate = pki::Certificate::from_der(der);
  if (!certificate.ok()) return "unreadable certificate " + to_hex(der).substr(0, 16);
  return certificate->common_name() + ", serial " + certificate->serial();
}

/// What tells two keys apart without showing a secret one.
std::string key_identity(const trust::Key& key) {
  if (!key.is_secret()) return key_to_text(key);
  // Two secrets in one document are told apart by a digest that is made for this, cut short: no thumbprint.
  Bytes salted(key.bytes().begin(), key.bytes().end());
  salted.insert(salted.begin(), {'t', 'r', 'u', 's', 't'});
  const auto digest = crypto::sha256(salted);
  return "key " + (digest.ok() ? to_hex(ByteView(*digest).first(2)) : std::string("?"));
}

/// Named entries of a trust store, in its order.
using Entries = std::vector<std::pair<std::string, std::string>>;

Entries entries_of(const TrustDescription& store) {
  Entries out;
  for (const TrustedSigner& signer : store.signers) {
    out.emplace_back("signer " + key_kind_to_text(signer.key) + " " + key_identity(signer.key), signer_to_text(signer));
  }
  for (const TrustPolicy& policy : store.policies) {
    out.emplace_back("policy for " + prefix_to_text(policy.prefix), demand_to_text(policy));
  }
  for (const Uuid& id : store.servers) out.emplace_back("server " + uuid_text(id), "listed");
  for (size_t i = 0; i < store.server_uris.size(); ++i) {
    out.emplace_back("address " + store.server_uris[i], "place " + std::to_string(i + 1));
  }
  for (const Uuid& id : store.operators) out.emplace_back("operator " + uuid_text(id), "listed");
  for (const Bytes& der : store.authorities) out.emplace_back("authority " + authority_to_text(der), to_hex(der));
  for (const Bytes& serial : store.revoked_serials) out.emplace_back("revocation " + to_hex(serial), "listed");
  return out;
}

const std::string* find(const Entries& entries, const std::string& name) {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const auto& entry) { return entry.first == name; });
  return found == entries.end() ? nullptr : &found->second;
}

}  // namespace

std::string key_kind_to_text(const trust::Key& key) {
  switch (key.kind()) {
    case cose::KeyKind::kP256:
      return "P-256";
    case cose::KeyKind::kEd25519:
      return "Ed25519";
    case cose::KeyKind::kHssLms:
      return "HSS/LMS";
    case cose::KeyKind::kHmac256:
      return "HMAC";
    case cose::KeyKind::kAesKw:
      break;  // wraps keys: the core refuses it as a signer's
  }
  return "no signer's key";
}

std::string key_to_text(const trust::Key& key) {
  if (key.is_secret()) return "an HMAC key of " + std::to_string(key.bytes().size()) + " bytes";
  const auto thumbprint = cose::thumbprint(key);
  return thumbprint.ok() ? to_hex(*thumbprint) : std::string(name_of(thumbprint.error()));
}

std::string prefix_to_text(const ComponentParts& prefix) {
  return prefix.empty() ? "*" : component_to_text(prefix);
}

std::vector<std::string> rights_to_text(const TrustedSigner& signer) {
  std::vector<std::string> lines;
  for (const TrustedRight& right : signer.rights) lines.push_back(right_to_text(right));
  return lines;
}

std::string demand_to_text(const TrustPolicy& policy) {
  std::vector<std::string> clauses;
  for (const TrustClause& clause : policy.clauses) clauses.push_back(clause_to_text(clause));
  return joined(clauses, " and ");
}

std::vector<std::string> doubts_about(const TrustDescription& store) {
  std::vector<std::string> doubts;
  for (const TrustedSigner& signer : store.signers) {
    if (signer.rights.empty()) doubts.push_back("signer " + key_to_text(signer.key) + " has no right");
    if (signer.key.is_secret()) {
      doubts.push_back(key_to_text(signer.key) +
                       " stands in the document: whoever reads it can sign, so keep it secret");
    }
  }
  for (const TrustPolicy& policy : store.policies) {
    for (const TrustClause& clause : policy.clauses) {
      const auto fits = [&](const TrustedSigner& signer) {
        return std::find(clause.roles.begin(), clause.roles.end(), signer.role) != clause.roles.end();
      };
      const auto signers = std::count_if(store.signers.begin(), store.signers.end(), fits);
      if (static_cast<size_t>(signers) < clause.threshold) {
        doubts.push_back("nobody can update " + prefix_to_text(policy.prefix) + ": " + clause_to_text(clause) +
                         " must sign, and there are " + std::to_string(signers));
      }
    }
  }
  if (store.signers.empty()) doubts.emplace_back("no signer: nothing but the trust store can be updated");
  if (store.servers.empty()) doubts.emplace_back("no update server is listed: devices talk to none");
  if (store.server_uris.empty()) doubts.emplace_back("no update server has an address: devices call none");
  if (store.authorities.empty()) doubts.emplace_back("no CA certificate: devices believe nobody's certificate");
  return doubts;
}

std::vector<TrustChange> diff_trust(const TrustDescription& before, const TrustDescription& after) {
  std::vector<TrustChange> changes;
  if (before.version != after.version) {
    changes.push_back({"version", std::to_string(before.version), std::to_string(after.version)});
  }
  const Entries old_entries = entries_of(before);
  const Entries new_entries = entries_of(after);
  for (const auto& [name, text] : old_entries) {
    const std::string* now = find(new_entries, name);
    if (now == nullptr || *now != text) changes.push_back({name, text, now == nullptr ? "" : *now});
  }
  for (const auto& [name, text] : new_entries) {
    if (find(old_entries, name) == nullptr) changes.push_back({name, "", text});
  }
  return changes;
}

}  // namespace tailor::authoring
