"""Callers that keep a server at work until they are told to stop."""

import contextlib
import threading

import grpc
from tritonclient.grpc import service_pb2_grpc


PAUSE_SECONDS = 0.005  # what is tested beside it needs the cores, too


class Load:
    """Sends each request again and again, answered or refused; as a context, ends."""

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
            with contextlib.suppress(grpc.RpcError):
                self._infer(request, timeout=30)
            self._stopped.wait(PAUSE_SECONDS)

    def stop(self):
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        self._channel.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
