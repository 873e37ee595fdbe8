"""Serves random layers with convoy-server and compares its answers with Keras'."""

import argparse
import collections
import json
import sys
import tempfile
import time
from pathlib import Path

import grpc
import numpy as np
from tritonclient.grpc import service_pb2_grpc

from compare import Comparer, Tally
from keras_oracle import NUMPY_DTYPES, ask_keras
from layer_files import write_layer
from random_layers import random_layer
from support.client import infer_request
from support.server import Server

BATCH = 150           # layers a server
TUNED_EVERY = 5       # of so many servers one times its convolutions first
IN_FLIGHT = 48
TIMEOUT = 60


def _decode(response):
    (output,) = response.outputs
    return np.frombuffer(response.raw_output_contents[0],
                         NUMPY_DTYPES[output.datatype]).reshape(list(output.shape))


def _refusal(error):
    if error.code() not in (grpc.StatusCode.INVALID_ARGUMENT,
                            grpc.StatusCode.FAILED_PRECONDITION):
        raise error
    return error.details()


def ask_convoy(address, asked):
    """The answer to every request of `asked`, (case, oracle) pairs: arrays or refusals.

    Many are in flight at once, those of a layer next to each other, so that they meet.
    """
    answers = {}
    waiting = collections.deque()

    def collect():
        key, future = waiting.popleft()
        try:
            answers[key] = _decode(future.result())
        except grpc.RpcError as error:
            answers[key] = _refusal(error)

    with grpc.insecure_channel(address) as channel:
        stub = service_pb2_grpc.GRPCInferenceServiceStub(channel)
        for case, oracle in asked:
            for number, answer in enumerate(oracle.answers):
                request = infer_request(case.name, answer.x.shape, answer.x.tobytes(),
                                        case.requests[number].datatype)
                waiting.append(((case.index, number),
                                stub.ModelInfer.future(request, timeout=TIMEOUT)))
                if len(waiting) == IN_FLIGHT:
                    collect()
        while waiting:
            collect()
    return answers


def run_batch(seed, indices, tuning, tally, wide, serving):
    asked = [(case, ask_keras(case)) for case in (random_layer(seed, i, wide) for i in indices)]
    with tempfile.TemporaryDirectory() as repository:
        for case, oracle in asked:
            write_layer(repository, case, oracle, serving)
        with Server(repository, "--tuning", tuning) as server:
            answers = ask_convoy(server.grpc_address, asked)
            for result in ("exact", "fell_back"):
                series = f'convoy_toom_cook_blocks_total{{result="{result}"}}'
                tally.toom_cook_blocks[result] += int(server.metric(series))
    comparer = Comparer(tally)
    for case, oracle in asked:
        tally.layers += 1
        tally.refused_layers += oracle.layer is None
        for number in range(len(oracle.answers)):
            comparer.compare(case, oracle, number, answers[case.index, number])


def run(seed, indices, show=None, wide=False, serving=None):
    """Compares all layers of `indices` and returns the tally.

    `wide`: layers that all algorithms suit, all of them timed. `serving`: of their serving.json.
    """
    tally = Tally()
    start = time.monotonic()
    for number, first in enumerate(range(0, len(indices), BATCH)):
        tuned = wide or number % TUNED_EVERY == TUNED_EVERY - 1
        run_batch(seed, indices[first:first + BATCH], "load" if tuned else "off", tally, wide,
                  serving)
        if show:
            show(f"{tally.layers} layers, {len(tally.failures)} failures, "
                 f"{time.monotonic() - start:.0f} s")
    tally.finish()
    return tally


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layers", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="index of the first layer")
    parser.add_argument("--wide", action="store_true",
                        help="layers of 32 or more channels, which all algorithms suit")
    parser.add_argument("--algorithm", choices=["auto", "direct"], default="auto")
    options = parser.parse_args()
    indices = range(options.first, options.first + options.layers)
    serving = {"algorithm": "direct"} if options.algorithm == "direct" else None
    tally = run(options.seed, indices, lambda line: print(line, flush=True), options.wide, serving)
    for failure in tally.failures[:200]:
        print("FAIL", failure)
    for index in sorted(tally.failing_layers)[:20]:
        print(f"layer {index}:", json.dumps(random_layer(options.seed, index, options.wide).config))
    print("\n".join(tally.lines()))
    print(f"One layer again: ./run test-keras --seed {options.seed} --first INDEX --layers 1")
    sys.exit(bool(tally.failures))


if __name__ == "__main__":
    main()
