#!/usr/bin/env python3
"""How the server starts, refuses to start, and ends."""

import concurrent.futures
import json
import signal
import socket
import tempfile
import time
import threading
import unittest
from pathlib import Path

import grpc
import numpy as np
from grpc_health.v1 import health_pb2, health_pb2_grpc
from tritonclient.grpc import service_pb2

from support.client import Client, infer_request
from support.layers import convolve, write_random_layer
from support.machine import has_avx2
from support.server import Server, run_server, run_tool

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class StartStopTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.repository = Path(folder.name)
        _, self.tensors = write_random_layer(self.repository, "conv", 64, 64, 5)

    def start(self, *flags, **arguments):
        server = Server(self.repository, *flags, **arguments)
        self.addCleanup(server.kill)
        return server

    def connect(self, server):
        client = Client(server.grpc_address)
        self.addCleanup(client.close)
        return client

    def assert_start_fails(self, code, arguments, *says):
        """One line on stderr that says why; nothing on stdout."""
        exit_code, stdout, stderr = run_server(*arguments)
        self.assertEqual(exit_code, code, stderr)
        self.assertEqual(stdout, "")
        lines = [line for line in stderr.splitlines() if "convoy-server:" in line]
        self.assertEqual(len(lines), 1, stderr)
        for word in says:
            self.assertIn(word, lines[0])

    def test_what_was_timed_is_kept_for_the_next_start(self):
        path = self.repository / ".tuning.json"
        self.start("--tuning-file", path)
        while not path.exists():  # it is written behind the layers' loading
            time.sleep(0.01)
        layers = json.loads(path.read_text())["layers"]
        # Once by all algorithms and once by the direct one, where there are others.
        self.assertEqual(len(layers), 2 if has_avx2() else 1)
        for layer in layers:
            self.assertIn("channels=64 filters=64 kernel=5", layer)
        written = path.stat().st_mtime_ns
        again = self.start("--tuning-file", path)
        self.assertEqual(path.stat().st_mtime_ns, written)  # nothing new was timed
        self.assertEqual(self.connect(again).infer("conv", np.ones((1, 9, 64), np.float32)).shape,
                         (1, 5, 64))
        path.write_text("broken")
        self.start("--tuning-file", path)
        while path.read_text() == "broken":
            time.sleep(0.01)
        self.assertIn("machine", json.loads(path.read_text()))

    def test_the_ports_in_the_ready_line_answer(self):
        server = self.start()
        for address in (server.grpc_address, server.http_address):
            self.assertNotIn(address.rsplit(":", 1)[1], ("0", "8001", "8002"))
        self.assertEqual(self.connect(server).infer("conv", np.ones((1, 9, 64), np.float32)).shape,
                         (1, 5, 64))
        self.assertEqual(server.get("/v2/health/ready")[0], 200)

    def test_log_lines_can_be_json(self):
        server = self.start("--log-format", "json")
        for line in server.log.splitlines():
            self.assertIn(json.loads(line)["message"].split()[1], ("listening", "loaded", "ready"))

    def many_layers(self):
        """As many as take a while to be loaded."""
        for i in range(200):
            write_random_layer(self.repository, f"layer-{i:03}", 40, 48, 5)

    def test_both_ports_answer_while_layers_are_loaded(self):
        self.many_layers()
        server = self.start("--tuning", "off", until="listening")
        client = self.connect(server)
        x = np.ones((1, 9, 64), np.float32)
        self.assertEqual(server.get("/v2/health/live")[0], 200)
        self.assertTrue(client.stub.ServerLive(service_pb2.ServerLiveRequest()).live)
        # The last one of all is not there yet, unless nobody was this slow before.
        last = infer_request("layer-199", [1, 9, 40], np.ones(9 * 40, "<f4").tobytes())
        seen = set()
        while True:
            before = server.get("/v2/health/ready")[0]
            try:
                client.send(last)
                seen.add(grpc.StatusCode.OK)
            except grpc.RpcError as error:
                seen.add(error.code())
                self.assertIn("starting", error.details())
            if before == 200:
                break
        self.assertEqual(seen, {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.OK})
        self.assertEqual(client.infer("conv", x).shape, (1, 5, 64))
        server.wait_for("convoy ready")

    def test_a_broken_required_layer_keeps_the_server_out_until_it_is_mended(self):
        broken = self.repository / "needed" / "1"
        broken.mkdir(parents=True)
        (broken / "config.json").write_text("{")
        server = self.start("--required-layers", "conv,needed", until="listening")
        server.wait_for("not ready error=")
        self.assertNotIn("convoy ready", server.log)
        status, text = server.get("/v2/health/ready")
        self.assertEqual(status, 503)
        self.assertIn("needed", json.loads(text)["reason"])
        self.assertEqual(server.metric("convoy_ready"), 0)

        def health(*layer):
            return run_tool("health", *layer, "--server", server.grpc_address)[0]

        self.assertEqual([health(), health("needed"), health("conv")], [1, 1, 0])
        self.assertEqual(self.connect(server).infer("conv", np.ones((1, 9, 64), np.float32)).shape,
                         (1, 5, 64))
        stub = health_pb2_grpc.HealthStub(self.connect(server).channel)
        watch = stub.Watch(health_pb2.HealthCheckRequest())
        self.assertEqual(next(watch).status, NOT_SERVING)
        write_random_layer(self.repository, "needed", 4, 4, 3, version=2)
        self.assertEqual(next(watch).status, SERVING)
        server.wait_for("convoy ready")
        self.assertEqual([health(), health("needed")], [0, 0])

    def test_a_signal_while_layers_are_loaded_ends_at_once(self):
        self.many_layers()
        server = self.start("--drain-seconds", "3600", "--tuning", "off", until="listening")
        self.assertEqual(server.stop(), 0)
        self.assertIn("stopped", server.log)
        self.assertNotIn("convoy ready", server.log)

    def test_sigterm_and_sigint_end_with_success(self):
        for by in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(by):
                server = self.start()
                self.assertEqual(server.stop(by), 0)
                self.assertIn("stopped", server.log)

    def test_help_names_every_option_with_default_and_variable(self):
        code, stdout, stderr = run_server("--help")
        self.assertEqual((code, stderr), (0, ""))
        for word in ("--repository", "--grpc-address", "127.0.0.1:8001", "--http-address",
                     "127.0.0.1:8002", "--config", "CONVOY_GRPC_ADDRESS", "64MiB", "SECONDS"):
            self.assertIn(word, stdout)

    def test_a_bad_flag_is_a_usage_error(self):
        for flags in (["--nonsense"], ["--workers", "many"], ["--workers", "-1"],
                      ["--grpc-address", "nowhere"], ["--max-message-bytes", "0"]):
            with self.subTest(flags):
                self.assert_start_fails(2, ["--repository", self.repository, *flags], flags[0][2:])

    def test_a_repository_must_be_named(self):
        self.assert_start_fails(2, [], "--repository")

    def test_a_repository_must_exist(self):
        self.assert_start_fails(1, ["--repository", self.repository / "gone"], "gone")

    def test_a_repository_must_be_a_folder(self):
        path = self.repository / "file"
        path.write_text("")
        self.assert_start_fails(1, ["--repository", path], str(path))

    def test_a_taken_port_is_a_start_up_error(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            for flag in ("--grpc-address", "--http-address"):
                other = {"--grpc-address": "127.0.0.1:0", "--http-address": "127.0.0.1:0"}
                other[flag] = address
                with self.subTest(flag):
                    self.assert_start_fails(
                        1, ["--repository", self.repository, *sum(other.items(), ())], address)

    def test_a_draining_server_says_so_and_still_answers(self):
        server = self.start("--drain-seconds", "3")
        client = self.connect(server)
        health = health_pb2_grpc.HealthStub(client.channel)
        watch = health.Watch(health_pb2.HealthCheckRequest())
        self.assertEqual(next(watch).status, SERVING)
        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(next(watch).status, NOT_SERVING)
        self.assertEqual(server.get("/v2/health/ready")[0], 503)
        self.assertEqual(server.get("/v2/health/live")[0], 200)
        self.assertEqual(client.infer("conv", np.ones((1, 9, 64), np.float32)).shape, (1, 5, 64))
        self.assertEqual(server.process.wait(timeout=30), 0)

    def test_requests_in_flight_are_answered_before_the_end(self):
        server = self.start("--drain-seconds", "1")
        client = self.connect(server)
        x = np.ones((1, 2000, 64), np.float32)
        expected, scale = convolve(x, self.tensors["kernel"], self.tensors["bias"])
        draining = threading.Event()

        def call_until_refused():
            answered = 0
            while True:
                try:
                    answer = client.infer("conv", x)
                except grpc.RpcError as error:
                    self.assertTrue(draining.is_set(), error)
                    return answered, error.code()
                except Exception as error:  # tritonclient wraps grpc's errors
                    self.assertTrue(draining.is_set(), error)
                    return answered, error.status()
                # To rounding: which requests share a batch changes the last bits.
                self.assertLessEqual(np.abs((answer - expected) / scale).max(), 1e-6)
                answered += 1

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            callers = [pool.submit(call_until_refused) for _ in range(8)]
            client.infer("conv", x)
            draining.set()
            self.assertEqual(server.stop(), 0)
            for caller in callers:
                answered, status = caller.result(timeout=30)
                self.assertGreater(answered, 0)
                self.assertIn(str(status), ("StatusCode.UNAVAILABLE", "StatusCode.CANCELLED"))

    def test_an_idle_connection_does_not_delay_the_end(self):
        server = self.start()
        client = self.connect(server)
        client.infer("conv", np.ones((1, 9, 64), np.float32))
        host, port = server.http_address.rsplit(":", 1)
        with socket.create_connection((host, int(port))):
            self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
