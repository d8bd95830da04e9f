// SPDX-License-Identifier: Apache-2.0

// libcurl: one easy handle for one request at a time, its multi interface for several at once.

#include "client.hpp"

#include <curl/curl.h>

#include <vector>

namespace {

std::size_t append(char* bytes, std::size_t, std::size_t size, void* body) {
  static_cast<std::string*>(body)->append(bytes, size);
  return size;
}

/// A handle set up once and used for all its requests.
struct Transfer {
  CURL* easy = curl_easy_init();
  std::string body;

  void prepare(const bench::Options& options) {
    curl_easy_setopt(easy, CURLOPT_URL, options.url.c_str());
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, append);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &body);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    if (!options.ca.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options.ca.c_str());
    if (options.fresh) curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
  }

  void finish(CURLcode outcome) {
    if (outcome != CURLE_OK) bench::die(curl_easy_strerror(outcome));
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) bench::die("unexpected status");
    bench::require_body(body);
    body.clear();
  }
};

void one_after_another(const bench::Options& options) {
  Transfer transfer;
  transfer.prepare(options);
  bench::measure(options, [&](std::size_t count) {
    for (; count != 0; --count) transfer.finish(curl_easy_perform(transfer.easy));
  });
}

void many_at_once(const bench::Options& options) {
  CURLM* multi = curl_multi_init();
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, static_cast<long>(options.concurrency));
  std::vector<Transfer> transfers(options.concurrency);
  for (Transfer& transfer : transfers) transfer.prepare(options);
  bench::measure(options, [&](std::size_t count) {
    std::size_t to_start = count;
    for (Transfer& transfer : transfers) {
      if (to_start == 0) break;
      curl_multi_add_handle(multi, transfer.easy);
      --to_start;
    }
    while (count != 0) {
      int running = 0;
      if (curl_multi_perform(multi, &running) != CURLM_OK) bench::die("curl_multi_perform failed");
      int queued = 0;
      bool finished = false;
      while (CURLMsg* message = curl_multi_info_read(multi, &queued)) {
        if (message->msg != CURLMSG_DONE) continue;
        finished = true;
        const CURLcode outcome = message->data.result;
        CURL* easy = message->easy_handle;
        Transfer* transfer = nullptr;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
        transfer->finish(outcome);
        curl_multi_remove_handle(multi, easy);
        --count;
        if (to_start == 0) continue;
        curl_multi_add_handle(multi, easy);
        --to_start;
      }
      if (!finished) curl_multi_poll(multi, nullptr, 0, 10'000, nullptr);
    }
  });
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Options options = bench::parse_options(argc, argv);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  if (options.concurrency == 1)
    one_after_another(options);
  else
    many_at_once(options);
}
