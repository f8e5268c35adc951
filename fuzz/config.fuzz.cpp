// SPDX-License-Identifier: Apache-2.0
// Any text as configuration: only kConfigMalformed comes out, and a key that nobody asked for is never passed over.
#include "hosted/config.hpp"

#include "core/base/bytes.hpp"

using namespace tailor;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto config = Config::parse(as_text({data, size}), "fuzz");
  if (!config.ok()) {
    if (config.error().code != Error::kConfigMalformed) __builtin_trap();
    return 0;
  }
  Config table = config->table("ca");
  static_cast<void>(table.text("folder", ""));
  static_cast<void>(table.integer("https_port", 0, 0, 65535));
  static_cast<void>(table.flag("coaps", true));
  static_cast<void>(table.texts("host_names"));
  for (Config& server : config->tables("server")) static_cast<void>(server.required_text("url"));
  const auto finished = config->finish();
  if (!finished.ok() && finished.error().code != Error::kConfigMalformed) __builtin_trap();
  return 0;
}
