// SPDX-License-Identifier: Apache-2.0
// Writes command sequences (manifest 8.4.9, 8.4.10) in deterministic encoding. Which commands make a sensible update is
// the author's matter (authoring/); this knows their form.
#pragma once

#include <optional>

#include "core/base/uuid.hpp"
#include "core/cbor/writer.hpp"
#include "core/crypto/crypto.hpp"
#include "core/suit/labels.hpp"

namespace tailor::suit {

/// The parameters of one override-parameters directive; what is not set is left out. Views are read at once.
struct Parameters {
  std::optional<Uuid> vendor = std::nullopt;
  std::optional<Uuid> device_class = std::nullopt;
  std::optional<Uuid> device = std::nullopt;
  std::optional<crypto::Sha256Digest> digest = std::nullopt;
  std::optional<uint64_t> slot = std::nullopt;
  std::optional<bool> strict_order = std::nullopt;
  std::optional<bool> soft_failure = std::nullopt;
  std::optional<uint64_t> image_size = std::nullopt;
  std::optional<ByteView> content = std::nullopt;
  std::optional<std::string_view> uri = std::nullopt;
  std::optional<uint64_t> source_component = std::nullopt;
  std::optional<ByteView> invoke_arguments = std::nullopt;
  std::optional<uint64_t> use_before = std::nullopt;       ///< UTC seconds since 1970
  std::optional<ByteView> encryption_info = std::nullopt;  ///< a tagged COSE_Encrypt
  std::optional<ByteView> fetch_arguments = std::nullopt;
  std::optional<uint64_t> minimum_battery = std::nullopt;     ///< mWh
  std::optional<int64_t> update_priority = std::nullopt;      ///< smaller is more urgent
  std::optional<ByteView> version = std::nullopt;             ///< encoded [comparison, [numbers]]
  std::optional<ByteView> wait_info = std::nullopt;           ///< encoded map of events
  std::optional<ByteView> component_metadata = std::nullopt;  ///< encoded map
};

/// Appends commands; the first thing that does not fit is reported by finish().
class SequenceWriter {
 public:
  /// @param out  holds the sequence as it grows
  explicit SequenceWriter(MutableBytes out) noexcept : writer_(out) {}

  /// Appends a condition, or a directive that takes a reporting policy (bits of reporting::).
  SequenceWriter& command(int64_t label, uint64_t policy) noexcept;
  SequenceWriter& set_component_index(uint64_t index) noexcept;
  SequenceWriter& set_component_indices(std::span<const uint64_t> indices) noexcept;
  SequenceWriter& set_all_components() noexcept;
  SequenceWriter& override_parameters(const Parameters& parameters) noexcept {
    return put_parameters(command::kOverrideParameters, parameters);
  }
  /// Appends set-parameters, which leaves values that are there (trust-domains 5.7.1).
  SequenceWriter& set_parameters(const Parameters& parameters) noexcept {
    return put_parameters(command::kSetParameters, parameters);
  }
  /// Appends try-each over sequences that finish() made; the first that holds wins.
  /// @param or_nothing  whether it also holds when none of them does
  SequenceWriter& try_each(std::span<const ByteView> sequences, bool or_nothing) noexcept;
  SequenceWriter& run_sequence(ByteView sequence) noexcept;

  /// Ends the sequence; nothing may follow.
  /// @returns the encoded array; kBufferTooSmall
  [[nodiscard]] Result<ByteView> finish() noexcept;

 private:
  cbor::Writer& label(int64_t label) noexcept;
  SequenceWriter& put_parameters(int64_t label, const Parameters& parameters) noexcept;

  cbor::Writer writer_;
  size_t commands_ = 0;
};

}  // namespace tailor::suit
