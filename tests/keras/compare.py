"""Compares answers of Convoy with those of Keras, and keeps the tally."""

import collections
import dataclasses

import numpy as np

import exemptions
import reference

IDENTICAL_SHARE = 0.999  # of narrow answers, with the recipe
ENOUGH_ELEMENTS = 5000   # to speak of a share


@dataclasses.dataclass(frozen=True)
class Where:
    """A request of a random layer."""
    layer: int
    request: int

    def __str__(self):
        return f"layer {self.layer} request {self.request}"


@dataclasses.dataclass
class Worst:
    ratio: float = 0.0  # difference / allowed difference
    where: object = "none"

    def take(self, ratio, where):
        if ratio > self.ratio:
            self.ratio, self.where = ratio, where


class Tally:
    """What was compared, what differed, and by how much at worst."""

    def __init__(self):
        self.layers = self.requests = self.refused_layers = self.refused_requests = 0
        self.elements = collections.Counter()   # by compute dtype
        self.identical = collections.Counter()  # with the recipe; narrow dtypes only
        self.exempt = collections.Counter()
        self.toom_cook_blocks = collections.Counter()  # by result
        self.worst = collections.defaultdict(Worst)
        self.failures = []
        self.failing_layers = set()

    def fail(self, where, text):
        self.failures.append(f"{where}: {text}")
        if isinstance(where, Where):
            self.failing_layers.add(where.layer)

    def finish(self):
        """Judges what only the whole run can tell."""
        for dtype, count in self.identical.items():
            total = self.elements[dtype]
            if total >= ENOUGH_ELEMENTS and count < IDENTICAL_SHARE * total:
                self.fail(dtype, f"{count} of {total} elements are those of the "
                          f"recipe, expected a share of {IDENTICAL_SHARE}")

    def lines(self):
        yield (f"{self.layers} layers, {self.refused_layers} of them refused by Keras; "
               f"{self.requests} requests, {self.refused_requests} of them refused by Keras")
        for name, count in sorted(self.exempt.items()):
            yield f"{count} requests differ as listed: {name}"
        for dtype, count in sorted(self.elements.items()):
            line = f"{dtype}: {count} elements"
            if dtype in self.identical:
                line += f", {self.identical[dtype] / count:.5%} identical to the recipe"
            yield line
        if any(self.toom_cook_blocks.values()):
            yield (f"Toom-Cook blocks: {self.toom_cook_blocks['exact']} exact, "
                   f"{self.toom_cook_blocks['fell_back']} fell back")
        for name, worst in sorted(self.worst.items()):
            yield f"{name}: worst difference {worst.ratio:.3g} of the allowed, {worst.where}"
        yield f"{len(self.failures)} failures"


def allowed(expected, output_dtype, sides):
    """How far an answer may be off: what the error of the sums changes, and `sides` places of the
    largest number that the activation met."""
    rounding = reference.ulp(output_dtype, expected.largest)
    return expected.spread + sides * rounding + reference.TINY[output_dtype]


def difference(a, b):
    """|a - b|; nothing between equal infinities or two NaNs, infinite where only one is."""
    with np.errstate(invalid="ignore"):
        gap = np.abs(a - b)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    return np.where(same, 0.0, np.where(np.isnan(gap), np.inf, gap))


class Comparer:

    def __init__(self, tally):
        self._tally = tally

    def compare(self, case, oracle, number, got):
        """`got` is Convoy's array, or the text of its refusal."""
        answer = oracle.answers[number]
        where = Where(case.index, number)
        refused = answer.y is None
        self._tally.requests += 1
        self._tally.refused_requests += refused
        if refused != isinstance(got, str):
            name = exemptions.find(case, answer, oracle, refused)
            if name is None:
                keras_says = oracle.refusal or answer.refusal or "yes"
                convoy_says = got if isinstance(got, str) else "yes"
                self._tally.fail(where, f"Keras says {keras_says!r}, Convoy {convoy_says!r}")
            else:
                self._tally.exempt[name] += 1
        elif not refused:
            self._compare_arrays(case, oracle, answer, got, where)

    def _compare_arrays(self, case, oracle, answer, got, where):
        dtype = answer.y.dtype.name
        if exemptions.differs_on_purpose(case, oracle.layer):
            dtype = reference.find_output_dtype(oracle.layer)
        if got.shape != answer.y.shape or got.dtype.name != dtype:
            self._tally.fail(where, f"expected {dtype} {answer.y.shape}, got {got.dtype} "
                             f"{got.shape}")
            return
        if not case.weights_are_known:
            return
        self._tally.elements[f"{oracle.layer.compute_dtype} sums"] += got.size
        if got.size:
            with np.errstate(all="ignore"):
                self._compare_values(case, oracle, answer, got.astype(np.float64), where)

    def _compare_values(self, case, oracle, answer, got, where):
        layer = oracle.layer
        compute, output = layer.compute_dtype, reference.find_output_dtype(layer)
        expected = reference.expect(layer, oracle.kernel, answer.x)
        recipe = reference.round_to(output, expected.y)
        on_purpose = exemptions.differs_on_purpose(case, layer)
        if on_purpose == "sparsemax as published" and not np.isfinite(recipe).all():
            return  # nothing is published about NaN and infinities
        if output not in reference.SHARE:
            self._tally.elements[f"{output} answers"] += got.size
            self._tally.identical[f"{output} answers"] += int(np.sum(difference(got, recipe) == 0))
        if compute not in reference.SHARE:
            self._judge(f"{compute} and the recipe", got, recipe, allowed(expected, output, 1),
                        where)
        limit = allowed(expected, output, sides=4)
        if on_purpose:
            self._judge(on_purpose, got, recipe, limit, where)
            return
        elsewhere = exemptions.spread_between_groups(layer, answer, recipe)
        self._judge(f"{compute} and Keras", got,
                    np.where(elsewhere, recipe, answer.y.astype(np.float64)), limit, where)

    def _judge(self, name, got, expected, limit, where):
        gap = difference(got, expected)
        ratio = np.where(gap == 0, 0.0, gap / limit)
        ratio = np.where(np.isnan(ratio), np.inf, ratio)
        at = int(np.argmax(ratio))
        worst = float(ratio.flat[at])
        self._tally.worst[name].take(worst, where)
        if worst > 1:
            self._tally.fail(where, f"{name}: element {at} is {got.flat[at]}, expected "
                             f"{expected.flat[at]} up to {limit.flat[at]:.3g}")
