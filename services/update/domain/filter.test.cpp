// SPDX-License-Identifier: Apache-2.0
#include "services/update/domain/filter.hpp"

#include <gtest/gtest.h>

#include "services/update/testing/sample.hpp"

namespace tailor::update_server {
namespace {

Device refused_device() {
  Device device = testing::device(7);
  device.update = {UpdateState::kRefused, Error::kClassMismatch};
  device.components[0].sequence_number = 0xFFFFFFFFFFFFFFFFU;
  device.components[0].version = "2.1 beta";
  device.trust_store_version = 3;
  return device;
}

TEST(Filter, SelectsByEachField) {
  struct Row {
    const char* filter;
    bool fits;
  };
  const Row rows[] = {
      {"id==6f0c1d2e-3b4a-4c5d-8e6f-708192a3b407", true},
      {"id==6F0C1D2E-3B4A-4C5D-8E6F-708192A3B407", true},
      {"id==6f0c1d2e-3b4a-4c5d-8e6f-708192a3b408", false},
      {"id==6f0c*", true},
      {"vendor==fa6b4a53-d5ad-5fdf-be9d-e663e4d41ffe", true},
      {"class!=1492af14-2569-5e48-bf42-9b2d51f2ab45", false},
      {"class!=1492*", false},
      {"state==refused", true},
      {"state=in=(reverted,refused)", true},
      {"state=out=(reverted,refused)", false},
      {"reason==ClassMismatch", true},
      {"reason!=ClassMismatch", false},
      {"life_cycle==enrolled", true},
      {"mode==pull", true},
      {"version=='2.1 beta'", true},
      {"version==\"2.1 beta\"", true},
      {"version==2.*", true},
      {"version==3.*", false},
      {"sequence==18446744073709551615", true},
      {"sequence=gt=9223372036854775808", true},
      {"sequence>1;sequence<=18446744073709551615", true},
      {"sequence<18446744073709551615", false},
      {"sequence=ge=18446744073709551615", true},
      {"trust_store_version=le=3", true},
      {"trust_store_version=lt=3", false},
      {"last_seen<2027-01-01T00:00:00Z", true},
      {"registered_at>=2027-01-01T00:00:00Z", false},
      {"state==idle,state==refused", true},
      {"state==refused;mode==push", false},
      {"(state==idle,state==refused);(mode==push,mode==pull)", true},
      {"state==idle;mode==push,mode==pull", true},
      {"state==idle;(mode==push,mode==pull)", false},
  };
  for (const Row& row : rows) {
    const Outcome<FilterNode> filter = parse_filter(row.filter);
    ASSERT_TRUE(filter.ok()) << row.filter << ": " << filter.error().to_text();
    EXPECT_EQ(matches(filter.value(), refused_device()), row.fits) << row.filter;
  }
}

TEST(Filter, AFieldWithoutAValueFitsOnlyNegations) {
  Device bare = testing::device();
  bare.components.clear();
  for (const auto& [text, fits] :
       {std::pair("reason==ClassMismatch", false), std::pair("reason!=ClassMismatch", true),
        std::pair("version=in=(1.0)", false), std::pair("version=out=(1.0)", true), std::pair("sequence<5", false)}) {
    EXPECT_EQ(matches(parse_filter(text).value(), bare), fits) << text;
  }
}

TEST(Filter, SaysWhereAndWhatWasExpected) {
  struct Row {
    const char* filter;
    const char* says;
  };
  const Row rows[] = {
      {"", "position 1: expected a field name"},
      {"colour==red", "position 1: expected a field name"},
      {"state", "position 6: expected an operator"},
      {"state=refused", "position 6: expected an operator"},
      {"state==", "position 8: expected a value"},
      {"state==refused;", "position 16: expected a field name"},
      {"state==refused,", "position 16: expected a field name"},
      {"state==refused)", "position 15: expected the end"},
      {"(state==refused", "position 16: expected ')'"},
      {"state=in=refused", "position 10: expected '('"},
      {"state=in=(refused", "position 18: expected ')'"},
      {"state=in=()", "position 11: expected a value"},
      {"version=='1.0", "position 14: expected the closing quote"},
      {"version<2", "position 1: expected a field that has an order"},
      {"sequence==x", "position 11: expected a number"},
      {"sequence==18446744073709551616", "position 11: expected a number"},
      {"sequence==-1", "position 11: expected a number"},
      {"last_seen>yesterday", "position 11: expected a time"},
      {"state==a b", "position 9: expected the end"},
      {"version=='a\nb'", "expected printable ASCII"},
  };
  for (const Row& row : rows) {
    const Outcome<FilterNode> filter = parse_filter(row.filter);
    ASSERT_FALSE(filter.ok()) << row.filter;
    EXPECT_EQ(filter.error().code, Error::kUsageInvalid) << row.filter;
    EXPECT_NE(filter.error().context.find(row.says), std::string::npos) << row.filter << ": " << filter.error().context;
  }
}

TEST(Filter, HoldsItsLimits) {
  const auto nested = [](size_t depth) { return std::string(depth, '(') + "state==idle" + std::string(depth, ')'); };
  EXPECT_TRUE(parse_filter(nested(kFilterDepth - 1)).ok());
  EXPECT_FALSE(parse_filter(nested(kFilterDepth)).ok());
  EXPECT_FALSE(parse_filter(nested(2000)).ok());

  const auto comparisons = [](size_t count) {
    std::string text = "state==a";
    for (size_t i = 1; i < count; ++i) text += ",state==a";
    return text;
  };
  EXPECT_TRUE(parse_filter(comparisons(kFilterComparisons)).ok());
  EXPECT_FALSE(parse_filter(comparisons(kFilterComparisons + 1)).ok());

  const auto list = [](size_t count) {
    std::string text = "state=in=(a";
    for (size_t i = 1; i < count; ++i) text += ",a";
    return text + ")";
  };
  EXPECT_TRUE(parse_filter(list(kFilterListValues)).ok());
  EXPECT_FALSE(parse_filter(list(kFilterListValues + 1)).ok());
  EXPECT_TRUE(parse_filter("version==" + std::string(kFilterBytes - 9, 'v')).ok());
  EXPECT_FALSE(parse_filter("version==" + std::string(kFilterBytes - 8, 'v')).ok());
}

TEST(Filter, EveryPrefixIsReadOrRefusedWithoutHarm) {
  const std::string text = "(state=in=(idle,'re\\'fused');sequence>=5),version!=\"a b\";last_seen<2027-01-01T00:00:00Z";
  ASSERT_TRUE(parse_filter(text).ok());
  size_t refused = 0;
  for (size_t length = 0; length < text.size(); ++length) {
    const Outcome<FilterNode> filter = parse_filter(text.substr(0, length));
    if (!filter.ok()) ++refused;
  }
  EXPECT_GT(refused, text.size() / 2);
}

}  // namespace
}  // namespace tailor::update_server
