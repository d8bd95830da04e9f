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

void check(const okhttp::HttpUrl& url) {
  const std::string& text = url.to_string();
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
