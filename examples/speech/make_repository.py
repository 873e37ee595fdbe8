#!/usr/bin/env python3
"""Turns the convolutions of the Silero voice activity detector into a model repository.

Writes into the given folder:
    repository/<layer>/1/       the six Conv1D layers, for convoy-server
    lstm.npz                    the recurrent cell, for the client
    silero_vad_16k_op15.onnx    the original, to compare with

The weights (MIT licence) come from the package silero-vad, fetched with pip and
checked against the hash in requirements.txt. A finished folder is left alone.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from layer_folder import write_layer  # noqa: E402  (needs the path above)

MODEL = "silero_vad_16k_op15.onnx"

# Layer: (the weight's name in the model, strides, padding, activation). PyTorch's
# symmetric padding is not Keras' "same" where there is a stride, hence the pairs.
LAYERS = {
    "stft": ("model.stft.forward_basis_buffer", 128, "valid", "linear"),
    "encoder0": ("model.encoder.0.reparam_conv.weight", 1, [1, 1], "relu"),
    "encoder1": ("model.encoder.1.reparam_conv.weight", 2, [1, 1], "relu"),
    "encoder2": ("model.encoder.2.reparam_conv.weight", 2, [1, 1], "relu"),
    "encoder3": ("model.encoder.3.reparam_conv.weight", 1, [1, 1], "relu"),
    "decoder": ("model.decoder.decoder.2.weight", 1, "valid", "linear"),
}

LSTM = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def fetch_model(folder):
    """Downloads the package into `folder` and returns the bytes of the ONNX model in it."""
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
         "--no-deps", "--require-hashes", "--dest", str(folder),
         "--requirement", str(HERE / "requirements.txt")],
        check=True)
    (wheel,) = Path(folder).glob("silero_vad-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(f"silero_vad/data/{MODEL}")


def convert_layer(name, tensors):
    """The Keras config and tensors of one convolution. PyTorch keeps (F, C, K), Keras (K, C, F)."""
    weight, strides, padding, activation = LAYERS[name]
    kernel = tensors[weight].transpose(2, 1, 0)
    bias = tensors.get(weight.removesuffix(".weight") + ".bias")
    config = {
        "name": name,
        "filters": kernel.shape[2],
        "kernel_size": [kernel.shape[0]],
        "strides": [strides],
        "padding": padding,
        "data_format": "channels_last",
        "activation": activation,
        "use_bias": bias is not None,
    }
    return config, {"kernel": kernel} | ({} if bias is None else {"bias": bias})


def make_repository(output):
    """Builds everything beside `output` and moves it there: a folder is there whole or not at all."""
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent) as scratch:
        model = fetch_model(scratch)
        graph = onnx.load_model_from_string(model).graph
        tensors = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
        folder = Path(scratch) / "finished"
        for name in LAYERS:
            write_layer(folder / "repository", *convert_layer(name, tensors))
        np.savez(folder / "lstm.npz", **{n: tensors[f"model.decoder.rnn.{n}"] for n in LSTM})
        (folder / MODEL).write_bytes(model)
        shutil.move(folder, output)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path, help="folder to make")
    output = parser.parse_args().output
    if output.exists():
        print(f"{output} is there already")
        return
    make_repository(output)
    print(f"wrote {len(LAYERS)} layers to {output / 'repository'}")


if __name__ == "__main__":
    main()
