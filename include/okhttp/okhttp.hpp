// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_OKHTTP_HPP
#define OKHTTP_OKHTTP_HPP

// Everything but the mock server: a table of contents, no code.

#include <okhttp/core.hpp>

#endif  // OKHTTP_OKHTTP_HPP
