"""Callers that keep a server busy until they are told to stop."""

import threading

import grpc
from tritonclient.grpc import service_pb2_grpc


class Load:
    """Sends each request again as soon as it is answered or refused; as a context, ends."""

    def __init__(self, address, requests):
        self._channel = grpc.insecure_channel(address)
        self._infer = service_pb2_grpc.GRPCInferenceServiceStub(self._channel).ModelInfer
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._send, args=(request,))
                         for request in requests]
        for thread in self._threads:
            thread.start()

    def _send(self, request):
        while not self._stopped.is_set():
            try:
                self._infer(request, timeout=30)
            except grpc.RpcError:
                self._stopped.wait(0.01)

    def stop(self):
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        self._channel.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
