// SPDX-License-Identifier: Apache-2.0
// The TOML form of a trust store's description: what a person keeps under version control.
#include <algorithm>
#include <charconv>

#include "authoring/signing/key_formats.hpp"
#include "authoring/trust.hpp"
#include "authoring/trust_labels.hpp"
#include "hosted/config.hpp"
#include "pki/certificate.hpp"

namespace tailor::authoring {
namespace {

/// A file that the description names, or the description itself, and that is not there is unreadable input.
template <typename T>
Outcome<T> readable(Outcome<T> read) {
  if (!read.ok() && read.error().code == Error::kNotFound) return fail(Error::kFileFailed, read.error().context);
  return read;
}

/// Reads an update server's or operator's id: `id`, or the certificate that carries it.
Outcome<Uuid> peer_id(Config& peer, pki::Role role) {
  const std::string id = peer.text("id", "");
  const std::filesystem::path file = peer.path("certificate", "");
  if (id.empty() == file.empty()) {
    peer.refuse("id", "either id or certificate names the peer");
    return Uuid{};
  }
  if (!id.empty()) {
    const Result<Uuid> uuid = Uuid::from_text(id);
    if (!uuid.ok()) {
      peer.refuse("id", "is not a UUID");
      return Uuid{};
    }
    return uuid.value();
  }
  TAILOR_TRY_ASSIGN(const pki::Certificate certificate, readable(pki::Certificate::read(file)));
  if (!certificate.identity() || certificate.identity()->role != role) {
    return fail(Error::kRoleNotPermitted,
                file.string() + ": not a certificate of role " + std::string(pki::to_text(role)));
  }
  return certificate.identity()->id;
}

/// Reads `components`: prefixes of component identifiers.
std::vector<ComponentParts> prefixes(Config& entry) {
  std::vector<ComponentParts> out;
  const std::vector<std::string> components = entry.texts("components");
  if (components.empty()) entry.refuse("components", "is missing; [\"*\"] is every component");
  for (const std::string& text : components) {
    Outcome<ComponentParts> parts = component_from_text(text == "*" ? "" : text);
    if (!parts.ok() || (text != "*" && parts->empty())) {
      entry.refuse("components", "'" + text + "' is no component");
    } else {
      out.push_back(std::move(parts).value());
    }
  }
  return out;
}

std::optional<std::vector<int64_t>> labels(Config& entry, const char* key, trust::Action::Kind kind) {
  if (!entry.has(key)) return std::nullopt;
  std::vector<int64_t> out;
  for (const std::string& text : entry.texts(key)) {
    Outcome<int64_t> label = label_from_text(kind, text);
    if (!label.ok()) {
      entry.refuse(key, label.error().context);
    } else {
      out.push_back(*label);
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

/// Reads components, and what may be done there.
void add_rights(Config& entry, std::vector<TrustedRight>& rights) {
  TrustedRight right;
  right.commands = labels(entry, "commands", trust::Action::Kind::kCommand);
  right.parameters = labels(entry, "parameters", trust::Action::Kind::kParameter);
  if (entry.flag("installed-only", false)) {
    if (right.commands.has_value()) entry.refuse("installed-only", "stands for a list of commands: not both");
    right.commands = commands_of_installed_images();
  }
  for (ComponentParts& prefix : prefixes(entry)) {
    right.prefix = std::move(prefix);
    rights.push_back(right);
  }
}

Outcome<TrustedSigner> signer(Config& entry) {
  TrustedSigner out;
  (void)entry.required_text("key");
  const std::filesystem::path file = entry.path("key", "");
  if (!file.empty()) {
    TAILOR_TRY_ASSIGN(out.key, read_verification_key(file));
  }
  const Result<trust::Role> role = trust::role_from_name(entry.text("role", trust::name_of(trust::Role::kAuthor)));
  if (!role.ok() || *role == trust::Role::kTrustProvisioning) {
    entry.refuse("role", "is none of author, operator, distributor");
  } else {
    out.role = *role;
  }
  std::vector<Config> tables = entry.tables("rights");
  for (Config& table : tables) add_rights(table, out.rights);
  if (tables.empty() || entry.has("components")) add_rights(entry, out.rights);
  return out;
}

/// Reads "author", "2 of author" or "2 of author, operator".
std::optional<TrustClause> clause(std::string_view text) {
  TrustClause out;
  if (const size_t of = text.find(" of "); of != std::string_view::npos) {
    const char* end = text.data() + of;
    const auto [stop, error] = std::from_chars(text.data(), end, out.threshold);
    if (error != std::errc() || stop != end || out.threshold == 0) return std::nullopt;
    text.remove_prefix(of + 4);
  }
  for (;;) {
    const size_t comma = std::min(text.find(','), text.size());
    const Result<trust::Role> role = trust::role_from_name(text.substr(0, comma));
    if (!role.ok() || *role == trust::Role::kTrustProvisioning) return std::nullopt;
    out.roles.push_back(*role);
    if (comma == text.size()) break;
    text.remove_prefix(comma + 1);
    while (text.starts_with(' ')) text.remove_prefix(1);
  }
  std::sort(out.roles.begin(), out.roles.end());
  out.roles.erase(std::unique(out.roles.begin(), out.roles.end()), out.roles.end());
  return out;
}

void add_policies(Config& entry, std::vector<TrustPolicy>& policies) {
  TrustPolicy policy;
  const std::vector<std::string> signatures = entry.texts("signatures");
  if (signatures.empty()) entry.refuse("signatures", "is missing");
  for (const std::string& text : signatures) {
    const std::optional<TrustClause> demanded = clause(text);
    if (!demanded.has_value()) {
      entry.refuse("signatures", "'" + text + "' is no demand such as \"author\" or \"2 of author, operator\"");
    } else {
      policy.clauses.push_back(*demanded);
    }
  }
  for (ComponentParts& prefix : prefixes(entry)) {
    policy.prefix = std::move(prefix);
    policies.push_back(policy);
  }
}

/// Reads a serial number as tools print it and gives the content of the DER INTEGER: no leading zero bytes, except one
/// before a byte above 0x7f (X.690 8.3), because that is what a device compares.
Outcome<Bytes> serial(std::string_view text) {
  TAILOR_TRY_ASSIGN(Bytes bytes, from_hex(text));
  while (bytes.size() > 1 && bytes.front() == 0) bytes.erase(bytes.begin());
  if (bytes.empty()) return fail(Error::kValueOutOfRange, "empty");
  if (bytes.front() > 0x7F) bytes.insert(bytes.begin(), 0);
  return bytes;
}

}  // namespace

Outcome<TrustDescription> read_trust_description(const std::filesystem::path& file) {
  TAILOR_TRY_ASSIGN(Config config, readable(Config::read_file(file)));
  TrustDescription out;
  if (!config.has("version")) config.refuse("version", "is missing");
  out.version = static_cast<uint64_t>(config.integer("version", 1, 1, INT64_MAX));
  for (Config& entry : config.tables("signers")) {
    TAILOR_TRY_ASSIGN(TrustedSigner trusted, signer(entry));
    out.signers.push_back(std::move(trusted));
  }
  for (Config& entry : config.tables("policies")) add_policies(entry, out.policies);
  for (Config& entry : config.tables("servers")) {
    TAILOR_TRY_ASSIGN(const Uuid id, peer_id(entry, pki::Role::kUpdateServer));
    out.servers.push_back(id);
    for (std::string& uri : entry.texts("uris")) out.server_uris.push_back(std::move(uri));
  }
  for (Config& entry : config.tables("operators")) {
    TAILOR_TRY_ASSIGN(const Uuid id, peer_id(entry, pki::Role::kOperator));
    out.operators.push_back(id);
  }
  for (Config& entry : config.tables("authorities")) {
    (void)entry.required_text("certificate");
    const std::filesystem::path path = entry.path("certificate", "");
    if (path.empty()) continue;
    TAILOR_TRY_ASSIGN(const pki::Certificate certificate, readable(pki::Certificate::read(path)));
    if (!certificate.is_authority()) return fail(Error::kCertificateProfile, path.string() + ": not a CA certificate");
    out.authorities.push_back(certificate.der());
  }
  for (const std::string& text : config.texts("revoked")) {
    Outcome<Bytes> revoked = serial(text);
    if (!revoked.ok()) {
      config.refuse("revoked", "'" + text + "' is no serial number in hexadecimal");
    } else {
      out.revoked_serials.push_back(std::move(revoked).value());
    }
  }
  TAILOR_TRY(config.finish());
  return out;
}

}  // namespace tailor::authoring
