#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs every example: alone, against the mock server inside it, and with the URL of another server.

usage: examples_test.py FOLDER    (where the build has put them, such as build/test/examples)
"""

import http.server
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
import checks  # noqa: E402

# What each example prints without arguments, and with the URL of the server below (None: the example
# is not asked). A text, or a regular expression for the whole output.
EXAMPLES = {
    "synchronous_get": ("200 OK\n.*\n\nHello, world!\n", "200 OK\n.*\n\nGET /x \n"),
    "asynchronous_get": ("(page (\\d): this is /page\\?n=\\2\n){3}", "(page (\\d): GET /x\\?n=\\2 \n\n){3}"),
    "coroutine_get": ("this is /one\nthis is /two\nthis is /three\nfailed: could not resolve .*\n",
                      "(GET /x \n\n){3}failed: could not resolve .*\n"),
    "post_body": ('201 /notes/1\nnoted: {"text":"buy milk"}\n', '200 -\nPOST /x {"text":"buy milk"}\n\n'),
    "post_streaming": ("588895 bytes arrived\n", "POST /x 1\n2\n3\n.*\n100000\n\n"),
    "multipart_upload": ('\\d+ bytes of \\d+ sent\nform-data; name="title"\nform-data; name="image"; filename="logo.png"\n', None),
    "cancel_call": ("gave up: canceled while .*\n", "it was faster: 200\n"),
    "authentication": ("200\n503\n503\n", "(200\n){3}"),
    "cookies": ("hello, stranger\nvisitor for 127.0.0.1\nwelcome back\nvisitor for 127.0.0.1\n", "(GET /x \nsecret for 127.0.0.1\n){2}"),
    "interceptor": (".*/old -> 301\n.*/new -> 200\nfor interceptor.cpp\n", ".*/x -> 200\nGET /x \n"),
    "timeouts": ("too slow: .* for 50 ms while .*\nhere it is\n", "GET /x \n"),
    "download": ("10000000 bytes in downloaded.txt\n", "8 bytes in downloaded.txt\n"),
    "custom_trust": ("refused: .*self-signed certificate.*\nyou know me\n", "GET /x \n"),
    "own_transport": ("dialing device.local:80\nhello from the modem!\n",
                      "dialing 127.0.0.1:\\d+\nhello from the modem!\n"),
    "tiny": (None, "GET /x \n"),
    "okcurl": (None, "GET /x \n"),
}


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests = []
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers "METHOD TARGET BODY"; /old redirects to /new, /headers tells what was sent, /slow takes
    its time, /none is 404."""

    protocol_version = "HTTP/1.1"

    def body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def answer(self):
        body = self.body().decode()
        code, location = 200, None
        text = f"{self.command} {self.path} {body}\n"
        if self.path == "/headers":
            text = json.dumps(dict(self.headers.items()))
        elif self.path == "/old":
            code, location = 302, "/new"
        elif self.path == "/none":
            code = 404
        elif self.path == "/slow":
            time.sleep(5)
        self.send_response(code)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", str(len(text.encode())))
        self.send_header("Set-Cookie", "secret=1")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text.encode())

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PROPFIND = answer

    def log_message(self, *_):
        pass


def run(program, *arguments, stdin="", code=0):
    """Standard output and standard error of a program that must end with this code."""
    with tempfile.TemporaryDirectory(prefix="okhttp-example-") as folder:
        (pathlib.Path(folder) / "data.txt").write_text("from a file")
        (pathlib.Path(folder) / "sent.txt").write_text("127.0.0.1\tFALSE\t/\tFALSE\t0\tid\t42\n")
        done = subprocess.run([program, *arguments], cwd=folder, input=stdin, text=True, check=False,
                              timeout=120, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        files = {path.name: path.read_text() for path in pathlib.Path(folder).iterdir()}
    if done.returncode != code:
        raise checks.Failure(f"$ {program} {' '.join(arguments)}\n{done.stdout[-2000:]}\n"
                             f"{done.stderr[-2000:]}\nexit code {done.returncode}, not {code}")
    return done.stdout, done.stderr, files


def matches(pattern, text):
    if not re.fullmatch(pattern, text, re.S):
        raise checks.Failure(f"not what was expected, {pattern!r}:\n{text[:2000]}")


def is_in(wanted, text):
    if wanted not in text:
        raise checks.Failure(f"{wanted!r} is not in:\n{text[:2000]}")


def is_not_in(unwanted, text):
    if unwanted in text:
        raise checks.Failure(f"{unwanted!r} is in:\n{text[:2000]}")


def okcurl(program, url):
    """One check per flag."""
    def prints(pattern, *arguments, **settings):
        return lambda: matches(pattern, run(program, *arguments, **settings)[0])

    def sends(name, value, *arguments):
        def check():
            sent = json.loads(run(program, *arguments, url + "/headers")[0])
            found = {key.lower(): text for key, text in sent.items()}.get(name.lower())
            if found != value:
                raise checks.Failure(f"{name} is {found!r}, not {value!r}")
        return check

    def fails(code, text, *arguments):
        def check():
            out, error, _ = run(program, *arguments, code=code)
            is_in(text, error)
            if out or error.count("\n") != 1:
                raise checks.Failure(f"more than a line on standard error:\n{out}{error}")
        return check

    def verbose():
        out, error, _ = run(program, "-vL", "-H", "Authorization: Bearer abc", url + "/old")
        matches("GET /new \n", out)
        for text in ("* connected to 127.0.0.1", "> GET /old HTTP/1.1\n", "> Host: ", "< HTTP/1.1 302 Found\n",
                     "< Location: /new\n", "> GET /new HTTP/1.1\n", " ms\n", "Authorization: \u2588"):
            is_in(text, error)
        is_not_in("abc", error)
        is_not_in("secret=1", error)

    def output():
        out, _, files = run(program, "-o", "page.txt", url + "/x")
        matches("", out)
        matches("GET /x \n", files["page.txt"])

    def cookie_jar():
        out, _, files = run(program, "-L", "-c", "jar.txt", url + "/old")
        matches("GET /new \n", out)
        matches(".*127.0.0.1\tFALSE\t/\tFALSE\t0\tsecret\t1\n.*", files["jar.txt"])

    def cookie_file():
        matches(".*\"Cookie\": \"id=42\".*", run(program, "-b", "sent.txt", url + "/headers")[0])
        _, _, files = run(program, "-b", "sent.txt", url + "/x")
        is_not_in("secret", files["sent.txt"])

    form = "application/x-www-form-urlencoded"
    yield "a GET", prints("GET /x \n", url + "/x")
    yield "a URL without a scheme", prints("GET /x \n", url[len("http://"):] + "/x")
    yield "-X alone", prints("DELETE /x \n", "-X", "DELETE", url + "/x")
    yield "-X of a method nobody knows", prints("PROPFIND /x \n", "-XPROPFIND", url + "/x")
    yield "-X POST without a body", prints("POST /x \n", "--request=POST", url + "/x")
    yield "-d", prints("POST /x a=1\n", "-d", "a=1", url + "/x")
    yield "-d twice", prints("POST /x a=1&b=2\n", "-d", "a=1", "--data", "b=2", url + "/x")
    yield "-X and -d", prints("PUT /x a=1\n", "-X", "PUT", "-d", "a=1", url + "/x")
    yield "-d @file", prints("POST /x from a file\n", "-d", "@data.txt", url + "/x")
    yield "-d -", prints("POST /x from standard input\n", "-d", "-", url + "/x", stdin="from standard input")
    yield "-d is a form", sends("Content-Type", form, "-d", "a")
    yield "-d with a type", sends("Content-Type", "text/csv", "-d", "a", "-H", "content-type: text/csv")
    yield "--data-urlencode", prints("POST /x a=1%262&b=\n", "--data-urlencode", "a=1&2", "--data-urlencode", "b",
                                     url + "/x")
    yield "-F", prints("POST /x --.*name=\"a\"\n\n1\n.*filename=\"data.txt\".*from a file.*", "-F", "a=1",
                       "-F", "f=@data.txt", url + "/x")
    yield "-b", sends("Cookie", "a=1; b=2", "-b", "a=1; b=2")
    yield "-b of a file", cookie_file
    yield "-c", cookie_jar
    yield "-F and -d", fails(2, "different bodies", "-F", "a=1", "-d", "a", url)
    yield "-F without a name", fails(2, "NAME=TEXT", "-F", "a", url)
    yield "-H", sends("X-A", "1", "-H", "X-A: 1", "-H", "X-B: 2")
    yield "-A", sends("User-Agent", "me", "-A", "me")
    yield "-H before -A", sends("User-Agent", "you", "-A", "me", "-H", "user-agent: you")
    yield "-e", sends("Referer", "http://here/", "-e", "http://here/")
    yield "a redirect", prints("GET /old \n", url + "/old")
    yield "-L", prints("GET /new \n", "-L", url + "/old")
    yield "-i", prints("HTTP/1.1 200 OK\n.*Content-Length: 8\n.*\n\nGET /x \n", "-i", url + "/x")
    yield "-I", prints("HTTP/1.1 404 Not Found\n.*Content-Length: 12\n.*\n\n", "-I", url + "/none")
    yield "-o", output
    yield "-v", verbose
    yield "--", prints("GET /x \n", "--", url + "/x")
    yield "--call-timeout", fails(1, "timed out after 200 ms", "--call-timeout", "0.2", url + "/slow")
    yield "--read-timeout", fails(1, "for 200 ms", "--read-timeout=.2", url + "/slow")
    yield "--version", prints(r"okcurl \d+\.\d+\.\d+\n", "--version")
    yield "--help", prints("usage: okcurl .*--call-timeout.*", "-h")
    yield "a refused port", fails(1, "Connection refused", "http://127.0.0.1:1/")
    yield "no certificates", fails(1, "no-such-file", "--cacert", "no-such-file", url)
    yield "no URL", fails(2, "no URL")
    yield "two URLs", fails(2, "more than one URL", url, url)
    yield "a bad URL", fails(2, "", "http://")
    yield "a bad header", fails(2, "Name: value", "-H", "X", url)
    yield "a bad number", fails(2, "'soon' is not a number", "--read-timeout", "soon", url)
    yield "an unknown flag", fails(2, "unknown option --frames", "--frames", url)
    yield "a missing value", fails(2, "-X needs a value", url, "-X")
    yield "a GET with a body", fails(2, "GET", "-X", "GET", "-d", "a", url)

    def demo():
        out = run(program, "--demo")[0]
        for text in ("Hello, world!", "TLSv1.3", 'you sent: {"answer":42}', "302 for https://", "bytes came, gzip",
                     "21 bytes after 1", "self-signed certificate", "Connection refused"):
            is_in(text, out)
    yield "--demo", demo


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1]).resolve()
    server = Server()
    todo = []
    sources = {path.stem for path in (ROOT / "examples").glob("*.cpp")}
    if sources != set(EXAMPLES):
        sys.exit(f"not the examples this test knows: {', '.join(sorted(sources ^ set(EXAMPLES)))}")
    for name, (alone, with_url) in EXAMPLES.items():
        program = folder / name
        if alone:
            todo.append(checks.Check(f"{name} alone", lambda p=program, e=alone: matches(e, run(p)[0])))
        if with_url:
            todo.append(checks.Check(f"{name} with a URL", lambda p=program, e=with_url: matches(
                e, run(p, server.url + "/x")[0])))
    for name, check in okcurl(folder / "okcurl", server.url):
        todo.append(checks.Check(f"okcurl: {name}", check))
    return checks.run(todo)


if __name__ == "__main__":
    sys.exit(main())
