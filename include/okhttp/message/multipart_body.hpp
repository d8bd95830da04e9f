// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_MULTIPART_BODY_HPP
#define OKHTTP_MESSAGE_MULTIPART_BODY_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>
#include <okhttp/message/headers.hpp>
#include <okhttp/message/request_body.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

/// Several bodies in one, each with headers of its own: a form with files, a mail, a set of related documents.
/// Wherever a RequestBody is wanted it is one, so it may also be a part of another one. Cheap to copy: copies
/// share the parts.
///
/// The parts are read one after the other while they are sent; only what lies in memory anyway and is small is
/// put together before. The length is known when that of every part is. With a part that can be sent once only
/// the whole can be sent once only. A part that gives more or fewer bytes than it said when its turn came
/// fails the call with Errc::body_length.
///
/// Lifetime: references are valid as long as any copy; called on a temporary the accessors give values.
/// Thread safety: immutable; may be sent by several calls at once unless it is one-shot.
/// Spec: RFC 2046, 5.1; RFC 7578 for forms. As OkHttp, and as browsers, it sends no Content-Length of parts.
class MultipartBody {
 public:
  class Builder;

  // The usual types, for Builder::type.
  /// Parts that are independent and in order. The default.
  static constexpr std::string_view mixed = "multipart/mixed";
  /// The same content in several forms, the last one the best.
  static constexpr std::string_view alternative = "multipart/alternative";
  /// As mixed; a part without a Content-Type is a message.
  static constexpr std::string_view digest = "multipart/digest";
  /// As mixed, in any order.
  static constexpr std::string_view parallel = "multipart/parallel";
  /// A document and what it refers to (RFC 2387, which wants a parameter `type` behind it).
  static constexpr std::string_view related = "multipart/related";
  /// The fields of a form (RFC 7578).
  static constexpr std::string_view form = "multipart/form-data";

  /// One of the bodies.
  class Part {
   public:
    /// Errors: kept as a fault that the builder of the whole reports, for headers that have Content-Type or
    /// Content-Length: the body has these.
    explicit Part(RequestBody body) : Part(Headers(), std::move(body)) {}
    Part(Headers headers, RequestBody body);
    /// A field of a form, with the Content-Disposition that browsers send: line ends and quotes in names become
    /// %0A, %0D and %22, all else stays, UTF-8 too. Other control characters are a fault.
    static Part form_data(std::string_view name, std::string_view value) {
      return form_data(name, RequestBody::create(value));
    }
    static Part form_data(std::string_view name, RequestBody body) {
      return make_form_data(name, nullptr, std::move(body));
    }
    static Part form_data(std::string_view name, std::string_view file_name, RequestBody body) {
      return make_form_data(name, &file_name, std::move(body));
    }

    /// Without Content-Type.
    const Headers& headers() const& noexcept { return headers_; }
    Headers headers() && noexcept { return std::move(headers_); }
    const RequestBody& body() const& noexcept { return body_; }
    RequestBody body() && noexcept { return std::move(body_); }
    /// Why it cannot be sent, or null.
    const Error* fault() const noexcept { return fault_ ? &*fault_ : nullptr; }

   private:
    static Part make_form_data(std::string_view name, const std::string_view* file_name, RequestBody body);

    Headers headers_;
    RequestBody body_;
    std::optional<Error> fault_;
  };

  const std::vector<Part>& parts() const& noexcept;
  std::vector<Part> parts() && { return std::as_const(*this).parts(); }
  /// The line between the parts, without its two hyphens.
  const std::string& boundary() const& noexcept;
  std::string boundary() && { return std::as_const(*this).boundary(); }
  /// As it was set, without the boundary.
  const std::string& type() const& noexcept;
  std::string type() && { return std::as_const(*this).type(); }

  /// In bytes, or -1 when that of a part is not known.
  std::int64_t content_length() const;
  bool is_one_shot() const noexcept;
  /// It as any other body; shares the parts.
  RequestBody to_request_body() const;
  operator RequestBody() const { return to_request_body(); }  // NOLINT: passed where a body is wanted

 private:
  class Content;
  class Reader;
  explicit MultipartBody(std::shared_ptr<const Content> content) noexcept : content_(std::move(content)) {}

  std::shared_ptr<const Content> content_;
};

/// Makes multipart bodies of at least one part. Keeps the first fault: `build` throws it, `try_build` returns
/// it.
class MultipartBody::Builder {
 public:
  /// With a boundary that is random: 128 bits, from the operating system where there are files.
  Builder() = default;
  /// With this boundary, which must not occur in any part. 1 to 70 letters, digits, spaces and `'()+_,-./:=?`,
  /// the last one no space (RFC 2046, 5.1.1); anything else is a fault.
  explicit Builder(std::string boundary);

  /// MultipartBody::form or another type; "multipart/..." with parameters or without.
  Builder& type(std::string_view media_type) &;
  Builder&& type(std::string_view media_type) && { return std::move(type(media_type)); }

  Builder& add_part(Part part) &;
  Builder&& add_part(Part part) && { return std::move(add_part(std::move(part))); }
  Builder& add_part(RequestBody body) & { return add_part(Part(std::move(body))); }
  Builder&& add_part(RequestBody body) && { return std::move(add_part(std::move(body))); }
  Builder& add_part(Headers headers, RequestBody body) & {
    return add_part(Part(std::move(headers), std::move(body)));
  }
  Builder&& add_part(Headers headers, RequestBody body) && {
    return std::move(add_part(std::move(headers), std::move(body)));
  }

  /// A field of a form; see Part::form_data.
  Builder& add_form_data_part(std::string_view name, std::string_view value) & {
    return add_part(Part::form_data(name, value));
  }
  Builder&& add_form_data_part(std::string_view name, std::string_view value) && {
    return std::move(add_form_data_part(name, value));
  }
  /// The same with a media type, but no file.
  Builder& add_form_data_part(std::string_view name, RequestBody body) & {
    return add_part(Part::form_data(name, std::move(body)));
  }
  Builder&& add_form_data_part(std::string_view name, RequestBody body) && {
    return std::move(add_form_data_part(name, std::move(body)));
  }
  /// A file of a form. The name is what the server is told; it has nothing to do with where the bytes lie.
  Builder& add_form_data_part(std::string_view name, std::string_view file_name, RequestBody body) & {
    return add_part(Part::form_data(name, file_name, std::move(body)));
  }
  Builder&& add_form_data_part(std::string_view name, std::string_view file_name, RequestBody body) && {
    return std::move(add_form_data_part(name, file_name, std::move(body)));
  }

  /// The body. Errors: the first fault, that of a part included; Errc::invalid_argument without a part, or with
  /// a part that is duplex.
  Result<MultipartBody> try_build() const;
#if OKHTTP_EXCEPTIONS
  /// As try_build, but throws.
  MultipartBody build() const { return try_build().value(); }
#endif

 private:
  void fail(Error fault) {
    if (!fault_) fault_ = std::move(fault);
  }

  std::string boundary_;
  std::string type_{mixed};
  std::vector<Part> parts_;
  std::optional<Error> fault_;
};

OKHTTP_NAMESPACE_END

#include <okhttp/message/multipart_body.ipp>

#endif  // OKHTTP_MESSAGE_MULTIPART_BODY_HPP
