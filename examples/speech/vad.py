#!/usr/bin/env python3
"""Finds speech in recordings; every convolution is a request to convoy-server.

    vad.py [--server HOST:PORT] --lstm FILE [WAV ...]
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import tritonclient.grpc as triton

from audio import read_wav, resample
from detector import RATE, STEP, SpeechDetector, split_steps

RECORDINGS = [f"/usr/share/sounds/alsa/{name}.wav"
              for name in ("Front_Center", "Rear_Left", "Side_Right", "Noise")]
THRESHOLD = 0.5
STEP_SECONDS = STEP / RATE


class ConvoyLayers:
    """Runs layers on a server, and counts the requests."""

    def __init__(self, address):
        self._client = triton.InferenceServerClient(address)
        self.requests = 0

    def infer(self, layer, array):
        tensor = triton.InferInput("input", list(array.shape), "FP32")
        tensor.set_data_from_numpy(array.astype(np.float32, copy=False))
        self.requests += 1
        return self._client.infer(layer, [tensor], client_timeout=10).as_numpy("output")


def speech_segments(probabilities):
    """[start, end) in seconds of every run of steps above the threshold."""
    speech = np.concatenate([[False], np.asarray(probabilities) > THRESHOLD, [False]])
    edges = np.flatnonzero(speech[1:] != speech[:-1]) * STEP_SECONDS
    return list(zip(edges[::2], edges[1::2]))


def draw_timeline(probabilities):
    """One column a step, the higher the likelier, and a ruler of half seconds below."""
    bars = " ▁▂▃▄▅▆▇█"
    try:
        bars.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        bars = " .:-=+*%#"
    line = "".join(bars[round(p * (len(bars) - 1))] for p in probabilities)
    ruler = ""
    for tick in range(int(len(line) * STEP_SECONDS / 0.5) + 1):
        ruler = ruler.ljust(round(tick * 0.5 / STEP_SECONDS)) + f"'{tick / 2:.1f}s"
    return f"  |{line}|\n   {ruler}"


def describe(probabilities):
    segments = speech_segments(probabilities)
    if not segments:
        return "no speech"
    return "speech at " + ", ".join(f"{start:.2f}-{end:.2f} s" for start, end in segments)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", default="127.0.0.1:8001", help="gRPC address of convoy-server")
    parser.add_argument("--lstm", type=Path, required=True, help="lstm.npz of make_repository.py")
    parser.add_argument("recordings", nargs="*", default=RECORDINGS,
                        help="WAV files (default: four of the package alsa-utils)")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    layers = ConvoyLayers(arguments.server)
    lstm = np.load(arguments.lstm)
    serving_seconds = audio_seconds = 0.0
    for path in arguments.recordings:
        samples, rate = read_wav(path)
        steps = split_steps(resample(samples, rate, RATE))
        detector = SpeechDetector(layers.infer, lstm)
        start = time.perf_counter()
        probabilities = [detector.step(step) for step in steps]
        serving_seconds += time.perf_counter() - start
        audio_seconds += len(steps) * STEP_SECONDS
        print(f"{Path(path).stem.replace('_', ' ')}: {describe(probabilities)}")
        print(draw_timeline(probabilities), end="\n\n")
    print(f"{layers.requests} requests in {serving_seconds:.2f} s: "
          f"{layers.requests / serving_seconds:.0f} a second, "
          f"{audio_seconds / serving_seconds:.0f} times faster than the sound plays")


if __name__ == "__main__":
    main()
