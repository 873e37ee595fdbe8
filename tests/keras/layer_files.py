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


# What Keras 2 takes, or takes for something else, than Keras 3.
KERAS_2_ONLY = ("hard_sigmoid", "l1_l2", "l1l2", "maxnorm", "nonneg", "unitnorm", "swish",
                "batch_input_shape", "input_shape", "input_dim")


def _written_by_keras_2(case):
    """Whether the config is written as the first layer of a model of tf.keras 2.

    Every seventh is, unless that changes what it means.
    """
    text = json.dumps(case.config)
    return (case.index % 7 == 3 and bool(case.config.get("groups", 1))
            and not any(word in text for word in KERAS_2_ONLY))


def _first_layer_arguments(case, shape):
    """The ways in which Keras 2 wrote down what the layer was built for."""
    forms = [{"batch_input_shape": shape}, {"batch_shape": shape}, {"input_shape": shape[1:]}]
    if case.channels_last:
        forms.append({"input_dim": case.channels, "input_length": None})
    return forms[case.index // 7 % len(forms)]


def layer_config(case):
    """What config.json says of a layer."""
    shape = [None, None, case.channels] if case.channels_last else [None, case.channels, None]
    layer = {"module": "keras.layers", "class_name": "Conv1D", "config": case.config,
             "registered_name": None}
    if _written_by_keras_2(case):
        return layer | {"config": case.config | _first_layer_arguments(case, shape),
                        "keras_version": "2.15.0"}
    return layer | {"build_config": {"input_shape": shape}}


def write_layer(repository, case, oracle, serving=None):
    """`serving`: what serving.json says besides."""
    folder = Path(repository) / case.name / "1"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(layer_config(case)))
    if case.from_file:
        tensors = oracle.tensors or _stand_in_weights(case)
        (folder / "weights.safetensors").write_bytes(encode_safetensors(tensors))
    else:
        serving = {"weights": {"initialize": {"seed": case.index}}} | (serving or {})
    if serving:
        (folder / "serving.json").write_text(json.dumps(serving))
