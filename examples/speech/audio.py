"""Recordings as mono float32 samples at the rate a model wants."""

import math
import wave

import numpy as np


def read_wav(path):
    """Samples in [-1, 1] and their rate, from a 16-bit WAV file; channels are averaged."""
    with wave.open(str(path), "rb") as recording:
        if recording.getsampwidth() != 2:
            raise ValueError(f"{path}: expected 16-bit samples, got {8 * recording.getsampwidth()}")
        frames = np.frombuffer(recording.readframes(recording.getnframes()), dtype="<i2")
        samples = frames.reshape(-1, recording.getnchannels()).mean(axis=1) / 32768
        return samples.astype(np.float32), recording.getframerate()


def resample(samples, rate, new_rate):
    """Changes the sample rate with a polyphase low-pass filter (Kaiser window, about 80 dB)."""
    divisor = math.gcd(rate, new_rate)
    up, down = new_rate // divisor, rate // divisor
    if up == down:
        return samples
    # The filter runs at rate * up. It passes 92 % of the band both rates have.
    half = 48 * max(up, down)
    cutoff = 0.96 / max(up, down)
    taps = cutoff * np.sinc(cutoff * np.arange(-half, half + 1)) * np.kaiser(2 * half + 1, 8.0)
    taps *= up
    # Output n is the sum over k of taps[n * down - k * up + half] * samples[k].
    count = -(-len(samples) * up // down)
    reach = half // up + 1  # input samples on either side of an output
    padded = np.pad(samples.astype(np.float64), reach + 1)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    output = np.empty(count, dtype=np.float32)
    for phase in range(min(up, count)):
        position = phase * down  # in filter steps
        k = np.arange(position // up - reach, position // up + reach + 1)
        index = position - k * up + half
        weights = np.where((index >= 0) & (index <= 2 * half),
                           taps[np.clip(index, 0, 2 * half)], 0.0)
        rows = windows[position // up + 1::down][:len(range(phase, count, up))]
        output[phase::up] = rows @ weights
    return output
