// SPDX-License-Identifier: Apache-2.0
#include "cli/trust_view.hpp"

#include <iomanip>
#include <ostream>

#include "authoring/trust_labels.hpp"
#include "authoring/trust_text.hpp"
#include "hosted/uuid_make.hpp"
#include "pki/certificate.hpp"

namespace tailor::cli {
namespace {

using Kind = trust::Action::Kind;

Json labels_to_json(Kind kind, const std::optional<std::vector<int64_t>>& labels) {
  if (!labels) return "*";
  Json out = Json::array();
  for (const int64_t label : *labels) out.push_back(authoring::label_to_text(kind, label));
  return out;
}

Json signer_to_json(const authoring::TrustedSigner& signer) {
  Json components = Json::array();
  Json rights = Json::array();
  for (const authoring::TrustedRight& right : signer.rights) {
    const std::string prefix = authoring::prefix_to_text(right.prefix);
    components.push_back(prefix);
    rights.push_back({{"component", prefix},
                      {"commands", labels_to_json(Kind::kCommand, right.commands)},
                      {"parameters", labels_to_json(Kind::kParameter, right.parameters)}});
  }
  return {{"thumbprint", signer.key.is_secret() ? Json() : Json(authoring::key_to_text(signer.key))},
          {"key", authoring::key_kind_to_text(signer.key)},
          {"role", std::string(trust::name_of(signer.role))},
          {"components", components},
          {"rights", rights},
          {"explained", authoring::rights_to_text(signer)}};
}

Json policy_to_json(const authoring::TrustPolicy& policy) {
  Json clauses = Json::array();
  for (const authoring::TrustClause& clause : policy.clauses) {
    Json roles = Json::array();
    for (const trust::Role role : clause.roles) roles.push_back(std::string(trust::name_of(role)));
    clauses.push_back({{"threshold", clause.threshold}, {"roles", roles}});
  }
  return {{"component", authoring::prefix_to_text(policy.prefix)},
          {"clauses", clauses},
          {"explained", authoring::demand_to_text(policy)}};
}

Json authority_to_json(const Bytes& der) {
  const auto certificate = pki::Certificate::from_der(der);
  if (!certificate.ok()) return {{"subject", "unreadable: " + certificate.error().context}, {"not_after", ""}};
  return {{"subject", certificate->common_name()}, {"not_after", to_rfc3339(certificate->not_after())}};
}

std::ostream& line(std::ostream& out, const char* label) {
  return out << std::left << std::setw(12) << label;
}

}  // namespace

Json trust_to_json(const authoring::TrustDescription& store) {
  Json document = {
      {"version", store.version},     {"signers", Json::array()},         {"policies", Json::array()},
      {"servers", Json::array()},     {"server_uris", store.server_uris}, {"operators", Json::array()},
      {"authorities", Json::array()}, {"revoked", Json::array()},         {"warnings", authoring::doubts_about(store)}};
  for (const auto& signer : store.signers) document["signers"].push_back(signer_to_json(signer));
  for (const auto& policy : store.policies) document["policies"].push_back(policy_to_json(policy));
  for (const Uuid& id : store.servers) document["servers"].push_back(uuid_text(id));
  for (const Uuid& id : store.operators) document["operators"].push_back(uuid_text(id));
  for (const Bytes& der : store.authorities) document["authorities"].push_back(authority_to_json(der));
  for (const Bytes& serial : store.revoked_serials) document["revoked"].push_back(to_hex(serial));
  return document;
}

void write_trust(std::ostream& out, const Json& document) {
  line(out, "version") << document["version"] << "\n";
  for (const Json& signer : document["signers"]) {
    const std::string key = signer["thumbprint"].is_null() ? "" : " " + signer["thumbprint"].get<std::string>();
    line(out, "signer") << signer["role"].get<std::string>() << ", " << signer["key"].get<std::string>() << key << "\n";
    for (const Json& right : signer["explained"]) line(out, "") << right.get<std::string>() << "\n";
  }
  for (const Json& policy : document["policies"]) {
    line(out, "policy") << policy["component"].get<std::string>() << " needs " << policy["explained"].get<std::string>()
                        << "\n";
  }
  for (const Json& id : document["servers"]) line(out, "server") << id.get<std::string>() << "\n";
  for (const Json& uri : document["server_uris"]) line(out, "server URI") << uri.get<std::string>() << "\n";
  for (const Json& id : document["operators"]) line(out, "operator") << id.get<std::string>() << "\n";
  for (const Json& authority : document["authorities"]) {
    line(out, "authority") << authority["subject"].get<std::string>() << ", until "
                           << authority["not_after"].get<std::string>() << "\n";
  }
  for (const Json& serial : document["revoked"]) line(out, "revoked") << serial.get<std::string>() << "\n";
  if (document.contains("signature")) line(out, "signature") << document["signature"].get<std::string>() << "\n";
  for (const Json& warning : document["warnings"]) line(out, "warning") << warning.get<std::string>() << "\n";
}

}  // namespace tailor::cli
