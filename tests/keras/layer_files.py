"""Writes a random layer as the folder that convoy-server reads."""

import json
import struct
from pathlib import Path

import numpy as np

SAFETENSORS_DTYPES = {"float64": "F64", "float32": "F32", "float16": "F16", "bfloat16": "BF16"}


def encode_safetensors(tensors):
    """The bytes of a safetensors file with arrays of any float dtype."""
    header, payload = {}, b""
    for name, array in tensors.items():
        data = np.ascontiguousarray(array).tobytes()
        header[name] = {"dtype": SAFETENSORS_DTYPES[array.dtype.name], "shape": list(array.shape),
                        "data_offsets": [len(payload), len(payload) + len(data)]}
        payload += data
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + payload


def _stand_in_weights(case):
    """Weights for a config that Keras refuses: of the right shapes, where it has any."""
    def size(key, otherwise):
        value = case.config.get(key, otherwise)
        value = value[0] if isinstance(value, list) and len(value) == 1 else value
        return int(value) if isinstance(value, (int, float)) and value >= 1 else otherwise

    filters, groups = size("filters", 1), size("groups", 1)
    tensors = {"kernel": np.ones((size("kernel_size", 1), max(1, case.channels // groups), filters),
                                 np.float32)}
    if case.config.get("use_bias", True):
        tensors["bias"] = np.ones(filters, np.float32)
    return tensors


def write_layer(repository, case, oracle):
    folder = Path(repository) / case.name / "1"
    folder.mkdir(parents=True)
    shape = [None, None, case.channels] if case.channels_last else [None, case.channels, None]
    layer = {"module": "keras.layers", "class_name": "Conv1D", "config": case.config,
             "registered_name": None, "build_config": {"input_shape": shape}}
    (folder / "config.json").write_text(json.dumps(layer))
    if case.from_file:
        tensors = oracle.tensors or _stand_in_weights(case)
        (folder / "weights.safetensors").write_bytes(encode_safetensors(tensors))
