// SPDX-License-Identifier: Apache-2.0
#include <okhttp/extras/file_cookie_jar.hpp>

#include <doctest/doctest.h>

#include "support/temporary_folder.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace file_cookie_jar_test {

using okhttp::Cookie;
using okhttp::CookieLimits;
using okhttp::Errc;
using okhttp::FileCookieJar;
using okhttp::HttpUrl;
using okhttp::Result;

namespace {

constexpr std::string_view line_a = "example.com\tFALSE\t/\tFALSE\t0\ta\t1\n";
constexpr std::string_view line_b = "example.com\tFALSE\t/\tFALSE\t0\tb\t2\n";

Cookie cookie(std::string_view name, std::string_view value = "") {
  return Cookie::Builder().name(name).value(value).host_only_domain("example.com").build();
}

std::string names(const FileCookieJar& jar) {
  std::string text;
  for (const Cookie& kept : jar.all()) text.append(text.empty() ? "" : " ").append(kept.name());
  return text;
}

unsigned mode_of(const std::string& path) {
  struct stat facts{};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  return facts.st_mode & 07777;
}

/// What stands behind the comments.
std::string lines_of(const TemporaryFolder& folder, const std::string& name) {
  const std::string text = folder.read(name);
  const std::size_t end = text.find("\n\n");
  REQUIRE(end != std::string::npos);
  return text.substr(end + 2);
}

}  // namespace

TEST_SUITE("extras/file_cookie_jar") {

TEST_CASE("a file that is not there is an empty jar, and is made by the first change, for its owner alone") {
  const TemporaryFolder folder;
  FileCookieJar jar(folder / "cookies.txt");
  CHECK(jar.all().empty());
  CHECK(jar.path() == folder / "cookies.txt");
  CHECK(jar.saving_may_block());
  CHECK_FALSE(jar.loading_may_block());
  CHECK(folder.names().empty());
  jar.add(cookie("a", "1"));
  CHECK(lines_of(folder, "cookies.txt") == line_a);
  CHECK(mode_of(folder / "cookies.txt") == 0600);
  CHECK(folder.names() == std::vector<std::string>{"cookies.txt"});
  CHECK(names(FileCookieJar(folder / "cookies.txt")) == "a");
}

TEST_CASE("every change is saved, and the order of cookies with them") {
  const TemporaryFolder folder;
  FileCookieJar jar(folder / "cookies.txt");
  const HttpUrl url = HttpUrl::parse("https://example.com/");
  jar.save_from_response(url, {cookie("a", "1"), cookie("b", "2")});
  CHECK(lines_of(folder, "cookies.txt") == std::string(line_a) + std::string(line_b));
  jar.save_from_response(url, {cookie("a", "3")});
  CHECK(names(FileCookieJar(folder / "cookies.txt")) == "a b");
  jar.remove(cookie("a"));
  CHECK(lines_of(folder, "cookies.txt") == line_b);
  jar.clear();
  CHECK(lines_of(folder, "cookies.txt").empty());
  // What changes nothing writes nothing.
  REQUIRE(::unlink((folder / "cookies.txt").c_str()) == 0);
  jar.save_from_response(url, {});
  CHECK(jar.load_for_request(url).empty());
  CHECK(folder.names().empty());
}

TEST_CASE("a jar that is not to save by itself does so when asked and in the end") {
  const TemporaryFolder folder;
  {
    FileCookieJar jar(folder / "cookies.txt");
    jar.save_every_change(false);
    jar.add(cookie("a", "1"));
    CHECK(folder.names().empty());
    jar.save();
    CHECK(lines_of(folder, "cookies.txt") == line_a);
    jar.add(cookie("b", "2"));
    CHECK(lines_of(folder, "cookies.txt") == line_a);
  }
  CHECK(lines_of(folder, "cookies.txt") == std::string(line_a) + std::string(line_b));
}

TEST_CASE("what has expired is neither loaded nor saved") {
  const TemporaryFolder folder;
  std::chrono::sys_seconds now{std::chrono::seconds(784'111'777)};
  folder.write("cookies.txt",
               "example.com\tFALSE\t/\tFALSE\t784111777\told\t1\nexample.com\tFALSE\t/\tFALSE\t784111778\tnew\t1\n");
  const auto open = [&] {
    return std::make_unique<FileCookieJar>(folder / "cookies.txt", CookieLimits(),
                                           [&now] { return std::chrono::system_clock::time_point(now); });
  };
  const auto jar = open();
  CHECK(names(*jar) == "new");
  now += std::chrono::seconds(1);
  jar->add(cookie("b", "2"));
  CHECK(lines_of(folder, "cookies.txt") == line_b);
}

TEST_CASE("session cookies are kept unless they are thrown out") {
  const TemporaryFolder folder;
  folder.write("cookies.txt", "# HTTP Cookie File\n" + std::string(line_a) + "example.com\tFALSE\t/\tFALSE\t99999999999\tp\t1\n");
  FileCookieJar jar(folder / "cookies.txt");
  CHECK(names(jar) == "a p");
  CHECK(jar.remove_if([](const Cookie& kept) { return !kept.persistent(); }) == 1);
  CHECK(names(FileCookieJar(folder / "cookies.txt")) == "p");
}

TEST_CASE("lines that cannot be read are told of, and stay in the file") {
  const TemporaryFolder folder;
  folder.write("cookies.txt", "# a comment\nexample.com\tFALSE\t/\tFALSE\t0\t\tnameless\n" + std::string(line_a) + "nonsense\r\n");
  FileCookieJar jar(folder / "cookies.txt");
  CHECK(jar.unreadable_lines() == 2);
  CHECK(names(jar) == "a");
  jar.add(cookie("b", "2"));
  CHECK(lines_of(folder, "cookies.txt") ==
        std::string(line_a) + std::string(line_b) + "example.com\tFALSE\t/\tFALSE\t0\t\tnameless\nnonsense\n");
  CHECK(FileCookieJar(folder / "cookies.txt").unreadable_lines() == 2);
}

TEST_CASE("what is no file of cookies is neither read nor written over") {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& path) {
    const Result<std::shared_ptr<FileCookieJar>> jar = FileCookieJar::try_open(path);
    if (jar) return std::string("(opened)");
    CHECK(jar.error() == Errc::file);
    CHECK_THROWS_AS(FileCookieJar{path}, okhttp::Exception);
    return std::string(jar.error().message());
  };
  folder.write("letter.txt", "Dear reader,\n");
  CHECK(refused(folder / "letter.txt") == "cannot read " + folder / "letter.txt" + ": it is no file of cookies");
  CHECK(folder.read("letter.txt") == "Dear reader,\n");
  CHECK(refused(folder.path()) != "(opened)");
  CHECK(refused("") != "(opened)");
  CHECK(refused(folder / "no/such/folder/cookies.txt") == "(opened)");
  folder.write("empty.txt", "");
  CHECK(refused(folder / "empty.txt") == "(opened)");
  folder.write("comments.txt", "# only\n\n");
  CHECK(refused(folder / "comments.txt") == "(opened)");
  folder.write("long.txt", std::string(FileCookieJar::max_file_size + 1, '\n'));
  CHECK(refused(folder / "long.txt") == "cannot read " + folder / "long.txt" + ": it is too long");
}

TEST_CASE("when saving fails the old file stays, and the reason is kept until it works") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "inner");
  const std::string path = folder / "inner/cookies.txt";
  auto jar = std::make_unique<FileCookieJar>(path);
  std::filesystem::remove(folder / "inner");
  jar->add(cookie("a", "1"));
  REQUIRE(jar->save_failure());
  CHECK(*jar->save_failure() == Errc::file);
  CHECK_THROWS_AS(jar->save(), okhttp::Exception);
  CHECK_FALSE(jar->try_save());
  CHECK(names(*jar) == "a");
  std::filesystem::create_directory(folder / "inner");
  jar.reset();  // the last chance
  CHECK(names(FileCookieJar(path)) == "a");

  FileCookieJar other(path);
  std::filesystem::remove_all(folder / "inner");
  other.add(cookie("b", "2"));
  CHECK(other.save_failure());
  std::filesystem::create_directory(folder / "inner");
  other.add(cookie("c", "3"));
  CHECK_FALSE(other.save_failure());
  CHECK(names(FileCookieJar(path)) == "a b c");
}

TEST_CASE("the permissions of a file that is there stay") {
  const TemporaryFolder folder;
  folder.write("cookies.txt", std::string(line_a));
  REQUIRE(::chmod((folder / "cookies.txt").c_str(), 0640) == 0);
  FileCookieJar jar(folder / "cookies.txt");
  jar.add(cookie("b", "2"));
  CHECK(mode_of(folder / "cookies.txt") == 0640);
}

TEST_CASE("a program that dies while it saves leaves the old file or the new one") {
  const TemporaryFolder folder;
  const std::string path = folder / "cookies.txt";
  FileCookieJar(path).add(cookie("seed", "1"));
  // The child saves without end and is killed in the midst of it, at another point each time.
  for (int round = 0; round < 10; ++round) {
    CAPTURE(round);
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      FileCookieJar jar(path);
      const std::string padding(4000, 'x');
      for (unsigned i = 0;; ++i) {
        jar.add(cookie("n" + std::to_string(i % 40), std::to_string(i) + padding));
        if (i == 0) (void)!::write(ends[1], "x", 1);
      }
    }
    char begun = 0;
    REQUIRE(::read(ends[0], &begun, 1) == 1);
    std::this_thread::sleep_for(std::chrono::microseconds(500 * round));
    ::kill(child, SIGKILL);
    REQUIRE(::waitpid(child, nullptr, 0) == child);
    ::close(ends[0]);
    ::close(ends[1]);
    const FileCookieJar jar(path);
    CHECK(jar.unreadable_lines() == 0);
    CHECK_FALSE(jar.all().empty());
    for (const Cookie& kept : jar.all()) CHECK((kept.name() == "seed" || kept.value().size() > 4000));
  }
}

TEST_CASE("changes of several threads at once are all saved when they return") {
  const TemporaryFolder folder;
  const std::string path = folder / "cookies.txt";
  FileCookieJar jar(path, CookieLimits{.per_domain = 100, .total = 100});
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 5; ++i) {
        const std::string name = "n" + std::to_string(thread * 5 + i);
        jar.add(cookie(name));
        bool found = false;
        for (const Cookie& kept : FileCookieJar(path).all()) found = found || kept.name() == name;
        CHECK(found);
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(FileCookieJar(path).all().size() == 20);
}

}  // TEST_SUITE

}  // namespace file_cookie_jar_test
