#!/usr/bin/env python3
"""MLServer's converters between its types and the protocol's."""

import unittest

from support import other_clients


class MLServerClientTest(other_clients.OtherClientTestCase):

    def test_the_converters_of_requests_answers_and_metadata(self):
        answers = other_clients.run_json([other_clients.python("mlserver"),
                                          other_clients.SCRIPTS / "mlserver_converter.py",
                                          self.server.grpc_address])
        self.assertEqual(answers, {"metadata": ["conv", "FP32", [-1, -1, 1]], "typed": [21, 32],
                                   "integers": [21, 32], "raw": [21, 32]})


if __name__ == "__main__":
    other_clients.skip_unless_installed("mlserver")
    unittest.main()
