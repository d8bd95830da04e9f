# SPDX-License-Identifier: Apache-2.0
"""Python's http.server for the tests: python_server.py PORT PROTOCOL FOLDER

PROTOCOL is HTTP/1.0 (every answer ends with its connection) or HTTP/1.1.
"""

import http.server
import sys


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files of the folder, and what a test wants besides."""

    requests = 0
    disable_nagle_algorithm = True  # else each answer, a head and then a body, waits for an ACK

    def do_GET(self):
        self.requests += 1
        if self.path == "/connection":
            self.reply(200, f"{self.client_address[1]}/{self.requests}".encode())
        elif self.path == "/until-close":
            self.send_response(200)
            self.send_header("Content-Type", "text/plain")
            if self.protocol_version != "HTTP/1.0":
                self.send_header("Connection", "close")
            self.end_headers()
            for piece in (b"until ", b"close"):
                self.wfile.write(piece)
            self.close_connection = True
        elif self.path == "/redirect":
            self.send_response(301)
            self.send_header("Location", "hello.txt?from=redirect#part")
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            super().do_GET()

    def do_POST(self):
        self.requests += 1
        length = int(self.headers.get("Content-Length", "0"))
        self.reply(200, self.rfile.read(length), self.headers.get("Content-Type"))

    def reply(self, code, body, media_type=None):
        self.send_response(code)
        if media_type:
            self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def main():
    port, protocol, folder = sys.argv[1:]
    Handler.protocol_version = protocol
    server = Server(("127.0.0.1", int(port)),
                    lambda *arguments: Handler(*arguments, directory=folder))
    server.serve_forever()


main()
