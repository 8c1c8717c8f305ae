"""The codecs of the Atlassian Document Format: ADF objects ⇄ our document, for Jira and for Confluence. Pure."""

from __future__ import annotations

from typing import Any

from syncer.record import Raw
from syncer.richtext.degrade import Grammar, losses
from syncer.richtext.diff import key
from syncer.richtext.losses import Losses
from syncer.richtext.nodes import Document
from syncer_atlassian.adf_grammar import CONFLUENCE, JIRA
from syncer_atlassian.adf_read import Reader
from syncer_atlassian.adf_shape import shape
from syncer_atlassian.adf_write import Writer


class AdfCodec:
    """ADF as Jira takes it. See `syncer.richtext.codec.Codec`."""

    grammar: Grammar = JIRA
    name = JIRA.format

    def decode(self, raw: Raw) -> Document:
        """Read a body. Raises DocumentError."""
        return Reader(self.grammar).document(raw)

    def encode(self, document: Document) -> Raw:
        """Write a document for a new body."""
        return Writer(self.grammar).document(self.shown(document))

    def patch(self, raw: Raw, was: Document, now: Document) -> Raw:
        """Edit a body: what did not change is copied from `raw`, down to the run of text and the single attribute."""
        if not isinstance(raw, dict):
            return self.encode(now)
        body: dict[str, Any] = dict(raw)
        wanted = self.shown(now)
        if now == was or wanted == was:
            return raw
        reader = Reader(self.grammar, tracing=True)
        read = reader.document(body)
        return raw if key(read) == key(wanted) else Writer(self.grammar, reader.origin).over(body, read, wanted)

    def shown(self, document: Document) -> Document:
        """Return what ADF would show of a document."""
        return shape(document, self.grammar)

    def losses(self, document: Document) -> tuple[Losses, ...]:
        """Return what ADF would not show as it is."""
        return losses(document, self.grammar)


class ConfluenceAdfCodec(AdfCodec):
    """ADF as Confluence takes it: with layouts, macros and synced blocks."""

    grammar = CONFLUENCE
    name = CONFLUENCE.format
