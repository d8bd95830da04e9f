// SPDX-License-Identifier: Apache-2.0
// custom_trust [URL CERTIFICATES.pem]: who is trusted instead of the system's list. Add
// add_platform_trusted() to trust that, too. Nothing here turns a check off: a host that the
// certificate is not for is refused all the same.
#include "okhttp.hpp"
#include "okhttp_mockwebserver.hpp"

#include <iostream>
#include <string>

int main(int argc, char** argv) try {
  okhttp::MockWebServer
      server;  // answers when no URL is given, with a certificate of its own making
  const okhttp::HeldCertificate certificate = okhttp::HeldCertificate::localhost();
  server.use_https(certificate);
  server.enqueue(okhttp::MockResponse().body("you know me\n"));
  const std::string url = argc > 1 ? argv[1] : server.url("/").to_string();
  const okhttp::Request request = okhttp::Request::Builder().url(url).build();

  const okhttp::Client strangers;
  const okhttp::Result<okhttp::Response> refused = strangers.new_call(request).try_execute();
  if (!refused && refused.error() == okhttp::Errc::certificate)
    std::cout << "refused: " << refused.error().message() << '\n';

  okhttp::HandshakeCertificates::Builder trusted;
  if (argc > 2)
    trusted.add_trusted_pem_file(argv[2]);
  else
    trusted.add_trusted_pem(certificate.certificate_pem());
  const auto friends = okhttp::Client::Builder().trusted_certificates(trusted.build()).build();
  std::cout << friends.new_call(request).execute().body().string();
} catch (const okhttp::Exception& exception) {
  std::cerr << exception.what() << '\n';
  return 1;
}
