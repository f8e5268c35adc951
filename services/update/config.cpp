// SPDX-License-Identifier: Apache-2.0
// The table [update_server] of the configuration file.
#include "services/update/service.hpp"

namespace tailor::update_server {
namespace {

uint16_t port_of(Config& table, const char* key, uint16_t otherwise) {
  return static_cast<uint16_t>(table.integer(key, otherwise, 0, 65535));
}

}  // namespace

UpdateServiceConfig read_update_config(Config table) {
  UpdateServiceConfig config;
  config.folder = table.path("folder", "update");
  config.store_url = table.text("store", "");
  config.certificate = table.path("certificate", config.folder / "server.pem");
  config.key = table.path("key", config.folder / "server.key");
  config.authorities = table.path("authorities", config.folder / "ca.pem");
  config.revocation_list = table.text("revocation_list", "");
  config.revocation_refresh_s = table.integer("revocation_refresh_s", config.revocation_refresh_s, 1, 86'400);
  for (const std::string& file : table.texts("signers")) config.signers.emplace_back(file);
  config.report_secret = table.text("report_secret", "");
  for (const std::string& text : table.texts("operators")) {
    const auto id = Uuid::from_text(text);
    if (id.ok()) {
      config.operators.insert(id.value());
    } else {
      table.refuse("operators", "not a UUID");
    }
  }
  config.http_address = table.text("http_address", config.http_address);
  config.http_port = port_of(table, "http_port", config.http_port);
  config.http_threads = static_cast<unsigned>(table.integer("http_threads", config.http_threads, 1, 256));
  config.coaps_address = table.text("coaps_address", config.coaps_address);
  config.coaps_port = port_of(table, "coaps_port", config.coaps_port);
  config.coap_threads = static_cast<unsigned>(table.integer("coap_threads", config.coap_threads, 0, 256));
  config.plain_images = table.flag("plain_images", config.plain_images);
  config.plain_address = table.text("plain_address", config.plain_address);
  config.plain_port = port_of(table, "plain_port", config.plain_port);
  config.max_image_bytes = static_cast<uint64_t>(
      table.integer("max_image_bytes", static_cast<int64_t>(config.max_image_bytes), 1, int64_t{4} << 30U));
  config.max_envelope_bytes = static_cast<uint64_t>(
      table.integer("max_envelope_bytes", static_cast<int64_t>(config.max_envelope_bytes), 1, int64_t{64} << 20U));
  return config;
}

}  // namespace tailor::update_server
