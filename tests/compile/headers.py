#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every header compiles alone: its declarations; with --all the whole of it, and its declarations with every
module, exceptions and RTTI switched off.

A header that passed is not compiled again until it, a file it includes, or the compiler changes.
"""

import argparse
import hashlib
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests/support")]
import amalgamate  # noqa: E402
import checks  # noqa: E402

WARNINGS = "-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wundef -Werror".split()
# Without the bodies, a third of the work: all of them are compiled that way for the smallest client.
TRIMMED = ("-DOKHTTP_TLS=0 -DOKHTTP_ZLIB=0 -DOKHTTP_BROTLI=0 -DOKHTTP_ZSTD=0 -DOKHTTP_THREADS=0 -DOKHTTP_FILES=0 -DOKHTTP_IDNA=0 -DOKHTTP_PSL=0 -DOKHTTP_HEADER_ONLY=0 "
           "-fno-exceptions -fno-rtti").split()


def check(tree, compiler, version, header, flags, stamps):
    arguments = [compiler, "-std=c++20", "-fsyntax-only", *WARNINGS, *flags, "-I", ROOT / "include",
                 "-include", header, "-x", "c++", os.devnull]
    key = hashlib.sha256(repr((version, arguments)).encode())
    for path in sorted(tree.closure(header)):
        key.update("\n".join(tree.sources[path].lines).encode())
    stamp = stamps / key.hexdigest()
    if stamp.exists():
        return
    checks.command(arguments)
    stamp.touch()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true",
                        help="with the bodies of functions, and trimmed, too: three times the time")
    parser.add_argument("--compiler", action="append", help="default: g++; may be repeated")
    parser.add_argument("--stamps", type=pathlib.Path, default=ROOT / "build/headers",
                        help="where it remembers what passed")
    options = parser.parse_args()
    options.stamps.mkdir(parents=True, exist_ok=True)
    try:
        tree = amalgamate.Tree(ROOT)
    except amalgamate.Faults as faults:
        print(faults)
        print("0 passed, 1 failed")
        return 1
    todo = []
    for compiler in options.compiler or ["g++"]:
        version = checks.command([compiler, "--version"])
        for header in tree.sources:
            if header.endswith(".hpp"):
                ways = [("declarations", ["-DOKHTTP_HEADER_ONLY=0"])]
                if options.all:
                    ways = [("as it is", []), ("trimmed", TRIMMED)]
                for name, flags in ways:
                    # It says itself that it needs threads.
                    if header == "okhttp/mockwebserver.hpp" and name == "trimmed":
                        continue
                    todo.append(checks.Check(
                        f"{header} alone, {name}, {compiler}",
                        lambda c=compiler, v=version, h=header, f=flags:
                            check(tree, c, v, h, f, options.stamps)))
    return checks.run(todo)


if __name__ == "__main__":
    sys.exit(main())
