# SPDX-License-Identifier: Apache-2.0
# Proves that the device library pulls in nothing that a firmware must not have; see tools/check_device_library.py. The
# freestanding builds check themselves as part of `all`; the dev build does it as tests, with the checker's own self-test.

# Called when all folders are known, so that the list of libraries is complete.
function(tailor_check_device_libraries)
  if(TAILOR_SANITIZE OR TAILOR_FUZZ)
    return()
  endif()
  get_property(libraries GLOBAL PROPERTY TAILOR_DEVICE_LIBRARIES)
  set(files)
  foreach(library IN LISTS libraries)
    list(APPEND files "$<TARGET_FILE:${library}>")
  endforeach()
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  set(checker "${PROJECT_SOURCE_DIR}/tools/check_device_library.py")
  set(command "${Python3_EXECUTABLE}" "${checker}" --nm "${CMAKE_NM}" --readelf "${CMAKE_READELF}")
  if(TAILOR_FREESTANDING)
    set(stamp "${CMAKE_BINARY_DIR}/device_library_checked")
    add_custom_command(OUTPUT "${stamp}" COMMAND ${command} ${files} COMMAND "${CMAKE_COMMAND}" -E touch "${stamp}"
      DEPENDS ${libraries} ${files} "${checker}" COMMENT "Checking what the device library pulls in" VERBATIM)
    add_custom_target(tailor_device_library_check ALL DEPENDS "${stamp}")
  else()
    add_test(NAME device_library:link_check COMMAND ${command} ${files})
    add_test(NAME device_library:link_check_self_test COMMAND ${command} --self-test --cxx "${CMAKE_CXX_COMPILER}")
  endif()
endfunction()
cmake_language(DEFER DIRECTORY "${PROJECT_SOURCE_DIR}" CALL tailor_check_device_libraries)
