// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_PROGRESS_IPP
#define OKHTTP_MESSAGE_PROGRESS_IPP

#include <okhttp/message/progress.hpp>

#if OKHTTP_BODIES

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <utility>

OKHTTP_NAMESPACE_BEGIN

namespace detail::progress {

class Reader final : public RequestBodyReader {
 public:
  Reader(std::unique_ptr<RequestBodyReader> inner, const UniqueFunction<void(Progress)>& callback, std::int64_t total)
      : inner_(std::move(inner)), callback_(callback), total_(total) {}
  // Whoever asks for more has sent what it was given before.
  Result<std::size_t> read(std::span<std::byte> into) override {
    const Result<std::size_t> size = inner_->read(into);
    if (!size || is_complete_) return size;
    is_complete_ = *size == 0;
    callback_(Progress{given_, total_, is_complete_});
    given_ += static_cast<std::int64_t>(*size);
    return size;
  }
  bool may_block() const noexcept override { return inner_->may_block(); }

 private:
  const std::unique_ptr<RequestBodyReader> inner_;
  const UniqueFunction<void(Progress)>& callback_;
  const std::int64_t total_;
  std::int64_t given_ = 0;
  bool is_complete_ = false;
};

/// Not taken from memory as a whole, as that would give nothing to report.
class Content final : public RequestBody::Content {
 public:
  Content(RequestBody body, UniqueFunction<void(Progress)> callback)
      : RequestBody::Content(body.content_type().value_or("")), body_(std::move(body)), callback_(std::move(callback)) {
    set_content_encoding(body_.content_encoding());
  }
  std::int64_t content_length() const override { return body_.content_length(); }
  bool is_one_shot() const noexcept override { return body_.is_one_shot(); }
  bool is_duplex() const noexcept override { return body_.is_duplex(); }
  Result<std::unique_ptr<RequestBodyReader>> open() const override {
    const std::int64_t total = body_.content_length();
    Result<std::unique_ptr<RequestBodyReader>> inner = body_.open();
    if (!inner || !callback_) return inner;
    std::unique_ptr<RequestBodyReader> reader = std::make_unique<Reader>(*std::move(inner), callback_, total);
    return reader;
  }

 private:
  const RequestBody body_;
  const UniqueFunction<void(Progress)> callback_;
};

}  // namespace detail::progress

OKHTTP_DECL RequestBody with_progress(RequestBody body, UniqueFunction<void(Progress)> callback) {
  return RequestBody(std::make_shared<const detail::progress::Content>(std::move(body), std::move(callback)));
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_MESSAGE_PROGRESS_IPP
