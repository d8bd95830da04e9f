// SPDX-License-Identifier: Apache-2.0
#include <okhttp/base/copy_on_write.hpp>

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <utility>

namespace copy_on_write_test {

using okhttp::detail::CopyOnWrite;

TEST_SUITE("base/copy_on_write") {
  TEST_CASE("is empty until it is written to") {
    CopyOnWrite<std::string> value;
    CHECK_FALSE(value);
    value.write() = "a";
    CHECK(value);
    CHECK(*value == "a");
  }

  TEST_CASE("copies share the value until one is written to") {
    CopyOnWrite<std::string> first;
    first.write() = "a";
    CopyOnWrite<std::string> second = first;
    CHECK(&*second == &*first);
    second.write() += "b";
    CHECK(*first == "a");
    CHECK(*second == "ab");
    CHECK(second->size() == 2);
  }

  TEST_CASE("a sole owner writes in place") {
    CopyOnWrite<std::string> first;
    first.write() = "a";
    const std::string* const place = &*first;
    CopyOnWrite<std::string> second = std::move(first);
    second.write() += "b";
    CHECK(&*second == place);
  }

  TEST_CASE("what another thread has read is not written to before it is done") {
    for (int round = 0; round < 200; ++round) {
      CopyOnWrite<std::string> value;
      value.write() = "some text that is long enough to be on the heap";
      std::size_t seen = 0;
      std::thread reader([&seen, copy = value]() mutable {
        seen = copy->size();
        copy = {};
      });
      value.write()[0] = 'S';
      reader.join();
      CHECK(seen == value->size());
    }
  }
}

}  // namespace copy_on_write_test
