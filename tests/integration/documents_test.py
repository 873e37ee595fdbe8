#!/usr/bin/env python3
"""The documents name what the server has: options, metrics, and each other."""

import posixpath
import re
import tempfile
import unittest
from pathlib import Path

import numpy as np

from support import ROOT
from support.certificates import Authority
from support.client import Client
from support.layers import write_random_layer
from support.tokens import TokenFile, bearer
from support.server import Server, run_server

DOCUMENTS = sorted(path.relative_to(ROOT).as_posix()
                   for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"),
                                *ROOT.glob("examples/**/*.md"), *ROOT.glob("tests/**/*.md")))
# An option of --help: its name, what its value is called, its default (CLI11 2.3: "=5", 2.4: " [5] "), its variable.
OPTION = re.compile(r"^  --([a-z-]+)(?: ([A-Z]+))?(?::\{.*?\})?(?: \.\.\.)?(?:(?:=| \[)(\S+?)\]? ?)? \(Env:(\w+)\)$",
                    re.M)


def rows(document, first):
    """The cells of the rows of a document's tables that begin with a name as `first`."""
    text = (ROOT / document).read_text()
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            for line in re.findall(rf"^\| `{first}.*$", text, re.M)]


def anchors(text):
    """What may follow a `#` in a link to a document."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


class OptionsTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        code, cls.help, _ = run_server("--help")
        assert code == 0
        cls.options = OPTION.findall(cls.help)
        cls.table = rows("docs/operations.md", "--")

    def test_help_shows_every_option_as_this_test_reads_it(self):
        flags = re.findall(r"^  (?:-\w,)?--([a-z-]+)", self.help, re.M)
        self.assertEqual([name for name, *_ in self.options],
                         [flag for flag in flags if flag not in ("help", "version")])
        for name, _, _, variable in self.options:
            self.assertEqual(variable, "CONVOY_" + name.upper().replace("-", "_"))

    def test_the_table_has_exactly_the_options_of_help(self):
        self.assertEqual(sorted(row[0].strip("`") for row in self.table),
                         sorted(f"--{name}" for name, *_ in self.options))

    def test_the_table_has_their_defaults_and_units(self):
        written = {row[0].strip("`-"): row[1:3] for row in self.table}
        for name, value, default, _ in self.options:
            with self.subTest(name):
                text, unit = written[name]
                shown = {"none": "", "off": "", "required": ""}.get(text, text.strip("`").replace(" ", ""))
                self.assertEqual(shown, default)
                if value in ("BYTES", "SECONDS") or unit in ("bytes", "seconds"):
                    self.assertEqual(unit, value.lower())


class MetricsTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        write_random_layer(Path(folder.name), "layer", 2, 3, 2)
        secrets = tempfile.TemporaryDirectory()
        cls.addClassCleanup(secrets.cleanup)
        certificate, key = Authority(secrets.name).sign_server()
        tokens = TokenFile(Path(secrets.name) / "tokens.json")
        headers = dict(bearer(tokens.add("a", "--infer", "layer")))
        server = Server(folder.name, "--tls-cert", certificate, "--tls-key", key,
                        "--grpc-address", f"unix:{secrets.name}/grpc", "--tokens", tokens.path,
                        "--open-metrics")
        cls.addClassCleanup(server.kill)
        client = Client(server.grpc_address)
        cls.addClassCleanup(client.close)
        client.infer("layer", np.zeros((1, 5, 2), np.float32), headers=headers)
        _, cls.text = server.get("/metrics")
        cls.table = {row[0].strip("`"): row for row in rows("docs/metrics.md", "(?:convoy|process)_")}

    def labels(self, name):
        """The labels that the series of a metric have, buckets' bounds apart."""
        series = re.findall(rf"^{name}(?:_bucket|_sum|_count)?(?:\{{(.*)\}})? \S+$", self.text, re.M)
        self.assertTrue(series, name)
        return {label for text in series for label in re.findall(r'(\w+)="', text)} - {"le"}

    def test_the_tables_have_exactly_the_metrics_that_are_served(self):
        types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", self.text, re.M))
        self.assertEqual({name: row[1] for name, row in self.table.items()}, types)

    def test_the_tables_have_their_labels(self):
        for name, row in self.table.items():
            with self.subTest(name):
                self.assertEqual(set(re.findall(r"`(\w+)`", row[2])), self.labels(name))


class LinksTest(unittest.TestCase):

    def test_every_link_between_the_documents_leads_somewhere(self):
        checked = 0
        for document in DOCUMENTS:
            for link in re.findall(r"\]\((?!https?:|mailto:)([^)]+)\)", (ROOT / document).read_text()):
                path, _, anchor = link.partition("#")
                path = posixpath.normpath(posixpath.join(posixpath.dirname(document), path)) \
                    if path else document
                with self.subTest(document=document, link=link):
                    self.assertTrue((ROOT / path).exists())
                    if anchor:
                        self.assertIn(anchor, anchors((ROOT / path).read_text()))
                checked += 1
        self.assertGreater(checked, 50, "the search for links has gone blind")

    def test_the_readme_leads_to_every_document(self):
        text = (ROOT / "README.md").read_text()
        for document in DOCUMENTS:
            place = "docs/adr/" if document.startswith("docs/adr/") else document
            if document != "README.md":
                self.assertIn(f"({place})", text)


if __name__ == "__main__":
    unittest.main()
