// SPDX-License-Identifier: Apache-2.0
// See courier.hpp. Everything that asks the database runs as a job on the worker; answers of devices only queue jobs.
#include "services/update/api/courier.hpp"

#include "core/update/status.hpp"
#include "hosted/log.hpp"
#include "hosted/uuid_make.hpp"

namespace tailor::update_server {
namespace {

/// The largest CoAP block: where a transfer may go on is a multiple of it, whatever block size is agreed.
constexpr uint64_t kBlock = 1024;

/// Reads "<ErrorName>: context", the diagnostic payload of our devices.
std::optional<std::pair<Error, std::string>> diagnosed(const Bytes& body) {
  const std::string text(as_text(body));
  const std::string name = text.substr(0, text.find(':'));
  for (unsigned code = 1; code < 256; ++code) {
    const ErrorInfo& info = describe(static_cast<Error>(code));
    if (info.name != name) continue;
    const size_t context = text.find(": ");
    return std::pair(info.error, context == std::string::npos ? std::string() : text.substr(context + 2));
  }
  return std::nullopt;
}

/// Whether the device will not take this update, whatever is tried.
bool is_final(Error error) {
  if (error == Error::kBlockSequence || error == Error::kStateConflict) return false;
  const ErrorClass error_class = describe(error).error_class;
  return error_class == ErrorClass::kMalformed || error_class == ErrorClass::kUnauthentic ||
         error_class == ErrorClass::kPolicy;
}

/// Before the image is complete a push makes sense; afterwards the device goes on by itself.
bool wants_bytes(UpdateState state) {
  return state == UpdateState::kIdle || state == UpdateState::kOffered || state == UpdateState::kAuthorized ||
         state == UpdateState::kFetching;
}

}  // namespace

void Courier::enqueue(std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
}

void Courier::connected(const std::string& tenant, const Uuid& device) {
  {
    const std::lock_guard lock(mutex_);
    Session session;
    session.tenant = tenant;
    session.generation = ++generation_;
    sessions_[device] = std::move(session);
  }
  enqueue([this, device] { check(device); });
}

void Courier::disconnected(const Uuid& device) {
  const std::lock_guard lock(mutex_);
  sessions_.erase(device);
}

void Courier::changed(const std::string& tenant, const std::optional<Uuid>& device) {
  if (device) return enqueue([this, id = *device] { check(id); });
  enqueue([this, tenant] {
    std::vector<Uuid> devices;
    {
      const std::lock_guard lock(mutex_);
      for (const auto& [id, session] : sessions_) {
        if (session.tenant == tenant) devices.push_back(id);
      }
    }
    for (const Uuid& id : devices) check(id);
  });
}

void Courier::work() {
  for (;;) {
    std::function<void()> job;
    {
      const std::lock_guard lock(mutex_);
      const int64_t now = updates_.now_ms();
      for (auto& [id, session] : sessions_) {
        if (session.retry_at_ms == 0 || session.retry_at_ms > now) continue;
        session.retry_at_ms = 0;
        jobs_.push_back([this, device = id] { check(device); });
      }
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job();
  }
}

bool Courier::wait(int64_t timeout_ms) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [this] { return stopping_ || !jobs_.empty(); });
  return !stopping_;
}

void Courier::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
}

size_t Courier::sessions() const {
  const std::lock_guard lock(mutex_);
  return sessions_.size();
}

bool Courier::is_current(const Push& push) const {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(push.device);
  return found != sessions_.end() && found->second.generation == push.generation;
}

void Courier::check(const Uuid& device) {
  auto push = std::make_shared<Push>();
  bool busy = false;
  std::optional<Uuid> delivered;
  std::optional<Uuid> triggered;
  {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(device);
    if (found == sessions_.end()) return;
    triggered = found->second.triggered;
    push->tenant = found->second.tenant;
    push->generation = found->second.generation;
    busy = found->second.pushing;
    delivered = found->second.delivered;
  }
  push->device = device;
  if (!busy) {
    Outcome<std::optional<Offer>> offer = updates_.offer(push->tenant, device, Way::kPush);
    // A device that has not registered yet is no failure: its registration brings us here again.
    if (offer.ok() && *offer && delivered != (**offer).deployment && wants_bytes((**offer).progress.state)) {
      push->offer = std::move(**offer);
      push->images = push->offer.manifest.images();
      {
        const std::lock_guard lock(mutex_);
        const auto found = sessions_.find(device);
        if (found == sessions_.end() || found->second.generation != push->generation) return;
        found->second.pushing = true;
      }
      begin(push);
    } else if (offer.ok() && *offer && !(**offer).hold && triggered != (**offer).deployment &&
               (**offer).progress.awaited == update::Awaited::kTrigger) {
      push->offer = std::move(**offer);
      trigger(push);
    }
  }
  const Outcome<std::optional<Offer>> hybrid = updates_.offer(push->tenant, device, Way::kNotify);
  if (!hybrid.ok()) return;
  const std::optional<Uuid> deployment = *hybrid ? std::optional((**hybrid).deployment) : std::nullopt;
  const bool hold = *hybrid && (**hybrid).hold;
  {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(device);
    if (found == sessions_.end()) return;
    Session& session = found->second;
    if (session.notified == deployment && session.notified_hold == hold) return;
    session.notified = deployment;
    session.notified_hold = hold;
  }
  link_.notify(device);
}

/// Tells a device that waits with a deployment's update that the deployment was triggered.
void Courier::trigger(const std::shared_ptr<Push>& push) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(push->device);
    if (found == sessions_.end() || found->second.generation != push->generation) return;
    found->second.triggered = push->offer.deployment;
  }
  link_.post(push->device, "/trigger", [this, push](const Outcome<DeviceLink::Answer>& answer) {
    // Whoever answers has heard it: an update that does not wait any more is a conflict, and as well.
    if (answer.ok()) return;
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(push->device);
    if (found == sessions_.end() || found->second.generation != push->generation) return;
    found->second.triggered.reset();
    found->second.retry_at_ms = updates_.now_ms() + kRetryMs;
  });
}

void Courier::begin(const std::shared_ptr<Push>& push) {
  link_.put(push->device, push->offer.hold ? "/manifest?hold=1" : "/manifest", coap::format::kSuitEnvelope,
            push->offer.envelope, 0, [this, push](const Outcome<DeviceLink::Answer>& answer) {
              if (!answer.ok() || !coap::is_success(answer.value().code)) {
                return enqueue([this, push, answer] { ended(push, answer); });
              }
              enqueue([this, push] { ask_where_it_stands(push); });
            });
}

void Courier::ask_where_it_stands(const std::shared_ptr<Push>& push) {
  if (!is_current(*push)) return;
  if (push->next_image >= push->images.size()) return finish(*push, true);
  // An interrupted transfer goes on behind what the device has already.
  link_.get(push->device, "/status", coap::format::kStatus, [this, push](const Outcome<DeviceLink::Answer>& answer) {
    uint32_t offset = 0;
    if (answer.ok() && coap::is_success(answer.value().code)) {
      const auto status = update::decode_status(answer.value().body);
      if (status.ok() && status.value().manifest_digest == push->offer.manifest.digest &&
          status.value().update.state() == UpdateState::kFetching && push->images.size() == 1) {
        offset = static_cast<uint32_t>(status.value().received_bytes / kBlock * kBlock);
      }
    }
    enqueue([this, push, offset] { send_image(push, offset); });
  });
}

void Courier::send_image(const std::shared_ptr<Push>& push, uint32_t offset) {
  const Digest& digest = push->images[push->next_image];
  Outcome<std::shared_ptr<const Blob>> image = updates_.image(push->tenant, digest);
  if (!image.ok()) {
    log_failure("push", "image cannot be had", image.error());
    return finish(*push, false);
  }
  if (offset >= (*image)->bytes().size()) offset = 0;
  link_.put(push->device, "/payload/" + to_base64url(digest), coap::format::kOctetStream, *image, offset,
            [this, push, offset](const Outcome<DeviceLink::Answer>& answer) {
              const bool held = answer.ok() && coap::is_success(answer.value().code);
              const bool from_start =
                  answer.ok() && offset != 0 && answer.value().code == coap::Code::kRequestEntityIncomplete;
              enqueue([this, push, held, from_start, answer] {
                if (from_start) return send_image(push, 0);
                if (!held) return ended(push, answer);
                ++push->next_image;
                ask_where_it_stands(push);
              });
            });
}

void Courier::ended(const std::shared_ptr<Push>& push, const Outcome<DeviceLink::Answer>& answer) {
  if (answer.ok()) {
    const auto said = diagnosed(answer.value().body);
    // It has what was sent, or wants something else by now: its reports tell.
    if (said && said->first == Error::kStateConflict) return finish(*push, true);
    if (said && is_final(said->first)) {
      // The device reports it too; what it answered is not lost if that report never comes.
      const Outcome<void> noted =
          updates_.note_refusal(push->tenant, push->device, push->offer.deployment, said->first, said->second);
      if (!noted.ok()) log_failure("push", "refusal cannot be kept", noted.error());
      return finish(*push, true);
    }
    log(LogLevel::kInfo, "push", "device put it off",
        {{"device", uuid_text(push->device)}, {"answer", std::string(as_text(answer.value().body))}});
  } else {
    log_failure("push", "push ended early", answer.error());
  }
  finish(*push, false);
}

void Courier::finish(const Push& push, bool delivered) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(push.device);
    if (found == sessions_.end() || found->second.generation != push.generation) return;
    found->second.pushing = false;
    if (delivered) found->second.delivered = push.offer.deployment;
    if (!delivered) found->second.retry_at_ms = updates_.now_ms() + kRetryMs;
  }
  if (delivered) enqueue([this, device = push.device] { check(device); });
}

}  // namespace tailor::update_server
