// SPDX-License-Identifier: Apache-2.0
// A certificate authority for tests: a ledger in a real database, a clock that stands still, devices and their
// requests.
#pragma once

#include <memory>

#include "hosted/uuid_make.hpp"
#include "pki/fixture.hpp"
#include "services/ca/domain/authority.hpp"
#include "services/ca/store/sql_ledger.hpp"

namespace tailor::ca {

inline const Bytes kSecret(16, 0x5a);

/// What stands around one Authority. Reopening makes a new Authority over the same ledger, as a restart does.
class World {
 public:
  explicit World(store::Database& database) : ledger_(SqlLedger::open(database).value()) { restart(); }

  void restart() {
    authority_ = std::make_unique<Authority>(ca_.issuer(), Policy{}, Vault(SecretBytes(Bytes(Vault::kKeyBytes, 1))),
                                             std::vector<pki::Certificate>{maker_.root()}, *ledger_, clock_);
  }
  /// Goes on with the same authority over another database object, as another process would.
  void reopen(store::Database& database) {
    ledger_ = SqlLedger::open(database).value();
    restart();
  }
  [[nodiscard]] Authority& authority() { return *authority_; }
  [[nodiscard]] SqlLedger& ledger() { return *ledger_; }
  [[nodiscard]] FakeUtcClock& clock() { return clock_; }
  [[nodiscard]] const pki::TestAuthority& ca() const { return ca_; }
  [[nodiscard]] const pki::TestAuthority& maker() const { return maker_; }

  /// Registers a device with kSecret.
  Uuid device(unsigned key_pairs = 1) {
    NewDevice device;
    device.id = uuid4().value();
    device.secret = SecretBytes(kSecret);
    device.key_pairs = key_pairs;
    EXPECT_TRUE(authority_->register_device(device).ok());
    return device.id;
  }

 private:
  pki::TestAuthority ca_;
  pki::TestAuthority maker_{from_rfc3339("2026-11-20T12:00:00Z").value(), "Maker"};
  FakeUtcClock clock_{ca_.now()};
  std::unique_ptr<SqlLedger> ledger_;
  std::unique_ptr<Authority> authority_;
};

/// A key and a request for it that names nobody.
struct Applicant {
  pki::PrivateKey key = pki::PrivateKey::generate().value();
  Bytes request = pki::make_request(key).value();
};

}  // namespace tailor::ca
