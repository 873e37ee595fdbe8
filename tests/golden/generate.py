"""Writes the golden files of this folder by running Keras itself.

    ./run setup
    .venv/bin/python tests/golden/generate.py

Inputs and weights are not stored: both sides make them with `wave`. Running it
again gives the same bytes.
"""

import json
import os
import pathlib
import re

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import jax  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402

HERE = pathlib.Path(__file__).parent
NAN, INF = float("nan"), float("inf")

KERNEL, BIAS, LORA_A, LORA_B, ALPHA = 1, 2, 3, 4, 5


def wave(count, stream):
    """Numbers in [-1, 1) without pattern, exact in float32. Stream 0 is the input."""
    index = np.arange(count, dtype=np.uint64)
    mixed = (index + 1) * np.uint64(2654435761) + np.uint64(stream * 40503 * 65537)
    mixed = (mixed ^ (mixed >> np.uint64(15))) * np.uint64(2246822519) % np.uint64(2**32)
    return (mixed >> np.uint64(8)).astype(np.float64) / 2**23 - 1


def numbers(array):
    """A flat list; NaN and infinities as text, because JSON has none."""
    flat = np.asarray(array).astype(np.float64).reshape(-1)
    return [float(v) if np.isfinite(v) else {"nan": "nan", "inf": "inf", "-inf": "-inf"}[str(v)]
            for v in flat]


def write(name, comment, cases):
    lines = ",\n  ".join(json.dumps(case) for case in cases)
    text = '{"comment": %s,\n "keras": "%s", "cases": [\n  %s\n]}\n' % (
        json.dumps(comment), keras.__version__, lines)
    (HERE / name).write_text(text)


def error_text(error):
    """The text of the innermost exception that from_config wrapped."""
    text = str(error).split("Exception encountered: ")[-1]
    # Sets print in an order that changes from run to run.
    text = re.sub(r"\{('\w+', )+'\w+'\}",
                  lambda m: "{" + ", ".join(sorted(m[0][1:-1].split(", "))) + "}", text)
    return text.replace("\u001b[1m", "").replace("\u001b[0m", "").split("\n\nArguments received")[0]


def make_layer(config, channels, length):
    layer = keras.layers.Conv1D.from_config(json.loads(json.dumps({"name": "c", **config})))
    last = layer.data_format == "channels_last"
    layer.build((None, length, channels) if last else (None, channels, length))
    return layer


def fill(variable, stream):
    count = int(np.prod(variable.shape))
    variable.assign(wave(count, stream).reshape(variable.shape))


def fill_all(layer):
    fill(layer._kernel, KERNEL)
    if layer.bias is not None:
        fill(layer.bias, BIAS)
    if layer.lora_enabled:
        fill(layer.lora_kernel_a, LORA_A)
        fill(layer.lora_kernel_b, LORA_B)


def run_case(config, channels=3, length=7, batch=2):
    # Switched on for everything, it would change what float32 layers do.
    jax.config.update("jax_enable_x64", config.get("dtype") == "float64")
    layer = make_layer(config, channels, length)
    fill_all(layer)
    last = layer.data_format == "channels_last"
    shape = (batch, length, channels) if last else (batch, channels, length)
    dtype = "float64" if layer.compute_dtype == "float64" else "float32"
    x = wave(int(np.prod(shape)), 0).reshape(shape).astype(dtype)
    alpha = None
    if isinstance(layer.activation, keras.layers.PReLU):
        layer(x)
        alpha = list(layer.activation.alpha.shape)
        fill(layer.activation.alpha, ALPHA)
    y = layer(x)
    case = {"config": config, "input_shape": list(shape), "output_shape": list(y.shape),
            "output_dtype": keras.backend.standardize_dtype(y.dtype),
            "count_params": layer.count_params()}
    if alpha is not None:
        case["alpha_shape"] = alpha
    if layer.losses:
        case["losses"] = numbers([float(v) for v in layer.losses])
    case["output"] = numbers(y)
    return case


BASE = {"filters": 4, "kernel_size": 3}

ACTIVATIONS = [
    "relu", "leaky_relu", "relu6", "softmax", "celu", "elu", "selu", "softplus", "softsign",
    "squareplus", "soft_shrink", "sparse_plus", "silu", "gelu", "glu", "tanh", "tanh_shrink",
    "sigmoid", "sparse_sigmoid", "exponential", "hard_sigmoid", "hard_silu", "hard_tanh",
    "hard_shrink", "linear", "mish", "log_softmax", "log_sigmoid", "swish", "hard_swish",
]


def layer_object(class_name, **config):
    return {"module": "keras.layers", "class_name": class_name, "config": config,
            "registered_name": None}


ACTIVATION_OBJECTS = [
    layer_object("ReLU", max_value=0.75),
    layer_object("ReLU", negative_slope=0.25),
    layer_object("ReLU", negative_slope=0.25, threshold=0.5),
    layer_object("ReLU", negative_slope=0.25, threshold=0.5, max_value=1.5),
    layer_object("ReLU", max_value=6),
    layer_object("LeakyReLU"),
    layer_object("LeakyReLU", negative_slope=0.125),
    layer_object("LeakyReLU", alpha=0.5),
    layer_object("ELU", alpha=0.5),
    layer_object("Softmax"),
    layer_object("Softmax", axis=1),
    layer_object("Softmax", axis=[1, 2]),
    layer_object("Softmax", axis=0),
    layer_object("Activation", activation="swish"),
    layer_object("PReLU"),
    layer_object("PReLU", shared_axes=[1]),
    layer_object("PReLU", shared_axes=[2]),
    layer_object("PReLU", shared_axes=[1, 2]),
    {"module": "builtins", "class_name": "function", "config": "gelu",
     "registered_name": "function"},
]


def layer_cases():
    cases = []

    def add(config=None, **shape):
        cases.append(run_case({**BASE, **(config or {})}, **shape))

    for data_format in ("channels_last", "channels_first"):
        for padding in ("valid", "same", "causal"):
            for strides, dilation in ((1, 1), (2, 1), (3, 1), (5, 1), (1, 2), (1, 3)):
                add({"data_format": data_format, "padding": padding, "strides": strides,
                     "dilation_rate": dilation}, length=8 if dilation == 1 else 9)
            for length in (1, 2, 5, 6):
                if padding != "valid":
                    add({"data_format": data_format, "padding": padding, "kernel_size": 4,
                         "strides": 2}, length=length)
        for groups, filters, channels in ((2, 4, 4), (3, 6, 3), (4, 8, 4), (2, 2, 6)):
            add({"data_format": data_format, "groups": groups, "filters": filters,
                 "padding": "same"}, channels=channels)
        for activation in ("softmax", "log_softmax", "glu"):
            add({"data_format": data_format, "activation": activation, "padding": "same"}, length=6)
        for activation in ACTIVATION_OBJECTS:
            add({"data_format": data_format, "activation": activation})
    for activation in ACTIVATIONS:
        add({"activation": activation})
    add({"use_bias": False})
    add({"use_bias": None, "padding": "CAUSAL", "kernel_size": [2], "strides": [2]})
    add({"kernel_size": 1}, length=1)
    add({"kernel_size": 5, "dilation_rate": 4, "padding": "same"}, length=3)
    add({"kernel_size": 5, "dilation_rate": 4, "padding": "causal"}, length=3)
    add({"padding": "same"}, length=300, batch=1, channels=1)
    for policy in ("float64", "bfloat16", "float16", "mixed_bfloat16", "mixed_float16"):
        for activation in ("linear", "relu", "tanh", "gelu", "softmax", "silu"):
            if policy == "float64" and activation == "tanh":
                continue  # docs/keras_differences.md
            add({"dtype": policy, "activation": activation, "padding": "same"}, channels=5)
        add({"dtype": policy, "activation": layer_object("LeakyReLU")})
        add({"dtype": policy, "activation": layer_object("ELU", dtype=policy), "groups": 2},
            channels=4)
        add({"dtype": policy, "lora_rank": 2, "lora_alpha": 3})
    for groups, alpha, rank in ((1, None, 2), (2, 6, 3), (1, 0, 1), (1, 0.5, 4)):
        add({"groups": groups, "lora_rank": rank, "lora_alpha": alpha,
             "kernel_regularizer": "l2"}, channels=4)
    regular = {"class_name": "L1L2", "config": {"l1": 0.5, "l2": 0.25}}
    for policy in ("float32", "mixed_bfloat16", "float64"):
        add({"kernel_regularizer": "l2", "bias_regularizer": {"class_name": "L1",
             "config": {"l1": 0.1}}, "activity_regularizer": regular, "dtype": policy})
    add({"kernel_regularizer": "l1", "activity_regularizer": "l1l2", "trainable": False})
    return cases


def activation_cases():
    special = [NAN, INF, -INF, -0.0, 0.0, -100.0, 100.0]
    plain = [-3.0, -2.6, -1.0, -0.5, 0.5, 1.0, 2.0, 4.0, 7.0, -20.0, 20.0, 1e-3, -1e-3]
    x = np.array(special + plain, np.float32)
    x = np.concatenate([x, (wave(40, 7) * 6).astype(np.float32)])
    cases = []
    for name in ACTIVATIONS:
        if name in ("softmax", "log_softmax", "glu"):
            continue
        y = np.asarray(keras.activations.get(name)(keras.ops.convert_to_tensor(x)))
        cases.append({"name": name, "input": numbers(x), "output": numbers(y),
                      "negative_zero": bool(np.signbit(y[3]) and y[3] == 0)})
    for name in ("softmax", "log_softmax", "glu"):
        for row in ([1, 2, 3, 4], [NAN, 1, 2, 3], [INF, 1, 2, 3], [-INF, 1, 2, -INF],
                    [-INF] * 4, [100, -100, 99, 0], [1e-3, 2e-3, -5, 7]):
            y = keras.activations.get(name)(keras.ops.convert_to_tensor(np.array(row, np.float32)))
            cases.append({"name": name, "input": numbers(row), "output": numbers(y)})
    return cases


def refusal_configs():
    good = {"filters": 4, "kernel_size": 3}
    changes = [
        {"filters": 4.0}, {"filters": None}, {"filters": "4"}, {"filters": 0}, {"filters": -2},
        {"kernel_size": 3.0}, {"kernel_size": [3.0]}, {"kernel_size": ["3"]}, {"kernel_size": "3"},
        {"kernel_size": [[3]]}, {"kernel_size": None}, {"kernel_size": [None]},
        {"kernel_size": 0}, {"kernel_size": [-1]}, {"kernel_size": [3, 3]}, {"kernel_size": []},
        {"kernel_size": ["a"]}, {"kernel_size": {"a": 1}}, {"kernel_size": False},
        {"strides": 0}, {"strides": None}, {"strides": [2, 2]}, {"strides": False},
        {"strides": [1.5]}, {"dilation_rate": 0}, {"dilation_rate": None},
        {"dilation_rate": [2.0]}, {"padding": "full"}, {"padding": "Valid "}, {"padding": None},
        {"padding": 1}, {"padding": []}, {"padding": ["same"]}, {"data_format": "NWC"},
        {"data_format": 1}, {"data_format": ["a"]}, {"groups": 0}, {"groups": -1},
        {"groups": 3}, {"groups": None}, {"groups": "2"}, {"groups": 2.0}, {"groups": 1.5},
        {"activation": "ReLU"}, {"activation": "nope"}, {"activation": ""}, {"activation": 1},
        {"activation": ["relu"]}, {"activation": True}, {"activation": {"a": 1}},
        {"activation": "threshold"},
        {"activation": layer_object("ReLU", max_value=-1)},
        {"activation": layer_object("ReLU", negative_slope=-1)},
        {"activation": layer_object("ReLU", threshold=None)},
        {"activation": layer_object("LeakyReLU", negative_slope=-1)},
        {"activation": layer_object("Activation")},
        {"kernel_initializer": "nope"}, {"kernel_initializer": 1}, {"kernel_initializer": ""},
        {"bias_initializer": "Glorot"}, {"kernel_initializer": "constant"},
        {"kernel_initializer": {"class_name": "VarianceScaling", "config": {"scale": 0}}},
        {"kernel_initializer": {"class_name": "RandomNormal", "config": {"seed": 1.5}}},
        {"kernel_initializer": {"class_name": "GlorotUniform", "config": {"gain": 2}}},
        {"kernel_initializer": {"class_name": "STFT", "config": {"side": "left"}}},
        {"kernel_regularizer": "l1_l2"}, {"bias_regularizer": "L3"}, {"kernel_regularizer": 0.5},
        {"activity_regularizer": "nope"},
        {"kernel_regularizer": {"class_name": "L1", "config": {"l1": -1}}},
        {"kernel_constraint": "nope"}, {"bias_constraint": 3},
        {"dtype": "bad"}, {"dtype": "mixed_float32"}, {"dtype": 3}, {"name": "a/b"}, {"name": 3},
        {"trainable": 1}, {"trainable": None}, {"foo": 1}, {"batch_input_shape": [None, 9, 2]},
        {"strides": 2, "dilation_rate": 2}, {"lora_rank": 2, "kernel_constraint": "max_norm"},
        {"filters": 0, "kernel_size": 0}, {"filters": 0, "groups": 0},
        {"groups": 3, "strides": 2, "dilation_rate": 2}, {"padding": "bad", "data_format": "bad"},
        {"foo": 1, "groups": 0}, {"name": "a/b", "dtype": "bad"},
        {"dtype": "bad", "activity_regularizer": "nope"}, {"foo": 1, "trainable": 1},
        {"activity_regularizer": "nope", "foo": 1}, {"trainable": 1, "kernel_size": 0},
        {"kernel_size": 0, "strides": 0}, {"strides": 0, "dilation_rate": 0},
        {"dilation_rate": 0, "padding": "bad"}, {"data_format": "bad", "activation": "nope"},
        {"activation": "nope", "kernel_initializer": "nope"},
        {"kernel_initializer": "nope", "bias_initializer": "nop"},
        {"bias_initializer": "nope", "kernel_regularizer": "nope"},
        {"kernel_regularizer": "nope", "bias_regularizer": "nop"},
        {"bias_regularizer": "nope", "kernel_constraint": "nope"},
        {"kernel_constraint": "nope", "bias_constraint": "nop"},
        {"bias_constraint": "nope", "filters": 0},
    ]
    return [{**good, **change} for change in changes] + [
        {}, {"filters": 3}, {"kernel_size": 3}, {"filters": 0, "foo": 1}]


def refusal_cases():
    cases = []
    for config in refusal_configs():
        try:
            layer = keras.layers.Conv1D.from_config(json.loads(json.dumps(config)))
            layer(np.ones((2, 9, 6), np.float32))
            raise SystemExit(f"Keras accepts {config}")
        except Exception as error:
            at_call = "Error when deserializing" not in str(error)
            cases.append({"config": config, "at_build": at_call, "error": error_text(error)})
    return cases


def shape_cases():
    """compute_output_shape, and inputs that a built layer refuses."""
    cases = []
    for config in ({}, {"padding": "same", "strides": 2}, {"padding": "causal", "strides": 3},
                   {"dilation_rate": 4}, {"data_format": "channels_first", "strides": 2}):
        for shape in ([None, 9, 3], [2, None, 3], [None, None, 3], [2, 2, 3], [2, 0, 3], [0, 9, 3],
                      [2, 3, 12], [2, 9], [2, 9, 3, 1], [5, 1, 3]):
            layer = keras.layers.Conv1D.from_config({**BASE, **config})
            case = {"config": {**BASE, **config}, "shape": shape}
            try:
                case["output_shape"] = list(layer.compute_output_shape(tuple(shape)))
            except Exception as error:
                case["error"] = error_text(error)
            cases.append(case)
    return cases


def config_cases():
    """What get_config makes of arguments."""
    changes = [
        {}, {"name": "x", "trainable": False}, {"padding": "SAME", "strides": [2]},
        {"data_format": "Channels_First", "dilation_rate": 2, "groups": 2},
        {"activation": None}, {"activation": "swish"}, {"activation": "hard_swish"},
        {"use_bias": False}, {"dtype": "mixed_bfloat16"}, {"dtype": "float64"},
        {"dtype": {"module": "keras", "class_name": "DTypePolicy",
                   "config": {"name": "mixed_float16"}, "registered_name": None}},
        {"kernel_initializer": "he_normal", "bias_initializer": "ones"},
        {"kernel_initializer": None, "bias_initializer": None},
        {"kernel_initializer": {"class_name": "Constant", "config": {"value": 2}}},
        {"kernel_initializer": {"class_name": "RandomNormal", "config": {"seed": 3}}},
        {"kernel_initializer": {"class_name": "RandomUniform", "config": {"maxval": 1}}},
        {"kernel_initializer": {"class_name": "VarianceScaling", "config": {
            "scale": 2, "mode": "fan_out", "distribution": "normal", "seed": None}}},
        {"kernel_initializer": {"class_name": "Orthogonal", "config": {"gain": 1.5}}},
        {"kernel_initializer": "stft"}, {"kernel_initializer": "truncated_normal"},
        {"kernel_initializer": "lecun_uniform", "bias_initializer": "normal"},
        {"kernel_regularizer": "l1", "bias_regularizer": "L2", "activity_regularizer": "l1l2"},
        {"kernel_regularizer": {"class_name": "L1L2", "config": {"l1": 0.3}}},
        {"kernel_regularizer": "orthogonal_regularizer"},
        {"kernel_constraint": "max_norm", "bias_constraint": "NonNeg"},
        {"kernel_constraint": {"class_name": "MaxNorm", "config": {"max_value": 3, "axis": [0, 1]}}},
        {"kernel_constraint": "min_max_norm", "bias_constraint": "unit_norm"},
        {"lora_rank": 2}, {"lora_rank": 2, "lora_alpha": 0.5}, {"lora_rank": 0, "lora_alpha": 3},
    ] + [{"activation": activation} for activation in ACTIVATION_OBJECTS]
    cases = []
    for change in changes:
        given = {"name": "c", **BASE, **change}
        if isinstance(change.get("activation"), dict) and "function" != change["activation"][
                "class_name"]:
            given["activation"] = json.loads(json.dumps(change["activation"]))
            given["activation"]["config"]["name"] = "a"
        layer = keras.layers.Conv1D.from_config(json.loads(json.dumps(given)))
        cases.append({"config": given, "get_config": json.loads(json.dumps(layer.get_config()))})
    return cases


def initializer_cases():
    cases = []
    shape = (5, 16, 64)
    for name in ("glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform",
                 "lecun_normal", "random_normal", "random_uniform", "truncated_normal",
                 "variance_scaling", "orthogonal", "zeros", "ones"):
        class_name = type(keras.initializers.get(name)).__name__
        config = {} if name in ("zeros", "ones") else {"seed": 1}
        identifier = {"class_name": class_name, "config": config}
        values = np.asarray(keras.initializers.get(identifier)(shape), np.float64)
        cases.append({"initializer": identifier, "shape": list(shape),
                      "mean": float(values.mean()), "stddev": float(values.std()),
                      "largest": float(np.abs(values).max())})
    for config in ({}, {"side": "imag", "window": "hamming", "scaling": "spectrum"},
                   {"window": None}, {"periodic": True}, {"window": "blackman", "scaling": None}):
        values = keras.initializers.STFT(**config)((6, 1, 4))
        cases.append({"initializer": {"class_name": "STFT", "config": config},
                      "shape": [6, 1, 4], "values": numbers(values)})
    return cases


def constraint_cases():
    cases = []
    kernel = (wave(12, KERNEL) * 4).reshape(3, 2, 2)
    for identifier in (
            "max_norm", "non_neg", "unit_norm", "min_max_norm",
            {"class_name": "MaxNorm", "config": {"max_value": 2, "axis": [0, 1]}},
            {"class_name": "UnitNorm", "config": {"axis": -1}},
            {"class_name": "MinMaxNorm",
             "config": {"min_value": 0.5, "max_value": 2, "rate": 0.5, "axis": [0, 1, 2]}}):
        values = keras.constraints.get(identifier)(keras.ops.convert_to_tensor(kernel))
        cases.append({"constraint": identifier, "shape": [3, 2, 2], "input": numbers(kernel),
                      "output": numbers(values)})
    return cases


def main():
    write("layers.json", "Whole layers: config and shape to output.", layer_cases())
    jax.config.update("jax_enable_x64", False)
    write("activations.json", "Activations by name, float32.", activation_cases())
    write("refusals.json", "Configs that Keras refuses, and its words.", refusal_cases())
    write("shapes.json", "compute_output_shape of unbuilt layers.", shape_cases())
    write("configs.json", "Arguments and what get_config makes of them.", config_cases())
    write("initializers.json", "Sample statistics, and values of the Fourier kernel.",
          initializer_cases())
    write("constraints.json", "Projections of a kernel.", constraint_cases())


if __name__ == "__main__":
    main()
