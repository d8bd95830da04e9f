#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes include/okhttp/url/idna_tables.hpp from the data files of the Unicode Character Database.

  tools/make_idna_tables.py            write the header
  tools/make_idna_tables.py --check    write nothing; fail when the header is not what would be
                                       written. Says "skipped" and succeeds where the data files
                                       are missing or are of another Unicode version than the header
  --data DIR                           where UnicodeData.txt is (default: /usr/share/unicode, which
                                       is Debian's package unicode-data)

The output depends on the data files alone. Python's own unicodedata is not used: its version is
that of the interpreter.

What is derived, and from what
------------------------------
The mapping of UTS #46 by its section 7 (revision 33 and later), since the package has no
IdnaMappingTable.txt:

1. The base mapping of a code point: the dots U+3002, U+FF0E and U+FF61 give ".", U+1E9E gives
   U+00DF, the deviation characters (U+00DF, U+03C2, U+200C, U+200D) and the Bidi_Control
   characters give themselves, all others their NFKC_Casefold.
2. The base valid set: what is not Cc, Cf, Cn, Co, Cs, Zl, Zp or Zs and no operator of ideographic
   descriptions, and all of ASCII, and U+200C and U+200D. U+FFFC, U+FFFD and the tags
   U+E0001..U+E007F are out.
3. A code point is disallowed when it is unassigned or out, or when its base mapping has a code
   point that is not valid, or U+3002, or a "." beside other things or from no dot. Otherwise it is
   ignored if the mapping is empty, valid if it is itself, else mapped.

For the valid code points, for only those are left after mapping: the bidi class (RFC 5893 tells
fewer classes apart than Unicode), the joining type (RFC 5892, A.1), the combining class, whether it
is a mark, and the canonical compositions. Nothing else can turn up in a host name, so the
upper-case letters and the compatibility characters need no normalization data.

The form of the tables
----------------------
Strings of bytes, which compilers read faster than arrays of numbers; numbers are little-endian.

chapters       a byte per 512 code points: the number of its chapter. Like ones share one.
pages          a chapter is 8 pages of 64 code points; 2 bytes each, where the runs of the page
               begin. Pages with the same runs share them.
runs           the page cut into runs: a kind, the length less one, and what the kind adds:
                 0 disallowed
                 1 ignored
                 2 shifted: 3 bytes, two's complement, to add to the code point
                 3 pairs: an even place (from the start of the run) maps to its successor, an odd
                   one is a valid letter of the kind of "a"
                 4 pooled: 2 bytes, where in pool the mappings of the run follow each other
                 5 and up: valid, kinds[2 * (kind - 5)]
kinds          2 bytes per kind of valid code points: flags, which have names in the header, and
               the canonical combining class
pool           mappings in UTF-8, each ended by a zero byte
pairs          canonical compositions below U+10000: first, second, composite, 2 bytes each, in
               the order of first and second
composites     the places in pairs in the order of their composites, 2 bytes each
high_...       the same above U+10000, less 0x10000
"""

import argparse
import difflib
import pathlib
import re
import sys
from typing import Dict, Iterable, Iterator, List, Optional, Set, Tuple

ROOT = pathlib.Path(__file__).resolve().parent.parent
HEADER = "include/okhttp/url/idna_tables.hpp"
PAGE = 64  # code points
CHAPTER = 8  # pages
LIMIT = 60 * 1024  # bytes of all tables together

DISALLOWED, IGNORED, SHIFTED, PAIRS, POOLED, FIRST_VALID = range(6)
DOTS = {0x3002, 0xFF0E, 0xFF61}
DEVIATIONS = {0xDF, 0x3C2, 0x200C, 0x200D}
# Flags of a kind. The low three bits are a bidi class.
BIDI = {"L": 0, "R": 1, "AL": 1, "EN": 2, "AN": 3, "ES": 4, "CS": 4, "ET": 4, "ON": 4, "BN": 4,
        "NSM": 5}
BIDI_OTHER = 6
JOINS_NEXT, JOINS_PREVIOUS, TRANSPARENT, MARK, COMPOSES = 8, 16, 32, 64, 128


class Missing(Exception):
    """The data files are not there."""


def number(text: str) -> int:
    return int(text, 16)


def span(text: str) -> range:
    first, _, last = text.partition("..")
    return range(number(first), number(last or first) + 1)


class Database:
    """What the data files say, as far as host names care."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        first_line = self.read("DerivedNormalizationProps.txt").split("\n", 1)[0]
        self.version = re.search(r"-(\d+\.\d+\.\d+)\.txt", first_line).group(1)
        self.category: Dict[int, str] = {}
        self.combining: Dict[int, int] = {}
        self.bidi: Dict[int, str] = {}
        self.decomposition: Dict[int, Tuple[int, ...]] = {}  # canonical, one step
        first = 0
        for row in self.rows("UnicodeData.txt"):
            point = number(row[0])
            if row[1].endswith(", First>"):
                first = point
                continue
            for each in range(first, point + 1) if row[1].endswith(", Last>") else [point]:
                self.category[each] = row[2]
                self.combining[each] = int(row[3])
                self.bidi[each] = row[4]
            if row[5] and not row[5].startswith("<"):
                self.decomposition[point] = tuple(map(number, row[5].split()))
        self.casefold: Dict[int, Tuple[int, ...]] = {}  # NFKC_Casefold where it is another text
        self.excluded: Set[int] = set()  # never the result of a composition
        for row in self.rows("DerivedNormalizationProps.txt"):
            if row[1] == "NFKC_CF":
                for point in span(row[0]):
                    self.casefold[point] = tuple(map(number, row[2].split()))
            elif row[1] == "Full_Composition_Exclusion":
                self.excluded.update(span(row[0]))
        self.bidi_control = self.property("PropList.txt", "Bidi_Control")
        self.descriptions = (self.property("PropList.txt", "IDS_Binary_Operator") |
                             self.property("PropList.txt", "IDS_Trinary_Operator"))
        self.joining = {number(row[0]): row[2] for row in self.rows("ArabicShaping.txt")}

    def read(self, name: str) -> str:
        try:
            return (self.folder / name).read_text("utf-8")
        except FileNotFoundError as error:
            raise Missing(str(error)) from error

    def rows(self, name: str) -> Iterator[List[str]]:
        for line in self.read(name).split("\n"):
            line = line.split("#")[0].strip()
            if line:
                yield [field.strip() for field in line.split(";")]

    def property(self, name: str, wanted: str) -> Set[int]:
        return {point for row in self.rows(name) if row[1] == wanted for point in span(row[0])}

    # UTS #46, section 7.

    def base_mapping(self, point: int) -> Tuple[int, ...]:
        if point in DOTS:
            return (ord("."),)
        if point == 0x1E9E:
            return (0xDF,)
        if point in DEVIATIONS or point in self.bidi_control:
            return (point,)
        return self.casefold.get(point, (point,))

    def is_out(self, point: int) -> bool:
        return point in (0xFFFC, 0xFFFD) or 0xE0001 <= point <= 0xE007F

    def is_base_valid(self, point: int) -> bool:
        if point < 0x80 or point in (0x200C, 0x200D):
            return True
        if self.is_out(point) or point in self.descriptions:
            return False
        return self.category.get(point, "Cn") not in ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs")

    def mapping(self, point: int) -> Optional[Tuple[int, ...]]:
        """None: disallowed. Empty: ignored. Itself: valid."""
        if point not in self.category or self.is_out(point):
            return None
        mapped = self.base_mapping(point)
        if not all(map(self.is_base_valid, mapped)) or 0x3002 in mapped:
            return None
        if ord(".") in mapped and point != ord(".") and point not in DOTS:
            return None
        return mapped

    def joining_type(self, point: int) -> str:
        """U, L, R, D, C or T, as the head of ArabicShaping.txt completes its list."""
        transparent = "T" if self.category[point] in ("Mn", "Me", "Cf") else "U"
        return self.joining.get(point, transparent)

    def flags(self, point: int, composes: Set[int]) -> int:
        joining = self.joining_type(point)
        flags = BIDI.get(self.bidi[point], BIDI_OTHER)
        flags |= JOINS_NEXT if joining in ("L", "D") else 0
        flags |= JOINS_PREVIOUS if joining in ("R", "D") else 0
        flags |= TRANSPARENT if joining == "T" else 0
        flags |= MARK if self.category[point].startswith("M") else 0
        return flags | (COMPOSES if point in composes else 0)


def little(value: int, size: int) -> bytes:
    return (value % (1 << 8 * size)).to_bytes(size, "little")


class Run:
    """Neighbours that are encoded together. The mappings are those of a pooled run."""

    def __init__(self, kind: int, first: int, length: int, extra: bytes = b"", pooled: bytes = b""):
        self.kind, self.first, self.length, self.extra, self.pooled = kind, first, length, extra, pooled

    def encoded(self) -> bytes:
        return bytes([self.kind, self.length - 1]) + self.extra


class Tables:
    def __init__(self, data: Database):
        self.data = data
        self.mappings = {point: data.mapping(point) for point in range(0x110000)}
        self.valid = {point for point, mapped in self.mappings.items() if mapped == (point,)}
        self.check_assumptions()
        self.pairs, self.composites = self.composition_tables(0, 0x10000)
        self.high_pairs, self.high_composites = self.composition_tables(0x10000, 0x20000)
        self.number_kinds()
        self.encode_pages()

    def compositions(self) -> Iterator[Tuple[int, int, int]]:
        for point, parts in self.data.decomposition.items():
            if point in self.valid:
                yield (*parts, point)

    def check_assumptions(self) -> None:
        """What idna.ipp relies on."""
        data, valid = self.data, self.valid
        for point, mapped in self.mappings.items():
            assert mapped is None or all(each in valid for each in mapped), hex(point)
        for point, parts in data.decomposition.items():
            if point in valid:
                # Made of two valid ones, and their composition: no singletons, no exclusions.
                assert len(parts) == 2 and valid.issuperset(parts), hex(point)
                assert point not in data.excluded and data.combining[point] == 0, hex(point)
                assert data.combining[parts[0]] == 0, hex(point)
                assert len({each >> 16 for each in (*parts, point)}) == 1, hex(point)
            elif point not in data.excluded:
                # Valid text composes to valid text alone.
                assert not valid.issuperset(parts), hex(point)
            # So a disallowed code point stays one under NFC, and may end the work early.
            assert self.mappings[point] is not None, hex(point)
        for point in range(0xAC00, 0xAC00 + 11172):
            assert point in valid, hex(point)
        # What pairs promise about the odd places.
        assert data.flags(ord("a"), set()) == 0 and data.combining[ord("a")] == 0

    def composition_tables(self, begin: int, end: int) -> Tuple[bytes, bytes]:
        rows = sorted(row for row in self.compositions() if begin <= row[2] < end)
        assert len(rows) < 0x10000
        places = sorted(range(len(rows)), key=lambda place: rows[place][2])
        return (b"".join(little(point - begin, 2) for row in rows for point in row),
                b"".join(little(place, 2) for place in places))

    def number_kinds(self) -> None:
        """The kind of every valid code point; that of "a" comes first."""
        # The second parts of compositions, with those of Hangul syllables: the vowels and the
        # final consonants.
        composes = {row[1] for row in self.compositions()}
        composes.update(range(0x1161, 0x1176), range(0x11A8, 0x11C3))
        composes.update(point for point in self.valid if self.data.combining[point] != 0)
        kinds: Dict[Tuple[int, int], int] = {(0, 0): FIRST_VALID}
        self.kind = {}
        for point in sorted(self.valid):
            key = (self.data.flags(point, composes), self.data.combining[point])
            self.kind[point] = kinds.setdefault(key, FIRST_VALID + len(kinds))
        assert len(kinds) + FIRST_VALID <= 256
        self.kinds = b"".join(bytes(key) for key in kinds)

    def simple_kind(self, point: int) -> Optional[int]:
        """None: it is mapped."""
        mapped = self.mappings[point]
        if mapped is None:
            return DISALLOWED
        if not mapped:
            return IGNORED
        return self.kind[point] if mapped == (point,) else None

    def shift(self, point: int) -> Optional[int]:
        mapped = self.mappings[point]
        if mapped is None or len(mapped) != 1 or mapped == (point,):
            return None
        return mapped[0] - point

    def is_pair(self, point: int) -> bool:
        return self.shift(point) == 1 and self.kind.get(point + 1) == FIRST_VALID

    def runs_of(self, begin: int) -> List[Run]:
        """The runs of a page."""
        def length(first: int, step: int, holds) -> int:
            point = first
            while point + step <= end and holds(point):
                point += step
            return point - first

        runs: List[Run] = []
        end = begin + PAGE
        point = begin
        while point < end:
            pairs = length(point, 2, self.is_pair)
            kind = self.simple_kind(point)
            if pairs:
                run = Run(PAIRS, point, pairs)
            elif kind is not None:
                run = Run(kind, point, length(point, 1, lambda each: self.simple_kind(each) == kind))
            else:
                shift = self.shift(point)
                shifted = 0 if shift is None else length(point, 1, lambda each: self.shift(each) == shift)
                text = "".join(map(chr, self.mappings[point])).encode() + b"\0"
                if shifted > 1:
                    run = Run(SHIFTED, point, shifted, little(shift, 3))
                elif runs and runs[-1].kind == POOLED:
                    runs[-1].length += 1
                    runs[-1].pooled += text
                    point += 1
                    continue
                else:
                    run = Run(POOLED, point, 1, pooled=text)
            runs.append(run)
            point += run.length
        return runs

    def encode_pages(self) -> None:
        last = max(point for point, mapped in self.mappings.items() if mapped)
        self.end = (last // (PAGE * CHAPTER) + 1) * PAGE * CHAPTER
        # idna.ipp knows the rest: all disallowed but the supplementary variation selectors.
        for point in range(self.end, 0x110000):
            wanted = () if 0xE0100 <= point <= 0xE01EF else None
            assert self.mappings[point] == wanted, hex(point)
        pages = [self.runs_of(page) for page in range(0, self.end, PAGE)]
        # The longest first: shorter ones are often part of them.
        pool = b"\0"
        for run in sorted((run for page in pages for run in page if run.kind == POOLED),
                          key=lambda run: (-len(run.pooled), run.first)):
            place = pool.find(b"\0" + run.pooled)
            if place < 0:
                place = len(pool) - 1
                pool += run.pooled
            run.extra = little(place + 1, 2)
        self.pool = pool
        assert len(pool) < 0x10000
        self.runs = b""
        page_places: List[int] = []
        places: Dict[bytes, int] = {}
        for page in pages:
            encoded = b"".join(run.encoded() for run in page)
            if encoded not in places:
                places[encoded] = len(self.runs)
                self.runs += encoded
            page_places.append(places[encoded])
        assert len(self.runs) < 0x10000
        chapters: Dict[bytes, int] = {}
        self.chapters = b""
        for first in range(0, len(page_places), CHAPTER):
            chapter = b"".join(little(place, 2) for place in page_places[first:first + CHAPTER])
            self.chapters += little(chapters.setdefault(chapter, len(chapters)), 1)
        assert len(chapters) <= 256
        self.pages = b"".join(chapters)

    def parts(self) -> Iterable[Tuple[str, bytes]]:
        return [("chapters", self.chapters), ("pages", self.pages), ("runs", self.runs),
                ("kinds", self.kinds), ("pool", self.pool), ("pairs", self.pairs), ("composites", self.composites), ("high_pairs", self.high_pairs),
                ("high_composites", self.high_composites)]


def escaped(content: bytes) -> List[str]:
    """The bytes as the inside of string literals, one for each line."""
    lines = [""]
    for place, byte in enumerate(content):
        char = chr(byte)
        following = content[place + 1:place + 2]
        if " " <= char <= "~" and char not in '"\\?':
            piece = char
        elif char in '"\\':
            piece = "\\" + char
        else:
            piece = f"\\{byte:03o}" if following.isdigit() else f"\\{byte:o}"
        # A literal that ends here has nothing after it that could lengthen an escape.
        if len(lines[-1]) + len(piece) > 94:
            lines.append("")
        lines[-1] += piece
    return lines


def header(tables: Tables) -> str:
    out = [f"""\
// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_URL_IDNA_TABLES_HPP
#define OKHTTP_URL_IDNA_TABLES_HPP

// Generated by tools/make_idna_tables.py, which says what the tables mean, from the data files of the
// Unicode Character Database {tables.data.version}. Those files have this notice:
//
// Copyright 1991-2022 Unicode, Inc. All rights reserved. Distributed under the Terms of Use in
// https://www.unicode.org/copyright.html.
//
// Permission is hereby granted, free of charge, to any person obtaining a copy of the Unicode data
// files and any associated documentation (the "Data Files") or Unicode software and any associated
// documentation (the "Software") to deal in the Data Files or Software without restriction, including
// without limitation the rights to use, copy, modify, merge, publish, distribute, and/or sell copies
// of the Data Files or Software, and to permit persons to whom the Data Files or Software are
// furnished to do so, provided that either (a) this copyright and permission notice appear with all
// copies of the Data Files or Software, or (b) this copyright and permission notice appear in
// associated Documentation.
//
// The data files and software are provided "as is", without warranty of any kind, express or implied,
// including but not limited to the warranties of merchantability, fitness for a particular purpose and
// noninfringement of third party rights. In no event shall the copyright holder or holders included in
// this notice be liable for any claim, or any special indirect or consequential damages, or any
// damages whatsoever resulting from loss of use, data or profits, whether in an action of contract,
// negligence or other tortious action, arising out of or in connection with the use or performance of
// the data files or software. Except as contained in this notice, the name of a copyright holder shall
// not be used in advertising or otherwise to promote the sale, use or other dealings in these Data
// Files or Software without prior written authorization of the copyright holder.

#include <okhttp/config.hpp>

#if OKHTTP_IDNA

#include <cstddef>
#include <cstdint>

OKHTTP_NAMESPACE_BEGIN
namespace detail::idna {{

inline constexpr char unicode_version[] = "{tables.data.version}";

// The bidi classes that RFC 5893 tells apart, in the low bits of a kind's flags, and the other flags.
inline constexpr unsigned bidi_mask = 7;
inline constexpr unsigned bidi_left = 0;
inline constexpr unsigned bidi_right = 1;  // R, AL
inline constexpr unsigned bidi_european = 2;
inline constexpr unsigned bidi_arabic = 3;
inline constexpr unsigned bidi_neutral = 4;  // ES, CS, ET, ON, BN
inline constexpr unsigned bidi_nonspacing = 5;
inline constexpr unsigned bidi_other = 6;
inline constexpr unsigned joins_next = {JOINS_NEXT};       // Joining_Type L or D
inline constexpr unsigned joins_previous = {JOINS_PREVIOUS};  // Joining_Type R or D
inline constexpr unsigned transparent = {TRANSPARENT};     // Joining_Type T
inline constexpr unsigned mark = {MARK};
inline constexpr unsigned composes = {COMPOSES};  // NFC may change it or join it to what precedes
inline constexpr char32_t tables_end = 0x{tables.end:X};  // what the first ones reach to
inline constexpr std::size_t pair_count = {len(tables.composites) // 2};
inline constexpr std::size_t high_pair_count = {len(tables.high_composites) // 2};
"""]
    for name, content in tables.parts():
        out.append(f"\ninline constexpr char {name}[] =\n")
        lines = escaped(content)
        out.append("\n".join(f'    "{line}"' for line in lines) + ";\n")
    sizes = " + ".join(f"sizeof({name})" for name, _ in tables.parts())
    words = sizes.split(" + ")
    out.append("\ninline constexpr std::size_t table_bytes =\n    " +
               " +\n    ".join(" + ".join(words[i:i + 4]) for i in range(0, len(words), 4)) + ";\n")
    out.append("static_assert(table_bytes <= 60 * 1024);\n")
    out.append("""
}  // namespace detail::idna
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_IDNA
#endif  // OKHTTP_URL_IDNA_TABLES_HPP
""")
    return "".join(out)


def main(arguments: List[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="fail when the header is stale")
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path("/usr/share/unicode"),
                        metavar="DIR", help="the folder of UnicodeData.txt")
    options = parser.parse_args(arguments)
    file = ROOT / HEADER
    old = file.read_text("ascii") if file.is_file() else ""
    try:
        data = Database(options.data)
    except Missing as missing:
        if not options.check:
            print(f"{missing}; Debian's package unicode-data has it", file=sys.stderr)
            return 1
        print(f"skipped: {missing}")
        return 0
    made_from = re.search(r'unicode_version\[\] = "([\d.]+)"', old)
    if options.check and made_from and made_from.group(1) != data.version:
        print(f"skipped: the tables are of Unicode {made_from.group(1)}, "
              f"the files in {options.data} of {data.version}")
        return 0
    tables = Tables(data)
    new = header(tables)
    size = sum(len(content) + 1 for _, content in tables.parts())
    assert size <= LIMIT, size
    if options.check:
        if new != old:
            diff = difflib.unified_diff(old.splitlines(), new.splitlines(), HEADER, "as generated",
                                        lineterm="", n=0)
            print("\n".join([f"{HEADER} is not what the data files give"] +
                            [line[:120] for _, line in zip(range(8), diff)]), file=sys.stderr)
            print("run tools/make_idna_tables.py and commit what it writes", file=sys.stderr)
            return 1
        print(f"{HEADER} is up to date: {size} bytes of tables, Unicode {data.version}")
        return 0
    if new != old:
        file.write_text(new, "ascii")
        print(f"wrote {HEADER}")
    for name, content in tables.parts():
        print(f"{name:16} {len(content) + 1:6}")
    print(f"{'all':16} {size:6}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
