// SPDX-License-Identifier: Apache-2.0

// The smallest GET with libcurl; bench/compile_time measures how long it takes to build.

#include <curl/curl.h>

#include <cstdio>
#include <string>

int main(int, char** argv) {
  std::string body;
  CURL* curl = curl_easy_init();
  curl_easy_setopt(curl, CURLOPT_URL, argv[1]);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
  curl_easy_setopt(
      curl, CURLOPT_WRITEFUNCTION, +[](char* bytes, std::size_t, std::size_t size, void* into) {
        static_cast<std::string*>(into)->append(bytes, size);
        return size;
      });
  const CURLcode outcome = curl_easy_perform(curl);
  std::fwrite(body.data(), 1, body.size(), stdout);
  curl_easy_cleanup(curl);
  return outcome == CURLE_OK ? 0 : 1;
}
