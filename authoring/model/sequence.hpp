// SPDX-License-Identifier: Apache-2.0
// Parameters and command sequences of a manifest under construction: every parameter and command of the manifest draft,
// trust domains, update management and firmware encryption, each with the type that its document gives it. Which of
// them make a sensible manifest is decided above (authoring/compose.hpp).
#pragma once

#include <map>
#include <string>

#include "authoring/component_text.hpp"
#include "authoring/model/cbor_item.hpp"
#include "core/base/uuid.hpp"
#include "core/suit/labels.hpp"

namespace tailor::authoring {

/// A set of parameters (manifest 8.4.8), as directives 19, 20 and 34 carry it. Setting one again replaces it.
class Parameters {
 public:
  Parameters& vendor(const Uuid& id);
  Parameters& device_class(const Uuid& id);
  Parameters& device(const Uuid& id);
  Parameters& image_digest(const ImageDigest& digest);
  Parameters& image_size(uint64_t bytes);
  Parameters& slot(uint64_t slot);
  Parameters& uri(std::string_view uri);
  Parameters& source_component(uint64_t index);
  Parameters& content(ByteView content);
  /// @param info  a tagged COSE_Encrypt (firmware-encryption)
  Parameters& encryption_info(ByteView info);
  Parameters& invoke_arguments(ByteView arguments);
  Parameters& fetch_arguments(ByteView arguments);
  Parameters& strict_order(bool strict);
  Parameters& soft_failure(bool soft);
  Parameters& use_before(uint64_t seconds);  ///< UTC, seconds since 1970
  Parameters& minimum_battery(uint64_t milliwatt_hours);
  Parameters& update_priority(int64_t priority);  ///< smaller is more urgent
  /// @param comparison  suit::version_comparison
  Parameters& version(int64_t comparison, const std::vector<int64_t>& value);
  /// @param events  suit::wait_event and its argument, encoded
  Parameters& wait_info(CborPairs events);
  /// @param metadata  suit::metadata_key and its value, encoded
  Parameters& component_metadata(CborPairs metadata);
  /// Any parameter, its value encoded.
  Parameters& set(int64_t label, Bytes value);

  [[nodiscard]] bool empty() const noexcept { return values_.empty(); }
  [[nodiscard]] const std::map<int64_t, Bytes>& values() const noexcept { return values_; }
  [[nodiscard]] Bytes encode() const;

 private:
  std::map<int64_t, Bytes> values_;
};

/// A command sequence (manifest 8.4.6): commands in the order in which they are appended.
class Sequence {
 public:
  /// Appends a condition, or a directive that takes a reporting policy (bits of suit::reporting).
  Sequence& command(int64_t label, uint64_t policy);
  Sequence& set_component_index(uint64_t index);
  Sequence& set_component_indices(const std::vector<uint64_t>& indices);
  Sequence& set_all_components();
  /// Nothing is appended for an empty set, which the draft does not allow.
  Sequence& override_parameters(const Parameters& parameters);
  Sequence& set_parameters(const Parameters& parameters);
  Sequence& override_multiple(const std::map<uint64_t, Parameters>& parameters);
  /// @param from  component to copy from -> labels of the parameters that the current component takes over
  Sequence& copy_parameters(const std::map<uint64_t, std::vector<int64_t>>& from);
  /// @param or_nothing  whether it also holds when none of the branches does
  Sequence& try_each(const std::vector<Sequence>& branches, bool or_nothing);
  Sequence& run_sequence(const Sequence& inner);
  /// @param label     below suit::command::kCustomBelow
  /// @param argument  encoded: a byte string, text, integer or null
  Sequence& custom(int64_t label, ByteView argument);
  Sequence& append(const Sequence& other);

  [[nodiscard]] bool empty() const noexcept { return commands_ == 0; }
  /// The array with its head.
  [[nodiscard]] Bytes encode() const { return cbor_array_of(2 * commands_, items_); }

 private:
  Sequence& add(int64_t label, ByteView argument);

  Bytes items_;
  size_t commands_ = 0;
};

/// The array of a component identifier (manifest 8.4.5.1).
[[nodiscard]] Bytes cbor_component_id(const ComponentParts& id);

}  // namespace tailor::authoring
