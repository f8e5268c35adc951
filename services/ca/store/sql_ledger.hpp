// SPDX-License-Identifier: Apache-2.0
// The ledger of the certificate authority in SQL: schema, and Records over one Session. Decides nothing.
#pragma once

#include <memory>

#include "services/ca/domain/records.hpp"
#include "services/store/database.hpp"

namespace tailor::ca {

class SqlLedger final : public Ledger {
 public:
  /// Brings the schema up to date. The database outlives the ledger.
  [[nodiscard]] static Outcome<std::unique_ptr<SqlLedger>> open(store::Database& database);

  [[nodiscard]] Outcome<void> write(const Work& work) override;
  [[nodiscard]] Outcome<void> read(const Work& work) override;

 private:
  explicit SqlLedger(store::Database& database) : database_(database) {}
  store::Database& database_;
};

}  // namespace tailor::ca
