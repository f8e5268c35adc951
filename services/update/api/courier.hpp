// SPDX-License-Identifier: Apache-2.0
// Brings updates to devices that hold a session: pushes envelope and image in mode push, notifies observers in mode
// hybrid. It decides when and in which order; DeviceLink carries, Updates chooses. One worker at a time calls work().
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>

#include "core/coap/codes.hpp"
#include "services/update/application/updates.hpp"

namespace tailor::update_server {

/// The way to devices.
class DeviceLink {
 public:
  struct Answer {
    coap::Code code = coap::Code::kEmpty;
    Bytes body;
  };
  using Done = std::function<void(Outcome<Answer>)>;

  virtual ~DeviceLink() = default;
  /// Sends a PUT to the device over its session, block-wise, from `offset` of the body on. `done` is called once, from
  /// any thread, and must not block.
  virtual void put(const Uuid& device, const std::string& uri, uint16_t content_format,
                   std::shared_ptr<const Blob> body, uint32_t offset, Done done) = 0;
  virtual void get(const Uuid& device, const std::string& uri, uint16_t accept, Done done) = 0;
  /// Sends a POST without a body.
  virtual void post(const Uuid& device, const std::string& uri, Done done) = 0;
  /// Tells the device's observation of /update, if it has one, that there is something new.
  virtual void notify(const Uuid& device) = 0;
};

class Courier {
 public:
  /// How long after a failed push the next attempt is made, while the session lasts.
  static constexpr int64_t kRetryMs = 15'000;

  /// Both outlive the courier.
  Courier(Updates& updates, DeviceLink& link) : updates_(updates), link_(link) {}

  // --- what happened; from any thread, never blocks -----------------------------------------------------------------
  /// A device has a session: it came, or came back.
  void connected(const std::string& tenant, const Uuid& device);
  void disconnected(const Uuid& device);
  /// Something changed for one device, or for all of a tenant.
  void changed(const std::string& tenant, const std::optional<Uuid>& device);

  // --- the worker ----------------------------------------------------------------------------------------------------
  /// Does what is to be done now, and returns when nothing is left.
  void work();
  /// Waits until there is work, or the time is over, or stop() was called.
  /// @returns false after stop()
  bool wait(int64_t timeout_ms);
  void stop();

  [[nodiscard]] size_t sessions() const;

 private:
  struct Session {
    std::string tenant;
    uint64_t generation = 0;  ///< a push of an earlier session of the device has no say any more
    bool pushing = false;
    std::optional<Uuid> delivered;  ///< deployment that was pushed completely over this session
    std::optional<Uuid> notified;   ///< deployment that the observation was told of
    bool notified_hold = false;     ///< and whether it was told to hold
    std::optional<Uuid> triggered;  ///< deployment whose trigger was sent over this session
    int64_t retry_at_ms = 0;
  };
  struct Push {
    std::string tenant;
    Uuid device;
    uint64_t generation = 0;
    Offer offer;
    std::vector<Digest> images;
    size_t next_image = 0;
  };

  void check(const Uuid& device);
  void begin(const std::shared_ptr<Push>& push);
  void trigger(const std::shared_ptr<Push>& push);
  void ask_where_it_stands(const std::shared_ptr<Push>& push);
  void send_image(const std::shared_ptr<Push>& push, uint32_t offset);
  void ended(const std::shared_ptr<Push>& push, const Outcome<DeviceLink::Answer>& answer);
  void finish(const Push& push, bool delivered);
  void enqueue(std::function<void()> job);
  [[nodiscard]] bool is_current(const Push& push) const;

  Updates& updates_;
  DeviceLink& link_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::map<Uuid, Session> sessions_;
  std::deque<std::function<void()>> jobs_;
  uint64_t generation_ = 0;
  bool stopping_ = false;
};

}  // namespace tailor::update_server
