// SPDX-License-Identifier: Apache-2.0
// Subject alternative names, shared by certificates and requests. Internal to pki/.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pki/identity.hpp"
#include "pki/openssl.hpp"

namespace tailor::pki {

struct AlternativeNames {
  std::optional<Identity> identity;
  std::vector<std::string> host_names;
  bool foreign_uri = false;  ///< a URI that is not ours, or a second one
};

[[nodiscard]] AlternativeNames read_names(const GENERAL_NAMES* names);

/// Makes the names; a host name that is an IP address becomes an iPAddress.
/// @returns kValueOutOfRange for a host name that is neither an address nor letters, digits, '-' and '.'
[[nodiscard]] Outcome<GeneralNamesPtr> make_names(const Identity* identity, const std::vector<std::string>& host_names);

/// The common name of a subject; empty when there is none.
[[nodiscard]] std::string common_name_of(const X509_NAME* name);

}  // namespace tailor::pki
