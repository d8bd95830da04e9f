// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/form_body.hpp>
#include <okhttp/message/multipart_body.hpp>
#include <okhttp/message/multipart_reader.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "support/process.hpp"
#include "support/temporary_folder.hpp"

// What others find in our forms, and we in theirs.

namespace form_parsers_test {

using namespace okhttp_tests;
using okhttp::FormBody;
using okhttp::MultipartBody;
using okhttp::MultipartReader;
using okhttp::RequestBody;
using okhttp::ResponseBody;

namespace {

struct Field {
  std::string name;
  std::optional<std::string> file_name;
  std::optional<std::string> media_type;
  std::string content;
};
// Only where it says something different, so that a failure does not print a megabyte.
void check_equal(const std::vector<Field>& found, const std::vector<Field>& wanted) {
  CHECK(found.size() == wanted.size());
  for (std::size_t i = 0; i < std::min(found.size(), wanted.size()); ++i) {
    CAPTURE(i);
    CHECK(found[i].name == wanted[i].name);
    CHECK(found[i].file_name.value_or("-") == wanted[i].file_name.value_or("-"));
    CHECK(found[i].media_type.value_or("-") == wanted[i].media_type.value_or("-"));
    CHECK((found[i].content == wanted[i].content));
  }
}

std::string decoded(const std::string& hex) {
  std::string text;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) text += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return text;
}
std::optional<std::string> decoded_if_there(const std::string& hex) {
  if (hex == "-") return std::nullopt;
  return decoded(hex);
}
/// What a server that knows browsers makes of a name: libraries for mail leave it as it is.
std::string unquoted(std::string text) {
  const std::pair<std::string_view, char> escapes[] = {{"%0A", '\n'}, {"%0D", '\r'}, {"%22", '"'}};
  for (const auto& [escape, c] : escapes)
    for (std::size_t at = 0; (at = text.find(escape, at)) != std::string::npos; ++at) text.replace(at, 3, 1, c);
  return text;
}

std::string all_of(const RequestBody& body) {
  const auto reader = body.open().value();
  std::vector<std::byte> buffer(9000);
  std::string text;
  while (const std::size_t size = reader->read(buffer).value())
    text.append(reinterpret_cast<const char*>(buffer.data()), size);
  CHECK(static_cast<std::int64_t>(text.size()) == body.content_length());
  return text;
}

std::vector<std::string> python() {
  // cgi is on its way out, and says so.
  return {find_program({"python3"}, "python3"), "-W", "ignore", OKHTTP_TEST_DATA_DIR "/support/form_parsers/forms.py"};
}
std::vector<std::string> node() {
  return {find_program({"node", "nodejs"}, "nodejs"), OKHTTP_TEST_DATA_DIR "/support/form_parsers/forms.js"};
}

/// Runs a program to its end and gives what it printed.
std::string run(std::vector<std::string> command, const std::vector<std::string>& arguments) {
  command.insert(command.end(), arguments.begin(), arguments.end());
  const TemporaryFolder folder;
  const Process process(command, folder / "log");
  REQUIRE(process.wait_for_end(60'000));
  const std::string output = folder.read("log");
  REQUIRE_MESSAGE((output.ends_with("done\n") || output == "absent\n"), output);
  return output;
}

/// What a program finds in a body; nothing if it does not have this parser.
std::optional<std::vector<Field>> fields_found(std::vector<std::string> program, const RequestBody& body, const char* parser) {
  const TemporaryFolder folder;
  folder.write("body", all_of(body));
  folder.write("type", std::string(*body.content_type()));
  const std::string output = run(std::move(program), {"read", folder.path(), parser});
  if (output == "absent\n") return std::nullopt;
  std::vector<Field> fields;
  std::istringstream lines(output);
  for (std::string name, file, type, content; lines >> name && name != "done";) {
    lines >> file >> type >> content;
    Field field{unquoted(decoded(name)), decoded_if_there(file), decoded_if_there(type), decoded(content)};
    if (field.file_name) field.file_name = unquoted(*field.file_name);
    fields.push_back(std::move(field));
  }
  return fields;
}

std::string binary() {
  std::string all;
  for (int i = 0; i < 40'000; ++i) all += static_cast<char>(i * 7 + i / 251);
  return all + "\r\n--\r\n-\n--\r";
}

/// Fields that are hard on parsers.
std::vector<Field> hard_fields() {
  return {
      {"title", {}, {}, "Square"},
      {"\xC3\xBCml\xC3\xA4ut \xE2\x98\x83", {}, {}, "wert \xE2\x82\xAC"},
      {"quote \"in\" name", {}, {}, "a \"quoted\" value"},
      {"line\r\nend", {}, {}, "two\r\nlines\nand more\r"},
      {"empty", {}, {}, ""},
      {"p+l%us & 100%", {}, {}, "1 + 1 = 2 & 100%41"},
      {"twice", {}, {}, "1"},
      {"twice", {}, {}, "2"},
      {"file", "logo.png", "image/png", "\x89PNG\r\n\x1A\n"},
      {"file", "\xC3\xBCn\xC3\xAF \"q\"; x=y.bin", "application/octet-stream", binary()},
      {"file", "empty.txt", "text/plain; charset=utf-8", ""},
      {"last", {}, {}, "\r\n"},
  };
}

MultipartBody multipart_of(const std::vector<Field>& fields) {
  MultipartBody::Builder builder;
  builder.type(MultipartBody::form);
  for (const Field& field : fields) {
    if (field.file_name)
      builder.add_form_data_part(field.name, *field.file_name,
                                 RequestBody::create(std::as_bytes(std::span(field.content)), *field.media_type));
    else
      builder.add_form_data_part(field.name, field.content);
  }
  return builder.build();
}

struct Written {
  std::string type;
  std::string body;
};
/// What a program writes of these contents.
Written written_by(std::vector<std::string> program, const std::vector<std::string>& contents) {
  const TemporaryFolder folder;
  for (std::size_t i = 0; i < contents.size(); ++i) folder.write(std::to_string(i + 1), contents[i]);
  run(std::move(program), {"write", folder.path()});
  return {folder.read("type"), folder.read("body")};
}

}  // namespace

TEST_SUITE("integration/form_parsers") {
  TEST_CASE("python's email finds our parts") {
    const std::vector<Field> fields = hard_fields();
    const auto found = fields_found(python(), multipart_of(fields), "email");
    REQUIRE(found);
    check_equal(*found, fields);
  }

  TEST_CASE("python's cgi finds our parts") {
    const std::vector<Field> fields = hard_fields();
    if (const auto found = fields_found(python(), multipart_of(fields), "cgi")) check_equal(*found, fields);
  }

  TEST_CASE("node's formData finds our parts") {
    const std::vector<Field> fields = hard_fields();
    const auto found = fields_found(node(), multipart_of(fields), "formData");
    REQUIRE(found);
    check_equal(*found, fields);
  }

  TEST_CASE("a part from a file is found like any other") {
    const TemporaryFolder folder;
    folder.write("upload", binary());
    const MultipartBody body = MultipartBody::Builder()
                                   .type(MultipartBody::form)
                                   .add_form_data_part("n", "u.bin", RequestBody::from_file(folder / "upload", "image/x"))
                                   .build();
    const auto found = fields_found(node(), body, "formData");
    REQUIRE(found);
    check_equal(*found, {{"n", "u.bin", "image/x", binary()}});
  }

  TEST_CASE("forms are decoded to what they were made of") {
    std::vector<Field> fields = hard_fields();
    std::erase_if(fields, [](const Field& field) { return field.file_name.has_value(); });
    fields.push_back({"", {}, {}, "no name"});
    std::string ascii;
    for (char c = 1; c < 127; ++c) ascii += c;
    fields.push_back({ascii, {}, {}, ascii});
    FormBody::Builder builder;
    for (const Field& field : fields) builder.add(field.name, field.content);
    const FormBody form = builder.build();
    const auto by_python = fields_found(python(), form, "urllib");
    REQUIRE(by_python);
    check_equal(*by_python, fields);
    const auto by_node = fields_found(node(), form, "formData");
    REQUIRE(by_node);
    check_equal(*by_node, fields);
  }

  TEST_CASE("the mail that python writes is read") {
    const std::vector<std::string> contents = {"plain", "", "near\r\n--\r\n--=\r\n", "two\r\nlines\r\n"};
    const Written written = written_by(python(), contents);
    CHECK(written.type.starts_with("multipart/form-data"));
    std::vector<std::string> found;
    for (auto& part : MultipartReader(ResponseBody::of(written.body, written.type))) {
      CHECK(part.header("Content-Type") == "application/x-number");
      const std::string number = std::to_string(found.size() + 1);
      // One line, though it was folded.
      CHECK(part.header("Content-Disposition") ==
            "form-data; name=\"field " + number + "\"; filename=\"" + std::string(60, 'f') + "\"");
      found.push_back(part.body().string());
    }
    CHECK(found == contents);
  }

  TEST_CASE("what node makes of FormData is read") {
    const std::vector<std::string> contents = {"plain", "", binary(), "\r\n"};
    const Written written = written_by(node(), contents);
    MultipartReader reader(ResponseBody::of(written.body, written.type));
    const auto text = *reader.next_part();
    CHECK(text.header("Content-Disposition") == "form-data; name=\"text %22with%22 marks%0D%0Aand lines\"");
    CHECK(text.body().string() == "value \xE2\x98\x83");
    CHECK(reader.next_part()->body().string() == "");
    for (std::size_t i = 0; i < contents.size(); ++i) {
      const auto part = reader.next_part();
      REQUIRE(part);
      const std::string number = std::to_string(i + 1);
      CHECK(part->header("Content-Disposition") ==
            "form-data; name=\"field " + number + "\"; filename=\"n\xC3\xA4me %22" + number + "%22.bin\"");
      CHECK(part->header("Content-Type") == "application/x-number");
      CHECK((part->body().string() == contents[i]));
    }
    CHECK_FALSE(reader.next_part());
  }
}

}  // namespace form_parsers_test
