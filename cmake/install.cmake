# SPDX-License-Identifier: Apache-2.0
# find_package(okhttp CONFIG) after `cmake --install`.

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/okhttp)
set(arch_independent)
if(OKHTTP_HEADER_ONLY)
  set(arch_independent ARCH_INDEPENDENT)
endif()
target_include_directories(okhttp ${scope} $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

install(DIRECTORY include/okhttp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES ${OKHTTP_FORWARD_DIR}/okhttp.hpp ${OKHTTP_FORWARD_DIR}/okhttp_mockwebserver.hpp
              ${OKHTTP_FORWARD_DIR}/okhttp_json.hpp
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/licenses/okhttp)
install(TARGETS okhttp okhttp_mockwebserver EXPORT okhttp-targets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT okhttp-targets NAMESPACE okhttp:: DESTINATION ${package_dir})
configure_package_config_file(cmake/okhttp-config.cmake.in okhttp-config.cmake
                              INSTALL_DESTINATION ${package_dir})
# Before 1.0 a new minor version may change anything.
write_basic_package_version_file(okhttp-config-version.cmake
                                 COMPATIBILITY SameMinorVersion ${arch_independent})
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/okhttp-config.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/okhttp-config-version.cmake
              cmake/codings.cmake
        DESTINATION ${package_dir})
