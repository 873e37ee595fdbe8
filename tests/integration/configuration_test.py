#!/usr/bin/env python3
"""What the server says of its options and layers, over HTTP and over gRPC."""

import copy
import hashlib
import http.client
import json
import os
import signal
import tempfile
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import numpy as np
from tritonclient.utils import InferenceServerException

from support import ROOT
from support.case import ServerTestCase
from support.client import Client
from support.schema_checker import Checker
from support.layers import write_random_layer
from support.reflected import Reflected
from support.server import Server, run_server, run_tool

SCHEMA = Checker(json.loads((ROOT / "docs" / "config.schema.json").read_text()))
ONES = np.ones((1, 7, 2), np.float32)
FULL = os.environ.get("CONVOY_TEST_SCALE") == "full"


def scaled(full, fast):
    return full if FULL else fast


class ShownConfigurationTest(ServerTestCase):

    FLAGS = ("--max-queue-bytes", "64MiB")

    @classmethod
    def write_layers(cls, repository):
        write_random_layer(repository, "conv", 2, 4, 3)
        write_random_layer(repository, "conv", 2, 4, 3, version=2, seed=1)
        (repository / "conv" / "2" / "serving.json").write_text(
            '{"live_versions": 2, "max_batch_requests": 8}')
        write_random_layer(repository, "dotted.name", 2, 4, 3, kernel_regularizer="l2")
        (repository / "broken" / "1").mkdir(parents=True)
        (repository / "broken" / "1" / "config.json").write_text("{")

    def setUp(self):
        self.service = Reflected(self.server.grpc_address, "convoy.v1.ConfigService")
        self.addCleanup(self.service.close)

    def page(self, path="/config"):
        status, text = self.server.get(path)
        self.assertEqual(status, 200, text)
        return json.loads(text)

    def test_the_answers_keep_to_the_schema(self):
        page = self.page()
        self.assertEqual(SCHEMA.errors(page), [])
        self.assertEqual([layer["name"] for layer in page["layers"]],
                         ["broken", "conv", "dotted.name"])
        for layer in page["layers"]:
            one = self.page(f"/config/layers/{layer['name']}")
            self.assertEqual(one, layer)

    def test_a_page_that_breaks_the_schema_is_seen(self):
        page = self.page()
        for break_it in (
                lambda page: page.pop("layers"),
                lambda page: page.update(more=1),
                lambda page: page["server"].update(workers="2"),
                lambda page: page["server"]["options"]["workers"].pop("source"),
                lambda page: page["server"]["options"]["workers"].update(source="hearsay"),
                lambda page: page["layers"][1]["versions"][0].update(checksum="abc"),
                lambda page: page["layers"][1]["versions"][0]["options"].update(new={"value": 1})):
            broken = copy.deepcopy(page)
            break_it(broken)
            self.assertNotEqual(SCHEMA.errors(broken), [])

    def test_every_option_tells_its_value_source_unit_and_range(self):
        options = self.page()["server"]["options"]
        self.assertEqual(options["max-queue-bytes"],
                         {"value": 64 << 20, "source": "flag", "unit": "bytes", "minimum": 0,
                          "changeable": True})
        self.assertEqual(options["log-format"],
                         {"value": "text", "source": "default", "choices": ["text", "json"],
                          "changeable": True})

    def test_a_layers_options_tell_their_sources(self):
        newest, older = self.page("/config/layers/conv")["versions"]
        self.assertEqual(newest["options"]["max_batch_requests"],
                         {"value": 8, "source": "serving.json", "minimum": 1, "changeable": True})
        self.assertEqual(older["options"]["max_batch_requests"],
                         {"value": None, "source": "default", "minimum": 1, "changeable": True})

    def test_grpc_says_the_same(self):
        def as_json(config):
            """What the message says, in the form of the page."""
            for layer in config["layers"]:
                for name in ("versions", "errors", "incomplete"):
                    layer.setdefault(name, [])
                for version in layer["versions"]:
                    version["config"] = json.loads(version.pop("config_json"))
                    version.setdefault("losses", {})
                    for number in ("version", "count_params"):
                        version[number] = int(version[number])
                    for tensor in (version["input"], version["output"]):
                        tensor["shape"] = [int(size) for size in tensor["shape"]]
                    for option in version["options"].values():
                        option.setdefault("changeable", False)
            for option in config["server"]["options"].values():
                option.setdefault("changeable", False)
            if "etag" in config:  # it is of the whole server
                config.setdefault("needs_restart", [])
            for name in ("options", "layers"):
                config.get("changes", {}).setdefault(name, {})
            return config

        page = self.page()
        self.assertEqual(as_json(self.service.call("GetServerConfig")), page)
        one = as_json(self.service.call("GetServerConfig", {"layer": "dotted.name"}))
        self.assertEqual(one["server"], page["server"])
        self.assertEqual(one["layers"], page["layers"][2:])

    def test_a_layer_that_is_not_there_is_named(self):
        status, text = self.server.get("/config/layers/nobody")
        self.assertEqual(status, 404)
        self.assertIn("nobody", text)
        self.assert_refused(grpc.StatusCode.NOT_FOUND,
                            lambda: self.service.call("GetServerConfig", {"layer": "nobody"}),
                            "nobody")

    def test_the_checksum_is_of_the_files_and_the_options_that_change_answers(self):
        folder = self.repository / "conv" / "1"
        sums = [hashlib.sha256((folder / name).read_bytes()).hexdigest()
                for name in ("config.json", "weights.safetensors")]
        text = "\n".join([*sums, 'constraints="ignore"', "deterministic=false", ""])
        self.assertEqual(self.page("/config/layers/conv")["versions"][1]["checksum"],
                         hashlib.sha256(text.encode()).hexdigest())

    def test_a_request_may_name_the_checksum(self):
        newest, older = self.page("/config/layers/conv")["versions"]
        good = {"convoy_checksum": newest["checksum"]}
        self.client.infer("conv", ONES, parameters=good)
        with self.assertRaises(Exception) as caught:
            self.client.infer("conv", ONES, model_version="1", parameters=good)
        self.assertIn("FAILED_PRECONDITION", str(caught.exception))
        self.assertIn(older["checksum"], str(caught.exception))


class SectionsTest(unittest.TestCase):
    """[layer.NAME] of the option file."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.repository = self.folder / "repository"
        for name in ("conv", "my.dotted"):
            write_random_layer(self.repository, name, 2, 4, 3)

    def start(self, text):
        path = self.folder / "convoy.toml"
        path.write_text(text)
        server = Server(self.repository, "--config", path)
        self.addCleanup(server.kill)
        return server

    def version(self, server, layer):
        return json.loads(server.get(f"/config/layers/{layer}")[1])["versions"][0]

    def test_a_section_changes_the_checksum_where_it_changes_answers(self):
        plain = self.version(self.start(""), "conv")
        server = self.start('[layer."conv"]\ndeterministic = true\n')
        changed = self.version(server, "conv")
        self.assertEqual(changed["options"]["deterministic"],
                         {"value": True, "source": "file", "changeable": False})
        self.assertNotEqual(changed["checksum"], plain["checksum"])
        client = Client(server.grpc_address)
        self.addCleanup(client.close)
        client.infer("conv", ONES, parameters={"convoy_checksum": changed["checksum"]})

    def test_a_section_wins_over_serving_json(self):
        (self.repository / "my.dotted" / "1" / "serving.json").write_text(
            '{"constraints": "apply", "live_versions": 3}')
        version = self.version(self.start("[layer.my.dotted]\nconstraints = refuse\n"), "my.dotted")
        self.assertEqual(version["options"]["constraints"]["value"], "refuse")
        self.assertEqual(version["options"]["constraints"]["source"], "file")
        self.assertEqual(version["options"]["live_versions"]["source"], "serving.json")

    def test_a_wrong_section_ends_the_start(self):
        path = self.folder / "convoy.toml"
        for text, says in (("[layer.conv]\nmax_batch = 1\n", 'unknown key "max_batch"'),
                           ("[layer.conv]\nmax_batch_bytes = 0\n", "got 0"),
                           ("[layers.conv]\nmax_batch_bytes = 1\n", "expected [layer.NAME]")):
            path.write_text(text)
            code, _, stderr = run_server("--repository", self.repository, "--config", path)
            self.assertEqual(code, 1, stderr)
            self.assertIn(says, stderr)
            self.assertEqual(len(stderr.splitlines()), 1, stderr)


class ChangesTest(unittest.TestCase):
    """PATCH /config, UpdateServerConfig and what they change."""

    FLAGS = ("--allow-config-changes",)

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.repository = self.folder / "repository"
        write_random_layer(self.repository, "conv", 2, 4, 3)
        self.start(*self.FLAGS)

    def start(self, *flags):
        self.server = Server(self.repository, *flags)
        self.addCleanup(self.server.kill)
        self.client = Client(self.server.grpc_address)
        self.addCleanup(self.client.close)
        self.service = Reflected(self.server.grpc_address, "convoy.v1.ConfigService")
        self.addCleanup(self.service.close)

    def patch(self, body, query="", **headers):
        """Status, headers and the answer's JSON (text, where it is none)."""
        host, port = self.server.http_address.rsplit(":", 1)
        connection = http.client.HTTPConnection(host, int(port), timeout=30)
        self.addCleanup(connection.close)
        body = body if isinstance(body, (str, bytes)) else json.dumps(body)
        connection.request("PATCH", "/config" + query, body, {
            "Content-Type": "application/json",
            **{name.replace("_", "-"): value for name, value in headers.items()}})
        answer = connection.getresponse()
        text = answer.read().decode()
        is_json = answer.headers["Content-Type"] == "application/json"
        return answer.status, answer.headers, json.loads(text) if is_json else text

    def page(self):
        return json.loads(self.server.get("/config")[1])

    def option(self, name):
        option = self.page()["server"]["options"][name]
        return option["value"], option["source"]

    def assert_refused(self, code, request, *says):
        with self.assertRaises(grpc.RpcError) as caught:
            self.service.call("UpdateServerConfig", request)
        self.assertEqual(caught.exception.code(), code, caught.exception.details())
        for word in says:
            self.assertIn(word, caught.exception.details())

    def test_a_patch_changes_and_takes_back(self):
        status, headers, answer = self.patch({"options": {"max-queue-bytes": "1MiB"},
                                              "layers": {"conv": {"max_batch_requests": 8}}})
        self.assertEqual(status, 200, answer)
        self.assertEqual(headers["ETag"], f'"{answer["etag"]}"')
        self.assertFalse(answer["kept_across_restart"])
        self.assertEqual([change["option"] for change in answer["changed"]],
                         ["max-queue-bytes", "max_batch_requests"])
        self.assertEqual(self.option("max-queue-bytes"), (1 << 20, "runtime"))
        page = self.page()
        self.assertEqual(SCHEMA.errors(page), [])
        (version,) = page["layers"][0]["versions"]
        self.assertEqual(version["options"]["max_batch_requests"]["value"], 8)
        self.assertEqual(version["options"]["max_batch_requests"]["source"], "runtime")
        self.assertEqual(version["serving"]["max_batch_requests"], 8)
        self.server.wait_for("configuration changed option=max-queue-bytes old=536870912 new=1048576")
        self.assertEqual(self.patch({"options": None, "layers": {"conv": None}})[0], 200)
        self.assertEqual(self.option("max-queue-bytes"), (512 << 20, "default"))

    def test_what_is_changed_counts_for_the_next_request(self):
        large = np.ones((4, 50_000, 2), np.float32)
        self.client.infer("conv", large)
        for _ in range(20):
            self.assertEqual(self.patch({"options": {"max-run-bytes": 1024}})[0], 200)
            with self.assertRaises(Exception) as caught:
                self.client.infer("conv", large)
            self.assertIn("the limit is 1024", str(caught.exception))
            self.service.call("UpdateServerConfig", {"changes": {"options": {"max-run-bytes": None}}})
            self.client.infer("conv", large)

    def test_a_new_version_has_what_was_changed(self):
        self.assertEqual(self.patch({"layers": {"conv": {"max_batch_requests": 5}}})[0], 200)
        write_random_layer(self.repository, "conv", 2, 4, 3, version=2, seed=1)
        while True:
            version = self.page()["layers"][0]["versions"][0]
            self.assertEqual(version["options"]["max_batch_requests"]["value"], 5)
            if version["version"] == 2:
                break

    def test_bad_patches_change_nothing(self):
        before = self.page()
        for body, headers, code in (
                ("{", {}, 400), ("", {}, 400), ("[]", {}, 400), ("7", {}, 400),
                ('{"options": {"a": NaN}}', {}, 400), (b"\xff", {}, 400),
                ({"server": {}}, {}, 400), ({"options": {"wrokers": 1}}, {}, 400),
                ({"options": {"log-level": "loud", "drain-seconds": 2}}, {}, 400),
                ({"options": {"workers": 1}}, {}, 409),
                ({"layers": {"nobody": {"max_batch_requests": 1}}}, {}, 404),
                ({"layers": {"../conv": {"max_batch_requests": 1}}}, {}, 404),
                ({"layers": {"conv": {"deterministic": True}}}, {}, 409),
                ({"options": {"drain-seconds": 2}}, {"If_Match": '"stale"'}, 412),
                ({"options": {"drain-seconds": 2}}, {"If_Match": f'W/"{before["etag"]}"'}, 412),
                ({"options": {"drain-seconds": 2}}, {"Origin": "http://evil.example"}, 403),
                ({"options": {"drain-seconds": 2}}, {"Origin": "null"}, 403),
                ({"options": {"drain-seconds": 2}}, {"Content_Type": "text/plain"}, 415),
                ('{"options": {"log-level": "' + "x" * 70_000 + '"}}', {}, 413),
                ("[" * 60_000, {}, 400)):
            status, _, answer = self.patch(body, **headers)
            self.assertEqual(status, code, (str(body)[:80], answer))
        status, _, _ = self.patch({}, "?validate=true")
        self.assertEqual(status, 400)
        self.assertEqual(self.page(), before)
        origin = {"Origin": f"http://{self.server.http_address}"}
        self.assertEqual(self.patch({"options": {"drain-seconds": 2}}, **origin)[0], 200)

    def test_bad_updates_over_grpc(self):
        before = self.page()
        code = grpc.StatusCode
        for changes, status, says in (
                ({"options": {"wrokers": 1}}, code.INVALID_ARGUMENT, "wrokers"),
                ({"options": {"workers": 1}}, code.FAILED_PRECONDITION, "restart"),
                ({"options": {"log-level": {"a": 1}}}, code.INVALID_ARGUMENT, "log-level"),
                ({"options": {"log-level": [1]}}, code.INVALID_ARGUMENT, "log-level"),
                ({"options": {"drain-seconds": 1e300}}, code.INVALID_ARGUMENT, "drain-seconds"),
                ({"options": {"": 1}}, code.INVALID_ARGUMENT, "no such option"),
                ({"layers": {"nobody": {"max_batch_bytes": 1}}}, code.NOT_FOUND, "nobody"),
                ({"layers": {"conv": {"max_batch_bytes": 1.5}}}, code.INVALID_ARGUMENT, "1.5"),
                ({"layers": {"conv": {"no": 1}}}, code.INVALID_ARGUMENT, "layers.conv.no")):
            self.assert_refused(status, {"changes": changes}, says)
        self.assert_refused(code.ABORTED, {"etag": "stale"}, before["etag"])
        many = {f"option-{i}": 1 for i in range(2000)}
        self.assert_refused(code.RESOURCE_EXHAUSTED, {"changes": {"options": many}})
        self.assertEqual(self.page(), before)

    def test_validate_only_says_what_would_happen(self):
        before = self.page()
        patch = {"options": {"workers": 7, "drain-seconds": 2}}
        status, _, answer = self.patch(patch, "?validate_only=true")
        self.assertEqual(status, 200)
        self.assertEqual([change["option"] for change in answer["changed"]], ["drain-seconds"])
        self.assertEqual([(refused["option"], refused["needs_restart"])
                          for refused in answer["refused"]], [("workers", True)])
        over_grpc = self.service.call("UpdateServerConfig",
                                      {"changes": patch, "validate_only": True})
        self.assertEqual(over_grpc["changed"], [{**change} for change in answer["changed"]])
        self.assertEqual(self.page(), before)

    def test_changes_are_off_unless_allowed(self):
        self.start()
        status, _, answer = self.patch({"options": {"drain-seconds": 2}})
        self.assertEqual(status, 409)
        self.assertIn("--allow-config-changes", answer["error"])
        self.assert_refused(grpc.StatusCode.FAILED_PRECONDITION,
                            {"changes": {"options": {"drain-seconds": 2}}}, "--allow-config-changes")

    def test_concurrent_updaters_lose_no_update(self):
        updates = scaled(20, 4)
        self.assertEqual(self.patch({"layers": {"conv": {"max_batch_bytes": 1}}})[0], 200)

        def update(_):
            for _ in range(updates):
                while True:
                    page = self.page()
                    value = page["changes"]["layers"]["conv"]["max_batch_bytes"]
                    status, _, answer = self.patch({"layers": {"conv": {"max_batch_bytes": value + 1}}},
                                                   If_Match=f'"{page["etag"]}"')
                    if status == 200:
                        break
                    self.assertEqual(status, 412, answer)

        with ThreadPoolExecutor(16) as pool:
            list(pool.map(update, range(16)))
        self.assertEqual(self.page()["changes"]["layers"]["conv"]["max_batch_bytes"],
                         1 + 16 * updates)

    def test_many_changes_under_load_fail_no_inference(self):
        expected = self.client.infer("conv", ONES)
        done = threading.Event()

        def infer(_):
            client = Client(self.server.grpc_address)
            answered = 0
            while not done.is_set() or answered == 0:
                np.testing.assert_allclose(client.infer("conv", ONES), expected, rtol=1e-5, atol=1e-6)
                answered += 1
            client.close()
            return answered

        with ThreadPoolExecutor(4) as pool:
            callers = [pool.submit(infer, i) for i in range(4)]
            try:
                for i in range(scaled(1000, 100)):
                    value = 1 + i % 7
                    self.service.call("UpdateServerConfig", {"changes": {
                        "options": {"max-queue-seconds": 5 + value, "drain-seconds": value,
                                    "max-queue-bytes": (100 + i) << 20,
                                    "max-unread-bytes": (100 + i) << 20,
                                    "primitive-cache-bytes": value << 20,
                                    "log-level": ("info", "warn")[i % 2]},
                        "layers": {"conv": {"max_batch_requests": value,
                                            "max_queue_delay_microseconds": 1 + 50 * (i % 3)}}}})
                    if i % 10 == 0:
                        page = self.page()
                        self.assertEqual(page["server"]["options"]["drain-seconds"]["value"], value)
                        (version,) = page["layers"][0]["versions"]
                        self.assertEqual(version["options"]["max_batch_requests"]["value"], value)
            finally:
                done.set()
            self.assertGreater(sum(caller.result() for caller in callers), 0)

    def test_what_was_changed_is_gone_after_a_restart(self):
        self.assertEqual(self.patch({"options": {"drain-seconds": 0.01}})[0], 200)
        self.assertEqual(self.server.stop(), 0)
        self.start()
        self.assertEqual(self.option("drain-seconds"), (0, "flag"))

    def test_the_drain_takes_what_was_changed(self):
        self.assertEqual(self.patch({"options": {"drain-seconds": 0.25, "shutdown-seconds": 7}})[0], 200)
        self.assertEqual(self.server.stop(), 0)
        self.assertIn("drain_seconds=0.25 shutdown_seconds=7", self.server.log)

    def test_the_tool_shows_and_changes(self):
        at = ("--server", self.server.grpc_address)
        code, out, err = run_tool("config", "set", "max-queue-bytes=2MiB", *at)
        self.assertEqual(code, 0, err)
        self.assertIn(b"max-queue-bytes  536870912  ->  2097152", out)
        code, out, _ = run_tool("config", "get", "max-queue-bytes", "--output", "json", *at)
        option = json.loads(out)["server"]["options"]["max-queue-bytes"]
        self.assertEqual((option["value"], option["source"]), (2 << 20, "runtime"))
        code, out, err = run_tool("config", "set", "--layer", "conv", "max_batch_requests=3", *at)
        self.assertEqual(code, 0, err)
        code, out, _ = run_tool("config", "get", "--layer", "conv", *at)
        self.assertRegex(out.decode(), r"max_batch_requests +3 +- +runtime +yes")
        code, _, err = run_tool("config", "set", "workers=3", *at)
        self.assertEqual(code, 1)
        self.assertIn(b"needs a restart", err)

    def test_tritons_log_settings(self):
        settings = self.client.triton.get_log_settings(as_json=True)["settings"]
        self.assertEqual(settings["log_info"], {"bool_param": True})
        self.assertEqual(settings["log_format"], {"string_param": "ISO8601"})
        self.client.triton.update_log_settings({"log_verbose_level": 1})
        self.assertEqual(self.option("log-level"), ("debug", "runtime"))
        self.client.triton.update_log_settings({"log_verbose_level": 0, "log_info": False})
        self.assertEqual(self.option("log-level"), ("warn", "runtime"))
        for settings in ({"log_file": "x.log"}, {"log_colour": True}, {"log_format": "default"},
                         {"log_error": False}):
            with self.assertRaises(InferenceServerException):
                self.client.triton.update_log_settings(settings)
        self.assertIn("logging", self.client.triton.get_server_metadata().extensions)


class ReloadTest(unittest.TestCase):
    """SIGHUP."""

    def test_the_file_is_read_again(self):
        with tempfile.TemporaryDirectory() as folder:
            repository, path = Path(folder) / "repository", Path(folder) / "convoy.toml"
            write_random_layer(repository, "conv", 2, 4, 3)
            path.write_text("max-queue-bytes = 1MiB\n[layer.gone]\nmax_batch_bytes = 1\n")
            with Server(repository, "--config", path) as server:
                def options():
                    return json.loads(server.get("/config")[1])

                self.assertIn('a section of a layer that is not there layer="gone"', server.log)
                path.write_text("max-queue-bytes = 2MiB\nworkers = 3\n"
                                "[layer.conv]\nmax_batch_requests = 4\n")
                server.process.send_signal(signal.SIGHUP)
                server.wait_for('needs a restart to change option="workers"')
                page = options()
                self.assertEqual(page["server"]["options"]["max-queue-bytes"]["value"], 2 << 20)
                self.assertEqual(page["server"]["options"]["workers"]["value"], 0)
                self.assertEqual(page["needs_restart"], ["workers"])
                self.assertEqual(page["layers"][0]["versions"][0]["options"]["max_batch_requests"],
                                 {"value": 4, "source": "file", "minimum": 1, "changeable": True})
                path.write_text("max-queue-bytes = lots\n")
                server.process.send_signal(signal.SIGHUP)
                server.wait_for("the option file is not taken, nothing is changed")
                self.assertEqual(options(), page)
                self.assertEqual(server.stop(), 0)

    def test_without_a_file_the_server_goes_on(self):
        with tempfile.TemporaryDirectory() as folder:
            write_random_layer(Path(folder), "conv", 2, 4, 3)
            with Server(folder) as server:
                server.process.send_signal(signal.SIGHUP)
                server.wait_for("there is no option file to read again")
                self.assertEqual(server.get("/v2/health/ready")[0], 200)


if __name__ == "__main__":
    unittest.main()
