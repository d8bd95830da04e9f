# SPDX-License-Identifier: Apache-2.0
# Finds what CMake has no module for. Also part of the installed package, which looks again.

# okhttp_find_coding(name header library...): the target okhttp::<name>.
function(okhttp_find_coding name header)
  if(TARGET okhttp::${name})
    return()
  endif()
  add_library(okhttp::${name} INTERFACE IMPORTED GLOBAL)
  find_path(OKHTTP_${name}_INCLUDE_DIR ${header} REQUIRED)
  mark_as_advanced(OKHTTP_${name}_INCLUDE_DIR)
  target_include_directories(okhttp::${name} INTERFACE "${OKHTTP_${name}_INCLUDE_DIR}")
  foreach(library IN LISTS ARGN)
    find_library(OKHTTP_${library}_LIBRARY ${library} REQUIRED)
    mark_as_advanced(OKHTTP_${library}_LIBRARY)
    target_link_libraries(okhttp::${name} INTERFACE "${OKHTTP_${library}_LIBRARY}")
  endforeach()
endfunction()
