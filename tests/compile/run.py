#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Programs that must not compile, must not link, must do both; and the documented ones.

fail/*.cpp   Each file holds numbered cases:
                 #if CASE == 1  // expect: what g++ says | what clang says
             With -DCASE=1 the compiler must fail and say one of these texts; with -DCASE=0
             the file must compile. A line `// flags: ...` adds to the command line.
api_*.cpp    Programs as the documentation writes them compile as they stand with the generated
             headers, without a warning at -Wall -Wextra. Those that include the mock server need
             nothing else, so they also run, in an empty folder. The first one draws no warning with
             all of them on, however it is optimized.
link/        Two units that include the generated okhttp.hpp link into one program, which runs; the
             same two built with different settings do not link.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "tests/support"))
import checks  # noqa: E402

CASE = re.compile(r"^#\s*(?:el)?if CASE == (\d+)\s*// expect: (.+)$", re.M)
FLAGS = re.compile(r"^// flags: (.+)$", re.M)
ALL_WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"]
LIBRARIES = ["-lssl", "-lcrypto", "-lz", "-pthread"]


def must_not_compile(compiler, file):
    text = file.read_text()
    flags = " ".join(FLAGS.findall(text)).split()
    arguments = [compiler, "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", *flags,
                 "-I", ROOT / "include", file]

    def rejected(number, expected):
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
                       lambda: checks.command([*arguments, "-DCASE=0"]) and None)
    for number, expected in cases:
        yield checks.Check(f"{file.name} case {number} is rejected by {compiler}",
                           lambda n=number, e=expected.strip(): rejected(n, e))


def documented(compiler, folder, source):
    """One program with the generated headers; run when it has its own server."""
    place = folder / f"{source.stem}-{compiler}"
    place.mkdir()
    program = place / "program"
    checks.command([compiler, "-std=c++20", "-Wall", "-Wextra", "-Werror", "-I", ROOT, source,
                    "-o", program, *LIBRARIES])
    if "okhttp_mockwebserver.hpp" in source.read_text():
        checks.command(["timeout", "120", program], cwd=place)


def draws_no_warning(compiler, folder, level):
    """A user's program; some of GCC's warnings come from its optimizer."""
    checks.command([compiler, "-std=c++20", level, *ALL_WARNINGS, "-I", ROOT, "-c",
                    HERE / "api_first_program.cpp", "-o", folder / f"first{level}-{compiler}.o"])


def links(compiler, folder):
    """Two units, one program."""
    flags = [compiler, "-std=c++20", "-I", ROOT]
    program = folder / f"both-{compiler}"
    checks.command([*flags, HERE / "link/one.cpp", HERE / "link/two.cpp", "-o", program, *LIBRARIES])
    checks.command([program])


def does_not_link(compiler, folder, setting):
    """One unit with a setting, one without: every symbol's name says how it was built."""
    flags = [compiler, "-std=c++20", "-I", ROOT]
    name = setting.strip("-").replace("=", "-")
    objects = [folder / f"{name}-{compiler}-{unit}.o" for unit in ("one", "two")]
    checks.command([*flags, "-c", HERE / "link/one.cpp", "-o", objects[0]])
    checks.command([*flags, setting, "-c", HERE / "link/two.cpp", "-o", objects[1]])
    try:
        checks.command([*flags, *objects, "-o", folder / f"mixed-{name}-{compiler}", *LIBRARIES])
    except checks.Failure as failure:
        if "undefined reference to `code_of(okhttp::" not in str(failure):
            raise
        return
    raise checks.Failure("it links")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compiler", action="append", help="default: g++; may be repeated")
    options = parser.parse_args()
    todo = []
    with tempfile.TemporaryDirectory(prefix="okhttp-compile-") as temporary:
        folder = pathlib.Path(temporary)
        for compiler in options.compiler or ["g++"]:
            todo.append(checks.Check(f"two units link, {compiler}",
                                     lambda c=compiler: links(c, folder)))
            for source in sorted(HERE.glob("api_*.cpp")):
                todo.append(checks.Check(f"{source.name} compiles as written, {compiler}",
                                         lambda c=compiler, s=source: documented(c, folder, s)))
            for level in ("-O1", "-O2", "-O3"):
                todo.append(checks.Check(f"the first program draws no warning at {level}, {compiler}",
                                         lambda c=compiler, l=level: draws_no_warning(c, folder, l)))
            for setting in ("-DOKHTTP_ZLIB=0", "-fno-exceptions"):
                todo.append(checks.Check(f"a unit with {setting} does not link, {compiler}",
                                         lambda c=compiler, s=setting: does_not_link(c, folder, s)))
            for file in sorted((HERE / "fail").glob("*.cpp")):
                todo.extend(must_not_compile(compiler, file))
        return checks.run(todo)


if __name__ == "__main__":
    sys.exit(main())
