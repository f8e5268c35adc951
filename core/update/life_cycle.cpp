// SPDX-License-Identifier: Apache-2.0
// The transition table of the life cycle. docs/protocols/states.md draws it; a test compares the two.
#include "core/update/life_cycle.hpp"

#include <iterator>

namespace tailor::update {
namespace {

struct Row {
  LifeCycle from;
  LifeEvent event;
  LifeCycle to;
};

using S = LifeCycle;
using E = LifeEvent;

constexpr Row kTable[] = {
    {S::kFactory, E::kEnrol, S::kEnrolled},
    {S::kFactory, E::kRetire, S::kRetired},

    {S::kEnrolled, E::kRegister, S::kRegistered},
    {S::kEnrolled, E::kStartMaintenance, S::kMaintenance},
    {S::kEnrolled, E::kLoseCertificate, S::kFactory},
    {S::kEnrolled, E::kProfileChanged, S::kEnrolled},
    {S::kEnrolled, E::kRetire, S::kRetired},

    {S::kRegistered, E::kStartMaintenance, S::kMaintenance},
    {S::kRegistered, E::kLoseCertificate, S::kFactory},
    {S::kRegistered, E::kProfileChanged, S::kEnrolled},
    {S::kRegistered, E::kRetire, S::kRetired},

    {S::kMaintenance, E::kAbortMaintenance, S::kRegistered},
    {S::kMaintenance, E::kEndMaintenance, S::kEnrolled},
    {S::kMaintenance, E::kLoseCertificate, S::kFactory},
    {S::kMaintenance, E::kRetire, S::kRetired},

    {S::kRetired, E::kReset, S::kFactory},
};

constexpr std::string_view kStateNames[] = {"factory", "enrolled", "registered", "maintenance", "retired"};
static_assert(std::size(kStateNames) == kLifeCycles);

constexpr std::string_view kEventNames[] = {"enrol",
                                            "register",
                                            "start-maintenance",
                                            "abort-maintenance",
                                            "end-maintenance",
                                            "lose-certificate",
                                            "profile-changed",
                                            "retire",
                                            "reset"};
static_assert(std::size(kEventNames) == kLifeEvents);

}  // namespace

Result<LifeCycle> next(LifeCycle state, LifeEvent event) noexcept {
  for (const Row& row : kTable) {
    if (row.from == state && row.event == event) return row.to;
  }
  return Error::kStateConflict;
}

std::string_view name_of(LifeCycle state) noexcept {
  return kStateNames[static_cast<uint8_t>(state)];
}

std::string_view name_of(LifeEvent event) noexcept {
  return kEventNames[static_cast<uint8_t>(event)];
}

Result<LifeCycle> life_cycle_from_name(std::string_view name) noexcept {
  for (uint8_t code = 0; code < kLifeCycles; ++code) {
    if (kStateNames[code] == name) return static_cast<LifeCycle>(code);
  }
  return Error::kValueOutOfRange;
}

Result<LifeCycle> life_cycle_from_code(uint64_t code) noexcept {
  if (code >= kLifeCycles) return Error::kValueOutOfRange;
  return static_cast<LifeCycle>(code);
}

}  // namespace tailor::update
