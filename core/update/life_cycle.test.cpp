// SPDX-License-Identifier: Apache-2.0
#include "core/update/life_cycle.hpp"

#include <gtest/gtest.h>

#include "core/update/diagram.test.hpp"

namespace tailor::update {
namespace {

TEST(LifeCycle, TableIsTheDiagramOfTheDocs) {
  const Transitions drawn = transitions_of_diagram(1);
  ASSERT_EQ(drawn.size(), 16U);
  Transitions coded;
  for (uint8_t state = 0; state < kLifeCycles; ++state) {
    for (uint8_t event = 0; event < kLifeEvents; ++event) {
      const auto from = static_cast<LifeCycle>(state);
      const auto what = static_cast<LifeEvent>(event);
      const Result<LifeCycle> to = next(from, what);
      if (!to.ok()) {
        EXPECT_EQ(to.error(), Error::kStateConflict);
        continue;
      }
      coded.insert({std::string(name_of(from)), std::string(name_of(what)), std::string(name_of(to.value()))});
    }
  }
  EXPECT_EQ(coded, drawn);
}

TEST(LifeCycle, NamesAndNumbersReadBack) {
  for (uint8_t code = 0; code < kLifeCycles; ++code) {
    const LifeCycle state = life_cycle_from_code(code).value();
    EXPECT_EQ(life_cycle_from_name(name_of(state)).value(), state);
  }
  EXPECT_EQ(life_cycle_from_code(kLifeCycles).error(), Error::kValueOutOfRange);
  EXPECT_EQ(life_cycle_from_name("Factory").error(), Error::kValueOutOfRange);
}

TEST(LifeCycle, ARetiredDeviceOnlyStartsAnew) {
  for (uint8_t event = 0; event < kLifeEvents; ++event) {
    const auto what = static_cast<LifeEvent>(event);
    EXPECT_EQ(next(LifeCycle::kRetired, what).ok(), what == LifeEvent::kReset) << name_of(what);
  }
}

}  // namespace
}  // namespace tailor::update
