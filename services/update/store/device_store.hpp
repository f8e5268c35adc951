// SPDX-License-Identifier: Apache-2.0
// Device profiles of one tenant in one transaction.
#pragma once

#include "services/store/database.hpp"
#include "services/update/domain/filter.hpp"
#include "services/update/domain/model.hpp"

namespace tailor::update_server {

class DeviceStore {
 public:
  DeviceStore(store::Session& session, std::string tenant) : session_(session), tenant_(std::move(tenant)) {}

  /// Makes or replaces a profile; the time of the first registration stays.
  [[nodiscard]] Outcome<void> put(const Device& device);
  [[nodiscard]] Outcome<std::optional<Device>> find(const Uuid& id);
  /// Lists in the order of ids, from the one behind `after`.
  [[nodiscard]] Outcome<std::vector<Device>> list(const FilterNode* filter, const std::optional<Uuid>& after,
                                                  size_t limit);
  [[nodiscard]] Outcome<int64_t> count(const FilterNode* filter);
  /// Counts the devices in each update state.
  [[nodiscard]] Outcome<std::vector<std::pair<std::string, int64_t>>> count_states();

  /// Notes that the device was heard and, when told, where its update stands.
  [[nodiscard]] Outcome<void> heard(const Uuid& id, int64_t now_ms, const std::optional<Progressed>& update);
  /// Keeps what the device says that it can do, in place of what it said before.
  [[nodiscard]] Outcome<void> put_capability(const Uuid& id, const KeptCapability& capability);
  [[nodiscard]] Outcome<std::optional<KeptCapability>> find_capability(const Uuid& id);
  [[nodiscard]] Outcome<void> set_life_cycle(const Uuid& id, LifeCycle life_cycle);
  /// @returns kNotFound
  [[nodiscard]] Outcome<void> remove(const Uuid& id);

 private:
  [[nodiscard]] Outcome<void> load_components(std::vector<Device>& devices);
  [[nodiscard]] Outcome<void> put_components(const Device& device);

  store::Session& session_;
  std::string tenant_;
};

}  // namespace tailor::update_server
