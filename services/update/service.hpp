// SPDX-License-Identifier: Apache-2.0
// The update server as a program part: configuration, start, stop. Used by `tailor update-server` and `tailor dev`;
// knows every layer below and is known by none. docs/protocols/update-server.md describes what it serves.
#pragma once

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/base/uuid.hpp"
#include "hosted/config.hpp"
#include "hosted/secret.hpp"
#include "hosted/utc_clock.hpp"

namespace tailor::update_server {

struct UpdateServiceConfig {
  /// Holds images/, envelopes/ and, unless store_url says otherwise, update.db. Made when it is not there.
  std::filesystem::path folder;
  std::string store_url;  ///< see store::StoreConfig; empty: an SQLite file in `folder`

  // The server's own identity (role update-server), got by EST beforehand; PEM files.
  std::filesystem::path certificate;
  std::filesystem::path key;
  std::filesystem::path authorities;  ///< roots of devices' and operators' certificates

  /// Where the authority's revocation list is: a file (DER), or an http:// or https:// URL such as
  /// "https://ca.example:8443/crl". Empty: no revocation list. It must be there at the start; later, the last good one
  /// stays in force.
  std::string revocation_list;
  int64_t revocation_refresh_s = 300;

  std::vector<std::filesystem::path> signers;  ///< public keys (PEM) that may sign manifests; empty: devices judge
  std::string report_secret;                   ///< file of the secret behind devices' report keys, in hex; empty: none
  std::set<Uuid> operators;                    ///< operators that may call; empty: all of the authority

  std::string http_address = "127.0.0.1";
  uint16_t http_port = 8444;  ///< 0: any free one
  unsigned http_threads = 2;
  std::string coaps_address = "127.0.0.1";
  uint16_t coaps_port = 5685;  ///< 0: any free one
  unsigned coap_threads = 0;   ///< 0: one a core; for coaps and plain CoAP each
  bool plain_images = false;   ///< serve GET /img/<d> over CoAP without security as well
  std::string plain_address = "127.0.0.1";
  uint16_t plain_port = 5683;  ///< 0: any free one

  uint64_t max_image_bytes = 256U << 20U;
  uint64_t max_envelope_bytes = 4U << 20U;
};

/// Reads the table [update_server] of a configuration file; the caller calls finish() on the whole.
[[nodiscard]] UpdateServiceConfig read_update_config(Config table);

/// Reads the secret from which the devices' report keys are derived: hexadecimal digits.
/// @returns kConfigMalformed for less than 16 octets; kNotFound, kFileFailed; what from_hex() gives
[[nodiscard]] Outcome<SecretBytes> read_report_secret(const std::filesystem::path& path);

class UpdateService {
 public:
  /// Opens the store, brings its schema up to date, and serves. The clock outlives the service.
  ///
  /// @returns kConfigMalformed, kFileFailed and kNotFound for files; what open_database() and migrate() return;
  ///          kNetworkFailed when an address cannot be bound; kCertificateProfile when the certificate is not of role
  ///          update-server
  [[nodiscard]] static Outcome<std::unique_ptr<UpdateService>> start(const UpdateServiceConfig& config,
                                                                     const UtcClock& clock);
  UpdateService(const UpdateService&) = delete;
  UpdateService& operator=(const UpdateService&) = delete;
  ~UpdateService();

  [[nodiscard]] uint16_t http_port() const noexcept;
  [[nodiscard]] uint16_t coaps_port() const noexcept;
  /// 0 when plain images are off.
  [[nodiscard]] uint16_t plain_port() const noexcept;

  /// Reads the revocation list anew, now.
  [[nodiscard]] Outcome<void> refresh_revocations();

  /// Lets requests that arrived end. Called again it does nothing.
  void stop();

 private:
  struct Parts;
  explicit UpdateService(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

/// Copies the store and all images and envelopes into a new folder, while the server runs.
/// @returns kAlreadyExists when `target` is there; kDiskFull, kFileFailed, kStoreFailed
[[nodiscard]] Outcome<void> backup(const UpdateServiceConfig& config, const std::filesystem::path& target);
/// Puts back what backup() wrote, while the server does not run. Images that are there already stay.
[[nodiscard]] Outcome<void> restore(const UpdateServiceConfig& config, const std::filesystem::path& source);

}  // namespace tailor::update_server
