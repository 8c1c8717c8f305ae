"""Addresses that run something are never written as links."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from syncer_atlassian.adf import AdfCodec
from syncer_notion.codec import NotionCodec

from syncer.formats.markdown import MarkdownCodec
from syncer.formats.plain import PlainCodec
from syncer.richtext.codec import Codec
from syncer.richtext.nodes import Mark, Node, doc
from syncer.richtext.urls import safe
from tests.examples import examples

HOSTILE = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "\x01javascript:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "java\r\nscript:alert(1)",
    "java\x00script:alert(1)",
    "java\u200bscript:alert(1)",
    "\u202ejavascript:alert(1)",
    "\ufeffjavascript:alert(1)",
    "javascript\t:alert(1)",
    "javascript&colon;alert(1)",
    "javascript&#58;alert(1)",
    "javascript&#x3A;alert(1)",
    "&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;alert(1)",
    "&#x6A;avascript:alert(1)",
    "javascript%3Aalert(1)",
    "%6aavascript:alert(1)",
    "jav&#x09;ascript:alert(1)",
    "vbscript:msgbox(1)",
    "livescript:x",
    "data:text/html;base64,PHNjcmlwdD4=",
    "DATA:text/html,<script>",
    "view-source:javascript:1",
    "blob:https://x/1",
    "filesystem:http://x/1",
    "feed:javascript:alert(1)",
    "jar:javascript:alert(1)!/x",
    "mhtml:x",
    "ms-its:x",
    "about:blank",
    "\u0458avascript:alert(1)",
    "\uff4aavascript:alert(1)",
    "://x",
    ":alert(1)",
]
GOOD = [
    "https://x.y/a?b=c:d#e:f",
    "HTTP://X.Y",
    "mailto:a@b.c",
    "tel:+49",
    "/relative/path:with",
    "page.html",
    "#anchor",
    "?q=a:b",
    "//x.y/z",
    "docs/a b.md",
    "slack://x/y",
    "",
]
CODECS: list[Codec] = [AdfCodec(), NotionCodec(), MarkdownCodec(), PlainCodec()]


@pytest.mark.parametrize("address", HOSTILE, ids=ascii)
def test_an_address_that_runs_something_is_refused(address: str) -> None:
    assert not safe(address)


@pytest.mark.parametrize("address", GOOD)
def test_an_address_that_opens_something_is_taken(address: str) -> None:
    assert safe(address)


def test_what_is_no_text_is_no_address() -> None:
    assert not safe(None)


@settings(max_examples=examples(300))
@given(
    gaps=st.lists(st.sampled_from(["", "", "\t", "\n", "\x00", "\u200b", " ", "\u00ad"]), min_size=11, max_size=11),
    name=st.sampled_from(["javascript", "vbscript", "data"]),
)
def test_no_hidden_letters_smuggle_a_script_through(gaps: list[str], name: str) -> None:
    spelled = "".join(gap + letter for gap, letter in zip(gaps, name + ":", strict=False))

    assert not safe(spelled + "alert(1)")


@pytest.mark.parametrize("address", HOSTILE, ids=ascii)
def test_no_format_writes_a_hostile_link_and_each_keeps_its_words(address: str) -> None:
    link = Node("text", text="press here", marks=(Mark("link", {"href": address}),))
    document = doc(Node("paragraph", (link,)), Node("embed", (), {"url": address, "kind": "card"}))

    for codec in CODECS:
        shown = codec.shown(document)
        assert shown.content[0].plain() == "press here"
        assert not [m for n in shown.walk() for m in n.marks if m.type == "link"]
        assert not [n for n in shown.walk() if n.type in ("card", "embed")]
        if codec.name != "plain":
            assert "link" in {loss.what for loss in codec.losses(document)}


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x"])
def test_a_hostile_link_in_a_body_is_not_read_as_a_link(address: str) -> None:
    text = {"type": "text", "text": "x", "marks": [{"type": "link", "attrs": {"href": address}}]}
    raw = {"version": 1, "type": "doc", "content": [{"type": "paragraph", "content": [text]}]}

    assert AdfCodec().decode(raw).content[0].content[0].marks == ()
    assert not [m for n in MarkdownCodec().decode(f"[x]({address}) <{address}>").walk() for m in n.marks]
