// SPDX-License-Identifier: Apache-2.0
// A form with a text and a file, as a browser sends it. The file is read while it is sent, never as a whole, and the
// callback hears how far it has come.
#include "okhttp.hpp"
#include "okhttp_mockwebserver.hpp"

#include <iostream>
#include <string>

int main(int argc, char** argv) try {
  okhttp::MockWebServer server;  // answers when no URL is given
  server.dispatcher([](const okhttp::RecordedRequest& request) {
    std::string type(request.header("Content-Type").value_or(""));
    okhttp::MultipartReader parts(okhttp::ResponseBody::of(request.body(), type));
    std::string names;
    while (auto part = parts.try_next_part().value_or(std::nullopt))
      names.append(part->header("Content-Disposition").value_or("?")).append("\n");
    return okhttp::MockResponse().body(names);
  });
  const std::string url = argc > 1 ? argv[1] : server.url("/upload").to_string();
  const std::string path = argc > 2 ? argv[2] : argv[0];

  okhttp::RequestBody form = okhttp::MultipartBody::Builder()
      .type(okhttp::MultipartBody::form)
      .add_form_data_part("title", "Square Logo")
      .add_form_data_part("image", "logo.png", okhttp::RequestBody::from_file(path, "image/png"))
      .build();
  okhttp::RequestBody watched = okhttp::with_progress(form, [](okhttp::Progress p) {
    if (p.is_complete) std::cout << p.bytes << " bytes of " << p.total << " sent\n";
  });

  okhttp::Client client;
  okhttp::Request request = okhttp::Request::Builder().url(url).post(watched).build();
  std::cout << client.new_call(request).execute().body().string();
} catch (const okhttp::Exception& exception) {
  std::cerr << exception.what() << '\n';
  return 1;
}
