"""The layer in double precision, and how far an answer may be from it.

`expect` gives for each element of an answer the exact value and two distances that
come from one allowed error of the sums, carried through the activation.
"""

import dataclasses

import ml_dtypes
import numpy as np
from keras_on_jax import AutocastScope, keras
from scipy import special

NUMPY_DTYPES = {"float64": np.float64, "float32": np.float32, "float16": np.float16,
                "bfloat16": ml_dtypes.bfloat16}
EPSILON = {name: float(ml_dtypes.finfo(dtype).eps) for name, dtype in NUMPY_DTYPES.items()}
TINY = {name: float(ml_dtypes.finfo(dtype).tiny) for name, dtype in NUMPY_DTYPES.items()}

# The allowed error of a sum, as a share of its absolute products.
SHARE = {"float32": 1e-5, "float64": 1e-5 * EPSILON["float64"] / EPSILON["float32"]}


def _softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def _selu(x):
    return 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(np.minimum(x, 0)))


def _hard_sigmoid(x):
    return np.clip(x + 3, 0, 6) / 6


def _sparse_plus(x):
    return np.where(x <= -1, 0, np.where(x >= 1, x, (x + 1) ** 2 / 4))


def _elu(x, alpha=1.0):
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


ELEMENTWISE = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x),
    "relu6": lambda x: np.clip(x, 0, 6),
    "elu": _elu,
    "celu": _elu,  # with its alpha of one
    "selu": _selu,
    "softplus": _softplus,
    "softsign": lambda x: x / (1 + np.abs(x)),
    "squareplus": lambda x: (x + np.sqrt(x * x + 4)) / 2,
    "soft_shrink": lambda x: np.where(x > 0.5, x - 0.5, np.where(x < -0.5, x + 0.5, 0)),
    "hard_shrink": lambda x: np.where(np.abs(x) > 0.5, x, 0),
    "tanh_shrink": lambda x: x - np.tanh(x),
    "sparse_plus": _sparse_plus,
    "silu": lambda x: x * special.expit(x),
    "hard_silu": lambda x: x * _hard_sigmoid(x),
    "gelu": lambda x: x * special.ndtr(x),
    "mish": lambda x: x * np.tanh(_softplus(x)),
    "tanh": np.tanh,
    "hard_tanh": lambda x: np.clip(x, -1, 1),
    "sigmoid": special.expit,
    "log_sigmoid": lambda x: -_softplus(-x),
    "sparse_sigmoid": lambda x: np.clip((x + 1) / 2, 0, 1),
    "hard_sigmoid": _hard_sigmoid,
    "exponential": np.exp,
}


def general_relu(layer):
    """The formula of a keras.layers.ReLU."""
    slope, cap, threshold = layer.negative_slope, layer.max_value, layer.threshold

    def formula(x):
        above = np.where(x > threshold, x, 0)
        kept = above if cap is None else np.clip(above, 0, cap)
        return kept - slope * np.maximum(threshold - x, 0)
    return formula


# Not scipy's, which have answers of their own for infinities.
def softmax(z, axis):
    powers = np.exp(z - np.max(z, axis=axis, keepdims=True))
    return powers / np.sum(powers, axis=axis, keepdims=True)


def log_softmax(z, axis):
    shifted = z - np.max(z, axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


def sparsemax(z):
    """As published, over the last axis; of finite numbers."""
    ordered = -np.sort(-z, axis=-1)
    rank = np.arange(1, z.shape[-1] + 1)
    total = np.cumsum(ordered, axis=-1)
    support = np.sum(ordered - (total - 1) / rank > 0, axis=-1, keepdims=True)
    tau = (np.take_along_axis(total, support - 1, axis=-1) - 1) / support
    return np.maximum(z - tau, 0)


@dataclasses.dataclass
class Expected:
    """Arrays of the answer's shape."""
    y: np.ndarray
    spread: np.ndarray     # what the error of the sums may change in `y`
    largest: np.ndarray    # the largest number met on the way


def _with_spread(formula, z, error):
    y = formula(z)
    spread = np.maximum(np.abs(formula(z + error) - y), np.abs(formula(z - error) - y))
    return Expected(y, spread, np.maximum(np.abs(z), np.abs(y)))


def _over_axes(function, axes, z, error):
    axes = tuple(np.atleast_1d(axes))
    y = function(z, axis=axes)
    worst = np.max(error, axis=axes, keepdims=True)
    spread = error + worst
    if function is softmax:
        spread = y * np.expm1(np.minimum(spread, 700))
    return Expected(y, spread, np.max(np.abs(z), axis=axes, keepdims=True) + 0 * z)


def _glu(z, error):
    a, b = np.split(z, 2, axis=-1)
    error_a, error_b = np.split(error, 2, axis=-1)
    gate = _with_spread(special.expit, b, error_b)
    return Expected(a * gate.y, error_a * (gate.y + gate.spread) + np.abs(a) * gate.spread,
                    np.maximum(np.abs(a), np.abs(b)))


def activate(activation, z, error):
    """`activation`, as Keras holds it, of sums `z` that are known up to `error`."""
    while isinstance(activation, keras.layers.Activation):
        activation = activation.activation
    if isinstance(activation, keras.layers.ReLU):
        return _with_spread(general_relu(activation), z, error)
    if isinstance(activation, keras.layers.LeakyReLU):
        slope = activation.negative_slope
        return _with_spread(lambda x: np.where(x > 0, x, slope * x), z, error)
    if isinstance(activation, keras.layers.ELU):
        return _with_spread(lambda x: _elu(x, activation.alpha), z, error)
    if isinstance(activation, keras.layers.PReLU):
        alpha = np.asarray(activation.alpha.value).astype(np.float64)
        return _with_spread(lambda x: np.maximum(x, 0) - alpha * np.maximum(-x, 0), z, error)
    if isinstance(activation, keras.layers.Softmax):
        return _over_axes(softmax, activation.axis, z, error)
    name = activation.__name__
    if name == "softmax":
        return _over_axes(softmax, -1, z, error)
    if name == "log_softmax":
        return _over_axes(log_softmax, -1, z, error)
    if name == "glu":
        return _glu(z, error)
    if name == "sparsemax":
        return Expected(sparsemax(z), error + np.max(error, axis=-1, keepdims=True),
                        np.max(np.abs(z), axis=-1, keepdims=True) + 0 * z)
    return _with_spread(ELEMENTWISE[name], z, error)


def round_to(dtype, values):
    """`values` as `dtype` has them, in double."""
    return np.asarray(values).astype(NUMPY_DTYPES[dtype]).astype(np.float64)


def ulp(dtype, values):
    """The distance of neighbouring numbers of `dtype` at each of `values`."""
    exponent = np.floor(np.log2(np.maximum(np.abs(values), TINY[dtype])))
    return EPSILON[dtype] * 2.0 ** exponent


def pad(layer, length):
    extent = layer.dilation_rate[0] * (layer.kernel_size[0] - 1) + 1
    stride = layer.strides[0]
    if layer.padding == "causal":
        return extent - 1, 0
    if layer.padding == "valid":
        return 0, 0
    total = max((-(-length // stride) - 1) * stride + extent - length, 0)
    return total // 2, total - total // 2


def output_frames(layer, length):
    extent = layer.dilation_rate[0] * (layer.kernel_size[0] - 1) + 1
    return (length + sum(pad(layer, length)) - extent) // layer.strides[0] + 1


def convolve(layer, x, kernel):
    """Plain correlation of x (N, T, C) with kernel (K, C / groups, F)."""
    frames = output_frames(layer, x.shape[1])
    x = np.pad(x, ((0, 0), pad(layer, x.shape[1]), (0, 0)))
    stride, dilation = layer.strides[0], layer.dilation_rate[0]
    parts = []
    for group, filters in zip(np.split(x, layer.groups, axis=2),
                              np.split(kernel, layer.groups, axis=2)):
        parts.append(sum(group[:, k * dilation:][:, :(frames - 1) * stride + 1:stride] @ taps
                         for k, taps in enumerate(filters)))
    return np.concatenate(parts, axis=2)


def _lora_magnitude(layer):
    """The absolute kernel; with LoRA what its sums are at most, before they are rounded."""
    kernel = np.abs(np.asarray(layer._kernel.value).astype(np.float64))
    if not layer.lora_enabled:
        return kernel
    a, b = (np.abs(np.asarray(v.value).astype(np.float64))
            for v in (layer.lora_kernel_a, layer.lora_kernel_b))
    # The product of the factors is float32 whatever the policy.
    coarser = max(1, EPSILON["float32"] / EPSILON[layer.compute_dtype])
    return kernel + coarser * abs(layer.lora_alpha / layer.lora_rank) * (a @ b)


def effective_kernel(layer):
    """The kernel that a call uses, in double: with LoRA as Keras merges it."""
    mixed = layer.compute_dtype != layer.variable_dtype
    with AutocastScope(layer.compute_dtype if mixed else None):
        return round_to(layer.compute_dtype, layer.kernel)


def expect(layer, kernel, x):
    """What the recipe makes of x in the layer's data format, and the allowed errors."""
    dtype = layer.compute_dtype
    last = layer.data_format == "channels_last"
    x = round_to(dtype, x)
    x = x if last else x.swapaxes(1, 2)
    sums = convolve(layer, x, kernel)
    products = convolve(layer, np.abs(x), _lora_magnitude(layer))
    bias = np.zeros(1) if layer.bias is None else round_to(dtype, layer.bias.value)
    exact = dtype in SHARE
    sums = sums if exact else round_to(dtype, sums)
    z = sums + bias if exact else round_to(dtype, sums + bias)
    if exact:
        error = SHARE[dtype] * (products + np.abs(bias))
    else:
        # The merged kernel is rounded too, and may differ in its last place.
        scale = 2 * products if layer.lora_enabled else np.abs(sums)
        error = ulp(dtype, np.maximum(np.maximum(scale, np.abs(bias)), np.abs(z)))
    output_dtype = find_output_dtype(layer)
    if output_dtype not in SHARE:
        z = round_to(output_dtype, z)
    if not last:
        z, error = z.swapaxes(1, 2), error.swapaxes(1, 2)
    return activate(layer.activation, z, error)


def find_output_dtype(layer):
    """The dtype that the activation computes in and answers."""
    activation = layer.activation
    return activation.compute_dtype if isinstance(activation, keras.Layer) else layer.compute_dtype
