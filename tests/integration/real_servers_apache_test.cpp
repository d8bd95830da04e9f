// SPDX-License-Identifier: Apache-2.0
#include <okhttp/client.hpp>
#include <okhttp/extras/authenticators.hpp>
#include <okhttp/extras/digest_authenticator.hpp>

#include <doctest/doctest.h>

#include "support/real_server.hpp"

#include <filesystem>
#include <optional>

namespace real_servers_apache_test {

using namespace okhttp_tests;
using okhttp::BasicAuthenticator;
using okhttp::DigestAuthenticator;
using okhttp::Request;
using okhttp::Response;

namespace {

/// apache2 with a page for everybody, one behind Basic and one behind Digest.
class Apache {
 public:
  Apache() {
    namespace fs = std::filesystem;
    for (const char* name : {"www/basic", "www/digest"}) fs::create_directories(folder_ / name);
    for (const char* name : {"www/text.txt", "www/basic/text.txt", "www/digest/text.txt"}) folder_.write(name, text);
    // "pass word" in SHA-1.
    folder_.write("users", "user:{SHA}2oguq15ANCGsJCWKX31fllwpyEk=\n");
    const std::string realm = "the house";
    folder_.write("digests", "user:" + realm + ":" +
                                 *okhttp::DigestHash::try_hash(okhttp::DigestAlgorithm::md5, "user:" + realm + ":pass word") + "\n");
    // For those that serve as nobody.
    fs::permissions(folder_.path(), fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec |
                                        fs::perms::others_read | fs::perms::others_exec);
    process_.emplace("apache2", folder_ / "log", [this](std::uint16_t port) {
      folder_.write("apache.conf", filled_in("apache.conf", {{"@FOLDER@", folder_.path()}, {"@PORT@", std::to_string(port)}}));
      return std::vector<std::string>{find_program({"apache2"}, "apache2-bin"), "-f", folder_ / "apache.conf", "-DFOREGROUND"};
    });
  }
  std::string url(const std::string& path) const { return process_->url(path); }
  const std::string text = numbered_lines(100);

 private:
  const TemporaryFolder folder_;
  std::optional<ServerProcess> process_;
};

const Apache& apache() {
  static const Apache server;
  return server;
}

/// How many challenges led to the response.
int challenges(const Response& response) {
  int count = 0;
  for (const Response* prior = response.prior_response(); prior != nullptr; prior = prior->prior_response())
    if (prior->code() == 401) ++count;
  return count;
}

template <class Client>
void check_page(const Client& client, const std::string& path, int challenges_expected) {
  CAPTURE(path);
  const Response response = execute(client, apache().url(path));
  CHECK(response.code() == 200);
  CHECK((response.body().string() == apache().text));
  CHECK(challenges(response) == challenges_expected);
}

}  // namespace

TEST_SUITE("integration/real_servers/apache") {
  TEST_CASE_TEMPLATE("Basic", D, OKHTTP_EVERY_DISPATCHER) {
    auto client = D::builder().authenticator(BasicAuthenticator("user", "pass word")).build();
    check_page(client, "/text.txt", 0);
    check_page(client, "/basic/text.txt", 1);
    const Response wrong = execute(D::builder().authenticator(BasicAuthenticator("user", "password")).build(),
                                   apache().url("/basic/text.txt"));
    CHECK(wrong.code() == 401);
    CHECK(challenges(wrong) == 1);
    CHECK(execute(client, apache().url("/digest/text.txt")).code() == 401);
  }

  TEST_CASE_TEMPLATE("Digest, with a nonce used again, queries and a redirect", D, OKHTTP_EVERY_DISPATCHER) {
    DigestAuthenticator digest("user", "pass word");
    auto client = D::builder().authenticator(digest).add_network_interceptor(digest).build();
    check_page(client, "/text.txt", 0);
    check_page(client, "/digest/text.txt", 1);
    check_page(client, "/digest/text.txt?a=%20b,c=\"d", 0);
    check_page(client, "/digest/moved", 0);
    const Request head = Request::Builder().url(apache().url("/digest/text.txt")).head().build();
    const Response answered = client.new_call(head).execute();
    CHECK(answered.code() == 200);
    CHECK(challenges(answered) == 0);
    CHECK(client.connection_pool().idle_connection_count() == 1);

    auto without = D::builder().authenticator(DigestAuthenticator("user", "pass word")).build();
    check_page(without, "/digest/moved", 1);  // this redirect does not ask
    const Response wrong = execute(D::builder().authenticator(DigestAuthenticator("user", "other")).build(),
                                   apache().url("/digest/text.txt"));
    CHECK(wrong.code() == 401);
    CHECK(challenges(wrong) == 1);
  }

  TEST_CASE_TEMPLATE("calls at once share one user's nonce", D, OnThreads, OnLoop) {
    DigestAuthenticator digest("user", "pass word");
    auto client = D::builder().authenticator(digest).add_network_interceptor(digest).build();
    check_concurrent(client, apache().url("/digest/text.txt"), apache().text);
  }
}

}  // namespace real_servers_apache_test
