// SPDX-License-Identifier: Apache-2.0
// Any datagram: what decodes says no more than its bytes, and written again it decodes to the same. The stateless
// server answers it with a message that decodes, or not at all.
#include "core/coap/message.hpp"
#include "core/coap/stateless.hpp"

using namespace tailor;
struct OneImage final : coap::ImmutableStore {
  Result<coap::ImmutableObject> find(std::string_view) const noexcept override {
    return coap::ImmutableObject{body, ByteView{body}.first(4)};
  }
  std::array<uint8_t, 3000> body{};
};

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const OneImage image;
  static std::array<uint8_t, 70000> buffer;
  const auto answer = coap::answer_immutable({data, size}, "i", image, 6, buffer);
  if (answer.ok() && !coap::decode(*answer).ok()) __builtin_trap();
  const auto message = coap::decode({data, size});
  if (!message.ok()) return 0;
  coap::MessageWriter writer(buffer);
  writer.header(message->type, message->code, message->message_id, message->token);
  coap::OptionReader options(message->options);
  for (coap::OptionView o; options.next(o);) writer.option(static_cast<coap::Option>(o.number), o.value);
  writer.payload(message->payload);
  const auto again = coap::decode(writer.finish().value());
  if (!again.ok() || !equal(again->payload, message->payload) || writer.finish()->size() > size) __builtin_trap();
  return 0;
}
