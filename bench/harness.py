# SPDX-License-Identifier: Apache-2.0
"""What run, syscalls and compile_time share: building, the server, one run of one client."""

import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

BENCH = pathlib.Path(__file__).resolve().parent
ROOT = BENCH.parent
BUILD = ROOT / "build" / "bench"
CXX = os.environ.get("CXX", "g++")
OPTIMIZED = ["-std=c++20", "-O2"]
RUN_TIMEOUT = 300  # seconds for one run of one client
# Exit status of "cannot be measured here", which test runners take for a skipped test.
SKIPPED = 77


class Failure(Exception):
    """A sentence for the user."""


def say(text):
    """Progress and faults go to stderr, so that stdout holds tables alone."""
    print(text, file=sys.stderr, flush=True)


class Peer:
    """A library: what it needs to build and what it calls itself."""

    def __init__(self, name, header=None, package=None, flags=()):
        self.name = name
        self.header = header
        self.package = package
        self.flags = list(flags)


TLS_FLAGS = ["-lssl", "-lcrypto"]
PEERS = {
    peer.name: peer
    for peer in (
        Peer("server", "openssl/ssl.h", "libssl-dev", TLS_FLAGS),
        Peer("bare"),
        Peer("bare_tls", "openssl/ssl.h", "libssl-dev", TLS_FLAGS),
        Peer("curl", "curl/curl.h", "libcurl4-openssl-dev", ["-lcurl"]),
        Peer("beast", "boost/beast.hpp", "libboost-dev", TLS_FLAGS + ["-pthread"]),
        Peer(
            "httplib",
            "httplib.h",
            "libcpp-httplib-dev",
            # The switches the Debian library was built with (its pkg-config file names them).
            ["-DCPPHTTPLIB_OPENSSL_SUPPORT", "-DCPPHTTPLIB_ZLIB_SUPPORT"]
            + ["-DCPPHTTPLIB_BROTLI_SUPPORT", "-lcpp-httplib"]
            + TLS_FLAGS
            + ["-pthread"],
        ),
        Peer("okhttp", "okhttp.hpp", None, TLS_FLAGS + ["-lz", "-pthread"]),
    )
}


def has_header(header, include):
    probe = f"#if !__has_include(<{header}>)\n#error missing\n#endif\n"
    command = [CXX, f"-I{include}", "-E", "-x", "c++", "-"]
    return subprocess.run(command, input=probe, text=True, capture_output=True).returncode == 0


def why_missing(peer, include):
    """None, or the sentence that says what to install."""
    if peer.header is None or has_header(peer.header, include):
        return None
    if peer.package is None:
        return f"{peer.name}: no {peer.header} in {include} (--include DIR names another folder)"
    return f"{peer.name}: {peer.header} not found (Debian: apt install {peer.package})"


def build_command(name, source, binary, include):
    # Sources before libraries: the linker reads from left to right.
    folder = [f"-I{include}"] if name == "okhttp" else []
    return [CXX, *OPTIMIZED, *folder, str(source), "-o", str(binary), *PEERS[name].flags]


def is_current(binary, command):
    """Whether the binary came from this command and nothing it was made of has changed since."""
    stamp, listing = binary.with_suffix(".command"), binary.with_suffix(".d")
    if not (binary.exists() and stamp.exists() and listing.exists()):
        return False
    if stamp.read_text() != "\n".join(command):
        return False
    files = listing.read_text().replace("\\\n", " ").split(":", 1)[1].split()
    built = binary.stat().st_mtime
    return all(os.path.exists(f) and os.path.getmtime(f) <= built for f in files)


def build(names, include):
    """Builds the named programs, two at a time. Gives {name: path}, and the names that failed."""
    BUILD.mkdir(parents=True, exist_ok=True)

    def build_one(name):
        source = BENCH / ("server.cpp" if name == "server" else f"client_{name}.cpp")
        binary = BUILD / source.stem
        command = build_command(name, source, binary, include)
        if not is_current(binary, command):
            say(f"building {source.name}")
            made = subprocess.run(
                command + ["-MMD", "-MF", str(binary.with_suffix(".d"))],
                text=True,
                capture_output=True,
            )
            if made.returncode != 0:
                say(f"{name} does not compile:\n" + "\n".join(made.stderr.splitlines()[:12]))
                return name, None
            binary.with_suffix(".command").write_text("\n".join(command))
        return name, binary

    programs, skipped, failed = {}, [], []
    for name in names:
        missing = why_missing(PEERS[name], include)
        if missing is not None:
            say(f"skip {missing}")
            skipped.append(name)
    wanted = [name for name in names if name not in skipped]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name, binary in pool.map(build_one, wanted):
            if binary is None:
                failed.append(name)
            else:
                programs[name] = binary
    return programs, failed


class Placement:
    """Which processor client and server are bound to, and how they are scheduled."""

    def __init__(self, cross=False, realtime=False):
        processors = sorted(os.sched_getaffinity(0))
        if cross and len(processors) < 2:
            raise Failure("--cross needs two processors")
        self.name = "cross" if cross else "same"
        self.server = self._prefix(processors[-1], realtime)
        self.client = self._prefix(processors[0] if cross else processors[-1], realtime)

    @staticmethod
    def _prefix(processor, realtime):
        return ["taskset", "-c", str(processor)] + (["chrt", "-r", "1"] if realtime else [])


class Server:
    """The loopback server; use with `with`."""

    def __init__(self, binary, placement):
        self._folder = tempfile.TemporaryDirectory(prefix="bench-")
        self.ca = os.path.join(self._folder.name, "ca.pem")
        command = placement.server + [str(binary), self.ca]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        ports = dict(part.split("=") for part in self._process.stdout.readline().split())
        if "http" not in ports:
            self.__exit__()
            raise Failure("the bench server did not start")
        self._ports = ports

    def url(self, scheme, target):
        return f"{scheme}://127.0.0.1:{self._ports[scheme]}{target}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()
        self._folder.cleanup()


def finish(command):
    try:
        done = subprocess.run(command, text=True, capture_output=True, timeout=RUN_TIMEOUT)
    except subprocess.TimeoutExpired:
        raise Failure(f"no end after {RUN_TIMEOUT} s: {' '.join(command)}") from None
    if done.returncode != 0:
        reason = (done.stderr or done.stdout).strip() or f"exit status {done.returncode}"
        raise Failure(f"{' '.join(command)}: {reason}")
    return done.stdout


def run_client(command, placement):
    """One run; gives what the client printed as {key: number}."""
    line = finish(placement.client + command)
    return {key: float(value) for key, value in (part.split("=") for part in line.split())}


def strace_works():
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-f", "-c", "true"], capture_output=True).returncode == 0


def count_system_calls(command, placement):
    """One run under strace -f; gives {name of system call: count}, all threads together."""
    with tempfile.NamedTemporaryFile("r", prefix="bench-strace-") as summary:
        strace = ["strace", "-f", "-c", "-U", "calls,name", "-o", summary.name]
        finish(placement.client + strace + command)
        counts = {}
        for line in summary:
            words = line.split()
            if len(words) == 2 and words[0].isdigit() and words[1] != "total":
                counts[words[1]] = int(words[0])
    return counts


def system_call_difference(command, requests, placement):
    """What `requests` more requests cost: {name: count}, from runs with once and twice as many."""
    once, twice = (
        count_system_calls(command + ["--requests", str(count)], placement)
        for count in (requests, 2 * requests)
    )
    difference = {name: twice.get(name, 0) - once.get(name, 0) for name in {**once, **twice}}
    return {name: count for name, count in difference.items() if count != 0}


def main(body):
    try:
        sys.exit(body())
    except Failure as failure:
        say(str(failure))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
