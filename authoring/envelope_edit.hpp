// SPDX-License-Identifier: Apache-2.0
// Changes to envelopes that exist, which leave every signature as it is: members come out, payloads go in.
#pragma once

#include <string>
#include <vector>

#include "authoring/walk/walker.hpp"

namespace tailor::authoring {

/// Names of members that may be severed: "install", "text" and so on; 0 for another name.
[[nodiscard]] int64_t severable_key(const std::string& name) noexcept;

struct Severed {
  Bytes envelope;
  std::vector<std::string> members;  ///< those that are gone
};

/// Takes severable members out of the envelope. One that stands in the manifest itself is first put into the envelope
/// and replaced by its digest, which is possible only while nobody has signed.
///
/// @param keys  manifest_key; empty: everything that the manifest has by digest
/// @returns kStateConflict: a member stands in a manifest that is signed; - kNotFound: the manifest has no such member
[[nodiscard]] Outcome<Severed> sever(ByteView envelope, const std::vector<int64_t>& keys);

/// Moves members of an unsigned manifest out of it, into the envelope; the manifest has their digests then.
[[nodiscard]] Outcome<Bytes> make_severable(ByteView envelope, const std::vector<int64_t>& keys);

/// Puts a payload under a URI into the envelope.
/// @returns kAlreadyExists; - kValueOutOfRange: a URI without '#'; - kNotFound: no command fetches from there;
///          - kImageDigestMismatch: where it is fetched another digest is expected
[[nodiscard]] Outcome<Bytes> add_payload(ByteView envelope, const std::string& uri, ByteView payload);

/// Takes a copy of a part: "manifest" and severable members (the content of their byte string), or the URI of a
/// payload.
[[nodiscard]] Outcome<Bytes> extract(ByteView envelope, const std::string& part);

/// The envelope without a payload.
[[nodiscard]] Outcome<Bytes> remove_payload(ByteView envelope, const std::string& uri);

}  // namespace tailor::authoring
