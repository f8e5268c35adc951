// SPDX-License-Identifier: Apache-2.0
// Layers, components, selection and the stack of sequences. Parameters stand in parameters.cpp, content in content.cpp.
#include "core/processor/machine.hpp"

#include "core/processor/dependencies.hpp"

namespace tailor::processor {

Status Machine::reset(const suit::AuthenticManifest& manifest) noexcept {
  node_count_ = value_count_ = depth_ = layer_ = node_ = index_ = 0;
  open_ = false;
  strict_order_ = true;
  targets_ = sources_ = 0;
  wait_began = 0;
  awaits_payload = false;
  selection_ = {0, Selection::kNone};
#if TAILOR_SUIT_DEPENDENCIES
  if (seams_.dependencies != nullptr) seams_.dependencies->clear();
#endif
  TAILOR_TRY(take_up(0, manifest));
  const suit::Manifest& root = manifest.manifest();
  if (!root.component_id.empty()) {
    TAILOR_TRY_ASSIGN(const uint64_t confirmed, seams_.platform.manifest_sequence_number(root.component_id));
    if (root.sequence_number < confirmed) return Error::kSequenceNumberTooLow;
  }
  for (size_t i = 0; i < root.component_count; ++i) {
    TAILOR_TRY_ASSIGN(const uint64_t confirmed, seams_.platform.sequence_number(id_of(root_.nodes[i])));
    if (root.sequence_number < confirmed) return Error::kSequenceNumberTooLow;
  }
  return kOk;
}

Status Machine::take_up(uint8_t number, const suit::AuthenticManifest& authentic) noexcept {
  Layer& taken = layer(number);
  const suit::Manifest& manifest = authentic.manifest();
  taken.manifest = &authentic;
  taken.nodes.fill(Layer::kNoNode);
  taken.count = static_cast<uint8_t>(manifest.component_count);
  taken.dependencies = taken.verified = taken.processed = 0;
  cbor::Reader ids(manifest.components);
  for (size_t i = 0; i < manifest.component_count; ++i) {
    ByteView id;
    ids.item(id);
    TAILOR_TRY(add_node(id, taken.nodes[i]));
  }
  if (manifest.dependencies.empty()) return kOk;
#if TAILOR_SUIT_DEPENDENCIES
  if (seams_.dependencies == nullptr) return Error::kTooManyDependencies;
  for (cbor::Reader entries(manifest.dependencies); !entries.at_end();) {
    suit::Dependency dependency;
    suit::Manifest::read_dependency(entries, dependency);
    TAILOR_TRY(entries.status());
    const auto index = static_cast<size_t>(dependency.index);
    if (index < manifest.component_count) {
      // A prefix that renames the components of the dependency is optional (trust-domains 5.2.2), and not supported.
      if (!dependency.prefix.empty()) return Error::kUnknownKey;
    } else {
      if (!seams_.leniency.index_beyond_components || dependency.prefix.empty()) return Error::kComponentIndexInvalid;
      TAILOR_TRY(add_node(dependency.prefix, taken.nodes[index]));
      taken.count = static_cast<uint8_t>(index + 1);  // indices ascend
    }
    taken.dependencies = static_cast<Layer::Mask>(taken.dependencies | 1U << index);
  }
  return kOk;
#else
  return Error::kTooManyDependencies;
#endif
}

Status Machine::add_node(ByteView id, uint8_t& node) noexcept {
  for (node = 0; node < node_count_; ++node) {
    if (equal(id_of(node), id)) return kOk;
  }
  if (node == nodes_.size()) return Error::kTooManyComponents;
  nodes_[node] = {id.data(), seams_.platform.find_component(id)};
  id_sizes_[node] = static_cast<uint8_t>(id.size());
  if (nodes_[node].component == nullptr) return Error::kComponentUnknown;
  ++node_count_;
  return kOk;
}

Status Machine::check_index(uint64_t index) const noexcept {
  return index < UINT8_MAX && layer().has(static_cast<size_t>(index)) ? Status(kOk)
                                                                      : Status(Error::kComponentIndexInvalid);
}

Status Machine::set_current(uint32_t index) noexcept {
  TAILOR_TRY(check_index(index));
  index_ = static_cast<uint8_t>(index);
  node_ = layer().nodes[index_];
  return kOk;
}

Status Machine::take_selected(size_t nth, bool& there) noexcept {
  uint32_t index = selection_.index;
  there = nth == 0;
  if (selection_.list != 0) {
    cbor::Reader list(bytes_from(selection_.list));
    if (list.next_is(cbor::Type::kArray)) {
      there = nth < list.array();
      for (size_t i = 0; there && i <= nth; ++i) index = static_cast<uint32_t>(list.number());
    } else {
      // true: every index that there is (there are holes only beyond the list of components).
      for (index = 0; index < layer().count; ++index) {
        if (layer().has(index) && nth-- == 0) break;
      }
      there = index < layer().count;
    }
  }
  return there ? set_current(index) : Status(kOk);
}

Status Machine::check_permitted(uint8_t node, Action::Kind kind, int32_t label) const noexcept {
  return seams_.authorization.permits(layer().manifest->signers(), id_of(node), {kind, label});
}

Status Machine::enter(ByteView sequence, bool soft_failure) noexcept {
  TAILOR_TRY(push(sequence));
  frame().soft_failure = soft_failure;
  // The sequence is run for one component, whatever was selected around it (manifest 6.5).
  selection_ = {0, index_};
  return kOk;
}

#if TAILOR_SUIT_SEQUENCES
void Machine::isolate(bool selects) noexcept {
  frame().selects_at = selects ? frame().items_left : uint16_t{1};  // commands are pairs: 1 is never left
  strict_order_ = true;
}

Status Machine::may_select() const noexcept {
  const uint16_t left = frames_[depth_ - 1].items_left;
  for (size_t i = depth_; i-- > 0 && frames_[i].layer == layer_;) {
    const uint16_t selects_at = frames_[i].selects_at;
    if (selects_at != 0 && (i + 1 != depth_ || selects_at != left)) return Error::kCommandNotAllowed;
  }
  return kOk;
}
#endif

Status Machine::enter_section(uint8_t number, int32_t section, ByteView sequence) noexcept {
  layer_ = number;
  TAILOR_TRY(push(sequence));
  Layer& entered = layer();
  entered.start = offset_of(sequence.data());
  entered.section = static_cast<int8_t>(section);
  // With one component it is selected from the start; with more, each sequence begins with set-component-index
  // (manifest 6.2), since nothing is selected.
  selection_ = {0, entered.count == 1 ? uint8_t{0} : Selection::kNone};
  return kOk;
}

Status Machine::push(ByteView sequence) noexcept {
  if (depth_ == frames_.size()) return Error::kCborTooDeep;
  cbor::Reader reader(sequence);
  const size_t items = reader.array();
  if (items % 2 != 0 || items > UINT16_MAX) return Error::kValueOutOfRange;
  TAILOR_TRY(reader.status());
  Frame& entered = frames_[depth_++];
  entered = {};
  entered.rest = offset_of(reader.rest().data());
  entered.items_left = static_cast<uint16_t>(items);
  entered.outer = selection_;
  entered.layer = layer_ & 0x0FU;
  return kOk;
}

// What stands on top afterwards is the command that entered the sequence; it is run again.
void Machine::leave(bool failed) noexcept {
  if (frame().selects_at != 0) strict_order_ = false;
  const Selection outer = frame().outer;
  const uint8_t left = layer_;
  if (--depth_ == 0) return;
  layer_ = frame().layer;
  if (outer.list != 0 || failed || layer_ != left) selection_ = outer;
  frame().entered_failed = failed;
  frame().entered_for_one = outer.list == 0;
  ++frame().phase;
}

}  // namespace tailor::processor
