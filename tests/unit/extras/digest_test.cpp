// SPDX-License-Identifier: Apache-2.0
#include <okhttp/extras/digest.hpp>

#include <okhttp/message/headers.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace digest_test {

#if OKHTTP_TLS

using okhttp::Challenge;
using okhttp::DigestAlgorithm;
using okhttp::DigestChallenge;
using okhttp::DigestHash;
using okhttp::DigestRequest;
using okhttp::DigestSession;
using okhttp::Errc;
using okhttp::Headers;
using okhttp::Result;

namespace {

// RFC 7616, 3.9.1.
const char* const rfc_nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
const char* const rfc_cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";

std::vector<Challenge> challenges(std::string_view value) {
  Headers headers;
  headers.append_unchecked("WWW-Authenticate", value);
  return okhttp::parse_challenges(headers, "WWW-Authenticate");
}
Result<DigestChallenge> try_read(std::string_view value) {
  const std::vector<Challenge> found = challenges(value);
  REQUIRE(found.size() == 1);
  return DigestChallenge::try_from(found[0]);
}
DigestChallenge read(std::string_view value) { return try_read(value).value(); }

DigestChallenge rfc_challenge(std::string_view algorithm, std::string_view qop) {
  return read(R"(Digest realm="http-auth@example.org", qop=")" + std::string(qop) +
              "\", algorithm=" + std::string(algorithm) + ", nonce=\"" + rfc_nonce +
              R"(", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS")");
}
DigestSession rfc_session(std::string_view algorithm,
                          std::string_view qop = "auth, auth-int",
                          bool prefer_integrity = false) {
  return DigestSession(rfc_challenge(algorithm, qop), "Mufasa", "Circle of Life", prefer_integrity);
}

DigestRequest get(std::string_view target, std::string_view cnonce = rfc_cnonce) {
  DigestRequest request;
  request.method = "GET";
  request.target = target;
  request.cnonce = cnonce;
  return request;
}
DigestRequest post(std::string_view body_hash) {
  DigestRequest request = get("/dir/index.html");
  request.method = "POST";
  request.body_hash = body_hash;
  return request;
}

/// One parameter of an Authorization value, as a server reads it.
std::string part(const std::string& authorization, std::string_view name) {
  const std::vector<Challenge> parsed = challenges(authorization);
  REQUIRE(parsed.size() == 1);
  CHECK(parsed[0].scheme() == "Digest");
  return std::string(parsed[0].parameter(name).value_or("none"));
}

}  // namespace

TEST_SUITE("extras/digest") {
  TEST_CASE("RFC 7616, 3.9.1: the MD5 answer") {
    DigestSession session = rfc_session("MD5");
    CHECK(session.authorize(get("/dir/index.html")) ==
          "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", "
          "algorithm=MD5, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, "
          "cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, "
          "response=\"8ca523f5e9506fed4657c9700eebdbec\", "
          "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"");
  }

  TEST_CASE("RFC 7616, 3.9.1: the SHA-256 answer") {
    DigestSession session = rfc_session("SHA-256");
    const std::string value = session.authorize(get("/dir/index.html"));
    CHECK(part(value, "response") ==
          "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
    CHECK(part(value, "algorithm") == "SHA-256");
  }

  TEST_CASE("RFC 7616, 3.9.2 as erratum 4897 corrects it: SHA-512-256, charset and userhash") {
    // The text of the RFC has the hashes of a truncated SHA-512, which is another function.
    const char* const offered =
        "Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256, "
        "nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", "
        "opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", charset=UTF-8, userhash=";
    const DigestRequest request = get("/doe.json", "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v");
    DigestSession hashed(read(std::string(offered) + "true"), "J\xC3\xA4s\xC3\xB8n Doe",
                         "Secret, or not?");
    CHECK(hashed.authorize(request) ==
          "Digest username=\"793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b\", "
          "realm=\"api@example.org\", uri=\"/doe.json\", algorithm=SHA-512-256, "
          "nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", nc=00000001, "
          "cnonce=\"NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v\", qop=auth, "
          "response=\"3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5\", "
          "opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", userhash=true");
    // Without userhash only the name's form differs.
    DigestSession named(read(std::string(offered) + "false"), "J\xC3\xA4s\xC3\xB8n Doe",
                        "Secret, or not?");
    const std::string value = named.authorize(request);
    CHECK(value.starts_with("Digest username*=UTF-8''J%C3%A4s%C3%B8n%20Doe, realm="));
    CHECK(part(value, "response") ==
          "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5");
    CHECK(part(value, "userhash") == "none");
  }

  TEST_CASE("RFC 2617, 3.5: a server that names no algorithm") {
    DigestSession session(read("Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", "
                               "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
                               "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\""),
                          "Mufasa", "Circle Of Life");
    const std::string value = session.authorize(get("/dir/index.html", "0a4f113b"));
    CHECK(part(value, "response") == "6629fae49393a05397450978507c4ef1");
    CHECK(value.find("algorithm") == std::string::npos);
  }

  TEST_CASE("every algorithm with auth, auth-int, counted and in a session") {
    struct Row {
      const char* algorithm;
      const char* first;
      const char* second;
      const char* session_first;
      const char* session_second;
      const char* body;
      const char* with_body;
      const char* session_with_body;
    };
    const Row rows[] = {
        {"MD5", "8ca523f5e9506fed4657c9700eebdbec", "4b5d595ecf2db9df612ea5b45cd97101",
         "e783283f46242139c486a698fec7211d", "6914b51e16f9459d9abc967ad41c4599",
         "5d41402abc4b2a76b9719d911017c592", "23fef4d928a3e9fa6e0b0de51288c997",
         "1f00ae1cf4fdcb90e9cfc3b1e22118b7"},
        {"SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
         "8c8db27f49ff1c202f9fb49fa9d2e9eabf078dcc93db40dfd6527010091d1c8e",
         "2fd51b3a77ad75bad6afad6003e818d767133c46d9e2749e7f5232ae1ea3efd7",
         "6bb0010aa4bdf46422a798c509ea32e256f27bd37de5cc3bdf8ed51e1d77d650",
         "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
         "c98b95dbdb463c4483e324bced57d591946a6f84098142757b1333c52c47d62e",
         "b097196f9caf274775b76c5e5ad2221bdf75111e71e6598a385b951f12032e65"},
        {"SHA-512-256", "430d05014cecc49cab6fbe03176d41a1da86cbfe24a16580e22aaad928d960d0",
         "c70be613fc833a6fd44d48f13b0ae4431b234f5a5c232c4f817c08d99be9485e",
         "3f2a34f923c38b0fb26dce2fdfc2ce326c23cecf86fbb1444f3e51fbbc2cb92e",
         "3f0b079c78edc3f154dc32cd155ef358aab704e07c9fda1f425282a15cc97cf7",
         "e30d87cfa2a75db545eac4d61baf970366a8357c7f72fa95b52d0accb698f13a",
         "94b85dbcbbb97c3bda2751c7e160fe6604eccca585f3cbff75d2a23f0085ed70",
         "6188aa2d1c4d7adbdd32cdee6db3f0f8c107c0e7a45887aecb01647b05eda860"},
    };
    for (const Row& row : rows) {
      CAPTURE(row.algorithm);
      const std::string with_session = std::string(row.algorithm) + "-sess";
      DigestSession plain = rfc_session(row.algorithm);
      CHECK_FALSE(plain.wants_body_hash());
      CHECK(part(plain.authorize(get("/dir/index.html")), "response") == row.first);
      const std::string second = plain.authorize(get("/dir/index.html"));
      CHECK(part(second, "response") == row.second);
      CHECK(part(second, "nc") == "00000002");

      DigestSession session = rfc_session(with_session);
      const std::string first = session.authorize(get("/dir/index.html"));
      CHECK(part(first, "response") == row.session_first);
      CHECK(part(first, "algorithm") == with_session);
      // The cnonce is part of the session's key, so it stays.
      const std::string again = session.authorize(get("/dir/index.html", "another"));
      CHECK(part(again, "response") == row.session_second);
      CHECK(part(again, "cnonce") == rfc_cnonce);

      const std::string hash = DigestHash::try_hash(plain.challenge().algorithm, "hello").value();
      CHECK(hash == row.body);
      DigestSession integrity = rfc_session(row.algorithm, "auth-int");
      CHECK(integrity.wants_body_hash());
      const std::string covered = integrity.authorize(post(hash));
      CHECK(part(covered, "response") == row.with_body);
      CHECK(part(covered, "qop") == "auth-int");
      DigestSession both = rfc_session(with_session, "auth-int,auth", true);
      CHECK(both.wants_body_hash());
      CHECK(part(both.authorize(post(hash)), "response") == row.session_with_body);
    }
  }

  TEST_CASE("the form of RFC 2069, without qop") {
    DigestSession session = rfc_session("MD5", "");
    const std::string value = session.authorize(get("/dir/index.html"));
    CHECK(part(value, "response") == "7b2cc3b30e75b4777ea31027084363fd");
    for (const char* const absent : {"qop", "nc", "cnonce"}) CHECK(part(value, absent) == "none");
    CHECK(session.authorize(get("/dir/index.html")) == value);
    DigestSession sha = rfc_session("SHA-256", "");
    CHECK(part(sha.authorize(get("/dir/index.html")), "response") ==
          "a1306b0595a6c7fe96c448631fb5cfbd5107bd1fe1da729d978dd7446b812363");
  }

  TEST_CASE("auth-int without a body's hash is auth where that is offered, else an error") {
    DigestSession both = rfc_session("MD5", "auth,auth-int", true);
    CHECK(part(both.authorize(get("/dir/index.html")), "qop") == "auth");
    DigestSession only = rfc_session("MD5", "auth-int");
    const Result<std::string> value = only.try_authorize(get("/dir/index.html"));
    REQUIRE_FALSE(value);
    CHECK(value.error() == Errc::invalid_argument);
    // Where it is not wanted a hash is not used.
    DigestSession neither = rfc_session("MD5", "auth,auth-int");
    CHECK(part(neither.authorize(post("5d41402abc4b2a76b9719d911017c592")), "qop") == "auth");
    // No body is a body of no bytes.
    const std::string empty = DigestHash::try_hash(DigestAlgorithm::md5, "").value();
    CHECK(empty == "d41d8cd98f00b204e9800998ecf8427e");
    CHECK(only.try_authorize(post(empty)).has_value());
    CHECK(part(only.authorize(post(empty)), "nc") == "00000002");  // failures did not count
    for (const std::string& bad : {std::string(), empty + "0", std::string(32, 'g'),
                                   std::string("D41D8CD98F00B204E9800998ECF8427E")})
      CHECK_FALSE(only.try_authorize(post(bad)).has_value());
  }

  TEST_CASE("a body is hashed in pieces") {
    DigestHash hash = DigestHash::try_create(DigestAlgorithm::sha256_sess).value();
    for (const char c : std::string_view("hello")) hash.update(std::string_view(&c, 1));
    hash.update(std::span<const std::byte>());
    CHECK(hash.try_finish().value() ==
          "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    // Finished is finished.
    hash.update(std::string_view("more"));
    CHECK(hash.try_finish().error() == Errc::invalid_argument);
  }

  TEST_CASE("a challenge is read") {
    const DigestChallenge full =
        read(R"(dIgEsT realm="a \"b\" c", domain="/x https://y.example/", nonce="n", opaque="", )"
             R"(stale=TRUE, algorithm="sha-512-256-SESS", qop="auth-conf , auth-int,auth", )"
             R"(charset=utf-8, userhash="true", other=x)");
    CHECK(full.realm == "a \"b\" c");
    CHECK(full.domain == "/x https://y.example/");
    CHECK(full.nonce == "n");
    CHECK(full.opaque == "");
    CHECK(full.algorithm == DigestAlgorithm::sha512_256_sess);
    CHECK((full.names_algorithm && full.offers_auth && full.offers_auth_int));
    CHECK((full.stale && full.is_utf8 && full.userhash));

    const DigestChallenge bare =
        read("Digest realm=\"\", nonce=n, qop=\"\", stale=no, userhash=1, charset=x");
    CHECK(bare.realm.empty());
    CHECK(bare.algorithm == DigestAlgorithm::md5);
    CHECK_FALSE(bare.opaque.has_value());
    CHECK_FALSE((bare.names_algorithm || bare.offers_auth || bare.offers_auth_int));
    CHECK_FALSE((bare.stale || bare.is_utf8 || bare.userhash));
    CHECK(DigestChallenge::from(challenges("Digest realm=r, nonce=n")[0]).nonce == "n");
  }

  TEST_CASE("a challenge that cannot be answered says why") {
    const std::string long_value(DigestChallenge::max_value_bytes + 1, 'x');
    const std::pair<std::string, const char*> rows[] = {
        {"Basic realm=r, nonce=n", "its scheme is another one"},
        {"Digest", "its realm is missing, too long or has controls"},
        {"Digest nonce=n", "its realm is missing, too long or has controls"},
        {"Digest realm=\"" + long_value + "\", nonce=n",
         "its realm is missing, too long or has controls"},
        {"Digest realm=r", "its nonce is missing, too long or has controls"},
        {"Digest realm=r, nonce=\"\"", "its nonce is missing, too long or has controls"},
        {"Digest realm=r, nonce=" + long_value, "its nonce is missing, too long or has controls"},
        {"Digest realm=r, nonce=n, opaque=" + long_value, "its opaque is too long or has controls"},
        {"Digest realm=r, nonce=n, domain=" + long_value, "its domain is too long or has controls"},
        {"Digest realm=r, nonce=n, algorithm=SHA-512", "its algorithm is not known"},
        {"Digest realm=r, nonce=n, algorithm=\"\"", "its algorithm is not known"},
        {"Digest realm=r, nonce=n, qop=auth-conf", "its qop is not known"},
        {"Digest realm=r, nonce=n, algorithm=MD5-sess", "its algorithm needs qop"},
    };
    for (const auto& row : rows) {
      CAPTURE(row.second);
      const Result<DigestChallenge> parsed = try_read(row.first);
      REQUIRE_FALSE(parsed);
      CHECK(parsed.error() == Errc::protocol_error);
      CHECK(parsed.error().message() ==
            std::string("a Digest challenge cannot be used: ") + row.second);
    }
    for (const char* const name : {"realm", "nonce", "opaque", "domain"}) {
      okhttp::AuthParameters parameters;
      parameters.add(name, "a\r\nX: y");
      parameters.add("realm", "r");
      parameters.add("nonce", "n");
      CHECK_FALSE(DigestChallenge::try_from(Challenge("Digest", parameters)).has_value());
    }
  }

  TEST_CASE("the strongest algorithm that is known is taken, of equals the first") {
    const auto strongest = [](std::string_view value) {
      return DigestChallenge::try_strongest(challenges(value));
    };
    CHECK(strongest("Digest realm=a, nonce=1, algorithm=MD5, Digest realm=b, nonce=2, "
                    "algorithm=SHA-512-256, qop=auth, Digest realm=c, nonce=3, algorithm=SHA-256")
              ->realm == "b");
    CHECK(strongest("Basic realm=x, Digest realm=a, nonce=1, Digest realm=b, nonce=2, "
                    "algorithm=SHA-256, NTLM")
              ->realm == "b");
    CHECK(strongest("Digest realm=a, nonce=1, algorithm=SHA-256-sess, qop=auth, "
                    "Digest realm=b, nonce=2, algorithm=SHA-256")
              ->realm == "a");
    CHECK(strongest("Digest realm=a, nonce=1, Digest realm=b, nonce=2, algorithm=SHA3-512, "
                    "Digest realm=c, nonce=3, algorithm=SHA-256, qop=unknown")
              ->realm == "a");
    CHECK(strongest("Digest realm=a, nonce=1, algorithm=new, Digest realm=b").error().message() ==
          "a Digest challenge cannot be used: its algorithm is not known");
    for (const char* const none : {"", "Basic realm=a", "Digest"})
      CHECK(strongest(none).error() == Errc::protocol_error);
    CHECK(DigestChallenge::strongest(challenges("Digest realm=a, nonce=1")).realm == "a");
  }

  TEST_CASE("a stale nonce is replaced, anything else is a refusal") {
    DigestSession session = rfc_session("MD5");
    session.authorize(get("/dir/index.html"));
    DigestChallenge next = rfc_challenge("MD5", "auth");
    CHECK_FALSE(session.renew(next));
    next.nonce = "next";
    CHECK_FALSE(session.renew(next));  // not stale: the password is wrong
    next.stale = true;
    next.realm = "another";
    CHECK_FALSE(session.renew(next));
    CHECK(part(session.authorize(get("/dir/index.html")), "nc") == "00000002");
    next.realm = session.challenge().realm;
    CHECK(session.renew(next));
    const std::string value = session.authorize(get("/dir/index.html"));
    CHECK(part(value, "nc") == "00000001");
    CHECK(part(value, "nonce") == "next");
    CHECK(part(value, "response") == "68b73f9d81c5b8acb2e77fd72eca7327");
    CHECK_FALSE(session.renew(next));  // the same again
  }

  TEST_CASE("a session begins anew with a stale nonce") {
    DigestSession session = rfc_session("SHA-256-sess");
    session.authorize(get("/dir/index.html", "old"));
    DigestChallenge next = rfc_challenge("SHA-256-sess", "auth");
    next.nonce = "other";
    next.stale = true;
    REQUIRE(session.renew(next));
    next.nonce = rfc_nonce;
    REQUIRE(session.renew(next));
    CHECK(part(session.authorize(get("/dir/index.html")), "response") ==
          "2fd51b3a77ad75bad6afad6003e818d767133c46d9e2749e7f5232ae1ea3efd7");
  }

  TEST_CASE("nextnonce is used from then on, the key of a session stays") {
    DigestSession session = rfc_session("MD5");
    session.authorize(get("/dir/index.html"));
    for (const char* const ignored : {"", "qop=auth", "nextnonce=\"\"", "nextnonce=\"x",
                                      "nextnonce", "nextnonce=a, nextnonce=b"})
      session.note_authentication_info(ignored);
    session.note_authentication_info("nextnonce=\"" + std::string(rfc_nonce) + "\"");
    session.note_authentication_info("nextnonce=\"" +
                                     std::string(DigestChallenge::max_value_bytes + 1, 'x') + "\"");
    CHECK(part(session.authorize(get("/dir/index.html")), "nc") == "00000002");
    session.note_authentication_info("rspauth=\"abc\", NextNonce=\"next\", qop=auth");
    const std::string value = session.authorize(get("/dir/index.html"));
    CHECK(part(value, "nc") == "00000001");
    CHECK(part(value, "response") == "68b73f9d81c5b8acb2e77fd72eca7327");

    DigestSession bound = rfc_session("SHA-256-sess");
    bound.authorize(get("/dir/index.html"));
    bound.note_authentication_info("nextnonce=next");
    CHECK(part(bound.authorize(get("/dir/index.html", "another")), "response") ==
          "7cd72319fac9ebd5e69582b8298e4769d9f4c1633c2e2d06b914a9d3ca5a8e78");
  }

  TEST_CASE("quotes and backslashes are escaped when sent and bare when hashed") {
    DigestSession session(read(R"(Digest realm="r\"x\\y", nonce="n\"\\n", opaque="\"")"), "a\"b\\c",
                          "p");
    const std::string value = session.authorize(get("/"));
    CHECK(value == R"(Digest username="a\"b\\c", realm="r\"x\\y", uri="/", nonce="n\"\\n", )"
                   R"(response="023a6e89e0dd0017adad01a46d861f0b", opaque="\"")");
    CHECK(part(value, "username") == "a\"b\\c");
    CHECK(part(value, "nonce") == "n\"\\n");
    CHECK(part(session.authorize(get("/a?b=\"c\\d")), "uri") == "/a?b=\"c\\d");
  }

  TEST_CASE("bytes past ASCII") {
    const DigestChallenge plain = read("Digest realm=r, nonce=n");
    DigestSession utf8(plain, "J\xC3\xA4s\xC3\xB8n Doe", "p\xC3\xA4");
    const std::string value = utf8.authorize(get("/"));
    CHECK(value.starts_with("Digest username*=UTF-8''J%C3%A4s%C3%B8n%20Doe, realm=\"r\""));
    CHECK(part(value, "response") == "2eb8981f560dc010d53cd55e91ec5f3d");
    DigestSession special(plain, "\xC3\xA4 *'%a!#$&+-.^_`|~/\"", "p");
    CHECK(special.authorize(get("/")).find("UTF-8''%C3%A4%20%2A%27%25a!#$&+-.^_`|~%2F%22,") !=
          std::string::npos);
    // Where the server does not say, a password is the bytes given.
    DigestSession latin(plain, "u", "p\xE4");
    CHECK(part(latin.authorize(get("/")), "response") == "0c4d3fb3145ec2fb0f4532e27623e657");
    const DigestChallenge says_utf8 = read("Digest realm=r, nonce=n, charset=UTF-8, userhash=true");
    CHECK_FALSE(DigestSession(says_utf8, "u", "p\xE4").try_authorize(get("/")).has_value());
    CHECK_FALSE(DigestSession(says_utf8, "u\xE4", "p").try_authorize(get("/")).has_value());
    CHECK_FALSE(DigestSession(plain, "u\xE4", "p").try_authorize(get("/")).has_value());
    CHECK(DigestSession(says_utf8, "u\xC3\xA4", "p\xC3\xA4").try_authorize(get("/")).has_value());
    // A realm goes back as it came.
    DigestSession realm(read("Digest realm=\"\xE9\", nonce=n"), "u", "p");
    CHECK(part(realm.authorize(get("/")), "realm") == "\xE9");
  }

  TEST_CASE("nothing can break out of the header, and no error shows credentials") {
    const DigestChallenge challenge = read("Digest realm=r, nonce=n, qop=auth");
    const auto refused = [&](const Result<std::string>& value) {
      if (value) return false;
      CHECK(value.error() == Errc::invalid_argument);
      const std::string& text = value.error().message();
      for (const char* const secret : {"alice", "hunter2", "sesame", "\r", "\n", "\""})
        CHECK(text.find(secret) == std::string::npos);
      return true;
    };
    const auto with_user = [&](std::string user, std::string password) {
      return DigestSession(challenge, std::move(user), std::move(password)).try_authorize(get("/"));
    };
    CHECK_FALSE(refused(with_user("alice", "hunter2")));
    CHECK_FALSE(refused(with_user("ALICE:x", "hunter2")));
    for (const char* const bad : {"alice\r\nX: y", "alice\n", "alice\x7F", "alice\t", "\x01"}) {
      CHECK(refused(with_user(bad, "hunter2")));
      CHECK(refused(with_user("alice", "hunter2" + std::string(bad))));
    }
    CHECK(refused(with_user(std::string("alice\0", 6), "hunter2")));
    CHECK(refused(with_user("alice\xE4", "hunter2")));

    DigestSession session(challenge, "alice", "hunter2");
    for (const char* const bad :
         {"", "/?sesame=1\r\nX: y", "/ sesame", "/sesame\x7F", "/\xC3\xA4sesame"})
      CHECK(refused(session.try_authorize(get(bad))));
    for (const std::string& bad : {std::string(), std::string("a\r\nb"), std::string("a b"),
                                   std::string("\xE4"), std::string(257, 'a')})
      CHECK(refused(session.try_authorize(get("/", bad))));
    DigestRequest request = get("/");
    for (const char* const bad : {"", "GET\r\n", "G T"}) {
      request.method = bad;
      CHECK(refused(session.try_authorize(request)));
    }
    CHECK(part(session.authorize(get("/", std::string(256, 'a'))), "nc") == "00000001");

    for (std::string DigestChallenge::*const member :
         {&DigestChallenge::realm, &DigestChallenge::nonce}) {
      DigestChallenge made = challenge;
      made.*member = "x\r\nX: y";
      CHECK(refused(DigestSession(made, "alice", "hunter2").try_authorize(get("/"))));
    }
    DigestChallenge made = challenge;
    made.opaque = "\n";
    CHECK(refused(DigestSession(made, "alice", "hunter2").try_authorize(get("/"))));
  }

  TEST_CASE("algorithms have the names of the registry") {
    CHECK(okhttp::digest_algorithm_name(DigestAlgorithm::md5) == "MD5");
    CHECK(okhttp::digest_algorithm_name(DigestAlgorithm::md5_sess) == "MD5-sess");
    CHECK(okhttp::digest_algorithm_name(DigestAlgorithm::sha256) == "SHA-256");
    CHECK(okhttp::digest_algorithm_name(DigestAlgorithm::sha256_sess) == "SHA-256-sess");
    CHECK(okhttp::digest_algorithm_name(DigestAlgorithm::sha512_256) == "SHA-512-256");
    CHECK(okhttp::digest_algorithm_name(DigestAlgorithm::sha512_256_sess) == "SHA-512-256-sess");
  }
}

#endif  // OKHTTP_TLS

}  // namespace digest_test
