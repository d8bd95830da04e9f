#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""amalgamate.py on small trees: what it writes, and each rule it refuses to see broken."""

import contextlib
import io
import pathlib
import re
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
import amalgamate  # noqa: E402


def header(path, body="", includes=()):
    """A file that keeps every rule."""
    guard = re.sub(r"[/.]", "_", path).upper()
    lines = [amalgamate.SPDX, f"#ifndef {guard}", f"#define {guard}", ""]
    lines += [f"#include <okhttp/{include}>" for include in includes]
    return "\n".join(lines + ["", body, "", "#endif  // " + guard, ""])


CONFIG = """#define OKHTTP_VERSION_MAJOR 1
#define OKHTTP_VERSION_MINOR 2
#define OKHTTP_VERSION_PATCH 3
#define OKHTTP_VERSION "1.2.3\""""

GOOD = {
    "config.hpp": header("okhttp/config.hpp", CONFIG),
    "base/one.hpp": header("okhttp/base/one.hpp", "struct One {};", ["config.hpp"]),
    "url/two.hpp": header("okhttp/url/two.hpp", "#include <string>\nstruct Two {};",
                          ["base/one.hpp"]),
    "testing/server.hpp": header("okhttp/testing/server.hpp", "struct Server {};", ["url/two.hpp"]),
    "core.hpp": header("okhttp/core.hpp", "", ["base/one.hpp", "url/two.hpp"]),
    "okhttp.hpp": header("okhttp/okhttp.hpp", "", ["core.hpp"]),
    "extras/three.hpp": header("okhttp/extras/three.hpp", "struct Three {};", ["url/two.hpp"]),
    "json.hpp": header("okhttp/json.hpp", "", ["core.hpp", "extras/three.hpp"]),
    "mockwebserver.hpp": header("okhttp/mockwebserver.hpp", "",
                                ["core.hpp", "testing/server.hpp"]),
}


class AmalgamateTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name)
        self.write(GOOD)

    def write(self, files):
        for path, text in files.items():
            file = self.root / "include/okhttp" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode())

    def run_main(self, *arguments):
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            code = amalgamate.main(["--root", str(self.root), *arguments])
        return code, out.getvalue()

    def assert_refused(self, text, files):
        self.write(files)
        code, output = self.run_main("--layers")
        self.assertEqual(code, 1)
        self.assertIn(text, output)

    def generated(self, path="okhttp.hpp"):
        code, output = self.run_main()
        self.assertEqual(code, 0, output)
        return (self.root / path).read_text()

    def test_every_file_is_there_once_and_before_its_users(self):
        text = self.generated()
        marks = re.findall(r"^// ==== (\S+) =+$", text, re.M)
        self.assertEqual(marks, ["okhttp/okhttp.hpp", "okhttp/core.hpp", "okhttp/base/one.hpp",
                                 "okhttp/config.hpp", "okhttp/url/two.hpp"])
        self.assertLess(text.index("struct One"), text.index("struct Two"))

    def test_only_our_include_lines_are_gone(self):
        text = self.generated()
        self.assertNotIn("<okhttp/", text)
        self.assertIn("\n#include <string>\n", text)
        self.assertIn("#ifndef OKHTTP_URL_TWO_HPP", text)

    def test_the_banner_is_the_only_licence_line_and_has_the_version(self):
        text = self.generated()
        self.assertIn("1.2.3", text.splitlines()[0])
        self.assertEqual(text.count("SPDX-License-Identifier: Apache-2.0"), 1)

    def test_a_further_header_includes_the_client_and_holds_only_the_rest(self):
        for path, base, own in (("okhttp_mockwebserver.hpp", "okhttp.hpp", "struct Server"),
                                ("single_include/okhttp/mockwebserver.hpp", "core.hpp", "struct Server"),
                                ("okhttp_json.hpp", "okhttp.hpp", "struct Three"),
                                ("single_include/okhttp/json.hpp", "core.hpp", "struct Three")):
            text = self.generated(path)
            self.assertEqual(text.count(f'#include "{base}"\n'), 1)
            self.assertIn(own, text)
            self.assertNotIn("struct One", text)

    def test_bodies_are_put_where_their_header_includes_them(self):
        self.write({
            "base/one.hpp": header("okhttp/base/one.hpp", "struct One {};\n"
                                   "#include <okhttp/base/one.ipp>", ["config.hpp"]),
            "base/one.ipp": header("okhttp/base/one.ipp", "int body();", ["base/one.hpp"]),
        })
        text = self.generated()
        self.assertLess(text.index("struct One"), text.index("int body()"))

    def test_the_output_is_the_same_every_time_and_ends_with_one_newline(self):
        first = self.generated()
        self.assertEqual(self.run_main()[1], "")
        self.assertEqual(first, self.generated())
        self.assertTrue(first.endswith("\n") and not first.endswith("\n\n"))

    def test_check_is_content_with_what_was_just_written(self):
        self.generated()
        self.assertEqual(self.run_main("--check")[0], 0)

    def test_check_refuses_a_stale_a_missing_and_a_foreign_file(self):
        self.generated()
        self.write({"base/one.hpp": GOOD["base/one.hpp"].replace("One", "Uno")})
        code, output = self.run_main("--check")
        self.assertEqual(code, 1)
        self.assertIn("okhttp.hpp is not what include/ gives", output)
        self.assertIn("run ./amalgamate.py", output)
        self.generated()
        (self.root / "okhttp.hpp").unlink()
        self.assertIn("okhttp.hpp is missing", self.run_main("--check")[1])
        self.generated()
        (self.root / "single_include/okhttp/old.hpp").write_text("")
        self.assertIn("old.hpp is no output", self.run_main("--check")[1])

    def test_the_line_map_leads_back_to_the_source(self):
        with tempfile.TemporaryDirectory() as elsewhere:
            self.assertEqual(self.run_main("--line-map", "--output", elsewhere)[0], 0)
            lines = (pathlib.Path(elsewhere) / "okhttp.hpp").read_text().splitlines()
        position = None
        for line in lines:
            directive = re.fullmatch(r'#line (\d+) "include/okhttp/(.+)"', line)
            if directive:
                position = (directive[2], int(directive[1]))
            elif line.startswith("// ===="):
                position = None
            elif position:
                path, number = position
                self.assertEqual(GOOD[path].splitlines()[number - 1], line)
                position = (path, number + 1)

    def test_an_upward_include_is_refused(self):
        self.assert_refused("is upward: base comes before url", {
            "base/one.hpp": header("okhttp/base/one.hpp", "", ["url/two.hpp"])})

    def test_a_cycle_is_refused(self):
        self.assert_refused("cycle: okhttp/base/one.hpp -> okhttp/base/x.hpp", {
            "base/one.hpp": header("okhttp/base/one.hpp", "", ["base/x.hpp"]),
            "base/x.hpp": header("okhttp/base/x.hpp", "", ["base/one.hpp"])})

    def test_a_cycle_through_bodies_is_refused(self):
        self.assert_refused("cycle: ", {
            "base/one.hpp": header("okhttp/base/one.hpp", "", ["base/one.ipp"]),
            "base/one.ipp": header("okhttp/base/one.ipp", "", ["base/one.hpp", "base/x.hpp"]),
            "base/x.hpp": header("okhttp/base/x.hpp", "", ["base/one.hpp"])})

    def test_bodies_of_another_header_are_refused(self):
        self.assert_refused("only okhttp/base/one.hpp includes", {
            "base/one.ipp": header("okhttp/base/one.ipp", ""),
            "url/two.hpp": header("okhttp/url/two.hpp", "", ["base/one.ipp"])})

    def test_an_include_that_does_not_exist_is_refused(self):
        self.assert_refused("<okhttp/base/none.hpp> does not exist", {
            "base/one.hpp": header("okhttp/base/one.hpp", "", ["base/none.hpp"])})

    def test_a_file_nobody_includes_is_refused(self):
        self.assert_refused("include/okhttp/base/alone.hpp: no umbrella includes it", {
            "base/alone.hpp": header("okhttp/base/alone.hpp")})

    def test_a_folder_that_is_no_layer_is_refused(self):
        self.assert_refused("belongs to no layer", {"misc/x.hpp": header("okhttp/misc/x.hpp")})

    def test_an_umbrella_inside_a_layer_is_refused(self):
        self.assert_refused("only umbrellas include the umbrella", {
            "url/two.hpp": header("okhttp/url/two.hpp", "", ["core.hpp"])})

    def test_our_include_inside_a_condition_is_refused(self):
        self.assert_refused("is inside #if", {"url/two.hpp": header(
            "okhttp/url/two.hpp", "#if OKHTTP_TLS\n#include <okhttp/base/one.hpp>\n#endif")})

    def test_a_quoted_include_is_refused(self):
        self.assert_refused("include our files as <okhttp/layer/name.hpp>", {
            "url/two.hpp": header("okhttp/url/two.hpp", '#include "one.hpp"')})

    def test_headers_of_the_system_are_refused_outside_their_layers(self):
        for name in ("sys/socket.h", "openssl/ssl.h", "zlib.h", "thread", "iostream"):
            self.assert_refused(f"<{name}>: ", {
                "url/two.hpp": header("okhttp/url/two.hpp", f"#include <{name}>")})

    def test_a_leaking_macro_is_refused(self):
        for name in ("HELPER", "OKHTTP_HELPER"):
            self.assert_refused(f"macro {name} leaks", {
                "url/two.hpp": header("okhttp/url/two.hpp", f"#define {name}(x) x")})
        self.write({"url/two.hpp": header("okhttp/url/two.hpp", "#define HELPER 1\n#undef HELPER")})
        self.assertEqual(self.run_main("--layers")[0], 0)

    def test_a_setting_has_the_prefix(self):
        self.assert_refused("macro TLS must be named OKHTTP_", {
            "config.hpp": header("okhttp/config.hpp", CONFIG + "\n#define TLS 1")})

    def test_a_missing_a_wrong_and_a_repeated_guard_are_refused(self):
        wanted = "needs an include guard"
        text = GOOD["url/two.hpp"]
        self.assert_refused(wanted, {"url/two.hpp": text.replace("#define OKHTTP_URL", "#define URL")})
        self.assert_refused(wanted, {"url/two.hpp": amalgamate.SPDX + "\n#pragma once\n"})
        self.assert_refused("stands after the include guard", {"url/two.hpp": text + "int x;\n"})
        self.assert_refused("has the include guard of", {
            "url/two.hpp": text.replace("URL_TWO", "BASE_ONE")})

    def test_bytes_that_are_no_plain_ascii_lines_are_refused(self):
        text = GOOD["url/two.hpp"]
        self.assert_refused("is not ASCII", {"url/two.hpp": text.replace("Two", "Tw\u00f6")})
        self.assert_refused("carriage return", {"url/two.hpp": text.replace("\n", "\r\n")})
        self.assert_refused("exactly one newline", {"url/two.hpp": text + "\n"})
        self.assert_refused("must begin with", {"url/two.hpp": text.replace("Apache", "MIT")})

    def test_a_version_that_contradicts_its_parts_is_refused(self):
        self.assert_refused('OKHTTP_VERSION is not "1.2.3"', {
            "config.hpp": header("okhttp/config.hpp", CONFIG.replace("1.2.3", "1.2.4"))})


if __name__ == "__main__":
    result = unittest.TextTestRunner(verbosity=1).run(
        unittest.defaultTestLoader.loadTestsFromTestCase(AmalgamateTest))
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad} passed, {bad} failed", flush=True)
    sys.exit(1 if bad else 0)
