// SPDX-License-Identifier: Apache-2.0
// Every function body of the library, for builds with OKHTTP_HEADER_ONLY=0.
#define OKHTTP_IMPLEMENTATION
#include <okhttp/okhttp.hpp>
#if defined(OKHTTP_COMPILE_MOCKWEBSERVER)
#include <okhttp/mockwebserver.hpp>
#endif
