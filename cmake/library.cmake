# SPDX-License-Identifier: Apache-2.0
# okhttp::okhttp, the client, and okhttp::mockwebserver, the server for tests.

if(OKHTTP_HEADER_ONLY)
  set(scope INTERFACE)
  add_library(okhttp INTERFACE)
else()
  set(scope PUBLIC)
  add_library(okhttp STATIC cmake/okhttp.cpp)
  target_compile_definitions(okhttp PUBLIC OKHTTP_HEADER_ONLY=0
                             PRIVATE $<$<BOOL:${OKHTTP_MOCKWEBSERVER}>:OKHTTP_COMPILE_MOCKWEBSERVER>)
  target_compile_options(okhttp PRIVATE -ffunction-sections -fdata-sections) # for --gc-sections
  set_target_properties(okhttp PROPERTIES CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
endif()
# Both are one unit when compiled: the server's bodies need what only bodies of the client see.
add_library(okhttp_mockwebserver INTERFACE)
target_link_libraries(okhttp_mockwebserver INTERFACE okhttp)
set_target_properties(okhttp_mockwebserver PROPERTIES EXPORT_NAME mockwebserver)
add_library(okhttp::okhttp ALIAS okhttp)
add_library(okhttp::mockwebserver ALIAS okhttp_mockwebserver)

# Programs may say #include <okhttp/okhttp.hpp>, or #include "okhttp.hpp" as with the copied file.
set(OKHTTP_FORWARD_DIR ${PROJECT_BINARY_DIR}/forward)
if(OKHTTP_TEST_GENERATED)
  include(cmake/generated.cmake)
else()
  file(CONFIGURE OUTPUT ${OKHTTP_FORWARD_DIR}/okhttp.hpp
       CONTENT "#include <okhttp/okhttp.hpp>\n" @ONLY)
  file(CONFIGURE OUTPUT ${OKHTTP_FORWARD_DIR}/okhttp_mockwebserver.hpp
       CONTENT "#include <okhttp/okhttp.hpp>\n#include <okhttp/mockwebserver.hpp>\n" @ONLY)
  file(CONFIGURE OUTPUT ${OKHTTP_FORWARD_DIR}/okhttp_json.hpp
       CONTENT "#include <okhttp/okhttp.hpp>\n#include <okhttp/json.hpp>\n" @ONLY)
  set(include_dir $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>)
endif()
if(NOT PROJECT_IS_TOP_LEVEL)
  set(system SYSTEM) # no warnings of ours in somebody else's project
endif()
target_include_directories(okhttp ${system} ${scope}
  ${include_dir} $<BUILD_INTERFACE:${OKHTTP_FORWARD_DIR}>)

target_compile_features(okhttp ${scope} cxx_std_20)
foreach(module TLS ZLIB THREADS FILES SOCKETS IDNA PSL)
  if(NOT OKHTTP_${module})
    target_compile_definitions(okhttp ${scope} OKHTTP_${module}=0)
  endif()
endforeach()
# Their defaults depend on what is installed where a program is compiled: always said.
target_compile_definitions(okhttp ${scope}
  OKHTTP_BROTLI=$<BOOL:${OKHTTP_BROTLI}> OKHTTP_ZSTD=$<BOOL:${OKHTTP_ZSTD}>)
if(OKHTTP_TLS)
  find_package(OpenSSL 3 REQUIRED)
  target_link_libraries(okhttp ${scope} OpenSSL::SSL OpenSSL::Crypto)
endif()
if(OKHTTP_ZLIB)
  find_package(ZLIB REQUIRED)
  target_link_libraries(okhttp ${scope} ZLIB::ZLIB)
endif()
include(cmake/codings.cmake)
if(OKHTTP_BROTLI)
  okhttp_find_coding(brotli brotli/decode.h brotlidec brotlienc brotlicommon)
  target_link_libraries(okhttp ${scope} okhttp::brotli)
endif()
if(OKHTTP_ZSTD)
  okhttp_find_coding(zstd zstd.h zstd)
  target_link_libraries(okhttp ${scope} okhttp::zstd)
endif()
if(OKHTTP_THREADS)
  set(THREADS_PREFER_PTHREAD_FLAG ON)
  find_package(Threads REQUIRED)
  target_link_libraries(okhttp ${scope} Threads::Threads)
endif()
