// SPDX-License-Identifier: Apache-2.0
#include "core/update/trusted_time.hpp"

#include <gtest/gtest.h>

namespace tailor::update {
namespace {

std::optional<Error> error_of(const Status& status) {
  if (status.ok()) return std::nullopt;
  return status.error();
}

struct PeriodRow {
  const char* name;
  TrustedTime now;
  std::optional<Error> expected;
};

TEST(TrustedTime, CertificatePeriod100To200) {
  const PeriodRow rows[] = {
      {"unknown passes", TrustedTime::unknown(), std::nullopt},
      {"at least, before the begin: may be valid by now", TrustedTime::at_least(99), std::nullopt},
      {"at least, at the end", TrustedTime::at_least(200), std::nullopt},
      {"at least, past the end", TrustedTime::at_least(201), Error::kCertificateExpired},
      {"synced, before the begin", TrustedTime::synced(99), Error::kCertificateExpired},
      {"synced, at the begin", TrustedTime::synced(100), std::nullopt},
      {"synced, at the end", TrustedTime::synced(200), std::nullopt},
      {"synced, past the end", TrustedTime::synced(201), Error::kCertificateExpired},
  };
  for (const PeriodRow& row : rows) {
    EXPECT_EQ(error_of(check_certificate_period(row.now, 100, 200)), row.expected) << row.name;
  }
  EXPECT_FALSE(check_certificate_period(TrustedTime::unknown(), 200, 100).ok())
      << "a period that ends before it begins";
}

TEST(TrustedTime, UseBefore200) {
  const PeriodRow rows[] = {
      {"unknown", TrustedTime::unknown(), Error::kTimeUnknown},
      {"at least, before the end", TrustedTime::at_least(199), Error::kTimeUnknown},
      {"at least, at the end", TrustedTime::at_least(200), Error::kConditionFailed},
      {"synced, before the end", TrustedTime::synced(199), std::nullopt},
      {"synced, at the end", TrustedTime::synced(200), Error::kConditionFailed},
  };
  for (const PeriodRow& row : rows) EXPECT_EQ(error_of(check_use_before(row.now, 200)), row.expected) << row.name;
}

TEST(TrustedTime, RenewalAtTwoThirdsOfTheLife) {
  EXPECT_FALSE(renewal_due(TrustedTime::unknown(), 0, 300));
  EXPECT_FALSE(renewal_due(TrustedTime::synced(199), 0, 300));
  EXPECT_TRUE(renewal_due(TrustedTime::synced(200), 0, 300));
  EXPECT_TRUE(renewal_due(TrustedTime::at_least(200), 0, 300));
}

TEST(TrustedTime, ReadsBackWhatTheWireKeeps) {
  EXPECT_EQ(TrustedTime::from_code(0, 0).value(), TrustedTime::unknown());
  EXPECT_EQ(TrustedTime::from_code(1, 7).value(), TrustedTime::at_least(7));
  EXPECT_EQ(TrustedTime::from_code(2, 7).value(), TrustedTime::synced(7));
  EXPECT_EQ(TrustedTime::from_code(3, 7).error(), Error::kValueOutOfRange);
  EXPECT_EQ(TrustedTime::from_code(0, 7).error(), Error::kValueOutOfRange);
}

TEST(TrustedClock, RunsFromUnknownOverAtLeastToSynced) {
  TrustedClock clock;
  EXPECT_EQ(clock.at(5000), TrustedTime::unknown());
  clock.learn_at_least(1000);
  EXPECT_EQ(clock.at(5000), TrustedTime::at_least(1000));
  ASSERT_TRUE(clock.synchronize(2000, 5000).ok());
  EXPECT_EQ(clock.at(5000), TrustedTime::synced(2000));
  EXPECT_EQ(clock.at(65000), TrustedTime::synced(2060));
}

TEST(TrustedClock, ASourceThatWasSetBackIsNotBelieved) {
  TrustedClock clock(10'000);
  EXPECT_EQ(clock.at(0), TrustedTime::at_least(10'000));
  EXPECT_EQ(clock.synchronize(9'999, 0).error(), Error::kValueOutOfRange);
  EXPECT_EQ(clock.at(0), TrustedTime::at_least(10'000));
  ASSERT_TRUE(clock.synchronize(10'000, 0).ok());
  EXPECT_EQ(clock.synchronize(10'050, 100'000).error(), Error::kValueOutOfRange) << "50 s behind what ran since";
  EXPECT_EQ(clock.at(100'000), TrustedTime::at_least(10'100));
}

TEST(TrustedClock, FloorIsPersistedInSteps) {
  TrustedClock clock(10'000);
  ASSERT_TRUE(clock.synchronize(10'000, 0).ok());
  EXPECT_FALSE(clock.floor_dirty(3'599'000));
  EXPECT_TRUE(clock.floor_dirty(3'600'000));
  clock.floor_persisted(clock.floor_at(3'600'000));
  EXPECT_FALSE(clock.floor_dirty(3'601'000));
  EXPECT_EQ(TrustedClock(clock.floor_at(3'600'000)).at(0), TrustedTime::at_least(13'600));
}

}  // namespace
}  // namespace tailor::update
