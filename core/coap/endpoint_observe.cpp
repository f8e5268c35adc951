// SPDX-License-Identifier: Apache-2.0
// The server half of observation: registrations and notifications (RFC 7641 4). A notification carries the state of the
// moment it leaves, so that changes that come faster than acknowledgements become one.
#include <algorithm>

#include "core/coap/endpoint.hpp"
#include "core/coap/parsed_options.hpp"

namespace tailor::coap {
namespace {

/// Every so many notifications of a resource that notifies without confirmation, one is confirmed (RFC 7641 4.5: a
/// client that has gone must be noticed).
constexpr uint8_t kConfirmEvery = 8;

}  // namespace

bool Endpoint::register_observer(const Exchange& exchange) noexcept {
  ObserverSlot* chosen = nullptr;
  for (ObserverSlot& slot : slots_.observers) {
    if (slot.resource != nullptr && slot.token == exchange.token) {
      chosen = &slot;
      break;
    }
    if (slot.resource == nullptr && chosen == nullptr) chosen = &slot;
  }
  for (ObserverSlot& slot : slots_.observers) {  // none free: a client that started anew gets its older place
    if (chosen == nullptr && slot.key == exchange.key) chosen = &slot;
  }
  if (chosen == nullptr) return false;
  if (chosen->resource != nullptr) free_observer(*chosen);
  *chosen = {};
  chosen->resource = exchange.resource;
  chosen->token = exchange.token;
  chosen->has_block2 = exchange.has_block2;
  chosen->szx = exchange.block2.szx;
  chosen->accept = exchange.accept;
  chosen->key = exchange.key;
  return true;
}

void Endpoint::forget_observer(const Token& token) noexcept {
  for (ObserverSlot& slot : slots_.observers) {
    if (slot.resource != nullptr && slot.token == token) free_observer(slot);
  }
}

void Endpoint::free_observer(ObserverSlot& slot) noexcept {
  const auto index = static_cast<size_t>(&slot - slots_.observers.data());
  slot = {};
  stop(OutgoingSlot::Owner::kObserver, index);
  for (ServerSlot& server : slots_.servers) {
    if (server.exchange.notification && server.exchange.observer == index &&
        (server.state == ServerSlot::State::kReady || server.state == ServerSlot::State::kDeferred)) {
      free_server(server);
    }
  }
}

size_t Endpoint::observers() const noexcept {
  return static_cast<size_t>(std::count_if(slots_.observers.begin(), slots_.observers.end(),
                                           [](const ObserverSlot& slot) { return slot.resource != nullptr; }));
}

void Endpoint::notify(const Resource& resource) noexcept {
  for (ObserverSlot& slot : slots_.observers) {
    if (slot.resource == &resource) slot.pending = true;
  }
}

void Endpoint::send_notification(size_t index) noexcept {
  ObserverSlot& observer = slots_.observers[index];
  const Resource& resource = *observer.resource;
  Exchange exchange;
  exchange.notification = true;
  exchange.observer = static_cast<uint8_t>(index);
  exchange.has_block2 = observer.has_block2;
  exchange.block2.szx = observer.szx;
  exchange.accept = observer.accept;
  exchange.key = observer.key;
  exchange.token = observer.token;
  exchange.resource = &resource;
  const Request request{Code::kGet,
                        resource,
                        peer_,
                        {{}, Option::kUriPath},
                        {{}, Option::kUriQuery},
                        {},
                        format::kNone,
                        observer.accept,
                        {},
                        {},
                        0,
                        true,
                        0,
                        0,
                        true};
  const bool confirmable = !resource.unconfirmed_notifications || ++observer.unconfirmed >= kConfirmEvery;
  if (confirmable) observer.unconfirmed = 0;
  exchange.type = confirmable ? Type::kConfirmable : Type::kNonConfirmable;
  observer.pending = false;
  observer.in_flight = true;
  call(exchange, request, nullptr);
}

}  // namespace tailor::coap
