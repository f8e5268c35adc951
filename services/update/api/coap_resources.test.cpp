// SPDX-License-Identifier: Apache-2.0
// The resources for devices over the CoAP engine and a link that loses, duplicates and reorders: no sockets, no DTLS.
#include "services/update/api/coap_resources.hpp"

#include "core/coap/endpoint.hpp"
#include "net/coap/heap_memory.hpp"
#include "services/update/testing/updates_test.hpp"
#include "testing/lossy_link.hpp"

namespace tailor::update_server {
namespace {

using coap::Code;
using testing::EnvelopeSpec;
using testing::kTenant;
using testing::need;

/// One end of an association: an endpoint as a party of the link.
class Node final : public tailor::testing::Party, private coap::DatagramSink {
 public:
  Node(tailor::testing::LossyLink& link, std::span<const coap::Resource> resources, const coap::Peer& peer,
       uint8_t max_szx)
      : link_(link),
        scratch_(coap::message_bytes(max_szx)),
        environment_{memory_, scratch_, resources, max_szx, {}},
        endpoint_(environment_, storage_.slots(), *this, peer, 7),
        address_(link.join(*this)) {}
  void talks_to(const Node& other) { other_ = other.address_; }
  coap::Endpoint& endpoint() { return endpoint_; }

  void on_datagram(size_t, ByteView datagram, MonotonicMs now) override { endpoint_.on_datagram(datagram, now); }
  void tick(MonotonicMs now) override { endpoint_.tick(now); }
  [[nodiscard]] MonotonicMs next_deadline() const override { return endpoint_.next_deadline(); }

 private:
  void send(ByteView datagram) noexcept override { link_.send(address_, other_, datagram); }

  tailor::testing::LossyLink& link_;
  net::HeapMemory memory_{1U << 20U};
  Bytes scratch_;
  coap::Environment environment_;
  coap::EndpointStorage<2, 4, 2, 16> storage_;
  coap::Endpoint endpoint_;
  size_t address_;
  size_t other_ = 0;
};

/// A response as the device sees it.
class Collector final : public coap::ClientHandler {
 public:
  explicit Collector(Bytes to_send = {}) : request_body(std::move(to_send)) {}
  Result<size_t> read_body(uint32_t offset, MutableBytes out) noexcept override {
    std::copy_n(request_body.begin() + offset, out.size(), out.begin());
    return out.size();
  }
  Status on_response(const coap::ClientResponse& response) noexcept override {
    if (response.offset == 0) body.clear();
    code = response.code;
    content_format = response.content_format;
    etag.assign(response.etag.begin(), response.etag.end());
    body.insert(body.end(), response.payload.begin(), response.payload.end());
    options.assign(response.options.begin(), response.options.end());
    if (response.last) ++complete;
    return kOk;
  }
  void on_failure(Error error) noexcept override { failure = error; }

  Bytes request_body, body, etag, options;
  Code code = Code::kEmpty;
  uint16_t content_format = 0;
  int complete = 0;
  std::optional<Error> failure;
};

class CoapResourcesTest : public testing::UpdatesTest {
 protected:
  void SetUp() override {
    UpdatesTest::SetUp();
    if (IsSkipped()) return;
    resources_ = std::make_unique<CoapResources>(backend_->updates);
    connect({.tenant = kTenant, .role = coap::PeerRole::kDevice, .id = device_.id}, resources_->secured());
  }
  /// Opens an association; small blocks make many of them.
  void connect(const coap::Peer& peer, std::span<const coap::Resource> resources, uint8_t max_szx = 2) {
    const auto make = [&](std::span<const coap::Resource> table, const coap::Peer& who) {
      return nodes_.emplace_back(std::make_unique<Node>(link_, table, who, max_szx)).get();
    };
    device_node_ = make({}, {});
    server_node_ = make(resources, peer);
    device_node_->talks_to(*server_node_);
    server_node_->talks_to(*device_node_);
  }
  /// Asks, and as a device does after a timeout: asks again, and for the rest of what it has the beginning of.
  Collector ask(Code method, const std::string& uri, const Bytes& body = {},
                uint16_t content_format = coap::format::kNone, ByteView etag = {}) {
    Collector collector(body);
    const Bytes validated(etag.begin(), etag.end());
    for (int tries = 0; tries < 20; ++tries) {
      coap::RequestSpec spec;
      spec.method = method;
      spec.uri = uri;
      spec.content_format = content_format;
      spec.body_bytes = static_cast<uint32_t>(body.size());
      spec.response_offset = static_cast<uint32_t>(collector.body.size());
      const Bytes part_of = collector.etag;
      spec.etag = spec.response_offset != 0 ? ByteView(part_of) : ByteView(validated);
      collector.failure.reset();
      EXPECT_TRUE(device_node_->endpoint().request(spec, collector, link_.now()).ok());
      EXPECT_TRUE(link_.run_until([&] { return collector.complete > 0 || collector.failure.has_value(); }, 3'600'000));
      if (collector.complete > 0 || collector.failure != Error::kTimeout) break;
      ++timeouts_;
    }
    return collector;
  }
  Collector registers(const Device& device) {
    return ask(Code::kPost, "/reg", testing::registration_message(device), coap::format::kRegistration);
  }
  std::string diagnosis(const Collector& collector) { return std::string(as_text(collector.body)); }

  const Device device_ = testing::device(1);
  int timeouts_ = 0;
  tailor::testing::LossyLink link_{42};
  std::unique_ptr<CoapResources> resources_;
  std::vector<std::unique_ptr<Node>> nodes_;  ///< the link knows them all, those of earlier associations too
  Node* device_node_ = nullptr;
  Node* server_node_ = nullptr;
};
TAILOR_STORE_TEST(CoapResourcesTest);

TEST_P(CoapResourcesTest, FromRegistrationToReportAtThirtyPercentLoss) {
  link_.set_faults({.loss_percent = 30, .duplicate_percent = 10, .min_delay_ms = 5, .max_delay_ms = 400});
  const Collector registered = registers(device_);
  EXPECT_EQ(registered.code, Code::kCreated);
  const coap::OptionList location(registered.options, coap::Option::kLocationPath);
  EXPECT_TRUE(location.matches("reg/" + uuid_text(device_.id)));
  Device moved = device_;
  moved.components[0].version = "1.1";
  EXPECT_EQ(ask(Code::kPut, "/reg/" + uuid_text(device_.id), testing::registration_message(moved),
                coap::format::kRegistration)
                .code,
            Code::kChanged);
  EXPECT_EQ(need(backend_->updates.find_device(kTenant, device_.id)).device.main_component()->version, "1.1");

  const Collector nothing = ask(Code::kGet, "/update");
  EXPECT_EQ(nothing.code, Code::kContent);
  EXPECT_TRUE(nothing.body.empty());

  const EnvelopeSpec spec{.image = Bytes(3000, 0x5B)};
  NewDeployment wanted;
  wanted.devices = {device_.id};
  const Uuid deployment = need(backend_->deploys(spec, wanted)).item.deployment.id;
  const Collector update = ask(Code::kGet, "/update");
  EXPECT_EQ(update.content_format, coap::format::kSuitEnvelope);
  EXPECT_EQ(update.etag.size(), 8U);
  const ManifestFacts facts = need(read_envelope(update.body, backend_->signers));
  EXPECT_EQ(ask(Code::kGet, "/update", {}, coap::format::kNone, update.etag).code, Code::kValid);
  EXPECT_EQ(ask(Code::kGet, facts.payloads.at(0).uri).body, spec.image);
  const Collector reported =
      ask(Code::kPost, "/report",
          testing::report_message(device_, 1, facts.digest, UpdateState::kRefused, Error::kImageDigestMismatch),
          coap::format::kReport);
  EXPECT_EQ(reported.code, Code::kChanged) << diagnosis(reported);
  const Target target = need(backend_->updates.list_targets(kTenant, deployment, std::nullopt, 9)).at(0);
  EXPECT_EQ(target.progress, (Progressed{UpdateState::kRefused, Error::kImageDigestMismatch}));
  EXPECT_EQ(ask(Code::kDelete, "/reg/" + uuid_text(device_.id)).code, Code::kDeleted);
  EXPECT_GT(link_.counters().lost, 20U);
  EXPECT_GT(timeouts_, 0) << "at this loss some transfers must have been resumed";
}

TEST_P(CoapResourcesTest, AHeldUpdateSaysSoUntilItsTrigger) {
  EXPECT_EQ(registers(device_).code, Code::kCreated);
  NewDeployment wanted;
  wanted.devices = {device_.id};
  wanted.hold = true;
  const Uuid id = need(backend_->deploys({}, wanted)).item.deployment.id;
  const auto held = [](const Collector& answer) {
    return coap::find_option(answer.options, coap::Option::kHold).is(coap::Option::kHold);
  };
  const Collector offer = ask(Code::kGet, "/update");
  EXPECT_FALSE(offer.body.empty());
  EXPECT_TRUE(held(offer));
  const Collector same = ask(Code::kGet, "/update", {}, coap::format::kNone, offer.etag);
  EXPECT_EQ(same.code, Code::kValid);
  EXPECT_TRUE(held(same));
  need(backend_->updates.trigger(testing::kOperator, id));
  const Collector released = ask(Code::kGet, "/update", {}, coap::format::kNone, offer.etag);
  EXPECT_EQ(released.code, Code::kValid);
  EXPECT_FALSE(held(released));
  EXPECT_FALSE(held(ask(Code::kGet, "/update")));
}

TEST_P(CoapResourcesTest, ObserversHearOfANewUpdate) {
  EXPECT_EQ(registers(device_).code, Code::kCreated);
  Collector observer;
  coap::RequestSpec spec;
  spec.uri = "/update";
  spec.observe = true;
  ASSERT_TRUE(device_node_->endpoint().request(spec, observer, link_.now()).ok());
  ASSERT_TRUE(link_.run_until([&] { return observer.complete == 1; }, 60'000));
  EXPECT_TRUE(observer.body.empty());
  NewDeployment wanted;
  wanted.devices = {device_.id};
  wanted.mode = DeliveryMode::kHybrid;
  need(backend_->deploys({}, wanted));
  server_node_->endpoint().notify(resources_->update());
  ASSERT_TRUE(link_.run_until([&] { return observer.complete == 2; }, 60'000));
  EXPECT_TRUE(read_envelope(observer.body, backend_->signers).ok());
}

TEST_P(CoapResourcesTest, RefusalsNameTheError) {
  EXPECT_EQ(registers(device_).code, Code::kCreated);
  const std::string own = "/reg/" + uuid_text(device_.id);
  const Bytes registration = testing::registration_message(device_);
  const Bytes others = testing::registration_message(testing::device(2));
  const Bytes report = testing::report_message(testing::device(2), 1, {}, UpdateState::kOffered, std::nullopt);
  struct Row {
    const char* name;
    Code method;
    std::string uri;
    Bytes body;
    uint16_t content_format;
    Code expected;
    const char* says;
  };
  const uint16_t reg = coap::format::kRegistration;
  const Row rows[] = {
      {"registration of another", Code::kPost, "/reg", others, reg, Code::kConflict, "DeviceMismatch"},
      {"at another's place", Code::kPut, "/reg/" + uuid_text(testing::id_of(2)), registration, reg, Code::kConflict,
       "DeviceMismatch"},
      {"delete another's",
       Code::kDelete,
       "/reg/" + uuid_text(testing::id_of(2)),
       {},
       coap::format::kNone,
       Code::kConflict,
       "DeviceMismatch"},
      {"no CBOR", Code::kPost, "/reg", Bytes(5, 0xFF), reg, Code::kBadRequest, ""},
      {"no body", Code::kPost, "/reg", {}, reg, Code::kBadRequest, "Truncated"},
      {"another format", Code::kPost, "/reg", registration, coap::format::kCbor, Code::kUnsupportedContentFormat, ""},
      {"too long", Code::kPost, "/reg", Bytes(kDeviceMessageBytes + 1, 0), reg, Code::kRequestEntityTooLarge, ""},
      {"report of another", Code::kPost, "/report", report, coap::format::kReport, Code::kConflict, "DeviceMismatch"},
      {"wrong method", Code::kDelete, "/update", {}, coap::format::kNone, Code::kMethodNotAllowed, ""},
      {"no such image",
       Code::kGet,
       "/img/" + to_base64url(testing::digest_of_byte(1)),
       {},
       coap::format::kNone,
       Code::kNotFound,
       "NotFound"},
      {"no digest", Code::kGet, "/img/x", {}, coap::format::kNone, Code::kNotFound, "NotFound"},
      {"no such resource", Code::kGet, "/nothing", {}, coap::format::kNone, Code::kNotFound, ""},
  };
  for (const Row& row : rows) {
    const Collector answer = ask(row.method, row.uri, row.body, row.content_format);
    EXPECT_EQ(answer.code, row.expected) << row.name << ": " << diagnosis(answer);
    EXPECT_TRUE(diagnosis(answer).starts_with(row.says)) << row.name << ": " << diagnosis(answer);
  }
  EXPECT_EQ(ask(Code::kPut, own, registration, reg).code, Code::kChanged) << "it still works";
  need(backend_->updates.retire_device(testing::kOperator, device_.id));
  EXPECT_TRUE(diagnosis(ask(Code::kGet, "/update")).starts_with("DeviceRetired"));
}

TEST_P(CoapResourcesTest, RolesAndStrangers) {
  const std::pair<coap::PeerRole, const char*> rows[] = {{coap::PeerRole::kOperator, "RoleNotPermitted"},
                                                         {coap::PeerRole::kUpdateServer, "RoleNotPermitted"},
                                                         {coap::PeerRole::kNone, "NotAuthenticated"}};
  for (const auto& [role, error] : rows) {
    connect({.tenant = kTenant, .role = role, .id = device_.id}, resources_->secured(), 6);
    EXPECT_TRUE(diagnosis(registers(device_)).starts_with(error));
    EXPECT_TRUE(diagnosis(ask(Code::kGet, "/update")).starts_with(error));
  }
  connect({.tenant = kTenant, .role = coap::PeerRole::kDevice, .id = testing::id_of(9)}, resources_->secured(), 6);
  EXPECT_TRUE(diagnosis(ask(Code::kGet, "/update")).starts_with("NotFound")) << "not registered";
}

TEST_P(CoapResourcesTest, ImagesOfATenantAndImagesForAnybody) {
  const Bytes image(2000, 8);
  need(backend_->uploads_image(image));
  const std::string uri = testing::image_uri(image);
  EXPECT_EQ(ask(Code::kGet, uri).body, image);
  connect({.tenant = "other", .role = coap::PeerRole::kDevice, .id = device_.id}, resources_->secured());
  EXPECT_EQ(ask(Code::kGet, uri).code, Code::kNotFound);
  connect({}, resources_->plain());
  EXPECT_EQ(ask(Code::kGet, uri).body, image);
  EXPECT_EQ(ask(Code::kGet, "/update").code, Code::kNotFound);
}

TEST_P(CoapResourcesTest, TellsWhatThereIs) {
  const std::string links = diagnosis(ask(Code::kGet, "/.well-known/core"));
  for (const char* link : {"</update>;rt=\"tailor.update\"", "</reg>;rt=\"tailor.reg\"", "</report>", "obs"}) {
    EXPECT_NE(links.find(link), std::string::npos) << links;
  }
  EXPECT_NE(resources_->metrics().find("kind=\"poll\"} 0"), std::string::npos);
}

}  // namespace
}  // namespace tailor::update_server
