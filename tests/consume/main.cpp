// SPDX-License-Identifier: Apache-2.0
// What a user of the library writes first, a GET; every consumer project here builds this file. It
// has okhttp.hpp and nothing else, so the server is a socket that answers once.
#include "okhttp.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <iostream>
#include <string>
#include <string_view>
#include <thread>

namespace {

class OneAnswer {
 public:
  OneAnswer() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener_, generic, size) != 0 || listen(listener_, 1) != 0 ||
        getsockname(listener_, generic, &size) != 0)
      throw std::runtime_error("no port to listen on");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~OneAnswer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/hello"; }

 private:
  void serve() const {
    const int peer = accept(listener_, nullptr, nullptr);
    if (peer < 0) return;
    std::string request;
    char byte = 0;
    while (!request.ends_with("\r\n\r\n") && recv(peer, &byte, 1, 0) == 1) request += byte;
    constexpr std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    if (request.starts_with("GET /hello HTTP/1.1\r\n"))
      send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
    close(peer);
  }

  const int listener_ = socket(AF_INET, SOCK_STREAM, 0);
  int port_ = 0;
  std::thread thread_;
};

}  // namespace

int main() {
  const OneAnswer server;
  const std::string text = okhttp::get(server.url()).body().string();
  std::cout << text << '\n';
  return text == "hello" ? 0 : 1;
}
