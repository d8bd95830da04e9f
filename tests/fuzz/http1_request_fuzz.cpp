// SPDX-License-Identifier: Apache-2.0
#include "http1_replay.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// Input: one byte that selects whether payload goes past the decoder, one that selects slice sizes,
// then what a client sends. Reading it whole, in slices and byte by byte must see the same
// requests; a head that was accepted must survive being written and read again.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okhttp::http1;
  if (size < 2) return 0;
  const std::string_view wire(reinterpret_cast<const char*>(data) + 2, size - 2);

  const auto framing_of = [](const RequestHead& head) { return request_framing(head); };
  const auto text_of = [](const RequestHead& head) {
    replay::require(check_method(head.method).has_value(), "a method that was read can be sent");
    replay::require(check_target(head.target).has_value(), "a target that was read can be sent");
    std::string wire_form;
    write_request_head(wire_form, head.method, head.target, head.headers);
    RequestHeadReader again;
    const auto fed = again.feed(wire_form);
    replay::require(fed && *fed == wire_form.size() && again.done(), "a written head can be read");
    const RequestHead same = again.take();
    replay::require(
        same.method == head.method && same.target == head.target && same.headers == head.headers,
        "a head survives being written and read");
    (void)check_host(head);
    (void)keep_alive(head.protocol, head.headers);
    return wire_form + std::string(to_string(head.protocol));
  };
  replay::compare<RequestHeadReader>(data[0], data[1], wire, framing_of, text_of);
  return 0;
}
