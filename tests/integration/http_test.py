#!/usr/bin/env python3
"""The admin port of a running server."""

import http.client
import json
import re
import socket
import unittest

import numpy as np

from support.case import ServerTestCase
from support.client import infer_request
from support.layers import write_random_layer
from support.server import Server


class HttpTest(ServerTestCase):

    @classmethod
    def write_layers(cls, repository):
        cls.config, _ = write_random_layer(repository, "conv", 2, 4, 3, padding=[1, 2],
                                           data_format="channels_first", activation="relu")

    def sample(self, pattern):
        """The value of the only sample whose name and labels match."""
        status, text = self.server.get("/metrics")
        self.assertEqual(status, 200)
        found = re.findall(rf"^{pattern} (\S+)$", text, re.MULTILINE)
        self.assertEqual(len(found), 1, f"{pattern} in\n{text}")
        return float(found[0])

    def test_health(self):
        self.assertEqual(self.server.get("/v2/health/live")[0], 200)
        self.assertEqual(self.server.get("/v2/health/ready")[0], 200)

    def test_the_protocols_pages_say_what_grpc_says(self):
        self.assertEqual(json.loads(self.server.get("/v2")[1])["name"], "convoy")
        for path in ("/v2/models/conv", "/v2/models/conv/versions/1"):
            status, text = self.server.get(path)
            self.assertEqual(status, 200)
            self.assertEqual(json.loads(text),
                             self.client.triton.get_model_metadata("conv", as_json=True) |
                             {"inputs": [{"name": "input", "datatype": "FP32",
                                          "shape": [-1, 2, -1]}],
                              "outputs": [{"name": "output", "datatype": "FP32",
                                           "shape": [-1, 4, -1]}]})
            self.assertEqual(self.server.get(f"{path}/ready")[0], 200)
        for path in ("/v2/models/nobody/ready", "/v2/models/conv/versions/2/ready"):
            status, text = self.server.get(path)
            self.assertEqual(status, 404)
            self.assertIn("error", json.loads(text))

    def test_infer_says_where_grpc_listens(self):
        connection = http.client.HTTPConnection(self.server.http_address, timeout=60)
        self.addCleanup(connection.close)
        connection.request("POST", "/v2/models/conv/infer", body=b"x" * 3_000_000)
        answer = connection.getresponse()
        self.assertEqual(answer.status, 501)
        self.assertEqual(json.loads(answer.read())["grpc_address"], self.server.grpc_address)

    def test_one_connection_serves_many_requests(self):
        connection = http.client.HTTPConnection(self.server.http_address, timeout=60)
        self.addCleanup(connection.close)
        connection.connect()
        before = connection.sock
        for _ in range(20):
            for path in ("/v2/health/live", "/metrics", "/config", "/nothing"):
                connection.request("GET", path)
                connection.getresponse().read()
                self.assertIs(connection.sock, before)

    def test_an_old_client_reads_to_the_end(self):
        host, port = self.server.http_address.rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=60) as connection:
            connection.sendall(b"GET /v2/health/live HTTP/1.0\r\nAccept: text/plain\r\n\r\n")
            answer = b"".join(iter(lambda: connection.recv(4096), b""))
        head, body = answer.split(b"\r\n\r\n")
        self.assertTrue(head.startswith(b"HTTP/1.1 200 OK\r\n"), head)
        self.assertEqual(body, b"live\n")

    def test_a_unix_socket_serves_the_same_pages(self):
        path = self.repository.parent / "http.socket"
        with Server(self.repository, "--http-address", f"unix:{path}") as server:
            connection = http.client.HTTPConnection("convoy", timeout=60)
            connection.sock = socket.socket(socket.AF_UNIX)
            self.addCleanup(connection.close)
            connection.sock.connect(str(path))
            connection.request("GET", "/v2/models/conv/ready")
            self.assertEqual(connection.getresponse().status, 200)
            self.assertEqual(server.stop(), 0)
        self.assertFalse(path.exists())

    def test_an_unknown_page_is_not_found(self):
        self.assertEqual(self.server.get("/nothing")[0], 404)

    def test_config_shows_the_layer_as_keras_would(self):
        page = json.loads(self.server.get("/config")[1])
        (layer,) = page["layers"]
        (version,) = layer["versions"]
        config = version["config"]["config"]
        for key, value in self.config.items():
            self.assertEqual(config[key], value, key)
        self.assertEqual(config["strides"], [1])
        self.assertEqual(version["version"], 1)
        self.assertEqual(version["input"]["shape"], [-1, 2, -1])
        self.assertEqual(version["output"]["shape"], [-1, 4, -1])
        self.assertEqual(page["server"]["options"]["repository"]["value"], str(self.repository))

    def test_metrics_count_requests_by_layer_and_code(self):
        ok = r'convoy_requests_total\{layer="conv",version="1",method="ModelInfer",code="OK"\}'
        before = self.sample(ok)
        for _ in range(5):
            self.client.infer("conv", np.ones((1, 2, 7), np.float32))
        self.assertEqual(self.sample(ok), before + 5)

    def test_names_that_callers_invent_never_become_labels(self):
        self.assert_refused_name("invented-name")
        self.assertNotIn("invented-name", self.server.get("/metrics")[1])

    def assert_refused_name(self, name):
        with self.assertRaises(Exception):
            self.client.send(infer_request(name, [1, 2, 7], bytes(56)))

    def test_every_metric_has_help_and_type(self):
        text = self.server.get("/metrics")[1]
        named = set(re.findall(r"^# TYPE (\S+) \S+$", text, re.MULTILINE))
        helped = set(re.findall(r"^# HELP (\S+) \S+", text, re.MULTILINE))
        samples = set(re.findall(r"^([a-z_]+)[ {]", text, re.MULTILINE))
        self.assertEqual(named, helped)
        self.assertGreater(len(named), 5)
        for sample in samples:
            self.assertIn(re.sub(r"_(bucket|sum|count)$", "", sample), named | {sample} & named)


if __name__ == "__main__":
    unittest.main()
