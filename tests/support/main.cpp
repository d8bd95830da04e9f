// SPDX-License-Identifier: Apache-2.0
// The main program of every test executable, and the only file that implements doctest.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include <csignal>
#include <cstring>
#include <unistd.h>

// A test that hangs is ended from outside with SIGTERM; this says which one it was.
namespace {

const char* volatile running_test = "none";

void say(const char* text) {
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text, std::strlen(text));
}

void on_terminate(int) {
  say("ended by SIGTERM while running the test: ");
  say(running_test);
  say("\n");
  ::_exit(143);
}

struct NameTheHangingTest : doctest::IReporter {
  explicit NameTheHangingTest(const doctest::ContextOptions&) { std::signal(SIGTERM, on_terminate); }
  void report_query(const doctest::QueryData&) override {}
  void test_run_start() override {}
  void test_run_end(const doctest::TestRunStats&) override {}
  void test_case_start(const doctest::TestCaseData& test) override { running_test = test.m_name; }
  void test_case_reenter(const doctest::TestCaseData&) override {}
  void test_case_end(const doctest::CurrentTestCaseStats&) override {}
  void test_case_exception(const doctest::TestCaseException&) override {}
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData&) override {}
  void log_message(const doctest::MessageData&) override {}
  void test_case_skipped(const doctest::TestCaseData&) override {}
};

}  // namespace

REGISTER_LISTENER("name-the-hanging-test", 1, NameTheHangingTest);
