// SPDX-License-Identifier: Apache-2.0
// The certificate authority as a program part: its files, its configuration, start and stop. Used by `tailor ca` and
// `tailor dev`; knows every layer below and is known by none.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "hosted/config.hpp"
#include "hosted/utc_clock.hpp"
#include "services/ca/domain/authority.hpp"

namespace tailor::ca {

/// Files of an authority inside its folder.
struct CaFiles {
  static constexpr const char* kRootCertificate = "ca.pem";
  static constexpr const char* kRootKey = "ca.key";
  static constexpr const char* kSecretsKey = "secrets.key";
  static constexpr const char* kServiceCertificate = "service.pem";
  static constexpr const char* kServiceKey = "service.key";
  static constexpr const char* kDatabase = "ca.db";
};

struct CaInit {
  std::filesystem::path folder;
  std::string tenant = "default";
  std::string name = "Tailor certificate authority";
  std::chrono::hours validity{24 * 365 * 20};
};

/// Makes a new authority: root key (0600) and certificate, and the key under which secrets are kept.
///
/// @returns kAlreadyExists when the folder holds an authority; nothing is replaced
[[nodiscard]] Outcome<pki::Certificate> init_ca(const CaInit& init, const UtcClock& clock);

struct CaConfig {
  std::filesystem::path folder;
  std::string store_url;  ///< empty: an SQLite file in `folder`
  std::vector<std::filesystem::path> factory_anchors;
  std::vector<std::string> host_names{"localhost", "127.0.0.1"};  ///< in the service's own certificate
  std::string https_address = "127.0.0.1";
  uint16_t https_port = 8443;
  bool coaps = true;
  std::string coaps_address = "127.0.0.1";
  uint16_t coaps_port = 5684;
  Policy policy;
};

/// Reads the table [ca] of a configuration file; the caller calls finish() on the whole.
[[nodiscard]] CaConfig read_ca_config(Config table);

/// An authority that is open but serves nobody: for local administration.
class OpenCa {
 public:
  /// @returns kNotFound when init_ca() was not run; what open_database() returns
  [[nodiscard]] static Outcome<std::unique_ptr<OpenCa>> open(const CaConfig& config, const UtcClock& clock);
  OpenCa(const OpenCa&) = delete;
  OpenCa& operator=(const OpenCa&) = delete;
  ~OpenCa();
  [[nodiscard]] Authority& authority() noexcept;

 private:
  struct Parts;
  explicit OpenCa(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

class CaService {
 public:
  /// Opens the authority, renews the service's own certificate when it is due, and serves EST over HTTPS, EST-coaps and
  /// the administration routes. The clock outlives the service.
  [[nodiscard]] static Outcome<std::unique_ptr<CaService>> start(const CaConfig& config, const UtcClock& clock);
  CaService(const CaService&) = delete;
  CaService& operator=(const CaService&) = delete;
  ~CaService();

  [[nodiscard]] uint16_t https_port() const noexcept;
  /// 0 when EST-coaps is off.
  [[nodiscard]] uint16_t coaps_port() const noexcept;
  [[nodiscard]] Authority& authority() noexcept;

  /// Renews the service's own certificate when a third of its time is left; the service does so itself once an hour.
  /// @returns whether it was due
  [[nodiscard]] Outcome<bool> renew_if_due();

  /// Lets requests that arrived end. Called again it does nothing.
  void stop();

 private:
  struct Parts;
  explicit CaService(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace tailor::ca
