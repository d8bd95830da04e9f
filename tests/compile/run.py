#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Programs that must not compile, must not link, must do both; and the documented ones.

fail/*.cpp   Each file holds numbered cases:
                 #if CASE == 1  // expect: what g++ says | what clang says
             With -DCASE=1 the compiler must fail and say one of these texts; with -DCASE=0
             the file must compile. A line `// flags: ...` adds to the command line.
Headers that are included and not used leave no code.
api_*.cpp    Programs as the documentation writes them compile as they stand with the generated
             headers, without a warning at -Wall -Wextra, and link with the README's libraries, and with
             no others unless a line `// link: ...` names them. Those that include the mock server need
             nothing else, so they also run, in an empty folder. The first one draws no warning with
             all of them on, however g++ optimizes it.
link/        Two units that include the generated okhttp.hpp link into one program, which runs; the
             same two built with different settings do not link.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "tests/support"))
import checks  # noqa: E402

CASE = re.compile(r"^#\s*(?:el)?if CASE == (\d+)\s*// expect: (.+)$", re.M)
INCLUDE = re.compile(r"^#include .+$", re.M)
LINK = re.compile(r"^// link: (.+)$", re.M)
FLAGS = re.compile(r"^// flags: (.+)$", re.M)
ALL_WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"]
LIBRARIES = ["-lssl", "-lcrypto", "-lz", "-pthread"]


class Once:
    """A function whose work is done by the first of the threads that need it."""

    def __init__(self, function):
        self.function = function
        self.lock = threading.Lock()
        self.done = False

    def __call__(self):
        with self.lock:
            if not self.done:
                self.function()
                self.done = True


def must_not_compile(compiler, file, folder):
    text = file.read_text()
    flags = " ".join(FLAGS.findall(text)).split()
    settings = [compiler, "-std=c++20", "-Wall", "-Wextra", "-Werror", *flags, "-I", ROOT / "include"]
    # Every case needs the same headers, which cost more than the case: they are read once.
    headers = folder / f"{file.stem}-{compiler}.hpp"
    headers.write_text("\n".join(INCLUDE.findall(text)) + "\n")
    precompile = Once(lambda: checks.command([*settings, "-x", "c++-header", headers, "-o",
                                              f"{headers}.gch"]))
    arguments = [*settings, "-fsyntax-only", "-include", headers, file]

    def accepted():
        precompile()
        checks.command([*arguments, "-DCASE=0"])

    def rejected(number, expected):
        precompile()
        done = subprocess.run([*map(str, arguments), f"-DCASE={number}"], text=True, check=False,
                              errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode == 0:
            raise checks.Failure("it compiles")
        if not any(text in done.stdout for text in expected.split(" | ")):
            raise checks.Failure(f"not in what the compiler says: {expected}\n{done.stdout[:4000]}")

    cases = CASE.findall(text)
    if not cases or [int(number) for number, _ in cases] != list(range(1, len(cases) + 1)):
        raise SystemExit(f"{file}: the cases are not numbered 1, 2, 3 ...")
    yield checks.Check(f"{file.name} without a fault compiles with {compiler}",
                       accepted)
    for number, expected in cases:
        yield checks.Check(f"{file.name} case {number} is rejected by {compiler}",
                           lambda n=number, e=expected.strip(): rejected(n, e))


class Documented:
    """The programs of the documentation, with the generated headers. These programs are built as their readers
    would; the others with a library that is compiled once, which costs half as much."""
    AS_WRITTEN = ("api_ten_lines", "api_first_program", "api_programs")

    def __init__(self, compiler, folder):
        self.compiler = compiler
        self.folder = folder / f"documented-{compiler}"
        self.folder.mkdir()
        self.settings = [compiler, "-std=c++20", "-Wall", "-Wextra", "-Werror"]
        self.compiled = ["-DOKHTTP_HEADER_ONLY=0", "-DOKHTTP_BROTLI=1", "-DOKHTTP_ZSTD=1"]
        self.library = self.folder / "library.o"
        self.compile_library = Once(self.make_library)

    def make_library(self):
        source = self.folder / "library.cpp"
        source.write_text('#define OKHTTP_IMPLEMENTATION\n#include "okhttp_mockwebserver.hpp"\n')
        checks.command([*self.settings, *self.compiled, "-I", ROOT, "-c", source, "-o", self.library])
        if self.compiler == "g++":  # finds what it has read before by itself
            checks.command([*self.settings, *self.compiled, "-x", "c++-header", ROOT / "okhttp.hpp",
                            "-o", self.folder / "okhttp.hpp.gch"])

    def builds(self, source):
        """Run when it has its own server. The headers of brotli and zstd are installed, so that the library has
        these codings; only programs that use them link them."""
        place = self.folder / source.stem
        place.mkdir()
        program = place / "program"
        text = source.read_text()
        how = []
        if source.stem not in self.AS_WRITTEN:
            self.compile_library()
            how = [*self.compiled, "-I", self.folder, self.library, "-lbrotlienc", "-lbrotlidec", "-lzstd"]
        checks.command([*self.settings, source, *how, "-I", ROOT, "-o", program, *LIBRARIES,
                        *" ".join(LINK.findall(text)).split()])
        if "okhttp_mockwebserver.hpp" in text:
            checks.command(["timeout", "120", program], cwd=place)


def draws_no_warning(compiler, folder, level):
    """A user's program; some of GCC's warnings come from its optimizer, none of clang's."""
    checks.command([compiler, "-std=c++20", level, *ALL_WARNINGS, "-I", ROOT, "-c",
                    HERE / "api_first_program.cpp", "-o", folder / f"first{level}-{compiler}.o"])


def leaves_no_code(compiler, folder):
    """A unit that includes everything and uses nothing is empty: a class with virtual functions whose first
    one is not declared inline (OKHTTP_DECL) would leave all of them in every program. Without optimization g++
    keeps the bodies of coroutines."""
    source = folder / f"unused-{compiler}.cpp"
    source.write_text('#include "okhttp_mockwebserver.hpp"\n')
    checks.command([compiler, "-std=c++20", "-O1", "-I", ROOT, "-c", source, "-o", source.with_suffix(".o")])
    left = checks.command(["nm", "-C", "--defined-only", source.with_suffix(".o")])
    left = [line for line in left.splitlines() if " okhttp::" in line or " for okhttp::" in line]
    if left:
        raise checks.Failure("\n".join(left[:20]))


class Link:
    """The two units of link/; the first is compiled once."""

    def __init__(self, compiler, folder):
        self.flags = [compiler, "-std=c++20", "-I", ROOT]
        self.folder = folder / f"link-{compiler}"
        self.folder.mkdir()
        self.one = self.folder / "one.o"
        self.compile_one = Once(lambda: checks.command(
            [*self.flags, "-c", HERE / "link/one.cpp", "-o", self.one]))

    def links(self):
        """Two units, one program."""
        self.compile_one()
        program = self.folder / "both"
        checks.command([*self.flags, self.one, HERE / "link/two.cpp", "-o", program, *LIBRARIES])
        checks.command([program])

    def does_not_link(self, setting):
        """One unit with a setting, one without: every symbol's name says how it was built."""
        name = setting.strip("-").replace("=", "-")
        two = self.folder / f"{name}.o"
        checks.command([*self.flags, setting, "-c", HERE / "link/two.cpp", "-o", two])
        self.compile_one()
        try:
            checks.command([*self.flags, self.one, two, "-o", self.folder / f"mixed-{name}", *LIBRARIES])
        except checks.Failure as failure:
            if "undefined reference to `code_of(okhttp::" not in str(failure):
                raise
            return
        raise checks.Failure("it links")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compiler", action="append", help="default: g++; may be repeated")
    parser.add_argument("--warnings", action="store_true",
                        help="only whether a user's program draws warnings, at every level of optimization")
    options = parser.parse_args()
    todo = []
    with tempfile.TemporaryDirectory(prefix="okhttp-compile-") as temporary:
        folder = pathlib.Path(temporary)
        for compiler in options.compiler or ["g++"]:
            # What costs most comes first, so that no core is idle at the end.
            for level in ("-O3", "-O2", "-O1") if options.warnings else ("-O2",):
                todo.append(checks.Check(f"the first program draws no warning at {level}, {compiler}",
                                         lambda c=compiler, l=level: draws_no_warning(c, folder, l)))
            if options.warnings:
                continue
            link = Link(compiler, folder)
            todo.append(checks.Check(f"two units link, {compiler}", link.links))
            todo.append(checks.Check(f"what is not used leaves no code, {compiler}",
                                     lambda c=compiler: leaves_no_code(c, folder)))
            programs = Documented(compiler, folder)
            for source in sorted(HERE.glob("api_*.cpp")):
                todo.append(checks.Check(f"{source.name} compiles as written, {compiler}",
                                         lambda p=programs, s=source: p.builds(s)))
            for setting in ("-DOKHTTP_ZLIB=0", "-fno-exceptions"):
                todo.append(checks.Check(f"a unit with {setting} does not link, {compiler}",
                                         lambda l=link, s=setting: l.does_not_link(s)))
            for file in sorted((HERE / "fail").glob("*.cpp")):
                todo.extend(must_not_compile(compiler, file, folder))
        return checks.run(todo)


if __name__ == "__main__":
    sys.exit(main())
