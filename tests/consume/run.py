#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The library arrives in a project in every way the README names, and the program there runs.

copied            okhttp.hpp alone in an empty folder, built with the README's command
without warnings  the same at -O2 with the warnings the README promises to be free of
add_subdirectory, fetch_content    header-only, nothing of ours but the library is configured
content_codings   add_subdirectory with brotli and zstd, used by the program
find_package      after an install into an empty prefix, header-only
--compiled        find_package also after an install with OKHTTP_HEADER_ONLY=OFF, brotli and zstd
"""

import argparse
import pathlib
import shutil
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "tests/support"))
import checks  # noqa: E402

BUILD = "-std=c++20 main.cpp -lssl -lcrypto -lz -pthread".split()  # the README's, after the compiler
WARNINGS = "-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror".split()


def copied(folder, compiler, flags):
    folder.mkdir()
    shutil.copy(ROOT / "okhttp.hpp", folder)
    shutil.copy(HERE / "main.cpp", folder)
    checks.command([compiler, *flags, *BUILD], cwd=folder)
    checks.command(["./a.out"], cwd=folder)


def project(folder, name, *settings):
    """Configures and builds the consumer project of that name in the folder, runs its program."""
    checks.command(["cmake", "-G", "Ninja", "-S", HERE / name, "-B", folder,
                    "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror",
                    *settings])
    checks.command(["cmake", "--build", folder])
    checks.command([folder / "consumer"])
    for leftover in ("okhttp_unit_tests", "okhttp_strict"):
        if list(folder.rglob(f"*{leftover}*")):
            raise checks.Failure(f"the project also has {leftover}")


def installed(folder, *settings):
    folder.mkdir()
    checks.command(["cmake", "-G", "Ninja", "-S", ROOT, "-B", folder / "build",
                    "-DOKHTTP_BUILD_TESTS=OFF", "-DOKHTTP_BUILD_EXAMPLES=OFF",
                    "-DCMAKE_BUILD_TYPE=None", *settings])
    checks.command(["cmake", "--build", folder / "build"])
    checks.command(["cmake", "--install", folder / "build", "--prefix", folder / "prefix"])
    shutil.rmtree(folder / "build")
    project(folder / "consumer", "find_package", f"-DCMAKE_PREFIX_PATH={folder / 'prefix'}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compiled", action="store_true",
                        help="also install the library compiled")
    parser.add_argument("--compiler", default="g++", help="for the copied file (default: g++)")
    options = parser.parse_args()
    source = f"-DOKHTTP_SOURCE={ROOT}"
    with tempfile.TemporaryDirectory(prefix="okhttp-consume-") as temporary:
        folder = pathlib.Path(temporary)
        todo = [
            checks.Check("copied", lambda: copied(folder / "copied", options.compiler, [])),
            checks.Check("without warnings", lambda: copied(folder / "warnings", options.compiler,
                                                            ["-O2", *WARNINGS])),
            checks.Check("add_subdirectory",
                         lambda: project(folder / "subdirectory", "add_subdirectory", source)),
            checks.Check("fetch_content", lambda: project(folder / "fetch", "fetch_content", source)),
            checks.Check("content_codings",
                         lambda: project(folder / "codings", "content_codings", source)),
            checks.Check("find_package", lambda: installed(folder / "install")),
        ]
        if options.compiled:
            todo.append(checks.Check("find_package, compiled", lambda: installed(
                folder / "compiled", "-DOKHTTP_HEADER_ONLY=OFF", "-DOKHTTP_BROTLI=ON",
                "-DOKHTTP_ZSTD=ON")))
        return checks.run(todo)


if __name__ == "__main__":
    sys.exit(main())
