// SPDX-License-Identifier: Apache-2.0
// SUIT_Record and system-property-claims (report-20, SUIT_Record): one decision of the manifest processor, by its place
// in the manifest. Encoder and decoder side by side; docs/formats/suit-report.md has the format.
#pragma once

#include "core/base/fixed_list.hpp"
#include "core/base/limits.hpp"
#include "core/cbor/reader.hpp"
#include "core/cbor/writer.hpp"

namespace tailor::report {

/// Levels of dependencies below the root manifest that a record can name: twice what our processor walks.
inline constexpr size_t kManifestDepth = 2 * limits::kDependencyDepth;
/// The section of a record whose command stands in the shared sequence: that of the common block, which holds it. The
/// draft lists only the sequences that are keys of the manifest (docs/formats/suit-decisions.md).
inline constexpr int64_t kSharedSection = 3;

/// Which manifest of a dependency tree: the component index that selected each level; empty for the root.
using ManifestId = FixedList<uint32_t, kManifestDepth>;

/// One decision. Views point into what it was decoded from.
struct Record {
  ManifestId manifest;
  int64_t section = 0;       ///< manifest key of the command sequence; kSharedSection for the shared one
  uint32_t offset = 0;       ///< bytes into that sequence, which begins with the head of its array
  uint32_t component = 0;    ///< index of the component that the command was run for
  ByteView properties = {};  ///< encoded map of parameters with the values that were measured; empty: an empty map
};

/// Measured properties of a component, whatever the manifest says.
struct Claims {
  ByteView component;   ///< encoded component identifier
  ByteView parameters;  ///< the encoded pairs that follow it: labels and values of parameters, at least one
  size_t count = 0;     ///< of the pairs
};

cbor::Writer& put(cbor::Writer& writer, const Record& record) noexcept;
cbor::Writer& put(cbor::Writer& writer, const Claims& claims) noexcept;

/// Takes a record.
/// @returns kValueOutOfRange: not five elements, a manifest id deeper than kManifestDepth, an index or offset beyond 32
///          bits, a property whose label is 0; - CBOR errors
[[nodiscard]] Result<Record> take_record(cbor::Reader& reader) noexcept;
/// Takes claims.
/// @returns kMissingKey without a component identifier; kValueOutOfRange without a parameter; CBOR errors
[[nodiscard]] Result<Claims> take_claims(cbor::Reader& reader) noexcept;

/// Walks the elements of suit-report-records, in which records are arrays and claims are maps.
class Entries {
 public:
  /// @param items  the encoded elements, without the head of their array
  explicit Entries(ByteView items) noexcept : reader_(items) {}
  [[nodiscard]] bool more() const noexcept { return !reader_.at_end(); }
  [[nodiscard]] bool next_is_record() const noexcept { return reader_.next_is(cbor::Type::kArray); }
  [[nodiscard]] Result<Record> take_record() noexcept { return report::take_record(reader_); }
  [[nodiscard]] Result<Claims> take_claims() noexcept { return report::take_claims(reader_); }

 private:
  cbor::Reader reader_;
};

}  // namespace tailor::report
