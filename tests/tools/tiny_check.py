#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The firmware-sized program keeps its promises: little text, few libraries, and it fetches a page.

usage: tiny_check.py PROGRAM    (stripped; takes a URL, prints the body)
"""

import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import checks  # noqa: E402

MOST_TEXT = 150 * 1024
LIBRARIES = {"libc.so.6", "libgcc_s.so.1", "libstdc++.so.6"}
PAGE = "a page for a very small client\n"
NGINX = """
{user}
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port}; root {folder}/pages; }}
}}
"""


def text_is_small(program):
    output = checks.command(["size", program])
    text = int(output.splitlines()[1].split()[0])
    print(f"{text} bytes of text, {MOST_TEXT} allowed")
    if text > MOST_TEXT:
        raise checks.Failure(f"{text} bytes of text, more than {MOST_TEXT}")


def libraries_are_few(program):
    needed = set(re.findall(r"NEEDED.*\[(.+)\]", checks.command(["readelf", "-d", program])))
    print("needs " + ", ".join(sorted(needed)))
    if needed - LIBRARIES:
        raise checks.Failure(f"also needs {', '.join(sorted(needed - LIBRARIES))}")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(port, server):
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if server.poll() is not None:
            raise checks.Failure("nginx ended at once")
        time.sleep(0.05)
    raise checks.Failure("nginx does not answer")


def fetches_from_nginx(program):
    nginx = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    if not nginx:
        raise checks.Failure("nginx is not installed")
    with tempfile.TemporaryDirectory(prefix="okhttp-tiny-") as temporary:
        folder = pathlib.Path(temporary)
        (folder / "pages").mkdir()
        (folder / "pages/page.txt").write_text(PAGE)
        port = free_port()
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port, user=user))
        with subprocess.Popen([nginx, "-e", folder / "error.log", "-c", folder / "nginx.conf"],
                              stderr=subprocess.DEVNULL) as server:
            try:
                wait_for(port, server)
                output = checks.command(["timeout", "20", program,
                                         f"http://127.0.0.1:{port}/page.txt"])
            finally:
                server.terminate()
        if PAGE not in output:
            raise checks.Failure(f"it printed:\n{output}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program = pathlib.Path(sys.argv[1]).resolve()
    return checks.run(checks.Check(function.__name__, lambda f=function: f(program))
                      for function in (text_is_small, libraries_are_few, fetches_from_nginx))


if __name__ == "__main__":
    sys.exit(main())
