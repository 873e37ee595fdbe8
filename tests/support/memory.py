"""What a process keeps in memory, from /proc."""

import re
from pathlib import Path

MIB = 1 << 20


def _status(pid, field):
    text = Path(f"/proc/{pid}/status").read_text()
    return 1024 * int(re.search(rf"^{field}:\s+(\d+) kB$", text, re.M).group(1))


def resident_bytes(pid):
    return _status(pid, "VmRSS")


def peak_resident_bytes(pid):
    """The most since the process began or `forget_peak`."""
    return _status(pid, "VmHWM")


def forget_peak(pid):
    Path(f"/proc/{pid}/clear_refs").write_text("5")
