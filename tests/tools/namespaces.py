#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Several test files may be compiled as one unit, so each keeps its names to itself.

All that follows the includes of tests/{unit,conformance,integration}/**/x_test.cpp stands in

    namespace x_test {
    }  // namespace x_test

and no macro outlives its file. No two files of one test program have the same name. --write puts
the namespace into files that lack it. What a costs or noexcept test does is its program's alone.
"""

import argparse
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = (("unit", "conformance"), ("integration",))
CONDITIONAL = re.compile(r"#\s*(if|endif)")
INCLUDE = re.compile(r"#\s*include\b")
DEFINE = re.compile(r"#\s*define (\w+)")


class Fault(Exception):
    """Why the namespace cannot be put in."""


def place(lines):
    """The indices before which the namespace opens and closes."""
    includes = [number for number, line in enumerate(lines) if INCLUDE.match(line)]
    if not includes:
        raise Fault("it includes nothing")
    begin = includes[-1] + 1
    unclosed = 0
    for line in lines[:begin]:
        if found := CONDITIONAL.match(line):
            unclosed += 1 if found[1] == "if" else -1
    end = len(lines)
    if unclosed:
        depth = unclosed
        for number in range(begin, len(lines)):
            if found := CONDITIONAL.match(lines[number]):
                depth += 1 if found[1] == "if" else -1
                if depth < unclosed:
                    break
        if not any(line.strip() for line in lines[number + 1:]):
            end = number  # the #if is around the whole file
        elif unclosed == 1 and not any(line.strip() for line in lines[begin:number]):
            begin = number + 1  # around the last includes
        else:
            raise Fault("the last include stands under an #if that holds more; write the namespace by hand")
    return begin, end


def with_namespace(text, name):
    lines = text.splitlines()
    begin, end = place(lines)
    inside = "\n".join(lines[begin:end]).strip("\n")
    parts = ["\n".join(lines[:begin]).rstrip("\n"), f"namespace {name} {{", inside,
             f"}}  // namespace {name}"]
    if rest := "\n".join(lines[end:]).strip("\n"):
        parts.append(rest)
    return "\n\n".join(parts) + "\n"


def faults(path, text):
    name = path.stem
    opening = re.compile(rf"^namespace {name} {{$", re.M).search(text)
    closing = re.compile(rf"^}}  // namespace {name}$", re.M).search(text)
    if not opening or not closing:
        yield f"not inside `namespace {name} {{` ... `}}  // namespace {name}`; tests/tools/namespaces.py --write puts it in"
        return
    if any(map(INCLUDE.match, text[opening.end():].splitlines())):
        yield "an include stands inside the namespace"
    outside = text[:opening.start()] + text[closing.end():]
    if re.search(r"^(?!//|#|\s|$)", outside, re.M):
        yield f"something other than includes stands outside the namespace {name}"
    for macro in DEFINE.findall(text):
        if not re.search(rf"^#\s*undef {macro}$", text, re.M):
            yield f"the macro {macro} lives on: #undef it at the end of the file"


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put the namespace into files that lack it")
    options = parser.parse_args()
    passed = failed = 0
    for folders in PROGRAMS:
        seen = {}
        for path in sorted(file for folder in folders
                           for file in (ROOT / "tests" / folder).rglob("*_test.cpp")):
            text = path.read_text()
            found = []
            if options.write and f"namespace {path.stem} {{" not in text:
                try:
                    text = with_namespace(text, path.stem)
                    path.write_text(text)
                except Fault as fault:
                    found.append(str(fault))
            found += faults(path, text)
            if path.name in seen:
                found.append(f"{seen[path.name]} has the same name")
            seen[path.name] = path.relative_to(ROOT)
            for fault in found:
                print(f"{path.relative_to(ROOT)}: {fault}")
            passed, failed = passed + (not found), failed + bool(found)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
