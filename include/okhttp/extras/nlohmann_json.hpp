// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_EXTRAS_NLOHMANN_JSON_HPP
#define OKHTTP_EXTRAS_NLOHMANN_JSON_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>
#include <okhttp/message/json_adapter.hpp>

#if !__has_include(<nlohmann/json.hpp>)
#error "okhttp: this header needs nlohmann/json (Debian: apt install nlohmann-json3-dev), or okhttp::JsonAdapter"
#endif
#include <nlohmann/json.hpp>

#include <cstddef>
#include <exception>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

OKHTTP_NAMESPACE_BEGIN
namespace detail::json {

/// A document type itself: nlohmann::json, ordered_json and their kind.
template <class T>
concept NlohmannDocument = nlohmann::detail::is_basic_json<T>::value;

/// What it is read into and written from: itself, else nlohmann::json.
template <class T>
using NlohmannDocumentOf = std::conditional_t<NlohmannDocument<T>, T, nlohmann::json>;

/// What nlohmann/json can write: its own types, numbers, texts, containers, and what a to_json is found for.
template <class T>
concept NlohmannWritable = NlohmannDocument<T> || std::is_constructible_v<nlohmann::json, const T&>;
template <class T>
concept NlohmannReadable = requires(const nlohmann::json& document) { document.template get<T>(); };

/// Only learns where a text stops to be JSON.
template <class Document>
class FaultFinder final : public nlohmann::json_sax<Document> {
 public:
  using Base = nlohmann::json_sax<Document>;
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(typename Base::number_integer_t) override { return true; }
  bool number_unsigned(typename Base::number_unsigned_t) override { return true; }
  bool number_float(typename Base::number_float_t, const typename Base::string_t&) override { return true; }
  bool string(typename Base::string_t&) override { return true; }
  bool binary(typename Base::binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool key(typename Base::string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t position, const std::string&, const typename Document::exception&) override {
    position_ = position;
    return false;
  }
  std::size_t position() const noexcept { return position_; }

 private:
  std::size_t position_ = 0;
};

/// The document, or where it is at fault.
template <NlohmannDocument Document>
Result<Document> parse(std::string_view text) {
  Document document = Document::parse(text, nullptr, false);
  if (!document.is_discarded()) return document;
  FaultFinder<Document> finder;
  (void)Document::sax_parse(text, &finder);
  return Error(Errc::malformed_body, "no JSON: it is at fault at byte ", finder.position(), " of ", text.size());
}

}  // namespace detail::json

/// JSON through nlohmann/json, for its own types and all that it converts (to_json, from_json,
/// NLOHMANN_DEFINE_TYPE_INTRUSIVE and the like).
///
/// Written without blanks. Bytes in texts that are no UTF-8 become U+FFFD. What is no JSON, or JSON of another
/// shape than T wants, is Errc::malformed_body; what a from_json of the program throws is Errc::user_exception.
/// Without exceptions only nlohmann::json itself can be read, since that library ends the program otherwise when
/// the shape is another one.
template <class T>
  requires detail::json::NlohmannWritable<T> || detail::json::NlohmannReadable<T>
struct JsonAdapter<T> {
  static std::string write(const T& value) {
    using Document = detail::json::NlohmannDocumentOf<T>;
    if constexpr (detail::json::NlohmannDocument<T>)
      return value.dump(-1, ' ', false, Document::error_handler_t::replace);
    else
      return Document(value).dump(-1, ' ', false, Document::error_handler_t::replace);
  }

  static Result<T> read(std::string_view text) {
    using Document = detail::json::NlohmannDocumentOf<T>;
    Result<Document> document = detail::json::parse<Document>(text);
    if constexpr (detail::json::NlohmannDocument<T>) {
      return document;
    } else {
      static_assert(OKHTTP_EXCEPTIONS || detail::json::NlohmannDocument<T>,
                    "okhttp: without exceptions, read nlohmann::json and look at its members yourself");
#if OKHTTP_EXCEPTIONS
      if (!document) return std::move(document).error();
      try {
        return document->template get<T>();
      } catch (const nlohmann::json::exception& exception) {
        return Error(Errc::malformed_body, "JSON of another shape than asked for: ", exception.what());
      } catch (...) {
        return Error::from_exception(std::current_exception());
      }
#endif
    }
  }
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_EXTRAS_NLOHMANN_JSON_HPP
