#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes include/okhttp/url/public_suffix_tables.hpp from the Public Suffix List.

  tools/make_public_suffixes.py                write the tables
  tools/make_public_suffixes.py --check        write nothing; fail when the tables are not what would be written
  tools/make_public_suffixes.py --list FILE    take this list (default: that of Debian's package publicsuffix)

The output depends on the list alone. --check compares only with the list that the tables were made from: that
another one is installed, as after an update of the package, is said, and is no failure.

The tables are an acyclic automaton over rules in their xn-- form, read from their last character to the first, so
that one walk over a host from its end meets every rule for it. A state is a run of edges, one byte each:

  bits 0-5   what the edge is for: a character (letters 33 to 58, digits 1 to 10, '-' 0, '.' 11), or that a rule ends
             here, 16 + the sum of 1 (the rule is what was read), 2 ("*." stands before it), 4 ("!" does);
             this is the first edge of its state, and leads nowhere
  bit 6      the state that the edge leads to stands right behind it (only a state's last edge); else two bytes
             follow, its place, high byte first
  bit 7      more edges of this state follow

So a letter that only one letter can follow is itself. Rules of the list's two parts, of registries and of private
owners, count alike.
"""

import argparse
import difflib
import hashlib
import pathlib
import re
import subprocess
import sys
from typing import Dict, List, Tuple

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLES = ROOT / "include/okhttp/url/public_suffix_tables.hpp"
LIST = pathlib.Path("/usr/share/publicsuffix/public_suffix_list.dat")

RULE, WILDCARD, EXCEPTION = 1, 2, 4
END = 16  # an edge for the end of a rule, with its flags in the three bits below
FOLLOWS, MORE = 0x40, 0x80
MOST_BYTES = 60 * 1024
WIDTH = 112

State = Tuple  # of edges (symbol, State), sorted by symbol; equal states are one object


def to_ascii(label: str) -> str:
    """The label in lower case and in its xn-- form. The list is in Unicode's NFC already."""
    label = label.lower()
    if label.isascii():
        return label
    converted = "xn--" + label.encode("punycode").decode("ascii")
    # Python's IDNA is of 2003, which differs in a few letters only. Where it does not, both have to agree.
    if not re.search("[\u00df\u03c2\u200c\u200d]", label) and label.encode("idna").decode("ascii") != converted:
        sys.exit(f"{label!a} is no label in its normal form")
    return converted


def read_rules(text: str) -> Dict[str, int]:
    """Each rule without its '*.' or '!', and its flags."""
    rules: Dict[str, int] = {}
    for line in text.splitlines():
        words = line.split()
        if not words or words[0].startswith("//"):
            continue
        rule, kind = words[0], RULE
        if rule.startswith("!"):
            rule, kind = rule[1:], EXCEPTION
        elif rule.startswith("*."):
            rule, kind = rule[2:], WILDCARD
        name = ".".join(to_ascii(label) for label in rule.split("."))
        if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*", name):
            sys.exit(f"cannot use the rule {words[0]!a}")
        rules[name] = rules.get(name, 0) | kind
    return rules


def symbol_of(character: str) -> int:
    if character.isalpha():
        return ord(character) - 0x40
    return {"-": 0, ".": 11}[character] if character in "-." else ord(character) - 0x2F


def is_end(edge: Tuple[int, State]) -> bool:
    return edge[0] & 0x38 == END


def automaton(rules: Dict[str, int]) -> State:
    """The smallest one that knows these rules backwards."""
    trie: Dict = {}
    for name, flags in rules.items():
        node = trie
        for character in reversed(name):
            node = node.setdefault(symbol_of(character), {})
        node[END + flags] = {}
    known: Dict[State, State] = {}

    def unite(node: Dict) -> State:
        state = tuple((symbol, unite(child)) for symbol, child in sorted(node.items()))
        return known.setdefault(tuple((s, id(t)) for s, t in state), state)

    sys.setrecursionlimit(10000)
    return unite(trie)


def encode(root: State) -> bytes:
    out = bytearray()
    places: Dict[int, int] = {}
    links: List[Tuple[int, State]] = []  # where a place is to be written, and of what
    todo = [root]
    while todo:
        state = todo.pop()
        while id(state) not in places:
            places[id(state)] = len(out)
            ends = [edge[0] | MORE for edge in state if is_end(edge)]
            edges = [edge for edge in state if not is_end(edge)]
            # One target that has no place yet, or is so short that it may be written twice, comes right behind.
            behind = next((e for e in reversed(edges) if id(e[1]) not in places), None) or next(
                (e for e in reversed(edges) if len(e[1]) == 1 and is_end(e[1][0])), None)
            if behind:
                edges.remove(behind)
                edges.append(behind)
            out += bytes(ends)
            at = len(out) - 1
            for edge in edges:
                at = len(out)
                out.append(edge[0] | MORE)
                if edge is not behind:
                    links.append((len(out), edge[1]))
                    todo.append(edge[1])
                    out += b"\0\0"
            out[at] &= ~MORE & 0xFF
            if behind:
                out[at] |= FOLLOWS
                state = behind[1]
                if id(state) in places:
                    out.append(state[0][0])
    for at, state in links:
        out[at:at + 2] = places[id(state)].to_bytes(2, "big")
    return bytes(out)


def decode(table: bytes, place: int = 0, read: str = "") -> Dict[str, int]:
    """The rules that can be read out of the table, from this state on."""
    rules: Dict[str, int] = {}
    while True:
        edge = table[place]
        symbol = edge & 0x3F
        if symbol & 0x38 == END:
            rules[read[::-1]] = symbol - END
            place += 1
        else:
            character = next(c for c in "abcdefghijklmnopqrstuvwxyz0123456789-." if symbol_of(c) == symbol)
            behind = place + 1 if edge & FOLLOWS else int.from_bytes(table[place + 1:place + 3], "big")
            rules.update(decode(table, behind, read + character))
            place += 3
        if not edge & MORE:
            return rules


def literal(data: bytes) -> List[str]:
    """The lines of a string literal with these bytes."""
    lines: List[str] = []
    line = ""
    for i, byte in enumerate(data):
        character = chr(byte)
        if 0x20 <= byte < 0x7F and character not in '"\\?':
            piece = character
        else:
            digit_follows = i + 1 < len(data) and chr(data[i + 1]) in "01234567"
            piece = f"\\{byte:03o}" if digit_follows else f"\\{byte:o}"
        if len(line) + len(piece) > WIDTH - 6:
            lines.append(f'    "{line}"')
            line = ""
        line += piece
    return lines + [f'    "{line}"']


def version_of(path: pathlib.Path, text: str) -> str:
    stated = re.search(r"^// VERSION: (\S+)$", text, re.M)
    if stated:
        return stated.group(1)
    try:
        found = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "publicsuffix"], text=True, check=True,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        return "of Debian's package publicsuffix " + found if path == LIST else "without a version"
    except (OSError, subprocess.CalledProcessError):
        return "without a version"


def make(path: pathlib.Path, content: bytes) -> str:
    text = content.decode("utf-8")
    rules = read_rules(text)
    data = encode(automaton(rules))
    if len(data) > MOST_BYTES:
        sys.exit(f"{len(data)} bytes of tables are more than the {MOST_BYTES} that are allowed")
    if decode(data) != rules:
        sys.exit("what was encoded does not decode to the rules")
    lines = literal(data)
    return f"""// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_URL_PUBLIC_SUFFIX_TABLES_HPP
#define OKHTTP_URL_PUBLIC_SUFFIX_TABLES_HPP

// Generated by tools/make_public_suffixes.py, which also says what the bytes mean.
// The rules are those of the Public Suffix List, https://publicsuffix.org/list/public_suffix_list.dat, which is
// subject to the terms of the Mozilla Public License, v. 2.0: https://mozilla.org/MPL/2.0/
// The list: {version_of(path, text)}
// SHA-256:  {hashlib.sha256(content).hexdigest()}

#include <okhttp/config.hpp>

#if OKHTTP_PSL && OKHTTP_BODIES

#include <cstddef>

OKHTTP_NAMESPACE_BEGIN
namespace url {{

inline constexpr std::size_t public_suffix_rules = {len(rules)};

inline constexpr unsigned char public_suffix_table[] =
""" + "\n".join(lines) + """;

}  // namespace url
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_PSL && OKHTTP_BODIES
#endif  // OKHTTP_URL_PUBLIC_SUFFIX_TABLES_HPP
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--check", action="store_true", help="write nothing, only compare")
    parser.add_argument("--list", type=pathlib.Path, default=LIST, help="the list to read")
    options = parser.parse_args()
    content = options.list.read_bytes()
    if not options.check:
        TABLES.write_text(make(options.list, content), encoding="ascii", newline="\n")
        return 0
    present = TABLES.read_text(encoding="ascii")
    stated = re.search(r"^// SHA-256:  (\w+)$", present, re.M)
    made_from = re.search(r"^// The list: (.*)$", present, re.M)
    if not stated or not made_from:
        print(f"{TABLES.name} does not say what it was made from")
        return 1
    if stated.group(1) != hashlib.sha256(content).hexdigest():
        print(f"skipped: {TABLES.name} was made from the list {made_from.group(1)}; installed is the one "
              f"{version_of(options.list, content.decode('utf-8'))}")
        return 0
    # The list is the same one: whatever the package is called now, its name is no difference.
    expected = re.sub(r"^// The list: .*$", lambda _: made_from.group(), make(options.list, content), flags=re.M)
    if present == expected:
        return 0
    sys.stdout.writelines(list(difflib.unified_diff(present.splitlines(True), expected.splitlines(True),
                                                    str(TABLES), "as it would be written"))[:20])
    print(f"{TABLES.name} is not what tools/make_public_suffixes.py writes: run it")
    return 1


if __name__ == "__main__":
    sys.exit(main())
