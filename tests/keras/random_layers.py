"""Random Conv1D configs and requests, the same for the same seed and index.

A config is what `config.json` holds: JSON values only. About one in eight is odd
somewhere; Keras decides whether an odd value is wrong.
"""

import dataclasses
import math

import numpy as np

POLICIES = ["float32"] * 9 + ["float64", "float64", "bfloat16", "float16", "mixed_bfloat16",
                              "mixed_float16"]

FUNCTIONS = [
    "relu", "leaky_relu", "relu6", "softmax", "celu", "elu", "selu", "softplus", "softsign",
    "squareplus", "soft_shrink", "sparse_plus", "silu", "gelu", "glu", "tanh", "tanh_shrink",
    "sigmoid", "sparse_sigmoid", "exponential", "hard_sigmoid", "hard_silu", "hard_tanh",
    "hard_shrink", "linear", "mish", "log_softmax", "log_sigmoid", "sparsemax", "swish",
    "hard_swish",
]

RANDOM_INITIALIZERS = [
    "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal",
    "random_normal", "random_uniform", "truncated_normal", "variance_scaling", "orthogonal",
    "GlorotUniform", "normal", "uniform", "RandomNormal", "VarianceScaling",
    {"class_name": "HeNormal", "config": {"seed": 7}},
    {"module": "keras.initializers", "class_name": "VarianceScaling", "registered_name": None,
     "config": {"scale": 2.0, "mode": "fan_out", "distribution": "uniform", "seed": 1}},
    {"class_name": "TruncatedNormal", "config": {"mean": 0.5, "stddev": 0.1}},
]
FIXED_INITIALIZERS = ["zeros", "ones", "Zeros",
                      {"class_name": "Constant", "config": {"value": 0.375}},
                      {"module": "keras.initializers", "class_name": "Ones", "config": {},
                       "registered_name": None}]
REGULARIZERS = ["l1", "l2", "L1", "l1l2", {"class_name": "L1L2", "config": {"l1": 0.1, "l2": 0.2}},
                {"class_name": "L2", "config": {"l2": 0.5}}]
CONSTRAINTS = ["max_norm", "non_neg", "unit_norm", "min_max_norm",
               {"class_name": "MaxNorm", "config": {"max_value": 3, "axis": [0, 1]}},
               {"class_name": "MinMaxNorm", "config": {"min_value": 0.5, "rate": 0.5}}]

# Values that Keras may or may not take, by argument.
ODD = {
    "filters": [0, -2, 4.0, None, "4", 2.5, True, [4]],
    "kernel_size": [0, -1, 3.0, [3.0], "3", ["3"], [3, 3], [], None, [None], True, False, [[3]],
                    [-2], {"a": 1}, [True], ["a"], 2.5],
    "strides": [0, -1, None, [2, 2], False, True, [1.5], [2.0], "2", []],
    "dilation_rate": [0, -3, None, [2.0], [1, 1], True, "a", []],
    "padding": ["full", "Valid ", None, 1, [], ["same"], "reflect", "", [1, 2], [0, 0], [1]],
    "data_format": ["NWC", 1, "channels", "", ["channels_last"], None, "CHANNELS_LAST", True],
    "groups": [0, -1, 3, 5, None, "2", 2.0, 1.5, True, False, 7],
    "activation": ["ReLU", "nope", "", 1, ["relu"], True, {"a": 1}, "threshold", "LeakyReLU",
                   "Softmax", 0, [], "hard_tan", "prelu", None],
    "use_bias": ["no", 0, 1, "", None, [], [0], 0.5],
    "kernel_initializer": ["nope", 1, "", "constant", "identity", "Glorot", "initializer", "stft",
                           {"class_name": "VarianceScaling", "config": {"scale": 0}},
                           {"class_name": "RandomNormal", "config": {"seed": 1.5}},
                           {"class_name": "GlorotUniform", "config": {"gain": 2}}, {}, [0.5], True,
                           {"class_name": "Orthogonal", "config": {"gain": 2}}, "Zero", "one"],
    "bias_initializer": ["nope", 2, "constant", "Ones", "orthogonal", "identity", None,
                         {"class_name": "Constant", "config": {}}, {"class_name": "Nope"}],
    "kernel_regularizer": ["l1_l2", "L3", 0.5, "orthogonal_regularizer", {"class_name": "L1",
                           "config": {"l1": -1}}, {"class_name": "L2", "config": {"l1": 1}}, "",
                           True, []],
    "bias_regularizer": ["l3", 1, "L1L2", "OrthogonalRegularizer", "nope"],
    "activity_regularizer": ["nope", "l2", "L1", 0.1, {"class_name": "L1", "config": {}}],
    "kernel_constraint": ["nope", 3, "MaxNorm", "maxnorm", "nonneg", True, ""],
    "bias_constraint": ["nope", 3, "NonNeg", "unitnorm", {"class_name": "MaxNorm", "config": {}}],
    "dtype": ["bad", "mixed_float32", 3, "Float32", "half", "", "float", "mixed", None],
    "name": ["a/b", 3, "", "a b", None, True],
    "trainable": [1, None, "yes", False, 0],
    "autocast": [True, None, 1],
    "lora_rank": [0, -1, 2.0, "2", None, 1, True],
    "lora_alpha": ["a", None, -1, 0, 2.5],
    "foo": [1],
    "rank": [1],
    "batch_input_shape": [[None, 9, 2]],
    "input_dim": [5],
    "input_shape": [[9, 2]],
}


@dataclasses.dataclass
class Request:
    shape: tuple        # of the tensor that is sent
    datatype: str       # the protocol's name
    special: bool       # with NaN and infinities
    scale: float        # of its values


@dataclasses.dataclass
class RandomLayer:
    seed: int
    index: int
    config: dict
    channels: int
    from_file: bool     # weights come from a file; otherwise from the initializers
    weight_scale: float
    requests: list

    def rng(self, stream):
        return np.random.default_rng([self.seed, self.index, stream])

    @property
    def name(self):
        return f"layer{self.index}"

    @property
    def channels_last(self):
        return str(self.config.get("data_format")).lower() != "channels_first"

    @property
    def weights_are_known(self):
        """Whether both sides have the same weights; random initializers have their own."""
        made = [self.config.get("kernel_initializer", "glorot_uniform")]
        if self.config.get("use_bias", True):
            made.append(self.config.get("bias_initializer", "zeros"))
        return self.from_file or (all(one in FIXED_INITIALIZERS for one in made)
                                  and "PReLU" not in str(self.config.get("activation")))

    @property
    def policy(self):
        dtype = self.config.get("dtype")
        return dtype["config"]["name"] if isinstance(dtype, dict) else dtype or "float32"


class _Dice:
    """What a generator asks of a random source."""

    def __init__(self, seed, index):
        self._random = np.random.default_rng([seed, index])

    def one_of(self, choices):
        return choices[int(self._random.integers(len(choices)))]

    def chance(self, probability):
        return bool(self._random.random() < probability)

    def up_to(self, highest):
        return int(self._random.integers(1, highest + 1))

    def small(self, highest):
        """1..highest, small ones more often."""
        return int(min(highest, math.floor(math.exp(
            self._random.random() * math.log(highest + 1)))))


def keras_object(module, class_name, **config):
    return {"module": module, "class_name": class_name, "config": config, "registered_name": None}


def _activation_layer(dice):
    """An activation that is a layer of its own, sometimes with a dtype of its own."""
    slope = dice.one_of([0.0, 0.125, 0.3, 1.0])
    class_name, config = dice.one_of([
        ("ReLU", {"max_value": dice.one_of([None, 0.75, 6]), "negative_slope": slope,
                  "threshold": dice.one_of([0, 0, 0.5, 1.0])}),
        ("LeakyReLU", {"negative_slope": slope}), ("LeakyReLU", {"alpha": 0.5}), ("LeakyReLU", {}),
        ("ELU", {"alpha": dice.one_of([0.5, 1.0, 2.0])}), ("ELU", {}),
        ("Softmax", {"axis": dice.one_of([-1, -2, 0, 1, 2, [1, 2], [2], [0, 1], [-1, -2]])}),
        ("Softmax", {}),
        ("Activation", {"activation": dice.one_of(FUNCTIONS)}),
        ("Activation", {"activation": keras_object("keras.layers", "LeakyReLU",
                                                   negative_slope=0.2)}),
        ("PReLU", {"shared_axes": dice.one_of([None, [1], [2], [1, 2], [-1]])}),
        ("PReLU", {"alpha_initializer": dice.one_of(["ones", "he_normal", "zeros"]),
                   "alpha_regularizer": "l2", "alpha_constraint": "non_neg"}),
    ])
    config = dict(config)
    if dice.chance(0.15):
        config["dtype"] = dice.one_of(POLICIES)
    if dice.chance(0.06):
        config.update(dice.one_of([{"max_value": -1}, {"negative_slope": -1}, {"foo": 1},
                                   {"axis": 5}, {"shared_axes": [3]}, {"threshold": None},
                                   {"name": "a"}, {"trainable": False}, {"alpha": "a"}]))
    return keras_object("keras.layers", class_name, **config)


def _activation(dice):
    if dice.chance(0.35):
        return None
    if dice.chance(0.3):
        return _activation_layer(dice)
    name = dice.one_of(FUNCTIONS)
    if dice.chance(0.1):
        return {"module": "builtins", "class_name": "function", "config": name,
                "registered_name": "function"}
    return name


def _sizes(dice):
    """channels, groups, filters; depthwise now and then."""
    if dice.chance(0.2):
        channels = dice.small(24)
        return channels, channels, channels * dice.one_of([1, 1, 2, 3])
    groups = dice.one_of([1, 1, 1, 2, 3, 4])
    wide = 64 if dice.chance(0.04) else 24
    return (groups * dice.small(wide // groups), groups, groups * dice.small(wide // groups))


def _maybe(dice, config, probability, key, choices):
    if dice.chance(probability):
        config[key] = dice.one_of(choices)


def _window(dice, config):
    config["kernel_size"] = dice.small(31) if dice.chance(0.1) else dice.up_to(7)
    if dice.chance(0.4):
        config["strides"] = dice.small(20) if dice.chance(0.3) else dice.up_to(5)
    elif dice.chance(0.5):
        config["dilation_rate"] = dice.small(60) if dice.chance(0.3) else dice.up_to(5)
    for key in ("kernel_size", "strides", "dilation_rate"):
        if key in config and dice.chance(0.3):
            config[key] = [config[key]]
    _maybe(dice, config, 0.8, "padding", ["valid", "same", "causal", "same", "causal", "SAME",
                                          "Causal", "vAlid"])
    _maybe(dice, config, 0.7, "data_format", ["channels_last", "channels_first", "channels_first",
                                              "Channels_First", None])


def _weights_arguments(dice, config, from_file):
    _maybe(dice, config, 0.3, "use_bias", [True, False, False])
    initializers = RANDOM_INITIALIZERS if from_file else FIXED_INITIALIZERS + RANDOM_INITIALIZERS
    _maybe(dice, config, 0.3 if from_file else 0.9, "kernel_initializer", initializers)
    _maybe(dice, config, 0.3, "bias_initializer", FIXED_INITIALIZERS + RANDOM_INITIALIZERS[:10])
    for key in ("kernel_regularizer", "bias_regularizer", "activity_regularizer"):
        _maybe(dice, config, 0.1, key, REGULARIZERS)
    _maybe(dice, config, 0.1, "kernel_constraint", CONSTRAINTS)
    _maybe(dice, config, 0.1, "bias_constraint", CONSTRAINTS)
    if dice.chance(0.12):
        config["lora_rank"] = dice.up_to(4)
        _maybe(dice, config, 0.5, "lora_alpha", [1, 0.5, 3, 0])


def _config(dice, groups, filters, from_file):
    config = {"filters": filters}
    _window(dice, config)
    if groups != 1 or dice.chance(0.3):
        config["groups"] = groups
    if (activation := _activation(dice)) is not None or dice.chance(0.2):
        config["activation"] = activation
    _weights_arguments(dice, config, from_file)
    policy = dice.one_of(POLICIES)
    if policy != "float32" or dice.chance(0.2):
        config["dtype"] = policy if dice.chance(0.6) else keras_object("keras", "DTypePolicy",
                                                                       name=policy)
    _maybe(dice, config, 0.3, "name", ["c", "conv_1", "a b"])
    _maybe(dice, config, 0.1, "trainable", [True, False])
    if dice.chance(0.13):
        key = dice.one_of(list(ODD))
        config[key] = dice.one_of(ODD[key])
    return config


def _length(dice, config):
    roll = dice.up_to(10)
    if roll == 1:
        return 1
    return dice.up_to(12) if roll <= 3 else dice.up_to(300 if roll <= 6 else 60)


def _odd_shape(dice, shape):
    """No sequences, no frames, or a shape that is wrong in one place."""
    n, a, b = shape
    return dice.one_of([(0, a, b), (n, 0, b), (n, a, 0), (n, a), (n, a, b, 1), (n, a + 1, b),
                        (n, a, b + 1), (a,)])


def _requests(dice, config, channels, last):
    requests = []
    count = dice.one_of([1, 1, 2, 2, 3])
    same_length = isinstance(config.get("activation"), dict) and dice.chance(0.7)
    length = _length(dice, config)
    for _ in range(count):
        if not same_length:
            length = _length(dice, config)
        batch = dice.one_of([1, 1, 2, 3, 5])
        shape = (batch, length, channels) if last else (batch, channels, length)
        if dice.chance(0.04):
            shape = _odd_shape(dice, shape)
        datatype = dice.one_of(["FP64", "FP16", "BF16", "INT8", "UINT8", "INT32", "INT64",
                                "UINT32", "BOOL"]) if dice.chance(0.1) else None
        requests.append(Request(shape, datatype, special=dice.chance(0.03),
                                scale=dice.one_of([0.1, 1.0, 1.0, 3.0])))
    return requests


def _make_wide(dice, config):
    """Such that more algorithms suit it than the direct one; returns the channels."""
    config["kernel_size"] = dice.one_of([2, 3, 3, 4, 5, 5, 6, 7])
    config["filters"] = 8 * dice.one_of([4, 5, 8, 12])
    for key in ("groups", "strides", "dtype", "lora_rank"):
        config.pop(key, None)
    activation = config.get("activation")
    if isinstance(activation, dict) and isinstance(activation.get("config"), dict):
        # Long sums, rounded to few bits, are seldom those of the recipe.
        activation["config"].pop("dtype", None)
    return 8 * dice.one_of([4, 5, 8, 12])


def random_layer(seed, index, wide=False):
    dice = _Dice(seed, index)
    channels, groups, filters = _sizes(dice)
    from_file = not dice.chance(0.1)
    config = _config(dice, groups, filters, from_file)
    if wide:
        channels = _make_wide(dice, config)
    elif dice.chance(0.01):
        channels += 1  # no multiple of the groups
    layer = RandomLayer(seed, index, config, channels, from_file,
                        weight_scale=dice.one_of([0.3, 1.0, 1.0, 2.0]), requests=[])
    layer.requests = _requests(dice, config, channels, layer.channels_last)
    own = "FP64" if layer.policy == "float64" else "FP32"
    for request in layer.requests:
        request.datatype = request.datatype or own
    return layer
