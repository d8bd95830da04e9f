// SPDX-License-Identifier: Apache-2.0
#include <okhttp/url/http_url.hpp>
#include <okhttp/url/ip_address.hpp>
#include <okhttp/url/percent_encoding.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

// The input is a URL and, after the first zero byte, a link to resolve against it.

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

// The parts put together again one by one are the same URL.
void check_parts(const okhttp::HttpUrl& url) {
  okhttp::HttpUrl::Builder builder;
  builder.scheme(url.scheme()).host(url.host()).port(url.port());
  builder.encoded_username(url.encoded_username()).encoded_password(url.encoded_password());
  builder.encoded_query(url.encoded_query()).encoded_fragment(url.encoded_fragment());
  const okhttp::HttpUrl whole = builder.encoded_path(url.encoded_path()).try_build().value();
  require(whole == url && whole.host_header() == url.host_header());

  // Empty segments at the end come together when they are added, so those paths are left out.
  if (url.encoded_path().find("//") == std::string_view::npos) {
    builder.encoded_path("/");
    for (std::string_view segment : url.encoded_path_segments())
      builder.add_encoded_path_segment(segment);
    require(builder.try_build().value() == url);
  }
  if (url.query_size() > 0) {
    builder.encoded_path(url.encoded_path()).encoded_query(std::nullopt);
    for (std::size_t i = 0; i < url.query_size(); ++i) {
      const std::optional<std::string> value = url.query_parameter_value(i);
      builder.add_query_parameter(*url.query_parameter_name(i), value);
    }
    // Decoded and encoded again it may be spelled otherwise, but says the same.
    require(builder.try_build().value().query_parameters() == url.query_parameters());
  }
}

void check(const okhttp::HttpUrl& url) {
  const std::string_view text = url.to_string();
  require(url.to_string().c_str()[text.size()] == '\0');
  for (char c : text) require(c > ' ' && c < 0x7F);

  const okhttp::Result<okhttp::HttpUrl> again = okhttp::HttpUrl::try_parse(text);
  require(again.has_value() && *again == url && again->to_string() == text);
  require(again->host() == url.host() && again->port() == url.port());
  require(again->encoded_username() == url.encoded_username());
  require(again->encoded_password() == url.encoded_password());
  require(again->request_target() == url.request_target());
  require(again->encoded_query() == url.encoded_query());
  require(again->encoded_fragment() == url.encoded_fragment());

  require(!url.host().empty() && url.encoded_path().front() == '/');
  require(url.path_segments().size() == url.encoded_path_segments().size());
  require(url.query_parameters().empty() == !url.encoded_query());
  for (const std::string& name : url.query_parameter_names())
    require(!url.query_parameter_values(name).empty());
  (void)url.username();
  (void)url.password();
  (void)url.query();
  (void)url.fragment();
  (void)url.path();

  require(url.path_size() == url.path_segments().size());
  require(url.query_size() == url.query_parameters().size());

  // A canonical text is read in one go; a blank in front makes every step be taken.
  const okhttp::Result<okhttp::HttpUrl> careful = okhttp::HttpUrl::try_parse(" " + std::string(text));
  require(careful.has_value() && careful->to_string() == text);
  require(careful->host() == url.host() && careful->port() == url.port());
  require(careful->host_header() == url.host_header());
  require(careful->encoded_username() == url.encoded_username());
  require(careful->encoded_password() == url.encoded_password());
  require(careful->encoded_path() == url.encoded_path());
  require(careful->encoded_query() == url.encoded_query());
  require(careful->encoded_fragment() == url.encoded_fragment());

  check_parts(url);
  const okhttp::Result<okhttp::HttpUrl> rebuilt = url.new_builder().try_build();
  require(rebuilt.has_value() && *rebuilt == url);
  require(*url.resolve(text) == url);
  // The request target alone leads back here, unless it would read as "//host".
  if (!url.request_target().starts_with("//")) {
    const okhttp::Result<okhttp::HttpUrl> target = url.try_resolve(url.request_target());
    require(target.has_value() && target->request_target() == url.request_target());
    require(target->host_header() == url.host_header());
  }
}

// Plain text put in comes out again, and the result is a URL that stands for itself.
void check_builder(const okhttp::HttpUrl& url, std::string_view text) {
  okhttp::HttpUrl::Builder builder = url.new_builder();
  builder.username(text).password(text).add_path_segment(text).fragment(text);
  builder.set_query_parameter(text, text).add_encoded_query_parameter(text, text);
  builder.add_path_segments(text).add_encoded_path_segments(text);
  const okhttp::Result<okhttp::HttpUrl> built = builder.try_build();
  require(built.has_value());
  const std::string clean = okhttp::url::to_valid_utf8(std::string(text));
  require(built->username() == clean && built->password() == clean);
  require(built->fragment() == clean);
  require(okhttp::HttpUrl::try_parse(built->to_string()).value() == *built);

  const okhttp::Result<okhttp::HttpUrl> other = url.new_builder()
                                                    .host(text)
                                                    .encoded_path("/" + std::string(text))
                                                    .encoded_query(text)
                                                    .encoded_fragment(text)
                                                    .encoded_username(text)
                                                    .try_build();
  if (other) require(okhttp::HttpUrl::try_parse(other->to_string()).value() == *other);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string_view first = input.substr(0, input.find('\0'));
  const std::string_view second = input.substr(first.size() < size ? first.size() + 1 : size);

  if (const auto address = okhttp::IpAddress::try_parse(first))
    require(okhttp::IpAddress::try_parse(address->to_string()).value() == *address);

  const okhttp::Result<okhttp::HttpUrl> url = okhttp::HttpUrl::try_parse(first);
  if (!url) {
    require(url.error() == okhttp::Errc::bad_url);
    return 0;
  }
  check(*url);
  check_builder(*url, second);
  if (const std::optional<okhttp::HttpUrl> resolved = url->resolve(second)) check(*resolved);
  return 0;
}
