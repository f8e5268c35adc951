// SPDX-License-Identifier: Apache-2.0
// Runs the same store tests on both databases: a suite derives from StoreTest and is instantiated once by
// TAILOR_STORE_TEST. Programs built with TAILOR_TEST_POSTGRES run on PostgreSQL, the others on an SQLite file.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "hosted/temporary_folder.hpp"
#include "services/store/database.hpp"

namespace tailor::store::testing {

/// Fails the test with the failure's text; for Outcomes of any type.
template <typename T>
::testing::AssertionResult succeeded(const Outcome<T>& outcome) {
  if (outcome.ok()) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << outcome.error().to_text();
}

/// The value, or a failed test and an exception that ends it.
template <typename T>
T need(Outcome<T> outcome) {
  if (!outcome.ok()) throw std::runtime_error(outcome.error().to_text());
  if constexpr (!std::is_void_v<T>) return std::move(outcome).value();
}

/// The error code of an outcome that must be a failure.
template <typename T>
Error code_of(const Outcome<T>& outcome) {
  if (outcome.ok()) throw std::runtime_error("a failure was expected");
  return outcome.error().code;
}

/// An empty database of the kind that the test is instantiated for.
class StoreTest : public ::testing::TestWithParam<Dialect> {
 protected:
  void SetUp() override;

  [[nodiscard]] const StoreConfig& config() const { return config_; }
  /// A second empty database.
  [[nodiscard]] StoreConfig other_config();
  [[nodiscard]] std::filesystem::path file(const std::string& name) const { return folder_ / name; }
  [[nodiscard]] std::unique_ptr<Database> open() { return need(open_database(config_)); }

 private:
  TemporaryFolder folder_;
  StoreConfig config_;
};

std::string dialect_name(const ::testing::TestParamInfo<Dialect>& info);

}  // namespace tailor::store::testing

#ifdef TAILOR_TEST_POSTGRES
#define TAILOR_STORE_DIALECT ::tailor::store::Dialect::kPostgres
#else
#define TAILOR_STORE_DIALECT ::tailor::store::Dialect::kSqlite
#endif

#define TAILOR_STORE_TEST(Suite)                                                  \
  INSTANTIATE_TEST_SUITE_P(Store, Suite, ::testing::Values(TAILOR_STORE_DIALECT), \
                           ::tailor::store::testing::dialect_name)
