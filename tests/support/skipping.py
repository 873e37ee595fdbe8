"""Tests that need what is not on every machine."""

import sys

SKIPPED = 77  # ctest's SKIP_RETURN_CODE


def skip(why):
    """Ends the script; ctest shows it as skipped."""
    print(f"skipped: {why}")
    sys.exit(SKIPPED)
