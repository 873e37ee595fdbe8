#!/usr/bin/env python3
"""The include graph follows the folders: no upward or sideways edge.

Plain Python, no packages. README.md has the picture of ALLOWED.
"""

import posixpath
import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Folder: the folders that it includes. Exactly these: an edge that nobody uses any more goes.
ALLOWED = {
    "kernel/base": [],
    "kernel/layer": ["kernel/base"],
    "kernel/keras": ["kernel/base", "kernel/layer"],
    "kernel/batch": ["kernel/base", "kernel/layer"],
    "kernel/engine/tile": ["kernel/base", "kernel/layer", "kernel/batch"],
    "kernel/engine/plan": ["kernel/base", "kernel/layer", "kernel/batch", "kernel/engine/tile"],
    "kernel/engine/tuning": ["kernel/base", "kernel/layer", "kernel/batch", "kernel/engine/tile",
                             "kernel/engine/plan"],
    "kernel/engine": ["kernel/base", "kernel/layer", "kernel/batch", "kernel/engine/tile",
                      "kernel/engine/plan", "kernel/engine/tuning"],
    "server/base": ["kernel/base"],
    "server/tls": ["kernel/base", "server/base"],
    "server/access": ["kernel/base", "server/base", "server/batching", "server/tls"],
    "server/batching": ["kernel/base", "kernel/layer", "kernel/batch", "kernel/engine"],
    "server/repository": ["kernel/base", "kernel/layer", "kernel/keras", "server/base"],
    "server/metrics": ["kernel/base", "server/batching"],
    "server/registry": ["kernel/base", "kernel/layer", "server/batching", "server/metrics",
                        "server/repository"],
    "server/loading": ["kernel/base", "kernel/layer", "kernel/engine", "kernel/engine/tile",
                       "kernel/engine/tuning", "server/base", "server/batching", "server/metrics",
                       "server/registry", "server/repository"],
    "server/config": ["kernel/keras", "kernel/layer", "server/base", "server/registry",
                      "server/repository"],
    "server/http": ["kernel/base", "server/access", "server/base", "server/config",
                    "server/metrics", "server/registry", "server/status", "server/tls"],
    "server/management": ["kernel/base", "kernel/layer", "kernel/keras", "kernel/engine",
                          "server/base", "server/batching", "server/loading", "server/registry",
                          "server/repository"],
    "server/rpc": ["kernel/base", "kernel/layer", "kernel/batch", "kernel/engine", "server/access",
                   "server/base", "server/batching", "server/config", "server/management",
                   "server/metrics", "server/registry", "server/repository", "server/tls", "proto"],
    "server/status": ["kernel/base", "server/base", "server/metrics", "server/registry"],
    "server/options": ["kernel/base", "server/access", "server/base", "server/batching",
                       "server/loading", "server/repository", "server/rpc", "server/tls"],
    "server": ["kernel/base", "kernel/engine/tile", "server/access", "server/base",
               "server/batching", "server/config", "server/http", "server/loading", "server/management",
               "server/metrics", "server/options", "server/registry", "server/rpc", "server/tls"],
    "proto": [],
    "client": ["proto"],
}

# What an include of a library starts with: the folders that may have it.
LIBRARIES = {
    "dnnl": ["kernel/engine/tile"],
    "oneapi/dnnl": ["kernel/engine/tile"],
    "omp.h": ["kernel/engine/tile"],
    "grpc/": ["server/rpc", "client"],
    "grpc++/": ["server/rpc", "client"],
    "grpcpp/": ["server/rpc", "client"],
    "google/protobuf/": ["server/rpc", "client"],
    "prometheus/": ["server/metrics"],
    "httplib": [],  # a client for the tests
    "openssl/": ["server/base", "server/access", "server/tls", "client"],
    "zlib.h": ["server/rpc"],
    "spdlog/": ["server", "server/base", "server/loading", "server/rpc", "server/access",
                "server/tls"],
    "CLI/": ["server/options", "client"],
    "nlohmann/": ["kernel/base", "kernel/keras", "kernel/engine/tuning", "server",
                  "server/access", "server/base", "server/config", "server/http",
                  "server/loading", "server/management", "server/options", "server/repository",
                  "server/rpc", "server/status", "client"],
}

# What the generated headers of proto/ start with.
GENERATED = ("inference/", "grpc/health/", "grpc/reflection/", "convoy/v1/")

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"]+)[>"]', re.MULTILINE)


def folder_of(path):
    """The deepest folder of ALLOWED that holds `path`; None when there is none."""
    while path := posixpath.dirname(path):
        if path in ALLOWED:
            return path
    return None


def included_folder(path, include):
    """The project folder that `include` of file `path` lies in; None when there is none."""
    if include.startswith(GENERATED):
        return "proto"
    include = posixpath.normpath(include)
    if not include.startswith(("kernel/", "server/", "client/")):
        include = posixpath.normpath(posixpath.join(posixpath.dirname(path), include))
    return folder_of(include)


def library_folders(include):
    """The folders that may include the library header; None when it is not one of LIBRARIES."""
    if include.startswith(GENERATED):
        return None
    for prefix, folders in LIBRARIES.items():
        if include.startswith(prefix):
            return folders
    return None


def forbidden_includes(path, text):
    """One message for each include of file `path` that breaks the layering."""
    folder = folder_of(path)
    if folder is None:
        return [f"{path}: its folder has no place in the layering"]
    messages = []
    for include in INCLUDE.findall(text):
        library = library_folders(include)
        if library is not None:
            if folder not in library:
                messages.append(f"{path}: {include} belongs to {', '.join(library)} only")
            continue
        target = included_folder(path, include)
        if target not in (None, folder, *ALLOWED[folder]):
            messages.append(f"{path}: {folder} may not include {include} of {target}")
    return messages


def below(folder):
    """What `folder` may include, directly or through others."""
    found = set(ALLOWED[folder])
    for target in ALLOWED[folder]:
        found |= below(target)
    return found


def drawn():
    """The edges of the picture in README.md."""
    (picture,) = re.findall(r"```mermaid\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    return set(re.findall(r"^  (\S+) --> (\S+)$", picture, re.M))


def sources():
    for top in ("kernel", "server", "client"):
        for path in sorted((ROOT / top).rglob("*")):
            if path.suffix in (".h", ".cc"):
                yield path.relative_to(ROOT).as_posix(), path.read_text()


class LayeringTest(unittest.TestCase):

    def test_no_source_file_includes_what_its_layer_may_not(self):
        checked = 0
        for path, text in sources():
            checked += len(INCLUDE.findall(text))
            self.assertEqual(forbidden_includes(path, text), [])
        self.assertGreater(checked, 300, "the search for includes has gone blind")

    def test_every_allowed_edge_exists(self):
        edges = {folder: set() for folder in ALLOWED}
        for path, text in sources():
            for include in INCLUDE.findall(text):
                if library_folders(include) is None:
                    edges[folder_of(path)].add(included_folder(path, include))
        for folder, targets in ALLOWED.items():
            for target in targets:
                self.assertIn(target, edges[folder], f"{folder} does not include it any more")

    def test_every_folder_that_may_have_a_library_has_it(self):
        used = set()
        for path, text in sources():
            for include in INCLUDE.findall(text):
                # Several spellings of one library have the same folders.
                used.add((folder_of(path), tuple(library_folders(include) or ())))
        for folders in LIBRARIES.values():
            for folder in folders:
                self.assertTrue((folder, tuple(folders)) in used,
                                f"{folder} may include one of {folders} and does not")

    def test_the_allowed_edges_have_no_cycle(self):
        # A folder is removed when nothing that is left includes it.
        left = dict(ALLOWED)
        while left:
            tops = [f for f in left if not any(f in below for below in left.values())]
            self.assertTrue(tops, f"a cycle among {sorted(left)}")
            for folder in tops:
                del left[folder]

    def test_the_picture_in_the_readme_has_these_edges(self):
        # It leaves out those that others imply.
        edges = {(folder, target) for folder, targets in ALLOWED.items() for target in targets
                 if not any(target in below(other) for other in targets)}
        self.assertEqual(drawn(), edges)

    def test_a_planted_upward_or_sideways_include_is_caught(self):
        for path, include in (
                ("kernel/layer/x.h", '"kernel/engine/plan/plan.h"'),
                ("kernel/layer/x.h", '"kernel/keras/keras_object.h"'),
                ("kernel/batch/x.cc", '"kernel/keras/layer_json.h"'),
                ("kernel/keras/x.cc", '"kernel/batch/packing.h"'),
                ("kernel/engine/tile/x.h", '"kernel/engine/plan/plan.h"'),
                ("kernel/engine/tile/x.h", '"kernel/engine/workspace.h"'),
                ("kernel/engine/plan/x.cc", '"kernel/engine/tuning/tuner.h"'),
                ("kernel/batch/x.cc", '"server/batching/task.h"'),
                ("kernel/engine/x.cc", "<kernel/engine/../../server/rpc/x.h>"),
                ("server/batching/x.h", '"server/registry/registry.h"'),
                ("server/repository/x.cc", '"kernel/batch/packing.h"'),
                ("server/registry/x.cc", '"server/loading/layer_loader.h"'),
                ("server/loading/x.cc", '"server/options/server_options.h"'),
                ("server/base/x.cc", '"server/options/server_options.h"'),
                ("server/metrics/x.cc", '"kernel/layer/conv1d.h"'),
                ("server/http/x.cc", '"server/rpc/poller.h"'),
                ("server/rpc/x.cc", '"../http/admin_server.h"'),
                ("server/rpc/x.cc", '"server/server.h"'),
                ("server/server.cc", '"client/client.h"'),
                ("client/x.cc", '"kernel/layer/dtype.h"'),
                ("client/tool/x.cc", '"server/options/server_options.h"'),
                ("server/batching/x.cc", '"inference/grpc_predict_v2.pb.h"'),
        ):
            with self.subTest(path=path, include=include):
                self.assertEqual(len(forbidden_includes(path, f"#include {include}\n")), 1)

    def test_a_planted_library_outside_its_folder_is_caught(self):
        for path, include in (
                ("kernel/batch/x.cc", "<dnnl.hpp>"),
                ("kernel/engine/x.cc", "<dnnl.hpp>"),
                ("kernel/engine/tuning/x.cc", "<omp.h>"),
                ("kernel/layer/x.cc", '"oneapi/dnnl/dnnl.hpp"'),
                ("server/server.cc", "<grpcpp/grpcpp.h>"),
                ("server/registry/x.cc", "<grpc/support/time.h>"),
                ("server/http/x.cc", "<google/protobuf/message.h>"),
                ("server/registry/x.h", "<prometheus/counter.h>"),
                ("server/http/x.cc", "<httplib.h>"),
                ("kernel/engine/x.cc", "<spdlog/spdlog.h>"),
                ("server/repository/x.cc", "<CLI/CLI.hpp>"),
                ("kernel/layer/x.h", "<nlohmann/json_fwd.hpp>"),
                ("server/batching/x.cc", "<nlohmann/json.hpp>"),
        ):
            with self.subTest(path=path, include=include):
                self.assertEqual(len(forbidden_includes(path, f"  #  include {include}\n")), 1)

    def test_downward_includes_and_own_libraries_pass(self):
        for path, include in (
                ("kernel/engine/tile/x.cc", "<dnnl.hpp>"),
                ("kernel/engine/x.cc", '"kernel/engine/tuning/tuner.h"'),
                ("kernel/engine/x.cc", '"kernel/batch/packing.h"'),
                ("server/rpc/x.cc", '"grpc/health/v1/health.grpc.pb.h"'),
                ("server/rpc/x.cc", '"kernel/layer/conv1d.h"'),
                ("server/http/x.cc", '"server/base/host_port.h"'),
                ("server/main.cc", '"server/http/admin_server.h"'),
                ("client/tool/x.cc", '"client/client.h"'),
                ("client/x.cc", '"tensor.h"'),
                ("client/tool/x.cc", "<CLI/CLI.hpp>"),
        ):
            with self.subTest(path=path, include=include):
                self.assertEqual(forbidden_includes(path, f"#include {include}\n"), [])

    def test_a_folder_without_a_place_is_caught(self):
        self.assertEqual(len(forbidden_includes("kernel/misc/x.h", "")), 1)


if __name__ == "__main__":
    unittest.main()
