// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTS_SUPPORT_FAKE_BODY_SOURCE_HPP
#define OKHTTP_TESTS_SUPPORT_FAKE_BODY_SOURCE_HPP

#include <okhttp/base/task_runner.hpp>
#include <okhttp/message/body_source.hpp>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>

/// What a FakeBodySource saw; outlives it.
struct FakeBodyRecord {
  int reads = 0;
  int ends = 0;  // reads that gave 0
  int closes = 0;
  bool is_destroyed = false;
};

/// Gives a text in pieces of at most `piece` bytes, then ends or fails, and sticks to that.
class FakeBodySource final : public okhttp::BodySource {
 public:
  explicit FakeBodySource(std::string content, std::size_t piece = SIZE_MAX)
      : content_(std::move(content)), piece_(piece) {}
  ~FakeBodySource() override { record_->is_destroyed = true; }

  FakeBodySource& fail_at_end(okhttp::Error error) { return failure_ = std::move(error), *this; }
  FakeBodySource& with_trailers(okhttp::Headers trailers) {
    return trailers_ = std::move(trailers), *this;
  }
  FakeBodySource& with_runner(okhttp::TaskRunner* runner) { return runner_ = runner, *this; }
  std::shared_ptr<FakeBodyRecord> record() const { return record_; }

  okhttp::Task<std::size_t> read(std::span<std::byte> into) override {
    ++record_->reads;
    const std::size_t size = std::min({into.size(), piece_, content_.size() - at_});
    if (size == 0 && failure_) co_await okhttp::fail(*failure_);
    if (size == 0) ++record_->ends;
    if (size > 0) std::memcpy(into.data(), content_.data() + at_, size);
    at_ += size;
    co_return size;
  }
  okhttp::Task<void> close() override {
    ++record_->closes;
    co_return;
  }
  okhttp::TaskRunner* runner() const noexcept override { return runner_; }
  okhttp::Headers trailers() const override { return trailers_; }

 private:
  const std::string content_;
  const std::size_t piece_;
  std::size_t at_ = 0;
  std::optional<okhttp::Error> failure_;
  okhttp::Headers trailers_;
  okhttp::TaskRunner* runner_ = nullptr;
  std::shared_ptr<FakeBodyRecord> record_ = std::make_shared<FakeBodyRecord>();
};

/// The bytes as std::string.
inline std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

#endif  // OKHTTP_TESTS_SUPPORT_FAKE_BODY_SOURCE_HPP
