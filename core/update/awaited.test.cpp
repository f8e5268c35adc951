// SPDX-License-Identifier: Apache-2.0
#include "core/update/awaited.hpp"

#include <gtest/gtest.h>

#include <set>

namespace tailor::update {
namespace {

TEST(Awaited, EveryKindHasItsOwnNameAndWords) {
  std::set<std::string_view> names, words;
  for (uint64_t code = 0; code < kAwaitedKinds; ++code) {
    const Awaited kind = awaited_from_code(code).value();
    EXPECT_EQ(awaited_from_name(name_of(kind)).value(), kind);
    names.insert(name_of(kind));
    words.insert(words_of(kind));
  }
  EXPECT_EQ(names.size(), size_t{kAwaitedKinds});
  EXPECT_EQ(words.size(), size_t{kAwaitedKinds});
}

TEST(Awaited, RefusesWhatIsNone) {
  EXPECT_EQ(awaited_from_code(kAwaitedKinds).error(), Error::kValueOutOfRange);
  EXPECT_EQ(awaited_from_code(UINT64_MAX).error(), Error::kValueOutOfRange);
  EXPECT_EQ(awaited_from_name("").error(), Error::kValueOutOfRange);
  EXPECT_EQ(awaited_from_name("Trigger").error(), Error::kValueOutOfRange);
}

}  // namespace
}  // namespace tailor::update
