"""What a document format must provide. Found by name through the entry-point group `syncer.codecs`.

Laws, tested for every codec: `patch(raw, d, d) == raw`; `decode(patch(raw, d, e)) == shown(e)`;
`decode(encode(d)) == shown(d)`; `shown` is idempotent. Codecs are pure.
"""

from __future__ import annotations

from typing import Protocol

from syncer.record import Raw
from syncer.richtext.losses import Losses
from syncer.richtext.nodes import Document


class Codec(Protocol):
    """Two-way between a format and our document."""

    name: str

    def decode(self, raw: Raw) -> Document:
        """Read a raw body. What we do not model becomes opaque nodes. Raises DocumentError, and nothing else."""

    def encode(self, document: Document) -> Raw:
        """Write a document for a new body. Opaque nodes of this format are put back as they were."""

    def patch(self, raw: Raw, was: Document, now: Document) -> Raw:
        """Edit a raw body: what `was` and `now` share is copied from `raw` unchanged."""

    def shown(self, document: Document) -> Document:
        """Return what this format would show of a document."""

    def losses(self, document: Document) -> tuple[Losses, ...]:
        """Return what this format would not show as it is: what, how it is shown instead, how often, where."""
