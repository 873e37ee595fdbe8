#!/usr/bin/env python3
"""Flag over environment over file over default, for every option."""

import json
import tempfile
import unittest
from pathlib import Path

from support.server import Server, run_server

# Option: two values that are not its default, as text, and what /config shows for them.
VALUES = {
    "repository-mode": (("fixed", "fixed"), ("managed", "managed")),
    "keep-versions": (("1", 1), ("9", 9)),
    "open-metrics": (("true", True), ("1", True)),
    "allow-plaintext-tokens": (("true", True), ("1", True)),
    "allow-config-changes": (("true", True), ("1", True)),
    "workers": (("3", 3), ("2", 2)),
    "worker-nice": (("0", 0), ("19", 19)),
    "pollers": (("2", 2), ("3", 3)),
    "tuning": (("background", "background"), ("off", "off")),
    "tuning-seconds": (("1.5", 1.5), ("2.5", 2.5)),
    "tuning-file": (("tuning.json", "tuning.json"), ("t.json", "t.json")),
    "max-message-bytes": (("1MiB", 1 << 20), ("2097152", 2 << 20)),
    "max-response-bytes": (("3MiB", 3 << 20), ("1048576", 1 << 20)),
    "max-received-bytes": (("64MiB", 64 << 20), ("128MiB", 128 << 20)),
    "max-queue-bytes": (("4MiB", 4 << 20), ("5MiB", 5 << 20)),
    "max-unread-bytes": (("8MiB", 8 << 20), ("9MiB", 9 << 20)),
    "max-run-bytes": (("10MiB", 10 << 20), ("11MiB", 11 << 20)),
    "max-upload-bytes": (("12MiB", 12 << 20), ("13MiB", 13 << 20)),
    "primitive-cache-bytes": (("6MiB", 6 << 20), ("7MiB", 7 << 20)),
    "max-queue-seconds": (("2.5", 2.5), ("0.5", 0.5)),
    "required-layers": (("a,b", ["a", "b"]), ("c", ["c"])),
    "max-connections": (("7", 7), ("8", 8)),
    "max-streams": (("5", 5), ("6", 6)),
    "max-header-bytes": (("4KiB", 4 << 10), ("16KiB", 16 << 10)),
    "handshake-seconds": (("3", 3), ("4.5", 4.5)),
    "keepalive-seconds": (("0", 0), ("9", 9)),
    "keepalive-timeout-seconds": (("3", 3), ("4", 4)),
    "min-ping-seconds": (("0", 0), ("2.5", 2.5)),
    "max-connection-idle-seconds": (("0", 0), ("70", 70)),
    "max-connection-age-seconds": (("300", 300), ("400", 400)),
    "flood-milliseconds": (("0", 0), ("90", 90)),
    "drain-seconds": (("0.25", 0.25), ("0.5", 0.5)),
    "shutdown-seconds": (("3", 3), ("4.5", 4.5)),
    "log-level": (("debug", "debug"), ("trace", "trace")),
    "log-format": (("json", "json"), ("text", "text")),
    "access-log": (("all", "all"), ("off", "off")),
    "slow-request-seconds": (("0", 0), ("2.5", 2.5)),
}

# Given otherwise: how the tests start a server.
NOT_VARIED = {"repository", "grpc-address", "http-address", "config"}
# Name files that must be there: tls_test.py, authorization_test.py.
NOT_VARIED |= {"tls-cert", "tls-key", "tls-client-ca", "tokens"}


def variable(option):
    return "CONVOY_" + option.upper().replace("-", "_")


class OptionsTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.repository = self.folder / "repository"
        self.repository.mkdir()

    def write_file(self, values):
        path = self.folder / "convoy.toml"
        path.write_text("".join(f'{key} = "{value}"\n' for key, value in values.items()))
        return path

    def options_in_force(self, flags=(), environment=None):
        """Name: (value, source), as /config shows them."""
        # The default of drain-seconds must stay overridable, so nothing else is passed.
        with Server(self.repository, *flags, environment=environment, defaults=False,
                    until="listening") as server:
            options = json.loads(server.get("/config")[1])["server"]["options"]
        return {name: (option["value"], option["source"]) for name, option in options.items()}

    ADDRESSES = ("--grpc-address", "127.0.0.1:0", "--http-address", "127.0.0.1:0")

    def test_every_option_is_in_this_test(self):
        self.assertEqual(set(self.options_in_force(self.ADDRESSES)), NOT_VARIED | set(VALUES))

    def test_the_file_beats_the_default(self):
        path = self.write_file({name: values[0][0] for name, values in VALUES.items()})
        options = self.options_in_force([*self.ADDRESSES, "--config", path])
        for name, ((_, value), _) in VALUES.items():
            self.assertEqual(options[name], (value, "file"), name)

    def test_the_environment_beats_the_file(self):
        path = self.write_file({name: values[0][0] for name, values in VALUES.items()})
        environment = {variable(name): values[1][0] for name, values in VALUES.items()}
        options = self.options_in_force(self.ADDRESSES,
                                        environment | {"CONVOY_CONFIG": str(path)})
        for name, (_, (_, value)) in VALUES.items():
            self.assertEqual(options[name], (value, "environment"), name)
        self.assertEqual(options["config"], (str(path), "environment"))

    def test_the_flag_beats_the_environment_and_the_file(self):
        path = self.write_file({name: values[1][0] for name, values in VALUES.items()})
        environment = {variable(name): values[1][0] for name, values in VALUES.items()}
        flags = [word for name, values in VALUES.items() for word in (f"--{name}={values[0][0]}",)]
        options = self.options_in_force([*self.ADDRESSES, "--config", path, *flags], environment)
        for name, ((_, value), _) in VALUES.items():
            self.assertEqual(options[name], (value, "flag"), name)

    def test_addresses_come_from_the_environment_too(self):
        options = self.options_in_force(environment={"CONVOY_GRPC_ADDRESS": "127.0.0.1:0",
                                                     "CONVOY_HTTP_ADDRESS": "127.0.0.1:0"})
        self.assertEqual(options["grpc-address"], ("127.0.0.1:0", "environment"))
        self.assertEqual(options["http-address"], ("127.0.0.1:0", "environment"))

    def test_the_repository_may_come_from_the_environment(self):
        _, _, stderr = run_server(environment={"CONVOY_REPOSITORY": str(self.folder / "gone")})
        self.assertIn("gone", stderr)

    def assert_start_fails(self, *says, flags=(), environment=None):
        code, _, stderr = run_server("--repository", self.repository, *flags,
                                     environment=environment)
        self.assertEqual(code, 1, stderr)
        self.assertEqual(len(stderr.splitlines()), 1, stderr)
        for word in says:
            self.assertIn(word, stderr)

    def test_a_bad_variable_is_named(self):
        self.assert_start_fails("CONVOY_WORKERS", environment={"CONVOY_WORKERS": "many"})

    def test_a_bad_value_in_the_file_is_named(self):
        self.assert_start_fails("workers", flags=["--config", self.write_file({"workers": "many"})])

    def test_an_unknown_key_in_the_file_is_named(self):
        self.assert_start_fails("wrokers", flags=["--config", self.write_file({"wrokers": 1})])

    def test_a_missing_file_is_named(self):
        self.assert_start_fails("gone.toml", flags=["--config", self.folder / "gone.toml"])


if __name__ == "__main__":
    unittest.main()
