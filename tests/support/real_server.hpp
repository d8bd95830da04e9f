// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTS_SUPPORT_REAL_SERVER_HPP
#define OKHTTP_TESTS_SUPPORT_REAL_SERVER_HPP

#include "support/client_fixture.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

#include <cstddef>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What the tests against real servers share.

namespace okhttp_tests {

/// A file beside the configurations and scripts of the servers.
inline std::string server_file(const std::string& name) {
  return OKHTTP_TEST_DATA_DIR "/support/servers/" + name;
}

/// A configuration of that folder with every mark replaced by its value.
inline std::string filled_in(const std::string& file,
                             const std::vector<std::pair<std::string_view, std::string>>& values) {
  std::ifstream source(server_file(file));
  std::string text{std::istreambuf_iterator<char>(source), {}};
  for (const auto& [mark, value] : values)
    for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos; at += value.size())
      text.replace(at, mark.size(), value);
  return text;
}

/// What starts nginx with this configuration, in a folder that is its own.
inline std::vector<std::string> nginx_command(const TemporaryFolder& folder, const std::string& config) {
  folder.write("nginx.conf", config);
  return {find_program({"nginx"}, "nginx-light"), "-e", "stderr", "-p", folder.path(), "-c", folder / "nginx.conf"};
}

/// `lines` lines of text, all different.
inline std::string numbered_lines(int lines) {
  std::string text;
  for (int i = 0; i < lines; ++i) text += "line " + std::to_string(i) + " of the text\n";
  return text;
}

template <class Client>
okhttp::Response execute(const Client& client, const std::string& url) {
  return client.new_call(get_request(url)).execute();
}
template <class Client>
std::string body_of(const Client& client, const std::string& url) {
  return execute(client, url).body().string();
}

/// HEAD gives the headers of GET, and no body, and the connection goes on.
template <class Client>
void check_head(const Client& client, const std::string& url, std::size_t length) {
  const okhttp::Request request = okhttp::Request::Builder().url(url).head().build();
  for (int turn = 0; turn < 2; ++turn) {
    const okhttp::Response response = client.new_call(request).execute();
    CHECK(response.code() == 200);
    CHECK(response.header("Content-Length") == std::to_string(length));
    CHECK(response.body().string().empty());
  }
}

/// Calls that are enqueued together all get their answer.
template <class Client>
void check_concurrent(const Client& client, const std::string& url, const std::string& expected) {
  constexpr std::size_t count = 24;
  Counter answered;
  Counter good;
  for (std::size_t i = 0; i < count; ++i) {
    client.new_call(get_request(url))
        .enqueue([&, expected](okhttp::Result<okhttp::Response> response) -> okhttp::Task<void> {
          okhttp::Result<std::string> text = std::string();
          if (response) {
            const okhttp::ResponseBody body = response->body();
            text = co_await body.async_string().outcome();
          } else {
            text = response.error();
          }
          CHECK_MESSAGE(text, (text ? std::string() : text.error().message()));
          if (text && *text == expected) good.add();
          answered.add();
        });
  }
  finish_enqueued(client);
  CHECK(answered.wait_for(count));
  CHECK(good.count() == count);
}

}  // namespace okhttp_tests

#endif  // OKHTTP_TESTS_SUPPORT_REAL_SERVER_HPP
