# SPDX-License-Identifier: Apache-2.0
# `cmake --install BUILD --component device --prefix DIR`: the device library for other people's build, found there with
# find_package(tailor). Libraries as they are built, the C API's headers, the C++ headers of the device side, and the
# definitions that the library was compiled with, since they decide layouts.
get_property(tailor_installed GLOBAL PROPERTY TAILOR_DEVICE_LIBRARIES)
get_property(tailor_definitions DIRECTORY "${PROJECT_SOURCE_DIR}" PROPERTY COMPILE_DEFINITIONS)
get_target_property(tailor_crypto_definitions tailor_crypto INTERFACE_COMPILE_DEFINITIONS)
if(tailor_crypto_definitions)
  list(APPEND tailor_definitions ${tailor_crypto_definitions})
endif()
get_target_property(tailor_mbedtls_library tailor_mbedtls IMPORTED_LOCATION)
get_target_property(tailor_mbedtls_headers tailor_mbedtls INTERFACE_INCLUDE_DIRECTORIES)
get_target_property(tailor_mbedtls_definitions tailor_mbedtls INTERFACE_COMPILE_DEFINITIONS)

# What links to a crypto backend chooses it: they are not part of the group.
set(tailor_group ${tailor_installed})
list(FILTER tailor_group EXCLUDE REGEX "^tailor_crypto_")
set(tailor_backends ${tailor_installed})
list(FILTER tailor_backends INCLUDE REGEX "^tailor_crypto_.*_backend$")

install(TARGETS ${tailor_installed} ARCHIVE DESTINATION lib/tailor COMPONENT device)
install(FILES "${tailor_mbedtls_library}" DESTINATION lib/tailor COMPONENT device)
install(DIRECTORY "${tailor_mbedtls_headers}/" DESTINATION include/tailor-mbedtls COMPONENT device FILES_MATCHING PATTERN "*.h")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/tailor" DESTINATION include COMPONENT device FILES_MATCHING PATTERN "*.h")
foreach(folder core device crypto_backends)
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/${folder}" DESTINATION include/tailor-cpp COMPONENT device
    FILES_MATCHING PATTERN "*.hpp" PATTERN "*.def" PATTERN "*.test.hpp" EXCLUDE)
endforeach()
include(CMakePackageConfigHelpers)
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/tailor-config.cmake.in" "${PROJECT_BINARY_DIR}/tailor-config.cmake"
  INSTALL_DESTINATION lib/cmake/tailor)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/tailor-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/tailor-config.cmake" "${PROJECT_BINARY_DIR}/tailor-config-version.cmake"
  DESTINATION lib/cmake/tailor COMPONENT device)

if(NOT TAILOR_FREESTANDING AND NOT TAILOR_FUZZ AND NOT TAILOR_SANITIZE)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  add_test(NAME install:find_package COMMAND Python3::Interpreter "${PROJECT_SOURCE_DIR}/tests/install/install.py"
    --build "${PROJECT_BINARY_DIR}")
  set_tests_properties(install:find_package PROPERTIES TIMEOUT 300)
endif()
