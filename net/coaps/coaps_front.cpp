// SPDX-License-Identifier: Apache-2.0
#include "net/coaps/coaps_front.hpp"

#include <future>

#include "crypto_backends/psa/dtls/cookies.hpp"
#include "net/udp/socket.hpp"

namespace tailor::net {
namespace {

/// Carries an OwnedRequest to its end, and then itself.
class Carrier final : public coap::ClientHandler {
 public:
  Carrier(OwnedRequest request, CoapsFront::Done done) : request_(std::move(request)), done_(std::move(done)) {}

  static void start(CoapsEndpoint& endpoint, const Uuid& id, OwnedRequest request, CoapsFront::Done done,
                    MonotonicMs now) {
    auto carrier = std::make_unique<Carrier>(std::move(request), std::move(done));
    const OwnedRequest& what = carrier->request_;
    const auto sent = endpoint.request_device(id,
                                              {.method = what.method,
                                               .uri = what.uri,
                                               .content_format = what.content_format,
                                               .accept = what.accept,
                                               .body_bytes = what.body_bytes,
                                               .body_offset = what.body_offset},
                                              *carrier, now);
    if (!sent.ok()) {
      carrier->done_(fail(sent.error(), carrier->request_.uri));
      return;
    }
    static_cast<void>(carrier.release());  // on_response() or on_failure() ends it
  }

  [[nodiscard]] Result<size_t> read_body(uint32_t offset, MutableBytes out) noexcept override {
    if (!request_.read_body) return size_t{0};
    return request_.read_body(offset, out);
  }
  [[nodiscard]] Status on_response(const coap::ClientResponse& response) noexcept override {
    response_.code = response.code;
    response_.content_format = response.content_format;
    response_.etag.assign(response.etag.begin(), response.etag.end());
    if (response.offset == 0) response_.body.clear();
    if (response_.body.size() + response.payload.size() > request_.max_response_bytes) return Error::kBodyTooLarge;
    response_.body.insert(response_.body.end(), response.payload.begin(), response.payload.end());
    if (response.last && !response.observed) {
      const std::unique_ptr<Carrier> end{this};
      done_(std::move(response_));
    }
    return kOk;
  }
  void on_failure(Error error) noexcept override {
    const std::unique_ptr<Carrier> end{this};
    done_(fail(error, request_.uri));
  }

 private:
  OwnedRequest request_;
  CoapsFront::Done done_;
  OwnedResponse response_;
};

}  // namespace

/// One thread: its endpoint, behind the thread's socket.
class CoapsFront::Thread final : public DatagramHandler, private Outlet, private ConnectionEvents {
 public:
  Thread(CoapsFront& front, UdpThread& socket, CoapsOptions options)
      : front_(front),
        socket_(socket),
        endpoint_(std::move(options), front.policy_, static_cast<Outlet&>(*this),
                  static_cast<ConnectionEvents&>(*this)) {}

  [[nodiscard]] unsigned owner_of(const UdpAddress& /*from*/, ByteView datagram, unsigned here) noexcept override {
    return CoapsEndpoint::owner_of(datagram, here, socket_.count());
  }
  void on_datagram(const UdpAddress& from, ByteView datagram, MonotonicMs now) noexcept override {
    endpoint_.on_datagram(from, datagram, now);
  }
  void tick(MonotonicMs now) noexcept override { endpoint_.tick(now); }
  [[nodiscard]] MonotonicMs next_deadline() const noexcept override { return endpoint_.next_deadline(); }

  [[nodiscard]] CoapsEndpoint& endpoint() noexcept { return endpoint_; }

 private:
  void send(const UdpAddress& to, ByteView datagram) noexcept override { socket_.send(to, datagram); }
  void on_connected(ConnectionId connection, const coap::Peer& peer) noexcept override {
    front_.connected(socket_.index(), peer);
    front_.events_.on_connected(socket_.index(), connection, peer);
  }
  void on_disconnected(ConnectionId /*connection*/, const coap::Peer& peer, Error reason) noexcept override {
    if (front_.disconnected(socket_.index(), peer)) front_.events_.on_disconnected(peer, reason);
  }
  void on_refused(const UdpAddress& from, Error reason) noexcept override { front_.events_.on_refused(from, reason); }

  CoapsFront& front_;
  UdpThread& socket_;
  CoapsEndpoint endpoint_;
};

CoapsFront::CoapsFront(CoapsFrontConfig config, AccessPolicy& policy, FrontEvents& events)
    : config_(std::move(config)), policy_(policy), events_(events) {}

CoapsFront::~CoapsFront() {
  stop();
}

Outcome<std::unique_ptr<CoapsFront>> CoapsFront::open(CoapsFrontConfig config, AccessPolicy& policy,
                                                      FrontEvents& events) {
  std::unique_ptr<CoapsFront> made{new CoapsFront{std::move(config), policy, events}};
  auto udp = UdpFront::open({.bind = made->config_.bind, .threads = made->config_.threads});
  if (!udp.ok()) return udp.error();
  made->front_ = std::move(*udp);
  made->handlers_.resize(made->front_->threads());
  return made;
}

Outcome<void> CoapsFront::start() {
  config_.options.cookie_secret.resize(dtls::Cookies::kSecretBytes);
  if (const Status random = crypto::random(config_.options.cookie_secret); !random.ok()) {
    return fail(random.error(), "secret for cookies");
  }
  std::vector<std::promise<Status>> ready(threads());
  const auto make = [&](UdpThread& socket) -> std::unique_ptr<DatagramHandler> {
    CoapsOptions options = config_.options;
    options.thread = static_cast<uint8_t>(socket.index());
    if (config_.resources) options.resources = config_.resources(socket.index());
    auto handler = std::make_unique<Thread>(*this, socket, std::move(options));
    handlers_[socket.index()] = handler.get();
    ready[socket.index()].set_value(handler->endpoint().start());
    return handler;
  };
  if (auto started = front_->start(make); !started.ok()) return started;
  Outcome<void> outcome{kOk};
  for (std::promise<Status>& one : ready) {
    const Status status = one.get_future().get();
    if (!status.ok()) {
      stop();
      return fail(status.error(), "starting CoAP over DTLS");
    }
  }
  return outcome;
}

void CoapsFront::stop() noexcept {
  if (front_ != nullptr) front_->stop();
}

void CoapsFront::on_thread(unsigned thread, Work work) {
  front_->post(thread, [this, thread, work = std::move(work)] {
    const MonotonicMs now = monotonic_now();
    CoapsEndpoint& endpoint = handlers_[thread]->endpoint();
    work(endpoint, now);
    if (endpoint.next_deadline() <= now) endpoint.tick(now);
  });
}

void CoapsFront::on_each_thread(const Work& work) {
  for (unsigned thread = 0; thread < threads(); ++thread) on_thread(thread, work);
}

Outcome<void> CoapsFront::on_device_thread(const Uuid& id, Work work) {
  unsigned thread = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto found = devices_.find(id);
    if (found == devices_.end()) return fail(Error::kNotFound, "device has no session");
    thread = found->second;
  }
  on_thread(thread, std::move(work));
  return kOk;
}

void CoapsFront::request_device(const Uuid& id, OwnedRequest request, Done done) {
  auto carried = std::make_shared<std::pair<OwnedRequest, Done>>(std::move(request), std::move(done));
  const auto posted = on_device_thread(id, [id, carried](CoapsEndpoint& endpoint, MonotonicMs now) {
    Carrier::start(endpoint, id, std::move(carried->first), std::move(carried->second), now);
  });
  if (!posted.ok()) {
    on_thread(0, [carried, failure = posted.error()](CoapsEndpoint&, MonotonicMs) { carried->second(failure); });
  }
}

bool CoapsFront::has_device(const Uuid& id) const {
  const std::lock_guard lock(mutex_);
  return devices_.contains(id);
}

void CoapsFront::disconnect(const Uuid& id) {
  on_each_thread([id](CoapsEndpoint& endpoint, MonotonicMs now) { endpoint.disconnect(id, now); });
}

// A device that came back by another address may have landed on another thread: the older session is of no use to it.
void CoapsFront::connected(unsigned thread, const coap::Peer& peer) {
  if (peer.role != coap::PeerRole::kDevice) return;
  unsigned before = thread;
  {
    const std::lock_guard lock(mutex_);
    const auto [entry, is_new] = devices_.try_emplace(peer.id, thread);
    if (!is_new) before = std::exchange(entry->second, thread);
  }
  if (before != thread) {
    on_thread(before, [id = peer.id](CoapsEndpoint& endpoint, MonotonicMs) { endpoint.forget_device(id); });
  }
}

// False when the device has a newer session on another thread: then nobody has gone.
void CoapsFront::review_sessions() {
  on_each_thread([](CoapsEndpoint& endpoint, MonotonicMs) { endpoint.review(); });
}

bool CoapsFront::disconnected(unsigned thread, const coap::Peer& peer) {
  if (peer.role != coap::PeerRole::kDevice) return true;
  const std::lock_guard lock(mutex_);
  const auto found = devices_.find(peer.id);
  if (found == devices_.end()) return true;
  if (found->second != thread) return false;
  if (handlers_[thread]->endpoint().has_device(peer.id)) return false;
  devices_.erase(found);
  return true;
}

}  // namespace tailor::net
