# SPDX-License-Identifier: Apache-2.0
# The limits of this board's firmware (core/base/limits.hpp): one update server, one operator, short documents.
add_compile_definitions(TAILOR_LIMIT_MANIFEST_BYTES=1024)
