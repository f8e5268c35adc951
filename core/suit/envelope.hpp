// SPDX-License-Identifier: Apache-2.0
// The SUIT envelope (manifest 8.2) as structure, nothing of it trusted yet: authentication wrapper, manifest, and the
// members behind them. EnvelopeReader makes one from a stream; hosted code from bytes that are whole in memory.
#pragma once

#include <string_view>

#include "core/cbor/reader.hpp"
#include "core/suit/labels.hpp"
#include "core/suit/leniency.hpp"

namespace tailor::suit {

/// One member behind the manifest.
struct EnvelopeMember {
  int64_t key = 0;       ///< a manifest_key; 0 for an integrated payload
  std::string_view uri;  ///< of an integrated payload
  ByteView item;         ///< the byte string with its head, over which digests are computed
  ByteView content;
};

/// Views point into the bytes it was made from.
class Envelope {
 public:
  /// Splits an envelope that is whole in memory.
  ///
  /// @returns kEnvelopeUntagged; - kUnknownKey: a member that is not defined or not supported; - kMissingKey: no
  ///          authentication wrapper, or no manifest right behind it; - what cbor::Reader gives
  [[nodiscard]] static Result<Envelope> from_bytes(ByteView bytes, const Leniency& leniency = kStrict) noexcept;

  /// Content of the authentication wrapper.
  [[nodiscard]] ByteView authentication() const noexcept { return authentication_; }
  /// The manifest's byte string with its head.
  [[nodiscard]] ByteView manifest_item() const noexcept { return manifest_item_; }
  /// Its content.
  [[nodiscard]] ByteView manifest() const noexcept;

  /// Takes the members behind the manifest one after the other.
  class Members {
   public:
    [[nodiscard]] bool more() const noexcept { return !reader_.at_end(); }
    /// @pre more()
    [[nodiscard]] Result<EnvelopeMember> next() noexcept;

   private:
    friend class Envelope;
    explicit Members(ByteView encoded) noexcept : reader_(encoded) {}
    cbor::Reader reader_;
  };
  [[nodiscard]] Members members() const noexcept { return Members(members_); }
  /// Whether the members stand in memory, behind the manifest; they do not when the envelope is read as a stream.
  [[nodiscard]] bool is_whole() const noexcept { return whole_; }

 private:
  friend class EnvelopeReader;
  Envelope() noexcept = default;

  ByteView authentication_;
  ByteView manifest_item_;
  ByteView members_;
  bool whole_ = false;
};

}  // namespace tailor::suit
