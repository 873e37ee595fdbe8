"""A test class with a repository, a server on it and a client."""

import tempfile
import unittest
from pathlib import Path

import grpc

from support.client import Client
from support.server import Server


class ServerTestCase(unittest.TestCase):
    """One server for all tests of a class; `write_layers` fills its repository."""

    FLAGS = ()

    @classmethod
    def write_layers(cls, repository):
        raise NotImplementedError

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.repository = Path(folder.name) / "repository"
        cls.repository.mkdir()
        cls.write_layers(cls.repository)
        cls.server = Server(cls.repository, *cls.FLAGS)
        cls.addClassCleanup(cls.server.kill)
        cls.client = Client(cls.server.grpc_address)
        cls.addClassCleanup(cls.client.close)

    def assert_refused(self, code, call, *says):
        """`call` fails with `code` and a message that has every word of `says`."""
        with self.assertRaises(grpc.RpcError) as caught:
            call()
        error = caught.exception
        self.assertEqual(error.code(), code, error.details())
        for word in says:
            self.assertIn(word, error.details())
        return error
