#!/usr/bin/env python3
"""KServe's client with lists."""

import unittest

from support import other_clients


class KServeClientTest(other_clients.OtherClientTestCase):

    def test_lists_of_every_datatype(self):
        answers = other_clients.run_json([other_clients.python("kserve"),
                                          other_clients.SCRIPTS / "kserve_lists.py",
                                          self.server.grpc_address])
        self.assertTrue(answers.pop("ready"))
        self.assertEqual(len(answers), 11)
        for datatype, values in answers.items():
            # Of 1, 2, 0, 1; as booleans, of 1, 1, 0, 1.
            expected = [11, 1, 10] if datatype == "BOOL" else [21, 2, 10]
            self.assertEqual(values, expected, datatype)


if __name__ == "__main__":
    other_clients.skip_unless_installed("kserve")
    unittest.main()
