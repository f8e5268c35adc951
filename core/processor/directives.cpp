// SPDX-License-Identifier: Apache-2.0
// Directives that move content (manifest 8.4.10.4 to 8.4.10.7, 8.4.10.9). Each asks for the signer's right before
// anything is erased; the content is checked by image-match afterwards, read back from where it was written.
#include "core/processor/commands.hpp"
#include "core/processor/stored_envelope.hpp"

namespace tailor::processor {

using namespace suit;  // command:: and parameter:: labels

namespace {

#if TAILOR_SUIT_DEPENDENCIES
/// Takes an integrated payload of a dependency from the component that holds the dependency.
Step fetch_integrated(Machine& machine, std::string_view uri) noexcept {
  const Layer& dependency = machine.layer();
  Component& envelope = machine.component_of(machine.layer(dependency.parent).nodes[dependency.index]);
  StoredMember payload;
  TAILOR_TRY(find_member(envelope, 0, uri, payload));
  return machine.take_content(command::kFetch, {&envelope, nullptr, payload.content, payload.size});
}
#endif

}  // namespace

Step fetch(Machine& machine, cbor::Reader&) {
  const std::string_view uri = as_text(machine.string_parameter(parameter::kUri));
  if (uri.empty()) return Error::kParameterMissing;
#if TAILOR_SUIT_ENCRYPTION
  // Decrypting is defined for write and copy (firmware-encryption 5.1, 5.2); what a fetch would write is no plaintext.
  if (machine.has(parameter::kEncryptionInfo)) return Error::kCommandNotAllowed;
#endif
#if TAILOR_SUIT_DEPENDENCIES
  if (machine.layer_number() != 0 && uri[0] == '#') return fetch_integrated(machine, uri);
#endif
  PayloadSource& payloads = machine.seams().payloads;
  if (!machine.content_is_open()) {
    if (machine.has(parameter::kFetchArguments)) {
      TAILOR_TRY(payloads.use_arguments(uri, machine.string_parameter(parameter::kFetchArguments)));
    }
    TAILOR_TRY(machine.note_access(1U << machine.node(), 0));
    TAILOR_TRY(machine.open_content(command::kFetch));
  }
  machine.awaits_payload = true;
  while (!machine.content_is_complete()) {
    TAILOR_TRY_ASSIGN(const PayloadSource::Piece piece, payloads.read(uri, machine.content_offset()));
    if (piece.bytes.empty() && !piece.end) return Step::kWait;
    TAILOR_TRY(machine.append_content(piece.bytes));
    if (piece.end) break;
  }
  machine.awaits_payload = false;
  return machine.finish_content();
}

#if TAILOR_SUIT_COPY
Step copy(Machine& machine, cbor::Reader&) {
  uint8_t source = 0;
  TAILOR_TRY(machine.source_parameter(source));
  TAILOR_TRY(machine.note_access(1U << machine.node(), 1U << source));
  TAILOR_TRY(machine.check_permitted(source, Action::Kind::kRead, command::kCopy));
  return machine.take_content(command::kCopy, {&machine.component_of(source)});
}
#endif

#if TAILOR_SUIT_WRITE
Step write(Machine& machine, cbor::Reader&) {
  if (!machine.has(parameter::kContent)) return Error::kParameterMissing;
  const ByteView content = machine.string_parameter(parameter::kContent);
  return machine.take_content(command::kWrite, {nullptr, content.data(), 0, static_cast<uint32_t>(content.size())});
}
#endif

#if TAILOR_SUIT_SWAP
// Both components change, so the right to both is asked for.
Step swap(Machine& machine, cbor::Reader&) {
  uint8_t source = 0;
  TAILOR_TRY(machine.source_parameter(source));
  TAILOR_TRY(machine.note_access(1U << machine.node(), 1U << source));
  TAILOR_TRY(machine.check_may_change(machine.node(), command::kSwap));
  TAILOR_TRY(machine.check_may_change(source, command::kSwap));
  return machine.component().swap(machine.component_of(source));
}
#endif

Step invoke(Machine& machine, cbor::Reader&) {
  return machine.seams().platform.invoke(machine.component(), machine.string_parameter(parameter::kInvokeArguments));
}

}  // namespace tailor::processor
