// SPDX-License-Identifier: Apache-2.0
// What the endpoint's tests speak: nodes on a lossy link with resources that remember what was done to them, clients
// that collect bodies and insist on their order, and raw peers that say exactly the bytes of a test.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/coap/endpoint.hpp"
#include "testing/lossy_link.hpp"

namespace tailor::coap {

/// `size` bytes that differ from block to block and from seed to seed.
inline std::vector<uint8_t> body_of(size_t size, uint32_t seed = 1) {
  std::vector<uint8_t> body(size);
  uint32_t state = seed * 2654435761U + 1;
  for (uint8_t& byte : body) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<uint8_t>(state >> 24U);
  }
  return body;
}

/// Memory with a limit, which notices a leak or a foreign pointer.
class CountingMemory final : public MessageMemory {
 public:
  ~CountingMemory() { EXPECT_TRUE(blocks_.empty()) << "an endpoint kept memory"; }
  Result<MutableBytes> take(size_t bytes) noexcept override {
    if (takes_until_failure == 0 || used + bytes > limit) return Error::kAllocationFailed;
    --takes_until_failure;
    used += bytes;
    blocks_.push_back(std::make_unique<std::vector<uint8_t>>(bytes));
    return MutableBytes{*blocks_.back()};
  }
  void give(MutableBytes memory) noexcept override {
    for (size_t i = 0; i < blocks_.size(); ++i) {
      if (blocks_[i]->data() != memory.data()) continue;
      EXPECT_EQ(blocks_[i]->size(), memory.size());
      used -= memory.size();
      blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(i));
      return;
    }
    ADD_FAILURE() << "memory given back twice or never taken";
  }
  size_t used = 0;
  size_t limit = SIZE_MAX;
  size_t takes_until_failure = SIZE_MAX;

 private:
  std::vector<std::unique_ptr<std::vector<uint8_t>>> blocks_;
};

/// Collects a response body; insists that pieces come in order.
class Collector final : public ClientHandler {
 public:
  Result<size_t> read_body(uint32_t offset, MutableBytes out) noexcept override {
    EXPECT_LE(offset + out.size(), request_body.size());
    std::copy_n(request_body.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
    ++reads;
    return out.size();
  }
  Status on_response(const ClientResponse& response) noexcept override {
    EXPECT_FALSE(ended());
    if (response.offset == 0 || body.empty()) {
      body.clear();
      first_offset = response.offset;
    }
    EXPECT_EQ(response.offset, first_offset + body.size());
    code = response.code;
    content_format = response.content_format;
    etag.assign(response.etag.begin(), response.etag.end());
    max_age_s = response.max_age_s;
    if (response.total_bytes != kUnknownSize) total_bytes = response.total_bytes;
    body.insert(body.end(), response.payload.begin(), response.payload.end());
    options.assign(response.options.begin(), response.options.end());
    observed = response.observed;
    ++pieces;
    if (pieces == refuse_piece) return Error::kStorageFull;
    if (response.last) {
      bodies.push_back(body);
      done = !response.observed;
    }
    return kOk;
  }
  void on_failure(Error error) noexcept override {
    EXPECT_FALSE(failure.has_value());
    failure = error;
  }
  [[nodiscard]] bool ended() const { return done || failure.has_value(); }
  [[nodiscard]] std::string text() const { return {body.begin(), body.end()}; }

  std::vector<uint8_t> request_body;
  std::vector<uint8_t> body;
  std::vector<std::vector<uint8_t>> bodies;
  std::vector<uint8_t> etag;
  std::vector<uint8_t> options;
  std::optional<Error> failure;
  Code code = Code::kEmpty;
  uint16_t content_format = format::kNone;
  uint32_t first_offset = 0;
  uint32_t total_bytes = kUnknownSize;
  uint32_t max_age_s = 0;
  size_t pieces = 0;
  size_t reads = 0;
  size_t refuse_piece = SIZE_MAX;
  bool observed = false;
  bool done = false;
};

/// A body in memory that is read in pieces and counts its releases.
class MemorySource final : public BodySource {
 public:
  Result<size_t> read(uint32_t offset, MutableBytes out) noexcept override {
    const size_t count = offset < body.size() ? std::min(out.size(), body.size() - offset) : 0;
    std::copy_n(body.begin() + static_cast<std::ptrdiff_t>(offset), count, out.begin());
    return count;
  }
  void release() noexcept override { ++released; }
  std::vector<uint8_t> body;
  size_t released = 0;
};

/// A resource whose content tests set, and which remembers what was sent to it.
class Shelf final : public ResourceHandler {
 public:
  void handle(const Request& request, Response& response) noexcept override {
    ++calls;
    last_path = std::string(request.path.at(1));
    last_query = std::string(request.query.at(0));
    if (defer_next) {
      const Result<ExchangeId> deferral = response.defer();
      if (!deferral.ok()) return response.fail(deferral.error());
      deferred = deferral.value();
      return;
    }
    if (answer_error) return response.fail(*answer_error, "as the test says");
    if (request.method == Code::kGet) return give(request, response);
    if (request.offset == 0) received.clear();
    EXPECT_EQ(request.offset, received.size());
    received.insert(received.end(), request.payload.begin(), request.payload.end());
    if (!request.last) return response.set_code(Code::kChanged);
    bodies.push_back(received);
    answer_write(response);
  }
  void answer_write(Response& response) const {
    response.set_code(write_code);
    if (!location.empty()) response.set_location(location);
    if (!write_response.empty()) response.set_payload(write_response, format::kOctetStream);
  }
  void give(const Request& request, Response& response) {
    if (!etag.empty()) response.set_etag(etag);
    if (!etag.empty() && equal(request.etag, etag)) return response.set_code(Code::kValid);
    response.set_code(Code::kContent);
    if (max_age_s) response.set_max_age(*max_age_s);
    if (source != nullptr) {
      response.set_body(*source, static_cast<uint32_t>(source->body.size()), content_format);
    } else {
      response.set_payload(content, content_format);
    }
  }
  uint32_t resume_offset(const Request&) noexcept override { return static_cast<uint32_t>(received.size()); }
  void abandoned(const Resource&, Peer&) noexcept override { ++abandonments; }

  std::vector<uint8_t> content;
  std::vector<uint8_t> etag;
  std::optional<uint32_t> max_age_s;
  uint16_t content_format = format::kOctetStream;
  MemorySource* source = nullptr;
  std::vector<uint8_t> received;
  std::vector<std::vector<uint8_t>> bodies;
  std::vector<uint8_t> write_response;
  std::string location;
  std::string last_path;
  std::string last_query;
  Code write_code = Code::kChanged;
  std::optional<Error> answer_error;
  bool defer_next = false;
  std::optional<ExchangeId> deferred;
  size_t calls = 0;
  size_t abandonments = 0;
};

/// An endpoint on the link, with one shelf of each kind.
struct NodeSetup {
  uint8_t max_szx = 6;
  Transmission transmission{};
  uint64_t seed = 1;
};

class Node final : public testing::Party, public DatagramSink {
 public:
  Node(testing::LossyLink& link, size_t other, NodeSetup setup = {})
      : table{{{.path = "shelf",
                .methods = kAllowGet | kAllowPut | kAllowPost,
                .handler = &shelf,
                .type = "test.shelf"},
               {.path = "limited",
                .methods = kAllowPut,
                .handler = &shelf,
                .accepts = format::kOctetStream,
                .max_body_bytes = 600},
               {.path = "img/*", .methods = kAllowGet, .handler = &shelf, .produces = format::kOctetStream},
               {.path = "state", .methods = kAllowGet, .handler = &shelf, .observable = true},
               {.path = "gossip",
                .methods = kAllowGet,
                .handler = &shelf,
                .observable = true,
                .unconfirmed_notifications = true,
                .hidden = true}}},
        scratch(message_bytes(setup.max_szx)),
        environment{memory, scratch, table, setup.max_szx, setup.transmission},
        link_(link),
        other_(other),
        address_(link.join(*this)) {
    endpoint.emplace(environment, storage.slots(), *this, Peer{.context = this}, setup.seed);
  }
  void send(ByteView datagram) noexcept override { link_.send(address_, other_, datagram); }
  void on_datagram(size_t, ByteView datagram, MonotonicMs now) override { endpoint->on_datagram(datagram, now); }
  void tick(MonotonicMs now) override { endpoint->tick(now); }
  [[nodiscard]] MonotonicMs next_deadline() const override { return endpoint->next_deadline(); }

  ExchangeId ask(const RequestSpec& spec, ClientHandler& handler) {
    return endpoint->request(spec, handler, link_.now()).value();
  }
  [[nodiscard]] const Resource& observable() const { return table[3]; }
  [[nodiscard]] const Resource& gossip() const { return table[4]; }

  CountingMemory memory;
  Shelf shelf;
  std::array<Resource, 5> table;
  std::vector<uint8_t> scratch;
  Environment environment;
  EndpointStorage<3, 3, 2, 4> storage;
  std::optional<Endpoint> endpoint;

 private:
  testing::LossyLink& link_;
  size_t other_;
  size_t address_;
};

/// A peer that says what the test says and keeps what it hears.
class RawPeer final : public testing::Party {
 public:
  explicit RawPeer(testing::LossyLink& link) : link_(link), address_(link.join(*this)) {}
  void on_datagram(size_t, ByteView datagram, MonotonicMs now) override {
    heard.emplace_back(datagram.begin(), datagram.end());
    heard_at.push_back(now);
  }
  void tick(MonotonicMs) override {}
  [[nodiscard]] MonotonicMs next_deadline() const override { return kNever; }
  void say(ByteView datagram) { link_.send(address_, 1 - address_, datagram); }
  /// Says it and runs the link for a moment. @returns what came back, decoded; the views are of `heard`
  std::vector<Message> exchange(ByteView datagram) {
    const size_t before = heard.size();
    say(datagram);
    link_.run_for(100);
    return since(before);
  }
  std::vector<Message> since(size_t index) {
    std::vector<Message> messages;
    for (; index < heard.size(); ++index) messages.push_back(decode(heard[index]).value());
    return messages;
  }

  std::vector<std::vector<uint8_t>> heard;
  std::vector<MonotonicMs> heard_at;

 private:
  testing::LossyLink& link_;
  size_t address_;
};

}  // namespace tailor::coap
