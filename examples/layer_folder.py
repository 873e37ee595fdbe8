"""Writes one version of a Conv1D layer as a folder that convoy-server reads.

Needs numpy only: the weights file is safetensors, whose whole format is a
little-endian length, a JSON header and the tensors' bytes.
"""

import json
import struct
from pathlib import Path

import numpy as np


def encode_safetensors(tensors):
    """The bytes of a safetensors file with the float32 arrays of a dict."""
    header, payload = {}, b""
    for name, array in tensors.items():
        data = np.ascontiguousarray(array, dtype="<f4").tobytes()
        header[name] = {
            "dtype": "F32",
            "shape": list(array.shape),
            "data_offsets": [len(payload), len(payload) + len(data)],
        }
        payload += data
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)  # tensors start at a multiple of 8
    return struct.pack("<Q", len(text)) + text + payload


def write_layer(repository, config, tensors, version=1):
    """Writes <repository>/<config["name"]>/<version>/ and returns that path.

    `config` holds the arguments of keras.layers.Conv1D; `tensors` holds
    "kernel" of shape (kernel_size, channels / groups, filters) and, with
    use_bias, "bias" of shape (filters,).
    """
    folder = Path(repository) / config["name"] / str(version)
    folder.mkdir(parents=True)
    layer = {"class_name": "Conv1D", "config": config}
    (folder / "config.json").write_text(json.dumps(layer, indent=2) + "\n")
    (folder / "weights.safetensors").write_bytes(encode_safetensors(tensors))
    return folder
