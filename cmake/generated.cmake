# SPDX-License-Identifier: Apache-2.0
# The tests name files of include/. Here each such file is one line that includes the generated file
# holding it, so that the same tests prove what users copy.

set(OKHTTP_FORWARD_DIR ${PROJECT_BINARY_DIR}/generated)
file(REMOVE_RECURSE ${OKHTTP_FORWARD_DIR})
foreach(output okhttp.hpp okhttp_mockwebserver.hpp okhttp_json.hpp)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${output})
  set(forward "#include \"${PROJECT_SOURCE_DIR}/${output}\"\n")
  file(CONFIGURE OUTPUT ${OKHTTP_FORWARD_DIR}/${output} CONTENT "${forward}" @ONLY)
  file(STRINGS ${PROJECT_SOURCE_DIR}/${output} marks REGEX "^// ==== okhttp/[a-z0-9_/]+[.]hpp ")
  foreach(mark IN LISTS marks)
    string(REGEX REPLACE "^// ==== ([^ ]+) .*" "\\1" path "${mark}")
    file(CONFIGURE OUTPUT ${OKHTTP_FORWARD_DIR}/${path} CONTENT "${forward}" @ONLY)
  endforeach()
endforeach()
file(GLOB_RECURSE headers RELATIVE ${PROJECT_SOURCE_DIR}/include CONFIGURE_DEPENDS
     ${PROJECT_SOURCE_DIR}/include/*.hpp)
foreach(header IN LISTS headers)
  if(NOT EXISTS ${OKHTTP_FORWARD_DIR}/${header})
    message(FATAL_ERROR "No generated file holds ${header}: run ./amalgamate.py")
  endif()
endforeach()
