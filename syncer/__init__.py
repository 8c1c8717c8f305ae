"""Keeps one product in step across the tools a team already uses. Names no system anywhere.

`syncer.open("syncer.yaml")` is the way in: see `syncer.api`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from syncer.api import Session, open

__version__ = "0.1.0"
__all__ = ["Session", "__version__", "open"]


def __getattr__(name: str) -> Any:
    """Load the library at its first use: importing `syncer` alone costs nothing."""
    if name in ("open", "Session"):
        from syncer import api

        return getattr(api, name)
    raise AttributeError(f"module 'syncer' has no attribute {name!r}")
