// SPDX-License-Identifier: Apache-2.0
#include "net/coaps/dormant_sessions.hpp"

namespace tailor::net {

void DormantSessions::put(DormantSession session) {
  if (limit_ == 0) return;
  if (session.peer.role == coap::PeerRole::kDevice) static_cast<void>(take_device(session.peer.id));
  if (!session.by_cid) static_cast<void>(take_by_address(session.address));
  while (sessions_.size() >= limit_) static_cast<void>(take(sessions_.begin()));
  const Place place = sessions_.insert(sessions_.end(), std::move(session));
  if (place->by_cid) {
    by_cid_[key_of(place->cid)] = place;
  } else {
    by_address_[place->address] = place;
  }
  if (place->peer.role == coap::PeerRole::kDevice) devices_[place->peer.id] = place;
}

DormantSession DormantSessions::take(Place place) {
  DormantSession session = std::move(*place);
  sessions_.erase(place);
  if (session.by_cid) {
    by_cid_.erase(key_of(session.cid));
  } else {
    by_address_.erase(session.address);
  }
  if (session.peer.role == coap::PeerRole::kDevice) devices_.erase(session.peer.id);
  return session;
}

void DormantSessions::remove_if(const std::function<bool(const Admission& peer)>& unwanted) {
  for (Place place = sessions_.begin(); place != sessions_.end();) {
    const Place next = std::next(place);
    if (unwanted(place->peer)) static_cast<void>(take(place));
    place = next;
  }
}

std::optional<DormantSession> DormantSessions::take_by_cid(const Cid& cid) {
  const auto found = by_cid_.find(key_of(cid));
  if (found == by_cid_.end()) return std::nullopt;
  return take(found->second);
}

std::optional<DormantSession> DormantSessions::take_by_address(const UdpAddress& address) {
  const auto found = by_address_.find(address);
  if (found == by_address_.end()) return std::nullopt;
  return take(found->second);
}

std::optional<DormantSession> DormantSessions::take_device(const Uuid& id) {
  const auto found = devices_.find(id);
  if (found == devices_.end()) return std::nullopt;
  return take(found->second);
}

}  // namespace tailor::net
