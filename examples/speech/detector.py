"""The Silero voice activity detector, its convolutions anywhere, the rest in numpy."""

import numpy as np

RATE = 16000     # samples per second
STEP = 512       # new samples per step: 32 ms
CONTEXT = 64     # samples of the step before, seen again
PADDING = 64     # samples reflected at the right end
FREQUENCIES = 129


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


class SpeechDetector:
    """Gives the probability of speech for one step of samples after the other.

    `infer(layer, array)` runs one convolution on an array (1, T, C) and returns
    its output; `lstm` maps weight_ih (512, 128), weight_hh (512, 128), bias_ih
    (512) and bias_hh (512). Keeps the state of one recording: one object each.
    """

    def __init__(self, infer, lstm):
        self._infer = infer
        self._weight_ih, self._weight_hh = lstm["weight_ih"], lstm["weight_hh"]
        self._bias = lstm["bias_ih"] + lstm["bias_hh"]
        self._context = np.zeros(CONTEXT, dtype=np.float32)
        self._hidden = np.zeros(128, dtype=np.float32)
        self._cell = np.zeros(128, dtype=np.float32)

    def step(self, samples):
        """The probability of speech in the next STEP samples."""
        signal = np.concatenate([self._context, samples])
        self._context = samples[-CONTEXT:]
        padded = np.pad(signal, (0, PADDING), mode="reflect")
        spectrum = self._infer("stft", padded.reshape(1, -1, 1))
        x = np.hypot(spectrum[..., :FREQUENCIES], spectrum[..., FREQUENCIES:])
        for layer in ("encoder0", "encoder1", "encoder2", "encoder3"):
            x = self._infer(layer, x)
        hidden = np.maximum(self._recur(x[0, 0]), 0.0)
        return float(sigmoid(self._infer("decoder", hidden.reshape(1, 1, -1))[0, 0, 0]))

    def _recur(self, x):
        """One LSTM cell; PyTorch's gate order."""
        gates = self._weight_ih @ x + self._weight_hh @ self._hidden + self._bias
        i, f, g, o = np.split(gates, 4)
        self._cell = sigmoid(f) * self._cell + sigmoid(i) * np.tanh(g)
        self._hidden = sigmoid(o) * np.tanh(self._cell)
        return self._hidden


def split_steps(samples):
    """Cuts a recording into steps; the last one is filled up with silence."""
    missing = -len(samples) % STEP
    return np.pad(samples, (0, missing)).reshape(-1, STEP)
