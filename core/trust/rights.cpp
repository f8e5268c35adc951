// SPDX-License-Identifier: Apache-2.0
#include "core/trust/rights.hpp"

#include <iterator>
#include <span>

#include "core/cbor/reader.hpp"
#include "core/suit/labels.hpp"

namespace tailor::trust {
namespace {

constexpr std::string_view kNames[] = {"author", "operator", "distributor", "trust-provisioning"};

constexpr uint8_t kWriting[] = {suit::command::kWrite, suit::command::kFetch, suit::command::kCopy,
                                suit::command::kSwap, suit::command::kUnlink};

/// Whether the encoded list is absent or has the label.
bool lists(ByteView list, int64_t label) noexcept {
  if (list.empty()) return true;
  cbor::Reader reader(list);
  if (!reader.take_array().ok()) return false;
  while (!reader.at_end()) {
    const Result<int64_t> listed = reader.take_int();
    if (!listed.ok()) return false;
    if (*listed == label) return true;
  }
  return false;
}

bool has_signed(std::span<const Key* const> signed_by, const Key& key) noexcept {
  for (const Key* signer : signed_by) {
    if (*signer == key) return true;
  }
  return false;
}

bool has_right(const Signer& signer, ByteView component, const Action& action) noexcept {
  for (const Right& right : signer.rights) {
    if (covers(right, component, action)) return true;
  }
  return false;
}

const Policy* policy_for(std::span<const Policy> policies, ByteView component) noexcept {
  const Policy* longest = nullptr;
  for (const Policy& policy : policies) {
    if (!begins_with(component, policy.prefix)) continue;
    // Both are prefixes of one identifier, so the longer one in bytes has more parts.
    if (longest == nullptr || policy.prefix.size() > longest->prefix.size()) longest = &policy;
  }
  return longest;
}

}  // namespace

std::string_view name_of(Role role) noexcept {
  return kNames[static_cast<size_t>(role) - 1];
}

Result<Role> role_from_name(std::string_view name) noexcept {
  for (size_t i = 0; i < std::size(kNames); ++i) {
    if (kNames[i] == name) return static_cast<Role>(i + 1);
  }
  return Error::kValueOutOfRange;
}

Result<Role> signer_role_from_code(uint64_t code) noexcept {
  if (code == 0 || code >= static_cast<uint64_t>(Role::kTrustProvisioning)) return Error::kValueOutOfRange;
  return static_cast<Role>(code);
}

bool begins_with(ByteView component, ByteView prefix) noexcept {
  cbor::Reader whole(component);
  cbor::Reader first(prefix);
  if (!whole.take_array().ok() || !first.take_array().ok()) return false;
  // Items delimit themselves: equal bytes are equal parts.
  const ByteView parts = first.rest();
  return whole.rest().size() >= parts.size() && equal(whole.rest().first(parts.size()), parts);
}

bool covers(const Right& right, ByteView component, const Action& action) noexcept {
  if (!begins_with(component, right.prefix)) return false;
  if (action.kind == Action::Kind::kParameter) return lists(right.parameters, action.label);
  if (action.label != 0 || action.kind != Action::Kind::kWrite) return lists(right.commands, action.label);
  for (const uint8_t label : kWriting) {
    if (lists(right.commands, label)) return true;
  }
  return false;
}

Status check_permitted(std::span<const Signer> signers, std::span<const Policy> policies,
                       std::span<const Key* const> signed_by, ByteView component, const Action& action) noexcept {
  constexpr Clause kAnyone{1, 0xff};
  const Policy* policy = policy_for(policies, component);
  const bool demands = policy != nullptr && !policy->clauses.empty();
  const std::span<const Clause> clauses = demands ? policy->clauses.view() : std::span(&kAnyone, 1);
  uint8_t missing[limits::kTrustClauses] = {};
  for (size_t i = 0; i < clauses.size(); ++i) missing[i] = clauses[i].threshold;
  bool known = false;
  for (const Signer& signer : signers) {
    if (!has_signed(signed_by, signer.key)) continue;
    known = true;
    if (!has_right(signer, component, action)) continue;
    for (size_t i = 0; i < clauses.size(); ++i) {
      if (missing[i] > 0 && (clauses[i].roles & bit_of(signer.role)) != 0) --missing[i];
    }
  }
  if (!known) return Error::kSignerUnknown;
  for (const uint8_t count : missing) {
    if (count > 0) return Error::kSignerNotPermitted;
  }
  return kOk;
}

}  // namespace tailor::trust
