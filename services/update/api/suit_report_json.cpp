// SPDX-License-Identifier: Apache-2.0
#include "services/update/api/suit_report_json.hpp"

#include "trial/report_json.hpp"

namespace tailor::update_server {

nlohmann::ordered_json suit_report_json(const KeptReport& kept) {
  nlohmann::ordered_json out = {{"verified", !kept.seal_failure.has_value()}};
  if (kept.seal_failure) out["seal_error"] = std::string(name_of(*kept.seal_failure));
  out["encrypted"] = kept.is_encrypted;
  out["encoded"] = to_hex(kept.suit_report);
  const auto read = report::decode_suit_report(kept.opened);
  if (read.ok()) out.update(trial::report_json(*read));
  return out;
}

}  // namespace tailor::update_server
