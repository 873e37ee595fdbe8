"""The differences that docs/keras_differences.md lists, each with a name.

`find` names the difference that explains why one side refuses what the other takes.
"""

import numpy as np
from reference import find_output_dtype, output_frames


def _inner_activation(config):
    """The innermost name or object of the activation."""
    value = config.get("activation")
    while isinstance(value, dict) and value.get("class_name") == "Activation":
        value = value["config"].get("activation")
    if isinstance(value, dict) and value.get("class_name") == "function":
        value = value.get("config")
    return value


def explicit_padding(case, answer, oracle):
    return isinstance(case.config.get("padding"), list)


def no_frames(case, answer, oracle):
    return answer.x.ndim == 3 and answer.x.shape[1 if case.channels_last else 2] == 0


def empty_and_short(case, answer, oracle):
    return answer.x.size == 0 and case.config.get("padding", "valid").lower() == "valid"


def _dtype_name(layer_object):
    dtype = layer_object["config"].get("dtype") or "float32"
    return (dtype["config"]["name"] if isinstance(dtype, dict) else dtype).replace("mixed_", "")


def nested_dtypes(case, answer, oracle):
    outer = case.config.get("activation")
    inner = outer["config"].get("activation") if isinstance(outer, dict) and isinstance(
        outer.get("config"), dict) else None
    return isinstance(inner, dict) and _dtype_name(outer) != _dtype_name(inner)


def shared_axes_below_one(case, answer, oracle):
    axes = _inner_activation(case.config)
    axes = axes["config"].get("shared_axes") if isinstance(axes, dict) else None
    return axes is not None and min(axes) < 1


def orthogonal_in_half_precision(case, answer, oracle):
    return "Unsupported dtype" in oracle.refusal


def slopes_make_more_frames(case, answer, oracle):
    """One output frame, broadcast by JAX over the slopes of several."""
    if "activation/alpha" not in oracle.tensors or answer.y is None:
        return False
    axis = 1 if case.channels_last else 2
    return output_frames(oracle.layer, answer.x.shape[axis]) == 1 < answer.y.shape[axis]


def random_slopes_not_in_the_file(case, answer, oracle):
    """Slopes that differ from frame to frame; Keras draws them at the first call."""
    activation = _inner_activation(case.config)
    if case.from_file or not isinstance(activation, dict) or activation["class_name"] != "PReLU":
        return False
    initializer = activation["config"].get("alpha_initializer") or "zeros"
    name = initializer["class_name"] if isinstance(initializer, dict) else initializer
    frame_axis = 1 if case.channels_last else 2
    return (name.lower() not in ("zeros", "ones", "constant")
            and frame_axis not in (activation["config"].get("shared_axes") or ()))


def stft_of_several_channels(case, answer, oracle):
    return case.config.get("kernel_initializer") == "stft"


KERAS_REFUSES = [explicit_padding, no_frames, orthogonal_in_half_precision]
CONVOY_REFUSES = [empty_and_short, nested_dtypes, shared_axes_below_one,
                  slopes_make_more_frames, random_slopes_not_in_the_file,
                  stft_of_several_channels]


def find(case, answer, oracle, keras_refuses):
    for exemption in KERAS_REFUSES if keras_refuses else CONVOY_REFUSES:
        if exemption(case, answer, oracle):
            return exemption.__name__
    return None


def differs_on_purpose(case, layer):
    """Names the activation for which Convoy answers the formula and not Keras; or None."""
    activation = _inner_activation(case.config)
    if activation == "sparsemax":
        return "sparsemax as published"
    if activation == "tanh" and find_output_dtype(layer) == "float64":
        return "tanh in float64"
    return None


def spread_between_groups(layer, answer, exact):
    """Where XLA spreads a NaN or infinity to the outputs of other groups."""
    if layer.groups == 1:
        return np.zeros(exact.shape, bool)
    return ~np.isfinite(answer.y.astype(np.float64)) & np.isfinite(exact)
