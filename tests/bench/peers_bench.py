"""The engine beside ONNX Runtime, OpenVINO and torch on the same layers, one thread each.

  peers_bench.py --build build/release [--quick] [--json FILE]

./run bench peers installs them into a virtual environment of its own. Float32
throughout, the same random weights; padding is part of the peers' models. Rounds
alternate between all of them; medians of processor time, of all threads, are printed. A call from
Python costs the peers some microseconds that the engine, timed in C++, does not
pay: it counts on the first layer only, which is why that cost is printed too.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402
import onnx  # noqa: E402
import onnxruntime  # noqa: E402
import openvino  # noqa: E402
import torch  # noqa: E402

from model_files import write_layer  # noqa: E402

# name, shape, config
LAYERS = [
    ("documented", (4, 10, 128), {"filters": 32, "kernel_size": 3}),
    ("features", (1, 1000, 64), {"filters": 128, "kernel_size": 5}),
    ("tcn", (1, 4096, 64), {"filters": 64, "kernel_size": 3, "dilation_rate": 16, "padding": "causal"}),
    ("depthwise", (1, 1000, 256), {"filters": 256, "kernel_size": 31, "groups": 256}),
    ("whisper", (1, 3000, 80), {"filters": 384, "kernel_size": 3}),
    ("wav2vec", (1, 16000, 1), {"filters": 512, "kernel_size": 10, "strides": 5}),
]


def onnx_model(shape, config, kernel, bias):
    """The convolution with (N, C, T) tensors, as ONNX has it."""
    dilation = config.get("dilation_rate", 1)
    left = dilation * (config["kernel_size"] - 1) if config.get("padding") == "causal" else 0
    n, length, channels = shape
    weights = np.ascontiguousarray(kernel.transpose(2, 1, 0))
    node = onnx.helper.make_node(
        "Conv", ["x", "w", "b"], ["y"], kernel_shape=[config["kernel_size"]], strides=[config.get("strides", 1)],
        dilations=[dilation], group=config.get("groups", 1), pads=[left, 0])
    graph = onnx.helper.make_graph(
        [node], "conv",
        [onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [n, channels, length])],
        [onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)],
        [onnx.numpy_helper.from_array(weights, "w"), onnx.numpy_helper.from_array(bias, "b")])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)])
    model.ir_version = 8
    return model.SerializeToString(), weights, left


def onnxruntime_call(model, x):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    binding = session.io_binding()
    binding.bind_cpu_input("x", x)
    binding.bind_output("y")
    return lambda: session.run_with_iobinding(binding), lambda: session.run(None, {"x": x})[0]


def openvino_call(model, x):
    core = openvino.Core()
    # On AMX machines OpenVINO would compute in bfloat16 by itself.
    compiled = core.compile_model(core.read_model(model), "CPU", {
        "INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32"})
    request = compiled.create_infer_request()
    request.set_input_tensor(openvino.Tensor(x, shared_memory=True))
    return request.infer, lambda: request.infer() and request.get_output_tensor().data.copy()


def torch_call(config, weights, bias, left, x):
    torch.set_num_threads(1)
    w, b, source = torch.from_numpy(weights), torch.from_numpy(bias), torch.from_numpy(x)

    def run():
        with torch.inference_mode():
            padded = torch.nn.functional.pad(source, (left, 0)) if left else source
            return torch.nn.functional.conv1d(padded, w, b, config.get("strides", 1), 0,
                                              config.get("dilation_rate", 1), config.get("groups", 1))
    return run, lambda: run().numpy()


def seconds_of(call, sample):
    call()
    start = time.process_time()
    call()
    repeats = max(1, int(sample / max(1e-7, time.process_time() - start)))
    start = time.process_time()
    for _ in range(repeats):
        call()
    return (time.process_time() - start) / repeats


def engine_seconds(build, repository, name, shape, sample):
    done = subprocess.run([str(build / "bench" / "engine_time"), "--repository", repository, "--layer", name,
                           "--shape", ",".join(map(str, shape)), "--seconds", str(sample)],
                          check=True, capture_output=True, text=True)
    return float(done.stdout)


def weights_of(folder, name):
    """The float32 tensors that write_layer wrote."""
    data = (Path(folder) / name / "1" / "weights.safetensors").read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + size])
    body = data[8 + size:]
    return [np.frombuffer(body[slice(*header[key]["data_offsets"])], "<f4").reshape(header[key]["shape"]).copy()
            for key in ("kernel", "bias")]


def check_agreement(answers):
    """All peers must have computed the same convolution."""
    first = next(iter(answers.values()))
    for peer, answer in answers.items():
        if np.abs(answer - first).max() > 1e-3 * max(1, np.abs(first).max()):
            raise SystemExit(f"{peer} computed another convolution")


def run_layer(build, folder, layer, rounds, sample):
    name, shape, config = layer
    kernel, bias = weights_of(folder, name)
    model, weights, left = onnx_model(shape, config, kernel, bias)
    x = np.random.default_rng(1).standard_normal((shape[0], shape[2], shape[1])).astype("f4")
    calls = {"onnxruntime": onnxruntime_call(model, x), "openvino": openvino_call(model, x),
             "torch": torch_call(config, weights, bias, left, x)}
    check_agreement({peer: answer() for peer, (_, answer) in calls.items()})
    times = {peer: [] for peer in ["engine", *calls]}
    for _ in range(rounds):
        times["engine"].append(engine_seconds(build, folder, name, shape, sample))
        for peer, (call, _) in calls.items():
            times[peer].append(seconds_of(call, sample))
    medians = {peer: statistics.median(values) for peer, values in times.items()}
    best = min((peer for peer in medians if peer != "engine"), key=medians.get)
    return {"name": name, "seconds": medians, "best_peer": best, "ratio": medians[best] / medians["engine"],
            "bound": "at least 1.3"}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    rounds, sample = (3, 0.2) if arguments.quick else (9, 0.5)
    print(f"onnxruntime {onnxruntime.__version__}, openvino {openvino.__version__.split('-')[0]}, "
          f"torch {torch.__version__}; an empty call from Python: {1e6 * seconds_of(lambda: None, 0.01):.2f} us")
    print(f"{'layer':12} {'engine us':>10} {'onnxruntime':>12} {'openvino':>10} {'torch':>10} {'ratio':>7}  best peer")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, shape, config in LAYERS:
            write_layer(folder, name, shape[2], config)
        for layer in LAYERS:
            row = run_layer(arguments.build, folder, layer, rounds, sample)
            rows.append(row)
            us = {peer: 1e6 * value for peer, value in row["seconds"].items()}
            print(f"{row['name']:12} {us['engine']:10.1f} {us['onnxruntime']:12.1f} {us['openvino']:10.1f} "
                  f"{us['torch']:10.1f} {row['ratio']:7.2f}  {row['best_peer']}", flush=True)
    mean = statistics.geometric_mean(row["ratio"] for row in rows)
    print(f"geometric mean {mean:.2f} (bound: at least 2.1)")
    if arguments.json:
        machine = next(line for line in open("/proc/cpuinfo") if line.startswith("model name"))
        report = {"machine": machine.partition(": ")[2].strip(), "rows": rows}
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
