// SPDX-License-Identifier: Apache-2.0
// An envelope that is the content of a component: finds its members without holding them. For dependencies, whose
// digest is that of their manifest alone, and whose integrated payloads are read from where the dependency is kept.
#pragma once

#include <string_view>

#include "core/processor/component.hpp"

namespace tailor::processor {

/// Where a member's byte string is.
struct StoredMember {
  uint32_t item = 0;     ///< offset of its head
  uint32_t content = 0;  ///< offset behind the head
  uint32_t size = 0;     ///< bytes of content
};

/// Finds a member by its key, or an integrated payload by its URI.
///
/// @param key  of the envelope; ignored when there is a URI
/// @returns kPayloadUnavailable: there is no such member; - kCborWrongType, kTruncated and what cbor::decode_head()
///          gives when the content is no envelope; - errors of the component
[[nodiscard]] Status find_member(Component& envelope, int64_t key, std::string_view uri, StoredMember& found) noexcept;

}  // namespace tailor::processor
