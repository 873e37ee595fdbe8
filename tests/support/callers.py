"""Callers that keep calling while servers come and go."""

import json
import threading

import grpc
from tritonclient.grpc import service_pb2_grpc

ROUND_ROBIN = {"loadBalancingConfig": [{"round_robin": {}}]}

# Two ways to live with servers that come and go.
FOLLOWS_HEALTH = ROUND_ROBIN | {"healthCheckConfig": {"serviceName": ""}}
RETRIES = ROUND_ROBIN | {"methodConfig": [{
    "name": [{}],
    "retryPolicy": {"maxAttempts": 5, "initialBackoff": "0.05s", "maxBackoff": "0.5s",
                    "backoffMultiplier": 2,
                    "retryableStatusCodes": ["UNAVAILABLE", "CANCELLED"]}}]}


class Callers:
    """Send one request over several servers, one call after the other each, until stopped."""

    def __init__(self, service_config, addresses, request, calls):
        self.channel = grpc.insecure_channel(
            "ipv4:" + ",".join(addresses),
            options=[("grpc.service_config", json.dumps(service_config)),
                     ("grpc.initial_reconnect_backoff_ms", 100),
                     ("grpc.min_reconnect_backoff_ms", 100),
                     ("grpc.max_reconnect_backoff_ms", 200)])
        self.failures = []
        self._infer = service_pb2_grpc.GRPCInferenceServiceStub(self.channel).ModelInfer
        self._request = request
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._call) for _ in range(calls)]
        for thread in self._threads:
            thread.start()

    def _call(self):
        while not self._stopped.is_set():
            try:
                self._infer(self._request, timeout=60)
            except grpc.RpcError as error:
                self.failures.append(f"{error.code()} {error.details()}")

    def stop(self):
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        self.channel.close()
