// SPDX-License-Identifier: Apache-2.0
// One block, computed from its request.
#include "core/coap/stateless.hpp"

#include <algorithm>

#include "core/coap/message.hpp"
#include "core/coap/parsed_options.hpp"

namespace tailor::coap {
namespace {

bool any_etag_is(ByteView options, ByteView etag) {
  OptionReader reader(options);
  OptionView option;
  while (reader.next(option)) {
    if (option.is(Option::kETag) && equal(option.value, etag)) return true;
  }
  return false;
}

}  // namespace

Result<ByteView> answer_immutable(ByteView datagram, std::string_view folder, const ImmutableStore& store,
                                  uint8_t max_szx, MutableBytes out) noexcept {
  const Result<Message> decoded = decode(datagram);
  if (!decoded.ok()) return Error::kNotFound;
  const Message& request = decoded.value();
  const OptionList path(request.options, Option::kUriPath);
  if (request.type != Type::kConfirmable || request.code != Code::kGet || path.at(0) != folder || path.count() != 2) {
    return Error::kNotFound;
  }
  const Result<ParsedOptions> read = ParsedOptions::read(request.options, true);
  if (!read.ok() || read.value().proxy) return Error::kNotFound;
  const ParsedOptions& options = read.value();
  TAILOR_TRY_ASSIGN(const ImmutableObject object, store.find(path.at(1)));
  if (options.accept != format::kNone && options.accept != object.content_format) return Error::kNotFound;

  MessageWriter writer(out);
  if (any_etag_is(request.options, object.etag)) {
    writer.header(Type::kAcknowledgement, Code::kValid, request.message_id, request.token);
    writer.option(Option::kETag, object.etag);
    return writer.finish();
  }
  const uint8_t szx = std::min(max_szx, options.has_block2 ? options.block2.szx : Block::kMaxSzx);
  const size_t size = size_t{16} << szx;
  const size_t offset = options.has_block2 ? options.block2.offset() : 0;
  const size_t total = object.body.size();
  if (offset > 0 && offset >= total) return Error::kNotFound;
  const size_t piece = std::min(size, total - offset);
  writer.header(Type::kAcknowledgement, Code::kContent, request.message_id, request.token);
  writer.option(Option::kETag, object.etag);
  writer.option_uint(Option::kContentFormat, object.content_format);
  if (options.has_block2 || total > size) {
    const Block block{static_cast<uint32_t>(offset >> (szx + 4U)), offset + piece < total, szx};
    writer.option_uint(Option::kBlock2, block.value());
    writer.option_uint(Option::kSize2, static_cast<uint32_t>(total));
  }
  writer.payload(object.body.subspan(offset, piece));
  return writer.finish();
}

}  // namespace tailor::coap
