#!/usr/bin/env python3
"""Who may call what: every method and page, with every kind of token."""

import http.client
import json
import tempfile
import threading
import time
import unittest
from pathlib import Path

import grpc
import numpy as np
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from google.protobuf import descriptor_pb2
from tritonclient.grpc import service_pb2

from support.certificates import Authority
from support.client import INFER, TIMEOUT, infer_request
from support.layers import write_random_layer
from support.server import Server, run_server, run_tool
from support.tokens import TokenFile, bearer

INFERENCE = "/inference.GRPCInferenceService/"
X = np.ones((1, 10, 2), np.float32)
OLD_TOKEN_SECONDS = 2

# What each caller may do: "infer" is on the layer conv only.
CALLERS = ("nobody", "wrong", "removed", "infer", "other", "read", "write", "nothing")
OPEN = set(CALLERS)
KNOWN = {"infer", "other", "read", "write", "nothing"}
SEE_CONV = {"infer", "read", "write"}
READ = {"read", "write"}
WRITE = {"write"}

METHODS = {
    "/grpc.health.v1.Health/Check": OPEN,
    "/grpc.health.v1.Health/List": OPEN,
    "/grpc.health.v1.Health/Watch": OPEN,
    INFERENCE + "ServerLive": OPEN,
    INFERENCE + "ServerReady": OPEN,
    INFERENCE + "ModelReady": OPEN,
    INFERENCE + "ServerMetadata": KNOWN,
    INFERENCE + "ModelMetadata": SEE_CONV,
    INFERENCE + "ModelConfig": SEE_CONV,
    INFERENCE + "ModelInfer": {"infer"},
    INFERENCE + "RepositoryIndex": READ,
    INFERENCE + "ModelStatistics": READ,
    INFERENCE + "RepositoryModelLoad": WRITE,
    INFERENCE + "RepositoryModelUnload": WRITE,
    INFERENCE + "LogSettings": WRITE,
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo": KNOWN,
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo": KNOWN,
    "/convoy.v1.LayerService/GetLayer": READ,
    "/convoy.v1.LayerService/ListLayers": READ,
    "/convoy.v1.LayerService/ListLayerVersions": READ,
    "/convoy.v1.LayerService/ComputeOutputShape": READ,
    "/convoy.v1.LayerService/GetWeights": READ,
    "/convoy.v1.LayerService/CreateLayer": WRITE,
    "/convoy.v1.LayerService/UpdateLayer": WRITE,
    "/convoy.v1.LayerService/DeleteLayer": WRITE,
    "/convoy.v1.LayerService/RollbackLayer": WRITE,
    "/convoy.v1.LayerService/SetWeights": WRITE,
    "/convoy.v1.LayerService/UploadWeights": WRITE,
    "/convoy.v1.ConfigService/GetServerConfig": READ,
    "/convoy.v1.ConfigService/UpdateServerConfig": WRITE,
}
# Methods that the protocol has and no server of ours: they need everything.
UNSERVED = WRITE

PAGES = {
    ("GET", "/"): OPEN,
    ("GET", "/status"): READ,
    ("GET", "/metrics"): READ,
    ("GET", "/config"): READ,
    ("GET", "/config/layers/conv"): READ,
    ("PATCH", "/config"): WRITE,
    ("GET", "/v2"): KNOWN,
    ("GET", "/v2/health/live"): OPEN,
    ("GET", "/v2/health/ready"): OPEN,
    ("GET", "/v2/models/conv"): SEE_CONV,
    ("HEAD", "/v2/models/conv"): SEE_CONV,
    ("GET", "/v2/models/conv/versions/1"): SEE_CONV,
    ("GET", "/v2/models/conv/ready"): OPEN,
    ("GET", "/v2/models/conv/versions/1/ready"): OPEN,
    ("POST", "/v2/models/conv/infer"): KNOWN,
    ("POST", "/v2/models/conv/versions/1/infer"): KNOWN,
}
MESSAGES = {
    "ModelInfer": infer_request("conv", list(X.shape), X.tobytes()),
    "ModelMetadata": service_pb2.ModelMetadataRequest(name="conv"),
    "ModelConfig": service_pb2.ModelConfigRequest(name="conv"),
    "ModelReady": service_pb2.ModelReadyRequest(name="conv"),
}


class AuthorizationCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.repository = cls.folder / "layers"
        cls.repository.mkdir()
        for name in ("conv", "secret"):
            write_random_layer(cls.repository, name, 2, 2, 3)
        cls.file = TokenFile(cls.folder / "tokens.json")
        cls.file.add("infer", "--infer", "conv")
        cls.file.add("other", "--infer", "secret")
        cls.file.add("read", "--read")
        cls.file.add("write", "--write")
        cls.file.add("nothing")
        cls.file.add("gone", "--infer", "*", "--write")
        removed = cls.file.remove("gone")
        cls.tokens = {"nobody": "", "wrong": cls.file.tokens["write"][:-1] + "_",
                      "removed": removed} | cls.file.tokens

    def code(self, channel, path, caller, message=None):
        """The code of a call; None for OK, and for a stream that gives an answer."""
        payload = (message or MESSAGES.get(path.rsplit("/", 1)[1]) or
                   service_pb2.ServerLiveRequest()).SerializeToString()
        call = channel.stream_stream(path)(iter([payload]), timeout=TIMEOUT,
                                           metadata=bearer(self.tokens[caller]))
        try:
            next(call)
            call.cancel()
        except StopIteration:
            pass
        except grpc.RpcError as error:
            return error.code(), error.details()
        return None, ""


class TableTest(AuthorizationCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = Server(cls.repository, "--tokens", cls.file.path)
        cls.addClassCleanup(cls.server.kill)
        cls.channel = grpc.insecure_channel(cls.server.grpc_address)
        cls.addClassCleanup(cls.channel.close)

    def assert_let_in(self, caller, allowed, code):
        """`code` is what `caller` got; who is let in may still be refused for what was sent."""
        refusals = (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED)
        if caller in allowed:
            self.assertNotIn(code, refusals)
        else:
            self.assertEqual(code, refusals[caller in KNOWN])

    def served_methods(self):
        """The paths of all methods that reflection knows."""
        stub = reflection_pb2_grpc.ServerReflectionStub(self.channel)
        metadata = bearer(self.tokens["read"])
        request = reflection_pb2.ServerReflectionRequest
        (listed,) = stub.ServerReflectionInfo(iter([request(list_services="")]), metadata=metadata)
        paths = set()
        for service in listed.list_services_response.service:
            (answer,) = stub.ServerReflectionInfo(
                iter([request(file_containing_symbol=service.name)]), metadata=metadata)
            for text in answer.file_descriptor_response.file_descriptor_proto:
                file = descriptor_pb2.FileDescriptorProto.FromString(text)
                for one in file.service:
                    if f"{file.package}.{one.name}" == service.name:
                        paths |= {f"/{service.name}/{method.name}" for method in one.method}
        return paths

    def test_every_method_with_every_token(self):
        served = self.served_methods()
        self.assertIn(INFER, served)
        self.assertIn("/grpc.health.v1.Health/Check", served)
        for path in sorted(served):
            for caller in CALLERS:
                with self.subTest(path, caller=caller):
                    allowed = METHODS.get(path, UNSERVED)
                    code, _ = self.code(self.channel, path, caller)
                    self.assert_let_in(caller, allowed, code)
                    if caller in allowed and path not in METHODS:
                        self.assertEqual(code, grpc.StatusCode.UNIMPLEMENTED,
                                         "it is served and not in the table")

    def test_every_page_with_every_token(self):
        index = self.get("GET", "/", "nobody")[2]
        self.assertTrue(index)
        for (method, path), allowed in PAGES.items():
            for caller in CALLERS:
                with self.subTest(path, method=method, caller=caller):
                    status, headers, _ = self.get(method, path, caller)
                    if status == 404 or status == 405:
                        continue  # not served by this build
                    if caller in allowed:
                        self.assertNotIn(status, (401, 403))
                    else:
                        self.assertEqual(status, 403 if caller in KNOWN else 401)
                        self.assertEqual("WWW-Authenticate" in headers, status == 401)

    def get(self, method, path, caller):
        connection = http.client.HTTPConnection(self.server.http_address, timeout=TIMEOUT)
        self.addCleanup(connection.close)
        connection.request(method, path, headers=dict(bearer(self.tokens[caller])))
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def test_a_layer_that_is_not_allowed_looks_like_one_that_is_not_there(self):
        for layer in ("secret", "nobody"):
            code, details = self.code(self.channel, INFER, "infer",
                                      infer_request(layer, list(X.shape), X.tobytes()))
            self.assertEqual(code, grpc.StatusCode.PERMISSION_DENIED)
            self.assertEqual(details, "the caller may not use this layer")
            for method in ("ModelMetadata", "ModelConfig"):
                message = getattr(service_pb2, f"{method}Request")(name=layer)
                self.assertEqual(self.code(self.channel, INFERENCE + method, "infer", message)[0],
                                 grpc.StatusCode.PERMISSION_DENIED)
            self.assertEqual(self.get("GET", f"/v2/models/{layer}", "infer")[0], 403)

    def test_refusals_are_counted(self):
        before = self.metric('convoy_unknown_layer_requests_total{code="UNAUTHENTICATED"}')
        self.code(self.channel, INFER, "wrong")
        self.assertEqual(self.metric('convoy_unknown_layer_requests_total{code="UNAUTHENTICATED"}'),
                         before + 1)

    def metric(self, series):
        text = self.get("GET", "/metrics", "read")[2].decode()
        return sum(float(line.split()[-1]) for line in text.splitlines()
                   if line.startswith(series + " "))

    def test_the_tool_takes_a_token(self):
        path = self.folder / "token"
        path.write_text(self.tokens["infer"] + "\n")
        np.save(self.folder / "x.npy", X)
        call = ("infer", "conv", "--server", self.server.grpc_address, "--input", self.folder / "x.npy")
        self.assertEqual(run_tool(*call, "--token-file", path)[0], 0)
        code, _, error = run_tool(*call)
        self.assertEqual(code, 1)
        self.assertIn(b"UNAUTHENTICATED", error)


class ChangesTest(AuthorizationCase):

    def test_a_token_that_is_taken_away_is_refused_and_no_other_call_is_lost(self):
        self.addCleanup(self.file.path.write_text, self.file.path.read_text())
        token = self.file.add("short", "--infer", "conv")
        self.tokens["short"] = token
        with Server(self.repository, "--tokens", self.file.path) as server:
            with grpc.insecure_channel(server.grpc_address) as channel:
                self.assertEqual(self.code(channel, INFER, "short"), (None, ""))
                done, failures = threading.Event(), []

                def call():
                    while not done.is_set():
                        result = self.code(channel, INFER, "infer")
                        if result != (None, ""):
                            failures.append(result)

                thread = threading.Thread(target=call)
                thread.start()
                try:
                    self.file.remove("short")
                    server.wait_for("tokens replaced")
                    self.assertEqual(self.code(channel, INFER, "short")[0],
                                     grpc.StatusCode.UNAUTHENTICATED)
                    self.tokens["new"] = self.file.add("new", "--infer", "conv")
                    server.wait_for(f"tokens replaced entries={len(self.file.tokens)}")
                    self.assertEqual(self.code(channel, INFER, "new"), (None, ""))
                    self.file.path.write_text("{")
                    server.wait_for("tokens not replaced")
                    self.assertEqual(self.code(channel, INFER, "new"), (None, ""))
                finally:
                    done.set()
                    thread.join()
                self.assertEqual(failures, [])

    def test_tokens_do_not_travel_in_the_open(self):
        flags = ("--repository", self.repository, "--tokens", self.file.path)
        code, _, error = run_server(*flags, "--grpc-address", "0.0.0.0:0", "--http-address",
                                    "127.0.0.1:0")
        self.assertEqual(code, 2)
        self.assertIn("--allow-plaintext-tokens", error)
        with Server(self.repository, "--tokens", self.file.path, "--grpc-address", "0.0.0.0:0",
                    "--allow-plaintext-tokens") as server:
            self.assertEqual(server.log.count("listening beyond this machine"), 1)
        with Server(self.repository, "--grpc-address", "0.0.0.0:0") as server:
            self.assertEqual(server.log.count("without TLS and without tokens"), 1)
        with Server(self.repository) as server:
            self.assertNotIn("beyond this machine", server.log)

    def test_a_tenant_has_limits_of_its_own(self):
        # It holds its one request until the delay of the layer is over.
        write_random_layer(self.repository, "slow", 2, 2, 3)
        (self.repository / "slow" / "1" / "serving.json").write_text(
            json.dumps({"max_queue_delay_microseconds": 1_000_000}))
        self.tokens["tight"] = self.file.add("tight", "--infer", "*", "--max-in-flight", "1")
        self.tokens["small"] = self.file.add("small", "--infer", "*", "--max-waiting-bytes", "100")
        self.tokens["wide"] = self.file.add("wide", "--infer", "*", "--read")
        message = infer_request("slow", list(X.shape), X.tobytes())
        with Server(self.repository, "--tokens", self.file.path, "--open-metrics") as server, \
                grpc.insecure_channel(server.grpc_address) as channel:
            infer = channel.unary_unary(INFER)

            def start(caller):
                return infer.future(message.SerializeToString(), timeout=TIMEOUT,
                                    metadata=bearer(self.tokens[caller]))

            for caller, words in (("tight", "its limit is 1"), ("small", "its limit is 100")):
                calls = [start(caller) for _ in range(3)]
                codes = sorted(str(call.code()) for call in calls)
                self.assertEqual(codes, ["StatusCode.OK"] + 2 * ["StatusCode.RESOURCE_EXHAUSTED"])
                refused = next(call for call in calls if call.code() != grpc.StatusCode.OK)
                self.assertIn(words, refused.details())
                self.assertIn("retry-after", str(refused.trailing_metadata()))
                self.assertEqual(server.metric(
                    f'convoy_tenant_requests_total{{tenant="{caller}",outcome="refused"}}'), 2)
            calls = [start("wide") for _ in range(3)]
            self.assertEqual({call.code() for call in calls}, {grpc.StatusCode.OK})
            self.assertEqual(
                server.metric('convoy_tenant_requests_total{tenant="wide",outcome="answered"}'), 3)
            self.assertEqual(server.metric('convoy_tenant_requests{tenant="wide"}'), 0)
            self.assertEqual(server.metric('convoy_tenant_bytes{tenant="tight"}'), 0)

    def test_metrics_may_be_open(self):
        with Server(self.repository, "--tokens", self.file.path, "--open-metrics") as server:
            self.assertEqual(server.get("/metrics")[0], 200)
            self.assertEqual(server.get("/config")[0], 401)

    def test_a_file_that_cannot_be_used_ends_the_start(self):
        broken = self.folder / "broken.json"
        broken.write_text('{"tokens": [{"name": "a"}]}')
        for path, words in ((broken, "tokens[0]"), (self.folder / "none", "none")):
            code, _, error = run_server("--repository", self.repository, "--tokens", path,
                                        "--grpc-address", "127.0.0.1:0", "--http-address",
                                        "127.0.0.1:0")
            self.assertEqual(code, 1)
            self.assertIn(words, error)


class CertificatesTest(AuthorizationCase):

    def setUp(self):
        self.authority = Authority(self.folder)
        self.certificate, self.key = self.authority.sign_server()
        self.file.add("robot", "--infer", "conv", "--certificate", "robot.example", "--replace")
        self.tokens["robot"] = ""

    def start(self, *flags):
        server = Server(self.repository, "--tls-cert", self.certificate, "--tls-key", self.key,
                        "--tls-client-ca", self.authority.certificate, *flags,
                        "--grpc-address", f"127.0.0.1:0,unix:{self.folder}/grpc", until="listening")
        self.addCleanup(server.kill)
        return server

    def channel(self, server, name=None):
        files = self.authority.sign(name, alternative=f"DNS:{name}.example") if name else None
        credentials = grpc.ssl_channel_credentials(
            self.authority.certificate.read_bytes(), files and files[1].read_bytes(),
            files and files[0].read_bytes())
        channel = grpc.secure_channel(server.grpc_address.split(",")[0], credentials,
                                      options=[("grpc.use_local_subchannel_pool", 1)])
        self.addCleanup(channel.close)
        return channel

    HEALTH = "/grpc.health.v1.Health/Check"

    def until_ready(self, channel):
        """The log of a server that needs certificates cannot be asked by HTTP."""
        end = time.monotonic() + TIMEOUT
        while self.code(channel, INFERENCE + "ModelReady", "nobody")[0] is not None:
            self.assertLess(time.monotonic(), end)

    def test_calls_need_a_certificate_and_health_does_not(self):
        server = self.start()
        none, some = self.channel(server), self.channel(server, "someone")
        self.until_ready(none)
        self.assertEqual(self.code(none, self.HEALTH, "nobody"), (None, ""))
        self.assertEqual(self.code(none, INFER, "nobody")[0], grpc.StatusCode.UNAUTHENTICATED)
        self.assertEqual(self.code(some, INFER, "nobody"), (None, ""))
        self.assertEqual(server.get("/v2/health/live")[0], 200)
        self.assertEqual(server.get("/config")[0], 401)
        with grpc.insecure_channel(f"unix:{self.folder}/grpc") as local:
            self.assertEqual(self.code(local, INFER, "nobody"), (None, ""))

    def test_a_name_in_the_certificate_stands_for_a_token(self):
        server = self.start("--tokens", self.file.path)
        none, some = self.channel(server), self.channel(server, "someone")
        robot = self.channel(server, "robot")
        self.until_ready(none)
        self.assertEqual(self.code(robot, INFER, "nobody"), (None, ""))
        self.assertEqual(self.code(robot, INFERENCE + "RepositoryIndex", "nobody")[0],
                         grpc.StatusCode.PERMISSION_DENIED)
        self.assertEqual(self.code(some, INFER, "nobody")[0], grpc.StatusCode.UNAUTHENTICATED)
        self.assertEqual(self.code(some, INFER, "infer"), (None, ""))
        self.assertEqual(self.code(none, INFER, "infer")[0], grpc.StatusCode.UNAUTHENTICATED)
        with grpc.insecure_channel(f"unix:{self.folder}/grpc") as local:
            self.assertEqual(self.code(local, INFER, "infer"), (None, ""))
            self.assertEqual(self.code(local, INFER, "nobody")[0], grpc.StatusCode.UNAUTHENTICATED)


if __name__ == "__main__":
    unittest.main()
