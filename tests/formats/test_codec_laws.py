"""The laws of `syncer.richtext.codec`, for the text formats, on texts made of their own delimiters."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncer.errors import DocumentError
from syncer.formats.markdown import MarkdownCodec
from syncer.formats.plain import PlainCodec
from syncer.richtext.codec import Codec
from syncer.richtext.nodes import Document
from syncer.testing.documents import SIGNS, documents, texts
from tests.examples import examples

CODECS = [PlainCodec(), MarkdownCodec()]
RAWS = st.lists(
    texts([*SIGNS, "\n", "\n\n", "\r\n", "\n    ", "\n  ", "\n- ", "\n> ", "\n```\n", "\t"]), max_size=6
).map("".join)
each_codec = pytest.mark.parametrize("codec", CODECS, ids=lambda c: c.name)


@each_codec
@given(raw=RAWS)
def test_a_body_nobody_edited_stays_byte_for_byte(codec: Codec, raw: str) -> None:
    document = codec.decode(raw)

    assert codec.patch(raw, document, document) == raw


@each_codec
@given(document=documents())
def test_what_was_written_reads_as_shown(codec: Codec, document: Document) -> None:
    shown = codec.shown(document)

    assert codec.decode(codec.encode(document)) == shown
    assert codec.shown(shown) == shown


@each_codec
@settings(max_examples=examples(120))
@given(raw=RAWS)
def test_what_was_read_can_be_written(codec: Codec, raw: str) -> None:
    document = codec.decode(raw)

    assert codec.shown(document) == codec.shown(codec.shown(document))


@each_codec
@settings(max_examples=examples(120))
@given(raw=RAWS, now=documents())
def test_a_patched_body_reads_as_the_edit(codec: Codec, raw: str, now: Document) -> None:
    assert codec.decode(codec.patch(raw, codec.decode(raw), now)) == codec.shown(now)


@each_codec
@given(raw=RAWS, index=st.integers(0, 5), other=documents())
def test_one_edited_block_reads_as_the_edit(codec: Codec, raw: str, index: int, other: Document) -> None:
    was = codec.decode(raw)
    blocks = list(was.content)
    blocks[index : index + 1] = other.content[:1]
    now = codec.shown(type(was)("doc", tuple(blocks)))

    assert codec.decode(codec.patch(raw, was, now)) == now


@each_codec
def test_what_is_no_text_is_refused(codec: Codec) -> None:
    with pytest.raises(DocumentError):
        codec.decode({"type": "doc"})


@each_codec
def test_nothing_reads_as_an_empty_document(codec: Codec) -> None:
    assert codec.decode(None).content == ()
    assert codec.decode("").content == ()
