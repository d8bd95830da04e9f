// SPDX-License-Identifier: Apache-2.0
#include <okhttp/base/ascii.hpp>
#include <okhttp/message/form_body.hpp>
#include <okhttp/url/percent_encoding.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

// The input is a form, and a name and a value that are cut at its first line end.

using okhttp::Charset;
using okhttp::FormBody;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void require_equal(const FormBody& a, const FormBody& b) {
  require(a.size() == b.size() && a.to_string() == b.to_string());
  for (std::size_t i = 0; i < a.size(); ++i) {
    require(a.encoded_name(i) == b.encoded_name(i) && a.encoded_value(i) == b.encoded_value(i));
    require(a.name(i) == b.name(i) && a.value(i) == b.value(i));
  }
}

/// It says what it is made of, in characters that need no encoding.
void check(const FormBody& form, Charset charset) {
  const std::string& text = form.to_string();
  for (const char c : text)
    require(okhttp::ascii::is_alpha(c) || okhttp::ascii::is_digit(c) ||
            std::string_view("*-._%+&=").find(c) != std::string_view::npos);
  std::string joined;
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (i > 0) joined += '&';
    joined.append(form.encoded_name(i)).append("=").append(form.encoded_value(i));
  }
  require(joined == text && okhttp::RequestBody(form).content_length() == static_cast<std::int64_t>(text.size()));
  require_equal(FormBody::parse(text, charset), form);
  FormBody::Builder encoded(charset);
  for (std::size_t i = 0; i < form.size(); ++i) encoded.add_encoded(form.encoded_name(i), form.encoded_value(i));
  require_equal(encoded.build(), form);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  for (const Charset charset : {Charset::utf_8, Charset::windows_1252}) {
    check(FormBody::parse(input, charset), charset);
    const std::size_t line_end = std::min(input.find('\n'), size);
    const std::string name(input.substr(0, line_end));
    const std::string value(input.substr(line_end));
    const FormBody form = FormBody::Builder(charset).add(name, value).add(value, name).add_encoded(name, value).build();
    check(form, charset);
    require(form.size() == 3 && form.encoded_name(0) == form.encoded_value(1));
    if (charset == Charset::utf_8) {
      require(form.name(0) == name && form.value(0) == value && form.get(name) == value);
      require(form.name(2) == okhttp::url::decode_bytes(name, okhttp::url::Plus::is_space));
    } else {
      // What the charset has comes back; the rest is a reference in ASCII, which then stays the same.
      const FormBody again = FormBody::Builder(charset).add(form.name(0), form.value(0)).build();
      require(again.encoded_name(0) == form.encoded_name(0) && again.encoded_value(0) == form.encoded_value(0));
    }
  }
  return 0;
}
