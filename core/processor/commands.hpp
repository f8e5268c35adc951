// SPDX-License-Identifier: Apache-2.0
// The functions behind the command tables; one file for each family. Nobody but tables.cpp names them.
#pragma once

#include "core/processor/machine.hpp"

namespace tailor::processor {

// conditions.cpp
Step check_vendor(Machine& machine, cbor::Reader& argument);
Step check_class(Machine& machine, cbor::Reader& argument);
Step check_image(Machine& machine, cbor::Reader& argument);
Step check_device(Machine& machine, cbor::Reader& argument);
Step check_slot(Machine& machine, cbor::Reader& argument);
Step abort(Machine& machine, cbor::Reader& argument);
Step check_content(Machine& machine, cbor::Reader& argument);

// control.cpp
Step set_component_index(Machine& machine, cbor::Reader& argument);
Step try_each(Machine& machine, cbor::Reader& argument);
Step run_sequence(Machine& machine, cbor::Reader& argument);

// parameters.cpp
Step override_parameters(Machine& machine, cbor::Reader& argument);
Step set_parameters(Machine& machine, cbor::Reader& argument);
Step override_multiple(Machine& machine, cbor::Reader& argument);
Step copy_parameters(Machine& machine, cbor::Reader& argument);

// directives.cpp
Step fetch(Machine& machine, cbor::Reader& argument);
Step copy(Machine& machine, cbor::Reader& argument);
Step write(Machine& machine, cbor::Reader& argument);
Step swap(Machine& machine, cbor::Reader& argument);
Step invoke(Machine& machine, cbor::Reader& argument);

// dependencies.cpp
Step is_dependency(Machine& machine, cbor::Reader& argument);
Step check_dependency_integrity(Machine& machine, cbor::Reader& argument);
Step process_dependency(Machine& machine, cbor::Reader& argument);
Step unlink(Machine& machine, cbor::Reader& argument);

// update_management.cpp
Step check_use_before(Machine& machine, cbor::Reader& argument);
Step check_image_differs(Machine& machine, cbor::Reader& argument);
Step check_battery(Machine& machine, cbor::Reader& argument);
Step check_authorized(Machine& machine, cbor::Reader& argument);
Step check_version(Machine& machine, cbor::Reader& argument);

// wait.cpp
Step wait(Machine& machine, cbor::Reader& argument);

}  // namespace tailor::processor
