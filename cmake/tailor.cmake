# SPDX-License-Identifier: Apache-2.0
# Targets as this project makes them: one library a folder, tests beside the code, the same warnings everywhere.
#
#   tailor_library(NAME [SOURCES ...] [DEPENDS ...])   a library of the hosted side
#   tailor_device_library(NAME ...)                    the same, but freestanding rules: no exceptions, no RTTI, built for Cortex-M too
#   tailor_test(NAME SOURCES ... [DEPENDS ...])        a GoogleTest program; each TEST is one ctest test
#   tailor_compile_fail(FILE PATTERN...)                what may not compile does not: the compiler's answers are tests
#   tailor_program(NAME SOURCES ... [DEPENDS ...])
# Include paths are from the project's root: #include "core/cbor/reader.hpp"; public headers: #include "tailor/error.h".

add_library(tailor_options INTERFACE)
target_include_directories(tailor_options INTERFACE "${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/include")
target_compile_options(tailor_options INTERFACE -Wall -Wextra -Wconversion -Wshadow -Werror
  "$<$<CXX_COMPILER_ID:Clang>:-Wno-sign-conversion>" "-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=")
if(TAILOR_SANITIZE)
  target_compile_options(tailor_options INTERFACE "-fsanitize=${TAILOR_SANITIZE}" -fno-sanitize-recover=all -fno-omit-frame-pointer
    -fno-sanitize=vptr)  # the device library has no RTTI, which that check needs
  # Clang 14 puts the data of that check into coroutines' sections, and its assembler then refuses them.
  target_compile_options(tailor_options INTERFACE "$<$<CXX_COMPILER_ID:Clang>:-fno-sanitize=function>")
  target_link_options(tailor_options INTERFACE "-fsanitize=${TAILOR_SANITIZE}")
  # GCC 12 reports false positives of these two under the sanitizers.
  target_compile_options(tailor_options INTERFACE "$<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized;-Wno-stringop-overflow>")
endif()
if(TAILOR_FUZZ)
  target_compile_options(tailor_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

add_library(tailor_device_options INTERFACE)
target_link_libraries(tailor_device_options INTERFACE tailor_options)
target_compile_options(tailor_device_options INTERFACE
  "$<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions;-fno-rtti;-fno-threadsafe-statics>")
if(TAILOR_FREESTANDING)
  target_compile_options(tailor_device_options INTERFACE -ffreestanding -ffunction-sections -fdata-sections -fno-unwind-tables
    -fno-asynchronous-unwind-tables -fstack-usage)
endif()

function(tailor_library_with options name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${options} PUBLIC ${arg_DEPENDS})
  target_include_directories(${name} PUBLIC "${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/include")
endfunction()

function(tailor_library name)
  tailor_library_with(tailor_options ${name} ${ARGN})
endfunction()

function(tailor_device_library name)
  tailor_library_with(tailor_device_options ${name} ${ARGN})
  set_property(GLOBAL APPEND PROPERTY TAILOR_DEVICE_LIBRARIES ${name})
endfunction()

function(tailor_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE tailor_options ${arg_DEPENDS})
endfunction()

# What the sanitizers see in each test run: everything that a device or the edge of a server parses. Target 'sanitized'
# builds it and the label names its tests; the rest is built with sanitizers by hand.
if(NOT TARGET sanitized)
  add_custom_target(sanitized)
endif()
function(tailor_sanitized target labels)
  file(RELATIVE_PATH folder "${PROJECT_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}")
  if(folder MATCHES "^(core|crypto_backends|device|ports|testing|fuzz|hosted|net/udp|net/coap|tests/device)")
    add_dependencies(sanitized ${target})
    set(${labels} LABELS sanitized PARENT_SCOPE)
  else()
    set(${labels} "" PARENT_SCOPE)
  endif()
endfunction()

function(tailor_test name)
  if(TAILOR_FREESTANDING OR TAILOR_FUZZ)
    return()
  endif()
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  find_package(GTest REQUIRED)
  include(GoogleTest)
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE tailor_options ${arg_DEPENDS} GTest::gtest_main GTest::gmock)
  tailor_sanitized(${name} labels)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 TEST_PREFIX "${name}:" PROPERTIES ${labels} TIMEOUT 300
    ENVIRONMENT "TAILOR_SOURCE_DIR=${PROJECT_SOURCE_DIR}")
endfunction()

# tailor_compile_fail(FILE PATTERN...): the file compiles with TAILOR_CASE 0, and with 1, 2, ... the compiler says what
# the patterns say. Each is a test.
function(tailor_compile_fail file)
  if(TAILOR_FREESTANDING OR TAILOR_FUZZ)
    return()
  endif()
  get_filename_component(name "${file}" NAME_WE)
  set(command "${CMAKE_CXX_COMPILER}" -std=c++20 -fsyntax-only -Wall -Werror "-I${PROJECT_SOURCE_DIR}" "-I${PROJECT_SOURCE_DIR}/include"
    "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
  add_test(NAME "compile:${name}.0" COMMAND ${command} -DTAILOR_CASE=0)
  set(number 0)
  foreach(pattern IN LISTS ARGN)
    math(EXPR number "${number} + 1")
    add_test(NAME "compile:${name}.${number}" COMMAND ${command} "-DTAILOR_CASE=${number}")
    set_tests_properties("compile:${name}.${number}" PROPERTIES PASS_REGULAR_EXPRESSION "${pattern}")
  endforeach()
endfunction()

# tailor_options_off()
# A test for each option of the folder's options.hpp: the folder is built with that option off, alone.
function(tailor_options_off)
  if(TAILOR_FREESTANDING OR TAILOR_FUZZ)
    return()
  endif()
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  file(RELATIVE_PATH folder "${PROJECT_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}")
  file(STRINGS options.hpp option_lines REGEX "^#ifndef TAILOR_")
  foreach(line IN LISTS option_lines)
    string(REPLACE "#ifndef " "" option "${line}")
    add_test(NAME "options:${option}"
      COMMAND Python3::Interpreter "${PROJECT_SOURCE_DIR}/tools/build_options.py" --cxx "${CMAKE_CXX_COMPILER}" "${folder}" "${option}")
    set_tests_properties("options:${option}" PROPERTIES TIMEOUT 300)
  endforeach()
endfunction()
