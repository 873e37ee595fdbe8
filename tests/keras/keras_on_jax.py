"""Keras on its JAX backend; imported before any other import of either."""

import os

# One thread, quick compilation, and every rounding where the program has it.
os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["XLA_FLAGS"] = " ".join([
    "--xla_cpu_multi_thread_eigen=false", "--xla_backend_optimization_level=0",
    "--xla_llvm_disable_expensive_passes=true", "--xla_allow_excess_precision=false"])

import jax  # noqa: E402
import keras  # noqa: E402
from keras.src.backend import AutocastScope  # noqa: E402

__all__ = ["AutocastScope", "jax", "keras"]
