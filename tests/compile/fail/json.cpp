// SPDX-License-Identifier: Apache-2.0
// flags: -DOKHTTP_HEADER_ONLY=0
// JSON of types that no library is there for.
#include <okhttp/message/request_body.hpp>
#include <okhttp/message/response_body.hpp>

#include <vector>

using namespace okhttp;

struct Value {};
struct Other {};

template <>
struct okhttp::JsonAdapter<Other> {
  static std::string write(const Other&) { return "{}"; }
};

RequestBody good() { return RequestBody::json(Other()); }

#if CASE == 1  // expect: no JSON library for this type: include okhttp_json.hpp
RequestBody written() { return RequestBody::json(Value()); }
#endif
#if CASE == 2  // expect: no JSON library for this type: include okhttp_json.hpp
Result<Value> read(const ResponseBody& body) { return body.try_json<Value>(); }
#endif
#if CASE == 3  // expect: no JSON library for this type: include okhttp_json.hpp
Task<Value> awaited(const ResponseBody& body) { return body.async_json<Value>(); }
#endif
#if CASE == 4  // expect: read
Result<Other> not_read(const ResponseBody& body) { return body.try_json<Other>(); }
#endif
