#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What README.md and docs/ show and name is there.

- Every block of C++ stands, in one piece, in a program of examples/ or tests/compile/, which other
  tests compile and run; every CMake line stands in a project of tests/consume/.
- Every name in `code` is one of the library, and every file and link exists.
- The README's build command is the one tests/consume/run.py uses; docs/configuration.md has every
  macro of config.hpp; every limit of the README's table is a setting with that default.
"""

import importlib.util
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
import checks  # noqa: E402

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PROGRAMS = [*(ROOT / "examples").glob("*.cpp"), *(ROOT / "tests/compile").glob("api_*.cpp")]
PROJECTS = [*(ROOT / "tests/consume").rglob("CMakeLists.txt")]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
CODE = re.compile(r"`([^`]+)`")
# Words in `code` that are not the library's: commands, and names of C++, of CMake and of HTTP.
OTHERS = set("""apt add_subdirectory FetchContent catch co_await try poll Expect NDEBUG task text code handle
    static constexpr bool needs_addresses""".split())
UNITS = {"s": 10**9, "min": 60 * 10**9, "KiB": 1024, "MiB": 1024**2, "": 1}


def lines_of(text):
    """Without indentation and empty lines."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def stands_in(block, files):
    wanted = lines_of(block)
    for file in files:
        lines = lines_of(file.read_text())
        if any(lines[i:i + len(wanted)] == wanted for i in range(len(lines))):
            return True
    return False


def code_blocks_are_compiled(page):
    for language, block in BLOCK.findall(page.read_text()):
        if language == "cpp" and not stands_in(block, PROGRAMS):
            raise checks.Failure(f"in no program:\n{block}")
        if language == "cmake" and not all(stands_in(line, PROJECTS) for line in lines_of(block)):
            raise checks.Failure(f"in no project:\n{block}")
        if language not in ("cpp", "cmake", "sh"):
            raise checks.Failure(f"a block in the language '{language}'")


def names_exist(page):
    source = "\n".join(path.read_text() for folder in ("include", "cmake")
                       for path in sorted((ROOT / folder).rglob("*.*")))
    known = set(re.findall(r"\w+", source)) | OTHERS
    for code in CODE.findall(CODE.sub("", BLOCK.sub("", page.read_text()))):
        if re.fullmatch(r"\.?[\w./]+\.(hpp|cpp|py|md)", code):
            if not (ROOT / code).exists():
                raise checks.Failure(f"there is no file {code}")
            continue
        if code.startswith(("-", "apt ")):  # flags, commands
            continue
        for word in re.findall(r"[A-Za-z_]\w*(?!\w*\.\.\.)\b", re.sub(r"\w+\.\.\.", "", code)):
            if word not in known:
                raise checks.Failure(f"`{code}`: the library has no '{word}'")


def links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)\)", CODE.sub("", BLOCK.sub("", page.read_text()))):
        if not (page.parent / target).exists():
            raise checks.Failure(f"there is no {target}")


def build_command_is_tested():
    spec = importlib.util.spec_from_file_location("consume", ROOT / "tests/consume/run.py")
    consume = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(consume)
    command = " ".join(["g++", *consume.BUILD])
    if command not in (ROOT / "README.md").read_text():
        raise checks.Failure(f"not in README.md: {command}")


def macros_are_documented():
    page = (ROOT / "docs/configuration.md").read_text()
    config = (ROOT / "include/okhttp/config.hpp").read_text()
    macros = set(re.findall(r"^#ifndef (OKHTTP_\w+)$", config, re.M)) - {"OKHTTP_CONFIG_HPP"}
    missing = sorted(macro for macro in macros if macro not in page)
    if missing:
        raise checks.Failure(", ".join(missing))


def defaults_are_those_of_the_source():
    """Rows look like | what | 64 KiB | `setting` | or | what | 64 KiB | `setting`, `field` |."""
    source = "\n".join(path.read_text() for path in sorted((ROOT / "include").rglob("*.hpp")))
    members = {"connect_timeout": "connect", "read_timeout": "read", "write_timeout": "write",
               "call_timeout": "call", "expect_continue_timeout": "expect_continue"}
    table = (ROOT / "README.md").read_text().split("\n## Limits\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| .* \| ([^|]*) \| `(\w+)`(?:, `(\w+)`)? \|$", table, re.M)
    if len(rows) < 15:
        raise checks.Failure(f"only {len(rows)} rows")
    for default, setting, field in rows:
        if not re.search(rf"Builder& {setting}\(", source):
            raise checks.Failure(f"Builder has no {setting}")
        name = field or members.get(setting, setting)
        found = re.search(rf"^ +[\w:]+ {name}(?: = ([^;]+)|{{}});", source, re.M)
        if not found:
            raise checks.Failure(f"there is no member {name}")
        if value_of(found.group(1)) != stated(default):
            raise checks.Failure(f"{name}: {default} here, {found.group(1)} in the source")


def stated(text):
    """10 s, 256 KiB, 1000, none."""
    if text == "none":
        return 0
    number, _, unit = text.partition(" ")
    return int(number) * UNITS[unit]


def value_of(expression):
    """What an initializer says, with times in nanoseconds."""
    if expression is None:
        return 0
    for cast, unit in (("std::chrono::seconds", "s"), ("std::chrono::minutes", "min")):
        expression = expression.replace(cast, f"{UNITS[unit]} * ")
    expression = re.sub(r"std::\w+\{(\d+)\}", r"\1", expression)
    if not re.fullmatch(r"[\d\s*()<]+", expression):
        raise checks.Failure(f"cannot read '{expression}'")
    return eval(expression)  # pylint: disable=eval-used


def main():
    todo = [checks.Check(f"{page.name}: {function.__name__}", lambda f=function, p=page: f(p))
            for page in PAGES for function in (code_blocks_are_compiled, names_exist, links_lead_somewhere)]
    todo += [checks.Check(function.__name__, function) for function in
             (build_command_is_tested, macros_are_documented, defaults_are_those_of_the_source)]
    return checks.run(todo)


if __name__ == "__main__":
    sys.exit(main())
