#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the headers a user copies from the sources in include/okhttp.

  ./amalgamate.py              write every output below
  ./amalgamate.py --check      write nothing; fail when an output is not what would be written
  ./amalgamate.py --layers     write nothing; check only the rules for the sources
  ./amalgamate.py --line-map --output DIR   write under DIR, with #line back to include/

Each output is one umbrella with every file it includes put in place of the include line, depth
first, each file once. Nothing else changes: include guards, comments, #if and the includes of
other libraries stay where they are. The output depends on the sources alone.

The rules for the sources (design: folders are layers, a file includes only its own layer or a
layer above it) are checked on every run, before anything is written.
"""

import argparse
import difflib
import fnmatch
import pathlib
import re
import sys
from typing import Dict, List, NamedTuple, Optional, Set


class Output(NamedTuple):
    """A generated file. With `onto`, it includes that output and holds only what that lacks."""

    path: str
    umbrella: str
    onto: Optional[str] = None


# A new module is one line here and one umbrella in include/okhttp.
OUTPUTS = [
    Output("okhttp.hpp", "okhttp/okhttp.hpp"),
    Output("okhttp_mockwebserver.hpp", "okhttp/mockwebserver.hpp", onto="okhttp.hpp"),
    Output("okhttp_json.hpp", "okhttp/json.hpp", onto="okhttp.hpp"),
    Output("single_include/okhttp/core.hpp", "okhttp/core.hpp"),
    Output("single_include/okhttp/mockwebserver.hpp", "okhttp/mockwebserver.hpp",
           onto="single_include/okhttp/core.hpp"),
    Output("single_include/okhttp/json.hpp", "okhttp/json.hpp",
           onto="single_include/okhttp/core.hpp"),
]

# In order: a file includes its own layer and those before it. A layer is a folder of
# include/okhttp, or one file there (config.hpp, client.hpp). Umbrellas see everything.
LAYERS = ["config", "base", "url", "message", "codec", "runtime", "transport", "connection",
          "cache", "dispatch", "call", "client_policies", "client", "extras", "testing"]

# Headers that only some files may include: (what, which headers, which files). The patterns are
# those of fnmatch, where * also matches a slash. Files are named without "okhttp/".
ONLY_IN = [
    ("no library header may include it (it costs every user too much)",
     ["iostream", "regex", "filesystem", "format", "random"],
     []),
    ("only the layers that talk to the operating system may include it",
     ["sys/*", "net/*", "netinet/*", "arpa/*", "linux/*", "netdb.h", "unistd.h", "fcntl.h",
      "poll.h", "pthread.h", "signal.h", "csignal", "dirent.h", "ifaddrs.h", "resolv.h",
      "sched.h", "winsock2.h", "ws2tcpip.h", "windows.h"],
     ["runtime/*", "transport/*", "cache/*", "dispatch/*", "testing/*", "message/file_io.ipp"]),
    ("the layers base to codec know no threads and no file streams",
     ["thread", "mutex", "shared_mutex", "condition_variable", "future", "stop_token",
      "semaphore", "latch", "barrier", "fstream"],
     ["runtime/*", "transport/*", "connection/*", "cache/*", "dispatch/*", "call/*", "client.*",
      "extras/*", "testing/*"]),
    ("OpenSSL belongs in the files that wrap it",
     ["openssl/*"],
     ["transport/openssl_support.hpp", "testing/held_certificate.ipp"]),
    ("nlohmann/json belongs in the file that wraps it (okhttp.hpp works without, and it costs seconds)",
     ["nlohmann/*"],
     ["extras/nlohmann_json.hpp"]),
    ("zlib belongs in the file that wraps it",
     ["zlib.h"],
     ["*/gzip*", "*/inflate*", "*/deflate*", "testing/mock_response.ipp"]),
    ("brotli belongs in the files that wrap it", ["brotli/*"], ["*/brotli*"]),
    ("zstd belongs in the files that wrap it", ["zstd.h"], ["*/zstd*"]),
]

# Macros: config.hpp and umbrellas define OKHTTP_ macros only, and those are the library's for good
# (a module included later needs them too). Any other file undefines at its end what it defined,
# whatever the name; its include guard excepted.

CONFIG = "okhttp/config.hpp"
UMBRELLAS = sorted({output.umbrella for output in OUTPUTS} | {"okhttp/core.hpp"})
SPDX = "// SPDX-License-Identifier: Apache-2.0"
MARK = "// ==== {} "

DIRECTIVE = re.compile(r"\s*#\s*(\w+)\s*(.*)")
INCLUDE = re.compile(r'<([^>]+)>|"([^"]+)"')
MACRO_NAME = re.compile(r"\w+")


class Faults(Exception):
    """Every rule that was broken, one line each."""


class Include(NamedTuple):
    line: int
    target: str  # as in okhttp/base/error.hpp


def own_header(path: str) -> str:
    """The .hpp that a .ipp holds the bodies of."""
    return path[: -len(".ipp")] + ".hpp"


def layer_of(path: str) -> Optional[int]:
    """Its place in LAYERS, or None if it has none."""
    parts = path.split("/")
    name = parts[1] if len(parts) > 2 else parts[1].rsplit(".", 1)[0]
    return LAYERS.index(name) if name in LAYERS else None


class Source:
    """One file of include/, read and checked by itself."""

    def __init__(self, path: str, content: bytes, faults: List[str]):
        self.path = path
        self.faults = faults
        self.includes: List[Include] = []
        self.guard: Optional[str] = None
        if b"\r" in content:
            self.fault(content[: content.index(b"\r")].count(b"\n") + 1,
                       "has a carriage return; lines end with LF")
        for number, line in enumerate(content.split(b"\n"), 1):
            if not line.isascii():
                self.fault(number, "is not ASCII")
        if not content.endswith(b"\n") or content.endswith(b"\n\n"):
            self.fault(content.count(b"\n"), "must end with exactly one newline")
        self.lines = content.decode("ascii", "replace").split("\n")[:-1]
        if not self.lines or self.lines[0] != SPDX:
            self.fault(1, f"must begin with {SPDX}")
        self.read_directives()

    def fault(self, line: int, text: str) -> None:
        self.faults.append(f"include/{self.path}:{line}: {text}")

    def read_directives(self) -> None:
        depth = 0
        seen = 0  # directives so far
        closed = False  # the guard's #endif has passed
        defined: Dict[str, int] = {}
        continued = False
        for number, line in enumerate(self.lines, 1):
            inside, continued = continued, line.endswith("\\")
            match = None if inside else DIRECTIVE.match(line)
            if not match:
                if closed and line.strip() and not line.lstrip().startswith("//"):
                    self.fault(number, "stands after the include guard")
                    closed = False
                continue
            keyword, rest = match.groups()
            name = MACRO_NAME.match(rest)
            seen += 1
            if seen == 1 and keyword == "ifndef" and name:
                self.guard = name.group()
            elif seen == 2 and self.guard and (keyword != "define" or name.group() != self.guard):
                self.guard = None
            if closed:
                self.fault(number, "stands after the include guard")
            if keyword in ("if", "ifdef", "ifndef"):
                depth += 1
            elif keyword == "endif":
                depth -= 1
                closed = depth == 0
            elif keyword == "define" and name:
                defined.setdefault(name.group(), number)
            elif keyword == "undef" and name:
                defined.pop(name.group(), None)
            elif keyword == "include":
                self.read_include(number, rest, depth)
            elif keyword == "pragma" and rest.strip() == "once":
                self.fault(number, "use an include guard, not #pragma once")
        if not self.guard or not re.fullmatch(r"OKHTTP_\w+_[HI]PP", self.guard):
            self.fault(1, "needs an include guard named OKHTTP_LAYER_NAME_HPP, before anything else")
        defined.pop(self.guard or "", None)
        for macro, number in defined.items():
            if self.path == CONFIG or self.path in UMBRELLAS:
                if not macro.startswith("OKHTTP_"):
                    self.fault(number, f"macro {macro} must be named OKHTTP_...")
            else:
                self.fault(number, f"macro {macro} leaks to the user: #undef it at the end of "
                                   "this file, or make it a setting in config.hpp")

    def read_include(self, number: int, rest: str, depth: int) -> None:
        match = INCLUDE.match(rest)
        if not match:
            return  # a macro, such as OKHTTP_CONFIG_HEADER
        system, quoted = match.groups()
        if quoted or (system.startswith("okhttp") and not system.startswith("okhttp/")):
            self.fault(number, f"include our files as <okhttp/layer/name.hpp>, not {match.group()}")
        elif system.startswith("okhttp/"):
            if depth != 1:
                self.fault(number, f"<{system}> is inside #if; put the #if inside that file")
            self.includes.append(Include(number, system))
        else:
            here = self.path[len("okhttp/"):]
            for why, headers, files in ONLY_IN:
                if any(fnmatch.fnmatch(system, header) for header in headers) and not any(
                        fnmatch.fnmatch(here, file) for file in files):
                    self.fault(number, f"<{system}>: {why}")


class Tree:
    """All of include/, with the rules between files checked. Raises Faults."""

    def __init__(self, root: pathlib.Path):
        faults: List[str] = []
        self.sources: Dict[str, Source] = {}
        include = root / "include"
        for file in sorted(p for p in (include / "okhttp").rglob("*") if p.is_file()):
            path = file.relative_to(include).as_posix()
            if file.suffix not in (".hpp", ".ipp"):
                faults.append(f"include/{path}: neither .hpp nor .ipp")
                continue
            self.sources[path] = Source(path, file.read_bytes(), faults)
        for umbrella in [CONFIG] + UMBRELLAS:
            if umbrella not in self.sources:
                faults.append(f"include/{umbrella}: missing")
        self.check_guards(faults)
        for source in self.sources.values():
            for include_line in source.includes:
                self.check_edge(source, include_line, faults)
        self.check_cycles(faults)
        if faults:
            raise Faults("\n".join(faults))
        self.version = self.read_version(faults)
        self.check_used(faults)
        if faults:
            raise Faults("\n".join(faults))

    def check_guards(self, faults: List[str]) -> None:
        owners: Dict[str, str] = {}
        for path, source in self.sources.items():
            if source.guard and owners.setdefault(source.guard, path) != path:
                faults.append(f"include/{path}:1: has the include guard of {owners[source.guard]}")

    def check_edge(self, source: Source, include: Include, faults: List[str]) -> None:
        path, (line, target) = source.path, include
        here = f"include/{path}:{line}: "
        if target not in self.sources:
            faults.append(here + f"<{target}> does not exist")
            return
        if target.endswith(".ipp") and own_header(target) != path:
            faults.append(here + f"only {own_header(target)} includes <{target}>")
        if path in UMBRELLAS:
            return
        if target in UMBRELLAS:
            faults.append(here + f"only umbrellas include the umbrella <{target}>")
            return
        mine, other = layer_of(path), layer_of(target)
        if mine is not None and other is not None and other > mine:
            faults.append(here + f"<{target}> is upward: {LAYERS[mine]} comes before "
                                 f"{LAYERS[other]} in the layer order")

    def check_cycles(self, faults: List[str]) -> None:
        for path in self.sources:
            if path not in UMBRELLAS and layer_of(path) is None:
                faults.append(f"include/{path}: belongs to no layer and is no umbrella; "
                              "the tables are at the top of amalgamate.py")
        done: Set[str] = set()

        def visit(path: str, trail: List[str]) -> None:
            if path in trail:
                faults.append("cycle: " + " -> ".join(trail[trail.index(path):] + [path]))
                return
            if path in done:
                return
            for _, target in self.sources[path].includes:
                if target in self.sources and not (
                        path.endswith(".ipp") and target == own_header(path)):
                    visit(target, trail + [path])
            done.add(path)

        for path in self.sources:
            visit(path, [])

    def check_used(self, faults: List[str]) -> None:
        used: Set[str] = set()
        for output in OUTPUTS:
            used |= self.closure(output.umbrella)
        for path in self.sources:
            if path not in used:
                faults.append(f"include/{path}: no umbrella includes it, so it is in no output")

    def closure(self, path: str) -> Set[str]:
        """The file and everything it includes, directly or not."""
        found = {path}
        todo = [path]
        while todo:
            for _, target in self.sources[todo.pop()].includes:
                if target not in found:
                    found.add(target)
                    todo.append(target)
        return found

    def read_version(self, faults: List[str]) -> str:
        text = "\n".join(self.sources[CONFIG].lines)
        parts = [re.search(rf"^#define OKHTTP_VERSION_{part} (\d+)$", text, re.M)
                 for part in ("MAJOR", "MINOR", "PATCH")]
        whole = re.search(r'^#define OKHTTP_VERSION "([\d.]+)"$', text, re.M)
        numbers = ".".join(part.group(1) if part else "?" for part in parts)
        if not whole or whole.group(1) != numbers:
            faults.append(f"include/{CONFIG}: OKHTTP_VERSION is not \"{numbers}\", as its parts say")
        return numbers


class Writer:
    """One output being put together."""

    def __init__(self, tree: Tree, output: Output, line_map: bool):
        self.tree = tree
        self.line_map = line_map
        self.lines: List[str] = []
        self.done: Set[str] = set()
        self.position = ("", 0)  # where a compiler believes the next line to come from
        self.base_line = ""  # the include line of the output below this one, until written
        self.base: Set[str] = set()
        if output.onto:
            below = next(other for other in OUTPUTS if other.path == output.onto)
            self.base = tree.closure(below.umbrella)
            self.base_line = f'#include "{output.onto.rsplit("/", 1)[-1]}"'
        self.add_banner(output)
        self.add_file(output.umbrella)

    def add_banner(self, output: Output) -> None:
        self.lines += [
            f"// okhttp for C++ {self.tree.version}: {output.path.rsplit('/', 1)[-1]}",
            "// https://www.apache.org/licenses/LICENSE-2.0",
            SPDX,
            "// Generated by amalgamate.py from include/; edit there.",
            "",
        ]

    def add_file(self, path: str) -> None:
        self.done.add(path)
        self.lines.append((MARK.format(path)).ljust(100, "="))
        includes = {include.line: include.target for include in self.tree.sources[path].includes}
        gap = True  # an include line was dropped here: no second blank line after it
        for number, line in enumerate(self.tree.sources[path].lines, 1):
            if number == 1:
                continue  # the SPDX line; the banner has it
            if number in includes:
                self.add_include(includes[number])
                gap = True
                continue
            if gap and not line and not self.lines[-1]:
                continue
            gap = gap and not line
            if self.line_map and self.position != (path, number):
                self.lines.append(f'#line {number} "include/{path}"')
            self.lines.append(line)
            self.position = (path, number + 1)

    def add_include(self, target: str) -> None:
        if target in self.base:
            if self.base_line:
                self.lines += [self.base_line]
                self.base_line = ""
        elif target not in self.done:
            self.add_file(target)
        self.position = ("", 0)

    def content(self) -> bytes:
        return ("\n".join(self.lines).rstrip("\n") + "\n").encode("ascii")


def compare(root: pathlib.Path, wanted: Dict[str, bytes]) -> List[str]:
    """What is stale on disk, one sentence each, with the first differing lines."""
    stale = []
    for path, content in wanted.items():
        file = root / path
        if not file.is_file():
            stale.append(f"{path} is missing")
        elif file.read_bytes() != content:
            diff = difflib.unified_diff(file.read_text("utf-8", "replace").splitlines(),
                                        content.decode("ascii").splitlines(),
                                        path, "as generated", lineterm="", n=0)
            first = [line for _, line in zip(range(8), diff)]
            stale.append("\n  ".join([f"{path} is not what include/ gives"] + first))
    modules = root / "single_include"
    for file in sorted(modules.rglob("*")) if modules.is_dir() else []:
        if file.is_file() and file.relative_to(root).as_posix() not in wanted:
            stale.append(f"{file.relative_to(root).as_posix()} is no output of amalgamate.py")
    return stale


def main(arguments: List[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="fail when an output is stale")
    mode.add_argument("--layers", action="store_true", help="check the sources only")
    parser.add_argument("--line-map", action="store_true", help="emit #line directives")
    parser.add_argument("--output", type=pathlib.Path, metavar="DIR",
                        help="write below this folder instead of the repository")
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).parent,
                        help="the repository (default: where this script is)")
    options = parser.parse_args(arguments)
    if options.line_map and not options.output:
        parser.error("--line-map needs --output: the files in the repository carry no #line")
    try:
        tree = Tree(options.root)
    except Faults as faults:
        print(faults, file=sys.stderr)
        return 1
    if options.layers:
        print(f"{len(tree.sources)} files keep the rules for layers, includes and macros")
        return 0
    wanted = {output.path: Writer(tree, output, options.line_map).content() for output in OUTPUTS}
    where = options.output or options.root
    if options.check:
        stale = compare(where, wanted)
        if stale:
            print("\n".join(stale), file=sys.stderr)
            print("run ./amalgamate.py and commit what it writes", file=sys.stderr)
            return 1
        print(f"{len(wanted)} generated files are up to date")
        return 0
    for path, content in wanted.items():
        file = where / path
        if file.is_file() and file.read_bytes() == content:
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        print(f"wrote {path}: {content.count(10)} lines")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
