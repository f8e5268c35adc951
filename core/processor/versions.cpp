// SPDX-License-Identifier: Apache-2.0
#include "core/processor/versions.hpp"

#include "core/base/limits.hpp"
#include "core/processor/options.hpp"
#include "core/suit/labels.hpp"

#if TAILOR_SUIT_UPDATE_MANAGEMENT

namespace tailor::processor {

using namespace suit::version_comparison;

Status check_version_match(cbor::Reader& reader) noexcept {
  const auto matches = version_matches(reader, {});
  return matches.ok() ? Status(kOk) : Status(matches.error());
}

Result<bool> version_matches(cbor::Reader& match, std::span<const int64_t> version) noexcept {
  TAILOR_TRY_ASSIGN(const size_t elements, match.take_array());
  TAILOR_TRY_ASSIGN(const uint64_t comparison, match.take_unsigned());
  TAILOR_TRY_ASSIGN(const size_t numbers, match.take_array());
  const bool in_range = elements == 2 && comparison >= kGreater && comparison <= kLesser && numbers > 0 &&
                        numbers <= limits::kVersionParts;
  if (!in_range) return Error::kValueOutOfRange;
  int order = 0;
  for (size_t i = 0; i < numbers; ++i) {
    TAILOR_TRY_ASSIGN(const int64_t wanted, match.take_int());
    const int64_t present = i < version.size() ? version[i] : 0;
    if (order == 0 && present != wanted) order = present > wanted ? 1 : -1;
  }
  // Bits for less, equal and greater, by comparison.
  constexpr uint8_t kAccepted[] = {4, 6, 2, 3, 1};
  return (kAccepted[comparison - 1] >> (order + 1) & 1U) != 0;
}

}  // namespace tailor::processor

#endif
