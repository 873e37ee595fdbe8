#!/usr/bin/env python3
"""TLS on both ports of a running server, certificates that change, and the tool."""

import http.client
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

import grpc
import numpy as np
from tritonclient.grpc import service_pb2, service_pb2_grpc

from support.certificates import Authority
from support.client import TIMEOUT, infer_request
from support.layers import write_random_layer
from support.server import Server, run_server, run_tool

X = np.ones((1, 10, 2), np.float32)
ROTATIONS = 20 if os.environ.get("CONVOY_TEST_SCALE") == "full" else 4


def request():
    return infer_request("conv", list(X.shape), X.tobytes())


class TlsCase(unittest.TestCase):

    FLAGS = ()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.authority = Authority(self.folder)
        self.repository = self.folder / "layers"
        self.repository.mkdir()
        write_random_layer(self.repository, "conv", 2, 2, 3)
        self.certificate, self.key = self.authority.sign_server()

    def start(self, *flags):
        server = Server(self.repository, "--tls-cert", self.certificate, "--tls-key", self.key, *flags)
        self.addCleanup(server.kill)
        return server

    def stub(self, server, certificate=None, key=None):
        credentials = grpc.ssl_channel_credentials(
            self.authority.certificate.read_bytes(),
            key and key.read_bytes(), certificate and certificate.read_bytes())
        channel = grpc.secure_channel(server.grpc_address.split(",")[0], credentials,
                                      options=[("grpc.use_local_subchannel_pool", 1)])
        self.addCleanup(channel.close)
        return service_pb2_grpc.GRPCInferenceServiceStub(channel)

    def context(self, certificate=None, key=None):
        context = ssl.create_default_context(cafile=self.authority.certificate)
        if certificate:
            context.load_cert_chain(certificate, key)
        return context

    def get(self, server, path, context=None, headers=None):
        connection = http.client.HTTPSConnection(server.http_address, timeout=TIMEOUT,
                                                 context=context or self.context())
        self.addCleanup(connection.close)
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    def metric(self, server, series):
        _, text = self.get(server, "/metrics")
        (value,) = [line.split()[-1] for line in text.splitlines() if line.startswith(series + " ")]
        return float(value)

    def shown(self, address):
        """The certificate that a port shows now, in DER."""
        host, port = address.rsplit(":", 1)
        with socket.create_connection((host, int(port)), TIMEOUT) as plain:
            context = self.context()
            context.set_alpn_protocols(["h2", "http/1.1"])
            with context.wrap_socket(plain, server_hostname="localhost") as connection:
                return connection.getpeercert(binary_form=True)


class TlsTest(TlsCase):

    def test_both_ports_answer_over_tls_and_nothing_else(self):
        server = self.start()
        answer = self.stub(server).ModelInfer(request(), timeout=TIMEOUT)
        self.assertEqual(answer.model_name, "conv")
        self.assertEqual(self.get(server, "/v2/health/ready")[0], 200)
        plain = grpc.insecure_channel(server.grpc_address)
        self.addCleanup(plain.close)
        with self.assertRaises(grpc.RpcError) as caught:
            service_pb2_grpc.GRPCInferenceServiceStub(plain).ModelInfer(request(), timeout=TIMEOUT)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAVAILABLE)
        connection = http.client.HTTPConnection(server.http_address, timeout=TIMEOUT)
        self.addCleanup(connection.close)
        with self.assertRaises((http.client.HTTPException, OSError)):
            connection.request("GET", "/metrics")
            connection.getresponse()
        # Neither harmed those who come after.
        self.stub(server).ModelInfer(request(), timeout=TIMEOUT)

    def test_large_messages_and_pages_come_whole(self):
        server = self.start()
        x = np.random.default_rng(0).normal(size=(1, 300_000, 2)).astype(np.float32)
        answer = self.stub(server)
        response = answer.ModelInfer(infer_request("conv", list(x.shape), x.tobytes()),
                                     timeout=TIMEOUT)
        self.assertEqual(len(response.raw_output_contents[0]), (300_000 - 2) * 2 * 4)
        self.assertEqual(self.get(server, "/config")[0], 200)

    def test_old_versions_and_weak_ciphers_are_refused(self):
        server = self.start()
        for address in (server.grpc_address, server.http_address):
            for flags, works in ((["-tls1_3"], True), (["-tls1_2"], True), (["-tls1_1"], False),
                                 (["-tls1"], False),
                                 (["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256"], False),
                                 (["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384"], True)):
                cipher = flags[1:] or ["-cipher", "ALL"]
                done = subprocess.run(
                    ["openssl", "s_client", "-connect", address, "-alpn", "h2", flags[0],
                     cipher[0], cipher[1] + ":@SECLEVEL=0"],
                    stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
                    timeout=TIMEOUT)
                self.assertEqual("Cipher is (NONE)" not in done.stdout, works,
                                 (address, flags, done.stdout, done.stderr))

    @unittest.skipIf(shutil.which("sslscan") is None, "sslscan is not there")
    def test_sslscan_finds_nothing_weak(self):
        server = self.start()
        for address in (server.grpc_address, server.http_address):
            done = subprocess.run(["sslscan", "--no-colour", address], capture_output=True, text=True)
            accepted = [line.split() for line in done.stdout.splitlines()
                        if line.startswith(("Preferred", "Accepted"))]
            self.assertTrue(accepted, done.stdout)
            for _, version, bits, *_ in accepted:
                self.assertIn(version, ("TLSv1.2", "TLSv1.3"))
                self.assertGreaterEqual(int(bits), 128)

    def test_unix_sockets_need_no_tls(self):
        server = self.start("--grpc-address", f"127.0.0.1:0,unix:{self.folder}/grpc")
        self.stub(server).ModelInfer(request(), timeout=TIMEOUT)
        channel = grpc.insecure_channel(f"unix:{self.folder}/grpc")
        self.addCleanup(channel.close)
        service_pb2_grpc.GRPCInferenceServiceStub(channel).ModelInfer(request(), timeout=TIMEOUT)

    def test_silent_and_half_shaken_callers_hold_nobody_up(self):
        server = self.start()
        silent = []
        for address in (server.grpc_address, server.http_address) * 20:
            host, port = address.rsplit(":", 1)
            silent.append(socket.create_connection((host, int(port)), TIMEOUT))
            silent[-1].sendall(b"\x16\x03\x01\x02\x00\x01")  # the beginning of a ClientHello
        self.stub(server).ModelInfer(request(), timeout=TIMEOUT)
        self.assertEqual(self.get(server, "/v2/health/live")[0], 200)
        for one in silent:
            one.close()

    def test_what_cannot_be_used_ends_the_start(self):
        other, _ = self.authority.sign_server("other")
        half = self.folder / "half.pem"
        half.write_bytes(self.certificate.read_bytes()[:200])
        for certificate, key, words in ((other, self.key, "not the certificate's"),
                                        (half, self.key, "certificate"),
                                        (self.folder / "none.pem", self.key, "none.pem"),
                                        (self.certificate, self.certificate, "private key")):
            code, _, error = run_server("--repository", self.repository, "--tls-cert", certificate,
                                        "--tls-key", key, "--grpc-address", "127.0.0.1:0",
                                        "--http-address", "127.0.0.1:0")
            self.assertEqual(code, 1)
            self.assertIn(words, error)
        for flags in (("--tls-cert", "x"), ("--tls-key", "x"), ("--tls-client-ca", "x")):
            code, _, error = run_server("--repository", self.repository, *flags)
            self.assertEqual(code, 2)
            self.assertIn("needs --tls", error)


class RotationTest(TlsCase):

    def setUp(self):
        super().setUp()
        # As secrets are mounted: files are links into a folder that is a link itself.
        self.mount = self.folder / "mount"
        self.mount.mkdir()
        self.put(0)
        for name in ("tls.crt", "tls.key"):
            (self.mount / name).symlink_to(Path("current") / name)
        self.certificate, self.key = self.mount / "tls.crt", self.mount / "tls.key"

    def put(self, number):
        """Switches the mount to a new certificate; returns it in DER."""
        certificate, key = self.authority.sign_server(f"server{number}")
        folder = self.mount / f"data{number}"
        folder.mkdir()
        shutil.copy(certificate, folder / "tls.crt")
        shutil.copy(key, folder / "tls.key")
        link = self.mount / "next"
        link.symlink_to(folder.name)
        os.replace(link, self.mount / "current")
        return ssl.PEM_cert_to_DER_cert(certificate.read_text())

    def wait_until_shown(self, server, certificate):
        end = time.monotonic() + TIMEOUT
        while time.monotonic() < end:
            if all(self.shown(address) == certificate
                   for address in (server.grpc_address, server.http_address)):
                return
        self.fail("the new certificate is not shown")

    def test_no_call_is_lost_while_certificates_change(self):
        server = self.start()
        done, failures, calls = threading.Event(), [], [0, 0]

        def call(number, anew):
            stub = self.stub(server)
            while not done.is_set():
                try:
                    (self.stub(server) if anew else stub).ModelInfer(request(), timeout=TIMEOUT)
                    calls[number] += 1
                except grpc.RpcError as error:
                    failures.append(error)

        threads = [threading.Thread(target=call, args=(number, anew))
                   for number, anew in enumerate((False, True))]
        for thread in threads:
            thread.start()
        try:
            for number in range(1, ROTATIONS + 1):
                self.wait_until_shown(server, self.put(number))
        finally:
            done.set()
            for thread in threads:
                thread.join()
        self.assertEqual(failures, [])
        self.assertGreater(min(calls), ROTATIONS)
        self.assertEqual(self.metric(server, 'convoy_tls_certificate_changes_total{result="replaced"}'),
                         ROTATIONS)

    def test_what_does_not_fit_together_is_not_taken(self):
        server = self.start()
        before = self.shown(server.grpc_address)
        (self.mount / "current" / "tls.crt").write_text("half a certif")
        server.wait_for("tls certificate not replaced")
        self.assertEqual(self.shown(server.grpc_address), before)
        self.assertEqual(self.shown(server.http_address), before)
        self.assertEqual(self.metric(server, 'convoy_tls_certificate_changes_total{result="refused"}'), 1)
        self.wait_until_shown(server, self.put(1))

    def test_the_end_of_the_certificate_is_told(self):
        certificate, key = self.authority.sign_server("short", days=3)
        self.certificate, self.key = certificate, key
        server = self.start()
        server.wait_for("tls certificate expires soon")
        left = self.metric(server, "convoy_tls_certificate_expiry_timestamp_seconds") - time.time()
        self.assertGreater(left, 2 * 86400)
        self.assertLess(left, 3 * 86400 + 60)


class ToolTest(TlsCase):

    def test_the_tool_calls_over_tls(self):
        server = self.start()
        ca = ("--tls", "--ca", self.authority.certificate)
        where = ("layers", "--server", server.grpc_address)
        code, out, error = run_tool(*where, *ca)
        self.assertEqual((code, error), (0, b""))
        self.assertIn(b"conv", out)
        self.assertEqual(run_tool(*where, *ca, "--server-name", "localhost")[0], 0)
        for flags in ((), ("--tls",), (*ca, "--server-name", "other.example")):
            code, _, error = run_tool(*where, *flags, "--timeout", "5")
            self.assertEqual(code, 3, error)
        for flags in (("--ca", self.authority.certificate), ("--tls", "--cert", "x"),
                      ("--tls", "--ca", self.folder / "none")):
            self.assertEqual(run_tool(*where, *flags)[0], 2)


if __name__ == "__main__":
    unittest.main()
