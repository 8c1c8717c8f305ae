"""How many examples the property tests try: few in `make test`, many in `make prove`."""

from __future__ import annotations

import os

SCALE = float(os.environ.get("SYNCER_SCALE", "0.15"))


def examples(count: int) -> int:
    """Return how many examples to try where `count` is a thorough number."""
    return max(5, round(count * SCALE))
