// SPDX-License-Identifier: Apache-2.0
// One update server of the list: its link and the one exchange that may be under way with it (registration, report,
// poll, payload, probe), besides an observation. What to do next is the agent's decision.
#pragma once

#include "core/update/registration.hpp"
#include "device/agent/core.hpp"
#include "device/agent/enrolment.hpp"
#include "device/agent/uri.hpp"

namespace tailor::agent {

/// What may be exchanged with a server.
enum class Task : uint8_t { kNone, kRegister, kReport, kPoll, kFetch, kProbe };

/// Hears how an exchange ended.
class ServerOwner {
 public:
  /// @param error  absent when the server answered with success
  virtual void on_task_done(size_t server, Task task, std::optional<Error> error) noexcept = 0;

 protected:
  ~ServerOwner() = default;
};

class ServerTask {
 public:
  ServerTask(const AgentCore& core, const LinkShared& shared, ServerOwner& owner, size_t index) noexcept
      : link_(shared), core_(core), owner_(owner), index_(index), exchange_(*this), observation_(*this) {}
  ServerTask(const ServerTask&) = delete;
  ServerTask& operator=(const ServerTask&) = delete;

  /// Names the server; @returns kValueOutOfRange for a URI that is none
  [[nodiscard]] Status configure(std::string_view uri) noexcept;
  /// Takes the server off the list.
  void forget() noexcept {
    configured_ = false;
    uri_ = {};
  }
  [[nodiscard]] bool configured() const noexcept { return configured_; }
  [[nodiscard]] const CoapsUri& uri() const noexcept { return uri_; }

  /// Starts the handshake.
  [[nodiscard]] Status connect(MonotonicMs now) noexcept;
  [[nodiscard]] Link& link() noexcept { return link_; }
  [[nodiscard]] const Link& link() const noexcept { return link_; }
  void link_down(Error error) noexcept;

  [[nodiscard]] Task task() const noexcept { return task_; }
  [[nodiscard]] bool observing() const noexcept { return observing_; }

  // All of these: @pre link().open() and task() is kNone; the owner hears the end.
  /// @param known  the server has a profile of this device: PUT, else POST
  [[nodiscard]] Status send_registration(const update::Registration& registration, bool known,
                                         MonotonicMs now) noexcept;
  /// Sends the oldest report that waits.
  [[nodiscard]] Status send_report(MonotonicMs now) noexcept;
  /// Asks for an update; with `observe`, to be told of later ones too.
  [[nodiscard]] Status poll(bool observe, MonotonicMs now) noexcept;
  /// Gets the payload that the updater wants.
  /// @param path  lives until the task is done
  [[nodiscard]] Status fetch(std::string_view path, MonotonicMs now) noexcept;
  [[nodiscard]] Status probe(MonotonicMs now) noexcept;
  /// Forgets a payload transfer.
  void cancel_fetch() noexcept;

  /// Room for a body; the task's while it has one under way.
  static constexpr size_t kBodyBytes = std::max<size_t>(640, TAILOR_AGENT_CA_LINK != 0 ? 0 : Enrolment::kRoomBytes);
  static_assert(kReportBytes <= kBodyBytes);
  [[nodiscard]] std::span<uint8_t, kBodyBytes> body_room() noexcept { return body_; }

  [[nodiscard]] MonotonicMs last_heard() const noexcept { return last_heard_; }
  void heard(MonotonicMs now) noexcept { last_heard_ = now; }

 private:
  /// The exchange under way.
  class Exchange final : public coap::ClientHandler {
   public:
    explicit Exchange(ServerTask& task) noexcept : task_(task) {}
    [[nodiscard]] Result<size_t> read_body(uint32_t offset, MutableBytes out) noexcept override;
    [[nodiscard]] Status on_response(const coap::ClientResponse& response) noexcept override;
    void on_failure(Error error) noexcept override;

   private:
    ServerTask& task_;
  };
  /// The observation of GET /update: every body is an envelope or nothing.
  class Observation final : public coap::ClientHandler {
   public:
    explicit Observation(ServerTask& task) noexcept : task_(task) {}
    [[nodiscard]] Status on_response(const coap::ClientResponse& response) noexcept override;
    void on_failure(Error error) noexcept override;

   private:
    ServerTask& task_;
  };

  [[nodiscard]] Status start(Task task, const coap::RequestSpec& spec, coap::ClientHandler& handler,
                             MonotonicMs now) noexcept;
  void done(std::optional<Error> error) noexcept;
  [[nodiscard]] Status take_update(const coap::ClientResponse& response) noexcept;
  [[nodiscard]] Status take_payload(const coap::ClientResponse& response) noexcept;

  Link link_;
  const AgentCore& core_;
  ServerOwner& owner_;
  const size_t index_;
  Exchange exchange_;
  Observation observation_;
  CoapsUri uri_;
  bool configured_ = false;
  Task task_ = Task::kNone;
  bool observing_ = false;
  bool envelope_ = false;  ///< a response body goes to the updater
  MonotonicMs last_heard_ = 0;
  coap::ExchangeId exchange_id_;
  coap::ExchangeId observation_id_;
  uint64_t report_number_ = 0;
  std::array<char, 4 + Uuid::kTextLength + 1> path_{};
  std::array<uint8_t, kBodyBytes> body_{};
  size_t body_length_ = 0;
  std::array<uint8_t, 8> etag_{};  ///< of the update that was dealt with last
  size_t etag_length_ = 0;
};

}  // namespace tailor::agent
