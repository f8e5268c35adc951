# SPDX-License-Identifier: Apache-2.0
# The target tailor_mbedtls: Mbed TLS 3.6 as tools/build_mbedtls.sh built it, with the configuration header that belongs
# to it. Fails with the remedy when it is not there.
if(TARGET tailor_mbedtls)
  return()
endif()
set_property(DIRECTORY "${PROJECT_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
  "${PROJECT_SOURCE_DIR}/tools/build_mbedtls.sh" "${PROJECT_SOURCE_DIR}/tools/mbedtls/CMakeLists.txt"
  "${PROJECT_SOURCE_DIR}/cmake/toolchains/cortex-m3.cmake"
  "${PROJECT_SOURCE_DIR}/crypto_backends/psa/mbedtls_config_host.h"
  "${PROJECT_SOURCE_DIR}/crypto_backends/psa/mbedtls_config_device.h"
  "${PROJECT_SOURCE_DIR}/crypto_backends/psa/mbedtls_config_device_psa.h")
execute_process(COMMAND "${CMAKE_COMMAND}" -E env "TAILOR_CACHE=${TAILOR_CACHE}" "${PROJECT_SOURCE_DIR}/tools/build_mbedtls.sh" --print-prefix
  OUTPUT_VARIABLE tailor_mbedtls_prefix OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE tailor_mbedtls_missing)
if(CMAKE_SYSTEM_NAME STREQUAL "Generic")
  set(tailor_mbedtls_flavour cortex-m3)
  set(tailor_mbedtls_config mbedtls_config_device.h)
else()
  set(tailor_mbedtls_flavour host)
  set(tailor_mbedtls_config mbedtls_config_host.h)
endif()
set(tailor_mbedtls_root "${tailor_mbedtls_prefix}/${tailor_mbedtls_flavour}")
if(tailor_mbedtls_missing OR NOT EXISTS "${tailor_mbedtls_root}/.complete")
  message(FATAL_ERROR "Mbed TLS 3.6 (${tailor_mbedtls_flavour}) is not built below ${TAILOR_CACHE}. Run ./run setup, or tools/build_mbedtls.sh alone.")
endif()

if(TAILOR_FIRMWARE AND EXISTS "${PROJECT_SOURCE_DIR}/ports/${TAILOR_FIRMWARE}/mbedtls")
  # A port with a configuration of its own: compiled here, as the rest of the firmware is.
  string(REGEX REPLACE "^(.*)/mbedtls-(.*)-[0-9a-f]+$" "\\1/sources/mbedtls-\\2" tailor_mbedtls_tree "${tailor_mbedtls_prefix}")
  if(NOT EXISTS "${tailor_mbedtls_tree}/library")
    message(FATAL_ERROR "The source of Mbed TLS is not at ${tailor_mbedtls_tree}. Remove ${tailor_mbedtls_prefix} and run ./run setup.")
  endif()
  file(GLOB tailor_mbedtls_sources "${tailor_mbedtls_tree}/library/*.c")
  set(p256m "${tailor_mbedtls_tree}/3rdparty/p256-m")
  file(GLOB tailor_mbedtls_config RELATIVE "${PROJECT_SOURCE_DIR}/ports/${TAILOR_FIRMWARE}/mbedtls"
    "${PROJECT_SOURCE_DIR}/ports/${TAILOR_FIRMWARE}/mbedtls/mbedtls_config_*.h")
  add_library(tailor_mbedtls STATIC ${tailor_mbedtls_sources} "${p256m}/p256-m_driver_entrypoints.c" "${p256m}/p256-m/p256-m.c")
  # For boot programs: digests and signatures alone, optimised by themselves, so that their functions stay functions
  # (tests/qemu_faults stops at them).
  add_library(tailor_mbedtls_verify STATIC "${p256m}/p256-m/p256-m.c")
  foreach(source sha256 platform_util constant_time)
    target_sources(tailor_mbedtls_verify PRIVATE "${tailor_mbedtls_tree}/library/${source}.c")
  endforeach()
  foreach(target tailor_mbedtls tailor_mbedtls_verify)
    set_target_properties(${target} PROPERTIES C_EXTENSIONS ON)
    target_include_directories(${target} SYSTEM PUBLIC "${PROJECT_SOURCE_DIR}/ports/${TAILOR_FIRMWARE}/mbedtls"
      "${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/crypto_backends/psa" "${tailor_mbedtls_tree}/include"
      PRIVATE "${tailor_mbedtls_tree}/library" "${p256m}" "${p256m}/p256-m")
    # Members have one name in all files: what is optimised at link time must be the same type everywhere.
    target_compile_definitions(${target} PUBLIC MBEDTLS_ALLOW_PRIVATE_ACCESS= "MBEDTLS_CONFIG_FILE=\"${tailor_mbedtls_config}\"")
    target_compile_options(${target} PRIVATE -ffunction-sections -fdata-sections
      "-ffile-prefix-map=${tailor_mbedtls_tree}/=mbedtls/")
  endforeach()
  target_compile_options(tailor_mbedtls PRIVATE ${TAILOR_FIRMWARE_OPTIONS})
  return()
endif()

add_library(tailor_mbedtls STATIC IMPORTED GLOBAL)
set_target_properties(tailor_mbedtls PROPERTIES
  IMPORTED_LOCATION "${tailor_mbedtls_root}/lib/libtailor_mbedtls.a"
  INTERFACE_INCLUDE_DIRECTORIES "${tailor_mbedtls_root}/include"
  INTERFACE_COMPILE_DEFINITIONS "MBEDTLS_CONFIG_FILE=\"${tailor_mbedtls_config}\"")
if(NOT CMAKE_SYSTEM_NAME STREQUAL "Generic")
  find_package(Threads REQUIRED)
  set_property(TARGET tailor_mbedtls PROPERTY INTERFACE_LINK_LIBRARIES Threads::Threads)
endif()

if(NOT TAILOR_FREESTANDING)
  # For tests: the microcontroller's configuration on this machine.
  add_library(tailor_mbedtls_device STATIC IMPORTED GLOBAL)
  set_target_properties(tailor_mbedtls_device PROPERTIES
    IMPORTED_LOCATION "${tailor_mbedtls_prefix}/device-on-host/lib/libtailor_mbedtls.a"
    INTERFACE_INCLUDE_DIRECTORIES "${tailor_mbedtls_prefix}/device-on-host/include"
    INTERFACE_COMPILE_DEFINITIONS "MBEDTLS_CONFIG_FILE=\"mbedtls_config_device.h\"")
endif()
