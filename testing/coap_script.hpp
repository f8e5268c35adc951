// SPDX-License-Identifier: Apache-2.0
// An endpoint under a script of octets: what fuzzing its state machine means. Any octets are a script; whatever they
// say, each message sent decodes, pieces of a response come in order, requests end once, and no memory is left behind.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "core/coap/endpoint.hpp"

namespace tailor::testing {

class CoapScript final : public coap::DatagramSink, public coap::ResourceHandler {
 public:
  CoapScript() { endpoint_.emplace(environment_, storage_.slots(), *this, coap::Peer{}, 7); }

  /// Runs step after step; each is {what, length, octets}.
  void run(ByteView script) {
    while (script.size() >= 2) {
      const unsigned what = script[0] & 15U;
      const size_t length = std::min<size_t>(script[1], script.size() - 2);
      step(what, script.subspan(2, length));
      script = script.subspan(2 + length);
    }
    endpoint_->close(Error::kSessionClosed);
    for (const Client& client : clients_) require(!client.busy);
    require(memory_.outstanding == 0);
    require(endpoint_->idle(now_) && endpoint_->next_deadline() == kNever);
  }

 private:
  struct Memory final : coap::MessageMemory {
    Result<MutableBytes> take(size_t bytes) noexcept override {
      if (outstanding + bytes > 2000) return Error::kAllocationFailed;
      outstanding += bytes;
      return MutableBytes{new uint8_t[bytes], bytes};
    }
    void give(MutableBytes memory) noexcept override {
      outstanding -= memory.size();
      delete[] memory.data();
    }
    size_t outstanding = 0;
  };
  struct Client final : coap::ClientHandler {
    Result<size_t> read_body(uint32_t offset, MutableBytes out) noexcept override {
      require(busy && offset + out.size() <= 100);
      std::fill(out.begin(), out.end(), uint8_t{1});
      return out.size();
    }
    Status on_response(const coap::ClientResponse& response) noexcept override {
      require(busy && (response.offset == next || response.offset == 0));
      next = response.last ? 0 : response.offset + static_cast<uint32_t>(response.payload.size());
      busy = !response.last || response.observed;
      return kOk;
    }
    void on_failure(Error) noexcept override {
      require(busy);
      busy = false;
    }
    bool busy = false;
    uint32_t next = 0;
  };

  static void require(bool holds) {
    if (!holds) __builtin_trap();
  }
  void send(ByteView datagram) noexcept override {
    require(coap::decode(datagram).ok());
    sent_.assign(datagram.begin(), datagram.end());
  }
  void handle(const coap::Request& request, coap::Response& response) noexcept override {
    require(request.offset == 0 || request.method != coap::Code::kGet);
    if (request.query.count() > 0) {
      const auto id = response.defer();
      if (!id.ok()) return response.fail(id.error());
      deferred_ = *id;
      return;
    }
    response.set_code(coap::Code::kContent);
    response.set_etag(ByteView{body_}.first(1 + body_[0] % 8));
    response.set_payload(body_, coap::format::kOctetStream);
  }

  void step(unsigned what, ByteView bytes) {
    if (what < 4) return endpoint_->on_datagram(bytes, now_);
    if (what < 8 && sent_.size() >= 4) {  // an answer to what was sent last: its message id, or its token, or both
      const size_t token = 4 + std::min<size_t>(sent_[0] & 15U, 8);
      std::vector<uint8_t> answer(sent_.begin(),
                                  sent_.begin() + static_cast<std::ptrdiff_t>(std::min(token, sent_.size())));
      if (bytes.size() < 2) return;
      answer[0] = static_cast<uint8_t>((answer[0] & 0x4fU) | (bytes[0] & 0x30U));
      answer[1] = bytes[1];
      if ((what & 1U) != 0) answer[3] = static_cast<uint8_t>(answer[3] + 1);
      answer.insert(answer.end(), bytes.begin() + 2, bytes.end());
      return endpoint_->on_datagram(answer, now_);
    }
    if (what == 8) return endpoint_->notify(table_[0]);
    if (what == 9) return finish();
    if (what == 10) body_.assign(std::max<size_t>(bytes.size(), 1) * 3, bytes.empty() ? uint8_t{0} : bytes[0]);
    if (what == 11) return advance(bytes.empty() ? 0 : bytes[0] * 100U);
    if (what >= 12) ask(what);
    advance(0);
  }
  void advance(MonotonicMs span) {
    now_ += span;
    for (int i = 0; i < 64 && endpoint_->next_deadline() <= now_; ++i) endpoint_->tick(now_);
    require(endpoint_->next_deadline() > now_);
  }
  void ask(unsigned what) {
    Client& client = clients_[what & 3U];
    if (client.busy) return;
    client.next = 0;
    coap::RequestSpec spec;
    spec.uri = "/r";
    spec.observe = what == 13;
    spec.confirmable = what != 14;
    if (what == 15) {
      spec.method = coap::Code::kPut;
      spec.body_bytes = 100;
    }
    client.busy = endpoint_->request(spec, client, now_).ok();
  }
  void finish() {
    auto response = endpoint_->begin_response(deferred_);
    if (!response.ok()) return;
    response->set_code(coap::Code::kContent);
    response->set_payload(body_, coap::format::kOctetStream);
    const Status status = endpoint_->finish_response(deferred_, *response, now_);
    require(status.ok() || describe(status.error()).error_class != ErrorClass::kMalformed);
  }

  Memory memory_;
  std::array<uint8_t, coap::message_bytes(1)> scratch_{};
  std::array<coap::Resource, 2> table_{
      {{.path = "r", .methods = 0xfe, .handler = this, .max_body_bytes = 500, .observable = true},
       {.path = "w/*", .methods = coap::kAllowGet, .handler = this, .produces = coap::format::kOctetStream}}};
  coap::Environment environment_{memory_, scratch_, table_, 1};
  coap::EndpointStorage<3, 2, 2, 3> storage_;
  std::optional<coap::Endpoint> endpoint_;
  std::array<Client, 4> clients_;
  std::vector<uint8_t> body_ = std::vector<uint8_t>(50, 1);
  std::vector<uint8_t> sent_;
  coap::ExchangeId deferred_;
  MonotonicMs now_ = 1000;
};

}  // namespace tailor::testing
