"""What the processor can do."""

from pathlib import Path


def has_avx2():
    return " avx2 " in Path("/proc/cpuinfo").read_text()
