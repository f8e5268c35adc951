// SPDX-License-Identifier: Apache-2.0
// From an author's description to a manifest: which commands it has and in which order. They are those of the templates
// and examples of the manifest draft (7, appendix B), trust domains and firmware encryption.
#pragma once

#include "authoring/description.hpp"

namespace tailor::authoring {

struct Composed {
  ManifestModel manifest;
  IntegratedPayloads payloads;
};

/// @returns kValueOutOfRange, with the reason, for a description that devices would refuse
[[nodiscard]] Outcome<Composed> compose(const ManifestDescription& description);

}  // namespace tailor::authoring
