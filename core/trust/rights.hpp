// SPDX-License-Identifier: Apache-2.0
// Who may do what: signers with roles and rights, policies that demand several signatures, and the one rule that
// decides (manifest 9; docs/formats/trust-store.md). Component identifiers and lists of labels stay encoded, as views
// into the trust store: comparing needs no more. Knows neither document nor device.
#pragma once

#include <string_view>

#include "core/base/fixed_list.hpp"
#include "core/base/limits.hpp"
#include "core/processor/seams.hpp"

namespace tailor::trust {

/// What a signer is to a device (RFC 9019 2, RFC 9124 2). A key has one role.
enum class Role : uint8_t {
  kAuthor = 1,             ///< makes firmware
  kOperator = 2,           ///< decides what runs on the devices it looks after
  kDistributor = 3,        ///< prepares an author's update for a group of devices
  kTrustProvisioning = 4,  ///< replaces trust stores: the factory's anchor alone, never an entry of a trust store
};
/// "author", "operator", "distributor" or "trust-provisioning".
[[nodiscard]] std::string_view name_of(Role role) noexcept;
/// @returns kValueOutOfRange for any other text
[[nodiscard]] Result<Role> role_from_name(std::string_view name) noexcept;
/// @returns kValueOutOfRange for a number that is no role of a trust store's signers
[[nodiscard]] Result<Role> signer_role_from_code(uint64_t code) noexcept;

/// A set of roles, one bit for each.
using Roles = uint8_t;
[[nodiscard]] constexpr Roles bit_of(Role role) noexcept {
  return static_cast<Roles>(1U << static_cast<unsigned>(role));
}

using Key = cose::VerificationKey;

using Action = processor::Action;

/// One entry of a signer's rights. Encoded CBOR; a list that is absent (no byte) leaves everything open.
struct Right {
  ByteView prefix;      ///< array of the component identifier's first parts; [] is every component
  ByteView commands;    ///< array of labels, ascending
  ByteView parameters;  ///< array of labels, ascending
};

/// A key and what it may do. No right at all: its signatures count for nothing.
struct Signer {
  Key key;
  Role role = Role::kAuthor;
  FixedList<Right, limits::kTrustRights> rights;
};

/// So many signers of these roles.
struct Clause {
  uint8_t threshold = 1;
  Roles roles = 0;
};

/// What has to come together for components that begin with the prefix: every clause.
struct Policy {
  ByteView prefix;
  FixedList<Clause, limits::kTrustClauses> clauses;
};

/// Whether an encoded identifier begins with all parts of an encoded prefix.
/// @pre both are arrays of byte strings in deterministic encoding
[[nodiscard]] bool begins_with(ByteView component, ByteView prefix) noexcept;

/// Whether this right covers the action. Writing without a word on how (label 0) is covered by a right to any command
/// that changes content: fetch, write, copy, swap, unlink.
[[nodiscard]] bool covers(const Right& right, ByteView component, const Action& action) noexcept;

/// Decides whether those who signed may do this to the component.
///
/// A signer counts when one of its rights covers the action. Of the policies whose prefix the component begins with,
/// the longest holds; without one, a single signer is enough. A key counts once, however often it signed.
/// @param signed_by  keys whose signatures hold
/// @param component  encoded component identifier
/// @returns kSignerUnknown: none of the keys is a signer; - kSignerNotPermitted: some are, and that is not enough
[[nodiscard]] Status check_permitted(std::span<const Signer> signers, std::span<const Policy> policies,
                                     std::span<const Key* const> signed_by, ByteView component,
                                     const Action& action) noexcept;

}  // namespace tailor::trust
