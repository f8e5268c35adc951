// SPDX-License-Identifier: Apache-2.0
#include "cli/profile.hpp"

#include "hosted/config.hpp"

namespace tailor::cli {
namespace {

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

}  // namespace

std::filesystem::path default_profile_path(const std::string& home) {
  return std::filesystem::path(home) / ".config" / "tailor" / "tailor.toml";
}

Outcome<Profile> read_profile(const Session& session) {
  const std::filesystem::path path =
      session.config_path.empty() ? default_profile_path(session.home) : std::filesystem::path(session.config_path);
  Outcome<Config> read = Config::read_file(path);
  if (!read.ok()) {
    if (read.error().code != Error::kNotFound) return read.error();
    return fail(Error::kFileFailed, "no client profile " + path.string() +
                                        "; 'tailor enrol' and 'tailor dev' write one, --config names one");
  }
  Config& config = read.value();
  Profile profile;
  profile.server_url = config.required_text("server_url");
  profile.ca_url = config.text("ca_url", "");
  profile.certificate = config.path("certificate", "");
  profile.key = config.path("key", "");
  profile.authorities = config.path("authorities", "");
  for (const char* key : {"certificate", "key", "authorities"}) (void)config.required_text(key);
  for (const char* key : {"server_url", "ca_url"}) {
    const std::string url = config.text(key, "");
    if (!url.empty() && !url.starts_with("https://")) config.refuse(key, "is not an https:// URL");
  }
  TAILOR_TRY(config.finish());
  return profile;
}

std::string profile_to_toml(const Profile& profile) {
  std::string text = "# Client profile of tailor; see docs/cli.md.\n";
  text += "server_url = " + quoted(profile.server_url) + "\n";
  if (!profile.ca_url.empty()) text += "ca_url = " + quoted(profile.ca_url) + "\n";
  text += "certificate = " + quoted(profile.certificate.string()) + "\n";
  text += "key = " + quoted(profile.key.string()) + "\n";
  text += "authorities = " + quoted(profile.authorities.string()) + "\n";
  return text;
}

}  // namespace tailor::cli
