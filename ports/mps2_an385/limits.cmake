# SPDX-License-Identifier: Apache-2.0
# The limits of this board's firmware (core/base/limits.hpp): one update server, one operator, short documents. Its flash
# has no place for dependencies and staged payloads, so nothing of them is built.
add_compile_definitions(TAILOR_LIMIT_MANIFEST_BYTES=1024 TAILOR_BOOT_DEPENDENCIES=0 TAILOR_AGENT_DEPENDENCIES=0
  TAILOR_AGENT_STAGING=0)
