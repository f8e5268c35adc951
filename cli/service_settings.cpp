// SPDX-License-Identifier: Apache-2.0
#include "cli/service_settings.hpp"

#include <charconv>

namespace tailor::cli {

Outcome<Listen> listen_from_text(const std::string& text) {
  const auto refuse = [&] {
    return fail(Error::kUsageInvalid, "'" + text + "' is no address and port like 127.0.0.1:8443 or [::1]:8443");
  };
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos) return refuse();
  Listen out;
  out.address = text.substr(0, colon);
  const bool bracketed = out.address.size() > 2 && out.address.front() == '[' && out.address.back() == ']';
  if (bracketed) out.address = out.address.substr(1, out.address.size() - 2);
  if (out.address.empty() || (!bracketed && out.address.find(':') != std::string::npos)) return refuse();
  if (out.address.find_first_not_of("0123456789abcdefABCDEF.:") != std::string::npos) return refuse();
  const std::string_view port = std::string_view(text).substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (error != std::errc() || end != port.data() + port.size()) return refuse();
  return out;
}

std::string to_text(const Listen& listen) {
  const bool v6 = listen.address.find(':') != std::string::npos;
  return (v6 ? "[" + listen.address + "]" : listen.address) + ":" + std::to_string(listen.port);
}

Outcome<Config> open_settings(const std::filesystem::path& named, const std::filesystem::path& otherwise) {
  const std::filesystem::path& file = named.empty() ? otherwise : named;
  Outcome<Config> config = Config::read_file(file);
  if (config.ok() || config.error().code != Error::kNotFound) return config;
  if (named.empty()) return Config::parse("", "defaults");
  return fail(Error::kFileFailed, config.error().context);
}

LogConfig read_log_config(Config table) {
  LogConfig out;
  const Outcome<LogLevel> level = log_level_from_text(table.text("level", "info"));
  if (level.ok()) {
    out.level = level.value();
  } else {
    table.refuse("level", "is debug, info, warning, error or off");
  }
  const Outcome<LogFormat> format = log_format_from_text(table.text("format", "text"));
  if (format.ok()) {
    out.format = format.value();
  } else {
    table.refuse("format", "is text or json");
  }
  out.file = table.path("file", "");
  return out;
}

}  // namespace tailor::cli
