#!/usr/bin/env python3
"""The speech example against the original model under ONNX Runtime."""

import sys
import unittest
from pathlib import Path

import numpy as np
import onnxruntime

from support import ROOT
from support.server import Server

sys.path.insert(0, str(ROOT / "examples" / "speech"))

from audio import read_wav, resample  # noqa: E402
from detector import CONTEXT, RATE, SpeechDetector, split_steps  # noqa: E402
from make_repository import MODEL, make_repository  # noqa: E402
from vad import ConvoyLayers, describe, speech_segments  # noqa: E402

SOUNDS = Path("/usr/share/sounds/alsa")
RECORDINGS = ("Front_Center", "Rear_Left", "Side_Right", "Noise")
TOLERANCE = 1e-4


def original_probabilities(session, steps):
    """What the package's own model says, fed as its authors feed it."""
    state = np.zeros((2, 1, 128), np.float32)
    context = np.zeros((1, CONTEXT), np.float32)
    probabilities = []
    for step in steps:
        window = np.concatenate([context, step[None]], axis=1)
        output, state = session.run(None, {"input": window, "state": state,
                                           "sr": np.array(RATE, np.int64)})
        context = window[:, -CONTEXT:]
        probabilities.append(output.item())
    return np.array(probabilities)


class SpeechTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        # Kept in the build folder: the package is fetched once.
        example = ROOT / "build" / "speech"
        if not example.exists():
            make_repository(example)
        cls.server = Server(example / "repository")
        cls.addClassCleanup(cls.server.kill)
        cls.lstm = np.load(example / "lstm.npz")
        cls.session = onnxruntime.InferenceSession(str(example / MODEL))
        cls.steps, cls.probabilities = {}, {}
        for name in RECORDINGS:
            samples, rate = read_wav(SOUNDS / f"{name}.wav")
            cls.steps[name] = split_steps(resample(samples, rate, RATE))
            detector = SpeechDetector(ConvoyLayers(cls.server.grpc_address).infer, cls.lstm)
            cls.probabilities[name] = [detector.step(step) for step in cls.steps[name]]

    def test_probabilities_equal_those_of_the_original_model(self):
        for name in RECORDINGS:
            with self.subTest(name):
                original = original_probabilities(self.session, self.steps[name])
                error = np.max(np.abs(original - self.probabilities[name]))
                print(f"{name}: largest difference {error:.1e} over {len(original)} steps")
                self.assertLessEqual(error, TOLERANCE)

    def test_front_center_is_two_blocks_of_speech(self):
        self.assertEqual(len(speech_segments(self.probabilities["Front_Center"])), 2)

    def test_noise_is_no_speech(self):
        self.assertEqual(describe(self.probabilities["Noise"]), "no speech")


if __name__ == "__main__":
    unittest.main()
