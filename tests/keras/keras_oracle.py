"""What Keras itself makes of a random layer: weights, answers, refusals."""

import dataclasses
import json
import warnings

import ml_dtypes
import numpy as np
import reference
from keras_on_jax import jax, keras
from random_layers import ODD

NUMPY_DTYPES = {"FP64": np.float64, "FP32": np.float32, "FP16": np.float16,
                "BF16": ml_dtypes.bfloat16, "INT8": np.int8, "UINT8": np.uint8, "INT32": np.int32,
                "INT64": np.int64, "UINT32": np.uint32, "BOOL": np.bool_}

WEIGHTS, INPUTS = 1, 2  # streams of random numbers


@dataclasses.dataclass
class Oracle:
    """What Keras made of a layer. Without `layer` it refuses it, for `refusal`."""
    layer: object = None
    kernel: np.ndarray = None  # what calls that it answers multiply with, in double
    tensors: dict = dataclasses.field(default_factory=dict)  # for weights.safetensors
    refusal: str = ""
    answers: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Answer:
    """To one request: an array, or the reason for having none."""
    x: np.ndarray
    y: np.ndarray = None
    refusal: str = ""


def make_input(case, number):
    request = case.requests[number]
    random = case.rng(INPUTS + number)
    dtype = NUMPY_DTYPES[request.datatype]
    if dtype is np.bool_:
        return random.integers(0, 2, request.shape).astype(dtype)
    if np.issubdtype(dtype, np.integer):
        return random.integers(0 if np.issubdtype(dtype, np.unsignedinteger) else -4, 5,
                               request.shape).astype(dtype)
    x = (random.standard_normal(request.shape) * request.scale)
    if case.policy != "float64":
        x = x.astype(np.float32)  # narrower layers round this once
    if request.special and x.size:
        for value in (np.nan, np.inf, -np.inf):
            x.reshape(-1)[int(random.integers(x.size))] = value
    return x.astype(dtype)


def _reason(error):
    return f"{type(error).__name__}: {error}".split("Exception encountered: ")[-1]


def _random_weights(case, random):
    def initializer(shape, dtype=None, **_):
        fan_in = max(1, int(np.prod(shape[:-1])))
        values = random.standard_normal(shape) * (case.weight_scale / np.sqrt(fan_in))
        return values.astype(dtype or np.float32)
    return initializer


def _build(case):
    layer = keras.layers.Conv1D.from_config(json.loads(json.dumps(case.config)))
    shape = (None, None, case.channels) if case.channels_last else (None, case.channels, None)
    if case.from_file:
        # Keras' own initializers have to work too; compiling each costs too much.
        if any(case.config.get(key) in ODD[key] for key in ("kernel_initializer",
                                                            "bias_initializer")):
            keras.layers.Conv1D.from_config(json.loads(json.dumps(case.config))).build(shape)
        layer.kernel_initializer = layer.bias_initializer = _random_weights(
            case, case.rng(WEIGHTS))
    layer.build(shape)
    return layer


def _fill_added(case, layer):
    """LoRA factors, which build() made, and their zeros."""
    random = case.rng(WEIGHTS + 100)
    if case.from_file and layer.lora_enabled:
        for variable in (layer.lora_kernel_a, layer.lora_kernel_b):
            variable.assign(random.standard_normal(variable.shape).astype(np.float32) * 0.5)


def find_prelu(activation):
    while isinstance(activation, keras.layers.Activation):
        activation = activation.activation
    return activation if isinstance(activation, keras.layers.PReLU) else None


class _Caller:
    """Calls a layer as one compiled program; PReLU makes its slopes at the first call."""

    def __init__(self, case, layer):
        self._case, self._layer, self._compiled = case, layer, None
        self._prelu = find_prelu(layer.activation)

    def __call__(self, x):
        if self._prelu is not None and not self._prelu.built:
            self._layer(x)
            if self._case.from_file:
                random = self._case.rng(WEIGHTS + 200)
                alpha = self._prelu.alpha
                alpha.assign(random.standard_normal(alpha.shape).astype(np.float32) * 0.5)
        if self._compiled is None:
            self._variables = self._layer.variables
            self._compiled = jax.jit(self._run)
        return self._compiled([variable.value for variable in self._variables], x)

    def _run(self, values, x):
        with keras.StatelessScope(state_mapping=zip(self._variables, values)):
            return self._layer(x)


def _collect_tensors(layer):
    """The variables under the names that weights.safetensors has for them."""
    variables = {"kernel": layer._kernel, "bias": layer.bias}
    if layer.lora_enabled:
        variables |= {"lora_kernel_a": layer.lora_kernel_a, "lora_kernel_b": layer.lora_kernel_b}
    prelu = find_prelu(layer.activation)
    if prelu is not None and prelu.built:
        variables["activation/alpha"] = prelu.alpha
    return {name: np.asarray(v.value) for name, v in variables.items() if v is not None}


def ask_keras(case):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what odd configs hold
        return _ask_keras(case)


def _ask_keras(case):
    # Switched on for everything, it would change what float32 layers do.
    jax.config.update("jax_enable_x64", "float64" in json.dumps(case.config))
    inputs = [make_input(case, number) for number in range(len(case.requests))]
    try:
        layer = _build(case)
    except Exception as error:  # whatever it is, Keras refuses
        return Oracle(refusal=_reason(error), answers=[Answer(x) for x in inputs])
    _fill_added(case, layer)
    call = _Caller(case, layer)
    answers = []
    for x in inputs:
        try:
            answers.append(Answer(x, np.asarray(call(x))))
        except Exception as error:
            answers.append(Answer(x, refusal=_reason(error)))
    answered = any(answer.y is not None for answer in answers)
    return Oracle(layer, reference.effective_kernel(layer) if answered else None,
                  _collect_tensors(layer), answers=answers)
