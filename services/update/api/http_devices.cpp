// SPDX-License-Identifier: Apache-2.0
// Routes of the operator API for devices, their reports, and the event log.
#include "hosted/uuid_make.hpp"
#include "services/update/api/http_api.hpp"
#include "services/update/api/json.hpp"
#include "services/update/api/paging.hpp"

namespace tailor::update_server {
namespace {

using http::PathValues;
using http::Request;
using http::Response;

Outcome<Uuid> device_value(const PathValues& values) {
  return with_context(Uuid::from_text(values.find("id")->second), "device id");
}

}  // namespace

void HttpApi::add_devices(http::Router& router) {
  add(router, "GET", "/v1/devices",
      [this](const Actor& actor, const Request& request, const PathValues&) -> Outcome<Response> {
        TAILOR_TRY_ASSIGN(const size_t limit, limit_of(request));
        TAILOR_TRY_ASSIGN(const std::string cursor, cursor_of(request));
        TAILOR_TRY_ASSIGN(const auto after, uuid_cursor(cursor));
        const std::string filter = request.query_value("filter").value_or("");
        TAILOR_TRY_ASSIGN(auto devices, updates_.list_devices(actor.tenant, filter, after, limit + 1));
        return http::json_response(
            page_of<Device>(std::move(devices), limit, [](const Device& device) { return uuid_text(device.id); }));
      });
  add(router, "GET", "/v1/devices/{id}",
      [this](const Actor& actor, const Request&, const PathValues& values) -> Outcome<Response> {
        TAILOR_TRY_ASSIGN(const Uuid id, device_value(values));
        TAILOR_TRY_ASSIGN(const DeviceView device, updates_.find_device(actor.tenant, id));
        return http::json_response(to_json(device));
      });
  add(router, "GET", "/v1/devices/{id}/reports",
      [this](const Actor& actor, const Request& request, const PathValues& values) -> Outcome<Response> {
        TAILOR_TRY_ASSIGN(const Uuid id, device_value(values));
        TAILOR_TRY_ASSIGN(const size_t limit, limit_of(request));
        TAILOR_TRY_ASSIGN(const std::string cursor, cursor_of(request));
        TAILOR_TRY_ASSIGN(const auto before, number_cursor(cursor));
        TAILOR_TRY_ASSIGN(auto reports, updates_.list_reports(actor.tenant, id, before, limit + 1));
        return http::json_response(page_of<KeptReport>(
            std::move(reports), limit, [](const KeptReport& report) { return std::to_string(report.number); }));
      });
  add(router, "GET", "/v1/devices/{id}/capabilities",
      [this](const Actor& actor, const Request&, const PathValues& values) -> Outcome<Response> {
        TAILOR_TRY_ASSIGN(const Uuid id, device_value(values));
        TAILOR_TRY_ASSIGN(const KeptCapability capability, updates_.find_capability(actor.tenant, id));
        return http::json_response(to_json(id, capability));
      });
  add(router, "POST", "/v1/devices/{id}/retire",
      [this](const Actor& actor, const Request&, const PathValues& values) -> Outcome<Response> {
        TAILOR_TRY_ASSIGN(const Uuid id, device_value(values));
        TAILOR_TRY(updates_.retire_device(actor, id));
        TAILOR_TRY_ASSIGN(const DeviceView device, updates_.find_device(actor.tenant, id));
        return http::json_response(to_json(device));
      });
  add(router, "DELETE", "/v1/devices/{id}",
      [this](const Actor& actor, const Request&, const PathValues& values) -> Outcome<Response> {
        TAILOR_TRY_ASSIGN(const Uuid id, device_value(values));
        TAILOR_TRY(updates_.remove_device(actor, id));
        return Response{204, "", "", {}};
      });
  add(router, "GET", "/v1/events",
      [this](const Actor& actor, const Request& request, const PathValues&) -> Outcome<Response> {
        TAILOR_TRY_ASSIGN(const size_t limit, limit_of(request));
        TAILOR_TRY_ASSIGN(const std::string cursor, cursor_of(request));
        const std::string start = cursor.empty() ? request.query_value("after").value_or("") : cursor;
        TAILOR_TRY_ASSIGN(const auto after, number_cursor(start));
        TAILOR_TRY_ASSIGN(auto events,
                          updates_.list_events(actor.tenant, static_cast<int64_t>(after.value_or(0)), limit + 1));
        return http::json_response(
            page_of<Event>(std::move(events), limit, [](const Event& event) { return std::to_string(event.number); }));
      });
}

}  // namespace tailor::update_server
