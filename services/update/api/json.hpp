// SPDX-License-Identifier: Apache-2.0
// What the operator API says, as JSON texts: one function for each object of docs/protocols/openapi.yaml. The JSON
// library stays in the .cpp file.
#pragma once

#include <string>
#include <vector>

#include "services/update/application/updates.hpp"

namespace tailor::update_server {

[[nodiscard]] std::string to_json(const Device& device);
[[nodiscard]] std::string to_json(const DeviceView& view);
[[nodiscard]] std::string to_json(const Manifest& manifest);
[[nodiscard]] std::string to_json(const Image& image);
/// @param found  what the pre-check found, for the answer to the request that makes a deployment; null: not told
[[nodiscard]] std::string to_json(const DeploymentView& view, const Precheck* found = nullptr);
/// A problem document with member `precheck` besides.
[[nodiscard]] std::string with_precheck(const std::string& problem, const Precheck& found);
[[nodiscard]] std::string to_json(const Uuid& device, const KeptCapability& capability);
[[nodiscard]] std::string to_json(const Target& target);
[[nodiscard]] std::string to_json(const KeptReport& report);
[[nodiscard]] std::string to_json(const Event& event);

/// One page: {"items": [...], "next_cursor": "..."}; the cursor is left out on the last page.
[[nodiscard]] std::string page_json(const std::vector<std::string>& items, const std::string& next_cursor);

/// Reads the body of POST /v1/deployments strictly.
/// @returns kJsonMalformed naming the member; kValueOutOfRange for a digest, id, mode or time that is none
[[nodiscard]] Outcome<NewDeployment> deployment_from_json(const std::string& body);

}  // namespace tailor::update_server
