"""Reads the inlines of Markdown: emphasis, code, links, breaks, references to characters. Pure.

Emphasis follows CommonMark's rules for delimiter runs (0.31.2, §6.2). The tags strong, b, em, i, del, s, u, code and br
are read as what they mean; every other tag, picture and footnote reference is kept as an opaque inline.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.entities import html5
from typing import Any

from syncer.richtext.nodes import Mark, Node
from syncer.richtext.urls import safe

FORMAT = "markdown"
TAGS: Mapping[str, str] = {
    "strong": "bold", "b": "bold", "em": "italic", "i": "italic", "del": "strike", "s": "strike", "u": "underline",
    "code": "code",
}  # fmt: skip
_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_ENTITY = re.compile(r"&(?:#[xX]([0-9a-fA-F]{1,6})|#([0-9]{1,7})|([A-Za-z][A-Za-z0-9]{1,31}));")
_ESCAPE = re.compile(r"\\([!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~])")
_AUTOLINK = re.compile(r"<([A-Za-z][A-Za-z0-9+.\-]{1,31}:[^\s<>]*)>")
_MAIL = re.compile(r"<([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)>")
_TAG = re.compile(
    r"<(/?)([A-Za-z][A-Za-z0-9-]*)"
    r"((?:[ \t\n]+[A-Za-z_:][\w.:-]*(?:[ \t\n]*=[ \t\n]*(?:[^ \t\n\"'=<>`]+|'[^']*'|\"[^\"]*\"))?)*)[ \t\n]*(/?)>"
    r"|<!--.*?-->|<\?.*?\?>|<![A-Za-z][^>]*>|<!\[CDATA\[.*?\]\]>",
    re.DOTALL,
)
_PLAIN = re.compile(r"[^\\`*_~\[\]!<&\n]+")
_DESTINATION = re.compile(
    r"<((?:[^<>\\\n]|\\.)*)>|((?:[^\s<>()\\]|\\.|\((?:[^\s()\\]|\\.|\([^\s()]*\))*\))*)", re.DOTALL
)
_TITLE = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'|\(((?:[^()\\]|\\.)*)\)", re.DOTALL)
_BLANKS = re.compile(r"[ \t\n]*")
_LABEL = re.compile(r"\[((?:[^\[\]\\]|\\.)*)\]", re.DOTALL)
_FOOTNOTE = re.compile(r"\[\^[^\]\s]+\]")

Links = Mapping[str, tuple[str, str]]


@dataclass(slots=True)
class _Item:
    """A piece of the line being read. `delimiter`: a run that may still become emphasis. `tag`: an inline tag."""

    text: str = ""
    node: Node | None = None
    marks: list[Mark] = field(default_factory=list)
    delimiter: str = ""
    opens: bool = False
    closes: bool = False
    length: int = 0
    whole: int = 0
    tag: tuple[str, bool] | None = None
    bracket: bool = False


def read_inlines(text: str, links: Links) -> tuple[Node, ...]:
    """Read one run of inlines; the lines of a paragraph are joined by line ends."""
    reader = _Reader(text, links)
    reader.run()
    return reader.nodes()


def unescape(text: str) -> str:
    """Resolve backslashes and references to characters."""
    out: list[str] = []
    at = 0
    while at < len(text):
        found = _ESCAPE.match(text, at) or _ENTITY.match(text, at)
        if found is None:
            out.append(text[at])
            at += 1
            continue
        out.append(found.group(1) if found.re is _ESCAPE else character(found))
        at = found.end()
    return "".join(out)


def character(found: re.Match[str]) -> str:
    """Return what a reference to a character stands for; an unknown one stands for itself."""
    hexadecimal, decimal, name = found.groups()
    if name:
        return html5.get(name + ";", found.group())
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"


def label_of(text: str) -> str:
    """Return a link label as it is compared."""
    return " ".join(text.split()).casefold()


class _Reader:
    def __init__(self, text: str, links: Links) -> None:
        self.text, self.links = text, links
        self.at = 0
        self.items: list[_Item] = []
        self.open: list[tuple[int, int, bool]] = []
        """Open brackets: the item, where its text begins, whether a link may still be made of it."""

    def run(self) -> None:
        """Read all."""
        steps = {"\\": self._backslash, "`": self._code, "[": self._open, "]": self._close, "!": self._picture,
                 "<": self._angle, "&": self._entity, "\n": self._line_end}  # fmt: skip
        while self.at < len(self.text):
            plain = _PLAIN.match(self.text, self.at)
            if plain:
                self._say(plain.group())
            elif self.text[self.at] in "*_~":
                self._delimiter()
            else:
                steps[self.text[self.at]]()
        self._emphasis(0)
        self._tags()

    def nodes(self) -> tuple[Node, ...]:
        """Return what was read."""
        out: list[Node] = []
        for item in self.items:
            if item.node is not None:
                bare = item.node
                marks = () if bare.type == "break" else (*bare.marks, *item.marks)
                out.append(Node(bare.type, bare.content, bare.attrs, bare.text, marks))
            elif item.text:
                out.append(Node("text", text=item.text, marks=tuple(item.marks)))
        return tuple(out)

    def _say(self, text: str, length: int | None = None) -> None:
        self.items.append(_Item(text))
        self.at += len(text) if length is None else length

    def _opaque(self, kind: str, raw: str, text: str) -> None:
        attrs: dict[str, Any] = {"format": FORMAT, "kind": kind, "raw": raw, "text": text, "inline": True}
        self.items.append(_Item(node=Node("opaque", (), attrs)))
        self.at += len(raw)

    def _backslash(self) -> None:
        if self.text.startswith("\\\n", self.at):
            self.items.append(_Item(node=Node("break")))
            self.at += 2
            return
        found = _ESCAPE.match(self.text, self.at)
        self._say(found.group(1) if found else "\\", 2 if found else 1)

    def _line_end(self) -> None:
        last = self.items[-1] if self.items else _Item()
        if last.node is None and last.text.endswith("  ") and not last.delimiter:
            last.text = last.text.rstrip(" ")
            self.items.append(_Item(node=Node("break")))
            self.at += 1
            return
        if last.node is None:
            last.text = last.text.rstrip(" ")
        self._say(" ", 1)

    def _entity(self) -> None:
        found = _ENTITY.match(self.text, self.at)
        self._say(character(found), len(found.group())) if found else self._say("&")

    def _code(self) -> None:
        rest = self.text[self.at :]
        fence = "`" * (len(rest) - len(rest.lstrip("`")))
        start = self.at + len(fence)
        close = re.compile(f"(?<!`){fence}(?!`)").search(self.text, start)
        if close is None:
            self._say(fence)
            return
        body = self.text[start : close.start()].replace("\n", " ")
        if body.startswith(" ") and body.endswith(" ") and body.strip(" "):
            body = body[1:-1]
        self.items.append(_Item(body, marks=[Mark("code")]))
        self.at = close.end()

    def _angle(self) -> None:
        for pattern, scheme in ((_AUTOLINK, ""), (_MAIL, "mailto:")):
            found = pattern.match(self.text, self.at)
            if found:
                href = scheme + found.group(1)
                self.items.append(_Item(found.group(1), marks=[Mark("link", {"href": href})] if safe(href) else []))
                self.at = found.end()
                return
        tag = _TAG.match(self.text, self.at)
        if tag is None:
            self._say("<")
            return
        name = (tag.group(2) or "").lower()
        if name == "br" and not tag.group(1) and not tag.group(3):
            self.items.append(_Item(node=Node("break")))
            self.at = tag.end()
            if self.text.startswith("\n", self.at):
                self.at += 1
        else:
            known = name in TAGS and not tag.group(3) and not tag.group(4)
            self._opaque("html", tag.group(), "")
            self.items[-1].tag = (TAGS[name], not tag.group(1)) if known else None

    def _delimiter(self) -> None:
        sign = self.text[self.at]
        end = self.at
        while end < len(self.text) and self.text[end] == sign:
            end += 1
        run = self.text[self.at : end]
        if sign == "~" and len(run) != 2:
            self._say(run)
            return
        before = self.text[self.at - 1] if self.at else "\n"
        after = self.text[end] if end < len(self.text) else "\n"
        left = not _space(after) and (not _sign(after) or _space(before) or _sign(before))
        right = not _space(before) and (not _sign(before) or _space(after) or _sign(after))
        if sign == "_":
            left, right = left and (not right or _sign(before)), right and (not left or _sign(after))
        self.items.append(_Item(run, delimiter=sign, opens=left, closes=right, length=len(run), whole=len(run)))
        self.at = end

    def _open(self) -> None:
        note = _FOOTNOTE.match(self.text, self.at)
        if note:
            self._opaque("footnote", note.group(), note.group())
            return
        self._say("[")
        self.items[-1].bracket = True
        self.open.append((len(self.items) - 1, self.at, True))

    def _picture(self) -> None:
        found = re.compile(r"!\[((?:[^\[\]\\]|\\.|\[[^\[\]]*\])*)\]", re.DOTALL).match(self.text, self.at)
        if found:
            end = self._target(found.end())
            label = label_of(found.group(1))
            if end is not None or label in self.links:
                stop = end[0] if end is not None else found.end()
                self._opaque("image", self.text[self.at : stop], unescape(found.group(1)))
                return
        self._say("!")

    def _close(self) -> None:
        if not self.open:
            self._say("]")
            return
        index, start, live = self.open.pop()
        found = self._link(start) if live else None
        if found is None:
            self._say("]")
            return
        end, href, title = found
        self.items[index].text = ""
        self._emphasis(index + 1)
        mark = Mark("link", {"href": href, **({"title": title} if title else {})})
        for item in self.items[index + 1 :]:
            item.marks += [mark] * safe(href)
            item.delimiter = ""
        self.open = [(i, s, False) for i, s, _ in self.open]
        self.at = end

    def _link(self, start: int) -> tuple[int, str, str] | None:
        inline = self._target(self.at + 1)
        if inline is not None:
            return inline
        label = _LABEL.match(self.text, self.at + 1)
        end = label.end() if label else self.at + 1
        name = label.group(1) if label and label.group(1).strip() else self.text[start : self.at]
        target = self.links.get(label_of(name))
        if target is None and label is not None:
            return None
        return (end, *target) if target else None

    def _target(self, at: int) -> tuple[int, str, str] | None:
        """Read `(destination "title")`; return where it ends and what it says."""
        if not self.text.startswith("(", at):
            return None
        at = _skip(self.text, at + 1)
        destination = _DESTINATION.match(self.text, at)
        if destination is None:
            return None
        at = _skip(self.text, destination.end())
        title = _TITLE.match(self.text, at) if at > destination.end() else None
        if title:
            at = _skip(self.text, title.end())
        if not self.text.startswith(")", at):
            return None
        said = next((g for g in title.groups() if g is not None), "") if title else ""
        return at + 1, unescape(destination.group(1) or destination.group(2) or ""), unescape(said)

    def _emphasis(self, bottom: int) -> None:
        """Pair delimiter runs, inner ones first (CommonMark 0.31.2, "process emphasis")."""
        close = bottom
        while close < len(self.items):
            closer = self.items[close]
            opener = self._opener(close, bottom) if closer.delimiter and closer.closes and closer.length else None
            if opener is None:
                close += 1
                continue
            first = self.items[opener]
            used = 2 if first.length >= 2 and closer.length >= 2 else 1
            kind = "strike" if closer.delimiter == "~" else "bold" if used == 2 else "italic"
            for item in self.items[opener + 1 : close]:
                item.marks.append(Mark(kind))
                item.delimiter = ""
            for item in (first, closer):
                item.length -= used
                item.text = item.text[used:]
        for item in self.items[bottom:]:
            item.delimiter = ""

    def _opener(self, close: int, bottom: int) -> int | None:
        closer = self.items[close]
        for k in range(close - 1, bottom - 1, -1):
            item = self.items[k]
            if item.delimiter != closer.delimiter or not item.opens or not item.length:
                continue
            either = item.closes or closer.opens
            thirds = (item.whole + closer.whole) % 3 == 0 and (item.whole % 3 or closer.whole % 3)
            if either and thirds and item.delimiter != "~":
                continue
            return k
        return None

    def _tags(self) -> None:
        """Pair tags; a paired one disappears into its mark, another stays as it was read."""
        waiting: list[tuple[int, str]] = []
        for k, item in enumerate(self.items):
            if item.tag is None:
                continue
            kind, opening = item.tag
            if opening:
                waiting.append((k, kind))
                continue
            match = next((w for w in reversed(waiting) if w[1] == kind), None)
            if match is None:
                continue
            waiting = waiting[: waiting.index(match)]
            for inner in self.items[match[0] + 1 : k]:
                inner.marks.append(Mark(kind))
            self.items[match[0]].node = item.node = None


def _skip(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at


def _space(letter: str) -> bool:
    return letter.isspace()


def _sign(letter: str) -> bool:
    return letter in _PUNCTUATION or (not letter.isalnum() and not letter.isspace() and ord(letter) > 127)
