"""Convoy beside a general server on the same layers, driven by the same client.

  peers_server_bench.py --build build/release [--quick] [--json FILE]

The general server is the tritonserver that nvidia-pytriton brings, with its Python
backend and ONNX Runtime, in one instance that has all cores and in two that have
half of them each. ./run bench peers-server installs it into a virtual environment
of its own. All servers are up all the time; rounds alternate between them, 16
requests in flight; medians are printed.
"""

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
import pytriton

from model_files import write_layer
from processes import Convoy, load

# name, shape, config, how many times the general server's rate is aimed at
CASES = [
    ("tiny", (1, 10, 128), {"filters": 32, "kernel_size": 3}, 4),
    ("documented", (4, 10, 128), {"filters": 32, "kernel_size": 3, "activation": "relu"}, 4),
    ("features", (1, 1000, 64), {"filters": 128, "kernel_size": 5}, 2),
    ("depthwise", (1, 1000, 256), {"filters": 256, "kernel_size": 31, "groups": 256}, 2),
    ("wav2vec", (1, 16000, 1), {"filters": 512, "kernel_size": 10, "strides": 5}, 2),
]
START_SECONDS = 120

# The Python backend runs it in a Python of its own, which looks for packages elsewhere.
MODEL = '''
import os
import sys
sys.path[:0] = PATHS
import onnxruntime
import triton_python_backend_utils as triton


class TritonPythonModel:
    def initialize(self, arguments):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = THREADS
        path = os.path.join(arguments["model_repository"], arguments["model_version"], "model.onnx")
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def execute(self, requests):
        answers = []
        for request in requests:
            x = triton.get_input_tensor_by_name(request, "input").as_numpy()
            y = self.session.run(None, {"input": x})[0]
            answers.append(triton.InferenceResponse([triton.Tensor("output", y)]))
        return answers
'''


def onnx_model(channels, config, random):
    """The layer for (N, T, C) tensors: ONNX has the channels first, so it turns them."""
    groups, taps, filters = config.get("groups", 1), config["kernel_size"], config["filters"]
    weights = random.standard_normal((filters, channels // groups, taps)).astype("f4") / 10
    node = onnx.helper.make_node
    nodes = [
        node("Transpose", ["input"], ["x"], perm=[0, 2, 1]),
        node("Conv", ["x", "w", "b"], ["y"], group=groups, kernel_shape=[taps], strides=[config.get("strides", 1)]),
    ]
    last = "y"
    if config.get("activation") == "relu":
        nodes.append(node("Relu", ["y"], ["z"]))
        last = "z"
    nodes.append(node("Transpose", [last], ["output"], perm=[0, 2, 1]))
    value = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        nodes, "conv",
        [value("input", onnx.TensorProto.FLOAT, ["n", "t", channels])],
        [value("output", onnx.TensorProto.FLOAT, ["n", "o", filters])],
        [onnx.numpy_helper.from_array(weights, "w"), onnx.numpy_helper.from_array(np.zeros(filters, "f4"), "b")])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)])
    model.ir_version = 8
    return model.SerializeToString()


def write_models(repository, instances):
    paths = [path for path in sys.path if "site-packages" in path]
    threads = max(1, len(os.sched_getaffinity(0)) // instances)
    for name, shape, config, _ in CASES:
        version = repository / name / "1"
        version.mkdir(parents=True)
        (version / "model.py").write_text(MODEL.replace("THREADS", str(threads)).replace("PATHS", repr(paths)))
        (version / "model.onnx").write_bytes(onnx_model(shape[2], config, np.random.default_rng(1)))
        (repository / name / "config.pbtxt").write_text(
            'backend: "python"\n'
            f'input {{ name: "input" data_type: TYPE_FP32 dims: [-1, -1, {shape[2]}] }}\n'
            f'output {{ name: "output" data_type: TYPE_FP32 dims: [-1, -1, {config["filters"]}] }}\n'
            f"instance_group {{ count: {instances} kind: KIND_CPU }}\n")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Triton:
    """A tritonserver with `instances` of every model; `port` is its gRPC port."""

    def __init__(self, build, folder, instances):
        bundle = Path(pytriton.__file__).parent / "tritonserver"
        backends = folder / "backends"
        shutil.copytree(bundle / "backends", backends)
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        stubs = bundle / "python_backend_stubs" / version
        stub = shutil.copy(stubs / "triton_python_backend_stub", backends / "python")
        os.chmod(stub, 0o755)
        models = folder / "models"
        write_models(models, instances)
        self.port = free_port()
        # The stub has been moved away from the libraries that it was linked to.
        environment = os.environ | {"LD_LIBRARY_PATH": str(bundle.parent.parent / "nvidia_pytriton.libs")}
        self.log = open(folder / "log", "w+")
        self.process = subprocess.Popen(
            [bundle / "bin" / "tritonserver", f"--model-repository={models}", f"--backend-directory={backends}",
             f"--grpc-port={self.port}", "--grpc-address=127.0.0.1", "--allow-http=false", "--allow-metrics=false"],
            stdout=self.log, stderr=subprocess.STDOUT, env=environment)
        try:
            self.wait_until_ready(build)
        except BaseException:
            self.stop()
            raise

    def wait_until_ready(self, build):
        end = time.monotonic() + START_SECONDS
        for name, *_ in CASES:
            command = [build / "convoy", "--server", f"127.0.0.1:{self.port}", "layer", name]
            while subprocess.run(command, capture_output=True).returncode != 0:
                if self.process.poll() is not None or time.monotonic() > end:
                    self.log.seek(0)
                    lines = [line for line in self.log if not line.startswith(("|", "+", "I"))]
                    raise RuntimeError("tritonserver does not start:\n" + "".join(lines)[:3000])
                time.sleep(0.2)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.process.terminate()
        self.process.wait(60)
        self.log.close()


def run_case(build, servers, case, rounds, seconds):
    name, shape, _, aim = case
    rates = {label: [] for label in servers}
    for server in servers.values():
        load(build, server.port, name, shape, 16, 0.5)  # warm
    for _ in range(rounds):
        for label, server in servers.items():
            rates[label].append(load(build, server.port, name, shape, 16, seconds)["requests_per_second"])
    best = [max(pair) for pair in zip(rates["one instance"], rates["two instances"])]
    medians = {label: statistics.median(values) for label, values in rates.items()}
    ratio = statistics.median(ours / theirs for ours, theirs in zip(rates["convoy"], best))
    return {"name": name, "rates": medians, "ratio": ratio, "aim": aim}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    rounds, seconds = (3, 1) if arguments.quick else (9, 3)
    rows = []
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root)
        for name, shape, config, _ in CASES:
            write_layer(folder / "convoy", name, shape[2], config)
        for part in ("one", "two"):
            (folder / part).mkdir()
        with Convoy(arguments.build, folder / "convoy") as convoy, \
                Triton(arguments.build, folder / "one", 1) as one, Triton(arguments.build, folder / "two", 2) as two:
            servers = {"convoy": convoy, "one instance": one, "two instances": two}
            print(f"{'layer':12} {'convoy/s':>9} {'one/s':>9} {'two/s':>9} {'ratio':>7} {'aim':>4}")
            for case in CASES:
                row = run_case(arguments.build, servers, case, rounds, seconds)
                rows.append(row)
                print(f"{row['name']:12} " + " ".join(f"{rate:9.0f}" for rate in row["rates"].values())
                      + f" {row['ratio']:7.2f} {row['aim']:4}", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
