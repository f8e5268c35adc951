// SPDX-License-Identifier: Apache-2.0
// See board.hpp.
#include "examples/second_processor/board.hpp"

#include "core/update/status.hpp"

namespace second_processor {

void Board::power_on() {
  first.flash.power_on();
  second.flash.power_on();
}

Status Board::provision(ByteView envelope) {
  TAILOR_TRY(first.format());
  TAILOR_TRY(second.format());
  Second end(second);
  Bus bus(end, 1, 0);
  RemoteComponent remote(bus);
  TAILOR_TRY(first.provision(envelope, &remote));
  boot::BootControl control(second.layout());
  TAILOR_TRY(control.open());
  return control.adopt();
}

Result<Board::InService> Board::lives(ByteView offered, uint64_t sequence, bool first_is_good) {
  Second end(second);
  Bus bus(end, ++seed, loss_percent);
  TAILOR_TRY_ASSIGN(const Running runs, first.boots());
  boot::BootControl control(first.layout());
  TAILOR_TRY(control.open());
  // The second one starts what it has for this version, on trial or not; anything else it has is held back.
  TAILOR_TRY_ASSIGN(const SecondStatus found, bus.ask(Call::kStatus));
  const bool has_new = found.phase == boot::Phase::kInstall || found.phase == boot::Phase::kTrial;
  const uint8_t tries = has_new && found.candidate == runs.sequence ? 1 : 0;
  TAILOR_TRY_ASSIGN(const SecondStatus started, bus.ask(Call::kStart, {&tries, 1}));
  InService service{runs, started.running};
  if (service.second.sequence != runs.sequence || (runs.on_trial && !first_is_good)) {
    // One of them is not fit for it: both go back. Before it is confirmed the first one can, and the second one
    // follows.
    TAILOR_TRY(control.give_up(Error::kTrialNotConfirmed));
    return Error::kTrialNotConfirmed;
  }
  if (runs.on_trial) TAILOR_TRY(control.confirm());  // from here on for both
  service.first.on_trial = false;
  if (service.second.on_trial) {
    TAILOR_TRY_ASSIGN(const SecondStatus confirmed, bus.ask(Call::kConfirm));
    service.second = confirmed.running;
  }
  if (runs.sequence >= sequence) return service;
  RemoteComponent remote(bus);
  Reception reception(first, &remote);
  TAILOR_TRY(reception.open());
  TAILOR_TRY(reception.take(offered));
  TAILOR_TRY(reception.end());
  TAILOR_TRY(bus.ask(Call::kInstall));
  TAILOR_TRY(reception.control().install());
  return service;
}

Result<std::vector<uint8_t>> Board::report(const InService& service) {
  update::DeviceStatus status;
  const processor::Identity who = identity_of_board();
  status.device = who.device;
  status.vendor = who.vendor;
  status.device_class = who.device_class;
  status.life_cycle = update::LifeCycle::kRegistered;
  for (const auto& [name, running] :
       {std::pair{ByteView(kMainId), service.first}, {ByteView(kSecondId), service.second}}) {
    update::InstalledComponent component;
    TAILOR_TRY(component.id.push_back(name.subspan(2), Error::kTooManyComponents));
    component.sequence_number = running.sequence;
    TAILOR_TRY(status.components.push_back(component, Error::kTooManyComponents));
  }
  std::vector<uint8_t> buffer(512);
  TAILOR_TRY_ASSIGN(const ByteView encoded, update::encode(status, buffer));
  return std::vector<uint8_t>(encoded.begin(), encoded.end());
}

}  // namespace second_processor
