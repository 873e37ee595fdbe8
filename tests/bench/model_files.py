"""Writes repository folders with random weights for the benchmarks."""

import json
import struct
from pathlib import Path

import numpy as np


def write_safetensors(path, tensors):
    """Writes float32 arrays by name: length, JSON header, then the bytes."""
    header, offset = {}, 0
    for name, array in tensors.items():
        size = array.size * 4
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for array in tensors.values():
            file.write(np.ascontiguousarray(array, "<f4").tobytes())


def write_layer(repository, name, channels, config, serving=None):
    """One version of a Conv1D with random weights, seeded by its name; `serving` goes into serving.json."""
    random = np.random.default_rng(sum(name.encode()))
    folder = Path(repository) / name / "1"
    folder.mkdir(parents=True)
    layer = {"class_name": "Conv1D", "config": config}
    (folder / "config.json").write_text(json.dumps(layer))
    if serving is not None:
        (folder / "serving.json").write_text(json.dumps(serving))
    inputs = channels // config.get("groups", 1)
    kernel_shape = (config["kernel_size"], inputs, config["filters"])
    scale = 1.0 / np.sqrt(config["kernel_size"] * inputs)
    write_safetensors(
        folder / "weights.safetensors",
        {
            "kernel": random.standard_normal(kernel_shape).astype("f4") * scale,
            "bias": random.standard_normal(config["filters"]).astype("f4"),
        },
    )
