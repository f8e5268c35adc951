// SPDX-License-Identifier: Apache-2.0
// See device_store.hpp.
#include "services/update/store/device_store.hpp"

#include <map>

#include "services/update/store/filter_sql.hpp"
#include "services/update/store/progress_codec.hpp"

namespace tailor::update_server {
namespace {

using store::hex_u64;
using store::Params;
using store::Row;
using store::RowReader;
using store::Rows;

constexpr const char* kColumns =
    "id, vendor, device_class, life_cycle, state, reason, modes, preferred_mode, block_bytes, trust_store_version, "
    "registered_at_ms, last_seen_ms";

Outcome<Device> device_from(const Row& row, const std::string& tenant) {
  RowReader reader(row);
  Device device;
  device.tenant = tenant;
  device.id = reader.uuid();
  device.vendor = reader.uuid();
  device.device_class = reader.uuid();
  const std::string life_cycle = reader.text();
  const std::string state = reader.text();
  const std::optional<std::string> reason = reader.maybe_text();
  device.modes = static_cast<uint8_t>(reader.integer());
  const std::string mode = reader.text();
  device.block_bytes = static_cast<uint16_t>(reader.integer());
  device.trust_store_version = reader.u64();
  device.registered_at_ms = reader.integer();
  device.last_seen_ms = reader.integer();
  TAILOR_TRY(reader.finish());
  TAILOR_TRY_ASSIGN(device.update, progress_from(state, reason));
  const auto cycle = update::life_cycle_from_name(life_cycle);
  const auto preferred = update::delivery_mode_from_name(mode);
  if (!cycle.ok() || !preferred.ok()) return fail(Error::kRecordMalformed, "device " + *row[0].text());
  device.life_cycle = cycle.value();
  device.preferred_mode = preferred.value();
  return device;
}

std::vector<Bytes> component_id_from(const std::string& text) {
  std::vector<Bytes> parts;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find('/', start), text.size());
    const Outcome<Bytes> part = from_hex(std::string_view(text).substr(start, end - start));
    if (part.ok()) parts.push_back(part.value());
    start = end + 1;
  }
  return parts;
}

}  // namespace

Outcome<void> DeviceStore::put(const Device& device) {
  const Component* main = device.main_component();
  TAILOR_TRY(session_.execute(
      "INSERT INTO device (tenant, id, vendor, device_class, life_cycle, state, reason, modes, preferred_mode, "
      "block_bytes, trust_store_version, main_version, main_digest, main_sequence, registered_at_ms, last_seen_ms) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (tenant, id) DO UPDATE SET "
      "vendor = excluded.vendor, device_class = excluded.device_class, life_cycle = excluded.life_cycle, "
      "state = excluded.state, reason = excluded.reason, modes = excluded.modes, "
      "preferred_mode = excluded.preferred_mode, block_bytes = excluded.block_bytes, "
      "trust_store_version = excluded.trust_store_version, main_version = excluded.main_version, "
      "main_digest = excluded.main_digest, main_sequence = excluded.main_sequence, "
      "last_seen_ms = excluded.last_seen_ms",
      {tenant_, device.id, device.vendor, device.device_class, update::name_of(device.life_cycle),
       state_value(device.update), reason_value(device.update), device.modes, update::name_of(device.preferred_mode),
       device.block_bytes, hex_u64(device.trust_store_version), main ? store::Value(main->version) : store::Value(),
       main ? store::Value(digest_text(main->digest)) : store::Value(),
       main ? store::Value(hex_u64(main->sequence_number)) : store::Value(), device.registered_at_ms,
       device.last_seen_ms}));
  return put_components(device);
}

Outcome<void> DeviceStore::put_components(const Device& device) {
  TAILOR_TRY(session_.execute("DELETE FROM device_component WHERE tenant = ? AND device = ?", {tenant_, device.id}));
  int64_t position = 0;
  for (const Component& component : device.components) {
    TAILOR_TRY(session_.execute(
        "INSERT INTO device_component (tenant, device, position, component, sequence_number, digest, size_bytes, "
        "version) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        {tenant_, device.id, position++, component_text(component.id), hex_u64(component.sequence_number),
         digest_text(component.digest), hex_u64(component.size_bytes), component.version}));
  }
  return kOk;
}

Outcome<void> DeviceStore::load_components(std::vector<Device>& devices) {
  if (devices.empty()) return kOk;
  std::map<Uuid, Device*> by_id;
  for (Device& device : devices) by_id[device.id] = &device;
  // Devices of a page lie between its first and last id; others in between are passed over.
  TAILOR_TRY_ASSIGN(
      const Rows rows,
      session_.query("SELECT device, component, sequence_number, digest, size_bytes, version FROM device_component "
                     "WHERE tenant = ? AND device >= ? AND device <= ? ORDER BY device, position",
                     {tenant_, by_id.begin()->first, by_id.rbegin()->first}));
  for (const Row& row : rows) {
    RowReader reader(row);
    const auto owner = by_id.find(reader.uuid());
    if (owner == by_id.end()) continue;
    Component component;
    component.id = component_id_from(reader.text());
    component.sequence_number = reader.u64();
    TAILOR_TRY_ASSIGN(component.digest, digest_from_text(reader.text()));
    component.size_bytes = reader.u64();
    component.version = reader.text();
    TAILOR_TRY(reader.finish());
    owner->second->components.push_back(std::move(component));
  }
  return kOk;
}

Outcome<std::optional<Device>> DeviceStore::find(const Uuid& id) {
  TAILOR_TRY_ASSIGN(
      const std::optional<Row> row,
      session_.find(std::string("SELECT ") + kColumns + " FROM device WHERE tenant = ? AND id = ?", {tenant_, id}));
  if (!row) return std::optional<Device>();
  TAILOR_TRY_ASSIGN(Device device, device_from(*row, tenant_));
  std::vector<Device> devices = {std::move(device)};
  TAILOR_TRY(load_components(devices));
  return std::optional<Device>(std::move(devices.front()));
}

Outcome<std::vector<Device>> DeviceStore::list(const FilterNode* filter, const std::optional<Uuid>& after,
                                               size_t limit) {
  std::string sql = std::string("SELECT ") + kColumns + " FROM device WHERE tenant = ?";
  Params params = {tenant_};
  if (filter != nullptr) {
    SqlCondition condition = compile(*filter);
    sql += " AND " + condition.text;
    params.insert(params.end(), condition.params.begin(), condition.params.end());
  }
  if (after) {
    sql += " AND id > ?";
    params.emplace_back(*after);
  }
  params.emplace_back(static_cast<int64_t>(limit));
  TAILOR_TRY_ASSIGN(const Rows rows, session_.query(sql + " ORDER BY id LIMIT ?", params));
  std::vector<Device> devices;
  for (const Row& row : rows) {
    TAILOR_TRY_ASSIGN(Device device, device_from(row, tenant_));
    devices.push_back(std::move(device));
  }
  TAILOR_TRY(load_components(devices));
  return devices;
}

Outcome<int64_t> DeviceStore::count(const FilterNode* filter) {
  std::string sql = "SELECT count(*) FROM device WHERE tenant = ?";
  Params params = {tenant_};
  if (filter != nullptr) {
    SqlCondition condition = compile(*filter);
    sql += " AND " + condition.text;
    params.insert(params.end(), condition.params.begin(), condition.params.end());
  }
  TAILOR_TRY_ASSIGN(const std::optional<Row> row, session_.find(sql, params));
  RowReader reader(*row);
  const int64_t number = reader.integer();
  TAILOR_TRY(reader.finish());
  return number;
}

Outcome<std::vector<std::pair<std::string, int64_t>>> DeviceStore::count_states() {
  TAILOR_TRY_ASSIGN(
      const Rows rows,
      session_.query("SELECT state, count(*) FROM device WHERE tenant = ? GROUP BY state ORDER BY state", {tenant_}));
  std::vector<std::pair<std::string, int64_t>> counts;
  for (const Row& row : rows) {
    RowReader reader(row);
    std::string state = reader.text();
    const int64_t number = reader.integer();
    TAILOR_TRY(reader.finish());
    counts.emplace_back(std::move(state), number);
  }
  return counts;
}

Outcome<void> DeviceStore::heard(const Uuid& id, int64_t now_ms, const std::optional<Progressed>& update) {
  if (update) {
    TAILOR_TRY(session_.execute("UPDATE device SET last_seen_ms = ?, state = ?, reason = ? WHERE tenant = ? AND id = ?",
                                {now_ms, state_value(*update), reason_value(*update), tenant_, id}));
    return kOk;
  }
  TAILOR_TRY(session_.execute("UPDATE device SET last_seen_ms = ? WHERE tenant = ? AND id = ?", {now_ms, tenant_, id}));
  return kOk;
}

Outcome<void> DeviceStore::put_capability(const Uuid& id, const KeptCapability& capability) {
  TAILOR_TRY(
      session_.execute("INSERT INTO capability (tenant, device, report, source, received_at_ms) VALUES (?, ?, ?, ?, ?) "
                       "ON CONFLICT (tenant, device) DO UPDATE SET report = excluded.report, source = excluded.source, "
                       "received_at_ms = excluded.received_at_ms",
                       {tenant_, id, to_hex(capability.encoded), capability.source, capability.received_at_ms}));
  return kOk;
}

Outcome<std::optional<KeptCapability>> DeviceStore::find_capability(const Uuid& id) {
  TAILOR_TRY_ASSIGN(
      const Rows rows,
      session_.query("SELECT report, source, received_at_ms FROM capability WHERE tenant = ? AND device = ?",
                     {tenant_, id}));
  if (rows.empty()) return std::optional<KeptCapability>();
  RowReader reader(rows.front());
  KeptCapability kept;
  const std::string encoded = reader.text();
  kept.source = reader.text();
  kept.received_at_ms = reader.integer();
  TAILOR_TRY(reader.finish());
  TAILOR_TRY_ASSIGN(kept.encoded, with_context(from_hex(encoded), "kept capability report"));
  return std::optional(std::move(kept));
}

Outcome<void> DeviceStore::set_life_cycle(const Uuid& id, LifeCycle life_cycle) {
  TAILOR_TRY_ASSIGN(const int64_t changed,
                    session_.execute("UPDATE device SET life_cycle = ? WHERE tenant = ? AND id = ?",
                                     {update::name_of(life_cycle), tenant_, id}));
  if (changed == 0) return fail(Error::kNotFound, "device");
  return kOk;
}

Outcome<void> DeviceStore::remove(const Uuid& id) {
  TAILOR_TRY_ASSIGN(const int64_t changed,
                    session_.execute("DELETE FROM device WHERE tenant = ? AND id = ?", {tenant_, id}));
  if (changed == 0) return fail(Error::kNotFound, "device");
  return kOk;
}

}  // namespace tailor::update_server
