// SPDX-License-Identifier: Apache-2.0
#include <okhttp/client.hpp>
#include <okhttp/message/multipart_reader.hpp>
#include <okhttp/testing/held_certificate.hpp>

#include <doctest/doctest.h>

#include "support/real_server.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>

namespace real_servers_nginx_test {

using namespace okhttp_tests;
using okhttp::Errc;
using okhttp::HandshakeCertificates;
using okhttp::HeldCertificate;
using okhttp::Request;
using okhttp::RequestBody;
using okhttp::Response;
using okhttp::Result;

namespace {

/// nginx with HTTP, with HTTPS under a chain of three certificates, and with TLS 1.2 and RSA only.
class Nginx {
 public:
  Nginx()
      : root_(HeldCertificate::Builder().certificate_authority(1).build()),
        tls_port_(free_port()),
        tls12_port_(free_port()) {
    const HeldCertificate intermediate =
        HeldCertificate::Builder().certificate_authority(0).signed_by(root_).build();
    const auto server = [](const HeldCertificate& issuer) {
      HeldCertificate::Builder builder;
      builder.add_subject_alternative_name("localhost").add_subject_alternative_name("127.0.0.1");
      return builder.signed_by(issuer);
    };
    const HeldCertificate ec = server(intermediate).build();
    const HeldCertificate rsa = server(root_).rsa_2048().build();
    folder_.write("server.pem", ec.certificate_chain_pem());
    folder_.write("server.key", ec.private_key_pkcs8_pem());
    folder_.write("rsa.pem", rsa.certificate_chain_pem());
    folder_.write("rsa.key", rsa.private_key_pkcs8_pem());
    std::filesystem::create_directories(folder_ / "www/files");
    std::filesystem::create_directories(folder_ / "www/small-files");
    folder_.write("www/text.txt", text);
    folder_.write("www/data.bin", data);

    process_.emplace("nginx", folder_ / "log", [this](std::uint16_t port) {
      return nginx_command(folder_, filled_in("nginx.conf", {{"@FOLDER@", folder_.path()},
              {"@PORT@", std::to_string(port)},
              {"@TLS_PORT@", std::to_string(tls_port_)},
              {"@TLS12_PORT@", std::to_string(tls12_port_)}}));
    });
  }

  std::string url(const std::string& path) const { return process_->url(path); }
  std::string secure_url(const std::string& path) const {
    return "https://localhost:" + std::to_string(tls_port_) + path;
  }
  std::string tls12_url(const std::string& path) const {
    return "https://127.0.0.1:" + std::to_string(tls12_port_) + path;
  }
  std::string peer() const { return process_->peer(); }
  std::uint16_t tls_port() const { return tls_port_; }
  HandshakeCertificates trust() const {
    return HandshakeCertificates::Builder().add_trusted_pem(root_.certificate_pem()).build();
  }

  const std::string text = numbered_lines(20'000);
  const std::string data = std::string(300'000, 'd') + "end";

 private:
  const TemporaryFolder folder_;
  const HeldCertificate root_;
  const std::uint16_t tls_port_;
  const std::uint16_t tls12_port_;
  std::optional<ServerProcess> process_;
};

/// One for all tests: none of them changes what another one sees.
const Nginx& nginx() {
  static const Nginx server;
  return server;
}

template <class D>
auto secure_client() {
  return D::builder().trusted_certificates(nginx().trust()).build();
}

}  // namespace

TEST_SUITE("integration/real_servers/nginx") {
  TEST_CASE_TEMPLATE("GET, HEAD and an unknown path", D, OKHTTP_EVERY_DISPATCHER) {
    auto client = D::builder().build();
    const Response response = execute(client, nginx().url("/data.bin"));
    CHECK(response.code() == 200);
    CHECK(response.message() == "OK");
    CHECK(response.protocol() == okhttp::Protocol::http_1_1);
    CHECK(response.header("Server", "").starts_with("nginx/"));
    CHECK(response.body().content_length() == static_cast<std::int64_t>(nginx().data.size()));
    CHECK(response.body().string() == nginx().data);

    check_head(client, nginx().url("/data.bin"), nginx().data.size());

    const Response missing = execute(client, nginx().url("/nowhere"));
    CHECK(missing.code() == 404);
    CHECK(contains(missing.body().string(), "404 Not Found"));
    const Response refused = client.new_call(post_request(nginx().url("/data.bin"), "x")).execute();
    CHECK(refused.code() == 405);
    CHECK(execute(client, nginx().url("/empty")).code() == 204);
  }

  TEST_CASE_TEMPLATE("one connection serves one call after the other", D, OKHTTP_EVERY_DISPATCHER) {
    auto client = D::builder().build();
    std::string connection = body_of(client, nginx().url("/connection"));
    REQUIRE(connection.ends_with("/1"));
    connection.pop_back();
    CHECK(body_of(client, nginx().url("/connection")) == connection + "2");
    CHECK(execute(client, nginx().url("/nowhere")).body().string().size() > 0);
    const Request head = Request::Builder().url(nginx().url("/text.txt")).head().build();
    CHECK(client.new_call(head).execute().code() == 200);
    CHECK(execute(client, nginx().url("/empty")).code() == 204);
    CHECK(body_of(client, nginx().url("/text.txt")) == nginx().text);
    CHECK(body_of(client, nginx().url("/polite")) == connection + "7");
    CHECK(client.connection_pool().idle_connection_count() == 1);
  }

  TEST_CASE_TEMPLATE("a server that closes after some requests is connected to again", D,
                     OKHTTP_EVERY_DISPATCHER) {
    auto client = D::builder().build();
    const auto number = [&] {
      const std::string text = body_of(client, nginx().url("/two-requests"));
      return text.substr(text.find('/'));
    };
    CHECK(number() == "/1");
    CHECK(number() == "/2");
    CHECK(client.connection_pool().idle_connection_count() == 0);
    CHECK(number() == "/1");
  }

  TEST_CASE_TEMPLATE("gzip is asked for and undone", D, OKHTTP_EVERY_DISPATCHER) {
    auto client = D::builder().build();
    const Response response = execute(client, nginx().url("/text.txt"));
    REQUIRE(response.network_response() != nullptr);
    CHECK(response.network_response()->header("Content-Encoding") == "gzip");
    CHECK(response.network_response()->header("Transfer-Encoding") == "chunked");
    CHECK_FALSE(response.header("Content-Encoding"));
    CHECK(response.header("Vary") == "Accept-Encoding");
    CHECK(response.body().content_length() == -1);
    CHECK(response.body().string() == nginx().text);

    const Request by_hand =
        Request::Builder().url(nginx().url("/text.txt")).header("Accept-Encoding", "gzip").build();
    const Response coded = client.new_call(by_hand).execute();
    CHECK(coded.header("Content-Encoding") == "gzip");
    const std::string bytes = coded.body().string();
    CHECK(bytes.size() < nginx().text.size() / 2);
    CHECK(bytes.starts_with("\x1f\x8b"));

    const Request plain = Request::Builder()
                              .url(nginx().url("/text.txt"))
                              .header("Accept-Encoding", "identity")
                              .build();
    CHECK(client.new_call(plain).execute().body().string() == nginx().text);
  }

  TEST_CASE_TEMPLATE("a body may end with its connection", D, OKHTTP_EVERY_DISPATCHER) {
    auto client = D::builder().build();
    const Response response = execute(client, nginx().url("/until-close/text.txt"));
    CHECK_FALSE(response.header("Transfer-Encoding"));
    CHECK_FALSE(response.header("Content-Length"));
    CHECK(response.body().string() == nginx().text);
    CHECK(client.connection_pool().idle_connection_count() == 0);
  }

  TEST_CASE_TEMPLATE("parts of a file, and a file that has not changed", D,
                     OKHTTP_EVERY_DISPATCHER) {
    auto client = D::builder().build();
    const std::string url = nginx().url("/data.bin");
    const auto with = [&](std::string_view name, std::string_view value) {
      return client.new_call(Request::Builder().url(url).header(name, value).build()).execute();
    };
    const Response end = with("Range", "bytes=-5");
    CHECK(end.code() == 206);
    CHECK(end.header("Content-Range") == "bytes 299998-300002/300003");
    CHECK(end.body().string() == "ddend");
    const Response several = with("Range", "bytes=0-1,299999-300000");
    CHECK(several.code() == 206);
    CHECK(several.header("Content-Type", "").starts_with("multipart/byteranges"));
    std::string ranges;
    for (auto& part : okhttp::MultipartReader(several.body()))
      ranges.append(part.header("Content-Range").value_or("?")).append("=").append(part.body().string()).append(";");
    CHECK(ranges == "bytes 0-1/300003=dd;bytes 299999-300000/300003=de;");
    const Response outside = with("Range", "bytes=1000000-");
    CHECK(outside.code() == 416);
    outside.close();

    const Response whole = execute(client, url);
    CHECK(whole.body().string() == nginx().data);
    const std::string tag(whole.header("ETag", ""));
    const Response same = with("If-None-Match", tag);
    CHECK(same.code() == 304);
    CHECK(same.body().string().empty());
    CHECK(body_of(client, nginx().url("/connection")).ends_with("/6"));
  }

  TEST_CASE_TEMPLATE("POST sends its body, also chunked and after 100 Continue", D,
                     OKHTTP_EVERY_DISPATCHER) {
    auto client = D::builder().build();
    const std::string url = nginx().url("/echo");
    CHECK(client.new_call(post_request(url, "hello")).execute().body().string() ==
          "POST text/plain; charset=utf-8: hello");
    CHECK(client.new_call(post_request(url, "")).execute().body().string() ==
          "POST text/plain; charset=utf-8: ");

    std::string rest = "one two three";
    const Request chunked =
        Request::Builder()
            .url(url)
            .post(RequestBody::from_reader(
                [&rest](std::span<std::byte> into) -> std::size_t {
                  const std::size_t count = std::min<std::size_t>({4, rest.size(), into.size()});
                  std::memcpy(into.data(), rest.data(), count);
                  rest.erase(0, count);
                  return count;
                },
                "text/plain"))
            .build();
    CHECK(client.new_call(chunked).execute().body().string() == "POST text/plain: one two three");

    const Request expecting = Request::Builder()
                                  .url(url)
                                  .header("Expect", "100-continue")
                                  .post(RequestBody::create("when asked", "text/plain"))
                                  .build();
    CHECK(client.new_call(expecting).execute().body().string() ==
          "POST text/plain; charset=utf-8: when asked");
    CHECK(client.connection_pool().idle_connection_count() == 1);
  }

  TEST_CASE_TEMPLATE("a large body goes up with PUT and comes down again", D,
                     OKHTTP_EVERY_DISPATCHER) {
    auto client = D::builder().build();
    const std::string url = nginx().url("/files/upload");
    const std::string content = numbered_lines(100'000);
    const Response created =
        client.new_call(Request::Builder().url(url).put(RequestBody::create(content)).build())
            .execute();
    CHECK(created.code() == 201);
    CHECK(body_of(client, url) == content);
    const Request removal = Request::Builder().url(url).method("DELETE").build();
    CHECK(client.new_call(removal).execute().code() == 204);
    CHECK(execute(client, url).code() == 404);

    const auto too_large = [&](bool expects) {
      Request::Builder request;
      request.url(nginx().url("/small-files/upload")).put(RequestBody::create(content));
      if (expects) request.header("Expect", "100-continue");
      return client.new_call(request.build()).execute();
    };
    CHECK(too_large(false).code() == 413);
    CHECK(too_large(true).code() == 413);
  }

  TEST_CASE_TEMPLATE("redirects are followed as their codes say", D, OKHTTP_EVERY_DISPATCHER) {
    auto client = D::builder().build();
    for (const char* path : {"/moved", "/found", "/see-other"}) {
      CAPTURE(path);
      CHECK(body_of(client, nginx().url(path)) == "GET");
      const Response response = client.new_call(post_request(nginx().url(path), "x")).execute();
      CHECK(response.body().string() == "GET");
      REQUIRE(response.prior_response() != nullptr);
      CHECK(response.prior_response()->is_redirect());
      CHECK(response.request().url().to_string() == nginx().url("/method"));
    }
    for (const char* path : {"/temporary", "/permanent"}) {
      CAPTURE(path);
      CHECK(client.new_call(post_request(nginx().url(path), "again")).execute().body().string() ==
            "POST text/plain; charset=utf-8: again");
    }
    const Result<Response> endless =
        client.new_call(get_request(nginx().url("/loop"))).try_execute();
    REQUIRE_FALSE(endless);
    CHECK(endless.error().code() == Errc::too_many_follow_ups);
    CHECK(contains(endless.error().message(), nginx().peer()));

    auto obedient = client.new_builder().follow_redirects(false).build();
    const Response seen = execute(obedient, nginx().url("/moved"));
    CHECK(seen.code() == 301);
    CHECK(seen.header("Location") == "/method");
  }

  TEST_CASE_TEMPLATE("concurrent calls share a few connections", D, OKHTTP_EVERY_DISPATCHER) {
    auto client = D::builder().build();
    check_concurrent(client, nginx().url("/text.txt"), nginx().text);
    CHECK(client.connection_pool().idle_connection_count() <= 5);
  }

  TEST_CASE_TEMPLATE("HTTPS carries what HTTP does", D, OKHTTP_EVERY_DISPATCHER) {
    auto client = secure_client<D>();
    const Response response = execute(client, nginx().secure_url("/data.bin"));
    CHECK(response.code() == 200);
    CHECK(response.body().string() == nginx().data);
    CHECK(body_of(client, nginx().secure_url("/text.txt")) == nginx().text);
    check_head(client, nginx().secure_url("/data.bin"), nginx().data.size());
    CHECK(client.new_call(post_request(nginx().secure_url("/echo"), "secret"))
              .execute()
              .body()
              .string() == "POST text/plain; charset=utf-8: secret");
    CHECK(body_of(client, nginx().secure_url("/connection")).ends_with("/6"));
    CHECK(body_of(client, nginx().secure_url("/until-close/text.txt")) == nginx().text);

    const std::string content = numbered_lines(100'000);
    const std::string url = nginx().secure_url("/files/secure-upload");
    const Request upload = Request::Builder().url(url).put(RequestBody::create(content)).build();
    const int code = client.new_call(upload).execute().code();
    CHECK((code == 201 || code == 204));
    CHECK(body_of(client, url) == content);
    check_concurrent(client, nginx().secure_url("/text.txt"), nginx().text);
  }

  TEST_CASE_TEMPLATE("TLS 1.3 by name and TLS 1.2 by address; sessions are resumed", D,
                     OKHTTP_EVERY_DISPATCHER) {
    auto client = secure_client<D>();
    const auto again = [&](const std::string& url) {
      const Request request = Request::Builder().url(url).header("Connection", "close").build();
      return client.new_call(request).execute().body().string();
    };
    CHECK(again(nginx().secure_url("/tls")) == "TLSv1.3 . localhost");
    CHECK(again(nginx().secure_url("/tls")) == "TLSv1.3 r localhost");
    CHECK(again(nginx().tls12_url("/tls")) == "TLSv1.2 . ");
    CHECK(again(nginx().tls12_url("/tls")) == "TLSv1.2 r ");
  }

  TEST_CASE_TEMPLATE("redirects lead from HTTP to HTTPS and back, if that is allowed", D,
                     OKHTTP_EVERY_DISPATCHER) {
    auto client = secure_client<D>();
    CHECK(body_of(client, nginx().url("/to-https")) == "TLSv1.3 . localhost");
    CHECK(body_of(client, nginx().secure_url("/to-http")) == "GET");
    auto strict = client.new_builder().follow_ssl_redirects(false).build();
    CHECK(execute(strict, nginx().url("/to-https")).code() == 302);
  }

  TEST_CASE_TEMPLATE("what nginx refuses to do", D, OKHTTP_EVERY_DISPATCHER) {
    auto client = D::builder().build();
    const auto error_of = [&](const std::string& url) {
      Result<Response> result = client.new_call(get_request(url)).try_execute();
      return result ? okhttp::Error() : std::move(result).error();
    };
    // Its certificate has an issuer that only the other clients here trust.
    const okhttp::Error untrusted = error_of(nginx().secure_url("/tls"));
    CHECK(untrusted.code() == Errc::certificate);
    CHECK(contains(untrusted.message(), "TLS handshake with localhost"));
    // The port of HTTP.
    const okhttp::Error plain = error_of("https://" + nginx().peer() + "/");
    CHECK(plain.code() == Errc::tls);
    CHECK(contains(plain.message(), "it answered in plain HTTP"));
    CHECK(contains(plain.message(), nginx().peer()));
    // HTTP to the port of HTTPS: nginx has an answer for that.
    const Response reversed = execute(client, local_url(nginx().tls_port()));
    CHECK(reversed.code() == 400);
    CHECK(contains(reversed.body().string(), "plain HTTP request was sent to HTTPS port"));
    // A connection that is closed without an answer.
    const okhttp::Error nothing = error_of(nginx().url("/nothing"));
    CHECK(nothing.code() == Errc::unexpected_end);
    CHECK(contains(nothing.message(), nginx().peer()));
  }

}  // TEST_SUITE

}  // namespace real_servers_nginx_test
