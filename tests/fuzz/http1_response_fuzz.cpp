// SPDX-License-Identifier: Apache-2.0
#include "http1_replay.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// Input: one byte that selects the request method and whether payload goes past the decoder, one
// that selects slice sizes, then what a server sends. Reading it whole, in slices and byte by byte
// must see the same responses; a head that was accepted must survive being written and read again.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okhttp::http1;
  if (size < 2) return 0;
  const std::string_view wire(reinterpret_cast<const char*>(data) + 2, size - 2);
  constexpr std::string_view methods[] = {"GET", "HEAD", "CONNECT", "POST"};
  const std::string_view method = methods[(data[0] >> 1) & 3];

  const auto framing_of = [&](const ResponseHead& head) { return response_framing(method, head); };
  const auto text_of = [](const ResponseHead& head) {
    replay::require(head.code >= 100 && head.code <= 999, "a code has three digits");
    replay::require(check_reason(head.reason).has_value(), "a reason that was read can be sent");
    std::string wire_form;
    write_response_head(wire_form, head.protocol, head.code, head.reason, head.headers);
    ResponseHeadReader again;
    const auto fed = again.feed(wire_form);
    replay::require(fed && *fed == wire_form.size() && again.done(), "a written head can be read");
    const ResponseHead same = again.take();
    replay::require(same.code == head.code && same.reason == head.reason &&
                        same.protocol == head.protocol && same.headers == head.headers,
                    "a head survives being written and read");
    (void)keep_alive(head.protocol, head.headers);
    (void)keep_alive_timeout_seconds(head.headers);
    return wire_form;
  };
  replay::compare<ResponseHeadReader>(data[0], data[1], wire, framing_of, text_of);
  return 0;
}
