#!/usr/bin/env python3
"""Which sources scripts/tidy.py looks at, in a small repository of its own."""

import importlib.util
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "tidy.py"


def load_tidy(root):
    """The script as a module that works in `root`."""
    spec = importlib.util.spec_from_file_location("tidy", SCRIPT)
    tidy = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tidy)
    tidy.ROOT = root
    return tidy


@unittest.skipUnless(shutil.which("git"), "needs git")
class TidyTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.git("init", "--quiet", "--initial-branch", "main")
        self.write("a/one.h", "int one();\n")
        self.write("a/one.cc", '#include "a/one.h"\n')
        self.write("tests/a/one_test.cc", '#include "a/one.h"\n')
        self.write("a/alone.h", "int alone();\n")
        self.write("a/two.cc", '#include "a/alone.h"\n')
        self.write("a/three.cc", "int three;\n")
        self.commit()
        self.tidy = load_tidy(self.root)

    def git(self, *arguments):
        identity = ("-c", "user.name=test", "-c", "user.email=test@localhost")
        subprocess.run(["git", *identity, *arguments], cwd=self.root, check=True)

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def commit(self):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "x")

    def test_nothing_changed_is_nothing_to_check(self):
        self.assertEqual(self.tidy.sources_to_check([]), [])

    def test_sources_that_changed_since_main_in_commits_and_in_the_working_tree(self):
        self.git("checkout", "--quiet", "-b", "work")
        self.write("a/two.cc", "int two;\n")
        self.commit()
        self.write("a/three.cc", "int changed;\n")
        self.write("a/new.cc", "int not_added_yet;\n")
        self.assertEqual(set(self.tidy.sources_to_check([])), {"a/two.cc", "a/three.cc", "a/new.cc"})

    def test_a_header_stands_for_its_source_and_its_test(self):
        self.write("a/one.h", "int two();\n")
        self.assertEqual(set(self.tidy.sources_to_check([])), {"a/one.cc", "tests/a/one_test.cc"})

    def test_a_header_of_its_own_stands_for_the_sources_that_include_it(self):
        self.write("a/alone.h", "int two();\n")
        self.assertEqual(self.tidy.sources_to_check([]), ["a/two.cc"])

    def test_all_are_everything_with_the_changed_ones_first(self):
        self.write("a/three.cc", "int changed;\n")
        every = self.tidy.sources_to_check(["--all"])
        self.assertEqual(every[0], "a/three.cc")
        self.assertEqual(sorted(every), ["a/one.cc", "a/three.cc", "a/two.cc",
                                         "tests/a/one_test.cc"])

    def test_named_sources_are_looked_at_as_they_are_named(self):
        self.assertEqual(self.tidy.sources_to_check(["a/two.cc"]), ["a/two.cc"])

    def test_a_deleted_source_is_not_looked_for(self):
        (self.root / "a/three.cc").unlink()
        self.assertEqual(self.tidy.sources_to_check([]), [])


if __name__ == "__main__":
    unittest.main()
