// SPDX-License-Identifier: Apache-2.0
// What is only ever added to: reports, events, and the answers to requests that may be sent again. One tenant, one
// transaction.
#pragma once

#include "services/store/database.hpp"
#include "services/update/domain/model.hpp"

namespace tailor::update_server {

/// An answer that the same request gets again.
struct KeptAnswer {
  std::string fingerprint;  ///< of the request it answered
  int64_t status = 0;
  std::string body;
};

class LogStore {
 public:
  LogStore(store::Session& session, std::string tenant) : session_(session), tenant_(std::move(tenant)) {}

  /// What a report is to those that are there.
  enum class Arrival : uint8_t {
    kNew,
    kSeen,         ///< it is there already; nothing changed
    kStartedAnew,  ///< another one has its number: the device lost its count, and its earlier reports from there on
                   ///< went
  };
  [[nodiscard]] Outcome<Arrival> add_report(const KeptReport& report);
  /// Newest (highest number) first, from the one below `before`.
  [[nodiscard]] Outcome<std::vector<KeptReport>> reports(const Uuid& device, const std::optional<uint64_t>& before,
                                                         size_t limit);
  /// Tells whether a report with a higher number has arrived already.
  [[nodiscard]] Outcome<bool> has_later_report(const Uuid& device, uint64_t number);

  [[nodiscard]] Outcome<void> forget_reports(const Uuid& device);

  /// Appends to the event log. Events become visible in the order of their numbers.
  [[nodiscard]] Outcome<void> add_event(const Event& event);
  [[nodiscard]] Outcome<std::vector<Event>> events(int64_t after, size_t limit);

  [[nodiscard]] Outcome<std::optional<KeptAnswer>> find_answer(const std::string& actor, const std::string& key);
  [[nodiscard]] Outcome<void> keep_answer(const std::string& actor, const std::string& key, const KeptAnswer& answer,
                                          int64_t now_ms);
  [[nodiscard]] Outcome<void> forget_answers(int64_t before_ms);

 private:
  store::Session& session_;
  std::string tenant_;
};

}  // namespace tailor::update_server
