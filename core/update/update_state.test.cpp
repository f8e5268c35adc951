// SPDX-License-Identifier: Apache-2.0
#include "core/update/update_state.hpp"

#include <gtest/gtest.h>

#include "core/update/diagram.test.hpp"

namespace tailor::update {
namespace {

TEST(UpdateState, TableIsTheDiagramOfTheDocs) {
  const Transitions drawn = transitions_of_diagram(0);
  ASSERT_EQ(drawn.size(), 30U);
  Transitions coded;
  for (uint8_t state = 0; state < kUpdateStates; ++state) {
    for (uint8_t event = 0; event < kUpdateEvents; ++event) {
      const auto from = static_cast<UpdateState>(state);
      const auto what = static_cast<UpdateEvent>(event);
      const Result<UpdateState> to = next(from, what);
      if (!to.ok()) {
        EXPECT_EQ(to.error(), Error::kStateConflict);
        continue;
      }
      coded.insert({std::string(name_of(from)), std::string(name_of(what)), std::string(name_of(to.value()))});
    }
  }
  EXPECT_EQ(coded, drawn);
}

TEST(UpdateState, NamesAndNumbersReadBack) {
  for (uint8_t code = 0; code < kUpdateStates; ++code) {
    const UpdateState state = update_state_from_code(code).value();
    EXPECT_EQ(update_state_from_name(name_of(state)).value(), state);
  }
  EXPECT_EQ(update_state_from_code(kUpdateStates).error(), Error::kValueOutOfRange);
  EXPECT_EQ(update_state_from_code(UINT64_MAX).error(), Error::kValueOutOfRange);
  EXPECT_EQ(update_state_from_name("Idle").error(), Error::kValueOutOfRange);
  EXPECT_EQ(update_state_from_name("").error(), Error::kValueOutOfRange);
  EXPECT_EQ(name_of(UpdateState::kAwaitingTrigger), "awaiting-trigger");
}

TEST(UpdateState, NothingLeadsBackOnceTheBootProgramWasTold) {
  for (const UpdateState state : {UpdateState::kInstalling, UpdateState::kTrial}) {
    EXPECT_FALSE(next(state, UpdateEvent::kRefuse).ok()) << name_of(state);
    EXPECT_FALSE(next(state, UpdateEvent::kAbandon).ok()) << name_of(state);
    EXPECT_FALSE(next(state, UpdateEvent::kOffer).ok()) << name_of(state);
  }
}

TEST(UpdateStatus, ReasonBelongsToRevertedAndRefusedAlone) {
  for (uint8_t code = 0; code < kUpdateStates; ++code) {
    const auto state = static_cast<UpdateState>(code);
    const bool wants = state == UpdateState::kReverted || state == UpdateState::kRefused;
    EXPECT_EQ(UpdateStatus::make(state, Error::kTimeout).ok(), wants) << name_of(state);
    EXPECT_EQ(UpdateStatus::make(state, std::nullopt).ok(), !wants) << name_of(state);
  }
}

TEST(UpdateStatus, RefusalKeepsItsReasonAndANewOfferDropsIt) {
  UpdateStatus status;
  ASSERT_TRUE(status.apply(UpdateEvent::kOffer).ok());
  EXPECT_EQ(status.apply(UpdateEvent::kRefuse).error(), Error::kStateConflict);
  EXPECT_EQ(status.apply(UpdateEvent::kAuthorize, Error::kTimeout).error(), Error::kStateConflict);
  EXPECT_EQ(status.state(), UpdateState::kOffered);
  ASSERT_TRUE(status.apply(UpdateEvent::kRefuse, Error::kClassMismatch).ok());
  EXPECT_EQ(status.reason(), Error::kClassMismatch);
  ASSERT_TRUE(status.apply(UpdateEvent::kOffer).ok());
  EXPECT_EQ(status.reason(), std::nullopt);
  EXPECT_EQ(status, UpdateStatus::make(UpdateState::kOffered, std::nullopt).value());
}

TEST(UpdateStatus, WhatIsAwaitedBelongsToAwaitingTriggerAlone) {
  for (uint8_t code = 0; code < kUpdateStates; ++code) {
    const auto state = static_cast<UpdateState>(code);
    const std::optional<Error> reason = has_reason(state) ? std::optional(Error::kTimeout) : std::nullopt;
    EXPECT_EQ(UpdateStatus::make(state, reason, Awaited::kPower).ok(), state == UpdateState::kAwaitingTrigger);
    EXPECT_EQ(UpdateStatus::make(state, reason).value().awaited().has_value(), state == UpdateState::kAwaitingTrigger);
  }
}

TEST(UpdateStatus, AWaitInTheMiddleOfTheSequencesLeadsBackToThem) {
  UpdateStatus status = UpdateStatus::make(UpdateState::kFetching, std::nullopt).value();
  ASSERT_TRUE(status.hold(Awaited::kTime).ok());
  EXPECT_EQ(status.awaited(), Awaited::kTime);
  ASSERT_TRUE(status.hold(Awaited::kDayOfWeekUtc).ok()) << "the same wait, for another event";
  EXPECT_EQ(status.awaited(), Awaited::kDayOfWeekUtc);
  ASSERT_TRUE(status.apply(UpdateEvent::kFetch).ok());
  EXPECT_EQ(status, UpdateStatus::make(UpdateState::kFetching, std::nullopt).value());
  status = UpdateStatus::make(UpdateState::kTrial, std::nullopt).value();
  EXPECT_EQ(status.hold(Awaited::kTime).error(), Error::kStateConflict);
}

TEST(UpdateStatus, ConflictChangesNothing) {
  UpdateStatus status = UpdateStatus::make(UpdateState::kRefused, Error::kClassMismatch).value();
  EXPECT_EQ(status.apply(UpdateEvent::kConfirm).error(), Error::kStateConflict);
  EXPECT_EQ(status.apply(UpdateEvent::kRevert, Error::kTimeout).error(), Error::kStateConflict);
  EXPECT_EQ(status.state(), UpdateState::kRefused);
  EXPECT_EQ(status.reason(), Error::kClassMismatch);
}

}  // namespace
}  // namespace tailor::update
