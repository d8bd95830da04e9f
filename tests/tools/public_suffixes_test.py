#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools/make_public_suffixes.py: what it reads, that it encodes what it read, and what --check says."""

import contextlib
import io
import pathlib
import sys
import tempfile
import unittest
from typing import Tuple
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import make_public_suffixes as maker  # noqa: E402

SMALL = """// a remark
// ===BEGIN ICANN DOMAINS===
com
co.uk   // what follows a rule does not count
*.ck
!www.ck
kawasaki.jp
*.kawasaki.jp
\u516c\u53f8.cn
stra\u00dfe.example
"""
RULES = {"com": 1, "co.uk": 1, "ck": 2, "www.ck": 4, "kawasaki.jp": 3, "xn--55qx5d.cn": 1,
         "xn--strae-oqa.example": 1}


def call(*arguments: str) -> Tuple[int, str]:
    said = io.StringIO()
    with mock.patch.object(sys, "argv", ["make_public_suffixes.py", *arguments]), \
            contextlib.redirect_stdout(said):
        code = maker.main()
    return code, said.getvalue()


class PublicSuffixes(unittest.TestCase):
    def test_encodes_what_it_reads(self) -> None:
        rules = maker.read_rules(SMALL)
        self.assertEqual(rules, RULES)
        table = maker.encode(maker.automaton(rules))
        self.assertEqual(maker.decode(table), RULES)

    def test_the_literal_means_the_bytes(self) -> None:
        every = bytes(range(256)) + b'"\\?\x007\xff8\xff??='
        text = "".join(line.strip()[1:-1] for line in maker.literal(every))
        self.assertTrue(text.isascii() and text.isprintable())
        self.assertEqual(text.encode().decode("unicode_escape").encode("latin-1"), every)

    def test_refuses_rules_that_it_cannot_encode(self) -> None:
        for rule in ("*.*.ck", "a.*.ck", "a_b.com", "u\u0308.com", "a..com"):
            with self.subTest(rule=rule), self.assertRaises(SystemExit):
                maker.read_rules(rule)

    def test_the_tables_are_what_it_writes(self) -> None:
        code, said = call("--check")
        self.assertEqual(code, 0, said)
        if said:
            self.assertTrue(said.startswith("skipped"), said)
            self.skipTest(said)

    def test_sees_a_change(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            source, tables = pathlib.Path(folder) / "list.dat", pathlib.Path(folder) / "tables.hpp"
            source.write_text(SMALL, encoding="utf-8")
            with mock.patch.object(maker, "TABLES", tables):
                self.assertEqual(call("--list", str(source)), (0, ""))
                self.assertEqual(call("--check", "--list", str(source)), (0, ""))
                written = tables.read_text(encoding="ascii")
                tables.write_text(written.replace("rules = 7", "rules = 8"), encoding="ascii")
                code, said = call("--check", "--list", str(source))
                self.assertEqual(code, 1)
                self.assertIn("run it", said)
                tables.write_text(written, encoding="ascii")
                source.write_text(SMALL + "org\n", encoding="utf-8")
                code, said = call("--check", "--list", str(source))
                self.assertEqual(code, 0)
                self.assertTrue(said.startswith("skipped: tables.hpp"), said)


if __name__ == "__main__":
    unittest.main()
