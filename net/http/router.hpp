// SPDX-License-Identifier: Apache-2.0
// What a server asks of the program behind it (Handler), and a handler that picks a function by method and path.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "net/http/message.hpp"

namespace tailor::http {

/// Bytes of a request body that is held in memory unless a route says otherwise.
inline constexpr uint64_t kBodyBytes = 1U << 20U;

/// Where a body goes and how long it may be.
struct BodyPlan {
  uint64_t max_bytes = kBodyBytes;
  std::filesystem::path folder;    ///< not empty: the body goes to a new file in this folder
  std::optional<Response> refuse;  ///< answer at once, without reading the body
};

/// Both functions are called from several threads at once. The request of plan() has no body yet.
class Handler {
 public:
  Handler() = default;
  Handler(const Handler&) = delete;
  Handler& operator=(const Handler&) = delete;
  virtual ~Handler() = default;
  [[nodiscard]] virtual BodyPlan plan(const Request& head) = 0;
  [[nodiscard]] virtual Response handle(const Request& request) = 0;
};

/// Values of the "{name}" segments of a pattern.
using PathValues = std::map<std::string, std::string, std::less<>>;
using Function = std::function<Response(const Request&, const PathValues&)>;
using PlanFunction = std::function<BodyPlan(const Request&)>;

/// Routes are added before the server starts; afterwards it is read only.
class Router final : public Handler {
 public:
  /// @param pattern  "/v1/devices/{id}"
  /// @param plan     for routes with other needs than a small body in memory
  void add(std::string method, std::string_view pattern, Function function, PlanFunction plan = {});
  /// Runs before plan() and handle() of every route; a failure becomes the answer.
  void set_guard(std::function<Outcome<void>(const Request&)> guard) { guard_ = std::move(guard); }

  [[nodiscard]] BodyPlan plan(const Request& head) override;
  /// Answers 404 or 405 (with Allow) as a problem document when no route fits. HEAD is answered by GET's route.
  [[nodiscard]] Response handle(const Request& request) override;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> pattern;
    Function function;
    PlanFunction plan;
  };
  struct Found {
    const Route* route = nullptr;
    PathValues values;
    std::string allowed;  ///< methods of routes with this path
  };
  [[nodiscard]] Found find(const Request& request) const;

  std::vector<Route> routes_;
  std::function<Outcome<void>(const Request&)> guard_;
};

}  // namespace tailor::http
