// SPDX-License-Identifier: Apache-2.0
// Directives that move content (manifest 8.4.10.4 to 8.4.10.7). Each asks for the signer's right before anything is
// erased; the content is checked by image-match afterwards, read back from where it was written.
#include "core/processor/commands.hpp"

namespace tailor::processor {
namespace {

constexpr size_t kCopyPieceBytes = 128;

}  // namespace

Result<Step> fetch(Machine& machine, cbor::Reader&) {
  const ByteView uri = machine.string_parameter(suit::parameter::kUri);
  if (uri.empty()) return Error::kParameterMissing;
  TAILOR_TRY(machine.open_content());
  machine.awaited_uri = as_text(uri);
  while (!machine.content_is_complete()) {
    TAILOR_TRY_ASSIGN(const PayloadSource::Piece piece,
                      machine.seams().payloads.read(machine.awaited_uri, machine.content_offset()));
    if (piece.bytes.empty() && !piece.end) return Step::kWait;
    TAILOR_TRY(machine.append_content(piece.bytes));
    if (piece.end) break;
  }
  machine.awaited_uri = {};
  TAILOR_TRY(machine.finish_content());
  return Step::kNext;
}

Result<Step> copy(Machine& machine, cbor::Reader&) {
  cbor::Reader parameter = machine.parameter(suit::parameter::kSourceComponent);
  if (parameter.at_end()) return Error::kParameterMissing;
  TAILOR_TRY_ASSIGN(const uint64_t index, parameter.take_unsigned());
  TAILOR_TRY_ASSIGN(Component* const source, machine.component_at(index));
  if (source == &machine.component()) return Error::kComponentIndexInvalid;
  TAILOR_TRY(machine.open_content());
  std::array<uint8_t, kCopyPieceBytes> piece;
  for (;;) {
    TAILOR_TRY_ASSIGN(const size_t size, source->read(machine.content_offset(), piece));
    TAILOR_TRY(machine.append_content(ByteView(piece).first(size)));
    if (size < piece.size()) break;
  }
  TAILOR_TRY(machine.finish_content());
  return Step::kNext;
}

Result<Step> write(Machine& machine, cbor::Reader&) {
  if (machine.parameter(suit::parameter::kContent).at_end()) return Error::kParameterMissing;
  const ByteView content = machine.string_parameter(suit::parameter::kContent);
  TAILOR_TRY(machine.open_content());
  if (machine.content_offset() > content.size()) return Error::kImageSizeMismatch;
  TAILOR_TRY(machine.append_content(content.subspan(machine.content_offset())));
  TAILOR_TRY(machine.finish_content());
  return Step::kNext;
}

Result<Step> invoke(Machine& machine, cbor::Reader&) {
  TAILOR_TRY(machine.seams().platform.invoke(machine.component(),
                                             machine.string_parameter(suit::parameter::kInvokeArguments)));
  return Step::kNext;
}

}  // namespace tailor::processor
