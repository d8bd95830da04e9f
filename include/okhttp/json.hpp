// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_JSON_HPP
#define OKHTTP_JSON_HPP

// JSON bodies through nlohmann/json: a table of contents, no code. `RequestBody::json(value)` and
// `response.body().json<T>()` work with its types, and all it converts, once this is included.

#include <okhttp/core.hpp>

#include <okhttp/extras/nlohmann_json.hpp>

#endif  // OKHTTP_JSON_HPP
