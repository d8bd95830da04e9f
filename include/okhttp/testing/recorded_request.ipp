// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTING_RECORDED_REQUEST_IPP
#define OKHTTP_TESTING_RECORDED_REQUEST_IPP

#include <okhttp/testing/recorded_request.hpp>

#if OKHTTP_BODIES

OKHTTP_NAMESPACE_BEGIN

OKHTTP_DECL std::string RecordedRequest::request_line() const {
  return data_->method + " " + data_->target +
         (data_->protocol == Protocol::http_1_0 ? " HTTP/1.0" : " HTTP/1.1");
}

OKHTTP_DECL Result<HttpUrl> RecordedRequest::try_url() const {
  const std::string& target = data_->target;
  if (target.find("://") != std::string::npos && target.front() != '/')
    return HttpUrl::try_parse(target);  // the absolute form, as proxies get it
  std::string text = data_->handshake != nullptr ? "https://" : "http://";
  if (const std::optional<std::string_view> host = data_->headers.get("Host"))
    text += *host;
  else
    text += "127.0.0.1:" + std::to_string(data_->server_port);
  text += !target.empty() && target.front() == '/' ? target : std::string("/");
  return HttpUrl::try_parse(text);
}

OKHTTP_DECL std::vector<std::string> RecordedRequest::handshake_server_names() const {
  std::vector<std::string> names;
  if (data_->handshake != nullptr && !data_->handshake->server_name.empty())
    names.push_back(data_->handshake->server_name);
  return names;
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_TESTING_RECORDED_REQUEST_IPP
