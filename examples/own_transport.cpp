// SPDX-License-Identifier: Apache-2.0
// A transport of your own, for a modem, another network stack, or memory: here a few canned bytes.
// try_read and try_write never wait; wait() does, in whatever way the device has. The client on top
// of it is the whole client: redirects, pool, timeouts, interceptors.
#include "okhttp.hpp"

#include <algorithm>
#include <cstring>
#include <iostream>
#include <span>
#include <string>
#include <string_view>

struct ModemTransport {
  struct Stream {
    std::string_view answer =
        "HTTP/1.1 200 OK\r\nContent-Length: 22\r\n\r\nhello from the modem!\n";

    okhttp::IoResult try_read(std::span<std::byte> into) {
      if (answer.empty()) return okhttp::IoStatus::end;
      const std::size_t size = std::min(into.size(), answer.size());
      std::memcpy(into.data(), answer.data(), size);
      answer.remove_prefix(size);
      return okhttp::IoResult::moved(size);
    }
    okhttp::IoResult try_write(std::span<const okhttp::ConstBytes> pieces) {
      std::size_t size = 0;
      for (const okhttp::ConstBytes piece : pieces)
        size += piece.size();  // into the modem with them
      return okhttp::IoResult::moved(size);
    }
    okhttp::Task<okhttp::Interest> wait(okhttp::Interest interest, okhttp::Deadline) {
      co_return interest;
    }
    void shutdown() {}  // ends a wait from another thread; nothing waits here
    void close() {}
  };
  okhttp::Task<Stream> connect(const okhttp::Endpoint& endpoint, okhttp::Deadline) {
    std::cout << "dialing " << endpoint.to_string() << '\n';
    co_return Stream();
  }
};

int main(int argc, char** argv) try {
  using FirmwareClient = okhttp::BasicClient<ModemTransport, okhttp::Http1Only, okhttp::NoCache,
                                             okhttp::InlineDispatcher, okhttp::NoCompression>;
  const auto client = FirmwareClient::Builder().transport(ModemTransport()).build();
  const okhttp::Request request =
      okhttp::Request::Builder().url(argc > 1 ? argv[1] : "http://device.local/").build();
  std::cout << client.new_call(request).execute().body().string();
} catch (const okhttp::Exception& exception) {
  std::cerr << exception.what() << '\n';
  return 1;
}
