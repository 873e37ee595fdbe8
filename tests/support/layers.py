"""Layer folders with random weights, and what these layers must answer."""

import numpy as np
from layer_folder import encode_safetensors, write_layer  # noqa: F401  (for the tests)


def conv1d_config(name, filters, kernel_size, **arguments):
    return {"name": name, "filters": filters, "kernel_size": [kernel_size]} | arguments


def write_random_layer(repository, name, channels, filters, kernel_size, version=1, seed=0,
                       **arguments):
    """Writes a layer and returns its config and tensors."""
    config = conv1d_config(name, filters, kernel_size, **arguments)
    random = np.random.default_rng(seed)
    tensors = {"kernel": random.standard_normal(
        (kernel_size, channels // arguments.get("groups", 1), filters), dtype=np.float32)}
    if arguments.get("use_bias", True):
        tensors["bias"] = random.standard_normal(filters, dtype=np.float32)
    write_layer(repository, config, tensors, version)
    return config, tensors


def convolve(x, kernel, bias=None, strides=1, dilation=1, padding=(0, 0)):
    """The answer in double precision, and the sum of absolute products that bounds its error.

    `x` is (N, T, C), `kernel` (K, C, F); no groups.
    """
    x = np.pad(np.asarray(x, np.float64), ((0, 0), tuple(padding), (0, 0)))
    extent = dilation * (kernel.shape[0] - 1) + 1
    windows = np.lib.stride_tricks.sliding_window_view(x, extent, axis=1)
    windows = windows[:, ::strides, :, ::dilation]  # (N, O, C, K)
    y = np.einsum("nock,kcf->nof", windows, kernel.astype(np.float64))
    scale = np.einsum("nock,kcf->nof", np.abs(windows), np.abs(kernel.astype(np.float64)))
    if bias is not None:
        y, scale = y + bias, scale + np.abs(bias)
    return y, scale
