// SPDX-License-Identifier: Apache-2.0
// The functions behind the command tables; one file for each family. Nobody but tables.cpp names them.
#pragma once

#include "core/processor/machine.hpp"

namespace tailor::processor {

// conditions.cpp
Result<Step> check_vendor(Machine& machine, cbor::Reader& argument);
Result<Step> check_class(Machine& machine, cbor::Reader& argument);
Result<Step> check_device(Machine& machine, cbor::Reader& argument);
Result<Step> check_image(Machine& machine, cbor::Reader& argument);
Result<Step> check_slot(Machine& machine, cbor::Reader& argument);
Result<Step> abort(Machine& machine, cbor::Reader& argument);

// control.cpp
Result<Step> set_component_index(Machine& machine, cbor::Reader& argument);
Result<Step> try_each(Machine& machine, cbor::Reader& argument);
Result<Step> run_sequence(Machine& machine, cbor::Reader& argument);

// parameters.cpp
Result<Step> override_parameters(Machine& machine, cbor::Reader& argument);

// directives.cpp
Result<Step> fetch(Machine& machine, cbor::Reader& argument);
Result<Step> copy(Machine& machine, cbor::Reader& argument);
Result<Step> write(Machine& machine, cbor::Reader& argument);
Result<Step> invoke(Machine& machine, cbor::Reader& argument);

}  // namespace tailor::processor
